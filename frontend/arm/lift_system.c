/* SPDX-License-Identifier: MIT */
/*
 * lift_system.c - instructions of chapter B9: CPSR, SPSR, exception return, calls, waiting.
 * What is UNPREDICTABLE in User mode either is UNDEFINED here, and then its row says PRIVILEGED, or
 * does what is harmless, and then the row is SENSITIVE.
 */
#include "frontend/arm/lift_system_priv.h"

#define OFFSET(m) ((int32_t)offsetof(ArmCpu, m))

bool arm_at_pl1(const ArmLift *l) { return (l->mode & MODE_PRIV) != 0; }

static bool has_spsr(const ArmLift *l) { return (l->mode & MODE_SVCLIKE) != 0; }

static IrRef word(ArmLift *l, uint32_t v) { return ir_const(l->blk, T_I32, v); }

IrRef arm_next_pc(ArmLift *l) { return ir_const(l->blk, T_I64, ir_pc(l->next, l->next_mode)); }

void arm_count_inline(ArmLift *l)
{
    ir_count(l->blk, 2u * l->row->ledger + (arm_at_pl1(l) ? 1 : 0));
}

/* CPSR = (CPSR & ~@clear) | (@set & @clear), by the emulation routine; the next instruction follows
 * in the new mode. */
static void change_cpsr(ArmLift *l, uint32_t clear, IrRef set)
{
    IrRef mask = word(l, clear), next = arm_next_pc(l);

    arm_call(l, T_NO, ARM_H_change_cpsr, mask, set, next);
    arm_end_dispatch(l);
}

/* Returns to @target with @psr: the emulation routine changes mode, then the new mode goes on. */
static void exception_return(ArmLift *l, IrRef target, IrRef psr)
{
    arm_call(l, T_NO, ARM_H_return, target, psr, IR_NONE);
    arm_end_dispatch(l);
}

static IrRef saved_psr(ArmLift *l) { return ir_gld(l->blk, T_I32, OFFSET(spsr_now)); }

/* ---- MRS, MSR ---- */

static IrRef bits_at(ArmLift *l, IrRef v, uint32_t mask, unsigned left)
{
    return ir_shl(l->blk, T_I32, ir_and(l->blk, T_I32, v, word(l, mask)), word(l, left));
}

/* NZCVQ and GE in their places. */
static IrRef read_apsr(ArmLift *l)
{
    IrBlock *b = l->blk;
    IrRef flags = ir_fpack(b, T_NO, ir_get(b, G_FLAGS));
    IrRef psr = bits_at(l, flags, IR_FL_S | IR_FL_Z, 24), part;

    part = bits_at(l, ir_not(b, T_I32, flags), IR_FL_C, 21);
    psr = ir_or(b, T_I32, psr, part);
    part = bits_at(l, flags, IR_FL_O, 12);
    psr = ir_or(b, T_I32, psr, part);
    part = ir_shl(b, T_I32, ir_get(b, G_Q), word(l, 27));
    psr = ir_or(b, T_I32, psr, part);
    part = ir_shl(b, T_I32, ir_get(b, G_GE), word(l, 16));
    return ir_or(b, T_I32, psr, part);
}

/* MRS Rd, CPSR: Rd = CPSR less its execution state bits. B9.3.8: bits 9 to 0 are UNKNOWN in User
 * mode; they show what is there, as the processors do. */
void lift_mrs_cpsr(ArmLift *l)
{
    IrRef psr, rest;

    if (arm_field(l, 'd') == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    arm_count_inline(l);
    psr = read_apsr(l);
    rest = ir_gld(l->blk, T_I32, OFFSET(cpsr));
    arm_set(l, arm_field(l, 'd'), ir_or(l->blk, T_I32, psr, rest));
}

/* MRS Rd, SPSR. B9.3.8: UNPREDICTABLE in User and System mode; we raise UNDEF. */
void lift_mrs_spsr(ArmLift *l)
{
    if (!has_spsr(l) || arm_field(l, 'd') == 15) {
        arm_undefined(l);
        return;
    }
    arm_count_inline(l);
    arm_set(l, arm_field(l, 'd'), saved_psr(l));
}

/* Which bytes of the PSR: the pattern has the upper two bits and the lower two apart. */
static uint32_t byte_mask(const ArmLift *l) { return arm_field(l, 'm') << 2 | arm_field(l, 'x'); }

/* The bits that a write with byte mask @mask reaches, CPSRWriteByInstr() of B1.3.3: no execution
 * state but E; mode, A, I, F at PL1 only. */
static uint32_t cpsr_mask(const ArmLift *l, uint32_t mask)
{
    uint32_t bits = 0;

    bits |= mask & 8 ? CPSR_N | CPSR_Z | CPSR_C | CPSR_V | CPSR_Q : 0;
    bits |= mask & 4 ? CPSR_GE : 0;
    bits |= mask & 2 ? CPSR_E : 0;
    if (arm_at_pl1(l)) {
        bits |= mask & 2 ? CPSR_A : 0;
        bits |= mask & 1 ? CPSR_I | CPSR_F | CPSR_M : 0;
    }
    return bits;
}

void arm_set_nzcv(ArmLift *l, IrRef v)
{
    IrBlock *b = l->blk;
    IrRef top = ir_shr(b, T_I32, v, word(l, 24)), flags, part;

    flags = ir_and(b, T_I32, top, word(l, IR_FL_S | IR_FL_Z));
    part = ir_shr(b, T_I32, ir_not(b, T_I32, v), word(l, 21));
    part = ir_and(b, T_I32, part, word(l, IR_FL_C));
    flags = ir_or(b, T_I32, flags, part);
    part = ir_and(b, T_I32, ir_shr(b, T_I32, v, word(l, 12)), word(l, IR_FL_O));
    flags = ir_or(b, T_I32, flags, part);
    arm_set_global(l, G_FLAGS, ir_funpack(b, T_NO, flags));
}

static void write_q(ArmLift *l, IrRef v)
{
    IrRef q = ir_shr(l->blk, T_I32, v, word(l, 27));

    arm_set_global(l, G_Q, ir_and(l->blk, T_I32, q, word(l, 1)));
}

static void write_ge(ArmLift *l, IrRef v)
{
    IrRef ge = ir_shr(l->blk, T_I32, v, word(l, 16));

    arm_set_global(l, G_GE, ir_and(l->blk, T_I32, ge, word(l, 15)));
}

/* The common `msr cpsr_c`: with the mode unchanged only I and F move, and that is done inline. */
static void write_control(ArmLift *l, IrRef v)
{
    IrBlock *b = l->blk;
    IrRef old = ir_gld(b, T_I32, OFFSET(cpsr)), mode, same, kept, new;

    mode = ir_and(b, T_I32, ir_xor(b, T_I32, old, v), word(l, CPSR_M));
    same = ir_eq(b, T_I32, mode, word(l, 0));
    ir_skip(b, same);
    change_cpsr(l, CPSR_I | CPSR_F | CPSR_M, v);
    ir_label(b);
    kept = ir_andc(b, T_I32, old, word(l, CPSR_I | CPSR_F));
    new = ir_and(b, T_I32, v, word(l, CPSR_I | CPSR_F));
    ir_gst(b, OFFSET(cpsr), ir_or(b, T_I32, kept, new));
    arm_count_inline(l);
    arm_end_check(l);
}

static void write_cpsr(ArmLift *l, IrRef v)
{
    uint32_t mask = byte_mask(l), bits = cpsr_mask(l, mask);

    if ((bits & (CPSR_E | CPSR_A)) != 0 || ((bits & CPSR_M) != 0 && l->in_skip)) {
        change_cpsr(l, bits, v);
        return;
    }
    if ((mask & 8) != 0) {
        arm_set_nzcv(l, v);
        write_q(l, v);
    }
    if ((mask & 4) != 0) {
        write_ge(l, v);
    }
    if ((bits & CPSR_M) != 0) {
        write_control(l, v);
    } else {
        arm_count_inline(l);
    }
}

/* SPSRWriteByInstr() of B1.3.3. In User and System mode UNPREDICTABLE; we raise UNDEF. */
static void write_spsr(ArmLift *l, IrRef v)
{
    uint32_t mask = byte_mask(l), bits = 0;
    IrRef old, new;

    if (!has_spsr(l)) {
        arm_undefined(l);
        return;
    }
    bits |= mask & 8 ? 0xff000000u : 0;
    bits |= mask & 4 ? CPSR_GE : 0;
    bits |= mask & 2 ? 0xff00u : 0;
    bits |= mask & 1 ? 0xffu : 0;
    arm_count_inline(l);
    old = ir_andc(l->blk, T_I32, saved_psr(l), word(l, bits));
    new = ir_and(l->blk, T_I32, v, word(l, bits));
    ir_gst(l->blk, OFFSET(spsr_now), ir_or(l->blk, T_I32, old, new));
}

/* MSR CPSR_<fields>, Rn */
void lift_msr_cpsr_reg(ArmLift *l)
{
    if (arm_field(l, 'n') == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    write_cpsr(l, arm_get(l, arm_field(l, 'n')));
}

/* MSR SPSR_<fields>, Rn */
void lift_msr_spsr_reg(ArmLift *l)
{
    if (arm_field(l, 'n') == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    write_spsr(l, arm_get(l, arm_field(l, 'n')));
}

/* A5.2.4: an 8-bit value rotated right by twice a 4-bit one. */
static IrRef expand_imm(ArmLift *l)
{
    uint32_t v = arm_bits(l, 0, 8);
    unsigned n = 2 * arm_bits(l, 8, 4);

    return word(l, n == 0 ? v : v >> n | v << (32 - n));
}

/* MSR CPSR_<fields>, #const */
void lift_msr_cpsr_imm(ArmLift *l) { write_cpsr(l, expand_imm(l)); }

/* MSR SPSR_<fields>, #const */
void lift_msr_spsr_imm(ArmLift *l) { write_spsr(l, expand_imm(l)); }

/* ---- CPS, SETEND ---- */

/* CPS{IE,ID} <iflags>{, #mode}: in User mode a NOP, B9.3.2. imod 0b01 and the absence of both parts
 * are UNPREDICTABLE; what is there is done. */
void lift_cps(ArmLift *l)
{
    uint32_t imod = arm_field(l, 'i'), masks = arm_field(l, 'f') << 6;
    bool mode = arm_field(l, 'm') != 0;
    IrBlock *b = l->blk;
    IrRef old;

    if (!arm_at_pl1(l)) {
        arm_count_inline(l);
        return;
    }
    masks = imod < 2 ? 0 : masks;
    if (mode) {
        change_cpsr(l, masks | CPSR_M, word(l, (imod == 3 ? masks : 0) | arm_field(l, 'd')));
        return;
    }
    arm_count_inline(l);
    old = ir_gld(b, T_I32, OFFSET(cpsr));
    if (imod == 3) {
        ir_gst(b, OFFSET(cpsr), ir_or(b, T_I32, old, word(l, masks)));
    } else if (imod == 2) {
        ir_gst(b, OFFSET(cpsr), ir_andc(b, T_I32, old, word(l, masks)));
        arm_end_check(l);
    }
}

/* SETEND: CPSR.E = E */
void lift_setend(ArmLift *l)
{
    bool be = arm_field(l, 'e') != 0;

    if (be != ((l->mode & MODE_E) != 0)) {
        change_cpsr(l, CPSR_E, word(l, be ? CPSR_E : 0));
    }
}

/* ---- exception return ---- */

static IrRef operand2(ArmLift *l)
{
    if (arm_bit(l, 25) != 0) {
        return expand_imm(l);
    }
    return arm_shift_imm(l, (ShiftType)arm_bits(l, 5, 2), arm_bits(l, 7, 5),
                         arm_get(l, arm_bits(l, 0, 4)), false)
        .value;
}

/* The result of data-processing opcode @op, A5.2.1; not those that only compare. */
static IrRef dp_result(ArmLift *l, unsigned op, IrRef a, IrRef b)
{
    IrRef carry = ir_zext(l->blk, T_I32, arm_carry(l)), borrow;

    borrow = ir_xor(l->blk, T_I32, carry, word(l, 1));
    switch (op) {
    case DP_AND: return ir_and(l->blk, T_I32, a, b);
    case DP_EOR: return ir_xor(l->blk, T_I32, a, b);
    case DP_SUB: return ir_sub(l->blk, T_I32, a, b);
    case DP_RSB: return ir_sub(l->blk, T_I32, b, a);
    case DP_ADD: return ir_add(l->blk, T_I32, a, b);
    case DP_ADC: return ir_add(l->blk, T_I32, ir_add(l->blk, T_I32, a, b), carry);
    case DP_SBC: return ir_sub(l->blk, T_I32, ir_sub(l->blk, T_I32, a, b), borrow);
    case DP_RSC: return ir_sub(l->blk, T_I32, ir_sub(l->blk, T_I32, b, a), borrow);
    case DP_ORR: return ir_or(l->blk, T_I32, a, b);
    case DP_MOV: return b;
    case DP_BIC: return ir_andc(l->blk, T_I32, a, b);
    case DP_MVN: return ir_not(l->blk, T_I32, b);
    default: g_assert_not_reached();
    }
}

/* <op>S PC, Rn, <operand2>: CPSR = SPSR; branch. In User and System mode, where there is no SPSR,
 * UNPREDICTABLE (B9.3.20): a branch that leaves CPSR as it is. */
void lift_subs_pc(ArmLift *l)
{
    IrRef a = arm_get(l, arm_bits(l, 16, 4)), b = operand2(l), target;

    target = dp_result(l, arm_bits(l, 21, 4), a, b);
    if (!has_spsr(l)) {
        arm_count_inline(l);
        arm_branch_write_pc(l, target);
        return;
    }
    exception_return(l, target, saved_psr(l));
}

/* T1: SUBS PC, LR, #imm8 */
void lift_subs_pc_thumb(ArmLift *l)
{
    IrRef target = ir_sub(l->blk, T_I32, arm_get(l, 14), word(l, arm_bits(l, 0, 8)));

    if (!has_spsr(l)) {
        arm_count_inline(l);
        arm_branch_write_pc(l, target);
        return;
    }
    exception_return(l, target, saved_psr(l));
}

/* RFE{IA,IB,DA,DB} Rn{!}: PC and CPSR from memory. UNPREDICTABLE in User mode, B9.3.13; UNDEF. */
void lift_rfe(ArmLift *l)
{
    unsigned n = arm_field(l, 'n');
    bool up = arm_field(l, 'u') != 0, before = arm_field(l, 'p') != 0;
    uint64_t memop = arm_memop(l, MO_32, true);
    IrRef base, va, target, psr;

    if (!arm_at_pl1(l) || n == 15) {
        arm_undefined(l);
        return;
    }
    base = arm_get(l, n);
    va = ir_add(l->blk, T_I32, base, word(l, up ? (before ? 4 : 0) : (before ? -8u : -4u)));
    target = ir_ld(l->blk, T_I32, va, memop);
    psr = ir_ld(l->blk, T_I32, ir_add(l->blk, T_I32, va, word(l, 4)), memop);
    if (arm_field(l, 'w') != 0) {
        arm_set(l, n, ir_add(l->blk, T_I32, base, word(l, up ? 8 : -8u)));
    }
    exception_return(l, target, psr);
}

/* SRS{IA,IB,DA,DB} SP{!}, #mode: LR and SPSR to the stack of another mode. UNPREDICTABLE in User
 * and System mode and for a mode that does not exist, B9.3.16; UNDEF. */
void lift_srs(ArmLift *l)
{
    unsigned mode = arm_field(l, 'm');
    bool up = arm_field(l, 'u') != 0, before = arm_field(l, 'p') != 0;
    uint64_t memop = arm_memop(l, MO_32, true);
    IrRef base, va, second, next;

    if (!has_spsr(l) || !arm_mode_exists((ArmMode)mode)) {
        arm_undefined(l);
        return;
    }
    base = arm_call(l, T_I32, ARM_H_banked_sp, word(l, mode), IR_NONE, IR_NONE);
    va = ir_add(l->blk, T_I32, base, word(l, up ? (before ? 4 : 0) : (before ? -8u : -4u)));
    second = ir_add(l->blk, T_I32, va, word(l, 4));
    ir_st(l->blk, va, arm_get(l, 14), memop);
    ir_st(l->blk, second, saved_psr(l), memop);
    if (arm_field(l, 'w') != 0) {
        next = ir_add(l->blk, T_I32, base, word(l, up ? 8 : -8u));
        ir_call(l->blk, T_NO, ARM_H_set_banked_sp, word(l, mode), next, IR_NONE);
    }
}

/* ---- register lists of User mode, and with exception return ---- */

/* Where User mode's @r is while another mode runs: its offset, or -1 if that is the global. */
static int32_t user_home(const ArmLift *l, unsigned r)
{
    if (!has_spsr(l)) {
        return -1; /* User and System mode: their own */
    }
    if (r == 13) {
        return OFFSET(sp[BANK_USR]);
    }
    if (r == 14) {
        return OFFSET(lr[BANK_USR]);
    }
    if (r >= 8 && r < 13 && (l->mode & MODE_FIQ) != 0) {
        return OFFSET(usr_r8) + 4 * (int32_t)(r - 8);
    }
    return -1;
}

static IrRef lowest(ArmLift *l, IrRef base, unsigned n)
{
    bool up = arm_field(l, 'u') != 0, before = arm_field(l, 'p') != 0;
    uint32_t delta = up ? (before ? 4 : 0) : (before ? 0 : 4) - 4 * n;

    return ir_add(l->blk, T_I32, base, word(l, delta));
}

/* The words of @list from memory, into @value by register. */
static void load_list(ArmLift *l, uint32_t list, IrRef base, IrRef value[16])
{
    unsigned n = bits_popcount64(list), offset = 0;
    uint64_t memop = arm_memop(l, MO_32, true);
    IrRef va = lowest(l, base, n), run = ir_run(l->blk, va, memop, 4 * n);

    for (unsigned r = 0; r < 16; r++) {
        if ((list >> r & 1) != 0) {
            value[r] = ir_rld(l->blk, run, va, memop, offset);
            offset += 4;
        }
    }
}

/* LDM Rn, <list without pc>^: User mode's registers. In User and System mode UNPREDICTABLE: the
 * mode's own registers, which are the same. */
void lift_ldm_user(ArmLift *l)
{
    uint32_t list = arm_bits(l, 0, 15);
    unsigned n = arm_field(l, 'n');
    IrRef value[16];

    if (list == 0 || n == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    arm_count_inline(l);
    load_list(l, list, arm_get(l, n), value);
    for (unsigned r = 0; r < 15; r++) {
        int32_t home = user_home(l, r);

        if ((list >> r & 1) == 0) {
            continue;
        }
        if (home < 0) {
            arm_set(l, r, value[r]);
        } else {
            ir_gst(l->blk, home, value[r]);
        }
    }
}

/* STM Rn, <list>^: User mode's registers; as above. */
void lift_stm_user(ArmLift *l)
{
    uint32_t list = arm_bits(l, 0, 16);
    unsigned n = arm_field(l, 'n'), count = bits_popcount64(list), offset = 0;
    uint64_t memop = arm_memop(l, MO_32, true) | MO_WRITE;
    IrRef va, run;

    if (list == 0 || n == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    arm_count_inline(l);
    va = lowest(l, arm_get(l, n), count);
    run = ir_run(l->blk, va, memop, 4 * count);
    for (unsigned r = 0; r < 16; r++) {
        int32_t home = user_home(l, r);

        if ((list >> r & 1) != 0) {
            IrRef v = home < 0 ? arm_get(l, r) : ir_gld(l->blk, T_I32, home);

            ir_rst(l->blk, run, va, v, memop, offset);
            offset += 4;
        }
    }
}

/* LDM Rn{!}, <list with pc>^: registers of this mode, then CPSR = SPSR; branch. In User and System
 * mode, without an SPSR, UNPREDICTABLE (B9.3.5): CPSR stays. */
void lift_ldm_return(ArmLift *l)
{
    uint32_t list = arm_bits(l, 0, 16);
    unsigned n = arm_field(l, 'n');
    IrRef value[16], base;

    if (n == 15) {
        arm_undefined(l); /* UNPREDICTABLE */
        return;
    }
    base = arm_get(l, n);
    load_list(l, list, base, value);
    if (arm_field(l, 'w') != 0) {
        uint32_t bytes = 4 * bits_popcount64(list);

        arm_set(l, n, ir_add(l->blk, T_I32, base, word(l, arm_field(l, 'u') ? bytes : -bytes)));
    }
    for (unsigned r = 0; r < 15; r++) {
        if ((list >> r & 1) != 0) {
            arm_set(l, r, value[r]);
        }
    }
    if (!has_spsr(l)) {
        arm_count_inline(l);
        arm_branch_write_pc(l, value[15]);
        return;
    }
    exception_return(l, value[15], saved_psr(l));
}

/* ---- calls and hints ---- */

/* SVC: supervisor call */
void lift_svc(ArmLift *l)
{
    arm_call(l, T_NO, ARM_H_svc, arm_next_pc(l), IR_NONE, IR_NONE);
    arm_end_dispatch(l);
}

/* HVC, SMC: firmware calls, if the board has firmware; else UNDEFINED, as they are without the
 * Virtualization and Security Extensions, and in User mode. */
void lift_firmware_call(ArmLift *l)
{
    if (!arm_at_pl1(l)) {
        arm_undefined(l);
        return;
    }
    arm_call(l, T_NO, ARM_H_firmware_call, arm_next_pc(l), IR_NONE, IR_NONE);
    arm_end_dispatch(l);
}

/* BKPT: debug event; without a debugger a Prefetch Abort, C3.1 */
void lift_bkpt(ArmLift *l)
{
    arm_region(l);
    arm_call(l, T_NO, ARM_H_bkpt, IR_NONE, IR_NONE, IR_NONE);
    ir_leave(l->blk); /* never reached: the call leaves */
    l->ended = true;
}

/* WFI: wait for interrupt */
void lift_wfi(ArmLift *l)
{
    arm_call(l, T_NO, ARM_H_wfi, arm_next_pc(l), IR_NONE, IR_NONE);
    arm_end_dispatch(l);
}

/* WFE: clears the event register; never waits, which B1.8.13 allows, but lets others look */
void lift_wfe(ArmLift *l)
{
    arm_count_inline(l);
    ir_gst(l->blk, OFFSET(event), word(l, 0));
    arm_end_check(l);
}

/* SEV: sets the event register */
void lift_sev(ArmLift *l)
{
    arm_count_inline(l);
    ir_gst(l->blk, OFFSET(event), word(l, 1));
}

/* CLREX: the local monitor opens, A3.4.1 */
void lift_clrex(ArmLift *l) { arm_set_global(l, G_EXSTATE, word(l, 0)); }
