/* SPDX-License-Identifier: MIT */
/* x86_native.h - one 32-bit instruction on the host's own processor. */
#ifndef TESTS_DIFF_X86_NATIVE_H
#define TESTS_DIFF_X86_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The instruction runs in a 32-bit code segment of this 64-bit process, at NATIVE_IP, among bytes
 * of INT3. Data lies at NATIVE_DATA; its last page cannot be written; around it nothing is mapped.
 */
enum {
    NATIVE_DATA = 0x20000000,
    NATIVE_DATA_BYTES = 0x6000,
    NATIVE_READ_ONLY = 0x1000, /* of them, at the end */
    NATIVE_CODE = 0x20100000,
    NATIVE_CODE_BYTES = 0x2000,
    NATIVE_IP = NATIVE_CODE + 0x800,
    NATIVE_CS = 0x23, /* Linux: 32-bit user code and data */
    NATIVE_DS = 0x2b,
};

typedef struct NativeState {
    uint32_t r[8]; /* as encoded */
    uint32_t eflags;
    uint32_t eip;
    /* Out: -1, or the exception that the instruction raised. */
    int32_t vector;
    uint32_t error, cr2;
    /* MMX and XMM registers as FXSAVE has them; in and out if @has_fx. */
    uint32_t has_fx, zero;
    uint8_t fx[512] __attribute__((aligned(16)));
} NativeState;

/* Maps memory, takes the signals; false if this host runs no 32-bit code. Once. */
bool x86_native_start(void);

/* Host addresses of data, all of it writable, and of the code. */
uint8_t *x86_native_data(void);
uint8_t *x86_native_code(void);

/* Runs the @n bytes of @code, once; EFLAGS' TF must be clear. */
void x86_native(const uint8_t *code, unsigned n, NativeState *s);

#endif
