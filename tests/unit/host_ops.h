/* SPDX-License-Identifier: MIT */
/* host_ops.h - runs every operation on a host and compares it with its definition. */
#ifndef TESTS_UNIT_HOST_OPS_H
#define TESTS_UNIT_HOST_OPS_H

#include "tests/unit/host_harness.h"

/* Every pure row at every type it has, over edge operands, also with a constant second operand. */
void host_ops_expect_pure(Harness *h);

/* Every FP row at both types, results and flags of the environment. */
void host_ops_expect_fp(Harness *h);

/* The same for the vector rows, every lane and many arguments of each. */
void host_ops_expect_vec(Harness *h);

/* The same for the SSE rows, under many values of MXCSR. */
void host_ops_expect_sse(Harness *h);

#endif
