/* SPDX-License-Identifier: MIT */
/* machine.c - an interpreter of a small machine through a table of functions. */
#include "tests/bench/bench.h"

enum { STEPS = 10000000, CELLS = 64 };

const char bench_name[] = "int.machine";

typedef struct Cpu {
    uint32_t acc;
    uint32_t pc;
    uint32_t cells[CELLS];
} Cpu;

typedef void Step(Cpu *cpu, uint32_t operand);

static void op_load(Cpu *cpu, uint32_t n) { cpu->acc = cpu->cells[n]; }
static void op_store(Cpu *cpu, uint32_t n) { cpu->cells[n] = cpu->acc; }
static void op_add(Cpu *cpu, uint32_t n) { cpu->acc += cpu->cells[n]; }
static void op_xor(Cpu *cpu, uint32_t n) { cpu->acc ^= cpu->cells[n]; }
static void op_shift(Cpu *cpu, uint32_t n) { cpu->acc = cpu->acc << (n & 7) | cpu->acc >> 27; }
static void op_count(Cpu *cpu, uint32_t n) { cpu->cells[n]++; }
static void op_jump(Cpu *cpu, uint32_t n) { cpu->pc = n; }

static void op_skip(Cpu *cpu, uint32_t n)
{
    if (cpu->acc & 1u << (n & 31)) {
        cpu->pc++;
    }
}

/* Operation in the high byte, operand in the low one. */
static const uint16_t program[] = {
    0x0001, 0x0202, 0x0405, 0x0303, 0x0101, 0x0503, 0x0702, 0x0600,
    0x0004, 0x0201, 0x0104, 0x0705, 0x0404, 0x0307, 0x0102, 0x0600,
};

uint32_t bench_run(void)
{
    static Step *const volatile ops[] = { op_load,  op_store, op_add,  op_xor,
                                          op_shift, op_count, op_jump, op_skip };
    static Cpu cpu;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < CELLS; i++) {
        cpu.cells[i] = i * 40503u;
    }
    for (uint32_t i = 0; i < STEPS; i++) {
        uint16_t word = program[cpu.pc & 15];

        cpu.pc++;
        ops[word >> 8](&cpu, word & 0xff);
    }
    for (int i = 0; i < CELLS; i++) {
        sum = bench_mix(sum, cpu.cells[i]);
    }
    return sum;
}
