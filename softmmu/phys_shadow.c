/* SPDX-License-Identifier: MIT */
/* phys_shadow.c - memory that changes what it is: RAM over ROM, ROM chips; and the open bus. */
#include <string.h>
#include <sys/mman.h>

#include "softmmu/phys.h"
#include "softmmu/phys_priv.h"

/* ---- who is told ---- */

void phys_add_listener(Phys *p, void (*changed)(void *opaque, Gpa pa, uint64_t bytes), void *opaque)
{
    const PhysListener l = { changed, opaque };

    g_array_append_val(p->listeners, l);
}

void phys_remove_listener(Phys *p, void *opaque)
{
    for (guint i = p->listeners->len; i-- > 0;) {
        if (g_array_index(p->listeners, PhysListener, i).opaque == opaque) {
            g_array_remove_index(p->listeners, i);
        }
    }
}

static void tell(const Phys *p, Gpa pa, uint64_t bytes)
{
    for (guint i = 0; i < p->listeners->len; i++) {
        const PhysListener *l = &g_array_index(p->listeners, PhysListener, i);

        l->changed(l->opaque, pa, bytes);
    }
}

/* ---- RAM over ROM ---- */

static PhysRegion *shadowed(const Phys *p, Gpa pa)
{
    for (guint i = 0; i < p->regions->len; i++) {
        PhysRegion *r = p->regions->pdata[i];

        if (r->rom && pa - r->base < r->bytes) {
            return r;
        }
    }
    g_assert_not_reached();
}

bool phys_add_shadow(Phys *p, const char *name, Gpa base, uint64_t bytes, GError **error)
{
    PhysRegion r = { .name = name, .kind = PHYS_ROM, .base = base, .bytes = bytes, .fd = -1 };

    r.ram = phys_map_memory(name, bytes, error);
    r.host = r.rom = r.ram ? phys_map_memory(name, bytes, error) : NULL;
    r.page = g_new0(PhysPage, bytes >> PHYS_PAGE_SHIFT);
    if (r.rom && phys_insert(p, &r, error)) {
        memset(r.rom, 0xff, bytes);
        return true;
    }
    if (r.ram) {
        munmap(r.ram, bytes);
    }
    if (r.rom) {
        munmap(r.rom, bytes);
    }
    g_free(r.page);
    return false;
}

/* Units made of what is not read any more go. */
static void drop_code(Phys *p, const PhysRegion *r)
{
    for (uint64_t off = 0; off < r->bytes; off += PHYS_PAGE) {
        phys_before_store(p, r, r->base + off, PHYS_PAGE);
    }
}

void phys_shadow(Phys *p, Gpa base, bool read_ram, bool write_ram)
{
    PhysRegion *r = shadowed(p, base);
    uint8_t *host = read_ram ? r->ram : r->rom, *store = write_ram ? r->ram : NULL;
    PhysKind kind = read_ram && write_ram ? PHYS_RAM : PHYS_ROM;

    g_assert(r->base == base);
    if (host != r->host) {
        drop_code(p, r);
    }
    if (host != r->host || kind != r->kind) {
        tell(p, r->base, r->bytes);
    }
    r->host = host;
    r->store = store;
    r->kind = kind;
}

void phys_set_shadow_rom(Phys *p, Gpa pa, const void *from, uint64_t bytes)
{
    PhysRegion *r = shadowed(p, pa);

    g_assert(bytes <= r->bytes - (pa - r->base));
    memcpy(r->rom + (pa - r->base), from, bytes);
}

void phys_store_rom(Phys *p, const PhysRegion *r, Gpa pa, uint64_t value, unsigned bytes)
{
    if (r->store) {
        memcpy(r->store + (pa - r->base), &value, bytes);
    } else if (!r->rom) {
        phys_guest_error(p, "write to ROM", pa);
    }
}

/* ---- ROM that takes commands ---- */

static PhysRegion *rom_at(const Phys *p, Gpa base)
{
    for (guint i = 0; i < p->regions->len; i++) {
        PhysRegion *r = p->regions->pdata[i];

        if (r->kind == PHYS_ROM && r->base == base) {
            return r;
        }
    }
    g_assert_not_reached();
}

void phys_attach_rom(Phys *p, Gpa base, const PhysIo *io)
{
    PhysRegion *r = rom_at(p, base);

    r->io = *io;
    r->chip = true;
}

void phys_show_rom(Phys *p, Gpa base, bool memory)
{
    PhysRegion *r = rom_at(p, base);

    g_assert(r->chip);
    if (r->answers == memory) {
        drop_code(p, r);
        tell(p, r->base, r->bytes);
        r->answers = !memory;
    }
}

/* ---- the open bus ---- */

static uint64_t nothing_read(void *opaque, uint64_t off, unsigned bytes)
{
    (void)opaque, (void)off;
    return UINT64_MAX >> (64 - 8 * bytes);
}

static void nothing_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    (void)opaque, (void)off, (void)value, (void)bytes;
}

void phys_open_bus(Phys *p)
{
    p->nothing = (PhysRegion){
        .name = "nothing",
        .kind = PHYS_IO,
        .bytes = UINT64_MAX,
        .io = { nothing_read, nothing_write, NULL },
    };
}
