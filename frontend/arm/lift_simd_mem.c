/* SPDX-License-Identifier: MIT */
/* lift_simd_mem.c - element and structure loads and stores, DDI 0406C.d A7.7. */
#include "frontend/arm/lift_fp_priv.h"

/* What all forms have: elements of 1 << size bytes, structures of n, from register d on, apart */
typedef struct Structure {
    unsigned d, n, apart, groups; /* groups of n registers, each from the next d */
    unsigned size;
    unsigned align; /* log2 of what the encoding demands; 0: nothing */
    uint32_t bytes; /* of the whole transfer */
} Structure;

/* UNPREDICTABLE, we raise UNDEF: registers beyond D31, the pc as base. */
static bool begin(ArmLift *l, const Structure *s)
{
    if (s->d + (s->n - 1) * s->apart + s->groups > 32 || arm_field(l, 'n') == 15) {
        arm_undefined(l);
        return false;
    }
    return arm_fp_begin_op(l, true);
}

static IrRef offset(ArmLift *l, IrRef base, uint32_t by)
{
    return ir_add(l->blk, T_I32, base, ir_const(l->blk, T_I32, by));
}

/* Rm 15: none; 13: by the bytes transferred; else by R[m]. */
static void write_back(ArmLift *l, const Structure *s, IrRef base)
{
    unsigned m = arm_field(l, 'm');

    if (m == 13) {
        arm_set(l, arm_field(l, 'n'), offset(l, base, s->bytes));
    } else if (m != 15) {
        IrRef by = arm_get(l, m);

        arm_set(l, arm_field(l, 'n'), ir_add(l->blk, T_I32, base, by));
    }
}

/* ---- several whole registers ---- */

/*
 * Doublewords are transferred whole: byte order is then that of elements in it. The alignment the
 * encoding names is demanded of the first, that of an element, if SCTLR.A asks for it, of all.
 */
static uint64_t whole_memop(const ArmLift *l, const Structure *s, unsigned i)
{
    unsigned align = (l->mode & MODE_ALIGN) != 0 ? s->size : 0;

    if (i == 0 && s->align > align) {
        align = s->align;
    }
    return MO_64 | (uint64_t)align << MO_ALIGN_SHIFT;
}

/* Bytes of each element of @v reversed, if data are big-endian. */
static IrRef swap_elements(ArmLift *l, IrRef v, unsigned size)
{
    static const uint64_t low[] = { 0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff };

    if ((l->mode & MODE_E) == 0) {
        return v;
    }
    for (unsigned i = 0; i < size; i++) { /* halves of 1 << i bytes */
        IrRef mask = arm_fp_const(l, low[i]), by = arm_fp_const(l, 8u << i);
        IrRef up = ir_shl(l->blk, T_I64, ir_and(l->blk, T_I64, v, mask), by);
        IrRef down = ir_and(l->blk, T_I64, ir_shr(l->blk, T_I64, v, by), mask);

        v = ir_or(l->blk, T_I64, up, down);
    }
    return v;
}

static Structure multiple(const ArmLift *l)
{
    uint32_t arg = arm_arg(l), a = arm_field(l, 'a');
    Structure s = { .n = arg & 15, .apart = arg >> 4 & 15, .groups = arg >> 8 };

    s.d = arm_fp_reg(l, 'd');
    s.size = arm_field(l, 'z');
    s.align = a == 0 ? 0 : a + 2;
    s.bytes = 8 * s.n * s.groups;
    return s;
}

/* The register of doubleword @i in memory. */
static unsigned whole_reg(const Structure *s, unsigned i)
{
    return s->d + i / s->n + i % s->n * s->apart;
}

/* What interleave and deinterleave are told of group @g. */
static SimdArgs group_args(const Structure *s, unsigned g)
{
    return (SimdArgs){ .d = (uint8_t)(s->d + g),
                       .n = (uint8_t)s->n,
                       .m = (uint8_t)s->apart,
                       .size = (uint8_t)s->size };
}

/* Whether registers @i and the next are neighbours in memory and in the file: one access of 16
 * bytes. The alignment demanded of its first half is what the second then has. */
static bool is_pair(const ArmLift *l, const Structure *s, unsigned i)
{
    return s->n == 1 && i + 1 < s->groups && (l->mode & MODE_E) == 0;
}

static uint64_t pair_memop(uint64_t memop) { return (memop & ~(uint64_t)MO_SIZE) | MO_128; }

/* The registers of group @g from the doublewords @v in memory, by vector rows; false: not so. */
static bool take_apart(ArmLift *l, const Structure *s, unsigned g, const IrRef v[4])
{
    const uint64_t x = ir_lane(s->size, 0);
    IrRef r[4], even[2], odd[2];

    if (s->n == 2) {
        r[0] = ir_vuze(l->blk, T_V64, v[0], v[1], x);
        r[1] = ir_vuzo(l->blk, T_V64, v[0], v[1], x);
    } else if (s->n == 4) {
        for (unsigned k = 0; k < 2; k++) {
            even[k] = ir_vuze(l->blk, T_V64, v[2 * k], v[2 * k + 1], x);
            odd[k] = ir_vuzo(l->blk, T_V64, v[2 * k], v[2 * k + 1], x);
        }
        r[0] = ir_vuze(l->blk, T_V64, even[0], even[1], x);
        r[1] = ir_vuze(l->blk, T_V64, odd[0], odd[1], x);
        r[2] = ir_vuzo(l->blk, T_V64, even[0], even[1], x);
        r[3] = ir_vuzo(l->blk, T_V64, odd[0], odd[1], x);
    } else {
        return false;
    }
    for (unsigned k = 0; k < s->n; k++) {
        ir_gst(l->blk, arm_fp_d(s->d + g + k * s->apart), r[k]);
    }
    return true;
}

/* The other way: doublewords for memory from the registers of group @g. */
static bool put_together(ArmLift *l, const Structure *s, unsigned g, IrRef v[4])
{
    const uint64_t x = ir_lane(s->size, 0);
    IrRef r[4], low[2], high[2];

    for (unsigned k = 0; k < s->n; k++) {
        r[k] = ir_gld(l->blk, T_V64, arm_fp_d(s->d + g + k * s->apart));
    }
    if (s->n == 2) {
        v[0] = ir_vzipl(l->blk, T_V64, r[0], r[1], x);
        v[1] = ir_vziph(l->blk, T_V64, r[0], r[1], x);
        return true;
    }
    if (s->n != 4) {
        return false;
    }
    for (unsigned k = 0; k < 2; k++) {
        low[k] = ir_vzipl(l->blk, T_V64, r[k], r[k + 2], x);
        high[k] = ir_vziph(l->blk, T_V64, r[k], r[k + 2], x);
    }
    v[0] = ir_vzipl(l->blk, T_V64, low[0], low[1], x);
    v[1] = ir_vziph(l->blk, T_V64, low[0], low[1], x);
    v[2] = ir_vzipl(l->blk, T_V64, high[0], high[1], x);
    v[3] = ir_vziph(l->blk, T_V64, high[0], high[1], x);
    return true;
}

/* VLD1 to VLD4, multiple structures: for each e: Elem[D[d], e], Elem[D[d+apart], e] ... = MemU[] */
void lift_simd_vld_multiple(ArmLift *l)
{
    Structure s = multiple(l);
    bool rows = (l->mode & MODE_E) == 0 && s.size < 3 && (s.n == 2 || s.n == 4);
    IrRef base, v[4];

    if (!begin(l, &s)) {
        return;
    }
    base = arm_get(l, arm_field(l, 'n'));
    for (unsigned i = 0; i < s.n * s.groups; i++) {
        uint64_t memop = whole_memop(l, &s, i);
        IrRef va = offset(l, base, 8 * i);

        if (is_pair(l, &s, i)) {
            v[i] = ir_ld(l->blk, T_V128, va, pair_memop(memop));
            v[++i] = IR_NONE;
        } else {
            v[i] = ir_ld(l->blk, rows ? T_V64 : T_I64, va, memop);
        }
    }
    for (unsigned g = 0; rows && g < s.groups; g++) {
        take_apart(l, &s, g, v + g * s.n);
    }
    for (unsigned i = 0; !rows && i < s.n * s.groups; i++) {
        if (v[i] != IR_NONE) {
            ir_gst(l->blk, arm_fp_d(whole_reg(&s, i)), swap_elements(l, v[i], s.size));
        }
    }
    for (unsigned g = 0; !rows && s.n > 1 && g < s.groups; g++) {
        IrRef args = arm_fp_const(l, simd_pack(group_args(&s, g)));

        arm_call(l, T_NO, ARM_H_deinterleave, args, IR_NONE, IR_NONE);
    }
    write_back(l, &s, base);
}

/* Doubleword @i for memory of registers that are interleaved by the helper, or of one. */
static IrRef whole_value(ArmLift *l, const Structure *s, unsigned i)
{
    IrRef args, v;

    if (s->n == 1) {
        v = ir_gld(l->blk, T_I64, arm_fp_d(whole_reg(s, i)));
    } else {
        args = arm_fp_const(l, simd_pack(group_args(s, i / s->n)));
        v = arm_call(l, T_I64, ARM_H_interleave, args, arm_fp_const(l, i % s->n), IR_NONE);
    }
    return swap_elements(l, v, s->size);
}

/* VST1 to VST4, multiple structures */
void lift_simd_vst_multiple(ArmLift *l)
{
    Structure s = multiple(l);
    bool rows = (l->mode & MODE_E) == 0 && s.size < 3 && (s.n == 2 || s.n == 4);
    IrRef base, v[4];

    if (!begin(l, &s)) {
        return;
    }
    base = arm_get(l, arm_field(l, 'n'));
    for (unsigned g = 0; rows && g < s.groups; g++) {
        put_together(l, &s, g, v + g * s.n);
    }
    for (unsigned i = 0; i < s.n * s.groups; i++) {
        uint64_t memop = whole_memop(l, &s, i);
        IrRef va = offset(l, base, 8 * i), x;

        if (is_pair(l, &s, i)) {
            x = ir_gld(l->blk, T_V128, arm_fp_d(whole_reg(&s, i)));
            ir_st(l->blk, va, x, pair_memop(memop));
            i++;
        } else {
            x = rows ? v[i] : whole_value(l, &s, i);
            ir_st(l->blk, va, x, memop);
        }
    }
    write_back(l, &s, base);
}

/* ---- one structure ---- */

static const IrType lane_type[] = { T_I8, T_I16, T_I32 };

static uint64_t element_memop(const ArmLift *l, const Structure *s, unsigned i)
{
    uint64_t memop = arm_memop(l, s->size, false);

    if (i == 0 && s->align > memop_align(memop)) {
        memop = (memop & ~(uint64_t)MO_ALIGN) | (uint64_t)s->align << MO_ALIGN_SHIFT;
    }
    return memop;
}

/* Loads the elements of one structure, zero-extended. */
static void load_elements(ArmLift *l, const Structure *s, IrRef base, IrRef v[4])
{
    for (unsigned i = 0; i < s->n; i++) {
        v[i] = ir_ld(l->blk, T_I32, offset(l, base, i << s->size), element_memop(l, s, i));
    }
}

/* A8.8.321 and so on: the whole structure's alignment, but words of VLD1 and VLD4 as encoded. */
static unsigned lane_align(const Structure *s, unsigned a)
{
    if (a == 0) {
        return 0;
    }
    if (s->n == 4 && s->size == 2) {
        return a + 2;
    }
    return s->size + s->n / 2;
}

static Structure one_lane(const ArmLift *l)
{
    uint32_t arg = arm_arg(l);
    Structure s = { .n = arg & 15, .apart = 1 + arm_field(l, 's'), .groups = 1, .size = arg >> 4 };

    s.d = arm_fp_reg(l, 'd');
    s.align = lane_align(&s, arm_field(l, 'a'));
    s.bytes = s.n << s.size;
    return s;
}

static int32_t lane_place(const ArmLift *l, const Structure *s, unsigned i)
{
    return arm_fp_d(s->d + i * s->apart) + (int32_t)(arm_field(l, 'i') << s->size);
}

/* VLD1 to VLD4, one lane: Elem[D[d], index], Elem[D[d+apart], index] ... = MemU[] */
void lift_simd_vld_lane(ArmLift *l)
{
    Structure s = one_lane(l);
    IrRef base, v[4];

    if (!begin(l, &s)) {
        return;
    }
    base = arm_get(l, arm_field(l, 'n'));
    load_elements(l, &s, base, v);
    for (unsigned i = 0; i < s.n; i++) {
        ir_gst(l->blk, lane_place(l, &s, i),
               s.size == 2 ? v[i] : ir_trunc(l->blk, lane_type[s.size], v[i]));
    }
    write_back(l, &s, base);
}

/* VST1 to VST4, one lane */
void lift_simd_vst_lane(ArmLift *l)
{
    Structure s = one_lane(l);
    IrRef base;

    if (!begin(l, &s)) {
        return;
    }
    base = arm_get(l, arm_field(l, 'n'));
    for (unsigned i = 0; i < s.n; i++) {
        IrRef v = ir_gld(l->blk, lane_type[s.size], lane_place(l, &s, i));

        if (s.size < 2) {
            v = ir_zext(l->blk, T_I32, v);
        }
        ir_st(l->blk, offset(l, base, i << s.size), v, element_memop(l, &s, i));
    }
    write_back(l, &s, base);
}

/* A8.8.322 and so on; size 3 of VLD4 is words aligned to 16 bytes. */
static Structure all_lanes(const ArmLift *l)
{
    unsigned n = arm_arg(l), z = arm_field(l, 'z'), two = arm_field(l, 's');
    Structure s = { .d = arm_fp_reg(l, 'd'), .n = n, .apart = 1 + two, .groups = 1 };

    if (n == 1) {
        s.groups = 1 + two;
        s.apart = 1;
    }
    s.size = MIN(z, 2);
    s.bytes = n << s.size;
    if (arm_field(l, 'a') != 0) {
        s.align = n == 4 && z >= 2 ? z + 1 : s.size + n / 2;
    }
    return s;
}

/* VLD1 to VLD4 to all lanes: each register filled with its element */
void lift_simd_vld_all(ArmLift *l)
{
    static const uint64_t ones[] = { 0x0101010101010101, 0x0001000100010001, 0x0000000100000001 };
    Structure s = all_lanes(l);
    IrRef base, v[4];

    if (!begin(l, &s)) {
        return;
    }
    base = arm_get(l, arm_field(l, 'n'));
    load_elements(l, &s, base, v);
    for (unsigned i = 0; i < s.n; i++) {
        IrRef x = ir_zext(l->blk, T_I64, v[i]);

        x = ir_mul(l->blk, T_I64, x, arm_fp_const(l, ones[s.size]));
        for (unsigned g = 0; g < s.groups; g++) {
            ir_gst(l->blk, arm_fp_d(s.d + i * s.apart + g), x);
        }
    }
    write_back(l, &s, base);
}
