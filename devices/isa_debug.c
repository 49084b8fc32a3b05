/* SPDX-License-Identifier: MIT */
/*
 * isa_debug.c - isa-debugcon and isa-debug-exit, as QEMU has them.
 * Spec: QEMU's documentation of the two devices; there is no part they model.
 */
#include "devices/isa_debug.h"

enum { READBACK = 0xe9 }; /* by which a program finds that the console is there */

typedef struct IsaDebugState {
    uint32_t zero; /* nothing to remember */
} IsaDebugState;

typedef struct IsaDebug {
    Device dev;
    void (*end)(void *opaque, unsigned status);
    void *opaque;
    IsaDebugState st;
} IsaDebug;

static uint64_t con_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return READBACK;
}

static void con_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    dev_put(d, (uint8_t)val);
}

static uint64_t exit_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return 0;
}

static void exit_write(Device *d, unsigned i, uint64_t val)
{
    IsaDebug *e = (IsaDebug *)d;

    (void)i;
    if (e->end) {
        e->end(e->opaque, (unsigned)val << 1 | 1);
    }
}

void isa_debug_exit_on_write(Device *d, void (*end)(void *opaque, unsigned status), void *opaque)
{
    ((IsaDebug *)d)->end = end;
    ((IsaDebug *)d)->opaque = opaque;
}

/* clang-format off */
static const RegDef con_regs[] = {
    { 0, "DATA", REG_8, REG_NO_VAR, 0, 0xff, 0, con_read, con_write, "isa-debugcon" },
};
static const RegDef exit_regs[] = {
    { 0, "STATUS", REG_32_NARROW, REG_NO_VAR, 0, 0xffffffff, 0, exit_read, exit_write,
      "isa-debug-exit" },
};
static const StateField fields[] = { STATE_VAR_MAX(IsaDebug, st.zero, 0) };

const DeviceType isa_debugcon_type = {
    .name = "isa-debugcon", .manual = "QEMU", .window = 1, .version = 1,
    DEVICE_LAYOUT(IsaDebug, st, con_regs, fields),
};
const DeviceType isa_debug_exit_type = {
    .name = "isa-debug-exit", .manual = "QEMU", .window = 4, .version = 1,
    DEVICE_LAYOUT(IsaDebug, st, exit_regs, fields),
};
/* clang-format on */
