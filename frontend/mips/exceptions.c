/* SPDX-License-Identifier: MIT */
/* exceptions.c - exceptions raised, taken and logged; interrupts; ERET and its kin. */
#include "base/bits.h"
#include "frontend/mips/lift_insn_priv.h"
#include "frontend/mips/mips_priv.h"

enum { DEBUG_VECTOR = 0xbfc00480 - 0xbfc00000, BEV_BASE = 0x200 };
#define BOOT 0xbfc00000u

void mips_raise(Vcpu *v, uint32_t kind, Gva address, uint32_t syndrome)
{
    vcpu_cold(v)->fault = (VcpuFault){ .kind = kind, .address = address, .syndrome = syndrome };
    v->leave = LEAVE_FAULT;
}

static bool is_tlb(uint32_t kind)
{
    return kind == MIPS_EXC_MOD || kind == MIPS_EXC_TLBL || kind == MIPS_EXC_TLBS;
}

static bool is_address(uint32_t kind) { return kind == MIPS_EXC_ADEL || kind == MIPS_EXC_ADES; }

/* Index in VcpuCold.exceptions. */
static uint32_t number(const VcpuFault *f)
{
    return is_tlb(f->kind) && f->syndrome == MIPS_NO_MATCH ? MIPS_EXC_REFILL : f->kind;
}

static void log_entry(const MipsCpu *cpu, const VcpuFault *f)
{
    Log *log = vcpu_cold((Vcpu *)(uintptr_t)&cpu->v)->log;

    if (log_on_at(log, LOG_INT, cpu->v.pc)) {
        const char *slot = (cpu->v.mode & MIPS_MODE_SLOT) != 0 ? " in a delay slot" : "";

        log_write(log, "%s at pc %08x%s status %08x: address %08x syndrome %#x\n",
                  mips_isa.exceptions[number(f)], cpu->v.pc, slot, cpu->cp0.status, f->address,
                  f->syndrome);
    }
}

/* Where execution starts again: the instruction, or the branch whose delay slot it is in; bit 0 is
 * the ISA mode. */
static uint32_t restart(const MipsCpu *cpu)
{
    Gva pc = cpu->v.pc;

    if ((cpu->v.mode & MIPS_MODE_SLOT) != 0) {
        pc -= (cpu->v.mode & MIPS_MODE_SLOT2) != 0 ? 2 : 4;
    }
    return pc | (cpu->v.mode & MIPS_MODE_ISA);
}

/* Continues in a handler, in the ISA mode that Config3 says: 9.45, ISAOnExc. */
static void go_on_at(MipsCpu *cpu, Gva pc)
{
    cpu->v.pc = pc;
    cpu->v.mode &= ~(uint32_t)(MIPS_MODE_SLOTS | MIPS_MODE_ISA);
    cpu->v.mode |= (cpu->cp0.config3 & CONFIG3_ISAONEXC) != 0 ? MIPS_MODE_ISA : 0;
    mips_update(cpu);
}

/* MD00047 5.3: into Debug Mode, or anew within. */
static void enter_debug(MipsCpu *cpu, uint32_t why, uint32_t code)
{
    uint32_t *debug = &cpu->cp0.debug;

    *debug &= ~(uint32_t)(0x3f | DEBUG_DEXCCODE | DEBUG_DBD);
    *debug |= why | code << 10;
    *debug |= (cpu->v.mode & MIPS_MODE_SLOT) != 0 ? DEBUG_DBD : 0;
    *debug |= DEBUG_DM;
    cpu->cp0.depc = restart(cpu);
    go_on_at(cpu, BOOT + DEBUG_VECTOR);
}

/* MD00090 6.1.2, table 6.4, and 6.2.1: what vectored interrupts add to the offset 0x200; nothing
 * while Status.BEV is set. */
static uint32_t vector_offset(const MipsCpu *cpu)
{
    uint32_t pending = mips_cause(cpu) & cpu->cp0.status & 0xff00;
    uint32_t spacing = cpu->cp0.intctl & 0x3e0;

    if (spacing == 0 || (cpu->cp0.status & STATUS_BEV) != 0) {
        return 0;
    }
    return (63 - bits_clz64(pending >> CAUSE_IP_SHIFT)) * spacing;
}

static Gva vector(const MipsCpu *cpu, const VcpuFault *f)
{
    uint32_t offset = 0x180;
    bool nested = (cpu->cp0.status & STATUS_EXL) != 0;
    Gva base = (cpu->features & MIPS_R2) != 0 ? cpu->cp0.ebase & 0xfffff000u : 0x80000000u;

    if (!nested && number(f) == MIPS_EXC_REFILL) {
        offset = 0;
    } else if (f->kind == MIPS_EXC_INT && (cpu->cp0.cause & CAUSE_IV) != 0) {
        offset = 0x200 + vector_offset(cpu);
    }
    return ((cpu->cp0.status & STATUS_BEV) != 0 ? BOOT + BEV_BASE : base) + offset;
}

/* 9.14, 9.4, 9.17 */
static void set_address(MipsCpu *cpu, const VcpuFault *f)
{
    MipsCp0 *c = &cpu->cp0;

    if (!is_tlb(f->kind) && !is_address(f->kind)) {
        return;
    }
    c->badvaddr = f->address;
    if (is_tlb(f->kind)) {
        c->context = (c->context & 0xff800000) | (f->address >> 13 << 4);
        c->entryhi = (f->address & ENTRYHI_VPN2) | (c->entryhi & ENTRYHI_ASID);
    }
}

/* MD00090 6.2.1, General exception processing */
static void enter(MipsCpu *cpu, const VcpuFault *f)
{
    MipsCp0 *c = &cpu->cp0;
    Gva to;

    log_entry(cpu, f);
    vcpu_cold(&cpu->v)->exceptions[number(f)]++;
    if (f->kind == MIPS_EXC_DEBUG) {
        enter_debug(cpu, f->syndrome, 0);
        return;
    }
    if (mips_debug_mode(cpu)) {
        enter_debug(cpu, 0, f->kind);
        return;
    }
    to = vector(cpu, f);
    set_address(cpu, f);
    if ((c->status & STATUS_EXL) == 0) {
        c->epc = restart(cpu);
        c->cause &= ~CAUSE_BD;
        c->cause |= (cpu->v.mode & MIPS_MODE_SLOT) != 0 ? CAUSE_BD : 0;
    }
    c->cause &= ~(uint32_t)(0x1f << CAUSE_EXCCODE_SHIFT | 3u << CAUSE_CE_SHIFT);
    c->cause |= f->kind << CAUSE_EXCCODE_SHIFT;
    c->cause |= f->kind == MIPS_EXC_CPU ? f->syndrome << CAUSE_CE_SHIFT : 0;
    c->status |= STATUS_EXL;
    go_on_at(cpu, to);
}

/* LWL, LWR, SWL and SWR access the aligned word, and BadVAddr is the address they compute: its low
 * bits are put back. Registers are as before the instruction. */
static void put_back_low_bits(MipsCpu *cpu, VcpuFault *f)
{
    uint8_t bytes[4];
    MipsPart part;
    Gva va;

    if ((f->address & 3) != 0 || !(is_tlb(f->kind) || is_address(f->kind))
        || mmu_peek(&cpu->v, cpu->v.pc, bytes, 4) != 4
        || !mips_accesses_part(bytes, cpu->v.mode, &part)) {
        return;
    }
    va = cpu->r[part.base] + part.offset;
    f->address = (va & ~3u) == f->address ? va : f->address;
}

void mips_deliver(Vcpu *v)
{
    VcpuFault f = vcpu_cold(v)->fault;

    v->leave = LEAVE_NO;
    v->budget--;
    mips_cpu(v)->halted = 0;
    put_back_low_bits(mips_cpu(v), &f);
    enter(mips_cpu(v), &f);
}

static bool irq_pending(const MipsCpu *cpu)
{
    return (mips_cause(cpu) & cpu->cp0.status & 0xff00) != 0;
}

/* 9.26: IE, EXL, ERL and Debug Mode mask them. */
bool mips_interrupt(Vcpu *v)
{
    MipsCpu *cpu = mips_cpu(v);
    VcpuFault f = { .kind = MIPS_EXC_INT };

    if ((v->attention & ATTN_IRQ) == 0) {
        return false;
    }
    if (!irq_pending(cpu) || (cpu->cp0.status & (STATUS_IE | STATUS_EXL | STATUS_ERL)) != STATUS_IE
        || mips_debug_mode(cpu)) {
        f.kind = MIPS_EXC_WATCH; /* table 6.1: a deferred one comes behind interrupts */
        if (!mips_watch_is_due(cpu)) {
            return false;
        }
    }
    v->budget--;
    cpu->halted = 0;
    enter(cpu, &f);
    return true;
}

/* WAIT: it ends for an interrupt that IM allows, also while IE does not (Config7.WII). */
bool mips_wakes(const Vcpu *v)
{
    const MipsCpu *cpu = (const MipsCpu *)(const void *)v;

    return (v->attention & ATTN_IRQ) != 0 && (irq_pending(cpu) || mips_watch_is_due(cpu));
}

void mips_set_irq(Vcpu *v, unsigned line, bool level)
{
    MipsCpu *cpu = mips_cpu(v);

    g_assert(line < MIPS_LINES);
    cpu->irq_level = (cpu->irq_level & ~(1u << line)) | (uint32_t)level << line;
    mips_update_irq(cpu);
}

unsigned mips_rewind(Vcpu *v)
{
    MipsCpu *cpu = mips_cpu(v);

    if ((v->mode & MIPS_MODE_SLOT) == 0) {
        return 0;
    }
    v->pc = restart(cpu) & ~(v->mode & MIPS_MODE_ISA);
    v->mode &= ~(uint32_t)MIPS_MODE_SLOTS;
    return 1;
}

/* ---- routines called by translated code ---- */

/* @a: kind; @b: syndrome; @c: address. */
uint64_t mips_help_raise(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    mips_raise(v, (uint32_t)a, (Gva)c, (uint32_t)b);
    return 0;
}

/* SYSCALL: @a: its own pc and mode word. It and the exception entry count as one. */
uint64_t mips_help_syscall(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    static const VcpuFault f = { .kind = MIPS_EXC_SYS };

    (void)b, (void)c;
    v->pc = ir_pc_va(a);
    v->mode = ir_pc_mode(a);
    enter(mips_cpu(v), &f);
    return 0;
}

/* Where a register says to go on: bit 0 is the ISA mode, where there is one. */
static void return_to(MipsCpu *cpu, uint32_t to)
{
    cpu->v.mode &= ~(uint32_t)(MIPS_MODE_SLOTS | MIPS_MODE_ISA);
    if ((cpu->features & MIPS_ISA16) != 0) {
        cpu->v.mode |= to & MIPS_MODE_ISA;
        to &= ~1u;
    }
    cpu->v.pc = to;
    mips_update(cpu);
}

uint64_t mips_help_eret(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);
    bool error = (cpu->cp0.status & STATUS_ERL) != 0;

    (void)a, (void)b, (void)c;
    cpu->cp0.status &= ~(uint32_t)(error ? STATUS_ERL : STATUS_EXL);
    cpu->llbit = 0;
    return_to(cpu, error ? cpu->cp0.errorepc : cpu->cp0.epc);
    return 0;
}

uint64_t mips_help_deret(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);

    (void)a, (void)b, (void)c;
    if (!mips_debug_mode(cpu)) { /* MD00047 DERET */
        mips_raise(v, MIPS_EXC_RI, 0, 0);
        return 0;
    }
    cpu->cp0.debug &= ~(uint32_t)DEBUG_DM;
    return_to(cpu, cpu->cp0.depc);
    return 0;
}
