/* SPDX-License-Identifier: MIT */
/*
 * i8042.c - the PC's keyboard controller (8042) with keyboard and mouse plugged in.
 * Spec: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device
 * Controller".
 * Differs from the part: a byte takes no time on its way, so that the input buffer is always
 * empty. C1 and C2, which copy input lines to the status, do nothing.
 * Not modelled: the controller's password (A4 to A6), its own memory but byte 0 to 31.
 */
#include "devices/i8042.h"

#include "devices/ps2.h"

enum { /* Status Register */
       ST_OBF = 0x01,
       ST_SYSTEM = 0x04,
       ST_COMMAND = 0x08,
       ST_UNLOCKED = 0x10,
       ST_MOUSE = 0x20,
};

enum { /* Command Byte */
       CB_KEYBOARD_IRQ = 0x01,
       CB_MOUSE_IRQ = 0x02,
       CB_SYSTEM = 0x04,
       CB_NO_KEYBOARD = 0x10,
       CB_NO_MOUSE = 0x20,
       CB_TRANSLATE = 0x40,
};

enum { OUT_NO_RESET = 1, OUT_A20 = 2, OUT_KEYBOARD = 0x10, OUT_MOUSE = 0x20 }; /* Output Port */
enum { RAM_BYTES = 32, BREAK = 0xf0 };

/* Where the byte in the output buffer came from. */
enum { FROM_NOBODY, FROM_KEYBOARD, FROM_MOUSE };

typedef struct I8042State {
    Ps2Keyboard keyboard;
    Ps2Mouse mouse;
    uint8_t ram[RAM_BYTES]; /* byte 0 is the command byte */
    uint8_t data;           /* output buffer */
    uint8_t from;           /* of @data; FROM_NOBODY: it is empty */
    uint8_t command;        /* one that waits for its byte; 0: none */
    uint8_t was_command;    /* 0 or ST_COMMAND: the last write was one */
    uint8_t port;           /* Output Port, the bits that are latches */
    uint8_t breaking;       /* 0 or 0x80: a break prefix is being translated */
    uint8_t zero[2];
} I8042State;

typedef struct I8042 {
    Device dev;
    I8042State st;
} I8042;

static I8042State *state(Device *d) { return &((I8042 *)d)->st; }

static void answer(I8042State *s, uint8_t byte, uint8_t from)
{
    s->data = byte;
    s->from = from;
}

/* "Scan code translation": a prefix and its code are one byte of set 1. False: nothing yet. */
static bool translate(I8042State *s, uint8_t *byte)
{
    if (!(s->ram[0] & CB_TRANSLATE)) {
        return true;
    }
    if (*byte == BREAK) {
        s->breaking = 0x80;
        return false;
    }
    *byte = ps2_translate(*byte) | s->breaking;
    s->breaking = 0;
    return true;
}

/* The next byte of a device comes when the output buffer is empty. */
static void fill(I8042State *s)
{
    while (s->from == FROM_NOBODY && s->keyboard.out.used && !(s->ram[0] & CB_NO_KEYBOARD)) {
        uint8_t byte = ps2_take(&s->keyboard.out);

        if (translate(s, &byte)) {
            answer(s, byte, FROM_KEYBOARD);
        }
    }
    if (s->from == FROM_NOBODY && s->mouse.out.used && !(s->ram[0] & CB_NO_MOUSE)) {
        answer(s, ps2_take(&s->mouse.out), FROM_MOUSE);
    }
}

/* ---- commands ---- */

static void pulse_reset(Device *d)
{
    irq_set(d->irq[I8042_RESET], true);
    irq_set(d->irq[I8042_RESET], false);
}

static void output_port(Device *d, uint8_t val)
{
    state(d)->port = val & (OUT_NO_RESET | OUT_A20);
    if (!(val & OUT_NO_RESET)) {
        state(d)->port |= OUT_NO_RESET;
        pulse_reset(d);
    }
}

static uint8_t output_port_read(const I8042State *s)
{
    return (uint8_t)(s->port | (s->from == FROM_KEYBOARD ? OUT_KEYBOARD : 0)
                     | (s->from == FROM_MOUSE ? OUT_MOUSE : 0));
}

static void ram_write(I8042State *s, unsigned i, uint8_t val)
{
    s->ram[i] = val;
    if (i == 0 && !(val & CB_TRANSLATE)) {
        s->breaking = 0;
    }
}

static void command_write(Device *d, unsigned r, uint64_t val)
{
    I8042State *s = state(d);

    (void)r;
    s->was_command = ST_COMMAND;
    s->command = 0;
    if ((val & 0xe0) == 0x20) {
        answer(s, s->ram[val & 31], FROM_KEYBOARD);
        return;
    }
    if ((val & 0xe0) == 0x60 || val == 0xd1 || val == 0xd2 || val == 0xd3 || val == 0xd4) {
        s->command = (uint8_t)val;
        return;
    }
    switch (val) {
    case 0xa7: s->ram[0] |= CB_NO_MOUSE; break;
    case 0xa8: s->ram[0] &= (uint8_t)~CB_NO_MOUSE; break;
    case 0xa9: answer(s, 0x00, FROM_KEYBOARD); break;
    case 0xaa:
        s->ram[0] |= CB_SYSTEM;
        answer(s, 0x55, FROM_KEYBOARD);
        break;
    case 0xab: answer(s, 0x00, FROM_KEYBOARD); break;
    case 0xad: s->ram[0] |= CB_NO_KEYBOARD; break;
    case 0xae: s->ram[0] &= (uint8_t)~CB_NO_KEYBOARD; break;
    case 0xc0: answer(s, 0x80, FROM_KEYBOARD); break; /* Input Port: not locked */
    case 0xd0: answer(s, output_port_read(s), FROM_KEYBOARD); break;
    case 0xdd: s->port &= (uint8_t)~OUT_A20; break;
    case 0xdf: s->port |= OUT_A20; break;
    case 0xe0: answer(s, 0x00, FROM_KEYBOARD); break; /* Test inputs: both clocks low */
    default:
        if ((val & 0xf1) == 0xf0) {
            pulse_reset(d); /* "Pulse Output Port": bit 0 low is its line */
        }
        break;
    }
}

/* The byte that a command waits for, or one for the keyboard, whose clock then runs. */
static void data_write(Device *d, unsigned r, uint64_t val)
{
    I8042State *s = state(d);
    uint8_t command = s->command;

    (void)r;
    s->was_command = 0;
    s->command = 0;
    switch (command) {
    case 0xd1: output_port(d, (uint8_t)val); break;
    case 0xd2: answer(s, (uint8_t)val, FROM_KEYBOARD); break;
    case 0xd3: answer(s, (uint8_t)val, FROM_MOUSE); break;
    case 0xd4:
        s->ram[0] &= (uint8_t)~CB_NO_MOUSE;
        ps2_mouse_command(&s->mouse, (uint8_t)val);
        break;
    case 0:
        s->ram[0] &= (uint8_t)~CB_NO_KEYBOARD;
        ps2_keyboard_command(&s->keyboard, (uint8_t)val);
        break;
    default: ram_write(s, command & 31, (uint8_t)val); break;
    }
}

static uint64_t data_read(Device *d, unsigned r)
{
    I8042State *s = state(d);

    (void)r;
    s->from = FROM_NOBODY;
    irq_set(d->irq[I8042_KEYBOARD], false); /* the next byte is another edge */
    irq_set(d->irq[I8042_MOUSE], false);
    return s->data;
}

static uint64_t status_read(Device *d, unsigned r)
{
    const I8042State *s = state(d);

    (void)r;
    return ST_UNLOCKED | s->was_command | (s->ram[0] & CB_SYSTEM ? ST_SYSTEM : 0u)
           | (s->from != FROM_NOBODY ? ST_OBF : 0u) | (s->from == FROM_MOUSE ? ST_MOUSE : 0u);
}

/* ---- outputs ---- */

static void settle(Device *d)
{
    I8042State *s = state(d);

    fill(s);
    irq_set(d->irq[I8042_KEYBOARD], s->from == FROM_KEYBOARD && (s->ram[0] & CB_KEYBOARD_IRQ) != 0);
    irq_set(d->irq[I8042_MOUSE], s->from == FROM_MOUSE && (s->ram[0] & CB_MOUSE_IRQ) != 0);
    irq_set(d->irq[I8042_A20], (s->port & OUT_A20) != 0);
}

/* As a PC's firmware leaves it: both devices on, the keyboard translated and interrupting. */
static void reset(Device *d)
{
    I8042State *s = state(d);

    ps2_keyboard_reset(&s->keyboard);
    ps2_mouse_reset(&s->mouse);
    s->ram[0] = CB_KEYBOARD_IRQ | CB_MOUSE_IRQ | CB_SYSTEM | CB_TRANSLATE;
    s->port = OUT_NO_RESET | OUT_A20;
}

void i8042_key(Device *d, uint16_t code, bool down)
{
    ps2_key(&state(d)->keyboard, code, down);
    dev_settle(d);
}

void i8042_move(Device *d, int dx, int dy, int dz, uint8_t buttons)
{
    ps2_move(&state(d)->mouse, dx, dy, dz, buttons);
    dev_settle(d);
}

/* clang-format off */
static const RegDef regs[] = {
    /* off name     shape  variable    reset wmask w1c read         write          spec */
    { 0, "DATA",    REG_8, REG_NO_VAR, 0,    0xff, 0,  data_read,   data_write,    "Data" },
    { 1, "COMMAND", REG_8, REG_NO_VAR, 0,    0xff, 0,  status_read, command_write, "Commands" },
};

static const StateField fields[] = {
    PS2_KEYBOARD_FIELDS(I8042, st.keyboard),
    PS2_MOUSE_FIELDS(I8042, st.mouse),
    STATE_ARRAY(I8042, st.ram),
    STATE_VAR(I8042, st.data),
    STATE_VAR_MAX(I8042, st.from, FROM_MOUSE),
    STATE_VAR(I8042, st.command),
    STATE_VAR_MAX(I8042, st.was_command, ST_COMMAND),
    STATE_VAR(I8042, st.port),
    STATE_VAR_MAX(I8042, st.breaking, 0x80),
    STATE_ARRAY_MAX(I8042, st.zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "data", .off = 0, .size = 1 },
    { .name = "command", .off = 1, .size = 1 },
};

const DeviceType i8042_type = {
    .name = "i8042", .manual = "IBM PS/2 HITR", .window = 2, .bus_bytes = 1, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = N_I8042_LINES,
    .settle = settle, .reset = reset,
    DEVICE_LAYOUT(I8042, st, regs, fields),
};
/* clang-format on */
