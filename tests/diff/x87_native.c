/* SPDX-License-Identifier: MIT */
/* x87_native.c - one instruction on the host's own x87. */
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/diff/x87_native.h"

enum { PAGE = 4096 };

typedef void NativeFn(const X87Image *in, void *memory, X87Image *out);

bool x87_native_here(void)
{
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
}

/* frstor [rdi]; the instruction; fnsave [rdx], which neither waits nor faults; ret */
void x87_native(const uint8_t *code, unsigned n, const X87Image *in, void *memory, X87Image *out)
{
    static uint8_t *page; /* this program has one thread */
    static uint8_t last[16];
    static unsigned last_n;
    NativeFn *fn;

    if (page == NULL) {
        page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
        g_assert(page != MAP_FAILED);
        memcpy(page, (const uint8_t[]){ 0xdd, 0x27 }, 2);
    }
    g_assert(n <= sizeof(last));
    if (n != last_n || memcmp(code, last, n) != 0) {
        memcpy(page + 2, code, n);
        memcpy(page + 2 + n, (const uint8_t[]){ 0xdd, 0x32, 0xc3 }, 3);
        memcpy(last, code, n);
        last_n = n;
    }
    memcpy(&fn, &page, sizeof(fn));
    fn(in, memory, out);
}
