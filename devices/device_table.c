/* SPDX-License-Identifier: MIT */
/* device_table.c - a device's tables as snapshot layout, checked text and promises. */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "devices/device.h"

enum { VERSION_BYTES = 1 };

/* Field number @i of a type: its registers with a variable, then its fields. */
static bool nth_field(const DeviceType *t, unsigned i, StateField *out)
{
    for (unsigned k = 0; k < t->n_regs; k++) {
        const RegDef *r = &t->regs[k];

        if (r->var_bytes > 0 && i-- == 0) {
            *out = (StateField){ r->name, r->var, r->width, r->count, bits_mask(8 * r->width) };
            return true;
        }
    }
    if (i >= t->n_fields) {
        return false;
    }
    *out = t->fields[i];
    return true;
}

/* ---- snapshots: version, levels of the input pins, fields ---- */

/* The levels as a field of an array of words. */
static StateField level_field(const DeviceType *t)
{
    return (StateField){ "pins", 0, 4, (uint16_t)((t->n_pins + 31) / 32), UINT32_MAX };
}

static size_t snapshot_size(const DeviceType *t)
{
    StateField f = level_field(t);
    size_t n = VERSION_BYTES + state_bytes(&f);

    for (unsigned i = 0; nth_field(t, i, &f); i++) {
        n += state_bytes(&f);
    }
    return n;
}

void dev_save(const Device *d, GByteArray *out)
{
    StateField f = level_field(d->type);

    g_byte_array_append(out, &d->type->version, VERSION_BYTES);
    state_save(&f, d->level, out);
    for (unsigned i = 0; nth_field(d->type, i, &f); i++) {
        state_save(&f, d, out);
    }
}

static bool check_levels(const Device *d, const uint8_t *in, GError **error)
{
    StateField f = level_field(d->type);

    if (d->type->n_pins % 32 == 0) {
        return true;
    }
    f.count = 1;
    f.max = bits_mask(d->type->n_pins % 32);
    return state_check(&f, d->path, in + (d->type->n_pins / 32) * 4, error);
}

bool dev_check(const Device *d, const uint8_t *in, size_t n, GError **error)
{
    StateField level = level_field(d->type), f;
    const uint8_t *p = in + VERSION_BYTES;

    if (n != snapshot_size(d->type) || in[0] != d->type->version) {
        g_set_error(error, DEVICE_ERROR, DEVICE_ERROR_SNAPSHOT,
                    "%s: not a version %u snapshot of a %s", d->path, d->type->version,
                    d->type->name);
        return false;
    }
    if (!check_levels(d, p, error)) {
        return false;
    }
    p += state_bytes(&level);
    for (unsigned i = 0; nth_field(d->type, i, &f); p += state_bytes(&f), i++) {
        if (!state_check(&f, d->path, p, error)) {
            return false;
        }
    }
    return true;
}

bool dev_load(Device *d, const uint8_t *in, size_t n, GError **error)
{
    StateField level = level_field(d->type), f;
    const uint8_t *p = in + VERSION_BYTES;

    if (!dev_check(d, in, n, error)) {
        return false;
    }
    state_load(&level, d->level, p);
    p += state_bytes(&level);
    for (unsigned i = 0; nth_field(d->type, i, &f); p += state_bytes(&f), i++) {
        state_load(&f, d, p);
    }
    dev_settle(d);
    return true;
}

/* ---- promises ---- */

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(DEVICE_ERROR, DEVICE_ERROR_TABLE, fmt, ap);
    }
    va_end(ap);
    return false;
}

/* Each byte of the state in one register or field, none outside it in any. */
static bool check_coverage(const DeviceType *t, GError **error)
{
    g_autofree uint8_t *owners = g_new0(uint8_t, t->state_size + 1);
    StateField f;

    for (unsigned i = 0; nth_field(t, i, &f); i++) {
        if (f.off < t->state_off || f.off + state_bytes(&f) > t->state_off + t->state_size) {
            return fail(error, "%s.%s: variable is outside the state", t->name, f.name);
        }
        for (size_t k = 0; k < state_bytes(&f); k++) {
            owners[f.off - t->state_off + k]++;
        }
    }
    for (size_t k = 0; k < t->state_size; k++) {
        if (owners[k] != 1) {
            return fail(error, "%s: state byte %zu is in %u fields", t->name, k, owners[k]);
        }
    }
    return true;
}

static uint32_t row_end(const RegDef *r)
{
    return r->off + (uint32_t)(r->count - 1) * r->stride + r->width;
}

static const char *row_fault(const DeviceType *t, const RegDef *r)
{
    if ((r->width != 1 && r->width != 2 && r->width != 4 && r->width != 8) || r->count == 0
        || r->stride < r->width || (r->access == REG_SPAN && r->stride != r->width)) {
        return "shape is impossible";
    }
    if (r->off % r->width != 0 || row_end(r) > t->window) {
        return "offset is not in the window";
    }
    if (r != t->regs && row_end(&r[-1]) > r->off) {
        return "offset is out of order";
    }
    if (((r->reset | r->wmask | r->w1c) & ~bits_mask(8 * r->width)) != 0) {
        return "masks are wider than the register";
    }
    if ((r->wmask & r->w1c) != 0 || (r->var_bytes == 0 && r->reset != 0)) {
        return "masks contradict each other";
    }
    if (r->var_bytes != 0 && r->var_bytes != r->width * r->count) {
        return "variable has another size";
    }
    return r->spec ? NULL : "no spec";
}

static bool check_windows(const DeviceType *t, GError **error)
{
    for (unsigned i = 0; i < t->n_windows; i++) {
        if ((uint64_t)t->windows[i].off + t->windows[i].size > t->window) {
            return fail(error, "%s: window %s is outside the register space", t->name,
                        t->windows[i].name);
        }
        if (t->windows[i].moves && !t->place) {
            return fail(error, "%s: window %s moves without place()", t->name, t->windows[i].name);
        }
    }
    if (t->n_timers > 0 && !t->fire) {
        return fail(error, "%s: timers without fire()", t->name);
    }
    return true;
}

bool dev_check_type(const DeviceType *type, GError **error)
{
    for (unsigned i = 0; i < type->n_regs; i++) {
        const char *fault = row_fault(type, &type->regs[i]);

        if (fault) {
            return fail(error, "%s.%s: %s", type->name, type->regs[i].name, fault);
        }
    }
    return check_windows(type, error) && check_coverage(type, error);
}

/* ---- text ---- */

void dev_reg_name(const DeviceType *type, uint32_t off, GString *out)
{
    for (unsigned k = 0; k < type->n_regs; k++) {
        const RegDef *r = &type->regs[k];

        if (off < r->off || off >= row_end(r)) {
            continue;
        }
        g_string_append(out, r->name);
        if (r->count > 1) {
            g_string_append_printf(out, "[%" PRIu32 "]", (off - r->off) / r->stride);
        }
        return;
    }
    g_string_append_c(out, '?');
}

void dev_describe(const DeviceType *type, GString *out)
{
    g_string_append_printf(out, "%s: %s\n", type->name, type->manual ? type->manual : "");
    g_string_append(out, "offset  bytes count reset      write      w1c        section  name\n");
    for (unsigned k = 0; k < type->n_regs; k++) {
        const RegDef *r = &type->regs[k];

        g_string_append_printf(
            out, "%#07x %5u %5u %#010" PRIx64 " %#010" PRIx64 " %#010" PRIx64 " %-8s %s\n", r->off,
            r->width, r->count, r->reset, r->wmask, r->w1c, r->spec, r->name);
    }
}
