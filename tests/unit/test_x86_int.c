/* SPDX-License-Identifier: MIT */
/* test_x86_int.c - x86 integer instructions one at a time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

static void adds(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    static const uint8_t code[] = { 0x01, 0xd8 }; /* add eax, ebx */

    rig->cpu->r[0] = 0x7fffffff;
    rig->cpu->r[3] = 1;
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u32, rig->cpu->r[0], 0x80000000));
    cr_expect(eq(u32, x86_eflags(rig->cpu), EFL_ONE | EFL_OF | EFL_SF | EFL_AF | EFL_PF));
    cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 2));
    x86_rig_free(rig);
}

Test(x86_int, an_addition_sets_all_six_flags)
{
    adds(&interp_host);
    adds(&x64_host);
}
