/* SPDX-License-Identifier: MIT */
/* hash.c - one hash over all guest-visible state of a machine, for comparing runs. */
#include <string.h>

#include "base/state.h"
#include "machine/machine.h"

static const uint8_t zero_page[PHYS_PAGE];

/* Not cryptographic: a multiply-and-fold over 64-bit words, fast enough for all of RAM. */
static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const uint8_t *b = p;
    uint64_t w;

    for (; n >= 8; n -= 8, b += 8) {
        memcpy(&w, b, 8);
        h = (h ^ w) * 0x9fb21c651e98df25u;
        h ^= h >> 29;
    }
    for (; n > 0; n--, b++) {
        h = (h ^ *b) * 0x9fb21c651e98df25u;
        h ^= h >> 29;
    }
    return h;
}

static uint64_t mix_cpu(const Machine *m, uint64_t h)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    if (m->isa->settle) {
        m->isa->settle(m->cpu);
    }
    for (unsigned i = 0; i < m->isa->n_fields; i++) {
        state_save(&m->isa->fields[i], m->cpu, bytes);
    }
    return mix(h, bytes->data, bytes->len);
}

static uint64_t mix_memory(const Machine *m, uint64_t h)
{
    const PhysRegion *r;

    for (unsigned i = 0; (r = phys_region(m->phys, i)) != NULL; i++) {
        for (uint64_t off = 0; r->ram && off < r->bytes; off += PHYS_PAGE) {
            if (memcmp(r->ram + off, zero_page, PHYS_PAGE) != 0) {
                h = mix(h, &off, sizeof(off));
                h = mix(h, r->ram + off, PHYS_PAGE);
            }
        }
    }
    return h;
}

static uint64_t mix_devices(const Machine *m, uint64_t h)
{
    for (guint i = 0; i < m->devices->len; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        dev_save(g_ptr_array_index(m->devices, i), bytes);
        h = mix(h, bytes->data, bytes->len);
    }
    return h;
}

void machine_state_hash(Machine *m, char hex[65])
{
    uint64_t time[2] = { vcpu_retired(m->cpu), m->idle_ns };
    uint64_t part[4];

    part[0] = mix_cpu(m, 1);
    part[1] = mix_memory(m, 2);
    part[2] = mix_devices(m, 3);
    part[3] = mix(4, time, sizeof(time));
    for (unsigned i = 0; i < 4; i++) {
        g_snprintf(hex + 16 * i, 17, "%016" G_GINT64_MODIFIER "x", part[i]);
    }
}
