/* SPDX-License-Identifier: MIT */
/* test_gtimer.c - the generic timer on a stepped clock, DDI 0406C.d B8. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/sys_rig.h"

static SysRig *rig;
static IrqLine line;

static void set_up(void)
{
    rig = sys_rig_new("cortex-a15");
    line = (IrqLine){ .sink = NULL };
    rig->cpu->timer_irq[ARM_TIMER_VIRT] = &line;
}

static void tear_down(void) { sys_rig_free(rig); }

TestSuite(gtimer, .init = set_up, .fini = tear_down);

/* Time goes on to @ns, with all events on the way. */
static void run_to(uint64_t ns)
{
    while (clock_next_ns(&rig->clock) <= ns) {
        rig->now_ns = clock_next_ns(&rig->clock);
        clock_fire_due(&rig->clock, rig->now_ns);
    }
    rig->now_ns = ns;
}

Test(gtimer, counters_run_at_the_frequency_register)
{
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTFRQ), 62500000));
    rig->now_ns = 1000000000;
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTPCT), 62500000));
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTVCT), 62500000));
    rig->now_ns += 15;
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTVCT), 62500000));
    rig->now_ns += 1;
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTVCT), 62500001));
}

Test(gtimer, compare_value_fires_when_the_count_reaches_it)
{
    rig_cp_write(rig, CP_CNTV_CVAL, 100);
    rig_cp_write(rig, CP_CNTV_CTL, 1);
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CTL), 1));
    cr_expect(eq(u64, clock_next_ns(&rig->clock), 1600));
    run_to(1599);
    cr_expect(not(line.level));
    run_to(1600);
    cr_expect(line.level);
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CTL), 5));
    cr_expect(eq(u64, clock_next_ns(&rig->clock), CLOCK_NEVER));
    rig_cp_write(rig, CP_CNTV_CVAL, 200);
    cr_expect(not(line.level), "level: it follows the condition");
    run_to(3200);
    cr_expect(line.level);
}

Test(gtimer, mask_hides_the_output_but_not_the_status)
{
    rig_cp_write(rig, CP_CNTV_CTL, 3);
    cr_expect(not(line.level));
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CTL), 7));
    cr_expect(eq(u64, clock_next_ns(&rig->clock), CLOCK_NEVER));
    rig_cp_write(rig, CP_CNTV_CTL, 1);
    cr_expect(line.level);
    rig_cp_write(rig, CP_CNTV_CTL, 0);
    cr_expect(not(line.level));
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CTL), 0), "no status while disabled");
}

Test(gtimer, timer_value_is_a_signed_distance)
{
    rig->now_ns = 16000;
    rig_cp_write(rig, CP_CNTV_TVAL, 500);
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CVAL), 1500));
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_TVAL), 500));
    rig->now_ns = 32000;
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_TVAL), 0xfffffe0c));
    rig_cp_write(rig, CP_CNTV_TVAL, 0xffffffff);
    cr_expect(eq(u64, rig_cp_read(rig, CP_CNTV_CVAL), 1999));
}

Test(gtimer, far_compare_values_never_fire)
{
    static const uint64_t far[] = { UINT64_MAX, UINT64_MAX / 16 + 1, UINT64_MAX - 1 };

    for (unsigned i = 0; i < G_N_ELEMENTS(far); i++) {
        rig_cp_write(rig, CP_CNTV_CVAL, far[i]);
        rig_cp_write(rig, CP_CNTV_CTL, 1);
        cr_expect(eq(u64, clock_next_ns(&rig->clock), CLOCK_NEVER));
        cr_expect(not(line.level));
    }
}

Test(gtimer, physical_and_virtual_timers_are_apart)
{
    IrqLine phys = { .sink = NULL };

    rig->cpu->timer_irq[ARM_TIMER_PHYS] = &phys;
    rig_cp_write(rig, CP_CNTP_CVAL, 10);
    rig_cp_write(rig, CP_CNTV_CVAL, 20);
    rig_cp_write(rig, CP_CNTP_CTL, 1);
    rig_cp_write(rig, CP_CNTV_CTL, 1);
    run_to(160);
    cr_expect(phys.level);
    cr_expect(not(line.level));
    run_to(320);
    cr_expect(line.level);
}

Test(gtimer, reset_and_load_settle_the_outputs)
{
    rig_cp_write(rig, CP_CNTV_CVAL, 10);
    rig_cp_write(rig, CP_CNTV_CTL, 1);
    run_to(1000);
    cr_expect(line.level);
    arm_reset(&rig->cpu->v);
    cr_expect(not(line.level));
    rig->cpu->timer[ARM_TIMER_VIRT] = (ArmTimer){ .cval = 100, .ctl = 1 };
    arm_loaded(&rig->cpu->v);
    cr_expect(eq(u64, clock_next_ns(&rig->clock), 1600));
}
