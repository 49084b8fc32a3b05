/* SPDX-License-Identifier: MIT */
/* mips_rig.c - see mips_rig.h. */
#include "tests/rig/mips_rig.h"

#include <string.h>

#include "backend/interp/interp.h"

enum { STATUS_ERL = 4 };

static uint64_t time_of(void *opaque) { return ((const MipsRig *)opaque)->now_ns; }

static uint8_t *ram(Phys *p, const char *name, Gpa base, uint64_t bytes)
{
    GError *error = NULL;

    if (!phys_add_memory(p, PHYS_RAM, name, base, bytes, &error)) {
        g_error("%s", error->message);
    }
    return phys_find(p, base)->host;
}

static void fill(MipsRig *rig)
{
    static const uint32_t spin[2] = { 0x1000ffff, 0 }; /* beq r0, r0, itself; nop */

    for (unsigned at = 0; at < MIPS_PAGE_BYTES; at += 8) {
        mips_rig_code(rig, MIPS_PAGE + at, spin, 2);
    }
}

MipsRig *mips_rig_new(const HostIsa *host, const char *model, bool big_endian)
{
    MipsRig *rig = g_new0(MipsRig, 1);
    TrOptions options = {
        .cache_bytes = 1 << 20, .main = host, .interp = &interp_host, .windows = TR_WINDOWS_ALWAYS
    };
    GError *error = NULL;

    options.host.chain = true;
    clock_init(&rig->clock, time_of, NULL, rig);
    rig->phys = phys_new(&rig->log);
    rig->code = ram(rig->phys, "code", MIPS_PAGE, MIPS_PAGE_BYTES);
    rig->data = ram(rig->phys, "data", MIPS_DATA, MIPS_DATA_BYTES);
    rig->cpu = mips_new(model, big_endian, rig->phys, &rig->clock, &rig->log);
    g_assert(rig->cpu);
    rig->tr = tr_new(&options, &mips_isa, rig->phys, &rig->log, &error);
    if (rig->tr == NULL) {
        g_error("%s", error->message);
    }
    tr_attach(rig->tr, &rig->cpu->v);
    fill(rig);
    mips_rig_start(rig, STATUS_ERL, MIPS_CODE);
    return rig;
}

void mips_rig_free(MipsRig *rig)
{
    tr_free(rig->tr);
    mips_free(rig->cpu);
    phys_free(rig->phys);
    clock_clear(&rig->clock);
    g_free(rig);
}

static void put(uint8_t bytes[4], uint32_t value, bool big_endian)
{
    for (unsigned i = 0; i < 4; i++) {
        bytes[big_endian ? 3 - i : i] = (uint8_t)(value >> 8 * i);
    }
}

void mips_rig_code(MipsRig *rig, Gpa pa, const uint32_t *word, unsigned n)
{
    GError *error = NULL;
    uint8_t bytes[4];

    for (unsigned i = 0; i < n; i++) {
        put(bytes, word[i], rig->cpu->big_endian != 0);
        if (!phys_copy_in(rig->phys, pa + 4 * i, bytes, 4, &error)) {
            g_error("%s", error->message);
        }
    }
}

void mips_rig_halves(MipsRig *rig, Gpa pa, const uint16_t *half, unsigned n)
{
    GError *error = NULL;

    for (unsigned i = 0; i < n; i++) {
        uint8_t low = (uint8_t)half[i], high = (uint8_t)(half[i] >> 8);
        uint8_t bytes[2] = { rig->cpu->big_endian != 0 ? high : low,
                             rig->cpu->big_endian != 0 ? low : high };

        if (!phys_copy_in(rig->phys, pa + 2 * i, bytes, 2, &error)) {
            g_error("%s", error->message);
        }
    }
}

void mips_rig_run(MipsRig *rig, uint64_t insns)
{
    Vcpu *v = &rig->cpu->v;

    vcpu_set_limit(v, vcpu_retired(v) + insns);
    while (v->budget > 0) {
        tr_run(rig->tr, v, true);
    }
}

void mips_rig_start(MipsRig *rig, uint32_t status, Gva pc)
{
    MipsCpu *cpu = rig->cpu;

    cpu->cp0.status = status;
    cpu->cp0.ebase = 0x80000000u | MIPS_PAGE;
    cpu->v.mode &= ~(uint32_t)(MIPS_MODE_SLOTS | MIPS_MODE_ISA);
    cpu->v.pc = pc;
    mips_update(cpu);
}

void mips_rig_put(MipsRig *rig, uint32_t word)
{
    mips_rig_code(rig, MIPS_CODE, &word, 1);
    rig->cpu->v.mode &= ~(uint32_t)MIPS_MODE_SLOTS;
    rig->cpu->v.pc = MIPS_CODE;
}

void mips_rig_step(MipsRig *rig, uint32_t word)
{
    mips_rig_put(rig, word);
    mips_rig_run(rig, 1);
}

uint32_t mips_rig_word(const MipsRig *rig, Gpa pa)
{
    const uint8_t *p = rig->data + (pa - MIPS_DATA);
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        value |= (uint32_t)p[rig->cpu->big_endian ? 3 - i : i] << 8 * i;
    }
    return value;
}

void mips_rig_set_word(MipsRig *rig, Gpa pa, uint32_t value)
{
    put(rig->data + (pa - MIPS_DATA), value, rig->cpu->big_endian != 0);
}
