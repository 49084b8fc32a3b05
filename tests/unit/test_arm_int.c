/* SPDX-License-Identifier: MIT */
/* test_arm_int.c - integer instructions one at a time, against states taken from elsewhere. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/arm/lift.h"
#include "tests/rig/arm_rig.h"

enum { STACK = RIG_DATA + 0x200, RETURN = 0x77777777 };
#define PSR_COMPARED 0xf80f0030u

typedef struct Case {
    const char *row, *why;
    bool moves; /* pc, sp, lr are given */
    uint32_t word;
    uint32_t psr, r[4], psr_after, after[4];
    uint32_t pc, sp, lr;
    uint32_t at, stored[3];
} Case;

/* clang-format off */
#define H(x) 0x##x
#define CASE(row, why, w, p, a, b, c, d, q, e, f, g, h) \
    { row, why, false, H(w), H(p), { H(a), H(b), H(c), H(d) }, H(q), { H(e), H(f), H(g), H(h) }, \
      0, STACK, RETURN, 0, { 0 } },
#define STORE(row, why, w, p, a, b, c, d, q, e, f, g, h, at, s, t, u) \
    { row, why, false, H(w), H(p), { H(a), H(b), H(c), H(d) }, H(q), { H(e), H(f), H(g), H(h) }, \
      0, STACK, RETURN, H(at), { H(s), H(t), H(u) } },
#define MOVES(row, why, w, p, a, b, c, d, q, e, f, g, h, pc, sp, lr, at, s, t, u) \
    { row, why, true, H(w), H(p), { H(a), H(b), H(c), H(d) }, H(q), { H(e), H(f), H(g), H(h) }, \
      H(pc), H(sp), H(lr), H(at), { H(s), H(t), H(u) } },
static const Case cases[] = {
#include "tests/unit/arm_cases.def"
};
/* clang-format on */

/* What memory holds before a case. */
static uint8_t case_fill(uint32_t va) { return (uint8_t)(va * 37 + (va >> 8) * 11 + 0x81); }

static void fill(uint8_t *host, uint32_t va, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        host[i] = case_fill(va + i);
    }
}

static uint32_t load_word(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Memory is as before but for the words that the case stores. */
static void check_memory(const ArmRig *rig, const Case *c)
{
    uint8_t want[RIG_DATA_BYTES];

    fill(want, RIG_DATA, sizeof(want));
    if (c->at != 0) {
        memcpy(want + c->at, c->stored, sizeof(c->stored));
    }
    for (unsigned i = 0; i < sizeof(want); i += 4) {
        cr_expect(eq(u32, load_word(rig->data + i), load_word(want + i)), "%s, %s: [%x]", c->row,
                  c->why, i);
    }
}

static void check(const ArmRig *rig, const Case *c, unsigned bytes)
{
    const ArmCpu *cpu = rig->cpu;

    cr_expect(eq(u32, arm_cpsr(cpu) & PSR_COMPARED, c->psr_after), "%s, %s: cpsr", c->row, c->why);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect(eq(u32, cpu->r[i], c->after[i]), "%s, %s: r%u", c->row, c->why, i);
    }
    cr_expect(eq(u32, cpu->v.pc, c->moves ? c->pc : RIG_CODE + bytes), "%s, %s: pc", c->row,
              c->why);
    cr_expect(eq(u32, cpu->r[13], c->sp), "%s, %s: sp", c->row, c->why);
    cr_expect(eq(u32, cpu->r[14], c->lr), "%s, %s: lr", c->row, c->why);
    check_memory(rig, c);
}

static bool in_thumb(const Case *c) { return (c->psr & CPSR_T) != 0; }

/* A branch to itself behind the instruction, so that a unit ends there. */
static void put_spin(uint8_t *code, bool thumb)
{
    uint32_t word = thumb ? 0xe7fee7fe : 0xeafffffe;

    memcpy(code, &word, thumb ? 2 : 4);
}

static void start(ArmRig *rig, const Case *c, unsigned bytes)
{
    ArmCpu *cpu = rig->cpu;
    uint8_t code[RIG_CODE_BYTES];

    fill(code, RIG_CODE, sizeof(code));
    put_spin(code + bytes, in_thumb(c));
    arm_rig_code(rig, RIG_CODE, code, sizeof(code));
    fill(rig->data, RIG_DATA, RIG_DATA_BYTES);
    memset(cpu->r, 0, sizeof(cpu->r));
    memcpy(cpu->r, c->r, sizeof(c->r));
    arm_rig_start(rig, c->psr, RIG_CODE);
    cpu->r[13] = STACK;
    cpu->r[14] = RETURN;
}

/* @whole: the unit, not the instruction alone; then what branches elsewhere is left out. */
static void run_cases(const HostIsa *host, bool whole)
{
    ArmRig *rig = arm_rig_new(host);
    unsigned done = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        unsigned bytes = in_thumb(c) && c->word >> 16 == 0 ? 2 : 4;

        if (whole && c->moves && c->pc != RIG_CODE + bytes) {
            continue;
        }
        start(rig, c, bytes);
        arm_rig_put(rig, c->word, in_thumb(c));
        arm_rig_run(rig, whole ? 2 : 1);
        check(rig, c, bytes);
        done++;
    }
    cr_expect(gt(u32, done, 1000));
    arm_rig_free(rig);
}

Test(arm_int, each_instruction_does_what_another_implementation_does)
{
    run_cases(&interp_host, false);
}

Test(arm_int, each_instruction_does_so_in_units_of_the_interpreter)
{
    run_cases(&interp_host, true);
}

Test(arm_int, each_instruction_does_so_in_units_of_x64) { run_cases(&x64_host, true); }

/* Rows of other chapters, tested elsewhere: FP and vectors, and what the kernel uses. Of those here
 * the ones that are not in the tables are tested in test_arm_int_rules.c. */
static bool elsewhere(const ArmInsn *row)
{
    static const char *const names[] = { "SWP",    "SWPB",         "ISB",         "IT",  "SEV",
                                         "YIELD",  "SVC",          "BKPT",        "UDF", "CLREX",
                                         "SETEND", "MSR_APSR_reg", "MSR_APSR_imm" };
    bool found = row->info.name[0] == 'V' || row->lift == NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        found = found || strcmp(row->info.name, names[i]) == 0;
    }
    return found || (row->info.sens != SENS_INNOCUOUS && row->preset['q' - 'a'] == 0);
}

Test(arm_int, every_row_has_a_case)
{
    unsigned n;
    const ArmInsn *row = arm_rows(&n);
    bool *seen = g_new0(bool, n);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const ArmInsn *found = arm_decode(cases[i].word, in_thumb(&cases[i]));
        g_autofree char *name = NULL;

        cr_assert(found != NULL, "%s", cases[i].row);
        name = g_strdup_printf("%s %s", found->info.name, found->info.encoding);
        cr_expect(eq(str, name, (char *)cases[i].row));
        seen[found->ledger] = true;
    }
    for (unsigned i = 0; i < n; i++) {
        cr_expect(seen[i] || elsewhere(&row[i]), "%s %s", row[i].info.name, row[i].info.encoding);
    }
    g_free(seen);
}
