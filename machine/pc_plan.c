/* SPDX-License-Identifier: MIT */
/* pc_plan.c - see pc_plan.h. */
#include "machine/pc_plan.h"

#include <string.h>

#include "machine/image.h"
#include "machine/machine.h"

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

static uint32_t page_up(Gpa at) { return (uint32_t)(at + PHYS_PAGE - 1) & ~(PHYS_PAGE - 1u); }

/* A multiboot kernel is told its own name first, and its module's: as QEMU and GRUB do. */
static bool make_words(PcPlan *p, const MachineConfig *c, GError **error)
{
    const char *text = c->append ? c->append : "";
    bool named = p->kernel.kind == PC_KERNEL_MULTIBOOT;
    const char *module = named && c->initrd ? c->initrd : "";
    g_autoptr(GString) all = g_string_new(named ? c->kernel : "");
    size_t n = strlen(text), most = PC_CMDLINE_MAX - 2 - all->len - 1 - strlen(module);

    if (p->kernel.kind == PC_KERNEL_LINUX) {
        most = MIN(most, p->kernel.cmdline_bytes);
    }
    if (n > most) {
        return fail(error, "-append: its %zu bytes are too many: the kernel takes %zu", n, most);
    }
    g_string_append_printf(all, "%s%s", named && n > 0 ? " " : "", text);
    p->module_name = (uint32_t)all->len + 1;
    g_string_append_len(all, "", 1);
    g_string_append(all, module);
    p->words = g_bytes_new(all->str, all->len + 1);
    return true;
}

/* As high as it may be, on a page of its own. */
static bool place_initrd(PcPlan *p, const MachineConfig *c, GError **error)
{
    uint64_t end = p->end, room;
    gsize n;

    if (c->initrd == NULL) {
        return true;
    }
    p->initrd_bytes = image_file("initrd", c->initrd, c->ram_bytes, error);
    if (p->initrd_bytes == NULL) {
        return false;
    }
    n = g_bytes_get_size(p->initrd_bytes);
    if (p->kernel.kind == PC_KERNEL_LINUX) {
        end = MIN(end, (uint64_t)p->kernel.initrd_max + 1);
    }
    end &= ~(uint64_t)(PHYS_PAGE - 1);
    room = end > p->kernel_end ? end - p->kernel_end : 0;
    if (n > room || ((end - n) & ~(uint64_t)(PHYS_PAGE - 1)) < p->kernel_end) {
        return fail(error,
                    "initrd '%s': its %zu bytes do not fit: %" G_GUINT64_FORMAT
                    " bytes of memory are left for it",
                    c->initrd, n, room);
    }
    p->initrd = (uint32_t)(end - n) & ~(uint32_t)(PHYS_PAGE - 1);
    p->initrd_size = (uint32_t)n;
    return true;
}

static bool place_kernel(PcPlan *p, const MachineConfig *c, GError **error)
{
    Gpa first, last;

    if (p->kernel.kind == PC_KERNEL_LINUX) {
        p->kernel_end = p->kernel.memory_end;
        if (p->kernel_end > p->end) {
            return fail(error,
                        "kernel '%s': it needs memory up to %#x to start: of %" G_GUINT64_FORMAT
                        " MiB, %#x bytes are left for it",
                        c->kernel, p->kernel_end, c->ram_bytes >> 20, p->end);
        }
        return true;
    }
    if (!pc_kernel_span(&p->kernel, c->kernel, &first, &last, error)) {
        return false;
    }
    if (last >= p->end) {
        return fail(error, "kernel '%s': does not fit into memory", c->kernel);
    }
    p->kernel_end = page_up(MAX(last + 1, (Gpa)LINUX_HIGH + PHYS_PAGE));
    return true;
}

bool pc_plan_make(PcPlan *p, const Machine *m, uint32_t reserve, GError **error)
{
    const MachineConfig *c = &m->config;

    *p = (PcPlan){ .end = (uint32_t)(c->ram_bytes - reserve) };
    if (pc_kernel_read(&p->kernel, c->kernel, error) && place_kernel(p, c, error)
        && place_initrd(p, c, error) && make_words(p, c, error)) {
        return true;
    }
    pc_plan_clear(p);
    return false;
}

void pc_plan_clear(PcPlan *p)
{
    pc_kernel_clear(&p->kernel);
    g_clear_pointer(&p->initrd_bytes, g_bytes_unref);
    g_clear_pointer(&p->words, g_bytes_unref);
}
