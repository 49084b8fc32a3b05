/* SPDX-License-Identifier: MIT */
/*
 * phys.h - the guest physical map: RAM, ROM and device windows, and what is tracked per page.
 * A space of I/O ports is one more of these, reached by phys_in() and phys_out().
 */
#ifndef SOFTMMU_PHYS_H
#define SOFTMMU_PHYS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/log.h"

#define PHYS_ERROR (phys_error_quark())
GQuark phys_error_quark(void);

typedef enum PhysError {
    PHYS_ERROR_OVERLAP, /* two regions share an address */
    PHYS_ERROR_SIZE,    /* a region is empty, not page-aligned, or there is no memory for it */
    PHYS_ERROR_RANGE,   /* a copy reaches outside RAM and ROM */
} PhysError;

enum { PHYS_PAGE = 4096, PHYS_PAGE_SHIFT = 12, PHYS_GRANULE_SHIFT = 6 };

typedef enum PhysKind { PHYS_RAM, PHYS_ROM, PHYS_IO } PhysKind;

/* Accesses of 1, 2, 4 or 8 bytes; @off may be misaligned only if the guest's was. */
typedef struct PhysIo {
    uint64_t (*read)(void *opaque, uint64_t off, unsigned bytes);
    void (*write)(void *opaque, uint64_t off, uint64_t value, unsigned bytes);
    void *opaque;
} PhysIo;

typedef struct PhysRegion {
    const char *name; /* borrowed */
    PhysKind kind;
    Gpa base;
    uint64_t bytes;
    uint8_t *host;  /* RAM, ROM: what reads see, page-aligned; else NULL */
    uint8_t *ram;   /* what the guest can change of it: @host, but for shadowed memory */
    uint8_t *rom;   /* of shadowed memory, what is behind it; else NULL */
    uint8_t *store; /* where stores to ROM go, as shadowed memory may say; else NULL */
    int fd;         /* RAM: the memory at @host, to be mapped a second time; -1: it cannot be */
    PhysIo io;      /* IO; ROM that is a chip: stores, and reads while @answers */
    bool chip;      /* ROM: stores go to @io */
    bool answers;   /* and reads too: nothing can be executed */
    struct PhysPage *page; /* RAM, ROM: one per page */
} PhysRegion;

/* What is tracked of one page of RAM or ROM. */
typedef struct PhysPage {
    uint64_t code;  /* one bit per 64-byte granule that holds translated code */
    void *units;    /* the translator's list of units with code in this page */
    void *mappings; /* softmmu's list of view entries that may map this page */
    uint32_t table; /* softmmu's record of it as a page of page tables (mmu_tables.c), or 0 */
    uint32_t zero;
} PhysPage;

typedef struct Phys Phys;

Phys *phys_new(Log *log) G_GNUC_WARN_UNUSED_RESULT; /* @log is borrowed */
void phys_free(Phys *p);

/* @base and @bytes are multiples of PHYS_PAGE. RAM is zero and costs memory only where touched.
 * Errors: PHYS_ERROR_OVERLAP, PHYS_ERROR_SIZE. */
bool phys_add_memory(Phys *p, PhysKind kind, const char *name, Gpa base, uint64_t bytes,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @bytes need not be a multiple of a page; no two windows share a page with RAM or ROM. */
bool phys_add_io(Phys *p, const char *name, Gpa base, uint64_t bytes, const PhysIo *io,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * phys_add_shadow - RAM with ROM behind it, as a PC has below 1 MiB: which of both reads see, and
 * whether stores reach the RAM, is switched by phys_shadow(). Until then reads see the ROM, which
  * is all ones, and stores go nowhere. As phys_add_memory().
 */
bool phys_add_shadow(Phys *p, const char *name, Gpa base, uint64_t bytes,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Switches the one that starts at @base. Translated code there and what views have of it go. */
void phys_shadow(Phys *p, Gpa base, bool read_ram, bool write_ram);
/* What is behind it. No translated code may be there; within one shadowed region. */
void phys_set_shadow_rom(Phys *p, Gpa pa, const void *from, uint64_t bytes);

/**
 * phys_attach_rom - the ROM at @base is a chip that takes commands: stores go to @io.
 * phys_show_rom - whether its reads see its memory, as from the start, or go to @io too. In the
 * latter case nothing can be executed there: translated code and what views have of it go.
 */
void phys_attach_rom(Phys *p, Gpa base, const PhysIo *io);
void phys_show_rom(Phys *p, Gpa base, bool memory);

/* From now on probing is no mistake where nothing is: reads are all ones, writes go nowhere. */
void phys_open_bus(Phys *p);

/* Whom to tell when other memory answers at [pa, pa + bytes) than before: views drop it. */
void phys_add_listener(Phys *p, void (*changed)(void *opaque, Gpa pa, uint64_t bytes),
                       void *opaque);
void phys_remove_listener(Phys *p, void *opaque);

/* Takes away the window that starts at @base. What a view still has of it finds nothing there. */
void phys_remove_io(Phys *p, Gpa base);

/* The region that holds @pa; NULL if nothing answers there. Cost: a cached or binary search. */
const PhysRegion *phys_find(const Phys *p, Gpa pa);

/* Regions in order of address, for mtree. */
const PhysRegion *phys_region(const Phys *p, unsigned i); /* NULL behind the last */

/* The tracking record of a page of RAM or ROM; NULL for anything else. */
PhysPage *phys_page(const Phys *p, Gpa pa);

/**
 * phys_read, phys_write - one access from outside the MMU: a page walk, DMA, the monitor.
 * @bytes: 1, 2, 4 or 8; little-endian value
 * @ok: may be NULL; false if nothing answers at @pa
 * Writes keep code tracking exact. Device windows are accessed too. A write to ROM that is no chip
 * is ignored.
 */
uint64_t phys_read(Phys *p, Gpa pa, unsigned bytes, bool *ok);
void phys_write(Phys *p, Gpa pa, uint64_t value, unsigned bytes, bool *ok);

/**
 * phys_in, phys_out - one access to a space of I/O ports or of a bus, where probing is no mistake.
 * Where nothing answers, reads are all ones and writes go nowhere. An access that no one window
 * holds is done in halves, down to bytes.
 */
uint64_t phys_in(Phys *p, Gpa port, unsigned bytes);
void phys_out(Phys *p, Gpa port, uint64_t value, unsigned bytes);

/* Copies into or out of RAM and ROM (loaders, DMA, snapshots); ROM is written too.
 * Errors: PHYS_ERROR_RANGE, with nothing copied. */
bool phys_copy_in(Phys *p, Gpa pa, const void *from, uint64_t bytes,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool phys_copy_out(const Phys *p, Gpa pa, void *to, uint64_t bytes,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes all RAM and ROM zero and gives its memory back. None of it may hold translated code. */
void phys_zero(Phys *p);

/* Whom to tell before bytes under a set bit of PhysPage.code change: the translator drops the units
 * there and clears bits whose last unit went. */
void phys_set_code_listener(Phys *p, void (*changed)(void *opaque, Gpa pa, uint64_t bytes),
                            void *opaque);

/* Sets granule bits of the page at @pa: its stores go slow from now on, in every view.
 * phys_uncode() is the opposite: with the last bit gone stores are fast again. */
void phys_code(Phys *p, Gpa pa, uint64_t granules);
void phys_uncode(Phys *p, Gpa pa, uint64_t granules);

/* Stores to ROM and accesses where nothing answers, so far. */
uint64_t phys_guest_errors(const Phys *p);

#endif
