/* SPDX-License-Identifier: MIT */
/* ports.c - IN, OUT, INS, OUTS by CPL, IOPL and the I/O permission bitmap; Vol. 1 19.5. */
#include "guest.h"

static uint8_t bytes[4];

/* The DMA controller's page registers, 80 to 8f, keep what is written. */
SNIPPET(in_b, "inb $0x84, %al");
SNIPPET(in_w, "mov $0x84, %dx\n inw %dx, %ax");
SNIPPET(in_l, "inl $0x84, %eax");
SNIPPET(out_b, "mov $0x84, %dx\n outb %al, %dx");
SNIPPET(ins_b, "mov $0x84, %dx\n mov %ebx, %edi\n insb");
SNIPPET(outs_b, "mov $0x84, %dx\n mov %ebx, %esi\n outsb");
SNIPPET(rep_ins0, "xor %ecx, %ecx\n mov $0x84, %dx\n mov %ebx, %edi\n rep insb");
SNIPPET(in_ffff, "mov $0xffff, %dx\n inb %dx, %al");
SNIPPET16(v_in, "inb $0x84, %al");
SNIPPET16(v_out, "outb %al, $0x84");

static void one(const char *what, unsigned cpl, unsigned iopl, const void *code, const void *end)
{
    at(cpl);
    in.eflags |= iopl * IOPL1;
    in.eax = 0x5a;
    in.ebx = addr(bytes);
    run(code);
    ended(what, code, end);
    say(cpl == 3 && code == rep_ins0 ? "\n" : ",");
}

static void all(unsigned cpl, unsigned iopl)
{
    say("CPL %u IOPL %u:", cpl, iopl);
    one(" in", cpl, iopl, in_b, in_b_end);
    one(" inw", cpl, iopl, in_w, in_w_end);
    one(" inl", cpl, iopl, in_l, in_l_end);
    one(" out", cpl, iopl, out_b, out_b_end);
    one(" ins", cpl, iopl, ins_b, ins_b_end);
    one(" outs", cpl, iopl, outs_b, outs_b_end);
    one(" rep ins of none", cpl, iopl, rep_ins0, rep_ins0_end);
    say(cpl == 3 ? "" : "\n");
}

static void vm86(unsigned iopl)
{
    at_vm86(iopl);
    run_low(v_in);
    outcome("virtual-8086 in", v_in, v_in_end);
    at_vm86(iopl);
    run_low(v_out);
    outcome("virtual-8086 out", v_out, v_out_end);
}

int main(void)
{
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        for (unsigned iopl = 0; iopl < 4; iopl++) {
            all(cpl, iopl);
        }
    }
    vm86(0);
    vm86(3);
    say("a map, all zeros\n");
    tss.map = (uint16_t)offsetof(Tss, bits);
    all(3, 0);
    vm86(0);
    vm86(3);
    say("port 85 barred\n");
    tss.bits[0x10] = 0x20;
    all(3, 0);
    say("port 88 barred\n");
    tss.bits[0x10] = 0;
    tss.bits[0x11] = 1;
    all(3, 0);
    say("port 84 barred\n");
    tss.bits[0x10] = 0x10;
    all(3, 0);
    vm86(3);
    say("the map ends with port 87\n");
    tss.bits[0x10] = 0;
    set_descriptor(TSS_MAIN, addr(&tss), offsetof(Tss, bits) + 0x10, D_TSS32);
    load_task(TSS_MAIN);
    all(3, 0);
    say("and a byte of ones\n");
    set_descriptor(TSS_MAIN, addr(&tss), offsetof(Tss, bits) + 0x11, D_TSS32);
    load_task(TSS_MAIN);
    all(3, 0);
    at(3);
    run(in_ffff);
    outcome("in of port ffff", in_ffff, in_ffff_end);
    return 0;
}
