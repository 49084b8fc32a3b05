/* SPDX-License-Identifier: MIT */
/*
 * lift_mm.c - microMIPS, MD00582: what its encodings do before the MIPS32 lifters take over, and
 * what MIPS32 has not.
 */
#include "base/bits.h"
#include "frontend/mips/lift_half_priv.h"

enum { S0 = 16, GP = 28, SP = 29, FP = 30, RA = 31 };

/* ---- arithmetic ---- */

/* ADDU16, SUBU16: rd = rs op rt */
void mips_lift_mm_alu16(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'd'), mips_reg3(l, 's'), mips_reg3(l, 't'));
    mips_lift_alu_reg(l);
}

/* AND16, OR16, XOR16: rx = rx op ry */
void mips_lift_mm_logic16(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* NOT16: rx = 0 nor ry */
void mips_lift_mm_not16(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), 0, mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* SLL16, SRL16: rd = rt shifted; 0 means 8 */
void mips_lift_mm_shift16(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'd'), 0, mips_reg3(l, 't'));
    if (mips_field(l, 'h') == 0) {
        mips_give(l, 'h', 8);
    }
    mips_lift_shift(l);
}

/* ADDIUS5: rt = rt + imm, of all registers */
void mips_lift_mm_addius5(MipsLift *l)
{
    unsigned t = mips_field(l, 't');

    mips_immediate(l, t, t, bits_sext32(mips_field(l, 'i'), 4));
}

/* ADDIUSP: sp = sp + imm * 4. What would be -2 to 1 is 254 to 257 further from 0. */
void mips_lift_mm_addiusp(MipsLift *l)
{
    int32_t imm = (int32_t)bits_sext32(mips_field(l, 'i'), 9);

    if (imm >= -2 && imm <= 1) {
        imm += imm < 0 ? -256 : 256;
    }
    mips_immediate(l, SP, SP, (uint32_t)imm << 2);
}

/* ADDIUR2: rt = rs + one of eight numbers */
void mips_lift_mm_addiur2(MipsLift *l)
{
    static const int8_t number[8] = { 1, 4, 8, 12, 16, 20, 24, -1 };
    uint32_t imm = (uint32_t)number[mips_field(l, 'i')];

    mips_immediate(l, mips_reg3(l, 't'), mips_reg3(l, 's'), imm);
}

/* ADDIUR1SP: rt = sp + imm * 4 */
void mips_lift_mm_addiur1sp(MipsLift *l)
{
    mips_immediate(l, mips_reg3(l, 't'), SP, mips_field(l, 'i') << 2);
}

/* ANDI16: rt = rs & one of sixteen masks */
void mips_lift_mm_andi16(MipsLift *l)
{
    static const uint16_t mask[16] = { 128, 1,  2,  3,  4,  7,   8,      15,
                                       16,  31, 32, 63, 64, 255, 0x8000, 0xffff };

    mips_immediate(l, mips_reg3(l, 't'), mips_reg3(l, 's'), mask[mips_field(l, 'i')]);
}

/* LI16: rt = imm; 127 means -1 */
void mips_lift_mm_li16(MipsLift *l)
{
    uint32_t imm = mips_field(l, 'i');

    mips_set(l, mips_reg3(l, 't'), mips_const(l, imm == 127 ? UINT32_MAX : imm));
}

/* MOVE16: rd = rs, of all registers */
void mips_lift_mm_move16(MipsLift *l) { mips_set_field(l, 'd', mips_get_field(l, 's')); }

/* MOVEP: a pair of registers = rs, rt */
void mips_lift_mm_movep(MipsLift *l)
{
    static const uint8_t from[8] = { 0, 17, 2, 3, 16, 18, 19, 20 };
    static const uint8_t to[8][2] = { { 5, 6 },  { 5, 7 }, { 6, 7 }, { 4, 21 },
                                      { 4, 22 }, { 4, 5 }, { 4, 6 }, { 4, 7 } };
    IrRef s = mips_get(l, from[mips_field(l, 's')]);
    IrRef t = mips_get(l, from[mips_field(l, 't')]);

    mips_set(l, to[mips_field(l, 'd')][0], s);
    mips_set(l, to[mips_field(l, 'd')][1], t);
}

/* ADDIUPC: rt = address of this instruction's word + imm * 4 */
void mips_lift_mm_addiupc(MipsLift *l)
{
    uint32_t offset = bits_sext32(mips_field(l, 'i'), 23) << 2;

    mips_set(l, mips_reg3(l, 't'), mips_const(l, (l->pc & ~3u) + offset));
}

/* ---- loads and stores of one word ---- */

/* LBU16, LHU16, LW16: rt = [rs + imm * size]; of a byte, 15 means -1 */
void mips_lift_mm_load16(MipsLift *l)
{
    unsigned size = mips_arg(l) & MO_SIZE;
    uint32_t imm = mips_field(l, 'i');

    imm = size == MO_8 && imm == 15 ? UINT32_MAX : imm << size;
    mips_give_imm(l, mips_reg3(l, 't'), mips_reg3(l, 's'), imm);
    mips_lift_load(l);
}

/* SB16, SH16, SW16: [rs + imm * size] = rt, which is 0 where others have 16 */
void mips_lift_mm_store16(MipsLift *l)
{
    unsigned t = mips_field(l, 't') == 0 ? 0 : mips_reg3(l, 't');

    mips_give_imm(l, t, mips_reg3(l, 's'), mips_field(l, 'i') << (mips_arg(l) & MO_SIZE));
    mips_lift_store(l);
}

/* LWSP16: rt = [sp + imm * 4], SWSP16: the other way; LWGP16: rt = [gp + imm * 4], imm signed */
void mips_lift_mm_lwsp(MipsLift *l)
{
    mips_give_imm(l, mips_field(l, 't'), SP, mips_field(l, 'i') << 2);
    mips_lift_load(l);
}

void mips_lift_mm_swsp(MipsLift *l)
{
    mips_give_imm(l, mips_field(l, 't'), SP, mips_field(l, 'i') << 2);
    mips_lift_store(l);
}

void mips_lift_mm_lwgp(MipsLift *l)
{
    mips_give_imm(l, mips_reg3(l, 't'), GP, bits_sext32(mips_field(l, 'i'), 7) << 2);
    mips_lift_load(l);
}

/* LWXS: rd = [rs + rt * 4] */
void mips_lift_mm_lwxs(MipsLift *l)
{
    IrRef base = mips_get_field(l, 's');
    IrRef at = ir_shl(l->blk, T_I32, mips_get_field(l, 't'), mips_const(l, 2));

    at = ir_add(l->blk, T_I32, base, at);
    mips_watch_access(l, at, 1, false);
    mips_set_field(l, 'd', ir_ld(l->blk, T_I32, at, mips_memop(l, MO_32) | MO_ONLY));
}

/* The rest has offsets of 12 bits, and is otherwise as in MIPS32. */
static void widen(MipsLift *l) { mips_give(l, 'i', bits_sext32(mips_field(l, 'i'), 12) & 0xffff); }

void mips_lift_mm_lwl(MipsLift *l)
{
    widen(l);
    mips_lift_lwl(l);
}

void mips_lift_mm_swl(MipsLift *l)
{
    widen(l);
    mips_lift_swl(l);
}

void mips_lift_mm_ll(MipsLift *l)
{
    widen(l);
    mips_lift_ll(l);
}

void mips_lift_mm_sc(MipsLift *l)
{
    widen(l);
    mips_lift_sc(l);
}

void mips_lift_mm_cache(MipsLift *l)
{
    widen(l);
    mips_lift_cache(l);
}

/* ---- loads and stores of several words ---- */

/* Registers by rising address, from @base + @offset on. */
typedef struct List {
    uint8_t reg[10];
    unsigned n, base;
    uint32_t offset;
} List;

static void add_saved(List *list, unsigned n, bool ra)
{
    for (unsigned i = 0; i < n; i++) {
        list->reg[list->n++] = i == 8 ? FP : (uint8_t)(S0 + i);
    }
    if (ra) {
        list->reg[list->n++] = RA;
    }
}

static IrRef begin_list(MipsLift *l, const List *list, uint64_t memop, IrRef *run)
{
    IrRef va = ir_add(l->blk, T_I32, mips_get(l, list->base), mips_const(l, list->offset));

    mips_watch_access(l, va, 4 * list->n, (memop & MO_WRITE) != 0);
    *run = ir_run(l->blk, va, memop, 4 * list->n);
    return va;
}

/* All are loaded before one is set: a fault leaves them as they were. */
static void load_list(MipsLift *l, const List *list)
{
    const uint64_t memop = mips_memop(l, MO_32);
    IrRef v[G_N_ELEMENTS(list->reg)], run, va = begin_list(l, list, memop, &run);

    for (unsigned i = 0; i < list->n; i++) {
        v[i] = ir_rld(l->blk, run, va, memop, (int32_t)(4 * i));
    }
    for (unsigned i = 0; i < list->n; i++) {
        mips_set(l, list->reg[i], v[i]);
    }
}

static void store_list(MipsLift *l, const List *list)
{
    const uint64_t memop = mips_memop(l, MO_32);
    IrRef run, va = begin_list(l, list, memop | MO_WRITE, &run);

    for (unsigned i = 0; i < list->n; i++) {
        ir_rst(l->blk, run, va, mips_get(l, list->reg[i]), memop, (int32_t)(4 * i));
    }
}

/* LWM16, SWM16: s0 to s3, and ra; from sp */
static List list16(const MipsLift *l)
{
    List list = { .base = SP, .offset = mips_field(l, 'i') << 2 };

    add_saved(&list, mips_field(l, 'n') + 1, true);
    return list;
}

/* LWM32, SWM32: s0 to s7 and fp, and ra */
static List list32(const MipsLift *l)
{
    List list = { .base = mips_field(l, 's'), .offset = bits_sext32(mips_field(l, 'i'), 12) };

    add_saved(&list, mips_field(l, 'n'), mips_field(l, 'r') != 0);
    return list;
}

/* LWP, SWP: rt and the next one */
static List pair(const MipsLift *l)
{
    uint8_t t = (uint8_t)mips_field(l, 't');
    List list = { .reg = { t, (uint8_t)(t + 1) }, .n = 2, .base = mips_field(l, 's') };

    list.offset = bits_sext32(mips_field(l, 'i'), 12);
    return list;
}

void mips_lift_mm_lwm16(MipsLift *l)
{
    List list = list16(l);

    load_list(l, &list);
}

void mips_lift_mm_swm16(MipsLift *l)
{
    List list = list16(l);

    store_list(l, &list);
}

void mips_lift_mm_lwm(MipsLift *l)
{
    List list = list32(l);

    load_list(l, &list);
}

void mips_lift_mm_swm(MipsLift *l)
{
    List list = list32(l);

    store_list(l, &list);
}

/* The base among what is loaded is UNPREDICTABLE if it is rt: we raise Reserved Instruction. */
void mips_lift_mm_lwp(MipsLift *l)
{
    List list = pair(l);

    if (list.base == list.reg[0]) {
        mips_reserved(l);
    } else {
        load_list(l, &list);
    }
}

void mips_lift_mm_swp(MipsLift *l)
{
    List list = pair(l);

    store_list(l, &list);
}

/* ---- branches ---- */

/* BEQZ16, BNEZ16: if rs == 0 (!= 0): PC = PC of the slot + imm * 2 */
void mips_lift_mm_beqz16(MipsLift *l)
{
    mips_give(l, 's', mips_reg3(l, 's'));
    mips_give(l, 'i', bits_sext32(mips_field(l, 'i'), 7) & 0xffff);
    mips_lift_branch(l);
}

/* B16: the same always */
void mips_lift_mm_b16(MipsLift *l)
{
    mips_give(l, 'i', bits_sext32(mips_field(l, 'i'), 10) & 0xffff);
    mips_lift_branch(l);
}

static void jump_compact(MipsLift *l, unsigned r)
{
    MipsBranch b = { .cc = IR_const, .to = mips_get(l, r), .compact = true };

    mips_branch(l, b);
}

/* JRC: JR without a slot */
void mips_lift_mm_jrc(MipsLift *l) { jump_compact(l, mips_field(l, 's')); }

/* JRADDIUSP: sp = sp + imm * 4, PC = ra; no slot */
void mips_lift_mm_jraddiusp(MipsLift *l)
{
    IrRef sp = mips_get(l, SP);

    mips_set(l, SP, ir_add(l->blk, T_I32, sp, mips_const(l, mips_field(l, 'i') << 2)));
    jump_compact(l, RA);
}

/* J, JAL, JALS: PC = PC of the slot [31:27] || imm || 0; JAL, JALS: r31 = address behind the slot,
 * which has 4 bytes or 2 */
void mips_lift_mm_j(MipsLift *l)
{
    MipsBranch b = { .cc = IR_const, .to = IR_NONE, .isa = 1 };

    b.va = (l->next & 0xf8000000u) | mips_field(l, 'i') << 1;
    if ((mips_arg(l) & BR_LINK) != 0) {
        b.slot = (mips_arg(l) & BR_SHORT) != 0 ? 2 : 4;
        mips_link(l, RA, b.slot);
    }
    mips_branch(l, b);
}

/* JALX: the same in words, and to MIPS32 */
void mips_lift_mm_jalx(MipsLift *l)
{
    MipsBranch b = { .cc = IR_const, .to = IR_NONE, .isa = 0, .slot = 4 };

    b.va = (l->next & 0xf0000000u) | mips_field(l, 'i') << 2;
    mips_link(l, RA, 4);
    mips_branch(l, b);
}
