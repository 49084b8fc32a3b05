/* SPDX-License-Identifier: MIT */
/* helpers_system.c - emulation routines of system instructions that translated code calls. */
#include "frontend/mips/lift.h"
#include "frontend/mips/mips_priv.h"

/* WAIT: @a: pc and mode word of the next instruction. */
uint64_t mips_help_wait(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    v->pc = ir_pc_va(a);
    v->mode = ir_pc_mode(a);
    if (!mips_wakes(v)) {
        mips_cpu(v)->halted = 1;
        v->attention |= ATTN_HALT;
    }
    return 0;
}

/* RDHWR, MD00086: @a: number; @b: coprocessor 0 is usable; @c: instructions retired. */
uint64_t mips_help_rdhwr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);
    bool there = a <= 3 || (a == 29 && (cpu->features & MIPS_USERLOCAL) != 0);

    if (!there || (b == 0 && (cpu->cp0.hwrena >> a & 1) == 0)) {
        mips_raise(v, MIPS_EXC_RI, 0, 0);
        return 0;
    }
    switch (a) {
    case 0: return 0;                                  /* CPUNum: EBase.CPUNum */
    case 1: return 2u << (cpu->cp0.config1 >> 19 & 7); /* SYNCI_Step: a line, Config1.IL */
    case 2: vcpu_cold(v)->now_count = c; return mips_count_seen(cpu);
    case 3: return 2; /* CCRes: Count steps every second cycle */
    default: return cpu->cp0.userlocal;
    }
}

/* Whether the store before this one is done, and this is not finished by the interpreter. */
static bool goes_on(Vcpu *v)
{
    return v->leave == LEAVE_NO || (v->leave == LEAVE_AFTER && vcpu_cold(v)->host_pc == NULL);
}

/* SWL, SWR: @a: address; @b: value; @c: big-endian memory. One aligned word at most, so the first
 * byte's fate is that of all; a byte that is not done leaves nothing done. */
static void store_part(Vcpu *v, Gva from, unsigned bytes, uint32_t value, bool be)
{
    uint8_t *plain = mmu_plain(v, from, ACCESS_WRITE);

    for (unsigned i = 0; i < bytes && goes_on(v); i++) {
        uint8_t byte = (uint8_t)(value >> 8 * (be ? bytes - 1 - i : i));

        if (plain) {
            plain[i] = byte;
        } else {
            mmu_store(v, from + i, byte, MO_8);
        }
    }
}

/* SC that stores nothing: its address, @a, is translated for a store all the same (MD00086). */
uint64_t mips_help_sc_failed(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    (void)mmu_translates(v, (Gva)a, ACCESS_WRITE);
    return 0;
}

uint64_t mips_help_swl(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Gva va = (Gva)a;
    unsigned bytes = c != 0 ? 4 - (va & 3) : (va & 3) + 1;

    store_part(v, c != 0 ? va : va & ~3u, bytes, (uint32_t)b >> (32 - 8 * bytes), c != 0);
    return 0;
}

uint64_t mips_help_swr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Gva va = (Gva)a;
    unsigned bytes = c != 0 ? (va & 3) + 1 : 4 - (va & 3);

    store_part(v, c != 0 ? va & ~3u : va, bytes, (uint32_t)b, c != 0);
    return 0;
}
