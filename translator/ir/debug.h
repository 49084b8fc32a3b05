/* SPDX-License-Identifier: MIT */
/* debug.h - a guest's registers as a debugger sees them. */
#ifndef TRANSLATOR_IR_DEBUG_H
#define TRANSLATOR_IR_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vcpu.h"

/* A register's value, the bits above its size 0. */
typedef struct DebugValue {
    uint64_t low, high;
} DebugValue;

/* A register; the strings as gdb's target descriptions have them. */
typedef struct DebugReg {
    const char *name;
    const char *type;  /* uint32, code_ptr, ieee_double and so on */
    const char *group; /* general, float, vector, system; NULL: as the feature's kind says */
    unsigned bits;     /* 8 to 128, a multiple of 8 */
} DebugReg;

/* Registers that a debugger knows together: @n of them from number @first on. */
typedef struct DebugFeature {
    const char *name;
    unsigned first, n;
} DebugFeature;

/* Registers are numbered from 0; the first feature is what stops and steps ask for most. */
typedef struct IsaDebug {
    const char *architecture;    /* as gdb calls it */
    bool (*big_endian)(Vcpu *v); /* byte order of values on the wire; NULL: little */
    unsigned pc;                 /* number of the program counter */
    unsigned breakpoint_max;     /* bytes of the longest instruction a breakpoint may name */
    const DebugFeature *features;
    unsigned n_features;
    unsigned n_regs;
    DebugReg (*reg)(unsigned i);
    /* vCPU's thread, between two instructions. No access rights are asked for. */
    DebugValue (*get)(Vcpu *v, unsigned i);
    /* Returns: false if the register cannot be written; nothing has changed then. */
    bool (*set)(Vcpu *v, unsigned i, DebugValue value);
} IsaDebug;

#endif
