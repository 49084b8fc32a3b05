/* SPDX-License-Identifier: MIT */
/* asm.h - writes x86-64 instructions into a buffer; knows encodings, not IR. */
#ifndef BACKEND_X64_ASM_H
#define BACKEND_X64_ASM_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
typedef enum X64Reg {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
    XMM0 = 0, XMM1, XMM2,
    NO_REG = 0xff
} X64Reg;

typedef enum X64Op {
#define X64(name, pfx, map, rm, mr, mi, ext) X64_##name,
#include "backend/x64/x64_insn.def"
    X64_N_OPS
} X64Op;
/* clang-format on */

typedef enum X64Width { W8, W16, W32, W64 } X64Width; /* W32 clears bits 63 to 32 */

/* SDM volume 1, appendix B. */
typedef enum X64Cc {
    X64CC_O,
    X64CC_NO,
    X64CC_B,
    X64CC_AE,
    X64CC_E,
    X64CC_NE,
    X64CC_BE,
    X64CC_A,
    X64CC_S,
    X64CC_NS,
    X64CC_P,
    X64CC_NP,
    X64CC_L,
    X64CC_GE,
    X64CC_LE,
    X64CC_G,
} X64Cc;

/* A register, or memory at base + index * (1 << scale) + disp; base or index may be NO_REG. */
typedef struct X64Rm {
    uint8_t reg, index, scale; /* @reg is the base of a memory operand */
    bool mem;
    int32_t disp;
} X64Rm;

static inline X64Rm x64_reg(X64Reg r) { return (X64Rm){ (uint8_t)r, NO_REG, 0, false, 0 }; }
static inline X64Rm x64_at(X64Reg base, int32_t disp)
{
    return (X64Rm){ (uint8_t)base, NO_REG, 0, true, disp };
}
static inline X64Rm x64_index(X64Reg base, X64Reg index, unsigned scale, int32_t disp)
{
    return (X64Rm){ (uint8_t)base, (uint8_t)index, (uint8_t)scale, true, disp };
}

/* Emission past @end is dropped and sets @full; the caller checks once. */
typedef struct Asm {
    uint8_t *p, *end;
    bool full;
} Asm;

void x64_byte(Asm *as, unsigned v);
void x64_u32(Asm *as, uint32_t v);
void x64_u64(Asm *as, uint64_t v);

void x64_rm(Asm *as, X64Op op, X64Width w, X64Reg reg, X64Rm rm); /* op reg, r/m */
void x64_mr(Asm *as, X64Op op, X64Width w, X64Rm rm, X64Reg reg); /* op r/m, reg */
void x64_m(Asm *as, X64Op op, X64Width w, X64Rm rm);              /* op r/m */
/* op r/m, imm: for ADD .. CMP the short form where there is one, TEST and MOV. */
void x64_mi(Asm *as, X64Op op, X64Width w, X64Rm rm, int32_t imm);
void x64_shift(Asm *as, X64Op op, X64Width w, X64Rm rm, unsigned count); /* ROL .. SAR */
void x64_shift_cl(Asm *as, X64Op op, X64Width w, X64Rm rm);
void x64_bt(Asm *as, X64Width w, X64Rm rm, unsigned bit);
void x64_imul_imm(Asm *as, X64Width w, X64Reg reg, X64Rm rm, int32_t imm);
/* VEX: SHLX, SHRX, SARX: dst = rm shifted by v; ANDN: dst = ~v & rm. */
void x64_vex(Asm *as, X64Op op, X64Width w, X64Reg dst, X64Rm rm, X64Reg v);
void x64_rorx(Asm *as, X64Width w, X64Reg dst, X64Rm rm, unsigned count);
void x64_cmov(Asm *as, X64Cc cc, X64Width w, X64Reg reg, X64Rm rm);
void x64_setcc(Asm *as, X64Cc cc, X64Rm rm); /* a byte */
void x64_bswap(Asm *as, X64Width w, X64Reg reg);
void x64_mov_imm(Asm *as, X64Reg dst, uint64_t imm); /* the shortest; leaves the flags */
void x64_push(Asm *as, X64Reg reg);
void x64_push_imm(Asm *as, int32_t imm); /* sign-extended to 64 bits */
void x64_pop(Asm *as, X64Reg reg);
/* SSE, where a register is an XMM register's number. */
void x64_rm_imm(Asm *as, X64Op op, X64Width w, X64Reg reg, X64Rm rm, unsigned imm);
void x64_vec_shift(Asm *as, X64Op op, X64Reg reg, unsigned imm); /* PSLLW .. PSLLDQ */
/* op reg, [rip + disp32], which is at @at */
void x64_rm_rip(Asm *as, X64Op op, X64Reg reg, const uint8_t *at);
void x64_pushf(Asm *as);
void x64_popf(Asm *as);
void x64_push_mem(Asm *as, X64Rm m);
void x64_pop_mem(Asm *as, X64Rm m);
void x64_lahf(Asm *as);
void x64_cmc(Asm *as);
void x64_cdq(Asm *as, X64Width w);   /* edx:eax from eax, or W64 */
void x64_mov_ah(Asm *as, X64Rm mem); /* mem = ah */
void x64_ret(Asm *as, unsigned bytes);

/* Jumps and calls with a 32-bit displacement: the place of the displacement, for x64_patch(). With
 * @to NULL it is left zero. */
uint8_t *x64_jcc(Asm *as, X64Cc cc, const uint8_t *to);
uint8_t *x64_jmp(Asm *as, const uint8_t *to);
uint8_t *x64_call(Asm *as, const uint8_t *to);
/* The displacement at @at leads to @to. NULL is ignored: the buffer was full. */
void x64_patch(const Asm *as, uint8_t *at, const uint8_t *to);
/* lea dst, [rip + disp32]: the place of the displacement. */
uint8_t *x64_lea_rip(Asm *as, X64Reg dst, const uint8_t *to);

/* Fills with no-operations until the byte @ahead bytes on is at a multiple of @align, a power of
 * two. */
void x64_align(Asm *as, unsigned ahead, unsigned align);

#endif
