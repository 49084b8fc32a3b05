/* SPDX-License-Identifier: MIT */
/* test_arm_modes.c - state rows, CPSR, banked registers, mode word and views. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/unit/sys_rig.h"

static SysRig *rig;

static void set_up(void) { rig = sys_rig_new("cortex-a15"); }
static void tear_down(void) { sys_rig_free(rig); }

TestSuite(arm_modes, .init = set_up, .fini = tear_down);

static void to_mode(ArmMode m) { arm_set_cpsr(rig->cpu, CPSR_A | CPSR_I | CPSR_F | m); }

/* Bytes of the Vcpu that are not rows: bookkeeping and what loaded() derives. */
static bool derived(size_t at) { return at < sizeof(Vcpu); }

Test(arm_modes, each_guest_visible_byte_is_in_exactly_one_state_row)
{
    enum { END = offsetof(ArmCpu, model) };
    static uint8_t rows[END];

    for (unsigned i = 0; i < ARM_N_FIELDS; i++) {
        size_t n = state_bytes(&arm_fields[i]);

        cr_assert(le(sz, arm_fields[i].off + n, END), "%s", arm_fields[i].name);
        for (size_t k = 0; k < n; k++) {
            rows[arm_fields[i].off + k]++;
        }
    }
    for (size_t at = 0; at < END; at++) {
        if (!derived(at)) {
            cr_assert(eq(u8, rows[at], 1), "byte %zu", at);
        }
    }
    cr_expect(eq(u8, rows[offsetof(ArmCpu, v.pc)], 1));
    cr_expect(eq(u8, rows[offsetof(ArmCpu, v.mode)], 1));
}

Test(arm_modes, what_is_saved_and_loaded_gives_the_same_state)
{
    SysRig *other = sys_rig_new("cortex-a15");
    g_autoptr(GByteArray) a = g_byte_array_new();
    g_autoptr(GByteArray) b = g_byte_array_new();
    ArmCpu *cpu = rig->cpu;
    size_t at = 0;

    rig_mmu_on(rig, 0x55);
    to_mode(ARM_FIQ);
    for (unsigned i = 0; i < 15; i++) {
        cpu->r[i] = 0x100 + i;
    }
    to_mode(ARM_ABT);
    cpu->flags = 0xffffffff;
    cpu->v.attention |= ATTN_HALT;
    arm_set_irq(&cpu->v, ARM_LINE_IRQ, true);
    vcpu_cold(&cpu->v)->fp[0].flags = FP_INEXACT;
    arm_settle(&cpu->v);
    for (unsigned i = 0; i < ARM_N_FIELDS; i++) {
        state_save(&arm_fields[i], cpu, a);
    }
    for (unsigned i = 0; i < ARM_N_FIELDS; i++) {
        GError *error = NULL;

        cr_assert(state_check(&arm_fields[i], "cpu", a->data + at, &error), "%s",
                  arm_fields[i].name);
        state_load(&arm_fields[i], other->cpu, a->data + at);
        at += state_bytes(&arm_fields[i]);
    }
    arm_loaded(&other->cpu->v);
    cr_expect(eq(u32, other->cpu->v.attention, ATTN_HALT | ATTN_IRQ));
    cr_expect(eq(u32, vcpu_cold(&other->cpu->v)->fp[0].flags, FP_INEXACT));
    cr_expect(eq(u32, other->cpu->v.mode, cpu->v.mode));
    arm_settle(&other->cpu->v);
    for (unsigned i = 0; i < ARM_N_FIELDS; i++) {
        state_save(&arm_fields[i], other->cpu, b);
    }
    cr_expect(eq(sz, a->len, b->len));
    cr_expect(eq(int, memcmp(a->data, b->data, a->len), 0));
    sys_rig_free(other);
}

Test(arm_modes, reset_is_supervisor_mode_with_everything_masked)
{
    ArmCpu *cpu = rig->cpu;

    cr_expect(eq(u32, arm_cpsr(cpu), CPSR_A | CPSR_I | CPSR_F | ARM_SVC));
    cr_expect(eq(u32, cpu->cp15.sctlr, 0x00c50078));
    cr_expect(eq(u32, cpu->v.mode, MODE_PRIV | MODE_SVCLIKE));
    cr_expect(eq(u32, cpu->v.pc, 0));
    cr_expect(eq(ptr, arm_new("cortex-a9", rig->phys, &rig->clock, &rig->log), NULL));
}

Test(arm_modes, each_mode_has_its_own_sp_lr_and_spsr_and_fiq_r8_to_r12)
{
    static const ArmMode modes[] = { ARM_USR, ARM_FIQ, ARM_IRQ, ARM_SVC, ARM_ABT, ARM_UND };
    ArmCpu *cpu = rig->cpu;

    /* From Supervisor mode, so that User mode's can be left again. */
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        to_mode(modes[i]);
        for (unsigned r = 0; r < 15; r++) {
            cpu->r[r] = 100 * i + r;
        }
        cpu->spsr_now = 1000 + i;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        to_mode(modes[i]);
        cr_expect(eq(u32, cpu->r[0], 500), "r0 is not banked");
        cr_expect(eq(u32, cpu->r[13], 100 * i + 13), "sp of %#x", modes[i]);
        cr_expect(eq(u32, cpu->r[14], 100 * i + 14), "lr of %#x", modes[i]);
        cr_expect(eq(u32, cpu->r[8], (modes[i] == ARM_FIQ ? 100 : 500) + 8), "r8 of %#x", modes[i]);
        cr_expect(eq(u32, cpu->r[12], (modes[i] == ARM_FIQ ? 100 : 500) + 12), "r12 of %#x",
                  modes[i]);
        cr_expect(eq(u32, cpu->spsr_now, 1000 + i), "spsr of %#x", modes[i]);
    }
    to_mode(ARM_SYS);
    cr_expect(eq(u32, cpu->r[13], 13), "System mode has User mode's");
}

Test(arm_modes, banked_registers_are_found_from_any_mode)
{
    ArmCpu *cpu = rig->cpu;

    to_mode(ARM_FIQ);
    cpu->r[8] = 8;
    cpu->r[13] = 13;
    cr_expect(eq(ptr, arm_banked(cpu, 8, ARM_FIQ), &cpu->r[8]));
    cr_expect(eq(ptr, arm_banked(cpu, 8, ARM_USR), &cpu->usr_r8[0]));
    to_mode(ARM_IRQ);
    cr_expect(eq(u32, *arm_banked(cpu, 8, ARM_FIQ), 8));
    cr_expect(eq(u32, *arm_banked(cpu, 13, ARM_FIQ), 13));
    cr_expect(eq(ptr, arm_banked(cpu, 13, ARM_IRQ), &cpu->r[13]));
    cr_expect(eq(ptr, arm_banked(cpu, 7, ARM_FIQ), &cpu->r[7]));
}

Test(arm_modes, cpsr_is_gathered_from_where_its_parts_live)
{
    static const uint32_t values[] = {
        0xf80f0010u, 0x80000010u, 0x40000010u, 0x20000010u, 0x10000010u, 0x08000010u, 0x000a0010u,
        0x00000210u, 0x000001d3u, 0x06000c33u, 0x0600fc33u, 0x00000033u, 0x600001dfu,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        arm_set_cpsr(rig->cpu, values[i]);
        cr_expect(eq(u32, arm_cpsr(rig->cpu), values[i]));
    }
    arm_set_cpsr(rig->cpu, 0x0600fc13); /* no IT state outside T32 */
    cr_expect(eq(u32, arm_cpsr(rig->cpu), 0x13));
}

Test(arm_modes, a_mode_that_does_not_exist_is_not_entered)
{
    static const uint32_t bad[] = { 0, 0x0f, 0x14, ARM_MON, ARM_HYP, 0x1e };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        to_mode(ARM_SVC);
        arm_set_cpsr(rig->cpu, CPSR_Z | bad[i]);
        cr_expect(eq(u32, arm_cpsr(rig->cpu), CPSR_Z | ARM_SVC), "%#x", bad[i]);
    }
}

Test(arm_modes, mode_word_says_what_translation_depends_on)
{
    ArmCpu *cpu = rig->cpu;

    to_mode(ARM_USR);
    cr_expect(eq(u32, cpu->v.mode, 0));
    to_mode(ARM_SYS);
    cr_expect(eq(u32, cpu->v.mode, MODE_PRIV));
    to_mode(ARM_FIQ);
    cr_expect(eq(u32, cpu->v.mode, MODE_PRIV | MODE_SVCLIKE | MODE_FIQ));
    arm_set_cpsr(cpu, CPSR_E | CPSR_T | 0x0400 | ARM_USR);
    cr_expect(eq(u32, cpu->v.mode, MODE_E | MODE_T | 4 << MODE_IT_SHIFT));
    to_mode(ARM_USR);
    rig_cp_write(rig, CP_SCTLR, cpu->cp15.sctlr | SCTLR_A | SCTLR_SW);
    cr_expect(eq(u32, cpu->v.mode, MODE_ALIGN | MODE_SWP));
}

Test(arm_modes, fp_is_usable_as_cpacr_and_fpexc_say)
{
    static const struct {
        uint32_t cpacr, fpexc;
        bool user, priv;
    } rows[] = {
        { 0x00f00000, FPEXC_EN, true, true },  { 0x00f00000, 0, false, false },
        { 0x00500000, FPEXC_EN, false, true }, { 0, FPEXC_EN, false, false },
        { 0x00700000, FPEXC_EN, false, true }, { 0x00300000, FPEXC_EN, false, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig->cpu->fpexc = rows[i].fpexc;
        rig_cp_write(rig, CP_CPACR, rows[i].cpacr);
        to_mode(ARM_USR);
        cr_expect(eq(int, (rig->cpu->v.mode & MODE_FP) != 0, rows[i].user), "row %u", i);
        to_mode(ARM_SVC);
        cr_expect(eq(int, (rig->cpu->v.mode & MODE_FP) != 0, rows[i].priv), "row %u", i);
    }
}

Test(arm_modes, two_dacr_values_in_turn_keep_two_views)
{
    Vcpu *v = &rig->cpu->v;
    uint8_t *first, *second;

    rig_poke(rig, RIG_L1, 0x00000c02);
    rig_mmu_on(rig, 1);
    first = v->view;
    mmu_load(v, 0, MO_32);
    rig_cp_write(rig, CP_DACR, 3);
    second = v->view;
    cr_expect(ne(ptr, first, second));
    mmu_load(v, 0, MO_32);
    for (unsigned i = 0; i < 10; i++) {
        rig_cp_write(rig, CP_DACR, 1);
        cr_expect(eq(ptr, v->view, first));
        mmu_load(v, 0, MO_32);
        rig_cp_write(rig, CP_DACR, 3);
        cr_expect(eq(ptr, v->view, second));
        mmu_load(v, 0, MO_32);
    }
    cr_expect(eq(u64, mmu_stats(rig->cpu->mmu)->walks, 2));
    rig_cp_write(rig, CP_DACR, 0);
    mmu_load(v, 0, MO_32);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
}

Test(arm_modes, more_control_states_than_there_are_ids_start_afresh)
{
    Vcpu *v = &rig->cpu->v;

    rig_poke(rig, RIG_L1, 0x00000c02);
    rig_mmu_on(rig, 1);
    for (uint32_t i = 0; i < 3 * ARM_CONTROLS; i++) {
        rig_cp_write(rig, CP_DACR, i << 4 | 1);
        v->leave = LEAVE_NO;
        mmu_load(v, 0, MO_32);
        cr_assert(eq(u32, v->leave, LEAVE_NO));
        rig_cp_write(rig, CP_DACR, i << 4);
        mmu_load(v, 0, MO_32);
        cr_assert(eq(u32, v->leave, LEAVE_FAULT));
        v->leave = LEAVE_NO;
    }
}

Test(arm_modes, user_and_privileged_mode_see_their_own_rights)
{
    Vcpu *v = &rig->cpu->v;

    rig_poke(rig, RIG_L1, 0x00000402); /* AP 1: nothing for PL0 */
    rig_mmu_on(rig, 1);
    mmu_load(v, 0, MO_32);
    cr_expect(eq(u32, v->leave, LEAVE_NO));
    mmu_load(v, 0, MO_32 | MO_UNPRIV);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
    v->leave = LEAVE_NO;
    to_mode(ARM_USR);
    mmu_load(v, 0, MO_32);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
}

Test(arm_modes, registers_are_shown_as_text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    arm_set_cpsr(rig->cpu, CPSR_Z | CPSR_C | CPSR_T | ARM_IRQ);
    rig->cpu->r[3] = 0x1234;
    rig->cpu->v.pc = 0xcafe0;
    arm_describe(&rig->cpu->v, out);
    cr_expect(ne(ptr, strstr(out->str, "R03=00001234\n"), NULL));
    cr_expect(ne(ptr, strstr(out->str, "R15=000cafe0\n"), NULL));
    cr_expect(ne(ptr, strstr(out->str, "PSR=60000032 -ZC- T irq32"), NULL), "%s", out->str);
}
