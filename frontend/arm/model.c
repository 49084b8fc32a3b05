/* SPDX-License-Identifier: MIT */
/* model.c - the CPU models: identification registers and reset values. */
#include "frontend/arm/arm_priv.h"

/*
 * Values from the reset columns of DDI 0438I table 4-2 (Cortex-A15 r4p0) and DDI 0464F table 4-2
 * (Cortex-A7 r0p5), with what is not there taken out, so that software which looks does not use it:
 *   ID_PFR0   State3: ThumbEE 1 -> 0 (TEECR, TEEHBR and ENTERX are UNDEFINED)
 *   ID_PFR1   Security and Virtualization Extensions 1 -> 0
 *   ID_DFR0   secure debug, memory-mapped debug and trace -> 0
 *   ID_ISAR3  ThumbEE 1 -> 0; ID_ISAR4 SMC 1 -> 0; ID_ISAR2, 4: nothing
 *   DBGDIDR   PCSR, secure debug -> 0
 *   DBGDEVID  all but the OS double lock -> 0: no address masks, no Hyp mode, no external registers
 *   PMCR      N: no event counters, the cycle counter only (C12.1: IMPLEMENTATION DEFINED)
 * MPIDR has U = 1: one processor. The level 2 caches are one choice of several, 4 MiB and 512 KiB.
 */
static const ArmModel models[] = {
    {
        .name = "cortex-a15",
        .midr = 0x414fc0f0,
        .ctr = 0x8444c004,
        .mpidr = 0xc0000000,
        .clidr = 0x0a200023,
        .ccsidr = { 0x701fe00a, 0x201fe00a, 0x71ffe07a },
        .pfr = { 0x00000131, 0x00010001 },
        .dfr0 = 0x02000005,
        .mmfr = { 0x10201105, 0x20000000, 0x01240000, 0x02102211 },
        .isar = { 0x02101110, 0x13112111, 0x21232041, 0x01112131, 0x10010142 },
        .sctlr = 0x00c50078,
        .sctlr_write = 0x72003c07,
        .fpsid = 0x410430f0,
        .mvfr = { 0x10110222, 0x11111111 },
        .dbgdidr = 0x35158040,
        .dbgdevid = 0x00100000,
        .pmcr = 0x410f0000,
    },
    {
        .name = "cortex-a7",
        .midr = 0x410fc075,
        .ctr = 0x84448003,
        .mpidr = 0xc0000000,
        .clidr = 0x0a200023,
        .ccsidr = { 0x700fe01a, 0x203fe009, 0x707fe03a },
        .pfr = { 0x00000131, 0x00010001 },
        .dfr0 = 0x02000005,
        .mmfr = { 0x10101105, 0x40000000, 0x01240000, 0x02102211 },
        .isar = { 0x02101110, 0x13112111, 0x21232041, 0x01112131, 0x10010142 },
        .sctlr = 0x00c50878,
        .sctlr_write = 0x72003407,
        .fpsid = 0x41023075,
        .mvfr = { 0x10110222, 0x11111111 },
        .dbgdidr = 0x35158005,
        .dbgdevid = 0x00100000,
        .pmcr = 0x41070000,
    },
};

static const char *const names[] = { "cortex-a15", "cortex-a7", NULL };

const char *const *arm_models(void) { return names; }

const ArmModel *arm_model(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (g_str_equal(models[i].name, name)) {
            return &models[i];
        }
    }
    return NULL;
}
