/* SPDX-License-Identifier: MIT */
/* ir_vec.c - see ir_vec.h. */
#include "translator/ir/ir_vec.h"

#include "base/bits.h"

static unsigned lanes(const IrVecArgs *x) { return 8 * x->bytes / x->w; }

/* ---- shifts by a register ---- */

IrVec ir_vec_shlx(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x) && x->b.q[0] < x->w; i++) {
        ir_vec_put(&r, i, x->w, ir_vec_get(x->a, i, x->w) << x->b.q[0]);
    }
    return r;
}

IrVec ir_vec_shrx(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x) && x->b.q[0] < x->w; i++) {
        ir_vec_put(&r, i, x->w, ir_vec_get(x->a, i, x->w) >> x->b.q[0]);
    }
    return r;
}

IrVec ir_vec_sarx(const IrVecArgs *x)
{
    unsigned by = (unsigned)MIN(x->b.q[0], x->w - 1);
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x); i++) {
        ir_vec_put(&r, i, x->w, bits_sar64(bits_sext64(ir_vec_get(x->a, i, x->w), x->w), by));
    }
    return r;
}

/* ---- lanes and integers ---- */

IrVec ir_vec_splat(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x); i++) {
        ir_vec_put(&r, i, x->w, x->a.q[0]);
    }
    return r;
}

static unsigned which(const IrVecArgs *x) { return x->arg & (lanes(x) - 1); }

IrVec ir_vec_lane(const IrVecArgs *x) { return (IrVec){ { ir_vec_get(x->a, which(x), x->w), 0 } }; }

IrVec ir_vec_set(const IrVecArgs *x)
{
    IrVec r = x->a;

    ir_vec_put(&r, which(x), x->w, x->b.q[0]);
    return r;
}

IrVec ir_vec_mask(const IrVecArgs *x)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < lanes(x); i++) {
        r |= ir_vec_get(x->a, i, x->w) >> (x->w - 1) << i;
    }
    return (IrVec){ { r, 0 } };
}

/* ---- halves ---- */

IrVec ir_vec_lo(const IrVecArgs *x) { return (IrVec){ { x->a.q[0], 0 } }; }
IrVec ir_vec_hi(const IrVecArgs *x) { return (IrVec){ { x->a.q[1], 0 } }; }
IrVec ir_vec_join(const IrVecArgs *x) { return (IrVec){ { x->a.q[0], x->b.q[0] } }; }

static uint64_t extended(IrVec v, unsigned i, unsigned w, bool is_signed)
{
    uint64_t lane = ir_vec_get(v, i, w);

    return is_signed ? bits_sext64(lane, w) : lane;
}

static IrVec widen(const IrVecArgs *x, bool is_signed)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 64 / x->w; i++) {
        ir_vec_put(&r, i, 2 * x->w, extended(x->a, i, x->w, is_signed));
    }
    return r;
}

IrVec ir_vec_zext(const IrVecArgs *x) { return (IrVec){ { x->a.q[0], 0 } }; }

IrVec ir_vec_merge(const IrVecArgs *x)
{
    IrVec r = x->a;

    ir_vec_put(&r, 0, x->w, ir_vec_get(x->b, 0, x->w));
    return r;
}

IrVec ir_vec_widenu(const IrVecArgs *x) { return widen(x, false); }
IrVec ir_vec_widens(const IrVecArgs *x) { return widen(x, true); }

static IrVec multiply(const IrVecArgs *x, bool is_signed)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 64 / x->w; i++) {
        ir_vec_put(&r, i, 2 * x->w,
                   extended(x->a, i, x->w, is_signed) * extended(x->b, i, x->w, is_signed));
    }
    return r;
}

IrVec ir_vec_mullu(const IrVecArgs *x) { return multiply(x, false); }
IrVec ir_vec_mulls(const IrVecArgs *x) { return multiply(x, true); }

IrVec ir_vec_mulue(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x) / 2; i++) {
        ir_vec_put(&r, i, 2 * x->w, ir_vec_get(x->a, 2 * i, x->w) * ir_vec_get(x->b, 2 * i, x->w));
    }
    return r;
}

IrVec ir_vec_madd(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x) / 2; i++) {
        uint64_t sum = 0;

        for (unsigned k = 2 * i; k < 2 * i + 2; k++) {
            sum += extended(x->a, k, x->w, true) * extended(x->b, k, x->w, true);
        }
        ir_vec_put(&r, i, 2 * x->w, sum);
    }
    return r;
}

IrVec ir_vec_sad(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < x->bytes; i++) {
        uint64_t a = ir_vec_get(x->a, i, 8), b = ir_vec_get(x->b, i, 8);

        r.q[i / 8] += a > b ? a - b : b - a;
    }
    return r;
}

/* ---- both vectors to one ---- */

/* Lane @i of a, then of b. */
static uint64_t of_both(const IrVecArgs *x, unsigned i)
{
    return i < lanes(x) ? ir_vec_get(x->a, i, x->w) : ir_vec_get(x->b, i - lanes(x), x->w);
}

static IrVec pack(const IrVecArgs *x, int64_t low, int64_t high)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 2 * lanes(x); i++) {
        int64_t v = (int64_t)bits_sext64(of_both(x, i), x->w);

        ir_vec_put(&r, i, x->w / 2, (uint64_t)(v < low ? low : v > high ? high : v));
    }
    return r;
}

IrVec ir_vec_packss(const IrVecArgs *x)
{
    int64_t high = (int64_t)bits_mask(x->w / 2 - 1);

    return pack(x, -high - 1, high);
}

IrVec ir_vec_packus(const IrVecArgs *x) { return pack(x, 0, (int64_t)bits_mask(x->w / 2)); }

static IrVec every_second(const IrVecArgs *x, unsigned from)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x); i++) {
        ir_vec_put(&r, i, x->w, of_both(x, 2 * i + from));
    }
    return r;
}

/* One lane of 64 bits is its own even lane; then there is no odd one but b. */
IrVec ir_vec_uze(const IrVecArgs *x) { return every_second(x, 0); }
IrVec ir_vec_uzo(const IrVecArgs *x) { return every_second(x, 1); }

static IrVec zip(const IrVecArgs *x, unsigned from)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes(x); i++) {
        unsigned k = from + i / 2;

        ir_vec_put(&r, i, x->w, ir_vec_get(i % 2 == 0 ? x->a : x->b, k, x->w));
    }
    return r;
}

/* Of a single lane, a's is the lower half and b's the upper. */
IrVec ir_vec_zipl(const IrVecArgs *x) { return zip(x, 0); }

IrVec ir_vec_ziph(const IrVecArgs *x)
{
    return lanes(x) == 1 ? (IrVec){ { x->b.q[0], 0 } } : zip(x, lanes(x) / 2);
}

IrVec ir_vec_ext(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < x->bytes; i++) {
        ir_vec_put(&r, i, 8, of_both(x, i + (x->arg & (x->bytes - 1))));
    }
    return r;
}

/* ---- by number ---- */

/* Four lanes from number @first on, chosen; the others as they are. */
static IrVec shuffle(const IrVecArgs *x, unsigned first)
{
    IrVec r = x->a;

    for (unsigned i = 0; i < 4; i++) {
        ir_vec_put(&r, first + i, x->w, ir_vec_get(x->a, first + (x->arg >> 2 * i & 3), x->w));
    }
    return r;
}

IrVec ir_vec_shuf(const IrVecArgs *x) { return shuffle(x, 0); }
IrVec ir_vec_shuflo(const IrVecArgs *x) { return shuffle(x, 0); }
IrVec ir_vec_shufhi(const IrVecArgs *x) { return shuffle(x, 4); }

IrVec ir_vec_shuf2(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 4; i++) {
        ir_vec_put(&r, i, x->w, ir_vec_get(i < 2 ? x->a : x->b, x->arg >> 2 * i & 3, x->w));
    }
    return r;
}

IrVec ir_vec_tbl(const IrVecArgs *x)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < x->bytes; i++) {
        uint64_t n = ir_vec_get(x->b, i, 8);

        ir_vec_put(&r, i, 8, n < 16 ? ir_vec_get(x->a, (unsigned)n, 8) : 0);
    }
    return r;
}
