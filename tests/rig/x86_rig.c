/* SPDX-License-Identifier: MIT */
/* x86_rig.c - see x86_rig.h. */
#include "tests/rig/x86_rig.h"

#include <string.h>

#include "backend/interp/interp.h"

static uint64_t rig_time(void *opaque) { return ((X86Rig *)opaque)->now_ns; }

static uint8_t *ram(Phys *p, const char *name, Gpa base, uint64_t bytes)
{
    GError *error = NULL;

    if (!phys_add_memory(p, PHYS_RAM, name, base, bytes, &error)) {
        g_error("%s", error->message);
    }
    return phys_find(p, base)->host;
}

X86Rig *x86_rig_new(const HostIsa *host, const char *model)
{
    X86Rig *rig = g_new0(X86Rig, 1);
    TrOptions options = { .cache_bytes = 1 << 20, .main = host, .interp = &interp_host };
    GError *error = NULL;

    options.host.chain = true;
    clock_init(&rig->clock, rig_time, NULL, rig);
    rig->phys = phys_new(&rig->log);
    rig->low = ram(rig->phys, "low", 0, X86_RIG_LOW_BYTES);
    rig->code = ram(rig->phys, "code", X86_RIG_CODE, 0x2000);
    rig->data = ram(rig->phys, "data", X86_RIG_DATA, X86_RIG_DATA_BYTES);
    rig->ports = phys_new(&rig->log);
    rig->cpu = x86_new(model, rig->phys, &rig->clock, &rig->log);
    mmu_set_ports(rig->cpu->mmu, rig->ports);
    rig->tr = tr_new(&options, &x86_isa, rig->phys, &rig->log, &error);
    if (rig->tr == NULL) {
        g_error("%s", error->message);
    }
    tr_attach(rig->tr, &rig->cpu->v);
    x86_enter_flat(rig->cpu, X86_RIG_CODE, 8, 16);
    return rig;
}

void x86_rig_free(X86Rig *rig)
{
    tr_free(rig->tr);
    x86_free(rig->cpu);
    phys_free(rig->phys);
    phys_free(rig->ports);
    clock_clear(&rig->clock);
    g_free(rig);
}

void x86_rig_write(X86Rig *rig, Gpa pa, const void *from, unsigned bytes)
{
    GError *error = NULL;

    if (!phys_copy_in(rig->phys, pa, from, bytes, &error)) {
        g_error("%s", error->message);
    }
}

void x86_rig_write32(X86Rig *rig, Gpa pa, uint32_t value)
{
    x86_rig_write(rig, pa, &value, sizeof(value));
}

uint32_t x86_rig_read32(const X86Rig *rig, Gpa pa)
{
    return (uint32_t)phys_read(rig->phys, pa, 4, NULL);
}

void x86_rig_run(X86Rig *rig, uint64_t insns)
{
    Vcpu *v = &rig->cpu->v;

    vcpu_set_limit(v, vcpu_retired(v) + insns);
    while (v->budget > 0 && rig->cpu->shutdown == 0) {
        tr_run(rig->tr, v, true);
    }
}

void x86_rig_code(X86Rig *rig, const void *code, unsigned bytes, uint64_t insns)
{
    x86_rig_write(rig, X86_RIG_CODE, code, bytes);
    rig->cpu->v.pc = rig->cpu->seg[SEG_CS].base + X86_RIG_CODE;
    x86_rig_run(rig, insns);
}
