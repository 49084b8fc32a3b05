/* SPDX-License-Identifier: MIT */
/* x86_undefined.c - see x86_undefined.h. */
#include "tests/diff/x86_undefined.h"

enum {
    CF = 1 << 0,
    PF = 1 << 2,
    AF = 1 << 4,
    ZF = 1 << 6,
    SF = 1 << 7,
    OF = 1 << 11,
    ALL = CF | PF | AF | ZF | SF | OF
};

/* Vol. 1 appendix A, and the entries of Vol. 2. */
static const struct {
    const char *name;
    uint32_t flags;
} undefined[] = {
    { "OR", AF },
    { "AND", AF },
    { "XOR", AF },
    { "TEST", AF },
    { "MUL", SF | ZF | AF | PF },
    { "IMUL", SF | ZF | AF | PF },
    { "DIV", ALL },
    { "IDIV", ALL },
    { "BT", OF | SF | AF | PF },
    { "BTS", OF | SF | AF | PF },
    { "BTR", OF | SF | AF | PF },
    { "BTC", OF | SF | AF | PF },
    { "BSF", ALL & ~ZF },
    { "BSR", ALL & ~ZF },
    { "DAA", OF },
    { "DAS", OF },
    { "AAA", OF | SF | ZF | PF },
    { "AAS", OF | SF | ZF | PF },
    { "AAM", OF | AF | CF },
    { "AAD", OF | AF | CF },
};

static const struct {
    const char *name;
    enum { ROTATE, SHIFT, DOUBLE } kind;
} shifts[] = { { "ROL", ROTATE }, { "ROR", ROTATE },  { "RCL", ROTATE },
               { "RCR", ROTATE }, { "SHL", SHIFT },   { "SHR", SHIFT },
               { "SAR", SHIFT },  { "SHLD", DOUBLE }, { "SHRD", DOUBLE } };

static bool same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static uint32_t of_shift(int kind, unsigned n, unsigned bits)
{
    if (kind == ROTATE) {
        return n == 1 ? 0 : OF;
    }
    if (n == 0) {
        return 0;
    }
    if (n >= bits) {
        return kind == DOUBLE ? ALL : ALL & ~(SF | ZF | PF);
    }
    return n == 1 ? AF : AF | OF;
}

uint32_t x86_undefined_by(const char *name, unsigned count, unsigned bits)
{
    for (unsigned i = 0; i < sizeof(undefined) / sizeof(undefined[0]); i++) {
        if (same(name, undefined[i].name)) {
            return undefined[i].flags;
        }
    }
    for (unsigned i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
        if (same(name, shifts[i].name)) {
            return of_shift(shifts[i].kind, count & 31, bits);
        }
    }
    return 0;
}

bool x86_result_undefined_by(const char *name, unsigned count, unsigned bits)
{
    return (same(name, "SHLD") || same(name, "SHRD")) && (count & 31) >= bits;
}
