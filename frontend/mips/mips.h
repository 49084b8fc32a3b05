/* SPDX-License-Identifier: MIT */
/* mips.h - MIPS32 guest: its state, its mode word, what boards call. */
#ifndef FRONTEND_MIPS_MIPS_H
#define FRONTEND_MIPS_MIPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/irq.h"
#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "translator/ir/isa.h"

/*
 * The mode word: all that a unit's meaning depends on beside its bytes, its addresses and what a
 * model is. Bit 0 is the ISA mode, as in the low bit of a branch target. MIPS_LOOKUP_MODE is bits 7
 * to 1. Bits 8 and up: the instruction is in a branch delay slot and was reached on its own; the
 * branch's outcome is in MipsCpu.btarget, unless it was not taken and the slot's size not known.
 * Bit 16 is what only debuggers set.
 */
enum {
    MIPS_MODE_ISA = 1u << 0,   /* MIPS16e or microMIPS, whichever the model has */
    MIPS_MODE_PRIV = 1u << 1,  /* Kernel or Debug Mode */
    MIPS_MODE_CP0 = 1u << 2,   /* coprocessor 0 is usable: Kernel or Debug Mode, or Status.CU0 */
    MIPS_MODE_FP = 1u << 3,    /* there is an FPU, and Status.CU1 */
    MIPS_MODE_FR = 1u << 4,    /* Status.FR: 32 registers of 64 bits */
    MIPS_MODE_MM = 1u << 5,    /* the other ISA is microMIPS: always so on such a model */
    MIPS_MODE_DSP = 1u << 6,   /* there is a DSP ASE, and Status.MX */
    MIPS_MODE_BE = 1u << 7,    /* big-endian memory: Config.BE, turned round by Status.RE */
    MIPS_MODE_SLOT = 1u << 8,  /* in a delay slot */
    MIPS_MODE_SLOT2 = 1u << 9, /* and the branch has 2 bytes, else 4 */
    /* what is in the slot must have 2 bytes, or 4 */
    MIPS_MODE_SLOT_OF_2 = 1u << 10,
    MIPS_MODE_SLOT_OF_4 = 1u << 11,
    MIPS_MODE_SLOT_ON = 1u << 12, /* the branch is not taken: what follows the slot follows it */
    MIPS_MODE_SLOTS = 31u << 8,   /* all of these */
    MIPS_MODE_WATCH = 1u << 16,   /* a watchpoint is set for this ASID: watch.c */
};

/* What the inline lookup's context holds of a mode word. */
enum { MIPS_LOOKUP_MODE = 0xfe };

/* Globals: registers 1 to 31 are MIPS_G_R1 - 1 + n, then LO. HI, LLbit and the rest are state. */
enum { MIPS_G_R1 = 0, MIPS_G_LO = 31, MIPS_N_GLOBALS };

/* Exceptions, VcpuFault.kind: Cause.ExcCode, MD00090 table 9.32; and some that have no code. */
enum {
    MIPS_EXC_INT = 0,
    MIPS_EXC_MOD = 1,
    MIPS_EXC_TLBL = 2,
    MIPS_EXC_TLBS = 3,
    MIPS_EXC_ADEL = 4,
    MIPS_EXC_ADES = 5,
    MIPS_EXC_IBE = 6,
    MIPS_EXC_DBE = 7,
    MIPS_EXC_SYS = 8,
    MIPS_EXC_BP = 9,
    MIPS_EXC_RI = 10,
    MIPS_EXC_CPU = 11, /* syndrome: the coprocessor */
    MIPS_EXC_OV = 12,
    MIPS_EXC_TR = 13,
    MIPS_EXC_FPE = 15,
    MIPS_EXC_WATCH = 23,
    MIPS_EXC_MCHECK = 24,
    MIPS_EXC_DSPDIS = 26,
    MIPS_EXC_DEBUG = 28,  /* EJTAG debug exception; syndrome: bits of Debug that say why */
    MIPS_EXC_REFILL = 29, /* TLBL or TLBS, no entry matched: counted apart */
};

/* VcpuFault.syndrome of MIPS_EXC_TLBL, TLBS: no entry matched. */
enum { MIPS_NO_MATCH = 1 };

/* set_irq(): inputs HW0 to HW5 are Cause.IP2 to IP7. */
enum { MIPS_LINES = 6 };

enum { MIPS_TLB_MAX = 64, MIPS_SHADOW_SETS = 512, MIPS_SHADOW_WAYS = 8 };
enum { MIPS_SHADOWS = MIPS_SHADOW_SETS * MIPS_SHADOW_WAYS };

/* Coprocessor 0 registers that are storage, by name of the manual. Count is made from time, Cause's
 * IP bits from inputs, Random steps as it is used. */
typedef struct MipsCp0 {
    uint32_t index, random, entrylo0, entrylo1, context, userlocal, pagemask, wired, hwrena;
    uint32_t badvaddr;
    uint32_t count; /* how far Count is ahead of time; while Cause.DC stops it: its value */
    uint32_t entryhi, compare, status, intctl, srsctl, srsmap, cause, epc, prid, ebase;
    uint32_t config, config1, config2, config3, config7, lladdr;
    uint32_t debug, depc, errctl, cacheerr, taglo, datalo, dtaglo, ddatalo, datahi;
    uint32_t errorepc, desave;
    uint32_t watchlo[4], watchhi[4];
} MipsCp0;

/* A TLB, an array a column; also the shadows of what TLBWR evicted (tlb.c). */
typedef struct MipsTlb {
    uint32_t hi[MIPS_TLB_MAX], mask[MIPS_TLB_MAX], lo0[MIPS_TLB_MAX], lo1[MIPS_TLB_MAX];
} MipsTlb;

typedef struct MipsShadow {
    uint32_t hi[MIPS_SHADOWS], lo0[MIPS_SHADOWS], lo1[MIPS_SHADOWS];
} MipsShadow;

/* What a CPU model is: id registers, reset values, features. */
typedef struct MipsModel MipsModel;

/* Features, for the decoder's rows and a model's: what is there. */
enum {
    MIPS_R2 = 1u << 0, /* MIPS32 Release 2 */
    MIPS_FPU = 1u << 1,
    MIPS_M16 = 1u << 2, /* MIPS16e */
    MIPS_MM = 1u << 3,  /* microMIPS */
    MIPS_DSP = 1u << 4,
    MIPS_DSP2 = 1u << 5,
    MIPS_SUPERVISOR = 1u << 6,
    MIPS_USERLOCAL = 1u << 7,
    MIPS_CONFIG23 = 1u << 8,         /* Config2, Config3, Config7 */
    MIPS_VINT = 1u << 9,             /* vectored interrupts */
    MIPS_JALX = 1u << 10,            /* with either of the other ISAs */
    MIPS_WATCH4 = 1u << 11,          /* four pairs of watch registers, else one */
    MIPS_ISA16 = MIPS_M16 | MIPS_MM, /* bit 0 of a jump's target is an ISA mode */
};

/* Starts with the Vcpu. What is guest-visible is in mips_fields (cpu_state.c). */
typedef struct MipsCpu {
    Vcpu v;
    uint32_t r[32];        /* r[0] is 0 */
    uint32_t lo[4], hi[4]; /* LO and HI; 1 to 3: accumulators of the DSP ASE */
    uint32_t btarget;      /* with MIPS_MODE_SLOT: where to go behind it, ISA mode in bit 0 */
    uint32_t llbit;
    uint32_t llva;   /* virtual address of the LL */
    uint32_t fcsr;   /* but for flags and condition codes; its Cause by way of fp_op: fpu.c */
    uint32_t fcc[8]; /* condition codes, 0 or 1 */
    uint32_t zero;
    uint32_t fp_op;            /* the last arithmetic operation, if Cause is not known; else 0 */
    uint64_t fp_a, fp_b, fp_c; /* its operands */
    uint32_t dspcontrol;
    uint32_t irq_level; /* bit i: HWi is asserted */
    uint32_t halted;    /* WAIT */
    uint32_t big_endian;
    uint64_t fpr[32];
    MipsCp0 cp0;
    MipsTlb tlb;
    uint32_t shadow_next; /* way that gives way next */
    uint32_t n_shadows;
    uint8_t fp[2 * sizeof(FpEnv)]; /* copy of VcpuCold.fp, made by settle() */
    MipsShadow shadow;

    /* Not guest-visible, or derived from what is. */
    const MipsModel *model;
    uint32_t features;
    uint32_t cause; /* Cause as it reads: mips_cause() */
    Event timer_event;
    Mmu *mmu;
    Phys *phys;
} MipsCpu;

static inline MipsCpu *mips_cpu(Vcpu *v) { return (MipsCpu *)(void *)v; }

extern const GuestIsa mips_isa;
extern const MmuGuest mips_mmu_guest;

/* Names of the CPU models, NULL-terminated: 4Kc, 4KEc, 24Kc, 24Kf, 74Kf, M14Kc. */
const char *const *mips_models(void);

/**
 * mips_new - a vCPU of model @name, reset, with its soft-MMU.
 * @big_endian: Config.BE
 * @phys, @clock, @log: borrowed
 * Errors: none; an unknown @name gives NULL (the board has checked it against mips_models()).
 */
MipsCpu *mips_new(const char *name, bool big_endian, Phys *phys, Clock *clock,
                  Log *log) G_GNUC_WARN_UNUSED_RESULT;
void mips_free(MipsCpu *cpu);

/* Makes mode word, view, lookup context and pending interrupts anew from CP0 and FCSR; called after
 * anything that they depend on changed. v->mode's ISA and SLOT bits are kept. */
void mips_update(MipsCpu *cpu);

#endif
