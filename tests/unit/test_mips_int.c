/* SPDX-License-Identifier: MIT */
/* test_mips_int.c - integer instructions one at a time, against states taken from elsewhere. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/lift.h"
#include "tests/rig/mips_rig.h"

enum { STATUS_EXL = 2, STATUS_ERL = 4, SLOT = 0x24c60001, RETURN = 0x77777777 };

typedef struct Case {
    const char *row, *why;
    uint32_t word, before[5], after[5];
    uint32_t pc, ra, at, stored;
    unsigned exception;
} Case;

/* clang-format off */
#define H(x) 0x##x
#define CASE(row, why, word, a, b, c, h, l, a2, b2, c2, h2, l2, pc, ra, at, stored, exception) \
    { row, why, H(word), { H(a), H(b), H(c), H(h), H(l) }, \
      { H(a2), H(b2), H(c2), H(h2), H(l2) }, H(pc), H(ra), H(at), H(stored), exception },
static const Case cases[] = {
#include "tests/unit/mips_cases.def"
};
/* clang-format on */

static uint8_t fill_byte(uint32_t va) { return (uint8_t)(va * 37 + (va >> 8) * 11 + 0x81); }

static void fill(uint8_t *host)
{
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i++) {
        host[i] = fill_byte(MIPS_DATA + i);
    }
}

static void start(MipsRig *rig, const Case *c)
{
    const uint32_t code[] = { c->word, SLOT, 0x1000ffff, 0, 0x1000ffff, 0 };
    MipsCpu *cpu = rig->cpu;

    mips_rig_code(rig, MIPS_CODE, code, G_N_ELEMENTS(code));
    fill(rig->data);
    memset(cpu->r, 0, sizeof(cpu->r));
    memcpy(&cpu->r[4], c->before, 3 * sizeof(c->before[0]));
    cpu->r[31] = RETURN;
    cpu->hi[0] = c->before[3];
    cpu->lo[0] = c->before[4];
    mips_rig_start(rig, STATUS_ERL, MIPS_CODE);
}

static void check_memory(const MipsRig *rig, const Case *c)
{
    uint8_t want[MIPS_DATA_BYTES];

    fill(want);
    if (c->at != 0) {
        memcpy(want + c->at, &c->stored, sizeof(c->stored));
    }
    cr_expect(memcmp(rig->data, want, sizeof(want)) == 0, "%s, %s: memory", c->row, c->why);
}

static void check(const MipsRig *rig, const Case *c)
{
    const MipsCpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 3; i++) {
        cr_expect(eq(u32, cpu->r[4 + i], c->after[i]), "%s, %s: r%u", c->row, c->why, 4 + i);
    }
    cr_expect(eq(u32, cpu->hi[0], c->after[3]), "%s, %s: hi", c->row, c->why);
    cr_expect(eq(u32, cpu->lo[0], c->after[4]), "%s, %s: lo", c->row, c->why);
    cr_expect(eq(u32, cpu->r[31], c->ra), "%s, %s: r31", c->row, c->why);
    cr_expect(eq(u32, (cpu->cp0.status & STATUS_EXL) != 0, c->exception != 0), "%s, %s", c->row,
              c->why);
    if (c->exception != 0) {
        cr_expect(eq(u32, cpu->cp0.cause >> 2 & 31, c->exception), "%s, %s", c->row, c->why);
        cr_expect(eq(u32, cpu->cp0.epc, MIPS_CODE), "%s, %s: EPC", c->row, c->why);
    } else {
        cr_expect(eq(u32, cpu->v.pc, MIPS_CODE + c->pc), "%s, %s: pc", c->row, c->why);
    }
    check_memory(rig, c);
}

/* @stepped: one at a time, a branch then apart from its slot. */
static void run_cases(const HostIsa *host, bool stepped)
{
    MipsRig *rig = mips_rig_new(host, "24Kc", false);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        start(rig, &cases[i]);
        if (stepped) {
            mips_rig_run(rig, 1);
            mips_rig_run(rig, 1);
        } else {
            mips_rig_run(rig, 2);
        }
        check(rig, &cases[i]);
    }
    mips_rig_free(rig);
}

Test(mips_int, each_instruction_does_what_another_implementation_does)
{
    run_cases(&interp_host, true);
}

Test(mips_int, each_instruction_does_so_in_units_of_the_interpreter)
{
    run_cases(&interp_host, false);
}

Test(mips_int, each_instruction_does_so_in_units_of_x64) { run_cases(&x64_host, false); }

static bool is_fpu(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return op == 0x11 || op == 0x13 || op == 0x31 || op == 0x35 || op == 0x39 || op == 0x3d
           || (op == 0 && (row->match & 0x3f) == 1);
}

/* Tested in test_mips_system.c, or by chapters of their own. */
static bool elsewhere(const MipsInsn *row)
{
    static const char *const names[] = { "SYSCALL", "BREAK", "SC", "SYNC", "SYNCI" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(row->info.name, names[i]) == 0) {
            return true;
        }
    }
    return row->info.sens != SENS_INNOCUOUS || row->enc != ENC_M32 || is_fpu(row)
           || (row->features & ~(uint32_t)MIPS_R2) != 0;
}

Test(mips_int, every_row_has_a_case)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);
    bool *seen = g_new0(bool, n);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const MipsInsn *found = mips_decode(ENC_M32, cases[i].word);

        cr_assert(found != NULL, "%s", cases[i].row);
        cr_expect(eq(str, (char *)found->info.name, (char *)cases[i].row));
        seen[found->ledger] = true;
    }
    for (unsigned i = 0; i < n; i++) {
        cr_expect(seen[i] || elsewhere(&row[i]), "%s", row[i].info.name);
    }
    g_free(seen);
}
