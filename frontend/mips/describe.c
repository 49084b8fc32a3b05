/* SPDX-License-Identifier: MIT */
/* describe.c - registers and the TLB as text. */
#include "frontend/mips/mips_priv.h"

static const char *const names[32] = { "r0", "at", "v0", "v1", "a0", "a1", "a2", "a3",
                                       "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7",
                                       "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",
                                       "t8", "t9", "k0", "k1", "gp", "sp", "s8", "ra" };

static const char *regime_name(MipsRegime regime)
{
    switch (regime) {
    case MIPS_KERNEL: return "kernel";
    case MIPS_KERNEL_ERL: return "error";
    case MIPS_DEBUG: return "debug";
    case MIPS_SUPER: return "supervisor";
    case MIPS_USER: return "user";
    }
    return "???";
}

void mips_describe(Vcpu *v, GString *out)
{
    const MipsCpu *cpu = mips_cpu(v);
    const MipsCp0 *c = &cpu->cp0;

    for (unsigned i = 0; i < 32; i++) {
        g_string_append_printf(out, "%s=%08x%c", names[i], cpu->r[i], i % 4 == 3 ? '\n' : ' ');
    }
    g_string_append_printf(out, "pc=%08x hi=%08x lo=%08x %s%s\n", v->pc, cpu->hi[0], cpu->lo[0],
                           regime_name(mips_regime(cpu)),
                           (v->mode & MIPS_MODE_SLOT) != 0 ? " delay slot" : "");
    g_string_append_printf(out, "Status=%08x Cause=%08x EPC=%08x BadVAddr=%08x\n", c->status,
                           mips_cause(cpu), c->epc, c->badvaddr);
    g_string_append_printf(out, "EntryHi=%08x EntryLo0=%08x EntryLo1=%08x PageMask=%08x\n",
                           c->entryhi, c->entrylo0, c->entrylo1, c->pagemask);
    g_string_append_printf(out, "Context=%08x Index=%08x Random=%u Wired=%u EBase=%08x\n",
                           c->context, c->index, c->random, c->wired, c->ebase);
}

/* MD00090 9.5, 9.9, 9.10: by the names of the fields in EntryHi, PageMask and EntryLo. */
void mips_show_tlb(Vcpu *v, GString *out)
{
    const MipsCpu *cpu = mips_cpu(v);
    const MipsTlb *t = &cpu->tlb;

    g_string_append(out, "index  PageMask   VPN2  ASID  G    PFN0  C D V    PFN1  C D V\n");
    for (unsigned i = 0; i < cpu->model->tlb_entries; i++) {
        const uint32_t lo[] = { t->lo0[i], t->lo1[i] };

        g_string_append_printf(out, "%5u  %08x  %05x    %02x  %u", i, t->mask[i],
                               (t->hi[i] & ENTRYHI_VPN2) >> 13, t->hi[i] & ENTRYHI_ASID,
                               (lo[0] & lo[1] & ENTRYLO_G) != 0);
        for (unsigned k = 0; k < 2; k++) {
            g_string_append_printf(out, "  %06x  %u %u %u", lo[k] >> ENTRYLO_PFN_SHIFT,
                                   lo[k] >> 3 & 7, (lo[k] & ENTRYLO_D) != 0,
                                   (lo[k] & ENTRYLO_V) != 0);
        }
        g_string_append_c(out, '\n');
    }
}
