/* SPDX-License-Identifier: MIT */
/* blend.c - pictures blended and compared, as vectors of bytes and halfwords. */
#include "tests/bench/bench.h"

enum { BYTES = 16384, ROUNDS = 160 };

typedef uint8_t Bytes __attribute__((vector_size(16)));
typedef uint8_t HalfBytes __attribute__((vector_size(8)));
typedef uint16_t Halves __attribute__((vector_size(16)));
typedef uint32_t Words __attribute__((vector_size(16)));

const char bench_name[] = "simd.blend";

static Bytes a[BYTES / 16], b[BYTES / 16], c[BYTES / 16];

/* (x * alpha + y * (256 - alpha)) / 256 in halfwords, packed again. */
static HalfBytes blend(HalfBytes x, HalfBytes y, uint16_t alpha)
{
    Halves wx = __builtin_convertvector(x, Halves), wy = __builtin_convertvector(y, Halves);

    return __builtin_convertvector((wx * alpha + wy * (uint16_t)(256 - alpha)) >> 8, HalfBytes);
}

uint32_t bench_run(void)
{
    Words sum = { 0, 0, 0, 0 };
    uint32_t state = 7, out = 0;

    for (int i = 0; i < BYTES / 16; i++) {
        for (int k = 0; k < 16; k++) {
            a[i][k] = (uint8_t)bench_random(&state);
            b[i][k] = (uint8_t)bench_random(&state);
        }
    }
    for (int round = 0; round < ROUNDS; round++) {
        const HalfBytes *x = (const HalfBytes *)a, *y = (const HalfBytes *)b;
        HalfBytes *z = (HalfBytes *)c;

        for (int i = 0; i < BYTES / 8; i++) {
            z[i] = blend(x[i], y[i], (uint16_t)(round + 1));
        }
        for (int i = 0; i < BYTES / 16; i++) {
            Bytes brighter = (Bytes)(c[i] > b[i]);
            Words word = (Words)((c[i] & brighter) | (b[i] & ~brighter));

            sum += word ^ (sum << 3);
        }
        a[round] += c[round] | 1;
    }
    for (int k = 0; k < 4; k++) {
        out = bench_mix(out, sum[k]);
    }
    return out;
}
