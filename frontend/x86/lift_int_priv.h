/* SPDX-License-Identifier: MIT */
/* lift_int_priv.h - the operations that integer lifters share, by the argument of their rows. */
#ifndef FRONTEND_X86_LIFT_INT_PRIV_H
#define FRONTEND_X86_LIFT_INT_PRIV_H

#include "frontend/x86/lift.h"

/* As encoded in bits 5:3 of the opcode and of group 1. */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP, ALU_TEST };

enum { MUL_MUL, MUL_IMUL, MUL_DIV, MUL_IDIV };
enum {
    SHIFT_ROL,
    SHIFT_ROR,
    SHIFT_RCL,
    SHIFT_RCR,
    SHIFT_SHL,
    SHIFT_SHR,
    SHIFT_SAR,
    SHIFT_SHLD,
    SHIFT_SHRD
};
enum { BIT_BT, BIT_BTS, BIT_BTR, BIT_BTC };
enum { SCAN_FORWARD, SCAN_REVERSE };
enum { CARRY_CMC, CARRY_CLC, CARRY_STC };
enum { BCD_DAA, BCD_DAS, BCD_AAA, BCD_AAS };
enum { LOOP_NE, LOOP_E, LOOP_ALWAYS };
enum { FAR_JMP, FAR_CALL };

/* A result and its flags, computed ahead of a store that may fault, and set behind it. */
typedef struct X86Result {
    IrRef value;
    IrRef flags;   /* FLAGS */
    uint32_t kept; /* X86Cpu.kept, and what goes into pf and af */
    IrRef x, y;
} X86Result;

/* a + b, a - b; S and Z of @value, C and O clear. */
X86Result x86_sum(X86Lift *l, IrRef a, IrRef b);
X86Result x86_difference(X86Lift *l, IrRef a, IrRef b);
X86Result x86_logic_result(X86Lift *l, IrRef value);

/* ---- lift_flags.c ---- */

/* A KeptOp of operands of type @t, as X86Cpu.kept has it. */
uint32_t x86_kept(unsigned op, IrType t);
void x86_set_result_flags(X86Lift *l, const X86Result *r);
/* INC and DEC, whose value and FLAGS are @p. */
void x86_set_step_flags(X86Lift *l, IrPair p, bool up);
/* Shift @op of @a by @n with result @r and carry @c; rotate with result @r; double shift: unless
 * @n, I32, is 0. */
void x86_set_shift_flags(X86Lift *l, unsigned op, IrRef a, IrRef n, IrRef r, IrRef c);
void x86_set_rotate_flags(X86Lift *l, bool left, IrRef n, IrRef r);
void x86_set_packed_unless_zero(X86Lift *l, IrRef n, IrRef flags, IrRef r);
void x86_set_product_flags(X86Lift *l, bool is_signed, IrRef a, IrRef b);

/* ---- lift_string.c ---- */

/* With REP: nothing to do if eCX is 0. Then the iteration is lifted, then x86_end_rep(): eCX is
 * counted down, and the instruction comes again unless that made it 0. */
void x86_begin_rep(X86Lift *l);
void x86_end_rep(X86Lift *l);
/* The same for an iteration that may have changed what is pending; ends the unit without REP too.
 * */
void x86_end_rep_check(X86Lift *l);

#endif
