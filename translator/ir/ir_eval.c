/* SPDX-License-Identifier: MIT */
/* ir_eval.c - what pure operations yield, generated from ir_ops.def. */
#include "base/bits.h"
#include "translator/ir/ir.h"
#include "translator/ir/ir_meaning.h"
#include "translator/ir/ir_priv.h"

bool ir_cc_holds(IrCc cc, uint32_t flags)
{
    bool s = (flags & IR_FL_S) != 0, o = (flags & IR_FL_O) != 0;
    bool c = (flags & IR_FL_C) != 0, z = (flags & IR_FL_Z) != 0, holds = false;

    switch (cc & ~1u) {
    case CC_O: holds = o; break;
    case CC_C: holds = c; break;
    case CC_Z: holds = z; break;
    case CC_BE: holds = c || z; break;
    case CC_S: holds = s; break;
    case CC_L: holds = s != o; break;
    case CC_LE: holds = z || s != o; break;
    default: g_assert_not_reached();
    }
    return holds != ((cc & 1) != 0);
}

/* clang-format off */
IrResult ir_eval(IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, uint64_t imm)
{
    const uint64_t w = ir_type_bits(type), m = bits_mask((unsigned)MIN(w, 64)), s = m ^ m >> 1;
    const IrOpInfo *info = &ir_op_info[op];
    IrResult r = { { 0, 0 } };

    switch (op) {
#define IR_LEAF(name, dst, val)                case IR_##name: r.v[0] = (val); break;
#define IR_UN(name, dst, a_, val)              case IR_##name: r.v[0] = (val); break;
#define IR_UNI(name, dst, a_, val)             case IR_##name: r.v[0] = (val); break;
#define IR_BIN(name, dst, a_, b_, val)         case IR_##name: r.v[0] = (val); break;
#define IR_TRI(name, dst, a_, b_, c_, val)     case IR_##name: r.v[0] = (val); break;
#define IR_BIN2(name, dst, dst2, a_, b_, val, val2) \
    case IR_##name: r.v[0] = (val); r.v[1] = (val2); break;
#define IR_TRI2(name, dst, dst2, a_, b_, c_, val, val2) \
    case IR_##name: r.v[0] = (val); r.v[1] = (val2); break;
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached(); /* an operation with an effect */
    }
    r.v[0] &= ir_type_mask(ir_col_type(info->dst[0], type));
    r.v[1] &= ir_type_mask(ir_col_type(info->dst[1], type));
    return r;
}
/* clang-format on */
