/* SPDX-License-Identifier: MIT */
/* phys.c - see phys.h: regions, accesses from outside the MMU. */
#define _GNU_SOURCE /* memfd_create, fallocate */
#include "softmmu/phys.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "softmmu/phys_priv.h"

G_DEFINE_QUARK(doppel - phys - error, phys_error)

static void close_memory(PhysRegion *r)
{
    if (r->fd >= 0) {
        close(r->fd);
        r->fd = -1;
    }
}

static void region_free(void *region)
{
    PhysRegion *r = region;

    if (r->ram) {
        munmap(r->ram, r->bytes);
    }
    if (r->rom) {
        munmap(r->rom, r->bytes);
    }
    close_memory(r);
    g_free(r->page);
    g_free(r);
}

Phys *phys_new(Log *log)
{
    Phys *p = g_new0(Phys, 1);

    p->log = log;
    p->regions = g_ptr_array_new_with_free_func(region_free);
    p->listeners = g_array_new(FALSE, FALSE, sizeof(PhysListener));
    p->mapping_chunk = g_ptr_array_new_with_free_func(g_free);
    return p;
}

void phys_free(Phys *p)
{
    if (p) {
        g_ptr_array_unref(p->regions);
        g_array_unref(p->listeners);
        g_ptr_array_unref(p->mapping_chunk);
        g_free(p);
    }
}

/* ---- regions ---- */

const PhysRegion *phys_region(const Phys *p, unsigned i)
{
    return i < p->regions->len ? p->regions->pdata[i] : NULL;
}

/* Index of the first region that ends behind @pa; the number of regions if none does. */
static unsigned find_index(const Phys *p, Gpa pa)
{
    unsigned low = 0, high = p->regions->len;

    while (low < high) {
        unsigned mid = (low + high) / 2;
        const PhysRegion *r = p->regions->pdata[mid];

        if (pa > r->base && pa - r->base >= r->bytes) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

const PhysRegion *phys_find(const Phys *p, Gpa pa)
{
    const PhysRegion *r = p->ram;

    if (r && pa - r->base < r->bytes) {
        return r;
    }
    r = phys_region(p, find_index(p, pa));
    if (r && pa - r->base < r->bytes) {
        return r;
    }
    return p->nothing.bytes > pa ? &p->nothing : NULL;
}

const PhysRegion *phys_find_host(const Phys *p, const uint8_t *host)
{
    uintptr_t at = (uintptr_t)host;

    if (p->ram && at - (uintptr_t)p->ram->host < p->ram->bytes) {
        return p->ram;
    }
    for (unsigned i = 0; i < p->regions->len; i++) {
        const PhysRegion *r = p->regions->pdata[i];

        if (r->host && at - (uintptr_t)r->host < r->bytes) {
            return r;
        }
    }
    return NULL;
}

PhysPage *phys_page(const Phys *p, Gpa pa)
{
    const PhysRegion *r = phys_find(p, pa);

    return r && r->kind != PHYS_IO ? phys_page_of(r, pa) : NULL;
}

/* Memory is whole pages, so that a window cannot share a page with it without overlapping it. */
static bool overlap(const PhysRegion *a, const PhysRegion *b)
{
    return a->base <= b->base + b->bytes - 1 && b->base <= a->base + a->bytes - 1;
}

static bool size_is_good(const PhysRegion *r)
{
    uint64_t mask = r->kind == PHYS_IO ? 0 : PHYS_PAGE - 1;

    return r->bytes != 0 && r->base + r->bytes - 1 >= r->base && ((r->base | r->bytes) & mask) == 0;
}

static bool region_is_good(const Phys *p, const PhysRegion *r, GError **error)
{
    if (!size_is_good(r)) {
        g_set_error(error, PHYS_ERROR, PHYS_ERROR_SIZE,
                    "region %s: base 0x%" G_GINT64_MODIFIER "x or size 0x%" G_GINT64_MODIFIER
                    "x is not possible",
                    r->name, r->base, r->bytes);
        return false;
    }
    for (unsigned i = 0; i < p->regions->len; i++) {
        const PhysRegion *other = p->regions->pdata[i];

        if (overlap(r, other)) {
            g_set_error(error, PHYS_ERROR, PHYS_ERROR_OVERLAP, "region %s overlaps %s", r->name,
                        other->name);
            return false;
        }
    }
    return true;
}

bool phys_insert(Phys *p, const PhysRegion *region, GError **error)
{
    PhysRegion *r;

    if (!region_is_good(p, region, error)) {
        return false;
    }
    r = g_memdup2(region, sizeof(*region));
    g_ptr_array_insert(p->regions, (int)find_index(p, r->base), r);
    if (r->kind == PHYS_RAM && (!p->ram || r->bytes > p->ram->bytes)) {
        p->ram = r;
    }
    return true;
}

uint8_t *phys_map_memory(const char *name, uint64_t bytes, GError **error)
{
    void *host = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (host == MAP_FAILED) {
        g_set_error(error, PHYS_ERROR, PHYS_ERROR_SIZE,
                    "region %s: no memory for 0x%" G_GINT64_MODIFIER "x bytes", name, bytes);
        return NULL;
    }
    /* Large pages spare the host most of its TLB misses; a hint: an error does not matter. */
    madvise(host, bytes, MADV_HUGEPAGE);
    return host;
}

/* RAM is a file in memory, so that windows can show it at guest addresses (view.h). */
static uint8_t *map_memory(PhysRegion *r, GError **error)
{
    void *host = MAP_FAILED;

    r->fd = r->kind == PHYS_RAM ? memfd_create("doppel-ram", MFD_CLOEXEC) : -1;
    if (r->fd >= 0 && ftruncate(r->fd, (off_t)r->bytes) == 0) {
        host = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, r->fd, 0);
    }
    if (host == MAP_FAILED) {
        close_memory(r);
        return phys_map_memory(r->name, r->bytes, error);
    }
    madvise(host, r->bytes, MADV_HUGEPAGE); /* as in phys_map_memory() */
    return host;
}

bool phys_add_memory(Phys *p, PhysKind kind, const char *name, Gpa base, uint64_t bytes,
                     GError **error)
{
    PhysRegion r = { .name = name, .kind = kind, .base = base, .bytes = bytes, .fd = -1 };

    g_assert(kind == PHYS_RAM || kind == PHYS_ROM);
    if (!region_is_good(p, &r, error)) {
        return false;
    }
    r.page = g_try_new0(PhysPage, bytes >> PHYS_PAGE_SHIFT);
    r.host = r.ram = r.page ? map_memory(&r, error) : NULL;
    if (r.host == NULL) {
        if (r.page == NULL) {
            g_set_error(error, PHYS_ERROR, PHYS_ERROR_SIZE,
                        "region %s: no memory for 0x%" G_GINT64_MODIFIER "x bytes", name, bytes);
        }
        g_free(r.page);
        return false;
    }
    return phys_insert(p, &r, error);
}

bool phys_add_io(Phys *p, const char *name, Gpa base, uint64_t bytes, const PhysIo *io,
                 GError **error)
{
    PhysRegion r = {
        .name = name, .kind = PHYS_IO, .base = base, .bytes = bytes, .fd = -1, .io = *io
    };

    return phys_insert(p, &r, error);
}

void phys_remove_io(Phys *p, Gpa base)
{
    unsigned i = find_index(p, base);
    const PhysRegion *r = phys_region(p, i);

    g_assert(r && r->kind == PHYS_IO && r->base == base && r->host == NULL);
    g_ptr_array_remove_index(p->regions, i);
}

/* ---- accesses from outside the MMU ---- */

void phys_guest_error(Phys *p, const char *what, Gpa pa)
{
    p->guest_errors++;
    log_msg(p->log, LOG_GUEST_ERRORS, "%s at physical 0x%" G_GINT64_MODIFIER "x\n", what, pa);
}

uint64_t phys_guest_errors(const Phys *p) { return p->guest_errors; }

/* The region that holds all of [pa, pa + bytes). */
static const PhysRegion *find_whole(const Phys *p, Gpa pa, uint64_t bytes)
{
    const PhysRegion *r = phys_find(p, pa);

    return r && bytes <= r->bytes - (pa - r->base) ? r : NULL;
}

/* As find_whole(), for one access: says in @ok whether something answers, and counts if not. */
static const PhysRegion *answering(Phys *p, Gpa pa, unsigned bytes, bool *ok)
{
    const PhysRegion *r = find_whole(p, pa, bytes);

    if (ok) {
        *ok = r != NULL;
    }
    if (!r) {
        phys_guest_error(p, "nothing answers", pa);
    }
    return r;
}

uint64_t phys_read(Phys *p, Gpa pa, unsigned bytes, bool *ok)
{
    const PhysRegion *r = answering(p, pa, bytes, ok);
    uint64_t value = 0;

    g_assert(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    if (r && (r->kind == PHYS_IO || r->answers)) {
        return r->io.read(r->io.opaque, pa - r->base, bytes);
    }
    if (r) {
        memcpy(&value, phys_host_of(r, pa), bytes);
    }
    return value;
}

void phys_write(Phys *p, Gpa pa, uint64_t value, unsigned bytes, bool *ok)
{
    const PhysRegion *r = answering(p, pa, bytes, ok);
    GError *error = NULL;

    g_assert(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    if (!r) {
        return;
    }
    if (r->kind == PHYS_IO || r->chip) {
        r->io.write(r->io.opaque, pa - r->base, value, bytes);
    } else if (r->kind == PHYS_ROM) {
        phys_store_rom(p, r, pa, value, bytes);
    } else if (!phys_copy_in(p, pa, &value, bytes, &error)) {
        g_assert_not_reached(); /* the whole of it is in @r */
    }
}

uint64_t phys_in(Phys *p, Gpa port, unsigned bytes)
{
    unsigned half = bytes / 2;
    uint64_t low;

    if (find_whole(p, port, bytes)) {
        return phys_read(p, port, bytes, NULL);
    }
    if (bytes == 1) {
        log_msg(p->log, LOG_UNIMP, "nothing answers at port 0x%" G_GINT64_MODIFIER "x\n", port);
        return 0xff;
    }
    low = phys_in(p, port, half);
    return low | phys_in(p, port + half, half) << 8 * half;
}

void phys_out(Phys *p, Gpa port, uint64_t value, unsigned bytes)
{
    unsigned half = bytes / 2;

    if (find_whole(p, port, bytes)) {
        phys_write(p, port, value, bytes, NULL);
    } else if (bytes == 1) {
        log_msg(p->log, LOG_UNIMP, "nothing answers at port 0x%" G_GINT64_MODIFIER "x\n", port);
    } else {
        phys_out(p, port, value & (UINT64_MAX >> (64 - 8 * half)), half);
        phys_out(p, port + half, value >> 8 * half, half);
    }
}

/* The bytes from @pa to the end of its page, at most @bytes. */
static uint64_t in_page(Gpa pa, uint64_t bytes)
{
    return MIN(bytes, PHYS_PAGE - (pa & (PHYS_PAGE - 1)));
}

/* Whether [pa, pa + bytes) is all memory. Regions may be neighbours. */
static bool all_memory(const Phys *p, Gpa pa, uint64_t bytes, GError **error)
{
    uint64_t done = 0;

    while (done < bytes) {
        const PhysRegion *r = phys_find(p, pa + done);

        if (!r || r->kind == PHYS_IO) {
            g_set_error(error, PHYS_ERROR, PHYS_ERROR_RANGE,
                        "physical 0x%" G_GINT64_MODIFIER "x is not memory", pa + done);
            return false;
        }
        done += MIN(bytes - done, r->bytes - (pa + done - r->base));
    }
    return true;
}

bool phys_copy_in(Phys *p, Gpa pa, const void *from, uint64_t bytes, GError **error)
{
    if (!all_memory(p, pa, bytes, error)) {
        return false;
    }
    for (uint64_t done = 0, n; done < bytes; done += n) {
        const PhysRegion *r = phys_find(p, pa + done);

        n = in_page(pa + done, bytes - done);
        phys_before_store(p, r, pa + done, n);
        memcpy(phys_host_of(r, pa + done), (const char *)from + done, n);
    }
    return true;
}

bool phys_copy_out(const Phys *p, Gpa pa, void *to, uint64_t bytes, GError **error)
{
    if (!all_memory(p, pa, bytes, error)) {
        return false;
    }
    for (uint64_t done = 0, n; done < bytes; done += n) {
        const PhysRegion *r = phys_find(p, pa + done);

        n = MIN(bytes - done, r->bytes - (pa + done - r->base));
        memcpy((char *)to + done, phys_host_of(r, pa + done), n);
    }
    return true;
}

static bool empty_memory(const PhysRegion *r)
{
    return r->fd >= 0
               ? fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)r->bytes)
                     == 0
               : madvise(r->ram, r->bytes, MADV_DONTNEED) == 0;
}

void phys_zero(Phys *p)
{
    const PhysRegion *r;

    for (unsigned i = 0; (r = phys_region(p, i)) != NULL; i++) {
        if (r->ram && !empty_memory(r)) {
            memset(r->ram, 0, r->bytes);
        }
    }
}
