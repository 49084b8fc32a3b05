/* SPDX-License-Identifier: MIT */
/*
 * lift_m16.c - MIPS16e, MD00076.
 *
 * Most instructions are MIPS32 ones with fewer registers and smaller immediates: they fill in
 * the fields of those and are lifted by the same code.
 */
#include "base/bits.h"
#include "frontend/mips/lift_half_priv.h"
#include "frontend/mips/lift_m16_priv.h"

enum { T = 24, SP = 29, RA = 31 };

/* ---- fields ---- */

static bool is_extended(const MipsLift *l) { return l->row->enc == ENC_M16X; }

/* Sixteen bits of immediate: low five, j, k. */
static uint32_t extended_imm(const MipsLift *l)
{
    return mips_field(l, 'k') << 11 | mips_field(l, 'j') << 5 | mips_field(l, 'i');
}

/* The immediate: extended it is signed and as it is, else @shift to the left. */
static uint32_t unsigned_imm(const MipsLift *l, unsigned shift)
{
    return is_extended(l) ? bits_sext32(extended_imm(l), 16) : mips_field(l, 'i') << shift;
}

/* The same of @bits bits that are signed. */
static uint32_t signed_imm(const MipsLift *l, unsigned bits, unsigned shift)
{
    return is_extended(l) ? bits_sext32(extended_imm(l), 16)
                          : bits_sext32(mips_field(l, 'i'), bits) << shift;
}

/* Extended it is still unsigned. */
static uint32_t logical_imm(const MipsLift *l)
{
    return is_extended(l) ? extended_imm(l) : mips_field(l, 'i');
}

/* ---- arithmetic ---- */

/* rx = sp + imm */
void mips_lift_m16_addiusp(MipsLift *l)
{
    mips_immediate(l, mips_reg3(l, 'x'), SP, unsigned_imm(l, 2));
}

/* rx = rx + imm */
void mips_lift_m16_addiu8(MipsLift *l)
{
    mips_immediate(l, mips_reg3(l, 'x'), mips_reg3(l, 'x'), signed_imm(l, 8, 0));
}

/* ry = rx + imm; extended it has 15 bits */
void mips_lift_m16_addiu(MipsLift *l)
{
    uint32_t imm = mips_field(l, 'i');

    if (is_extended(l)) {
        imm = bits_sext32(mips_field(l, 'k') << 11 | mips_field(l, 'j') << 4 | imm, 15);
    } else {
        imm = bits_sext32(imm, 4);
    }
    mips_immediate(l, mips_reg3(l, 'y'), mips_reg3(l, 'x'), imm);
}

/* sp = sp + imm */
void mips_lift_m16_adjsp(MipsLift *l) { mips_immediate(l, SP, SP, signed_imm(l, 8, 3)); }

/* SLTI, SLTIU: T = rx < imm */
void mips_lift_m16_slti(MipsLift *l)
{
    mips_immediate(l, T, mips_reg3(l, 'x'), unsigned_imm(l, 0));
}

/* rx = imm */
void mips_lift_m16_li(MipsLift *l)
{
    mips_set(l, mips_reg3(l, 'x'), mips_const(l, logical_imm(l)));
}

/* T = rx ^ imm */
void mips_lift_m16_cmpi(MipsLift *l) { mips_immediate(l, T, mips_reg3(l, 'x'), logical_imm(l)); }

/* What PC means: in the delay slot of a jump that of the jump (MD00076 3.9). Word-aligned. */
static Gva base_pc(const MipsLift *l)
{
    Gva pc = l->pc;

    if ((l->mode & MIPS_MODE_SLOT) != 0) {
        pc -= (l->mode & MIPS_MODE_SLOT2) != 0 ? 2 : 4;
    }
    return pc & ~3u;
}

/* rx = PC + imm */
void mips_lift_m16_addiupc(MipsLift *l)
{
    mips_set(l, mips_reg3(l, 'x'), mips_const(l, base_pc(l) + unsigned_imm(l, 2)));
}

/* rz = rx op ry */
void mips_lift_m16_rrr(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'z'), mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* SLT, SLTU, CMP: T = rx op ry */
void mips_lift_m16_compare(MipsLift *l)
{
    mips_give_regs(l, T, mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* rx = rx op ry */
void mips_lift_m16_logic(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* NEG: rx = 0 - ry; NOT: rx = 0 nor ry */
void mips_lift_m16_negate(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), 0, mips_reg3(l, 'y'));
    mips_lift_alu_reg(l);
}

/* MOVR32: ry = r32; MOV32R: r32 = rz */
void mips_lift_m16_move(MipsLift *l)
{
    if (mips_arg(l) != 0) {
        mips_set(l, mips_reg3(l, 'y'), mips_get_field(l, 'r'));
    } else {
        mips_set(l, mips_field(l, 'p') << 3 | mips_field(l, 'q'), mips_get(l, mips_reg3(l, 'z')));
    }
}

/* ZEB, ZEH: rx = its low bits */
void mips_lift_m16_zext(MipsLift *l)
{
    uint32_t mask = (1u << mips_arg(l)) - 1;
    IrRef v = mips_get(l, mips_reg3(l, 'x'));

    mips_set(l, mips_reg3(l, 'x'), ir_and(l->blk, T_I32, v, mips_const(l, mask)));
}

/* SEB, SEH: the same with sign */
void mips_lift_m16_sext(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), 0, mips_reg3(l, 'x'));
    mips_lift_sext(l);
}

/* SLL, SRL, SRA: rx = ry shifted; not extended, 0 means 8 */
void mips_lift_m16_shift(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'x'), 0, mips_reg3(l, 'y'));
    if (!is_extended(l) && mips_field(l, 'h') == 0) {
        mips_give(l, 'h', 8);
    }
    mips_lift_shift(l);
}

/* SLLV, SRLV, SRAV: ry = ry shifted by rx */
void mips_lift_m16_shiftv(MipsLift *l)
{
    mips_give_regs(l, mips_reg3(l, 'y'), mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_shiftv(l);
}

/* ---- HI and LO ---- */

void mips_lift_m16_mfhi(MipsLift *l) { mips_set(l, mips_reg3(l, 'x'), mips_get_hi(l, 0)); }

void mips_lift_m16_mflo(MipsLift *l) { mips_set(l, mips_reg3(l, 'x'), mips_get_lo(l, 0)); }

void mips_lift_m16_mult(MipsLift *l)
{
    mips_give_regs(l, 0, mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_mult(l);
}

void mips_lift_m16_div(MipsLift *l)
{
    mips_give_regs(l, 0, mips_reg3(l, 'x'), mips_reg3(l, 'y'));
    mips_lift_div(l);
}

/* ---- loads and stores ---- */

static void address(MipsLift *l, unsigned t, unsigned base, unsigned shift)
{
    mips_give_imm(l, t, base, unsigned_imm(l, shift));
}

/* ry = [rx + imm] */
void mips_lift_m16_load(MipsLift *l)
{
    address(l, mips_reg3(l, 'y'), mips_reg3(l, 'x'), mips_arg(l) & MO_SIZE);
    mips_lift_load(l);
}

/* [rx + imm] = ry */
void mips_lift_m16_store(MipsLift *l)
{
    address(l, mips_reg3(l, 'y'), mips_reg3(l, 'x'), mips_arg(l) & MO_SIZE);
    mips_lift_store(l);
}

/* rx = [sp + imm], [sp + imm] = rx, = ra */
void mips_lift_m16_lwsp(MipsLift *l)
{
    address(l, mips_reg3(l, 'x'), SP, 2);
    mips_lift_load(l);
}

void mips_lift_m16_swsp(MipsLift *l)
{
    address(l, mips_reg3(l, 'x'), SP, 2);
    mips_lift_store(l);
}

void mips_lift_m16_swrasp(MipsLift *l)
{
    address(l, RA, SP, 2);
    mips_lift_store(l);
}

/* rx = [PC + imm] */
void mips_lift_m16_lwpc(MipsLift *l)
{
    IrRef va = mips_const(l, base_pc(l) + unsigned_imm(l, 2));

    mips_watch_access(l, va, 1, false);
    mips_set(l, mips_reg3(l, 'x'), ir_ld(l->blk, T_I32, va, mips_memop(l, MO_32) | MO_ONLY));
}

/* ---- SAVE and RESTORE ---- */

/* What goes where: registers from the top of the frame down, arguments above it. */
typedef struct Frame {
    uint8_t reg[16];
    unsigned n, n_args;
    uint32_t bytes;
    bool bad;
} Frame;

/* MD00076, table of aregs: how many of a0 to a3 are arguments, how many statics. */
static const struct {
    uint8_t args, statics;
} aregs[16] = {
    { 0, 0 }, { 0, 1 }, { 0, 2 }, { 0, 3 }, { 1, 0 }, { 1, 1 }, { 1, 2 }, { 1, 3 },
    { 2, 0 }, { 2, 1 }, { 2, 2 }, { 0, 4 }, { 3, 0 }, { 3, 1 }, { 4, 0 }, { 0, 0 },
};

static Frame frame(const MipsLift *l)
{
    Frame f = { .bytes = mips_field(l, 'f') * 8, .n_args = aregs[mips_field(l, 'a')].args };
    unsigned xsregs = mips_field(l, 'q'), statics = aregs[mips_field(l, 'a')].statics;

    f.bad = mips_field(l, 'a') == 15; /* reserved: Reserved Instruction */
    f.bytes = f.bytes == 0 && !is_extended(l) ? 128 : f.bytes;
    if (mips_field(l, 'r') != 0) {
        f.reg[f.n++] = RA;
    }
    for (unsigned i = xsregs; i > 0; i--) {
        f.reg[f.n++] = i == 7 ? 30 : (uint8_t)(17 + i);
    }
    if (mips_field(l, 'h') != 0) {
        f.reg[f.n++] = 17;
    }
    if (mips_field(l, 'g') != 0) {
        f.reg[f.n++] = 16;
    }
    for (unsigned i = 0; i < statics; i++) {
        f.reg[f.n++] = (uint8_t)(7 - i);
    }
    return f;
}

/* Arguments to where the caller left room, registers below sp, sp = sp - frame */
void mips_lift_m16_save(MipsLift *l)
{
    const uint64_t memop = mips_memop(l, MO_32);
    const Frame f = frame(l);
    const uint32_t below = 4 * f.n;
    IrRef sp = mips_get(l, SP), va, run;

    if (f.bad) {
        mips_reserved(l);
        return;
    }
    if (f.n + f.n_args != 0) {
        va = ir_sub(l->blk, T_I32, sp, mips_const(l, below));
        mips_watch_access(l, va, 4 * (f.n + f.n_args), true);
        run = ir_run(l->blk, va, memop | MO_WRITE | MO_DOWN, 4 * (f.n + f.n_args));
        for (unsigned i = 0; i < f.n_args; i++) {
            ir_rst(l->blk, run, va, mips_get(l, 4 + i), memop, below + 4 * i);
        }
        for (unsigned i = 0; i < f.n; i++) {
            ir_rst(l->blk, run, va, mips_get(l, f.reg[i]), memop, below - 4 * (i + 1));
        }
    }
    mips_set(l, SP, ir_sub(l->blk, T_I32, sp, mips_const(l, f.bytes)));
}

/* Registers from below sp + frame, which sp becomes */
void mips_lift_m16_restore(MipsLift *l)
{
    const uint64_t memop = mips_memop(l, MO_32);
    const Frame f = frame(l);
    IrRef top, va, run, v[G_N_ELEMENTS(f.reg)];

    if (f.bad) {
        mips_reserved(l);
        return;
    }
    top = mips_get(l, SP);
    top = ir_add(l->blk, T_I32, top, mips_const(l, f.bytes));
    if (f.n != 0) {
        va = ir_sub(l->blk, T_I32, top, mips_const(l, 4 * f.n));
        mips_watch_access(l, va, 4 * f.n, false);
        run = ir_run(l->blk, va, memop | MO_DOWN, 4 * f.n);
        for (unsigned i = 0; i < f.n; i++) {
            v[i] = ir_rld(l->blk, run, va, memop, 4 * (f.n - 1 - i));
        }
        for (unsigned i = 0; i < f.n; i++) {
            mips_set(l, f.reg[i], v[i]);
        }
    }
    mips_set(l, SP, top);
}

/* ---- branches ---- */

static void branch(MipsLift *l, IrOp cc, unsigned r, uint32_t offset)
{
    MipsBranch b = { .cc = cc, .to = IR_NONE, .va = l->next + offset, .isa = 1, .compact = true };

    b.x = mips_get(l, r);
    b.y = mips_const(l, 0);
    mips_branch(l, b);
}

/* The offset in bytes; extended it has 16 bits. */
static uint32_t offset(const MipsLift *l, unsigned bits) { return signed_imm(l, bits, 0) << 1; }

void mips_lift_m16_b(MipsLift *l) { branch(l, IR_const, 0, offset(l, 11)); }

/* if rx = 0 (or not): branch */
void mips_lift_m16_beqz(MipsLift *l)
{
    branch(l, mips_arg(l) != 0 ? IR_ne : IR_eq, mips_reg3(l, 'x'), offset(l, 8));
}

/* The same of T */
void mips_lift_m16_bteqz(MipsLift *l)
{
    branch(l, mips_arg(l) != 0 ? IR_ne : IR_eq, T, offset(l, 8));
}

/* JAL, JALX: ra = address behind the slot, which has 2 bytes; JALX changes the ISA mode */
void mips_lift_m16_jal(MipsLift *l)
{
    uint32_t index = mips_field(l, 'j') << 21 | mips_field(l, 'k') << 16 | mips_field(l, 'i');
    MipsBranch b = { .cc = IR_const, .to = IR_NONE, .isa = mips_arg(l) == 0, .slot = 2 };

    b.va = (l->next & 0xf0000000u) | index << 2;
    mips_link(l, RA, 2);
    mips_branch(l, b);
}

/* JR, JALR, JRC, JALRC: to rx or ra */
void mips_lift_m16_jr(MipsLift *l)
{
    const uint32_t arg = mips_arg(l);
    const bool compact = (arg & M16_COMPACT) != 0;
    MipsBranch b = { .cc = IR_const, .compact = compact, .slot = compact ? 0 : 2 };

    b.to = mips_get(l, (arg & M16_RA) != 0 ? RA : mips_reg3(l, 'x'));
    if ((arg & M16_LINK) != 0) {
        mips_link(l, RA, compact ? 0 : 2);
    }
    mips_branch(l, b);
}
