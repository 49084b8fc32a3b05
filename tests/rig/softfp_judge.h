/* SPDX-License-Identifier: MIT */
/* softfp_judge.h - MPFR as a second opinion on the software FP. */
#ifndef TESTS_RIG_SOFTFP_JUDGE_H
#define TESTS_RIG_SOFTFP_JUDGE_H

#include "translator/ir/softfp.h"

/* A binary interchange format as IEEE 754-2008 3.3 counts: @precision includes the leading one. */
typedef struct Width {
    int precision;
    int bits;
    int max_exp;
} Width;

extern const Width judge_half, judge_single, judge_double;

typedef enum JudgeOp {
    JUDGE_ADD,
    JUDGE_SUB,
    JUDGE_MUL,
    JUDGE_DIV,
    JUDGE_SQRT,
    JUDGE_FMA,
    JUDGE_CONVERT,
} JudgeOp;

unsigned judge_operands(JudgeOp op);

/**
 * judge_op - the result in format @to of @op on operands in format @from; adds to @env's flags.
 * NaNs by ARM's rule; half precision in IEEE format only.
 */
uint64_t judge_op(JudgeOp op, const Width *from, const Width *to, const uint64_t *v, FpEnv *env);

/* The same by MIPS's rules, legacy NaNs: MD00343 5.5. With FP_UNIMPLEMENTED nothing else counts.
 * Where overflow or underflow traps (@env's trap) only what needed rounding is inexact. */
uint64_t judge_mips(JudgeOp op, const Width *from, const Width *to, const uint64_t *v, FpEnv *env);

/* The same of sfp_<from>_to_fixed() and sfp_<to>_from_fixed(), out of range as ARM does. */
uint64_t judge_to_fixed(const Width *from, uint64_t a, SfpFixed to, FpEnv *env);
uint64_t judge_from_fixed(const Width *to, uint64_t a, SfpFixed from, FpEnv *env);

/* Of sfp_round_int<width>() with exact set. */
uint64_t judge_round_int(const Width *w, uint64_t a, unsigned rounding, FpEnv *env);

#endif
