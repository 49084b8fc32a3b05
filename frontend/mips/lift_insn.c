/* SPDX-License-Identifier: MIT */
/* lift_insn.c - one instruction, decoded and lifted; a branch with its delay slot. */
#include "frontend/mips/lift_insn_priv.h"

#include <string.h>

#include "base/bits.h"
#include "frontend/mips/mips_priv.h"

/* What a word is that no row matches. */
static const MipsInsn no_row = { .info = { .name = "RESERVED" }, .lift = mips_reserved };

static void misaligned(MipsLift *l)
{
    IrRef kind = mips_const(l, MIPS_EXC_ADEL);
    IrRef none = mips_const(l, 0);
    IrRef va = mips_const(l, l->pc);

    ir_call(l->blk, T_NO, MIPS_H_raise, kind, none, va);
    ir_leave(l->blk); /* never reached */
    l->ended = true;
}

/* MD00090 4.1: a fetch that is not aligned is an Address Error, whatever is there. */
static const MipsInsn misaligned_row = { .info = { .name = "MISALIGNED" }, .lift = misaligned };

/* MD00090 9.32, Coprocessor Unusable: before Reserved Instruction, for whatever a coprocessor's
 * opcodes hold. Without an FPU coprocessor 1 is never usable, and 2 is not there. */
static void reserved_of_cp0(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_reserved(l);
    }
}

static void reserved_of_cp1(MipsLift *l)
{
    if ((l->mode & MIPS_MODE_FP) == 0) {
        mips_raise_here(l, MIPS_EXC_CPU, 1);
    } else {
        mips_reserved(l);
    }
}

static void unusable_cp2(MipsLift *l) { mips_raise_here(l, MIPS_EXC_CPU, 2); }

static const MipsInsn no_cp_row[3] = {
    { .info = { .name = "RESERVED" }, .lift = reserved_of_cp0 },
    { .info = { .name = "RESERVED" }, .lift = reserved_of_cp1 },
    { .info = { .name = "RESERVED" }, .lift = unusable_cp2 },
};

/* The row of a MIPS32 word that no row matches, or one of a feature that is not there. */
static const MipsInsn *no_word(uint32_t word)
{
    switch (word >> 26) {
    case 0x10: return &no_cp_row[0];                                /* COP0 */
    case 0x11:                                                      /* COP1 */
    case 0x13:                                                      /* COP1X */
    case 0x31:                                                      /* LWC1 */
    case 0x35:                                                      /* LDC1 */
    case 0x39:                                                      /* SWC1 */
    case 0x3d: return &no_cp_row[1];                                /* SDC1 */
    case 0x12:                                                      /* COP2 */
    case 0x32:                                                      /* LWC2 */
    case 0x36:                                                      /* LDC2 */
    case 0x3a:                                                      /* SWC2 */
    case 0x3e: return &no_cp_row[2];                                /* SDC2 */
    case 0x00: return (word & 0x3f) == 1 ? &no_cp_row[1] : &no_row; /* MOVCI: MOVF, MOVT */
    default: return &no_row;
    }
}

/* The same of a microMIPS word, MD00582's opcode tables: coprocessors are within the pools. */
static const MipsInsn *no_mm_word(uint32_t word)
{
    switch (word >> 26) {
    case 0x00: /* POOL32A: moves from and to coprocessor 2 */
        return (word & 0x2fff) == 0x0d3c && (word & 0xc000) != 0 ? &no_cp_row[2] : &no_row;
    case 0x08: /* POOL32B: LWC2, LDC2, SWC2, SDC2 */
        return (word & 0x5000) == 0 ? &no_cp_row[2] : &no_row;
    case 0x10: /* POOL32I: BC2F, BC2T; BC1F, BC1T */
        switch (word >> 22 & 15) {
        case 0xa: return &no_cp_row[2];
        case 0xe: return &no_cp_row[1];
        default: return &no_row;
        }
    case 0x15:                       /* POOL32F */
    case 0x26:                       /* SWC1 */
    case 0x27:                       /* LWC1 */
    case 0x2e:                       /* SDC1 */
    case 0x2f: return &no_cp_row[1]; /* LDC1 */
    default: return &no_row;
    }
}

static uint32_t code_word(const MipsLift *l, const uint8_t *p)
{
    if ((l->mode & MIPS_MODE_BE) != 0) {
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void gather(MipsLift *l)
{
    memcpy(l->field, l->row->preset, sizeof(l->field));
    for (unsigned i = 0; i < l->row->n_segments; i++) {
        MipsSegment s = l->row->segment[i];

        l->field[s.field] = l->field[s.field] << s.n | (l->word >> s.lo & ((1u << s.n) - 1));
    }
}

static uint32_t code_half(const MipsLift *l, const uint8_t *p)
{
    return (l->mode & MIPS_MODE_BE) != 0 ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static bool is_mm(const MipsLift *l) { return (l->mode & MIPS_MODE_MM) != 0; }

/* MD00076 3.11: EXTEND and JAL, JALX; MD00582, the major opcode's low bits. */
static bool is_long(const MipsLift *l, uint32_t half)
{
    uint32_t minor = half >> 10 & 7;

    return is_mm(l) ? minor == 0 || minor > 3 : half >> 11 == 0x1e || half >> 11 == 3;
}

/* An instruction of the other ISA mode: a halfword, or two, the first of which is the upper one. */
static unsigned begin_half(MipsLift *l, const uint8_t *code, unsigned avail)
{
    unsigned bytes;

    if (avail < 2) {
        return 0;
    }
    l->word = code_half(l, code);
    bytes = is_long(l, l->word) ? 4 : 2;
    if (avail < bytes) {
        return 0;
    }
    if (bytes == 4) {
        l->word = l->word << 16 | code_half(l, code + 2);
        l->row = mips_decode(is_mm(l) ? ENC_MM32 : ENC_M16X, l->word);
    } else {
        l->row = mips_decode(is_mm(l) ? ENC_MM16 : ENC_M16, l->word);
    }
    if (l->row == NULL || (l->row->features & ~l->features) != 0) {
        l->row = is_mm(l) && bytes == 4 ? no_mm_word(l->word) : &no_row;
    }
    return bytes;
}

static unsigned begin_word(MipsLift *l, const uint8_t *code, unsigned avail)
{
    if ((l->pc & 3) != 0) {
        l->row = &misaligned_row;
        return 4;
    }
    if (avail < 4) {
        return 0;
    }
    l->word = code_word(l, code);
    l->row = mips_decode(ENC_M32, l->word);
    if (l->row == NULL || (l->row->features & ~l->features) != 0) {
        l->row = no_word(l->word);
    }
    return 4;
}

unsigned mips_begin(MipsLift *l, const uint8_t *code, unsigned avail)
{
    unsigned bytes = (l->mode & MIPS_MODE_ISA) != 0 ? begin_half(l, code, avail)
                                                    : begin_word(l, code, avail);

    if (bytes == 0) {
        return 0;
    }
    if ((bytes == 4 && (l->mode & MIPS_MODE_SLOT_OF_2) != 0)
        || (bytes == 2 && (l->mode & MIPS_MODE_SLOT_OF_4) != 0)) {
        l->row = &no_row; /* MD00076 3.11, MD00582 JALS: UNPREDICTABLE; we raise RI */
    }
    l->next = l->pc + bytes;
    l->next_mode = l->mode & ~(uint32_t)MIPS_MODE_SLOTS;
    gather(l);
    return bytes;
}

void mips_lift_row(MipsLift *l)
{
    ir_insn(l->blk, l->pc, l->mode);
    if ((l->mode & MIPS_MODE_WATCH) != 0) { /* MD00090 table 6.1: before the fetch's own errors */
        IrRef what = mips_const(l, MIPS_WATCH_I | (l->next - l->pc) << 8);

        ir_call(l->blk, T_NO, MIPS_H_watch, mips_const(l, l->pc), what, IR_NONE);
    }
    if ((l->row->flags & ROW_BRANCH) != 0 && (l->mode & MIPS_MODE_SLOT) != 0) {
        mips_reserved(
            l); /* MD00082 4.1.3: a branch in a delay slot is UNPREDICTABLE; we raise RI */
        return;
    }
    l->row->lift(l);
    if (!l->ended && !l->inlined && ((l->row->flags & ROW_ENDS) != 0 || mips_slot_alone(l))) {
        mips_end(l);
    }
}

IsaLifted mips_lift(IsaLift *in)
{
    MipsLift l = { .blk = in->blk, .pc = in->pc, .mode = in->mode, .in = in };

    l.features = mips_cpu(in->v)->features;
    if (mips_begin(&l, in->code, in->avail) == 0) {
        return LIFT_MORE;
    }
    in->pc = l.next;
    mips_lift_row(&l);
    in->mode = l.next_mode;
    return l.ended ? LIFTED_END : LIFTED;
}

const char *mips_row_name(const uint8_t *code, unsigned avail, uint32_t mode)
{
    MipsLift l = { .mode = mode, .features = UINT32_MAX };

    return mips_begin(&l, code, avail) != 0 ? l.row->info.name : no_row.info.name;
}

bool mips_accesses_part(const uint8_t *code, uint32_t mode, MipsPart *part)
{
    MipsLift l = { .mode = mode, .features = UINT32_MAX };

    if (mips_begin(&l, code, 4) != 4 || (l.row->flags & ROW_PART) == 0) {
        return false;
    }
    part->base = mips_field(&l, 's');
    part->offset = l.row->enc == ENC_MM32 ? bits_sext32(mips_field(&l, 'i'), 12) : mips_simm(&l);
    return true;
}

/* ---- branches ---- */

void mips_link(MipsLift *l, unsigned r, unsigned slot_bytes)
{
    mips_set(l, r, mips_const(l, (l->next + slot_bytes) | (l->mode & MIPS_MODE_ISA)));
}

/* The condition; computed where it is used, so that it is one compare and jump. */
static IrRef condition(MipsLift *l, const MipsBranch *b)
{
    return b->cc == IR_const ? ir_const(l->blk, T_I1, 1)
                             : ir_emit(l->blk, b->cc, T_I32, b->x, b->y, IR_NONE, 0);
}

/* The 16-bit ISAs ask for one length; in MIPS32 there is no other. */
static uint32_t size_of(const MipsLift *l, const MipsBranch *b)
{
    if ((l->mode & MIPS_MODE_ISA) == 0 || b->slot == 0) {
        return 0;
    }
    return b->slot == 2 ? MIPS_MODE_SLOT_OF_2 : MIPS_MODE_SLOT_OF_4;
}

/* Decodes the instruction behind @l into @slot; false if it cannot be lifted into this unit. */
static bool slot_at_hand(const MipsLift *l, const MipsBranch *b, MipsLift *slot)
{
    const IsaLift *in = l->in;
    unsigned off = l->next - l->pc;

    *slot = (MipsLift){ .blk = l->blk, .pc = l->next, .features = l->features, .inlined = true };
    slot->mode = l->next_mode | MIPS_MODE_SLOT | (off == 2 ? MIPS_MODE_SLOT2 : 0) | size_of(l, b);
    slot->in = l->in;
    if (in->room < 2 || in->avail <= off) {
        return false;
    }
    if (mips_begin(slot, in->code + off, in->avail - off) == 0) {
        return false;
    }
    return (slot->row->flags & (ROW_ENDS | ROW_ALONE | ROW_BRANCH)) == 0;
}

static uint32_t target_mode(const MipsLift *l, uint32_t isa)
{
    return (l->next_mode & ~(uint32_t)MIPS_MODE_ISA) | isa;
}

static void go(MipsLift *l, const MipsBranch *b)
{
    if (b->to != IR_NONE) {
        bool isa = (l->features & MIPS_ISA16) != 0;

        ir_jump(l->blk, b->to, l->next_mode & ~(uint32_t)MIPS_MODE_ISA, isa);
    } else {
        ir_goto(l->blk, b->va, target_mode(l, b->isa));
    }
    l->ended = true;
}

/* Behind the slot, or the branch that has none: @l->next is where a branch not taken goes. A
 * forward branch leaves by the side and the unit runs on. */
static void go_if(MipsLift *l, const MipsBranch *b)
{
    IrRef cond = condition(l, b);
    uint64_t known;

    if (ir_is_const(l->blk, cond, &known)) {
        if (known) {
            go(l, b);
        }
        return;
    }
    g_assert(b->to == IR_NONE);
    ir_goto_if(l->blk, cond, b->va, target_mode(l, b->isa));
    if (b->va <= l->pc) {
        ir_goto(l->blk, l->next, l->next_mode);
        l->ended = true;
    }
}

/* Where the branch goes, as MipsCpu.btarget has it; @behind: where if it is not taken. */
static IrRef outcome(MipsLift *l, const MipsBranch *b, Gva behind)
{
    IrRef to = b->to != IR_NONE ? b->to : mips_const(l, b->va | b->isa);
    IrRef not_taken = mips_const(l, behind | (l->mode & MIPS_MODE_ISA));
    IrRef cond;

    if (b->cc == IR_const || b->likely) {
        return to;
    }
    cond = condition(l, b);
    return ir_select(l->blk, T_I32, cond, to, not_taken);
}

/* Leaves for where a branch-likely goes that is not taken; false if that is always. */
static bool annul(MipsLift *l, const MipsBranch *b, Gva behind)
{
    IrRef taken = condition(l, b);
    uint64_t known;

    if (!ir_is_const(l->blk, taken, &known)) {
        ir_goto_if(l->blk, ir_not(l->blk, T_I1, taken), behind, l->next_mode);
        return true;
    }
    return known != 0;
}

/* The same of a branch whose slot may have either size: leaves here if it is not taken. */
static IrRef outcome_of_two(MipsLift *l, const MipsBranch *b, const MipsLift *slot)
{
    IrRef taken = condition(l, b);
    uint64_t known;

    if (!ir_is_const(l->blk, taken, &known)) {
        ir_goto_if(l->blk, ir_not(l->blk, T_I1, taken), slot->pc, slot->mode | MIPS_MODE_SLOT_ON);
    } else if (!known) {
        return IR_NONE;
    }
    return b->to != IR_NONE ? b->to : mips_const(l, b->va | b->isa);
}

/* The unit ends between branch and slot. */
static void split(MipsLift *l, const MipsBranch *b, const MipsLift *slot)
{
    IrRef to = b->slot != 0 ? outcome(l, b, l->next + b->slot) : outcome_of_two(l, b, slot);

    if (to != IR_NONE) {
        ir_gst(l->blk, offsetof(MipsCpu, btarget), to);
    }
    ir_goto(l->blk, slot->pc, slot->mode | (to == IR_NONE ? MIPS_MODE_SLOT_ON : 0));
    l->ended = true;
}

void mips_branch(MipsLift *l, MipsBranch b)
{
    MipsLift slot;
    bool at_hand;

    if (b.compact) {
        go_if(l, &b);
        return;
    }
    at_hand = slot_at_hand(l, &b, &slot);
    if (b.slot == 0 && (l->mode & MIPS_MODE_ISA) == 0) {
        b.slot = 4;
    }
    if (b.likely && !annul(l, &b, l->next + b.slot)) {
        l->next += b.slot;
        l->in->pc = l->next;
        return;
    }
    if (!at_hand) {
        split(l, &b, &slot);
        return;
    }
    l->next = slot.next;
    l->in->pc = l->next;
    mips_lift_row(&slot);
    if (slot.ended) {
        l->ended = true;
        return;
    }
    if (b.likely) {
        go(l, &b);
    } else {
        go_if(l, &b);
    }
}
