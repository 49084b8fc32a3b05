/* SPDX-License-Identifier: MIT */
/* rows.c - see rows.h. */
#include "tests/user/rows.h"

/* clang-format off */
#define COL_NONE { 0, 0, 0, 0 }
#define COL_RM { 1, 0, 0, 0 }
#define COL_M { 1, 1, 0, 0 }
#define COL_R { 1, 2, 0, 0 }
#define COL_D(n) { 1, 0, 0x38, (n) << 3 }
#define COL_MD(n) { 1, 1, 0x38, (n) << 3 }
#define COL_RD(n) { 1, 2, 0x38, (n) << 3 }
#define COL_B(byte) { 1, 2, 0xff, byte }

/* The words of the flags column; a new one does not compile. */
#define ROW_PLUS_R PLUS_R
#define ROW_PLUS_CC PLUS_CC
#define ROW_LOCK LOCKS
#define ROW_REP REPEATS
#define ROW_MANY 0
#define ROW_RMW 0
#define ROW_PROTECTED 0
#define ROW_VM_IOPL 0
#define ROW_IOPL 0
#define ROW_ENDS 0
#define ROW_IO 0
#define ARG(x) 0

/* Features that the two models do not share. */
#define IS_NEW(feature) (NEW_##feature)
enum {
    NEW_386, NEW_486, NEW_FPU, NEW_TSC, NEW_MSR, NEW_CX8, NEW_SEP, NEW_CMOV, NEW_FCMOV, NEW_PMC,
    NEW_P6, NEW_MMX, NEW_FXSR, NEW_SSE, NEW_SSE2, NEW_SSE3, NEW_CLFLUSH, NEW_MONITOR,
    NEW_FIRST, NEW_SSSE3 = NEW_FIRST, NEW_MOVBE
};

#define X86(name, map, opcode, prefix, modrm, operands, lifter, sens, how, flags, feature, spec) \
    { #name, SET, MAP_##map, opcode, PFX_##prefix, COL_##modrm, operands, flags, \
      IS_NEW(feature) >= NEW_FIRST, 0, 0 },
static Row rows[] = {
#define SET SET_INTEGER
#include "frontend/x86/x86.def"
#undef SET
#define SET SET_X87
#include "frontend/x86/x87.def"
#undef SET
#define SET SET_SIMD
#include "frontend/x86/sse.def"
};
#undef X86

static const struct {
    const char *name, *what, *why;
    uint16_t left_out;
} left_out[] = {
#define LEFT_OUT(name, what, why) { #name, #what, why, LEFT_##what },
#include "tests/user/left_out.def"
};

static const struct {
    const char *name;
    uint8_t wants;
} wanted[] = {
    { "ARPL",       WANTS_SELECTORS | WANTS_OFTEN },
    { "BOUND",      WANTS_OFTEN },
    { "BT",         WANTS_BIT_OFFSET },
    { "BTC",        WANTS_BIT_OFFSET },
    { "BTR",        WANTS_BIT_OFFSET },
    { "BTS",        WANTS_BIT_OFFSET },
    { "CALL",       WANTS_STEP | WANTS_OFTEN },
    { "CALL_far",   WANTS_STEP | WANTS_SELECTORS | WANTS_OFTEN },
    { "CMPS",       WANTS_STRING | WANTS_OFTEN },
    { "ENTER",      WANTS_EBP | WANTS_OFTEN },
    { "INS",        WANTS_STRING },
    { "INT",        WANTS_OFTEN },
    { "INT1",       WANTS_OFTEN },
    { "INT3",       WANTS_OFTEN },
    { "INTO",       WANTS_OFTEN },
    { "IRET",       WANTS_STEP | WANTS_SELECTORS | WANTS_OFTEN },
    { "JCXZ",       WANTS_STEP },
    { "JMP",        WANTS_STEP | WANTS_OFTEN },
    { "JMP_far",    WANTS_STEP | WANTS_SELECTORS | WANTS_OFTEN },
    { "Jcc",        WANTS_STEP },
    { "LAR",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LDS",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LEAVE",      WANTS_EBP | WANTS_OFTEN },
    { "LES",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LFS",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LGS",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LODS",       WANTS_STRING | WANTS_OFTEN },
    { "LOOP",       WANTS_STEP },
    { "LOOPE",      WANTS_STEP },
    { "LOOPNE",     WANTS_STEP },
    { "LSL",        WANTS_SELECTORS | WANTS_OFTEN },
    { "LSS",        WANTS_SELECTORS | WANTS_OFTEN },
    { "MASKMOVDQU", WANTS_STRING },
    { "MASKMOVQ",   WANTS_STRING },
    { "MOVS",       WANTS_STRING | WANTS_OFTEN },
    { "MOV_from_seg", WANTS_OFTEN },
    { "MOV_to_seg", WANTS_SELECTORS | WANTS_OFTEN },
    { "OUTS",       WANTS_STRING },
    { "POP",        WANTS_OFTEN },
    { "POPA",       WANTS_OFTEN },
    { "POPF",       WANTS_STEP | WANTS_SELECTORS | WANTS_OFTEN },
    { "POP_seg",    WANTS_SELECTORS | WANTS_OFTEN },
    { "PUSH",       WANTS_OFTEN },
    { "PUSHA",      WANTS_OFTEN },
    { "PUSHF",      WANTS_OFTEN },
    { "PUSH_seg",   WANTS_OFTEN },
    { "RET",        WANTS_STEP | WANTS_OFTEN },
    { "RET_far",    WANTS_STEP | WANTS_SELECTORS | WANTS_OFTEN },
    { "SCAS",       WANTS_STRING | WANTS_OFTEN },
    { "STOS",       WANTS_STRING | WANTS_OFTEN },
    { "VERR",       WANTS_SELECTORS | WANTS_OFTEN },
    { "VERW",       WANTS_SELECTORS | WANTS_OFTEN },
    { "XLAT",       WANTS_EBX | WANTS_OFTEN },
};
/* clang-format on */

enum {
    N_ROWS = sizeof(rows) / sizeof(rows[0]),
    N_LEFT_OUT = sizeof(left_out) / sizeof(left_out[0]),
    N_WANTED = sizeof(wanted) / sizeof(wanted[0]),
};

bool rows_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void rows_prepare(void)
{
    for (unsigned i = 0; i < N_ROWS; i++) {
        Row *row = &rows[i];

        for (unsigned k = 0; k < N_LEFT_OUT; k++) {
            if (rows_same(row->name, left_out[k].name)) {
                row->left_out |= left_out[k].left_out;
            }
        }
        for (unsigned k = 0; k < N_WANTED; k++) {
            if (rows_same(row->name, wanted[k].name)) {
                row->wants |= wanted[k].wants;
            }
        }
    }
}

const Row *rows_all(unsigned *n)
{
    *n = N_ROWS;
    return rows;
}

void rows_show_left_out(void (*write)(const char *text))
{
    for (unsigned i = 0; i < N_LEFT_OUT; i++) {
        write(left_out[i].name);
        write(" ");
        write(left_out[i].what);
        write(": ");
        write(left_out[i].why);
        write("\n");
    }
}
