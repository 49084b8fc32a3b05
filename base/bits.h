/* SPDX-License-Identifier: MIT */
/* bits.h - unsigned integer operations that are defined for every input. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

/* Twice the widest standard type; for intermediate results only. */
__extension__ typedef unsigned __int128 U128;

/* The low @n bits set; @n is 0 to 64. */
static inline uint64_t bits_mask(unsigned n) { return n == 0 ? 0 : UINT64_MAX >> (64 - n); }

/* The low @n bits of @v as a two's complement number; @n is 1 to 32. */
static inline uint32_t bits_sext32(uint32_t v, unsigned n)
{
    uint32_t sign = 1u << (n - 1);

    return ((v & (uint32_t)bits_mask(n)) ^ sign) - sign;
}

/* Bits 127 to 64 of the product. */
static inline uint64_t bits_mul_hi64(uint64_t a, uint64_t b)
{
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t mid = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (a & UINT32_MAX) * (b >> 32) + (mid & UINT32_MAX);

    return (a >> 32) * (b >> 32) + (mid >> 32) + (mid2 >> 32);
}

static inline unsigned bits_clz64(uint64_t v) { return v == 0 ? 64 : (unsigned)__builtin_clzll(v); }
static inline unsigned bits_ctz64(uint64_t v) { return v == 0 ? 64 : (unsigned)__builtin_ctzll(v); }
static inline unsigned bits_popcount64(uint64_t v) { return (unsigned)__builtin_popcountll(v); }
static inline uint64_t bits_bswap64(uint64_t v) { return __builtin_bswap64(v); }

/* @v >> @n for any @n, with bit 0 set if a one was shifted out: enough to round the value later. */
static inline uint64_t bits_shr_sticky64(uint64_t v, unsigned n)
{
    return n > 63 ? v != 0 : v >> n | ((v & bits_mask(n)) != 0);
}

/* The same of 128 bits. */
static inline U128 bits_shr_sticky128(U128 v, unsigned n)
{
    U128 kept = n > 127 ? 0 : v >> n;

    return kept | (n > 127 ? v != 0 : kept << n != v);
}

/* Bit 0 becomes bit 63. */
static inline uint64_t bits_reverse64(uint64_t v)
{
    v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
    v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0fu) | (v & 0x0f0f0f0f0f0f0f0fu) << 4;
    return bits_bswap64(v);
}

/* The low @n bits of @v as a two's complement number; @n is 1 to 64. */
static inline uint64_t bits_sext64(uint64_t v, unsigned n)
{
    uint64_t sign = (uint64_t)1 << (n - 1);

    return ((v & bits_mask(n)) ^ sign) - sign;
}

/* Arithmetic shift right by 0 to 63. */
static inline uint64_t bits_sar64(uint64_t v, unsigned n)
{
    return v >> n | (v >> 63 != 0 ? ~(UINT64_MAX >> n) : 0);
}

/* Signed quotient rounded to zero; 0 for a zero divisor, wraps for the one overflow. */
static inline uint64_t bits_sdiv64(uint64_t a, uint64_t b)
{
    uint64_t ua = a >> 63 != 0 ? 0 - a : a, ub = b >> 63 != 0 ? 0 - b : b;
    uint64_t q = ub == 0 ? 0 : ua / ub;

    return (a ^ b) >> 63 != 0 ? 0 - q : q;
}

/* The high half of the signed product of two zero-extended @w-bit numbers; @w is 8 to 64. */
static inline uint64_t bits_smul_hi(uint64_t a, uint64_t b, unsigned w)
{
    uint64_t sa = bits_sext64(a, w), sb = bits_sext64(b, w);

    if (w < 64) {
        return (sa * sb) >> w;
    }
    return bits_mul_hi64(a, b) - (a >> 63 != 0 ? b : 0) - (b >> 63 != 0 ? a : 0);
}

#endif
