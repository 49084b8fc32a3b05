/* SPDX-License-Identifier: MIT */
/* cp0_priv.h - the table of system registers, cp0.def, as data. */
#ifndef FRONTEND_MIPS_CP0_PRIV_H
#define FRONTEND_MIPS_CP0_PRIV_H

#include "frontend/mips/mips_priv.h"

typedef enum MipsCp0After { CP0_NEXT, CP0_CHECK, CP0_MOVES } MipsCp0After;

/* One row; cp0.def says what the columns mean. */
typedef struct MipsCp0Reg {
    InsnInfo info; /* MFC0 and MTC0 of it, for the ledger and for classification */
    uint8_t number, sel;
    uint8_t after;                               /* MipsCp0After */
    uint32_t feature;                            /* that the model must have */
    size_t offset;                               /* of its storage in MipsCpu */
    uint32_t write_mask;                         /* bits that MTC0 changes */
    uint32_t (*read)(MipsCpu *cpu);              /* NULL: the storage */
    void (*write)(MipsCpu *cpu, uint32_t value); /* NULL: the storage */
} MipsCp0Reg;

/* clang-format off */
enum {
#define CP0(name, number, sel, member, reset, mask, read, write, after, feature, spec) CP0_##name,
#include "frontend/mips/cp0.def"
    N_CP0
};
/* clang-format on */

/* Row @i. */
const MipsCp0Reg *mips_cp0_reg(unsigned i);
const InsnInfo *mips_cp0_insn(unsigned i);
unsigned mips_cp0_index(const MipsCp0Reg *reg);

/* The row of an encoding on a model with @features. NULL: there is no such register. */
const MipsCp0Reg *mips_cp0_find(uint32_t features, unsigned number, unsigned sel);

/* What MFC0 and MTC0 do, access rights apart. */
uint32_t mips_cp0_read(MipsCpu *cpu, const MipsCp0Reg *reg);
void mips_cp0_write(MipsCpu *cpu, const MipsCp0Reg *reg, uint32_t value);

/* Every register becomes what the reset column says. */
void mips_cp0_reset(MipsCpu *cpu);

#endif
