/* SPDX-License-Identifier: MIT */
/* arm_rig.c - see arm_rig.h. */
#include "tests/rig/arm_rig.h"

#include <string.h>

#include "backend/interp/interp.h"

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

static uint8_t *ram(Phys *p, const char *name, Gpa base, uint64_t bytes)
{
    GError *error = NULL;

    if (!phys_add_memory(p, PHYS_RAM, name, base, bytes, &error)) {
        g_error("%s", error->message);
    }
    return phys_find(p, base)->host;
}

ArmRig *arm_rig_new(const HostIsa *host)
{
    ArmRig *rig = g_new0(ArmRig, 1);
    TrOptions options = {
        .cache_bytes = 1 << 20, .main = host, .interp = &interp_host, .windows = TR_WINDOWS_ALWAYS
    };
    GError *error = NULL;

    options.host.chain = true;
    clock_init(&rig->clock, no_time, NULL, NULL);
    rig->phys = phys_new(&rig->log);
    rig->code = ram(rig->phys, "code", RIG_CODE, RIG_CODE_BYTES);
    rig->data = ram(rig->phys, "data", RIG_DATA, RIG_DATA_BYTES);
    rig->cpu = arm_new("cortex-a15", rig->phys, &rig->clock, &rig->log);
    rig->tr = tr_new(&options, &arm_isa, rig->phys, &rig->log, &error);
    if (rig->tr == NULL) {
        g_error("%s", error->message);
    }
    tr_attach(rig->tr, &rig->cpu->v);
    arm_rig_start(rig, ARM_SYS, RIG_CODE);
    return rig;
}

void arm_rig_free(ArmRig *rig)
{
    tr_free(rig->tr);
    arm_free(rig->cpu);
    phys_free(rig->phys);
    clock_clear(&rig->clock);
    g_free(rig);
}

void arm_rig_code(ArmRig *rig, Gva va, const void *code, unsigned bytes)
{
    GError *error = NULL;

    if (!phys_copy_in(rig->phys, va, code, bytes, &error)) {
        g_error("%s", error->message);
    }
}

void arm_rig_run(ArmRig *rig, uint64_t insns)
{
    Vcpu *v = &rig->cpu->v;

    vcpu_set_limit(v, vcpu_retired(v) + insns);
    while (v->budget > 0) {
        tr_run(rig->tr, v, true);
    }
    rig->cpu->flags &= IR_FL_ALL;
}

void arm_rig_start(ArmRig *rig, uint32_t cpsr, Gva pc)
{
    arm_set_cpsr(rig->cpu, cpsr);
    rig->cpu->v.pc = pc;
}

void arm_rig_put(ArmRig *rig, uint32_t word, bool thumb)
{
    uint16_t half[2] = { (uint16_t)word, (uint16_t)(word >> 16) };

    if (thumb && word >> 16 != 0) {
        half[0] = (uint16_t)(word >> 16);
        half[1] = (uint16_t)word;
    }
    arm_rig_code(rig, RIG_CODE, half, thumb && word >> 16 == 0 ? 2 : 4);
}

void arm_rig_step(ArmRig *rig, uint32_t word, bool thumb)
{
    arm_rig_put(rig, word, thumb);
    rig->cpu->v.pc = RIG_CODE;
    arm_rig_run(rig, 1);
}
