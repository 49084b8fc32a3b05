/* SPDX-License-Identifier: MIT */
/* modes.c - operating modes; the mode word, view and pending interrupts that follow from state. */
#include "frontend/mips/mips_priv.h"

/* MD00090 3.1 to 3.4 */
MipsRegime mips_regime(const MipsCpu *cpu)
{
    uint32_t status = cpu->cp0.status;

    if (mips_debug_mode(cpu)) {
        return MIPS_DEBUG;
    }
    if ((status & STATUS_ERL) != 0) {
        return MIPS_KERNEL_ERL;
    }
    if ((status & STATUS_EXL) != 0 || (status & STATUS_KSU) == 0) {
        return MIPS_KERNEL;
    }
    /* KSU 3 is reserved: as User Mode. Without supervisor mode bit 3 cannot be set. */
    return (status & STATUS_KSU) == STATUS_R0 ? MIPS_SUPER : MIPS_USER;
}

static ViewKey key_of(const MipsCpu *cpu, MipsRegime regime)
{
    return view_key((uint8_t)regime, (uint8_t)(cpu->cp0.entryhi & ENTRYHI_ASID), 0, 0);
}

ViewKey mips_view_key(const MipsCpu *cpu) { return key_of(cpu, mips_regime(cpu)); }

static uint32_t mode_word(const MipsCpu *cpu, MipsRegime regime)
{
    uint32_t m = cpu->v.mode & (MIPS_MODE_ISA | MIPS_MODE_SLOTS), status = cpu->cp0.status;
    bool be = cpu->big_endian != 0;

    if ((regime & VIEW_PRIVILEGED) != 0) {
        m |= MIPS_MODE_PRIV | MIPS_MODE_CP0;
    } else if ((status & STATUS_CU0) != 0) {
        m |= MIPS_MODE_CP0;
    }
    if (regime == MIPS_USER && (status & STATUS_RE) != 0) {
        be = !be; /* 9.26, RE */
    }
    m |= be ? MIPS_MODE_BE : 0;
    m |= (cpu->features & MIPS_MM) != 0 ? MIPS_MODE_MM : 0;
    m |= mips_watch_armed(cpu) ? MIPS_MODE_WATCH : 0;
    if ((cpu->features & MIPS_DSP) != 0 && (status & STATUS_MX) != 0) {
        m |= MIPS_MODE_DSP;
    }
    return m | mips_fp_mode(cpu);
}

uint32_t mips_cause(const MipsCpu *cpu)
{
    uint32_t cause = (cpu->cp0.cause & ~0xfc00u) | cpu->irq_level << (CAUSE_IP_SHIFT + 2);

    /* 9.27: IntCtl.IPTI is 7. Release 1 has no TI: it shows as IP7 only. */
    if ((cause & CAUSE_TI) != 0) {
        cause |= 1u << (CAUSE_IP_SHIFT + 7);
    }
    return (cpu->features & MIPS_R2) != 0 ? cause : cause & ~(uint32_t)CAUSE_TI;
}

/* Whatever IE, EXL and ERL say: EI need not look, and WAIT ends for it. A deferred Watch exception
 * is pending too. */
void mips_update_irq(MipsCpu *cpu)
{
    bool wants;

    cpu->cause = mips_cause(cpu);
    wants = (cpu->cause & ((cpu->cp0.status & 0xff00) | CAUSE_WP)) != 0;
    cpu->v.attention = (cpu->v.attention & ~(uint32_t)ATTN_IRQ) | (wants ? ATTN_IRQ : 0);
}

void mips_update(MipsCpu *cpu)
{
    MipsRegime regime = mips_regime(cpu);
    ViewKey key = key_of(cpu, regime);

    cpu->v.mode = mode_word(cpu, regime);
    mmu_select(cpu->mmu, key, key, cpu->v.mode & MIPS_LOOKUP_MODE);
    mips_update_irq(cpu);
}
