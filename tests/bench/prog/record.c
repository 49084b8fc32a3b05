/* SPDX-License-Identifier: MIT */
/* record.c - records, strings, small calls and branches, as in business code. */
#include "tests/bench/bench.h"

enum { RECORDS = 64, ROUNDS = 200000, NAME_BYTES = 24 };

const char bench_name[] = "int.record";

typedef enum { KIND_BUY, KIND_SELL, KIND_MOVE, KIND_VOID } Kind;

typedef struct Record {
    struct Record *next;
    Kind kind;
    int32_t amount;
    int16_t day;
    int16_t month;
    char name[NAME_BYTES];
} Record;

static Record records[RECORDS];

static __attribute__((noinline)) int same_name(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static __attribute__((noinline)) void copy_name(char *to, const char *from)
{
    while ((*to++ = *from++) != 0) {
    }
}

static __attribute__((noinline)) Kind next_kind(Kind kind, int day)
{
    switch (kind) {
    case KIND_BUY: return day > 15 ? KIND_SELL : KIND_MOVE;
    case KIND_SELL: return KIND_VOID;
    case KIND_MOVE: return day & 1 ? KIND_BUY : KIND_SELL;
    default: return KIND_BUY;
    }
}

static __attribute__((noinline)) int32_t balance(const Record *r, int32_t sum)
{
    if (r->kind == KIND_BUY) {
        sum -= r->amount;
    } else if (r->kind == KIND_SELL) {
        sum += r->amount * 100 / (100 + r->month);
    } else if (r->kind == KIND_MOVE && r->day % 7 == 0) {
        sum ^= r->amount;
    }
    return sum;
}

static __attribute__((noinline)) void advance(Record *r)
{
    r->kind = next_kind(r->kind, r->day);
    if (++r->day > 30) {
        r->day = 1;
        r->month = (int16_t)(r->month % 12 + 1);
        r->amount += r->month;
    }
}

uint32_t bench_run(void)
{
    uint32_t state = 17;
    int32_t sum = 0;

    for (int i = 0; i < RECORDS; i++) {
        char name[NAME_BYTES] = "customer number ?";

        name[16] = (char)('A' + i % 20);
        copy_name(records[i].name, name);
        records[i].next = &records[(i * 5 + 3) % RECORDS];
        records[i].kind = (Kind)(i & 3);
        records[i].amount = (int32_t)(bench_random(&state) >> 16);
        records[i].day = (int16_t)(i % 30 + 1);
        records[i].month = (int16_t)(i % 12 + 1);
    }
    for (int round = 0; round < ROUNDS; round++) {
        Record *r = &records[round % RECORDS];

        for (int i = 0; i < 16; i++, r = r->next) {
            sum = balance(r, sum);
            advance(r);
        }
        if (same_name(r->name, r->next->name)) {
            sum++;
        }
        copy_name(r->name, r->next->name);
    }
    return (uint32_t)sum;
}
