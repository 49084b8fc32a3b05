/* SPDX-License-Identifier: MIT */
/* test_map.c - windows that move by a part's own registers, and bridges between spaces. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "machine/map.h"

/* A part whose registers say where its registers are, and what its bridge shows. */
typedef struct Toy {
    Device dev;
    struct {
        uint32_t where, space, shown, data;
    } st;
} Toy;

#define V(m) REG_VAR(Toy, st.m)
static const RegDef regs[] = {
    { 0x00, "WHERE", REG_32, V(where), 0x1000, 0xffffffff, 0, NULL, NULL, "1" },
    { 0x04, "SPACE", REG_32, V(space), 0, 1, 0, NULL, NULL, "1" },
    { 0x08, "SHOWN", REG_32, V(shown), 0, 0xffffffff, 0, NULL, NULL, "1" },
    { 0x10, "DATA", REG_32, V(data), 0x77, 0xffffffff, 0, NULL, NULL, "1" },
};
static const DevWindowDef windows[] = {
    { .name = "regs", .off = 0, .size = 0x10 },
    { .name = "data", .off = 0x10, .size = 0x10, .moves = true },
    { .name = "bridge", .moves = true },
};

static void place(const Device *d, unsigned i, DevPlace *at)
{
    const Toy *t = (const Toy *)d;

    if (i == 1) {
        *at = (DevPlace){ .space = t->st.space ? SPACE_PORTS : SPACE_MEMORY,
                          .base = t->st.where,
                          .bytes = 0x10 };
    } else if (t->st.shown) {
        *at = (DevPlace){ .space = SPACE_MEMORY,
                          .base = 0x100000,
                          .bytes = 0x10000,
                          .shows = true,
                          .to = SPACE_PORTS,
                          .to_base = t->st.shown };
    }
}

static const DeviceType toy = { .name = "toy",
                                .window = 0x20,
                                .windows = windows,
                                .n_windows = 3,
                                .place = place,
                                .size = sizeof(Toy),
                                .state_off = offsetof(Toy, st),
                                .state_size = 16,
                                .regs = regs,
                                .n_regs = 4 };

static Log quiet;
static Map *map;
static Device *a, *b;

static Device *add(const char *name)
{
    Device *d = dev_new(&toy, name);

    d->map = map_listener(map);
    map_add_moving(map, name, &d->window[1], "data");
    map_add_moving(map, name, &d->window[2], "bridge");
    dev_reset(d);
    return d;
}

static void set_up(void)
{
    map = map_new(&quiet, true);
    a = add("a");
}

static void tear_down(void)
{
    dev_free(a);
    dev_free(b);
    map_free(map);
}

TestSuite(map, .init = set_up, .fini = tear_down);

static uint64_t at(DevSpace space, Gpa pa) { return phys_in(map_space(map, space), pa, 4); }
#define NOTHING 0xffffffffu

Test(map, tables_are_sound)
{
    g_autoptr(GError) error = NULL;
    DeviceType still = toy;

    cr_expect(dev_check_type(&toy, &error), "%s", error ? error->message : "");
    still.place = NULL;
    cr_expect(not(dev_check_type(&still, &error)));
    cr_expect(eq(str, error->message, "toy: window data moves without place()"));
}

Test(map, a_window_follows_its_register_also_to_another_space)
{
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), 0x77));
    dev_write(a, 0, 4, 0x2000);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), NOTHING));
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x2000), 0x77));
    cr_expect(eq(str, (char *)phys_find(map_space(map, SPACE_MEMORY), 0x2000)->name, "a.data"));
    dev_write(a, 4, 4, 1);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x2000), NOTHING));
    cr_expect(eq(u64, at(SPACE_PORTS, 0x2000), 0x77));
    dev_reset(a);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), 0x77));
}

Test(map, a_window_moves_by_an_access_through_itself)
{
    DevWindow *w = &a->window[0];

    cr_assert(map_add_fixed(map, "regs", w, SPACE_MEMORY, 0x9000, 0x10, NULL));
    phys_out(map_space(map, SPACE_MEMORY), 0x9000, 0x3000, 4);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x3000), 0x77));
}

Test(map, of_windows_over_each_other_the_first_part_wins_whatever_came_first)
{
    b = add("b");
    dev_write(b, 0x10, 4, 0x88);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), 0x77));
    dev_write(a, 0, 4, 0x2000);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), 0x88));
    dev_write(a, 0, 4, 0x1008);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1008), 0x77));
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000), NOTHING));
}

Test(map, a_bridge_shows_another_space)
{
    dev_write(a, 4, 4, 1);
    dev_write(a, 0, 4, 0x3f8);
    dev_write(a, 8, 4, 0x300);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x1000f8), 0x77));
    phys_out(map_space(map, SPACE_MEMORY), 0x1000f8, 0x99, 4);
    cr_expect(eq(u64, at(SPACE_PORTS, 0x3f8), 0x99));
    dev_write(a, 8, 4, 0x3f8);
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x100000), 0x99));
}

Test(map, a_snapshot_puts_windows_where_they_were)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    dev_write(a, 0, 4, 0x5000);
    dev_save(a, snap);
    dev_reset(a);
    cr_assert(dev_load(a, snap->data, snap->len, NULL));
    cr_expect(eq(u64, at(SPACE_MEMORY, 0x5000), 0x77));
}

Test(map, what_answers_behind_a_bridge_is_found)
{
    Gpa pa = 0x1003f8;

    dev_write(a, 4, 4, 1);
    dev_write(a, 0, 4, 0x3f8);
    cr_expect(eq(ptr, (void *)map_find(map, &pa), NULL), "there is no bridge yet");
    dev_write(a, 8, 4, 0x300);
    pa = 0x1000f8;
    cr_expect(eq(str, (char *)map_find(map, &pa)->name, "a.data"));
    cr_expect(eq(u64, pa, 0x3f8));
    pa = 0x100000;
    cr_expect(eq(ptr, (void *)map_find(map, &pa), NULL));
    cr_expect(eq(u64, pa, 0x300));
}
