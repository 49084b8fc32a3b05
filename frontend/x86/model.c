/* SPDX-License-Identifier: MIT */
/* model.c - the CPU models: what each implements, and what its CPUID says. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

/*
 * Each says what QEMU's model of the name says, hypervisor's leaves included, but
 * - what is not here: VME of a 486 and PSE of one, which it never had; thermal monitor and clock
 *   modulation (bit ACPI), MONITOR and leaf 5 of coreduo and n270;
 * - CLFLUSH's line only where CLFLUSH is;
 * - leaf 2 of pentium2 and pentium3 is those parts' own; with the others leaves 2, 4 and 80000006
 *   agree: 32 KiB, 32 KiB and 2 MiB, no third level;
 * - what Intel reserves is zero: EBX to EDX of 80000000, all of 80000005, half of 80000006;
 * - 80000008 has the linear address's width.
 */

/* CPUID leaf 1, EDX and ECX; SDM Vol. 2 CPUID, tables 3-10 and 3-11. */
enum {
    D_FPU = 1u << 0,
    D_VME = 1u << 1,
    D_DE = 1u << 2,
    D_PSE = 1u << 3,
    D_TSC = 1u << 4,
    D_MSR = 1u << 5,
    D_PAE = 1u << 6,
    D_MCE = 1u << 7,
    D_CX8 = 1u << 8,
    D_APIC = 1u << 9,
    D_SEP = 1u << 11,
    D_MTRR = 1u << 12,
    D_PGE = 1u << 13,
    D_MCA = 1u << 14,
    D_CMOV = 1u << 15,
    D_PAT = 1u << 16,
    D_PSE36 = 1u << 17,
    D_CLFSH = 1u << 19,
    D_MMX = 1u << 23,
    D_FXSR = 1u << 24,
    D_SSE = 1u << 25,
    D_SSE2 = 1u << 26,
    D_SS = 1u << 27,
    C_SSE3 = 1u << 0,
    C_SSSE3 = 1u << 9,
    C_MOVBE = 1u << 22,
    EXT_NX = 1u << 20,
};
#define C_HYPERVISOR (1u << 31) /* not of a processor: CPUID 40000000 says more */

#define FEAT(x) (1u << FEAT_##x)
enum {
    IS_486 = FEAT(386) | FEAT(486) | FEAT(FPU),
    IS_PENTIUM = IS_486 | FEAT(TSC) | FEAT(MSR) | FEAT(CX8) | FEAT(MMX), /* P55C */
    IS_P6 = IS_PENTIUM | FEAT(SEP) | FEAT(CMOV) | FEAT(FCMOV) | FEAT(PMC) | FEAT(P6) | FEAT(FXSR),
    IS_P3 = IS_P6 | FEAT(SSE),
    IS_QEMU32 = IS_P3 | FEAT(SSE2) | FEAT(SSE3),
    IS_COREDUO = IS_QEMU32 | FEAT(CLFLUSH),
    IS_N270 = IS_COREDUO | FEAT(SSSE3) | FEAT(MOVBE),
};

enum {
    D_PENTIUM = D_FPU | D_DE | D_PSE | D_TSC | D_MSR | D_MCE | D_CX8 | D_APIC | D_MMX,
    D_P6 = D_PENTIUM | D_PAE | D_SEP | D_PGE | D_CMOV | D_PAT | D_FXSR,
    D_P2 = D_P6 | D_MTRR | D_MCA | D_PSE36,
    D_P3 = D_P2 | D_SSE,
    D_QEMU32 = D_P6 | D_SSE | D_SSE2,
    D_COREDUO = D_QEMU32 | D_MTRR | D_MCA | D_CLFSH | D_SS,
};

#define C_N270 (C_HYPERVISOR | C_SSE3 | C_SSSE3 | C_MOVBE)

enum {
    CR4_PENTIUM = CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE,
    CR4_P6 = CR4_PENTIUM | CR4_PAE | CR4_PGE | CR4_PCE | CR4_OSFXSR,
    CR4_P3 = CR4_P6 | CR4_OSXMMEXCPT,
    EFL_386 = 0x00037fd7,
    EFL_486 = EFL_386 | EFL_AC | EFL_ID,
};

#define GENUINE_INTEL(max) \
    { \
        { \
            max, 0x756e6547, 0x6c65746e, 0x49656e69 \
        } \
    }
#define CLFLUSH_LINES (8u << 8)
#define L2_EXTENDED (2048u << 16 | 6 << 12 | 64) /* KiB, 8 ways, bytes a line */
#define ADDRESS_BITS (32u << 8 | 32)             /* linear, physical */

/* The processor's name, little-endian: leaves 80000002 to 80000004. */
#define BRAND_QEMU32 \
    { { 0x554d4551, 0x72695620, 0x6c617574, 0x55504320 } }, \
    { \
        { \
            0x72657620, 0x6e6f6973, 0x352e3220, 0x0000002b \
        } \
    }
#define BRAND_T2600 \
    { { 0x756e6547, 0x20656e69, 0x65746e49, 0x2952286c } }, \
        { { 0x55504320, 0x20202020, 0x20202020, 0x54202020 } }, \
    { \
        { \
            0x30303632, 0x20402020, 0x36312e32, 0x007a4847 \
        } \
    }
#define BRAND_N270 \
    { { 0x65746e49, 0x2952286c, 0x6f744120, 0x4d54286d } }, \
        { { 0x50432029, 0x324e2055, 0x20203037, 0x31204020 } }, \
    { \
        { \
            0x4730362e, 0x00007a48, 0, 0 \
        } \
    }

static const X86Model models[] = {
    {
        .name = "qemu32",
        .features = IS_QEMU32,
        .reset_edx = 0x00000663,
        .max_leaf = 4,
        .leaf = { GENUINE_INTEL(4),
                  { { 0x00000663, 0, C_HYPERVISOR | C_SSE3, D_QEMU32 } },
                  { { 0x00000001, 0, 0, 0x002c307d } } },
        .max_extended = 0x80000004,
        .extended = { { { 0x80000004, 0, 0, 0 } }, { { 0x663, 0, 0, 0 } }, BRAND_QEMU32 },
        .cr4 = CR4_P3,
        .eflags = EFL_486,
        .physical_bits = 32,
    },
    {
        .name = "486",
        .features = IS_486,
        .reset_edx = 0x00000480,
        .max_leaf = 1,
        .leaf = { GENUINE_INTEL(1), { { 0x00000480, 0, C_HYPERVISOR, D_FPU } } },
        .cr4 = 0,
        .eflags = EFL_486,
        .physical_bits = 32,
    },
    {
        .name = "pentium",
        .features = IS_PENTIUM,
        .reset_edx = 0x00000543,
        .max_leaf = 1,
        .leaf = { GENUINE_INTEL(1), { { 0x00000543, 0, C_HYPERVISOR, D_PENTIUM } } },
        .cr4 = CR4_PENTIUM,
        .eflags = EFL_486,
        .physical_bits = 32,
    },
    {
        .name = "pentium2",
        .features = IS_P6,
        .reset_edx = 0x00000652,
        .max_leaf = 2,
        .leaf = { GENUINE_INTEL(2),
                  { { 0x00000652, 0, C_HYPERVISOR, D_P2 } },
                  { { 0x03020101, 0, 0, 0x0c040843 } } },
        .cr4 = CR4_P6,
        .eflags = EFL_486,
        .physical_bits = 36,
    },
    {
        .name = "pentium3",
        .features = IS_P3,
        .reset_edx = 0x00000673,
        .max_leaf = 3,
        .leaf = { GENUINE_INTEL(3),
                  { { 0x00000673, 0, C_HYPERVISOR, D_P3 } },
                  { { 0x03020101, 0, 0, 0x0c040843 } } },
        .cr4 = CR4_P3,
        .eflags = EFL_486,
        .physical_bits = 36,
    },
    {
        .name = "coreduo",
        .features = IS_COREDUO,
        .reset_edx = 0x000006e8,
        .max_leaf = 10,
        .leaf = { GENUINE_INTEL(10),
                  { { 0x000006e8, CLFLUSH_LINES, C_HYPERVISOR | C_SSE3, D_COREDUO } },
                  { { 0x00000001, 0, 0, 0x002c307d } } },
        .max_extended = 0x80000008,
        .extended = { { { 0x80000008, 0, 0, 0 } },
                      { { 0x6e8, 0, 0, EXT_NX } },
                      BRAND_T2600,
                      [6] = { { 0, 0, L2_EXTENDED, 0 } },
                      [8] = { { ADDRESS_BITS, 0, 0, 0 } } },
        .cr4 = CR4_P3,
        .eflags = EFL_486,
        .physical_bits = 32,
        .nx = true,
    },
    {
        .name = "n270",
        .features = IS_N270,
        .reset_edx = 0x000106c2,
        .max_leaf = 10,
        .leaf = { GENUINE_INTEL(10),
                  { { 0x000106c2, CLFLUSH_LINES, C_N270, D_COREDUO } },
                  { { 0x00000001, 0, 0, 0x002c307d } } },
        .max_extended = 0x80000008,
        .extended = { { { 0x80000008, 0, 0, 0 } },
                      { { 0x106c2, 0, 1, EXT_NX } },
                      BRAND_N270,
                      [6] = { { 0, 0, L2_EXTENDED, 0 } },
                      [8] = { { ADDRESS_BITS, 0, 0, 0 } } },
        .cr4 = CR4_P3,
        .eflags = EFL_486,
        .physical_bits = 32,
        .nx = true,
    },
};

static const char *const names[] = { "qemu32",   "486",     "pentium", "pentium2",
                                     "pentium3", "coreduo", "n270",    NULL };

const char *const *x86_models(void) { return names; }

const X86Model *x86_model(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (g_str_equal(models[i].name, name)) {
            return &models[i];
        }
    }
    return NULL;
}
