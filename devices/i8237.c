/* SPDX-License-Identifier: MIT */
/*
 * i8237.c - two DMA controllers in cascade (channels 0 to 3, and 4 to 7 whose registers are two
  * bytes apart) and the page registers, as a PC's south bridge has them.
 * Spec: Intel 82371SB (290550-002), chapter 4; the controller itself is an 8237A (231466).
 * Not modelled: transfers. No part here requests any; a software request stays pending.
 * Port 80 belongs to no channel: what is written there is the boot code's progress.
 */
#include "devices/i8237.h"

enum { CHANNELS = 4, CONTROLLERS = 2 };
enum { HIGH_OFF = 0x20, PAGES_OFF = 0x40, PAGES = 16 };

/* By controller, then by channel. */
typedef struct I8237State {
    uint16_t base_addr[CONTROLLERS][CHANNELS], base_count[CONTROLLERS][CHANNELS];
    uint16_t addr[CONTROLLERS][CHANNELS], count[CONTROLLERS][CHANNELS];
    uint8_t mode[CONTROLLERS][CHANNELS];
    uint8_t page[PAGES];
    uint8_t command[CONTROLLERS], request[CONTROLLERS], mask[CONTROLLERS], status[CONTROLLERS];
    uint8_t flipflop[CONTROLLERS]; /* 0: the next byte of a pair is the low one */
} I8237State;

typedef struct I8237 {
    Device dev;
    I8237State st;
} I8237;

static I8237State *state(Device *d) { return &((I8237 *)d)->st; }

/* ---- address and count: two bytes each, through the flip-flop ---- */

static uint64_t channel_read(Device *d, unsigned c, unsigned i)
{
    I8237State *s = state(d);
    uint16_t v = i & 1 ? s->count[c][i / 2] : s->addr[c][i / 2];

    s->flipflop[c] ^= 1;
    return s->flipflop[c] ? v & 0xff : v >> 8;
}

static void channel_write(Device *d, unsigned c, unsigned i, uint64_t val)
{
    I8237State *s = state(d);
    uint16_t *base = i & 1 ? &s->base_count[c][i / 2] : &s->base_addr[c][i / 2];

    s->flipflop[c] ^= 1;
    *base = (uint16_t)(s->flipflop[c] ? (*base & 0xff00) | val : (*base & 0xff) | val << 8);
    *(i & 1 ? &s->count[c][i / 2] : &s->addr[c][i / 2]) = *base;
}

/* ---- the eight registers behind them ---- */

enum { STATUS_COMMAND, REQUEST, MASK_BIT, MODE, CLEAR_POINTER, MASTER_CLEAR, CLEAR_MASK, MASK_ALL };

static void master_clear(I8237State *s, unsigned c)
{
    s->command[c] = s->status[c] = s->request[c] = s->flipflop[c] = 0;
    s->mask[c] = 0xf;
}

static uint64_t control_read(Device *d, unsigned c, unsigned i)
{
    I8237State *s = state(d);
    uint8_t was = s->status[c];

    switch (i) {
    case STATUS_COMMAND:
        s->status[c] = 0; /* terminal counts fall when they are read */
        return was | s->request[c] << 4;
    case MASK_ALL: return s->mask[c] | 0xf0;
    }
    return 0; /* the others are write-only; the temporary register holds nothing here */
}

static void bit_write(uint8_t *bits, uint64_t val)
{
    uint8_t bit = (uint8_t)(1u << (val & 3));

    *bits = val & 4 ? *bits | bit : *bits & (uint8_t)~bit;
}

static void control_write(Device *d, unsigned c, unsigned i, uint64_t val)
{
    I8237State *s = state(d);

    switch (i) {
    case STATUS_COMMAND: s->command[c] = (uint8_t)val; break;
    case REQUEST: bit_write(&s->request[c], val); break;
    case MASK_BIT: bit_write(&s->mask[c], val); break;
    case MODE: s->mode[c][val & 3] = val & 0xfc; break;
    case CLEAR_POINTER: s->flipflop[c] = 0; break;
    case MASTER_CLEAR: master_clear(s, c); break;
    case CLEAR_MASK: s->mask[c] = 0; break;
    case MASK_ALL: s->mask[c] = val & 0xf; break;
    }
}

/* clang-format off */
#define CONTROLLER(c) \
    static uint64_t channel##c##_read(Device *d, unsigned i) { return channel_read(d, c, i); } \
    static void channel##c##_write(Device *d, unsigned i, uint64_t v) \
    { channel_write(d, c, i, v); } \
    static uint64_t control##c##_read(Device *d, unsigned i) { return control_read(d, c, i); } \
    static void control##c##_write(Device *d, unsigned i, uint64_t v) \
    { control_write(d, c, i, v); }
/* clang-format on */
CONTROLLER(0)
CONTROLLER(1)

static void reset(Device *d)
{
    master_clear(state(d), 0);
    master_clear(state(d), 1);
}

/* clang-format off */
#define BYTES(n)  1, REG_EXACT, n, 1, REG_NO_VAR, 0, 0xff, 0
#define SPREAD(n) 1, REG_EXACT, n, 2, REG_NO_VAR, 0, 0xff, 0
static const RegDef regs[] = {
    { 0x00, "DMA1_CHANNEL", BYTES(8),  channel0_read, channel0_write, "4.1 (8237A, table 9)" },
    { 0x08, "DMA1_CONTROL", BYTES(8),  control0_read, control0_write, "4.1 (8237A, figure 6)" },
    { 0x20, "DMA2_CHANNEL", SPREAD(8), channel1_read, channel1_write, "4.1 (8237A, table 9)" },
    { 0x30, "DMA2_CONTROL", SPREAD(8), control1_read, control1_write, "4.1 (8237A, figure 6)" },
    { PAGES_OFF, "PAGE", 1, REG_SPAN, PAGES, 1, REG_VAR(I8237, st.page), 0, 0xff, 0, NULL, NULL,
      "4.1" },
};

/* The members of the whole array, row after row. */
#define TABLE(m) { #m, offsetof(I8237, st.m), sizeof(((I8237 *)0)->st.m[0][0]), \
      CONTROLLERS * CHANNELS, UINT64_MAX >> (64 - 8 * sizeof(((I8237 *)0)->st.m[0][0])) }
static const StateField fields[] = {
    TABLE(base_addr), TABLE(base_count), TABLE(addr), TABLE(count), TABLE(mode),
    STATE_ARRAY(I8237, st.command), STATE_ARRAY_MAX(I8237, st.request, 0xf),
    STATE_ARRAY_MAX(I8237, st.mask, 0xf), STATE_ARRAY_MAX(I8237, st.status, 0xf),
    STATE_ARRAY_MAX(I8237, st.flipflop, 1),
};

static const DevWindowDef windows[] = {
    [I8237_LOW]   = { "low", 0, 0x10, false },
    [I8237_HIGH]  = { "high", HIGH_OFF, 0x20, false },
    [I8237_PAGES] = { "pages", PAGES_OFF, PAGES, false },
};

const DeviceType i8237_type = {
    .name = "i8237", .manual = "Intel 290550-002", .window = PAGES_OFF + PAGES, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows), .reset = reset,
    DEVICE_LAYOUT(I8237, st, regs, fields),
};
/* clang-format on */
