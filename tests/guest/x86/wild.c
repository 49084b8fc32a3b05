/* SPDX-License-Identifier: MIT */
/*
 * wild.c - tables, stacks, page tables and code where there is nothing: a reset, or an exception.
 * qemu: no, it stops where code is outside RAM and ROM
 * reboot: yes
 */
#include "paging.h"

enum { NOWHERE = (int)0xd0000000, MAGIC = 0x57494c44 };

/* What lives on through a reset: RAM that nothing is loaded to. */
typedef struct Kept {
    uint32_t magic, next;
} Kept;
static volatile Kept *const kept = (volatile Kept *)0x700000;

struct {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed)) table;

SNIPPET(gdt_es, "lgdt %cs:table\n mov $0x10, %eax\n mov %eax, %es");
SNIPPET(gdt_ud, "lgdt %cs:table\n ud2");
SNIPPET(idt_int, "lidt %cs:table\n int $0x40");
SNIPPET(idt_ud, "lidt %cs:table\n ud2");
SNIPPET(stack, "mov %ebx, %esp\n push %eax\n pop %ecx");
SNIPPET(page_tables,
        "mov %ebx, %cr3\n mov %cr0, %eax\n or $0x80000000, %eax\n mov %eax, %cr0\n nop");
SNIPPET(jump, "jmp *%ebx");
SNIPPET(ud, "ud2");
SNIPPET(load_task_ud, "ltr %bx\n ud2");
SNIPPET(ldt_es, "lldt %bx\n mov $4, %eax\n mov %eax, %es");
SNIPPET(task, "ljmp $0x68, $0");

static const struct {
    const char *name;
    const char *code, *end;
    uint32_t base, limit;
} trials[] = {
    { "IDT limit 0, INT", idt_int, idt_int_end, 0, 0 },
    { "IDT limit 0, #UD", idt_ud, idt_ud_end, 0, 0 },
    { "IDT nowhere, #UD", idt_ud, idt_ud_end, NOWHERE, 0xffff },
    { "IDT in the APIC, INT", idt_int, idt_int_end, 0xfee00000, 0xffff },
    { "IDT through the end of memory, INT", idt_int, idt_int_end, 0xffffff00, 0xffff },
    { "GDT limit 0", gdt_es, gdt_es_end, 0, 0 },
    { "GDT nowhere", gdt_es, gdt_es_end, NOWHERE, 0xffff },
    { "GDT nowhere, #UD", gdt_ud, gdt_ud_end, NOWHERE, 0xffff },
    { "GDT through the end of memory", gdt_es, gdt_es_end, 0xfffffff4, 0xffff },
    { "stack nowhere", stack, stack_end, NOWHERE, 0 },
    { "stack in the APIC", stack, stack_end, 0xfee00104, 0 },
    { "stack through the end of memory", stack, stack_end, 2, 0 },
    { "page tables nowhere", page_tables, page_tables_end, NOWHERE, 0 },
    { "page tables in the APIC", page_tables, page_tables_end, 0xfee00000, 0 },
    { "page tables all 0", page_tables, page_tables_end, 0x800000, 0 },
    { "code nowhere", jump, jump_end, NOWHERE, 0 },
    { "code in the APIC", jump, jump_end, 0xfee00020, 0 },
    { "TSS nowhere, #UD at level 3", ud, ud_end, NOWHERE, 0x67 },
    { "TSS nowhere, LTR, #UD", load_task_ud, load_task_ud_end, NOWHERE, 0x67 },
    { "TSS in the APIC, task switch", task, task_end, 0xfee00000, 0x67 },
    { "TSS nowhere, task switch", task, task_end, NOWHERE, 0x67 },
    { "LDT nowhere", ldt_es, ldt_es_end, NOWHERE, 0xffff },
};
enum { TRIALS = sizeof(trials) / sizeof(trials[0]) };

static void prepare(uint32_t n)
{
    const char *code = trials[n].code;

    at(code == ud ? 3 : 0);
    in.ebx = trials[n].base;
    table.base = trials[n].base;
    table.limit = (uint16_t)trials[n].limit;
    if (code == ud || code == load_task_ud || code == task) {
        set_descriptor(SPARE, trials[n].base, trials[n].limit, D_TSS32);
        in.ebx = SPARE;
    }
    if (code == ud) {
        load_task(SPARE);
    }
    if (code == ldt_es) {
        set_descriptor(SPARE, trials[n].base, trials[n].limit, D_LDT);
        in.ebx = SPARE;
    }
}

int main(void)
{
    if (kept->magic == MAGIC) {
        say("reset\n"); /* by the trial before */
    } else {
        kept->next = 0;
        kept->magic = MAGIC;
    }
    while (kept->next < TRIALS) {
        uint32_t n = kept->next++;

        say("%s: ", trials[n].name);
        prepare(n);
        run(trials[n].code);
        if (trials[n].code == stack) {
            say("back\n"); /* what was pushed is lost */
        } else {
            outcome("back", trials[n].code, trials[n].end);
        }
        set_up(); /* its own tables again */
    }
    kept->magic = 0;
    return 0;
}
