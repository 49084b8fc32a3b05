/* SPDX-License-Identifier: MIT */
/* cp0.c - the registers of coprocessor 0: reads, writes, reset. */
#include "frontend/mips/cp0_priv.h"

#include "frontend/mips/lift.h"

/* ---- TLB registers ---- */

/* The next power of two is what an index can hold; beyond the entries it is UNPREDICTABLE. */
static uint32_t index_mask(const MipsCpu *cpu) { return cpu->model->tlb_entries - 1; }

static void write_index(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.index = (cpu->cp0.index & 1u << 31) | (value & index_mask(cpu));
}

/* It steps when used and when looked at: it is seen to move, and to be the same in every run. */
static uint32_t read_random(MipsCpu *cpu) { return mips_tlb_random(cpu); }

/* 9.7: pairs of ones from below; other values are UNDEFINED: the ones above the first gap count
 * for nothing. */
static void write_pagemask(MipsCpu *cpu, uint32_t value)
{
    uint32_t mask = 0;

    for (uint32_t pair = 3u << 13; (value & pair) == pair && mask != 0x1fffe000; pair <<= 2) {
        mask |= pair;
    }
    cpu->cp0.pagemask = mask;
}

/* 9.9: a write sets Random to its upper bound. */
static void write_wired(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.wired = value & index_mask(cpu);
    cpu->cp0.random = cpu->model->tlb_entries - 1;
}

static void write_entryhi(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.entryhi = value;
    mips_update(cpu);
}

/* ---- control ---- */

static void write_hwrena(MipsCpu *cpu, uint32_t value)
{
    cpu->cp0.hwrena = (cpu->features & MIPS_USERLOCAL) != 0 ? value : value & 0xf;
}

static void write_status(MipsCpu *cpu, uint32_t value)
{
    uint32_t mask = cpu->model->status_write, old = cpu->cp0.status;

    /* 9.26: software can clear TS, SR and NMI, not set them. */
    cpu->cp0.status = (value & mask) | (old & ~mask);
    cpu->cp0.status &= ~(old & ~value & (STATUS_TS | STATUS_SR | STATUS_NMI));
    if (((old ^ cpu->cp0.status) & ~(uint32_t)(STATUS_IE | 0xff00)) != 0) {
        mips_update(cpu);
    } else { /* neither mode word nor view: what kernels change most */
        mips_update_irq(cpu);
    }
}

static void write_intctl(MipsCpu *cpu, uint32_t value)
{
    if ((cpu->features & MIPS_VINT) != 0) {
        cpu->cp0.intctl = (cpu->cp0.intctl & ~0x3e0u) | value;
    }
}

static uint32_t read_cause(MipsCpu *cpu) { return mips_cause(cpu); }

static void write_cause(MipsCpu *cpu, uint32_t value)
{
    uint32_t mask = 0x08800300;

    if ((cpu->features & MIPS_R2) == 0) {
        mask &= ~(uint32_t)CAUSE_DC;
    }
    if (((value ^ cpu->cp0.cause) & mask & CAUSE_DC) != 0) {
        mips_count_stop(cpu, (value & CAUSE_DC) != 0);
    }
    cpu->cp0.cause = (cpu->cp0.cause & ~mask) | (value & mask);
    cpu->cp0.cause &= value | ~(uint32_t)CAUSE_WP; /* 9.32: can be cleared, not set */
    mips_update_irq(cpu);
}

static uint32_t read_count(MipsCpu *cpu) { return mips_count_seen(cpu); }

static uint32_t read_lladdr(MipsCpu *cpu) { return cpu->cp0.lladdr; }

/* 9.45: ISAOnExc can be written where there are two ISAs to choose from. */
static void write_config3(MipsCpu *cpu, uint32_t value)
{
    if ((cpu->features & MIPS_MM) != 0) {
        cpu->cp0.config3 = (cpu->cp0.config3 & ~(uint32_t)CONFIG3_ISAONEXC) | value;
    }
}

/* clang-format off */
#define WATCH(n) \
    static void write_watchlo##n(MipsCpu *cpu, uint32_t v) { mips_watchlo_write(cpu, n, v); } \
    static void write_watchhi##n(MipsCpu *cpu, uint32_t v) { mips_watchhi_write(cpu, n, v); }
WATCH(0)
WATCH(1)
WATCH(2)
WATCH(3)
#undef WATCH
/* clang-format on */

/* Config.BE is the board's pin; AR says which release. */
static uint32_t reset_config(const MipsCpu *cpu)
{
    return cpu->model->config0 | (cpu->big_endian ? 1u << 15 : 0)
           | ((cpu->features & MIPS_R2) != 0 ? 1u << 10 : 0);
}

/* ---- the table ---- */

/* clang-format off */
#define PLAIN NULL
static const MipsCp0Reg regs[N_CP0] = {
#define CP0(name, number, sel, member, reset, mask, read, write, after, feature, spec) \
    { { #name, #number ", " #sel, SENS_PRIVILEGED, \
        sizeof(#read #write) == sizeof("PLAINPLAIN") ? HOW_INLINE : HOW_CALLOUT, true, spec }, \
      number, sel, CP0_##after, feature, offsetof(MipsCpu, cp0.member), mask, read, write },
#include "frontend/mips/cp0.def"
};
/* clang-format on */

const MipsCp0Reg *mips_cp0_reg(unsigned i)
{
    g_assert(i < N_CP0);
    return &regs[i];
}

const InsnInfo *mips_cp0_insn(unsigned i) { return &mips_cp0_reg(i)->info; }

unsigned mips_cp0_index(const MipsCp0Reg *reg) { return (unsigned)(reg - regs); }

const MipsCp0Reg *mips_cp0_find(uint32_t features, unsigned number, unsigned sel)
{
    for (unsigned i = 0; i < N_CP0; i++) {
        const MipsCp0Reg *r = &regs[i];

        if (r->number == number && r->sel == sel && (r->feature & ~features) == 0) {
            return r;
        }
    }
    return NULL;
}

static uint32_t *storage(MipsCpu *cpu, const MipsCp0Reg *reg)
{
    return (uint32_t *)(void *)((char *)cpu + reg->offset);
}

uint32_t mips_cp0_read(MipsCpu *cpu, const MipsCp0Reg *reg)
{
    return reg->read ? reg->read(cpu) : *storage(cpu, reg);
}

void mips_cp0_write(MipsCpu *cpu, const MipsCp0Reg *reg, uint32_t value)
{
    if (reg->write) {
        reg->write(cpu, value & reg->write_mask);
    } else {
        uint32_t *p = storage(cpu, reg);

        *p = (*p & ~reg->write_mask) | (value & reg->write_mask);
    }
}

static bool has(const MipsCpu *cpu, unsigned row)
{
    return (regs[row].feature & ~cpu->features) == 0;
}

void mips_cp0_reset(MipsCpu *cpu)
{
    const MipsModel *m = cpu->model;

#define CP0(name, number, sel, member, reset, mask, read, write, after, feature, spec) \
    cpu->cp0.member = has(cpu, CP0_##name) ? (uint32_t)(reset) : 0;
#include "frontend/mips/cp0.def"
    mips_watch_reset(cpu);
}

/* ---- routines called by translated code ---- */

/* @a: row; @b: instructions retired. */
uint64_t mips_help_cp0_read(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    vcpu_cold(v)->now_count = b;
    return mips_cp0_read(mips_cpu(v), mips_cp0_reg((unsigned)a));
}

/* @a: value; @b: row; @c: instructions retired. */
uint64_t mips_help_cp0_write(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    vcpu_cold(v)->now_count = c;
    mips_cp0_write(mips_cpu(v), mips_cp0_reg((unsigned)b), (uint32_t)a);
    return 0;
}

/* The same where the next instruction, @c its pc and mode word, is read anew. */
uint64_t mips_help_cp0_move(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    v->pc = ir_pc_va(c);
    v->mode = ir_pc_mode(c);
    mips_cp0_write(mips_cpu(v), mips_cp0_reg((unsigned)b), (uint32_t)a);
    return 0;
}

/* A register without a row: @a its number * 8 and sel, @b the address. */
uint64_t mips_help_cp0_unknown(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    log_msg(vcpu_cold(v)->log, LOG_UNIMP, "%08x: no register %u, %u of coprocessor 0: 0\n", (Gva)b,
            (unsigned)(a >> 3), (unsigned)(a & 7));
    return 0;
}
