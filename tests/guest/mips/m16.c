/* SPDX-License-Identifier: MIT */
/* m16.c - MIPS16e: jumps between the ISA modes, EPC's bit 0, delay slots (MD00076 3.9 to 3.12). */
#include "guest.h"

/* Halfwords: not every assembler has MIPS16e. */
#define CODE(name, ...) static const uint16_t name[] __attribute__((aligned(4))) = { __VA_ARGS__ }
CODE(sum, 0xe489, 0xe820, 0x4a01);              /* addu v0, a0, a0; jr ra; addiu v0, 1 */
CODE(slot, 0xe820, 0x6a2a);                     /* jr ra; li v0, 42 */
CODE(extended, 0xf123, 0x6a04, 0xe820, 0x6500); /* li v0, 0x924; jr ra */
CODE(pc, 0x0a01, 0xe820, 0x6500);               /* addiu v0, pc, 4; jr ra */
CODE(compact, 0xe8a0, 0x6a00);                  /* jrc ra; what is not executed */
CODE(bad_load, 0x6500, 0x9c40, 0xe820, 0x6500); /* nop; lw v0, 0(a0); jr ra */
CODE(bad_slot, 0x6500, 0xe820, 0x9c40);         /* nop; jr ra; lw v0, 0(a0) */
CODE(breaks, 0x6500, 0xe805);                   /* nop; break */

/* addiu v0, 10; jr ra: in MIPS32, from where it is called by JALX. */
CODE(ten, 0x4a0a, 0xe820, 0x6500);
static volatile uint32_t there[] = {
    0x03e0c021, /* move t8, ra */
    0x74000000, /* jalx ten */
    0x24020005, /* li v0, 5 */
    0x24420001, /* addiu v0, v0, 1 */
    0x03000008, /* jr t8 */
    0,
};

static const void *m16(const uint16_t *code) { return (const char *)code + 1; }

static void where(const char *what, const uint16_t *code, uint32_t a)
{
    attempt(m16(code), a, 0);
    say("%s: code %u, delay slot %u, EPC at %x, BadVAddr %x\n", what, trap.cause >> 2 & 31,
        trap.cause >> 31, trap.epc - (uint32_t)(uintptr_t)code, trap.badvaddr);
}

int main(void)
{
    uint32_t at = (uint32_t)(uintptr_t)pc;

    say("21 + 21 + 1: %u\n", call(m16(sum), 21, 0));
    say("a slot: %u\n", call(m16(slot), 0, 0));
    say("extended: %x\n", call(m16(extended), 0, 0));
    say("pc: %x\n", call(m16(pc), 0, 0) - at);
    say("no slot: %u\n", call(m16(compact), 0, 0) != 0);
    there[1] |= (uint32_t)(uintptr_t)ten >> 2 & 0x03ffffff;
    for (unsigned i = 0; i < sizeof(there); i += 4) {
        __asm__ volatile("synci 0(%0)" ::"r"((uint32_t)(uintptr_t)there + i) : "memory");
    }
    say("by JALX: %u\n", call((void *)(uintptr_t)there, 0, 0));
    where("load, not aligned", bad_load, 0x80200001);
    where("load in a slot", bad_slot, 0x80200002);
    where("break", breaks, 0);
    return 0;
}
