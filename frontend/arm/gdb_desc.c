/* SPDX-License-Identifier: MIT */
/* gdb_desc.c - the ARM registers as gdb sees them: core, VFP, banked and system registers. */
#include "frontend/arm/cp15_priv.h"
#include "translator/ir/debug.h"

/* ---- registers of other modes, FPEXC ---- */

typedef enum BankedKind { BANKED_R, BANKED_SPSR, BANKED_FPEXC } BankedKind;

typedef struct BankedReg {
    const char *name; /* as B1.3.2 has it */
    BankedKind kind;
    ArmMode mode;
    unsigned r;
} BankedReg;

/* clang-format off */
#define BANKED_SP_LR(m, MODE) \
    { "SP_" #m, BANKED_R, MODE, 13 }, { "LR_" #m, BANKED_R, MODE, 14 }
#define BANKED(m, MODE) BANKED_SP_LR(m, MODE), { "SPSR_" #m, BANKED_SPSR, MODE, 0 }
#define BANKED_R8(m, MODE) \
    { "R8_" #m, BANKED_R, MODE, 8 }, { "R9_" #m, BANKED_R, MODE, 9 }, \
    { "R10_" #m, BANKED_R, MODE, 10 }, { "R11_" #m, BANKED_R, MODE, 11 }, \
    { "R12_" #m, BANKED_R, MODE, 12 }

static const BankedReg banked[] = {
    BANKED_R8(usr, ARM_USR), BANKED_SP_LR(usr, ARM_USR),
    BANKED(svc, ARM_SVC), BANKED(abt, ARM_ABT), BANKED(und, ARM_UND), BANKED(irq, ARM_IRQ),
    BANKED_R8(fiq, ARM_FIQ), BANKED(fiq, ARM_FIQ),
    { "FPEXC", BANKED_FPEXC, ARM_USR, 0 },
};

/* ---- system registers: the rows of cp15.def that can be read ---- */

#define KEEP(name)      CP_##name,
#define SKIP(name)
#define SYSTEM_NO       SKIP
#define SYSTEM_ZERO     KEEP
#define SYSTEM_VAR(m)   KEEP
#define SYSTEM_MODEL(m) KEEP
#define SYSTEM_FN(f)    KEEP
#define CP(name, access, cp, opc1, crn, crm, opc2, read, write, after, spec) SYSTEM_##read(name)

static const uint16_t readable[] = {
#include "frontend/arm/cp15.def"
};
/* clang-format on */

/* ---- numbers ---- */

enum {
    REG_PC = 15,
    REG_CPSR = 16,
    REG_D0 = 17,
    REG_FPSCR = REG_D0 + 32,
    REG_BANKED,
    REG_SYSTEM = REG_BANKED + G_N_ELEMENTS(banked),
    N_REGS = REG_SYSTEM + G_N_ELEMENTS(readable),
};

static const DebugFeature features[] = {
    { "org.gnu.gdb.arm.core", 0, REG_D0 },
    { "org.gnu.gdb.arm.vfp", REG_D0, REG_BANKED - REG_D0 },
    { "org.doppel.arm.system", REG_BANKED, N_REGS - REG_BANKED },
};

static const char *const core_names[] = { "r0", "r1",  "r2",  "r3",  "r4", "r5", "r6", "r7",  "r8",
                                          "r9", "r10", "r11", "r12", "sp", "lr", "pc", "cpsr" };
static const char *const d_names[] = { "d0",  "d1",  "d2",  "d3",  "d4",  "d5",  "d6",  "d7",
                                       "d8",  "d9",  "d10", "d11", "d12", "d13", "d14", "d15",
                                       "d16", "d17", "d18", "d19", "d20", "d21", "d22", "d23",
                                       "d24", "d25", "d26", "d27", "d28", "d29", "d30", "d31" };

static const ArmCpReg *system_reg(unsigned i) { return arm_cp_reg(readable[i - REG_SYSTEM]); }

static DebugReg reg(unsigned i)
{
    if (i < REG_D0) {
        return (DebugReg){ core_names[i],
                           i == 13       ? "data_ptr"
                           : i == REG_PC ? "code_ptr"
                                         : "uint32",
                           NULL, 32 };
    }
    if (i < REG_FPSCR) {
        return (DebugReg){ d_names[i - REG_D0], "ieee_double", NULL, 64 };
    }
    if (i == REG_FPSCR) {
        return (DebugReg){ "fpscr", "uint32", "float", 32 };
    }
    if (i < REG_SYSTEM) {
        return (DebugReg){ banked[i - REG_BANKED].name, "uint32", "system", 32 };
    }
    return (DebugReg){ system_reg(i)->info.name, system_reg(i)->crn == C64 ? "uint64" : "uint32",
                       "system", system_reg(i)->crn == C64 ? 64 : 32 };
}

/* ---- values ---- */

static uint32_t *banked_at(ArmCpu *cpu, const BankedReg *b)
{
    switch (b->kind) {
    case BANKED_R: return arm_banked(cpu, b->r, b->mode);
    case BANKED_SPSR:
        return arm_bank(arm_mode(cpu)) == arm_bank(b->mode) ? &cpu->spsr_now
                                                            : &cpu->spsr[arm_bank(b->mode)];
    case BANKED_FPEXC: return &cpu->fpexc;
    }
    g_assert_not_reached();
}

static DebugValue get(Vcpu *v, unsigned i)
{
    ArmCpu *cpu = arm_cpu(v);

    if (i < REG_PC) {
        return (DebugValue){ cpu->r[i], 0 };
    }
    if (i == REG_PC) {
        return (DebugValue){ v->pc, 0 };
    }
    if (i == REG_CPSR) {
        return (DebugValue){ arm_cpsr(cpu), 0 };
    }
    if (i < REG_FPSCR) {
        return (DebugValue){ cpu->d[i - REG_D0], 0 };
    }
    if (i == REG_FPSCR) {
        return (DebugValue){ arm_fpscr(cpu), 0 };
    }
    if (i < REG_SYSTEM) {
        return (DebugValue){ *banked_at(cpu, &banked[i - REG_BANKED]), 0 };
    }
    return (DebugValue){ arm_cp_read(cpu, system_reg(i)), 0 };
}

/* An ARM instruction is aligned to words, a Thumb one to halfwords. */
static void align_pc(Vcpu *v) { v->pc &= (v->mode & MODE_T) != 0 ? ~(Gva)1 : ~(Gva)3; }

static bool set_system(ArmCpu *cpu, const ArmCpReg *row, uint64_t value)
{
    if (row->write.kind == CP_NONE) {
        return false;
    }
    arm_cp_write(cpu, row, value);
    return true;
}

static bool set(Vcpu *v, unsigned i, DebugValue value)
{
    ArmCpu *cpu = arm_cpu(v);

    if (i < REG_PC) {
        cpu->r[i] = (uint32_t)value.low;
    } else if (i == REG_PC) {
        v->pc = (Gva)value.low;
        align_pc(v);
    } else if (i == REG_CPSR) {
        arm_set_cpsr(cpu, (uint32_t)value.low);
        align_pc(v);
    } else if (i < REG_FPSCR) {
        cpu->d[i - REG_D0] = value.low;
    } else if (i == REG_FPSCR) {
        arm_set_fpscr(cpu, (uint32_t)value.low);
    } else if (i < REG_SYSTEM) {
        *banked_at(cpu, &banked[i - REG_BANKED]) = (uint32_t)value.low;
        arm_update(cpu); /* FPEXC is part of the mode word */
    } else {
        return set_system(cpu, system_reg(i), value.low);
    }
    return true;
}

const IsaDebug arm_debug = {
    .architecture = "arm",
    .pc = REG_PC,
    .breakpoint_max = 4,
    .features = features,
    .n_features = G_N_ELEMENTS(features),
    .n_regs = N_REGS,
    .reg = reg,
    .get = get,
    .set = set,
};
