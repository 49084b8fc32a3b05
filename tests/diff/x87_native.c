/* SPDX-License-Identifier: MIT */
/* x87_native.c - one instruction on the host's own x87. */
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/diff/x87_native.h"

enum { PAGE = 4096 };

typedef uint64_t NativeFn(const X87Image *in, void *memory, X87Image *out, uint64_t eflags);

bool x87_native_here(void)
{
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
}

/* Loads EFLAGS from rcx and the x87 from [rdi]; then, behind the instruction, EFLAGS go to rax and
 * the x87 to [rdx]. FNSAVE neither waits nor faults. */
static const uint8_t head[] = { 0x51, 0x9d, 0xdd, 0x27 }; /* push rcx; popfq; frstor [rdi] */
static const uint8_t tail[] = { 0x9c, 0x58, 0xdd, 0x32,
                                0xc3 }; /* pushfq; pop rax; fnsave [rdx]; ret */

uint32_t x87_native(const uint8_t *code, unsigned n, const X87Image *in, void *memory,
                    uint32_t eflags, X87Image *out)
{
    static uint8_t *page; /* this program has one thread */
    NativeFn *fn;

    if (page == NULL) {
        page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
        g_assert(page != MAP_FAILED);
        memcpy(page, head, sizeof(head));
    }
    g_assert(n <= 15);
    if (memcmp(code, page + sizeof(head), n) != 0
        || memcmp(page + sizeof(head) + n, tail, sizeof(tail)) != 0) {
        memcpy(page + sizeof(head), code, n);
        memcpy(page + sizeof(head) + n, tail, sizeof(tail));
    }
    memcpy(&fn, &page, sizeof(fn));
    return (uint32_t)fn(in, memory, out, eflags);
}
