/* SPDX-License-Identifier: MIT */
/* sse_native.h - one MMX or SSE instruction on the host. */
#ifndef TESTS_DIFF_SSE_NATIVE_H
#define TESTS_DIFF_SSE_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

/* What FXSAVE writes, SDM Vol. 2 table 3-43. */
typedef struct SseImage {
    uint16_t control, status;
    uint8_t tags, zero;
    uint16_t opcode;
    uint64_t ip, dp;
    uint32_t mxcsr, mxcsr_mask;
    uint64_t st[8][2];
    uint64_t xmm[16][2];
    uint8_t rest[96];
} SseImage;

typedef struct SseNative {
    _Alignas(16) SseImage image;
    _Alignas(16) uint8_t memory[16];
    uint32_t eax, ecx, eflags;
} SseNative;

bool sse_native_here(void);

/* Runs @code, of @n bytes, on @state. A memory operand is [rsi], general registers are eax and ecx.
 * Returns: false if it raised SIGFPE; MXCSR then has what it left. */
bool sse_native(const uint8_t *code, unsigned n, SseNative *state);

#endif
