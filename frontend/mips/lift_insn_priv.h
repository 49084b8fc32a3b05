/* SPDX-License-Identifier: MIT */
/* lift_insn_priv.h - what mips_isa.c takes from the lifters, and lift_insn.c from branches. */
#ifndef FRONTEND_MIPS_LIFT_INSN_PRIV_H
#define FRONTEND_MIPS_LIFT_INSN_PRIV_H

#include "frontend/mips/lift.h"

/* See GuestIsa. */
IsaLifted mips_lift(IsaLift *l);
const char *mips_row_name(const uint8_t *code, unsigned avail, uint32_t mode);

/**
 * mips_begin - reads and decodes the instruction at @l->pc; sets row, word, fields, next.
 * @code: its bytes, @avail of them at hand
 * Returns: its bytes; 0 if @avail is too few.
 */
unsigned mips_begin(MipsLift *l, const uint8_t *code, unsigned avail);

/* What LWL, LWR, SWL and SWR compute their address from. */
typedef struct MipsPart {
    unsigned base; /* register */
    uint32_t offset;
} MipsPart;

/* Whether the instruction of 4 @code bytes in @mode is one of these; then @part says where. */
bool mips_accesses_part(const uint8_t *code, uint32_t mode, MipsPart *part);

/* Lifts what mips_begin() has found, the mark first. */
void mips_lift_row(MipsLift *l);

/* helpers.c */
extern const IrHelper mips_helpers[MIPS_N_HELPERS];

#endif
