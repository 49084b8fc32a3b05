/* SPDX-License-Identifier: MIT */
/* map.c - maps memory, touches its pages, gives it back. */
#include "tests/bench/bench.h"
#include "calls.h"

enum {
    ROUNDS = 150,
    PAGES = 32,
    PAGE_BYTES = 4096,
    READ_WRITE = 3,
};

const char bench_name[] = "sys.map";

uint32_t bench_run(void)
{
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        long at = bench_call(CALL_MMAP2, 0, (long)PAGES * PAGE_BYTES, READ_WRITE, PRIVATE_ANONYMOUS,
                             -1, 0);
        volatile char *page = (volatile char *)at;

        for (int p = 0; p < PAGES; p++, page += PAGE_BYTES) {
            good += *page == 0;
            *page = 1;
        }
        good += bench_call(CALL_MUNMAP, at, (long)PAGES * PAGE_BYTES, 0, 0, 0, 0) == 0;
    }
    return good;
}
