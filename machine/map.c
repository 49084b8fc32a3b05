/* SPDX-License-Identifier: MIT */
/*
 * map.c - see map.h. A move takes all moving windows away and puts them back in their order: what
 * lies where then depends on the parts' state alone, not on the way there.
 */
#include "machine/map.h"

typedef struct Moving {
    Map *map;
    const DevWindow *w;
    char *name;
    DevPlace at; /* where it is mapped; bytes 0: nowhere */
} Moving;

struct Map {
    Phys *space[N_SPACES];
    Log *log;
    DevMap listener;
    GPtrArray *moving; /* Moving *, owned */
};

/* ---- a bridge's window: addresses of another space ---- */

static Phys *shown(const Moving *mv) { return mv->map->space[mv->at.to]; }

static uint64_t bridge_read(void *moving, uint64_t off, unsigned bytes)
{
    const Moving *mv = moving;

    return phys_in(shown(mv), mv->at.to_base + off, bytes);
}

static void bridge_write(void *moving, uint64_t off, uint64_t value, unsigned bytes)
{
    const Moving *mv = moving;

    phys_out(shown(mv), mv->at.to_base + off, value, bytes);
}

/* ---- moving ---- */

static void take_away(Moving *mv)
{
    if (mv->at.bytes > 0) {
        phys_remove_io(mv->map->space[mv->at.space], mv->at.base);
        mv->at.bytes = 0;
    }
}

static void put_back(Moving *mv)
{
    const PhysIo window = { dev_window_read, dev_window_write, (void *)(uintptr_t)mv->w };
    const PhysIo bridge = { bridge_read, bridge_write, mv };
    const DevPlace *at = &mv->w->at;
    g_autoptr(GError) why = NULL;

    if (at->bytes == 0) {
        return;
    }
    if (at->shows && mv->map->space[at->to] == mv->map->space[at->space]) {
        return; /* there it is the same space already */
    }
    if (phys_add_io(mv->map->space[at->space], mv->name, at->base, at->bytes,
                    at->shows ? &bridge : &window, &why)) {
        mv->at = *at;
    } else {
        log_msg(mv->map->log, LOG_GUEST_ERRORS, "map: %s\n", why->message);
    }
}

static void moved(void *map, const DevWindow *w)
{
    GPtrArray *all = ((Map *)map)->moving;

    (void)w;
    for (guint i = 0; i < all->len; i++) {
        take_away(all->pdata[i]);
    }
    for (guint i = 0; i < all->len; i++) {
        put_back(all->pdata[i]);
    }
}

/* ---- life ---- */

static void moving_free(void *moving)
{
    g_free(((Moving *)moving)->name);
    g_free(moving);
}

Map *map_new(Log *log, bool own_bus)
{
    Map *map = g_new0(Map, 1);

    map->log = log;
    map->listener = (DevMap){ moved, map };
    map->moving = g_ptr_array_new_with_free_func(moving_free);
    map->space[SPACE_MEMORY] = phys_new(log);
    map->space[SPACE_PORTS] = phys_new(log);
    map->space[SPACE_BUS] = own_bus ? phys_new(log) : map->space[SPACE_MEMORY];
    return map;
}

void map_free(Map *map)
{
    if (map->space[SPACE_BUS] != map->space[SPACE_MEMORY]) {
        phys_free(map->space[SPACE_BUS]);
    }
    phys_free(map->space[SPACE_PORTS]);
    phys_free(map->space[SPACE_MEMORY]);
    g_ptr_array_unref(map->moving);
    g_free(map);
}

Phys *map_space(const Map *map, DevSpace space) { return map->space[space]; }

const PhysRegion *map_find(const Map *map, Gpa *pa)
{
    const PhysRegion *r = phys_find(map->space[SPACE_MEMORY], *pa);

    for (unsigned i = 0; i < N_SPACES && r && r->io.read == bridge_read; i++) {
        const Moving *mv = r->io.opaque;

        *pa = mv->at.to_base + (*pa - r->base);
        r = phys_find(shown(mv), *pa);
    }
    return r;
}

const DevMap *map_listener(Map *map) { return &map->listener; }

bool map_add_fixed(Map *map, const char *name, DevWindow *w, DevSpace space, Gpa base,
                   uint64_t bytes, GError **error)
{
    const PhysIo io = { dev_window_read, dev_window_write, w };

    return phys_add_io(map->space[space], name, base, bytes, &io, error);
}

void map_add_moving(Map *map, const char *part, const DevWindow *w, const char *name)
{
    Moving *mv = g_new0(Moving, 1);

    mv->map = map;
    mv->w = w;
    mv->name = g_strdup_printf("%s.%s", part, name);
    g_ptr_array_add(map->moving, mv);
}
