/* SPDX-License-Identifier: MIT */
/* monitor_memory.c - x and xp: memory as numbers, characters, text or instructions. */
#include <capstone/capstone.h>
#include <inttypes.h>
#include <string.h>

#include "machine/monitor_priv.h"

enum { COUNT_MAX = 65536, LINE_BYTES = 16, TEXT_MAX = 256, INSN_MAX = 16 };

/* What /FMT says. */
typedef struct Format {
    unsigned count;
    char format; /* x d u o c i s */
    unsigned bytes;
} Format;

/* Reads up to @n bytes without side effects; returns how many. */
typedef size_t (*Peek)(Machine *m, uint64_t at, void *to, size_t n);

static size_t peek_virtual(Machine *m, uint64_t at, void *to, size_t n)
{
    return at > UINT32_MAX ? 0 : mmu_peek(m->cpu, (Gva)at, to, n);
}

/* The device's window that a region is; NULL: it is none. */
static const DevWindow *window_of(const PhysRegion *r)
{
    return r && r->kind == PHYS_IO && r->io.read == dev_window_read ? r->io.opaque : NULL;
}

/* RAM, ROM and what a device's register holds, where reading it does no more than that; behind a
 * bridge's window too. QEMU's xp reads whatever it does. */
static size_t peek_physical(Machine *m, uint64_t at, void *to, size_t n)
{
    const PhysRegion *r = map_find(m->map, &at);
    const DevWindow *w = window_of(r);
    uint64_t value;

    if (w && n <= sizeof(value) && at - r->base < w->size
        && dev_peek(w->dev, w->off + (uint32_t)(at - r->base), (unsigned)n, &value)) {
        memcpy(to, &value, n);
        return n;
    }
    if (r == NULL || r->host == NULL) {
        return 0;
    }
    n = (size_t)MIN(n, r->base + r->bytes - at);
    memcpy(to, r->host + (at - r->base), n);
    return n;
}

/* ---- arguments ---- */

static bool parse_format(const char *text, size_t n, Format *f)
{
    static const char sizes[] = "bhwg";
    const char *end = text + n, *size;

    *f = (Format){ 1, 'x', 4 };
    if (text < end && g_ascii_isdigit(*text)) {
        guint64 count = g_ascii_strtoull(text, (char **)(uintptr_t)&text, 10);

        f->count = (unsigned)MIN(count, COUNT_MAX + 1);
    }
    for (; text < end; text++) {
        size = strchr(sizes, *text);
        if (size) {
            f->bytes = 1u << (size - sizes);
        } else if (strchr("xduocis", *text)) {
            f->format = *text;
        } else {
            return false;
        }
    }
    if (f->format == 'c') {
        f->bytes = 1;
    }
    return true;
}

/* A number, or $pc, with +N or -N behind it. */
static bool parse_address(Machine *m, const char *text, uint64_t *out)
{
    char *end;
    uint64_t v;

    if (g_str_has_prefix(text, "$pc")) {
        v = m->cpu->pc;
        end = (char *)(uintptr_t)text + 3;
    } else {
        v = g_ascii_strtoull(text, &end, 0);
        if (end == text) {
            return false;
        }
    }
    while (*end == '+' || *end == '-') {
        bool minus = *end == '-';
        const char *digits = end + 1;
        uint64_t more = g_ascii_strtoull(digits, &end, 0);

        if (end == digits) {
            return false;
        }
        v = minus ? v - more : v + more;
    }
    *out = v;
    return *end == '\0';
}

/* ---- output ---- */

static void no_memory(Machine *m, Peek peek, uint64_t at, GString *out)
{
    uint64_t inside = at;
    const PhysRegion *r = peek == peek_physical ? map_find(m->map, &inside) : NULL;

    if (window_of(r)) {
        g_string_append_printf(out, "%08" PRIx64 ": of device %s: to read there may change it\n",
                               at, r->name);
        return;
    }
    g_string_append_printf(out, "%08" PRIx64 ": no memory there\n", at);
}

static void show_char(uint8_t c, GString *out)
{
    if (c >= ' ' && c < 0x7f && c != '\'' && c != '\\') {
        g_string_append_printf(out, " '%c'", c);
    } else {
        g_string_append_printf(out, " '\\x%02x'", c);
    }
}

static void show_number(const Format *f, const uint8_t *p, GString *out)
{
    uint64_t v = 0;
    unsigned shift = 64 - 8 * f->bytes;

    memcpy(&v, p, f->bytes);
    switch (f->format) {
    case 'x': g_string_append_printf(out, " 0x%0*" PRIx64, (int)(2 * f->bytes), v); break;
    case 'o': g_string_append_printf(out, " 0%" PRIo64, v); break;
    case 'u': g_string_append_printf(out, " %" PRIu64, v); break;
    case 'd': g_string_append_printf(out, " %" PRId64, (int64_t)(v << shift) >> shift); break;
    default: show_char((uint8_t)v, out);
    }
}

static void show_numbers(Machine *m, const Format *f, Peek peek, uint64_t at, GString *out)
{
    unsigned per_line = LINE_BYTES / f->bytes;
    uint8_t bytes[8];

    for (unsigned i = 0; i < f->count; i++, at += f->bytes) {
        if (peek(m, at, bytes, f->bytes) < f->bytes) {
            if (i % per_line != 0) {
                g_string_append_c(out, '\n');
            }
            no_memory(m, peek, at, out);
            return;
        }
        if (i % per_line == 0) {
            g_string_append_printf(out, "%08" PRIx64 ":", at);
        }
        show_number(f, bytes, out);
        if (i % per_line == per_line - 1 || i + 1 == f->count) {
            g_string_append_c(out, '\n');
        }
    }
}

static void show_texts(Machine *m, const Format *f, Peek peek, uint64_t at, GString *out)
{
    char text[TEXT_MAX + 1] = { 0 };

    for (unsigned i = 0; i < f->count; i++) {
        g_autofree char *shown = NULL;
        size_t n = peek(m, at, text, TEXT_MAX);

        if (n == 0) {
            no_memory(m, peek, at, out);
            return;
        }
        text[n] = '\0';
        shown = g_strescape(text, NULL);
        g_string_append_printf(out, "%08" PRIx64 ": \"%s\"\n", at, shown);
        at += strlen(text) + 1;
    }
}

/* One line; returns the instruction's length. */
static size_t show_insn(Machine *m, csh cs, const uint8_t *code, size_t n, uint64_t at,
                        GString *out)
{
    cs_insn *insn = NULL;
    const char *row = m->isa->row_name(code, (unsigned)n, m->cpu->mode);
    size_t bytes = MIN(n, (m->cpu->mode & 1) != 0 ? 2u : 4u);
    g_autofree char *text = NULL;

    if (cs != 0 && cs_disasm(cs, code, n, at, 1, &insn) == 1) {
        bytes = insn->size;
        text = g_strdup_printf("%-8s %s", insn->mnemonic, insn->op_str);
        cs_free(insn, 1);
    } else {
        text = g_strdup_printf("(%s)", row ? row : "undefined");
    }
    g_string_append_printf(out, "0x%08" PRIx64 ":  ", at);
    for (size_t i = bytes; i-- > 0;) {
        g_string_append_printf(out, "%02x", code[i]);
    }
    g_string_append_printf(out, "  %s\n", text);
    return bytes;
}

static void show_insns(Machine *m, const Format *f, Peek peek, uint64_t at, GString *out)
{
    int arch, mode;
    csh cs = 0;

    m->isa->capstone(m->cpu->mode, &arch, &mode);
    if (arch >= 0 && cs_open((cs_arch)arch, (cs_mode)mode, &cs) != CS_ERR_OK) {
        cs = 0;
    }
    for (unsigned i = 0; i < f->count; i++) {
        uint8_t code[INSN_MAX];
        size_t n = peek(m, at, code, sizeof(code));

        if (n == 0) {
            no_memory(m, peek, at, out);
            break;
        }
        at += show_insn(m, cs, code, n, at, out);
    }
    if (cs != 0) {
        cs_close(&cs);
    }
}

static void dump(Machine *m, const char *args, Peek peek, GString *out)
{
    size_t n = *args == '/' ? strcspn(args, " \t") : 0;
    const char *address = args + n + strspn(args + n, " \t");
    uint64_t at;
    Format f;

    if (!parse_format(args + (n > 0), n > 0 ? n - 1 : 0, &f)) {
        g_string_append_printf(
            out, "format '%.*s' is not /COUNT, one of x d u o c i s, one of b h w g\n", (int)n,
            args);
        return;
    }
    if (f.count == 0 || f.count > COUNT_MAX) {
        g_string_append_printf(out, "format '%.*s': a count is from 1 to %u\n", (int)n, args,
                               COUNT_MAX);
        return;
    }
    if (!parse_address(m, address, &at)) {
        g_string_append_printf(out, "'%s' is not an address\n", address);
        return;
    }
    switch (f.format) {
    case 'i': show_insns(m, &f, peek, at, out); break;
    case 's': show_texts(m, &f, peek, at, out); break;
    default: show_numbers(m, &f, peek, at, out);
    }
}

void monitor_x(Machine *m, const char *args, GString *out) { dump(m, args, peek_virtual, out); }
void monitor_xp(Machine *m, const char *args, GString *out) { dump(m, args, peek_physical, out); }
