/* SPDX-License-Identifier: MIT */
/*
 * lists.c - LWM and SWM of microMIPS (MD00582), and what is stored of a list that faults.
 *
 * cpu: M14Kc
 * qemu: no, its SWM16 and SWM32 store halves of the registers, and LWM32 takes any address
 */
#include "guest.h"

MICRO(saved, "addiusp -16\n swm16 $16, $17, $ra, 0($sp)\n move $16, $a0\n move $17, $a1",
      "addu $v0, $16, $17", "lwm16 $16, $17, $ra, 0($sp)\n jraddiusp 16");
MICRO(wide, "addiusp -48\n swm32 $16, $17, $18, $19, $20, $21, $22, $23, $fp, $ra, 0($sp)",
      "move $16, $a0\n move $23, $a1\n move $fp, $a1\n addu $v0, $16, $fp\n addu $v0, $v0, $23",
      "lwm32 $16, $17, $18, $19, $20, $21, $22, $23, $fp, $ra, 0($sp)\n jraddiusp 48");
MICRO(crossing, "", "swm32 $16, $17, $18, 0($a0)", "");
MICRO(loading, "move $t0, $16\n move $t1, $17\n move $16, $a1\n move $17, $a1",
      "lwm32 $16, $17, 0($a0)", "move $16, $t0\n move $17, $t1");

int main(void)
{
    say("swm16, lwm16, jraddiusp: %x\n", call(saved, 0x1000, 0x234));
    say("swm32, lwm32: %x\n", call(wide, 0x1000, 0x234));
    report("swm32, misaligned", crossing, 0x80200001, 0, crossing_at);
    report("swm32 into nothing", crossing, 0xfffffff8, 0, crossing_at);
    report("lwm32, misaligned", loading, 0x80200002, 1, loading_at);
    report("lwm32 out of nothing", loading, 0x00001000, 1, loading_at);
    return 0;
}
