/* SPDX-License-Identifier: MIT */
/* x86.h - IA-32 guest: its state, its mode word, what boards call. */
#ifndef FRONTEND_X86_X86_H
#define FRONTEND_X86_X86_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/irq.h"
#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "frontend/x86/x86_isa.h"
#include "translator/ir/isa.h"

/* EFLAGS, SDM Vol. 1 3.4.3. */
enum {
    EFL_CF = 1u << 0,
    EFL_ONE = 1u << 1, /* reads as 1 */
    EFL_PF = 1u << 2,
    EFL_AF = 1u << 4,
    EFL_ZF = 1u << 6,
    EFL_SF = 1u << 7,
    EFL_TF = 1u << 8,
    EFL_IF = 1u << 9,
    EFL_DF = 1u << 10,
    EFL_OF = 1u << 11,
    EFL_IOPL = 3u << 12,
    EFL_IOPL_SHIFT = 12,
    EFL_NT = 1u << 14,
    EFL_RF = 1u << 16,
    EFL_VM = 1u << 17,
    EFL_AC = 1u << 18,
    EFL_VIF = 1u << 19,
    EFL_VIP = 1u << 20,
    EFL_ID = 1u << 21,
    EFL_STATUS = EFL_CF | EFL_PF | EFL_AF | EFL_ZF | EFL_SF | EFL_OF,
};

/* CR0 and CR4, Vol. 3 2.5. */
#define CR0_PG (1u << 31)
enum {
    CR0_PE = 1u << 0,
    CR0_MP = 1u << 1,
    CR0_EM = 1u << 2,
    CR0_TS = 1u << 3,
    CR0_ET = 1u << 4,
    CR0_NE = 1u << 5,
    CR0_WP = 1u << 16,
    CR0_AM = 1u << 18,
    CR0_NW = 1u << 29,
    CR0_CD = 1u << 30,
    CR4_VME = 1u << 0,
    CR4_PVI = 1u << 1,
    CR4_TSD = 1u << 2,
    CR4_DE = 1u << 3,
    CR4_PSE = 1u << 4,
    CR4_PAE = 1u << 5,
    CR4_MCE = 1u << 6,
    CR4_PGE = 1u << 7,
    CR4_PCE = 1u << 8,
    CR4_OSFXSR = 1u << 9,
    CR4_OSXMMEXCPT = 1u << 10,
};

/*
 * The mode word: all that a unit's meaning depends on beside its bytes and addresses. Bits 15
 * to 1 are X86_LOOKUP_MODE; bit 0 stays 0: addresses have it. Flat 32-bit supervisor code has mode
 * 0.
 * Bits 16 and up are rare: indirect branches in such modes go through the dispatcher.
 */
enum {
    MODE_C16 = 1u << 1,  /* CS.D is 0: 16-bit operands and addresses by default */
    MODE_S16 = 1u << 2,  /* SS.B is 0: the stack pointer is SP */
    MODE_USER = 1u << 3, /* CPL 3 */
    MODE_SEGS =
        1u << 4, /* CS, DS, ES or SS is not flat (x86_seg_is_flat()): each access is checked */
    MODE_FS = 1u << 5, /* FS is not open (x86_seg_is_open()): accesses through it are checked */
    MODE_GS = 1u << 6,
    MODE_NOFP = 1u << 7,    /* CR0.TS or CR0.EM: x87, MMX and SSE instructions must ask */
    MODE_X87TRAP = 1u << 8, /* an x87 exception is not masked: instructions must ask */
    MODE_IO = 1u << 9,      /* CPL above 0 and not above IOPL */
    MODE_ALIGN = 1u << 10,  /* CR0.AM, EFLAGS.AC and CPL 3: alignment is checked */
    MODE_NOSSE = 1u << 11,  /* CR4.OSFXSR is 0: SSE instructions are #UD */
    MODE_VM = 1u << 12,     /* EFLAGS.VM */
    MODE_REAL = 1u << 13,   /* CR0.PE is 0 */
    MODE_CPL12 = 3u << 14,  /* CPL if it is 1 or 2, else 0 */
    MODE_CPL12_SHIFT = 14,
    MODE_SSETRAP = 1u << 16,   /* an SSE exception is not masked: instructions must ask */
    MODE_TF = 1u << 18,        /* EFLAGS.TF: #DB behind each instruction */
    MODE_BREAK = 1u << 19,     /* DR7 enables a breakpoint on execution or data */
    MODE_SHADOW = 1u << 20,    /* behind STI: no interrupt is taken before this instruction */
    MODE_SS_SHADOW = 1u << 21, /* behind MOV SS, POP SS: nor a debug trap */
    MODE_MP_TS = 1u << 22,     /* CR0.MP and CR0.TS: WAIT is #NM */
    MODE_TRAP = 1u << 23,      /* a single-step trap of the instruction before is due here */
};

enum { X86_LOOKUP_MODE = 0xfffe };

/* Globals, in the order of x86_isa.globals. The general registers are G_EAX + number. */
enum {
    G_EAX = 0,
    G_ECX = 1,
    G_EDX = 2,
    G_EBX = 3,
    G_ESP = 4,
    G_EBP = 5,
    G_ESI = 6,
    G_EDI = 7,
    G_FLAGS = 8, /* see flags.h */
    G_PF = 9,
    G_AF = 10,
    /* FIP, FCS, FOP, FDP, FDS, I32: no unit keeps those of any but its last x87 instruction */
    G_FIP = 11,
    G_FCS = 12,
    G_FOP = 13,
    G_FDP = 14,
    G_FDS = 15,
    G_KEPT = 16, /* flags.h */
    G_STEP = 17,
    G_ROT = 18,
    X86_N_GLOBALS
};

/* Segment registers, numbered as encoded. */
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, N_SEGS };

/* Exceptions, VcpuFault.kind: the vector, Vol. 3 table 6-1; then, for counting, interrupts. */
enum {
    X86_DE = 0,
    X86_DB = 1,
    X86_NMI = 2,
    X86_BP = 3,
    X86_OF = 4,
    X86_BR = 5,
    X86_UD = 6,
    X86_NM = 7,
    X86_DF = 8,
    X86_TS = 10,
    X86_NP = 11,
    X86_SS = 12,
    X86_GP = 13,
    X86_PF = 14,
    X86_MF = 16,
    X86_AC = 17,
    X86_MC = 18,
    X86_XM = 19,
    X86_N_EXCEPTIONS = 20,
    X86_COUNT_IRQ = 20, /* index of VcpuCold.exceptions for external interrupts */
    X86_COUNT_INT = 21, /* and for INT n, INT3 and INTO */
    X86_FROZEN = 22,    /* no exception: a waiting x87 instruction waits for an interrupt */
    X86_N_COUNTS
};

/* set_irq(): levels; NMI is latched on its rise, IGNNE# is active when true. */
enum { X86_LINE_INTR = 0, X86_LINE_NMI = 1, X86_LINE_IGNNE = 2 };

/* A segment register: selector and hidden part. @attr: bits 23 to 8 of the descriptor's second
 * word, as in Vol. 3 figure 3-8, less limit 19:16; SEG_UNUSABLE for a null selector in protected
 * mode. */
typedef struct X86Seg {
    uint32_t base, limit;
    uint32_t selector, attr;
    uint32_t first, last; /* valid offsets, derived: none if first > last */
} X86Seg;

enum {
    SEG_TYPE = 15,
    SEG_ACCESSED = 1,
    SEG_WRITABLE = 2, /* of data; of code: readable */
    SEG_DOWN = 4,     /* of data: expand-down; of code: conforming */
    SEG_CODE = 8,
    SEG_S = 1 << 4, /* code or data */
    SEG_DPL_SHIFT = 5,
    SEG_P = 1 << 7,
    SEG_DB = 1 << 14,
    SEG_G = 1 << 15,
    SEG_UNUSABLE = 1 << 16,
};

typedef struct X86Table {
    uint32_t base, limit;
} X86Table;

/* x87: registers by physical number, so that TOP selects. */
typedef struct X86Fpu {
    uint64_t mantissa[8];
    uint16_t exponent[8];     /* and sign */
    uint16_t control, status; /* status without TOP, ES and B */
    uint8_t top, tags;        /* tags: bit n is 1 if register n is empty */
    uint16_t zero;
    uint32_t ip, cs, opcode, dp, ds; /* of the last instruction: FIP, FCS, FOP, FDP, FDS */
    uint32_t zero2;
} X86Fpu;

enum { X86_MTRR_VARIABLE = 8, X86_MTRR_FIXED = 11, X86_MTRRS = 2 * X86_MTRR_VARIABLE };

/* Model-specific registers that are storage; msr.def names them. */
typedef struct X86Msrs {
    uint64_t apic_base, tsc_base, pat, efer, misc_enable, platform_id;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t mtrr_def_type, mtrr_variable[X86_MTRRS], mtrr_fixed[X86_MTRR_FIXED];
    uint64_t microcode, debugctl, mcg_status;
} X86Msrs;

/* What a processor asks of its board; any may be NULL. */
typedef struct X86Board {
    uint8_t (*ack)(void *opaque);           /* INTA: the vector of the interrupt; INTR may fall */
    void (*shutdown)(void *opaque);         /* triple fault: the board resets */
    void (*ferr)(void *opaque, bool level); /* FERR#: an unmasked x87 exception with CR0.NE 0 */
    void (*apic_base)(void *opaque, uint64_t value); /* IA32_APIC_BASE was written */
    void *opaque;
} X86Board;

/* What a CPU model is: CPUID leaves and what is implemented of them. */
typedef struct X86Model X86Model;

enum { X86_CONTROLS = 16, X86_SPACES = 16, X86_SPACE_WORDS = 5 };

/* Starts with the Vcpu. What is guest-visible is in x86_fields (cpu_state.c). */
typedef struct X86Cpu {
    Vcpu v;
    uint32_t r[8];
    uint32_t flags;  /* layout of IrFlags */
    uint32_t pf, af; /* see flags.h */
    uint32_t eflags; /* all of EFLAGS but EFL_STATUS */
    X86Seg seg[N_SEGS];
    X86Fpu fpu;
    uint32_t mxcsr, zero;
    uint64_t xmm[8][2];
    X86Seg ldtr, tr;
    X86Table gdtr, idtr;
    uint32_t cr0, cr2, cr3, cr4;
    uint32_t dr[8]; /* DR4 and DR5 are not used */
    uint32_t cpl;
    uint32_t irq_level; /* bit X86_LINE_* */
    uint32_t nmi_pending, nmi_blocked;
    uint32_t halted;
    uint32_t a20_mask; /* of physical addresses: all ones, or bit 20 clear */
    uint32_t shutdown; /* a triple fault, and no board that resets */
    uint32_t zero3;
    uint64_t pdpte[4]; /* PAE: loaded with CR3 */
    X86Msrs msr;
    uint32_t n_controls, zero2;
    uint64_t control[X86_CONTROLS];
    /* What vmid of a ViewKey means, less 1: a page directory with bit 1 set, or 1 and the PDPTEs.
     */
    uint64_t space[X86_SPACES * X86_SPACE_WORDS];
    uint32_t next_space, space_now;
    uint8_t fp[2 * sizeof(FpEnv)]; /* copy of VcpuCold.fp, made by settle() */

    /* Not guest-visible, or derived from what is. */
    const X86Model *model;
    X86Board board;
    Mmu *mmu;
    Phys *phys;
    uint32_t kept, step, rot; /* of the flags, see flags.h; 0 once settled */
    uint32_t debug_hits;      /* DR6 bits of data breakpoints met by the instruction that runs */
} X86Cpu;

static inline X86Cpu *x86_cpu(Vcpu *v) { return (X86Cpu *)(void *)v; }

extern const MmuGuest x86_mmu_guest;

/* Names of the CPU models, NULL-terminated; the first is the default. */
const char *const *x86_models(void);

/**
 * x86_new - a processor of model @name, reset, with its soft-MMU.
 * @phys, @clock, @log: borrowed. The board gives it I/O ports (mmu_set_ports()), and fills
 * X86Cpu.board.
 * Errors: none; an unknown @name gives NULL (the board has checked it against x86_models()).
 */
X86Cpu *x86_new(const char *name, Phys *phys, Clock *clock, Log *log) G_GNUC_WARN_UNUSED_RESULT;
void x86_free(X86Cpu *cpu);

/* The whole EFLAGS, and a write of it (all fields, no privilege check). */
uint32_t x86_eflags(const X86Cpu *cpu);
void x86_set_eflags(X86Cpu *cpu, uint32_t value);

/* Puts a flat 32-bit protected-mode state as boot loaders enter kernels: paging off, CPL 0, CS and
 * data segments 4 GiB with these selectors, interrupts off. Table registers are left alone. */
void x86_enter_flat(X86Cpu *cpu, uint32_t eip, uint16_t cs, uint16_t ds);

/* A20: whether bit 20 of physical addresses is passed on. */
void x86_set_a20(X86Cpu *cpu, bool on);

/* Whether @seg needs no check: base 0, 4 GiB, readable and writable (code: readable). */
bool x86_seg_is_flat(const X86Seg *seg, bool code);
/* The same, with any base. */
bool x86_seg_is_open(const X86Seg *seg);

/* Makes mode word, view and lookup context anew from EFLAGS, segments and control registers; called
 * after anything that they depend on changed. */
void x86_update(X86Cpu *cpu);

/* Instruction pointer: v->pc is the linear address. */
static inline uint32_t x86_eip(const X86Cpu *cpu) { return cpu->v.pc - cpu->seg[SEG_CS].base; }

#endif
