/* SPDX-License-Identifier: MIT */
/* mips_rig.h - a MIPS processor with RAM, for tests of instructions. */
#ifndef TESTS_RIG_MIPS_RIG_H
#define TESTS_RIG_MIPS_RIG_H

#include "base/clock.h"
#include "base/log.h"
#include "frontend/mips/mips.h"
#include "softmmu/phys.h"
#include "translator/tr.h"

/* All the RAM there is, physical. Vectors are in the first KiB of the code page (EBase), tests put
 * their code at MIPS_CODE; what nobody wrote is branches to themselves and their slots. */
enum {
    MIPS_PAGE = 0x9a000,
    MIPS_CODE = MIPS_PAGE + 0x400,
    MIPS_PAGE_BYTES = 0x2000,
    MIPS_DATA = 0x20000,
    MIPS_DATA_BYTES = 0x4000,
};
#define KSEG0_OF(pa) ((Gva)(pa) | 0x80000000u)

typedef struct MipsRig {
    MipsCpu *cpu;
    Phys *phys;
    Clock clock;
    Log log;
    Translator *tr;
    uint8_t *code, *data; /* host addresses of MIPS_PAGE and MIPS_DATA */
    uint64_t now_ns;      /* guest time */
} MipsRig;

/* @host: runs units; the interpreter finishes what it leaves. In Kernel Mode with Status.ERL, so
 * that kuseg is physical memory, pc at MIPS_CODE. */
MipsRig *mips_rig_new(const HostIsa *host, const char *model,
                      bool big_endian) G_GNUC_WARN_UNUSED_RESULT;
void mips_rig_free(MipsRig *rig);

/* Writes @n words of code in the guest's byte order to physical @pa; units there are dropped. */
void mips_rig_code(MipsRig *rig, Gpa pa, const uint32_t *word, unsigned n);

/* The same with @n halfwords, of the other ISAs. */
void mips_rig_halves(MipsRig *rig, Gpa pa, const uint16_t *half, unsigned n);

/* Runs exactly @insns instructions, exceptions counted as one each. */
void mips_rig_run(MipsRig *rig, uint64_t insns);

/* Puts one instruction at MIPS_CODE, sets the pc there; and runs it. */
void mips_rig_put(MipsRig *rig, uint32_t word);
void mips_rig_step(MipsRig *rig, uint32_t word);

/* Status, pc (not in a delay slot); the mode and view that go with it. */
void mips_rig_start(MipsRig *rig, uint32_t status, Gva pc);

/* A word of RIG_DATA in the guest's byte order. */
uint32_t mips_rig_word(const MipsRig *rig, Gpa pa);
void mips_rig_set_word(MipsRig *rig, Gpa pa, uint32_t value);

#endif
