/* SPDX-License-Identifier: MIT */
/*
 * walk_long.c - virtual memory: the long-descriptor page walk, its rights and its faults.
 * Manual: DDI 0406C.d B3.6 (tables), B3.7 (rights), B3.13.4 (status). Not modelled: memory types
 * beyond what PAR shows, the contiguous hint, the second stage. Without the Security Extensions NS
 * and NSTable mean nothing. Bits that the manual has SBZP (descriptors 51:40, what lies below a
 * table's alignment in TTBR0 and TTBR1) are ignored.
 */
#include "base/bits.h"
#include "frontend/arm/arm_priv.h"

enum { LAST_LEVEL = 3, PA_BITS = 40 };

/* Descriptor bits, B3.6.1 and B3.6.2. */
enum {
    D_VALID = 1 << 0,
    D_TABLE = 1 << 1,   /* levels 1 and 2; at level 3: a page */
    D_AP_USER = 1 << 6, /* AP[1] */
    D_AP_RO = 1 << 7,   /* AP[2] */
    D_AF = 1 << 10,
    D_NG = 1 << 11,
};
#define D_PXN ((uint64_t)1 << 53)
#define D_XN ((uint64_t)1 << 54)
#define D_PXN_TABLE ((uint64_t)1 << 59)
#define D_XN_TABLE ((uint64_t)1 << 60)
#define D_AP_TABLE_NO_USER ((uint64_t)1 << 61) /* APTable[0] */
#define D_AP_TABLE_RO ((uint64_t)1 << 62)      /* APTable[1] */

/* Where a walk begins. */
typedef struct Start {
    Gpa table;
    unsigned level;
    unsigned va_bits; /* that are translated */
} Start;

/* What the tables above the leaf take away: descriptor bits as a leaf would have them. */
static uint64_t table_limits(uint64_t table)
{
    return ((table & D_AP_TABLE_RO) != 0 ? D_AP_RO : 0) | ((table & D_XN_TABLE) != 0 ? D_XN : 0)
           | ((table & D_PXN_TABLE) != 0 ? D_PXN : 0);
}

static Start start_at(uint64_t ttbr, unsigned size)
{
    /* B3.6.5: more than a 1 GiB quarter begins at level 1. */
    unsigned level = size < 2 ? 1 : 2, low = 9 * level - size - 4;

    return (Start){
        .table = ttbr & bits_mask(PA_BITS) & ~bits_mask(low),
        .level = level,
        .va_bits = 32 - size,
    };
}

/* B3.6.4: T0SZ and T1SZ split the address space; EPD0 and EPD1 switch walks off. False: no walk. */
static bool find_start(const ArmCp15 *c, Gva va, Start *s)
{
    unsigned t0 = c->ttbcr & 7, t1 = c->ttbcr >> 16 & 7;
    bool below = t0 == 0 || va >> (32 - t0) == 0;
    bool above = t1 == 0 ? !below : ~va >> (32 - t1) == 0;

    if (above) {
        *s = start_at(c->ttbr1, t1);
        return (c->ttbcr & TTBCR_EPD1) == 0;
    }
    *s = start_at(c->ttbr0, t0);
    return below && (c->ttbcr & TTBCR_EPD0) == 0;
}

static bool read_descriptor(const ArmCpu *cpu, Gpa pa, uint64_t *out)
{
    bool ok = true;

    *out = phys_read(cpu->phys, pa, 8, &ok);
    if ((cpu->cp15.sctlr & SCTLR_EE) != 0) {
        *out = bits_bswap64(*out);
    }
    return ok;
}

static unsigned level_shift(unsigned level) { return 39 - 9 * level; }

/* TranslationTableWalkLD() of B3.19.7: 0 with the leaf, as the tables above it leave it, and its
 * level; or the status. */
static unsigned walk_tables(const ArmCpu *cpu, Gva va, uint64_t *leaf, unsigned *level)
{
    uint64_t d, limits = 0;
    bool no_user = false;
    Start s;

    if (!find_start(&cpu->cp15, va, &s)) {
        return LS_TRANSLATION | 1;
    }
    va &= (Gva)bits_mask(s.va_bits);
    for (;; s.level++) {
        if (!read_descriptor(cpu, s.table | (va >> level_shift(s.level) & 0x1ff) << 3, &d)) {
            return LS_EXTERNAL_WALK | s.level;
        }
        /* B3.6.1: 0b01 is a block, and reserved at level 3. */
        if ((d & D_VALID) == 0 || (s.level == LAST_LEVEL && (d & D_TABLE) == 0)) {
            return LS_TRANSLATION | s.level;
        }
        if (s.level == LAST_LEVEL || (d & D_TABLE) == 0) {
            break;
        }
        limits |= table_limits(d);
        no_user |= (d & D_AP_TABLE_NO_USER) != 0;
        s.table = d & bits_mask(PA_BITS) & ~bits_mask(12);
    }
    *leaf = (d | limits) & ~(uint64_t)(no_user ? D_AP_USER : 0);
    *level = s.level;
    return 0;
}

/* B3.7.1 and B3.7.2: AP[2:1] and the XN bits. Execution needs the right to read. */
static unsigned rights_of(uint64_t leaf, bool privileged)
{
    unsigned rights = RIGHT_R;

    if (!privileged && (leaf & D_AP_USER) == 0) {
        return 0;
    }
    rights |= (leaf & D_AP_RO) == 0 ? RIGHT_W : 0;
    rights |= (leaf & D_XN) == 0 && !(privileged && (leaf & D_PXN) != 0) ? RIGHT_X : 0;
    return rights;
}

unsigned arm_walk_long(const ArmCpu *cpu, bool privileged, Gva va, MmuAccess access,
                       MmuMapping *out, uint64_t *leaf)
{
    static const unsigned needed[] = {
        [ACCESS_READ] = RIGHT_R, [ACCESS_WRITE] = RIGHT_W, [ACCESS_FETCH] = RIGHT_X
    };
    unsigned level, shift, rights, status = walk_tables(cpu, va, leaf, &level);

    if (status != 0) {
        return status;
    }
    /* B3.7.4: the access flag, whatever SCTLR.AFE says; then the rights. */
    if ((*leaf & D_AF) == 0) {
        return LS_ACCESS_FLAG | level;
    }
    rights = rights_of(*leaf, privileged);
    if ((rights & needed[access]) == 0) {
        return LS_PERMISSION | level;
    }
    shift = level_shift(level);
    *out = (MmuMapping){
        .pa = (*leaf & bits_mask(PA_BITS) & ~bits_mask(shift))
              | (va & bits_mask(shift) & ~(Gpa)0xfff),
        .rights = (uint8_t)rights,
        .size_shift = (uint8_t)shift,
        .global = (*leaf & D_NG) == 0,
    };
    return 0;
}
