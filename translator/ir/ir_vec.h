/* SPDX-License-Identifier: MIT */
/* ir_vec.h - what vector operations mean that are more than their lanes. */
#ifndef TRANSLATOR_IR_IR_VEC_H
#define TRANSLATOR_IR_IR_VEC_H

#include "base/fpenv.h"
#include "translator/ir/ir.h"

/* A row's operands. */
typedef struct IrVecArgs {
    IrVec a, b;
    unsigned bytes; /* of T: 8 or 16; of the rows without T 16 */
    unsigned w;     /* bits of a lane */
    unsigned arg;
} IrVecArgs;

/* Each is named in a row of ir_ops.def, which says what it does. */
IrVec ir_vec_shlx(const IrVecArgs *x);
IrVec ir_vec_shrx(const IrVecArgs *x);
IrVec ir_vec_sarx(const IrVecArgs *x);
IrVec ir_vec_splat(const IrVecArgs *x);
IrVec ir_vec_lane(const IrVecArgs *x);
IrVec ir_vec_set(const IrVecArgs *x);
IrVec ir_vec_mask(const IrVecArgs *x);
IrVec ir_vec_lo(const IrVecArgs *x);
IrVec ir_vec_hi(const IrVecArgs *x);
IrVec ir_vec_join(const IrVecArgs *x);
IrVec ir_vec_zext(const IrVecArgs *x);
IrVec ir_vec_merge(const IrVecArgs *x);
IrVec ir_vec_widenu(const IrVecArgs *x);
IrVec ir_vec_widens(const IrVecArgs *x);
IrVec ir_vec_mullu(const IrVecArgs *x);
IrVec ir_vec_mulls(const IrVecArgs *x);
IrVec ir_vec_mulue(const IrVecArgs *x);
IrVec ir_vec_madd(const IrVecArgs *x);
IrVec ir_vec_sad(const IrVecArgs *x);
IrVec ir_vec_packss(const IrVecArgs *x);
IrVec ir_vec_packus(const IrVecArgs *x);
IrVec ir_vec_uze(const IrVecArgs *x);
IrVec ir_vec_uzo(const IrVecArgs *x);
IrVec ir_vec_zipl(const IrVecArgs *x);
IrVec ir_vec_ziph(const IrVecArgs *x);
IrVec ir_vec_ext(const IrVecArgs *x);
IrVec ir_vec_shuf(const IrVecArgs *x);
IrVec ir_vec_shuflo(const IrVecArgs *x);
IrVec ir_vec_shufhi(const IrVecArgs *x);
IrVec ir_vec_shuf2(const IrVecArgs *x);
IrVec ir_vec_tbl(const IrVecArgs *x);

/* Lane @i of @w bits, zero-extended; and @v with it replaced. */
static inline uint64_t ir_vec_get(IrVec v, unsigned i, unsigned w)
{
    unsigned at = i * w;

    return w == 64 ? v.q[i & 1] : v.q[at / 64 & 1] >> at % 64 & (((uint64_t)1 << w) - 1);
}

static inline void ir_vec_put(IrVec *v, unsigned i, unsigned w, uint64_t x)
{
    unsigned at = i * w;
    uint64_t m = (w == 64 ? 0 : (uint64_t)1 << w) - 1;

    v->q[at / 64 & 1] = (v->q[at / 64 & 1] & ~(m << at % 64)) | (x & m) << at % 64;
}

#endif
