/* SPDX-License-Identifier: MIT */
/* test_x86_ledger.c - the critical instructions of IA-32 are counted, once, by privilege. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

enum { GDT = 0x1000, IDT = 0x1800, TSS = 0x2000, HANDLERS = 0x3000, STACK = 0x5000 };
enum { KERNEL_CS = 8, KERNEL_DS = 16, USER_CS = 0x1b, USER_DS = 0x23 };
enum { FRAME = X86_RIG_DATA + 0x1000 }; /* ESP: what POPF, RET and IRET find */

/* Robin and Irvine's seventeen (USENIX Security 2000), and those that return. */
static const struct Critical {
    const char *name; /* in the tables */
    const char *code;
    unsigned bytes;
    uint32_t frame[3]; /* at ESP; a selector of 1 is CS, of 2 is DS */
} criticals[] = {
    { "PUSHF", "\x9c", 1, { 0 } },
    { "POPF", "\x9d", 1, { 2 } },
    { "SGDT", "\x0f\x01\x03", 3, { 0 } },
    { "SIDT", "\x0f\x01\x0b", 3, { 0 } },
    { "SLDT", "\x0f\x00\xc0", 3, { 0 } },
    { "STR", "\x0f\x00\xc8", 3, { 0 } },
    { "SMSW", "\x0f\x01\xe0", 3, { 0 } },
    { "LAR", "\x0f\x02\xc1", 3, { 0 } },
    { "LSL", "\x0f\x03\xc1", 3, { 0 } },
    { "VERR", "\x0f\x00\xe1", 3, { 0 } },
    { "VERW", "\x0f\x00\xe9", 3, { 0 } },
    { "MOV_from_seg", "\x8c\xd8", 2, { 0 } },
    { "MOV_to_seg", "\x8e\xd9", 2, { 0 } },
    { "PUSH_seg", "\x1e", 1, { 0 } },
    { "POP_seg", "\x1f", 1, { 2 } },
    { "LDS", "\xc5\x04\x24", 3, { 0, 2 } },
    { "CALL_far", "\xff\x1c\x24", 3, { X86_RIG_CODE, 1 } },
    { "JMP_far", "\xff\x2c\x24", 3, { X86_RIG_CODE, 1 } },
    { "RET_far", "\xcb", 1, { X86_RIG_CODE, 1 } },
    { "INT", "\xcd\x1f", 2, { 0 } },
    { "INT3", "\xcc", 1, { 0 } },
    { "INTO", "\xce", 1, { 0 } },
    { "IRET", "\xcf", 1, { X86_RIG_CODE, 1, 0x802 } },
};

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static void set_descriptor(X86Rig *rig, unsigned selector, uint32_t high)
{
    x86_rig_write32(rig, GDT + (selector & 0xf8), 0xffff);
    x86_rig_write32(rig, GDT + (selector & 0xf8) + 4, high);
}

static X86Rig *start(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");

    set_descriptor(rig, KERNEL_CS, 0xcf9b00);
    set_descriptor(rig, KERNEL_DS, 0xcf9300);
    set_descriptor(rig, USER_CS, 0xcffb00);
    set_descriptor(rig, USER_DS, 0xcff300);
    for (unsigned i = 0; i < 32; i++) {
        x86_rig_write32(rig, IDT + 8 * i, (HANDLERS + 16 * i) | KERNEL_CS << 16);
        x86_rig_write32(rig, IDT + 8 * i + 4, i == 3 || i == 4 || i == 31 ? 0xee00 : 0x8e00);
    }
    x86_rig_write32(rig, TSS + 4, STACK);
    x86_rig_write32(rig, TSS + 8, KERNEL_DS);
    rig->cpu->gdtr = (X86Table){ GDT, 0x3f };
    rig->cpu->idtr = (X86Table){ IDT, 0xff };
    rig->cpu->tr = (X86Seg){ .selector = 0x28, .base = TSS, .limit = 0x67, .attr = 0x8b };
    return rig;
}

static void go_to(X86Rig *rig, const struct Critical *c, bool user)
{
    uint16_t code = user ? USER_CS : KERNEL_CS, data = user ? USER_DS : KERNEL_DS;
    X86Cpu *cpu = rig->cpu;

    x86_enter_flat(cpu, X86_RIG_CODE, code, data);
    cpu->cpl = user ? 3 : 0;
    for (unsigned s = 0; s < N_SEGS; s++) {
        cpu->seg[s].attr |= cpu->cpl << SEG_DPL_SHIFT;
    }
    cpu->r[G_EBX] = X86_RIG_DATA;
    cpu->r[G_ECX] = data;
    cpu->r[G_ESP] = FRAME;
    x86_set_eflags(cpu, EFL_ONE | EFL_OF);
    x86_update(cpu);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t word = i != 0 && c->frame[i] == 1                       ? code
                        : c->frame[i] == 2 && c->code[0] != (char)'\x9d' ? data
                                                                         : c->frame[i];

        x86_rig_write32(rig, FRAME + 4 * i, word);
    }
}

/* Whether ledger row @i is of sensitive instructions that @name names. */
static bool is_named(unsigned i, const char *name)
{
    const InsnInfo *row = x86_isa.insn(i);

    return row->sens != SENS_INNOCUOUS && g_str_equal(row->name, name);
}

/* How many are counted at this privilege, of @name; and of all others. */
static uint64_t counted(const X86Rig *rig, const char *name, bool privileged, bool others)
{
    const VcpuCold *cold = vcpu_cold(&rig->cpu->v);
    uint64_t n = 0;

    for (unsigned i = 0; i < x86_isa.n_insns; i++) {
        bool named = is_named(i, name);

        n += others ? cold->ledger[2 * i] + cold->ledger[2 * i + 1]
                          - (named ? cold->ledger[2 * i + (privileged ? 1 : 0)] : 0)
             : named ? cold->ledger[2 * i + (privileged ? 1 : 0)]
                     : 0;
    }
    return n;
}

Test(x86_ledger, critical_instructions_are_counted_by_privilege)
{
    for (unsigned h = 0; h < 2 * G_N_ELEMENTS(hosts); h++) {
        bool user = (h & 1) != 0;
        X86Rig *rig = start(hosts[h >> 1]);

        for (unsigned i = 0; i < G_N_ELEMENTS(criticals); i++) {
            const struct Critical *c = &criticals[i];
            uint64_t *exceptions = vcpu_cold(&rig->cpu->v)->exceptions;

            go_to(rig, c, user);
            memset(vcpu_cold(&rig->cpu->v)->ledger, 0, sizeof(vcpu_cold(&rig->cpu->v)->ledger));
            exceptions[X86_GP] = exceptions[X86_UD] = 0;
            x86_rig_code(rig, c->code, c->bytes, 1);
            cr_expect(eq(u64, exceptions[X86_GP] + exceptions[X86_UD], 0), "%s", c->name);
            cr_expect(eq(u64, counted(rig, c->name, !user, false), 1), "%s, user %d", c->name,
                      user);
            cr_expect(zero(u64, counted(rig, c->name, !user, true)), "%s, user %d", c->name, user);
        }
        x86_rig_free(rig);
    }
}

static uint64_t raise_irq(void *opaque, uint64_t off, unsigned bytes)
{
    (void)off, (void)bytes;
    x86_isa.set_irq(opaque, X86_LINE_INTR, true);
    return 0;
}

/* IN raises an interrupt, and is finished by the interpreter: it is one IN. */
Test(x86_ledger, an_instruction_that_leaves_its_unit_is_counted_once)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        X86Rig *rig = start(hosts[h]);
        const PhysIo io = { raise_irq, NULL, &rig->cpu->v };
        GError *error = NULL;

        cr_assert(phys_add_io(rig->ports, "port", 0x300, 4, &io, &error));
        rig->cpu->r[G_EDX] = 0x300;
        x86_rig_code(rig, "\x90\xec\x90", 3, 2);
        cr_expect(eq(u64, counted(rig, "IN", true, false), 1));
        x86_rig_free(rig);
    }
}

/* Inline rows that access memory, at [ebx] or [esp]. */
static const struct Critical accesses[] = {
    { "PUSHF", "\x9c", 1, { 0 } },        { "PUSH_seg", "\x1e", 1, { 0 } },
    { "SGDT", "\x0f\x01\x03", 3, { 0 } }, { "SIDT", "\x0f\x01\x0b", 3, { 0 } },
    { "LGDT", "\x0f\x01\x13", 3, { 0 } }, { "LIDT", "\x0f\x01\x1b", 3, { 0 } },
    { "SLDT", "\x0f\x00\x03", 3, { 0 } }, { "STR", "\x0f\x00\x0b", 3, { 0 } },
    { "SMSW", "\x0f\x01\x23", 3, { 0 } }, { "MOV_from_seg", "\x8c\x1b", 2, { 0 } },
};

/* Where: a device whose access raises an interrupt; beside the instruction; nowhere. */
enum { DEVICE = 0x300000, BESIDE = X86_RIG_CODE + 0x20, NOWHERE = 0x800000, PDIR = 0x6000 };
enum { JMP_SELF = 0xfeeb, ENOUGH = 1000 }; /* a unit is only entered if the budget covers it */

static void raise_irq_too(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    (void)value;
    raise_irq(opaque, off, bytes);
}

/* Executes it with its operand at @va, at CPL 3 if it may be: what is counted. */
static uint64_t count_at(X86Rig *rig, const struct Critical *c, Gva va)
{
    bool user = c->name[0] != 'L';
    uint8_t code[16] = { 0x90 };

    go_to(rig, c, user);
    x86_isa.set_irq(&rig->cpu->v, X86_LINE_INTR, false);
    rig->cpu->gdtr = (X86Table){ GDT, 0x3f };
    rig->cpu->idtr = (X86Table){ IDT, 0xff };
    rig->cpu->cr3 = PDIR;
    rig->cpu->cr4 = CR4_PSE;
    x86_set_cr0(rig->cpu, rig->cpu->cr0 | CR0_PG);
    rig->cpu->r[G_EBX] = va;
    rig->cpu->r[G_ESP] = user ? va + 4 : FRAME;
    memset(vcpu_cold(&rig->cpu->v)->ledger, 0, sizeof(vcpu_cold(&rig->cpu->v)->ledger));
    memcpy(code + 1, c->code, c->bytes);
    code[1 + c->bytes] = JMP_SELF & 0xff;
    code[2 + c->bytes] = JMP_SELF >> 8;
    x86_rig_code(rig, code, sizeof(code), ENOUGH);
    cr_expect(zero(u64, counted(rig, c->name, !user, true)), "%s", c->name);
    return counted(rig, c->name, !user, false);
}

/* An access may leave the unit, and the interpreter then does all of the instruction. */
Test(x86_ledger, an_access_that_leaves_its_unit_is_counted_once_and_one_that_faults_not)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        X86Rig *rig = start(hosts[h]);
        const PhysIo io = { raise_irq, raise_irq_too, &rig->cpu->v };
        GError *error = NULL;

        cr_assert(phys_add_io(rig->phys, "device", DEVICE, 0x1000, &io, &error));
        x86_rig_write32(rig, PDIR, 0x87); /* 4 MiB, identical; no more */
        for (unsigned i = 0; i < 32; i++) {
            x86_rig_write32(rig, HANDLERS + 16 * i, JMP_SELF);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(accesses); i++) {
            const struct Critical *c = &accesses[i];

            cr_expect(eq(u64, count_at(rig, c, DEVICE), 1), "%s: device", c->name);
            cr_expect(eq(u64, count_at(rig, c, BESIDE), 1), "%s: beside", c->name);
            cr_expect(eq(u64, count_at(rig, c, NOWHERE), 0), "%s: nowhere", c->name);
        }
        x86_rig_free(rig);
    }
}
