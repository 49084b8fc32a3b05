/* SPDX-License-Identifier: MIT */
/* ask.c - SGDT, SIDT, SLDT, STR, SMSW and LAR, LSL, VERR, VERW, ARPL at each privilege. */
#include "guest.h"

uint8_t out[8];

SNIPPET(sgdt32, "sgdt out");
SNIPPET(sgdt16, "data16 sgdt out");
SNIPPET(sidt32, "sidt out");
SNIPPET(sldt32, "mov $-1, %eax\n mov %eax, %ebx\n sldt %eax\n sldt %bx\n sldt out");
SNIPPET(str32, "mov $-1, %eax\n mov %eax, %ebx\n str %eax\n str %bx\n str out");
SNIPPET(smsw32, "mov $-1, %eax\n mov %eax, %ebx\n smsw %eax\n smsw %bx\n smsw out");
SNIPPET(ask_lar, "stc\n lar %ax, %ecx\n pushf\n pop %edx");
SNIPPET(ask_lar16, "lar %ax, %cx\n pushf\n pop %edx");
SNIPPET(ask_lsl, "lsl %ax, %ecx\n pushf\n pop %edx");
SNIPPET(ask_lsl16, "lsl %ax, %cx\n pushf\n pop %edx");
SNIPPET(ask_verr, "verr %ax\n pushf\n pop %edx");
SNIPPET(ask_verw, "verw %ax\n pushf\n pop %edx");
SNIPPET(arpl_, "arpl %bx, %ax\n pushf\n pop %edx");
SNIPPET16(v_sgdt, "sgdt 0x100");
SNIPPET16(v_sldt, "sldt %ax");
SNIPPET16(v_str, "str %ax");
SNIPPET16(v_smsw, "smsw %eax");
SNIPPET16(v_lar, "lar %ax, %cx");
SNIPPET16(v_lsl, "lsl %ax, %cx");
SNIPPET16(v_verr, "verr %ax");
SNIPPET16(v_verw, "verw %ax");
SNIPPET16(v_arpl, "arpl %bx, %ax");
SNIPPET16(v_mov_cr, "mov %cr0, %eax");
SNIPPET16(v_lldt, "lldt %ax");
SNIPPET16(v_lgdt, "lgdt 0x100");
SNIPPET16(v_hlt, "hlt");

static void store(unsigned cpl, const char *what, const void *code, const void *end)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = 0xee;
    }
    at(cpl);
    run(code);
    ended(what, code, end);
    say(", eax %x ebx %x memory", got.eax, got.ebx);
    for (unsigned i = 0; i < 8; i += 2) {
        say(" %h", *(uint16_t *)(out + i));
    }
    say("\n");
}

static void stores(unsigned cpl)
{
    say("CPL %u\n", cpl);
    store(cpl, " sgdt", sgdt32, sgdt32_end);
    store(cpl, " sgdt of 16 bits", sgdt16, sgdt16_end);
    store(cpl, " sidt", sidt32, sidt32_end);
    store(cpl, " sldt", sldt32, sldt32_end);
    store(cpl, " str", str32, str32_end);
    store(cpl, " smsw", smsw32, smsw32_end);
}

typedef struct Question {
    const char *name, *code, *end;
} Question;

static const Question questions[] = {
    { " lar", ask_lar, ask_lar_end },    { " lar16", ask_lar16, ask_lar16_end },
    { " lsl", ask_lsl, ask_lsl_end },    { " lsl16", ask_lsl16, ask_lsl16_end },
    { " verr", ask_verr, ask_verr_end }, { " verw", ask_verw, ask_verw_end },
};

/* A letter for each answer at each CPL and RPL: what came, if the four of a row agree. */
static void ask(uint32_t selector, const char *what)
{
    say("%s:", what);
    for (unsigned q = 0; q < 6; q++) {
        uint32_t value = 0;

        say("%s ", questions[q].name);
        for (unsigned cpl = 0; cpl < 4; cpl++) {
            for (unsigned rpl = 0; rpl < 4; rpl++) {
                at(cpl);
                in.eax = selector | rpl;
                in.ecx = 0x11223344;
                run(questions[q].code);
                if (got.vector != 3) {
                    say("!");
                } else if (got.edx & ZF) {
                    say("+");
                    value = got.ecx;
                } else {
                    say(got.ecx == 0x11223344 ? "-" : "?");
                }
            }
        }
        if (q < 4) {
            say(" %x", value);
        }
    }
    say("\n");
}

static void types(void)
{
    static const char *const name[16] = {
        "system 0", "system 1", "system 2", "system 3", "system 4", "system 5",
        "system 6", "system 7", "system 8", "system 9", "system a", "system b",
        "system c", "system d", "system e", "system f",
    };

    for (unsigned type = 0; type < 16; type++) {
        set_descriptor(SPARE, 0x123456, 0x54321, 0x80 | type | D_DPL3);
        ask(SPARE, name[type]);
    }
    for (unsigned type = 0; type < 16; type++) {
        say("segment");
        set_descriptor(SPARE, 0x123456, 0x54321, 0xc090 | type | (type & 1 ? D_DPL1 : D_DPL3));
        ask(SPARE, name[type] + 6);
    }
    set_descriptor(SPARE, 0x123456, 0x54321, 0x4012 | D_DPL3);
    ask(SPARE, "absent, bytes");
    set_descriptor(SPARE + 8, 0, 0xfffff, D_DATA | D_DPL3);
    ask(0, "null");
    ask(GDT_ENTRIES * 8, "beyond the table");
    set_descriptor(4, 0, 7, D_DATA | D_DPL3);
    ask(4, "local");
    ask(sizeof(ldt) + 4, "beyond the local table");
}

static void adjust(uint32_t a, uint32_t b)
{
    at(3);
    in.eax = a;
    in.ebx = b;
    in.eflags |= 0xad5;
    run(arpl_);
    ended("arpl", arpl_, arpl__end);
    say(", eax %x eflags %x\n", got.eax, got.edx);
}

static void vm86(const char *what, const void *code, const void *end)
{
    at_vm86(3);
    run_low(code);
    ended(what, code, end);
    say(", eax %x\n", got.eax);
}

int main(void)
{
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        stores(cpl);
    }
    types();
    adjust(0x12345670, 0xffff0003);
    adjust(0x12345673, 0xffff0001);
    adjust(0x12345672, 0xffff0002);
    say("virtual-8086\n");
    vm86(" sgdt", v_sgdt, v_sgdt_end);
    vm86(" sldt", v_sldt, v_sldt_end);
    vm86(" str", v_str, v_str_end);
    vm86(" smsw", v_smsw, v_smsw_end);
    vm86(" lar", v_lar, v_lar_end);
    vm86(" lsl", v_lsl, v_lsl_end);
    vm86(" verr", v_verr, v_verr_end);
    vm86(" verw", v_verw, v_verw_end);
    vm86(" arpl", v_arpl, v_arpl_end);
    vm86(" mov from cr0", v_mov_cr, v_mov_cr_end);
    vm86(" lldt", v_lldt, v_lldt_end);
    vm86(" lgdt", v_lgdt, v_lgdt_end);
    vm86(" hlt", v_hlt, v_hlt_end);
    return 0;
}
