/* SPDX-License-Identifier: MIT */
/* nbody.c - five bodies under gravity in double precision. */
#include "tests/bench/bench.h"

enum { BODIES = 5, STEPS = 100000 };

const char bench_name[] = "fp.nbody";

typedef struct Body {
    double x[3];
    double v[3];
    double mass;
} Body;

static double root(double x)
{
    double r = x > 1 ? x : 1;

    for (int i = 0; i < 8; i++) {
        r = 0.5 * (r + x / r);
    }
    return r;
}

static void advance(Body *bodies, double dt)
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            Body *a = &bodies[i], *b = &bodies[j];
            double d[3], square = 0.01, pull;

            for (int k = 0; k < 3; k++) {
                d[k] = a->x[k] - b->x[k];
                square += d[k] * d[k];
            }
            pull = dt / (square * root(square));
            for (int k = 0; k < 3; k++) {
                a->v[k] -= d[k] * b->mass * pull;
                b->v[k] += d[k] * a->mass * pull;
            }
        }
    }
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++) {
            bodies[i].x[k] += dt * bodies[i].v[k];
        }
    }
}

uint32_t bench_run(void)
{
    Body bodies[BODIES];
    uint32_t state = 12, sum = 0;

    for (int i = 0; i < BODIES; i++) {
        bodies[i].mass = i == 0 ? 40.0 : 0.01 * (i + 1);
        for (int k = 0; k < 3; k++) {
            bodies[i].x[k] = (double)(int32_t)bench_random(&state) / 214748364.0;
            bodies[i].v[k] = (double)(int32_t)bench_random(&state) / 4294967296.0;
        }
    }
    for (int i = 0; i < STEPS; i++) {
        advance(bodies, 0.001);
    }
    for (int i = 0; i < BODIES; i++) {
        uint32_t word[6];

        memcpy(word, bodies[i].x, sizeof word);
        sum = bench_mix(bench_mix(bench_mix(sum, word[0]), word[3]), word[5]);
    }
    return sum;
}
