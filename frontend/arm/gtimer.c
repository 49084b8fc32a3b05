/* SPDX-License-Identifier: MIT */
/*
 * gtimer.c - the generic timer: two counters, and timers that compare with them.
 * Manual: DDI 0406C.d B8. Not modelled: event streams (CNTKCTL.EVNTEN; WFE does not suspend long
 * enough to need them).
 */
#include "frontend/arm/arm_priv.h"

uint64_t arm_gtimer_count(const ArmCpu *cpu, unsigned i)
{
    uint64_t count = clock_now_ns(vcpu_cold((Vcpu *)&cpu->v)->clock) / CNT_NS;

    return i == ARM_TIMER_VIRT ? count - cpu->cntvoff : count;
}

static bool condition_met(const ArmCpu *cpu, unsigned i)
{
    return arm_gtimer_count(cpu, i) >= cpu->timer[i].cval;
}

/* B8.1.5: ISTATUS is 0 while the timer is disabled. */
uint32_t arm_gtimer_ctl(const ArmCpu *cpu, unsigned i)
{
    uint32_t ctl = cpu->timer[i].ctl;

    if ((ctl & CNT_CTL_ENABLE) != 0 && condition_met(cpu, i)) {
        ctl |= CNT_CTL_ISTATUS;
    }
    return ctl;
}

/* Guest time at which the condition becomes true: the first ns whose count is not below CVAL. */
static uint64_t deadline_ns(const ArmCpu *cpu, unsigned i)
{
    uint64_t at = cpu->timer[i].cval + (i == ARM_TIMER_VIRT ? cpu->cntvoff : 0);

    if (at < cpu->timer[i].cval || at > CLOCK_NEVER / CNT_NS) {
        return CLOCK_NEVER;
    }
    return at * CNT_NS;
}

static void settle(ArmCpu *cpu, unsigned i)
{
    Clock *clock = vcpu_cold(&cpu->v)->clock;
    uint32_t ctl = arm_gtimer_ctl(cpu, i);
    bool waits = (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) == CNT_CTL_ENABLE;

    irq_set(cpu->timer_irq[i], (ctl & (CNT_CTL_IMASK | CNT_CTL_ISTATUS)) == CNT_CTL_ISTATUS);
    event_arm(clock, &cpu->timer_event[i], waits ? deadline_ns(cpu, i) : CLOCK_NEVER);
}

void arm_gtimer_settle(ArmCpu *cpu)
{
    for (unsigned i = 0; i < ARM_N_TIMERS; i++) {
        settle(cpu, i);
    }
}

void arm_gtimer_set_ctl(ArmCpu *cpu, unsigned i, uint32_t ctl)
{
    cpu->timer[i].ctl = ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
    settle(cpu, i);
}

void arm_gtimer_set_cval(ArmCpu *cpu, unsigned i, uint64_t cval)
{
    cpu->timer[i].cval = cval;
    settle(cpu, i);
}

/* One event serves one timer; which one, its place in the array says. */
static void fire(void *opaque) { arm_gtimer_settle((ArmCpu *)opaque); }

void arm_gtimer_init(ArmCpu *cpu)
{
    for (unsigned i = 0; i < ARM_N_TIMERS; i++) {
        event_init(&cpu->timer_event[i], fire, cpu);
    }
}

void arm_gtimer_clear(ArmCpu *cpu)
{
    for (unsigned i = 0; i < ARM_N_TIMERS; i++) {
        event_cancel(vcpu_cold(&cpu->v)->clock, &cpu->timer_event[i]);
    }
}
