/* SPDX-License-Identifier: MIT */
/* mips_outcome.c - see mips_outcome.h. */
#include "tests/diff/mips_outcome.h"

#include <string.h>

#include "base/state.h"

static void say(GString *s, const char *what, uint32_t a, const char *name, uint32_t b)
{
    if (a != b) {
        g_string_append_printf(s, "  %s: %08x, %s %08x\n", what, a, name, b);
    }
}

void mips_outcome_compare(const MipsOutcome *a, const MipsOutcome *b, bool pc, GString *why)
{
    char name[8];

    say(why, "fault", a->fault, "unicorn", b->fault);
    for (unsigned i = 0; i < 32; i++) {
        g_snprintf(name, sizeof(name), "r%u", i);
        say(why, name, a->r[i], "unicorn", b->r[i]);
    }
    say(why, "hi", a->hi, "unicorn", b->hi);
    say(why, "lo", a->lo, "unicorn", b->lo);
    if (pc) {
        say(why, "pc", a->pc, "unicorn", b->pc);
    }
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i++) {
        if (a->data[i] != b->data[i]) {
            g_string_append_printf(why, "  [%05x]: %02x, unicorn %02x\n", MIPS_DATA + i, a->data[i],
                                   b->data[i]);
        }
    }
}

static void compare_words(const StateField *f, const uint8_t *a, const uint8_t *b, const char *name,
                          GString *why)
{
    for (unsigned i = 0; i < f->count; i++) {
        g_autofree char *what = g_strdup_printf("%s[%u]", f->name, i);
        uint32_t x, y;

        memcpy(&x, a + 4 * i, sizeof(x));
        memcpy(&y, b + 4 * i, sizeof(y));
        say(why, what, x, name, y);
    }
}

void mips_rigs_compare(MipsRig *a, MipsRig *b, const char *name, GString *why)
{
    mips_isa.settle(&a->cpu->v);
    mips_isa.settle(&b->cpu->v);
    for (unsigned i = 0; i < mips_isa.n_fields; i++) {
        const StateField *f = &mips_isa.fields[i];
        const uint8_t *x = (const uint8_t *)a->cpu + f->off, *y = (const uint8_t *)b->cpu + f->off;

        if (memcmp(x, y, state_bytes(f)) == 0) {
            continue;
        }
        if (f->elem == 4) {
            compare_words(f, x, y, name, why);
        } else {
            g_string_append_printf(why, "  %s differs: %s\n", f->name, name);
        }
    }
    if (memcmp(a->data, b->data, MIPS_DATA_BYTES) != 0) {
        g_string_append_printf(why, "  memory differs: %s\n", name);
    }
}
