/* SPDX-License-Identifier: MIT */
/* matmulv.c - product of matrices in single precision, four columns at a time. */
#include "tests/bench/bench.h"

enum { N = 80, ROUNDS = 60 };

typedef float Floats __attribute__((vector_size(16)));

const char bench_name[] = "simd.matmul";

static float a[N][N];
static Floats b[N][N / 4], c[N][N / 4];

uint32_t bench_run(void)
{
    uint32_t state = 3, sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = (float)(int32_t)(bench_random(&state) >> 8) / 65536.0f;
        b[i / N][i % N / 4][i % 4] = (float)(int32_t)(bench_random(&state) >> 8) / 65536.0f;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N / 4; j++) {
                Floats dot = { 0, 0, 0, 0 };

                for (int k = 0; k < N; k++) {
                    dot += a[i][k] * b[k][j];
                }
                c[i][j] = dot;
            }
        }
        for (int i = 0; i < N; i++) {
            uint32_t word;

            memcpy(&word, (char *)c[i] + 4 * ((i * 7 + round) % N), sizeof word);
            sum = bench_mix(sum, word);
            a[i][round] += 1.0f;
        }
    }
    return sum;
}
