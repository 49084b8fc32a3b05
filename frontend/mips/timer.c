/* SPDX-License-Identifier: MIT */
/* timer.c - Count and Compare. MD00090 9.15, 9.18. */
#include "frontend/mips/mips_priv.h"

/* Count runs at 160 MHz, half the clock of a core at 320 MHz: 4 ticks take 25 ns. */
enum { TICKS = 4, TICKS_NS = 25 };

static uint64_t ticks_at(uint64_t ns)
{
    return ns / TICKS_NS * TICKS + ns % TICKS_NS * TICKS / TICKS_NS;
}

/* The first ns at which ticks_at() is @ticks. */
static uint64_t ns_of(uint64_t ticks)
{
    return ticks / TICKS * TICKS_NS + (ticks % TICKS * TICKS_NS + TICKS - 1) / TICKS;
}

static uint64_t ticks_now(const MipsCpu *cpu)
{
    return ticks_at(clock_now_ns(vcpu_cold((Vcpu *)(uintptr_t)&cpu->v)->clock));
}

static bool stopped(const MipsCpu *cpu) { return (cpu->cp0.cause & CAUSE_DC) != 0; }

uint32_t mips_count_read(const MipsCpu *cpu)
{
    return stopped(cpu) ? cpu->cp0.count : (uint32_t)ticks_now(cpu) + cpu->cp0.count;
}

/* Compare is next reached after 1 to 2^32 ticks. */
void mips_timer_settle(MipsCpu *cpu)
{
    uint64_t now, ahead;

    if (stopped(cpu)) {
        event_cancel(vcpu_cold(&cpu->v)->clock, &cpu->timer_event);
        return;
    }
    now = ticks_now(cpu);
    ahead = (uint32_t)(cpu->cp0.compare - ((uint32_t)now + cpu->cp0.count) - 1);
    event_arm(vcpu_cold(&cpu->v)->clock, &cpu->timer_event, ns_of(now + ahead + 1));
}

void mips_count_write(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.count = stopped(cpu) ? value : value - (uint32_t)ticks_now(cpu);
    mips_timer_settle(cpu);
}

/* 9.18: the write takes the timer interrupt back. */
void mips_compare_write(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.compare = value;
    cpu->cp0.cause &= ~(uint32_t)CAUSE_TI;
    mips_timer_settle(cpu);
    mips_update_irq(cpu);
}

void mips_count_stop(MipsCpu *cpu, bool stop)
{
    uint32_t count = mips_count_read(cpu);

    cpu->cp0.cause = (cpu->cp0.cause & ~(uint32_t)CAUSE_DC) | (stop ? CAUSE_DC : 0);
    mips_count_write(cpu, count);
}

static void fire(void *opaque)
{
    MipsCpu *cpu = opaque;

    cpu->cp0.cause |= CAUSE_TI;
    mips_timer_settle(cpu);
    mips_update_irq(cpu);
}

/* With host time an event waits for the end of a slice. A program that has seen Count pass Compare
 * expects TI, and has no other way to know that it is due. */
uint32_t mips_count_seen(MipsCpu *cpu)
{
    const Event *e = &cpu->timer_event;
    uint32_t count = mips_count_read(cpu);

    if ((cpu->cp0.cause & CAUSE_TI) == 0 && count - cpu->cp0.compare <= INT32_MAX && event_armed(e)
        && clock_now_ns(vcpu_cold(&cpu->v)->clock) >= e->when_ns) {
        fire(cpu);
    }
    return count;
}

void mips_timer_init(MipsCpu *cpu) { event_init(&cpu->timer_event, fire, cpu); }

void mips_timer_clear(MipsCpu *cpu) { event_cancel(vcpu_cold(&cpu->v)->clock, &cpu->timer_event); }
