/* SPDX-License-Identifier: MIT */
/* test_x86_enter.c - ENTER against its operation in SDM Vol. 2, with stacks of either size. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

/* The stack's base, so that SP reaches the data's first 64 KiB. */
enum { BASE = X86_RIG_DATA, BYTES = 0x10000 };

typedef struct Model {
    uint8_t stack[BYTES];
    uint32_t esp, ebp;
    bool narrow;    /* SP */
    unsigned bytes; /* of the operand size */
} Model;

static uint32_t cut(const Model *m, uint32_t off) { return m->narrow ? off & 0xffff : off; }

static void push(Model *m, uint32_t value)
{
    uint32_t sp = cut(m, m->esp - m->bytes);

    m->esp = m->narrow ? (m->esp & 0xffff0000) | sp : sp;
    memcpy(m->stack + sp, &value, m->bytes);
}

static void enter(Model *m, uint32_t size, unsigned level)
{
    uint32_t frame, value = 0, at = m->ebp;

    push(m, m->ebp);
    frame = m->esp;
    for (unsigned i = 1; i < level; i++) {
        at -= m->bytes;
        memcpy(&value, m->stack + cut(m, at), m->bytes);
        push(m, value);
    }
    if (level > 0) {
        push(m, frame);
    }
    m->ebp = m->bytes == 2 ? (m->ebp & 0xffff0000) | (frame & 0xffff) : frame;
    m->esp = m->narrow ? (m->esp & 0xffff0000) | cut(m, m->esp - size) : m->esp - size;
}

static void set_stack(X86Rig *rig, const Model *m)
{
    X86Seg *ss = &rig->cpu->seg[SEG_SS];

    ss->base = BASE;
    ss->limit = 0xffff;
    ss->attr = (ss->attr & ~(uint32_t)(SEG_DB | SEG_G)) | (m->narrow ? 0 : SEG_DB);
    x86_seg_derive(ss);
    rig->cpu->r[G_ESP] = m->esp;
    rig->cpu->r[G_EBP] = m->ebp;
    x86_update(rig->cpu);
}

static void run_cases(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    g_autoptr(GRand) rng = g_rand_new_with_seed(7);
    static Model m;
    TrStats stats;

    for (unsigned n = 0; n < 2000; n++) {
        unsigned level = g_rand_boolean(rng) ? 0 : (unsigned)g_rand_int_range(rng, 0, 64);
        uint32_t size = (uint32_t)g_rand_int_range(rng, 0, 0x1000);
        uint8_t code[6] = { 0x66, 0xc8, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)level, 0x90 };

        m.narrow = g_rand_boolean(rng);
        m.bytes = g_rand_boolean(rng) ? 2 : 4;
        m.esp = (uint32_t)g_rand_int_range(rng, 0x2000, 0xf000) | (m.narrow ? 0xabc00000 : 0);
        m.ebp = m.esp + (uint32_t)g_rand_int_range(rng, n % 4 == 0 ? -0x100 : 0x80, 0x200);
        for (unsigned i = 0; i < BYTES; i += 4) {
            uint32_t word = g_rand_int(rng);

            memcpy(m.stack + i, &word, 4);
        }
        x86_rig_write(rig, BASE, m.stack, BYTES);
        set_stack(rig, &m);
        x86_rig_code(rig, m.bytes == 2 ? code : code + 1, m.bytes == 2 ? 6 : 5, 1);
        enter(&m, size, level & 31);
        cr_assert(eq(u32, rig->cpu->r[G_ESP], m.esp), "case %u", n);
        cr_assert(eq(u32, rig->cpu->r[G_EBP], m.ebp), "case %u", n);
        cr_assert(zero(i32, memcmp(rig->data, m.stack, BYTES)), "case %u", n);
    }
    tr_stats(rig->tr, &stats);
    cr_expect(lt(u64, stats.steps, 500), "only where frames may overlap");
    x86_rig_free(rig);
}

Test(x86_enter, as_the_manual_says_interp) { run_cases(&interp_host); }
Test(x86_enter, as_the_manual_says_jit) { run_cases(&x64_host); }
