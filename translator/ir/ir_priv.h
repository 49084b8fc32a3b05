/* SPDX-License-Identifier: MIT */
/* ir_priv.h - what the files of the IR share. */
#ifndef TRANSLATOR_IR_IR_PRIV_H
#define TRANSLATOR_IR_IR_PRIV_H

#include "translator/ir/ir.h"

/* The operation that defines @ref. */
static inline const IrInsn *ir_def(const IrBlock *blk, IrRef ref) { return &blk->insn[ref / 2]; }

/* The type a result column stands for in an instruction of type @type. */
static inline IrType ir_col_type(IrCol col, IrType type)
{
    return col == COL_T ? type : (IrType)col;
}

/* The low bits that a value of @type has: those of IrFlags for FLAGS. */
uint64_t ir_type_mask(IrType type);

/* Appends as it is. */
IrRef ir_append(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, uint64_t imm);

/* What a pure one-result operation is already, or becomes in simpler operations; IR_NONE if it must
 * be appended, then perhaps with @in's operands exchanged. */
IrRef ir_fold(IrBlock *blk, IrInsn *in);

/* The same for two results. */
IrPair ir_fold2(IrBlock *blk, IrInsn *in);

#endif
