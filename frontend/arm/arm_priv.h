/* SPDX-License-Identifier: MIT */
/* arm_priv.h - what the system side of the ARM guest shares between its files. */
#ifndef FRONTEND_ARM_ARM_PRIV_H
#define FRONTEND_ARM_ARM_PRIV_H

#include "base/state.h"
#include "frontend/arm/arm.h"

/* SCTLR bits, DDI 0406C.d B4.1.130. */
#define SCTLR_TE (1u << 30)
enum {
    SCTLR_M = 1u << 0,
    SCTLR_A = 1u << 1,
    SCTLR_C = 1u << 2,
    SCTLR_CP15BEN = 1u << 5,
    SCTLR_SW = 1u << 10,
    SCTLR_Z = 1u << 11,
    SCTLR_I = 1u << 12,
    SCTLR_V = 1u << 13,
    SCTLR_EE = 1u << 25,
    SCTLR_TRE = 1u << 28,
    SCTLR_AFE = 1u << 29,
};

/* TTBCR bits, DDI 0406C.d B4.1.153: which exist depends on EAE. */
#define TTBCR_EAE (1u << 31) /* long descriptors */
enum {
    TTBCR_EPD0 = 1u << 7,
    TTBCR_A1 = 1u << 22, /* the ASID is TTBR1's */
    TTBCR_EPD1 = 1u << 23,
    TTBCR_SHORT = 0x37, /* PD1, PD0, N */
};
#define TTBCR_LONG 0xbfc73f87u         /* all but bit 30, IMPLEMENTATION DEFINED */
#define TTBCR_LONG_MEANING 0x80870087u /* of those, what a walk looks at: EAE, EPD, TnSZ */

#define FPEXC_EN (1u << 30)
#define FPEXC_DEX (1u << 29)
#define CPACR_ASEDIS (1u << 31)

/* Fault status, FS[4:0] of the short-descriptor format, table B3-23. */
typedef enum ArmFs {
    FS_ALIGNMENT = 0x01,
    FS_DEBUG = 0x02,
    FS_ACCESS_FLAG_SECTION = 0x03,
    FS_TRANSLATION_SECTION = 0x05,
    FS_ACCESS_FLAG_PAGE = 0x06,
    FS_TRANSLATION_PAGE = 0x07,
    FS_EXTERNAL = 0x08,
    FS_DOMAIN_SECTION = 0x09,
    FS_DOMAIN_PAGE = 0x0b,
    FS_EXTERNAL_WALK_1 = 0x0c,
    FS_PERMISSION_SECTION = 0x0d,
    FS_EXTERNAL_WALK_2 = 0x0e,
    FS_PERMISSION_PAGE = 0x0f,
} ArmFs;

/* STATUS[5:0] of the long-descriptor format, table B3-24; the level is in the low two bits. */
typedef enum ArmLongStatus {
    LS_TRANSLATION = 0x04,
    LS_ACCESS_FLAG = 0x08,
    LS_PERMISSION = 0x0c,
    LS_EXTERNAL = 0x10,
    LS_EXTERNAL_WALK = 0x14,
    LS_ALIGNMENT = 0x21,
    LS_DEBUG = 0x22,
} ArmLongStatus;

#define FSR_LPAE (1u << 9) /* the status is in the long-descriptor format */

struct ArmModel {
    const char *name;
    uint32_t midr, ctr, revidr, mpidr, clidr, ccsidr[4]; /* ccsidr by CSSELR: L1D, L1I, L2 */
    uint32_t pfr[2], dfr0, mmfr[4], isar[6];
    uint32_t sctlr, sctlr_write; /* reset value; bits that can be written */
    uint32_t fpsid, mvfr[2];
    uint32_t dbgdidr, dbgdevid, pmcr;
};

/* The model called @name, or NULL. */
const ArmModel *arm_model(const char *name);

/* What arm_isa exports; see GuestIsa. */
enum { ARM_N_FIELDS = 80 }; /* arm_isa is a constant: it cannot ask cpu_state.c */
extern const StateField arm_fields[ARM_N_FIELDS];
void arm_reset(Vcpu *v);
void arm_settle(Vcpu *v);
void arm_loaded(Vcpu *v);
bool arm_sound(const Vcpu *live, const Vcpu *saved, GError **error);
Event *arm_event(Vcpu *v, unsigned i);
void arm_describe(Vcpu *v, GString *out);
void arm_deliver(Vcpu *v);
bool arm_interrupt(Vcpu *v);
bool arm_wakes(const Vcpu *v);
void arm_set_irq(Vcpu *v, unsigned line, bool level);

/* ---- modes.c ---- */

/* Bank of sp, lr and spsr that mode @m uses. */
unsigned arm_bank(ArmMode m);

/* Whether @m is a mode of this processor: no Monitor, no HYP. */
bool arm_mode_exists(ArmMode m);

static inline ArmMode arm_mode(const ArmCpu *cpu) { return (ArmMode)(cpu->cpsr & CPSR_M); }
static inline bool arm_privileged(const ArmCpu *cpu) { return arm_mode(cpu) != ARM_USR; }

/* ITSTATE as the mode word holds it, from a PSR, and back. */
static inline uint32_t arm_it_of_psr(uint32_t psr) { return (psr >> 25 & 3) | (psr >> 8 & 0xfc); }
static inline uint32_t arm_it_to_psr(uint32_t it) { return (it & 3) << 25 | (it & 0xfc) << 8; }

/* CPSR.NZCV as bits 31 to 28, from the layout of IrFlags with C complemented; and back. */
uint32_t arm_nzcv(uint32_t flags);
uint32_t arm_flags_of_psr(uint32_t psr);

/* sp and lr (@r 13, 14) or r8 to r12 of another mode: where they are now. */
uint32_t *arm_banked(ArmCpu *cpu, unsigned r, ArmMode m);

/* Whether CPACR allows VFP and Advanced SIMD here. */
bool arm_fp_allowed(const ArmCpu *cpu);

/* The view keys of now, of privileged or unprivileged accesses. */
ViewKey arm_view_key(ArmCpu *cpu, bool privileged);

/* ---- exceptions.c ---- */

/* Records a guest exception that the instruction which runs raises. */
void arm_raise(Vcpu *v, uint32_t kind, Gva address, uint32_t syndrome);

/**
 * arm_enter - exception entry: bank, SPSR, LR, CPSR, vector, mode word, view.
 * @lr:   what the handler finds in LR
 * @spsr: CPSR to return to
 */
void arm_enter(ArmCpu *cpu, unsigned kind, uint32_t lr, uint32_t spsr);

/* ---- walk.c ---- */

/* Whether translation tables and fault status have the long-descriptor format. */
static inline bool arm_long(const ArmCpu *cpu) { return (cpu->cp15.ttbcr & TTBCR_EAE) != 0; }

/* FSR of a fault that no walk found (@fs: alignment, debug, external), in the current format. */
uint32_t arm_fsr(const ArmCpu *cpu, ArmFs fs);

/* One translation, of which a fault is a result: true with @out, or false with the FSR (WnR and
 * domain included) in @fsr. */
bool arm_translate(ArmCpu *cpu, bool privileged, Gva va, MmuAccess access, MmuMapping *out,
                   uint32_t *fsr);

/* ---- walk_long.c ---- */

/**
 * arm_walk_long - one long-descriptor walk.
 * @leaf:   set to the block or page descriptor, if there is one
 * Returns: 0 with @out; or the status of the fault, ArmLongStatus with its level.
 */
unsigned arm_walk_long(const ArmCpu *cpu, bool privileged, Gva va, MmuAccess access,
                       MmuMapping *out, uint64_t *leaf);

/* ---- helpers_vfp.c ---- */

/* FPSCR as VMRS shows it, and a write of it. */
uint32_t arm_fpscr(ArmCpu *cpu);
void arm_set_fpscr(ArmCpu *cpu, uint32_t value);

/* ---- gdb_desc.c ---- */
extern const struct IsaDebug arm_debug;

/* ---- gtimer.c ---- */

enum { CNT_CTL_ENABLE = 1, CNT_CTL_IMASK = 2, CNT_CTL_ISTATUS = 4 };
enum { CNT_FREQUENCY_HZ = 62500000, CNT_NS = 16 };

void arm_gtimer_init(ArmCpu *cpu);
/* Disarms events, for arm_free(). */
void arm_gtimer_clear(ArmCpu *cpu);
/* Outputs and events from the state. */
void arm_gtimer_settle(ArmCpu *cpu);
/* The count that timer @i compares with, now. */
uint64_t arm_gtimer_count(const ArmCpu *cpu, unsigned i);
uint32_t arm_gtimer_ctl(const ArmCpu *cpu, unsigned i);
void arm_gtimer_set_ctl(ArmCpu *cpu, unsigned i, uint32_t ctl);
void arm_gtimer_set_cval(ArmCpu *cpu, unsigned i, uint64_t cval);

#endif
