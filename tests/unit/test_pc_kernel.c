/* SPDX-License-Identifier: MIT */
/* test_pc_kernel.c - kernels for the board `pc` from hostile files: taken or refused by name. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/machine.h"
#include "machine/pc_kernel.h"
#include "machine/pc_pieces.h"

enum { RAM_BYTES = 4 << 20, FILE_BYTES = 4096, FLIPS = 1500 };

static Log test_log;
static Phys *phys;
static char *path;
static int fd;
static uint8_t file[FILE_BYTES];

static void set_up(void)
{
    test_log.out = stderr;
    phys = phys_new(&test_log);
    cr_assert(phys_add_memory(phys, PHYS_RAM, "ram", 0, RAM_BYTES, NULL));
    fd = g_file_open_tmp("doppelXXXXXX", &path, NULL);
    cr_assert(ge(i32, fd, 0));
    memset(file, 0, sizeof(file));
}

static void tear_down(void)
{
    phys_free(phys);
    close(fd);
    g_remove(path);
    g_free(path);
}
TestSuite(pc_kernel, .init = set_up, .fini = tear_down);

static void put(size_t at, uint64_t v, unsigned bytes) { memcpy(file + at, &v, bytes); }

/* Reads, and loads if that is something to do. Returns the message of the error; NULL: none. */
static char *read_kernel(PcKernel *k, size_t n)
{
    g_autoptr(GError) error = NULL;
    Gpa first, last;
    PcPieces p;

    cr_assert(eq(i32, ftruncate(fd, 0), 0));
    cr_assert(eq(i64, pwrite(fd, file, n, 0), (int64_t)n));
    if (!pc_kernel_read(k, path, &error)
        || (k->kind != PC_KERNEL_LINUX
            && (!pc_kernel_span(k, path, &first, &last, &error)
                || !pc_kernel_load(k, path, phys, &error)))) {
        cr_assert(error != NULL);
        pc_kernel_clear(k);
        return g_strdup(error->message);
    }
    if (k->kind != PC_KERNEL_LINUX && pc_pieces_make(&p, k, path, NULL)) {
        pc_pieces_clear(&p);
    }
    pc_kernel_clear(k);
    cr_assert(error == NULL);
    return NULL;
}

/* One sector of set-up code and a kernel of 512 bytes. */
static void make_linux(void)
{
    put(0x1f1, 1, 1);
    put(0x1f4, 32, 4);
    put(0x1fe, 0xaa55, 2);
    put(0x200, 0x66eb, 2);
    memcpy(file + 0x202, "HdrS", 4);
    put(0x206, 0x20f, 2);
    put(0x211, 1, 1);
    put(0x22c, 0x7fffffff, 4);
    put(0x238, 2047, 4);
    put(0x258, 0x1000000, 8);
    put(0x260, 0x900000, 4);
}
enum { LINUX_BYTES = 1024 + 512 };

static void make_elf(void)
{
    const Elf32_Ehdr head = {
        .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_entry = 0x100010,
        .e_phoff = 52,
        .e_ehsize = 52,
        .e_phentsize = 32,
        .e_phnum = 2,
        .e_shentsize = 40,
    };
    const Elf32_Phdr segment = {
        .p_type = PT_LOAD,
        .p_offset = 0x200,
        .p_paddr = 0x100000,
        .p_filesz = 16,
        .p_memsz = 32,
    };
    const Elf32_Phdr note = { .p_type = PT_NOTE, .p_offset = 0x100, .p_filesz = 20 };

    memcpy(file, &head, sizeof(head));
    memcpy(file + 52, &segment, sizeof(segment));
    memcpy(file + 84, &note, sizeof(note));
}

static void make_note(void)
{
    static const uint32_t words[] = { 4, 4, 18, 0x6e6558, 0x123456 };

    memcpy(file + 0x100, words, sizeof(words));
}

static void make_multiboot(size_t at, uint32_t flags)
{
    put(at, 0x1badb002, 4);
    put(at + 4, flags, 4);
    put(at + 8, 0u - 0x1badb002u - flags, 4);
}

Test(pc_kernel, a_bzimage_says_what_it_needs)
{
    PcKernel k;

    make_linux();
    cr_assert(read_kernel(&k, LINUX_BYTES) == NULL);
    cr_expect(eq(int, k.kind, PC_KERNEL_LINUX));
    cr_expect(eq(u32, k.setup_bytes, 1024));
    cr_expect(eq(u32, k.header_bytes, 0x268 - 0x1f1));
    cr_expect(eq(u32, k.entry, 0x100000));
    cr_expect(eq(u32, k.memory_end, 0x1900000));
    cr_expect(eq(u32, k.initrd_max, 0x7fffffff));
    cr_expect(eq(u32, k.cmdline_bytes, 2047));
}

/* What is written over a good header, and what is said of it. */
static const struct {
    size_t at;
    uint64_t value;
    unsigned bytes;
    size_t length;
    char *says;
} bad_linux[] = {
    { 0x1f4, 33, 4, LINUX_BYTES, "bzImage is truncated: header says 1552 bytes, file has 1536" },
    { 0x1f1, 9, 1, LINUX_BYTES, "bzImage is truncated: header says 5632 bytes, file has 1536" },
    { 0x1f1, 1, 1, 0x280, "bzImage is truncated: its set-up header is not there" },
    { 0x1fe, 0, 2, LINUX_BYTES, "set-up header is damaged" },
    { 0x202, 'X', 1, LINUX_BYTES, "bzImage is damaged: its set-up header does not say 'HdrS'" },
    { 0x201, 0xff, 1, LINUX_BYTES, "set-up header is damaged" },
    { 0x201, 0x20, 1, LINUX_BYTES, "set-up header is damaged" },
    { 0x260, UINT32_MAX, 4, LINUX_BYTES, "set-up header is damaged: addresses are impossible" },
    { 0x258, UINT64_MAX, 8, LINUX_BYTES, "set-up header is damaged: addresses are impossible" },
    { 0x22c, 5, 4, LINUX_BYTES, "set-up header is damaged: addresses are impossible" },
    { 0x206, 0x201, 2, LINUX_BYTES, "boot protocol 2.01 of a kernel that is loaded low" },
    { 0x211, 0, 1, LINUX_BYTES, "boot protocol 2.15 of a kernel that is loaded low" },
    { 0x236, 1, 2, LINUX_BYTES, "is a 64-bit x86 Linux bzImage; this board runs 32-bit x86" },
};

Test(pc_kernel, a_damaged_bzimage_is_refused)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_linux); i++) {
        g_autofree char *message = NULL;
        PcKernel k;

        make_linux();
        put(bad_linux[i].at, bad_linux[i].value, bad_linux[i].bytes);
        message = read_kernel(&k, bad_linux[i].length);
        cr_expect(message && strstr(message, bad_linux[i].says), "%u: %s", i, message);
        memset(file, 0, sizeof(file));
    }
}

Test(pc_kernel, a_pvh_note_gives_the_entry)
{
    PcKernel k;

    make_elf();
    make_note();
    memcpy(file + 0x200, "payload", 7);
    cr_assert(read_kernel(&k, FILE_BYTES) == NULL);
    cr_expect(eq(int, k.kind, PC_KERNEL_PVH));
    cr_expect(eq(u32, k.entry, 0x123456));
    cr_expect(eq(u64, phys_read(phys, 0x100000, 4, NULL), 0x6c796170));
}

Test(pc_kernel, an_elf_file_that_nobody_can_enter_is_refused)
{
    g_autofree char *message = NULL;
    PcKernel k;

    make_elf();
    message = read_kernel(&k, FILE_BYTES);
    cr_expect(message && strstr(message, "neither a multiboot header nor a PVH note"), "%s",
              message);
}

Test(pc_kernel, multiboot_by_elf_and_by_addresses)
{
    PcKernel k;

    make_elf();
    make_multiboot(0x400, 3);
    cr_assert(read_kernel(&k, FILE_BYTES) == NULL);
    cr_expect(eq(int, k.kind, PC_KERNEL_MULTIBOOT));
    cr_expect(eq(u32, k.entry, 0x100010));

    memset(file, 0, sizeof(file));
    make_multiboot(0x10, 0x10001);
    put(0x1c, 0x200010, 4); /* the header's address: file offset 0 is 0x200000 */
    put(0x20, 0x200000, 4);
    put(0x24, 0x200100, 4);
    put(0x28, 0x200200, 4);
    put(0x2c, 0x200040, 4);
    cr_assert(read_kernel(&k, FILE_BYTES) == NULL);
    cr_expect(eq(u32, k.entry, 0x200040));
    cr_expect(eq(u64, phys_read(phys, 0x200010, 4, NULL), 0x1badb002));
}

/* A segment of @n bytes of the file from @at on, and zeros up to @bytes. */
static void put_segment(unsigned i, unsigned at, uint32_t pa, uint32_t n, uint32_t bytes)
{
    unsigned ph = 52 + 32 * i;

    put(44, i + 1, 2);
    put(ph, PT_LOAD, 4);
    put(ph + 4, at, 4);
    put(ph + 8, pa, 4);
    put(ph + 12, pa, 4);
    put(ph + 16, n, 4);
    put(ph + 20, bytes, 4);
}

/* A multiboot kernel of four segments: across 1 MiB, above, two that overlap below. */
static void make_pieces(uint32_t low)
{
    make_elf();
    make_multiboot(0x400, 3);
    put_segment(0, 0x400, 0xfffff, 4, 4);
    put_segment(1, 0x400, 0x100008, 4, 4);
    put_segment(2, 0x400, low, 8, 8);
    put_segment(3, 0x401, low + 4, 1, 8);
}

/* What the option ROM is given of it; or why nothing. */
static char *pieces(PcPieces *p)
{
    g_autoptr(GError) error = NULL;
    PcKernel k;

    cr_assert(g_file_set_contents(path, (const char *)file, FILE_BYTES, NULL));
    cr_assert(pc_kernel_read(&k, path, &error), "%s", error ? error->message : "");
    if (!pc_pieces_make(p, &k, path, &error)) {
        pc_kernel_clear(&k);
        return g_strdup(error->message);
    }
    pc_kernel_clear(&k);
    return NULL;
}

Test(pc_kernel, what_is_below_640_kib_is_a_list_and_what_is_up_to_1_mib_is_left_out)
{
    static const uint8_t high[12] = { 0xb0, 0xad, 0x1b, 0, 0, 0, 0, 0, 0x02, 0xb0, 0xad, 0x1b };
    static const uint8_t low[28] = { 0x00, 0x05, 0,    0, 12, 0, 0, 0, 0x02, 0xb0,
                                     0xad, 0x1b, 0xb0, 0, 0,  0, 0, 0, 0,    0 };
    PcPieces p;
    gsize n;
    const void *bytes;

    make_pieces(0x500);
    cr_assert(pieces(&p) == NULL);
    cr_expect(eq(u32, p.high_at, 0x100000));
    bytes = g_bytes_get_data(p.high, &n);
    cr_assert(eq(sz, n, sizeof(high)));
    cr_expect(zero(memcmp(bytes, high, n)));
    bytes = g_bytes_get_data(p.low, &n);
    cr_assert(eq(sz, n, sizeof(low)));
    cr_expect(zero(memcmp(bytes, low, n)));
    pc_pieces_clear(&p);
}

Test(pc_kernel, where_the_option_rom_is_no_kernel_goes)
{
    static const struct {
        uint32_t low;
        const char *at; /* NULL: it may be there */
    } cases[] = {
        { 0, NULL },
        { 0x1fff4, NULL },
        { 0x1fff5, "at 0x20000," },
        { 0x2ffff, "at 0x2ffff," },
        { 0x30000, NULL },
        { 0x6fff4, NULL },
        { 0x6fff5, "at 0x70000," },
        { 0x7ffff, "at 0x7ffff," },
        { 0x80000, NULL },
        { 0x9fffc, NULL },
        { 0xf0000, NULL },
    };
    g_autofree char *entry = NULL;
    PcPieces p;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *why = NULL;

        make_pieces(cases[i].low);
        why = pieces(&p);
        cr_expect(eq(int, why == NULL, cases[i].at == NULL), "%#x: %s", cases[i].low, why);
        cr_expect(why == NULL || strstr(why, cases[i].at), "%#x: %s", cases[i].low, why);
        if (why == NULL) {
            pc_pieces_clear(&p);
        }
    }
    make_pieces(0xf0000);
    put(24, 0xf0000, 4);
    entry = pieces(&p);
    cr_expect(entry && strstr(entry, "at 0xf0000, where firmware is at work"), "%s", entry);
}

Test(pc_kernel, multiboot_contradictions_are_refused)
{
    g_autofree char *features = NULL, *addresses = NULL, *flat = NULL;
    PcKernel k;

    make_multiboot(0, 4);
    features = read_kernel(&k, FILE_BYTES);
    cr_expect(features && strstr(features, "features 0x4 that are not here"), "%s", features);
    make_multiboot(0, 0x10000);
    put(12, 0x1000, 4);
    put(16, 0x2000, 4); /* the load address is behind the header's own */
    addresses = read_kernel(&k, FILE_BYTES);
    cr_expect(addresses && strstr(addresses, "addresses are impossible"), "%s", addresses);
    make_multiboot(0, 0);
    flat = read_kernel(&k, FILE_BYTES);
    cr_expect(flat && strstr(flat, "no ELF file"), "%s", flat);
}

Test(pc_kernel, kernels_of_other_boards_are_named)
{
    static const struct {
        unsigned machine;
        char *says;
    } row[] = {
        { EM_ARM, "is an ELF file for 32-bit ARM; this board runs 32-bit x86" },
        { EM_MIPS, "is an ELF file for MIPS; this board runs 32-bit x86" },
        { EM_X86_64, "is an ELF file for x86-64; this board runs 32-bit x86" },
    };
    g_autofree char *zimage = NULL, *junk = NULL;
    PcKernel k;

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        g_autofree char *message = NULL;

        make_elf();
        put(18, row[i].machine, 2);
        message = read_kernel(&k, FILE_BYTES);
        cr_expect(message && strstr(message, row[i].says), "%s", message);
    }
    memset(file, 0, sizeof(file));
    junk = read_kernel(&k, FILE_BYTES);
    cr_expect(junk && strstr(junk, "is neither a bzImage nor a multiboot or PVH kernel"));
    put(0x24, 0x016f2818, 4);
    zimage = read_kernel(&k, FILE_BYTES);
    cr_expect(zimage && strstr(zimage, "is a 32-bit ARM Linux zImage; this board runs 32-bit x86"));
}

Test(pc_kernel, damage_of_any_kind_is_harmless)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (unsigned n = 0; n < FLIPS; n++) {
        g_autofree char *message = NULL;
        PcKernel k;

        memset(file, 0, sizeof(file));
        switch (n % 4) {
        case 0: make_linux(); break;
        case 1:
            make_elf();
            make_note();
            break;
        case 2:
            make_elf();
            make_multiboot(0x400, 3);
            break;
        case 3:
            make_multiboot(0, 0x10000);
            put(12, 0x100000, 4);
            put(16, 0x100000, 4);
            break;
        }
        for (unsigned i = 0; i < 3; i++) {
            file[g_rand_int(rand) % 0x420] = (uint8_t)g_rand_int(rand);
        }
        message = read_kernel(&k, (size_t)g_rand_int_range(rand, 1, FILE_BYTES));
    }
}
