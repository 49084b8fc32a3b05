/* SPDX-License-Identifier: MIT */
/* isa.h - what the translator, the backends and the command line see of a guest, and of a host. */
#ifndef TRANSLATOR_IR_ISA_H
#define TRANSLATOR_IR_ISA_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/vcpu.h"
#include "translator/ir/ir.h"

/*
 * Popek and Goldberg, CACM 17(7), 1974. A guest can be virtualized by trapping alone when no row is
 * SENSITIVE; those that are, the critical ones, must be found by translation.
 */
typedef enum Sensitivity {
    SENS_INNOCUOUS,
    SENS_PRIVILEGED,          /* traps in user mode */
    SENS_SENSITIVE_CONTROL,   /* does not trap; changes mode or resources */
    SENS_SENSITIVE_BEHAVIOUR, /* does not trap; result depends on mode or resources */
    N_SENSITIVITIES,
} Sensitivity;

/* How a row's effect is reached. */
typedef enum Handling {
    HOW_TRANSLATED, /* as any innocuous instruction */
    HOW_INLINE,     /* sensitive, but inline code is provably the same */
    HOW_CALLOUT,    /* by an emulation routine */
    N_HANDLINGS,
} Handling;

/* The columns every guest's decoder rows have in common. */
typedef struct InsnInfo {
    const char *name;
    const char *encoding; /* "A1", "T2" and so on, or the opcode map */
    Sensitivity sens;
    Handling how;
    bool traps_in_user;
    const char *spec; /* where the manual defines it */
} InsnInfo;

/* A guest register that a frontend lets the translator keep in host registers. */
struct IrGlobal {
    const char *name;
    int32_t offset; /* of its home, from the Vcpu */
    IrType type;    /* I32, I64 or FLAGS */
    uint8_t pin;    /* rank for a fixed host register: 1 first; 0 never */
};

/* What a helper does beside computing from its arguments. Without any bit it is a pure function. */
typedef enum IrHelperEffect {
    HELPER_STATE = 1u << 0,   /* reads or writes CPU state outside the globals: keeps its place */
    HELPER_GLOBALS = 1u << 1, /* reads or writes globals: homes are current before, re-read after */
    HELPER_FAULTS = 1u << 2,  /* may set leave: a fault point; pc in the Vcpu is not current */
    HELPER_MOVES = 1u << 3,   /* sets pc, mode or view; an EXIT (dispatch, leave) follows */
    HELPER_CALLOUT = 1u << 4, /* emulates a sensitive instruction: counted, logged by -d callout */
    HELPER_X87_SHIFT = 8,     /* from here on an IrX87: what a host with an x87 may do instead */
} IrHelperEffect;

/*
 * Helpers that do x87 instructions. Argument a is a constant: the instruction's FOP, that is the
 * low three bits of its first byte and its ModRM byte; with IR_X87_BY_HELPER the helper is to be
 * called. A host that does one natively does all in a row so; GuestIsa.x87_image says how it gets
 * there.
 */
typedef enum IrX87 {
    IR_X87_NO,
    IR_X87_OP,    /* the instruction as it is */
    IR_X87_LOAD,  /* with the memory operand b, its bytes 8 and 9 in c */
    IR_X87_STORE, /* gives the memory operand's first eight bytes */
    IR_X87_HIGH,  /* gives bytes 8 and 9 of what the last IR_X87_STORE stored */
    IR_X87_DONE,  /* nothing: IR_X87_STORE has done it all */
    IR_X87_ORDER, /* gives CF in bit 0, PF in bit 2, ZF in bit 6 */
    IR_X87_IF,    /* FCMOVNE with ST(i) if b is not zero */
    IR_X87_N_KINDS
} IrX87;
enum { IR_X87_BY_HELPER = 1 << 16 };

/**
 * A routine that units call. Arguments and result are zero-extended; absent ones are 0. A helper
 * that raises a guest exception fills VcpuCold.fault, sets leave = LEAVE_FAULT and returns: what it
 * has done must then be nothing the guest can see.
 */
typedef uint64_t (*IrHelperFn)(Vcpu *v, uint64_t a, uint64_t b, uint64_t c);

typedef struct IrHelper {
    const char *name;
    IrHelperFn fn;
    uint32_t effects;
} IrHelper;

/* What lift() is told and answers. */
typedef struct IsaLift {
    IrBlock *blk;
    Vcpu *v;             /* only for configuration that never changes while units live */
    Gva pc;              /* in: of this instruction; out: of the next one */
    uint32_t mode;       /* in: of this instruction; out: of the next one */
    const uint8_t *code; /* bytes at pc */
    unsigned avail;      /* how many of them are readable: at least 1 */
    unsigned room;       /* instructions the unit may still take, this one included */
} IsaLift;

typedef enum IsaLifted {
    LIFTED,      /* appended; the unit may go on at the new pc */
    LIFTED_END,  /* appended; the block has ended */
    LIFT_MORE,   /* nothing appended: the instruction is longer than @avail */
    LIFT_BEFORE, /* nothing appended: this instruction wants to start a unit of its own */
} IsaLifted;

/* How a state-saving or showing tool walks the guest's state. */
struct StateField;
struct IsaDebug;

struct GuestIsa {
    const char *name;
    unsigned n_insns;
    /* Row @i of the decoder tables. The same number indexes the ledger. */
    const InsnInfo *(*insn)(unsigned i);
    /* What is sensitive by where it happens and belongs to no row: a sentence a line. */
    const char *location;
    /* Names of the exceptions and interrupts, by VcpuCold.exceptions' index; NULL where none is. */
    const char *const *exceptions;
    unsigned n_exceptions;
    const IrGlobal *globals;
    unsigned n_globals;
    const IrHelper *helpers;
    unsigned n_helpers;
    /* The flags of both FP environments are one register to the guest, as ARM's FPSCR: a host may
     * add what environment 1 raises to environment 0's. */
    bool fp_flags_shared;
    /* Offset of MXCSR from the Vcpu, for guests whose units have SSE rows; 0: none. Flags may be in
     * the host until vcpu_fp_sync(), which is to be called ahead of a change and behind it. */
    int32_t mxcsr;
    /* Offset from the Vcpu of @n_vecs vectors of 16 bytes that gld and gst access whole: a host may
     * keep them in registers while units run. C finds them in memory and may change them there. */
    int32_t vecs;
    unsigned n_vecs;

    /**
     * lift - append one guest instruction: ir_insn() first, then its effect.
     * An encoding that is not an instruction raises the guest's exception when executed.
     * What it appends may depend on the bytes, pc, mode and constant configuration only.
     * A branch may append the instruction of its delay slot too, if there is room for two.
     */
    IsaLifted (*lift)(IsaLift *l);

    /* For instructions that may have been appended behind a branch: if v->mode says that the one at
     * v->pc was, moves both back to the branch and gives 1, how many more must be executed to have
     * executed it; else 0. The branch is executed twice then, so that must be the same as once.
     * NULL: there are none. */
    unsigned (*rewind)(Vcpu *v);

    /* The bits of a mode word that the inline lookup's context holds: some of bits 15 to 1. All
     * others but bit 0 are state that a jump hardly enters with (ARM's ITSTATE): the inline lookup
     * serves only modes without them, so dispatch with any of them set is a miss. */
    uint16_t lookup_mode;

    /* Makes VcpuCold.x87.image hold the x87's registers if they are IN_GUEST; NULL: no x87. */
    void (*x87_image)(Vcpu *v);

    /* Takes the exception in VcpuCold.fault, raised by the instruction at v->pc: state, pc, mode
     * and view become the handler's. Counts one retired instruction. */
    void (*deliver)(Vcpu *v);

    /* An FP operation with IR_FP_TRAPS has raised @flags, one of which traps: fills VcpuCold.fault
     * and sets leave = LEAVE_FAULT. NULL: there are none. */
    void (*fp_trap)(Vcpu *v, uint32_t flags);

    /* Takes an interrupt if one is asserted and not masked: true if so. Counts one. */
    bool (*interrupt)(Vcpu *v);

    /* Whether a halted vCPU must wake: an interrupt is asserted, masked or not. */
    bool (*wakes)(const Vcpu *v);

    /* Raises or drops interrupt input @line. */
    void (*set_irq)(Vcpu *v, unsigned line, bool level);

    /* Power-on or warm reset: everything to reset values; the board sets pc and registers next. */
    void (*reset)(Vcpu *v);

    /* All guest-visible state of the vCPU, as rows (base/state.h), offsets from the Vcpu; the flags
     * and whatever else has don't-care bits are put into canonical form by settle() first. */
    const struct StateField *fields;
    unsigned n_fields;
    void (*settle)(Vcpu *v);
    /* Whether the fields of @saved, which are within their limits, fit each other and the model of
     * @live: @saved holds nothing but what a stranger's file says. NULL: always.
     * Errors: BASE_ERROR_RANGE. */
    bool (*sound)(const Vcpu *live, const Vcpu *saved, GError **error);
    /* The vCPU's @i-th event, armed or not; NULL behind the last. May be NULL: it has none. */
    Event *(*event)(Vcpu *v, unsigned i);
    /* After a load: derived state (view, lookup context, pending) is made anew. */
    void (*loaded)(Vcpu *v);

    /* Appends registers as text, for the monitor. */
    void (*describe)(Vcpu *v, GString *out);

    /* The same for the TLB, or for what page tables map. NULL: the soft-MMU's pages are shown. */
    void (*show_tlb)(Vcpu *v, GString *out);
    /* Ranges of virtual addresses with equal rights. NULL: not for this guest. */
    void (*show_ranges)(Vcpu *v, GString *out);

    /* Registers as a debugger sees them. */
    const struct IsaDebug *debug;

    /* The name of the row that the instruction at @code belongs to, for when Capstone fails. */
    const char *(*row_name)(const uint8_t *code, unsigned avail, uint32_t mode);
    /* Capstone's architecture and mode for @mode; -1 if it has none. */
    void (*capstone)(uint32_t mode, int *arch, int *cs_mode);
};

/* What an FP row with immediate @imm does on @v. */
uint64_t isa_do_fp(Vcpu *v, IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, uint64_t imm);

/* What a vector FP row with immediate @imm does on @v. */
IrVec isa_do_vec_fp(Vcpu *v, IrOp op, IrType type, IrVec a, IrVec b, uint64_t imm);

/**
 * isa_fp_gather - ends an FP operation that may trap, begun with the flags of @env set to 0.
 * @before: the flags as they were
 * Returns: false if it has trapped: @env's flags are @before again, leave is set.
 */
bool isa_fp_gather(Vcpu *v, FpEnv *env, uint32_t before);

/* ---- hosts ---- */

typedef struct HostIsa HostIsa;
typedef struct Host Host;

/* Where code goes: one memory mapped twice. */
typedef struct HostCode {
    uint8_t *rw;     /* write here */
    uint8_t *rw_end; /* never beyond */
    ptrdiff_t to_rx; /* add to reach the executable twin */
} HostCode;

/* A place in a unit that goes to a constant guest address and can be linked to a unit there. */
typedef struct HostSite {
    uint32_t code_offset; /* of the 4 bytes to patch, from the unit's code */
    uint32_t aux_offset;  /* of the 4 bytes that hold the expected fetch entry; 0: same page */
    uint32_t stub_offset; /* where it goes while unlinked */
    Gva va;
    uint32_t mode;
} HostSite;

enum { HOST_SITES_MAX = 64 };

/* What compile() makes beside the code. */
typedef struct HostUnit {
    const uint8_t *code; /* executable address of the unit's entry */
    uint32_t code_bytes;
    const uint8_t *side; /* side table, in the cache, behind the code */
    uint32_t side_bytes;
    unsigned n_sites;
    /* With HostOptions.count_units: how often the head found enough budget. Lives as long as the
     * code. Else NULL. */
    const uint64_t *executions;
    HostSite *site; /* compile(): the caller's array of HOST_SITES_MAX to fill; then borrowed */
} HostUnit;

/* Why translated code came back. */
typedef enum HostExit {
    HOST_BUDGET, /* at a unit's head: v->pc, v->mode are its; nothing of it is done */
    HOST_LINK, /* at an unlinked site: v->pc, v->mode are the target's; cold->host_pc in the stub */
    HOST_LOOKUP, /* indirect: v->pc, v->mode are the target's and not in the hash */
    HOST_LEAVE,  /* attention, leave or a failed guard: v->pc, v->mode are current */
    HOST_INSIDE, /* v->leave is set; cold->host_pc is the fault point: recover() it */
} HostExit;

/* Where in a unit a fault point is. */
typedef struct HostPoint {
    Gva pc;
    uint32_t mode;
    unsigned index; /* of the guest instruction in the unit, from 0 */
    unsigned total; /* instructions the unit's head has taken from the budget */
} HostPoint;

typedef struct HostOptions {
    bool chain;       /* sites may be linked */
    bool count_units; /* count each execution of a unit exactly */
    /* Called at each unit's head that finds enough budget (-d exec); NULL: off. */
    void (*trace)(Vcpu *v, Gva pc, uint32_t mode);
    /* Called before each helper with HELPER_CALLOUT (-d callout); NULL: off. */
    void (*callout)(Vcpu *v, Gva pc, uint32_t helper);
    uint32_t cpu_features_off; /* host features tests switch off */
    bool optimise_off;         /* as plain as possible, for finding bugs */
} HostOptions;

struct HostIsa {
    const char *name;
    bool interprets; /* its code is not machine code */

    /* Makes a host for guest @isa; entry stubs are written at @code, which moves behind them. */
    Host *(*create)(const GuestIsa *isa, const HostOptions *options, HostCode *code);
    void (*destroy)(Host *h);

    /**
     * compile - turn a verified block into code and side table at @code, which moves behind them.
     * Returns: false if there was not room; @code is then unchanged.
     */
    bool (*compile)(Host *h, const IrBlock *blk, HostCode *code, HostUnit *out);

    /* Runs from @entry (executable address) until something leaves. */
    HostExit (*enter)(Host *h, Vcpu *v, const void *entry);

    /**
     * recover - make the guest state that of fault point cold->host_pc of @u: earlier instructions
     * done, this one not. Globals go to their homes.
     * Does not touch the budget, pc or mode.
     */
    void (*recover)(Host *h, Vcpu *v, const HostUnit *u, HostPoint *point);

    /* Which instruction cold->host_pc belongs to, nothing changed. */
    void (*locate)(Host *h, const Vcpu *v, const HostUnit *u, HostPoint *point);

    /* Points site @i of @from at @entry (@fetch: expected low half of its page's fetch entry), or,
     * with NULL, back at its stub. */
    void (*link)(Host *h, const HostUnit *from, ptrdiff_t to_rw, unsigned i, const void *entry,
                 uint32_t fetch);

    /* Where the access of hot unit @u at @host_pc goes by the tables instead of the window, with
     * the same registers. NULL if no such access is there; not set by a host without windows. */
    const void *(*elsewhere)(Host *h, const HostUnit *u, const void *host_pc);

    /* Makes the access at @host_pc, which elsewhere() knows, go there from now on. */
    void (*divert)(Host *h, const HostUnit *u, ptrdiff_t to_rw, const void *host_pc);

    /* Appends the unit as text, for -d out_asm. */
    void (*disassemble)(Host *h, const HostUnit *u, GString *out);
};

#endif
