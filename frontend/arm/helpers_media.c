/* SPDX-License-Identifier: MIT */
/* helpers_media.c - the parallel instructions as pure functions, DDI 0406C.d A8.8. */
#include "frontend/arm/lift.h"

#include "base/bits.h"

/* Prefixes, bits 22 to 20 of the A32 encoding, table A5-18 and A5-19. */
enum { PAR_S = 1, PAR_Q = 2, PAR_SH = 3, PAR_U = 5, PAR_UQ = 6, PAR_UH = 7 };
/* Operations, bits 7 to 5. */
enum { PAR_ADD16 = 0, PAR_ASX = 1, PAR_SAX = 2, PAR_SUB16 = 3, PAR_ADD8 = 4, PAR_SUB8 = 7 };

/* Lane @i of @bits bits, extended as the prefix says. */
static int32_t lane(uint32_t v, unsigned i, unsigned bits, bool is_signed)
{
    uint32_t x = v >> (i * bits) & (uint32_t)bits_mask(bits);

    return (int32_t)(is_signed ? bits_sext32(x, bits) : x);
}

static int32_t hold(int32_t v, int32_t low, int32_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* What the prefix makes of a lane's exact result. */
static uint32_t finish(unsigned prefix, int32_t v, unsigned bits)
{
    int32_t half = 1 << (bits - 1);

    switch (prefix) {
    case PAR_Q: return (uint32_t)hold(v, -half, half - 1);
    case PAR_UQ: return (uint32_t)hold(v, 0, 2 * half - 1);
    case PAR_SH:
    case PAR_UH: return (uint32_t)v >> 1;
    default: return (uint32_t)v;
    }
}

/* Bits 31 to 0: the result; 35 to 32: GE as S and U forms set it. @c: prefix << 3 | operation. */
uint64_t arm_help_parallel(Vcpu *cpu, uint64_t a, uint64_t b, uint64_t c)
{
    unsigned prefix = (unsigned)c >> 3, op = (unsigned)c & 7;
    unsigned bits = op == PAR_ADD8 || op == PAR_SUB8 ? 8 : 16;
    bool is_signed = prefix < PAR_U, exchange = op == PAR_ASX || op == PAR_SAX;
    uint32_t result = 0, ge = 0;

    (void)cpu;
    for (unsigned i = 0; i < 32 / bits; i++) {
        bool subtract = exchange ? (i == 0) == (op == PAR_ASX) : op == PAR_SUB16 || op == PAR_SUB8;
        int32_t x = lane((uint32_t)a, i, bits, is_signed);
        int32_t y = lane((uint32_t)b, exchange ? 1 - i : i, bits, is_signed);
        int32_t v = subtract ? x - y : x + y;
        /* GE: no borrow, signed result not negative, or unsigned carry out. */
        bool good = is_signed || subtract ? v >= 0 : v >> bits != 0;

        result |= (finish(prefix, v, bits) & (uint32_t)bits_mask(bits)) << (i * bits);
        ge |= good ? (bits == 8 ? 1u << i : 3u << (2 * i)) : 0;
    }
    return result | (uint64_t)ge << 32;
}

/* Sum of the absolute differences of four bytes. */
uint64_t arm_help_usad8(Vcpu *cpu, uint64_t a, uint64_t b, uint64_t c)
{
    uint32_t sum = 0;

    (void)cpu;
    (void)c;
    for (unsigned i = 0; i < 32; i += 8) {
        uint32_t x = (uint32_t)a >> i & 0xff, y = (uint32_t)b >> i & 0xff;

        sum += x > y ? x - y : y - x;
    }
    return sum;
}
