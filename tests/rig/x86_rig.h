/* SPDX-License-Identifier: MIT */
/* x86_rig.h - an x86 processor with RAM, for tests of instructions. */
#ifndef TESTS_RIG_X86_RIG_H
#define TESTS_RIG_X86_RIG_H

#include "base/clock.h"
#include "base/log.h"
#include "frontend/x86/x86.h"
#include "softmmu/phys.h"
#include "translator/tr.h"

/* All the RAM there is: tables and handlers low, code, data. Code begins off a page's start. */
enum {
    X86_RIG_LOW_BYTES = 0x10000,
    X86_RIG_CODE = 0x9a000,
    X86_RIG_DATA = 0x200000,
    X86_RIG_DATA_BYTES = 0x20000,
};

typedef struct X86Rig {
    X86Cpu *cpu;
    Phys *phys, *ports;
    Clock clock;
    Log log;
    Translator *tr;
    uint8_t *low, *code, *data; /* host addresses */
    uint64_t now_ns;
} X86Rig;

/* @host: runs units; the interpreter finishes what it leaves. Flat protected mode, CPL 0, paging
 * off, at X86_RIG_CODE, flags clear. */
X86Rig *x86_rig_new(const HostIsa *host, const char *model) G_GNUC_WARN_UNUSED_RESULT;
void x86_rig_free(X86Rig *rig);

/* Writes @bytes to physical memory; units there are dropped. */
void x86_rig_write(X86Rig *rig, Gpa pa, const void *from, unsigned bytes);
void x86_rig_write32(X86Rig *rig, Gpa pa, uint32_t value);
uint32_t x86_rig_read32(const X86Rig *rig, Gpa pa);

/* Runs exactly @insns instructions, exceptions counted as one each. */
void x86_rig_run(X86Rig *rig, uint64_t insns);
/* Puts @code at X86_RIG_CODE, goes there and runs @insns. */
void x86_rig_code(X86Rig *rig, const void *code, unsigned bytes, uint64_t insns);

#endif
