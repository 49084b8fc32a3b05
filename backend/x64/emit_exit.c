/* SPDX-License-Identifier: MIT */
/*
 * emit_exit.c - ways out of a unit.
 *
 * A constant target is a site: four aligned bytes of a jump that link() patches. Until then, and
 * when the target's page is not what it was when linked, its stub asks the inline lookup's hash or
 * C. Stubs are the only places that write pc and mode.
 */
#include "backend/x64/x64_priv.h"
#include "softmmu/view.h"

enum {
    PC = offsetof(Vcpu, pc),
    MODE = offsetof(Vcpu, mode),
    INDEX_MASK = (VCPU_LOOKUP_ENTRIES - 1) << 2,
};

/* Modes with these bits are never in the hash (isa.h). */
static uint32_t not_in_hash(const Gen *g) { return ~(uint32_t)(g->h->isa->lookup_mode | 1); }

static void set_pc(Gen *g, Gva pc, uint32_t mode)
{
    x64_mi(&g->as, X64_MOV, W32, x64_at(RBP, PC), (int32_t)pc);
    x64_mi(&g->as, X64_MOV, W32, x64_at(RBP, MODE), (int32_t)mode);
}

static void give_back(Gen *g, uint32_t credit)
{
    if (credit != 0) {
        x64_mi(&g->as, X64_ADD, W64, x64_reg(R15), (int32_t)credit);
    }
}

static Out *new_out(Gen *g, OutKind kind, uint8_t *from, Gva pc, uint32_t mode)
{
    Out *o = &g->out[g->n_outs++];

    g_assert(g->n_outs <= OUTS_MAX);
    *o = (Out){ .kind = (uint8_t)kind, .from = from, .pc = pc, .mode = mode };
    return o;
}

/* Whether units in @mode may be in the hash. With chain off they may be another host's. */
static bool in_hash(const Gen *g, uint32_t mode)
{
    return g->h->options.chain && (mode & not_in_hash(g)) == 0;
}

/* Goes where the hash says for the tag's lower half in edx. Else takes the jump whose place is
 * given back, with rdx and rax as the stubs want them that try again. */
static uint8_t *look_up(Gen *g)
{
    int32_t table = VCPU_COLD_OFFSET(lookup);
    Asm *as = &g->as;
    uint8_t *miss;

    x64_rm(as, X64_LEA, W32, RAX, x64_index(RDX, RDX, 2, 0)); /* vcpu_lookup_slot() */
    x64_mi(as, X64_AND, W32, x64_reg(RAX), INDEX_MASK);
    x64_rm(as, X64_OR, W64, RDX, x64_at(RBP, offsetof(Vcpu, lookup_ctx)));
    x64_rm(as, X64_CMP, W64, RDX,
           x64_index(RBP, RAX, 2, table + (int32_t)offsetof(VcpuLookup, tag)));
    miss = x64_jcc(as, X64CC_NE, NULL);
    x64_m(as, X64_JMP, W32, x64_index(RBP, RAX, 2, table + (int32_t)offsetof(VcpuLookup, code)));
    return miss;
}

/* ---- sites ---- */

static bool is_head(const Gen *g, Gva pc, uint32_t mode)
{
    return pc == g->blk->pc && mode == g->blk->mode;
}

static bool same_page(const Gen *g, Gva pc) { return (pc ^ g->blk->pc) >> VIEW_PAGE_SHIFT == 0; }

static HostSite *new_site(Gen *g, Gva pc, uint32_t mode)
{
    HostSite *s = &g->unit->site[g->unit->n_sites++];

    *s = (HostSite){ .va = pc, .mode = mode };
    return s;
}

/* A jump, or with @cc a conditional one, that can be linked; its stub is made later. */
static void linkable_jump(Gen *g, HostSite *s, int cc)
{
    Asm *as = &g->as;
    uint8_t *at;

    x64_align(as, cc < 0 ? 1 : 2, 4);
    at = cc < 0 ? x64_jmp(as, NULL) : x64_jcc(as, (X64Cc)cc, NULL);
    s->code_offset = (uint32_t)(at - g->start);
    new_out(g, OUT_LINK, at, s->va, s->mode)->site = (uint8_t)(s - g->unit->site);
}

/* cmp dword [r14 + fetch entry], expected; jne away; jmp target. */
static void cross_page_jump(Gen *g, HostSite *s)
{
    Asm *as = &g->as;
    int32_t entry = VIEW_FETCH + (int32_t)(s->va >> VIEW_PAGE_SHIFT) * 4;

    x64_align(as, 7, 4);
    x64_byte(as, 0x41); /* spelt out: the immediate is patched, so it may not be a short one */
    x64_byte(as, 0x81);
    x64_byte(as, 0xbe);
    x64_u32(as, (uint32_t)entry);
    s->aux_offset = (uint32_t)(as->p - g->start);
    x64_u32(as, 0);
    new_out(g, OUT_LOOKUP, x64_jcc(as, X64CC_NE, NULL), s->va, s->mode)->site =
        (uint8_t)(s - g->unit->site);
    linkable_jump(g, s, -1);
}

/* Leaves for a constant target. */
static void leave_for(Gen *g, Gva pc, uint32_t mode, uint32_t credit)
{
    give_back(g, credit);
    if (is_head(g, pc, mode)) {
        x64_jmp(&g->as, g->head);
    } else if (g->unit->n_sites == HOST_SITES_MAX) {
        set_pc(g, pc, mode);
        x64_jmp(&g->as, g->h->exit[HOST_LOOKUP]);
    } else if (same_page(g, pc)) {
        linkable_jump(g, new_site(g, pc, mode), -1);
    } else {
        cross_page_jump(g, new_site(g, pc, mode));
    }
}

/* ---- operations ---- */

static void emit_gotoif(Gen *g, const IrInsn *in)
{
    Gva pc = ir_pc_va(in->imm);
    uint32_t mode = ir_pc_mode(in->imm), credit = g->blk->n_insns - (g->insn + 1);
    X64Cc cc = x64_cond(g, in->a);

    if (credit == 0 && is_head(g, pc, mode)) {
        x64_jcc(&g->as, cc, g->head);
    } else if (credit == 0 && same_page(g, pc) && g->unit->n_sites < HOST_SITES_MAX) {
        linkable_jump(g, new_site(g, pc, mode), (int)cc);
    } else {
        uint8_t *from = x64_jcc(&g->as, cc, NULL);

        new_out(g, OUT_GOTO, from, pc, mode)->credit = credit;
    }
}

static void emit_jump(Gen *g, const IrInsn *in)
{
    uint32_t mode = ir_pc_mode(in->imm);
    bool isa = (ir_pc_va(in->imm) & IR_ISA_BIT) != 0;
    uint8_t *miss;

    x64_take(g, RAX);
    x64_take(g, RCX);
    g->locked = 0;
    x64_take(g, RDX);
    x64_copy(g, RDX, in->a);
    give_back(g, g->blk->n_insns - (g->insn + 1));
    if (!isa && (mode & 1) != 0) {
        x64_mi(&g->as, X64_OR, W32, x64_reg(RDX), 1);
    }
    isa |= (mode & 1) != 0;
    if (!in_hash(g, mode)) {
        x64_mov_imm(&g->as, RCX, mode);
        x64_jmp(&g->as, isa ? g->h->miss_isa : g->h->miss);
        return;
    }
    miss = look_up(g);
    x64_patch(&g->as, miss, g->as.p);
    x64_mov_imm(&g->as, RCX, mode);
    x64_jmp(&g->as, isa ? g->h->stale_isa : g->h->stale);
}

static uint8_t *test_attention(Gen *g)
{
    x64_mi(&g->as, X64_CMP, W32, x64_at(RBP, offsetof(Vcpu, attention)), 0);
    return x64_jcc(&g->as, X64CC_NE, NULL);
}

static void emit_check(Gen *g, const IrInsn *in)
{
    Gva pc = ir_pc_va(in->imm);
    uint32_t mode = ir_pc_mode(in->imm), credit = g->blk->n_insns - (g->insn + 1);
    uint8_t *look = test_attention(g);

    new_out(g, OUT_LEAVE, look, pc, mode)->credit = credit;
    leave_for(g, pc, mode, credit);
}

static void emit_dispatch(Gen *g)
{
    Asm *as = &g->as;
    uint8_t *look, *odd, *miss;

    give_back(g, g->blk->n_insns - (g->insn + 1));
    look = test_attention(g);
    x64_patch(as, look, g->h->exit[HOST_LEAVE]);
    if (!g->h->options.chain) {
        x64_jmp(as, g->h->exit[HOST_LOOKUP]);
        return;
    }
    x64_rm(as, X64_MOV, W32, RAX, x64_at(RBP, MODE));
    x64_mi(as, X64_TEST, W32, x64_reg(RAX), (int32_t)not_in_hash(g));
    odd = x64_jcc(as, X64CC_NE, NULL);
    x64_patch(as, odd, g->h->exit[HOST_LOOKUP]);
    x64_mi(as, X64_AND, W32, x64_reg(RAX), 1);
    x64_rm(as, X64_MOV, W32, RDX, x64_at(RBP, PC));
    x64_rm(as, X64_OR, W32, RDX, x64_reg(RAX));
    miss = look_up(g);
    x64_patch(as, miss, g->h->retry);
}

static void emit_guard(Gen *g, const IrInsn *in)
{
    Gva pc = ir_pc_va(in->imm);
    uint32_t next = (pc >> VIEW_PAGE_SHIFT) + 1;
    int32_t entry = VIEW_FETCH + (int32_t)(next % VIEW_PAGES) * 4;
    uint32_t expected = VIEW_FETCH_OK | (uint32_t)(g->blk->guard_pa >> VIEW_PAGE_SHIFT);
    uint8_t *from;

    x64_flags_save(g);
    x64_mi(&g->as, X64_CMP, W32, x64_at(R14, entry), (int32_t)expected);
    x64_flags_gone(g);
    from = x64_jcc(&g->as, X64CC_NE, NULL);
    new_out(g, OUT_LEAVE, from, pc, ir_pc_mode(in->imm))->credit = g->blk->n_insns - g->insn;
}

void x64_emit_exit(Gen *g, const IrInsn *in)
{
    switch (in->op) {
    case IR_guard: emit_guard(g, in); break;
    case IR_gotoif: emit_gotoif(g, in); break;
    case IR_goto:
        leave_for(g, ir_pc_va(in->imm), ir_pc_mode(in->imm), g->blk->n_insns - (g->insn + 1));
        break;
    case IR_check: emit_check(g, in); break;
    case IR_jump: emit_jump(g, in); break;
    case IR_dispatch: emit_dispatch(g); break;
    default: /* IR_leave */
        give_back(g, g->blk->n_insns - (g->insn + 1));
        x64_jmp(&g->as, g->h->exit[HOST_LEAVE]);
        break;
    }
}

/* ---- behind the code ---- */

/* The page is not the expected one. A site that was never linked asks C, to be so; others look. */
static void emit_lookup(Gen *g, const Out *o)
{
    Asm *as = &g->as;
    HostSite *s = &g->unit->site[o->site];
    uint8_t *unlinked, *at, *miss;

    /* cmp dword [rip + aux], 0 */
    x64_byte(as, 0x83);
    x64_byte(as, 0x3d);
    at = as->p;
    x64_u32(as, (uint32_t)((g->start + s->aux_offset) - (at + 5)));
    x64_byte(as, 0);
    unlinked = x64_jcc(as, X64CC_E, NULL);
    new_out(g, OUT_LINK, unlinked, s->va, s->mode)->site = o->site;
    if (!in_hash(g, o->mode)) {
        set_pc(g, o->pc, o->mode);
        x64_jmp(as, g->h->exit[HOST_LOOKUP]);
        return;
    }
    x64_mov_imm(as, RDX, o->pc | (o->mode & 1));
    miss = look_up(g);
    x64_patch(as, miss, as->p);
    set_pc(g, o->pc, o->mode);
    x64_jmp(as, g->h->retry);
}

static void emit_link_stub(Gen *g, const Out *o)
{
    HostSite *s = &g->unit->site[o->site];
    uint8_t *start = g->as.p;

    if (s->stub_offset != 0) { /* made already */
        x64_patch(&g->as, o->from, g->start + s->stub_offset);
        return;
    }
    s->stub_offset = (uint32_t)(start - g->start);
    x64_patch(&g->as, o->from, start);
    set_pc(g, o->pc, o->mode);
    x64_call(&g->as, g->h->link);
    g_assert(g->as.full || g->as.p - start == X64_LINK_STUB_BYTES);
}

void x64_emit_outs(Gen *g)
{
    /* the list grows while it is walked */
    for (unsigned k = 0; k < g->n_outs; k++) {
        Out o = g->out[k];

        if (o.kind == OUT_LINK) {
            emit_link_stub(g, &o);
            continue;
        }
        x64_patch(&g->as, o.from, g->as.p);
        switch (o.kind) {
        case OUT_GOTO: leave_for(g, o.pc, o.mode, o.credit); break;
        case OUT_LOOKUP: emit_lookup(g, &o); break;
        default: /* OUT_LEAVE */
            give_back(g, o.credit);
            set_pc(g, o.pc, o.mode);
            x64_jmp(&g->as, g->h->exit[HOST_LEAVE]);
            break;
        }
    }
}
