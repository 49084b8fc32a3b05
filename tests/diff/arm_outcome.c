/* SPDX-License-Identifier: MIT */
/* arm_outcome.c - see arm_outcome.h. */
#include "tests/diff/arm_outcome.h"

#include <string.h>

/* A branch to itself: A32 one, T32 two. */
enum { SPIN_T32 = 0xe7fe };
#define SPIN_A32 0xeafffffeu

static unsigned put(uint8_t *page, unsigned at, uint32_t word, unsigned bytes)
{
    for (unsigned k = 0; k < bytes; k++) {
        page[at++] = (uint8_t)(word >> (8 * k));
    }
    return at;
}

Gva arm_case_page(const ArmCase *c, unsigned n, uint8_t page[RIG_CODE_BYTES])
{
    unsigned at = 0;
    Gva end;

    for (unsigned i = 0; i < n; i++) {
        uint32_t w = c->word[i];

        if (c->thumb && w >> 16 != 0) {
            w = w >> 16 | w << 16;
        }
        at = put(page, at, w, c->row[i]->thumb == 2 ? 2 : 4);
    }
    end = RIG_CODE + at;
    while (at < CASE_VECTORS - RIG_CODE) {
        at = c->thumb ? put(page, at, SPIN_T32, 2) : put(page, at, SPIN_A32, 4);
    }
    while (at < RIG_CODE_BYTES) {
        at = put(page, at, SPIN_A32, 4);
    }
    return end;
}

/* The state before the exception that was taken, if one was. */
static void undo_entry(const ArmCpu *cpu, Outcome *o)
{
    bool thumb = (cpu->spsr_now & CPSR_T) != 0;

    if ((cpu->cpsr & CPSR_M) == ARM_USR) {
        return;
    }
    o->cpsr = cpu->spsr_now;
    o->r[13] = cpu->sp[BANK_USR];
    o->r[14] = cpu->lr[BANK_USR];
    o->fault = (cpu->v.pc - CASE_VECTORS) / 4;
    o->pc = cpu->r[14]
            - (o->fault == ARM_EXC_DABT             ? 8
               : o->fault == ARM_EXC_PABT || !thumb ? 4
                                                    : 2);
}

void arm_case_run(ArmRig *rig, const ArmCase *c, unsigned n, const uint8_t *data, bool stepped,
                  Outcome *out)
{
    ArmCpu *cpu = rig->cpu;

    memcpy(rig->data, data, RIG_DATA_BYTES);
    arm_rig_start(rig, c->cpsr, RIG_CODE);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    cpu->exstate = cpu->exaddr = 0;
    cpu->cp15.dfsr = cpu->cp15.dfar = 0;
    cpu->cp15.vbar = CASE_VECTORS;
    if (!stepped) {
        arm_rig_run(rig, n + 1);
    }
    for (unsigned i = 0; stepped && i < n && (cpu->cpsr & CPSR_M) == ARM_USR; i++) {
        arm_rig_run(rig, 1);
    }
    memcpy(out->r, cpu->r, sizeof(cpu->r));
    out->pc = cpu->v.pc;
    out->cpsr = arm_cpsr(cpu);
    out->fault = 0;
    out->dfsr = cpu->cp15.dfsr;
    out->dfar = cpu->cp15.dfar;
    out->exstate = cpu->exstate;
    out->exaddr = cpu->exaddr;
    memcpy(out->data, rig->data, RIG_DATA_BYTES);
    undo_entry(cpu, out);
}

static void say(GString *s, const char *what, uint32_t a, const char *name, uint32_t b)
{
    if (a != b) {
        g_string_append_printf(s, "  %s: %08x, %s %08x\n", what, a, name, b);
    }
}

void arm_case_compare(const Outcome *a, const Outcome *b, uint32_t psr_compared, const char *name,
                      GString *s)
{
    char r[8];

    for (unsigned i = 0; i < 15; i++) {
        g_snprintf(r, sizeof(r), "r%u", i);
        say(s, r, a->r[i], name, b->r[i]);
    }
    say(s, "pc", a->pc, name, b->pc);
    say(s, "cpsr", a->cpsr & psr_compared, name, b->cpsr & psr_compared);
    say(s, "fault", a->fault, name, b->fault);
    say(s, "dfsr", a->dfsr, name, b->dfsr);
    say(s, "dfar", a->dfar, name, b->dfar);
    say(s, "exstate", a->exstate, name, b->exstate);
    say(s, "exaddr", a->exaddr, name, b->exaddr);
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        if (a->data[i] != b->data[i]) {
            g_string_append_printf(s, "  [%05x]: %02x, %s %02x\n", RIG_DATA + i, a->data[i], name,
                                   b->data[i]);
        }
    }
}
