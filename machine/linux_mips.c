/* SPDX-License-Identifier: MIT */
/* linux_mips.c - see linux_mips.h. The environment has the names and values of QEMU's Malta. */
#include "machine/linux_mips.h"

#include <elf.h>
#include <string.h>

#include "frontend/mips/mips.h"
#include "machine/image.h"
#include "machine/machine.h"

#define KSEG0 0x80000000u

/* Of e_flags, beside what elf.h has. */
#define FLAGS_32R6 0x90000000u
#define FLAGS_MICROMIPS 0x02000000u
#define FLAGS_MIPS16E 0x04000000u

enum {
    VECTORS_AT = 0x2000, /* argument and environment vectors, then their strings */
    VECTORS_MAX = 16,
    STRING_BYTES = 4096, /* of all strings together; a kernel's own limit is as high */
    TOP_BYTES = 0x10000, /* the kernel puts its bitmaps behind the initrd */
    INITRD_ALIGN = 0x10000,
};

static const ImageGuest mips_images = {
    .name = "32-bit MIPS", .elf_machine = EM_MIPS, .address_mask = 0x1fffffff, /* KSEG0, KSEG1 */
};

typedef struct Vectors {
    uint32_t word[VECTORS_MAX];
    unsigned n;
    GString *strings;
} Vectors;

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_IMAGE, fmt, ap);
    }
    va_end(ap);
    return false;
}

/* ---- images ---- */

static bool big_endian(const Machine *m) { return mips_cpu(m->cpu)->big_endian != 0; }

/* What the file says its code needs and the CPU has not; NULL: nothing. */
static const char *lacking(uint32_t flags, uint32_t features)
{
    switch (flags & EF_MIPS_ARCH) {
    case EF_MIPS_ARCH_1:
    case EF_MIPS_ARCH_2:
    case EF_MIPS_ARCH_32: break;
    case EF_MIPS_ARCH_32R2:
        if ((features & MIPS_R2) == 0) {
            return "MIPS32 release 2";
        }
        break;
    case FLAGS_32R6: return "MIPS32 release 6";
    default: return "a 64-bit MIPS";
    }
    if ((flags & FLAGS_MICROMIPS) != 0 && (features & MIPS_MM) == 0) {
        return "microMIPS";
    }
    return (flags & FLAGS_MIPS16E) != 0 && (features & MIPS_M16) == 0 ? "MIPS16e" : NULL;
}

static bool runs_here(const Machine *m, const Image *img, const char *path, GError **error)
{
    const char *what = lacking(img->flags, mips_cpu(m->cpu)->features);

    if (img->big_endian != big_endian(m)) {
        return fail(error, "kernel '%s': is a %s-endian ELF file; -cpu says endian=%s", path,
                    img->big_endian ? "big" : "little", big_endian(m) ? "big" : "little");
    }
    return what == NULL
           || fail(error, "kernel '%s': is made for %s, which -cpu %s is not", path, what,
                   m->config.cpu);
}

static bool load_kernel(Machine *m, Gpa *end, uint32_t *entry, GError **error)
{
    const char *path = m->config.kernel;
    Image img;
    Gpa first;
    bool ok;

    if (!image_read(&img, path, &mips_images, error)) {
        return false;
    }
    ok = runs_here(m, &img, path, error);
    if (ok && !image_load_elf(&img, m->phys, &first, end, error)) {
        g_prefix_error(error, "kernel '%s': ", path);
        ok = false;
    }
    *entry = (uint32_t)img.entry;
    image_clear(&img);
    return ok;
}

/* At the top of low memory: a kernel that moves itself stays far below. */
static bool load_initrd(Machine *m, Gpa kernel_end, uint64_t low, Gpa *at, gsize *n, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    const void *p;
    uint64_t room = low - MIN(low, kernel_end + 1 + TOP_BYTES);

    *n = 0;
    if (m->config.initrd == NULL) {
        return true;
    }
    bytes = image_file("initrd", m->config.initrd, m->config.ram_bytes, error);
    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, n);
    if (*n > room || (low - TOP_BYTES - *n) / INITRD_ALIGN * INITRD_ALIGN <= kernel_end) {
        return fail(error,
                    "initrd '%s': its %zu bytes do not fit: %" G_GUINT64_FORMAT
                    " bytes of memory are left for it",
                    m->config.initrd, *n, room);
    }
    *at = (low - TOP_BYTES - *n) / INITRD_ALIGN * INITRD_ALIGN;
    return phys_copy_in(m->phys, *at, p, *n, error);
}

/* ---- arguments and environment ---- */

static void add(Vectors *v, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static void add(Vectors *v, const char *fmt, ...)
{
    va_list ap;

    g_assert(v->n < VECTORS_MAX);
    v->word[v->n++] = KSEG0 + VECTORS_AT + sizeof(v->word) + (uint32_t)v->strings->len;
    va_start(ap, fmt);
    g_string_append_vprintf(v->strings, fmt, ap);
    va_end(ap);
    g_string_append_c(v->strings, '\0');
}

/* Two arguments; then pairs of name and value. Both vectors end with a NULL, the first one's end
 * is given by its count too. */
static bool make_vectors(Machine *m, Vectors *v, Gpa initrd, gsize initrd_bytes, uint64_t low,
                         GError **error)
{
    const char *append = m->config.append ? m->config.append : "";

    add(v, "%s", m->config.kernel);
    if (initrd_bytes > 0) {
        add(v, "rd_start=0x%" G_GINT64_MODIFIER "x rd_size=%zu %s",
            (uint64_t)(int64_t)(int32_t)(KSEG0 | (uint32_t)initrd), initrd_bytes, append);
    } else {
        add(v, "%s", append);
    }
    add(v, "memsize");
    add(v, "%" G_GUINT64_FORMAT, low);
    add(v, "ememsize");
    add(v, "%" G_GUINT64_FORMAT, m->config.ram_bytes);
    add(v, "modetty0");
    add(v, "38400n8r");
    v->word[v->n++] = 0;
    return v->strings->len <= STRING_BYTES
               ? true
               : fail(error,
                      "the kernel's strings are too long: %zu bytes, %u are there; the path of "
                      "-kernel has %zu, -append %zu, the environment the rest",
                      v->strings->len, STRING_BYTES, strlen(m->config.kernel), strlen(append));
}

static bool write_vectors(Machine *m, const Vectors *v, GError **error)
{
    uint32_t word[VECTORS_MAX];

    for (unsigned i = 0; i < VECTORS_MAX; i++) {
        word[i] = big_endian(m) ? GUINT32_TO_BE(v->word[i]) : GUINT32_TO_LE(v->word[i]);
    }
    return phys_copy_in(m->phys, VECTORS_AT, word, sizeof(word), error)
           && phys_copy_in(m->phys, VECTORS_AT + sizeof(word), v->strings->str, v->strings->len,
                           error);
}

bool linux_mips_boot(Machine *m, uint64_t low_bytes, GError **error)
{
    MipsCpu *cpu = mips_cpu(m->cpu);
    g_autoptr(GString) strings = g_string_new(NULL);
    Vectors v = { .strings = strings };
    Gpa end = 0, initrd = 0;
    gsize initrd_bytes;
    uint32_t entry;

    if (!load_kernel(m, &end, &entry, error)
        || !load_initrd(m, end, low_bytes, &initrd, &initrd_bytes, error)
        || !make_vectors(m, &v, initrd, initrd_bytes, low_bytes, error)
        || !write_vectors(m, &v, error)) {
        return false;
    }
    cpu->r[4] = 2;
    cpu->r[5] = KSEG0 + VECTORS_AT;
    cpu->r[6] = KSEG0 + VECTORS_AT + 8;
    cpu->r[7] = (uint32_t)low_bytes;
    cpu->r[29] = KSEG0 + VECTORS_AT - 64;
    cpu->v.pc = entry & ~1u;
    cpu->v.mode = (cpu->v.mode & ~(uint32_t)MIPS_MODE_ISA) | (entry & MIPS_MODE_ISA);
    mips_update(cpu);
    return true;
}
