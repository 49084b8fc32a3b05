/* SPDX-License-Identifier: MIT */
/* lift_fp_priv.h - what the floating-point and Advanced SIMD lifters share, helpers included. */
#ifndef FRONTEND_ARM_LIFT_FP_PRIV_H
#define FRONTEND_ARM_LIFT_FP_PRIV_H

#include <string.h>

#include "frontend/arm/lift.h"

/* ---- ARG() of the rows ---- */

typedef enum VfpOp {
    VFP_ADD,
    VFP_SUB,
    VFP_MUL,
    VFP_NMUL,
    VFP_DIV,
    VFP_MLA,
    VFP_MLS,
    VFP_NMLA,
    VFP_NMLS,
    VFP_FMA,
    VFP_FMS,
    VFP_FNMA,
    VFP_FNMS,
    VFP_MOV,
    VFP_ABS,
    VFP_NEG,
    VFP_SQRT,
} VfpOp;

enum { VCMP_E = 1, VCMP_ZERO = 2 };
enum { VFP_DOUBLE = 1, VFP_DB = 2, VMOV_TO_CORE = 2 };

/* The system registers, as VMRS and VMSR number them. */
enum { VFP_FPSID = 0, VFP_FPSCR = 1, VFP_MVFR1 = 6, VFP_MVFR0 = 7, VFP_FPEXC = 8 };

typedef enum SimdBits {
    SIMD_AND,
    SIMD_BIC,
    SIMD_ORR,
    SIMD_ORN,
    SIMD_EOR,
    SIMD_BSL,
    SIMD_BIT,
    SIMD_BIF,
    SIMD_MOV,
    SIMD_MVN,
} SimdBits;

/* Structures of @n elements from registers @apart, @groups times. */
#define SIMD_MULTIPLE(n, apart, groups) ((n) | (apart) << 4 | (groups) << 8)
/* One structure of @n elements of 1 << @size bytes. */
#define SIMD_LANE(n, size) ((n) | (size) << 4)

/* ---- lifters ---- */

/* The register of field @letter: the doubleword's number, or as a single-precision one. */
unsigned arm_fp_reg(const ArmLift *l, char letter);
static inline unsigned arm_fp_single(unsigned reg) { return (reg & 15) << 1 | reg >> 4; }

/* Where D[n] and S[n] are. */
int32_t arm_fp_d(unsigned n);
int32_t arm_fp_s(unsigned n);

/* Whether the extension registers may be used here; if not, Undefined Instruction is raised. */
bool arm_fp_begin(ArmLift *l);
/* The same for what CPACR.ASEDIS (@simd) or FPSCR.LEN also forbid. */
bool arm_fp_begin_op(ArmLift *l, bool simd);

static inline IrRef arm_fp_const(ArmLift *l, uint64_t v) { return ir_const(l->blk, T_I64, v); }

/* ---- arguments of the helpers of simd_ops.def ---- */

typedef struct SimdArgs {
    uint8_t d, n, m;     /* doubleword registers */
    uint8_t size;        /* log2 of the bytes of the narrower elements */
    uint8_t regs;        /* doublewords: 1 or 2 */
    uint8_t is_unsigned; /* 1 if so */
    uint8_t shift;
    uint8_t operand; /* what the second operand is: SIMD_VECTOR, or SIMD_ZERO, or SIMD_SCALAR + i */
} SimdArgs;

enum { SIMD_VECTOR, SIMD_ZERO, SIMD_SCALAR };

static inline uint64_t simd_pack(SimdArgs s)
{
    uint64_t v;

    memcpy(&v, &s, sizeof(v));
    return v;
}

static inline SimdArgs simd_unpack(uint64_t v)
{
    SimdArgs s;

    memcpy(&s, &v, sizeof(s));
    return s;
}

/* What @helper of simd_ops.def would do, by vector rows; false: only the helper can. */
bool arm_simd_rows(ArmLift *l, unsigned helper, SimdArgs s);
bool arm_simd_permute_rows(ArmLift *l, unsigned helper, SimdArgs s);

/* ---- arguments of the conversions ---- */

enum {
    CVT_DOUBLE = 1 << 0, /* of the floating-point side */
    CVT_SIGNED = 1 << 1,
    CVT_NEAREST = 1 << 2, /* round to nearest; else as FPSCR says */
    CVT_ZERO = 1 << 3,    /* round to zero */
    CVT_16 = 1 << 4,      /* 16-bit fixed point; else 32 */
    CVT_WIDE = 1 << 5,    /* the integer is to be extended to 64 bits */
    CVT_FRACTION = 8,     /* fraction bits from this bit up */
};

#endif
