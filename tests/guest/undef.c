/* SPDX-License-Identifier: MIT */
/* undef.c - undefined instructions in both sets: LR and SPSR (ARM DDI 0406C.d B1.9.2). */
#include "guest.h"

SNIPPET(a32_udf, "", ".inst 0xe7f000f0", "");
SNIPPET(a32_media, "", ".inst 0xe7f123f4", "");
SNIPPET(a32_uncond, "", ".inst 0xf7ffffff", "");
SNIPPET(a32_cdp, "", ".inst 0xee000700", "");
SNIPPET(a32_vfp, "", ".inst 0xee300a00", "");
SNIPPET(a32_cp15, "", ".inst 0xee0ff01f", "");
SNIPPET(a32_failed, "msr cpsr_f, #0x40000000", ".inst 0x1e000700", "");
SNIPPET(a32_flags, "msr cpsr_f, #0xf0000000", ".inst 0xe7f000f0", "");
SNIPPET_T(t16_udf, "", ".inst.n 0xde00", "");
SNIPPET_T(t16_hole, "nop", ".inst.n 0xb600", "");
SNIPPET_T(t32_udf, "", ".inst.w 0xf7f0a000", "");
SNIPPET_T(t32_hole, "nop", ".inst.w 0xfb00f0f0", "");
SNIPPET_T(t32_vfp, "", ".inst.w 0xee300a00", "");

#define TRY(name) (attempt(name, 0, 0, 0), report(#name, name##_at))

int main(void)
{
    set_cpacr(0);
    TRY(a32_udf);
    TRY(a32_media);
    TRY(a32_uncond);
    TRY(a32_cdp);
    TRY(a32_vfp);
    TRY(a32_cp15);
    TRY(a32_failed);
    TRY(a32_flags);
    TRY(t16_udf);
    TRY(t16_hole);
    TRY(t32_udf);
    TRY(t32_hole);
    TRY(t32_vfp);
    return 0;
}
