/* SPDX-License-Identifier: MIT */
/* fpu.c - the FPU's exceptions, flags and register models (MD00343 5.5). */
#include "guest.h"

enum { E = 0x20000, V = 16, Z = 8, O = 4, U = 2, I = 1, FS = 1 << 24, CU1 = 1 << 29, FR = 1 << 26 };

#define FP(name, insn) \
    SNIPPET(name, ".set hardfloat\n mtc1 $a0, $f0\n mtc1 $a1, $f2", insn " $f4, $f0, $f2", \
            "mfc1 $v0, $f4")
FP(add, "add.s");
FP(mul, "mul.s");
FP(div, "div.s");
SNIPPET(cvt, ".set hardfloat\n mtc1 $a0, $f0", "cvt.w.s $f4, $f0", "mfc1 $v0, $f4");
SNIPPET(trunc, ".set hardfloat\n mtc1 $a0, $f0", "trunc.w.s $f4, $f0", "mfc1 $v0, $f4");
SNIPPET(slot, ".set hardfloat\n mtc1 $a0, $f0\n mtc1 $a1, $f2\n b 1f", "div.s $f4, $f0, $f2", "1:");
SNIPPET(ctc, ".set hardfloat", "ctc1 $a0, $31", "");
SNIPPET(cfc, ".set hardfloat", "cfc1 $v0, $31", "");
/* Odd registers: without FR the upper halves of the pairs; with FR registers of their own. */
SNIPPET(halves, ".set hardfloat\n mtc1 $zero, $f3\n mtc1 $a0, $f2", "mtc1 $a1, $f3",
        ".word 0x44621000"); /* mfhc1 v0, f2 */
SNIPPET(apart, ".set hardfloat\n mtc1 $a0, $f2\n .word 0x44e51000", "mtc1 $zero, $f3",
        ".word 0x44621000"); /* mthc1 a1, f2 */

static void compute(const char *what, const void *f, uint32_t a, uint32_t b, uint32_t control)
{
    call(ctc, control, 0);
    if (attempt(f, a, b)) {
        say("%s: code %u, delay slot %u, FCSR %x\n", what, trap.cause >> 2 & 31, trap.cause >> 31,
            call(cfc, 0, 0));
    } else {
        call(ctc, control, 0);
        say("%s: %x", what, call(f, a, b));
        say(", FCSR %x\n", call(cfc, 0, 0));
    }
}

int main(void)
{
    const uint32_t one = 0x3f800000, three = 0x40400000, max = 0x7f7fffff, min = 0x00800000;
    const uint32_t tiny = 0x00000001, nan = 0x7fbfffff, snan = 0x7fc00000, half = 0x3f000000;

    SET(12, 0, GET(12, 0) | CU1);
    compute("1 + 1", add, one, one, 0);
    compute("1 / 3", div, one, three, 0);
    compute("1 / 3, up", div, one, three, 2);
    compute("1 / 3, I enabled", div, one, three, I << 7);
    compute("1 / 0", div, one, 0, 0);
    compute("1 / 0, Z enabled", div, one, 0, Z << 7);
    compute("1 / 0 in a slot, Z enabled", slot, one, 0, Z << 7);
    compute("max * max", mul, max, max, 0);
    compute("max * max, O enabled", mul, max, max, O << 7);
    compute("NaN + 1", add, nan, one, 0);
    compute("signalling NaN + 1", add, snan, one, 0);
    compute("signalling NaN + 1, V enabled", add, snan, one, V << 7);
    compute("0 / 0", div, 0, 0, 0);
    compute("tiny operand", add, tiny, one, 0);
    compute("tiny operand, FS", add, tiny, one, FS);
    compute("tiny result", mul, min, half, 0);
    compute("tiny result, FS", mul, min, half, FS);
    compute("to a word, nearest", cvt, 0x40200000, 0, 0);
    compute("to a word, up", cvt, 0x40200000, 0, 2);
    compute("to a word, cut", trunc, 0x40200000, 0, 2);
    compute("to a word, too large", cvt, 0x4f800000, 0, 0);
    report("Cause written with its Enable", ctc, V << 12 | V << 7, 0, ctc_at);
    report("E written", ctc, E, 0, ctc_at);
    call(ctc, 0, 0);
    say("a pair's halves: %x\n", call(halves, 0x11223344, 0x55667788));
    SET(12, 0, GET(12, 0) | FR);
    say("with FR: %x\n", call(apart, 0x11223344, 0x55667788));
    return 0;
}
