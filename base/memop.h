/* SPDX-License-Identifier: MIT */
/* memop.h - the bits that say what one guest memory access does. */
#ifndef BASE_MEMOP_H
#define BASE_MEMOP_H

#include <stdint.h>

/*
 * MEMOP: what a memory operation does, as bits of its immediate.
 * An access that is misaligned for its alignment rule raises the guest's alignment fault; one that
 * has no rule and is misaligned is done bytewise, not atomically.
 */
typedef enum Memop {
    MO_8 = 0, /* log2 of the bytes accessed, mask 7 */
    MO_16 = 1,
    MO_32 = 2,
    MO_64 = 3,
    MO_128 = 4,
    MO_SIZE = 7,
    MO_SIGN = 1 << 3,   /* loads: sign-extend to the type; else zero-extend */
    MO_BE = 1 << 4,     /* big-endian data */
    MO_ALIGN_SHIFT = 5, /* 3 bits: log2 of the alignment demanded; 0: none */
    MO_ALIGN = 7 << 5,
    MO_UNPRIV = 1 << 8, /* with unprivileged rights (LDRT) */
    MO_TSO = 1 << 11,
    MO_ATOMIC = 1 << 12, /* single-copy atomic: exclusives, cas */
    MO_ONLY = 1 << 13,   /* the only memory operation of its instruction */
    /* run: the accesses are stores; helpers: this is a store; a load: a store to the same place
     * follows, and a fault of the load is that of a store */
    MO_WRITE = 1 << 14,
    MO_DOWN = 1 << 15, /* run: its first access is not the lowest; that decides which one faults */
    /* Slow paths only: the lower half of 16 bytes; it faults if the other one would. */
    MO_HALF = 1 << 16,
} Memop;

static inline unsigned memop_bytes(uint64_t memop) { return 1u << (memop & MO_SIZE); }
static inline unsigned memop_align(uint64_t memop)
{
    return (unsigned)(memop & MO_ALIGN) >> MO_ALIGN_SHIFT;
}

#endif
