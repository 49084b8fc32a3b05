/* SPDX-License-Identifier: MIT */
/* user.c - User Mode: what is not allowed, and RDHWR as HWREna says (MD00090 3.4, 9.13). */
#include "guest.h"

SNIPPET(sys, "li $v0, 0x1234", "syscall", "");
SNIPPET(cp0, "", "mfc0 $v0, $12", "");
SNIPPET(eret_, "", "eret", "");
SNIPPET(cache_, "", "cache 0, 0($a0)", "");
SNIPPET(load, "", "lw $v0, 0($a0)", "syscall");
SNIPPET(store, "", "sw $v0, 0($a0)", "syscall");
SNIPPET(jump, "", "jr $a0\n nop", "");
SNIPPET(cpunum, "", ".word 0x7c02003b", "syscall"); /* rdhwr v0, 0 */
SNIPPET(step, "", ".word 0x7c02083b", "syscall");
SNIPPET(ccres, "", ".word 0x7c02183b", "syscall");
SNIPPET(local, "", ".word 0x7c02e83b", "syscall");
SNIPPET(slot, "b 1f", ".word 0x7c02083b", "1: syscall");

static void user(const char *what, const void *f, uint32_t a, const void *at)
{
    attempt_user(f, a, 0);
    say("%s: code %u, coprocessor %u, delay slot %u, EPC at %x, BadVAddr %x, EXL %u, KSU %u\n",
        what, trap.cause >> 2 & 31, trap.cause >> 28 & 3, trap.cause >> 31,
        trap.epc - ((uint32_t)(uintptr_t)at & 0x1fffffff), trap.badvaddr, trap.status >> 1 & 1,
        trap.status >> 3 & 3);
}

static void hardware(const char *what, const void *f)
{
    attempt_user(f, 0, 0);
    say("%s: code %u", what, trap.cause >> 2 & 31);
    say(trap.cause >> 2 & 31 ? (trap.cause >> 2 & 31) == 8 ? ", %u\n" : "\n" : "\n", trap.v0);
}

int main(void)
{
    clear_tlb();
    map_user();
    user("system call", sys, 0, sys_at);
    say("v0 %x\n", trap.v0);
    user("mfc0", cp0, 0, cp0_at);
    user("eret", eret_, 0, eret__at);
    user("cache", cache_, 0x00100000, cache__at);
    user("load from kseg0", load, 0x80100000, load_at);
    user("store to kseg1", store, 0xa0100000, store_at);
    user("load from kseg2", load, 0xc0000000, load_at);
    user("load from its own", load, 0x00100000, load_at);
    user("jump to kseg0", jump, 0x80100000, (void *)0x80100000u);
    hardware("HWREna 0: CPUNum", cpunum);
    hardware("HWREna 0: UserLocal", local);
    user("rdhwr in a slot", slot, 0, slot_at);
    SET(7, 0, 0xa);
    hardware("HWREna a: CPUNum", cpunum);
    hardware("HWREna a: SYNCI_Step", step);
    hardware("HWREna a: CCRes", ccres);
    say("in Kernel Mode: %u\n", attempt(cpunum, 0, 0) ? trap.cause >> 2 & 31 : 99);
    return 0;
}
