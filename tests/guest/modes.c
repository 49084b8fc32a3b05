/* SPDX-License-Identifier: MIT */
/* modes.c - exceptions from each mode, banked SP, LR and SPSR, and the return (B1.3.2, B1.9). */
#include "guest.h"

/* f(mode): an SVC in that mode, with its own SP shown in r0 and LR in r1. */
SNIPPET(
    from,
    "mrs r12, cpsr\n bic r2, r12, #31\n orr r2, r2, r0\n msr cpsr_c, r2\n mov r4, sp\n mov r5, lr\n"
    " ldr sp, =0xabcd0000\n orr sp, sp, r0\n mov lr, r0\n mov r0, sp\n mov r1, lr\n mov sp, r4\n"
    " mov lr, r5",
    "udf #0", "");
/* Reads what other modes have, without being in them. */
SNIPPET(
    bank,
    "mrs r12, cpsr\n cps #0x12\n mov r2, sp\n cps #0x11\n mov r8, #0x88\n mov r3, sp\n"
    " cps #0x1f\n mov r8, #0x99\n mov r4, sp\n cps #0x11\n mov r5, r8\n cps #0x1f\n mov r6, r8\n"
    " msr cpsr_c, r12\n ldr r1, =stack_irq\n sub r2, r2, r1\n ldr r1, =stack_fiq\n"
    " sub r3, r3, r1\n ldr r1, =stack_usr\n sub r4, r4, r1",
    "udf #0", "");
/* RFE and SRS, LDM with ^, SUBS PC. */
SNIPPET(
    rfe,
    "push {r4, lr}\n cps #0x17\n mov r4, sp\n ldr lr, =0x11112222\n ldr r0, =0x600001df\n"
    " msr spsr_fsxc, r0\n cps #0x13\n mov r2, sp\n cps #0x17\n srsdb sp!, #0x13\n cps #0x13\n"
    " ldm sp, {r5, r6}\n sub r2, r2, sp\n adr r0, 1f\n str r0, [sp]\n rfeia sp!\n 1: mrs r3, cpsr\n"
    " cps #0x13",
    "udf #0", "");
SNIPPET(user_bank,
        "ldr r2, =0x12345678\n ldr r3, =0x9abcdef0\n push {r2, r3}\n cps #0x1f\n mov r4, sp\n cps "
        "#0x13\n"
        " ldm sp, {sp, lr}^\n nop\n cps #0x1f\n mov r5, sp\n mov r6, lr\n mov sp, r4\n cps #0x13\n"
        " stm sp, {sp, lr}^\n nop\n ldr r7, [sp, #4]\n add sp, sp, #8",
        "udf #0", "");
SNIPPET(subs_pc,
        "mov r12, sp\n ldr r0, =0xa00001db\n msr spsr_fsxc, r0\n adr lr, 1f\n add lr, lr, #4\n"
        " subs pc, lr, #4\n 1: mrs r2, cpsr\n cps #0x13\n cmp sp, r12\n mrs r3, cpsr",
        "udf #0", "");
/* A return to T32 in the middle of an IT block. */
SNIPPET(to_it,
        "push {r4, lr}\n mov r0, #0\n adr lr, 2f\n ldr r1, =0x40000df3\n orr r1, r1, #0x04000000\n"
        " bic r1, r1, #0x0900\n orr r1, r1, #0x0500\n msr spsr_fsxc, r1\n movs pc, lr\n .balign 4\n"
        " .thumb\n 2: add.w r0, r0, #1\n add.w r0, r0, #2\n",
        ".inst.n 0xde00", ".inst.n 0xde01\n .arm\n pop {r4, lr}");

static void show(const char *what, const void *at)
{
    report(what, at);
    for (uint32_t k = 0; k < 8; k++) {
        say(" %x", trap.r[k]);
    }
    say(", entry %x\n", trap.cpsr);
}

int main(void)
{
    static const uint8_t modes[] = { 0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f };

    for (unsigned k = 0; k < sizeof(modes); k++) {
        attempt(from, modes[k], 0, 0);
        report("udf from", from_at);
        say("  sp %x lr %x, entry %x\n", trap.r[0], trap.r[1], trap.cpsr);
    }
    attempt(bank, 0, 0, 0);
    report("bank", bank_at);
    say("  irq %u fiq %u usr %u r8 %x %x\n", trap.r[2], trap.r[3], trap.r[4], trap.r[5], trap.r[6]);
    attempt(rfe, 0, 0, 0);
    report("srs, rfe", rfe_at);
    say("  %x %x, sp moved %u, cpsr %x\n", trap.r[5], trap.r[6], trap.r[2], trap.r[3]);
    attempt(user_bank, 0, 0, 0);
    report("ldm ^", user_bank_at);
    say("  %x %x %x\n", trap.r[5], trap.r[6], trap.r[7]);
    attempt(subs_pc, 0, 0, 0);
    report("subs pc", subs_pc_at);
    say("  %x %x\n", trap.r[2], trap.r[3]);
    attempt(to_it, 0, 0, 0);
    show("return into IT", to_it_at);
    return 0;
}
