/* SPDX-License-Identifier: MIT */
/* fwcfg.h - firmware configuration: what the machine tells its firmware. */
#ifndef DEVICES_FWCFG_H
#define DEVICES_FWCFG_H

#include "devices/device.h"
#include "softmmu/phys.h"

/* Keys with a number of their own; files are found by name through FWCFG_DIRECTORY. */
typedef enum FwCfgKey {
    FWCFG_SIGNATURE = 0x00,
    FWCFG_ID = 0x01,
    FWCFG_RAM_SIZE = 0x03,
    FWCFG_NO_GRAPHICS = 0x04,
    FWCFG_NB_CPUS = 0x05,
    FWCFG_KERNEL_ADDR = 0x07,
    FWCFG_KERNEL_SIZE = 0x08,
    FWCFG_INITRD_ADDR = 0x0a,
    FWCFG_INITRD_SIZE = 0x0b,
    FWCFG_BOOT_MENU = 0x0e,
    FWCFG_MAX_CPUS = 0x0f,
    FWCFG_KERNEL_ENTRY = 0x10,
    FWCFG_KERNEL_DATA = 0x11,
    FWCFG_INITRD_DATA = 0x12,
    FWCFG_CMDLINE_ADDR = 0x13,
    FWCFG_CMDLINE_SIZE = 0x14,
    FWCFG_CMDLINE_DATA = 0x15,
    FWCFG_SETUP_ADDR = 0x16,
    FWCFG_SETUP_SIZE = 0x17,
    FWCFG_SETUP_DATA = 0x18,
    FWCFG_DIRECTORY = 0x19,
    FWCFG_FILE_FIRST = 0x20,
    FWCFG_IRQ0_OVERRIDE = 0x8002, /* from here on those of x86 */
} FwCfgKey;

enum { FWCFG_FILES = 32, FWCFG_NAME_BYTES = 56 };

extern const DeviceType fwcfg_type;

/* Memory that its DMA reaches; borrowed. Before dev_reset(). */
void fwcfg_set_phys(Device *d, Phys *phys);

/* Forgets all items. They are no state: the board sets them at each reset, from what it was given.
 * */
void fwcfg_clear(Device *d);

/* Item @key is @bytes, of which it keeps a reference; or a little-endian number. */
void fwcfg_set(Device *d, unsigned key, GBytes *bytes);
void fwcfg_set_u16(Device *d, unsigned key, uint16_t value);
void fwcfg_set_u32(Device *d, unsigned key, uint32_t value);
void fwcfg_set_u64(Device *d, unsigned key, uint64_t value);

/* File @name is @bytes; a file of that name is replaced. At most FWCFG_FILES. */
void fwcfg_set_file(Device *d, const char *name, GBytes *bytes);

/* The bytes of file @name, borrowed; NULL if there is none. */
GBytes *fwcfg_file(const Device *d, const char *name);

#endif
