/* SPDX-License-Identifier: MIT */
/* stubs.c - the code that all units share: entry, exits, and thunks through which they call C. */
#include <string.h>

#include "backend/x64/x64_priv.h"
#include "base/fpenv.h"
#include "softmmu/mmu.h"

/* What a thunk does beside calling. */
enum {
    PURE = 1 << 0,     /* C looks at nothing but its arguments: it is no fault point */
    GLOBALS = 1 << 1,  /* homes are current before and read again after */
    BY_INDEX = 1 << 2, /* the last argument chooses one of the guest's helpers */
    RESULT = 1 << 3,   /* the caller pops the result */
    VECS = 1 << 4,     /* XMM registers that hold values are kept */
};

static const uint8_t callee_saved[] = { RBX, RBP, R12, R13, R14, R15 };

/* Registers that C does not keep. */
static const uint8_t caller_saved[] = { RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11 };

static X64Rm saved(X64Reg r) { return x64_at(RBP, VCPU_COLD_OFFSET(host_reg) + 8 * (int32_t)r); }
static X64Rm host_pc(void) { return x64_at(RBP, VCPU_COLD_OFFSET(host_pc)); }
static X64Rm host_stack(void) { return x64_at(RBP, VCPU_COLD_OFFSET(host_stack)); }

static X64Rm home(const Host *h, unsigned n) { return x64_at(RBP, h->isa->globals[n].offset); }

static void store_pins(const Host *h, Asm *as)
{
    for (unsigned n = 0; n < h->isa->n_globals; n++) {
        if (h->pin[n] != NO_REG) {
            x64_mr(as, X64_MOV, x64_width(h->isa->globals[n].type), home(h, n), h->pin[n]);
        }
    }
}

static void load_pins(const Host *h, Asm *as)
{
    for (unsigned n = 0; n < h->isa->n_globals; n++) {
        if (h->pin[n] != NO_REG) {
            x64_rm(as, X64_MOV, x64_width(h->isa->globals[n].type), h->pin[n], home(h, n));
        }
    }
}

static void load_view_and_budget(Asm *as)
{
    x64_rm(as, X64_MOV, W64, R14, x64_at(RBP, offsetof(Vcpu, view)));
    x64_rm(as, X64_MOV, W64, R15, x64_at(RBP, offsetof(Vcpu, budget)));
}

/* HostExit enter(Vcpu *rdi, const void *rsi) */
static const uint8_t *make_entry(Host *h, Asm *as)
{
    const uint8_t *start;

    x64_align(as, 0, 16);
    start = as->p;
    for (unsigned k = 0; k < G_N_ELEMENTS(callee_saved); k++) {
        x64_push(as, callee_saved[k]);
    }
    x64_mi(as, X64_SUB, W64, x64_reg(RSP), FRAME_BYTES);
    x64_rm(as, X64_MOV, W64, RBP, x64_reg(RDI));
    x64_mr(as, X64_MOV, W64, host_stack(), RSP);
    load_view_and_budget(as);
    load_pins(h, as);
    x64_m(as, X64_JMP, W32, x64_reg(RSI));
    return start;
}

/* Leaves with eax; registers are in their homes. */
static const uint8_t *make_return(Asm *as)
{
    const uint8_t *start = as->p;

    x64_rm(as, X64_MOV, W64, RSP, host_stack());
    x64_mi(as, X64_ADD, W64, x64_reg(RSP), FRAME_BYTES);
    for (unsigned k = G_N_ELEMENTS(callee_saved); k-- > 0;) {
        x64_pop(as, callee_saved[k]);
    }
    x64_ret(as, 0);
    return start;
}

static void make_exits(Host *h, Asm *as, const uint8_t *ret)
{
    const uint8_t *common = as->p;

    store_pins(h, as);
    x64_vecs_leave(h, as);
    x64_mr(as, X64_MOV, W64, x64_at(RBP, offsetof(Vcpu, budget)), R15);
    x64_jmp(as, ret);
    for (unsigned e = 0; e < G_N_ELEMENTS(h->exit); e++) {
        h->exit[e] = as->p;
        if (e == HOST_INSIDE) {
            x64_vecs_gone(h, as);
        }
        x64_mov_imm(as, RAX, e);
        x64_jmp(as, e == HOST_INSIDE ? ret : common);
    }
}

/* From an unlinked site's stub: the return address tells which. */
static void make_link(Host *h, Asm *as)
{
    h->link = as->p;
    x64_pop(as, RAX);
    x64_mi(as, X64_SUB, W64, x64_reg(RAX), X64_LINK_STUB_BYTES);
    x64_mr(as, X64_MOV, W64, host_pc(), RAX);
    x64_jmp(as, h->exit[HOST_LINK]);
}

/* Bit 0 of the target in edx is bit 0 of the mode in ecx: the target's address is in esi then. */
static void split_isa(Asm *as)
{
    x64_rm(as, X64_MOV, W32, RSI, x64_reg(RDX));
    x64_mi(as, X64_AND, W32, x64_reg(RSI), 1);
    x64_mi(as, X64_AND, W32, x64_reg(RCX), -2);
    x64_rm(as, X64_OR, W32, RCX, x64_reg(RSI));
    x64_rm(as, X64_MOV, W32, RSI, x64_reg(RDX));
    x64_mi(as, X64_AND, W32, x64_reg(RSI), -2);
}

static void store_pc(Asm *as, X64Reg pc)
{
    x64_mr(as, X64_MOV, W32, x64_at(RBP, offsetof(Vcpu, pc)), pc);
    x64_mr(as, X64_MOV, W32, x64_at(RBP, offsetof(Vcpu, mode)), RCX);
}

static void make_misses(Host *h, Asm *as)
{
    h->miss_isa = as->p;
    split_isa(as);
    store_pc(as, RSI);
    x64_jmp(as, h->exit[HOST_LOOKUP]);
    h->miss = as->p;
    store_pc(as, RDX);
    x64_jmp(as, h->exit[HOST_LOOKUP]);
}

/* The tag may be right but for its epoch: then the fetch entry decides (vcpu.h), and the hash is
 * brought up to date. What a new view knows of its code is mostly what others know. */
static void make_retry(Host *h, Asm *as)
{
    int32_t table = VCPU_COLD_OFFSET(lookup), fetch = VCPU_COLD_OFFSET(lookup_fetch);
    X64Rm tag = x64_index(RBP, RAX, 2, table + (int32_t)offsetof(VcpuLookup, tag));
    uint8_t *over, *differs, *elsewhere;

    h->stale_isa = as->p;
    split_isa(as);
    store_pc(as, RSI);
    over = x64_jmp(as, NULL);
    h->stale = as->p;
    store_pc(as, RDX);
    x64_patch(as, over, as->p);
    h->retry = as->p;
    x64_rm(as, X64_MOV, W64, RCX, tag);
    x64_rm(as, X64_XOR, W64, RCX, x64_reg(RDX));
    x64_shift(as, X64_SHL, W64, x64_reg(RCX), 16);
    differs = x64_jcc(as, X64CC_NE, NULL);
    x64_rm(as, X64_MOV, W32, RCX, x64_reg(RDX));
    x64_shift(as, X64_SHR, W32, x64_reg(RCX), VIEW_PAGE_SHIFT);
    x64_rm(as, X64_MOV, W32, RCX, x64_index(R14, RCX, 2, VIEW_FETCH));
    x64_rm(as, X64_CMP, W32, RCX, x64_index(RBP, RAX, 0, fetch));
    elsewhere = x64_jcc(as, X64CC_NE, NULL);
    x64_mr(as, X64_MOV, W64, tag, RDX);
    x64_m(as, X64_JMP, W32, x64_index(RBP, RAX, 2, table + (int32_t)offsetof(VcpuLookup, code)));
    x64_patch(as, differs, as->p);
    x64_patch(as, elsewhere, as->p);
    x64_jmp(as, h->exit[HOST_LOOKUP]);
}

/* ---- thunks ---- */

/* C's arguments behind the Vcpu, in order of the words pushed. */
static const uint8_t arg_regs[] = { RSI, RDX, RCX, R8 };

typedef void (*Fn)(void);

static void call_c(Asm *as, Fn fn)
{
    uint64_t at = 0;

    memcpy(&at, &fn, sizeof(fn));
    x64_mov_imm(as, RAX, at);
    x64_m(as, X64_CALL, W32, x64_reg(RAX));
}

static X64Rm saved_vec(unsigned x)
{
    return x64_at(RBP, VCPU_COLD_OFFSET(host_vec) + 16 * (int32_t)x);
}

static void before_call(const Host *h, Asm *as, unsigned flags)
{
    for (unsigned x = FIRST_VEC; (flags & VECS) != 0 && x < h->vec_end; x++) {
        x64_mr(as, X64_MOVUPS, W32, saved_vec(x), (X64Reg)x);
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(caller_saved); k++) {
        x64_mr(as, X64_MOV, W64, saved(caller_saved[k]), caller_saved[k]);
    }
    if ((flags & PURE) == 0) {
        x64_mr(as, X64_MOV, W64, saved(RBX), RBX);
        x64_mr(as, X64_MOV, W64, saved(R12), R12);
        x64_mr(as, X64_MOV, W64, saved(R13), R13);
        x64_mr(as, X64_MOV, W64, x64_at(RBP, offsetof(Vcpu, budget)), R15);
        x64_rm(as, X64_MOV, W64, RAX, x64_at(RSP, 0));
        x64_mr(as, X64_MOV, W64, host_pc(), RAX);
    }
    if ((flags & GLOBALS) != 0) {
        store_pins(h, as);
    }
    x64_vecs_before_c(h, as);
    if ((flags & PURE) == 0) {
        x64_x87_before_c(h, as);
    }
}

static void after_call(const Host *h, Asm *as, unsigned flags, int32_t result)
{
    if ((flags & PURE) == 0) {
        uint8_t *leave;

        x64_mi(as, X64_CMP, W32, x64_at(RBP, offsetof(Vcpu, leave)), 0);
        leave = x64_jcc(as, X64CC_NE, NULL);
        x64_patch(as, leave, h->exit[HOST_INSIDE]);
        x64_mi(as, X64_MOV, W64, host_pc(), 0);
        load_view_and_budget(as);
        if ((flags & BY_INDEX) == 0) {
            x64_x87_after_c(h, as);
        }
    }
    x64_vecs_after_c(h, as);
    for (unsigned x = FIRST_VEC; (flags & VECS) != 0 && x < h->vec_end; x++) {
        x64_rm(as, X64_MOVUPS, W32, (X64Reg)x, saved_vec(x));
    }
    x64_mr(as, X64_MOV, W64, x64_at(RSP, result), RAX);
    for (unsigned k = 0; k < G_N_ELEMENTS(caller_saved); k++) {
        x64_rm(as, X64_MOV, W64, caller_saved[k], saved(caller_saved[k]));
    }
    if ((flags & GLOBALS) != 0) {
        load_pins(h, as);
    }
}

/* r8 = the helper's number; from bit 16 the instructions that the unit's head has counted from this
 * one on, which tell its retired count. */
static void call_helper(const Host *h, Asm *as, unsigned flags)
{
    x64_rm(as, X64_MOVZX16, W32, R9, x64_reg(R8));
    if ((flags & PURE) == 0) {
        x64_shift(as, X64_SHR, W32, x64_reg(R8), 16);
        x64_rm(as, X64_MOV, W64, RAX, x64_at(RBP, offsetof(Vcpu, limit)));
        x64_rm(as, X64_SUB, W64, RAX, x64_reg(R15));
        x64_rm(as, X64_SUB, W64, RAX, x64_reg(R8));
        x64_mr(as, X64_MOV, W64, x64_at(RBP, VCPU_COLD_OFFSET(now_count)), RAX);
    }
    x64_lea_rip(as, RAX, h->helpers);
    x64_m(as, X64_CALL, W32, x64_index(RAX, R9, 3, 0));
}

/* Called with @n_args words pushed, the first one first; the result replaces that. */
static uint8_t *make_thunk(const Host *h, Asm *as, Fn fn, unsigned n_args, unsigned flags)
{
    int32_t pad = n_args % 2 == 0 ? 8 : 0; /* the return address is one word more */
    uint8_t *start;

    x64_align(as, 0, 16);
    start = as->p;
    before_call(h, as, flags);
    x64_rm(as, X64_MOV, W64, RDI, x64_reg(RBP));
    for (unsigned k = 0; k < n_args; k++) {
        x64_rm(as, X64_MOV, W64, arg_regs[k], x64_at(RSP, (int32_t)(8 * (n_args - k))));
    }
    if (pad != 0) {
        x64_push(as, RAX);
    }
    if ((flags & BY_INDEX) != 0) {
        call_helper(h, as, flags);
    } else {
        call_c(as, fn);
    }
    if (pad != 0) {
        x64_mi(as, X64_ADD, W64, x64_reg(RSP), pad);
    }
    after_call(h, as, flags, (int32_t)(8 * n_args));
    x64_ret(as, 8 * (n_args - ((flags & RESULT) != 0)));
    return start;
}

static uint64_t run(Vcpu *v, uint64_t va, uint64_t packed)
{
    return mmu_run(v, (Gva)va, packed & 0xffff, (uint32_t)packed >> 16);
}

static uint64_t load(Vcpu *v, uint64_t va, uint64_t memop) { return mmu_load(v, (Gva)va, memop); }

static void store(Vcpu *v, uint64_t va, uint64_t value, uint64_t memop)
{
    mmu_store(v, (Gva)va, value, memop);
}

static uint64_t cas(Vcpu *v, uint64_t va, uint64_t expected, uint64_t desired, uint64_t memop)
{
    return mmu_cas(v, (Gva)va, expected, desired, memop);
}

/* @desc: operation, type from bit 8, immediate from bit 16. */
static uint64_t eval(Vcpu *v, uint64_t a, uint64_t b, uint64_t c, uint64_t desc)
{
    (void)v;
    return ir_eval((IrOp)(desc & 0xff), (IrType)(desc >> 8 & 0xff), a, b, c, desc >> 16 & 0xffff)
        .v[0];
}

static uint64_t eval_fp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c, uint64_t desc)
{
    return isa_do_fp(v, (IrOp)(desc & 0xff), (IrType)(desc >> 8 & 0xff), a, b, c, desc >> 16);
}

/* Operand @k of @op as its row has it: what is above its bits is not part of it. */
static IrVec vec_operand(const VcpuCold *cold, IrOp op, IrType type, unsigned k)
{
    IrCol col = ir_op_info[op].src[k];
    IrVec v;

    memcpy(&v, cold->host_vec[k], sizeof(v));
    if (col != COL_V128 && !(col == COL_T && type == T_V128)) {
        v.q[1] = 0;
    }
    return v;
}

/* @desc: operation, type from bit 8, immediate from bit 16. */
static uint64_t eval_vec(Vcpu *v, uint64_t desc)
{
    VcpuCold *cold = vcpu_cold(v);
    IrOp op = (IrOp)(desc & 0xff);
    IrType type = (IrType)(desc >> 8 & 0xff);
    IrVec a = vec_operand(cold, op, type, 0), b = vec_operand(cold, op, type, 1), r;
    uint64_t imm = desc >> 16 & 0x7fff;

    r = ir_is_sse(op) ? isa_do_vec_fp(v, op, type, a, b, imm)
                      : ir_eval_vec(op, type, a, b, vec_operand(cold, op, type, 2), imm);

    memcpy(cold->host_vec[0], &r, sizeof(r));
    return 0;
}

/* The same; bit 31 chooses the host_csr with MXCSR as it was before an attempt, bit 30 says that
 * there was one. */
static uint64_t eval_vec_fp(Vcpu *v, uint64_t desc)
{
    VcpuCold *cold = vcpu_cold(v);
    IrOp op = (IrOp)(desc & 0xff);
    IrType type = (IrType)(desc >> 8 & 0xff);
    uint64_t imm = desc >> 16 & 0x3fff;
    IrVec r;

    if ((desc >> 30 & 1) != 0) {
        x64_fp_restore(v, desc >> 31 & 1);
    }
    r = isa_do_vec_fp(v, op, type, vec_operand(cold, op, type, 0), vec_operand(cold, op, type, 1),
                      imm);
    memcpy(cold->host_vec[0], &r, sizeof(r));
    return 0;
}

static uint64_t x87_image(Vcpu *v, uint64_t unused)
{
    (void)unused;
    vcpu_cold(v)->isa->x87_image(v);
    return 0;
}

static void make_thunks(Host *h, Asm *as)
{
    static const struct {
        Fn fn;
        uint8_t n_args, flags;
    } thunks[N_THUNKS] = {
        [THUNK_LOAD] = { (Fn)load, 2, RESULT },
        [THUNK_STORE] = { (Fn)store, 3, 0 },
        [THUNK_CAS] = { (Fn)cas, 4, 0 },
        [THUNK_RUN] = { (Fn)run, 2, RESULT },
        [THUNK_CALL] = { NULL, 4, BY_INDEX },
        [THUNK_CALL_GLOBALS] = { NULL, 4, BY_INDEX | GLOBALS },
        [THUNK_CALL_PURE] = { NULL, 4, BY_INDEX | PURE },
        [THUNK_EVAL] = { (Fn)eval, 4, PURE },
        [THUNK_FP_TRAP] = { (Fn)eval_fp, 4, VECS },
        [THUNK_FP] = { (Fn)eval_fp, 4, PURE | VECS },
        [THUNK_VEC] = { (Fn)eval_vec, 1, PURE },
        [THUNK_VEC_FP] = { (Fn)eval_vec_fp, 1, PURE | VECS },
        [THUNK_LOAD_VECS] = { (Fn)load, 2, RESULT | VECS },
        [THUNK_STORE_VECS] = { (Fn)store, 3, VECS },
        [THUNK_RUN_VECS] = { (Fn)run, 2, RESULT | VECS },
    };

    for (unsigned k = 0; k < N_THUNKS; k++) {
        h->thunk[k] = make_thunk(h, as, thunks[k].fn, thunks[k].n_args, thunks[k].flags);
    }
    if (h->isa->x87_image) {
        h->x87_image = make_thunk(h, as, (Fn)x87_image, 1, PURE | VECS);
        x64_x87_make_enter(h, as);
    }
    x64_vecs_make_enter(h, as);
    if (h->options.trace) {
        h->trace = make_thunk(h, as, (Fn)h->options.trace, 2, GLOBALS);
    }
    if (h->options.callout) {
        h->callout = make_thunk(h, as, (Fn)h->options.callout, 2, GLOBALS);
    }
}

/* The table that BY_INDEX thunks read. */
static void make_helpers(Host *h, Asm *as)
{
    x64_align(as, 0, 8);
    h->helpers = as->p;
    for (unsigned k = 0; k < h->isa->n_helpers; k++) {
        uint64_t at = 0;

        memcpy(&at, &h->isa->helpers[k].fn, sizeof(h->isa->helpers[k].fn));
        x64_u64(as, at);
    }
}

static void make_vec_consts(Host *h, Asm *as)
{
    static const uint64_t consts[N_VEC_CONSTS] = {
        [VEC_ABS32] = 0x7fffffff7fffffff,
        [VEC_TINY32] = 0x0080000000800000,
        [VEC_EDGE32] = 0x0100000101000001,
        [VEC_ABS64] = 0x7fffffff7fffffff, /* only the upper halves are looked at */
        [VEC_TINY64] = 0x0010000000100000,
        [VEC_EDGE64] = 0x0020000100200001,
    };

    x64_align(as, 0, 16);
    for (unsigned k = 0; k < N_VEC_CONSTS; k++) {
        h->vec_const[k] = as->p;
        x64_u64(as, consts[k]);
        x64_u64(as, consts[k]);
    }
}

void x64_make_stubs(Host *h, HostCode *code)
{
    Asm as = { code->rw, code->rw_end, false };
    const uint8_t *entry, *ret;
    const uint8_t *rx;

    make_helpers(h, &as);
    make_vec_consts(h, &as);
    entry = make_entry(h, &as);
    ret = make_return(&as);
    make_exits(h, &as, ret);
    make_link(h, &as);
    make_misses(h, &as);
    make_retry(h, &as);
    make_thunks(h, &as);
    g_assert(!as.full);
    code->rw = as.p;
    rx = entry + code->to_rx;
    memcpy(&h->enter, &rx, sizeof(rx));
}
