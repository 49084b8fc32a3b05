/* SPDX-License-Identifier: MIT */
/* walk.c - segments of the address space, MD00090 4.3 to 4.8; what memory raises. */
#include "frontend/mips/mips_priv.h"

enum { SEGMENT = 1 << 29 };
#define KSEG0 0x80000000u
#define KSEG1 0xa0000000u
#define KSEG2 0xc0000000u /* sseg */
#define KSEG3 0xe0000000u

/* MD00047 5.2: dseg, of which there is no probe and no debug hardware: it is not mapped by the
 * TLB. */
#define DSEG 0xff200000u
enum { DSEG_BYTES = 0x200000 };

typedef enum Segment { SEG_MAPPED, SEG_FIXED, SEG_FORBIDDEN } Segment;

/* Table 4.1. @pa is set for SEG_FIXED. */
static Segment segment(MipsRegime regime, Gva va, Gpa *pa)
{
    if (regime == MIPS_USER || regime == MIPS_SUPER) {
        bool sseg = regime == MIPS_SUPER && va >= KSEG2 && va < KSEG3;

        return va < KSEG0 || sseg ? SEG_MAPPED : SEG_FORBIDDEN;
    }
    *pa = va;
    if (va < KSEG0) {
        return regime == MIPS_KERNEL_ERL ? SEG_FIXED : SEG_MAPPED; /* 4.7 */
    }
    if (va < KSEG2) {
        *pa = va & (SEGMENT - 1);
        return SEG_FIXED;
    }
    return regime == MIPS_DEBUG && va - DSEG < DSEG_BYTES ? SEG_FIXED : SEG_MAPPED;
}

/* Table 6.1: Watch comes before what else an access raises. Data has been looked at in the unit. */
static bool watched(Vcpu *v, Gva va, MmuAccess access)
{
    if (access != ACCESS_FETCH || !mips_watch(mips_cpu(v), va, 1, MIPS_WATCH_I)) {
        return false;
    }
    mips_raise(v, MIPS_EXC_WATCH, 0, 0);
    return true;
}

static bool walk(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe, MmuMapping *out)
{
    uint32_t kind, syndrome = 0;
    Gpa pa;

    switch (segment((MipsRegime)key.regime, va, &pa)) {
    case SEG_FIXED:
        *out = (MmuMapping){
            .pa = pa & ~(Gpa)0xfff,
            .rights = RIGHT_R | RIGHT_W | RIGHT_X,
            .size_shift = 12, /* it is never taken back: nobody asks how large it is */
            .global = true,
        };
        return true;
    case SEG_MAPPED:
        kind = mips_tlb_translate(mips_cpu(v), key.asid, va, access, probe, out, &syndrome);
        break;
    default: kind = access == ACCESS_WRITE ? MIPS_EXC_ADES : MIPS_EXC_ADEL; break;
    }
    if (kind != 0 && !probe && watched(v, va, access)) {
        return false;
    }
    if (kind != 0 && !probe) {
        mips_raise(v, kind, va, syndrome);
    }
    return kind == 0;
}

static void misaligned(Vcpu *v, Gva va, MmuAccess access)
{
    mips_raise(v, access == ACCESS_WRITE ? MIPS_EXC_ADES : MIPS_EXC_ADEL, va, 0);
}

static void bus_error(Vcpu *v, Gva va, Gpa pa, MmuAccess access)
{
    (void)pa;
    if (watched(v, va, access)) {
        return;
    }
    mips_raise(v, access == ACCESS_FETCH ? MIPS_EXC_IBE : MIPS_EXC_DBE, 0, 0);
}

const MmuGuest mips_mmu_guest = { .walk = walk, .misaligned = misaligned, .bus_error = bus_error };
