/* SPDX-License-Identifier: MIT */
/* mmu_rig.h - a made-up guest for the soft-MMU: page tables are an array, devices are counters. */
#ifndef TESTS_UNIT_MMU_RIG_H
#define TESTS_UNIT_MMU_RIG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "softmmu/phys.h"

enum {
    RIG_RAM = 0x40000000,
    RIG_RAM_BYTES = 8 << 20,
    RIG_RAM2 = 0x50000000,
    RIG_RAM2_BYTES = 64 << 10,
    RIG_ROM = 0x00000000,
    RIG_ROM_BYTES = 64 << 10,
    RIG_DEV = 0x10000000,
    RIG_DEV_BYTES = 0x1000,
    RIG_SMALL_DEV = 0x10001800, /* neither begins nor ends with its page */
    RIG_SMALL_DEV_BYTES = 0x100,

    RIG_ASIDS = 4,
    RIG_PAGES = 8192, /* the guest's tables cover the first 32 MiB and the last page */
    RIG_USER = 1,     /* regimes */
    RIG_KERNEL = VIEW_PRIVILEGED | 2,
    RIG_MODE = 0x34, /* a mode byte */

    FAULT_PAGE = 1, /* VcpuFault.kind */
    FAULT_ALIGN = 2,
    FAULT_BUS = 3,
};

/* What the guest's tables say of a page. */
typedef struct RigPage {
    Gpa pa;
    uint8_t user, kernel; /* rights */
    uint8_t shift;        /* 0: not mapped */
    bool global;
} RigPage;

typedef struct Rig {
    Log log;
    Phys *phys;
    Vcpu *v;
    Mmu *mmu;
    RigPage page[RIG_ASIDS][RIG_PAGES];
    RigPage last; /* of the address space, in all ASIDs */
    unsigned walks, probes;

    /* What the devices saw. */
    unsigned reads, writes;
    uint64_t last_off, last_value;
    unsigned last_bytes;
    uint64_t count;     /* of the instruction inside a unit */
    uint32_t raise;     /* attention bits that an access raises */
    uint64_t dev_value; /* what a read gives: times the read's number */
    Gpa dma;            /* where a write to the device makes it write a byte; 0: nowhere */

    /* What the code listener was told. */
    unsigned changes;
    Gpa change_pa;
    uint64_t change_bytes, change_was; /* the byte at change_pa, then */
} Rig;

/* Walkers are given only the Vcpu; the rig is its machine. */
static inline Rig *rig_of(Vcpu *v) { return vcpu_cold(v)->machine; }

static inline RigPage *rig_page(Rig *r, unsigned asid, Gva va)
{
    return va >> 12 == 0xfffff ? &r->last : &r->page[asid][(va >> 12) % RIG_PAGES];
}

static inline void rig_fault(Vcpu *v, uint32_t kind, Gva va, MmuAccess access)
{
    vcpu_cold(v)->fault = (VcpuFault){ .kind = kind, .address = va, .syndrome = access };
    v->leave = LEAVE_FAULT;
}

static inline bool rig_walk(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe,
                            MmuMapping *out)
{
    static const uint8_t right[] = { RIGHT_R, RIGHT_W, RIGHT_X };
    Rig *r = rig_of(v);
    const RigPage *p = rig_page(r, key.asid, va);
    uint8_t rights = key.regime == RIG_USER ? p->user : p->kernel;

    r->walks += !probe;
    r->probes += probe;
    /* Control state 1 lets the kernel write all it can read. */
    if (key.control == 1 && (rights & RIGHT_R) != 0) {
        rights |= RIGHT_W;
    }
    if (p->shift == 0 || (rights & right[access]) == 0) {
        if (!probe) {
            rig_fault(v, FAULT_PAGE, va, access);
        }
        return false;
    }
    *out = (MmuMapping){
        .pa = p->pa, .rights = rights, .size_shift = p->shift, .global = p->global
    };
    return true;
}

static inline void rig_misaligned(Vcpu *v, Gva va, MmuAccess access)
{
    rig_fault(v, FAULT_ALIGN, va, access);
}

static inline void rig_bus_error(Vcpu *v, Gva va, Gpa pa, MmuAccess access)
{
    (void)pa;
    rig_fault(v, FAULT_BUS, va, access);
}

static inline uint64_t rig_read(void *opaque, uint64_t off, unsigned bytes)
{
    Rig *r = opaque;

    r->reads++;
    r->last_off = off;
    r->last_bytes = bytes;
    r->v->attention |= r->raise;
    return r->dev_value * r->reads;
}

static inline void rig_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    Rig *r = opaque;

    r->writes++;
    r->last_off = off;
    r->last_bytes = bytes;
    r->last_value = value;
    r->v->attention |= r->raise;
    if (r->dma != 0) {
        phys_write(r->phys, r->dma, value, 1, NULL);
    }
}

/* As the translator does: the units go, and with them the bits. */
static inline void rig_code_changed(void *opaque, Gpa pa, uint64_t bytes)
{
    Rig *r = opaque;
    uint64_t first = (pa & 0xfff) >> 6, last = ((pa & 0xfff) + bytes - 1) >> 6, bits = 0;

    r->changes++;
    r->change_pa = pa;
    r->change_bytes = bytes;
    r->change_was = phys_read(r->phys, pa, 1, NULL);
    for (uint64_t i = first; i <= last; i++) {
        bits |= (uint64_t)1 << i;
    }
    phys_uncode(r->phys, pa, bits);
}

static inline uint64_t rig_count(Vcpu *v) { return rig_of(v)->count; }

/* Maps [va, va + 2^shift) of @asid (all ASIDs if global) as one mapping. */
static inline void rig_map(Rig *r, unsigned asid, Gva va, Gpa pa, unsigned shift, uint8_t kernel,
                           uint8_t user, bool global)
{
    for (unsigned a = 0; a < RIG_ASIDS; a++) {
        for (uint32_t i = 0; i < 1u << (shift - 12) && (global || a == asid); i++) {
            *rig_page(r, a, va + i * 4096) = (RigPage){ .pa = pa + (uint64_t)i * 4096,
                                                        .kernel = kernel,
                                                        .user = user,
                                                        .shift = (uint8_t)shift,
                                                        .global = global };
        }
    }
}

static inline ViewKey rig_key(uint8_t regime, uint8_t asid, uint32_t control)
{
    return (ViewKey){ .regime = regime, .asid = asid, .control = control };
}

/* Kernel of @asid and control state 0, the user's view for unprivileged accesses. */
static inline void rig_kernel(Rig *r, uint8_t asid)
{
    mmu_select(r->mmu, rig_key(RIG_KERNEL, asid, 0), rig_key(RIG_USER, asid, 0), RIG_MODE);
}

static inline void rig_user(Rig *r, uint8_t asid)
{
    mmu_select(r->mmu, rig_key(RIG_USER, asid, 0), rig_key(RIG_USER, asid, 0), RIG_MODE);
}

static inline void rig_add(Rig *r, PhysKind kind, const char *name, Gpa base, uint64_t bytes)
{
    static const PhysIo io = { .read = rig_read, .write = rig_write };
    PhysIo mine = io;
    GError *error = NULL;
    bool ok;

    mine.opaque = r;
    ok = kind == PHYS_IO ? phys_add_io(r->phys, name, base, bytes, &mine, &error)
                         : phys_add_memory(r->phys, kind, name, base, bytes, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
}

static inline Rig *rig_new(void)
{
    static const MmuGuest guest = { rig_walk, rig_misaligned, rig_bus_error, false };
    Rig *r = g_new0(Rig, 1);

    r->log.out = stderr;
    r->count = 1234;
    r->phys = phys_new(&r->log);
    rig_add(r, PHYS_RAM, "ram", RIG_RAM, RIG_RAM_BYTES);
    rig_add(r, PHYS_RAM, "ram2", RIG_RAM2, RIG_RAM2_BYTES);
    rig_add(r, PHYS_ROM, "rom", RIG_ROM, RIG_ROM_BYTES);
    rig_add(r, PHYS_IO, "dev", RIG_DEV, RIG_DEV_BYTES);
    rig_add(r, PHYS_IO, "small", RIG_SMALL_DEV, RIG_SMALL_DEV_BYTES);
    phys_set_code_listener(r->phys, rig_code_changed, r);
    r->v = vcpu_new(sizeof(Vcpu));
    vcpu_cold(r->v)->machine = r;
    r->mmu = mmu_new(r->v, r->phys, &guest, &r->log);
    mmu_set_counter(r->mmu, rig_count);
    return r;
}

static inline void rig_free(Rig *r)
{
    mmu_free(r->mmu);
    vcpu_free(r->v);
    phys_free(r->phys);
    g_free(r);
}

/* v->leave, taken back. */
static inline uint32_t rig_leave(Rig *r)
{
    uint32_t leave = r->v->leave;

    r->v->leave = LEAVE_NO;
    return leave;
}

/* As if called from a unit, or by the interpreter. */
static inline void rig_inside(Rig *r, bool inside) { vcpu_cold(r->v)->host_pc = inside ? r : NULL; }

#endif
