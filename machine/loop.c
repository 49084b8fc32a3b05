/* SPDX-License-Identifier: MIT */
/* loop.c - the vCPU's thread: plans slices, runs them, fires what is due, waits when idle. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <time.h>

#include "machine/machine.h"

enum {
    SLICE_INSNS = 40000,           /* with -clock host: some 50 us */
    SLICE_INSNS_VIRTUAL = 1000000, /* with -clock virtual: only input waits for its end */
};

typedef struct MachineCall {
    void (*fn)(Machine *m, void *data);
    void *data;
    bool done;
} MachineCall;

static uint64_t host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- time ---- */

static uint64_t ns_per_insn(const Machine *m)
{
    return m->config.ns_per_insn ? m->config.ns_per_insn : 1;
}

uint64_t machine_now_ns(void *machine)
{
    const Machine *m = machine;

    if (m->config.clock_virtual) {
        return (m->cpu ? vcpu_cold(m->cpu)->now_count : 0) * ns_per_insn(m) + m->idle_ns;
    }
    return (m->frozen_ns ? m->frozen_ns : host_ns()) - m->host_origin_ns;
}

void machine_origin(Machine *m)
{
    uint64_t now = host_ns();

    m->host_origin_ns = now - m->start_ns;
    m->frozen_ns = m->frozen_ns ? now : 0;
}

void machine_plan_anew(void *machine)
{
    Machine *m = machine;

    if (m->cpu) {
        m->cpu->attention |= ATTN_PLAN;
    }
}

/* Between two instructions the count of the one in progress is that of those retired. */
static void settle_count(Machine *m) { vcpu_cold(m->cpu)->now_count = vcpu_retired(m->cpu); }

/* The first retired count at which virtual time is at least @ns. */
static uint64_t count_at(const Machine *m, uint64_t ns)
{
    uint64_t per = ns_per_insn(m);

    if (ns == CLOCK_NEVER) {
        return UINT64_MAX;
    }
    return ns <= m->idle_ns ? 0 : (ns - m->idle_ns + per - 1) / per;
}

/* ---- requests of other threads ---- */

void machine_kick(Machine *m)
{
    g_atomic_int_set(&m->kicked, 1);
    g_mutex_lock(&m->lock);
    g_cond_broadcast(&m->wake);
    g_mutex_unlock(&m->lock);
}

static void set_state(Machine *m, RunState state)
{
    g_mutex_lock(&m->lock);
    if (m->state != RUN_ENDED) {
        m->state = state;
    }
    g_atomic_int_set(&m->kicked, 1); /* before the wake: who sleeps looks at it */
    g_cond_broadcast(&m->wake);
    g_mutex_unlock(&m->lock);
}

void machine_stop(Machine *m) { set_state(m, RUN_STOPPED); }
void machine_cont(Machine *m) { set_state(m, RUN_RUNNING); }

void machine_end(Machine *m, RunEnd why)
{
    if (m->end == END_NONE) {
        m->end = why;
        if (m->ending) {
            m->ending(m->ended_opaque);
        }
    }
    set_state(m, RUN_ENDED);
    if (m->cpu && m->thread == g_thread_self()) {
        m->cpu->attention |= ATTN_STOP;
    }
}

void machine_call(Machine *m, void (*fn)(Machine *m, void *data), void *data)
{
    MachineCall call = { fn, data, false };

    g_mutex_lock(&m->lock);
    if (m->thread == NULL || m->thread == g_thread_self()) {
        g_mutex_unlock(&m->lock);
        fn(m, data);
        return;
    }
    g_queue_push_tail(&m->calls, &call);
    g_atomic_int_set(&m->kicked, 1);
    g_cond_broadcast(&m->wake);
    while (!call.done) {
        g_cond_wait(&m->answered, &m->lock);
    }
    g_mutex_unlock(&m->lock);
}

/* Runs what other threads asked for; the lock is held, but not while a call runs. */
static void serve_calls_locked(Machine *m)
{
    MachineCall *call;

    while ((call = g_queue_pop_head(&m->calls)) != NULL) {
        g_mutex_unlock(&m->lock);
        call->fn(m, call->data);
        g_mutex_lock(&m->lock);
        call->done = true;
        g_cond_broadcast(&m->answered);
    }
}

/* Time stands still while the user has stopped the machine. */
static void wait_while_stopped_locked(Machine *m)
{
    m->frozen_ns = host_ns();
    if (m->state == RUN_STOPPED && m->stopped) {
        m->stopped(m->stopped_opaque);
    }
    while (m->state == RUN_STOPPED) {
        g_cond_wait(&m->wake, &m->lock);
        serve_calls_locked(m);
    }
    m->at_break = false;
    m->host_origin_ns += host_ns() - m->frozen_ns;
    m->frozen_ns = 0;
}

/* ---- waiting ---- */

/* Sleeps until somebody kicks or @ns of host time have passed. */
static void sleep_up_to(Machine *m, uint64_t ns)
{
    gint64 until = g_get_monotonic_time() + (gint64)(MIN(ns, 3600000000000u) + 999) / 1000;

    g_mutex_lock(&m->lock);
    while (!g_atomic_int_get(&m->kicked)) {
        if (ns == CLOCK_NEVER) {
            g_cond_wait(&m->wake, &m->lock);
        } else if (!g_cond_wait_until(&m->wake, &m->lock, until)) {
            break;
        }
    }
    g_mutex_unlock(&m->lock);
}

/* The vCPU is halted: time passes to the next deadline, or input comes. */
static void idle(Machine *m)
{
    uint64_t now = machine_now_ns(m), next = clock_next_ns(&m->clock);

    if (next <= now) {
        return;
    }
    if (!m->config.clock_virtual) {
        sleep_up_to(m, next == CLOCK_NEVER ? CLOCK_NEVER : next - now);
        return;
    }
    if (next == CLOCK_NEVER) {
        sleep_up_to(m, CLOCK_NEVER);
        return;
    }
    if (m->config.clock_sleep) {
        sleep_up_to(m, next - now);
    }
    /* To the deadline exactly: what is left of an instruction's time is skipped too. */
    m->idle_ns += next - now;
}

/* ---- running ---- */

/* Commands of -at whose count has come. */
static void run_due_commands(Machine *m)
{
    while (m->at->len > 0 && g_array_index(m->at, MachineAt, 0).count <= vcpu_retired(m->cpu)) {
        MachineAt at = g_array_index(m->at, MachineAt, 0);

        g_array_remove_index(m->at, 0);
        if (m->command) {
            m->command(m, at.command);
        }
        g_free(at.command);
    }
    if (vcpu_retired(m->cpu) >= m->config.stop_at) {
        machine_end(m, END_STOP_AT);
    }
}

/* Sets the limit: the next deadline or the end of the slice. Returns whether it must be exact. */
static bool plan(Machine *m)
{
    const bool is_virtual = m->config.clock_virtual;
    uint64_t now = vcpu_retired(m->cpu), hard = m->config.stop_at;
    uint64_t slice = now + (is_virtual ? SLICE_INSNS_VIRTUAL : SLICE_INSNS);

    if (m->at->len > 0) {
        hard = MIN(hard, g_array_index(m->at, MachineAt, 0).count);
    }
    if (is_virtual) {
        hard = MIN(hard, count_at(m, clock_next_ns(&m->clock)));
    }
    hard = MAX(hard, now + 1);
    vcpu_set_limit(m->cpu, MIN(hard, slice));
    return hard <= slice;
}

/* False when the run is over instead. */
static bool reset_if_wanted(Machine *m)
{
    if (m->reset_wanted) {
        m->reset_wanted = false;
        if (m->config.no_reboot) {
            machine_end(m, END_RESET_REFUSED);
            return false;
        }
        machine_reset(m);
    }
    return true;
}

/* What must be looked at between two instructions; false when the run is over. */
static bool look_around(Machine *m)
{
    settle_count(m);
    run_due_commands(m); /* first: a stop among them takes effect at this count */
    if (g_atomic_int_get(&m->kicked)) {
        g_atomic_int_set(&m->kicked, 0);
        g_mutex_lock(&m->lock);
        serve_calls_locked(m);
        wait_while_stopped_locked(m);
        g_mutex_unlock(&m->lock);
    }
    if (m->state == RUN_ENDED) {
        return false;
    }
    m->cpu->attention &= ~(uint32_t)(ATTN_STOP | ATTN_PLAN);
    if (!reset_if_wanted(m)) {
        return false;
    }
    gate_deliver(m->gate);
    clock_fire_due(&m->clock, machine_now_ns(m));
    return true;
}

/* Stops before the instruction that has the breakpoint. */
static void stop_at_break(Machine *m)
{
    m->over_break = true;
    m->break_at = m->cpu->pc;
    g_mutex_lock(&m->lock);
    m->at_break = true;
    g_mutex_unlock(&m->lock);
    machine_stop(m);
}

/* Runs until the slice's end, or one instruction if that is the one a breakpoint stopped at. */
static void run_slice(Machine *m)
{
    bool over = m->over_break && m->cpu->pc == m->break_at, exact = plan(m);

    m->over_break = false;
    if (over) {
        tr_step(m->tr, m->cpu);
    } else if (tr_run(m->tr, m->cpu, exact) == TR_BREAK) {
        stop_at_break(m);
    }
}

void machine_step(Machine *m, unsigned how)
{
    settle_count(m);
    m->over_break = false;
    if ((how & STEP_NO_TIMER) == 0) {
        clock_fire_due(&m->clock, machine_now_ns(m));
    }
    m->cpu->attention &= ~(uint32_t)ATTN_HALT;
    if ((how & STEP_NO_IRQ) != 0 || !m->isa->interrupt(m->cpu)) {
        tr_step(m->tr, m->cpu);
    }
    m->frozen_ns += m->frozen_ns ? ns_per_insn(m) : 0;
    settle_count(m);
    reset_if_wanted(m);
}

void machine_loop(Machine *m)
{
    while (look_around(m)) {
        if (m->cpu->attention & ATTN_HALT) {
            if (!m->isa->wakes(m->cpu)) {
                idle(m);
                continue;
            }
            m->cpu->attention &= ~(uint32_t)ATTN_HALT;
        }
        m->isa->interrupt(m->cpu);
        run_slice(m);
    }
}

static gpointer thread_main(gpointer machine)
{
    Machine *m = machine;

    machine_loop(m);
    g_mutex_lock(&m->lock);
    m->thread = NULL; /* calls run in their own thread from now on */
    serve_calls_locked(m);
    g_mutex_unlock(&m->lock);
    if (m->ended) {
        m->ended(m->ended_opaque);
    }
    return NULL;
}

void machine_start(Machine *m)
{
    g_mutex_lock(&m->lock);
    machine_origin(m);
    m->state = m->config.start_stopped ? RUN_STOPPED : RUN_RUNNING;
    g_atomic_int_set(&m->kicked, 1);
    m->thread = m->joinable = g_thread_new("vcpu", thread_main, m);
    g_mutex_unlock(&m->lock);
}

void machine_join(Machine *m)
{
    if (m->joinable) {
        g_thread_join(m->joinable);
        m->joinable = NULL;
    }
}
