/* SPDX-License-Identifier: MIT */
/* segments.c - what may be loaded into segment registers, Vol. 2 MOV and Vol. 3 5.6, 5.7. */
#include "guest.h"

static uint32_t data[16];
struct {
    uint32_t offset;
    uint16_t selector;
} pointer;

SNIPPET(to_ds, "mov %eax, %ds");
SNIPPET(to_es, "mov %ax, %es");
SNIPPET(to_fs, "push %eax\n pop %fs");
SNIPPET(to_gs, "lgs %cs:pointer, %ebx");
SNIPPET(to_ss, "mov %eax, %ss");
SNIPPET(pop_ss, "push %eax\n pop %ss");
SNIPPET(by_lss, "lss %cs:pointer, %esp");
SNIPPET(to_cs, ".byte 0x8e, 0xc8");
SNIPPET(to_6, ".byte 0x8e, 0xf0");
SNIPPET(from_7, ".byte 0x8c, 0xf8");
SNIPPET(from_ds, "mov $-1, %eax\n mov %eax, %ebx\n mov %ds, %eax\n mov %ds, %bx");
SNIPPET(push_ds, "push $-1\n push $-1\n add $8, %esp\n push %ds\n pop %ax");

static const struct {
    const char *name;
    const void *code, *end;
} loads[] = {
    { " ds", to_ds, to_ds_end },    { " es", to_es, to_es_end }, { " fs", to_fs, to_fs_end },
    { " gs", to_gs, to_gs_end },    { " ss", to_ss, to_ss_end }, { " pop ss", pop_ss, pop_ss_end },
    { " lss", by_lss, by_lss_end },
};

static void load(uint32_t selector, const char *what)
{
    say("%s, selector %h\n", what, selector);
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        for (unsigned i = 0; i < 7; i++) {
            at(cpl);
            in.eax = 0xabcd0000 | selector;
            pointer.selector = (uint16_t)selector;
            pointer.offset = in.esp;
            run(loads[i].code);
            ended(loads[i].name, loads[i].code, loads[i].end);
            say("%s", i == 6 ? "\n" : ",");
        }
    }
}

static void loading(void)
{
    load(0, "null");
    load(3, "null");
    load(DATA0, "data of level 0");
    load(DATA3, "data of level 3");
    load(DATA3 & ~3, "data of level 3");
    load(CODE0, "code of level 0");
    load(CODE3, "code of level 3");
    load(TSS_MAIN, "a TSS");
    load(GDT_ENTRIES * 8 + 3, "beyond the table");
    load(sizeof(ldt) + 4, "beyond the local table");
    for (unsigned type = 0; type < 16; type++) {
        set_descriptor(SPARE, 0, 0xfffff, 0xc090 | D_DPL3 | type);
        say("type %u: ", type);
        load(SPARE | 3, "segment of level 3");
        say(" accessed %u\n", (uint32_t)(gdt[SPARE >> 3] >> 40 & 1));
    }
    set_descriptor(SPARE, 0, 0xfffff, (D_DATA | D_DPL3) & ~0x80);
    load(SPARE | 3, "absent");
    set_descriptor(SPARE, 0, 0xfffff, D_DATA & ~0x80);
    load(SPARE, "absent");
    set_descriptor(4, addr(data), 63, 0x4092 | D_DPL3);
    load(7, "local");
}

static void odd(const char *what, const void *code, const void *end)
{
    at(3);
    run(code);
    ended(what, code, end);
    say(", eax %x ebx %x\n", got.eax, got.ebx);
}

int main(void)
{
    loading();
    odd("mov to cs", to_cs, to_cs_end);
    odd("mov to register 6", to_6, to_6_end);
    odd("mov from register 7", from_7, from_7_end);
    odd("mov from ds", from_ds, from_ds_end);
    odd("push ds", push_ds, push_ds_end);
    return 0;
}
