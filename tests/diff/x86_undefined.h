/* SPDX-License-Identifier: MIT */
/* x86_undefined.h - status flags that an instruction leaves undefined; without a C library. */
#ifndef TESTS_DIFF_X86_UNDEFINED_H
#define TESTS_DIFF_X86_UNDEFINED_H

#include <stdbool.h>
#include <stdint.h>

/**
 * x86_undefined_by - status flags that an instruction leaves undefined.
 * @name:  its row's
 * @count: of a shift, in the encoding or CL; others take no notice
 * @bits:  of its first operand
 */
uint32_t x86_undefined_by(const char *name, unsigned count, unsigned bits);

/* Whether a double shift's result is undefined too. */
bool x86_result_undefined_by(const char *name, unsigned count, unsigned bits);

#endif
