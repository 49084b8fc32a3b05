/* SPDX-License-Identifier: MIT */
/* x64.h - the just-in-time compiler for x86-64 hosts. */
#ifndef BACKEND_X64_X64_H
#define BACKEND_X64_X64_H

#include "translator/ir/isa.h"

/* Host features that have a fallback; bits of HostOptions.cpu_features_off. */
typedef enum X64Feature {
    X64_HAS_BMI1 = 1u << 0, /* tzcnt, andn */
    X64_HAS_BMI2 = 1u << 1, /* shlx and its kin, rorx */
    X64_HAS_LZCNT = 1u << 2,
    X64_HAS_MOVBE = 1u << 3,
    X64_HAS_SSSE3 = 1u << 4,
    X64_HAS_SSE41 = 1u << 5,
    X64_HAS_FMA = 1u << 6,
    X64_HAS_SSE3 = 1u << 7,
} X64Feature;

/* X64Feature bits of the CPU this runs on. */
uint32_t x64_features(void);

extern const HostIsa x64_host;

#endif
