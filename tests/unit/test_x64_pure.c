/* SPDX-License-Identifier: MIT */
/* test_x64_pure.c - code for single operations against their definition in ir_ops.def. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/x64/x64.h"
#include "tests/unit/host_ops.h"

static void with_features_off(uint32_t off)
{
    const HostOptions options = { .chain = true, .cpu_features_off = off };
    Harness *h = harness_new(&x64_host, &options);

    host_ops_expect_pure(h);
    harness_free(h);
}

Test(x64_pure, every_operation_agrees_with_its_definition) { with_features_off(0); }
Test(x64_pure, and_so_it_does_on_an_old_cpu) { with_features_off(UINT32_MAX); }

Test(x64_pure, every_fp_operation_agrees_with_the_software_fp)
{
    Harness *h = harness_new(&x64_host, NULL);

    host_ops_expect_fp(h);
    harness_free(h);
}

static void vectors(uint32_t off)
{
    const HostOptions options = { .chain = true, .cpu_features_off = off };
    Harness *h = harness_new(&x64_host, &options);

    host_ops_expect_vec(h);
    host_ops_expect_sse(h);
    harness_free(h);
}

Test(x64_pure, every_vector_operation_agrees_with_its_definition) { vectors(0); }
Test(x64_pure, vectors_without_ssse3_and_sse41_do_too) { vectors(UINT32_MAX); }
