/* SPDX-License-Identifier: MIT */
/* test_x86_device.c - instructions with several accesses to devices: each made once, few units. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

enum { DEV = 0x300000, DEV_BYTES = 0x1000, LOOP = 500 };

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

/* A device of one register, of 32 bits, and what it saw: an access raises attention if that is
 * the one it is to raise it at. */
typedef struct Dev {
    X86Rig *rig;
    uint32_t value;
    unsigned reads, writes, raise_at;
    uint64_t count; /* at the last access */
} Dev;

static void seen(Dev *d)
{
    Vcpu *v = &d->rig->cpu->v;

    d->count = vcpu_cold(v)->now_count;
    if (d->reads + d->writes == d->raise_at) {
        v->attention |= ATTN_PLAN;
    }
}

static uint64_t dev_read(void *opaque, uint64_t off, unsigned bytes)
{
    Dev *d = opaque;

    (void)off, (void)bytes;
    d->reads++;
    seen(d);
    return d->value;
}

static void dev_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    Dev *d = opaque;

    (void)off, (void)bytes;
    d->writes++;
    d->value = (uint32_t)value;
    seen(d);
}

static X86Rig *start(const HostIsa *host, Dev *d)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    const PhysIo io = { dev_read, dev_write, d };
    GError *error = NULL;

    *d = (Dev){ .rig = rig };
    cr_assert(phys_add_io(rig->phys, "dev", DEV, DEV_BYTES, &io, &error));
    rig->cpu->r[G_EAX] = DEV;
    rig->cpu->r[G_ESP] = X86_RIG_DATA + 0x1000;
    return rig;
}

static TrStats stats(const X86Rig *rig)
{
    TrStats s;

    tr_stats(rig->tr, &s);
    return s;
}

/* @n times @insn, at the code's start; then a jump to itself. */
static void repeat(X86Rig *rig, const char *insn, unsigned bytes, unsigned n)
{
    uint8_t code[0x2000];

    g_assert(n * bytes + 2 <= sizeof(code));
    for (unsigned i = 0; i < n; i++) {
        memcpy(code + i * bytes, insn, bytes);
    }
    memcpy(code + n * bytes, "\xeb\xfe", 2);
    x86_rig_code(rig, code, n * bytes + 2, n);
}

Test(x86_device, read_modify_write_stays_in_its_unit)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);

        repeat(rig, "\x83\x00\x03", 3, LOOP); /* add dword [eax], 3 */
        cr_expect(eq(u32, d.value, 3 * LOOP));
        cr_expect(eq(u32, d.reads, LOOP));
        cr_expect(eq(u32, d.writes, LOOP));
        cr_expect(eq(u64, d.count, LOOP - 1));
        cr_expect(eq(u64, stats(rig).steps, 0));
        cr_expect(lt(u64, stats(rig).insns, 2 * LOOP));
        x86_rig_free(rig);
    }
}

/* push [eax]; pop [eax]: an access to the device each, and one to the stack */
Test(x86_device, a_device_and_memory_in_one_instruction)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);

        d.value = 77;
        repeat(rig, "\xff\x30\xff\x00\x8f\x00", 6, 3 * LOOP / 9); /* and between them, inc [eax] */
        x86_rig_run(rig, LOOP);
        cr_expect(eq(u32, d.value, 77));
        cr_expect(eq(u32, d.reads, d.writes));
        cr_expect(eq(u64, stats(rig).steps, 0));
        x86_rig_free(rig);
    }
}

/* Attention at the read or at the write: the rest of the instruction is done, none of it twice. */
Test(x86_device, attention_within_a_read_modify_write)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        for (unsigned at = 1; at <= 6; at++) {
            Dev d;
            X86Rig *rig = start(hosts[h], &d);
            Vcpu *v = &rig->cpu->v;

            d.raise_at = at;
            x86_rig_write(rig, X86_RIG_CODE, "\xff\x00\xff\x00\xff\x00\xff\x00\xeb\xfe", 10);
            v->pc = X86_RIG_CODE;
            vcpu_set_limit(v, 4);
            cr_expect(eq(int, tr_run(rig->tr, v, true), TR_ATTENTION));
            cr_expect(eq(u64, vcpu_retired(v), (at + 1) / 2));
            cr_expect(eq(u32, d.reads, (at + 1) / 2));
            cr_expect(eq(u32, d.writes, (at + 1) / 2));
            cr_expect(eq(u32, d.value, (at + 1) / 2));
            cr_expect(eq(u64, d.count, (at + 1) / 2 - 1));
            v->attention = 0;
            x86_rig_run(rig, 4 - vcpu_retired(v));
            cr_expect(eq(u32, d.value, 4));
            x86_rig_free(rig);
        }
    }
}

/* PUSHA with the stack on the device: more accesses than are recorded, so it is stepped. */
Test(x86_device, what_is_stepped_makes_its_accesses_once_and_short_units)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);

        rig->cpu->r[G_ESP] = DEV + DEV_BYTES;
        for (unsigned i = 0; i < 8; i++) {
            rig->cpu->r[i] = i == G_ESP ? DEV + DEV_BYTES : i;
        }
        repeat(rig, "\x60", 1, 100);
        cr_expect(eq(u32, d.writes, 800));
        cr_expect(eq(u32, d.value, G_EDI));
        cr_expect(eq(u32, rig->cpu->r[G_ESP], DEV + DEV_BYTES - 3200));
        cr_expect(eq(u64, d.count, 99));
        cr_expect(lt(u64, stats(rig).insns, 1200));
        x86_rig_free(rig);
    }
}

/* #GP goes to @handler. */
static void set_handler(X86Rig *rig, uint32_t handler)
{
    enum { GDT = 0x800, IDT = 0x1000 };
    static const uint32_t flat[] = { 0xffff, 0xcf9b00, 0xffff, 0xcf9300 };
    const uint32_t gate[] = { 8u << 16 | (handler & 0xffff), (handler & 0xffff0000) | 0x8e00 };

    x86_rig_write(rig, GDT + 8, flat, sizeof(flat));
    x86_rig_write(rig, IDT + 8 * X86_GP, gate, sizeof(gate));
    rig->cpu->gdtr = (X86Table){ GDT, 23 };
    rig->cpu->idtr = (X86Table){ IDT, 0x7ff };
}

/* LES reads the device twice and faults; of the handler one instruction is executed in its unit,
 * the next one interpreted. */
Test(x86_device, a_fault_behind_accesses_leaves_none_to_be_taken)
{
    enum { HANDLER = X86_RIG_CODE + 0x1000 };

    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);

        set_handler(rig, HANDLER);
        d.value = 0x777;
        x86_rig_write(rig, HANDLER, "\x8b\x18\xeb\x00\x8b\x10\x90\x90\x90\xeb\xfe", 11);
        x86_rig_code(rig, "\xc4\x08\xeb\xfe", 4, 5); /* les ecx, [eax] */
        cr_expect(eq(u32, rig->cpu->v.pc, HANDLER + 7));
        cr_expect(eq(u32, d.reads, 4));
        cr_expect(eq(u32, rig->cpu->r[G_EBX], 0x777));
        cr_expect(eq(u32, rig->cpu->r[G_EDX], 0x777));
        cr_expect(eq(u64, d.count, 3));
        x86_rig_free(rig);
    }
}

/* REP MOVS between device and memory, and within the device. */
Test(x86_device, string_instructions)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);
        X86Cpu *cpu = rig->cpu;

        d.value = 5;
        cpu->r[G_ECX] = 100;
        cpu->r[G_ESI] = DEV;
        cpu->r[G_EDI] = X86_RIG_DATA;
        x86_rig_code(rig, "\xf3\xa5\xeb\xfe", 4, 100);
        cr_expect(eq(u32, d.reads, 100));
        cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA + 396), 5));
        cpu->r[G_ECX] = 100;
        cpu->r[G_ESI] = DEV;
        cpu->r[G_EDI] = DEV;
        x86_rig_code(rig, "\xf3\xa5\xeb\xfe", 4, 100);
        cr_expect(eq(u32, d.reads, 200));
        cr_expect(eq(u32, d.writes, 100));
        cr_expect(eq(u64, stats(rig).steps, 0));
        x86_rig_free(rig);
    }
}

/* REP INS and OUTS in their units; attention at some accesses, which are not made again. */
Test(x86_device, string_input_and_output)
{
    static const uint8_t ins[] = { 0x6c, 0x6d, 0x6d }, bytes[] = { 1, 2, 4 };

    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        for (unsigned i = 0; i < 6; i++) {
            Dev d;
            X86Rig *rig = start(hosts[h], &d);
            X86Cpu *cpu = rig->cpu;
            unsigned n = bytes[i % 3], steps = hosts[h] == &x64_host && i < 3 ? 1 : 0;
            const uint8_t code[] = { n == 2 ? 0x66 : 0x90, 0xf3,
                                     (uint8_t)(ins[i % 3] | (i >= 3 ? 2 : 0)), 0xeb, 0xfe };
            const PhysIo io = { dev_read, dev_write, &d };
            GError *error = NULL;

            cr_assert(phys_add_io(rig->ports, "port", 0x300, 4, &io, &error));
            d.raise_at = 7;
            d.value = 0x12345678;
            cpu->r[G_EDX] = 0x300;
            cpu->r[G_ECX] = 50;
            cpu->r[G_ESI] = cpu->r[G_EDI] = X86_RIG_DATA;
            memset(rig->data, 0x5a, 300);
            x86_rig_code(rig, code, sizeof(code), 51);
            cr_expect(eq(u32, i < 3 ? d.reads : d.writes, 50));
            cr_expect(eq(u32, d.reads + d.writes, 50));
            cr_expect(eq(u32, cpu->r[G_ECX], 0));
            cr_expect(eq(u32, cpu->r[i < 3 ? G_EDI : G_ESI], X86_RIG_DATA + 50 * n));
            cr_expect(eq(u32, cpu->r[i < 3 ? G_ESI : G_EDI], X86_RIG_DATA));
            cr_expect(eq(u32, rig->data[50 * n - n], i < 3 ? 0x78 : 0x5a));
            cr_expect(eq(u32, rig->data[50 * n], 0x5a));
            cr_expect(eq(u64, stats(rig).steps, steps), "only where attention came up at an input");
            x86_rig_free(rig);
        }
    }
}

/* INSB into the code that runs: seen at once, and the port is read once. */
Test(x86_device, input_over_code)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        Dev d;
        X86Rig *rig = start(hosts[h], &d);
        const PhysIo io = { dev_read, dev_write, &d };
        GError *error = NULL;

        cr_assert(phys_add_io(rig->ports, "port", 0x300, 4, &io, &error));
        d.value = 0x43; /* inc ebx, over a nop */
        rig->cpu->r[G_EDX] = 0x300;
        rig->cpu->r[G_EDI] = X86_RIG_CODE + 2;
        rig->cpu->r[G_EBX] = 0;
        x86_rig_code(rig, "\x90\x6c\x90\x90\xeb\xfe", 6, 4);
        cr_expect(eq(u32, d.reads, 1));
        cr_expect(eq(u32, rig->cpu->r[G_EBX], 1));
        x86_rig_free(rig);
    }
}

/* Somebody rings: tr_run() comes back as soon as it is out of a unit, its state exact. */
Test(x86_device, a_request_is_seen_before_the_budget_is_used_up)
{
    Dev d;
    X86Rig *rig = start(&x64_host, &d);
    Vcpu *v = &rig->cpu->v;
    int bell = 0;

    rig->cpu->r[G_ESP] = DEV + DEV_BYTES;
    tr_set_bell(rig->tr, &bell);
    repeat(rig, "\x60", 1, 100);
    cr_expect(eq(u64, vcpu_retired(v), 100));
    bell = 1;
    v->pc = X86_RIG_CODE;
    rig->cpu->r[G_ESP] = DEV + DEV_BYTES;
    vcpu_set_limit(v, 200);
    cr_expect(eq(int, tr_run(rig->tr, v, true), TR_ATTENTION));
    cr_expect(eq(u64, vcpu_retired(v), 101));
    cr_expect(eq(u32, d.writes, 8 * 101));
    x86_rig_free(rig);
}
