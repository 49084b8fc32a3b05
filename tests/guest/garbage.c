/* SPDX-License-Identifier: MIT */
/*
 * garbage.c - the MMU turned on over random tables (ARM DDI 0406C.d B3.5.1, B3.13.3).
 * Only the program's own sections are sound. Each MiB is read, written and executed; the faults are
 * counted by status. What is sound by chance is read only if it is RAM.
 */
#include "guest.h"

enum { STATUS = 32, KEPT_FROM = 0x400, KEPT_TO = 0x420 };

SNIPPET(load, "", "ldrb r1, [r0]", "");
SNIPPET(store, "", "strb r1, [r0]", "");
SNIPPET(go, "", "bx r0", "");

static uint32_t state = 0x2545f491;

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* What a random descriptor points at: RAM, or nothing, which QEMU's board has in fewer places. */
static uint32_t aimed(uint32_t x, uint32_t ram)
{
    return (x & 0xfffff) | (x >> 31 ? 0x0b000000 : ram) | (x & 0xf00000 & ram);
}

static void fill(void)
{
    for (uint32_t mib = 0; mib < 4096; mib++) {
        uint32_t x = draw();

        if (mib != UART >> 20 && !(mib >= KEPT_FROM && mib < KEPT_TO)) {
            uint32_t super = (x & 0x40002) == 0x40002 ? 0x1e0 : 0;

            map_section(mib << 20, aimed(x, (x & 3) == 1 ? 0x43f00000 : 0x42000000) & ~super);
        }
    }
    /* The board's device tree may be here. */
    for (uint32_t at = 0x42000000; at < 0x42100000; at += 4) {
        write32(at, 0);
    }
    for (uint32_t at = 0x43f00000; at < 0x44000000; at += 4) {
        write32(at, aimed(draw(), 0x42000000));
    }
}

static void count(const char *what, const void *f, bool fetch)
{
    static volatile uint32_t status[STATUS];
    uint32_t none = 0, other = 0;

    for (uint32_t mib = 0; mib < 4096; mib++) {
        if (mib == UART >> 20 || (mib >= KEPT_FROM && mib < KEPT_TO)) {
            continue;
        }
        if (!attempt(f, mib << 20, 0, 0)) {
            none++;
        } else if (trap.kind == (fetch ? TRAP_PABT : TRAP_DABT)) {
            uint32_t fsr = fetch ? trap.ifsr : trap.dfsr;

            status[(fsr & 15) | (fsr >> 6 & 16)]++;
        } else {
            other++;
        }
    }
    say("%s: none %u, other %u", what, none, other);
    for (uint32_t k = 0; k < STATUS; k++) {
        if (status[k]) {
            say(", %x: %u", k, status[k]);
            status[k] = 0;
        }
    }
    say("\n");
}

int main(void)
{
    mmu_tables();
    fill();
    mmu_on();
    set_dacr(0x1b1b1b1d);
    count("load", load, false);
    set_dacr(0x55555555);
    count("load, all clients", load, false);
    set_sctlr(get_sctlr() | 1u << 29);
    set_tlbiall(0);
    count("load, access flag", load, false);
    set_dacr(1);
    count("store, one domain", store, false);
    count("fetch, one domain", go, true);
    return 0;
}
