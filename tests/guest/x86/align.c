/* SPDX-License-Identifier: MIT */
/* align.c - alignment checks, Vol. 3 6.15 #AC; LOCK and CMPXCHG8B. */
#include "guest.h"

uint64_t cell[4];

SNIPPET(load2, "movw (%ebx), %ax");
SNIPPET(load4, "movl (%ebx), %eax");
SNIPPET(store4, "movl %eax, (%ebx)");
SNIPPET(add4, "lock addl $1, (%ebx)");
SNIPPET(movs4, "mov %ebx, %esi\n mov $cell, %edi\n movsl");
SNIPPET(push4, "lea 16(%ebx), %esp\n push %eax");
SNIPPET(cx8, "lock cmpxchg8b (%ebx)\n pushf\n pop %esi");
SNIPPET(cx8_reg, ".byte 0x0f, 0xc7, 0xc8");
SNIPPET(lock_cmp, ".byte 0xf0, 0x39, 0x03");
SNIPPET(lock_mov, ".byte 0xf0, 0x89, 0x03");
SNIPPET(lock_reg, ".byte 0xf0, 0x01, 0xc3");
SNIPPET(lock_bt, ".byte 0xf0, 0x0f, 0xa3, 0x03");
SNIPPET(lock_bts, "lock btsl %eax, (%ebx)");

static void one(const char *what, unsigned cpl, uint32_t flags, uint32_t off, const void *code,
                const void *end)
{
    at(cpl);
    in.eflags |= flags;
    in.ebx = addr(cell) + off;
    run(code);
    ended(what, code, end);
}

static void checks(unsigned cpl, uint32_t flags)
{
    say("CPL %u AC %u\n", cpl, flags != 0);
    for (uint32_t off = 0; off < 4; off++) {
        say(" %u:", off);
        one(" 2", cpl, flags, off, load2, load2_end);
        one(", 4", cpl, flags, off, load4, load4_end);
        one(", store", cpl, flags, off, store4, store4_end);
        one(", lock add", cpl, flags, off, add4, add4_end);
        one(", movs", cpl, flags, off, movs4, movs4_end);
        one(", push", cpl, flags, off, push4, push4_end);
        one(", cmpxchg8b", cpl, flags, off, cx8, cx8_end);
        say("\n");
    }
    one(" 4: cmpxchg8b", cpl, flags, 4, cx8, cx8_end);
    say("\n");
}

SNIPPET(cx8_at_cell, "lock cmpxchg8b cell\n pushf\n pop %esi");

SNIPPET(enter1, "lea 32(%ebx), %esp\n enter $8, $1");
SNIPPET(enter_odd, "lea 32(%ebx), %esp\n enter $9, $0");
SNIPPET(call_far, "lea 32(%ebx), %esp\n lcall $0x3b, $2f\n2: nop");
SNIPPET(ret_far, "lea 24(%ebx), %esp\n lret");
SNIPPET(iret, "lea 20(%ebx), %esp\n iret");
SNIPPET(fistp4, "fninit\n fldpi\n fistpl (%ebx)");
SNIPPET(fstp10, "fninit\n fldpi\n fstpt (%ebx)");
SNIPPET(fnstenv, "fninit\n fldpi\n fnstenv (%ebx)");

static void x87_one(const char *what, uint32_t off, const void *code, const void *end)
{
    uint16_t status;

    one(what, 3, AC, off, code, end);
    __asm__ volatile("fnstsw %0" : "=a"(status));
    say(" status %h", status);
}

/* What is not a load or store of one operand; of the x87 nothing changes with the exception. */
static void others(void)
{
    for (uint32_t off = 0; off < 4; off++) {
        cell[0] = cell[1] = cell[2] = cell[3] = 0;
        say(" %u:", off);
        one(" ret far", 3, AC, off, ret_far, ret_far_end);
        one(", iret", 3, AC, off, iret, iret_end);
        one(", call far", 3, AC, off, call_far, call_far_end);
        one(", enter", 3, AC, off, enter1, enter1_end);
        one(", enter 9", 3, AC, off, enter_odd, enter_odd_end);
        x87_one(", fistp", off, fistp4, fistp4_end);
        x87_one(", fstp", off, fstp10, fstp10_end);
        x87_one(", fnstenv", off, fnstenv, fnstenv_end);
        say("\n");
    }
}

uint8_t area[512 + 16] __attribute__((aligned(16)));

SNIPPET(int_user, "lea 28(%ebx), %esp\n int $0x41\n hlt\n.global in_user\nin_user: nop");
SNIPPET(fxsave, "sub $cell, %ebx\n fxsave area(%ebx)");
SNIPPET(fxrstor, "sub $cell, %ebx\n fxrstor area(%ebx)");
extern char in_user[];

/* A handler at CPL 3, whose frame is the user's; and what must be aligned to 16 bytes anyway. */
static void frames_and_areas(uint32_t flags)
{
    set_gate(0x41, CODE3, addr(in_user), 0x8e | D_DPL3);
    for (uint32_t off = 0; off <= 8; off += off < 4 ? 1 : 4) {
        say(" %u:", off);
        one(" int 41", 3, flags, off, int_user, int_user_end);
        one(", fxsave", 3, flags, off, fxsave, fxsave_end);
        one(", fxrstor", 3, flags, off, fxrstor, fxrstor_end);
        say("\n");
    }
}

static void exchanges(void)
{
    static const uint64_t pairs[][2] = { { 0x1122334455667788, 0x1122334455667788 },
                                         { 0x1122334455667788, 0x1122334455667789 },
                                         { 0x1122334455667788, 0x1022334455667788 } };

    for (unsigned i = 0; i < 3; i++) {
        cell[0] = pairs[i][0];
        at(3);
        in.eax = (uint32_t)pairs[i][1];
        in.edx = (uint32_t)(pairs[i][1] >> 32);
        in.ebx = 0xbbbbbbbb;
        in.ecx = 0xcccccccc;
        in.eflags |= 0x895;
        run(cx8_at_cell);
        ended("cmpxchg8b", cx8_at_cell, cx8_at_cell_end);
        say(", edx:eax %x%x memory %x%x eflags %x\n", got.edx, got.eax, (uint32_t)(cell[0] >> 32),
            (uint32_t)cell[0], got.esi);
    }
}

int main(void)
{
    uint32_t cr0;

    checks(3, AC);
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    cr0 |= 0x40000; /* AM */
    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0));
    checks(3, AC);
    others();
    frames_and_areas(AC);
    checks(3, 0);
    frames_and_areas(0);
    checks(0, AC);
    exchanges();
    one("cmpxchg8b of a register", 3, 0, 0, cx8_reg, cx8_reg_end);
    one("\nlock cmp", 3, 0, 0, lock_cmp, lock_cmp_end);
    one("\nlock mov", 3, 0, 0, lock_mov, lock_mov_end);
    one("\nlock add to a register", 3, 0, 0, lock_reg, lock_reg_end);
    one("\nlock bt", 3, 0, 0, lock_bt, lock_bt_end);
    one("\nlock bts", 3, 0, 0, lock_bts, lock_bts_end);
    say("\n");
    return 0;
}
