/* SPDX-License-Identifier: MIT */
/*
 * side.c - the side table: which guest instruction each fault point belongs to.
 *
 * Behind a unit's code: instructions of the unit; its pc; its mode; number of points; then for each
 * point its offset in the code, instruction index, pc less the unit's, mode xor the unit's; number
 * of accesses in the window; for each its offset and where it goes by the tables. All are
 * little-endian base-128 numbers.
 */
#include "backend/x64/x64_priv.h"

static void put(Asm *as, uint32_t v)
{
    while (v >= 0x80) {
        x64_byte(as, 0x80 | (v & 0x7f));
        v >>= 7;
    }
    x64_byte(as, v);
}

static uint32_t get(const uint8_t **p)
{
    uint32_t v = 0;

    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = *(*p)++;

        v |= (uint32_t)(b & 0x7f) << shift;
        if ((b & 0x80) == 0) {
            return v;
        }
    }
}

static void put_accesses(Gen *g)
{
    unsigned n = 0;

    for (unsigned k = 0; k < g->n_slow; k++) {
        n += g->slow[k].site != NULL;
    }
    put(&g->as, n);
    for (unsigned k = 0; k < g->n_slow; k++) {
        const Slow *s = &g->slow[k];

        if (s->site) {
            put(&g->as, (uint32_t)(s->site - g->start));
            put(&g->as, (uint32_t)(s->elsewhere - g->start));
        }
    }
}

bool x64_side_write(Gen *g)
{
    Asm *as = &g->as;

    put(as, g->blk->n_insns);
    put(as, g->blk->pc);
    put(as, g->blk->mode);
    put(as, g->n_points);
    for (unsigned k = 0; k < g->n_points; k++) {
        const Point *p = &g->point[k];

        put(as, p->offset);
        put(as, p->insn);
        put(as, p->pc - g->blk->pc);
        put(as, p->mode ^ g->blk->mode);
    }
    put_accesses(g);
    return !as->full;
}

bool x64_side_find(const HostUnit *u, uint32_t offset, HostPoint *point)
{
    const uint8_t *p = u->side;
    uint32_t total = get(&p), pc = get(&p), mode = get(&p), n = get(&p);

    while (n-- > 0) {
        uint32_t at = get(&p), insn = get(&p), ahead = get(&p), other = get(&p);

        if (at == offset) {
            *point = (HostPoint){
                .pc = pc + ahead, .mode = mode ^ other, .index = insn, .total = total
            };
            return true;
        }
    }
    return false;
}

const uint8_t *x64_side_elsewhere(const HostUnit *u, uint32_t offset)
{
    const uint8_t *p = u->side;
    uint32_t n;

    for (unsigned k = 0; k < 3; k++) { /* instructions, pc, mode */
        get(&p);
    }
    for (n = 4 * get(&p); n > 0; n--) {
        get(&p);
    }
    for (n = get(&p); n > 0; n--) {
        uint32_t at = get(&p), elsewhere = get(&p);

        if (at == offset) {
            return u->code + elsewhere;
        }
    }
    return NULL;
}
