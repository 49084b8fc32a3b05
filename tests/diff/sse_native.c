/* SPDX-License-Identifier: MIT */
/* sse_native.c - one MMX or SSE instruction on the host. */
#define _GNU_SOURCE
#include <glib.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/diff/sse_native.h"

enum { PAGE = 4096 };

G_STATIC_ASSERT(sizeof(SseImage) == 512);
G_STATIC_ASSERT(offsetof(SseNative, eflags) == 0x218);

typedef void NativeFn(SseNative *state, void *memory);

/* rdi is the state, rsi the memory; rdx holds flags for a while. */
static const uint8_t head[] = {
    0x0f, 0xae, 0x0f,                   /* fxrstor [rdi] */
    0x8b, 0x97, 0x18, 0x02, 0x00, 0x00, /* mov edx, [rdi + 218h] */
    0x52, 0x9d,                         /* push rdx; popfq */
    0x8b, 0x87, 0x10, 0x02, 0x00, 0x00, /* mov eax, [rdi + 210h] */
    0x8b, 0x8f, 0x14, 0x02, 0x00, 0x00, /* mov ecx, [rdi + 214h] */
};
static const uint8_t tail[] = {
    0x9c, 0x5a,                         /* pushfq; pop rdx */
    0x0f, 0xae, 0x07,                   /* fxsave [rdi] */
    0x89, 0x87, 0x10, 0x02, 0x00, 0x00, /* mov [rdi + 210h], eax */
    0x89, 0x8f, 0x14, 0x02, 0x00, 0x00, /* mov [rdi + 214h], ecx */
    0x89, 0x97, 0x18, 0x02, 0x00, 0x00, /* mov [rdi + 218h], edx */
    0xc3,
};

static uint8_t *behind; /* of the instruction; this program has one thread */
static volatile sig_atomic_t faulted;

bool sse_native_here(void)
{
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
}

#if defined(__x86_64__)
static void on_fpe(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)sig, (void)info;
    faulted = 1;
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)behind;
    uc->uc_mcontext.fpregs->mxcsr |= 0x1f80; /* so that no later instruction traps again */
}

static uint8_t *make_page(void)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    g_assert(page != MAP_FAILED);
    action.sa_sigaction = on_fpe;
    sigaction(SIGFPE, &action, NULL);
    memcpy(page, head, sizeof(head));
    return page;
}

bool sse_native(const uint8_t *code, unsigned n, SseNative *state)
{
    static uint8_t *page;
    static _Alignas(16) SseImage own; /* what this program's registers are */
    uint32_t masks = state->image.mxcsr;
    NativeFn *fn;

    if (page == NULL) {
        page = make_page();
    }
    memcpy(page + sizeof(head), code, n);
    memcpy(page + sizeof(head) + n, tail, sizeof(tail));
    behind = page + sizeof(head) + n;
    faulted = 0;
    memcpy(&fn, &page, sizeof(fn));
    __builtin_ia32_fxsave(&own);
    fn(state, state->memory);
    __builtin_ia32_fxrstor(&own);
    if (faulted != 0) {
        state->image.mxcsr = (state->image.mxcsr & ~0x1f80u) | (masks & 0x1f80);
    }
    return faulted == 0;
}
#else
bool sse_native(const uint8_t *code, unsigned n, SseNative *state)
{
    (void)code, (void)n, (void)state;
    return false;
}
#endif
