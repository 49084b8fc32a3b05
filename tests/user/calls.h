/* SPDX-License-Identifier: MIT */
/* calls.h - what of Linux's interface for i386 the program uses. */
#ifndef TESTS_USER_CALLS_H
#define TESTS_USER_CALLS_H

#include <stdint.h>

enum {
    CALL_EXIT = 1,
    CALL_READ = 3,
    CALL_WRITE = 4,
    CALL_MUNMAP = 91,
    CALL_MODIFY_LDT = 123,
    CALL_MPROTECT = 125,
    CALL_SIGACTION = 174, /* rt_sigaction */
    CALL_SIGALTSTACK = 186,
    CALL_MMAP2 = 192,
};

enum {
    PROT_READ_EXEC = 5,
    PROT_ALL = 7,
    MAP_PRIVATE_FIXED = 0x32, /* and anonymous */
    SET_BYTES = 8,            /* of a set of signals */
    LDT_WRITE = 0x11,
};

/* SA_SIGINFO, SA_RESTORER, SA_ONSTACK, SA_NODEFER */
#define ACTION_FLAGS 0x4c000004u

typedef struct Action {
    void (*handler)(void);
    uint32_t flags;
    void (*restorer)(void);
    uint32_t mask[2];
} Action;

typedef struct SignalStack {
    void *base;
    uint32_t flags, bytes;
} SignalStack;

/* x87, MMX and SSE state of a signal frame: FSAVE's image, then FXSAVE's. */
typedef struct FpFrame {
    uint32_t control, status, tags, pointers[4];
    uint8_t st[8][10];
    uint16_t kernel_status, kind;
    uint32_t fx_head[6], mxcsr, fx_mask;
    uint32_t fx_st[8][4];
    uint32_t xmm[8][4];
} FpFrame;

/* Index of a word of SignalFrame.r. */
enum {
    F_GS,
    F_FS,
    F_ES,
    F_DS,
    F_EDI,
    F_ESI,
    F_EBP,
    F_ESP,
    F_EBX,
    F_EDX,
    F_ECX,
    F_EAX,
    F_TRAP,
    F_ERROR,
    F_EIP,
    F_CS,
    F_EFLAGS,
    F_ESP_AGAIN,
    F_SS,
    FRAME_WORDS
};

/* The registers of a signal frame; the kernel loads them at the handler's end. */
typedef struct SignalFrame {
    uint32_t r[FRAME_WORDS];
    FpFrame *fp;
    uint32_t old_mask, cr2;
} SignalFrame;

typedef struct SignalContext {
    uint32_t flags, link;
    SignalStack stack;
    SignalFrame frame;
} SignalContext;

long call(long number, long a, long b, long c, long d, long e, long f);
void from_signal(void);
void on_signal(void);
void first_signal(void);

#endif
