/* SPDX-License-Identifier: MIT */
/*
 * vecpins.c - a guest's vector registers in the host's.
 *
 * While VcpuCold.vecs_in_host says so, xmm8 to xmm15 are the vectors that GuestIsa.vecs tells of,
 * and what is in memory is old. A unit that accesses any fetches them when it is entered, if they
 * are not there. From then on they are there until C runs that does not come back into a unit: over
 * linked units, also those that have nothing to do with vectors. C that is called finds them in
 * memory; what it changes there is fetched behind the call. So what other code pays is a
 * comparison around each call and at each exit.
 */
#include "backend/x64/x64_priv.h"

static X64Rm flag(void) { return x64_at(RBP, VCPU_COLD_OFFSET(vecs_in_host)); }

static X64Rm memory(const Host *h, unsigned n)
{
    return x64_at(RBP, h->isa->vecs + 16 * (int32_t)n);
}

void x64_vecs_assign(Host *h)
{
    h->n_vec_pins = h->isa->n_vecs <= VEC_PINS_MAX && !h->options.optimise_off ? h->isa->n_vecs : 0;
    h->vec_end = h->n_vec_pins != 0 ? FIRST_VEC_PIN : N_VECS;
}

X64Reg x64_vec_pin(const Host *h, int32_t offset)
{
    uint32_t byte = (uint32_t)offset - (uint32_t)h->isa->vecs;

    return byte < 16 * h->n_vec_pins ? FIRST_VEC_PIN + byte / 16 : NO_REG;
}

static void store_all(const Host *h, Asm *as)
{
    for (unsigned n = 0; n < h->n_vec_pins; n++) {
        x64_mr(as, X64_MOVUPS, W32, memory(h, n), FIRST_VEC_PIN + n);
    }
}

static void load_all(const Host *h, Asm *as)
{
    for (unsigned n = 0; n < h->n_vec_pins; n++) {
        x64_rm(as, X64_MOVUPS, W32, FIRST_VEC_PIN + n, memory(h, n));
    }
}

/* Jumps, to what is emitted later, if they are not in the host. */
static uint8_t *unless_in_host(Asm *as)
{
    x64_mi(as, X64_CMP, W32, flag(), 0);
    return x64_jcc(as, X64CC_E, NULL);
}

void x64_vecs_before_c(const Host *h, Asm *as)
{
    if (h->n_vec_pins != 0) {
        uint8_t *elsewhere = unless_in_host(as);

        store_all(h, as);
        x64_patch(as, elsewhere, as->p);
    }
}

void x64_vecs_after_c(const Host *h, Asm *as)
{
    if (h->n_vec_pins != 0) {
        uint8_t *elsewhere = unless_in_host(as);

        load_all(h, as);
        x64_patch(as, elsewhere, as->p);
    }
}

void x64_vecs_leave(const Host *h, Asm *as)
{
    if (h->n_vec_pins != 0) {
        uint8_t *elsewhere = unless_in_host(as);

        store_all(h, as);
        x64_vecs_gone(h, as);
        x64_patch(as, elsewhere, as->p);
    }
}

void x64_vecs_gone(const Host *h, Asm *as)
{
    if (h->n_vec_pins != 0) {
        x64_mi(as, X64_MOV, W32, flag(), 0);
    }
}

/* Called when they are elsewhere. */
void x64_vecs_make_enter(Host *h, Asm *as)
{
    if (h->n_vec_pins != 0) {
        x64_align(as, 0, 16);
        h->vecs_enter = as->p;
        load_all(h, as);
        x64_mi(as, X64_MOV, W32, flag(), 1);
        x64_ret(as, 0);
    }
}

static bool accesses_any(const Gen *g)
{
    for (unsigned i = 0; i < g->blk->n; i++) {
        const IrInsn *in = &g->blk->insn[i];

        if (g->live[i] && (in->op == IR_gld || in->op == IR_gst)
            && x64_vec_pin(g->h, (int32_t)in->imm) != NO_REG) {
            return true;
        }
    }
    return false;
}

void x64_vecs_fetch(Gen *g)
{
    if (g->h->n_vec_pins != 0 && accesses_any(g)) {
        uint8_t *here;

        x64_mi(&g->as, X64_CMP, W32, flag(), 0);
        here = x64_jcc(&g->as, X64CC_NE, NULL);
        x64_call(&g->as, g->h->vecs_enter);
        x64_patch(&g->as, here, g->as.p);
    }
}
