/* SPDX-License-Identifier: MIT */
/*
 * aligned.c - what is known of the low bits of addresses, so that none is tested twice.
 *
 * Accesses with an alignment rule have left the unit if they break it: from there on the bits are
 * known, and with them those of the base register and of what else is computed from it.
 */
#include "backend/x64/x64_priv.h"
#include "base/bits.h"

enum { DEPTH = 4 };

/* A value is @value modulo 2^@bits. */
typedef struct Low {
    unsigned bits;
    uint32_t value;
} Low;

static Low low_of(const Gen *g, IrRef ref, unsigned depth);

/* The operation that defines the I32 @ref, or NULL. */
static const IrInsn *definition(const Gen *g, IrRef ref)
{
    const IrInsn *in = &g->blk->insn[ref / 2];

    return ref % 2 == 0 && in->type == T_I32 ? in : NULL;
}

static Low computed(const Gen *g, const IrInsn *in, unsigned depth)
{
    Low a = low_of(g, in->a, depth), b = low_of(g, in->b, depth);
    uint32_t known;

    switch (in->op) {
    case IR_add: return (Low){ MIN(a.bits, b.bits), a.value + b.value };
    case IR_sub: return (Low){ MIN(a.bits, b.bits), a.value - b.value };
    case IR_shl:
        return b.bits == 32 && b.value < 32 ? (Low){ MIN(a.bits + b.value, 32), a.value << b.value }
                                            : (Low){ 0, 0 };
    default: /* and: where the mask is 0 the result is */
        if (b.bits != 32) {
            return (Low){ 0, 0 };
        }
        known = ~b.value | (uint32_t)bits_mask(a.bits);
        return (Low){ known == UINT32_MAX ? 32 : bits_ctz64(~(uint64_t)known), a.value & b.value };
    }
}

static Low low_of(const Gen *g, IrRef ref, unsigned depth)
{
    const IrInsn *in;
    uint64_t k;

    ref = x64_resolve(g, ref);
    if (x64_const(g, ref, &k)) {
        return (Low){ 32, (uint32_t)k };
    }
    for (unsigned i = g->n_aligned; i-- > 0;) {
        if (g->aligned[i].ref == ref) {
            return (Low){ g->aligned[i].bits, g->aligned[i].value };
        }
    }
    in = definition(g, ref);
    if (depth == 0 || in == NULL
        || !(in->op == IR_add || in->op == IR_sub || in->op == IR_shl || in->op == IR_and)) {
        return (Low){ 0, 0 };
    }
    return computed(g, in, depth - 1);
}

bool x64_is_aligned(const Gen *g, IrRef va, uint32_t align)
{
    Low low = low_of(g, va, DEPTH);

    return low.bits >= bits_ctz64(align) && (low.value & (align - 1)) == 0;
}

void x64_now_aligned(Gen *g, IrRef va, uint32_t align)
{
    const IrInsn *in;
    uint32_t offset = 0;
    uint64_t k;

    va = x64_resolve(g, va);
    for (in = definition(g, va); in && in->op == IR_add && x64_const(g, in->b, &k);
         in = definition(g, va)) {
        offset += (uint32_t)k;
        va = x64_resolve(g, in->a);
    }
    if (g->n_aligned < G_N_ELEMENTS(g->aligned)) {
        g->aligned[g->n_aligned++] = (Aligned){ va, (uint8_t)bits_ctz64(align), 0u - offset };
    }
}
