/* SPDX-License-Identifier: MIT */
/* mips_priv.h - what the system side of the MIPS guest shares between its files. */
#ifndef FRONTEND_MIPS_MIPS_PRIV_H
#define FRONTEND_MIPS_MIPS_PRIV_H

#include "base/state.h"
#include "frontend/mips/mips.h"

/* Status, MD00090 9.26. */
#define STATUS_CU3 (1u << 31)
enum {
    STATUS_IE = 1u << 0,
    STATUS_EXL = 1u << 1,
    STATUS_ERL = 1u << 2,
    STATUS_R0 = 1u << 3, /* with UM: supervisor mode, where there is one */
    STATUS_UM = 1u << 4,
    STATUS_KSU = 3u << 3,
    STATUS_IM_SHIFT = 8,
    STATUS_NMI = 1u << 19,
    STATUS_SR = 1u << 20,
    STATUS_TS = 1u << 21,
    STATUS_BEV = 1u << 22,
    STATUS_MX = 1u << 24,
    STATUS_RE = 1u << 25,
    STATUS_FR = 1u << 26,
    STATUS_RP = 1u << 27,
    STATUS_CU0 = 1u << 28,
    STATUS_CU1 = 1u << 29,
};

/* Cause, MD00090 9.32. */
#define CAUSE_BD (1u << 31)
enum {
    CAUSE_EXCCODE_SHIFT = 2,
    CAUSE_IP_SOFT = 3u << 8,
    CAUSE_IP_SHIFT = 8,
    CAUSE_WP = 1u << 22,
    CAUSE_IV = 1u << 23,
    CAUSE_DC = 1u << 27,
    CAUSE_CE_SHIFT = 28,
    CAUSE_TI = 1u << 30,
};

/* Config3, MD00090 9.45. */
enum { CONFIG3_ISAONEXC = 1u << 16 };

/* Debug, MD00047 (EJTAG) 5.8. */
#define DEBUG_DBD (1u << 31)
enum {
    DEBUG_DSS = 1u << 0,
    DEBUG_DBP = 1u << 1,
    DEBUG_SST = 1u << 8,
    DEBUG_NOSST = 1u << 9,
    DEBUG_DEXCCODE = 0x1fu << 10,
    DEBUG_VER_SHIFT = 15,
    DEBUG_COUNTDM = 1u << 25,
    DEBUG_LSNM = 1u << 28,
    DEBUG_DM = 1u << 30,
};

/* EntryLo, MD00090 9.3; EntryHi 9.17. */
enum {
    ENTRYLO_G = 1u << 0,
    ENTRYLO_V = 1u << 1,
    ENTRYLO_D = 1u << 2,
    ENTRYLO_PFN_SHIFT = 6,
    ENTRYLO_MASK = 0x3fffffff, /* G, V, D, C, 24 bits of PFN: 36 bits of physical address */
    ENTRYHI_ASID = 0xff,
};
#define ENTRYHI_VPN2 0xffffe000u

struct MipsModel {
    const char *name;
    uint32_t prid, features;
    uint32_t config0, config1, config2, config3, config7; /* config0: without BE and AR */
    uint32_t status_write;                                /* bits that can be written */
    uint32_t fcr0;
    uint32_t tlb_entries;
    uint32_t segment_bits; /* reserved */
};

/* The model called @name, or NULL. */
const MipsModel *mips_model(const char *name);

/* What mips_isa exports; see GuestIsa. */
enum { MIPS_N_FIELDS = 70 }; /* mips_isa is a constant: it cannot ask cpu_state.c */
extern const StateField mips_fields[MIPS_N_FIELDS];
void mips_reset(Vcpu *v);
void mips_settle(Vcpu *v);
void mips_loaded(Vcpu *v);
bool mips_sound(const Vcpu *live, const Vcpu *saved, GError **error);
Event *mips_event(Vcpu *v, unsigned i);
void mips_describe(Vcpu *v, GString *out);
void mips_show_tlb(Vcpu *v, GString *out);
void mips_deliver(Vcpu *v);
bool mips_interrupt(Vcpu *v);
bool mips_wakes(const Vcpu *v);
void mips_set_irq(Vcpu *v, unsigned line, bool level);
unsigned mips_rewind(Vcpu *v);

/* ---- modes.c ---- */

/* Operating modes, MD00090 chapter 3, and what of them changes the meaning of addresses. */
typedef enum MipsRegime {
    MIPS_KERNEL = VIEW_PRIVILEGED | 1,
    MIPS_KERNEL_ERL = VIEW_PRIVILEGED | 2, /* kuseg is not mapped, 4.7 */
    MIPS_DEBUG = VIEW_PRIVILEGED | 3,      /* dseg is there */
    MIPS_SUPER = 4,
    MIPS_USER = 5,
} MipsRegime;

MipsRegime mips_regime(const MipsCpu *cpu);
static inline bool mips_debug_mode(const MipsCpu *cpu) { return (cpu->cp0.debug & DEBUG_DM) != 0; }

/* The view key of now. */
ViewKey mips_view_key(const MipsCpu *cpu);

/* Only what is pending or enabled changed: Cause as it reads, attention. */
void mips_update_irq(MipsCpu *cpu);

/* Cause as it reads: IP of the inputs and the timer included. */
uint32_t mips_cause(const MipsCpu *cpu);

/* ---- watch.c ---- */

/* WatchLo's and WatchHi's low bits. */
enum { MIPS_WATCH_W = 1, MIPS_WATCH_R = 2, MIPS_WATCH_I = 4, MIPS_WATCH_KINDS = 7 };
#define MIPS_WATCHHI_M (1u << 31)

/* Whether some pair may match under the present ASID. */
bool mips_watch_armed(const MipsCpu *cpu);
/* An access: whether it raises a Watch exception now. If not, one may be pending from now on. */
bool mips_watch(MipsCpu *cpu, Gva va, uint32_t bytes, uint32_t kind);
/* Whether the exception that is pending can be taken. */
bool mips_watch_is_due(const MipsCpu *cpu);

void mips_watch_reset(MipsCpu *cpu);
void mips_watchlo_write(MipsCpu *cpu, unsigned i, uint32_t value);
void mips_watchhi_write(MipsCpu *cpu, unsigned i, uint32_t value);

/* ---- exceptions.c ---- */

/* Records a guest exception that the instruction which runs raises. */
void mips_raise(Vcpu *v, uint32_t kind, Gva address, uint32_t syndrome);

/* ---- fpu.c ---- */

/* Bits of the mode word that Status decides: FP, FR. */
uint32_t mips_fp_mode(const MipsCpu *cpu);

/* FCSR as CFC1 shows it, and a write of it with all that follows. */
uint32_t mips_fcsr(MipsCpu *cpu);
void mips_set_fcsr(MipsCpu *cpu, uint32_t value);

/* Register @n as Status.FR says: 64 bits, or 32. */
uint64_t mips_fpr(const MipsCpu *cpu, unsigned n);
void mips_set_fpr(MipsCpu *cpu, unsigned n, uint64_t value);

/* FCSR.Cause, which is worked out only when someone looks, into MipsCpu.fcsr. */
void mips_fpu_settle(MipsCpu *cpu);

/* Whether FPU state from a file is what instructions can have left. */
bool mips_fpu_is_sound(const MipsCpu *saved);

/* GuestIsa.fp_trap. */
void mips_fp_trap(Vcpu *v, uint32_t flags);

/* ---- gdb_desc.c ---- */
extern const struct IsaDebug mips_debug;

/* ---- timer.c ---- */

void mips_timer_init(MipsCpu *cpu);
/* Disarms the event, for mips_free(). */
void mips_timer_clear(MipsCpu *cpu);
/* The event from the state. */
void mips_timer_settle(MipsCpu *cpu);
uint32_t mips_count_read(const MipsCpu *cpu);
/* The same for the guest: Cause.TI is set if it has passed Compare. */
uint32_t mips_count_seen(MipsCpu *cpu);
void mips_count_write(MipsCpu *cpu, uint32_t value);
void mips_compare_write(MipsCpu *cpu, uint32_t value);
/* Cause.DC becomes @stop. */
void mips_count_stop(MipsCpu *cpu, bool stop);

/* ---- tlb.c ---- */

/* All entries become those of reset, no shadows. */
void mips_tlb_reset(MipsCpu *cpu);

/**
 * mips_tlb_translate - one mapped access.
 * Returns: 0 with @out; or the MIPS_EXC_* it raises, with MIPS_NO_MATCH in @syndrome if no entry
 *          matched.
 * @probe:  leave everything as it is
 */
uint32_t mips_tlb_translate(MipsCpu *cpu, uint8_t asid, Gva va, MmuAccess access, bool probe,
                            MmuMapping *out, uint32_t *syndrome);

/* The instructions, on EntryHi, EntryLo, PageMask, Index. */
void mips_tlbp(MipsCpu *cpu);
void mips_tlbr(MipsCpu *cpu);

/* False: another entry maps part of it, so nothing is written but Status.TS; a Machine Check. */
bool mips_tlbwi(MipsCpu *cpu);
bool mips_tlbwr(MipsCpu *cpu);

/* Random, which steps. */
uint32_t mips_tlb_random(MipsCpu *cpu);

/* Whether the entries of @saved, which is nothing but fields, are what the instructions can have
 * written on a @model. */
bool mips_tlb_is_sound(const MipsCpu *saved, const MipsModel *model);

#endif
