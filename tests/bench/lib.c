/* SPDX-License-Identifier: MIT */
/* lib.c - times a benchmark program and prints its line. */
#include "tests/bench/bench.h"

#include "calls.h"

enum { CLOCK_IS_MONOTONIC = 1 };

typedef struct {
    int32_t sec;
    int32_t nsec;
} TimeSpec;

int bench_main(int argc, char **argv);

void *memset(void *to, int byte, size_t bytes)
{
    unsigned char *p = to;

    while (bytes--) {
        *p++ = (unsigned char)byte;
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    unsigned char *p = to;
    const unsigned char *q = from;

    while (bytes--) {
        *p++ = *q++;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *p = a, *q = b;

    for (; bytes; bytes--, p++, q++) {
        if (*p != *q) {
            return *p < *q ? -1 : 1;
        }
    }
    return 0;
}

static char *put_text(char *out, const char *text)
{
    while (*text) {
        *out++ = *text++;
    }
    return out;
}

/* By subtraction: a 64-bit division would need a library. */
static char *put_decimal(char *out, uint64_t value)
{
    static const uint64_t powers[] = { 100000000000u, 10000000000u, 1000000000u, 100000000u,
                                       10000000u,     1000000u,     100000u,     10000u,
                                       1000u,         100u,         10u,         1u };
    int started = 0;

    for (unsigned i = 0; i < sizeof powers / sizeof powers[0]; i++) {
        char digit = '0';

        while (value >= powers[i]) {
            value -= powers[i];
            digit++;
        }
        started |= digit != '0' || powers[i] == 1;
        if (started) {
            *out++ = digit;
        }
    }
    return out;
}

static char *put_hex(char *out, uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        *out++ = "0123456789abcdef"[value >> shift & 15];
    }
    return out;
}

static uint64_t now_ns(void)
{
    TimeSpec t = { 0, 0 };

    bench_call(CALL_CLOCK_GETTIME, CLOCK_IS_MONOTONIC, (long)&t, 0, 0, 0, 0);
    return (uint64_t)(uint32_t)t.sec * 1000000000u + (uint32_t)t.nsec;
}

/* With an argument a program does nothing: that is what sys.exec starts. */
int bench_main(int argc, char **argv)
{
    char line[128], *out = line;
    uint64_t began, ended;
    uint32_t sum;

    (void)argv;
    if (argc > 1) {
        return 0;
    }
    began = now_ns();
    sum = bench_run();
    ended = now_ns();
    out = put_text(out, "BENCH ");
    out = put_text(out, bench_name);
    *out++ = ' ';
    out = put_decimal(out, ended - began);
    *out++ = ' ';
    out = put_hex(out, sum);
    *out++ = '\n';
    bench_call(CALL_WRITE, 1, (long)line, out - line, 0, 0, 0);
    return 0;
}
