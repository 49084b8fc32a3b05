/* SPDX-License-Identifier: MIT */
/*
 * malta_fpga.c - the board registers of MIPS Malta: switches, LEDs, display, reset, I2C lines.
 * Spec: MIPS Malta User's Manual (MD00048), by the names and offsets of its registers.
 * Not modelled: the EEPROM on the I2C lines (nobody acknowledges), the I/O pins of GPOUT, what
 * shows on the front: the display's registers hold it.
 */
#include "devices/malta_fpga.h"

enum { STATUS_BIG_ENDIAN = 2 };
enum { SOFTRES_GO = 0x42, BRKRES_DEFAULT = 0xa };
enum { I2C_LINES = 3 };

typedef struct MaltaFpgaState {
    uint32_t ledbar, asciiword, asciipos[8], brkres, gpout, i2coe, i2cout, i2csel;
    uint32_t zero;
} MaltaFpgaState;

typedef struct MaltaFpga {
    Device dev;
    bool big_endian;
    MaltaFpgaState st;
} MaltaFpga;

static MaltaFpgaState *state(Device *d) { return &((MaltaFpga *)d)->st; }

/* SWITCH, JMPRS, GPINP: all switches off, no jumper; nothing on the input pins. */
static uint64_t zero_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return 0;
}

static uint64_t status_read(Device *d, unsigned i)
{
    (void)i;
    return ((MaltaFpga *)d)->big_endian ? STATUS_BIG_ENDIAN : 0;
}

/* SOFTRES: the magic number resets, others do nothing. */
static void softres_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    if ((val & 0xff) == SOFTRES_GO) {
        irq_set(d->irq[MALTA_FPGA_RESET], true);
        irq_set(d->irq[MALTA_FPGA_RESET], false);
    }
}

/* I2CINP: lines that are not driven are pulled up. */
static uint64_t i2cinp_read(Device *d, unsigned i)
{
    const MaltaFpgaState *s = state(d);

    (void)i;
    return ((s->i2cout & s->i2coe) | ~s->i2coe) & I2C_LINES;
}

void malta_fpga_set_big_endian(Device *d, bool big_endian)
{
    ((MaltaFpga *)d)->big_endian = big_endian;
}

/* clang-format off */
#define V(m)  REG_VAR(MaltaFpga, st.m)
#define N     REG_32_NARROW
#define NONE  REG_NO_VAR
#define ASCII 4, REG_NARROW, 8, 8
#define ANY   0xffffffff
static const RegDef regs[] = {
    /* off   name         shape variable     reset wmask w1c read         write          spec */
    { 0x200, "SWITCH",    N,     NONE,        0,    0,    0,  zero_read,   NULL,          "0x200" },
    { 0x208, "STATUS",    N,     NONE,        0,    0,    0,  status_read, NULL,          "0x208" },
    { 0x210, "JMPRS",     N,     NONE,        0,    0,    0,  zero_read,   NULL,          "0x210" },
    { 0x408, "LEDBAR",    N,     V(ledbar),   0,    0xff, 0,  NULL,        NULL,          "0x408" },
    { 0x410, "ASCIIWORD", N,     V(asciiword), 0,   ANY,  0,  NULL,        NULL,          "0x410" },
    { 0x418, "ASCIIPOS",  ASCII, V(asciipos), 0,    0xff, 0,  NULL,        NULL,          "0x418" },
    { 0x500, "SOFTRES",   N,     NONE,        0,    ANY,  0,  NULL,        softres_write, "0x500" },
    { 0x508, "BRKRES",    N,     V(brkres), BRKRES_DEFAULT, 0xff, 0, NULL, NULL,          "0x508" },
    { 0xa00, "GPOUT",     N,     V(gpout),    0,    0xff, 0,  NULL,        NULL,          "0xa00" },
    { 0xa08, "GPINP",     N,     NONE,        0,    0,    0,  zero_read,   NULL,          "0xa08" },
    { 0xb00, "I2CINP",    N,     NONE,        0,    0,    0,  i2cinp_read, NULL,          "0xb00" },
    { 0xb08, "I2COE",     N,     V(i2coe),    0, I2C_LINES, 0, NULL,       NULL,          "0xb08" },
    { 0xb10, "I2COUT",    N,     V(i2cout), I2C_LINES, I2C_LINES, 0, NULL, NULL,          "0xb10" },
    { 0xb18, "I2CSEL",    N,     V(i2csel),   1,    1,    0,  NULL,        NULL,          "0xb18" },
};

static const StateField fields[] = { STATE_VAR_MAX(MaltaFpga, st.zero, 0) };

static const DevWindowDef windows[] = {
    { .name = "low", .off = 0, .size = 0x900 },
    { .name = "high", .off = 0x940, .size = 0x6c0 },
};

const DeviceType malta_fpga_type = {
    .name = "malta-fpga", .manual = "MD00048", .window = 0x1000, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = N_MALTA_FPGA_LINES,
    DEVICE_LAYOUT(MaltaFpga, st, regs, fields),
};
/* clang-format on */
