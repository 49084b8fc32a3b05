/* SPDX-License-Identifier: MIT */
/*
 * watch.c - the watch registers, MD00090 9.51 and 9.52, and the exception that they raise.
 * While a pair is enabled for the present ASID, MIPS_MODE_WATCH is in the mode word, and units made
 * in it ask here before each instruction and each access: without watchpoints it costs nothing.
 * A match is of doublewords. What the manual leaves open: PREF and CACHE do not match, SYNCI and an
 * SC that fails do.
 */
#include "frontend/mips/lift.h"
#include "frontend/mips/mips_priv.h"

enum { WATCHHI_MASK = 0xff8, WATCHHI_ASID_SHIFT = 16, DOUBLEWORD = 8 };
#define WATCHHI_G (1u << 30)

/* ---- which ---- */

static unsigned pairs(const MipsCpu *cpu) { return (cpu->features & MIPS_WATCH4) != 0 ? 4 : 1; }

/* MD00343, MD00519 8.3: of four pairs two are for fetches and two for data. */
static uint32_t kinds_of(const MipsCpu *cpu, unsigned i)
{
    if (pairs(cpu) == 1) {
        return MIPS_WATCH_I | MIPS_WATCH_R | MIPS_WATCH_W;
    }
    return i < 2 ? (uint32_t)MIPS_WATCH_I : MIPS_WATCH_R | MIPS_WATCH_W;
}

static bool is_ours(const MipsCpu *cpu, unsigned i)
{
    uint32_t hi = cpu->cp0.watchhi[i];

    return (hi & WATCHHI_G) != 0
           || (hi >> WATCHHI_ASID_SHIFT & ENTRYHI_ASID) == (cpu->cp0.entryhi & ENTRYHI_ASID);
}

bool mips_watch_armed(const MipsCpu *cpu)
{
    for (unsigned i = 0; i < pairs(cpu); i++) {
        if ((cpu->cp0.watchlo[i] & MIPS_WATCH_KINDS) != 0 && is_ours(cpu, i)) {
            return !mips_debug_mode(cpu); /* MD00047 5.3.2 */
        }
    }
    return false;
}

static bool matches(const MipsCpu *cpu, unsigned i, Gva va, uint32_t bytes, uint32_t kind)
{
    uint32_t lo = cpu->cp0.watchlo[i], ignore = (cpu->cp0.watchhi[i] & WATCHHI_MASK) | 7;
    uint32_t n = (va % DOUBLEWORD + bytes + DOUBLEWORD - 1) / DOUBLEWORD;

    if ((lo & kind) == 0 || !is_ours(cpu, i)) {
        return false;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (((va + k * DOUBLEWORD) ^ lo) & ~ignore) {
            continue;
        }
        return true;
    }
    return false;
}

bool mips_watch(MipsCpu *cpu, Gva va, uint32_t bytes, uint32_t kind)
{
    bool hit = false;

    for (unsigned i = 0; i < pairs(cpu) && mips_watch_armed(cpu); i++) {
        if (matches(cpu, i, va, bytes, kind)) {
            cpu->cp0.watchhi[i] |= (cpu->features & MIPS_R2) != 0 ? kind : 0;
            hit = true;
        }
    }
    if (hit && (cpu->cp0.status & (STATUS_EXL | STATUS_ERL)) != 0) {
        cpu->cp0.cause |= CAUSE_WP; /* 9.32: once both are clear */
        mips_update_irq(cpu);
        return false;
    }
    return hit;
}

bool mips_watch_is_due(const MipsCpu *cpu)
{
    return (cpu->cp0.cause & CAUSE_WP) != 0 && (cpu->cp0.status & (STATUS_EXL | STATUS_ERL)) == 0
           && !mips_debug_mode(cpu);
}

/* ---- the registers ---- */

void mips_watch_reset(MipsCpu *cpu)
{
    for (unsigned i = 0; i + 1 < pairs(cpu); i++) {
        cpu->cp0.watchhi[i] = MIPS_WATCHHI_M;
    }
}

void mips_watchlo_write(MipsCpu *cpu, unsigned i, uint32_t value)
{
    cpu->cp0.watchlo[i] = value & (~(uint32_t)MIPS_WATCH_KINDS | kinds_of(cpu, i));
    mips_update(cpu);
}

/* I, R and W say what has matched; ones clear. */
void mips_watchhi_write(MipsCpu *cpu, unsigned i, uint32_t value)
{
    const uint32_t plain = WATCHHI_G | ENTRYHI_ASID << WATCHHI_ASID_SHIFT | WATCHHI_MASK;
    uint32_t old = cpu->cp0.watchhi[i] & ~(value & MIPS_WATCH_KINDS);

    cpu->cp0.watchhi[i] = (old & ~plain) | (value & plain);
    mips_update(cpu);
}

/* ---- called by translated code ---- */

/* Before an access to @a; @b: its kind, and its bytes from bit 8 on. */
uint64_t mips_help_watch(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    if (mips_watch(mips_cpu(v), (Gva)a, (uint32_t)b >> 8, (uint32_t)b & MIPS_WATCH_KINDS)) {
        mips_raise(v, MIPS_EXC_WATCH, 0, 0);
    }
    return 0;
}
