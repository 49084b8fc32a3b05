/* SPDX-License-Identifier: MIT */
/* gdb_memory.c - the debugger's view of memory, by virtual or by physical addresses. */
#include <string.h>

#include "machine/gdb_priv.h"

/* Device registers are reached by physical addresses only, and as one access of their size: a
 * debugger that follows a wild pointer must not disturb a device. */
typedef struct MemoryCall {
    bool physical;
    uint64_t at;
    uint8_t *bytes;
    size_t n;    /* wanted */
    size_t done; /* 0 or all of them when written */
} MemoryCall;

/* ---- physical ---- */

static bool is_access(uint64_t at, size_t n)
{
    return (n == 1 || n == 2 || n == 4 || n == 8) && at % n == 0;
}

static bool in_window(const Machine *m, const MemoryCall *c)
{
    const PhysRegion *r = phys_find(m->phys, c->at);

    return r && r->kind == PHYS_IO && is_access(c->at, c->n) && c->at - r->base + c->n <= r->bytes;
}

static void read_physical(Machine *m, MemoryCall *c)
{
    const PhysRegion *r = phys_find(m->phys, c->at);

    if (in_window(m, c)) {
        uint64_t value = phys_read(m->phys, c->at, (unsigned)c->n, NULL);

        memcpy(c->bytes, &value, c->n);
        c->done = c->n;
    } else if (r && r->kind != PHYS_IO) {
        c->done = (size_t)MIN(c->n, r->bytes - (c->at - r->base));
        memcpy(c->bytes, r->host + (c->at - r->base), c->done);
    }
}

static void write_physical(Machine *m, MemoryCall *c)
{
    if (in_window(m, c)) {
        uint64_t value = 0;

        memcpy(&value, c->bytes, c->n);
        phys_write(m->phys, c->at, value, (unsigned)c->n, NULL);
        c->done = c->n;
    } else if (phys_copy_in(m->phys, c->at, c->bytes, c->n, NULL)) {
        c->done = c->n;
    }
}

/* ---- virtual ---- */

/* Where @va is, whatever may be done there; false if it is not in memory. */
static bool locate(Machine *m, Gva va, Gpa *pa)
{
    const PhysRegion *r;
    MmuMapping map;

    if (!mmu_probe(m->cpu, va, ACCESS_READ, &map) && !mmu_probe(m->cpu, va, ACCESS_FETCH, &map)) {
        return false;
    }
    *pa = map.pa | (va & (PHYS_PAGE - 1));
    r = phys_find(m->phys, *pa);
    return r && r->kind != PHYS_IO;
}

static size_t in_page(uint64_t at, size_t n)
{
    return MIN(n, PHYS_PAGE - (size_t)(at & (PHYS_PAGE - 1)));
}

/* All of it or, where a page is not there, nothing. */
static void write_virtual(Machine *m, MemoryCall *c)
{
    Gpa pa;

    for (size_t done = 0; done < c->n; done += in_page(c->at + done, c->n - done)) {
        if (!locate(m, (Gva)(c->at + done), &pa)) {
            return;
        }
    }
    while (c->done < c->n) {
        size_t n = in_page(c->at + c->done, c->n - c->done);

        if (!locate(m, (Gva)(c->at + c->done), &pa)
            || !phys_copy_in(m->phys, pa, c->bytes + c->done, n, NULL)) {
            g_assert_not_reached(); /* it was memory just now */
        }
        c->done += n;
    }
}

/* ---- both ---- */

static void read_memory(Machine *m, void *call)
{
    MemoryCall *c = call;

    if (c->physical) {
        read_physical(m, c);
    } else {
        c->done = mmu_peek(m->cpu, (Gva)c->at, c->bytes, c->n);
    }
}

static void write_memory(Machine *m, void *call)
{
    MemoryCall *c = call;

    if (c->physical) {
        write_physical(m, c);
    } else {
        write_virtual(m, c);
    }
}

/* ADDRESS,LENGTH; a virtual address has 32 bits. */
static GdbAnswer take_range(const Gdb *g, GdbText *args, MemoryCall *c)
{
    uint64_t n, last = g->physical ? UINT64_MAX : UINT32_MAX;

    c->physical = g->physical;
    if (!gdb_take_hex(args, &c->at) || !gdb_take(args, ",") || !gdb_take_hex(args, &n)) {
        return GDB_E_SYNTAX;
    }
    if (n > GDB_PACKET_MAX) {
        return GDB_E_INVALID;
    }
    if (n > 0 && (c->at > last || n - 1 > last - c->at)) {
        return GDB_E_MEMORY;
    }
    c->n = (size_t)n;
    return GDB_OK;
}

/* Fewer bytes than asked for are an answer too. */
GdbAnswer gdb_do_read_memory(Gdb *g, GdbText *args, GString *out)
{
    MemoryCall c = { 0 };
    GdbAnswer answer = take_range(g, args, &c);
    uint8_t bytes[GDB_PACKET_MAX / 2];

    if (answer == GDB_OK && !gdb_at_end(args)) {
        answer = GDB_E_SYNTAX;
    }
    if (answer != GDB_OK) {
        return answer;
    }
    if (c.n == 0) {
        return GDB_TEXT;
    }
    c.n = MIN(c.n, sizeof(bytes));
    c.bytes = bytes;
    machine_call(g->m, read_memory, &c);
    gdb_put_bytes(out, bytes, c.done);
    return c.done > 0 ? GDB_TEXT : GDB_E_MEMORY;
}

static GdbAnswer write_all(Gdb *g, MemoryCall *c)
{
    if (c->n > 0) {
        machine_call(g->m, write_memory, c);
    }
    return c->done == c->n ? GDB_OK : GDB_E_MEMORY;
}

/* ADDRESS,LENGTH:DIGITS */
GdbAnswer gdb_do_write_memory(Gdb *g, GdbText *args, GString *out)
{
    MemoryCall c = { 0 };
    GdbAnswer answer = take_range(g, args, &c);
    uint8_t bytes[GDB_PACKET_MAX / 2];

    (void)out;
    if (answer != GDB_OK) {
        return answer;
    }
    if (!gdb_take(args, ":") || c.n > sizeof(bytes) || !gdb_take_bytes(args, bytes, c.n)
        || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    c.bytes = bytes;
    return write_all(g, &c);
}

/* ADDRESS,LENGTH:BYTES */
GdbAnswer gdb_do_write_binary(Gdb *g, GdbText *args, GString *out)
{
    MemoryCall c = { 0 };
    GdbAnswer answer = take_range(g, args, &c);

    (void)out;
    if (answer != GDB_OK) {
        return answer;
    }
    if (!gdb_take(args, ":") || (size_t)(args->end - args->p) != c.n) {
        return GDB_E_SYNTAX;
    }
    c.bytes = (uint8_t *)(uintptr_t)args->p; /* not written */
    return write_all(g, &c);
}

GdbAnswer gdb_do_physical(Gdb *g, GdbText *args, GString *out)
{
    if (!gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    g_string_append_c(out, g->physical ? '1' : '0');
    return GDB_TEXT;
}

GdbAnswer gdb_do_set_physical(Gdb *g, GdbText *args, GString *out)
{
    uint64_t on;

    (void)out;
    if (!gdb_take(args, ":") || !gdb_take_hex(args, &on) || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    g->physical = on != 0;
    return GDB_OK;
}
