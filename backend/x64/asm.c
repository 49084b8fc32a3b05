/* SPDX-License-Identifier: MIT */
/* asm.c - see asm.h. The only file that knows ModRM, REX, and VEX. */
#include "backend/x64/asm.h"

#include <glib.h>
#include <string.h>

static const struct {
    uint8_t pfx, map, rm, mr, mi, ext;
} insn[X64_N_OPS] = {
#define X64(name, pfx, map, rm, mr, mi, ext) [X64_##name] = { pfx, map, rm, mr, mi, ext },
#include "backend/x64/x64_insn.def"
};

void x64_byte(Asm *as, unsigned v)
{
    if (as->p == as->end) {
        as->full = true;
        return;
    }
    *as->p++ = (uint8_t)v;
}

void x64_u32(Asm *as, uint32_t v)
{
    if (as->end - as->p < 4) {
        as->full = true;
        return;
    }
    memcpy(as->p, &v, 4);
    as->p += 4;
}

void x64_u64(Asm *as, uint64_t v)
{
    x64_u32(as, (uint32_t)v);
    x64_u32(as, (uint32_t)(v >> 32));
}

/* Whether register @r as a byte needs a REX to not mean ah, ch, dh, bh. */
static bool odd_byte(unsigned r) { return r >= RSP && r <= RDI; }

/* Prefixes and opcode. @byte_reg, @byte_rm: that operand is a byte register. REX is left out when
 * it would be empty. */
static void opcode(Asm *as, unsigned pfx, unsigned map, unsigned op, X64Width w, unsigned reg,
                   X64Rm rm, bool byte_reg, bool byte_rm)
{
    unsigned index = rm.mem && rm.index != NO_REG ? rm.index : 0;
    unsigned bits = (unsigned)(w == W64) << 3 | (reg > 7 ? 4 : 0) | (index > 7 ? 2 : 0)
                    | (rm.reg > 7 && rm.reg != NO_REG ? 1 : 0);

    if (w == W16) {
        x64_byte(as, 0x66);
    }
    if (pfx) {
        x64_byte(as, pfx);
    }
    if (bits || (byte_reg && odd_byte(reg)) || (byte_rm && !rm.mem && odd_byte(rm.reg))) {
        x64_byte(as, 0x40 | bits);
    }
    if (map >= 1) {
        x64_byte(as, 0x0f);
    }
    if (map >= 2) {
        x64_byte(as, map == 2 ? 0x38 : 0x3a);
    }
    x64_byte(as, op);
}

static void modrm(Asm *as, unsigned reg, X64Rm rm)
{
    unsigned mod = rm.disp == 0 && (rm.reg & 7) != RBP ? 0 : rm.disp == (int8_t)rm.disp ? 1 : 2;

    reg = (reg & 7) << 3;
    if (rm.reg == NO_REG) { /* an index without a base */
        x64_byte(as, reg | 4);
        x64_byte(as, (unsigned)rm.scale << 6 | (rm.index & 7u) << 3 | 5);
        x64_u32(as, (uint32_t)rm.disp);
        return;
    }
    if (!rm.mem) {
        x64_byte(as, 0xc0 | reg | (rm.reg & 7));
        return;
    }
    if (rm.index != NO_REG || (rm.reg & 7) == RSP) {
        unsigned index = rm.index != NO_REG ? rm.index & 7 : RSP;

        x64_byte(as, mod << 6 | reg | 4);
        x64_byte(as, (unsigned)rm.scale << 6 | index << 3 | (rm.reg & 7));
    } else {
        x64_byte(as, mod << 6 | reg | (rm.reg & 7));
    }
    if (mod == 1) {
        x64_byte(as, (uint8_t)rm.disp);
    } else if (mod == 2) {
        x64_u32(as, (uint32_t)rm.disp);
    }
}

/* An opcode of map 0 in the width asked for: the byte form has bit 0 clear. */
static unsigned sized(unsigned map, unsigned op, X64Width w)
{
    return map == 0 && w == W8 ? op & ~1u : op;
}

void x64_rm(Asm *as, X64Op op, X64Width w, X64Reg reg, X64Rm rm)
{
    bool from_byte = op == X64_MOVZX8 || op == X64_MOVSX8;
    unsigned map = insn[op].map;

    g_assert(insn[op].rm != 0 || op == X64_PSHUFB);
    opcode(as, insn[op].pfx, map, sized(map, insn[op].rm, w), w, reg, rm, w == W8,
           w == W8 || from_byte);
    modrm(as, reg, rm);
}

void x64_mr(Asm *as, X64Op op, X64Width w, X64Rm rm, X64Reg reg)
{
    unsigned map = insn[op].map;

    g_assert(insn[op].mr != 0);
    opcode(as, insn[op].pfx, map, sized(map, insn[op].mr, w), w, reg, rm, w == W8, w == W8);
    modrm(as, reg, rm);
}

void x64_m(Asm *as, X64Op op, X64Width w, X64Rm rm)
{
    g_assert(insn[op].mi != 0);
    opcode(as, 0, 0, sized(0, insn[op].mi, w), w, 0, rm, false, w == W8);
    modrm(as, insn[op].ext, rm);
}

void x64_mi(Asm *as, X64Op op, X64Width w, X64Rm rm, int32_t imm)
{
    bool alu = insn[op].mi == 0x81;
    bool is_short = alu && w != W8 && imm == (int8_t)imm;

    g_assert(insn[op].mi != 0);
    if (!rm.mem && rm.reg == RAX && !is_short && (alu || op == X64_TEST)) {
        /* the accumulator has forms without ModRM */
        opcode(as, 0, 0, sized(0, alu ? insn[op].rm + 2u : 0xa9, w), w, 0, x64_reg(RAX), false,
               false);
    } else {
        opcode(as, 0, 0, is_short ? 0x83 : sized(0, insn[op].mi, w), w, 0, rm, false, w == W8);
        modrm(as, insn[op].ext, rm);
    }
    if (is_short || w == W8) {
        x64_byte(as, (uint8_t)imm);
    } else if (w == W16) {
        x64_byte(as, (uint8_t)imm);
        x64_byte(as, (uint8_t)(imm >> 8));
    } else {
        x64_u32(as, (uint32_t)imm);
    }
}

void x64_shift(Asm *as, X64Op op, X64Width w, X64Rm rm, unsigned count)
{
    g_assert(insn[op].mi == 0xc1);
    opcode(as, 0, 0, sized(0, count == 1 ? 0xd1 : 0xc1, w), w, 0, rm, false, w == W8);
    modrm(as, insn[op].ext, rm);
    if (count != 1) {
        x64_byte(as, count);
    }
}

void x64_shift_cl(Asm *as, X64Op op, X64Width w, X64Rm rm)
{
    g_assert(insn[op].mi == 0xc1);
    opcode(as, 0, 0, sized(0, 0xd3, w), w, 0, rm, false, w == W8);
    modrm(as, insn[op].ext, rm);
}

void x64_bt(Asm *as, X64Width w, X64Rm rm, unsigned bit)
{
    opcode(as, 0, 1, insn[X64_BT].mi, w, 0, rm, false, false);
    modrm(as, insn[X64_BT].ext, rm);
    x64_byte(as, bit);
}

void x64_imul_imm(Asm *as, X64Width w, X64Reg reg, X64Rm rm, int32_t imm)
{
    bool is_short = imm == (int8_t)imm;

    opcode(as, 0, 0, is_short ? 0x6b : 0x69, w, reg, rm, false, false);
    modrm(as, reg, rm);
    if (is_short) {
        x64_byte(as, (uint8_t)imm);
    } else {
        x64_u32(as, (uint32_t)imm);
    }
}

/* The three-byte VEX prefix, SDM volume 2, 2.3.5: R, X, B and vvvv are inverted. */
static void vex(Asm *as, X64Op op, X64Width w, X64Reg reg, X64Rm rm, unsigned v)
{
    unsigned index = rm.mem && rm.index != NO_REG ? rm.index : 0, pfx = insn[op].pfx;
    unsigned pp = pfx == 0x66 ? 1 : pfx == 0xf3 ? 2 : pfx == 0xf2 ? 3 : 0;

    x64_byte(as, 0xc4);
    x64_byte(as, (reg > 7 ? 0 : 0x80u) | (index > 7 ? 0 : 0x40u) | (rm.reg > 7 ? 0 : 0x20u)
                     | insn[op].map);
    x64_byte(as, (w == W64 ? 0x80u : 0) | (~v & 15) << 3 | pp);
    x64_byte(as, insn[op].rm);
    modrm(as, reg, rm);
}

void x64_vex(Asm *as, X64Op op, X64Width w, X64Reg dst, X64Rm rm, X64Reg v)
{
    vex(as, op, w, dst, rm, v);
}

void x64_rorx(Asm *as, X64Width w, X64Reg dst, X64Rm rm, unsigned count)
{
    vex(as, X64_RORX, w, dst, rm, 0);
    x64_byte(as, count);
}

void x64_cmov(Asm *as, X64Cc cc, X64Width w, X64Reg reg, X64Rm rm)
{
    opcode(as, 0, 1, 0x40u | cc, w, reg, rm, false, false);
    modrm(as, reg, rm);
}

void x64_setcc(Asm *as, X64Cc cc, X64Rm rm)
{
    opcode(as, 0, 1, 0x90u | cc, W8, 0, rm, false, true);
    modrm(as, 0, rm);
}

void x64_bswap(Asm *as, X64Width w, X64Reg reg)
{
    opcode(as, 0, 1, 0xc8u | (reg & 7), w, 0, x64_reg(reg), false, false);
}

void x64_mov_imm(Asm *as, X64Reg dst, uint64_t imm)
{
    if (imm > UINT32_MAX && (int64_t)imm == (int32_t)imm) {
        x64_mi(as, X64_MOV, W64, x64_reg(dst), (int32_t)imm);
        return;
    }
    opcode(as, 0, 0, 0xb8u | (dst & 7), imm > UINT32_MAX ? W64 : W32, 0, x64_reg(dst), false,
           false);
    if (imm > UINT32_MAX) {
        x64_u64(as, imm);
    } else {
        x64_u32(as, (uint32_t)imm);
    }
}

void x64_push(Asm *as, X64Reg reg)
{
    opcode(as, 0, 0, 0x50u | (reg & 7), W32, 0, x64_reg(reg), false, false);
}

void x64_push_imm(Asm *as, int32_t imm)
{
    if (imm == (int8_t)imm) {
        x64_byte(as, 0x6a);
        x64_byte(as, (uint8_t)imm);
    } else {
        x64_byte(as, 0x68);
        x64_u32(as, (uint32_t)imm);
    }
}

void x64_pop(Asm *as, X64Reg reg)
{
    opcode(as, 0, 0, 0x58u | (reg & 7), W32, 0, x64_reg(reg), false, false);
}

void x64_rm_imm(Asm *as, X64Op op, X64Width w, X64Reg reg, X64Rm rm, unsigned imm)
{
    x64_rm(as, op, w, reg, rm);
    x64_byte(as, imm);
}

void x64_vec_shift(Asm *as, X64Op op, X64Reg reg, unsigned imm)
{
    g_assert(insn[op].mi >= 0x71 && insn[op].mi <= 0x73);
    opcode(as, insn[op].pfx, insn[op].map, insn[op].mi, W32, 0, x64_reg(reg), false, false);
    modrm(as, insn[op].ext, x64_reg(reg));
    x64_byte(as, imm);
}

void x64_rm_rip(Asm *as, X64Op op, X64Reg reg, const uint8_t *at)
{
    uint8_t *disp;

    opcode(as, insn[op].pfx, insn[op].map, insn[op].rm, W32, reg, x64_at(RAX, 0), false, false);
    x64_byte(as, (reg & 7u) << 3 | 5);
    disp = as->p;
    x64_u32(as, 0);
    x64_patch(as, disp, at);
}

void x64_pushf(Asm *as) { x64_byte(as, 0x9c); }
void x64_popf(Asm *as) { x64_byte(as, 0x9d); }

/* Eight bytes, without REX.W. */
void x64_push_mem(Asm *as, X64Rm m)
{
    opcode(as, 0, 0, 0xff, W32, 6, m, false, false);
    modrm(as, 6, m);
}

void x64_pop_mem(Asm *as, X64Rm m)
{
    opcode(as, 0, 0, 0x8f, W32, 0, m, false, false);
    modrm(as, 0, m);
}

void x64_lahf(Asm *as) { x64_byte(as, 0x9f); }
void x64_cmc(Asm *as) { x64_byte(as, 0xf5); }

void x64_cdq(Asm *as, X64Width w)
{
    if (w == W64) {
        x64_byte(as, 0x48);
    }
    x64_byte(as, 0x99);
}

void x64_mov_ah(Asm *as, X64Rm mem)
{
    /* register number 4 as a byte without REX is ah */
    g_assert(mem.mem && mem.reg <= 7 && (mem.index == NO_REG || mem.index <= 7));
    x64_byte(as, 0x88);
    modrm(as, 4, mem);
}

void x64_ret(Asm *as, unsigned bytes)
{
    if (bytes == 0) {
        x64_byte(as, 0xc3);
    } else {
        x64_byte(as, 0xc2);
        x64_byte(as, bytes & 0xff);
        x64_byte(as, bytes >> 8);
    }
}

void x64_patch(const Asm *as, uint8_t *at, const uint8_t *to)
{
    int32_t rel = (int32_t)(to - (at + 4));

    if (!as->full) {
        memcpy(at, &rel, 4);
    }
}

static uint8_t *displacement(Asm *as, const uint8_t *to)
{
    uint8_t *at = as->p;

    x64_u32(as, 0);
    if (to) {
        x64_patch(as, at, to);
    }
    return at;
}

uint8_t *x64_jcc(Asm *as, X64Cc cc, const uint8_t *to)
{
    x64_byte(as, 0x0f);
    x64_byte(as, 0x80u | cc);
    return displacement(as, to);
}

uint8_t *x64_jmp(Asm *as, const uint8_t *to)
{
    x64_byte(as, 0xe9);
    return displacement(as, to);
}

uint8_t *x64_call(Asm *as, const uint8_t *to)
{
    x64_byte(as, 0xe8);
    return displacement(as, to);
}

uint8_t *x64_lea_rip(Asm *as, X64Reg dst, const uint8_t *to)
{
    x64_byte(as, 0x48 | (dst > 7 ? 4 : 0));
    x64_byte(as, 0x8d);
    x64_byte(as, (dst & 7u) << 3 | 5);
    return displacement(as, to);
}

/* SDM volume 2, NOP: the recommended sequences. */
void x64_align(Asm *as, unsigned ahead, unsigned align)
{
    static const uint8_t nops[8][7] = {
        { 0 },
        { 0x90 },
        { 0x66, 0x90 },
        { 0x0f, 0x1f, 0x00 },
        { 0x0f, 0x1f, 0x40, 0x00 },
        { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
    };
    unsigned n = (unsigned)(0 - ((uintptr_t)as->p + ahead)) & (align - 1);

    while (n > 0) {
        unsigned take = n > 7 ? 7 : n;

        for (unsigned i = 0; i < take; i++) {
            x64_byte(as, nops[take][i]);
        }
        n -= take;
    }
}
