/* SPDX-License-Identifier: MIT */
/*
 * x64_priv.h - what the files of this backend share.
 *
 * Host registers inside a unit:
 *   rbp  the Vcpu             r14  base of the view's tables
 *   rsp  the frame of slots   r15  the budget
 *   rbx rdi r8 to r13         globals, by pin rank
 *   rax rcx rdx rsi           scratch
 *   xmm0 to xmm15             see vecalloc.c
 * A value narrower than its register is zero-extended in it. At a fault point, and wherever a unit
 * is left or entered, each pinned global is in its register and every other one in its home.
 */
#ifndef BACKEND_X64_X64_PRIV_H
#define BACKEND_X64_X64_PRIV_H

#include "backend/x64/asm.h"
#include "backend/x64/x64.h"
#include "base/vcpu.h"
#include "translator/ir/ir.h"

enum {
    N_REGS = 16,
    N_VECS = 16,                   /* XMM registers */
    N_SLOTS = 250,                 /* 8 bytes each; slot 0 is for moments inside one operation */
    FRAME_BYTES = 8 * N_SLOTS + 8, /* keeps rsp a multiple of 16 behind six pushes */
    NO_SLOT = 0xff,
    NO_GLOBAL = 0xff,
    NO_POS = 0xffff,
    FIRST_VEC = 3,     /* xmm0 to xmm2 are free within every operation */
    FIRST_VEC_PIN = 8, /* from here on the guest's vectors, if it has any: vecpins.c */
    VEC_PINS_MAX = N_VECS - FIRST_VEC_PIN,
    N_HINTS = IR_GLOBALS_MAX + VEC_PINS_MAX, /* see Val.hint */
};

#define SCRATCH ((uint16_t)(1u << RAX | 1u << RCX | 1u << RDX | 1u << RSI))

/* How the uses of a value look that have been seen so far. */
typedef enum ValBits {
    VAL_FUSED = 1 << 0,  /* all uses can take it as a condition */
    VAL_SCALED = 1 << 1, /* all uses are additions */
    VAL_TESTED = 1 << 2, /* all uses compare it with 0 */
    VAL_LAZY = 1 << 3,   /* nothing is emitted at its definition, its use does it */
} ValBits;

/* A value. A constant has no place; FLAGS are never in a register. */
typedef struct Val {
    uint16_t last; /* the last operation that needs it */
    uint16_t set;  /* the set that hint is about */
    IrRef same;    /* the value it is another name of; or itself */
    uint8_t reg, slot;
    uint8_t home; /* the global whose home holds it */
    uint8_t hint; /* a pinned global, or the flags, that it should be computed into; from
                   * IR_GLOBALS_MAX on one of the guest's vectors */
    uint8_t uses; /* 0, 1, or 2 for more */
    uint8_t bits; /* ValBits */
    uint8_t need; /* of FLAGS: NEED_* */
    uint8_t vec;  /* XMM register, of the types that live there */
} Val;

/* Which of its bits users of a FLAGS value look at. */
enum { NEED_SZ = 1, NEED_C = 2, NEED_O = 4, NEED_ALL = 7 };

/* A call of C from behind the unit's code. */
typedef enum SlowKind {
    SLOW_LOAD,
    SLOW_STORE,
    SLOW_RUN,
    SLOW_FP,
    SLOW_VEC_FP,
    SLOW_KINDS
} SlowKind;

/* What a store puts into memory: a register, or an immediate if that is NO_REG. */
typedef struct Stored {
    X64Reg reg;
    X64Reg swapped; /* a temp for its bytes in the other order, if that is not done in place */
    int32_t imm;
    int32_t imm_in_order; /* of bytes in memory */
    bool wide;            /* the register holds 64 bits */
} Stored;

typedef struct Slow {
    uint8_t kind, va, dst;
    uint8_t value;               /* register; NO_REG: constant */
    uint8_t dst_bits, from_bits; /* load: sign-extend, or 0 */
    uint16_t insn;               /* index of the guest instruction */
    Gva pc;
    uint32_t mode;
    uint32_t memop;
    int32_t imm;
    uint8_t *from[4];    /* jumps that lead here */
    uint8_t *misaligned; /* jump to take when it is not aligned, or NULL */
    uint8_t tmp;         /* a register free for the misaligned path */
    uint8_t type;        /* IrType of what is loaded or stored, or of an FP operation's result */
    bool keeps_vecs;     /* XMM registers hold values that are needed later */
    uint8_t vec[3];      /* operands of an FP operation; NO_REG where absent */
    uint8_t csr;         /* which of VcpuCold.host_csr has MXCSR as it was before */
    uint8_t *aligned;    /* where it goes back to after that check */
    uint8_t *back;
    /* Of an access in the window: where it is, what it is (emit_mem.c), and where it goes by the
     * tables; the jump taken when it breaks its alignment rule. */
    uint8_t *site, *elsewhere, *unruly;
    uint8_t access_type; /* IrType of a load's result */
    bool keeps_flags;    /* the host's flags must survive */
    struct Stored stored;
} Slow;

/* An exit behind the unit's code. */
typedef enum OutKind { OUT_GOTO, OUT_LEAVE, OUT_LOOKUP, OUT_LINK } OutKind;

typedef struct Out {
    uint8_t kind;
    uint8_t site; /* OUT_LINK */
    uint32_t credit;
    Gva pc;
    uint32_t mode;
    uint8_t *from;
} Out;

/* A fault point. */
typedef struct Point {
    uint32_t offset; /* of the return address, from the unit's code */
    uint16_t insn;
    Gva pc;
    uint32_t mode;
} Point;

/* What is where when a region begins. */
typedef struct Snap {
    IrRef owner[N_REGS];
    IrRef in_home[IR_GLOBALS_MAX];
    IrRef slot_owner[N_SLOTS];
} Snap;

/* A value is known modulo 2^bits: aligned.c. */
typedef struct Aligned {
    IrRef ref;
    uint8_t bits;
    uint32_t value;
} Aligned;

enum { OUTS_MAX = IR_BLOCK_MAX + 2 * HOST_SITES_MAX };

/* A unit being compiled. */
typedef struct Gen {
    Asm as;
    Host *h;
    const IrBlock *blk;
    HostUnit *unit;
    uint64_t *counter;     /* of its executions, or NULL */
    uint8_t *start, *head; /* of the unit's code; where its own loops come back to */
    unsigned i;            /* the operation being emitted */
    unsigned insn;         /* the guest instruction it belongs to, from 0 */
    Gva pc;
    uint32_t mode;
    uint16_t locked;     /* registers this operation is using */
    IrRef owner[N_REGS]; /* what each register holds; IR_NONE: nothing known */
    IrRef in_home[IR_GLOBALS_MAX];
    IrRef slot_owner[N_SLOTS];
    unsigned n_slots; /* slots ever used */
    IrRef vec_owner[N_VECS];
    uint16_t vec_locked;
    bool x87_live;       /* the guest's x87 registers are in the host's */
    uint8_t csr;         /* the VcpuCold.host_csr that holds MXCSR as it is; CSR_UNKNOWN */
    IrRef eflags;        /* FLAGS value in the host's flags; or IR_NONE */
    uint8_t eflags_has;  /* NEED_* */
    bool eflags_zero_co; /* carry and overflow are known to be 0 */
    IrRef szof;          /* value whose sign and zero the host's flags show; or IR_NONE */
    Aligned aligned[32];
    unsigned n_aligned, n_aligned_ahead; /* in use; of those, from ahead of the open region */
    uint8_t *skip;                       /* jump of the open region */
    unsigned region;                     /* regions left, counted down */
    Snap snap;
    unsigned n_slow, n_outs, n_points;
    uint8_t live[IR_BLOCK_MAX];
    uint32_t region_sets[IR_BLOCK_MAX / 2]; /* globals set inside, by region from the last */
    Val val[2 * IR_BLOCK_MAX];
    Slow slow[IR_BLOCK_MAX];
    Out out[OUTS_MAX];
    Point point[IR_BLOCK_MAX];
} Gen;

/* Routines that units call; see stubs.c. */
typedef enum Thunk {
    THUNK_LOAD,
    THUNK_STORE,
    THUNK_CAS,
    THUNK_RUN,
    THUNK_CALL,         /* a helper */
    THUNK_CALL_GLOBALS, /* a helper that sees globals */
    THUNK_CALL_PURE,
    THUNK_EVAL, /* a pure operation by its definition */
    THUNK_FP,
    THUNK_FP_TRAP, /* one that may leave */
    THUNK_VEC,     /* a vector row; operands and result are in VcpuCold.host_vec */
    THUNK_VEC_FP,  /* likewise; MXCSR becomes what it was before */
    /* the same with XMM registers kept */
    THUNK_LOAD_VECS,
    THUNK_STORE_VECS,
    THUNK_RUN_VECS,
    N_THUNKS
} Thunk;

/* Vectors that units read. */
typedef enum VecConst {
    VEC_ABS32,  /* all but the signs */
    VEC_TINY32, /* added to an absolute value: see emit_vec_fp.c */
    VEC_EDGE32,
    VEC_ABS64,
    VEC_TINY64,
    VEC_EDGE64,
    N_VEC_CONSTS
} VecConst;

enum { CSR_UNKNOWN = 0xff };

struct Host {
    const GuestIsa *isa;
    HostOptions options;
    uint32_t features;
    uint8_t pin[IR_GLOBALS_MAX]; /* register of each global; NO_REG: in its home */
    uint8_t global[N_REGS];      /* the other way round; NO_GLOBAL */
    uint8_t flags_global;        /* NO_GLOBAL if there is none */
    unsigned n_vec_pins;         /* of the guest's vectors, all of which are pinned, or none */
    unsigned vec_end;            /* behind the last XMM register for values */
    HostExit (*enter)(Vcpu *v, const void *entry);
    uint8_t *thunk[N_THUNKS];         /* writable twins: displacements are the same in both */
    uint8_t *exit[5];                 /* by HostExit; pc and mode are set */
    uint8_t *link;                    /* called by an unlinked site */
    uint8_t *miss, *miss_isa;         /* not in the hash: edx = target, ecx = mode */
    uint8_t *stale, *stale_isa;       /* look_up() has failed, with its rax and rdx; ecx = mode */
    uint8_t *retry;                   /* likewise; pc and mode are set */
    uint8_t *vec_const[N_VEC_CONSTS]; /* 16 bytes each */
    GSList *counters;                 /* blocks of them, for HostOptions.count_units */
    unsigned counters_left;           /* of the first block */
    uint8_t *trace, *callout;         /* thunks of HostOptions.trace and callout */
    const uint8_t *x87_image, *x87_enter; /* see emit_x87.c */
    const uint8_t *vecs_enter;            /* see vecpins.c */
    const uint8_t *helpers;               /* table of the guest's helpers, in the cache */
    Gen gen;
};

/* stubs.c */
void x64_make_stubs(Host *h, HostCode *code);
enum { X64_LINK_STUB_BYTES = 19 };

/* liveness.c: last uses, hints, what is done lazily. */
void x64_liveness(Gen *g);

/* regalloc.c */
IrType x64_type(const Gen *g, IrRef ref);
static inline X64Width x64_width(IrType t) /* of a register operation */
{
    return t == T_I64 || t == T_F64 || t == T_V64 ? W64 : W32;
}
X64Width x64_exact_width(IrType t); /* of a flag-setting operation or memory */
IrRef x64_resolve(const Gen *g, IrRef ref);
bool x64_const(const Gen *g, IrRef ref, uint64_t *value);
/* Whether the constant @ref fits a sign-extended 32-bit immediate of an operation of width @w. */
bool x64_imm(const Gen *g, IrRef ref, X64Width w, int32_t *imm);
bool x64_slot_free(const Gen *g, unsigned s);
void x64_begin_op(Gen *g, unsigned i);
X64Reg x64_temp(Gen *g);                    /* a scratch register for this operation */
X64Reg x64_take(Gen *g, X64Reg r);          /* this very scratch register */
X64Reg x64_use(Gen *g, IrRef ref);          /* the value in a register; not to be changed */
void x64_copy(Gen *g, X64Reg r, IrRef ref); /* the value into a register already taken */
/* In a register, or in memory for an operation of width @w; no FLAGS. */
X64Rm x64_operand(Gen *g, IrRef ref, X64Width w);
X64Rm x64_place(Gen *g, IrRef ref);             /* where it is, emitting nothing; no constant */
X64Reg x64_def(Gen *g, IrRef ref);              /* a register for a result; operands are fetched */
X64Reg x64_def_last(Gen *g, IrRef ref);         /* the same; may be a register of an operand */
X64Reg x64_own(Gen *g, IrRef ref, X64Reg r);    /* temp @r holds result @ref */
X64Reg x64_use_in(Gen *g, X64Reg r, IrRef ref); /* as x64_use(), in scratch register @r */
X64Reg x64_def_in(Gen *g, IrRef ref, X64Reg tmp); /* its pin if that is free; else @tmp, a temp */
/* A register for result @ref that holds value @a now and is none of @avoid. */
X64Reg x64_def_over(Gen *g, IrRef ref, IrRef a, uint16_t avoid);
void x64_alias(Gen *g, IrRef ref, IrRef of);
bool x64_live_after(const Gen *g, IrRef ref);
bool x64_fits_pin(const Gen *g, IrRef ref,
                  X64Reg pin);                      /* @ref's hint is @pin and that is free now */
void x64_release(Gen *g, IrRef keep1, IrRef keep2); /* scratch of operands that die here */
unsigned x64_new_slot(Gen *g, IrRef ref);
X64Rm x64_slot(unsigned slot);
X64Rm x64_home(const Gen *g, unsigned global);
void x64_forget_globals(Gen *g); /* before a call that may change them */
void x64_get(Gen *g, IrRef ref, unsigned global);
void x64_set(Gen *g, unsigned global, IrRef ref);
void x64_home_lost(Gen *g, unsigned global); /* it is about to be overwritten */
void x64_region_begin(Gen *g);               /* ahead of the condition */
void x64_region_snapshot(Gen *g);            /* behind it, ahead of the jump */
void x64_region_end(Gen *g);

/* aligned.c: whether @va is known to be a multiple of @align, a power of two; now it is. */
bool x64_is_aligned(const Gen *g, IrRef va, uint32_t align);
void x64_now_aligned(Gen *g, IrRef va, uint32_t align);

/* vecalloc.c */
bool x64_is_vec(IrType t); /* whether values of it are in XMM registers */
X64Reg x64_vec_use(Gen *g, IrRef ref);
X64Reg x64_vec_def(Gen *g, IrRef ref);               /* a register that no operand is in */
X64Reg x64_vec_def_from(Gen *g, IrRef ref, IrRef a); /* the same, but for @a, the last one */
/* A register for result @ref that holds value @a now and is not @avoid. */
X64Reg x64_vec_def_over(Gen *g, IrRef ref, IrRef a, X64Reg avoid);
void x64_vec_load(Gen *g, IrType t, X64Reg x, X64Rm at);
void x64_vec_store(Gen *g, IrType t, X64Rm at, X64Reg x);
void x64_vec_imm(Gen *g, X64Reg x, uint64_t k); /* in the lower half */
void x64_vec_begin_op(Gen *g);
void x64_vec_keep(Gen *g); /* slots for all that is needed later, ahead of a call */
void x64_vec_keep_behind(Gen *g, unsigned pos);
void x64_vec_forget(Gen *g);    /* XMM registers are overwritten */
bool x64_vec_any(const Gen *g); /* whether one holds a value that is needed later */
/* Whether @in is a vzext of a value that has zeros above it already. */
bool x64_is_zero_above(const Gen *g, const IrInsn *in);
void x64_vec_get(Gen *g, IrRef ref, X64Reg pin);
void x64_vec_set(Gen *g, X64Reg pin, IrRef ref);
static inline void x64_csr_unknown(Gen *g) { g->csr = CSR_UNKNOWN; }

/* flags.c */
void x64_flags_save(Gen *g);      /* before the host's flags are overwritten */
void x64_flags_gone(Gen *g);      /* they have been */
bool x64_flags_any(const Gen *g); /* whether what is in them may be of use */
void x64_flags_are(Gen *g, IrRef ref, unsigned has);
X64Rm x64_flags_mem(Gen *g, IrRef ref); /* FLAGS value @ref in memory */
void x64_flags_set(Gen *g, IrRef ref);
X64Reg x64_flags_value(Gen *g, IrRef ref); /* in a temp, in the layout of IrFlags */
/* Emits what is needed so that the condition given back tells whether I1 @ref is 1. */
X64Cc x64_cond(Gen *g, IrRef ref);
/* Where an I1 is that becomes the host's carry: there already, or in a byte; or its inverse is. */
typedef struct X64Carry {
    bool there, inverse;
    X64Rm value;
} X64Carry;
X64Carry x64_carry_find(Gen *g, IrRef ref);
void x64_carry(Gen *g, X64Carry c);
unsigned x64_cc_needs(unsigned cc);
void x64_emit_fnz(Gen *g, const IrInsn *in);
void x64_emit_fnzc(Gen *g, const IrInsn *in);
void x64_emit_finvc(Gen *g, const IrInsn *in);
void x64_emit_fselect(Gen *g, const IrInsn *in);
void x64_emit_funpack(Gen *g, const IrInsn *in);
void x64_flags_from_reg(Gen *g, IrRef ref, X64Reg r);

/* emit_*.c: operations by family. */
void x64_emit_alu(Gen *g, const IrInsn *in);
void x64_emit_shift(Gen *g, const IrInsn *in);
void x64_emit_unary(Gen *g, const IrInsn *in);
void x64_emit_mul(Gen *g, const IrInsn *in);
void x64_emit_div(Gen *g, const IrInsn *in);
void x64_emit_arith_flags(Gen *g, const IrInsn *in);
void x64_emit_compare(Gen *g, const IrInsn *in);
void x64_emit_select(Gen *g, const IrInsn *in);
void x64_emit_state(Gen *g, const IrInsn *in);
void x64_emit_ld(Gen *g, const IrInsn *in);
void x64_emit_st(Gen *g, const IrInsn *in);
void x64_emit_cas(Gen *g, const IrInsn *in);
void x64_emit_run(Gen *g, const IrInsn *in);
void x64_emit_rld(Gen *g, const IrInsn *in);
void x64_emit_rst(Gen *g, const IrInsn *in);
void x64_emit_call(Gen *g, const IrInsn *in);
void x64_emit_fp(Gen *g, const IrInsn *in);
void x64_emit_fp_slow(Gen *g, const Slow *s);
void x64_emit_vec(Gen *g, const IrInsn *in);
void x64_emit_vec_fp(Gen *g, const IrInsn *in);
void x64_emit_vec_fp_slow(Gen *g, const Slow *s);
void x64_vec_by_definition(Gen *g, const IrInsn *in);
void x64_emit_sse(Gen *g, const IrInsn *in);
Slow *x64_new_slow(Gen *g, SlowKind kind);
void x64_fp_begin(Vcpu *v); /* around everything that runs units */
void x64_fp_end(Vcpu *v);
void x64_fp_sync(Vcpu *v); /* VcpuCold.fp_sync */
/* MXCSR as it was before an attempt, VcpuCold.host_csr[@which], its flags moved to where the guest
 * has them. */
void x64_fp_restore(Vcpu *v, unsigned which);
/* Jumps out if environment 0's control is not what inline code for @in is for. */
uint8_t *x64_fp_test_control(Gen *g, const IrInsn *in);
X64Op x64_fp_op(IrOp op, X64Width w); /* X64_N_OPS if there is none */
Slow *x64_fp_begin_op(Gen *g, const IrInsn *in);
uint8_t *x64_fp_test_smallest(Gen *g, X64Width w, X64Reg x); /* jumps if |x| is; takes a temp */
void x64_fp_call_definition(Gen *g, const Slow *s);
void x64_emit_fp_convert(Gen *g, const IrInsn *in);
void x64_emit_fp_trap(Gen *g, const IrInsn *in, X64Width w);
void x64_save_all_flags(Gen *g, const IrInsn *in); /* ahead of what overwrites the host's */
void x64_emit_by_definition(Gen *g, const IrInsn *in);
void x64_emit_exit(Gen *g, const IrInsn *in);
void x64_emit_slow(Gen *g); /* emit_mem.c: what ld, st and run left for the unit's end */
void x64_emit_outs(Gen *g); /* emit_exit.c: exits, likewise */
void x64_point(Gen *g, unsigned insn, Gva pc, uint32_t mode); /* a fault point returns here */
void x64_narrow(Gen *g, IrType t, X64Reg r); /* zero-extends after an operation of 32 bits */

/* vecpins.c */
void x64_vecs_assign(Host *h);
X64Reg x64_vec_pin(const Host *h, int32_t offset); /* register of the vector there; NO_REG */
/* Around a call of C that comes back into the unit, and ahead of one that does not. */
void x64_vecs_before_c(const Host *h, Asm *as);
void x64_vecs_after_c(const Host *h, Asm *as);
void x64_vecs_leave(const Host *h, Asm *as);
void x64_vecs_gone(const Host *h, Asm *as); /* C does not come back */
void x64_vecs_make_enter(Host *h, Asm *as);
void x64_vecs_fetch(Gen *g); /* at a unit's entry */

/* side.c */
bool x64_side_write(Gen *g);
/* Where the access in the window at @offset goes by the tables; NULL: no such access. */
const uint8_t *x64_side_elsewhere(const HostUnit *u, uint32_t offset);
bool x64_side_find(const HostUnit *u, uint32_t offset, HostPoint *point);

/* disas.c */
void x64_disassemble(Host *h, const HostUnit *u, GString *out);

/* ---- emit_x87.c ---- */

/* The result: CF, PF and ZF, which the host's flags show, where EFLAGS has them. */
void x64_give_order(Gen *g);
/* Does a helper's x87 instruction natively, if it is one and may be. */
bool x64_emit_x87(Gen *g, const IrInsn *in);
/* The x87 registers go to the image, so that C may run; and come back. */
void x64_x87_before_c(const Host *h, Asm *as);
void x64_x87_after_c(const Host *h, Asm *as);
void x64_x87_make_enter(Host *h, Asm *as);
void x64_x87_end(Vcpu *v);

#endif
