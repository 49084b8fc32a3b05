/* SPDX-License-Identifier: MIT */
/* monitor_info.c - what the monitor's info knows. */
#include <inttypes.h>

#include "machine/classes.h"
#include "machine/monitor_priv.h"
#include "machine/version.h"

static void info_registers(Machine *m, const char *args, GString *out)
{
    (void)args;
    m->isa->describe(m->cpu, out);
}

static void show_space(const Phys *space, const char *name, GString *out)
{
    static const char *const kinds[] = {
        [PHYS_RAM] = "ram", [PHYS_ROM] = "rom", [PHYS_IO] = "i/o"
    };
    const PhysRegion *r;

    if (phys_region(space, 0)) {
        g_string_append_printf(out, "address-space: %s\n", name);
    }
    for (unsigned i = 0; (r = phys_region(space, i)) != NULL; i++) {
        g_string_append_printf(out, "  %016" PRIx64 "-%016" PRIx64 " (%s): %s\n", (uint64_t)r->base,
                               r->base + r->bytes - 1, kinds[r->kind], r->name);
    }
}

static void info_mtree(Machine *m, const char *args, GString *out)
{
    (void)args;
    show_space(m->phys, "memory", out);
    show_space(map_space(m->map, SPACE_PORTS), "I/O", out);
    if (map_space(m->map, SPACE_BUS) != m->phys) {
        show_space(map_space(m->map, SPACE_BUS), "pci", out);
    }
}

static void show_entry(void *opaque, const MmuEntry *e)
{
    GString *out = opaque;

    g_string_append_printf(
        out, "%02x   %3u  %08x  %010" PRIx64 "  %c%c%c  %7u KiB  %s\n", e->key.regime, e->key.asid,
        e->va, (uint64_t)e->pa, e->rights & RIGHT_R ? 'r' : '-', e->rights & RIGHT_W ? 'w' : '-',
        e->rights & RIGHT_X ? 'x' : '-', 1u << (e->size_shift - 10), e->global ? "global" : "");
}

static void info_softmmu(Machine *m, const char *args, GString *out)
{
    (void)args;
    g_string_append(out, "view asid va        pa          rights  mapping\n");
    mmu_each_entry(vcpu_cold(m->cpu)->mmu, show_entry, out);
}

static void info_tlb(Machine *m, const char *args, GString *out)
{
    if (m->isa->show_tlb) {
        m->isa->show_tlb(m->cpu, out);
    } else {
        info_softmmu(m, args, out);
    }
}

static void info_mem(Machine *m, const char *args, GString *out)
{
    (void)args;
    if (m->isa->show_ranges) {
        m->isa->show_ranges(m->cpu, out);
    } else {
        g_string_append_printf(out, "info mem is not there for guest '%s': see info tlb\n",
                               m->isa->name);
    }
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void info_tcache(Machine *m, const char *args, GString *out)
{
    TrStats s;

    (void)args;
    tr_stats(m->tr, &s);
    g_string_append_printf(
        out,
        "cache       %" PRIu64 " of %" PRIu64 " KiB used, %" PRIu64 " units live\n"
        "translated  %" PRIu64 " units, %" PRIu64 " instructions, %" PRIu64
        " guest bytes to %" PRIu64 " host bytes (%.1f a byte) and %" PRIu64
        " of side tables, %" PRIu64 " ns an instruction\n",
        s.cache_used >> 10, s.cache_bytes >> 10, s.live_units, s.units, s.insns, s.guest_bytes,
        s.host_bytes, (double)s.host_bytes / (double)MAX(1, s.guest_bytes), s.side_bytes,
        s.translate_ns / MAX(1, s.insns));
    g_string_append_printf(out,
                           "dropped     %" PRIu64 " by stores, %" PRIu64 " by remapping, %" PRIu64
                           " evicted, %" PRIu64 " flushed\n"
                           "lookups     %" PRIu64 ", %.1f %% hits; links %" PRIu64 " made, %" PRIu64
                           " undone\n",
                           s.invalidated_store, s.invalidated_remap, s.evicted, s.flushed,
                           s.lookups, percent(s.lookup_hits, s.lookups), s.links, s.links_undone);
}

/* A row that has been counted, with its counts. */
typedef struct Counted {
    const InsnInfo *info;
    uint64_t user, privileged;
} Counted;

static gint by_use(gconstpointer a, gconstpointer b)
{
    const Counted *x = a, *y = b;
    uint64_t nx = x->user + x->privileged, ny = y->user + y->privileged;

    return nx == ny ? g_strcmp0(x->info->name, y->info->name) : (nx < ny) - (nx > ny);
}

static void info_callouts(Machine *m, const char *args, GString *out)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Counted));
    const uint64_t *ledger = vcpu_cold(m->cpu)->ledger;

    (void)args;
    for (unsigned i = 0; i < m->isa->n_insns; i++) {
        Counted c = { m->isa->insn(i), ledger[2 * i], ledger[2 * i + 1] };

        if (c.user || c.privileged) {
            g_array_append_val(rows, c);
        }
    }
    g_array_sort(rows, by_use);
    g_string_append(out,
                    "instruction          encoding       class               user  privileged\n");
    for (guint i = 0; i < rows->len; i++) {
        const Counted *c = &g_array_index(rows, Counted, i);

        g_string_append_printf(out, "%-20s %-14s %-10s %13" PRIu64 " %11" PRIu64 "\n",
                               c->info->name, c->info->encoding, class_name(c->info->sens), c->user,
                               c->privileged);
    }
}

static void info_version(Machine *m, const char *args, GString *out)
{
    (void)m, (void)args;
    g_string_append(out, "doppel " DOPPEL_VERSION "\n");
}

static void info_status(Machine *m, const char *args, GString *out)
{
    static const char *const states[] = {
        [RUN_STOPPED] = "paused",
        [RUN_RUNNING] = "running",
        [RUN_ENDED] = "ended",
    };

    (void)args;
    g_string_append_printf(
        out, "VM status: %s\ninstructions retired: %" PRIu64 "\nguest time: %" PRIu64 " ns\n",
        states[m->state], vcpu_retired(m->cpu), machine_now_ns(m));
}

static void info_statehash(Machine *m, const char *args, GString *out)
{
    char hex[65];

    (void)args;
    machine_state_hash(m, hex);
    g_string_append_printf(out, "%s\n", hex);
}

/* clang-format off */
static const MonitorCommand subjects[] = {
    { "registers", NULL, "", "the CPU's registers", info_registers, false },
    { "mtree",     NULL, "", "the physical address space", info_mtree, false },
    { "tlb",       NULL, "", "the CPU's TLB or what page tables map; else the pages in use",
      info_tlb, false },
    { "mem",       NULL, "", "ranges of virtual addresses and their rights, of a PC",
      info_mem, false },
    { "softmmu",   NULL, "", "pages that the soft-MMU has filled", info_softmmu, false },
    { "tcache",    NULL, "", "the code cache", info_tcache, false },
    { "callouts",  NULL, "", "sensitive instructions executed", info_callouts, false },
    { "status",    NULL, "", "whether it runs, and how far it is", info_status, false },
    { "statehash", NULL, "", "a hash over all the guest can see, for comparing runs",
      info_statehash, false },
    { "version",   NULL, "", "the version of doppel", info_version, false },
};
/* clang-format on */

void monitor_info(Machine *m, const char *args, GString *out)
{
    g_autofree char *subject = g_strndup(args, strcspn(args, " \t"));
    const char *more = args + strlen(subject);
    const MonitorCommand *c;

    if (*args == '\0') {
        for (unsigned i = 0; i < G_N_ELEMENTS(subjects); i++) {
            g_string_append_printf(out, "info %-10s %s\n", subjects[i].name, subjects[i].help);
        }
        return;
    }
    c = monitor_find(subjects, G_N_ELEMENTS(subjects), "subject", subject, out);
    if (c && !monitor_surplus(subject, more + strspn(more, " \t"), out)) {
        c->run(m, "", out);
    }
}
