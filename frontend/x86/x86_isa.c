/* SPDX-License-Identifier: MIT */
/* x86_isa.c - the x86 guest as the translator sees it. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"

static const IrGlobal globals[X86_N_GLOBALS] = {
    { "eax", offsetof(X86Cpu, r[0]), T_I32, 1 },
    { "ecx", offsetof(X86Cpu, r[1]), T_I32, 4 },
    { "edx", offsetof(X86Cpu, r[2]), T_I32, 3 },
    { "ebx", offsetof(X86Cpu, r[3]), T_I32, 5 },
    { "esp", offsetof(X86Cpu, r[4]), T_I32, 2 },
    { "ebp", offsetof(X86Cpu, r[5]), T_I32, 6 },
    { "esi", offsetof(X86Cpu, r[6]), T_I32, 7 },
    { "edi", offsetof(X86Cpu, r[7]), T_I32, 8 },
    { "flags", offsetof(X86Cpu, flags), T_FLAGS, 0 },
    { "pf", offsetof(X86Cpu, pf), T_I32, 0 },
    { "af", offsetof(X86Cpu, af), T_I32, 0 },
    { "fip", offsetof(X86Cpu, fpu.ip), T_I32, 0 },
    { "fcs", offsetof(X86Cpu, fpu.cs), T_I32, 0 },
    { "fop", offsetof(X86Cpu, fpu.opcode), T_I32, 0 },
    { "fdp", offsetof(X86Cpu, fpu.dp), T_I32, 0 },
    { "fds", offsetof(X86Cpu, fpu.ds), T_I32, 0 },
    { "kept", offsetof(X86Cpu, kept), T_I32, 0 },
    { "step", offsetof(X86Cpu, step), T_I32, 0 },
    { "rot", offsetof(X86Cpu, rot), T_I32, 0 },
};

static const InsnInfo *insn(unsigned i)
{
    unsigned n;

    return &x86_rows(&n)[i].info;
}

/* SDM Vol. 3 table 6-1. */
static const char *const exceptions[X86_N_COUNTS] = {
    [X86_DE] = "divide error",
    [X86_DB] = "debug",
    [X86_NMI] = "NMI",
    [X86_BP] = "breakpoint",
    [X86_OF] = "overflow",
    [X86_BR] = "bound range",
    [X86_UD] = "invalid opcode",
    [X86_NM] = "device not available",
    [X86_DF] = "double fault",
    [X86_TS] = "invalid TSS",
    [X86_NP] = "segment not present",
    [X86_SS] = "stack fault",
    [X86_GP] = "general protection",
    [X86_PF] = "page fault",
    [X86_MF] = "x87 error",
    [X86_AC] = "alignment check",
    [X86_MC] = "machine check",
    [X86_XM] = "SIMD error",
    [X86_COUNT_IRQ] = "interrupt",
    [X86_FROZEN] = "x87 waits",
    [X86_COUNT_INT] = "software interrupt",
};

const GuestIsa x86_isa = {
    .name = "x86",
    .location = "Descriptor tables and TSSs lie in memory and are written by innocuous stores; "
                "what they say counts when a segment register or TR is loaded, or a gate is used "
                "(SDM Vol. 3 3.4.3, 5.8).\n"
                "Page tables lie in memory and are written by innocuous stores; those count when a "
                "TLB entry is made (4.10).\n"
                "An access through a segment depends on the hidden part of its register, which no "
                "instruction shows.\n",
    .exceptions = exceptions,
    .n_exceptions = G_N_ELEMENTS(exceptions),
    .n_insns = X86_N_ROWS,
    .insn = insn,
    .globals = globals,
    .n_globals = X86_N_GLOBALS,
    .helpers = x86_helpers,
    .n_helpers = X86_N_HELPERS,
    .mxcsr = offsetof(X86Cpu, mxcsr),
    .vecs = offsetof(X86Cpu, xmm),
    .n_vecs = 8,
    .lift = x86_lift,
    .lookup_mode = X86_LOOKUP_MODE,
    .x87_image = x87_to_image,
    .deliver = x86_deliver,
    .interrupt = x86_interrupt,
    .wakes = x86_wakes,
    .set_irq = x86_set_irq,
    .reset = x86_reset,
    .fields = x86_fields,
    .n_fields = X86_N_FIELDS,
    .settle = x86_settle,
    .sound = x86_sound,
    .loaded = x86_loaded,
    .describe = x86_describe,
    .show_tlb = x86_show_tlb,
    .show_ranges = x86_show_ranges,
    .debug = &x86_debug,
    .row_name = x86_row_name,
    .capstone = x86_capstone,
};
