/* SPDX-License-Identifier: MIT */
/*
 * cfi_flash.c - a bank of NOR flash chips with Intel's command set.
 * Spec: Intel 28F160S5/28F320S5 data sheet (290609), JEDEC JESD68 (the query table).
 * While all chips show their array it is memory that the CPU reads and executes; else each read
 * comes here and nothing can be executed. Operations take no time: SR.7 always reads as one, so
 * that there is nothing to suspend. Vpp is always there. The chips share one write enable: what is
 * narrower than the bus is written to none.
 * The array is the regions' memory: their snapshot holds it. It survives a reset, not the process.
 */
#include "devices/cfi_flash.h"

#include <inttypes.h>
#include <string.h>

#include "base/bits.h"

/* What a chip puts out. */
enum { SHOW_ARRAY, SHOW_STATUS, SHOW_ID, SHOW_QUERY, SHOW_XSR, N_SHOW };

/* What the next write is to a chip. */
enum {
    STEP_COMMAND,
    STEP_PROGRAM,
    STEP_ERASE,
    STEP_CHIP_ERASE,
    STEP_LOCK,
    STEP_STS,
    STEP_COUNT,
    STEP_DATA,
    STEP_CONFIRM,
    N_STEPS
};

/* The command table. */
enum {
    CMD_PROGRAM_ALT = 0x10,
    CMD_ERASE = 0x20,
    CMD_CHIP_ERASE = 0x30,
    CMD_PROGRAM = 0x40,
    CMD_CLEAR_STATUS = 0x50,
    CMD_LOCK = 0x60,
    CMD_STATUS = 0x70,
    CMD_ID = 0x90,
    CMD_QUERY = 0x98,
    CMD_SUSPEND = 0xb0,
    CMD_STS = 0xb8,
    CMD_CONFIRM = 0xd0,
    CMD_BUFFER = 0xe8,
    CMD_ARRAY = 0xff,
    LOCK_SET = 0x01,
};

/* The status register. */
enum {
    SR_READY = 1 << 7,
    SR_ERASE_ERROR = 1 << 5, /* of erase and of clearing lock bits */
    SR_WRITE_ERROR = 1 << 4, /* of programming and of setting lock bits */
    SR_LOCKED = 1 << 1,
    SR_SEQUENCE = SR_ERASE_ERROR | SR_WRITE_ERROR,
    SR_SETTABLE = SR_SEQUENCE | SR_LOCKED,
};

enum { QUERY_AT = 0x10, EXTENDED_AT = 0x31, LOCK_WORDS = CFI_BLOCKS / 32 };

typedef struct CfiFlashState {
    uint8_t show[CFI_CHIPS], step[CFI_CHIPS], sr[CFI_CHIPS];
    uint8_t left[CFI_CHIPS];    /* STEP_DATA: writes still to come */
    uint32_t first[CFI_CHIPS];  /* STEP_COUNT to STEP_CONFIRM: byte in the chip; its block, then */
    uint32_t filled[CFI_CHIPS]; /* bytes of the buffer, from there on, that were written */
    uint32_t lock[CFI_CHIPS * LOCK_WORDS]; /* a bit per block; not volatile */
    uint8_t buffer[CFI_CHIPS * CFI_BUFFER_MAX];
} CfiFlashState;

typedef struct CfiFlash {
    Device dev;
    const CfiChip *chip;
    Phys *phys;
    Gpa base, alias;
    uint8_t *array, *copy; /* the regions' memory; borrowed */
    unsigned n, bank;      /* chips; bytes of the bus */
    uint32_t except;
    bool big_endian, filled;
    uint32_t kept[CFI_CHIPS * LOCK_WORDS]; /* of st.lock, over a reset */
    CfiFlashState st;
} CfiFlash;

const CfiChip cfi_28f160s5 = {
    .maker = 0xb0,
    .device = 0xd0,
    .width = 2,
    .bytes = 2 << 20,
    .block_bytes = 64 << 10,
    .buffer_bytes = 32,
    .supply = 0x50,
};

static CfiFlash *flash(Device *d) { return (CfiFlash *)d; }

/* ---- the array ---- */

/* Where byte @at of chip @c, counted from the low end of its bus, is in the bank. */
static uint32_t place_of(const CfiFlash *f, unsigned c, uint32_t at)
{
    uint32_t width = f->chip->width, lane = at % width;

    return at / width * f->bank + c * width + (f->big_endian ? width - 1 - lane : lane);
}

static void put(CfiFlash *f, uint32_t place, uint8_t byte)
{
    f->array[place] = byte;
    if (f->copy && place - f->except >= 4) {
        f->copy[place] = byte;
    }
}

static uint32_t block_of(const CfiFlash *f, uint32_t at)
{
    return (at & (f->chip->bytes - 1)) / f->chip->block_bytes;
}

static bool is_locked(const CfiFlash *f, unsigned c, uint32_t block)
{
    return (f->st.lock[c * LOCK_WORDS + block / 32] >> block % 32 & 1) != 0;
}

/* Programming makes zeros only. */
static void program(CfiFlash *f, unsigned c, uint32_t at, uint8_t byte)
{
    uint32_t place = place_of(f, c, at & (f->chip->bytes - 1));

    put(f, place, f->array[place] & byte);
}

static void erase(CfiFlash *f, unsigned c, uint32_t block)
{
    uint32_t first = block * f->chip->block_bytes;

    for (uint32_t i = 0; i < f->chip->block_bytes; i++) {
        put(f, place_of(f, c, first + i), 0xff);
    }
}

/* ---- what chips show ---- */

static uint32_t log2_of(uint32_t n) { return bits_ctz64(n); }

/* By offset from QUERY_AT; table 11 from 0x31 on, JESD68 for the layout. Times are powers of two of
 * microseconds (programming) and milliseconds (erasure), and what drivers take for limits. */
static uint8_t query_byte(const CfiChip *k, uint32_t off)
{
    uint32_t last = k->bytes / k->block_bytes - 1, unit = k->block_bytes / 256;
    const uint8_t table[] = {
        /* 0x10 */ 'Q',
        'R',
        'Y',
        1,
        0,
        EXTENDED_AT,
        0,
        0,
        0,
        0,
        0, /* command set 1: Intel's */
        /* 0x1b */ (uint8_t)(k->supply - 0xb),
        (uint8_t)(k->supply + 5),
        (uint8_t)(k->supply - 0xb),
        (uint8_t)(k->supply + 5),
        /* 0x1f */ 3,
        6,
        10,
        15,
        4,
        4,
        4,
        4,
        /* 0x27 */ (uint8_t)log2_of(k->bytes),
        k->width == 2 ? 2 : 0,
        0,
        /* 0x2a */ (uint8_t)log2_of(k->buffer_bytes),
        0,
        1,
        /* 0x2d */ (uint8_t)last,
        (uint8_t)(last >> 8),
        (uint8_t)unit,
        (uint8_t)(unit >> 8),
        /* 0x31 */ 'P',
        'R',
        'I',
        '1',
        '0',
        /* 0x36: chip erase, suspension, lock bits; what can be done then; block status */
        0x0f,
        0,
        0,
        0,
        1,
        3,
        0,
        k->supply,
        k->supply,
        0,
    };

    return off - QUERY_AT < sizeof(table) ? table[off - QUERY_AT] : 0;
}

/* Table 12. @word: address in the chip. */
static uint16_t identifier(const CfiFlash *f, unsigned c, uint32_t word)
{
    uint32_t block = block_of(f, word * f->chip->width);

    if (word % (f->chip->block_bytes / f->chip->width) == 2) {
        return is_locked(f, c, block);
    }
    return word == 0 ? f->chip->maker : word == 1 ? f->chip->device : 0;
}

/* What chip @c shows at @word beside its array. */
static uint16_t shown(const CfiFlash *f, unsigned c, uint32_t word)
{
    uint32_t word_in_block = word % (f->chip->block_bytes / f->chip->width);

    switch (f->st.show[c]) {
    case SHOW_ID: return identifier(f, c, word);
    case SHOW_QUERY:
        return word_in_block >= QUERY_AT ? query_byte(f->chip, word_in_block)
                                         : identifier(f, c, word);
    case SHOW_XSR: return SR_READY; /* 4.8: a buffer is free */
    default: return SR_READY | f->st.sr[c];
    }
}

/* One byte of the bank, as the CPU sees it. */
static uint8_t byte_at(const CfiFlash *f, uint32_t off)
{
    uint32_t width = f->chip->width, lane = off % width;
    unsigned c = off % f->bank / width;

    if (f->st.show[c] == SHOW_ARRAY) {
        return f->array[off];
    }
    lane = f->big_endian ? width - 1 - lane : lane;
    return (uint8_t)(shown(f, c, off / f->bank) >> 8 * lane);
}

static void trace(const CfiFlash *f, uint64_t off, unsigned bytes, const char *verb, uint64_t val)
{
    if (f->dev.log && log_on(f->dev.log, LOG_DEVICE)) {
        log_write(f->dev.log, "%s: 0x%x %s 0x%" PRIx64 " (%u bytes)\n", f->dev.path, (unsigned)off,
                  verb, val, bytes);
    }
}

static uint64_t io_read(void *opaque, uint64_t off, unsigned bytes)
{
    const CfiFlash *f = opaque;
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint64_t)byte_at(f, (uint32_t)off + i) << 8 * i;
    }
    trace(f, off, bytes, "reads", value);
    return value;
}

/* ---- commands ---- */

/* Every way out of a command shows the status. */
static void finish(CfiFlash *f, unsigned c, uint8_t error)
{
    f->st.sr[c] |= error;
    f->st.step[c] = STEP_COMMAND;
    f->st.show[c] = SHOW_STATUS;
}

static void start(CfiFlash *f, unsigned c, uint8_t step)
{
    f->st.step[c] = step;
    f->st.show[c] = SHOW_STATUS;
}

static void show(CfiFlash *f, unsigned c, uint8_t what)
{
    f->st.step[c] = STEP_COMMAND;
    f->st.show[c] = what;
}

/* @at: byte in the chip. What is no command changes nothing. */
static void command(CfiFlash *f, unsigned c, uint32_t at, uint8_t cmd)
{
    switch (cmd) {
    case CMD_ARRAY: show(f, c, SHOW_ARRAY); break;
    case CMD_ID: show(f, c, SHOW_ID); break;
    case CMD_QUERY: show(f, c, SHOW_QUERY); break;
    case CMD_STATUS:
    case CMD_SUSPEND:
    case CMD_CONFIRM: show(f, c, SHOW_STATUS); break; /* nothing is under way */
    case CMD_CLEAR_STATUS: f->st.sr[c] = 0; break;
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALT: start(f, c, STEP_PROGRAM); break;
    case CMD_ERASE: start(f, c, STEP_ERASE); break;
    case CMD_CHIP_ERASE: start(f, c, STEP_CHIP_ERASE); break;
    case CMD_LOCK: start(f, c, STEP_LOCK); break;
    case CMD_STS: start(f, c, STEP_STS); break;
    case CMD_BUFFER:
        f->st.first[c] = at;
        f->st.step[c] = STEP_COUNT;
        f->st.show[c] = SHOW_XSR;
        break;
    default: break;
    }
}

/* Block and full chip erase: locked blocks stay. */
static void confirm_erase(CfiFlash *f, unsigned c, uint32_t at, uint8_t cmd, bool all)
{
    uint32_t first = all ? 0 : block_of(f, at);
    uint32_t n = all ? f->chip->bytes / f->chip->block_bytes : 1;
    uint8_t error = cmd == CMD_CONFIRM ? 0 : SR_SEQUENCE;

    for (uint32_t i = first; error != SR_SEQUENCE && i < first + n; i++) {
        if (is_locked(f, c, i)) {
            error = all ? 0 : SR_ERASE_ERROR | SR_LOCKED;
        } else {
            erase(f, c, i);
        }
    }
    finish(f, c, error);
}

/* Lock bits: one is set, all are cleared. */
static void confirm_lock(CfiFlash *f, unsigned c, uint32_t at, uint8_t cmd)
{
    uint32_t block = block_of(f, at);

    if (cmd == LOCK_SET) {
        f->st.lock[c * LOCK_WORDS + block / 32] |= 1u << block % 32;
    } else if (cmd == CMD_CONFIRM) {
        memset(&f->st.lock[c * LOCK_WORDS], 0, LOCK_WORDS * sizeof(f->st.lock[0]));
    }
    finish(f, c, cmd == LOCK_SET || cmd == CMD_CONFIRM ? 0 : SR_SEQUENCE);
}

static void program_word(CfiFlash *f, unsigned c, uint32_t at, uint16_t value)
{
    if (is_locked(f, c, block_of(f, at))) {
        finish(f, c, SR_WRITE_ERROR | SR_LOCKED);
        return;
    }
    for (unsigned i = 0; i < f->chip->width; i++) {
        program(f, c, at + i, (uint8_t)(value >> 8 * i));
    }
    finish(f, c, 0);
}

/* 4.8: a count of writes less one, data, a confirmation. */
static void buffer_count(CfiFlash *f, unsigned c, uint16_t count)
{
    if ((count + 1u) * f->chip->width > f->chip->buffer_bytes) {
        finish(f, c, SR_SEQUENCE);
        return;
    }
    f->st.left[c] = (uint8_t)(count + 1);
    f->st.filled[c] = 0;
    f->st.show[c] = SHOW_STATUS;
    f->st.step[c] = STEP_DATA;
}

static void buffer_data(CfiFlash *f, unsigned c, uint32_t at, uint16_t value)
{
    uint32_t off;

    if (f->st.filled[c] == 0) {
        if (block_of(f, at) != block_of(f, f->st.first[c])) {
            finish(f, c, SR_SEQUENCE);
            return;
        }
        f->st.first[c] = at;
    }
    off = (at - f->st.first[c]) & ~(f->chip->width - 1u);
    if (off >= f->chip->buffer_bytes || block_of(f, at) != block_of(f, f->st.first[c])) {
        finish(f, c, SR_SEQUENCE);
        return;
    }
    for (unsigned i = 0; i < f->chip->width; i++) {
        f->st.buffer[c * CFI_BUFFER_MAX + off + i] = (uint8_t)(value >> 8 * i);
        f->st.filled[c] |= 1u << (off + i);
    }
    if (--f->st.left[c] == 0) {
        f->st.step[c] = STEP_CONFIRM;
    }
}

static void buffer_confirm(CfiFlash *f, unsigned c, uint8_t cmd)
{
    uint32_t first = f->st.first[c];

    if (cmd != CMD_CONFIRM) {
        finish(f, c, SR_SEQUENCE);
        return;
    }
    if (is_locked(f, c, block_of(f, first))) {
        finish(f, c, SR_WRITE_ERROR | SR_LOCKED);
        return;
    }
    for (unsigned i = 0; i < CFI_BUFFER_MAX; i++) {
        if ((f->st.filled[c] >> i & 1) != 0) {
            program(f, c, first + i, f->st.buffer[c * CFI_BUFFER_MAX + i]);
        }
    }
    finish(f, c, 0);
}

static void chip_write(CfiFlash *f, unsigned c, uint32_t at, uint16_t value)
{
    uint8_t low = (uint8_t)value;

    switch (f->st.step[c]) {
    case STEP_PROGRAM: program_word(f, c, at, value); break;
    case STEP_ERASE: confirm_erase(f, c, at, low, false); break;
    case STEP_CHIP_ERASE: confirm_erase(f, c, at, low, true); break;
    case STEP_LOCK: confirm_lock(f, c, at, low); break;
    case STEP_STS: finish(f, c, 0); break; /* the STS pin goes nowhere */
    case STEP_COUNT: buffer_count(f, c, value); break;
    case STEP_DATA: buffer_data(f, c, at, value); break;
    case STEP_CONFIRM: buffer_confirm(f, c, low); break;
    default: command(f, c, at, low); break;
    }
}

/* Chip @c's part of a bus word, as the CPU's memory holds it. */
static uint16_t part_of(const CfiFlash *f, uint64_t word, unsigned c)
{
    uint16_t part = (uint16_t)(word >> 8 * f->chip->width * c & bits_mask(8 * f->chip->width));

    return f->big_endian && f->chip->width == 2 ? GUINT16_SWAP_LE_BE(part) : part;
}

static void io_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    CfiFlash *f = opaque;

    trace(f, off, bytes, "written", value);
    if (bytes < f->bank || off % f->bank != 0) {
        dev_guest_error(&f->dev, (uint32_t)off, "a write of %u bytes to a bus of %u", bytes,
                        f->bank);
        return;
    }
    for (unsigned i = 0; i < bytes; i += f->bank) {
        for (unsigned c = 0; c < f->n; c++) {
            chip_write(f, c, (uint32_t)(off + i) / f->bank * f->chip->width,
                       part_of(f, value >> 8 * i, c));
        }
    }
    dev_settle(&f->dev);
}

/* ---- life ---- */

static void settle(Device *d)
{
    CfiFlash *f = flash(d);
    bool memory = true;

    memcpy(f->kept, f->st.lock, sizeof(f->kept));
    for (unsigned c = 0; c < f->n; c++) {
        memory &= f->st.show[c] == SHOW_ARRAY;
    }
    if (f->phys) {
        phys_show_rom(f->phys, f->base, memory);
        if (f->alias) {
            phys_show_rom(f->phys, f->alias, memory);
        }
    }
}

/* RP# takes all chips back to their arrays. Lock bits are not volatile. */
static void reset(Device *d) { memcpy(flash(d)->st.lock, flash(d)->kept, sizeof(flash(d)->kept)); }

static uint8_t *region_memory(Phys *phys, Gpa base, const PhysIo *io)
{
    phys_attach_rom(phys, base, io);
    return phys_find(phys, base)->ram;
}

void cfi_flash_connect(Device *d, const CfiChip *chip, unsigned n, Phys *phys, Gpa base, Gpa alias,
                       uint32_t except)
{
    CfiFlash *f = flash(d);
    const PhysIo io = { io_read, io_write, f };

    g_assert(n * chip->width <= 8 && n <= CFI_CHIPS);
    g_assert(chip->bytes / chip->block_bytes <= CFI_BLOCKS && chip->buffer_bytes <= CFI_BUFFER_MAX);
    f->chip = chip;
    f->n = n;
    f->bank = n * chip->width;
    f->phys = phys;
    f->base = base;
    f->alias = alias;
    f->except = except;
    f->array = region_memory(phys, base, &io);
    f->copy = alias ? region_memory(phys, alias, &io) : NULL;
}

void cfi_flash_set_big_endian(Device *d, bool big_endian) { flash(d)->big_endian = big_endian; }

void cfi_flash_fill(Device *d, const void *from, size_t n)
{
    CfiFlash *f = flash(d);
    uint32_t bytes = f->n * f->chip->bytes;

    g_assert(n <= bytes);
    memset(f->array, 0xff, bytes);
    if (n > 0) {
        memcpy(f->array, from, n);
    }
    if (f->copy) {
        memcpy(f->copy, f->array, bytes);
    }
    f->filled = true;
}

bool cfi_flash_is_filled(const Device *d) { return ((const CfiFlash *)d)->filled; }

/* clang-format off */
#define CHIPS(m, limit) STATE_ARRAY_MAX(CfiFlash, st.m, limit)
static const StateField fields[] = {
    CHIPS(show, N_SHOW - 1), CHIPS(step, N_STEPS - 1), CHIPS(sr, SR_SETTABLE),
    STATE_ARRAY(CfiFlash, st.left), STATE_ARRAY(CfiFlash, st.first),
    STATE_ARRAY(CfiFlash, st.filled), STATE_ARRAY(CfiFlash, st.lock),
    STATE_ARRAY(CfiFlash, st.buffer),
};

const DeviceType cfi_flash_type = {
    .name = "cfi-flash", .manual = "Intel 290609", .version = 1,
    .size = sizeof(CfiFlash), .state_off = offsetof(CfiFlash, st),
    .state_size = sizeof(CfiFlashState),
    .fields = fields, .n_fields = G_N_ELEMENTS(fields),
    .settle = settle, .reset = reset,
};
/* clang-format on */
