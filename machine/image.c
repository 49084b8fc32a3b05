/* SPDX-License-Identifier: MIT */
/* image.c - see image.h. */
#include "machine/image.h"

#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

#include "machine/image_elf.h"
#include "machine/machine.h"

/* Linux, Documentation/arm/booting.rst and arch/arm/boot/compressed: words of the zImage header. */
enum {
    ZIMAGE_MAGIC = 0x016f2818,
    ZIMAGE_MAGIC_AT = 0x24,
    ZIMAGE_START_AT = 0x28,
    ZIMAGE_END_AT = 0x2c
};
enum { ZIMAGE_TABLE_MAGIC = 0x45454545, ZIMAGE_TABLE_AT = 0x30, ZIMAGE_TABLE_PTR_AT = 0x34 };
/* The decompressor's kernel size: tag of the table it points to. */
enum { ZIMAGE_TAG_KRNL_SIZE = 0x5a534c4b };
/* U-Boot include/image.h, legacy format: big-endian words. */
enum { UIMAGE_HEADER = 64, UIMAGE_OS_LINUX = 5, UIMAGE_TYPE_KERNEL = 2 };
#define UIMAGE_MAGIC 0x27051956u
enum { IMAGE_MAX = 1 << 29 };

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

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t be32(const uint8_t *p)
{
    return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

GBytes *image_file(const char *what, const char *path, uint64_t most, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *data = NULL;
    gsize n = 0;
    GStatBuf st = { .st_mode = S_IFREG }; /* of what is not there: reading says why */

    (void)g_stat(path, &st);
    if (!S_ISREG(st.st_mode)) {
        fail(error, "%s '%s': is %s", what, path,
             S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
        return NULL;
    }
    if ((uint64_t)st.st_size > most) {
        fail(error,
             "%s '%s': its %" G_GUINT64_FORMAT " bytes do not fit: %" G_GUINT64_FORMAT
             " are the most",
             what, path, (uint64_t)st.st_size, most);
        return NULL;
    }
    /* Read, not mapped: somebody may cut the file short while the machine may still be reset. */
    if (!g_file_get_contents(path, &data, &n, &why)) {
        fail(error, "%s '%s': %s", what, path,
             g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? "no such file"
                                                                    : why->message);
        return NULL;
    }
    if (n == 0) {
        fail(error, "%s '%s': is empty", what, path);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&data), n);
}

/* ---- zImage ---- */

/* Bytes the unpacked kernel needs, from the decompressor's own table; 0 if it does not say. */
static uint32_t unpacked_bytes(const uint8_t *p, size_t n)
{
    uint32_t at;

    if (n < ZIMAGE_TABLE_PTR_AT + 4 || le32(p + ZIMAGE_TABLE_AT) != ZIMAGE_TABLE_MAGIC) {
        return 0;
    }
    at = le32(p + ZIMAGE_TABLE_PTR_AT);
    while (at < n && n - at >= 8) {
        uint32_t words = le32(p + at), tag = le32(p + at + 4);

        if (words < 2 || words > (n - at) / 4) {
            return 0;
        }
        if (tag == ZIMAGE_TAG_KRNL_SIZE && words >= 4) {
            uint32_t where = le32(p + at + 8), bss = le32(p + at + 12);

            return where < n && n - where >= 4 ? le32(p + where) + bss : 0;
        }
        at += words * 4;
    }
    return 0;
}

static bool read_zimage(Image *img, const char *path, const uint8_t *p, size_t n, GError **error)
{
    uint32_t start = le32(p + ZIMAGE_START_AT), end = le32(p + ZIMAGE_END_AT);

    if (end < start || end - start > n) {
        return fail(error, "kernel '%s': zImage is truncated: header says %u bytes, file has %zu",
                    path, end - start, n);
    }
    img->kind = IMAGE_ZIMAGE;
    img->memory_bytes = unpacked_bytes(p, n);
    return true;
}

/* ---- uImage ---- */

static GBytes *gunzip(const uint8_t *p, size_t n)
{
    GByteArray *out = g_byte_array_new();
    z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };
    uint8_t chunk[65536];
    int rc = inflateInit2(&z, 16 + MAX_WBITS);

    while (rc == Z_OK) {
        z.next_out = chunk;
        z.avail_out = sizeof(chunk);
        rc = inflate(&z, Z_NO_FLUSH);
        g_byte_array_append(out, chunk, (guint)(sizeof(chunk) - z.avail_out));
        if (out->len > IMAGE_MAX) {
            rc = Z_DATA_ERROR;
        }
    }
    inflateEnd(&z);
    if (rc != Z_STREAM_END) {
        g_byte_array_unref(out);
        return NULL;
    }
    return g_byte_array_free_to_bytes(out);
}

/* U-Boot include/image.h: its numbers of architectures. */
static const char *uimage_machine(unsigned arch)
{
    switch (arch) {
    case 2: return "32-bit ARM";
    case 3: return "x86";
    case 5: return "MIPS";
    case 6: return "64-bit MIPS";
    case 7: return "PowerPC";
    case 22: return "64-bit ARM";
    case 24: return "x86-64";
    case 26: return "RISC-V";
    default: return "another architecture";
    }
}

static bool read_uimage(Image *img, const char *path, const ImageGuest *guest, const uint8_t *p,
                        size_t n, GError **error)
{
    uint32_t bytes = be32(p + 12), crc = be32(p + 24);
    GBytes *payload;

    if (bytes > n - UIMAGE_HEADER) {
        return fail(error, "kernel '%s': uImage is truncated: header says %u bytes, file has %zu",
                    path, bytes, n - UIMAGE_HEADER);
    }
    if (p[29] != guest->uimage_arch) {
        return fail(error, "kernel '%s': is a uImage for %s; this board runs %s", path,
                    uimage_machine(p[29]), guest->name);
    }
    if (p[30] != UIMAGE_TYPE_KERNEL) {
        return fail(error, "kernel '%s': is a uImage of type %u, not a kernel", path, p[30]);
    }
    if (crc32(0, p + UIMAGE_HEADER, bytes) != crc) {
        return fail(error, "kernel '%s': uImage is damaged: its checksum does not match", path);
    }
    if (p[31] > 1) {
        return fail(error, "kernel '%s': uImage compression %u is not gzip or none", path, p[31]);
    }
    payload = p[31] == 1 ? gunzip(p + UIMAGE_HEADER, bytes)
                         : g_bytes_new_from_bytes(img->bytes, UIMAGE_HEADER, bytes);
    if (payload == NULL) {
        return fail(error, "kernel '%s': uImage payload cannot be unpacked", path);
    }
    g_bytes_unref(img->bytes);
    img->bytes = payload;
    img->kind = IMAGE_UIMAGE;
    img->load = be32(p + 16);
    img->entry = be32(p + 20);
    return true;
}

/* ---- ELF ---- */

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_ARM: return "32-bit ARM";
    case EM_386: return "x86 (i386)";
    case EM_X86_64: return "x86-64";
    case EM_MIPS: return "MIPS";
    case EM_AARCH64: return "64-bit ARM";
    case EM_PPC: return "PowerPC";
    case EM_RISCV: return "RISC-V";
    default: return "another architecture";
    }
}

/* ELF's e_machine; 0: too short to say. */
static unsigned elf_machine(const uint8_t *p, size_t n)
{
    return n > 19 ? p[p[EI_DATA] == ELFDATA2MSB ? 19 : 18] : 0;
}

const Elf32_Phdr *image_elf_headers(GBytes *bytes, Elf **elf, unsigned *count, GError **error)
{
    gsize n;
    const void *p = g_bytes_get_data(bytes, &n);
    const Elf32_Ehdr *head;
    const Elf32_Phdr *headers;

    elf_version(EV_CURRENT);
    *elf = elf_memory((char *)(uintptr_t)p, n);
    head = *elf ? elf32_getehdr(*elf) : NULL;
    headers = head && head->e_phnum > 0 ? elf32_getphdr(*elf) : NULL;
    if (headers == NULL) {
        fail(error, "ELF file is truncated or has no program headers");
        return NULL;
    }
    if (head->e_phentsize != sizeof(Elf32_Phdr)) {
        fail(error, "ELF file has program headers of %u bytes; expected %zu", head->e_phentsize,
             sizeof(Elf32_Phdr));
        return NULL;
    }
    *count = head->e_phnum;
    return headers;
}

Elf32_Phdr image_elf_header(const Elf32_Phdr *headers, unsigned i)
{
    Elf32_Phdr h;

    memcpy(&h, (const char *)(const void *)headers + i * sizeof(h), sizeof(h));
    return h;
}

static bool read_elf(Image *img, const char *path, const ImageGuest *guest, GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(img->bytes, &n);
    const Elf32_Ehdr *head;
    unsigned machine = elf_machine(p, n), count;
    Elf *elf = NULL;
    bool ok;

    if (machine != guest->elf_machine && n > 19) {
        return fail(error, "kernel '%s': is an ELF file for %s; this board runs %s", path,
                    machine_name(machine), guest->name);
    }
    if (n > EI_CLASS && p[EI_CLASS] == ELFCLASS64) {
        return fail(error, "kernel '%s': is a 64-bit ELF file; this board runs %s", path,
                    guest->name);
    }
    ok = image_elf_headers(img->bytes, &elf, &count, error) != NULL;
    if (ok) {
        head = elf32_getehdr(elf);
        img->kind = IMAGE_ELF;
        img->big_endian = head->e_ident[EI_DATA] == ELFDATA2MSB;
        img->flags = head->e_flags;
        img->address_mask = guest->address_mask;
        img->entry = head->e_entry;
    }
    if (!ok) {
        g_prefix_error(error, "kernel '%s': ", path);
    }
    elf_end(elf);
    return ok;
}

bool image_load_elf(const Image *img, Phys *phys, Gpa *first, Gpa *last, GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(img->bytes, &n);
    unsigned count = 0;
    Elf *elf = NULL;
    const Elf32_Phdr *headers = image_elf_headers(img->bytes, &elf, &count, error);
    bool ok = headers != NULL;

    *first = UINT64_MAX;
    *last = 0;
    for (unsigned i = 0; ok && i < count; i++) {
        Elf32_Phdr h = image_elf_header(headers, i);
        g_autofree uint8_t *zero = NULL;
        Gpa at;

        if (h.p_type != PT_LOAD || h.p_memsz == 0) {
            continue;
        }
        if (h.p_filesz > h.p_memsz || h.p_offset > n || h.p_filesz > n - h.p_offset
            || h.p_memsz > IMAGE_MAX) {
            ok = fail(error, "segment %u reaches beyond the file", i);
            break;
        }
        zero = g_malloc0(h.p_memsz);
        memcpy(zero, p + h.p_offset, h.p_filesz);
        at = h.p_paddr & img->address_mask;
        ok = phys_copy_in(phys, at, zero, h.p_memsz, error);
        *first = MIN(*first, at);
        *last = MAX(*last, at + h.p_memsz - 1);
    }
    elf_end(elf);
    return ok;
}

/* ---- any ---- */

/* Kernels of other architectures by their own magic, so that the message can say what it is. */
static const char *foreign(const uint8_t *p, size_t n)
{
    if (n > 0x206 && memcmp(p + 0x202, "HdrS", 4) == 0) {
        return "an x86 Linux bzImage";
    }
    if (n > 64 && memcmp(p + 0x38, "ARM\x64", 4) == 0) {
        return "a 64-bit ARM Linux Image";
    }
    if (n > 2 && p[0] == 'M' && p[1] == 'Z'
        && le32(p + (n > ZIMAGE_MAGIC_AT + 4 ? ZIMAGE_MAGIC_AT : 0)) != ZIMAGE_MAGIC) {
        return "an EFI program";
    }
    if (n > 3 && p[0] == 0x1f && p[1] == 0x8b) {
        return "a gzip file";
    }
    return NULL;
}

char *image_what(const uint8_t *p, size_t n)
{
    if (n >= 4 && memcmp(p, ELFMAG, SELFMAG) == 0) {
        return n <= 19 ? g_strdup("a truncated ELF file")
                       : g_strdup_printf("an ELF file for %s", machine_name(elf_machine(p, n)));
    }
    if (n >= UIMAGE_HEADER && be32(p) == UIMAGE_MAGIC) {
        return g_strdup_printf("a uImage for %s", uimage_machine(p[29]));
    }
    if (n >= ZIMAGE_END_AT + 4 && le32(p + ZIMAGE_MAGIC_AT) == ZIMAGE_MAGIC) {
        return g_strdup("a 32-bit ARM Linux zImage");
    }
    return g_strdup(foreign(p, n));
}

static bool recognise(Image *img, const char *path, const ImageGuest *guest, GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(img->bytes, &n);
    bool zimage = n >= ZIMAGE_END_AT + 4 && le32(p + ZIMAGE_MAGIC_AT) == ZIMAGE_MAGIC;
    const char *what = foreign(p, n);

    if (n >= 4 && memcmp(p, ELFMAG, SELFMAG) == 0) {
        return read_elf(img, path, guest, error);
    }
    if (n >= UIMAGE_HEADER && be32(p) == UIMAGE_MAGIC) {
        if (guest->uimage_arch == 0) {
            return fail(error, "kernel '%s': is a uImage; this board starts %s ELF files", path,
                        guest->name);
        }
        return read_uimage(img, path, guest, p, n, error);
    }
    if (!what && zimage && !guest->zimage) {
        what = "an ARM Linux zImage";
    }
    if (what) {
        return fail(error, "kernel '%s': is %s; this board runs %s", path, what, guest->name);
    }
    if (zimage) {
        return read_zimage(img, path, p, n, error);
    }
    if (n < 64) {
        return fail(error, "kernel '%s': is truncated: %zu bytes are no kernel", path, n);
    }
    if (!guest->raw) {
        return fail(error, "kernel '%s': is no kernel that this board knows: it runs %s ELF files",
                    path, guest->name);
    }
    img->kind = IMAGE_RAW;
    return true;
}

bool image_peek_order(const char *path, bool *big_endian)
{
    uint8_t head[EI_DATA + 1];
    FILE *f = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_fopen(path, "rbe") : NULL;
    bool is_elf = false;

    if (f) {
        is_elf = fread(head, sizeof(head), 1, f) == 1 && memcmp(head, ELFMAG, SELFMAG) == 0;
        (void)fclose(f);
    }
    if (is_elf) {
        *big_endian = head[EI_DATA] == ELFDATA2MSB;
    }
    return is_elf;
}

bool image_read(Image *img, const char *path, const ImageGuest *guest, GError **error)
{
    *img = (Image){ 0 };
    img->bytes = image_file("kernel", path, IMAGE_KERNEL_MAX, error);
    if (img->bytes == NULL) {
        return false;
    }
    if (!recognise(img, path, guest, error)) {
        image_clear(img);
        return false;
    }
    return true;
}

void image_clear(Image *img) { g_clear_pointer(&img->bytes, g_bytes_unref); }
