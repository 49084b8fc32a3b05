/* SPDX-License-Identifier: MIT */
/*
 * lift_half_priv.h - what the lifters of MIPS16e and microMIPS share.
 *
 * Most of their instructions are MIPS32 ones with fewer registers and smaller immediates: they fill
 * in the fields of those and are lifted by the same code.
 */
#ifndef FRONTEND_MIPS_LIFT_HALF_PRIV_H
#define FRONTEND_MIPS_LIFT_HALF_PRIV_H

#include "frontend/mips/lift_int_priv.h"

/* What three bits of @field name: registers 16, 17, 2 to 7. MD00076 table 3.1, MD00582 the same. */
static inline unsigned mips_reg3(const MipsLift *l, char field)
{
    unsigned r = mips_field(l, field);

    return r < 2 ? r + 16 : r;
}

static inline void mips_give(MipsLift *l, char field, uint32_t v) { l->field[field - 'a'] = v; }

static inline void mips_give_regs(MipsLift *l, unsigned d, unsigned s, unsigned t)
{
    mips_give(l, 'd', d);
    mips_give(l, 's', s);
    mips_give(l, 't', t);
}

/* What mips_lift_alu_imm(), mips_lift_load() and their like do, of these registers. */
static inline void mips_give_imm(MipsLift *l, unsigned t, unsigned s, uint32_t imm)
{
    mips_give_regs(l, 0, s, t);
    mips_give(l, 'i', imm & 0xffff);
}

/* Rt = Rs op imm */
static inline void mips_immediate(MipsLift *l, unsigned t, unsigned s, uint32_t imm)
{
    mips_give_imm(l, t, s, imm);
    mips_lift_alu_imm(l);
}

#endif
