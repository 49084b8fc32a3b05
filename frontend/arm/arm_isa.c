/* SPDX-License-Identifier: MIT */
/* arm_isa.c - the ARM guest as the translator sees it. */
#include <capstone/capstone.h>

#include "frontend/arm/cp15_priv.h"
#include "frontend/arm/lift_insn_priv.h"

/* r0 to r3, sp and lr are the busiest; flags and q ride along only where there is room. */
static const IrGlobal globals[ARM_N_GLOBALS] = {
    { "r0", offsetof(ArmCpu, r[0]), T_I32, 1 },
    { "r1", offsetof(ArmCpu, r[1]), T_I32, 3 },
    { "r2", offsetof(ArmCpu, r[2]), T_I32, 2 },
    { "r3", offsetof(ArmCpu, r[3]), T_I32, 4 },
    { "r4", offsetof(ArmCpu, r[4]), T_I32, 7 },
    { "r5", offsetof(ArmCpu, r[5]), T_I32, 8 },
    { "r6", offsetof(ArmCpu, r[6]), T_I32, 9 },
    { "r7", offsetof(ArmCpu, r[7]), T_I32, 10 },
    { "r8", offsetof(ArmCpu, r[8]), T_I32, 12 },
    { "r9", offsetof(ArmCpu, r[9]), T_I32, 13 },
    { "r10", offsetof(ArmCpu, r[10]), T_I32, 14 },
    { "r11", offsetof(ArmCpu, r[11]), T_I32, 15 },
    { "r12", offsetof(ArmCpu, r[12]), T_I32, 11 },
    { "sp", offsetof(ArmCpu, r[13]), T_I32, 5 },
    { "lr", offsetof(ArmCpu, r[14]), T_I32, 6 },
    { "flags", offsetof(ArmCpu, flags), T_FLAGS, 0 },
    { "q", offsetof(ArmCpu, q), T_I32, 0 },
    { "ge", offsetof(ArmCpu, ge), T_I32, 0 },
    { "exaddr", offsetof(ArmCpu, exaddr), T_I32, 0 },
    { "exstate", offsetof(ArmCpu, exstate), T_I32, 0 },
};

/* Counted separately: SCTLR and TPIDRURO are one row of the decoder, and worlds apart. */
static const InsnInfo *insn(unsigned i)
{
    unsigned n;
    const ArmInsn *rows = arm_rows(&n);

    return i < n ? &rows[i].info : arm_cp_insn(i - n);
}

static void capstone(uint32_t mode, int *arch, int *cs_mode)
{
    *arch = CS_ARCH_ARM;
    *cs_mode = mode & MODE_T ? CS_MODE_THUMB : CS_MODE_ARM;
}

/* As B1.8.1 calls them. */
static const char *const exceptions[] = {
    [ARM_EXC_UNDEF] = "undefined instruction",
    [ARM_EXC_SVC] = "supervisor call",
    [ARM_EXC_PABT] = "prefetch abort",
    [ARM_EXC_DABT] = "data abort",
    [ARM_EXC_HYPTRAP] = "hyp trap",
    [ARM_EXC_IRQ] = "IRQ",
    [ARM_EXC_FIQ] = "FIQ",
};

const GuestIsa arm_isa = {
    .name = "arm",
    .fp_flags_shared = true, /* FPSCR's */
    .location = "No address and no general register has a privileged meaning of its own.\n"
                "Translation tables lie in memory and are written by innocuous stores; those take "
                "effect by TLB maintenance, which is MCR (B3.10.1).\n"
                "What MRC, MCR, MRRC and MCRR do in user mode depends on the register they name; "
                "each register is a row too.\n",
    .exceptions = exceptions,
    .n_exceptions = G_N_ELEMENTS(exceptions),
    .n_insns = ARM_N_ROWS + N_CP, /* decoder rows, then system registers */
    .insn = insn,
    .globals = globals,
    .n_globals = ARM_N_GLOBALS,
    .helpers = arm_helpers,
    .n_helpers = ARM_N_HELPERS,
    .lift = arm_lift,
    .lookup_mode = ARM_LOOKUP_MODE,
    .deliver = arm_deliver,
    .interrupt = arm_interrupt,
    .wakes = arm_wakes,
    .set_irq = arm_set_irq,
    .reset = arm_reset,
    .fields = arm_fields,
    .n_fields = ARM_N_FIELDS,
    .settle = arm_settle,
    .sound = arm_sound,
    .event = arm_event,
    .loaded = arm_loaded,
    .describe = arm_describe,
    .debug = &arm_debug,
    .row_name = arm_row_name,
    .capstone = capstone,
};
