/* SPDX-License-Identifier: MIT */
/* cp15_priv.h - the table of system registers, cp15.def, as data. */
#ifndef FRONTEND_ARM_CP15_PRIV_H
#define FRONTEND_ARM_CP15_PRIV_H

#include "base/bits.h"
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift.h"

enum { C64 = 16 }; /* crn of a register that MRRC and MCRR reach */

enum { CP_R = 1, CP_W = 2 };

typedef enum CpCondition {
    CP_ALWAYS,
    CP_IF_PMU,
    CP_IF_CNT,
    CP_IF_CNTPCT,
    CP_IF_CNTVCT,
    CP_IF_CNTP,
    CP_IF_CNTV,
    CP_IF_DCC,
} CpCondition;

typedef enum CpKind { CP_NONE, CP_ZERO, CP_VAR, CP_MODEL, CP_FN } CpKind;

typedef enum CpAfter { CP_AFTER_NEXT, CP_AFTER_CHECK, CP_AFTER_MOVES } CpAfter;

/* One row; cp15.def says what the columns mean. */
typedef struct ArmCpReg {
    InsnInfo info; /* MRC and MCR of it, for the ledger and for classification */
    uint8_t cp, opc1, crn, crm, opc2;
    uint8_t after; /* CpAfter */
    struct {
        uint8_t pl1, pl0;      /* CP_R, CP_W */
        CpCondition condition; /* of PL0's */
    } access;
    struct {
        CpKind kind;
        size_t offset;
        uint64_t (*fn)(ArmCpu *cpu);
    } read;
    struct {
        CpKind kind; /* CP_ZERO: ignored */
        size_t offset;
        void (*fn)(ArmCpu *cpu, uint64_t value);
    } write;
} ArmCpReg;

/* clang-format off */
enum {
#define CP(name, access, cp, opc1, crn, crm, opc2, read, write, after, spec) CP_##name,
#include "frontend/arm/cp15.def"
    N_CP
};
/* clang-format on */

/* Row @i. */
const ArmCpReg *arm_cp_reg(unsigned i);
const InsnInfo *arm_cp_insn(unsigned i);
unsigned arm_cp_index(const ArmCpReg *reg);

/* The row of an encoding; @crn C64 for MRRC and MCRR. NULL: there is no such register. */
const ArmCpReg *arm_cp_find(unsigned cp, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2);

/* Whether the current mode may read (CP_R) or write (CP_W) @reg. */
bool arm_cp_allowed(const ArmCpu *cpu, const ArmCpReg *reg, unsigned how);

/* A read or write without regard to access rights. */
uint64_t arm_cp_read(ArmCpu *cpu, const ArmCpReg *reg);
void arm_cp_write(ArmCpu *cpu, const ArmCpReg *reg, uint64_t value);

/* ---- pmu.c ---- */
uint64_t arm_pmu_read_ccntr(ArmCpu *cpu);
void arm_pmu_write_ccntr(ArmCpu *cpu, uint64_t value);
uint64_t arm_pmu_read_ovsr(ArmCpu *cpu);
void arm_pmu_write_ovsr(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_pmcr(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_cntenset(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_cntenclr(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_selr(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_userenr(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_intenset(ArmCpu *cpu, uint64_t value);
void arm_pmu_write_intenclr(ArmCpu *cpu, uint64_t value);

#endif
