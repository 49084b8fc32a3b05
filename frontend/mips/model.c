/* SPDX-License-Identifier: MIT */
/*
 * model.c - CPU models. Config registers as MD00090 9.42 to 9.45 lays them out; a bit is set only
 * for what is there. Caches are 16 KiB, 4 ways of lines of 32 bytes (M14Kc: 16), which all these
 * cores can have: a way is a page, so software sees no aliases, as indeed there are none.
 */
#include "frontend/mips/mips_priv.h"

#define M (1u << 31) /* the next Config register exists */
enum {
    TLB = 1 << 7,      /* Config.MT: a standard TLB */
    CACHED = 2,        /* Config.K0: cacheable, write-back */
    MMU_16 = 15 << 25, /* Config1.MMUSize */
    ICACHE = 1 << 22 | 4 << 19 | 3 << 16,
    DCACHE = 1 << 13 | 4 << 10 | 3 << 7,
    ICACHE_16 = 2 << 22 | 3 << 19 | 3 << 16, /* the same in lines of 16 bytes */
    DCACHE_16 = 2 << 13 | 3 << 10 | 3 << 7,
    EJTAG = 1 << 1,                 /* Config1.EP */
    WATCH = 1 << 3,                 /* Config1.WR */
    FPU = 1 << 0,                   /* Config1.FP */
    CODE16 = 1 << 2,                /* Config1.CA: MIPS16e */
    VINT = 1 << 5,                  /* Config3.VInt */
    DSP = 1 << 10 | 1 << 11,        /* Config3.DSPP, DSP2P */
    ULRI = 1 << 13,                 /* Config3.ULRI: UserLocal */
    MICROMIPS = 2 << 14,            /* Config3.ISA: MIPS32 and microMIPS, MIPS32 after reset */
    NO_ALIASES = 1 << 16 | 1 << 10, /* Config7.AR, IAR */
};
#define WII (1u << 31) /* Config7: WAIT ends for an interrupt that IE masks */

/* Status bits that can be written: CU0, RP, RE, BEV, SR, NMI, IM, UM, ERL, EXL, IE. */
#define STATUS_BASE (STATUS_CU0 | STATUS_RP | STATUS_RE | STATUS_BEV | 0xff17u)

enum { COMMON = MIPS_CONFIG23 | MIPS_R2 | MIPS_VINT | MIPS_M16 | MIPS_JALX };

static const MipsModel models[] = {
    {
        .name = "4Kc", /* MD00016 */
        .prid = 0x00018005,
        .config0 = M | TLB | CACHED,
        .config1 = MMU_16 | ICACHE | DCACHE | EJTAG | WATCH,
        .status_write = STATUS_BASE,
        .tlb_entries = 16,
    },
    {
        .name = "4KEc", /* MD00103 */
        .prid = 0x00019064,
        .features = COMMON,
        .config0 = M | TLB | CACHED,
        .config1 = M | MMU_16 | ICACHE | DCACHE | EJTAG | WATCH | CODE16,
        .config2 = M,
        .config3 = VINT,
        .status_write = STATUS_BASE,
        .tlb_entries = 16,
    },
    {
        .name = "24Kc", /* MD00343 */
        .prid = 0x0001937c,
        .features = COMMON | MIPS_WATCH4 | MIPS_SUPERVISOR,
        .config0 = M | TLB | CACHED,
        .config1 = M | MMU_16 | ICACHE | DCACHE | EJTAG | WATCH | CODE16,
        .config2 = M,
        .config3 = VINT,
        .config7 = WII | NO_ALIASES,
        .status_write = STATUS_BASE | STATUS_R0,
        .tlb_entries = 16,
    },
    {
        .name = "24Kf", /* MD00343 */
        .prid = 0x0001937c,
        .features = COMMON | MIPS_WATCH4 | MIPS_SUPERVISOR | MIPS_FPU,
        .config0 = M | TLB | CACHED,
        .config1 = M | MMU_16 | ICACHE | DCACHE | EJTAG | WATCH | CODE16 | FPU,
        .config2 = M,
        .config3 = VINT,
        .config7 = WII | NO_ALIASES,
        .status_write = STATUS_BASE | STATUS_R0 | STATUS_FR | STATUS_CU1,
        .fcr0 = 0x0173937c, /* FC, F64, L, W, D, S and the processor's number */
        .tlb_entries = 16,
    },
    {
        .name = "74Kf", /* MD00519 */
        .prid = 0x00019744,
        .features = COMMON | MIPS_WATCH4 | MIPS_SUPERVISOR | MIPS_FPU | MIPS_DSP | MIPS_DSP2,
        .config0 = M | TLB | CACHED,
        .config1 = M | MMU_16 | ICACHE | DCACHE | EJTAG | WATCH | FPU | CODE16,
        .config2 = M,
        .config3 = VINT | DSP,
        .config7 = WII | NO_ALIASES,
        .status_write = STATUS_BASE | STATUS_R0 | STATUS_FR | STATUS_CU1 | STATUS_MX,
        .fcr0 = 0x01739744,
        .tlb_entries = 16,
    },
    {
        .name = "M14Kc", /* MD00674 */
        .prid = 0x00019c00,
        .features = MIPS_CONFIG23 | MIPS_R2 | MIPS_VINT | MIPS_MM | MIPS_JALX | MIPS_USERLOCAL,
        .config0 = M | TLB | CACHED,
        .config1 = M | MMU_16 | ICACHE_16 | DCACHE_16 | EJTAG | WATCH,
        .config2 = M,
        .config3 = VINT | ULRI | MICROMIPS,
        .config7 = WII,
        .status_write = STATUS_BASE,
        .tlb_entries = 16,
    },
};

const MipsModel *mips_model(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (g_str_equal(models[i].name, name)) {
            return &models[i];
        }
    }
    return NULL;
}

const char *const *mips_models(void)
{
    static const char *names[G_N_ELEMENTS(models) + 1];
    static gsize ready;

    if (g_once_init_enter(&ready)) {
        for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
            names[i] = models[i].name;
        }
        g_once_init_leave(&ready, 1);
    }
    return names;
}
