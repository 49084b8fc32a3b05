/* SPDX-License-Identifier: MIT */
/* arm_rig.h - an ARM processor with RAM, MMU off, for tests of instructions. */
#ifndef TESTS_RIG_ARM_RIG_H
#define TESTS_RIG_ARM_RIG_H

#include "base/clock.h"
#include "base/log.h"
#include "frontend/arm/arm.h"
#include "softmmu/phys.h"
#include "translator/tr.h"

/* All the RAM there is. */
enum { RIG_CODE = 0x9a000, RIG_CODE_BYTES = 0x1000, RIG_DATA = 0x20000, RIG_DATA_BYTES = 0x4000 };

typedef struct ArmRig {
    ArmCpu *cpu;
    Phys *phys;
    Clock clock;
    Log log;
    Translator *tr;
    uint8_t *code, *data; /* host addresses */
} ArmRig;

/* @host: runs units; the interpreter finishes what it leaves. In System mode, A32, flags clear. */
ArmRig *arm_rig_new(const HostIsa *host) G_GNUC_WARN_UNUSED_RESULT;
void arm_rig_free(ArmRig *rig);

/* Writes @bytes of code, little-endian, to @va; units there are dropped. */
void arm_rig_code(ArmRig *rig, Gva va, const void *code, unsigned bytes);

/* Runs exactly @insns instructions, exceptions counted as one each. */
void arm_rig_run(ArmRig *rig, uint64_t insns);

/* Puts one instruction at RIG_CODE, @word as arm_decode() takes it; and runs it. */
void arm_rig_put(ArmRig *rig, uint32_t word, bool thumb);
void arm_rig_step(ArmRig *rig, uint32_t word, bool thumb);

/* Sets CPSR, all fields, and the pc. */
void arm_rig_start(ArmRig *rig, uint32_t cpsr, Gva pc);

#endif
