/* SPDX-License-Identifier: MIT */
/* state.c - see state.h. */
#include <stddef.h>

#include "tests/user/state.h"

/* struct user_desc, and its flags. */
typedef struct Entry {
    uint32_t number, base, limit, flags;
} Entry;

enum {
    BITS_32 = 1 << 0,
    DOWN = 1 << 1,
    EXECUTABLE = 2 << 1,
    CONFORMING = 3 << 1, /* the kernel takes it only if not present */
    NO_WRITE = 1 << 3,   /* of code: no read */
    PAGES = 1 << 4,
    ABSENT = 1 << 5,
    USEABLE = 1 << 6,
};

enum { FLAT = 0, FLAT_CODE = 1, SMALL_CODE = 8, CODE16 = 9, EXECUTE_ONLY = 10 };

/* Where an operand goes over the top of 4 GiB it is the processor's choice whether that is beyond a
 * limit of FFFFFFFF (Vol. 3A 5.3): only flat segments have that limit. */
static const Entry ldt[] = {
    { FLAT, 0, 0xfffff, BITS_32 | PAGES | USEABLE },
    { FLAT_CODE, 0, 0xfffff, BITS_32 | EXECUTABLE | PAGES | USEABLE },
    { 2, DATA, 0x17ff, BITS_32 | USEABLE },
    { 3, DATA, 0x7ff, BITS_32 | DOWN | USEABLE },
    { 4, DATA, 0xfff, DOWN | USEABLE },
    { 5, DATA, 0x1fff, USEABLE },
    { 6, 0, 0xfffff, BITS_32 | NO_WRITE | PAGES | USEABLE },
    { 7, 0, 0xfffff, BITS_32 | PAGES | ABSENT | USEABLE },
    { SMALL_CODE, CODE, CODE_BYTES - 1, BITS_32 | EXECUTABLE | USEABLE },
    { CODE16, CODE, 0xffff, EXECUTABLE | USEABLE },
    { EXECUTE_ONLY, 0, 0xfffff, BITS_32 | EXECUTABLE | NO_WRITE | PAGES | USEABLE },
    { 11, 0, 0xfffff, BITS_32 | CONFORMING | PAGES | ABSENT | USEABLE },
    { 12, DATA + 0x800, 0, BITS_32 | PAGES | USEABLE },
    { 13, 0xf0000000, 0xffffe, BITS_32 | PAGES | USEABLE },
    { 14, DATA, 0x2ffe, BITS_32 | USEABLE },
};

static uint32_t selector(uint32_t number) { return number << 3 | 7; }

/* ---- memory ---- */

enum {
    DATA_WORDS = DATA_BYTES / 4,
    WRITABLE_WORDS = DATA_READ_ONLY / 4,
    CODE_WORDS = CODE_BYTES / 4,
    BREAKPOINTS = 0xcccccccc,
};

/* What the data is filled with: operands; or selectors in each place. */
static uint32_t operands[WRITABLE_WORDS], selectors[DATA_WORDS];
static const uint32_t *filled;

static uint32_t *at(uint32_t address) { return (uint32_t *)(uintptr_t)address; }

/* Vectors and x87 numbers: integers, singles, doubles, and their edges. */
static uint32_t draw_vector_word(void)
{
    static const uint32_t edges[] = { 0,          0x80000000, 0x3f800000, 0xbf800000, 0x7f800000,
                                      0xff800000, 0x7fc00001, 0xffc12345, 0x7f812345, 0x00000001,
                                      0x807fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000,
                                      0x3f000001, 0x7ff00000, 0xfff80000, 0x7ff40000, 0x000fffff,
                                      0x00100000, 0x7fefffff, 0x41dfffff, 0xc1e00000, 0x36a00000,
                                      0x47efffff, 0x3ff00000, 0x380fffff };
    uint32_t v = draw_word();

    switch (draw_below(6)) {
    case 0:
    case 1: return edges[draw_below(sizeof(edges) / sizeof(edges[0]))];
    case 2: return (v & 0x807fffff) | (0x3f800000 + (draw_below(24) << 23));
    case 3: return (v & 0x800fffff) | (0x3e0 + draw_below(64)) << 20;
    case 4: return v & 0x00ff00ff;
    default: return v;
    }
}

/* All bytes have bits 0 and 2 set: a selector read anywhere is of the LDT, flags have TF. */
static uint32_t draw_selectors(void)
{
    uint32_t v = draw_word();

    v = one_in(4) ? draw_selector(false) | draw_selector(false) << 16 : v;
    return v | 0x05050505;
}

static void fill_data(const uint32_t *with)
{
    uint32_t *data = at(DATA);

    if (with != filled) {
        for (unsigned i = 0; i < WRITABLE_WORDS; i++) {
            data[i] = with[i];
        }
        filled = with;
    }
}

static uint32_t mix(uint32_t sum, uint32_t v)
{
    sum = (sum ^ v) * 0x01000193u;
    return sum ^ sum >> 15;
}

uint32_t state_written(void)
{
    uint32_t *data = at(DATA), *code = at(CODE), sum = 0;

    for (unsigned i = 0; i < WRITABLE_WORDS; i++) {
        if (data[i] != filled[i]) {
            sum = mix(mix(sum, i + 1), data[i]);
            data[i] = filled[i];
        }
    }
    for (unsigned i = 0; i < CODE_WORDS; i++) {
        if (code[i] != BREAKPOINTS) {
            sum = mix(mix(sum, ~i), code[i]);
            code[i] = BREAKPOINTS;
        }
    }
    return sum;
}

static bool map(uint32_t address, uint32_t bytes)
{
    return (uint32_t)call(CALL_MMAP2, (long)address, (long)bytes, PROT_ALL, MAP_PRIVATE_FIXED, -1,
                          0)
           == address;
}

static bool write_ldt(void)
{
    for (unsigned i = 0; i < sizeof(ldt) / sizeof(ldt[0]); i++) {
        if (call(CALL_MODIFY_LDT, LDT_WRITE, (long)&ldt[i], sizeof(ldt[i]), 0, 0, 0) != 0) {
            return false;
        }
    }
    return true;
}

bool state_prepare(uint32_t seed)
{
    if (!map(CODE, CODE_BYTES) || !map(DATA, DATA_BYTES) || !write_ldt()) {
        return false;
    }
    draw_seed(seed, UINT32_MAX);
    for (unsigned i = 0; i < DATA_WORDS; i++) {
        selectors[i] = draw_selectors();
        at(DATA)[i] = selectors[i];
    }
    for (unsigned i = 0; i < WRITABLE_WORDS; i++) {
        operands[i] = draw_vector_word();
    }
    for (unsigned i = 0; i < CODE_WORDS; i++) {
        at(CODE)[i] = BREAKPOINTS;
    }
    filled = selectors;
    return call(CALL_MPROTECT, DATA + DATA_READ_ONLY, DATA_BYTES - DATA_READ_ONLY, PROT_READ_EXEC,
                0, 0, 0)
           == 0;
}

extern char __executable_start[], _end[];

static void unmap(uint32_t first, uint32_t end)
{
    call(CALL_MUNMAP, (long)first, (long)(end - first), 0, 0, 0, 0);
}

void state_unmap_rest(void)
{
    uint32_t first = (uint32_t)(uintptr_t)__executable_start;
    uint32_t end = ((uint32_t)(uintptr_t)_end + 0xfff) & ~0xfffu;

    unmap(0, first);
    unmap(end, CODE);
    unmap(CODE + CODE_BYTES, DATA);
    unmap(DATA + DATA_BYTES, 0xc0000000);
    unmap(0xc0000000, 0xffffe000); /* a 64-bit kernel's 32-bit processes end there */
}

/* ---- registers ---- */

/* Of a frame, in the order of the manual. */
static const uint8_t general[] = { F_EAX, F_ECX, F_EDX, F_EBX, F_ESP, F_EBP, F_ESI, F_EDI };

static uint32_t draw_general(const Case *c, unsigned number)
{
    unsigned bit = 1u << number, wants = c->row->wants;
    bool address = (c->address & bit) != 0 || (number >= 6 && (wants & WANTS_STRING) != 0)
                   || (number == 5 && (wants & WANTS_EBP) != 0)
                   || (number == 3 && (wants & WANTS_EBX) != 0);
    uint32_t v = address || one_in(4) ? draw_address() : draw_operand();

    if ((c->index & bit) != 0 && !one_in(4)) {
        v = draw_below(96) - 32;
    }
    if (!address && (wants & WANTS_BIT_OFFSET) != 0) {
        v = one_in(2) ? draw_address() : draw_below(512) - 128;
    }
    if (number == 1 && (wants & WANTS_STRING) != 0 && !one_in(4)) {
        v &= 0x1f;
    }
    if ((wants & WANTS_SELECTORS) != 0) {
        v = one_in(2) ? (v & 0xffff0000) | draw_selector(true) : v | 4;
    }
    return v;
}

static uint32_t draw_stack_pointer(void)
{
    switch (draw_below(16)) {
    case 0: return draw_word() & 0xf0003fff;
    case 1: return DATA + draw_below(16);
    case 2: return DATA + DATA_BYTES - 1 - draw_below(32);
    default: return DATA + 0x400 + draw_below(0x1800);
    }
}

static void draw_segments(const Case *c, uint32_t *r)
{
    static const uint8_t any[] = { FLAT, 2, 3, 4, 5, 6, 12, 13, 14, FLAT_CODE, SMALL_CODE };
    static const uint8_t stacks[] = { 2, 3, 4, 5, 12, 13, 14 };

    for (unsigned i = F_GS; i <= F_DS; i++) {
        r[i] = !one_in(3) ? selector(FLAT) : one_in(8) ? 0 : selector(any[draw_below(sizeof(any))]);
    }
    r[F_SS] = selector(FLAT);
    if (one_in(4)) {
        r[F_SS] = selector(stacks[draw_below(sizeof(stacks))]);
        r[F_ESP] = draw_below(0x2100) | (one_in(4) ? draw_word() & 0xf0000000 : 0);
    }
    /* What is loaded from a register must not be a selector of the kernel's own. */
    r[F_ESP] |= (c->row->wants & WANTS_SELECTORS) != 0 ? 4 : 0;
}

static void draw_registers(const Case *c, uint32_t *r)
{
    for (unsigned i = 0; i < 8; i++) {
        r[general[i]] = draw_general(c, i);
    }
    r[F_ESP] = draw_stack_pointer();
    draw_segments(c, r);
    r[F_EFLAGS] = 0x202 | (draw_word() & 0x8d5) | (one_in(4) ? 0x400 : 0)
                  | (one_in(8) ? 0x40000 : 0) | (c->step ? 0x100 : 0);
}

/* ---- x87, MMX, SSE ---- */

/* Of 0 to 7 the exceptions that the masks let through are pending: then ES and B are set. */
static uint32_t draw_status(uint32_t control)
{
    uint32_t status = draw_word() & 0x7f00;

    if (one_in(8)) {
        status |= draw_word() & 0x7f;
        status |= (status & ~control & 0x3f) != 0 ? 0x8080 : 0;
    }
    return status;
}

static void draw_st(uint8_t *st)
{
    uint32_t kind = draw_below(8), exponent;

    for (unsigned i = 0; i < 10; i++) {
        st[i] = (uint8_t)draw_word();
    }
    if (kind == 0) {
        return; /* an unnormal mostly */
    }
    exponent = kind == 1   ? 0
               : kind == 2 ? 0x7fff
               : kind == 3 ? draw_below(0x7fff)
                           : 0x3fd7 + draw_below(80);
    st[9] = (uint8_t)(exponent >> 8 | (st[9] & 0x80));
    st[8] = (uint8_t)exponent;
    st[7] |= kind == 1 ? 0 : 0x80;
    if (one_in(2)) {
        for (unsigned i = 0; i < 7; i++) {
            st[i] = 0;
        }
        st[7] &= one_in(2) ? 0x80 : 0xf0;
    }
}

static void draw_fp(FpFrame *fp)
{
    uint32_t control = 0x37f;

    if (one_in(2)) {
        static const uint32_t precisions[] = { 0, 0x200, 0x300 };

        control = 0x40 | (draw_word() & 0xc00) | precisions[draw_below(3)]
                  | (one_in(2) ? 0x3f : draw_word() & 0x3f);
    }
    fp->control = 0xffff0000 | control;
    fp->status = 0xffff0000 | draw_status(control);
    fp->tags = 0xffff0000 | (one_in(8) ? draw_word() & 0xffff : 0);
    fp->mxcsr = (draw_word() & 0xe040) | (one_in(4) ? draw_word() & 0x1f80 : 0x1f80);
    fp->mxcsr |= draw_word() & 0x3f;
    for (unsigned i = 0; i < 8; i++) {
        draw_st(fp->st[i]);
        for (unsigned k = 0; k < 4; k++) {
            fp->xmm[i][k] = draw_vector_word();
        }
    }
}

/* An integer instruction finds the same numbers each time. */
static void constant_fp(FpFrame *fp)
{
    fp->control = 0xffff037f;
    fp->status = 0xffff0000;
    fp->tags = 0xffffffff;
    fp->mxcsr = 0x1f80;
    for (unsigned i = 0; i < 8; i++) {
        for (unsigned k = 0; k < 10; k++) {
            fp->st[i][k] = (uint8_t)(0x11 * i + k);
        }
        for (unsigned k = 0; k < 4; k++) {
            fp->xmm[i][k] = 0x01010101 * (4 * i + k);
        }
    }
}

/* ---- all of it ---- */

static uint32_t draw_code_segment(void)
{
    static const uint8_t others[] = { SMALL_CODE, SMALL_CODE, CODE16, EXECUTE_ONLY };

    return one_in(6) ? others[draw_below(4)] : FLAT_CODE;
}

/* Most code is on one page; some on two, some at the end of the last. */
static uint32_t draw_code_offset(void)
{
    return one_in(64) ? CODE_BYTES - 1 - draw_below(12) : one_in(8) ? 0xfff - draw_below(6) : 0x10;
}

void state_draw(Case *c, SignalFrame *frame, bool n270, const char *only)
{
    uint32_t segment = draw_code_segment(), offset = draw_code_offset();
    uint8_t *code = (uint8_t *)at(CODE);

    draw_case(c, segment == CODE16, n270, only);
    fill_data((c->row->wants & WANTS_SELECTORS) != 0 ? selectors : operands);
    draw_registers(c, frame->r);
    frame->r[F_CS] = selector(segment);
    frame->r[F_EIP] = segment == SMALL_CODE || segment == CODE16 ? offset : CODE + offset;
    for (unsigned i = 0; i < c->n && offset + i < CODE_BYTES; i++) {
        code[offset + i] = c->code[i];
    }
    if (c->row->set == SET_INTEGER) {
        constant_fp(frame->fp);
    } else {
        draw_fp(frame->fp);
    }
}
