/* SPDX-License-Identifier: MIT */
/* test_snapshot.c - snapshots: a run goes on as if nothing had been; bad files change nothing. */
#include <string.h>
#include <zlib.h>

#include "frontend/arm/arm.h"
#include "machine/monitor.h"
#include "machine/snapshot.h"
#include "machine/snapshot_priv.h"
#include "tests/unit/machine_rig.h"

/* Counts and stores the count in memory, with the timer's interrupt masked but armed:
 * mov r1, #3 (enable | IMASK off is 1); mcr CNTV_CTL; mov r2, #0x41000000;
 * loop: add r0, r0, #1; str r0, [r2], #4; b loop */
static const uint32_t busy[] = { 0xe3a01001, 0xee0e1f33, 0xe3a02441,
                                 0xe2800001, 0xe4820004, 0xeafffffc };

enum { SAVED_AT = 1001, END_AT = 5000 };

typedef struct Bench {
    char *dir, *path;
} Bench;

static Bench bench_new(void)
{
    Bench b = { .dir = g_dir_make_tmp("doppelXXXXXX", NULL) };

    cr_assert(ne(ptr, b.dir, NULL));
    b.path = g_build_filename(b.dir, "snapshot", NULL);
    return b;
}

static void bench_free(Bench *b)
{
    g_remove(b->path);
    g_rmdir(b->dir);
    g_free(b->path);
    g_free(b->dir);
}

static Machine *machine(uint64_t stop_at)
{
    MachineConfig c = rig_config();

    c.stop_at = stop_at;
    return rig_machine(&c, busy, G_N_ELEMENTS(busy));
}

static void run(Machine *m)
{
    machine_start(m);
    machine_join(m);
}

static void do_command(Machine *m, const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_run(m, text, out);
    cr_expect(eq(str, out->str, ""));
}

/* A snapshot at SAVED_AT of a run; the hash of its end goes to @hash. */
static void save_one(const Bench *b, char hash[65])
{
    Machine *m = machine(END_AT);
    MachineAt at = { SAVED_AT, g_strconcat("savevm ", b->path, NULL) };

    m->command = do_command;
    g_array_append_val(m->at, at);
    run(m);
    machine_state_hash(m, hash);
    machine_free(m);
}

static void expect_equal_end(Machine *m, const char *want)
{
    char hash[65];

    run(m);
    machine_state_hash(m, hash);
    cr_expect(eq(str, hash, (char *)want));
    cr_expect(eq(u64, vcpu_retired(m->cpu), END_AT));
    machine_free(m);
}

Test(snapshot, a_resumed_run_ends_as_the_one_that_was_saved)
{
    Bench b = bench_new();
    g_autoptr(GError) error = NULL;
    char hash[65];
    Machine *m;

    save_one(&b, hash);
    m = machine(END_AT);
    cr_assert(snapshot_load(m, b.path, &error), "%s", error ? error->message : "");
    cr_expect(eq(u64, vcpu_retired(m->cpu), SAVED_AT));
    expect_equal_end(m, hash);
    bench_free(&b);
}

Test(snapshot, saved_again_it_is_the_same_file)
{
    Bench b = bench_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL, *second = NULL;
    gsize n_first, n_second;
    char hash[65];
    Machine *m;

    save_one(&b, hash);
    cr_assert(g_file_get_contents(b.path, &first, &n_first, NULL));
    m = machine(END_AT);
    cr_assert(snapshot_load(m, b.path, &error) && snapshot_save(m, b.path, &error));
    cr_assert(g_file_get_contents(b.path, &second, &n_second, NULL));
    cr_assert(eq(sz, n_first, n_second));
    cr_expect(memcmp(first, second, n_first) == 0);
    machine_free(m);
    bench_free(&b);
}

/* A machine that is not at reset, so that a change shows. */
static Machine *another(char hash[65])
{
    Machine *m = machine(777);

    run(m);
    m->end = END_NONE;
    m->state = RUN_STOPPED;
    machine_state_hash(m, hash);
    return m;
}

/* Loading @data into @m is refused with @want in the message, and changes nothing. */
static void expect_refused(const Bench *b, Machine *m, const char *hash, const char *data, size_t n,
                           const char *want)
{
    g_autoptr(GError) error = NULL;
    char now[65];

    cr_assert(g_file_set_contents(b->path, data, (gssize)n, NULL));
    cr_assert(not(snapshot_load(m, b->path, &error)), "taken, though %s", want);
    cr_expect(ne(ptr, strstr(error->message, want), NULL), "'%s' without '%s'", error->message,
              want);
    cr_expect(ne(ptr, strstr(error->message, b->path), NULL), "%s", error->message);
    cr_expect(eq(ptr, strchr(error->message, '\n'), NULL), "%s", error->message);
    machine_state_hash(m, now);
    cr_expect(eq(str, now, (char *)hash), "changed: %s", want);
}

typedef struct Good {
    Bench b;
    char *data;
    gsize n;
    GArray *parts;
    Machine *m;
    char hash[65], end[65];
} Good;

static Good *good_new(void)
{
    Good *g = g_new0(Good, 1);

    g->b = bench_new();
    save_one(&g->b, g->end);
    cr_assert(g_file_get_contents(g->b.path, &g->data, &g->n, NULL));
    g->parts = snap_parts((const uint8_t *)g->data, g->n, NULL);
    cr_assert(ne(ptr, g->parts, NULL));
    g->m = another(g->hash);
    return g;
}

static void good_free(Good *g)
{
    machine_free(g->m);
    g_array_unref(g->parts);
    g_free(g->data);
    bench_free(&g->b);
    g_free(g);
}

static size_t head_bytes(const Good *g) { return SNAP_HEAD + g->parts->len * SNAP_ROW + 4; }

static size_t offset_of(const Good *g, unsigned section)
{
    return (size_t)(g_array_index(g->parts, SnapPart, section).p - (const uint8_t *)g->data);
}

Test(snapshot, truncated_files_change_nothing)
{
    Good *g = good_new();

    expect_refused(&g->b, g->m, g->hash, g->data, 0, "not a snapshot");
    for (size_t n = 1; n < head_bytes(g); n++) {
        expect_refused(&g->b, g->m, g->hash, g->data, n,
                       n < SNAP_MAGIC_BYTES ? "truncated" : "truncated");
    }
    for (unsigned i = 0; i < g->parts->len; i++) {
        size_t at = offset_of(g, i), bytes = g_array_index(g->parts, SnapPart, i).bytes;

        if (bytes > 0) {
            expect_refused(&g->b, g->m, g->hash, g->data, at, "truncated");
            expect_refused(&g->b, g->m, g->hash, g->data, at + 1, "truncated");
            expect_refused(&g->b, g->m, g->hash, g->data, at + bytes - 1, "truncated");
        }
    }
    good_free(g);
}

Test(snapshot, a_flipped_bit_anywhere_changes_nothing)
{
    Good *g = good_new();

    for (size_t at = 0; at < g->n; at += at < head_bytes(g) ? 1 : 97) {
        g->data[at] ^= (char)(1u << at % 8);
        expect_refused(&g->b, g->m, g->hash, g->data, g->n,
                       at < SNAP_MAGIC_BYTES ? "not a snapshot" : "snapshot");
        g->data[at] ^= (char)(1u << at % 8);
    }
    good_free(g);
}

Test(snapshot, bytes_behind_the_end_are_refused)
{
    Good *g = good_new();
    g_autofree char *longer = g_malloc0(g->n + 1);

    memcpy(longer, g->data, g->n);
    expect_refused(&g->b, g->m, g->hash, longer, g->n + 1, "too many");
    good_free(g);
}

/* A copy of the file with other bytes in one section, and checksums that are right. */
static GByteArray *forge(const Good *g, unsigned section, const uint8_t *p, size_t n,
                         uint32_t version)
{
    GByteArray *out = g_byte_array_new();

    snap_add(out, SNAP_MAGIC, SNAP_MAGIC_BYTES);
    snap_add_u32(out, version);
    snap_add_u32(out, g->parts->len);
    for (unsigned i = 0; i < g->parts->len; i++) {
        const SnapPart *part = &g_array_index(g->parts, SnapPart, i);
        bool it = i == section;

        snap_add(out, part->name, SNAP_NAME);
        snap_add_u64(out, it ? n : part->bytes);
        snap_add_u32(out, (uint32_t)crc32_z(0, it ? p : part->p, it ? n : part->bytes));
    }
    snap_add_u32(out, (uint32_t)crc32_z(0, out->data, out->len));
    for (unsigned i = 0; i < g->parts->len; i++) {
        const SnapPart *part = &g_array_index(g->parts, SnapPart, i);

        snap_add(out, i == section ? p : part->p, i == section ? n : part->bytes);
    }
    return out;
}

static unsigned section(const Good *g, const char *name)
{
    for (unsigned i = 0; i < g->parts->len; i++) {
        if (g_str_equal(g_array_index(g->parts, SnapPart, i).name, name)) {
            return i;
        }
    }
    cr_fatal("no section %s", name);
}

/* A section that is one byte shorter or longer than it says is not taken, whatever it holds. */
Test(snapshot, sections_of_another_length_are_refused)
{
    Good *g = good_new();

    for (unsigned i = 0; i < g->parts->len; i++) {
        const SnapPart *part = &g_array_index(g->parts, SnapPart, i);
        g_autofree uint8_t *copy = g_malloc0(part->bytes + 1);

        memcpy(copy, part->p, part->bytes);
        for (int more = part->bytes > 0 ? -1 : 1; more <= 1; more += 2) {
            GByteArray *f = forge(g, i, copy, part->bytes + (size_t)more, SNAP_VERSION);

            expect_refused(&g->b, g->m, g->hash, (char *)f->data, f->len, "snapshot");
            g_byte_array_unref(f);
        }
    }
    good_free(g);
}

/* What @name's section says with @n bytes at @at replaced. */
static void expect_forged(const Good *g, const char *name, size_t at, const void *p, size_t n,
                          const char *want)
{
    unsigned i = section(g, name);
    const SnapPart *part = &g_array_index(g->parts, SnapPart, i);
    g_autofree uint8_t *copy = g_memdup2(part->p, part->bytes);
    GByteArray *f;

    cr_assert(le(sz, at + n, part->bytes));
    memcpy(copy + at, p, n);
    f = forge(g, i, copy, part->bytes, SNAP_VERSION);
    expect_refused(&g->b, g->m, g->hash, (char *)f->data, f->len, want);
    g_byte_array_unref(f);
}

/* In section "machine": both names with their lengths, memory, who boots, clock, ns. */
enum { AT_BOARD = 1, AT_CPU = 6, AT_RAM = 16, AT_BOOT = 24, AT_CLOCK, AT_NS, AT_RETIRED = 30 };
/* How many devices, and the first one's path behind its length. */
enum { AT_DEVICES = 80, AT_DEVICE = 85 };

Test(snapshot, values_no_machine_has_are_refused)
{
    static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255, 255, 255, 255 };
    static const uint8_t none[16] = { 0 };
    Good *g = good_new();

    expect_forged(g, "machine", AT_BOARD, "wirt", 4, "is of machine 'wirt'; this is 'virt'");
    expect_forged(g, "machine", AT_BOARD, "\n\x1b[m", 4, "is of machine '\\n\\033[m'");
    expect_forged(g, "machine", AT_CPU, "cortex-b15", 10, "is of CPU 'cortex-b15'");
    expect_forged(g, "machine", AT_RAM, ones, 1, "KiB of memory; this machine has 16384");
    expect_forged(g, "machine", AT_BOOT, "\1", 1, "boot=direct; this is boot=firmware");
    expect_forged(g, "machine", AT_BOOT, "\2", 1, "no machine can have");
    expect_forged(g, "machine", AT_CLOCK, none, 1, "-clock host; this is -clock virtual");
    expect_forged(g, "machine", AT_NS, "\2", 1, "ns=2; this is ns=1");
    expect_forged(g, "machine", AT_RETIRED, ones, 8, "no machine can have");
    expect_forged(g, "machine", AT_DEVICES, none, 1, "is of a machine without virt/gic");
    expect_forged(g, "machine", AT_DEVICE, "virt/gac", 8, "is of a machine without virt/gic");
    expect_forged(g, "cpu", 0, ones, 4, "another layout");
    expect_forged(g, "views", 0, ones, 4, "views that no MMU can have");
    expect_forged(g, "views", MMU_VIEWS * 14 + 8, ones, 8, "an entry that no MMU can have");
    expect_forged(g, "wires", 0, ones, 1, "a level that is none");
    expect_forged(g, "devices", 1, ones, 4, "lacks virt/gic");
    expect_forged(g, "memory", 0, none, 4, "cannot be unpacked");
    good_free(g);
}

/* Of the same length, so that only its version tells: as files of older versions may be. */
Test(snapshot, a_file_of_another_version_says_which)
{
    Good *g = good_new();
    const SnapPart *first = &g_array_index(g->parts, SnapPart, 0);

    for (uint32_t version = 0; version <= SNAP_VERSION + 1; version++) {
        g_autofree char *want = g_strdup_printf("is of version %u; this doppel reads version %d",
                                                version, SNAP_VERSION);
        GByteArray *f = forge(g, 0, first->p, first->bytes, version);

        if (version != SNAP_VERSION) {
            expect_refused(&g->b, g->m, g->hash, (char *)f->data, f->len, want);
        }
        g_byte_array_unref(f);
    }
    good_free(g);
}

/* A PC that has not begun to run, with these serial ports: bit N is COM port N + 1. */
static Machine *pc_with(unsigned serials, bool default_ones)
{
    MachineConfig c = rig_config();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    /* A multiboot header that says where it is: a kernel of 32 bytes. */
    static const uint32_t kernel[] = { 0x1badb002, 0x10000,  0xe4514ffe, 0x100000,
                                       0x100000,   0x100020, 0x100020,   0x100000 };
    const Log log = { .out = stderr };
    int fd = g_file_open_tmp("doppelXXXXXX", &path, NULL);
    Machine *m;

    cr_assert(g_file_set_contents(path, (const char *)kernel, sizeof(kernel), NULL));
    c.board = &board_pc;
    c.kernel = g_strdup(path);
    c.boot_direct = true;
    c.have_serials = !default_ones;
    c.serials = serials;
    m = machine_new(&c, &log, &error);
    cr_assert(ne(ptr, m, NULL), "%s", error ? error->message : "");
    g_close(fd, NULL);
    g_remove(path);
    return m;
}

Test(snapshot, a_pc_with_other_serial_ports_is_refused_by_their_names)
{
    static const struct {
        unsigned saved, loaded;
        const char *want; /* NULL: it is taken */
    } cases[] = {
        { 1, 1, NULL },
        { 5, 5, NULL },
        { 0xf, 1, "is of a machine with pc/com2; this has none" },
        { 1, 3, "is of a machine without pc/com2; this has it" },
        { 2, 1, "is of a machine without pc/com1; this has it" },
        { 1, 0, "is of a machine with pc/com1; this has none" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench b = bench_new();
        Machine *saved = pc_with(cases[i].saved, cases[i].saved == 1);
        Machine *loaded = pc_with(cases[i].loaded, false);
        g_autoptr(GError) error = NULL;
        bool taken;

        cr_assert(snapshot_save(saved, b.path, &error), "%s", error ? error->message : "");
        taken = snapshot_load(loaded, b.path, &error);
        cr_expect(taken == (cases[i].want == NULL), "%u", i);
        cr_expect(cases[i].want == NULL || strstr(error->message, cases[i].want), "%u: %s", i,
                  error->message);
        machine_free(saved);
        machine_free(loaded);
        bench_free(&b);
    }
}

Test(snapshot, another_machine_is_refused)
{
    Good *g = good_new();
    MachineConfig c = rig_config();
    g_autoptr(GError) error = NULL;
    Machine *m;

    c.ram_bytes = 32 << 20;
    m = rig_machine(&c, busy, G_N_ELEMENTS(busy));
    cr_expect(not(snapshot_load(m, g->b.path, &error)));
    cr_expect(ne(ptr, strstr(error->message, "16384 KiB of memory"), NULL), "%s", error->message);
    machine_free(m);
    good_free(g);
}

Test(snapshot, what_is_no_file_is_refused)
{
    Good *g = good_new();
    g_autoptr(GError) none = NULL, dir = NULL, out = NULL;

    cr_expect(not(snapshot_load(g->m, "/nonexistent/file", &none)));
    cr_expect(eq(str, none->message, "snapshot '/nonexistent/file': no such file"));
    cr_expect(not(snapshot_load(g->m, "/dev/zero", &dir)));
    cr_expect(eq(str, dir->message, "snapshot '/dev/zero': is not a regular file"));
    cr_expect(not(snapshot_save(g->m, "/dev/null", &out)));
    cr_expect(eq(str, out->message, "snapshot '/dev/null': is not a regular file"));
    good_free(g);
}

/* Random bytes of every section but memory changed, checksums right: refused whole, or taken and
 * then run without harm to us. */
Test(snapshot, a_forged_state_is_refused_or_runs)
{
    Good *g = good_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    unsigned taken = 0, memory = section(g, "memory");

    for (unsigned k = 0; k < 300; k++) {
        unsigned i = k % g->parts->len;
        const SnapPart *part = &g_array_index(g->parts, SnapPart, i);
        g_autofree uint8_t *copy = g_memdup2(part->p, MAX(part->bytes, 1));
        g_autoptr(GError) error = NULL;
        GByteArray *f;
        Machine *m;

        if (i == memory || part->bytes == 0) {
            continue;
        }
        for (int n = g_rand_int_range(rand, 1, 4); n > 0; n--) {
            copy[g_rand_int_range(rand, 0, (gint32)part->bytes)] = (uint8_t)g_rand_int(rand);
        }
        f = forge(g, i, copy, part->bytes, SNAP_VERSION);
        cr_assert(g_file_set_contents(g->b.path, (char *)f->data, f->len, NULL));
        m = machine(END_AT);
        if (snapshot_load(m, g->b.path, &error)) {
            taken++;
            m->config.stop_at = vcpu_retired(m->cpu) + 2000;
            run(m);
        }
        machine_free(m);
        g_byte_array_unref(f);
    }
    cr_expect(gt(u32, taken, 0));
    good_free(g);
}
