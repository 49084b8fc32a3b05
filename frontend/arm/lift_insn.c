/* SPDX-License-Identifier: MIT */
/* lift_insn.c - one instruction: its bytes, row, fields, condition and what follows it. */
#include "frontend/arm/lift_insn_priv.h"

#include <string.h>

/* What a word is that no row matches: in A32 it is conditional, A5.1, as here. */
static const ArmInsn no_row = { .info = { .name = "UNDEFINED" }, .lift = arm_undefined };

static void gather(ArmLift *l)
{
    memcpy(l->field, l->row->preset, sizeof(l->field));
    for (unsigned i = 0; i < l->row->n_segments; i++) {
        ArmSegment s = l->row->segment[i];

        l->field[s.field] = l->field[s.field] << s.n | (l->word >> s.lo & ((1u << s.n) - 1));
    }
    if (l->row->flags & ROW_IT_S) {
        l->field['s' - 'a'] = !l->in_it;
    }
}

/* Code is little-endian whatever CPSR.E says, A3.3.1. */
static uint16_t halfword(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

/* Reads the word; false if @avail bytes are too few. */
static bool read_word(ArmLift *l, const uint8_t *code, unsigned avail, unsigned *bytes)
{
    bool thumb = (l->mode & MODE_T) != 0;

    *bytes = thumb && (avail < 2 || !arm_thumb_is_32bit(halfword(code))) ? 2 : 4;
    if (avail < *bytes) {
        return false;
    }
    if (*bytes == 2) {
        l->word = halfword(code);
    } else {
        uint32_t a = halfword(code), b = halfword(code + 2);

        l->word = thumb ? a << 16 | b : b << 16 | a;
    }
    return true;
}

/* A2.5.2: the IT state of the next instruction. */
static uint32_t advance_it(uint32_t mode)
{
    uint32_t it = mode >> MODE_IT_SHIFT & 0xff;

    it = (it & 7) == 0 ? 0 : (it & 0xe0) | (it << 1 & 0x1f);
    return (mode & ~(uint32_t)MODE_IT) | it << MODE_IT_SHIFT;
}

/* The condition of the encoding or of the IT block, by row; 1111 is executed always. */
static unsigned condition(const ArmLift *l)
{
    unsigned cond = l->in_it ? l->mode >> (MODE_IT_SHIFT + 4) & 15 : 14;

    if (!(l->mode & MODE_T)) {
        cond = l->word >> 28;
    }
    return cond == 15 || l->row->flags & ROW_NO_COND ? 14 : cond;
}

static void lift_row(ArmLift *l)
{
    if (arm_begin_condition(l)) {
        l->row->lift(l);
    }
    if (l->in_skip) {
        ir_label(l->blk);
        l->in_skip = false;
        l->ended = false;
    }
    if (l->row->flags & ROW_ENDS && !l->ended) {
        arm_end(l);
    }
}

IsaLifted arm_lift(IsaLift *in)
{
    ArmLift l = { .blk = in->blk, .pc = in->pc, .mode = in->mode, .when = IR_NONE };
    bool thumb = (in->mode & MODE_T) != 0;
    unsigned bytes = 4;

    if (!thumb && (in->pc & 3)) {
        /* A2.3.1: a branch to such an address is UNPREDICTABLE; UNDEF there, whatever it holds. */
        l.row = &no_row;
        l.word = 0xe0000000;
    } else {
        if (!read_word(&l, in->code, in->avail, &bytes)) {
            return LIFT_MORE;
        }
        l.row = arm_decode(l.word, thumb);
    }
    if (l.row == NULL) {
        l.row = &no_row;
    }
    l.in_it = (l.mode & MODE_IT) != 0;
    l.next = l.pc + bytes;
    l.next_mode = advance_it(l.mode);
    l.cond = condition(&l);
    gather(&l);
    ir_insn(l.blk, l.pc, l.mode);
    lift_row(&l);
    in->pc = l.next;
    in->mode = l.next_mode;
    return l.ended ? LIFTED_END : LIFTED;
}

const char *arm_row_name(const uint8_t *code, unsigned avail, uint32_t mode)
{
    ArmLift l = { .mode = mode };
    unsigned bytes;
    const ArmInsn *row = NULL;

    if (read_word(&l, code, avail, &bytes)) {
        row = arm_decode(l.word, (mode & MODE_T) != 0);
    }
    return row ? row->info.name : no_row.info.name;
}
