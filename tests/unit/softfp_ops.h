/* SPDX-License-Identifier: MIT */
/* softfp_ops.h - the software FP's functions behind one signature, for tables of tests. */
#ifndef TESTS_UNIT_SOFTFP_OPS_H
#define TESTS_UNIT_SOFTFP_OPS_H

#include "translator/ir/softfp.h"

typedef uint64_t (*SfpOp)(uint64_t a, uint64_t b, uint64_t c, FpEnv *env);

#define SFP_OP(name, call) \
    static inline uint64_t op_##name(uint64_t a, uint64_t b, uint64_t c, FpEnv *env) \
    { \
        (void)b, (void)c, (void)env; \
        return sfp_##name call; \
    }
#define SFP_OPS(name, call32, call64) SFP_OP(name##32, call32) SFP_OP(name##64, call64)
#define SFP_UN(name) SFP_OPS(name, ((uint32_t)a, env), (a, env))
#define SFP_BIN(name) SFP_OPS(name, ((uint32_t)a, (uint32_t)b, env), (a, b, env))
#define SFP_BIN32(name) SFP_OP(name, ((uint32_t)a, (uint32_t)b, env))

SFP_BIN(add)
SFP_BIN(sub)
SFP_BIN(mul)
SFP_BIN(div)
SFP_UN(sqrt)
SFP_OPS(fma, ((uint32_t)a, (uint32_t)b, (uint32_t)c, env), (a, b, c, env))
SFP_OPS(mac, ((uint32_t)a, (uint32_t)b, (uint32_t)c, env), (a, b, c, env))
SFP_OPS(mas, ((uint32_t)a, (uint32_t)b, (uint32_t)c, env), (a, b, c, env))
SFP_UN(abs)
SFP_UN(neg)
SFP_BIN(max)
SFP_BIN(min)
SFP_BIN(compare_quiet)
SFP_BIN(compare_signalling)
SFP_OP(32_to_64, ((uint32_t)a, env))
SFP_OP(64_to_32, (a, env))
SFP_OP(16_to_32, ((uint16_t)a, env))
SFP_OP(32_to_16, ((uint32_t)a, env))
SFP_OP(16_to_64, ((uint16_t)a, env))
SFP_OP(64_to_16, (a, env))
SFP_OP(32_to_i32, ((uint32_t)a, (unsigned)b, env))
SFP_OP(32_to_u32, ((uint32_t)a, (unsigned)b, env))
SFP_OP(32_to_i64, ((uint32_t)a, (unsigned)b, env))
SFP_OP(64_to_i32, (a, (unsigned)b, env))
SFP_OP(64_to_u32, (a, (unsigned)b, env))
SFP_OP(64_to_i64, (a, (unsigned)b, env))
SFP_OP(32_from_i32, ((uint32_t)a, env))
SFP_OP(32_from_u32, ((uint32_t)a, env))
SFP_OP(32_from_i64, (a, env))
SFP_OP(64_from_i32, ((uint32_t)a, env))
SFP_OP(64_from_u32, ((uint32_t)a, env))
SFP_OP(64_from_i64, (a, env))
SFP_OPS(round_int, ((uint32_t)a, (unsigned)b, c != 0, env), (a, (unsigned)b, c != 0, env))
SFP_OP(recip_estimate32, ((uint32_t)a, env))
SFP_OP(rsqrt_estimate32, ((uint32_t)a, env))
SFP_BIN32(recip_step32)
SFP_BIN32(rsqrt_step32)
SFP_OP(recip_estimate_fixed, ((uint32_t)a))
SFP_OP(rsqrt_estimate_fixed, ((uint32_t)a))

#undef SFP_OP
#undef SFP_OPS
#undef SFP_UN
#undef SFP_BIN
#undef SFP_BIN32

#endif
