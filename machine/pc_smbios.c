/* SPDX-License-Identifier: MIT */
/* pc_smbios.c - what the board `pc` says of itself by SMBIOS. Spec: DMTF DSP0134 2.8.0. */
#include <string.h>

#include "machine/pc.h"
#include "machine/version.h"

enum { ANCHOR_BYTES = 31, MAJOR = 2, MINOR = 8 };
enum { /* 5.2.1: offsets in the entry point */
       ANCHOR_CHECKSUM_AT = 4,
       ANCHOR_INTERMEDIATE_AT = 0x10,
       ANCHOR_CHECKSUM2_AT = 0x15,
       ANCHOR_ADDRESS_AT = 0x18,
};

/* Handles, as firmware numbers them: 0x100 a type. */
static uint16_t handle(unsigned type) { return (uint16_t)(type << 8); }

typedef struct Builder {
    GByteArray *out;
    unsigned structures, largest;
    size_t at; /* of the structure being built */
} Builder;

static void put(Builder *b, uint64_t v, unsigned bytes)
{
    g_byte_array_append(b->out, (const uint8_t *)&v, bytes);
}

/* 6.1.2 */
static void begin(Builder *b, unsigned type)
{
    b->at = b->out->len;
    put(b, type, 1);
    put(b, 0, 1);
    put(b, handle(type), 2);
}

/* 6.1.3: @strings, NULL-terminated, are numbered from 1. */
static void end(Builder *b, const char *const *strings)
{
    b->out->data[b->at + 1] = (uint8_t)(b->out->len - b->at);
    for (; strings && *strings; strings++) {
        g_byte_array_append(b->out, (const uint8_t *)*strings, (guint)strlen(*strings) + 1);
    }
    put(b, 0, strings ? 1 : 2);
    b->structures++;
    b->largest = MAX(b->largest, (unsigned)(b->out->len - b->at));
}

/* 7.1 */
static void bios(Builder *b)
{
    static const char *const strings[] = { "doppel", DOPPEL_VERSION, "01/01/2024", NULL };

    begin(b, 0);
    put(b, 1, 1);
    put(b, 2, 1);
    put(b, PC_BIOS_AREA >> 4, 2);
    put(b, 3, 1);
    put(b, 0, 1);       /* 64 KiB */
    put(b, 1u << 3, 8); /* characteristics are not supported */
    put(b, 0, 1);
    put(b, 1u << 4, 1); /* a virtual machine */
    put(b, 0, 2);
    put(b, 0xffff, 2); /* no embedded controller */
    end(b, strings);
}

/* 7.2 */
static void system_information(Builder *b)
{
    static const char *const strings[] = { "doppel", "pc (i440FX + PIIX)", DOPPEL_VERSION, NULL };

    begin(b, 1);
    put(b, 1, 1);
    put(b, 2, 1);
    put(b, 3, 1);
    put(b, 0, 1);               /* no serial number */
    put(b, 0, 8), put(b, 0, 8); /* no UUID */
    put(b, 6, 1);               /* woken by the power switch */
    put(b, 0, 2);
    end(b, strings);
}

/* 7.4 */
static void chassis(Builder *b)
{
    enum { OTHER = 1, SAFE = 3, NO_SECURITY = 2 };
    static const char *const strings[] = { "doppel", NULL };

    begin(b, 3);
    put(b, 1, 1);
    put(b, OTHER, 1);
    put(b, 0, 3);
    put(b, SAFE, 1), put(b, SAFE, 1), put(b, SAFE, 1);
    put(b, NO_SECURITY, 1);
    put(b, 0, 4), put(b, 0, 4);
    put(b, 0, 1);
    end(b, strings);
}

/* 7.5, to the fields of version 2.6 */
static void processor(Builder *b, const char *cpu)
{
    enum { CENTRAL = 3, FAMILY_OTHER = 1, ENABLED = 0x41, UPGRADE_OTHER = 1, NO_CACHE = 0xffff };
    const char *const strings[] = { "CPU 0", "doppel", cpu, NULL };

    begin(b, 4);
    put(b, 1, 1);
    put(b, CENTRAL, 1);
    put(b, FAMILY_OTHER, 1);
    put(b, 2, 1);
    put(b, 0, 8);
    put(b, 3, 1);
    put(b, 0, 1);
    put(b, 0, 6); /* clocks unknown */
    put(b, ENABLED, 1);
    put(b, UPGRADE_OTHER, 1);
    put(b, NO_CACHE, 2), put(b, NO_CACHE, 2), put(b, NO_CACHE, 2);
    put(b, 0, 3);
    put(b, 1, 1), put(b, 1, 1), put(b, 1, 1); /* cores, enabled, threads */
    put(b, 1u << 1, 2);                       /* characteristics unknown */
    put(b, FAMILY_OTHER, 2);
    end(b, strings);
}

/* 7.17, 7.18 and 7.20: one array of one device. */
static void memory(Builder *b, uint64_t ram_bytes)
{
    enum { OTHER = 1, SYSTEM_MEMORY = 3, MULTI_BIT = 6, DIMM = 9, RAM = 7, NONE = 0xfffe };
    static const char *const strings[] = { "DIMM 0", "doppel", NULL };

    begin(b, 16);
    put(b, OTHER, 1);
    put(b, SYSTEM_MEMORY, 1);
    put(b, MULTI_BIT, 1);
    put(b, ram_bytes >> 10, 4);
    put(b, NONE, 2);
    put(b, 1, 2);
    put(b, 0, 8);
    end(b, NULL);

    begin(b, 17);
    put(b, handle(16), 2);
    put(b, NONE, 2);
    put(b, 0xffff, 2), put(b, 0xffff, 2); /* widths unknown */
    put(b, ram_bytes >> 20, 2);
    put(b, DIMM, 1);
    put(b, 0, 1);
    put(b, 1, 1), put(b, 0, 1);
    put(b, RAM, 1);
    put(b, 1u << 1, 2);
    put(b, 0, 2);
    put(b, 2, 1), put(b, 0, 3);
    put(b, 0, 1);
    put(b, 0, 4), put(b, 0, 2), put(b, 0, 6);
    end(b, strings);

    begin(b, 19);
    put(b, 0, 4);
    put(b, (ram_bytes >> 10) - 1, 4);
    put(b, handle(16), 2);
    put(b, 1, 1);
    put(b, 0, 8), put(b, 0, 8);
    end(b, NULL);
}

static void anchor(PcSmbios *s, const Builder *b)
{
    uint8_t p[ANCHOR_BYTES] = { '_', 'S', 'M', '_', 0, ANCHOR_BYTES, MAJOR, MINOR };
    uint16_t largest = (uint16_t)b->largest, length = (uint16_t)b->out->len;
    uint16_t structures = (uint16_t)b->structures;

    memcpy(p + 8, &largest, 2);
    memcpy(p + ANCHOR_INTERMEDIATE_AT, "_DMI_", 5);
    memcpy(p + 0x16, &length, 2);
    memcpy(p + 0x1c, &structures, 2);
    p[0x1e] = MAJOR << 4 | MINOR;
    g_byte_array_append(s->anchor, p, sizeof(p));
    pc_smbios_link(s, 0);
}

void pc_smbios_build(PcSmbios *s, uint64_t ram_bytes, const char *cpu)
{
    Builder b = { .out = g_byte_array_new() };

    bios(&b);
    system_information(&b);
    chassis(&b);
    processor(&b, cpu);
    memory(&b, ram_bytes);
    begin(&b, 32); /* 7.33: no error at boot */
    put(&b, 0, 6), put(&b, 0, 1);
    end(&b, NULL);
    begin(&b, 127); /* 7.45: the end */
    end(&b, NULL);
    *s = (PcSmbios){ g_byte_array_new(), b.out };
    anchor(s, &b);
}

void pc_smbios_link(PcSmbios *s, Gpa tables)
{
    uint8_t *p = s->anchor->data;
    uint32_t address = (uint32_t)tables;

    memcpy(p + ANCHOR_ADDRESS_AT, &address, 4);
    p[ANCHOR_CHECKSUM_AT] = p[ANCHOR_CHECKSUM2_AT] = 0;
    p[ANCHOR_CHECKSUM2_AT] = pc_checksum(p + ANCHOR_INTERMEDIATE_AT,
                                         ANCHOR_BYTES - ANCHOR_INTERMEDIATE_AT);
    p[ANCHOR_CHECKSUM_AT] = pc_checksum(p, ANCHOR_BYTES);
}

void pc_smbios_clear(PcSmbios *s)
{
    g_byte_array_unref(s->anchor);
    g_byte_array_unref(s->tables);
}
