/* SPDX-License-Identifier: MIT */
/* view.h - layout of the flat tables of one meaning of virtual addresses. */
#ifndef SOFTMMU_VIEW_H
#define SOFTMMU_VIEW_H

#include <stdint.h>

#include "base/addr.h"

/*
 * A view is reserved address space; only touched pages of it cost memory. From its base:
 *
 *   VIEW_READ   2^20 int64_t   by va >> 12
 *   VIEW_WRITE  2^20 int64_t
 *   VIEW_FETCH  2^20 uint32_t  physical page that may be executed: VIEW_FETCH_OK | pa >> 12; else 0
 *   VIEW_INFO   2^20 uint8_t   VIEW_* bits of the mapping the three entries came from; 0: none
 *
 * A read or write entry e is
 *   e > 0   plain RAM: host address = e + va
 *   e == 0  unknown: walk
 *   e < 0   VIEW_SLOW; reasons in bits 62 to 56; in bits 55 to 0 the addend, or pa >> 12 if VIEW_IO
 */
enum {
    VIEW_PAGE_SHIFT = 12,
    VIEW_PAGES = 1 << 20,
    VIEW_READ = 0,
    VIEW_WRITE = 8 << 20,
    VIEW_FETCH = 16 << 20,
    VIEW_INFO = 20 << 20,
    VIEW_BYTES = 24 << 20, /* of tables */
};

/*
 * Behind the tables lies the view's window: as much reserved space as the guest has virtual memory,
 * in which pages that are used much are mapped themselves. Guest address va is at VIEW_WINDOW + va.
 * Hot code makes its accesses there, without a look at the tables, and the host's MMU stops what it
 * must not do: the page of an entry <= 0 is not there, or not to be written.
 */
#define VIEW_WINDOW 0x2000000
#define VIEW_WINDOW_BYTES \
    (((uint64_t)1 << 32) + 0x10000) /* an access at the end may reach over it */

#define VIEW_FETCH_OK 0x80000000u

/* Reasons, in the bits of an entry. */
#define VIEW_SLOW INT64_MIN
#define VIEW_CODE ((int64_t)1 << 56)  /* the page holds translated code: stores must look */
#define VIEW_TABLE ((int64_t)1 << 59) /* the page was read by a page walk that is tracked */
#define VIEW_IO ((int64_t)1 << 60)    /* not RAM */
#define VIEW_ADDEND (((int64_t)1 << 56) - 1)

/* VIEW_INFO bits. */
enum {
    VIEW_INFO_VALID = 1 << 0,
    VIEW_INFO_GLOBAL = 1 << 1,
    VIEW_INFO_SIZE_SHIFT = 2, /* log2 of the mapping's bytes less 12: 0 to 20 */
};

#endif
