/* SPDX-License-Identifier: MIT */
/* modes.c - segments, control registers, the mode word and view that follow. */
#include <string.h>

#include "base/bits.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"

/* ---- segments ---- */

static bool is_data(uint32_t attr) { return (attr & SEG_CODE) == 0; }

/* Vol. 3 5.3. Expand-down: from limit + 1 to 64 KiB or 4 GiB, by B. */
void x86_seg_derive(X86Seg *seg)
{
    seg->first = 0;
    seg->last = seg->limit;
    if ((seg->attr & SEG_UNUSABLE) != 0) {
        seg->first = 1;
        seg->last = 0;
    } else if (is_data(seg->attr) && (seg->attr & SEG_DOWN) != 0) {
        seg->last = (seg->attr & SEG_DB) != 0 ? UINT32_MAX : 0xffff;
        seg->first = seg->limit + 1;
        if (seg->limit >= seg->last) {
            seg->first = 1;
            seg->last = 0;
        }
    }
}

bool x86_seg_holds(const X86Seg *seg, uint32_t off, unsigned bytes)
{
    if (off < seg->first || off > seg->last) {
        return false;
    }
    return seg->last - off >= bytes - 1 || (seg->last == UINT32_MAX && seg->first == 0);
}

void x86_seg_from_descriptor(X86Seg *seg, uint32_t selector, uint32_t low, uint32_t high)
{
    X86Descriptor d = { .low = low, .high = high };

    seg->selector = selector;
    seg->base = x86_desc_base(&d);
    seg->limit = x86_desc_limit(&d);
    seg->attr = high >> 8 & 0xf0ff;
    x86_seg_derive(seg);
}

void x86_seg_null(X86Seg *seg, uint32_t selector)
{
    *seg = (X86Seg){ .selector = selector, .attr = SEG_UNUSABLE };
    x86_seg_derive(seg);
}

/* Vol. 3 20.1.1: base only; the limit stays what it was, so that 4 GiB limits set in protected mode
 * live on. 20.2: virtual-8086 mode sets all. */
void x86_seg_real(X86Cpu *cpu, unsigned s, uint32_t selector)
{
    X86Seg *seg = &cpu->seg[s];

    seg->selector = selector & 0xffff;
    seg->base = seg->selector << 4;
    if (x86_vm86(cpu)) {
        seg->limit = 0xffff;
        seg->attr = SEG_P | 3 << SEG_DPL_SHIFT | SEG_S | SEG_WRITABLE | SEG_ACCESSED;
    } else if ((seg->attr & SEG_UNUSABLE) != 0) {
        seg->limit = 0xffff; /* a null selector left by protected mode */
        seg->attr = SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED;
    }
    x86_seg_derive(seg);
}

static inline bool is_open(const X86Seg *seg)
{
    const uint32_t all = SEG_CODE | SEG_WRITABLE | SEG_P, data = SEG_WRITABLE | SEG_P;

    return seg->first == 0 && seg->last == UINT32_MAX && (seg->attr & all) == data;
}

static inline bool is_flat_data(const X86Seg *seg) { return seg->base == 0 && is_open(seg); }

static inline bool is_flat_code(const X86Seg *seg)
{
    const uint32_t readable = SEG_CODE | SEG_WRITABLE;

    return seg->base == 0 && seg->last == UINT32_MAX && (seg->attr & readable) == readable;
}

bool x86_seg_is_open(const X86Seg *seg) { return is_open(seg); }

bool x86_seg_is_flat(const X86Seg *seg, bool code)
{
    return code ? is_flat_code(seg) : is_flat_data(seg);
}

/* ---- the mode word ---- */

static uint32_t segment_bits(const X86Cpu *cpu)
{
    uint32_t m = 0;

    m |= (cpu->seg[SEG_CS].attr & SEG_DB) == 0 || x86_vm86(cpu) ? MODE_C16 : 0;
    m |= (cpu->seg[SEG_SS].attr & SEG_DB) == 0 || x86_vm86(cpu) ? MODE_S16 : 0;
    if (!x86_has_descriptors(cpu)) {
        return m | MODE_SEGS | MODE_FS | MODE_GS;
    }
    if (!is_flat_code(&cpu->seg[SEG_CS]) || !is_flat_data(&cpu->seg[SEG_DS])
        || !is_flat_data(&cpu->seg[SEG_ES]) || !is_flat_data(&cpu->seg[SEG_SS])) {
        m |= MODE_SEGS;
    }
    m |= is_open(&cpu->seg[SEG_FS]) ? 0 : MODE_FS;
    return m | (is_open(&cpu->seg[SEG_GS]) ? 0 : MODE_GS);
}

bool x86_segment_fits(const X86Cpu *cpu, unsigned s, uint32_t mode)
{
    const uint32_t bits = MODE_C16 | MODE_S16 | MODE_SEGS | MODE_FS | MODE_GS;

    if (s >= SEG_FS && x86_has_descriptors(cpu)) {
        return is_open(&cpu->seg[s]) == ((mode & (s == SEG_FS ? MODE_FS : MODE_GS)) == 0);
    }
    return ((segment_bits(cpu) ^ mode) & bits) == 0;
}

static uint32_t privilege_bits(const X86Cpu *cpu)
{
    uint32_t m = cpu->cpl == 3 ? MODE_USER : cpu->cpl << MODE_CPL12_SHIFT;

    m |= !x86_protected(cpu) ? MODE_REAL : 0;
    m |= x86_vm86(cpu) ? MODE_VM : 0;
    m |= cpu->cpl != 0 && cpu->cpl <= x86_iopl(cpu) ? MODE_IO : 0;
    return m | (x86_checks_alignment(cpu) ? MODE_ALIGN : 0);
}

static uint32_t fp_bits(const X86Cpu *cpu)
{
    uint32_t m = (cpu->cr0 & (CR0_TS | CR0_EM)) != 0 ? MODE_NOFP : 0;

    m |= (cpu->cr4 & CR4_OSFXSR) == 0 ? MODE_NOSSE : 0;
    m |= (~cpu->fpu.control & 0x3f) != 0 ? MODE_X87TRAP : 0;
    m |= x86_sse_can_trap(cpu) ? MODE_SSETRAP : 0;
    return m | ((cpu->cr0 & CR0_MP) != 0 && (cpu->cr0 & CR0_TS) != 0 ? MODE_MP_TS : 0);
}

/* Vol. 3 17.2.4: L and G bits. */
static uint32_t debug_bits(const X86Cpu *cpu)
{
    uint32_t m = (cpu->eflags & EFL_TF) != 0 ? MODE_TF : 0;

    return m | ((cpu->dr[7] & 0xff) != 0 ? MODE_BREAK : 0);
}

void x86_update(X86Cpu *cpu)
{
    ViewKey system, user;
    uint32_t mode = 0;

    x86_view_keys(cpu, &system, &user);
    mode |= segment_bits(cpu) | privilege_bits(cpu) | fp_bits(cpu) | debug_bits(cpu);
    cpu->v.mode = mode;
    mmu_select(cpu->mmu, cpu->cpl == 3 ? user : system, system, mode & X86_LOOKUP_MODE);
}

bool x86_trap_turned(X86Cpu *cpu, bool before)
{
    uint16_t tag = (uint16_t)(cpu->v.lookup_ctx >> 32);

    if (((~cpu->fpu.control & 0x3f) != 0) == before) {
        return false;
    }
    mmu_set_mode_tag(cpu->mmu, tag ^ MODE_X87TRAP);
    return true;
}

/* RF lasts until the next instruction has been executed, and is seen at breakpoints only. */
void x86_drop_rf(X86Cpu *cpu)
{
    if ((cpu->v.mode & MODE_BREAK) == 0) {
        cpu->eflags &= ~(uint32_t)EFL_RF;
    }
}

void x86_moved(X86Cpu *cpu, uint32_t eip, uint32_t mode)
{
    x86_update(cpu);
    cpu->v.pc = cpu->seg[SEG_CS].base + eip;
    if ((mode & MODE_TF) != 0) {
        cpu->v.mode |= MODE_TRAP; /* 17.3.1.1: its image has the RF that IRET has loaded */
    } else {
        x86_drop_rf(cpu);
    }
}

void x86_set_cpl(X86Cpu *cpu, uint32_t cpl) { cpu->cpl = cpl; }

/* ---- control registers ---- */

/* Vol. 3 4.10.4: changes of PE, PG, and of CR4's paging bits, empty the TLBs. */
void x86_set_cr0(X86Cpu *cpu, uint32_t value)
{
    uint32_t changed = cpu->cr0 ^ value;

    cpu->cr0 = value | CR0_ET;
    if ((changed & (CR0_PG | CR0_PE)) != 0) {
        mmu_flush_all(cpu->mmu);
    }
    if ((changed & CR0_PE) != 0) {
        cpu->cpl = 0;
    }
    if ((changed & CR0_NE) != 0) {
        x87_settle_ferr(cpu);
    }
}

void x86_set_cr3(X86Cpu *cpu, uint32_t value)
{
    cpu->cr3 = value;
    mmu_sync_tables(cpu->mmu);
}

void x86_set_cr4(X86Cpu *cpu, uint32_t value)
{
    uint32_t changed = cpu->cr4 ^ value;

    cpu->cr4 = value;
    if ((changed & (CR4_PSE | CR4_PAE | CR4_PGE)) != 0) {
        mmu_flush_all(cpu->mmu);
    }
}

void x86_set_a20(X86Cpu *cpu, bool on)
{
    uint32_t mask = on ? UINT32_MAX : ~(1u << 20);

    if (cpu->a20_mask != mask) {
        cpu->a20_mask = mask;
        mmu_flush_all(cpu->mmu);
        cpu->v.attention |= ATTN_STOP; /* links within a page do not ask where it is */
    }
}

void x86_enter_flat(X86Cpu *cpu, uint32_t eip, uint16_t cs, uint16_t ds)
{
    const uint32_t code = SEG_P | SEG_S | SEG_CODE | SEG_WRITABLE | SEG_ACCESSED;
    const uint32_t data = SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED;

    x86_set_cr0(cpu, (cpu->cr0 & ~(CR0_PG | CR0_CD | CR0_NW)) | CR0_PE); /* caches on */
    x86_set_eflags(cpu, EFL_ONE);
    cpu->cpl = 0;
    for (unsigned s = 0; s < N_SEGS; s++) {
        cpu->seg[s] = (X86Seg){ .selector = s == SEG_CS ? cs : ds,
                                .limit = UINT32_MAX,
                                .attr = (s == SEG_CS ? code : data) | SEG_DB | SEG_G };
        x86_seg_derive(&cpu->seg[s]);
    }
    x86_update(cpu);
    cpu->v.pc = eip;
}
