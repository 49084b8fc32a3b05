/* SPDX-License-Identifier: MIT */
/* arm.h - ARMv7-A guest: its state, its mode word, what boards call. */
#ifndef FRONTEND_ARM_ARM_H
#define FRONTEND_ARM_ARM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/irq.h"
#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "translator/ir/isa.h"

/* CPSR bits, DDI 0406C.d B1.3.3. */
#define CPSR_N (1u << 31)
enum {
    CPSR_Z = 1u << 30,
    CPSR_C = 1u << 29,
    CPSR_V = 1u << 28,
    CPSR_Q = 1u << 27,
    CPSR_J = 1u << 24,
    CPSR_GE = 0xfu << 16,
    CPSR_IT = 0xfcu << 8 | 3u << 25,
    CPSR_E = 1u << 9,
    CPSR_A = 1u << 8,
    CPSR_I = 1u << 7,
    CPSR_F = 1u << 6,
    CPSR_T = 1u << 5,
    CPSR_M = 0x1f,
};

typedef enum ArmMode {
    ARM_USR = 0x10,
    ARM_FIQ = 0x11,
    ARM_IRQ = 0x12,
    ARM_SVC = 0x13,
    ARM_MON = 0x16,
    ARM_ABT = 0x17,
    ARM_HYP = 0x1a,
    ARM_UND = 0x1b,
    ARM_SYS = 0x1f,
} ArmMode;

/*
 * The mode word: all that a unit's meaning depends on beside its bytes and addresses. Bit 0 is the
 * Thumb bit, as in the low bit of a branch target. Bits 15 to 8 are the IT state of the first
 * instruction. ARM_LOOKUP_MODE is bits 7 to 1.
 */
enum {
    MODE_T = 1u << 0,
    MODE_PRIV = 1u << 1,    /* not USR */
    MODE_E = 1u << 2,       /* CPSR.E: big-endian data */
    MODE_ALIGN = 1u << 3,   /* SCTLR.A: alignment faults for all */
    MODE_FP = 1u << 4,      /* VFP and NEON usable here: CPACR, FPEXC.EN */
    MODE_SVCLIKE = 1u << 5, /* the mode has an SPSR: privileged and not SYS */
    MODE_SWP = 1u << 6,     /* SCTLR.SW: SWP and SWPB are not UNDEFINED */
    MODE_FIQ = 1u << 7,     /* FIQ mode: r8 to r12 are banked out */
    MODE_FPCHECK = 1u << 7, /* FPSCR.LEN or CPACR.ASEDIS is set: data processing must ask */
    MODE_IT_SHIFT = 8,      /* 8 bits, ITSTATE */
    MODE_IT = 0xffu << 8,
};

/* What the inline lookup's context holds of a mode word. */
enum { ARM_LOOKUP_MODE = 0xfe };

/* Banks of sp, lr, spsr: index by arm_bank(). */
enum { BANK_USR, BANK_SVC, BANK_ABT, BANK_UND, BANK_IRQ, BANK_FIQ, BANK_MON, BANK_HYP, N_BANKS };

/* Globals, in the order of arm_globals. r0 to r14 are G_R0 + n; the pc is never a global. */
enum {
    G_R0 = 0,
    G_SP = 13,
    G_LR = 14,
    G_FLAGS = 15,  /* FLAGS; IR_FL_C holds the COMPLEMENT of CPSR.C: a borrow, as subf gives it */
    G_Q = 16,      /* I32: 0 or 1 */
    G_GE = 17,     /* I32: 4 bits */
    G_EXADDR = 18, /* I32: address of the exclusive monitor, IMPLEMENTATION DEFINED tagging by va */
    G_EXSTATE = 19, /* I32: 0 open, else bytes of the exclusive access */
    ARM_N_GLOBALS
};

/* Exceptions, VcpuFault.kind; numbered as the vector offset / 4, B1.8.1. */
enum {
    ARM_EXC_UNDEF = 1,
    ARM_EXC_SVC = 2,
    ARM_EXC_PABT = 3,
    ARM_EXC_DABT = 4,
    ARM_EXC_HYPTRAP = 5,
    ARM_EXC_IRQ = 6,
    ARM_EXC_FIQ = 7,
};

enum { ARM_LINE_IRQ = 0, ARM_LINE_FIQ = 1 }; /* set_irq() */

/* Generic timer, B8: outputs of the four timers, level. */
enum { ARM_TIMER_PHYS, ARM_TIMER_VIRT, ARM_TIMER_HYP, ARM_TIMER_SEC, ARM_N_TIMERS };

typedef struct ArmTimer {
    uint64_t cval;
    uint32_t ctl; /* ENABLE, IMASK; ISTATUS is computed */
    uint32_t zero;
} ArmTimer;

enum { ARM_BREAKPOINTS = 6, ARM_WATCHPOINTS = 4 };

/* CP15 and CP14 registers that are storage, by name of the manual; 64 bits where LPAE has that. */
typedef struct ArmCp15 {
    uint64_t ttbr0, ttbr1, par;
    uint32_t sctlr, actlr, cpacr, ttbcr, dacr;
    uint32_t dfsr, ifsr, dfar, ifar, adfsr, aifsr;
    uint32_t prrr, nmrr, vbar, contextidr;
    uint32_t tpidrurw, tpidruro, tpidrprw, csselr;
    uint32_t cntkctl, cntfrq;
    uint32_t dbgdscr, dbgvcr, dbgoslock, dbgosdlr;
    uint32_t dbgbvr[ARM_BREAKPOINTS], dbgbcr[ARM_BREAKPOINTS];
    uint32_t dbgwvr[ARM_WATCHPOINTS], dbgwcr[ARM_WATCHPOINTS];
    uint32_t pmcr, pmcntenset, pmuserenr, pmintenset, pmselr, pmovsr, zero;
    uint64_t pmccntr; /* while it counts: to be added to the retired count, see pmu.c */
} ArmCp15;

/* What of CP15 changes the meaning of a mapping, packed (modes.c): the index is ViewKey.control. */
enum { ARM_CONTROLS = 16 };

/* What a CPU model is: id registers and reset values. */
typedef struct ArmModel ArmModel;

/* Starts with the Vcpu. What is guest-visible is in arm_fields (cpu_state.c). */
typedef struct ArmCpu {
    Vcpu v;
    uint32_t r[15];
    uint32_t flags;
    uint32_t q, ge, exaddr, exstate;
    uint32_t cpsr;     /* M, F, I, A, E only: the rest lives in flags, q, ge and the mode word */
    uint32_t spsr_now; /* of the current mode */
    uint64_t exvalue;  /* what the exclusive load gave */
    uint64_t d[32];
    uint32_t fpexc,
        fpscr; /* fpscr: control bits and NZCV; cumulative flags are in VcpuCold.fp[0,1] */
    uint32_t usr_r8[5], fiq_r8[5]; /* r8 to r12 of the other side while the bank is out */
    /* Of the other modes: the current one's are in r[] and spsr_now. */
    uint32_t sp[N_BANKS], lr[N_BANKS], spsr[N_BANKS];
    ArmCp15 cp15;
    ArmTimer timer[ARM_N_TIMERS];
    uint64_t cntvoff;
    uint32_t irq_level; /* bit ARM_LINE_*: inputs asserted */
    uint32_t halted;    /* WFI */
    uint32_t event;     /* the event register of WFE */
    uint32_t power_off; /* PSCI CPU_OFF or not yet CPU_ON */
    uint32_t n_controls, zero;
    uint64_t control[ARM_CONTROLS];
    uint8_t fp[2 * sizeof(FpEnv)]; /* copy of VcpuCold.fp, made by settle() */

    /* Not guest-visible, or derived from what is. */
    const ArmModel *model;
    Event timer_event[ARM_N_TIMERS];
    IrqLine *timer_irq[ARM_N_TIMERS]; /* borrowed from the board; NULL: not wired */
    Mmu *mmu;
    Phys *phys;
    /* HVC and SMC: PSCI. Returns true if it handled the call; registers are in r[]. */
    bool (*psci)(void *opaque, struct ArmCpu *cpu);
    void *psci_opaque;
} ArmCpu;

static inline ArmCpu *arm_cpu(Vcpu *v) { return (ArmCpu *)(void *)v; }

extern const GuestIsa arm_isa;
extern const MmuGuest arm_mmu_guest;

/* Names of the CPU models, NULL-terminated: cortex-a7, cortex-a15. */
const char *const *arm_models(void);

/**
 * arm_new - a vCPU of model @name, reset, with its soft-MMU.
 * @phys, @clock, @log: borrowed
 * Errors: none; an unknown @name gives NULL (the board has checked it against arm_models()).
 */
ArmCpu *arm_new(const char *name, Phys *phys, Clock *clock, Log *log) G_GNUC_WARN_UNUSED_RESULT;
void arm_free(ArmCpu *cpu);

/* The whole CPSR, and a write of it (all fields, no privilege check; switches banks). */
uint32_t arm_cpsr(const ArmCpu *cpu);
void arm_set_cpsr(ArmCpu *cpu, uint32_t value);

/* Makes mode word, view and lookup context anew from CPSR and CP15; called after anything that they
 * depend on changed. v->mode's IT bits are kept. */
void arm_update(ArmCpu *cpu);

#endif
