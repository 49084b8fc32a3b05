/* SPDX-License-Identifier: MIT */
/*
 * main.c - draws user-mode instructions, runs each in a state of its own, and says what it did.
 *
 *   user sums    SEED FIRST COUNT MODEL MOST [ROW]   writes a checksum of each outcome
 *   user compare SEED FIRST COUNT MODEL MOST [ROW]   reads them, shows up to MOST that differ
 *   user show    SEED FIRST COUNT MODEL MOST [ROW]   shows all outcomes
 *   user left-out                                    shows what is not compared
 *
 * A case begins where a signal handler ends, with the frame's registers, and ends with the next
 * signal. It needs neither a C library nor the kernel's mappings, so that the same file runs as a
 * process of any kernel with i386's system calls.
 */
#include <stddef.h>

#include "tests/user/outcome.h"
#include "tests/user/state.h"

enum { BUFFERED = 65536 };

void user_main(uint32_t *stack);
void next_case(int signal, void *info, SignalContext *context);

static enum { SUMS, COMPARE, SHOW } job;
static uint32_t seed, first, count, number, differ, most;
static bool running, n270;
static const char *only;
static Case now;
static uint32_t started[FRAME_WORDS];
static uint8_t handler_stack[65536] __attribute__((aligned(16)));

/* ---- text and checksums ---- */

static uint8_t out[BUFFERED];
static unsigned out_bytes;

static void flush(void)
{
    for (unsigned done = 0; done < out_bytes;) {
        long n = call(CALL_WRITE, 1, (long)(out + done), (long)(out_bytes - done), 0, 0, 0);

        if (n <= 0) {
            call(CALL_EXIT, 3, 0, 0, 0, 0, 0);
        }
        done += (unsigned)n;
    }
    out_bytes = 0;
}

static void put_byte(uint8_t byte)
{
    out[out_bytes++] = byte;
    if (out_bytes == BUFFERED) {
        flush();
    }
}

static void put_text(const char *text)
{
    while (*text != '\0') {
        put_byte((uint8_t)*text++);
    }
}

static void put_hex(uint32_t v, unsigned digits)
{
    while (digits-- > 0) {
        put_byte((uint8_t) "0123456789abcdef"[v >> 4 * digits & 15]);
    }
}

static void put_number(uint32_t v)
{
    if (v >= 10) {
        put_number(v / 10);
    }
    put_byte((uint8_t)('0' + v % 10));
}

static void put_sum(uint32_t sum)
{
    for (unsigned i = 0; i < 4; i++) {
        put_byte((uint8_t)(sum >> 8 * i));
    }
}

static uint32_t take_sum(void)
{
    static uint32_t in[BUFFERED / 4];
    static unsigned at, end;

    if (at == end) {
        unsigned bytes = 0;
        long n = 1;

        while (bytes < sizeof(in) && n > 0) {
            n = call(CALL_READ, 0, (long)((uint8_t *)in + bytes), (long)(sizeof(in) - bytes), 0, 0,
                     0);
            bytes += n > 0 ? (unsigned)n : 0;
        }
        at = 0;
        end = bytes / 4;
        if (end == 0) {
            put_text("USER-FAILED too few checksums\n");
            flush();
            call(CALL_EXIT, 3, 0, 0, 0, 0, 0);
        }
    }
    return in[at++];
}

/* ---- cases ---- */

static void put_words(const char *before, const uint32_t *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char name[8];

        outcome_name(i, name);
        put_text(before);
        put_text(name);
        put_text("=");
        put_hex(w[i], 8);
    }
}

/* One line; a word before the registers' ends begins with "in.". */
static void show(const Outcome *o)
{
    put_text("CASE ");
    put_number(number);
    put_text(" ");
    put_text(now.row->name);
    put_text(now.code16 ? " code16 " : " code32 ");
    for (unsigned i = 0; i < now.n; i++) {
        put_hex(now.code[i], 2);
    }
    put_words(" in.", started, FRAME_WORDS);
    put_words(" ", o->w, OUTCOME_WORDS);
    put_text("\n");
}

static void end_case(const SignalFrame *frame)
{
    Outcome o;
    uint32_t sum;

    outcome_take(&o, &now, started[F_ECX], frame, state_written());
    sum = outcome_sum(&o);
    if (job == SUMS) {
        put_sum(sum);
    } else if (job == SHOW) {
        show(&o);
    } else if (sum != take_sum()) {
        if (differ++ < most) {
            show(&o);
        }
    }
}

static void begin_case(SignalFrame *frame)
{
    draw_seed(seed, number);
    state_draw(&now, frame, n270, only);
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        started[i] = frame->r[i];
    }
    started[F_TRAP] = started[F_ERROR] = started[F_ESP_AGAIN] = 0;
}

static void finish(void)
{
    if (job == COMPARE) {
        put_text("USER-DONE ");
        put_number(count);
        put_text(" ");
        put_number(differ);
        put_text("\n");
    }
    flush();
    call(CALL_EXIT, 0, 0, 0, 0, 0, 0);
}

void next_case(int signal, void *info, SignalContext *context)
{
    (void)signal;
    (void)info;
    if (running) {
        end_case(&context->frame);
        number++;
    }
    running = true;
    if (number == first + count) {
        finish();
    }
    begin_case(&context->frame);
}

/* ---- start ---- */

static void fail(const char *why)
{
    put_text("USER-FAILED ");
    put_text(why);
    put_text("\n");
    flush();
    call(CALL_EXIT, 2, 0, 0, 0, 0, 0);
}

static uint32_t parse(const char *text)
{
    uint32_t v = 0;

    while (*text >= '0' && *text <= '9') {
        v = v * 10 + (uint32_t)(*text++ - '0');
    }
    if (*text != '\0') {
        fail("a number was expected");
    }
    return v;
}

static void catch_signals(void)
{
    static const uint8_t signals[] = { 4, 5, 7, 8, 11 }; /* ILL TRAP BUS FPE SEGV */
    SignalStack stack = { handler_stack, 0, sizeof(handler_stack) };
    Action action = { on_signal, ACTION_FLAGS, from_signal, { 0, 0 } };

    call(CALL_SIGALTSTACK, (long)&stack, 0, 0, 0, 0, 0);
    for (unsigned i = 0; i < sizeof(signals); i++) {
        call(CALL_SIGACTION, signals[i], (long)&action, 0, SET_BYTES, 0, 0);
    }
}

static void parse_arguments(uint32_t n, char **argument)
{
    static char row[32];

    if (n < 7 || n > 8) {
        fail("JOB SEED FIRST COUNT MODEL MOST [ROW] were expected");
    }
    job = rows_same(argument[1], "sums") ? SUMS : rows_same(argument[1], "show") ? SHOW : COMPARE;
    seed = parse(argument[2]);
    first = number = parse(argument[3]);
    count = parse(argument[4]);
    n270 = rows_same(argument[5], "n270");
    most = parse(argument[6]);
    if (n == 8) {
        for (unsigned i = 0; i < sizeof(row) - 1 && argument[7][i] != '\0'; i++) {
            row[i] = argument[7][i];
        }
        only = row;
    }
    if (!draw_has(n270, only)) {
        fail("no such row");
    }
}

/* @stack: argc, argv. What the kernel put there is unmapped before the first case. */
void user_main(uint32_t *stack)
{
    char **argument = (char **)(stack + 1);

    rows_prepare();
    if (stack[0] == 2 && rows_same(argument[1], "left-out")) {
        rows_show_left_out(put_text);
        finish();
    }
    parse_arguments(stack[0], argument);
    if (!state_prepare(seed)) {
        fail("the kernel refuses memory or the LDT");
    }
    state_unmap_rest();
    catch_signals();
    first_signal();
}
