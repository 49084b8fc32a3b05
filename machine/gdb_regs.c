/* SPDX-License-Identifier: MIT */
/* gdb_regs.c - the debugger's view of registers, and the description it gets of them. */
#include <string.h>

#include "machine/gdb_priv.h"

enum { REG_BYTES_MAX = 16 };

/* One register's bytes as they are on the wire. */
typedef struct RegCall {
    const IsaDebug *isa;
    unsigned first, n;
    const uint8_t *in; /* NULL: to be read into @out */
    GString *out;
    bool ok;
} RegCall;

static unsigned reg_bytes(const IsaDebug *isa, unsigned i) { return isa->reg(i).bits / 8; }

static unsigned bytes_of(const IsaDebug *isa, unsigned first, unsigned n)
{
    unsigned bytes = 0;

    for (unsigned i = first; i < first + n; i++) {
        bytes += reg_bytes(isa, i);
    }
    return bytes;
}

static void turn(uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n / 2; i++) {
        uint8_t b = bytes[i];

        bytes[i] = bytes[n - 1 - i];
        bytes[n - 1 - i] = b;
    }
}

static void put_reg(Vcpu *v, const IsaDebug *isa, unsigned i, GString *out)
{
    DebugValue value = isa->get(v, i);
    uint8_t bytes[REG_BYTES_MAX];
    unsigned n = reg_bytes(isa, i);

    memcpy(bytes, &value.low, 8);
    memcpy(bytes + 8, &value.high, 8);
    if (isa->big_endian && isa->big_endian(v)) {
        turn(bytes, n);
    }
    gdb_put_bytes(out, bytes, n);
}

static bool set_reg(Vcpu *v, const IsaDebug *isa, unsigned i, const uint8_t *from)
{
    DebugValue value;
    uint8_t bytes[REG_BYTES_MAX] = { 0 };
    unsigned n = reg_bytes(isa, i);

    memcpy(bytes, from, n);
    if (isa->big_endian && isa->big_endian(v)) {
        turn(bytes, n);
    }
    memcpy(&value.low, bytes, 8);
    memcpy(&value.high, bytes + 8, 8);
    return isa->set(v, i, value);
}

static void read_regs(Machine *m, void *call)
{
    const RegCall *c = call;

    for (unsigned i = 0; i < c->n; i++) {
        put_reg(m->cpu, c->isa, c->first + i, c->out);
    }
}

/* Backwards: a status register, which comes last, says which bank the others are in. */
static void write_regs(Machine *m, void *call)
{
    RegCall *c = call;
    const uint8_t *from = c->in + bytes_of(c->isa, c->first, c->n);

    c->ok = true;
    for (unsigned i = c->n; i-- > 0;) {
        from -= reg_bytes(c->isa, c->first + i);
        c->ok &= set_reg(m->cpu, c->isa, c->first + i, from);
    }
}

/* ---- commands ---- */

/* The first feature: the debugger asks for the others one by one. */
GdbAnswer gdb_do_read_all(Gdb *g, GdbText *args, GString *out)
{
    RegCall c = { .isa = g->isa, .n = g->isa->features[0].n, .out = out };

    if (!gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    machine_call(g->m, read_regs, &c);
    return GDB_TEXT;
}

GdbAnswer gdb_do_write_all(Gdb *g, GdbText *args, GString *out)
{
    RegCall c = { .isa = g->isa, .n = g->isa->features[0].n };
    unsigned bytes = bytes_of(g->isa, 0, c.n);
    g_autofree uint8_t *in = g_malloc(bytes);

    (void)out;
    if (!gdb_take_bytes(args, in, bytes) || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    c.in = in;
    machine_call(g->m, write_regs, &c);
    return GDB_OK;
}

GdbAnswer gdb_do_read_reg(Gdb *g, GdbText *args, GString *out)
{
    RegCall c = { .isa = g->isa, .n = 1, .out = out };
    uint64_t i;

    if (!gdb_take_hex(args, &i) || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    if (i >= g->isa->n_regs) {
        return GDB_E_INVALID;
    }
    c.first = (unsigned)i;
    machine_call(g->m, read_regs, &c);
    return GDB_TEXT;
}

GdbAnswer gdb_do_write_reg(Gdb *g, GdbText *args, GString *out)
{
    RegCall c = { .isa = g->isa, .n = 1 };
    uint8_t in[REG_BYTES_MAX];
    uint64_t i;

    (void)out;
    if (!gdb_take_hex(args, &i) || !gdb_take(args, "=")) {
        return GDB_E_SYNTAX;
    }
    if (i >= g->isa->n_regs) {
        return GDB_E_INVALID;
    }
    c.first = (unsigned)i;
    if (!gdb_take_bytes(args, in, reg_bytes(g->isa, c.first)) || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    c.in = in;
    machine_call(g->m, write_regs, &c);
    return c.ok ? GDB_OK : GDB_E_INVALID;
}

static void set_pc(Machine *m, void *call)
{
    RegCall *c = call;
    DebugValue value = { 0, 0 };

    memcpy(&value.low, c->in, sizeof(value.low));
    c->ok = c->isa->set(m->cpu, c->isa->pc, value);
}

bool gdb_set_pc(Gdb *g, uint64_t va)
{
    RegCall c = { .isa = g->isa, .in = (const uint8_t *)&va };

    if (va > UINT32_MAX) {
        return false;
    }
    machine_call(g->m, set_pc, &c);
    return c.ok;
}

/* ---- the target description ---- */

static void describe_reg(const IsaDebug *isa, unsigned i, GString *out)
{
    const DebugReg r = isa->reg(i);

    g_string_append_printf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"", r.name,
                           r.bits, r.type, i);
    if (r.group) {
        g_string_append_printf(out, " group=\"%s\"", r.group);
    }
    if (g_strcmp0(r.group, "system") == 0) { /* calls made from the debugger leave it alone */
        g_string_append(out, " save-restore=\"no\"");
    }
    g_string_append(out, "/>\n");
}

static GString *describe(const IsaDebug *isa)
{
    GString *out = g_string_new("<?xml version=\"1.0\"?>\n"
                                "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                                "<target version=\"1.0\">\n");

    g_string_append_printf(out, "<architecture>%s</architecture>\n", isa->architecture);
    for (unsigned f = 0; f < isa->n_features; f++) {
        const DebugFeature *feature = &isa->features[f];

        g_string_append_printf(out, "<feature name=\"%s\">\n", feature->name);
        for (unsigned i = feature->first; i < feature->first + feature->n; i++) {
            describe_reg(isa, i, out);
        }
        g_string_append(out, "</feature>\n");
    }
    return g_string_append(out, "</target>\n");
}

/* :ANNEX:OFFSET,LENGTH */
GdbAnswer gdb_do_features(Gdb *g, GdbText *args, GString *out)
{
    uint64_t offset, n;

    if (!gdb_take(args, ":target.xml:")) {
        return GDB_E_INVALID;
    }
    if (!gdb_take_hex(args, &offset) || !gdb_take(args, ",") || !gdb_take_hex(args, &n)
        || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    if (g->target == NULL) {
        g->target = describe(g->isa);
    }
    if (offset > g->target->len) {
        return GDB_E_INVALID;
    }
    n = MIN(n, GDB_PACKET_MAX / 2); /* each byte may need an escape */
    g_string_append_c(out, n < g->target->len - offset ? 'm' : 'l');
    g_string_append_len(out, g->target->str + offset, (gssize)MIN(n, g->target->len - offset));
    return GDB_TEXT;
}
