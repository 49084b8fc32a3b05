/* SPDX-License-Identifier: MIT */
/* helpers_system.c - emulation routines of the system instructions that translated code calls. */
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift.h"

/* Inside a unit neither pc nor the mode word's T and IT are current. */
static void goes_on_at(Vcpu *v, uint64_t next)
{
    v->pc = ir_pc_va(next);
    v->mode = ir_pc_mode(next);
}

/* CPSR = (CPSR & ~@a) | (@b & @a); @c: pc and mode word of the next instruction. */
uint64_t arm_help_change_cpsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);

    goes_on_at(v, c);
    arm_set_cpsr(cpu, (arm_cpsr(cpu) & ~(uint32_t)a) | (uint32_t)(a & b));
    return 0;
}

/* Exception return to @a with CPSR = @b; B9.1: bits of @a that the new instruction set has no use
 * for are ignored. */
uint64_t arm_help_return(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    arm_set_cpsr(arm_cpu(v), (uint32_t)b);
    v->pc = (Gva)a & ((v->mode & MODE_T) != 0 ? ~(Gva)1 : ~(Gva)3);
    return 0;
}

/* The sp of mode @a; and it set to @b. */
uint64_t arm_help_banked_sp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return *arm_banked(arm_cpu(v), 13, (ArmMode)a);
}

uint64_t arm_help_set_banked_sp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    *arm_banked(arm_cpu(v), 13, (ArmMode)a) = (uint32_t)b;
    return 0;
}

uint64_t arm_help_undefined(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    arm_raise(v, ARM_EXC_UNDEF, 0, 0);
    return 0;
}

/* SVC: @a: pc and mode word of the next instruction. The call is the instruction's whole effect, so
 * it and the exception entry count as one. */
uint64_t arm_help_svc(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    goes_on_at(v, a);
    arm_enter(arm_cpu(v), ARM_EXC_SVC, v->pc, arm_cpsr(arm_cpu(v)));
    return 0;
}

/* HVC, SMC; @a: pc and mode word of the next instruction. */
uint64_t arm_help_firmware_call(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);

    (void)b, (void)c;
    goes_on_at(v, a);
    if (cpu->psci == NULL || !cpu->psci(cpu->psci_opaque, cpu)) {
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
    }
    return 0;
}

/* BKPT: Prefetch Abort with the status of a debug event; IFAR is UNKNOWN and stays. */
uint64_t arm_help_bkpt(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCp15 *cp15 = &arm_cpu(v)->cp15;

    (void)a, (void)b, (void)c;
    cp15->dbgdscr = (cp15->dbgdscr & ~(0xfu << 2)) | 3u << 2; /* MOE: BKPT instruction, C11.11 */
    arm_raise(v, ARM_EXC_PABT, cp15->ifar, arm_fsr(arm_cpu(v), FS_DEBUG));
    return 0;
}

/* WFI: @a: pc and mode word of the next instruction. */
uint64_t arm_help_wfi(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    goes_on_at(v, a);
    if (!arm_wakes(v)) {
        arm_cpu(v)->halted = 1;
        v->attention |= ATTN_HALT;
    }
    return 0;
}
