/* SPDX-License-Identifier: MIT */
/* x64.c - the host: compiles units, runs and links them. */
#include "backend/x64/x64.h"

#include <cpuid.h>
#include <string.h>

#include "backend/x64/x64_priv.h"

/* Registers of the pinned globals, by rank. */
static const uint8_t pins[] = { RBX, RDI, R8, R9, R10, R11, R12, R13 };

/* ---- the host ---- */

uint32_t x64_features(void)
{
    unsigned a, b, c, d;
    uint32_t f = 0;

    if (__get_cpuid(1, &a, &b, &c, &d)) {
        f |= (c & bit_MOVBE) != 0 ? X64_HAS_MOVBE : 0;
        f |= (c & bit_SSE3) != 0 ? X64_HAS_SSE3 : 0;
        f |= (c & bit_SSSE3) != 0 ? X64_HAS_SSSE3 : 0;
        f |= (c & bit_SSE4_1) != 0 ? X64_HAS_SSE41 : 0;
        f |= (c & (bit_FMA | bit_AVX | bit_OSXSAVE)) == (bit_FMA | bit_AVX | bit_OSXSAVE)
                 ? X64_HAS_FMA
                 : 0;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        f |= (b & bit_BMI) != 0 ? X64_HAS_BMI1 : 0;
        f |= (b & bit_BMI2) != 0 ? X64_HAS_BMI2 : 0;
    }
    if (__get_cpuid(0x80000001, &a, &b, &c, &d)) {
        f |= (c & bit_LZCNT) != 0 ? X64_HAS_LZCNT : 0;
    }
    return f;
}

static void assign_pins(Host *h)
{
    memset(h->pin, NO_REG, sizeof(h->pin));
    memset(h->global, NO_GLOBAL, sizeof(h->global));
    h->flags_global = NO_GLOBAL;
    g_assert(h->isa->n_globals <= IR_GLOBALS_MAX);
    for (unsigned n = 0; n < h->isa->n_globals; n++) {
        const IrGlobal *global = &h->isa->globals[n];

        if (global->type == T_FLAGS) {
            h->flags_global = (uint8_t)n;
        } else if (global->pin >= 1 && global->pin <= G_N_ELEMENTS(pins)) {
            h->pin[n] = pins[global->pin - 1];
            h->global[pins[global->pin - 1]] = (uint8_t)n;
        }
    }
}

static Host *create(const GuestIsa *isa, const HostOptions *options, HostCode *code)
{
    Host *h = g_new0(Host, 1);

    h->isa = isa;
    h->options = *options;
    h->features = x64_features() & ~options->cpu_features_off;
    assign_pins(h);
    x64_vecs_assign(h);
    x64_make_stubs(h, code);
    return h;
}

static void destroy(Host *h)
{
    g_slist_free_full(h->counters, g_free);
    g_free(h);
}

/* A counter of executions. Beside the code each count would be a change of code that runs, which
 * costs hundreds of cycles; so it is elsewhere, and lives as long as the host. */
static uint64_t *new_counter(Host *h)
{
    enum { BLOCK = 4096 };

    if (h->counters_left == 0) {
        h->counters = g_slist_prepend(h->counters, g_new0(uint64_t, BLOCK));
        h->counters_left = BLOCK;
    }
    return (uint64_t *)h->counters->data + --h->counters_left;
}

static HostExit enter(Host *h, Vcpu *v, const void *entry)
{
    HostExit why;

    x64_fp_begin(v);
    why = h->enter(v, entry);
    x64_fp_end(v);
    x64_x87_end(v);
    return why;
}

/* ---- compiling ---- */

void x64_point(Gen *g, unsigned insn, Gva pc, uint32_t mode)
{
    g_assert(g->n_points < IR_BLOCK_MAX);
    g->point[g->n_points++] = (Point){
        .offset = (uint32_t)(g->as.p - g->start), .insn = (uint16_t)insn, .pc = pc, .mode = mode
    };
}

static void begin_insn(Gen *g, const IrInsn *in)
{
    g->insn++;
    g->pc = ir_pc_va(in->imm);
    g->mode = ir_pc_mode(in->imm);
}

static void emit(Gen *g, const IrInsn *in)
{
    switch (in->op) {
        /* clang-format off */
    case IR_not: case IR_neg: case IR_zext: case IR_trunc: case IR_clz: case IR_ctz: case IR_bswap:
    case IR_rbit: case IR_bits: case IR_fpack: case IR_sext: x64_emit_unary(g, in); break;
    case IR_funpack: x64_emit_funpack(g, in); break;
    case IR_finvc: x64_emit_finvc(g, in); break;
    case IR_fnz: x64_emit_fnz(g, in); break;
    case IR_fnzc: x64_emit_fnzc(g, in); break;
    case IR_fselect: x64_emit_fselect(g, in); break;
    case IR_add: case IR_sub: case IR_and: case IR_andc: case IR_or: case IR_xor:
        x64_emit_alu(g, in); break;
    case IR_mul: case IR_umul2: case IR_smul2: x64_emit_mul(g, in); break;
    case IR_udiv: case IR_sdiv: x64_emit_div(g, in); break;
    case IR_shl: case IR_shr: case IR_sar: case IR_ror: x64_emit_shift(g, in); break;
    case IR_eq: case IR_ne: case IR_ltu: case IR_leu: case IR_lts: case IR_les: case IR_fcond:
        x64_emit_compare(g, in); break;
    case IR_select: x64_emit_select(g, in); break;
    case IR_addf: case IR_subf: case IR_adcf: case IR_sbbf: x64_emit_arith_flags(g, in); break;
    case IR_fadd: case IR_fsub: case IR_fmul: case IR_fdiv: case IR_fsqrt: case IR_fma:
    case IR_fmac: case IR_fmas: case IR_fabs: case IR_fneg:
    case IR_fcmpq: case IR_fcmps: case IR_fofs: case IR_fofu: case IR_ftos: case IR_ftou:
    case IR_fwiden: case IR_fnarrow: x64_emit_fp(g, in); break;
    case IR_const: case IR_get: case IR_set: case IR_gld: case IR_gst: case IR_retired:
    case IR_count: case IR_skip: case IR_label: x64_emit_state(g, in); break;
    case IR_insn: begin_insn(g, in); break;
    case IR_ld: x64_emit_ld(g, in); break;
    case IR_st: x64_emit_st(g, in); break;
    case IR_cas: x64_emit_cas(g, in); break;
    case IR_run: x64_emit_run(g, in); break;
    case IR_rld: x64_emit_rld(g, in); break;
    case IR_rst: x64_emit_rst(g, in); break;
    case IR_call: x64_emit_call(g, in); break;
    case IR_guard: case IR_goto: case IR_gotoif: case IR_check: case IR_jump: case IR_dispatch:
    case IR_leave: x64_emit_exit(g, in); break;
        /* clang-format on */
    default:
        g_assert(ir_op_info[in->op].imm == IMM_LANE);
        if (ir_is_sse((IrOp)in->op)) {
            x64_emit_sse(g, in);
        } else if (ir_op_info[in->op].effect == E_FP) {
            x64_emit_vec_fp(g, in);
        } else {
            x64_emit_vec(g, in);
        }
        break;
    }
}

/* budget -= instructions; out if it went negative. Loops come back behind what fetches. */
static uint8_t *emit_head(Gen *g)
{
    const HostOptions *o = &g->h->options;
    uint8_t *out;

    x64_vecs_fetch(g);
    g->head = g->as.p;
    x64_mi(&g->as, X64_SUB, W64, x64_reg(R15), (int32_t)g->blk->n_insns);
    out = x64_jcc(&g->as, X64CC_S, NULL);
    if (o->count_units) {
        x64_mov_imm(&g->as, RAX, (uint64_t)(uintptr_t)g->counter);
        x64_m(&g->as, X64_INC, W64, x64_at(RAX, 0));
    }
    if (o->trace) {
        x64_push_imm(&g->as, (int32_t)g->blk->pc);
        x64_push_imm(&g->as, (int32_t)g->blk->mode);
        x64_call(&g->as, g->h->trace);
    }
    return out;
}

static void emit_budget_stub(Gen *g, uint8_t *from)
{
    Asm *as = &g->as;

    x64_patch(as, from, as->p);
    x64_mi(as, X64_ADD, W64, x64_reg(R15), (int32_t)g->blk->n_insns);
    x64_mi(as, X64_MOV, W32, x64_at(RBP, offsetof(Vcpu, pc)), (int32_t)g->blk->pc);
    x64_mi(as, X64_MOV, W32, x64_at(RBP, offsetof(Vcpu, mode)), (int32_t)g->blk->mode);
    x64_jmp(as, g->h->exit[HOST_BUDGET]);
}

static void emit_block(Gen *g)
{
    for (unsigned i = 0; i < g->blk->n && !g->as.full; i++) {
        const IrInsn *in = &g->blk->insn[i];

        if (!g->live[i] || (g->val[2 * i].bits & VAL_LAZY) != 0) {
            continue;
        }
        x64_begin_op(g, i);
        emit(g, in);
    }
}

static void begin_unit(Gen *g, Host *h, const IrBlock *blk, HostCode *code, HostUnit *out)
{
    g->h = h;
    g->blk = blk;
    g->unit = out;
    g->as = (Asm){ code->rw, code->rw_end, false };
    g->insn = UINT32_MAX; /* the first mark makes it 0 */
    g->n_slots = 1;
    g->n_slow = g->n_outs = g->n_points = g->n_aligned = 0;
    memset(g->owner, 0xff, sizeof(g->owner));
    memset(g->in_home, 0xff, sizeof(g->in_home));
    memset(g->slot_owner, 0xff, sizeof(g->slot_owner));
    memset(g->vec_owner, 0xff, sizeof(g->vec_owner));
    x64_csr_unknown(g);
    x64_flags_gone(g);
    g->x87_live = false;
    out->n_sites = 0;
    out->executions = NULL;
    g->counter = NULL;
    if (h->options.count_units) {
        g->counter = new_counter(h);
        out->executions = g->counter;
    }
    x64_align(&g->as, 0, 16);
    g->start = g->as.p;
}

static bool compile(Host *h, const IrBlock *blk, HostCode *code, HostUnit *out)
{
    Gen *g = &h->gen;
    uint8_t *budget, *side;

    begin_unit(g, h, blk, code, out);
    x64_liveness(g);
    budget = emit_head(g);
    emit_block(g);
    x64_emit_slow(g);
    emit_budget_stub(g, budget);
    x64_emit_outs(g);
    side = g->as.p;
    if (!x64_side_write(g)) {
        return false;
    }
    out->code = g->start + code->to_rx;
    out->code_bytes = (uint32_t)(side - g->start);
    out->side = side + code->to_rx;
    out->side_bytes = (uint32_t)(g->as.p - side);
    code->rw = g->as.p;
    return true;
}

/* ---- running ---- */

enum { JUMP_BYTES = 5 };

static void locate(Host *h, const Vcpu *v, const HostUnit *u, HostPoint *point)
{
    const VcpuCold *cold = vcpu_cold((Vcpu *)(uintptr_t)v);
    bool found = x64_side_find(u, (uint32_t)((const uint8_t *)cold->host_pc - u->code), point);

    (void)h;
    g_assert(found);
}

static void recover(Host *h, Vcpu *v, const HostUnit *u, HostPoint *point)
{
    const VcpuCold *cold = vcpu_cold(v);

    locate(h, v, u, point);
    for (unsigned n = 0; n < h->isa->n_globals; n++) {
        if (h->pin[n] != NO_REG) {
            memcpy((char *)v + h->isa->globals[n].offset, &cold->host_reg[h->pin[n]],
                   ir_type_bits(h->isa->globals[n].type) / 8);
        }
    }
}

static void patch(const HostUnit *u, ptrdiff_t to_rw, uint32_t offset, uint32_t value)
{
    uint8_t *at = (uint8_t *)(uintptr_t)u->code + to_rw + offset;

    g_assert(((uintptr_t)at & 3) == 0);
    __atomic_store_n((uint32_t *)(void *)at, value, __ATOMIC_RELEASE);
}

static void point_at(const HostUnit *u, ptrdiff_t to_rw, uint32_t offset, const uint8_t *to)
{
    patch(u, to_rw, offset, (uint32_t)(to - (u->code + offset + 4)));
}

static void link(Host *h, const HostUnit *from, ptrdiff_t to_rw, unsigned i, const void *entry,
                 uint32_t fetch)
{
    const HostSite *s = &from->site[i];

    (void)h;
    /* at no moment does the expected page go with another page's unit */
    point_at(from, to_rw, s->code_offset, from->code + s->stub_offset);
    if (s->aux_offset != 0) {
        patch(from, to_rw, s->aux_offset, entry ? fetch : 0);
    }
    if (entry) {
        point_at(from, to_rw, s->code_offset, entry);
    }
}

static const void *elsewhere(Host *h, const HostUnit *u, const void *host_pc)
{
    (void)h;
    return x64_side_elsewhere(u, (uint32_t)((const uint8_t *)host_pc - u->code));
}

/* Every access in a window is longer than a jump; nobody else runs the unit. */
static void divert(Host *h, const HostUnit *u, ptrdiff_t to_rw, const void *host_pc)
{
    const uint8_t *from = host_pc, *to = elsewhere(h, u, host_pc);
    uint8_t *at = (uint8_t *)(uintptr_t)from + to_rw;
    int32_t distance = (int32_t)(to - (from + JUMP_BYTES));

    *at = 0xe9; /* jmp rel32 */
    memcpy(at + 1, &distance, sizeof(distance));
}

const HostIsa x64_host = {
    .name = "x64",
    .create = create,
    .destroy = destroy,
    .compile = compile,
    .enter = enter,
    .recover = recover,
    .locate = locate,
    .link = link,
    .elsewhere = elsewhere,
    .divert = divert,
    .disassemble = x64_disassemble,
};
