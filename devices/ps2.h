/* SPDX-License-Identifier: MIT */
/* ps2.h - a keyboard and a mouse with PS/2 plugs, as parts of a controller. */
#ifndef DEVICES_PS2_H
#define DEVICES_PS2_H

#include <stdbool.h>
#include <stdint.h>

enum { PS2_QUEUE = 32 };

/* Bytes on their way to the host. */
typedef struct Ps2Queue {
    uint8_t byte[PS2_QUEUE];
    uint8_t head, used;
    uint8_t last; /* byte sent, for Resend */
    uint8_t zero;
} Ps2Queue;

typedef struct Ps2Keyboard {
    Ps2Queue out;
    uint8_t command;  /* one that waits for its parameter; 0: none */
    uint8_t scanning; /* 0 or 1 */
    uint8_t set;      /* of scan codes: 1 or 2 */
    uint8_t leds;
} Ps2Keyboard;

typedef struct Ps2Mouse {
    Ps2Queue out;
    uint8_t command;
    uint8_t enabled, remote, wrap, scaling; /* 0 or 1 */
    uint8_t resolution, rate;
    uint8_t id;       /* 0: three buttons; 3: a wheel; 4: five buttons too */
    uint8_t knock[2]; /* the sample rates set last, by which a driver asks for those */
    uint8_t buttons;
    int8_t dz;
    int16_t dx, dy; /* moved since the last report */
    uint16_t zero;
} Ps2Mouse;

/* StateFields of a queue, a keyboard, a mouse that is member @m of T. */
/* clang-format off */
#define PS2_QUEUE_FIELDS(T, m) \
    STATE_ARRAY(T, m.byte), \
    STATE_VAR_MAX(T, m.head, PS2_QUEUE - 1), \
    STATE_VAR_MAX(T, m.used, PS2_QUEUE), \
    STATE_VAR(T, m.last), \
    STATE_VAR_MAX(T, m.zero, 0)
#define PS2_KEYBOARD_FIELDS(T, m) \
    PS2_QUEUE_FIELDS(T, m.out), \
    STATE_VAR(T, m.command), \
    STATE_VAR_MAX(T, m.scanning, 1), \
    STATE_VAR_MAX(T, m.set, 2), \
    STATE_VAR(T, m.leds)
#define PS2_MOUSE_FIELDS(T, m) \
    PS2_QUEUE_FIELDS(T, m.out), \
    STATE_VAR(T, m.command), \
    STATE_VAR_MAX(T, m.enabled, 1), \
    STATE_VAR_MAX(T, m.remote, 1), \
    STATE_VAR_MAX(T, m.wrap, 1), \
    STATE_VAR_MAX(T, m.scaling, 1), \
    STATE_VAR(T, m.resolution), \
    STATE_VAR(T, m.rate), \
    STATE_VAR_MAX(T, m.id, 4), \
    STATE_ARRAY(T, m.knock), \
    STATE_VAR_MAX(T, m.buttons, 0x1f), \
    STATE_VAR(T, m.dz), \
    STATE_VAR(T, m.dx), \
    STATE_VAR(T, m.dy), \
    STATE_VAR_MAX(T, m.zero, 0)
/* clang-format on */

/* The oldest byte, removed; the queue is not empty. */
uint8_t ps2_take(Ps2Queue *q);

void ps2_keyboard_reset(Ps2Keyboard *k);
void ps2_keyboard_command(Ps2Keyboard *k, uint8_t byte);

/**
 * ps2_key - a key goes down or up.
 * @code: of scan code set 2; 0xe0xx with its prefix
 */
void ps2_key(Ps2Keyboard *k, uint16_t code, bool down);

void ps2_mouse_reset(Ps2Mouse *m);
void ps2_mouse_command(Ps2Mouse *m, uint8_t byte);

/* It moves: right, up, wheel towards the hand are positive. @buttons: left, right, middle, 4, 5. */
void ps2_move(Ps2Mouse *m, int dx, int dy, int dz, uint8_t buttons);

/* What the controller makes of a byte of set 2 when it translates to set 1. */
uint8_t ps2_translate(uint8_t code);

#endif
