/* SPDX-License-Identifier: MIT */
/* test_arm_exceptions.c - entry: LR, SPSR, CPSR, vector, fault registers; interrupts; return. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/sys_rig.h"

static SysRig *rig;

static void set_up(void) { rig = sys_rig_new("cortex-a15"); }
static void tear_down(void) { sys_rig_free(rig); }

TestSuite(arm_exceptions, .init = set_up, .fini = tear_down);

/* As if the instruction at @pc had raised @kind. */
static void raise_at(Gva pc, uint32_t cpsr, uint32_t kind)
{
    Vcpu *v = &rig->cpu->v;

    arm_set_cpsr(rig->cpu, cpsr);
    v->pc = pc;
    arm_raise(v, kind, 0xdead0000, 0x80d);
    arm_deliver(v);
}

Test(arm_exceptions, entry_sets_lr_spsr_cpsr_and_pc)
{
    /* B1.9: mode, LR and masks of each kind. */
    static const struct {
        const char *why;
        uint32_t kind, cpsr, lr, mode, masks;
    } rows[] = {
        { "undefined, A32", ARM_EXC_UNDEF, 0x60000010, 0x1004, ARM_UND, CPSR_I },
        { "undefined, T32", ARM_EXC_UNDEF, 0x60000030, 0x1002, ARM_UND, CPSR_I },
        { "undefined, T32 in IT", ARM_EXC_UNDEF, 0x6400fc30, 0x1002, ARM_UND, CPSR_I },
        { "undefined keeps A and F", ARM_EXC_UNDEF, 0x60000150, 0x1004, ARM_UND,
          CPSR_A | CPSR_I | CPSR_F },
        { "prefetch abort, A32", ARM_EXC_PABT, 0x80000010, 0x1004, ARM_ABT, CPSR_A | CPSR_I },
        { "prefetch abort, T32", ARM_EXC_PABT, 0x80000030, 0x1004, ARM_ABT, CPSR_A | CPSR_I },
        { "data abort, A32", ARM_EXC_DABT, 0x10000010, 0x1008, ARM_ABT, CPSR_A | CPSR_I },
        { "data abort, T32", ARM_EXC_DABT, 0x10000030, 0x1008, ARM_ABT, CPSR_A | CPSR_I },
        { "data abort from Supervisor mode", ARM_EXC_DABT, 0x100000d3, 0x1008, ARM_ABT,
          CPSR_A | CPSR_I | CPSR_F },
        { "big-endian data", ARM_EXC_DABT, 0x10000210, 0x1008, ARM_ABT, CPSR_A | CPSR_I },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        ArmCpu *cpu = rig->cpu;
        uint64_t before = vcpu_retired(&cpu->v);

        raise_at(0x1000, rows[i].cpsr, rows[i].kind);
        cr_expect(eq(u32, cpu->r[14], rows[i].lr), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->spsr_now, rows[i].cpsr), "%s", rows[i].why);
        cr_expect(
            eq(u32, arm_cpsr(cpu), (rows[i].cpsr & 0xf80f0000) | rows[i].masks | rows[i].mode),
            "%s", rows[i].why);
        cr_expect(eq(u32, cpu->v.pc, 4 * rows[i].kind), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->v.leave, LEAVE_NO), "%s", rows[i].why);
        cr_expect(eq(u64, vcpu_retired(&cpu->v), before + 1), "%s", rows[i].why);
    }
}

Test(arm_exceptions, only_aborts_write_fault_registers)
{
    ArmCp15 *c = &rig->cpu->cp15;

    raise_at(0, 0x1d3, ARM_EXC_UNDEF);
    cr_expect(eq(u32, c->dfsr | c->dfar | c->ifsr | c->ifar, 0));
    raise_at(0, 0x1d3, ARM_EXC_DABT);
    cr_expect(eq(u32, c->dfsr, 0x80d));
    cr_expect(eq(u32, c->dfar, 0xdead0000));
    cr_expect(eq(u32, c->ifsr | c->ifar, 0));
    raise_at(0, 0x1d3, ARM_EXC_PABT);
    cr_expect(eq(u32, c->ifsr, 0x80d));
    cr_expect(eq(u32, c->ifar, 0xdead0000));
}

Test(arm_exceptions, sctlr_says_where_vectors_are_and_how_handlers_start)
{
    ArmCpu *cpu = rig->cpu;

    rig_cp_write(rig, CP_VBAR, 0x8765432f);
    raise_at(0, ARM_USR, ARM_EXC_UNDEF);
    cr_expect(eq(u32, cpu->v.pc, 0x87654324));
    rig_cp_write(rig, CP_SCTLR, cpu->cp15.sctlr | SCTLR_V | SCTLR_TE | SCTLR_EE);
    raise_at(0, ARM_USR, ARM_EXC_UNDEF);
    cr_expect(eq(u32, cpu->v.pc, 0xffff0004));
    cr_expect(eq(u32, arm_cpsr(cpu), CPSR_E | CPSR_I | CPSR_T | ARM_UND));
    cr_expect(eq(u32, cpu->v.mode & (MODE_T | MODE_E), MODE_T | MODE_E));
}

Test(arm_exceptions, svc_returns_behind_itself)
{
    ArmCpu *cpu = rig->cpu;

    arm_set_cpsr(cpu, 0x20000010);
    cpu->r[0] = 7;
    arm_help_svc(&cpu->v, ir_pc(0x2004, 0), 0, 0);
    cr_expect(eq(u32, cpu->r[14], 0x2004));
    cr_expect(eq(u32, cpu->spsr_now, 0x20000010));
    cr_expect(eq(u32, arm_cpsr(cpu), 0x20000000 | CPSR_I | ARM_SVC));
    cr_expect(eq(u32, cpu->v.pc, 8));
    cr_expect(eq(u32, cpu->r[0], 7));
    /* In an IT block the next instruction's state is saved. */
    arm_set_cpsr(cpu, 0x30);
    arm_help_svc(&cpu->v, ir_pc(0x2002, MODE_T | 0x4 << MODE_IT_SHIFT), 0, 0);
    cr_expect(eq(u32, cpu->r[14], 0x2002));
    cr_expect(eq(u32, cpu->spsr_now, 0x0430));
}

Test(arm_exceptions, interrupts_are_masked_each_by_its_bit_and_fiq_is_first)
{
    Vcpu *v = &rig->cpu->v;

    arm_set_irq(v, ARM_LINE_IRQ, true);
    cr_expect(eq(u32, v->attention, ATTN_IRQ));
    arm_set_cpsr(rig->cpu, CPSR_I | ARM_SVC);
    cr_expect(not(arm_interrupt(v)));
    cr_expect(arm_wakes(v), "masked, but it wakes");
    arm_set_irq(v, ARM_LINE_FIQ, true);
    cr_expect(eq(u32, v->attention, ATTN_IRQ | ATTN_FIQ));
    arm_set_cpsr(rig->cpu, CPSR_T | 0x0800 | ARM_SVC);
    v->pc = 0x3002;
    cr_expect(arm_interrupt(v));
    cr_expect(eq(u32, v->pc, 0x1c));
    cr_expect(eq(u32, rig->cpu->r[14], 0x3006));
    cr_expect(eq(u32, rig->cpu->spsr_now, CPSR_T | 0x0800 | ARM_SVC));
    cr_expect(eq(u32, arm_cpsr(rig->cpu), CPSR_A | CPSR_I | CPSR_F | ARM_FIQ));
    cr_expect(not(arm_interrupt(v)));
    arm_set_cpsr(rig->cpu, CPSR_F | ARM_USR);
    cr_expect(arm_interrupt(v));
    cr_expect(eq(u32, v->pc, 0x18));
    cr_expect(eq(u32, arm_cpsr(rig->cpu), CPSR_A | CPSR_I | CPSR_F | ARM_IRQ));
    arm_set_irq(v, ARM_LINE_IRQ, false);
    arm_set_irq(v, ARM_LINE_FIQ, false);
    cr_expect(eq(u32, v->attention, 0));
    cr_expect(not(arm_wakes(v)));
}

Test(arm_exceptions, return_restores_mode_instruction_set_and_banks)
{
    ArmCpu *cpu = rig->cpu;

    arm_set_cpsr(cpu, ARM_USR);
    cpu->r[13] = 0x55;
    raise_at(0x1000, ARM_USR, ARM_EXC_UNDEF);
    cpu->r[13] = 0x66;
    arm_help_return(&cpu->v, 0x4003, 0x60000030, 0);
    cr_expect(eq(u32, cpu->v.pc, 0x4002));
    cr_expect(eq(u32, arm_cpsr(cpu), 0x60000030));
    cr_expect(eq(u32, cpu->r[13], 0x55));
    cr_expect(eq(u32, cpu->v.mode & (MODE_T | MODE_PRIV), MODE_T));
    arm_help_return(&cpu->v, 0x4003, 0x10, 0);
    cr_expect(eq(u32, cpu->v.pc, 0x4000));
}

Test(arm_exceptions, wfi_halts_unless_something_is_pending)
{
    Vcpu *v = &rig->cpu->v;

    arm_help_wfi(v, ir_pc(0x104, v->mode), 0, 0);
    cr_expect(eq(u32, v->pc, 0x104));
    cr_expect(eq(u32, v->attention, ATTN_HALT));
    v->attention = 0;
    arm_set_irq(v, ARM_LINE_IRQ, true);
    arm_help_wfi(v, ir_pc(0x108, v->mode), 0, 0);
    cr_expect(eq(u32, v->attention, ATTN_IRQ));
}

Test(arm_exceptions, bkpt_is_a_prefetch_abort_with_debug_status)
{
    Vcpu *v = &rig->cpu->v;

    rig->cpu->cp15.ifar = 0x77;
    arm_help_bkpt(v, 0, 0, 0);
    arm_deliver(v);
    cr_expect(eq(u32, v->pc, 0x0c));
    cr_expect(eq(u32, rig->cpu->cp15.ifsr, 2));
    cr_expect(eq(u32, rig->cpu->cp15.ifar, 0x77));
}

static bool firmware(void *opaque, ArmCpu *cpu)
{
    cpu->r[0] = *(uint32_t *)opaque;
    return cpu->r[0] != 0;
}

Test(arm_exceptions, firmware_calls_are_undefined_without_firmware)
{
    Vcpu *v = &rig->cpu->v;
    uint32_t answer = 0x10001;

    arm_help_firmware_call(v, ir_pc(0x14, v->mode), 0, 0);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
    cr_expect(eq(u32, vcpu_cold(v)->fault.kind, ARM_EXC_UNDEF));
    v->leave = LEAVE_NO;
    rig->cpu->psci = firmware;
    rig->cpu->psci_opaque = &answer;
    arm_help_firmware_call(v, ir_pc(0x14, v->mode), 0, 0);
    cr_expect(eq(u32, v->leave, LEAVE_NO));
    cr_expect(eq(u32, v->pc, 0x14));
    cr_expect(eq(u32, rig->cpu->r[0], 0x10001));
    answer = 0;
    arm_help_firmware_call(v, ir_pc(0x14, v->mode), 0, 0);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
}

Test(arm_exceptions, entries_are_logged_with_address_and_status)
{
    char text[256] = "";

    rig->log.on = LOG_INT;
    rig->log.out = tmpfile();
    raise_at(0x1234, 0x10, ARM_EXC_DABT);
    raise_at(0x5678, 0x10, ARM_EXC_UNDEF);
    rewind(rig->log.out);
    cr_assert(ge(sz, fread(text, 1, sizeof(text) - 1, rig->log.out), 1));
    cr_expect(eq(str, text,
                 "data abort at pc 00001234 psr 00000010: address dead0000 status 0x80d\n"
                 "undefined instruction at pc 00005678 psr 00000010\n"));
    fclose(rig->log.out);
    rig->log.on = 0;
}
