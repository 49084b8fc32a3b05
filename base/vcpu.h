/* SPDX-License-Identifier: MIT */
/*
 * vcpu.h - the part of a virtual CPU that every layer knows.
 *
 * One allocation holds [VcpuCold][Vcpu ... rest of the guest's state struct]. Translated code keeps
 * the address of the Vcpu in a host register: what is hot lies within 127 bytes behind it, what is
 * cold lies before it at negative offsets. A guest's state struct starts with its Vcpu.
 */
#ifndef BASE_VCPU_H
#define BASE_VCPU_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/fpenv.h"
#include "base/log.h"

enum {
    VCPU_LOOKUP_ENTRIES = 16384, /* of the inline lookup hash */
    VCPU_LEDGER_ROWS = 2048,     /* decoder rows that can be counted, each by privilege */
    VCPU_EXCEPTIONS = 32,        /* kinds of a guest's exceptions, at most */
    VCPU_HOST_REGS = 16,
    VCPU_REPLAYS = 2, /* device accesses an instruction makes inside its unit, at most */
};

/* Why the unit that runs must be left at this very instruction; set by helpers called from it. */
typedef enum VcpuLeave {
    LEAVE_NO,
    LEAVE_FAULT, /* this instruction raises the guest exception in @fault; nothing of it is done */
    LEAVE_STEP,  /* this access is not made; the interpreter must execute the instruction */
    LEAVE_AFTER, /* this device access, the last in @replay, is made; the interpreter must go on */
} VcpuLeave;

/* Bits of Vcpu.attention: the dispatcher must look before the next unit that checks. */
typedef enum VcpuAttention {
    ATTN_IRQ =
        1u << 0, /* level of an interrupt input, masked or not; bits 0 to 3 are the guest's */
    ATTN_FIQ = 1u << 1,
    ATTN_STOP = 1u << 4, /* the machine wants the loop back */
    ATTN_HALT = 1u << 5, /* WFI and its kin: nothing runs until an interrupt */
    ATTN_PLAN = 1u << 6, /* the earliest deadline moved: plan the slice again */
} VcpuAttention;

/* A guest exception raised by an instruction, before it is delivered. */
typedef struct VcpuFault {
    uint32_t kind;     /* the guest's own number */
    uint32_t address;  /* faulting address where the kind has one */
    uint32_t syndrome; /* the guest's own encoding */
    uint32_t zero;
} VcpuFault;

/* The device accesses that an instruction has made inside its unit. If the interpreter must finish
 * it, its first device accesses are these: they are not made again. */
typedef struct VcpuReplay {
    uint64_t value[VCPU_REPLAYS]; /* what they gave */
    uint64_t count;               /* retired count of the instruction */
    uint32_t made;                /* how many */
    uint32_t valid;               /* how many of them the interpreter has still to take */
} VcpuReplay;

/* Direct-mapped: vcpu_lookup_slot(). A tag is the context that the entry was made under, over the
 * address and bit 0 of the mode. Where only the epoch differs, in bits 63 to 48, the entry holds
 * under the present context as well if its page is fetched from where it was then. */
typedef struct VcpuLookup {
    uint64_t tag;
    const void *code; /* host address to jump to, in the executable mapping */
} VcpuLookup;

/* Where a guest's x87 registers are: VcpuX87.state. */
typedef enum VcpuX87State {
    X87_IN_GUEST, /* in the guest's state struct; the image means nothing */
    X87_IN_IMAGE, /* in the image */
    X87_IN_HOST,  /* in the host's x87, only while translated code runs */
} VcpuX87State;

/* For guests with an x87 on hosts with one. */
typedef struct VcpuX87 {
    uint32_t state;     /* VcpuX87State */
    uint32_t was;       /* of thunks: the registers were in the host's x87 */
    uint64_t memory[2]; /* an instruction's memory operand */
    uint8_t image[112]; /* as FNSAVE stores it in 32-bit protected format: 108 bytes */
} VcpuX87;

typedef struct Vcpu Vcpu;
struct GuestIsa;

/* Not touched by translated code but by name below; never moved. */
typedef struct VcpuCold {
    uint32_t lookup_fetch[VCPU_LOOKUP_ENTRIES]; /* of each lookup: its page's entry in the view */
    VcpuLookup lookup[VCPU_LOOKUP_ENTRIES];
    uint64_t ledger[2 * VCPU_LEDGER_ROWS]; /* executions: [2 * row + (privileged ? 1 : 0)] */
    uint64_t exceptions[VCPU_EXCEPTIONS];  /* and interrupts taken, by the guest's own number */
    uint64_t host_reg[VCPU_HOST_REGS]; /* saved by the thunks, indexed as the host numbers them */
    uint8_t host_vec[VCPU_HOST_REGS][16];
    uint32_t vecs_in_host; /* the guest's vectors are in host registers: GuestIsa.vecs */
    uint32_t host_csr[2];  /* control and status of the host's FP, as it was last seen */
    uint64_t host_flags;   /* of an access that goes by the tables instead of the window */
    uint64_t host_stack;   /* the frame translated code runs in: spill slots lie from here up */
    const void *host_pc;   /* return address into translated code while a helper runs; else NULL */
    /* Adds to fp[0].flags what inline code has raised in the host since; NULL outside units. Who
     * reads or replaces those flags calls vcpu_fp_sync() first. */
    void (*fp_sync)(struct Vcpu *v);
    FpEnv fp[2]; /* guest state: [0] by the guest's control word, [1] a second, fixed one */
    VcpuX87 x87;
    VcpuFault fault; /* with leave == LEAVE_FAULT */
    VcpuReplay replay;
    uint64_t now_count; /* retired count of the instruction a helper or device is called for */
    uint64_t callouts;  /* helpers called as callouts */
    uint64_t slow_loads, slow_stores, slow_runs, device_accesses; /* statistics */
    uint8_t *unpriv_view; /* view of the unprivileged accesses of privileged code (LDRT) */
    const struct GuestIsa *isa;
    struct Mmu *mmu;
    struct Translator *tr;
    Clock *clock;
    Log *log;
    void *machine; /* whoever runs the loop */
} VcpuCold;

struct Vcpu {
    int64_t budget;      /* instructions left before @limit; in a host register inside units */
    uint64_t limit;      /* retired count at which the budget is 0 */
    uint8_t *view;       /* base of the current view's tables (softmmu/view.h) */
    uint64_t lookup_ctx; /* upper half of the tags that are valid now; lower half 0 */
    Gva pc;              /* of the next instruction; exact outside units */
    uint32_t mode; /* the guest's mode word: all a unit's meaning depends on beside its bytes */
    uint32_t attention; /* VcpuAttention bits */
    uint32_t leave;     /* VcpuLeave */
};

enum { VCPU_COLD_BYTES = (sizeof(VcpuCold) + 63) / 64 * 64 };

static inline VcpuCold *vcpu_cold(Vcpu *v)
{
    return (VcpuCold *)(void *)((char *)v - VCPU_COLD_BYTES);
}

static inline void vcpu_fp_sync(Vcpu *v)
{
    if (vcpu_cold(v)->fp_sync) {
        vcpu_cold(v)->fp_sync(v);
    }
}

/* Offset from the Vcpu of a member of VcpuCold: negative. */
#define VCPU_COLD_OFFSET(m) ((int32_t)offsetof(VcpuCold, m) - (int32_t)VCPU_COLD_BYTES)

/* Instructions retired so far; exact outside units and for the instruction a callout was made for
 * only through now_count. */
static inline uint64_t vcpu_retired(const Vcpu *v) { return v->limit - (uint64_t)v->budget; }

/* Moves the deadline without changing what has retired. */
static inline void vcpu_set_limit(Vcpu *v, uint64_t limit)
{
    v->budget += (int64_t)(limit - v->limit);
    v->limit = limit;
}

/* Zeroed, with room for a guest state struct of @state_bytes that starts with the Vcpu. */
Vcpu *vcpu_new(size_t state_bytes) G_GNUC_WARN_UNUSED_RESULT;
void vcpu_free(Vcpu *v);

/* Of a tag with lower half @low: bits 15 to 2 of five times it. Addresses that differ in bits 1:0
 * have slots of their own, aligned ones are as far from each other as without the factor. */
static inline unsigned vcpu_lookup_slot(uint32_t low)
{
    return low * 5 >> 2 & (VCPU_LOOKUP_ENTRIES - 1);
}

/* Enters @code, of the unit with lower half @low, whose page has the fetch entry @fetch, under the
 * present context. */
static inline void vcpu_remember_lookup(Vcpu *v, uint32_t low, uint32_t fetch, const void *code)
{
    unsigned slot = vcpu_lookup_slot(low);

    vcpu_cold(v)->lookup[slot] = (VcpuLookup){ v->lookup_ctx | low, code };
    vcpu_cold(v)->lookup_fetch[slot] = fetch;
}

/* Empties the inline lookup hash. */
void vcpu_forget_lookups(Vcpu *v);

#endif
