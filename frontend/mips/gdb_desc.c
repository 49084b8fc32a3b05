/* SPDX-License-Identifier: MIT */
/* gdb_desc.c - the MIPS registers as gdb sees them: core, FPU and coprocessor 0. */
#include "frontend/mips/cp0_priv.h"
#include "translator/ir/debug.h"

enum {
    REG_LO = 32,
    REG_HI,
    REG_PC,
    REG_STATUS,
    REG_BADVADDR,
    REG_CAUSE,
    REG_F0,
    REG_FCSR = REG_F0 + 32,
    REG_FIR,
    REG_SYSTEM,
    N_REGS = REG_SYSTEM + N_CP0,
};

static const DebugFeature features[] = {
    { "org.gnu.gdb.mips.cpu", 0, REG_STATUS },
    { "org.gnu.gdb.mips.cp0", REG_STATUS, REG_F0 - REG_STATUS },
    { "org.gnu.gdb.mips.fpu", REG_F0, REG_SYSTEM - REG_F0 },
    { "org.doppel.mips.system", REG_SYSTEM, N_CP0 },
};

static const char *const names[REG_SYSTEM] = {
    "r0",       "r1",    "r2",  "r3",  "r4",  "r5",  "r6",  "r7",  "r8",  "r9",  "r10",  "r11",
    "r12",      "r13",   "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22",  "r23",
    "r24",      "r25",   "r26", "r27", "r28", "r29", "r30", "r31", "lo",  "hi",  "pc",   "status",
    "badvaddr", "cause", "f0",  "f1",  "f2",  "f3",  "f4",  "f5",  "f6",  "f7",  "f8",   "f9",
    "f10",      "f11",   "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20",  "f21",
    "f22",      "f23",   "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31", "fcsr", "fir",
};

static DebugReg reg(unsigned i)
{
    if (i >= REG_SYSTEM) {
        return (DebugReg){ mips_cp0_reg(i - REG_SYSTEM)->info.name, "uint32", "system", 32 };
    }
    if (i >= REG_F0 && i < REG_FCSR) {
        return (DebugReg){ names[i], "ieee_double", NULL, 64 };
    }
    return (DebugReg){ names[i], i == REG_PC ? "code_ptr" : "uint32",
                       i >= REG_FCSR ? "float" : NULL, 32 };
}

static const MipsCp0Reg *system_reg(unsigned i)
{
    switch (i) {
    case REG_STATUS: return mips_cp0_reg(CP0_Status);
    case REG_BADVADDR: return mips_cp0_reg(CP0_BadVAddr);
    case REG_CAUSE: return mips_cp0_reg(CP0_Cause);
    default: return i >= REG_SYSTEM ? mips_cp0_reg(i - REG_SYSTEM) : NULL;
    }
}

static uint64_t get_one(MipsCpu *cpu, unsigned i)
{
    if (i < REG_LO) {
        return cpu->r[i];
    }
    if (system_reg(i)) { /* a look at Random does not make it step */
        return i == REG_SYSTEM + CP0_Random ? cpu->cp0.random : mips_cp0_read(cpu, system_reg(i));
    }
    switch (i) {
    case REG_LO: return cpu->lo[0];
    case REG_HI: return cpu->hi[0];
    case REG_PC: return cpu->v.pc | (cpu->v.mode & MIPS_MODE_ISA);
    case REG_FCSR: return mips_fcsr(cpu);
    case REG_FIR: return cpu->model->fcr0;
    default: return mips_fpr(cpu, i - REG_F0);
    }
}

static DebugValue get(Vcpu *v, unsigned i) { return (DebugValue){ get_one(mips_cpu(v), i), 0 }; }

/* Bit 0 is the ISA mode, where there is one. A pc that is set is not in a delay slot. */
static void set_pc(MipsCpu *cpu, uint32_t value)
{
    cpu->v.mode &= ~(uint32_t)(MIPS_MODE_SLOTS | MIPS_MODE_ISA);
    if ((cpu->features & MIPS_ISA16) != 0) {
        cpu->v.mode |= value & MIPS_MODE_ISA;
        cpu->v.pc = value & ~1u;
    } else {
        cpu->v.pc = value & ~3u;
    }
}

static bool set(Vcpu *v, unsigned i, DebugValue value)
{
    MipsCpu *cpu = mips_cpu(v);

    if (i < REG_LO) {
        cpu->r[i] = i == 0 ? 0 : (uint32_t)value.low;
    } else if (system_reg(i)) {
        mips_cp0_write(cpu, system_reg(i), (uint32_t)value.low);
    } else if (i == REG_LO || i == REG_HI) {
        *(i == REG_LO ? cpu->lo : cpu->hi) = (uint32_t)value.low;
    } else if (i == REG_PC) {
        if ((Gva)value.low != (v->pc | (v->mode & MIPS_MODE_ISA))) {
            set_pc(cpu, (uint32_t)value.low);
        }
    } else if (i == REG_FCSR) {
        mips_set_fcsr(cpu, (uint32_t)value.low);
    } else if (i == REG_FIR) {
        return false;
    } else {
        mips_set_fpr(cpu, i - REG_F0, value.low);
    }
    return true;
}

static bool big_endian(Vcpu *v) { return mips_cpu(v)->big_endian != 0; }

const IsaDebug mips_debug = {
    .architecture = "mips",
    .big_endian = big_endian,
    .pc = REG_PC,
    .breakpoint_max = 4,
    .features = features,
    .n_features = G_N_ELEMENTS(features),
    .n_regs = N_REGS,
    .reg = reg,
    .get = get,
    .set = set,
};
