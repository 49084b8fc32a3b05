/* SPDX-License-Identifier: MIT */
/*
 * ir_print.c - blocks as text.
 *
 *   v7, v7b = subf.i32 v3 #0x4
 *
 * is operation 7. Constants stand where they are used and have no line of their own.
 */
#include <inttypes.h>

#include "translator/ir/ir.h"
#include "translator/ir/isa.h"

static const char *const cc_names[16] = { "o", "no", "c", "nc", "z", "nz", "be", "a",
                                          "s", "ns", "p", "np", "l", "ge", "le", "g" };

static void print_use(const IrBlock *blk, IrRef ref, GString *out)
{
    uint64_t value;

    if (ref == IR_NONE) {
        return;
    }
    if (ref / 2u < blk->n && ir_is_const(blk, ref, &value)) {
        g_string_append_printf(out, " #0x%" PRIx64, value);
    } else {
        g_string_append_printf(out, " v%u%s", ref / 2u, ref % 2 ? "b" : "");
    }
}

/* "32", "16s be a2 only": size and sign, byte order, alignment demanded in bytes, the rest. */
static void print_memop(uint64_t memop, GString *out)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = { { MO_UNPRIV, " unpriv" }, { MO_TSO, " tso" },     { MO_ATOMIC, " atomic" },
                  { MO_ONLY, " only" },     { MO_WRITE, " write" }, { MO_DOWN, " down" } };

    g_string_append_printf(out, " %u%s%s", 8 * memop_bytes(memop), memop & MO_SIGN ? "s" : "",
                           memop & MO_BE ? " be" : "");
    if (memop_align(memop) != 0) {
        g_string_append_printf(out, " a%u", 1u << memop_align(memop));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if ((memop & words[i].bit) != 0) {
            g_string_append(out, words[i].word);
        }
    }
}

static void print_imm(const IrBlock *blk, const IrInsn *in, GString *out)
{
    switch (ir_op_info[in->op].imm) {
    case IMM_NONE: break;
    case IMM_VALUE: g_string_append_printf(out, " #0x%" PRIx64, in->imm); break;
    case IMM_GLOBAL: g_string_append_printf(out, " %s", blk->isa->globals[in->imm].name); break;
    case IMM_OFFSET: g_string_append_printf(out, " [%+" PRId32 "]", (int32_t)in->imm); break;
    case IMM_MEMOP: print_memop(in->imm, out); break;
    case IMM_CC: g_string_append_printf(out, " %s", cc_names[in->imm & 15]); break;
    case IMM_HELPER: g_string_append_printf(out, " %s", blk->isa->helpers[in->imm].name); break;
    case IMM_PC:
        if (in->op == IR_jump) {
            g_string_append_printf(out, " mode %" PRIx32 "%s", ir_pc_mode(in->imm),
                                   ir_pc_va(in->imm) & IR_ISA_BIT ? " isa" : "");
        } else {
            g_string_append_printf(out, " %08" PRIx32 " mode %" PRIx32, ir_pc_va(in->imm),
                                   ir_pc_mode(in->imm));
        }
        break;
    case IMM_RUN:
        print_memop((uint32_t)in->imm, out);
        g_string_append_printf(out, " +%" PRIu64, in->imm >> 32);
        break;
    case IMM_LEDGER: g_string_append_printf(out, " row %" PRIu64, in->imm); break;
    case IMM_LANE:
        g_string_append_printf(out, " x%u", 8u << ir_lane_log2(in->imm));
        if (ir_op_info[in->op].max_arg != 0) {
            g_string_append_printf(out, " %u", ir_lane_arg(in->imm));
        }
        break;
    case IMM_BITS:
    case IMM_ENV: g_string_append_printf(out, " %" PRIu64, in->imm); break;
    }
}

static void print_insn(const IrBlock *blk, unsigned i, GString *out)
{
    const IrInsn *in = &blk->insn[i];
    const IrOpInfo *info = &ir_op_info[in->op];
    bool imm_first = info->imm == IMM_GLOBAL || info->imm == IMM_OFFSET || info->imm == IMM_HELPER;
    bool has_result = info->dst[0] != COL_NO && (in->op != IR_call || in->type != T_NO);

    if (in->op == IR_const) {
        return;
    }
    if (in->op != IR_insn) {
        g_string_append(out, "  ");
    }
    if (has_result) {
        g_string_append_printf(out, "v%u", i);
        if (info->dst[1] != COL_NO) {
            g_string_append_printf(out, ", v%ub", i);
        }
        g_string_append(out, " = ");
    }
    g_string_append(out, info->name);
    if (in->type != T_NO) {
        g_string_append_printf(out, ".%s", ir_type_name(in->type));
    }
    if (imm_first) {
        print_imm(blk, in, out);
    }
    print_use(blk, in->a, out);
    print_use(blk, in->b, out);
    print_use(blk, in->c, out);
    if (!imm_first) {
        print_imm(blk, in, out);
    }
    g_string_append_c(out, '\n');
}

void ir_print(const IrBlock *blk, GString *out)
{
    for (unsigned i = 0; i < blk->n; i++) {
        print_insn(blk, i, out);
    }
}
