/* SPDX-License-Identifier: MIT */
/*
 * fwcfg.c - firmware configuration by selector and data port, and by DMA.
 * Spec: "QEMU Firmware Configuration (fw_cfg) Device" (docs/specs/fw_cfg), by its headings.
 * Not modelled: items that the guest may write; a write by DMA fails.
 */
#include "devices/fwcfg.h"

#include <string.h>

/* Those of the architecture lie behind the others. */
enum { ARCH = 0x8000, COMMON_KEYS = FWCFG_FILE_FIRST + FWCFG_FILES, KEYS = COMMON_KEYS + 8 };
enum { ID_TRADITIONAL = 1u << 0, ID_DMA = 1u << 1 };

enum { /* "Guest-side DMA Interface" */
       DMA_ERROR = 1u << 0,
       DMA_READ = 1u << 1,
       DMA_SKIP = 1u << 2,
       DMA_SELECT = 1u << 3,
       DMA_WRITE = 1u << 4,
       DMA_BYTES = 16, /* of the command: control, length, address */
};
#define DMA_SIGNATURE UINT64_C(0x51454d5520434647) /* "QEMU CFG" */

typedef struct FwCfgState {
    uint64_t dma; /* address of the command, as written so far */
    uint32_t offset;
    uint16_t key;
    uint8_t low, have_low; /* of a selector written byte by byte */
} FwCfgState;

typedef struct FwCfg {
    Device dev;
    Phys *phys;
    GBytes *item[KEYS];
    char *name[FWCFG_FILES]; /* NULL: free */
    FwCfgState st;
} FwCfg;

static FwCfg *cfg(Device *d) { return (FwCfg *)d; }

/* ---- items ---- */

/* "Selector": bit 14 is write mode, in which nothing is here; bit 15 the architecture's items.
 * KEYS: there is no such item. */
static unsigned place_of(unsigned key)
{
    if ((key & ARCH) != 0) {
        return MIN(COMMON_KEYS + (key & ~(unsigned)ARCH), (unsigned)KEYS);
    }
    return key < COMMON_KEYS ? key : KEYS;
}

static void set_item(FwCfg *f, unsigned key, GBytes *bytes)
{
    unsigned at = place_of(key);

    g_assert(at < KEYS);
    g_clear_pointer(&f->item[at], g_bytes_unref);
    f->item[at] = bytes;
}

void fwcfg_set(Device *d, unsigned key, GBytes *bytes)
{
    set_item(cfg(d), key, g_bytes_ref(bytes));
}

/* Little-endian, as this host is. */
void fwcfg_set_u16(Device *d, unsigned key, uint16_t value)
{
    set_item(cfg(d), key, g_bytes_new(&value, sizeof(value)));
}

void fwcfg_set_u32(Device *d, unsigned key, uint32_t value)
{
    set_item(cfg(d), key, g_bytes_new(&value, sizeof(value)));
}

void fwcfg_set_u64(Device *d, unsigned key, uint64_t value)
{
    set_item(cfg(d), key, g_bytes_new(&value, sizeof(value)));
}

static void append_be32(GByteArray *out, uint32_t v)
{
    const uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

    g_byte_array_append(out, b, 4);
}

/* "File Directory": a count, then size, key and name of each, big-endian. */
static void make_directory(FwCfg *f)
{
    GByteArray *out = g_byte_array_new();
    char name[FWCFG_NAME_BYTES];
    uint32_t n = 0;

    append_be32(out, 0);
    for (unsigned i = 0; i < FWCFG_FILES; i++) {
        if (f->name[i]) {
            append_be32(out, (uint32_t)g_bytes_get_size(f->item[FWCFG_FILE_FIRST + i]));
            append_be32(out, (FWCFG_FILE_FIRST + i) << 16);
            memset(name, 0, sizeof(name));
            g_strlcpy(name, f->name[i], sizeof(name));
            g_byte_array_append(out, (const uint8_t *)name, sizeof(name));
            n++;
        }
    }
    out->data[3] = (uint8_t)n;
    set_item(f, FWCFG_DIRECTORY, g_byte_array_free_to_bytes(out));
}

void fwcfg_set_file(Device *d, const char *name, GBytes *bytes)
{
    FwCfg *f = cfg(d);
    unsigned at = FWCFG_FILES;

    g_assert(strlen(name) < FWCFG_NAME_BYTES);
    for (unsigned i = FWCFG_FILES; i-- > 0;) {
        if (f->name[i] == NULL && (at == FWCFG_FILES || f->name[at] == NULL)) {
            at = i;
        } else if (f->name[i] && g_str_equal(f->name[i], name)) {
            at = i;
        }
    }
    g_assert(at < FWCFG_FILES);
    g_free(f->name[at]);
    f->name[at] = g_strdup(name);
    set_item(f, FWCFG_FILE_FIRST + at, g_bytes_ref(bytes));
    make_directory(f);
}

GBytes *fwcfg_file(const Device *d, const char *name)
{
    const FwCfg *f = (const FwCfg *)d;

    for (unsigned i = 0; i < FWCFG_FILES; i++) {
        if (f->name[i] && g_str_equal(f->name[i], name)) {
            return f->item[FWCFG_FILE_FIRST + i];
        }
    }
    return NULL;
}

static void forget(Device *d)
{
    for (unsigned i = 0; i < KEYS; i++) {
        g_clear_pointer(&cfg(d)->item[i], g_bytes_unref);
    }
    for (unsigned i = 0; i < FWCFG_FILES; i++) {
        g_clear_pointer(&cfg(d)->name[i], g_free);
    }
}

void fwcfg_clear(Device *d)
{
    forget(d);
    fwcfg_set_u32(d, FWCFG_ID, ID_TRADITIONAL | ID_DMA);
    set_item(cfg(d), FWCFG_SIGNATURE, g_bytes_new("QEMU", 4));
    make_directory(cfg(d));
}

void fwcfg_set_phys(Device *d, Phys *phys) { cfg(d)->phys = phys; }

/* ---- reading ---- */

/* What is left of the selected item: none of one that is not there. */
static const uint8_t *rest(const FwCfg *f, gsize *n)
{
    unsigned at = place_of(f->st.key);
    GBytes *item = at < KEYS ? f->item[at] : NULL;
    const uint8_t *p = item ? g_bytes_get_data(item, n) : NULL;

    if (p == NULL || f->st.offset >= *n) {
        *n = 0;
        return NULL;
    }
    *n -= f->st.offset;
    return p + f->st.offset;
}

static void select_item(FwCfg *f, uint16_t key)
{
    f->st.key = key;
    f->st.offset = 0;
}

/* Moves on, and stays at the end of what an offset can say. */
static void skip(FwCfg *f, uint32_t n)
{
    f->st.offset = f->st.offset + n < n ? UINT32_MAX : f->st.offset + n;
}

/* "Data Register": behind an item's end there are zeros. */
static uint8_t next_byte(FwCfg *f)
{
    gsize n;
    const uint8_t *p = rest(f, &n);

    skip(f, 1);
    return n > 0 ? p[0] : 0;
}

/* ---- DMA ---- */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Item bytes to memory, zeros behind them. Whether all of it is memory. */
static bool read_item(FwCfg *f, Gpa to, uint32_t length)
{
    static const uint8_t zeros[PHYS_PAGE];
    gsize n;
    const uint8_t *p = rest(f, &n);

    n = MIN(n, length);
    if (n > 0 && !phys_copy_in(f->phys, to, p, n, NULL)) {
        return false;
    }
    for (uint64_t done = n, part; done < length; done += part) {
        part = MIN(length - done, sizeof(zeros));
        if (!phys_copy_in(f->phys, to + done, zeros, part, NULL)) {
            return false;
        }
    }
    return true;
}

static void run_dma(Device *d)
{
    FwCfg *f = cfg(d);
    Gpa at = f->st.dma;
    uint8_t command[DMA_BYTES], result[4] = { 0 };
    uint32_t control, length;
    bool ok = true;

    f->st.dma = 0;
    if (f->phys == NULL || !phys_copy_out(f->phys, at, command, sizeof(command), NULL)) {
        dev_guest_error(d, 0x4, "the DMA command is not in memory");
        return;
    }
    control = be32(command);
    length = be32(command + 4);
    if ((control & DMA_SELECT) != 0) {
        select_item(f, (uint16_t)(control >> 16));
    }
    if ((control & DMA_READ) != 0) {
        ok = read_item(f, (uint64_t)be32(command + 8) << 32 | be32(command + 12), length);
    } else if ((control & DMA_WRITE) != 0) {
        ok = false;
    }
    if ((control & (DMA_READ | DMA_SKIP)) != 0) {
        skip(f, length);
    }
    result[3] = ok ? 0 : DMA_ERROR;
    if (!phys_copy_in(f->phys, at, result, sizeof(result), NULL)) {
        g_assert_not_reached(); /* it has just been read from there */
    }
}

/* ---- registers ---- */

/* The selector is two bytes at offset 0, the data register one byte at offset 1: a write there
 * alone is of the data register, which is read-only; behind one of the low byte it ends the
  * selector. */
static uint64_t port_read(Device *d, unsigned i) { return i == 1 ? next_byte(cfg(d)) : 0; }

static void port_write(Device *d, unsigned i, uint64_t val)
{
    FwCfgState *s = &cfg(d)->st;

    if (i == 0) {
        s->low = (uint8_t)val;
        s->have_low = 1;
    } else if (s->have_low) {
        select_item(cfg(d), (uint16_t)(s->low | val << 8));
        s->have_low = 0;
    }
}

static uint64_t dma_read(Device *d, unsigned i)
{
    (void)d;
    return DMA_SIGNATURE >> (56 - 8 * i) & 0xff;
}

/* Big-endian: the last byte of the lower half starts it. */
static void dma_write(Device *d, unsigned i, uint64_t val)
{
    FwCfgState *s = &cfg(d)->st;
    unsigned shift = 56 - 8 * i;

    s->dma = (s->dma & ~(UINT64_C(0xff) << shift)) | val << shift;
    if (i == 7) {
        run_dma(d);
    }
}

/* clang-format off */
static const RegDef regs[] = {
    { 0x0, "PORTS", REG_8_ARRAY(2), REG_NO_VAR, 0, 0xff, 0, port_read, port_write,
      "Selector Register, Data Register" },
    { 0x4, "DMA_ADDRESS", REG_8_ARRAY(8), REG_NO_VAR, 0, 0xff, 0, dma_read, dma_write,
      "Guest-side DMA Interface" },
};

static const StateField fields[] = {
    STATE_VAR(FwCfg, st.dma), STATE_VAR(FwCfg, st.offset), STATE_VAR(FwCfg, st.key),
    STATE_VAR(FwCfg, st.low), STATE_VAR_MAX(FwCfg, st.have_low, 1),
};

const DeviceType fwcfg_type = {
    .name = "fw_cfg", .manual = "docs/specs/fw_cfg", .window = 0xc, .version = 1, .release = forget,
    DEVICE_LAYOUT(FwCfg, st, regs, fields),
};
/* clang-format on */
