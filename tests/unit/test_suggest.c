/* SPDX-License-Identifier: MIT */
/* test_suggest.c - a suggestion is offered for a slip of the fingers, not for just any word. */
#include "base/suggest.h"

#include <criterion/criterion.h>

static const char *const known[] = { "virt", "log", "kernel", "no-reboot", NULL };

Test(suggest, a_slip_finds_its_word)
{
    cr_assert_str_eq(suggest_nearest("vrit", known), "virt");
    cr_assert_str_eq(suggest_nearest("kernl", known), "kernel");
    cr_assert_str_eq(suggest_nearest("no-rebot", known), "no-reboot");
}

Test(suggest, another_word_finds_none)
{
    cr_assert_null(suggest_nearest("bogus", known));
    cr_assert_null(suggest_nearest("x", known));
    cr_assert_null(suggest_nearest("", known));
}
