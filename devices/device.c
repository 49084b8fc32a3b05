/* SPDX-License-Identifier: MIT */
/* device.c - the behaviour that follows from a device's tables. */
#include "devices/device.h"

#include <inttypes.h>
#include <string.h>

#include "base/bits.h"

G_DEFINE_QUARK(doppel_device_error, device_error)

/* Where in which row an access falls. */
typedef struct RegHit {
    const RegDef *row;
    unsigned i;    /* index in the row */
    unsigned lane; /* byte in the register */
} RegHit;

/* What is wrong with an access; part of a site's key. */
typedef enum Fault { FAULT_OFFSET = 1, FAULT_SIZE, FAULT_READ_ONLY, FAULT_RESERVED } Fault;

static uint64_t var_get(const Device *d, const RegDef *r, unsigned i)
{
    uint64_t v = 0;

    memcpy(&v, (const char *)d + r->var + (size_t)i * r->width, r->width);
    return v;
}

static void var_set(Device *d, const RegDef *r, unsigned i, uint64_t v)
{
    memcpy((char *)d + r->var + (size_t)i * r->width, &v, r->width);
}

static bool same_place(const DevPlace *a, const DevPlace *b)
{
    return a->space == b->space && a->base == b->base && a->bytes == b->bytes
           && a->shows == b->shows && a->to == b->to && a->to_base == b->to_base;
}

static void settle_windows(Device *d)
{
    for (unsigned i = 0; i < d->type->n_windows; i++) {
        DevPlace at = { 0 };

        if (!d->type->windows[i].moves) {
            continue;
        }
        d->type->place(d, i, &at);
        if (!same_place(&at, &d->window[i].at)) {
            d->window[i].at = at;
            if (d->map) {
                d->map->moved(d->map->opaque, &d->window[i]);
            }
        }
    }
}

void dev_settle(Device *d)
{
    if (d->type->settle) {
        d->type->settle(d);
    }
    if (d->type->place) {
        settle_windows(d);
    }
}

static unsigned level_words(const DeviceType *t) { return (t->n_pins + 31) / 32; }

/* ---- life ---- */

static void timer_fire(void *opaque)
{
    DevTimer *t = opaque;

    t->dev->type->fire(t->dev, t->n);
    dev_settle(t->dev);
}

Device *dev_new(const DeviceType *type, const char *path)
{
    Device *d = g_malloc0(type->size);

    d->type = type;
    d->path = path;
    d->irq = g_new0(IrqLine *, type->n_irqs + 1);
    d->level = g_new0(uint32_t, level_words(type) + 1);
    d->timer = g_new0(DevTimer, type->n_timers + 1);
    d->pin = g_new0(DevPin, type->n_pins + 1);
    d->window = g_new0(DevWindow, MAX(1, type->n_windows));
    d->site = g_new0(uint64_t, DEV_SITES);
    for (unsigned i = 0; i < type->n_timers; i++) {
        d->timer[i].dev = d;
        d->timer[i].n = i;
        event_init(&d->timer[i].event, timer_fire, &d->timer[i]);
    }
    for (unsigned i = 0; i < type->n_pins; i++) {
        d->pin[i] = (DevPin){ d, i };
    }
    d->window[0] = (DevWindow){ .dev = d, .size = type->window };
    for (unsigned i = 0; i < type->n_windows; i++) {
        const DevWindowDef *w = &type->windows[i];

        d->window[i] = (DevWindow){ .dev = d, .off = w->off, .size = w->size };
    }
    return d;
}

void dev_free(Device *d)
{
    if (d == NULL) {
        return;
    }
    for (unsigned i = 0; d->clock && i < d->type->n_timers; i++) {
        event_cancel(d->clock, &d->timer[i].event);
    }
    if (d->type->release) {
        d->type->release(d);
    }
    g_free(d->irq);
    g_free(d->level);
    g_free(d->timer);
    g_free(d->pin);
    g_free(d->window);
    g_free(d->site);
    g_free(d);
}

void dev_reset(Device *d)
{
    memset((char *)d + d->type->state_off, 0, d->type->state_size);
    for (unsigned i = 0; i < d->type->n_regs; i++) {
        const RegDef *r = &d->type->regs[i];

        for (unsigned k = 0; r->var_bytes > 0 && k < r->count; k++) {
            var_set(d, r, k, r->reset);
        }
    }
    if (d->type->reset) {
        d->type->reset(d);
    }
    dev_settle(d);
}

/* ---- mistakes of the guest ---- */

static uint32_t guest_pc(const Device *d)
{
    return d->guest && d->guest->pc ? d->guest->pc(d->guest->opaque) : 0;
}

/* Whether @key was not there; enters it. The table never overflows: it stops taking keys. */
static bool new_site(Device *d, uint64_t key)
{
    unsigned slot = (unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 58);

    while (d->site[slot] != 0 && d->site[slot] != key) {
        slot = (slot + 1) % DEV_SITES;
    }
    if (d->site[slot] == key || d->n_sites + 1 == DEV_SITES) {
        return false;
    }
    d->site[slot] = key;
    d->n_sites++;
    return true;
}

/* Whether a mistake is to be logged: counts it, and knows its site. */
static bool count_error(Device *d, uint32_t off, unsigned kind)
{
    d->guest_errors++;
    if (d->log == NULL || !log_on(d->log, LOG_GUEST_ERRORS)) {
        return false;
    }
    return new_site(d, (uint64_t)guest_pc(d) << 32 | (uint64_t)off << 8 | kind);
}

void dev_guest_error(Device *d, uint32_t off, const char *fmt, ...)
{
    va_list ap;
    g_autofree char *text = NULL;

    if (!count_error(d, off, 0xff)) {
        return;
    }
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    log_write(d->log, "%s: %s, at pc %#" PRIx32 "\n", d->path, text, guest_pc(d));
}

static void access_error(Device *d, Fault fault, uint32_t off, unsigned size, uint64_t val)
{
    g_autoptr(GString) reg = NULL;

    if (!count_error(d, off, fault)) {
        return;
    }
    reg = g_string_new(NULL);
    dev_reg_name(d->type, off, reg);
    switch (fault) {
    case FAULT_OFFSET:
        log_write(d->log, "%s: no register at offset %#" PRIx32, d->path, off);
        break;
    case FAULT_SIZE:
        log_write(d->log, "%s: %s takes no %u-byte access at offset %#" PRIx32, d->path, reg->str,
                  size, off);
        break;
    case FAULT_READ_ONLY: log_write(d->log, "%s: %s is read-only", d->path, reg->str); break;
    case FAULT_RESERVED:
        log_write(d->log, "%s: %s: reserved bits %#" PRIx64 " written", d->path, reg->str, val);
        break;
    }
    log_write(d->log, ", at pc %#" PRIx32 "\n", guest_pc(d));
}

void dev_ignore(Device *d, unsigned i, uint64_t val) { (void)d, (void)i, (void)val; }

/* ---- accesses ---- */

/* The row whose span holds @off. */
static bool find(const DeviceType *t, uint32_t off, RegHit *hit)
{
    unsigned lo = 0, hi = t->n_regs;
    const RegDef *r;
    uint32_t rel;

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;

        if (t->regs[mid].off <= off) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    if (lo == 0) {
        return false;
    }
    r = &t->regs[lo - 1];
    rel = off - r->off;
    *hit = (RegHit){ r, rel / r->stride, rel % r->stride };
    return hit->i < r->count && hit->lane < r->width;
}

const RegDef *dev_row(const DeviceType *type, uint32_t off)
{
    RegHit h;

    return find(type, off, &h) ? h.row : NULL;
}

uint64_t dev_var(const Device *d, uint32_t off)
{
    RegHit h;

    return find(d->type, off, &h) && h.row->var_bytes > 0 ? var_get(d, h.row, h.i) : 0;
}

/* How many registers the access covers; 0 if the row does not take it. */
static unsigned covered(const RegHit *h, unsigned size, bool write)
{
    const RegDef *r = h->row;

    if (size == r->width) {
        return h->lane == 0;
    }
    if (size < r->width) {
        bool lanes = r->access == REG_LANES || (r->access == REG_NARROW && !write);

        return h->lane % size == 0 && (lanes || (r->access == REG_NARROW && h->lane == 0));
    }
    if (r->access == REG_WIDE) {
        return h->lane == 0 && size <= r->stride;
    }
    if (r->access != REG_SPAN || h->i % (size / r->width) != 0
        || h->i + size / r->width > r->count) {
        return 0;
    }
    return size / r->width;
}

bool dev_peek(const Device *d, uint32_t off, unsigned size, uint64_t *value)
{
    RegHit h;

    if (!find(d->type, off, &h) || h.row->read || covered(&h, size, false) != 1) {
        return false;
    }
    *value = h.row->var_bytes > 0 ? var_get(d, h.row, h.i) >> 8 * h.lane : h.row->reset;
    return true;
}

static uint64_t reg_read(Device *d, const RegDef *r, unsigned i)
{
    if (r->read) {
        return r->read(d, i);
    }
    return r->var_bytes > 0 ? var_get(d, r, i) : 0;
}

static void reg_write(Device *d, const RegDef *r, unsigned i, uint64_t val, uint64_t lanes)
{
    if (r->var_bytes > 0) {
        uint64_t old = var_get(d, r, i), w = r->wmask & lanes, c = r->w1c & lanes;

        var_set(d, r, i, ((old & ~w) | (val & w)) & ~(val & c));
    }
    if (r->write) {
        r->write(d, i, val);
    }
}

static void check_value(Device *d, const RegDef *r, unsigned i, uint64_t val, uint32_t off)
{
    uint64_t may = r->wmask | r->w1c;

    if (may == 0 && !r->write) {
        access_error(d, FAULT_READ_ONLY, off, 0, 0);
    } else if (may != 0 && (val & ~may) != 0) {
        uint64_t kept = r->var_bytes > 0 ? var_get(d, r, i) : 0;

        if ((val & ~may & ~kept) != 0) {
            access_error(d, FAULT_RESERVED, off, 0, val & ~may & ~kept);
        }
    }
}

static bool locate(Device *d, uint32_t off, unsigned size, bool write, RegHit *h, unsigned *n)
{
    if (!find(d->type, off, h)) {
        access_error(d, FAULT_OFFSET, off, size, 0);
        return false;
    }
    *n = covered(h, size, write);
    if (*n == 0) {
        access_error(d, FAULT_SIZE, off, size, 0);
    }
    return *n > 0;
}

static void trace(Device *d, uint32_t off, unsigned size, const char *verb, uint64_t val)
{
    g_autoptr(GString) reg = NULL;

    if (d->log && log_on(d->log, LOG_DEVICE)) {
        reg = g_string_new(NULL);
        dev_reg_name(d->type, off, reg);
        log_write(d->log, "%s: %s %s %#" PRIx64 " (%u bytes), at pc %#" PRIx32 "\n", d->path,
                  reg->str, verb, val, size, guest_pc(d));
    }
}

/* Whether an access is wider than the part's bus. */
static bool too_wide(const Device *d, unsigned size)
{
    return d->type->bus_bytes > 0 && size > d->type->bus_bytes;
}

uint64_t dev_read(Device *d, uint32_t off, unsigned size)
{
    uint64_t val = 0;
    RegHit h;
    unsigned n;

    if (too_wide(d, size)) {
        for (unsigned k = 0; k < size; k += d->type->bus_bytes) {
            val |= dev_read(d, off + k, d->type->bus_bytes) << 8 * k;
        }
        return val;
    }
    if (!locate(d, off, size, false, &h, &n)) {
        return 0;
    }
    d->access_bytes = (uint8_t)size;
    d->access_lane = (uint8_t)h.lane;
    for (unsigned k = 0; k < n; k++) {
        val |= reg_read(d, h.row, h.i + k) << 8 * h.row->width * k;
    }
    if (h.row->read) {
        dev_settle(d);
    }
    val = val >> 8 * h.lane & bits_mask(8 * size);
    trace(d, off, size, "reads", val);
    return val;
}

void dev_write(Device *d, uint32_t off, unsigned size, uint64_t val)
{
    uint64_t lanes;
    RegHit h;
    unsigned n;

    if (too_wide(d, size)) {
        for (unsigned k = 0; k < size; k += d->type->bus_bytes) {
            dev_write(d, off + k, d->type->bus_bytes, val >> 8 * k);
        }
        return;
    }
    if (!locate(d, off, size, true, &h, &n)) {
        return;
    }
    val &= bits_mask(8 * size);
    trace(d, off, size, "written", val);
    val <<= 8 * h.lane;
    d->access_bytes = (uint8_t)size;
    d->access_lane = (uint8_t)h.lane;
    lanes = h.row->access == REG_LANES ? bits_mask(8 * size) << 8 * h.lane : UINT64_MAX;
    for (unsigned k = 0; k < n; k++) {
        uint64_t part = val >> 8 * h.row->width * k & bits_mask(8 * h.row->width);

        check_value(d, h.row, h.i + k, part, off);
        reg_write(d, h.row, h.i + k, part, lanes);
    }
    dev_settle(d);
}

uint64_t dev_window_read(void *window, uint64_t off, unsigned size)
{
    DevWindow *w = window;

    return dev_read(w->dev, off < w->size ? w->off + (uint32_t)off : UINT32_MAX, size);
}

void dev_window_write(void *window, uint64_t off, uint64_t val, unsigned size)
{
    DevWindow *w = window;

    dev_write(w->dev, off < w->size ? w->off + (uint32_t)off : UINT32_MAX, size, val);
}

/* ---- wires ---- */

void dev_set_pin(Device *d, unsigned n, bool level)
{
    g_assert(n < d->type->n_pins);
    if (dev_pin(d, n) == level) {
        return;
    }
    d->level[n / 32] ^= 1u << n % 32;
    if (d->type->pin) {
        d->type->pin(d, n, level);
    }
    dev_settle(d);
}

static void pin_sink(void *opaque, bool level)
{
    DevPin *p = opaque;

    dev_set_pin(p->dev, p->n, level);
}

void dev_wire(IrqLine *line, Device *d, unsigned n)
{
    g_assert(n < d->type->n_pins);
    line->sink = pin_sink;
    line->opaque = &d->pin[n];
}

void dev_arm(Device *d, unsigned n, uint64_t when_ns)
{
    Event *e = &d->timer[n].event;
    uint64_t now = event_armed(e) ? e->when_ns : CLOCK_NEVER;

    if (now != when_ns) {
        event_arm(d->clock, e, when_ns);
    }
}

size_t dev_can_receive(const Device *d)
{
    return d->type->can_receive ? d->type->can_receive(d) : 0;
}

void dev_receive(Device *d, const uint8_t *p, size_t n)
{
    if (d->type->receive) {
        d->type->receive(d, p, n);
        dev_settle(d);
    }
}

void dev_line_break(Device *d)
{
    if (d->type->line_break) {
        d->type->line_break(d);
        dev_settle(d);
    }
}

void dev_put(Device *d, uint8_t byte)
{
    if (d->chr) {
        d->chr->put(d->chr->opaque, byte);
    }
}

void dev_room(Device *d)
{
    if (d->chr && d->chr->room) {
        d->chr->room(d->chr->opaque);
    }
}

unsigned dev_cpu(const Device *d)
{
    return d->guest && d->guest->cpu ? d->guest->cpu(d->guest->opaque) : 0;
}
