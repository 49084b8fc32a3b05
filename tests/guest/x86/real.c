/* SPDX-License-Identifier: MIT */
/* real.c - real-address mode: its interrupt table, limits, flags; Vol. 3 20.1. */
#include "guest.h"

/* The blob lies at LOW, segment 800: the way in, a handler for each vector, the way back. */
enum { TRY = 0x600, SEEN = 0x500, WIDE = SPARE + 16 };

__asm__(
    ".text\n.balign 16\n.global real_blob, real_blob_end\n.code16\n"
    "real_blob: mov %cr0, %eax\n and $0xfe, %al\n mov %eax, %cr0\n ljmp $0x800, $1f - real_blob\n"
    "1: mov $0x900, %ax\n mov %ax, %ss\n mov $0x800, %sp\n mov $0x800, %ax\n mov %ax, %ds\n"
    " mov %ax, %es\n mov %ax, %gs\n lidtl %cs:real_idt - real_blob\n"
    " mov $0x1234, %ax\n mov $0x5678, %bx\n xor %cx, %cx\n xor %dx, %dx\n pushw $2\n popfw\n"
    " jmp real_blob + 0x600\n"
    "real_idt: .word 0x3ff\n .long 0\n"
    ".balign 256\n .set i, 0\n .rept 65\n pushw $i\n jmp 2f\n .balign 8\n .set i, i + 1\n .endr\n"
    "2: popw %cs:0x500\n popw %cs:0x502\n popw %cs:0x504\n popw %cs:0x506\n"
    " mov %sp, %cs:0x508\n mov %ax, %cs:0x50a\n mov %bx, %cs:0x50c\n mov %cx, %cs:0x50e\n"
    " mov %dx, %cs:0x510\n pushf\n popw %cs:0x512\n"
    " mov %cr0, %eax\n or $1, %al\n mov %eax, %cr0\n ljmpl $0x08, $real_back\n"
    "real_blob_end:\n.code32\n"
    "real_back: mov $0x10, %eax\n mov %eax, %ds\n mov %eax, %es\n mov %eax, %fs\n"
    " mov %eax, %gs\n mov %eax, %ss\n mov home, %esp\n popf\n popal\n ret\n"
    ".global to_real\nto_real: pushal\n pushf\n cli\n mov %esp, home\n mov $0x78, %eax\n"
    " mov %eax, %fs\n mov $0x70, %eax\n mov %eax, %ds\n mov %eax, %es\n mov %eax, %ss\n"
    " mov %eax, %gs\n ljmp $0x68, $0\n");
extern const uint8_t real_blob[], real_blob_end[];
void to_real(void);

SNIPPET16(int_40, "int $0x40");
SNIPPET16(int_ret, "sti\n int $0x3f\n cli");
SNIPPET16(word_at_end, "mov 0xffff, %ax");
SNIPPET16(byte_at_end, "mov 0xffff, %al");
SNIPPET16(beyond, "mov $0x10000, %esi\n mov (%esi), %al");
SNIPPET16(stack_odd, "mov $0xffff, %bp\n mov (%bp), %ax");
SNIPPET16(stack_wrap, "xor %sp, %sp\n push %ax\n mov %sp, %cx\n pop %dx");
SNIPPET16(unreal, "mov $0x100000, %esi\n mov %fs:(%esi), %eax\n xor %ax, %ax\n mov %fs, %bx");
SNIPPET16(popf_all, "pushw $0x7ed7\n popfw\n pushfw\n pop %cx\n pushw $2\n popfw");
SNIPPET16(far_call, "lcall $0x860, $1f - far_call\n mov %cx, %dx\n jmp 2f\n1: mov %cs, %cx\n"
                    "lret\n2:");
SNIPPET16(lar_, "lar %ax, %cx");
SNIPPET16(verr_, "verr %ax");
SNIPPET16(sldt_, "sldt %ax");
SNIPPET16(lldt_, "lldt %ax");
SNIPPET16(arpl_, "arpl %bx, %ax");
SNIPPET16(smsw_, "smsw %cx");
SNIPPET16(sysenter_, "sysenter");
SNIPPET16(ud, "ud2");
SNIPPET16(divide, "div %cl");
SNIPPET16(step, "pushw $0x102\n popfw\n nop\n nop");
SNIPPET16(short_idt, "lidt %cs:1f - short_idt + 0x600\n int $0x40\n1: .word 0xff\n .long 0");
SNIPPET16(moved_idt, "lidt %cs:1f - moved_idt + 0x600\n int $0x10\n1: .word 0x3ff\n .long 0xc0");
SNIPPET16(to_cs, "mov $0x1000, %bx\n mov %bx, %cs:0x520\n mov %cs:0x520, %cx");
SNIPPET16(load_seg, "mov $0xffff, %ax\n mov %ax, %es\n mov %es:0x8010, %cl\n mov %es, %dx");
SNIPPET16(long_jump, "data32 ljmp $0x800, $0x10000");

static void one(const char *what, const void *code, const void *end)
{
    const volatile uint16_t *seen = (const volatile uint16_t *)(LOW + SEEN);

    for (unsigned i = 0; i < 256; i++) {
        ((volatile uint8_t *)LOW)[TRY + i] = ((const uint8_t *)code)[i];
    }
    to_real();
    load_idt(sizeof(idt) - 1);
    say("%s: ", what);
    if (seen[0] == 3 && seen[1] == TRY + (addr(end) - addr(code)) + 1) {
        say("done");
    } else {
        say("vector %u at %h:+%u", seen[0], seen[2], (uint32_t)(seen[1] - TRY) & 0xffff);
    }
    say(", flags %h, handler's %h, sp %h, %h %h %h %h\n", seen[3], seen[9], seen[4], seen[5],
        seen[6], seen[7], seen[8]);
}

static void set_blob(void)
{
    for (unsigned i = 0; i < (unsigned)(addr(real_blob_end) - addr(real_blob)); i++) {
        ((volatile uint8_t *)LOW)[i] = real_blob[i];
    }
    for (unsigned v = 0; v <= 0x40; v++) {
        ((volatile uint32_t *)4)[(int)v - 1] = (LOW >> 4) << 16 | (0x100 + 8 * v);
    }
    set_descriptor(SPARE, LOW, 0xffff, 0x009a);
    set_descriptor(SPARE + 8, LOW, 0xffff, 0x0092);
    set_descriptor(WIDE, 0, 0xfffff, 0x8092);
}

int main(void)
{
    set_blob();
    one("int 40", int_40, int_40_end);
    one("sti, int 3f", int_ret, int_ret_end);
    one("byte at ffff", byte_at_end, byte_at_end_end);
    one("word at ffff", word_at_end, word_at_end_end);
    one("byte at 10000", beyond, beyond_end);
    one("word at ss:ffff", stack_odd, stack_odd_end);
    one("push at sp 0", stack_wrap, stack_wrap_end);
    one("beyond 64 KiB through fs", unreal, unreal_end);
    one("popf", popf_all, popf_all_end);
    one("far call", far_call, far_call_end);
    one("lar", lar_, lar__end);
    one("verr", verr_, verr__end);
    one("sldt", sldt_, sldt__end);
    one("lldt", lldt_, lldt__end);
    one("arpl", arpl_, arpl__end);
    one("smsw", smsw_, smsw__end);
    one("sysenter", sysenter_, sysenter__end);
    one("ud2", ud, ud_end);
    one("div by 0", divide, divide_end);
    one("TF", step, step_end);
    one("int 40, short table", short_idt, short_idt_end);
    one("int 10, table at c0", moved_idt, moved_idt_end);
    one("store to cs", to_cs, to_cs_end);
    one("load es", load_seg, load_seg_end);
    one("jmp to EIP 10000", long_jump, long_jump_end);
    return 0;
}
