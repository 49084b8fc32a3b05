/* SPDX-License-Identifier: MIT */
/*
 * x86_native.c - one 32-bit instruction on the host's own processor.
 *
 * A page below 4 GiB holds code that goes from 64-bit to 32-bit mode by a far return, loads all
 * registers, runs the instruction, stores all registers and comes back by a far jump. A signal
 * handler on a stack of its own catches what the instruction raises, and goes on at the way back.
 */
#define _GNU_SOURCE
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/diff/x86_native.h"

#if defined(__x86_64__)

enum {
    STUB = 0x5a5a0000, /* code, then Frame */
    STUB_BYTES = 0x3000,
    FRAME = STUB + 0x1000,
    STACK_TOP = STUB + STUB_BYTES - 64,
    RESERVED = 0x1f000000,
    RESERVED_BYTES = 0x2000000,
};

/* What the stub reads and writes, at FRAME. */
typedef struct Frame {
    uint64_t rsp;
    uint32_t r[8], eflags, eflags_after;
    uint8_t fx[512] __attribute__((aligned(16)));
} Frame;

static uint8_t *data_rw, *code_rw;
static Frame *frame;
static NativeState *running;
static uint32_t instruction_bytes, way_back;

typedef struct Code {
    uint8_t *p;
} Code;

static void byte(Code *c, unsigned v) { *c->p++ = (uint8_t)v; }

static void bytes(Code *c, const char *s, unsigned n)
{
    memcpy(c->p, s, n);
    c->p += n;
}

static void word(Code *c, uint32_t v)
{
    memcpy(c->p, &v, 4);
    c->p += 4;
}

static uint32_t here(const Code *c) { return (uint32_t)(uintptr_t)c->p; }
static uint32_t at(size_t offset) { return (uint32_t)(FRAME + offset); }

/* mov r32, [abs] or mov [abs], r32 in 32-bit code; touches no flags. */
static void move(Code *c, unsigned opcode, unsigned r, uint32_t abs)
{
    byte(c, opcode);
    byte(c, r << 3 | 5);
    word(c, abs);
}

/* 32-bit code: registers from the frame, to the instruction. */
static void emit_in(Code *c, bool fx)
{
    bytes(c, "\xb8\x2b\x00\x00\x00\x8e\xd8\x8e\xc0\x8e\xd0", 11); /* mov ds, es, ss, 2b */
    if (fx) {
        bytes(c, "\x0f\xae\x0d", 3); /* fxrstor [abs] */
        word(c, at(offsetof(Frame, fx)));
    }
    byte(c, 0xbc); /* mov esp, the stub's stack */
    word(c, STACK_TOP);
    bytes(c, "\xff\x35", 2); /* push dword [eflags]; popf */
    word(c, at(offsetof(Frame, eflags)));
    byte(c, 0x9d);
    for (unsigned r = 0; r < 8; r++) {
        move(c, 0x8b, r, at(offsetof(Frame, r) + 4 * r));
    }
    byte(c, 0xe9);
    word(c, NATIVE_IP - (here(c) + 4));
}

/* Registers to the frame, and back to 64-bit mode at @exit. */
static void emit_out(Code *c, uint32_t exit64, bool fx)
{
    for (unsigned r = 0; r < 8; r++) {
        move(c, 0x89, r, at(offsetof(Frame, r) + 4 * r));
    }
    byte(c, 0xbc);
    word(c, STACK_TOP);
    bytes(c, "\x9c\x8f\x05", 3); /* pushf; pop dword [eflags_after] */
    word(c, at(offsetof(Frame, eflags_after)));
    byte(c, 0xfc); /* cld */
    if (fx) {
        bytes(c, "\x0f\xae\x05", 3); /* fxsave [abs] */
        word(c, at(offsetof(Frame, fx)));
    }
    byte(c, 0xea); /* jmp 33:exit */
    word(c, exit64);
    bytes(c, "\x33\x00", 2);
}

/* 64-bit code: saves what a C function must keep, to 32-bit code at the address in edi. */
static void emit_enter64(Code *c)
{
    bytes(c, "\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10); /* push rbx rbp r12 to r15 */
    bytes(c, "\x48\x89\x24\x25", 4);                          /* mov [rsp slot], rsp */
    word(c, at(offsetof(Frame, rsp)));
    byte(c, 0xbc); /* mov esp, the stub's stack */
    word(c, STACK_TOP);
    bytes(c, "\x6a\x23\x57\x48\xcb", 5); /* push 23; push rdi; lretq */
}

static void emit_exit64(Code *c)
{
    bytes(c, "\xfc\x48\x8b\x24\x25", 5); /* cld; mov rsp, [rsp slot] */
    word(c, at(offsetof(Frame, rsp)));
    bytes(c, "\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3", 11);
}

/* Where each piece begins. */
static struct {
    uint32_t enter64, exit64, in[2], out[2];
} stub;

static void emit_stub(void)
{
    Code c = { (uint8_t *)(uintptr_t)STUB };

    stub.enter64 = here(&c);
    emit_enter64(&c);
    stub.exit64 = here(&c);
    emit_exit64(&c);
    for (unsigned fx = 0; fx < 2; fx++) {
        stub.in[fx] = here(&c);
        emit_in(&c, fx != 0);
        stub.out[fx] = here(&c);
        emit_out(&c, stub.exit64, fx != 0);
    }
    g_assert(here(&c) < FRAME);
}

/* ---- faults ---- */

static void put_registers(NativeState *s, const greg_t *g)
{
    static const int which[] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                 REG_RSP, REG_RBP, REG_RSI, REG_RDI };

    for (unsigned r = 0; r < 8; r++) {
        s->r[r] = (uint32_t)g[which[r]];
    }
    s->eflags = (uint32_t)g[REG_EFL];
    s->eip = (uint32_t)g[REG_RIP];
    s->vector = (int32_t)g[REG_TRAPNO];
    s->error = (uint32_t)g[REG_ERR];
    s->cr2 = (uint32_t)g[REG_CR2];
}

static void caught(int signal_number, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    fpregset_t fx = ((ucontext_t *)context)->uc_mcontext.fpregs;

    (void)info;
    if (running == NULL || (g[REG_CSGSFS] & 0xffff) != NATIVE_CS) {
        signal(signal_number, SIG_DFL); /* not ours: the fault comes again */
        return;
    }
    put_registers(running, g);
    if (running->has_fx) {
        memcpy(running->fx, fx, sizeof(running->fx));
    }
    /* An INT3 that a branch went to; or the first byte of a target that cannot be executed. */
    if (running->vector == 3 && running->eip != NATIVE_IP + instruction_bytes) {
        running->eip--;
        running->vector = -1;
    } else if (running->eip != NATIVE_IP && running->vector != 3 && running->vector != 4) {
        running->vector = -1;
    }
    g[REG_RIP] = stub.exit64;
    g[REG_CSGSFS] = (g[REG_CSGSFS] & ~(greg_t)0xffff) | 0x33;
    g[REG_EFL] &= ~(greg_t)0x40500; /* AC, DF, TF */
    running = NULL;
}

static bool take_signals(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    stack_t stack = { .ss_size = 1 << 16 };
    bool ok;

    stack.ss_sp = g_malloc(stack.ss_size);
    ok = sigaltstack(&stack, NULL) == 0;
    sigemptyset(&action.sa_mask);
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        ok = sigaction(signals[i], &action, NULL) == 0 && ok;
    }
    return ok;
}

/* ---- memory ---- */

static bool map_at(uint32_t address, uint32_t size, int protection)
{
    void *want = (void *)(uintptr_t)address;

    return mmap(want, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == want;
}

/* Data is mapped twice, so that the runner can write the page that the instruction cannot. */
static bool map_data(void)
{
    void *want = (void *)(uintptr_t)NATIVE_DATA;
    int fd = memfd_create("data", 0);
    const size_t writable = NATIVE_DATA_BYTES - NATIVE_READ_ONLY;

    if (fd < 0 || ftruncate(fd, NATIVE_DATA_BYTES) != 0) {
        return false;
    }
    data_rw = mmap(NULL, NATIVE_DATA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data_rw == MAP_FAILED
        || mmap(want, NATIVE_DATA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
               != want) {
        return false;
    }
    close(fd);
    return mprotect((char *)want + writable, NATIVE_READ_ONLY, PROT_READ) == 0;
}

bool x86_native_start(void)
{
    void *reserved = (void *)(uintptr_t)RESERVED;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

    if (code_rw) {
        return true;
    }
    if (mmap(reserved, RESERVED_BYTES, PROT_NONE, flags, -1, 0) != reserved || !map_data()
        || !map_at(NATIVE_CODE, NATIVE_CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC)
        || !map_at(STUB, STUB_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC) || !take_signals()) {
        return false;
    }
    code_rw = (uint8_t *)(uintptr_t)NATIVE_CODE;
    frame = (Frame *)(uintptr_t)FRAME;
    memset(code_rw, 0xcc, NATIVE_CODE_BYTES);
    emit_stub();
    return true;
}

uint8_t *x86_native_data(void) { return data_rw; }
uint8_t *x86_native_code(void) { return code_rw; }

/* The instruction, and behind it the way out. */
static void place(const uint8_t *code, unsigned n, uint32_t out)
{
    uint8_t *ip = code_rw + (NATIVE_IP - NATIVE_CODE);
    Code c = { ip + n };

    if (instruction_bytes == n && way_back == out && memcmp(ip, code, n) == 0) {
        return;
    }
    memset(ip, 0xcc, 32);
    memcpy(ip, code, n);
    byte(&c, 0xe9);
    word(&c, out - (here(&c) + 4));
    instruction_bytes = n;
    way_back = out;
}

void x86_native(const uint8_t *code, unsigned n, NativeState *s)
{
    void (*enter)(uint64_t in) = NULL;
    const void *start = (const void *)(uintptr_t)stub.enter64;
    unsigned fx = s->has_fx != 0;

    memcpy(&enter, &start, sizeof(enter));
    place(code, n, stub.out[fx]);
    memcpy(frame->r, s->r, sizeof(frame->r));
    frame->eflags = s->eflags;
    if (fx) {
        memcpy(frame->fx, s->fx, sizeof(frame->fx));
    }
    s->vector = -1;
    running = s;
    enter(stub.in[fx]);
    if (running) { /* no signal */
        memcpy(s->r, frame->r, sizeof(s->r));
        s->eflags = frame->eflags_after;
        s->eip = NATIVE_IP + n;
        if (fx) {
            memcpy(s->fx, frame->fx, sizeof(s->fx));
        }
        running = NULL;
    }
}

#else

bool x86_native_start(void) { return false; }
uint8_t *x86_native_data(void) { return NULL; }
uint8_t *x86_native_code(void) { return NULL; }
void x86_native(const uint8_t *code, unsigned n, NativeState *s) { (void)code, (void)n, (void)s; }

#endif
