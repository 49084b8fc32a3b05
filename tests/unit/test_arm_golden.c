/* SPDX-License-Identifier: MIT */
/* test_arm_golden.c - the IR of ARM integer instructions, as text; `make golden` remakes it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "frontend/arm/lift.h"

/* Appends the IR of one instruction. */
static void append_ir(GString *out, const char *text, uint32_t word, bool thumb)
{
    IrBlock *blk = g_new(IrBlock, 1);
    uint32_t bytes = thumb && word >> 16 != 0 ? word >> 16 | word << 16 : word;
    IsaLift l = { .blk = blk,
                  .pc = 0x8000,
                  .mode = thumb ? MODE_T : 0,
                  .code = (const uint8_t *)&bytes,
                  .avail = 4,
                  .room = 16 };

    ir_begin(blk, &arm_isa, l.pc, l.mode);
    cr_assert(ne(int, arm_isa.lift(&l), LIFT_MORE));
    g_string_append_printf(out, "; %s\n", text);
    ir_print(blk, out);
    g_free(blk);
}

static void compare(const char *name, GString *got)
{
    g_autofree char *path = g_strdup_printf("tests/golden/%s.ir", name), *want = NULL;

    if (g_getenv("DOPPEL_GOLDEN") != NULL) {
        cr_assert(g_file_set_contents(path, got->str, -1, NULL));
        return;
    }
    cr_assert(g_file_get_contents(path, &want, NULL, NULL), "%s: make golden", path);
    cr_expect(eq(str, got->str, want));
}

Test(arm_golden, data_processing)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "adds r0, r1, #1", 0xe2910001, false);
    append_ir(s, "adds r0, r1, r2", 0xe0910002, false);
    append_ir(s, "adcs r0, r1, r2", 0xe0b10002, false);
    append_ir(s, "movs r0, r1, lsl #4", 0xe1b00201, false);
    compare("arm_data_processing", s);
}

Test(arm_golden, conditions)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "addeq r0, r1, #1", 0x02810001, false);
    append_ir(s, "cmpne r0, r1", 0x11500001, false);
    append_ir(s, "strbne r0, [r1, r2, lsl #2]", 0x17c10102, false);
    compare("arm_conditions", s);
}

Test(arm_golden, memory)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "ldr r0, [r1], #4", 0xe4910004, false);
    append_ir(s, "push {r4, lr}", 0xe92d4010, false);
    append_ir(s, "pop {r4, pc}", 0xbd10, true);
    compare("arm_memory", s);
}

Test(arm_golden, exclusive)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "strex r0, r2, [r1]", 0xe1810f92, false);
    compare("arm_exclusive", s);
}

Test(arm_golden, branches)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "beq forward", 0x0a000010, false);
    append_ir(s, "bne backward", 0x1afffff0, false);
    append_ir(s, "blne", 0x1b000010, false);
    append_ir(s, "bx lr", 0x4770, true);
    append_ir(s, "cbz r1", 0xb101, true);
    append_ir(s, "udf", 0xe7f000f0, false);
    compare("arm_branches", s);
}

Test(arm_golden, computed_branch)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "addls pc, pc, r3, lsl #2", 0x908ff103, false);
    compare("arm_computed_branch", s);
}

Test(arm_golden, multiplication)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "umlals r0, r3, r1, r2", 0xe0b30291, false);
    compare("arm_multiplication", s);
}

Test(arm_golden, media)
{
    g_autoptr(GString) s = g_string_new(NULL);

    append_ir(s, "smlabb r0, r1, r2, r3", 0xe1003281, false);
    append_ir(s, "usat r0, #7, r1", 0xe6e70011, false);
    append_ir(s, "shadd16 r0, r1, r2", 0xe6310f12, false);
    compare("arm_media", s);
}
