/* SPDX-License-Identifier: MIT */
/* guest.c - what the MIPS guest programs share: text on the UART, power off. */
#include "guest.h"

#include <stdarg.h>

#define PORTS 0xb8000000u /* KSEG1 */
#define GT 0xbbe00000u
enum { UART = 0x3f8, PM = 0x1000, CFGADDR = 0xcf8, CFGDATA = 0xcfc };

static void out8(uint32_t port, uint32_t v) { *(volatile uint8_t *)(PORTS + port) = (uint8_t)v; }

/* The system controller is little-endian. */
static uint32_t le32(uint32_t v)
{
#ifdef __MIPSEB__
    return v >> 24 | (v >> 8 & 0xff00) | (v & 0xff00) << 8 | v << 24;
#else
    return v;
#endif
}

static uint16_t le16(uint16_t v)
{
#ifdef __MIPSEB__
    return (uint16_t)(v >> 8 | v << 8);
#else
    return v;
#endif
}

static void config(uint32_t address, uint32_t v)
{
    *(volatile uint32_t *)(GT + CFGADDR) = le32(address);
    *(volatile uint32_t *)(GT + CFGDATA) = le32(v);
}

/* PIIX4's power management: at port 0x1000, soft-off. */
_Noreturn void power_off(void)
{
    config(0x80005340, PM);
    config(0x80005380, 1);
    *(volatile uint16_t *)(PORTS + PM + 4) = le16(0x2000);
    for (;;) {
    }
}

static void put(char c) { out8(UART, (uint8_t)c); }

static void number(uint32_t v, uint32_t base, uint32_t digits)
{
    char text[12];
    uint32_t n = 0;

    do {
        text[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v || n < digits);
    while (n > 0) {
        put(text[--n]);
    }
}

void say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
        } else if (*++format == 'x') {
            number(va_arg(ap, uint32_t), 16, 8);
        } else if (*format == 'u') {
            number(va_arg(ap, uint32_t), 10, 1);
        } else {
            for (const char *s = va_arg(ap, const char *); *s; s++) {
                put(*s);
            }
        }
    }
    va_end(ap);
}

void clear_tlb(void)
{
    for (uint32_t i = 0; i < 16; i++) {
        set_entry(i, 0x80000000u + (i << 13), 0, 0, 0);
    }
}

void map_user(void)
{
    enum { KIB_64 = 0x1e000, V_D_G = 0x1f };

    set_entry(0, 0x00100000, KIB_64, 0x00100000 >> 6 | V_D_G, 0x00110000 >> 6 | V_D_G);
}

void report(const char *what, const void *f, uint32_t a, uint32_t b, const void *at)
{
    if (!attempt(f, a, b)) {
        say("%s: no exception\n", what);
        return;
    }
    say("%s: code %u, delay slot %u, EPC at %x, BadVAddr %x, EXL %u\n", what, trap.cause >> 2 & 31,
        trap.cause >> 31, trap.epc - (uint32_t)(uintptr_t)at, trap.badvaddr, trap.status >> 1 & 1);
}
