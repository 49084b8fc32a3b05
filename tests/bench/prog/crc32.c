/* SPDX-License-Identifier: MIT */
/* crc32.c - the CRC of a buffer by a table of bytes. */
#include "tests/bench/bench.h"

enum { BYTES = 65536, ROUNDS = 1000 };

const char bench_name[] = "int.crc32";

static uint32_t table[256];
static uint8_t data[BYTES];

static void prepare(void)
{
    uint32_t state = 1;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++) {
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        }
        table[i] = c;
    }
    for (int i = 0; i < BYTES; i++) {
        data[i] = (uint8_t)bench_random(&state);
    }
}

uint32_t bench_run(void)
{
    uint32_t crc = 0xffffffffu;

    prepare();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BYTES; i++) {
            crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
        }
    }
    return ~crc;
}
