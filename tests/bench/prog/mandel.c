/* SPDX-License-Identifier: MIT */
/* mandel.c - points of the Mandelbrot set in double precision. */
#include "tests/bench/bench.h"

enum { WIDTH = 384, HEIGHT = 224, LIMIT = 200 };

const char bench_name[] = "fp.mandel";

static uint32_t escape(double cx, double cy)
{
    double x = 0, y = 0;
    uint32_t n = 0;

    while (n < LIMIT && x * x + y * y < 4.0) {
        double t = x * x - y * y + cx;

        y = 2.0 * x * y + cy;
        x = t;
        n++;
    }
    return n;
}

uint32_t bench_run(void)
{
    uint32_t sum = 0;

    for (int row = 0; row < HEIGHT; row++) {
        for (int col = 0; col < WIDTH; col++) {
            sum = bench_mix(sum, escape(col * 3.0 / WIDTH - 2.2, row * 2.4 / HEIGHT - 1.2));
        }
    }
    return sum;
}
