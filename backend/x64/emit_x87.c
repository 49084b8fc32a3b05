/* SPDX-License-Identifier: MIT */
/*
 * emit_x87.c - a guest's x87 on the host's.
 *
 * The guest's registers, with TOP, tags, control and status word, are the host's own while units
 * run that need them: an instruction is emitted as it is. FNSAVE and FRSTOR move them between the
 * host and VcpuX87.image; the guest's frontend moves them on from there when it is asked for.
 *
 * They are fetched by the first instruction of a unit that finds them elsewhere. C that is called
 * is given an empty x87 (System V ABI 3.2.1): thunks put them into the image, and those of memory
 * accesses fetch them again, since the unit goes on as if nothing had been. No unit is entered or
 * left for C but through h->enter(), which puts them into the image too.
 */
#include "backend/x64/x64_priv.h"

enum { FRSTOR = 4, FNSAVE = 6, TMP_HIGH = 8 };

static X64Rm state_at(void) { return x64_at(RBP, VCPU_COLD_OFFSET(x87.state)); }
static X64Rm was_at(void) { return x64_at(RBP, VCPU_COLD_OFFSET(x87.was)); }
static X64Rm tmp_at(int32_t byte) { return x64_at(RBP, VCPU_COLD_OFFSET(x87.memory) + byte); }

/* @esc /@reg [rbp + @disp] */
static void with_memory(Asm *as, unsigned esc, unsigned reg, int32_t disp)
{
    x64_byte(as, 0xd8 + esc);
    x64_byte(as, 0x80 | reg << 3 | RBP);
    x64_u32(as, (uint32_t)disp);
}

static void move_image(Asm *as, unsigned reg)
{
    with_memory(as, 5, reg, VCPU_COLD_OFFSET(x87.image));
}

void x64_x87_end(Vcpu *v)
{
    VcpuX87 *x87 = &vcpu_cold(v)->x87;

    if (x87->state == X87_IN_HOST) {
        __asm__ volatile("fnsave %0" : "=m"(x87->image)::"memory");
        x87->state = X87_IN_IMAGE;
    }
}

/* ---- stubs and thunks ---- */

void x64_x87_before_c(const Host *h, Asm *as)
{
    uint8_t *elsewhere;

    if (!h->isa->x87_image) {
        return;
    }
    x64_mi(as, X64_MOV, W32, was_at(), 0);
    x64_mi(as, X64_CMP, W32, state_at(), X87_IN_HOST);
    elsewhere = x64_jcc(as, X64CC_NE, NULL);
    move_image(as, FNSAVE);
    x64_mi(as, X64_MOV, W32, state_at(), X87_IN_IMAGE);
    x64_mi(as, X64_MOV, W32, was_at(), 1);
    x64_patch(as, elsewhere, as->p);
}

void x64_x87_after_c(const Host *h, Asm *as)
{
    uint8_t *elsewhere;

    if (!h->isa->x87_image) {
        return;
    }
    x64_mi(as, X64_CMP, W32, was_at(), 0);
    elsewhere = x64_jcc(as, X64CC_E, NULL);
    move_image(as, FRSTOR);
    x64_mi(as, X64_MOV, W32, state_at(), X87_IN_HOST);
    x64_patch(as, elsewhere, as->p);
}

/* Called when the registers are elsewhere; keeps all of the host's registers but flags. A thunk
 * wants an odd number of words between it and the unit's frame. */
void x64_x87_make_enter(Host *h, Asm *as)
{
    uint8_t *have_image;

    x64_align(as, 0, 16);
    h->x87_enter = as->p;
    x64_mi(as, X64_CMP, W32, state_at(), X87_IN_IMAGE);
    have_image = x64_jcc(as, X64CC_E, NULL);
    x64_push_imm(as, 0);
    x64_push_imm(as, 0);
    x64_call(as, h->x87_image);
    x64_rm(as, X64_LEA, W64, RSP, x64_at(RSP, 8));
    x64_patch(as, have_image, as->p);
    move_image(as, FRSTOR);
    x64_mi(as, X64_MOV, W32, state_at(), X87_IN_HOST);
    x64_ret(as, 0);
}

static void fetch(Gen *g)
{
    uint8_t *here;

    if (g->x87_live) {
        return;
    }
    x64_mi(&g->as, X64_CMP, W32, state_at(), X87_IN_HOST);
    here = x64_jcc(&g->as, X64CC_E, NULL);
    x64_call(&g->as, g->h->x87_enter);
    x64_patch(&g->as, here, g->as.p);
    g->x87_live = true;
}

/* ---- instructions ---- */

static IrX87 kind_of(const Gen *g, const IrInsn *in, uint64_t *fop)
{
    unsigned kind = g->blk->isa->helpers[in->imm].effects >> HELPER_X87_SHIFT;

    if (kind == IR_X87_NO || !g->h->isa->x87_image || g->h->options.optimise_off
        || !x64_const(g, in->a, fop) || (*fop & IR_X87_BY_HELPER) != 0) {
        return IR_X87_NO;
    }
    return (IrX87)kind;
}

static void put_operand(Gen *g, IrRef ref, X64Width w, int32_t byte)
{
    uint64_t k;
    X64Reg t;

    if (ref == IR_NONE) {
        return;
    }
    if (x64_const(g, ref, &k)) {
        t = x64_temp(g);
        x64_mov_imm(&g->as, t, k);
    } else {
        t = x64_use(g, ref);
    }
    x64_mr(&g->as, X64_MOV, w, tmp_at(byte), t);
}

static void emit_register(Gen *g, uint64_t fop)
{
    fetch(g);
    x64_byte(&g->as, 0xd8 + (unsigned)(fop >> 8 & 7));
    x64_byte(&g->as, (unsigned)fop & 0xff);
}

static void emit_memory(Gen *g, uint64_t fop)
{
    fetch(g);
    with_memory(&g->as, (unsigned)(fop >> 8 & 7), (unsigned)(fop >> 3 & 7),
                VCPU_COLD_OFFSET(x87.memory));
}

/* The result, of any integer type, from the operand in memory. */
static void give(Gen *g, const IrInsn *in, int32_t byte)
{
    IrRef ref = (IrRef)(2 * g->i);
    IrType t = (IrType)in->type;

    if (g->val[ref].uses != 0) {
        x64_rm(&g->as,
               t == T_I8    ? X64_MOVZX8
               : t == T_I16 ? X64_MOVZX16
                            : X64_MOV,
               t == T_I64 ? W64 : W32, x64_def_last(g, ref), tmp_at(byte));
    }
}

void x64_give_order(Gen *g)
{
    X64Reg t = x64_temp(g), d;
    Asm *as = &g->as;

    d = x64_def(g, (IrRef)(2 * g->i));
    x64_setcc(as, X64CC_P, x64_reg(t));
    x64_setcc(as, X64CC_B, x64_reg(d));
    x64_rm(as, X64_MOVZX8, W32, d, x64_reg(d)); /* moves leave the flags */
    x64_rm(as, X64_MOVZX8, W32, t, x64_reg(t));
    x64_rm(as, X64_LEA, W32, d, x64_index(d, t, 2, 0));
    x64_setcc(as, X64CC_E, x64_reg(t));
    x64_rm(as, X64_MOVZX8, W32, t, x64_reg(t));
    x64_shift(as, X64_SHL, W32, x64_reg(t), 6);
    x64_rm(as, X64_OR, W32, d, x64_reg(t));
}

/* FCMOVNE, DB C8+i, if @in->b is not zero. */
static void emit_if(Gen *g, const IrInsn *in, uint64_t fop)
{
    X64Reg r;

    fetch(g);
    r = x64_use(g, in->b);
    x64_rm(&g->as, X64_TEST, W32, r, x64_reg(r));
    x64_byte(&g->as, 0xdb);
    x64_byte(&g->as, 0xc8 | ((unsigned)fop & 7));
}

bool x64_emit_x87(Gen *g, const IrInsn *in)
{
    uint64_t fop;

    switch (kind_of(g, in, &fop)) {
    case IR_X87_OP:
        x64_save_all_flags(g, in);
        emit_register(g, fop);
        return true;
    case IR_X87_LOAD:
        x64_save_all_flags(g, in);
        put_operand(g, in->b, W64, 0);
        put_operand(g, in->c, W64, TMP_HIGH);
        emit_memory(g, fop);
        return true;
    case IR_X87_STORE:
        x64_save_all_flags(g, in);
        emit_memory(g, fop);
        give(g, in, 0);
        return true;
    case IR_X87_HIGH: give(g, in, TMP_HIGH); return true;
    case IR_X87_DONE: return true;
    case IR_X87_ORDER:
        x64_save_all_flags(g, in);
        emit_register(g, fop);
        x64_give_order(g);
        return true;
    case IR_X87_IF:
        if (x64_const(g, in->b, &(uint64_t){ 0 })) {
            return false;
        }
        x64_save_all_flags(g, in);
        emit_if(g, in, fop);
        return true;
    default: return false;
    }
}
