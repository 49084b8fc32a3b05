/* SPDX-License-Identifier: MIT */
/* ir_random.c - see ir_random.h. */
#include "tests/unit/ir_random.h"

#include <string.h>

enum { POOL = 24, N_TYPES = T_N_TYPES };

typedef struct Make {
    IrBlock *b;
    uint64_t rng;
    const IrRandom *what;
    unsigned insn; /* being made */
    bool in_region;
    bool done;                 /* the instruction has had an effect: a fault point may not follow */
    IrRef pool[N_TYPES][POOL]; /* values by type */
    unsigned n[N_TYPES];
    unsigned outer[N_TYPES]; /* n[] when the region began */
} Make;

/* splitmix64 */
uint64_t ir_random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static unsigned below(Make *m, unsigned n) { return (unsigned)(ir_random_next(&m->rng) % n); }
static bool chance(Make *m, unsigned percent) { return below(m, 100) < percent; }

static uint64_t number(Make *m)
{
    static const uint64_t edges[] = { 0,          1,          2,         3,    4,      7,
                                      8,          0x1f,       0x20,      0x7f, 0x80,   0xff,
                                      0x100,      0xfff,      4096,      4093, 0x7fff, 0x10000,
                                      0x7fffffff, 0x80000000, 0xffffffff };

    return chance(m, 70)   ? edges[below(m, G_N_ELEMENTS(edges))]
           : chance(m, 50) ? 0 - edges[below(m, G_N_ELEMENTS(edges))]
                           : ir_random_next(&m->rng);
}

static IrRef keep(Make *m, IrRef r)
{
    IrType t = ir_type_of(m->b, r);

    if (m->n[t] < POOL) {
        m->pool[t][m->n[t]++] = r;
    } else if (!m->in_region) {
        m->pool[t][below(m, POOL)] = r;
    }
    return r;
}

static void set(Make *m, unsigned global, IrRef r)
{
    ir_set(m->b, global, r);
    m->done = true;
}

/* One of the words, pinned or not. */
static unsigned word(Make *m)
{
    unsigned k = below(m, 12);

    return k < 8 ? G_R0 + k : G_U0 + k - 8;
}

static IrRef reg(Make *m) { return ir_get(m->b, word(m)); }

/* One of the vectors that hosts may keep. */
static int32_t a_vec(Make *m) { return (int32_t)(offsetof(HarnessCpu, vec) + 16 * below(m, 5)); }

/* Some value of type @t, often a fresh one. */
static IrRef value(Make *m, IrType t)
{
    IrRef from;

    if (m->n[t] > 0 && chance(m, 75)) {
        return m->pool[t][below(m, m->n[t])];
    }
    switch (t) {
    case T_I32: return chance(m, 25) ? ir_const(m->b, t, number(m)) : reg(m);
    case T_I64:
        return chance(m, 25) ? ir_const(m->b, t, number(m)) : ir_get(m->b, G_D0 + below(m, 2));
    case T_FLAGS: return ir_get(m->b, G_FLAGS);
    case T_I1: from = value(m, T_FLAGS); return ir_fcond(m->b, T_NO, from, below(m, 10));
    case T_F32: from = value(m, T_I32); return ir_bits(m->b, t, from);
    case T_F64:
    case T_V64: from = value(m, T_I64); return ir_bits(m->b, t, from);
    case T_V128:
        if (chance(m, 25)) {
            return ir_gld(m->b, t, (int32_t)(offsetof(HarnessCpu, bytes) + below(m, 48)));
        }
        if (chance(m, 66)) {
            return ir_gld(m->b, t, a_vec(m));
        }
        from = value(m, T_I64);
        return ir_vsplat(m->b, t, from, ir_lane(below(m, 4), 0));
    default:
        if (chance(m, 20)) {
            return ir_const(m->b, t, number(m));
        }
        from = value(m, T_I32);
        return ir_trunc(m->b, t, from);
    }
}

static IrType int_type(Make *m)
{
    static const IrType types[] = { T_I8, T_I16, T_I64, T_I64, T_I32 };
    unsigned k = below(m, 12);

    return types[MIN(k, 4)];
}

static IrType operand_type(Make *m, IrCol col, IrType t)
{
    switch (col) {
    case COL_T: return t;
    case COL_NARROW: return T_I1 + below(m, t - T_I1);
    case COL_WIDE: return t + 1 + below(m, T_I64 - t);
    case COL_ANY: return T_V128; /* of vectors */
    default: return (IrType)col;
    }
}

static bool has_type(IrOp op, IrType t)
{
    switch (op) {
    case IR_trunc: return t < T_I64;
    case IR_zext: return t > T_I1;
    default: return true;
    }
}

/* A random pure operation; most often of 32 bits. */
static void pure(Make *m)
{
    static const uint8_t logic[] = {
        IR_not, IR_and, IR_andc, IR_or, IR_xor, IR_eq, IR_ne, IR_select
    };
    IrOp op;
    IrType t = int_type(m);
    IrRef src[3] = { IR_NONE, IR_NONE, IR_NONE };
    const IrOpInfo *info;
    uint64_t imm = 0;

    do {
        op = (IrOp)below(m, IR_fcmps);
    } while (ir_op_info[op].effect != E_PURE || op == IR_const || op == IR_bits);
    if (chance(m, 5)) {
        op = logic[below(m, G_N_ELEMENTS(logic))];
        t = T_I1;
    }
    if (!has_type(op, t)) {
        return;
    }
    info = &ir_op_info[op];
    if (info->dst[0] != COL_T && info->src[0] != COL_T && info->src[1] != COL_T) {
        t = T_NO;
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->src[k] != COL_NO) {
            src[k] = value(m, operand_type(m, info->src[k], t));
        }
    }
    if (op == IR_sext) {
        imm = 1 + below(m, ir_type_bits(t));
    } else if (op == IR_fcond) {
        imm = below(m, 14);
        imm += imm >= 10 ? 2 : 0;
    }
    if (info->dst[1] != COL_NO) {
        IrPair p = ir_emit2(m->b, op, t, src[0], src[1], src[2]);

        keep(m, p.first);
        keep(m, p.second);
    } else {
        keep(m, ir_emit(m->b, op, t, src[0], src[1], src[2], imm));
    }
}

static void fp(Make *m)
{
    IrOp op = IR_fadd + below(m, IR_fnarrow - IR_fadd + 1);
    const IrOpInfo *info = &ir_op_info[op];
    IrType t = chance(m, 50) ? T_F32 : T_F64;
    IrRef src[3] = { IR_NONE, IR_NONE, IR_NONE };
    IrRef r;

    if (info->dst[0] != COL_T && info->src[0] != COL_T) {
        t = T_NO;
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->src[k] != COL_NO) {
            src[k] = value(m, operand_type(m, info->src[k], t));
        }
    }
    m->done = true;
    r = keep(m, ir_emit(m->b, op, t, src[0], src[1], src[2], below(m, 2)));
    if (ir_type_of(m->b, r) != T_I32) {
        keep(m, ir_bits(m->b, ir_type_of(m->b, r) == T_F32 ? T_I32 : T_I64, r));
    }
}

/* A random vector row. */
static void vector(Make *m)
{
    IrType t = chance(m, 30) ? T_V64 : T_V128;
    IrRef src[3] = { IR_NONE, IR_NONE, IR_NONE };
    const IrOpInfo *info;
    unsigned lane;
    IrOp op;

    do {
        op = (IrOp)(IR_vnot + below(m, IR_vfcgt - IR_vnot + 1));
        lane = below(m, 4);
        info = &ir_op_info[op];
    } while ((info->lanes >> lane & 1) == 0);
    if (info->dst[0] != COL_T && info->src[0] != COL_T && info->src[1] != COL_T) {
        t = T_NO;
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->src[k] != COL_NO) {
            src[k] = value(m, operand_type(m, info->src[k], t));
        }
    }
    m->done |= info->effect == E_FP;
    keep(m,
         ir_emit(m->b, op, t, src[0], src[1], src[2], ir_lane(lane, below(m, info->max_arg + 1u))));
}

/* Compares and the like as guests have them: operation, flags, condition. */
static void flags(Make *m)
{
    static const uint8_t ops[] = { IR_addf, IR_subf, IR_subf, IR_adcf, IR_sbbf };
    IrOp op = ops[below(m, G_N_ELEMENTS(ops))];
    IrType t = chance(m, 80) ? T_I32 : int_type(m);
    IrRef x = value(m, t), y = value(m, t), c = IR_NONE, f;

    if (chance(m, 40)) {
        IrRef r = ir_and(m->b, t, x, y), base = value(m, T_FLAGS);

        if (chance(m, 50)) {
            f = ir_fnz(m->b, t, base, r);
        } else {
            c = value(m, T_I1);
            f = ir_fnzc(m->b, t, base, r, c);
        }
        if (t == T_I32 && chance(m, 50)) {
            set(m, word(m), r);
        }
    } else {
        IrPair p;

        if (op == IR_adcf || op == IR_sbbf) {
            IrRef g = chance(m, 70) ? ir_get(m->b, G_FLAGS) : value(m, T_FLAGS);

            c = chance(m, 80) ? ir_fcond(m->b, T_NO, g, chance(m, 50) ? CC_C : CC_NC)
                              : value(m, T_I1);
        }
        p = ir_emit2(m->b, op, t, x, y, c);
        f = p.second;
        if (op == IR_addf && chance(m, 50)) {
            f = ir_finvc(m->b, T_NO, f);
        }
        if (t == T_I32 && chance(m, 60)) {
            set(m, word(m), p.first);
        } else if (chance(m, 50)) {
            keep(m, p.first);
        }
    }
    keep(m, f);
    if (chance(m, 80)) {
        set(m, G_FLAGS, f);
    }
}

static void set_global(Make *m)
{
    unsigned g = below(m, 12);

    if (g < 8) {
        IrRef r = value(m, T_I32);

        set(m, word(m), r);
    } else if (g < 10) {
        IrRef r = value(m, T_FLAGS);

        set(m, G_FLAGS, r);
    } else {
        IrRef r = value(m, T_I64);

        set(m, G_D0 + g - 10, r);
    }
}

static void state(Make *m)
{
    static const IrType types[] = { T_I1,  T_I8,  T_I16, T_I32,   T_I64,
                                    T_F32, T_F64, T_V64, T_FLAGS, T_V128 };
    IrType t = types[below(m, G_N_ELEMENTS(types))];
    int32_t at = (int32_t)(offsetof(HarnessCpu, bytes) + below(m, 24));

    if (chance(m, 50) && t != T_FLAGS) {
        keep(m, ir_gld(m->b, t, at));
    } else if (t == T_FLAGS) {
        IrRef r = value(m, t);

        keep(m, ir_fpack(m->b, T_NO, r));
    } else {
        IrRef r = value(m, t);

        m->done = true;
        ir_gst(m->b, at, r);
    }
}

/* One of the guest's vectors changes as SSE instructions change it. */
static void vec_state(Make *m)
{
    static const IrOp ops[] = { IR_vadd, IR_vxor, IR_vsubqu, IR_vzipl, IR_vandc, IR_vceq };
    int32_t to = a_vec(m), from = a_vec(m);
    IrRef a, b = IR_NONE, r;

    switch (below(m, 6)) {
    case 0: r = value(m, T_V128); break;
    case 1: r = ir_gld(m->b, T_V128, from); break;
    case 2: r = ir_vshuf(m->b, T_NO, ir_gld(m->b, T_V128, from), ir_lane(2, below(m, 256))); break;
    case 3:
        a = value(m, T_V64);
        r = ir_vzext(m->b, T_NO, a, 0);
        break;
    default:
        a = ir_gld(m->b, T_V128, to);
        b = chance(m, 70) ? ir_gld(m->b, T_V128, from) : value(m, T_V128);
        r = ir_emit(m->b, ops[below(m, G_N_ELEMENTS(ops))], T_V128, a, b, IR_NONE, ir_lane(0, 0));
        if (chance(m, 40)) {
            keep(m, a);
        }
        break;
    }
    if (chance(m, 30)) {
        keep(m, r);
    }
    m->done = true;
    ir_gst(m->b, to, r);
}

/* ---- memory ---- */

/* r6 and r7 hold addresses more often than not. */
static IrRef address(Make *m)
{
    IrRef base = ir_get(m->b, G_R6 + below(m, 2)), k;
    unsigned how = below(m, 10);

    if (how < 2) {
        k = ir_const(m->b, T_I32, HARNESS_RAM + 0x8000 + (number(m) & 0x1fff));
        return k;
    }
    if (how < 7) {
        k = ir_const(m->b, T_I32, 4 * below(m, 8));
        return ir_add(m->b, T_I32, base, k);
    }
    if (how == 7) {
        IrRef x = value(m, T_I32), mask = ir_const(m->b, T_I32, 0xffc), two;

        x = ir_and(m->b, T_I32, x, mask);
        two = ir_const(m->b, T_I32, below(m, 4));
        x = ir_shl(m->b, T_I32, x, two);
        return ir_add(m->b, T_I32, base, x);
    }
    return how == 8 ? base : value(m, T_I32);
}

static uint64_t memop(Make *m, unsigned size)
{
    uint64_t op = size;

    op |= chance(m, 30) ? MO_BE : 0;
    op |= chance(m, 40) ? (uint64_t)below(m, 4) << MO_ALIGN_SHIFT : 0;
    op |= chance(m, 10) ? MO_UNPRIV : 0;
    return op | (chance(m, 5) ? MO_ONLY : 0);
}

static void memory(Make *m)
{
    static const IrType types[] = { T_I32, T_I32, T_I32, T_I64, T_I8,
                                    T_I16, T_F32, T_F64, T_V64, T_V128 };
    IrType t = types[below(m, G_N_ELEMENTS(types))];
    unsigned bits = ir_type_bits(t);
    unsigned size = bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : bits == 64 ? 3 : 4;
    bool is_int = t <= T_I64;
    IrRef va = address(m);
    uint64_t op;

    size = is_int ? below(m, size + 1) : size;
    op = memop(m, size);
    if (t == T_V128) {
        op &= ~(uint64_t)(MO_BE | MO_ONLY);
    }
    if (chance(m, 8) && is_int) {
        IrRef x = value(m, t), y = value(m, t);

        m->done = true;
        keep(m, ir_cas(m->b, t, va, x, y, op | MO_ATOMIC));
    } else if (chance(m, 50)) {
        IrRef r = keep(m, ir_ld(m->b, t, va, op | (is_int && chance(m, 40) ? MO_SIGN : 0)));

        if (t == T_I32 && chance(m, 50)) {
            set(m, word(m), r);
        }
    } else {
        IrRef x = value(m, t);

        m->done = true;
        ir_st(m->b, va, x, op);
    }
}

static void run(Make *m)
{
    unsigned n = 1 + below(m, 6);
    uint64_t op = MO_32 | (chance(m, 20) ? MO_BE : 0) | 2 << MO_ALIGN_SHIFT;
    IrRef va = address(m), token;
    bool write = chance(m, 50);

    token = ir_run(m->b, va, op | (write ? MO_WRITE : 0), 4 * n);
    for (unsigned k = 0; k < n; k++) {
        if (write) {
            IrRef x = value(m, T_I32);

            m->done = true;
            ir_rst(m->b, token, va, x, op, 4 * k);
        } else {
            IrRef r = keep(m, ir_rld(m->b, token, va, op, 4 * k));

            if (chance(m, 70)) {
                set(m, G_R0 + below(m, 6), r);
            }
        }
    }
}

static void call(Make *m)
{
    static const uint8_t which[] = { H_PURE, H_STATE, H_GLOBALS, H_FAULTS, H_CALLOUT };
    static const IrType types[] = { T_I32, T_I64, T_I8, T_I1, T_I16, T_FLAGS, T_F64, T_NO };
    unsigned h = which[below(m, G_N_ELEMENTS(which))];
    IrType t = types[(below(m, G_N_ELEMENTS(types)) + 6) % G_N_ELEMENTS(types)];
    IrRef a = value(m, types[below(m, 6)]), b = IR_NONE, c = IR_NONE, r;

    if (h == H_FAULTS && m->done) {
        h = H_PURE;
    }
    if (h == H_FAULTS && chance(m, 80)) {
        a = ir_const(m->b, T_I32, 0);
    }
    m->done |= h != H_PURE && h != H_FAULTS;
    if (chance(m, 60)) {
        b = value(m, types[below(m, 6)]);
        c = chance(m, 50) ? value(m, types[below(m, 6)]) : IR_NONE;
    }
    r = ir_call(m->b, t, h, a, b, c);
    if (t == T_NO) {
        return;
    }
    if (t == T_I1 || t == T_I8 || t == T_I16 || t == T_FLAGS) {
        return; /* a helper's result fits its type, and these need not */
    }
    if (t == T_I32) {
        IrRef mask = ir_const(m->b, t, 0xffff);

        r = ir_and(m->b, t, r, mask);
    }
    keep(m, r);
}

static void count(Make *m)
{
    if (chance(m, 50)) {
        m->done = true;
        ir_count(m->b, below(m, 8));
    } else {
        IrRef r = keep(m, ir_retired(m->b));

        set(m, G_D0 + below(m, 2), r);
    }
}

/* ---- control ---- */

static Gva target(Make *m)
{
    static const Gva targets[] = { IR_RANDOM_PC + 0x80, HARNESS_RAM + 0x3000,
                                   HARNESS_RAM + 0x1ffc };

    return chance(m, 15) ? IR_RANDOM_PC : targets[below(m, G_N_ELEMENTS(targets))];
}

static uint32_t target_mode(Make *m) { return chance(m, 80) ? 0 : 2; }

static void one(Make *m);

static void region(Make *m)
{
    IrRef cond = value(m, T_I1);
    unsigned n = 1 + below(m, 6);

    if (m->in_region || ir_is_const(m->b, cond, &(uint64_t){ 0 })) {
        return;
    }
    memcpy(m->outer, m->n, sizeof(m->n));
    ir_skip(m->b, cond);
    m->in_region = true;
    while (n-- > 0) {
        one(m);
    }
    if (chance(m, 20)) {
        Gva pc = target(m);

        ir_goto(m->b, pc, target_mode(m));
    }
    ir_label(m->b);
    m->in_region = false;
    memcpy(m->n, m->outer, sizeof(m->n));
}

static void side_exit(Make *m)
{
    IrRef cond = value(m, T_I1);

    if (!ir_is_const(m->b, cond, &(uint64_t){ 0 })) {
        Gva pc = target(m);

        ir_goto_if(m->b, cond, pc, target_mode(m));
    }
}

static void one(Make *m)
{
    unsigned k = below(m, 100);

    if (m->b->n > IR_BLOCK_MAX - IR_BLOCK_ROOM) {
        return;
    }
    if (k < 36) {
        pure(m);
    } else if (k < 48) {
        flags(m);
    } else if (k < 64) {
        set_global(m);
    } else if (k < 76 && !m->done) {
        memory(m);
    } else if (k < 79 && !m->done) {
        run(m);
    } else if (k < 82) {
        state(m);
    } else if (k < 84) {
        call(m);
    } else if (k < 86) {
        count(m);
    } else if (k < 87) {
        fp(m);
    } else if (k < 93) {
        if (chance(m, 50)) {
            vector(m);
        } else {
            vec_state(m);
        }
    } else if (k < 96) {
        side_exit(m);
    } else {
        region(m);
    }
}

static void end(Make *m)
{
    Gva pc = target(m);
    uint32_t mode = target_mode(m);
    IrRef x, k;

    switch (below(m, 10)) {
    case 0: ir_check(m->b, pc, mode); break;
    case 1:
        x = value(m, T_I32);
        ir_jump(m->b, x, mode, true);
        break;
    case 2:
        x = value(m, T_I32);
        k = ir_const(m->b, T_I32, ~(uint64_t)1);
        x = ir_and(m->b, T_I32, x, k);
        ir_jump(m->b, x, chance(m, 50) ? 1 : mode, false);
        break;
    case 3:
        x = ir_const(m->b, T_I32, pc);
        k = ir_const(m->b, T_I32, mode);
        ir_call(m->b, T_NO, H_MOVES, x, k, IR_NONE);
        ir_dispatch(m->b);
        break;
    case 4:
        x = ir_const(m->b, T_I32, pc);
        k = ir_const(m->b, T_I32, mode);
        ir_call(m->b, T_NO, H_MOVES, x, k, IR_NONE);
        ir_leave(m->b);
        break;
    default: ir_goto(m->b, pc, mode); break;
    }
}

/* The same random numbers are drawn whether the block stops early or not. */
void ir_random_block(const IrRandom *what, IrBlock *blk)
{
    Make m = { .b = blk, .rng = what->seed, .what = what };

    ir_begin(blk, &harness_isa, IR_RANDOM_PC, 0);
    for (; m.insn < what->insns; m.insn++) {
        unsigned ops = 1 + below(&m, 6);

        m.done = false;
        ir_insn(blk, IR_RANDOM_PC + 4 * m.insn, chance(&m, 5) && m.insn > 0 ? 4 : 0);
        if (m.insn == what->stop) {
            ir_goto(blk, IR_RANDOM_STOPPED, 0);
            return;
        }
        while (ops-- > 0) {
            one(&m);
        }
    }
    end(&m);
}

void ir_random_state(uint64_t seed, Harness *h)
{
    static const uint32_t bases[] = {
        HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8ff0, HARNESS_ALIAS + 0x9000, HARNESS_RAM + 0x8800,
        HARNESS_RO,           HARNESS_DEV,          HARNESS_RAM + 0x9ffc,   0x80000000
    };
    uint64_t rng = seed;

    for (unsigned k = 0; k < 8; k++) {
        uint64_t r = ir_random_next(&rng);

        h->cpu->r[k] = (r & 7) < 3 ? (uint32_t)(r >> 8 & 0xf) : (uint32_t)(r >> 8);
    }
    for (unsigned k = 6; k < 8; k++) {
        uint64_t r = ir_random_next(&rng);

        if (r % 16 < 15) {
            h->cpu->r[k] = bases[(r >> 8) % (r % 16 < 12 ? 4 : G_N_ELEMENTS(bases))]
                           + (r % 4 == 0 ? (uint32_t)(r >> 16 & 0xff) : 0);
        }
    }
    h->cpu->flags = (uint32_t)ir_random_next(&rng) & 0x010140c0;
    h->cpu->flags = (h->cpu->flags & 0xff) | ((uint32_t)(rng >> 8 & 1) << 8)
                    | ((uint32_t)(rng >> 9 & 1) << 16);
    for (unsigned k = 0; k < 4; k++) {
        h->cpu->u[k] = (uint32_t)ir_random_next(&rng) >> (ir_random_next(&rng) & 31);
    }
    h->cpu->state = (uint32_t)ir_random_next(&rng);
    h->cpu->d[0] = ir_random_next(&rng);
    h->cpu->d[1] = ir_random_next(&rng) & 0xff;
    for (unsigned k = 0; k < sizeof(h->cpu->bytes); k++) {
        h->cpu->bytes[k] = (uint8_t)ir_random_next(&rng);
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(h->cpu->vec); k++) {
        h->cpu->vec[k][0] = ir_random_next(&rng);
        h->cpu->vec[k][1] = ir_random_next(&rng);
    }
    memset(h->ram, (int)(seed & 0xff), IR_RANDOM_WINDOW);
    for (unsigned k = 0; k < 0x2000; k += 8) {
        uint64_t r = ir_random_next(&rng);

        memcpy(h->ram + 0x8000 + k, &r, sizeof(r));
    }
}
