/* SPDX-License-Identifier: MIT */
/* fir.c - a filter of finite impulse response in single precision. */
#include "tests/bench/bench.h"

enum { TAPS = 32, SAMPLES = 16384, ROUNDS = 50 };

const char bench_name[] = "fp.fir";

static float in[SAMPLES + TAPS], out[SAMPLES], taps[TAPS];

uint32_t bench_run(void)
{
    uint32_t state = 21, sum = 0;

    for (int i = 0; i < TAPS; i++) {
        taps[i] = 1.0f / (float)(i + 2);
    }
    for (int i = 0; i < SAMPLES + TAPS; i++) {
        in[i] = (float)(int32_t)bench_random(&state) / 2147483648.0f;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SAMPLES; i++) {
            float y = 0;

            for (int t = 0; t < TAPS; t++) {
                y += in[i + t] * taps[t];
            }
            out[i] = y;
        }
        for (int i = 0; i < SAMPLES; i += 61) {
            uint32_t word;

            memcpy(&word, &out[i], sizeof word);
            sum = bench_mix(sum, word);
            in[i] *= 0.5f;
        }
    }
    return sum;
}
