/* SPDX-License-Identifier: MIT */
/*
 * side.c - the side table: which guest instruction each fault point belongs to.
 *
 * Behind a unit's code: instructions of the unit; its pc; its mode; number of points; then for each
 * point its offset in the code, instruction index, pc less the unit's, mode xor the unit's. All are
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
