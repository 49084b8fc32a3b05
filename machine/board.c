/* SPDX-License-Identifier: MIT */
/* board.c - the list of boards, and the checks that hold for every one. */
#include "machine/board.h"

#include "devices/pci.h"

G_DEFINE_QUARK(doppel_board_error, board_error)

enum { CPU_PINS = 8 };

const Board *const *board_all(void)
{
    static const Board *const all[] = { &board_virt, &board_malta, &board_pc, NULL };

    return all;
}

const BoardPart *board_part(const Board *b, const char *name)
{
    for (unsigned i = 0; i < b->n_parts; i++) {
        if (g_str_equal(b->parts[i].name, name)) {
            return &b->parts[i];
        }
    }
    return NULL;
}

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(BOARD_ERROR, BOARD_ERROR_TABLE, fmt, ap);
    }
    va_end(ap);
    return false;
}

static Gpa window_end(const Board *b, const BoardPart *p, const BoardWindow *w)
{
    uint64_t most = b->ram_max - MIN(b->ram_max, p->ram_from);

    if (p->kind == PART_RAM && w->size == 0) {
        return w->base + (p->ram_most ? MIN(p->ram_most, most) : most);
    }
    return w->base + w->size;
}

static bool in_use(const BoardPart *p, unsigned i)
{
    return p->window[i].size || (i == 0 && p->kind == PART_RAM);
}

static bool overlap(const Board *b, const BoardPart *p, const BoardPart *q)
{
    for (unsigned i = 0; i < BOARD_WINDOWS; i++) {
        for (unsigned k = 0; k < BOARD_WINDOWS; k++) {
            if (in_use(p, i) && in_use(q, k) && p->window[i].space == q->window[k].space
                && p->window[i].base < window_end(b, q, &q->window[k])
                && q->window[k].base < window_end(b, p, &p->window[i])) {
                return true;
            }
        }
    }
    return false;
}

static unsigned wire_count(const BoardWire *w) { return w->n ? w->n : 1; }

/* The machine's own pins act when one of their drivers rises. */
static bool same_pin(const BoardWire *a, const BoardWire *b)
{
    return a->to && b->to && !g_str_equal(a->to, "machine") && g_str_equal(a->to, b->to)
           && a->pin < b->pin + wire_count(b) && b->pin < a->pin + wire_count(a);
}

static bool check_pair(const Board *b, const BoardPart *p, const BoardPart *q, GError **error)
{
    if (g_str_equal(p->name, q->name)) {
        return fail(error, "two parts are named %s", p->name);
    }
    if (p->pci && q->pci && p->slot == q->slot && p->function == q->function) {
        return fail(error, "%s and %s are the same PCI function", p->name, q->name);
    }
    if (overlap(b, p, q)) {
        return fail(error, "%s overlaps %s", p->name, q->name);
    }
    for (unsigned i = 0; i < BOARD_WIRES; i++) {
        for (unsigned k = 0; k < BOARD_WIRES; k++) {
            if (same_pin(&p->wire[i], &q->wire[k])) {
                return fail(error, "%s and %s both drive %s pin %u", p->name, q->name,
                            p->wire[i].to, p->wire[i].pin);
            }
        }
    }
    return true;
}

static bool check_wire(const Board *b, const BoardPart *p, const BoardWire *w, GError **error)
{
    const BoardPart *to;
    unsigned pins = CPU_PINS;

    if (w->to == NULL) {
        return true;
    }
    to = board_part(b, w->to);
    if (g_str_equal(w->to, "machine")) {
        pins = N_MACHINE_PINS;
    } else if (to == NULL && !g_str_equal(w->to, "cpu")) {
        return fail(error, "%s is wired to no part %s", p->name, w->to);
    }
    if (to && to->kind != PART_DEVICE) {
        return fail(error, "%s is wired to %s, which has no pins", p->name, w->to);
    }
    if (w->line + wire_count(w) > p->type->n_irqs
        || w->pin + wire_count(w) > (to ? to->type->n_pins : pins)) {
        return fail(error, "%s line %u to %s pin %u: no such line or pin", p->name, w->line, w->to,
                    w->pin);
    }
    return true;
}

static bool check_windows(const BoardPart *p, GError **error)
{
    unsigned n = dev_n_windows(p->type);

    for (unsigned i = 0; i < BOARD_WINDOWS; i++) {
        bool moves = i < p->type->n_windows && p->type->windows[i].moves;

        if ((i < n && !moves) != (p->window[i].size != 0)) {
            return fail(error, "%s: the part has %u windows", p->name, n);
        }
    }
    return true;
}

static bool check_part(const Board *b, const BoardPart *p, GError **error)
{
    for (const BoardPart *q = b->parts; q < p; q++) {
        if (!check_pair(b, p, q, error)) {
            return false;
        }
    }
    if ((p->kind == PART_DEVICE) != (p->type != NULL)) {
        return fail(error, "%s: a device has a type, RAM has none", p->name);
    }
    if (p->spec == NULL) {
        return fail(error, "%s: no spec", p->name);
    }
    if (p->pci && (p->type == NULL || p->type->pci == NULL)) {
        return fail(error, "%s: not a PCI function", p->name);
    }
    if (p->pci && p->type->pci->intx && (b->pirq == NULL || board_part(b, b->pirq_part) == NULL)) {
        return fail(error, "%s: its interrupt goes nowhere", p->name);
    }
    for (unsigned i = 0; p->type && i < BOARD_WIRES; i++) {
        if (!check_wire(b, p, &p->wire[i], error)) {
            return false;
        }
    }
    return p->type == NULL || check_windows(p, error);
}

bool board_check(const Board *b, GError **error)
{
    for (unsigned i = 0; i < b->n_parts; i++) {
        if (!check_part(b, &b->parts[i], error)) {
            g_prefix_error(error, "board %s: ", b->name);
            return false;
        }
    }
    return true;
}
