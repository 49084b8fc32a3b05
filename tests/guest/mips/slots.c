/* SPDX-License-Identifier: MIT */
/* slots.c - exceptions name their instruction, or the branch before its slot (MD00090 6.2.8). */
#include "guest.h"

SNIPPET(load, "", "lw $v0, 1($a0)", "");
SNIPPET(load_slot, "", "b 1f\n lw $v0, 1($a0)", "1:");
SNIPPET(store_slot, "", "beqz $zero, 1f\n sh $v0, 1($a0)", "1:");
SNIPPET(likely_taken, "", "beql $zero, $zero, 1f\n lw $v0, 1($a0)", "1:");
SNIPPET(likely_not, "", "bnel $zero, $zero, 1f\n lw $v0, 1($a0)", "1:");
SNIPPET(link_slot, "move $t0, $ra\n la $t1, 1f", "jalr $ra, $t1\n break", "1: move $ra, $t0");
SNIPPET(overflow, "", "add $v0, $a0, $a0", "");
SNIPPET(overflow_slot, "", "b 1f\n addi $v0, $a0, 0x7fff", "1:");
SNIPPET(sys, "", "syscall", "");
SNIPPET(reserved, "", ".word 0x0000003f", "");
SNIPPET(trap_if, "", "teq $zero, $zero", "");
SNIPPET(jump_odd, "", "addiu $t0, $a0, 2\n jr $t0\n nop", "");
SNIPPET(unmapped, "", "lw $v0, 0($a0)", "");
SNIPPET(no_fpu, "", ".set hardfloat\n mtc1 $zero, $f0", "");

int main(void)
{
    report("lw", load, 0x80200000, 0, load_at);
    report("lw in a slot", load_slot, 0x80200000, 0, load_slot_at);
    report("sh in a slot", store_slot, 0x80200000, 0, store_slot_at);
    report("beql taken", likely_taken, 0x80200000, 0, likely_taken_at);
    report("bnel not taken", likely_not, 0x80200000, 0, likely_not_at);
    report("break in a slot", link_slot, 0, 0, link_slot_at);
    report("add", overflow, 0x40000000, 0, overflow_at);
    report("addi in a slot", overflow_slot, 0x7fffffff, 0, overflow_slot_at);
    report("syscall", sys, 0, 0, sys_at);
    report("reserved", reserved, 0, 0, reserved_at);
    report("teq", trap_if, 0, 0, trap_if_at);
    report("jr to half a word", jump_odd, 0x80200000, 0, (void *)0x80200000u);
    report("no mapping", unmapped, 0x1000, 0, unmapped_at);
    report("no coprocessor 1", no_fpu, 0, 0, no_fpu_at);
    say("coprocessor %u\n", trap.cause >> 28 & 3);
    return 0;
}
