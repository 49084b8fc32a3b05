/* SPDX-License-Identifier: MIT */
/* test_image.c - kernels and device trees from hostile files: loaded or refused, never a crash. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <libfdt.h>
#include <string.h>
#include <unistd.h>

#include "machine/fdt.h"
#include "machine/image.h"
#include "machine/linux_arm.h"
#include "machine/machine.h"

enum { RAM = 0x40000000, RAM_BYTES = 1 << 20, FILE_BYTES = 512, FLIPS = 1500 };

typedef struct Rig {
    Log log;
    Phys *phys;
    char *path;
    int fd;
} Rig;

static void set_up(Rig *r)
{
    *r = (Rig){ .log = { .out = stderr } };
    r->phys = phys_new(&r->log);
    cr_assert(phys_add_memory(r->phys, PHYS_RAM, "ram", RAM, RAM_BYTES, NULL));
    r->fd = g_file_open_tmp("doppelXXXXXX", &r->path, NULL);
    cr_assert(ge(i32, r->fd, 0));
}

static void tear_down(Rig *r)
{
    phys_free(r->phys);
    close(r->fd);
    g_remove(r->path);
    g_free(r->path);
}

/* Reads and, an ELF file, loads: true if both worked; else @message is that of the error. */
static bool load(Rig *r, const void *bytes, size_t n, char **message)
{
    g_autoptr(GError) error = NULL;
    Image img;
    Gpa first, last;
    bool ok;

    cr_assert(eq(i32, ftruncate(r->fd, 0), 0));
    cr_assert(eq(i64, pwrite(r->fd, bytes, n, 0), (int64_t)n));
    ok = image_read(&img, r->path, &linux_arm_images, &error);
    if (ok) {
        ok = img.kind != IMAGE_ELF || image_load_elf(&img, r->phys, &first, &last, &error);
        image_clear(&img);
    }
    cr_assert(eq(int, ok, error == NULL));
    if (message) {
        *message = error ? g_strdup(error->message) : NULL;
    }
    return ok;
}

static void put_be32(uint8_t *p, uint32_t v)
{
    v = GUINT32_TO_BE(v);
    memcpy(p, &v, 4);
}

static void make_zimage(uint8_t *p)
{
    static const uint32_t head[] = { 0x016f2818, 0, FILE_BYTES, 0x45454545, 0x100 };
    static const uint32_t table[] = { 4, 0x5a534c4b, 0x120, 4096 };

    memcpy(p + 0x24, head, sizeof(head));
    memcpy(p + 0x100, table, sizeof(table));
}

/* Payload of zeros; the checksum is that of 448 zeros. */
static void make_uimage(uint8_t *p)
{
    put_be32(p, 0x27051956);
    put_be32(p + 12, FILE_BYTES - 64);
    put_be32(p + 16, RAM + 0x8000);
    put_be32(p + 20, RAM + 0x8000);
    put_be32(p + 24, 0x468a1643);
    p[28] = 5;
    p[29] = 2;
    p[30] = 2;
}

/* Its program headers are @at. */
static void make_elf_at(uint8_t *p, uint32_t at)
{
    Elf32_Ehdr head = { .e_ident = ELFMAG "\1\1\1",
                        .e_type = ET_EXEC,
                        .e_machine = EM_ARM,
                        .e_version = 1,
                        .e_entry = RAM + 0x8000,
                        .e_phoff = at,
                        .e_ehsize = sizeof(head),
                        .e_phentsize = sizeof(Elf32_Phdr),
                        .e_phnum = 2 };
    Elf32_Phdr ph[2] = { { .p_type = PT_LOAD,
                           .p_offset = 256,
                           .p_paddr = RAM + 0x8000,
                           .p_filesz = 128,
                           .p_memsz = 256 },
                         { .p_type = PT_LOAD,
                           .p_offset = 384,
                           .p_paddr = RAM + 0x10000,
                           .p_filesz = 128,
                           .p_memsz = 128 } };

    memcpy(p, &head, sizeof(head));
    memcpy(p + at, ph, sizeof(ph));
    memset(p + 256, 0x5a, 256);
}

static void make_elf(uint8_t *p) { make_elf_at(p, sizeof(Elf32_Ehdr)); }
static void make_odd_elf(uint8_t *p) { make_elf_at(p, sizeof(Elf32_Ehdr) + 1); }

static void (*const makers[])(uint8_t *) = { make_zimage, make_uimage, make_elf, make_odd_elf };

Test(image, sound_files_of_each_kind_load)
{
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < G_N_ELEMENTS(makers); i++) {
        uint8_t file[FILE_BYTES] = { 0 };
        g_autofree char *message = NULL;

        makers[i](file);
        cr_expect(load(&r, file, sizeof(file), &message), "%u: %s", i, message);
    }
    cr_expect(eq(u64, phys_read(r.phys, RAM + 0x8000, 4, NULL), 0x5a5a5a5a));
    cr_expect(eq(u64, phys_read(r.phys, RAM + 0x8080, 4, NULL), 0));
    cr_expect(eq(u64, phys_read(r.phys, RAM + 0x1007c, 4, NULL), 0x5a5a5a5a));
    tear_down(&r);
}

Test(image, the_unpacked_size_of_a_zimage_is_read)
{
    uint8_t file[FILE_BYTES] = { 0 };
    Image img;
    Rig r;

    set_up(&r);
    make_zimage(file);
    file[0x122] = 1; /* 65536 bytes and 4096 of bss */
    cr_assert(load(&r, file, sizeof(file), NULL));
    cr_assert(image_read(&img, r.path, &linux_arm_images, NULL));
    cr_expect(eq(u32, img.memory_bytes, 0x11000));
    image_clear(&img);
    tear_down(&r);
}

Test(image, files_cut_anywhere_are_refused_or_loaded)
{
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < G_N_ELEMENTS(makers); i++) {
        uint8_t file[FILE_BYTES] = { 0 };

        makers[i](file);
        for (size_t n = 0; n < sizeof(file); n++) {
            g_autofree char *message = NULL;

            cr_expect(not(load(&r, file, n, &message)), "%u cut to %zu", i, n);
        }
    }
    tear_down(&r);
}

Test(image, files_with_flipped_bits_are_refused_or_loaded)
{
    GRand *rand = g_rand_new_with_seed(5);
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < FLIPS; i++) {
        uint8_t file[FILE_BYTES] = { 0 };

        makers[i % G_N_ELEMENTS(makers)](file);
        for (unsigned k = 0; k < 1 + i % 3; k++) {
            file[g_rand_int_range(rand, 0, 0x140)] ^= (uint8_t)(1u << g_rand_int_range(rand, 0, 8));
        }
        load(&r, file, sizeof(file), NULL);
    }
    g_rand_free(rand);
    tear_down(&r);
}

Test(image, a_segment_beyond_its_file_or_beyond_ram_is_refused)
{
    static const struct {
        size_t at; /* in the first program header */
        uint32_t value;
    } wrong[] = {
        { offsetof(Elf32_Phdr, p_offset), 0xfffffff0 },
        { offsetof(Elf32_Phdr, p_filesz), 0x1000 },
        { offsetof(Elf32_Phdr, p_memsz), 1 },
        { offsetof(Elf32_Phdr, p_memsz), 0xffffffff },
        { offsetof(Elf32_Phdr, p_paddr), 0 },
        { offsetof(Elf32_Phdr, p_paddr), 0xffffff80 },
        { offsetof(Elf32_Phdr, p_memsz), RAM_BYTES },
    };
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        uint8_t file[FILE_BYTES] = { 0 };

        make_elf(file);
        memcpy(file + sizeof(Elf32_Ehdr) + wrong[i].at, &wrong[i].value, 4);
        cr_expect(not(load(&r, file, sizeof(file), NULL)), "%u", i);
    }
    tear_down(&r);
}

/* ---- device trees ---- */

static GByteArray *small_tree(void)
{
    Fdt *f = fdt_begin();

    fdt_cell(f, "#address-cells", 2);
    fdt_cell(f, "#size-cells", 2);
    fdt_node(f, "memory@40000000");
    fdt_text(f, "device_type", "memory");
    fdt_close(f);
    fdt_node(f, "chosen");
    fdt_text(f, "bootargs", "old");
    fdt_close(f);
    return fdt_end(f);
}

static GByteArray *with_chosen(const uint8_t *p, size_t n)
{
    return fdt_with_chosen(p, n, "new", RAM + 0x1000, RAM + 0x2000, RAM, RAM_BYTES, NULL);
}

Test(image, a_device_tree_gets_command_line_and_initrd)
{
    g_autoptr(GByteArray) tree = small_tree();
    g_autoptr(GByteArray) out = with_chosen(tree->data, tree->len);
    int node;

    cr_assert(ne(ptr, out, NULL));
    node = fdt_path_offset(out->data, "/chosen");
    cr_assert(ge(i32, node, 0));
    cr_expect(eq(str, (char *)fdt_getprop(out->data, node, "bootargs", NULL), "new"));
    cr_expect(ne(ptr, (void *)fdt_getprop(out->data, node, "linux,initrd-end", NULL), NULL));
}

Test(image, damaged_device_trees_are_refused_or_used)
{
    g_autoptr(GByteArray) tree = small_tree();
    GRand *rand = g_rand_new_with_seed(6);

    for (guint n = 0; n < tree->len; n++) {
        g_autofree uint8_t *cut = g_memdup2(tree->data, n);

        cr_expect(eq(ptr, with_chosen(cut, n), NULL));
    }
    for (unsigned i = 0; i < FLIPS; i++) {
        g_autofree uint8_t *p = g_memdup2(tree->data, tree->len);
        GByteArray *out;

        for (unsigned k = 0; k < 1 + i % 3; k++) {
            p[g_rand_int_range(rand, 0, (gint)tree->len)] ^= (uint8_t)(1u << g_rand_int_range(
                                                                           rand, 0, 8));
        }
        out = with_chosen(p, tree->len);
        if (out) {
            g_byte_array_unref(out);
        }
    }
    g_rand_free(rand);
}
