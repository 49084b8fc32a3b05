/* SPDX-License-Identifier: MIT */
/* gate.c - see gate.h. */
#include "machine/gate.h"

#include <string.h>

typedef struct Source {
    const char *name;
    GateSink sink;
    GByteArray *waiting;
} Source;

struct Gate {
    uint64_t (*count)(void *opaque);
    void (*wake)(void *opaque);
    void *opaque;
    GMutex lock; /* of the sources' waiting bytes */
    GArray *sources;
    int any; /* atomic: some source has bytes */
    void (*seen)(void *opaque, uint64_t count, const char *source, const void *p, size_t n);
    void *seen_opaque;
};

static Source *source(Gate *g, unsigned i) { return &g_array_index(g->sources, Source, i); }

Gate *gate_new(uint64_t (*count)(void *opaque), void (*wake)(void *opaque), void *opaque)
{
    Gate *g = g_new0(Gate, 1);

    g->count = count;
    g->wake = wake;
    g->opaque = opaque;
    g_mutex_init(&g->lock);
    g->sources = g_array_new(FALSE, TRUE, sizeof(Source));
    return g;
}

void gate_free(Gate *g)
{
    if (g == NULL) {
        return;
    }
    for (guint i = 0; i < g->sources->len; i++) {
        g_byte_array_unref(source(g, i)->waiting);
    }
    g_array_unref(g->sources);
    g_mutex_clear(&g->lock);
    g_free(g);
}

unsigned gate_add(Gate *g, const char *name, const GateSink *sink)
{
    Source s = { name, *sink, g_byte_array_new() };

    g_array_append_val(g->sources, s);
    return g->sources->len - 1;
}

void gate_send(Gate *g, unsigned i, const uint8_t *p, size_t n)
{
    g_mutex_lock(&g->lock);
    g_byte_array_append(source(g, i)->waiting, p, (guint)n);
    g_atomic_int_set(&g->any, 1);
    g_mutex_unlock(&g->lock);
    g->wake(g->opaque);
}

size_t gate_waiting(Gate *g, unsigned i)
{
    size_t n;

    g_mutex_lock(&g->lock);
    n = source(g, i)->waiting->len;
    g_mutex_unlock(&g->lock);
    return n;
}

unsigned gate_sources(const Gate *g) { return g->sources->len; }

const char *gate_name(const Gate *g, unsigned i)
{
    return g_array_index(g->sources, Source, i).name;
}

GByteArray *gate_peek(Gate *g, unsigned i)
{
    GByteArray *copy = g_byte_array_new(), *waiting;

    g_mutex_lock(&g->lock);
    waiting = source(g, i)->waiting;
    g_byte_array_append(copy, waiting->data, waiting->len);
    g_mutex_unlock(&g->lock);
    return copy;
}

void gate_empty(Gate *g, unsigned i)
{
    g_mutex_lock(&g->lock);
    g_byte_array_set_size(source(g, i)->waiting, 0);
    g_mutex_unlock(&g->lock);
}

static void let_in(Gate *g, const char *name, const void *p, size_t n)
{
    if (g->seen) {
        g->seen(g->seen_opaque, g->count(g->opaque), name, p, n);
    }
}

/* Gives the sink what it has room for; the lock is not held meanwhile, as sinks may ask us. */
static bool deliver_source(Gate *g, Source *s)
{
    uint8_t chunk[256];
    size_t n, left;

    do {
        n = MIN(s->sink.room(s->sink.opaque), sizeof(chunk));
        g_mutex_lock(&g->lock);
        n = MIN(n, s->waiting->len);
        if (n > 0) { /* an array that never held anything has no data */
            memcpy(chunk, s->waiting->data, n);
            g_byte_array_remove_range(s->waiting, 0, (guint)n);
        }
        left = s->waiting->len;
        g_mutex_unlock(&g->lock);
        if (n > 0) {
            let_in(g, s->name, chunk, n);
            s->sink.deliver(s->sink.opaque, chunk, n);
        }
    } while (n > 0 && left > 0);
    return left > 0;
}

bool gate_deliver(Gate *g)
{
    bool remain = false;

    if (!g_atomic_int_get(&g->any)) {
        return false;
    }
    g_atomic_int_set(&g->any, 0);
    for (guint i = 0; i < g->sources->len; i++) {
        remain |= deliver_source(g, source(g, i));
    }
    if (remain) {
        g_atomic_int_set(&g->any, 1);
    }
    return remain;
}

void gate_draw(Gate *g, const char *name, void *value, size_t n) { let_in(g, name, value, n); }

void gate_listen(Gate *g,
                 void (*seen)(void *opaque, uint64_t count, const char *source, const void *p,
                              size_t n),
                 void *opaque)
{
    g->seen = seen;
    g->seen_opaque = opaque;
}
