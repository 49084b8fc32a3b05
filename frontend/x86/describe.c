/* SPDX-License-Identifier: MIT */
/* describe.c - registers as text. */
#include "frontend/x86/x86_priv.h"

static void describe_segment(const char *name, const X86Seg *s, GString *out)
{
    g_string_append_printf(out, "%-4s=%04x base %08x limit %08x attr %05x\n", name, s->selector,
                           s->base, s->limit, s->attr);
}

static void describe_flags(uint32_t f, GString *out)
{
    static const char letters[] = "C?P?A?ZSTIDO";

    for (unsigned i = 12; i-- > 0;) {
        if (letters[i] != '?') {
            g_string_append_c(out, (f >> i & 1) != 0 ? letters[i] : '-');
        }
    }
}

void x86_describe(Vcpu *v, GString *out)
{
    static const char *const registers[] = {
        "EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP"
    };
    static const uint8_t order[] = { 0, 3, 1, 2, 6, 7, 5, 4 };
    static const char *const segments[] = { "ES", "CS", "SS", "DS", "FS", "GS" };
    const X86Cpu *cpu = x86_cpu(v);
    uint32_t flags = x86_eflags(cpu);

    for (unsigned i = 0; i < 8; i++) {
        g_string_append_printf(out, "%s=%08x%c", registers[i], cpu->r[order[i]],
                               i % 4 == 3 ? '\n' : ' ');
    }
    g_string_append_printf(out, "EIP=%08x EFL=%08x [", x86_eip(cpu), flags);
    describe_flags(flags, out);
    g_string_append_printf(out, "] CPL=%u A20=%u HLT=%u%s\n", cpu->cpl, cpu->a20_mask >> 20 & 1,
                           (v->attention & ATTN_HALT) != 0, x86_vm86(cpu) ? " VM" : "");
    for (unsigned s = 0; s < N_SEGS; s++) {
        describe_segment(segments[s], &cpu->seg[s], out);
    }
    describe_segment("LDT", &cpu->ldtr, out);
    describe_segment("TR", &cpu->tr, out);
    g_string_append_printf(out, "GDT = %08x %04x\nIDT = %08x %04x\n", cpu->gdtr.base,
                           cpu->gdtr.limit, cpu->idtr.base, cpu->idtr.limit);
    g_string_append_printf(out, "CR0=%08x CR2=%08x CR3=%08x CR4=%08x\n", cpu->cr0, cpu->cr2,
                           cpu->cr3, cpu->cr4);
    g_string_append_printf(out, "DR0=%08x DR1=%08x DR2=%08x DR3=%08x DR6=%08x DR7=%08x\n",
                           cpu->dr[0], cpu->dr[1], cpu->dr[2], cpu->dr[3], cpu->dr[6], cpu->dr[7]);
}
