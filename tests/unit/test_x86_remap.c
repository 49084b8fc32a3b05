/* SPDX-License-Identifier: MIT */
/*
 * test_x86_remap.c - an OUT that puts other memory where it stands: it is done, once, and the
 * next instruction comes from what is there now.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

enum { SHADOW = 0xc0000, SHADOW_BYTES = 0x4000, HIGH = 0x300000, ALIAS = HIGH & ~(1 << 20) };
enum { ENOUGH = 1000 }; /* a unit is only entered if the budget covers it */

/* What the port does. */
enum { NOTHING, REMAP = 1 << 0, A20_OFF = 1 << 1, INTERRUPT = 1 << 2 };

typedef struct Port {
    X86Rig *rig;
    unsigned what, written;
} Port;

static uint64_t read_port(void *port, uint64_t off, unsigned bytes)
{
    (void)port, (void)off, (void)bytes;
    return 0;
}

static void write_port(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    Port *p = opaque;

    (void)off, (void)value, (void)bytes;
    p->written++;
    if ((p->what & REMAP) != 0) {
        phys_shadow(p->rig->phys, SHADOW, true, true);
    }
    if ((p->what & A20_OFF) != 0) {
        x86_set_a20(p->rig->cpu, false);
    }
    if ((p->what & INTERRUPT) != 0) {
        x86_isa.set_irq(&p->rig->cpu->v, X86_LINE_INTR, true);
    }
}

/* nop; OUT; mov $1, %ecx; jmp to itself. OUTS is as long as OUT. */
static const uint8_t before[] = { 0x90, 0xee, 0xb9, 1, 0, 0, 0, 0xeb, 0xfe };
/* nop; inc %ebx; mov $2, %ecx; jmp to itself */
static const uint8_t after[] = { 0x90, 0x43, 0xb9, 2, 0, 0, 0, 0xeb, 0xfe };

static uint64_t outs_counted(const X86Rig *rig)
{
    const VcpuCold *cold = vcpu_cold(&rig->cpu->v);
    uint64_t n = 0;

    for (unsigned i = 0; i < x86_isa.n_insns; i++) {
        if (g_str_has_prefix(x86_isa.insn(i)->name, "OUT")) {
            n += cold->ledger[2 * i] + cold->ledger[2 * i + 1];
        }
    }
    return n;
}

static void go(X86Rig *rig, uint32_t at)
{
    X86Cpu *cpu = rig->cpu;

    x86_enter_flat(cpu, at, 8, 16);
    cpu->r[G_EBX] = cpu->r[G_ECX] = 0;
    cpu->r[G_EDX] = 0x300;
    cpu->r[G_ESI] = X86_RIG_DATA + 0x1000;
    x86_update(cpu);
    x86_rig_run(rig, ENOUGH);
}

/* Twice without effect, so that all is translated and linked, then as @what says. */
static void check(const HostIsa *host, unsigned what, bool string)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    Port port = { .rig = rig };
    const PhysIo io = { read_port, write_port, &port };
    uint32_t at = (what & A20_OFF) != 0 ? HIGH : SHADOW;
    uint8_t code[sizeof(before)];

    memcpy(code, before, sizeof(code));
    code[1] = string ? 0x6e : code[1];
    cr_assert(phys_add_io(rig->ports, "port", 0x300, 4, &io, NULL));
    cr_assert(phys_add_shadow(rig->phys, "shadow", SHADOW, SHADOW_BYTES, NULL));
    cr_assert(phys_add_memory(rig->phys, PHYS_RAM, "high", HIGH, 0x10000, NULL));
    phys_shadow(rig->phys, SHADOW, true, true);
    x86_rig_write(rig, SHADOW, after, sizeof(after));
    phys_shadow(rig->phys, SHADOW, false, false);
    phys_set_shadow_rom(rig->phys, SHADOW, code, sizeof(code));
    x86_rig_write(rig, HIGH, code, sizeof(code));
    x86_rig_write(rig, ALIAS, after, sizeof(after));

    for (port.written = 0; port.written < 2;) {
        unsigned was = port.written;

        go(rig, at);
        cr_assert(eq(u32, port.written, was + 1));
        cr_assert(eq(u32, rig->cpu->r[G_ECX], 1));
    }
    port.what = what;
    go(rig, at);
    cr_expect(eq(u32, port.written, 3), "what %u, string %d", what, string);
    cr_expect(eq(u64, outs_counted(rig), 3), "what %u, string %d", what, string);
    cr_expect(eq(u32, rig->cpu->r[G_EBX], 0), "what %u, string %d", what, string);
    cr_expect(eq(u32, rig->cpu->r[G_ECX], 2), "what %u, string %d", what, string);
    cr_expect(eq(u32, rig->cpu->v.pc, at + 7), "what %u, string %d", what, string);
    cr_expect(eq(u32, rig->cpu->r[G_ESI], X86_RIG_DATA + 0x1000 + string), "what %u", what);
    x86_rig_free(rig);
}

static void check_all(const HostIsa *host)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned remap = (i & 1) != 0 ? A20_OFF : REMAP, irq = (i & 2) != 0 ? INTERRUPT : NOTHING;

        check(host, remap | irq, (i & 4) != 0);
    }
}

Test(x86_remap, an_out_that_takes_its_own_memory_away_interp) { check_all(&interp_host); }
Test(x86_remap, an_out_that_takes_its_own_memory_away_jit) { check_all(&x64_host); }
