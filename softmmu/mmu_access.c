/* SPDX-License-Identifier: MIT */
/* mmu_access.c - see mmu.h: the slow paths of loads, stores, runs, fetches. */
#include "softmmu/mmu.h"

#include <string.h>

#include "base/bits.h"
#include "softmmu/mmu_priv.h"

enum { WIDE = 16 }; /* bytes of an access that is done in two halves */

/* The part of an access that lies on one page. */
typedef struct Piece {
    Gva va;
    unsigned bytes;
    bool device;
    bool rom;                 /* and the access is a store */
    bool code;                /* the bytes hold translated code, and the access is a store */
    uint8_t *host;            /* NULL for a device */
    const PhysRegion *region; /* of device, rom, code */
    Gpa pa;                   /* likewise */
} Piece;

typedef enum AccessKind { KIND_LOAD, KIND_STORE, KIND_CAS } AccessKind;

/* One access, found: a page each. */
typedef struct Access {
    AccessKind kind;
    uint64_t memop;
    uint64_t value;    /* to store, as little-endian memory holds it */
    uint64_t expected; /* by a cas; likewise */
    unsigned n;
    Piece piece[2];
    bool device, code; /* some piece is */
} Access;

/* ---- values ---- */

/* Memory's value, read little-endian, as the guest's; and back. The one is the other's inverse but
 * for sign extension. */
static uint64_t swap(uint64_t value, uint64_t memop)
{
    unsigned bits = 8 * memop_bytes(memop);

    value &= bits_mask(bits);
    return (memop & MO_BE) != 0 ? bits_bswap64(value) >> (64 - bits) : value;
}

static uint64_t loaded(uint64_t raw, uint64_t memop)
{
    uint64_t value = swap(raw, memop);

    return (memop & MO_SIGN) != 0 ? bits_sext64(value, 8 * memop_bytes(memop)) : value;
}

static uint64_t get(const uint8_t *host, unsigned bytes)
{
    uint64_t v64 = 0;
    uint32_t v32;
    uint16_t v16;

    switch (bytes) {
    case 1: return *host;
    case 2: memcpy(&v16, host, 2); return v16;
    case 4: memcpy(&v32, host, 4); return v32;
    default: memcpy(&v64, host, bytes); return v64;
    }
}

static void put(uint8_t *host, uint64_t value, unsigned bytes)
{
    uint32_t v32 = (uint32_t)value;
    uint16_t v16 = (uint16_t)value;

    switch (bytes) {
    case 1: *host = (uint8_t)value; break;
    case 2: memcpy(host, &v16, 2); break;
    case 4: memcpy(host, &v32, 4); break;
    default: memcpy(host, &value, bytes); break;
    }
}

/* ---- finding ---- */

static View *view_of(const Mmu *m, uint64_t memop)
{
    return (memop & MO_UNPRIV) != 0 ? m->unpriv : m->current;
}

static uint32_t table_of(MmuAccess access)
{
    return access == ACCESS_READ ? VIEW_READ : VIEW_WRITE;
}

static bool is_misaligned(Gva va, uint64_t memop)
{
    return (va & bits_mask(memop_align(memop))) != 0;
}

static unsigned page_rest(Gva va) { return PHYS_PAGE - (va & (PHYS_PAGE - 1)); }

static uint8_t *entry_host(int64_t e, Gva va)
{
    return (uint8_t *)(intptr_t)((e & VIEW_ADDEND) + va);
}

/* Where the bytes are if no slow path is needed; else NULL. */
static uint8_t *plain(const View *w, Gva va, uint64_t memop, MmuAccess access)
{
    int64_t e = *view_slot(w->tables, table_of(access), va >> VIEW_PAGE_SHIFT);
    unsigned bytes = (memop & MO_HALF) != 0 ? WIDE : memop_bytes(memop);

    g_assert(memop_bytes(memop) <= 8);
    return e > 0 && bytes <= page_rest(va) && !is_misaligned(va, memop) ? entry_host(e, va) : NULL;
}

/* The entry of the page of @va, filled if need be; 0 with leave = LEAVE_FAULT. */
static int64_t find_entry(Mmu *m, View *w, Gva va, MmuAccess access)
{
    const int64_t *e = view_slot(w->tables, table_of(access), va >> VIEW_PAGE_SHIFT);

    return *e != 0 || mmu_fill(m, w, va, access) ? *e : 0;
}

/* The granules of the page at @host, RAM, that [host, host + bytes) shares with code. */
static bool holds_code(Mmu *m, const uint8_t *host, unsigned bytes, Piece *p)
{
    const PhysRegion *r = phys_find_host(m->phys, host);

    g_assert(r);
    p->region = r;
    p->pa = r->base + (uint64_t)(host - r->host);
    return (phys_page_of(r, p->pa)->code & phys_granules(p->pa, bytes)) != 0;
}

/* What page number @entry of device or ROM says; false with leave = LEAVE_FAULT. */
static bool find_window(Mmu *m, int64_t entry, MmuAccess access, Piece *p)
{
    const PhysRegion *r;

    p->pa = (Gpa)(entry & VIEW_ADDEND) << PHYS_PAGE_SHIFT | (p->va & (PHYS_PAGE - 1));
    r = phys_find(m->phys, p->pa);
    if (r && p->bytes > r->bytes - (p->pa - r->base)) {
        r = m->phys->nothing.bytes ? &m->parts : NULL;
    }
    if (!r) {
        mmu_bus_error(m, p->va, p->pa, access);
        return false;
    }
    p->region = r;
    p->device = r->kind == PHYS_IO || (access == ACCESS_WRITE ? r->chip : r->answers);
    p->rom = !p->device;
    p->host = p->rom ? phys_host_of(r, p->pa) : NULL;
    return true;
}

/* A store by entry @e to @host may change page tables. */
static void before_table_store(Mmu *m, int64_t e, const uint8_t *host)
{
    if (e < 0 && (e & VIEW_TABLE) != 0) {
        const PhysRegion *r = phys_find_host(m->phys, host);

        phys_before_table_store(m->phys, r, r->base + (uint64_t)(host - r->host));
    }
}

static bool find_piece(Mmu *m, View *w, MmuAccess access, Piece *p)
{
    int64_t e = find_entry(m, w, p->va, access);

    if (e == 0) {
        return false;
    }
    if (e < 0 && (e & VIEW_IO) != 0) {
        return find_window(m, e, access, p);
    }
    p->host = entry_host(e, p->va);
    before_table_store(m, e, p->host);
    p->code = e < 0 && (e & VIEW_CODE) != 0 && holds_code(m, p->host, p->bytes, p);
    return true;
}

static void raise_misaligned(Mmu *m, Gva va, MmuAccess access)
{
    m->stats.misaligned++;
    m->guest->misaligned(m->v, va, access);
}

/* All of @a's pieces for @va, or false with leave = LEAVE_FAULT. The alignment fault comes before
 * those of the pages: DDI 0406C.d B3.12.4 puts it first; so do the others' manuals. */
static bool find(Mmu *m, Gva va, Access *a)
{
    bool reads = a->kind == KIND_LOAD && (a->memop & MO_WRITE) == 0;
    MmuAccess access = reads ? ACCESS_READ : ACCESS_WRITE;
    unsigned bytes = memop_bytes(a->memop), first = MIN(bytes, page_rest(va));
    View *w = view_of(m, a->memop);

    if (is_misaligned(va, a->memop)) {
        raise_misaligned(m, va, access);
        return false;
    }
    a->n = first == bytes ? 1 : 2;
    a->piece[0] = (Piece){ .va = va, .bytes = first };
    a->piece[1] = (Piece){ .va = va + first, .bytes = bytes - first };
    for (unsigned i = 0; i < a->n; i++) {
        if (!find_piece(m, w, access, &a->piece[i])) {
            return false;
        }
        a->device |= a->piece[i].device;
        a->code |= a->piece[i].code;
    }
    return (a->memop & MO_HALF) == 0 || page_rest(va) >= WIDE
           || find_entry(m, w, va + page_rest(va), access) != 0;
}

/* ---- doing ---- */

/* Devices see an access as the guest made it only if it is naturally aligned; else its bytes. */
static uint64_t device_read(const Piece *p, bool whole)
{
    const PhysIo *io = &p->region->io;
    uint64_t off = p->pa - p->region->base, value = 0;

    if (whole) {
        return io->read(io->opaque, off, p->bytes) & bits_mask(8 * p->bytes);
    }
    for (unsigned i = 0; i < p->bytes; i++) {
        value |= (io->read(io->opaque, off + i, 1) & 0xff) << 8 * i;
    }
    return value;
}

static void device_write(const Piece *p, uint64_t value, bool whole)
{
    const PhysIo *io = &p->region->io;
    uint64_t off = p->pa - p->region->base;

    if (whole) {
        io->write(io->opaque, off, value & bits_mask(8 * p->bytes), p->bytes);
        return;
    }
    for (unsigned i = 0; i < p->bytes; i++) {
        io->write(io->opaque, off + i, value >> 8 * i & 0xff, 1);
    }
}

static bool is_whole(const Access *a) { return a->piece[0].va % memop_bytes(a->memop) == 0; }

static uint64_t read_pieces(const Access *a)
{
    uint64_t value = 0;
    unsigned done = 0;

    for (unsigned i = 0; i < a->n; i++) {
        const Piece *p = &a->piece[i];

        value |= (p->device ? device_read(p, is_whole(a)) : get(p->host, p->bytes)) << 8 * done;
        done += p->bytes;
    }
    return value;
}

static void write_piece(Mmu *m, const Access *a, const Piece *p, uint64_t value)
{
    if (p->device) {
        device_write(p, value, is_whole(a));
    } else if (p->rom) {
        m->stats.rom_stores += p->region->rom == NULL;
        phys_store_rom(m->phys, p->region, p->pa, value, p->bytes);
    } else {
        if (p->code) {
            phys_before_store(m->phys, p->region, p->pa, p->bytes);
            m->v->leave = LEAVE_AFTER;
        }
        put(p->host, value, p->bytes);
    }
}

static void write_pieces(Mmu *m, const Access *a)
{
    unsigned done = 0;

    for (unsigned i = 0; i < a->n; i++) {
        write_piece(m, a, &a->piece[i], a->value >> 8 * done);
        done += a->piece[i].bytes;
    }
}

/* Memory's value before it; a store gives what it stored. */
static uint64_t perform(Mmu *m, const Access *a)
{
    uint64_t old = a->kind == KIND_STORE ? a->value : read_pieces(a);

    if (a->kind == KIND_STORE || (a->kind == KIND_CAS && old == a->expected)) {
        write_pieces(m, a);
    }
    return old;
}

/* Inside a unit: sets now_count, and begins the record of an instruction's device accesses. False
 * if this one would not fit there. */
static bool begin_inside(Mmu *m, const Access *a)
{
    VcpuCold *cold = vcpu_cold(m->v);
    VcpuReplay *r = &cold->replay;

    if (m->count) {
        cold->now_count = m->count(m->v);
    }
    if ((a->memop & MO_ONLY) != 0 || r->count != cold->now_count) {
        r->made = 0;
        r->count = cold->now_count;
    }
    return r->made < VCPU_REPLAYS;
}

/* A device may be asked only once, and only when everything before the instruction is known to have
 * happened: see VcpuReplay and LEAVE_AFTER. */
static uint64_t perform_on_device(Mmu *m, const Access *a)
{
    Vcpu *v = m->v;
    VcpuCold *cold = vcpu_cold(v);
    VcpuReplay *r = &cold->replay;
    uint32_t attention = v->attention;
    uint64_t code_changes = m->phys->code_changes, value;

    if (cold->host_pc) {
        if (!begin_inside(m, a)) {
            v->leave = LEAVE_STEP;
            return 0;
        }
    } else if (r->valid > 0) {
        return r->value[r->made - r->valid--];
    }
    cold->device_accesses++;
    value = perform(m, a);
    if (cold->host_pc) {
        r->value[r->made++] = value;
    }
    if ((v->attention & ~attention) != 0 || m->phys->code_changes != code_changes) {
        v->leave = LEAVE_AFTER;
        r->valid = cold->host_pc ? r->made : 0;
    }
    return value;
}

/* Finds and does @a; 0 if leave says that it is not done. */
static uint64_t access_slowly(Mmu *m, Gva va, Access *a)
{
    if (!find(m, va, a)) {
        return 0;
    }
    if (a->code && vcpu_cold(m->v)->host_pc) {
        m->v->leave = LEAVE_STEP;
        return 0;
    }
    return a->device ? perform_on_device(m, a) : perform(m, a);
}

uint64_t mmu_load(Vcpu *v, Gva va, uint64_t memop)
{
    VcpuCold *cold = vcpu_cold(v);
    Mmu *m = cold->mmu;
    const uint8_t *host = plain(view_of(m, memop), va, memop, ACCESS_READ);
    Access a = { .kind = KIND_LOAD, .memop = memop };

    if (host) {
        return loaded(get(host, memop_bytes(memop)), memop);
    }
    cold->slow_loads++;
    return loaded(access_slowly(m, va, &a), memop);
}

void mmu_store(Vcpu *v, Gva va, uint64_t value, uint64_t memop)
{
    VcpuCold *cold = vcpu_cold(v);
    Mmu *m = cold->mmu;
    uint8_t *host = plain(view_of(m, memop), va, memop, ACCESS_WRITE);
    Access a = { .kind = KIND_STORE, .memop = memop, .value = swap(value, memop) };
    bool others_page = (memop & MO_HALF) != 0 && page_rest(va) < 16; /* which may fault */

    if (host && !others_page) {
        put(host, a.value, memop_bytes(memop));
        return;
    }
    cold->slow_stores++;
    access_slowly(m, va, &a);
}

uint64_t mmu_cas(Vcpu *v, Gva va, uint64_t expected, uint64_t desired, uint64_t memop)
{
    VcpuCold *cold = vcpu_cold(v);
    Access a = { .kind = KIND_CAS,
                 .memop = memop,
                 .value = swap(desired, memop),
                 .expected = swap(expected, memop) };

    if (!plain(view_of(cold->mmu, memop), va, memop, ACCESS_WRITE)) {
        cold->slow_stores++;
    }
    return loaded(access_slowly(cold->mmu, va, &a), memop);
}

/* ---- I/O ports, and other spaces where an access need not be of one window ---- */

static uint64_t part_read(void *space, uint64_t off, unsigned bytes)
{
    return phys_in(space, off, bytes);
}

static void part_write(void *space, uint64_t off, uint64_t value, unsigned bytes)
{
    phys_out(space, off, value, bytes);
}

PhysRegion mmu_parts(const char *name, Phys *space)
{
    return (PhysRegion){
        .name = name, .kind = PHYS_IO, .bytes = UINT64_MAX, .io = { part_read, part_write, space }
    };
}

void mmu_set_ports(Mmu *m, Phys *ports) { m->ports = mmu_parts("ports", ports); }

static Access port_access(Mmu *m, AccessKind kind, uint32_t port, unsigned bytes)
{
    g_assert(m->ports.io.read && (bytes == 1 || bytes == 2 || bytes == 4));
    return (Access){
        .kind = kind,
        .memop = bits_ctz64(bytes),
        .n = 1,
        .piece = { { .va = port,
                     .bytes = bytes,
                     .device = true,
                     .region = &m->ports,
                     .pa = port } },
        .device = true,
    };
}

uint64_t mmu_in(Vcpu *v, uint32_t port, unsigned bytes)
{
    Mmu *m = vcpu_cold(v)->mmu;
    Access a = port_access(m, KIND_LOAD, port, bytes);

    return perform_on_device(m, &a);
}

void mmu_out(Vcpu *v, uint32_t port, uint64_t value, unsigned bytes)
{
    Mmu *m = vcpu_cold(v)->mmu;
    Access a = port_access(m, KIND_STORE, port, bytes);

    a.value = value;
    perform_on_device(m, &a);
}

static uint8_t *plain_in(const View *w, Gva va, MmuAccess access)
{
    int64_t e = *view_slot(w->tables, table_of(access), va >> VIEW_PAGE_SHIFT);

    return e > 0 ? entry_host(e, va) : NULL;
}

uint8_t *mmu_plain(Vcpu *v, Gva va, MmuAccess access)
{
    return plain_in(vcpu_cold(v)->mmu->current, va, access);
}

bool mmu_translates(Vcpu *v, Gva va, MmuAccess access)
{
    Mmu *m = vcpu_cold(v)->mmu;

    return find_entry(m, m->current, va, access) != 0;
}

uint8_t *mmu_plain_unpriv(Vcpu *v, Gva va, MmuAccess access)
{
    return plain_in(vcpu_cold(v)->mmu->unpriv, va, access);
}

/* A run over a page's end: as one where the pages lie side by side in the host too; loads else
 * from a copy. What is not plain RAM is stepped, a fault on the second page too: the interpreter
 * knows which word raises it. */
static uint64_t run_across(Mmu *m, Gva va, uint64_t memop, uint32_t bytes, MmuAccess access)
{
    View *w = view_of(m, memop);
    uint32_t rest = page_rest(va);
    int64_t first = find_entry(m, w, va, access), second;

    if (first == 0) {
        return 0;
    }
    second = find_entry(m, w, va + rest, access);
    if (first > 0 && second == first) {
        return (uint64_t)first;
    }
    if (first > 0 && second > 0 && access == ACCESS_READ) {
        memcpy(m->copy, entry_host(first, va), rest);
        memcpy(m->copy + rest, entry_host(second, va + rest), bytes - rest);
        return (uint64_t)(uintptr_t)m->copy - va;
    }
    m->v->leave = LEAVE_STEP;
    return 0;
}

/* Whether a run that does not begin with its lowest word may fault: then it is stepped. */
static bool faults_elsewhere(Mmu *m, Gva va, uint64_t memop, uint32_t bytes, MmuAccess access)
{
    View *w = view_of(m, memop);
    unsigned table = table_of(access), page = va >> VIEW_PAGE_SHIFT;
    unsigned last = (va + bytes - 1) >> VIEW_PAGE_SHIFT;

    return (memop & MO_DOWN) != 0
           && (is_misaligned(va, memop) || *view_slot(w->tables, table, page) == 0
               || *view_slot(w->tables, table, last) == 0);
}

uint64_t mmu_run(Vcpu *v, Gva va, uint64_t memop, uint32_t bytes)
{
    VcpuCold *cold = vcpu_cold(v);
    Mmu *m = cold->mmu;
    MmuAccess access = (memop & MO_WRITE) != 0 ? ACCESS_WRITE : ACCESS_READ;
    Piece p = { .va = va, .bytes = bytes };
    int64_t e;

    g_assert(bytes >= 1 && bytes <= 256);
    cold->slow_runs++;
    if (faults_elsewhere(m, va, memop, bytes, access)) {
        v->leave = LEAVE_STEP;
        return 0;
    }
    if (is_misaligned(va, memop)) {
        raise_misaligned(m, va, access);
        return 0;
    }
    if (bytes > page_rest(va)) {
        return run_across(m, va, memop, bytes, access);
    }
    e = find_entry(m, view_of(m, memop), va, access);
    if (e >= 0) {
        return (uint64_t)e; /* 0 if that raised a fault */
    }
    if ((e & VIEW_IO) == 0) {
        before_table_store(m, e, entry_host(e, va));
    }
    if ((e & VIEW_IO) != 0 || holds_code(m, entry_host(e, va), bytes, &p)) {
        v->leave = LEAVE_STEP;
        return 0;
    }
    return (uint64_t)(e & VIEW_ADDEND);
}

const uint8_t *mmu_fetch(Vcpu *v, Gva va, Gpa *pa)
{
    Mmu *m = vcpu_cold(v)->mmu;
    uint32_t page = va >> VIEW_PAGE_SHIFT;
    const uint32_t *fetch = view_fetch_slot(m->current->tables, page);
    const PhysRegion *r;

    if (*fetch == 0 && !mmu_fill(m, m->current, va, ACCESS_FETCH)) {
        return NULL;
    }
    *pa = (Gpa)(*fetch & ~VIEW_FETCH_OK) << PHYS_PAGE_SHIFT | (va & (PHYS_PAGE - 1));
    r = phys_find(m->phys, *pa);
    return phys_host_of(r, *pa);
}
