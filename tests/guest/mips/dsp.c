/* SPDX-License-Identifier: MIT */
/*
 * dsp.c - the DSP ASE: DSPControl's fields, accumulators, BPOSGE32, DSP Disabled (MD00374).
 * cpu: 74Kf
 */
#include "guest.h"

enum { MX = 1 << 24 };

#define DSP(name, insn, after) \
    SNIPPET(name, ".set dsp\n .set dspr2\n wrdsp $zero, 0x3f", insn, after)
SNIPPET(control, "", ".set dsp\n rddsp $v0, 0x3f", "");
DSP(addq, "addq_s.ph $v0, $a0, $a1", "");
DSP(addu, "addu_s.qb $v0, $a0, $a1", "");
DSP(subq, "subq_s.w $v0, $a0, $a1", "");
DSP(mulq, "muleq_s.w.phl $v0, $a0, $a1", "");
DSP(shll, "shll_s.ph $v0, $a0, 4", "");
DSP(cmp, "cmpu.le.qb $a0, $a1\n pick.qb $v0, $a0, $a1", "");
DSP(carry, "addsc $v0, $a0, $a1\n addwc $v0, $zero, $zero", "");
DSP(bitrev, "bitrev $v0, $a0", "");
DSP(dot, "mult $ac2, $zero, $zero\n dpaq_s.w.ph $ac2, $a0, $a1\n mflo $v0, $ac2", "");
DSP(extract,
    "mthi $zero, $ac1\n mtlo $a0, $ac1\n li $t0, 23\n wrdsp $t0, 1\n"
    " extp $v0, $ac1, 7",
    "");
DSP(too_far, "mtlo $a0, $ac1\n li $t0, 3\n wrdsp $t0, 1\n extp $v0, $ac1, 7", "");
DSP(branch, "li $t0, 32\n wrdsp $t0, 1\n bposge32 1f\n li $v0, 1\n li $v0, 2", "1:");
DSP(no_branch, "li $t0, 31\n wrdsp $t0, 1\n bposge32 1f\n li $v0, 1\n li $v0, 2", "1:");
SNIPPET(disabled, "", ".set dsp\n addq.ph $v0, $a0, $a1", "");
DSP(indexed, "lwx $v0, $a1($a0)", "");

static void compute(const char *what, const void *f, uint32_t a, uint32_t b)
{
    uint32_t v = call(f, a, b);

    say("%s: %x, DSPControl %x\n", what, v, call(control, 0, 0));
}

int main(void)
{
    static const uint32_t table[] = { 0x01234567, 0x89abcdef };

    report("without MX", disabled, 0, 0, disabled_at);
    SET(12, 0, GET(12, 0) | MX);
    compute("addq_s.ph", addq, 0x7fff0001, 0x00010001);
    compute("addq_s.ph, no overflow", addq, 0x7ffe0001, 0x00010001);
    compute("addu_s.qb", addu, 0xff010203, 0x01010101);
    compute("subq_s.w", subq, 0x80000000, 1);
    compute("muleq_s.w.phl", mulq, 0x80001234, 0x80005678);
    compute("shll_s.ph", shll, 0x12340800, 0);
    compute("cmpu.le.qb, pick.qb", cmp, 0x10203040, 0x40302010);
    compute("addsc, addwc", carry, 0xffffffff, 1);
    compute("bitrev", bitrev, 0x00001234, 0);
    compute("dpaq_s.w.ph", dot, 0x40008000, 0x40008000);
    compute("extp", extract, 0x12345678, 0);
    compute("extp beyond the end", too_far, 0x12345678, 0);
    compute("bposge32, 32", branch, 0, 0);
    compute("bposge32, 31", no_branch, 0, 0);
    compute("lwx", indexed, (uint32_t)(uintptr_t)table, 4);
    return 0;
}
