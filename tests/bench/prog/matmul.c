/* SPDX-License-Identifier: MIT */
/* matmul.c - product of matrices of words. */
#include "tests/bench/bench.h"

enum { N = 96, ROUNDS = 96 };

const char bench_name[] = "int.matmul";

static int32_t a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            uint32_t sum = 0;

            for (int k = 0; k < N; k++) {
                sum += (uint32_t)a[i][k] * (uint32_t)b[k][j];
            }
            c[i][j] = (int32_t)sum;
        }
    }
}

uint32_t bench_run(void)
{
    uint32_t state = 3, sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = (int32_t)(bench_random(&state) >> 20);
        b[i / N][i % N] = (int32_t)(bench_random(&state) >> 20);
    }
    for (int round = 0; round < ROUNDS; round++) {
        multiply();
        for (int i = 0; i < N; i++) {
            sum = bench_mix(sum, (uint32_t)c[i][(i * 7 + round) % N]);
            a[i][round] ^= c[round][i] & 0xff;
        }
    }
    return sum;
}
