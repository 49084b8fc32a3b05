/* SPDX-License-Identifier: MIT */
/* form.c - forms units: fetches guest code and lifts it until the unit ends. */
#include <string.h>

#include "translator/tr_priv.h"

static Gva page_of(Gva va) { return va & ~(Gva)(PHYS_PAGE - 1); }

/* Whether a breakpoint is on what may be lifted together with the instruction at @va. */
static bool breaks_soon(const Translator *t, Gva va)
{
    bool any = false;

    for (unsigned i = 1; t->breakpoints && i <= 4; i++) {
        any |= tr_break_at(t, va + i);
    }
    return any;
}

/* The unit's only instruction continues on the next page: its bytes are put together, and the unit
 * starts with a guard on what that page is. */
static bool form_straddling(Translator *t, Vcpu *v, IsaLift *l, Formed *f)
{
    uint8_t bytes[TR_INSN_BYTES_MAX] = { 0 };
    unsigned here = l->avail, n;
    Gpa pa;
    const uint8_t *more = mmu_fetch(v, page_of(l->pc) + PHYS_PAGE, &pa);
    Gva start = l->pc;
    IsaLifted lifted;

    if (more == NULL) {
        return false;
    }
    n = TR_INSN_BYTES_MAX;
    memcpy(bytes, l->code, here);
    memcpy(bytes + here, more, n - here);
    l->code = bytes;
    l->avail = n;
    ir_guard_next(&t->blk, pa);
    lifted = t->isa->lift(l);
    g_assert(lifted == LIFTED || lifted == LIFTED_END);
    if (lifted == LIFTED) {
        ir_goto(&t->blk, l->pc, l->mode);
    }
    f->guard_pa = pa;
    f->bytes = here;
    /* A branch has no next pc to measure by: the longest form that fits counts. */
    f->bytes_next = lifted == LIFTED ? l->pc - start - here : n - here;
    return true;
}

bool tr_form_block(Translator *t, Vcpu *v, unsigned insns, Formed *f)
{
    IrBlock *blk = &t->blk;
    IsaLift l = { .blk = blk, .v = v, .pc = v->pc, .mode = v->mode };
    const uint8_t *base = mmu_fetch(v, v->pc, &f->pa);
    const Gva page = page_of(v->pc), start = v->pc;
    IsaLifted lifted = LIFTED;

    f->guard_pa = UNIT_NO_PAGE;
    f->bytes = f->bytes_next = 0;
    if (base == NULL) {
        return false;
    }
    ir_begin(blk, t->isa, v->pc, v->mode);
    while (blk->n_insns < insns) {
        Gva off = l.pc - start;
        unsigned before = blk->n_insns;

        if (before > 0 && tr_break_at(t, l.pc)) {
            break;
        }
        if (page_of(l.pc) != page || blk->n + IR_BLOCK_ROOM > IR_BLOCK_MAX) {
            break;
        }
        l.code = base + off;
        l.avail = PHYS_PAGE - (l.pc & (PHYS_PAGE - 1));
        l.room = breaks_soon(t, l.pc) ? 1 : insns - before;
        lifted = t->isa->lift(&l);
        if (lifted == LIFT_MORE && before == 0) {
            return form_straddling(t, v, &l, f);
        }
        if (lifted != LIFTED) {
            break;
        }
    }
    if (lifted != LIFTED_END) {
        ir_goto(blk, l.pc, l.mode);
    }
    f->bytes = MAX(MIN(l.pc - start, page + PHYS_PAGE - start), 1);
    return true;
}
