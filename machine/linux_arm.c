/* SPDX-License-Identifier: MIT */
/* linux_arm.c - see linux_arm.h. Layout as QEMU's, so that what fits there fits here. */
#include "machine/linux_arm.h"

#include <elf.h>
#include <string.h>

#include "frontend/arm/arm.h"
#include "machine/fdt.h"
#include "machine/image.h"
#include "machine/machine.h"

enum {
    ZIMAGE_OFFSET = 0x10000, /* from the start of RAM */
    IMAGE_OFFSET = 0x8000,   /* TEXT_OFFSET: behind the kernel's first page table */
    INITRD_OFFSET_MAX = 128 << 20,
    DTB_ALIGN = 4096,
};

const ImageGuest linux_arm_images = {
    .name = "32-bit ARM",
    .elf_machine = EM_ARM,
    .uimage_arch = 2,
    .zimage = true,
    .raw = true,
    .address_mask = UINT32_MAX,
};

typedef struct Layout {
    Gpa ram, end;
    Gpa kernel, kernel_end, entry;
    Gpa initrd, initrd_end; /* equal: none */
    Gpa dtb;
} Layout;

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

static bool copy(Machine *m, const char *what, const char *path, Gpa at, Gpa end, GBytes *bytes,
                 GError **error)
{
    gsize n;
    const void *p = g_bytes_get_data(bytes, &n);

    if (at >= end || n > end - at) {
        return fail(error,
                    "%s '%s': its %zu bytes do not fit: %" G_GUINT64_FORMAT
                    " bytes of memory are left for it",
                    what, path, n, at < end ? end - at : 0);
    }
    return phys_copy_in(m->phys, at, p, n, error);
}

static bool load_kernel(Machine *m, Layout *l, GError **error)
{
    const char *path = m->config.kernel;
    Image img;
    bool ok;

    if (!image_read(&img, path, &linux_arm_images, error)) {
        return false;
    }
    switch (img.kind) {
    case IMAGE_ZIMAGE: l->kernel = l->entry = l->ram + ZIMAGE_OFFSET; break;
    case IMAGE_RAW: l->kernel = l->entry = l->ram + IMAGE_OFFSET; break;
    default:
        l->kernel = img.load;
        l->entry = img.entry;
        break;
    }
    if (img.kind == IMAGE_ELF && img.big_endian) {
        ok = fail(error, "kernel '%s': is a big-endian ELF file; this board starts little-endian",
                  path);
    } else if (img.kind == IMAGE_ELF) {
        ok = image_load_elf(&img, m->phys, &l->kernel, &l->kernel_end, error);
        if (!ok) {
            g_prefix_error(error, "kernel '%s': ", path);
        }
    } else {
        l->kernel_end = l->kernel + g_bytes_get_size(img.bytes) - 1;
        ok = l->kernel >= l->ram ? copy(m, "kernel", path, l->kernel, l->end, img.bytes, error)
                                 : fail(error, "kernel '%s': load address %#x is not in RAM", path,
                                        (unsigned)l->kernel);
    }
    image_clear(&img);
    return ok;
}

static bool load_initrd(Machine *m, Layout *l, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;

    l->initrd = l->initrd_end = l->ram + MIN((l->end - l->ram) / 2, INITRD_OFFSET_MAX);
    if (l->kernel_end >= l->initrd && l->kernel < l->end) {
        l->initrd = l->initrd_end = (l->kernel_end + PHYS_PAGE) & ~(Gpa)(PHYS_PAGE - 1);
    }
    if (m->config.initrd == NULL) {
        return true;
    }
    bytes = image_file("initrd", m->config.initrd, m->config.ram_bytes, error);
    if (bytes == NULL || !copy(m, "initrd", m->config.initrd, l->initrd, l->end, bytes, error)) {
        return false;
    }
    l->initrd_end = l->initrd + g_bytes_get_size(bytes);
    return true;
}

static bool load_dtb(Machine *m, Layout *l, const GByteArray *own, GError **error)
{
    g_autoptr(GBytes) user = NULL;
    g_autoptr(GByteArray) blob = NULL;
    g_autoptr(GBytes) bytes = NULL;
    const uint8_t *p = own->data;
    gsize n = own->len;

    if (m->config.dtb) {
        user = image_file("dtb", m->config.dtb, m->config.ram_bytes, error);
        if (user == NULL) {
            return false;
        }
        p = g_bytes_get_data(user, &n);
    }
    blob = fdt_with_chosen(p, n, m->config.append, l->initrd == l->initrd_end ? 0 : l->initrd,
                           l->initrd_end, l->ram, l->end - l->ram, error);
    if (blob == NULL) {
        g_prefix_error(error, "dtb '%s': ", m->config.dtb ? m->config.dtb : "(own)");
        return false;
    }
    l->dtb = (l->initrd_end + DTB_ALIGN - 1) & ~(Gpa)(DTB_ALIGN - 1);
    bytes = g_bytes_new_static(blob->data, blob->len);
    return copy(m, "dtb", m->config.dtb ? m->config.dtb : "(own)", l->dtb, l->end, bytes, error);
}

bool linux_arm_boot(Machine *m, Gpa ram, uint64_t bytes, const GByteArray *dtb, GError **error)
{
    Layout l = { .ram = ram, .end = ram + bytes };
    ArmCpu *cpu = arm_cpu(m->cpu);

    if (m->config.kernel == NULL) {
        return true; /* the vCPU starts at its reset vector, in whatever is there */
    }
    if (!load_kernel(m, &l, error) || !load_initrd(m, &l, error) || !load_dtb(m, &l, dtb, error)) {
        return false;
    }
    arm_set_cpsr(cpu, ARM_SVC | CPSR_A | CPSR_I | CPSR_F | ((l.entry & 1) != 0 ? CPSR_T : 0));
    cpu->r[0] = 0;
    cpu->r[1] = UINT32_MAX; /* no machine number: the device tree says */
    cpu->r[2] = (uint32_t)l.dtb;
    cpu->v.pc = (Gva)l.entry & ~1u;
    arm_update(cpu);
    return true;
}
