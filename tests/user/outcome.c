/* SPDX-License-Identifier: MIT */
/*
 * outcome.c - see outcome.h.
 *
 * Not in it: the x87's instruction and data pointers and opcode, which processors with
 * FDP_EXCPTN_ONLY and without FCS and FDS do not keep (SDM Vol. 1 8.1.8).
 */
#include "tests/user/outcome.h"

#include "tests/diff/x86_undefined.h"

enum {
    TRAP_DB = 1,
    TRAP_BP = 3,
    TRAP_OF = 4,
    TRAP_PF = 14,
    PF_PRESENT = 1,
    PF_FETCH = 16,
    STATUS_FLAGS = 0x8d5,
};

/*
 * What kernels make of it, the processor does not. The frame's CR2 is the last page fault's, an
 * older one for other exceptions; single steps and breakpoints have no error code, kernels keep an
 * older one. A page fault of the kernel's half is always reported as one of rights, by a 64-bit
 * kernel only where its half begins; and only a kernel with NX has fetches told apart.
 */
static void normalise(uint32_t *w)
{
    if (w[O_TRAP] != TRAP_PF) {
        w[O_CR2] = 0;
    } else {
        w[O_ERROR] &= ~(uint32_t)PF_FETCH;
        w[O_ERROR] |= w[O_CR2] >= 0xc0000000 ? PF_PRESENT : 0;
    }
    if (w[O_TRAP] == TRAP_DB || w[O_TRAP] == TRAP_BP) {
        w[O_ERROR] = 0;
    }
}

static void take_fp(Outcome *o, const FpFrame *fp)
{
    o->w[O_CONTROL] = fp->control & 0xffff;
    o->w[O_STATUS] = fp->status & 0xffff;
    o->w[O_TAGS] = fp->tags & 0xffff;
    o->w[O_MXCSR] = fp->mxcsr;
    for (unsigned i = 0; i < 8; i++) {
        for (unsigned k = 0; k < 10; k++) {
            o->w[O_ST + 3 * i + k / 4] |= (uint32_t)fp->st[i][k] << 8 * (k & 3);
        }
        for (unsigned k = 0; k < 4; k++) {
            o->w[O_XMM + 4 * i + k] = fp->xmm[i][k];
        }
    }
}

/* Bits of the first operand, and the count of a shift. */
static unsigned bits_of(const Case *c)
{
    const char *word = c->row->operands;

    return word[0] != '\0' && word[1] == 'b' ? 8 : c->opsize16 ? 16 : 32;
}

static unsigned count_of(const Case *c, uint32_t cl)
{
    for (const char *p = c->row->operands; *p != '\0'; p++) {
        if (p[0] == 'C' && p[1] == 'L') {
            return cl;
        }
        if (p[0] == '1') {
            return 1;
        }
    }
    return c->count;
}

static void clear(Outcome *o, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end; i++) {
        o->w[i] = 0;
    }
}

/* By traps EIP is behind the instruction. */
static bool is_fault(uint32_t trap)
{
    return trap != TRAP_DB && trap != TRAP_BP && trap != TRAP_OF;
}

/* Returns: what else to leave out, of LEFT_*. */
static unsigned leave_out_of_fault(Outcome *o, unsigned left)
{
    unsigned also = 0;

    if ((left & LEFT_FAULT_REGISTERS) != 0) {
        clear(o, F_EDI, F_EAX + 1);
    }
    if ((left & LEFT_FAULT_KIND) != 0) {
        clear(o, O_TRAP, O_ERROR + 1);
        left |= LEFT_FAULT_CR2 | LEFT_FAULT_MEMORY;
    }
    if ((left & LEFT_FAULT_CR2) != 0) {
        o->w[O_CR2] = 0;
    }
    also |= (left & LEFT_FAULT_MEMORY) != 0 ? LEFT_MEMORY : 0;
    also |= (left & LEFT_FAULT_X87) != 0 ? LEFT_X87 : 0;
    return also;
}

static void leave_out(Outcome *o, const Case *c, uint32_t cl)
{
    unsigned count = count_of(c, cl), bits = bits_of(c), left = c->row->left_out;

    o->w[F_EFLAGS] &= ~x86_undefined_by(c->row->name, count, bits);
    if (x86_result_undefined_by(c->row->name, count, bits)) {
        clear(o, F_EDI, F_EAX + 1);
        left |= LEFT_MEMORY;
    }
    if (is_fault(o->w[O_TRAP])) {
        left |= leave_out_of_fault(o, left);
    }
    if ((left & LEFT_MEMORY) != 0) {
        o->w[O_WRITTEN] = 0;
    }
    if ((left & LEFT_BITS_19_16) != 0) {
        for (unsigned i = F_EDI; i <= F_EAX; i++) {
            o->w[i] &= ~0x000f0000u;
        }
    }
    if ((left & LEFT_X87) != 0) {
        clear(o, O_STATUS, O_MXCSR);
    }
    if ((left & LEFT_XMM) != 0) {
        clear(o, O_XMM, OUTCOME_WORDS);
    }
}

void outcome_take(Outcome *o, const Case *c, uint32_t count, const SignalFrame *frame,
                  uint32_t written)
{
    *o = (Outcome){ { 0 } };
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        o->w[i] = frame->r[i] & (i <= F_DS || i == F_CS || i == F_SS ? 0xffff : UINT32_MAX);
    }
    o->w[O_CR2] = frame->cr2;
    o->w[O_WRITTEN] = written;
    if (frame->fp) {
        take_fp(o, frame->fp);
    }
    normalise(o->w);
    leave_out(o, c, count);
}

uint32_t outcome_sum(const Outcome *o)
{
    uint32_t sum = 2166136261u;

    for (unsigned i = 0; i < OUTCOME_WORDS; i++) {
        sum = (sum ^ o->w[i]) * 0x01000193u;
        sum ^= sum >> 15;
    }
    return sum;
}

static const char *const names[] = { "gs",  "fs",  "es",  "ds",     "edi",  "esi",   "ebp", "esp",
                                     "ebx", "edx", "ecx", "eax",    "trap", "error", "eip", "cs",
                                     "fl",  "cr2", "ss",  "memory", "fcw",  "fsw",   "ftw" };

void outcome_name(unsigned word, char *name)
{
    const char *from = word < O_ST       ? names[word]
                       : word < O_MXCSR  ? "st"
                       : word == O_MXCSR ? "mxcsr"
                                         : "xmm";
    unsigned n = word < O_MXCSR ? word - O_ST : word - O_XMM, each = word < O_MXCSR ? 3 : 4;

    while (*from != '\0') {
        *name++ = *from++;
    }
    if (word >= O_ST && word != O_MXCSR) {
        *name++ = (char)('0' + n / each);
        *name++ = '.';
        *name++ = (char)('0' + n % each);
    }
    *name = '\0';
}
