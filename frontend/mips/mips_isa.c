/* SPDX-License-Identifier: MIT */
/* mips_isa.c - the MIPS guest as the translator sees it. */
#include <capstone/capstone.h>

#include "frontend/mips/cp0_priv.h"
#include "frontend/mips/lift_insn_priv.h"

/* Ranks: what compilers use most; clang uses at as any other scratch register. */
#define GPR(n, name, rank) \
    { \
        name, offsetof(MipsCpu, r[n]), T_I32, rank \
    }
static const IrGlobal globals[MIPS_N_GLOBALS] = {
    GPR(1, "at", 7),   GPR(2, "v0", 1),
    GPR(3, "v1", 2),   GPR(4, "a0", 3),
    GPR(5, "a1", 4),   GPR(6, "a2", 6),
    GPR(7, "a3", 12),  GPR(8, "t0", 13),
    GPR(9, "t1", 14),  GPR(10, "t2", 15),
    GPR(11, "t3", 16), GPR(12, "t4", 0),
    GPR(13, "t5", 0),  GPR(14, "t6", 0),
    GPR(15, "t7", 0),  GPR(16, "s0", 8),
    GPR(17, "s1", 9),  GPR(18, "s2", 11),
    GPR(19, "s3", 17), GPR(20, "s4", 0),
    GPR(21, "s5", 0),  GPR(22, "s6", 0),
    GPR(23, "s7", 0),  GPR(24, "t8", 0),
    GPR(25, "t9", 18), GPR(26, "k0", 0),
    GPR(27, "k1", 0),  GPR(28, "gp", 0),
    GPR(29, "sp", 5),  GPR(30, "s8", 0),
    GPR(31, "ra", 10), { "lo", offsetof(MipsCpu, lo[0]), T_I32, 0 },
};

/* Counted separately: Count and Status are one row of the decoder, and worlds apart. */
static const InsnInfo *insn(unsigned i)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n);

    return i < n ? &rows[i].info : mips_cp0_insn(i - n);
}

static void capstone(uint32_t mode, int *arch, int *cs_mode)
{
    bool is_m16 = (mode & (MIPS_MODE_ISA | MIPS_MODE_MM)) == MIPS_MODE_ISA;

    *arch = is_m16 ? -1 : CS_ARCH_MIPS;
    *cs_mode = CS_MODE_MIPS32;
    if ((mode & MIPS_MODE_ISA) != 0) {
        *cs_mode |= CS_MODE_MICRO;
    }
    if ((mode & MIPS_MODE_BE) != 0) {
        *cs_mode |= (int)CS_MODE_BIG_ENDIAN;
    }
}

/* As MD00090 6.2 calls them. */
static const char *const exceptions[] = {
    [MIPS_EXC_INT] = "interrupt",
    [MIPS_EXC_MOD] = "TLB modified",
    [MIPS_EXC_TLBL] = "TLB invalid, load or fetch",
    [MIPS_EXC_TLBS] = "TLB invalid, store",
    [MIPS_EXC_ADEL] = "address error, load or fetch",
    [MIPS_EXC_ADES] = "address error, store",
    [MIPS_EXC_IBE] = "bus error, fetch",
    [MIPS_EXC_DBE] = "bus error, data",
    [MIPS_EXC_SYS] = "system call",
    [MIPS_EXC_BP] = "breakpoint",
    [MIPS_EXC_RI] = "reserved instruction",
    [MIPS_EXC_CPU] = "coprocessor unusable",
    [MIPS_EXC_OV] = "integer overflow",
    [MIPS_EXC_TR] = "trap",
    [MIPS_EXC_FPE] = "floating point",
    [MIPS_EXC_WATCH] = "watch",
    [MIPS_EXC_MCHECK] = "machine check",
    [MIPS_EXC_DSPDIS] = "DSP disabled",
    [MIPS_EXC_DEBUG] = "debug",
    [MIPS_EXC_REFILL] = "TLB refill",
};

const GuestIsa mips_isa = {
    .name = "mips",
    .location =
        "An address in kseg0 or kseg1 is privileged whatever instruction uses it: it passes by "
        "the TLB, and is an Address Error in user mode (MD00090 4.3).\n"
        "Registers k0 and k1 are plain registers that the software convention gives to "
        "exception handlers: user mode reads what the kernel left in them, and loses what it "
        "writes there.\n"
        "RDHWR shows hardware registers to user mode where HWREna has their bit, and raises "
        "Reserved Instruction for the others (MD00090 9.13).\n"
        "What MFC0 and MTC0 do depends on the register they name; each register is a row "
        "too. With Status.CU0 user mode may execute all of coprocessor 0.\n",
    .exceptions = exceptions,
    .n_exceptions = G_N_ELEMENTS(exceptions),
    .n_insns = MIPS_N_ROWS + N_CP0, /* decoder rows, then system registers */
    .insn = insn,
    .globals = globals,
    .n_globals = MIPS_N_GLOBALS,
    .helpers = mips_helpers,
    .n_helpers = MIPS_N_HELPERS,
    .lift = mips_lift,
    .rewind = mips_rewind,
    .lookup_mode = MIPS_LOOKUP_MODE,
    .deliver = mips_deliver,
    .fp_trap = mips_fp_trap,
    .interrupt = mips_interrupt,
    .wakes = mips_wakes,
    .set_irq = mips_set_irq,
    .reset = mips_reset,
    .fields = mips_fields,
    .n_fields = MIPS_N_FIELDS,
    .settle = mips_settle,
    .sound = mips_sound,
    .event = mips_event,
    .loaded = mips_loaded,
    .describe = mips_describe,
    .show_tlb = mips_show_tlb,
    .debug = &mips_debug,
    .row_name = mips_row_name,
    .capstone = capstone,
};
