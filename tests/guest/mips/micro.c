/* SPDX-License-Identifier: MIT */
/*
 * micro.c - microMIPS (MD00582): its own instructions, slots, the ISA mode of exceptions.
 *
 * cpu: M14Kc
 */
#include "guest.h"

/* What LLVM 14 does not assemble: MFC0 and MTC0 of Config3 and EBase, by their words. */
#define WORD(high, low) ".short " #high ", " #low "\n"
#define MFC0_CONFIG3 WORD(0x0050, 0x18fc) /* v0 */
#define MTC0_CONFIG3 WORD(0x0090, 0x1afc) /* a0 */
#define MFC0_EBASE WORD(0x004f, 0x08fc)
#define MTC0_EBASE WORD(0x008f, 0x0afc)

MICRO(load, "", "lw $v0, 1($a0)", "");
MICRO(short_slot, "", "b16 1f\n lw $v0, 1($a0)", "1:");
MICRO(long_slot, "", "beq $zero, $zero, 1f\n lw $v0, 1($a0)", "1:");
MICRO(half_in_slot, "", "beqz16 $a1, 1f\n lhu16 $v0, 0($a0)", "1:");
MICRO(not_taken, "", "bnez16 $a1, 1f\n lw $v0, 1($a0)", "1:");
MICRO(als_slot, "move $t0, $ra", "bgezals $zero, 1f\n break16 0", "1: move $ra, $t0");
MICRO(al_slot, "move $t0, $ra", "bgezal $zero, 1f\n break 0", "1: move $ra, $t0");
MICRO(overflow, "", "add $v0, $a0, $a0", "");
MICRO(sys, "", "syscall", "");
MICRO(trap_if, "", "teq $zero, $zero", "");
MICRO(reserved, "", ".short 0x4720", "");
MICRO(no_fpu, "", WORD(0x5400, 0x0030), "");
MICRO(unmapped, "", "lwp $2, 0($a0)", "");
MICRO(partial, "", "lwl $v0, 1($a0)", "");

MICRO(links, "move $t0, $ra\n bgezals $zero, 1f", "move $v0, $ra",
      "nop\n 1: move $v1, $ra\n subu $v0, $v1, $a0\n move $ra, $t0");
MICRO(compact, "li16 $v0, 1\n beqzc $a0, 1f", "li16 $v0, 2", "1: addius5 $2, 4");
MICRO(from_pc, "addiupc $2, 0", "addiupc $3, 4", "subu $v0, $v1, $v0");
MICRO(pairs, "move $v0, $zero\n addiusp -16\n swp $4, 0($sp)\n lwp $6, 0($sp)\n addiusp 16",
      "subu16 $v0, $a3, $a2", "");
MICRO(moved, "move $2, $a0\n move $3, $a1", "movep $5, $6, $2, $3", "subu16 $2, $5, $6");
MICRO(indexed, "lwxs $2, $5($4)", "nop", "");
MICRO(atomic, "1: ll $t0, 0($a0)\n addu $t0, $t0, $a1\n sc $t0, 0($a0)\n beqz $t0, 1b\n nop",
      "lw $v0, 0($a0)", "");
MICRO(get_config3, "", MFC0_CONFIG3, "");
MICRO(set_config3, "", MTC0_CONFIG3, "");
MICRO(get_ebase, "", MFC0_EBASE, "");
MICRO(set_ebase, "", MTC0_EBASE, "");

/* Vectors in microMIPS, which go on in MIPS32. */
__asm__(".text\n.balign 4096\n.set push\n.set noreorder\n.set micromips\n.global "
        "micro_vectors\nmicro_vectors:\n"
        ".org micro_vectors + 0x180\n addiu $k1, $k1, 1\n lui $k0, %hi(take)\n"
        " addiu $k0, $k0, %lo(take)\n jr $k0\n nop\n.set pop\n");
extern char micro_vectors[];

static uint32_t data[4] = { 0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00 };

static void exceptions(void)
{
    report("lw", load, 0x80200000, 0, load_at);
    report("lw behind b16", short_slot, 0x80200000, 0, short_slot_at);
    report("lw behind beq", long_slot, 0x80200000, 0, long_slot_at);
    report("lhu16 behind beqz16", half_in_slot, 0x80200001, 0, half_in_slot_at);
    report("lw behind bnez16, not taken", not_taken, 0x80200000, 0, not_taken_at);
    report("break16 behind bgezals", als_slot, 0, 0, als_slot_at);
    report("break behind bgezal", al_slot, 0, 0, al_slot_at);
    report("add", overflow, 0x40000000, 0, overflow_at);
    report("syscall", sys, 0, 0, sys_at);
    report("teq", trap_if, 0, 0, trap_if_at);
    report("reserved", reserved, 0, 0, reserved_at);
    report("no coprocessor 1", no_fpu, 0, 0, no_fpu_at);
    report("lwp without mapping", unmapped, 0x1000, 0, unmapped_at);
    report("lwl without mapping", partial, 0x1000, 0, partial_at);
}

int main(void)
{
    uint32_t at = (uint32_t)(uintptr_t)data, config3, ebase;

    say("link: %u\n", call(links, (uint32_t)(uintptr_t)links_at, 0));
    say("compact: %u, %u\n", call(compact, 0, 0), call(compact, 1, 0));
    say("addiupc: %u\n", call(from_pc, 0, 0));
    say("swp, lwp: %x\n", call(pairs, 0x1234, 0x5678));
    say("movep: %x\n", call(moved, 0x5678, 0x1234));
    say("lwxs: %x\n", call(indexed, at, 2));
    say("ll, sc: %x\n", call(atomic, at, 5));
    exceptions();
    config3 = call(get_config3, 0, 0);
    ebase = call(get_ebase, 0, 0);
    say("Config3.ISA %u, ISAOnExc %u\n", config3 >> 14 & 3, config3 >> 16 & 1);
    call(set_ebase, (uint32_t)(uintptr_t)micro_vectors & ~0xfffu, 0);
    call(set_config3, config3 | 1u << 16, 0);
    say("ISAOnExc %u\n", call(get_config3, 0, 0) >> 16 & 1);
    exceptions();
    call(set_config3, config3, 0);
    call(set_ebase, ebase, 0);
    return 0;
}
