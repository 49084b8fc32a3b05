/* SPDX-License-Identifier: MIT */
/* pc_kernel.c - see pc_kernel.h. */
#include "machine/pc_kernel.h"

#include <string.h>

#include "machine/image.h"
#include "machine/image_elf.h"
#include "machine/machine.h"

/* Linux, Documentation/x86/boot.rst, "The Real-Mode Kernel Header": offsets in the file. */
enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4, /* in 16 bytes */
    BOOT_FLAG = 0x1fe,
    HEADER_LENGTH = 0x201, /* the jump's displacement: from the next byte to the header's end */
    HEADER_MAGIC = 0x202,
    VERSION = 0x206,
    LOADFLAGS = 0x211,
    INITRD_ADDR_MAX = 0x22c,
    XLOADFLAGS = 0x236,
    CMDLINE_SIZE = 0x238,
    PREF_ADDRESS = 0x258,
    INIT_SIZE = 0x260,
    HEADER_END_MAX = 0x290, /* the E820 table's place in the boot parameters is behind it */
};
enum { LOADED_HIGH = 1, XLF_KERNEL_64 = 1, SECTOR = 512, INITRD_MAX_OLD = 0x37ffffff };
enum { CMDLINE_OLD = 255, VERSION_CMDLINE = 0x202, VERSION_CMDLINE_SIZE = 0x206 };
enum { VERSION_INITRD_MAX = 0x203, VERSION_INIT_SIZE = 0x20a, VERSION_XLOADFLAGS = 0x20c };

/* Multiboot specification 0.6.96, 3.1. */
#define MULTIBOOT_MAGIC 0x1badb002u
enum {
    MULTIBOOT_SEARCH = 8192,
    MULTIBOOT_ALIGN = 1u << 0,
    MULTIBOOT_MEMORY = 1u << 1,
    MULTIBOOT_ADDRESSES = 1u << 16,
};

enum { PHYS32_ENTRY = 18 }; /* Xen, public/elfnote.h */
enum { SEGMENT_MAX = 1 << 30 };

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

/* Little-endian, as this host is. */
static uint32_t le16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t le32(const uint8_t *p) { return le16(p) | le16(p + 2) << 16; }

/* ---- Linux ---- */

static bool check_sizes(const uint8_t *p, size_t n, const PcKernel *k, const char *path,
                        GError **error)
{
    uint64_t all = k->setup_bytes + (uint64_t)le32(p + SYSSIZE) * 16;

    /* The last 16 bytes counted need not all be there. */
    if (n <= k->setup_bytes || all > n + 15) {
        return fail(error,
                    "kernel '%s': bzImage is truncated: header says %" G_GUINT64_FORMAT
                    " bytes, file has %zu",
                    path, all, n);
    }
    return true;
}

/* The fields a loader follows: each has its first version. */
static bool read_fields(PcKernel *k, const char *path, const uint8_t *p, size_t n, GError **error)
{
    unsigned version = le16(p + VERSION);
    uint64_t pref = 0, size = 0;

    k->initrd_max = version >= VERSION_INITRD_MAX ? le32(p + INITRD_ADDR_MAX) : INITRD_MAX_OLD;
    k->cmdline_bytes = version >= VERSION_CMDLINE_SIZE ? le32(p + CMDLINE_SIZE) : CMDLINE_OLD;
    if (version >= VERSION_INIT_SIZE) {
        memcpy(&pref, p + PREF_ADDRESS, 8);
        size = le32(p + INIT_SIZE);
    }
    if (pref > UINT32_MAX || pref + size > UINT32_MAX || k->initrd_max < LINUX_HIGH) {
        return fail(error, "kernel '%s': set-up header is damaged: addresses are impossible", path);
    }
    k->memory_end = MAX((uint32_t)(pref + size), (uint32_t)(LINUX_HIGH + n - k->setup_bytes));
    return true;
}

static bool read_linux(PcKernel *k, const char *path, const uint8_t *p, size_t n, GError **error)
{
    unsigned version, header_end;

    if (n < HEADER_END_MAX) {
        return fail(error, "kernel '%s': bzImage is truncated: its set-up header is not there",
                    path);
    }
    version = le16(p + VERSION);
    header_end = HEADER_MAGIC + p[HEADER_LENGTH];
    if (le16(p + BOOT_FLAG) != 0xaa55 || header_end > HEADER_END_MAX
        || (version >= VERSION_INIT_SIZE && header_end < INIT_SIZE + 4)) {
        return fail(error, "kernel '%s': set-up header is damaged", path);
    }
    if (version < VERSION_CMDLINE || (p[LOADFLAGS] & LOADED_HIGH) == 0) {
        return fail(error,
                    "kernel '%s': boot protocol %u.%02u of a kernel that is loaded low; this "
                    "board starts bzImages of 2.02 and up",
                    path, version >> 8, version & 0xff);
    }
    if (version >= VERSION_XLOADFLAGS && (le16(p + XLOADFLAGS) & XLF_KERNEL_64) != 0) {
        return fail(error, "kernel '%s': is a 64-bit x86 Linux bzImage; this board runs 32-bit x86",
                    path);
    }
    k->kind = PC_KERNEL_LINUX;
    k->setup_bytes = ((p[SETUP_SECTS] ? p[SETUP_SECTS] : 4u) + 1) * SECTOR;
    k->header_bytes = header_end - LINUX_HEADER;
    k->entry = LINUX_HIGH;
    return check_sizes(p, n, k, path, error) && read_fields(k, path, p, n, error);
}

/* ---- ELF ---- */

static const Elf32_Phdr *headers(const PcKernel *k, const char *path, Elf **elf, unsigned *count,
                                 GError **error)
{
    const Elf32_Phdr *ph = image_elf_headers(k->bytes, elf, count, error);

    if (ph == NULL) {
        g_prefix_error(error, "kernel '%s': ", path);
    }
    return ph;
}

/* Names and descriptors are padded to four bytes. */
static bool note_entry(const uint8_t *p, size_t n, uint32_t *entry)
{
    while (n >= 12) {
        uint64_t name = ((uint64_t)le32(p) + 3) & ~UINT64_C(3);
        uint64_t desc = ((uint64_t)le32(p + 4) + 3) & ~UINT64_C(3);

        if (12 + name + desc > n) {
            return false;
        }
        if (le32(p) == 4 && memcmp(p + 12, "Xen", 4) == 0 && le32(p + 8) == PHYS32_ENTRY
            && desc >= 4) {
            *entry = le32(p + 12 + name);
            return true;
        }
        p += 12 + name + desc;
        n -= 12 + name + desc;
    }
    return false;
}

static bool read_elf(PcKernel *k, const char *path, const uint8_t *p, size_t n, GError **error)
{
    unsigned count = 0;
    Elf *elf = NULL;
    const Elf32_Phdr *ph = headers(k, path, &elf, &count, error);
    bool found = false;

    for (unsigned i = 0; ph && !found && i < count; i++) {
        Elf32_Phdr h = image_elf_header(ph, i);

        if (h.p_type == PT_NOTE && h.p_offset < n && h.p_filesz <= n - h.p_offset) {
            found = note_entry(p + h.p_offset, h.p_filesz, &k->entry);
        }
    }
    k->kind = PC_KERNEL_PVH;
    elf_end(elf);
    return found || ph == NULL
               ? found
               : fail(error,
                      "kernel '%s': ELF file has neither a multiboot header nor a PVH note: "
                      "nothing says how to enter it",
                      path);
}

static bool each_of_elf(const PcKernel *k, const char *path, PcKernelPut put, void *opaque,
                        GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(k->bytes, &n);
    unsigned count = 0;
    Elf *elf = NULL;
    const Elf32_Phdr *ph = headers(k, path, &elf, &count, error);
    bool ok = ph != NULL;

    for (unsigned i = 0; ok && i < count; i++) {
        Elf32_Phdr h = image_elf_header(ph, i);

        if (h.p_type != PT_LOAD || h.p_memsz == 0) {
            continue;
        }
        if (h.p_filesz > h.p_memsz || h.p_offset > n || h.p_filesz > n - h.p_offset
            || h.p_memsz > SEGMENT_MAX) {
            ok = fail(error, "kernel '%s': segment %u reaches beyond the file", path, i);
        } else {
            ok = put(opaque, h.p_paddr, p + h.p_offset, h.p_filesz, h.p_memsz)
                 || fail(error, "kernel '%s': segment %u does not fit into memory", path, i);
        }
    }
    elf_end(elf);
    return ok;
}

/* ---- multiboot ---- */

/* The header, 3.1.1: four-byte aligned in the first 8 KiB, its first three words sum to zero. */
static const uint8_t *multiboot_header(const uint8_t *p, size_t n)
{
    for (size_t at = 0; at + 12 <= MIN(n, MULTIBOOT_SEARCH); at += 4) {
        if (le32(p + at) == MULTIBOOT_MAGIC
            && le32(p + at) + le32(p + at + 4) + le32(p + at + 8) == 0) {
            return p + at;
        }
    }
    return NULL;
}

/* 3.1.3: the header's own address says which byte of the file goes where. */
static bool read_addresses(PcKernel *k, const char *path, const uint8_t *p, size_t n,
                           const uint8_t *h, GError **error)
{
    uint32_t at = (uint32_t)(h - p), header, back;

    if (n - at < 32) {
        return fail(error, "kernel '%s': multiboot header is truncated", path);
    }
    header = le32(h + 12);
    k->load = le32(h + 16);
    back = header - k->load;
    k->load_offset = at - back;
    k->load_end = le32(h + 20) ? le32(h + 20) : k->load + (uint32_t)(n - k->load_offset);
    k->bss_end = MAX(le32(h + 24), k->load_end);
    k->entry = le32(h + 28);
    k->flat = true;
    if (header < k->load || back > at || k->load_end < k->load
        || k->load_end - k->load > n - k->load_offset || k->bss_end - k->load > SEGMENT_MAX) {
        return fail(error, "kernel '%s': multiboot header is damaged: addresses are impossible",
                    path);
    }
    return true;
}

static bool read_multiboot(PcKernel *k, const char *path, const uint8_t *p, size_t n,
                           const uint8_t *h, GError **error)
{
    uint32_t flags = le32(h + 4);
    bool is_elf = n > 4 && memcmp(p, ELFMAG, SELFMAG) == 0;
    unsigned count;
    Elf *elf = NULL;

    if ((flags & 0xffff & ~(uint32_t)(MULTIBOOT_ALIGN | MULTIBOOT_MEMORY)) != 0) {
        return fail(error, "kernel '%s': multiboot header wants features %#x that are not here",
                    path, flags & 0xfffc);
    }
    k->kind = PC_KERNEL_MULTIBOOT;
    k->align_modules = (flags & MULTIBOOT_ALIGN) != 0;
    if ((flags & MULTIBOOT_ADDRESSES) != 0) {
        return read_addresses(k, path, p, n, h, error);
    }
    if (!is_elf) {
        return fail(error,
                    "kernel '%s': multiboot header without addresses in a file that is no "
                    "ELF file",
                    path);
    }
    if (headers(k, path, &elf, &count, error) == NULL) {
        elf_end(elf);
        return false;
    }
    k->entry = elf32_getehdr(elf)->e_entry;
    elf_end(elf);
    return true;
}

static bool each_of_flat(const PcKernel *k, const char *path, PcKernelPut put, void *opaque,
                         GError **error)
{
    const uint8_t *p = g_bytes_get_data(k->bytes, NULL);

    return k->bss_end == k->load
           || put(opaque, k->load, p + k->load_offset, k->load_end - k->load,
                  (uint64_t)k->bss_end - k->load)
           || fail(error, "kernel '%s': does not fit into memory", path);
}

/* ---- any ---- */

static bool is_elf32_386(const uint8_t *p, size_t n)
{
    return n > 20 && memcmp(p, ELFMAG, SELFMAG) == 0 && p[EI_CLASS] == ELFCLASS32
           && p[EI_DATA] == ELFDATA2LSB && le16(p + 18) == EM_386;
}

/* boot.rst: the boot flag and a short jump over the header, in front of its magic. An EFI program
 * has them too if it is a kernel with an EFI stub. */
static bool is_headless_linux(const uint8_t *p, size_t n)
{
    return n >= HEADER_MAGIC + 4 && le16(p + BOOT_FLAG) == 0xaa55 && p[HEADER_LENGTH - 1] == 0xeb;
}

static bool recognise(PcKernel *k, const char *path, GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(k->bytes, &n), *h = multiboot_header(p, n);
    g_autofree char *what = NULL;

    if (n >= HEADER_MAGIC + 4 && memcmp(p + HEADER_MAGIC, "HdrS", 4) == 0) {
        return read_linux(k, path, p, n, error);
    }
    if (h && (is_elf32_386(p, n) || memcmp(p, ELFMAG, SELFMAG) != 0)) {
        return read_multiboot(k, path, p, n, h, error);
    }
    if (is_elf32_386(p, n)) {
        return read_elf(k, path, p, n, error);
    }
    if (is_headless_linux(p, n)) {
        return fail(error, "kernel '%s': bzImage is damaged: its set-up header does not say 'HdrS'",
                    path);
    }
    what = image_what(p, n);
    if (what) {
        return fail(error, "kernel '%s': is %s; this board runs 32-bit x86", path, what);
    }
    return fail(error, "kernel '%s': is neither a bzImage nor a multiboot or PVH kernel", path);
}

bool pc_kernel_read(PcKernel *k, const char *path, GError **error)
{
    *k = (PcKernel){ 0 };
    k->bytes = image_file("kernel", path, IMAGE_KERNEL_MAX, error);
    if (k->bytes == NULL) {
        return false;
    }
    if (!recognise(k, path, error)) {
        pc_kernel_clear(k);
        return false;
    }
    return true;
}

void pc_kernel_clear(PcKernel *k) { g_clear_pointer(&k->bytes, g_bytes_unref); }

/* ---- loading ---- */

bool pc_kernel_each(const PcKernel *k, const char *path, PcKernelPut put, void *opaque,
                    GError **error)
{
    return k->flat ? each_of_flat(k, path, put, opaque, error)
                   : each_of_elf(k, path, put, opaque, error);
}

typedef struct Span {
    Gpa first, last;
} Span;

static bool measure(void *span, Gpa at, const uint8_t *p, uint64_t n, uint64_t bytes)
{
    Span *s = span;

    (void)p, (void)n;
    s->first = MIN(s->first, at);
    s->last = MAX(s->last, at + bytes - 1);
    return s->last <= UINT32_MAX;
}

static bool copy_to_memory(void *phys, Gpa at, const uint8_t *p, uint64_t n, uint64_t bytes)
{
    g_autofree uint8_t *image = g_malloc0(bytes);

    memcpy(image, p, n);
    return phys_copy_in(phys, at, image, bytes, NULL);
}

bool pc_kernel_span(const PcKernel *k, const char *path, Gpa *first, Gpa *last, GError **error)
{
    Span s = { .first = UINT64_MAX };

    if (!pc_kernel_each(k, path, measure, &s, error)) {
        return false;
    }
    if (s.first == UINT64_MAX) {
        return fail(error, "kernel '%s': there is nothing in it to load", path);
    }
    *first = s.first;
    *last = s.last;
    return true;
}

bool pc_kernel_load(const PcKernel *k, const char *path, Phys *phys, GError **error)
{
    return pc_kernel_each(k, path, copy_to_memory, phys, error);
}
