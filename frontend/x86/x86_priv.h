/* SPDX-License-Identifier: MIT */
/* x86_priv.h - what the system side of the x86 guest shares between its files. */
#ifndef FRONTEND_X86_X86_PRIV_H
#define FRONTEND_X86_X86_PRIV_H

#include "base/state.h"
#include "frontend/x86/x86.h"

enum { X86_CPUID_LEAVES = 8, X86_CPUID_EXTENDED = 9 };

/* eax, ebx, ecx, edx */
typedef struct X86Cpuid {
    uint32_t r[4];
} X86Cpuid;

struct X86Model {
    const char *name;
    uint32_t features; /* bits X86Feature */
    uint32_t
        reset_edx; /* family, model, stepping: EDX at reset and CPUID 1 EAX; 0 leaves: no CPUID */
    uint32_t max_leaf, max_extended;
    X86Cpuid leaf[X86_CPUID_LEAVES], extended[X86_CPUID_EXTENDED];
    uint32_t cr4;           /* bits that may be set */
    uint32_t eflags;        /* bits that may be set */
    uint32_t physical_bits; /* of PAE entries */
    bool nx;
};

const X86Model *x86_model(const char *name);
static inline bool x86_has(const X86Cpu *cpu, unsigned feature)
{
    return (cpu->model->features >> feature & 1) != 0;
}

/* What x86_isa exports; see GuestIsa. */
enum { X86_N_FIELDS = 118 }; /* x86_isa is a constant: it cannot ask cpu_state.c */
extern const StateField x86_fields[X86_N_FIELDS];
void x86_reset(Vcpu *v);
void x86_settle(Vcpu *v);
void x86_loaded(Vcpu *v);
bool x86_sound(const Vcpu *live, const Vcpu *saved, GError **error);
void x86_describe(Vcpu *v, GString *out);
void x86_show_tlb(Vcpu *v, GString *out);
void x86_show_ranges(Vcpu *v, GString *out);
void x86_deliver(Vcpu *v);
bool x86_interrupt(Vcpu *v);
bool x86_wakes(const Vcpu *v);
void x86_set_irq(Vcpu *v, unsigned line, bool level);
void x86_capstone(uint32_t mode, int *arch, int *cs_mode);

/* ---- flags.c ---- */

/* CF ZF SF OF PF AF where EFLAGS has them. */
uint32_t x86_status_now(const X86Cpu *cpu);
/* Makes flags, pf and af one value of the many that mean the same: kept is 0. */
void x86_pack_flags(X86Cpu *cpu);

/* ---- modes.c ---- */

static inline bool x86_protected(const X86Cpu *cpu) { return (cpu->cr0 & CR0_PE) != 0; }
static inline bool x86_vm86(const X86Cpu *cpu) { return (cpu->eflags & EFL_VM) != 0; }
/* Protected mode and not virtual-8086: selectors name descriptors. */
static inline bool x86_has_descriptors(const X86Cpu *cpu)
{
    return x86_protected(cpu) && !x86_vm86(cpu);
}
static inline uint32_t x86_iopl(const X86Cpu *cpu)
{
    return (cpu->eflags & EFL_IOPL) >> EFL_IOPL_SHIFT;
}

/* Derives first and last from the other members. */
void x86_seg_derive(X86Seg *seg);
/* The hidden part from a descriptor's two words. */
void x86_seg_from_descriptor(X86Seg *seg, uint32_t selector, uint32_t low, uint32_t high);
/* Whether offsets from @off are within the limits. 4 GiB have no end: an access may wrap, but not
 * to below the limit of an expand-down segment. */
bool x86_seg_holds(const X86Seg *seg, uint32_t off, unsigned bytes);
/* A load in real or virtual-8086 mode. */
void x86_seg_real(X86Cpu *cpu, unsigned s, uint32_t selector);
void x86_seg_null(X86Seg *seg, uint32_t selector);

/* Whether mode word @mode, right until segment register @s was loaded, is still right. */
bool x86_segment_fits(const X86Cpu *cpu, unsigned s, uint32_t mode);

void x86_set_cpl(X86Cpu *cpu, uint32_t cpl);
/* Writes of control registers, whose values have been found legal; x86_update() follows. */
void x86_set_cr0(X86Cpu *cpu, uint32_t value);
void x86_set_cr3(X86Cpu *cpu, uint32_t value);
void x86_set_cr4(X86Cpu *cpu, uint32_t value);

/* Vol. 3 6.15, interrupt 17. */
static inline bool x86_checks_alignment(const X86Cpu *cpu)
{
    return cpu->cpl == 3 && (cpu->cr0 & CR0_AM) != 0 && (cpu->eflags & EFL_AC) != 0;
}

/* A helper has changed which x87 exceptions are masked; @before: MODE_X87TRAP was set. Returns:
 * whether it turned over; the unit goes on in the mode that follows. */
bool x86_trap_turned(X86Cpu *cpu, bool before);

/* The instruction is over, and something that the mode word follows from has changed; @pc: of the
 * next instruction, with the mode word of this one. */
void x86_over(X86Cpu *cpu, uint64_t pc);
/* A helper has moved EIP to @eip; the debug trap of an instruction lifted in @mode stays due. */
void x86_moved(X86Cpu *cpu, uint32_t eip, uint32_t mode);
/* Clears RF, which something has just loaded, if no breakpoint is enabled that it would hide. */
void x86_drop_rf(X86Cpu *cpu);

/* ---- exceptions.c ---- */

/* Records an exception that the instruction which runs raises. Returns false, for the caller to. */
bool x86_fault(X86Cpu *cpu, unsigned vector, uint32_t error);
bool x86_fault_pf(X86Cpu *cpu, Gva va, uint32_t error);

/* Where an event comes from: what its gate checks and error codes' EXT bit depend on. */
typedef enum X86EventKind { EVENT_EXCEPTION, EVENT_IRQ, EVENT_SOFTWARE } X86EventKind;

/**
 * x86_event - one try to enter the handler of @vector: through the interrupt table of the mode.
 * Returns: false with VcpuCold.fault, leave = LEAVE_FAULT and nothing changed.
 * @error: -1 without error code
 * @eip:   of what the handler returns to
 */
bool x86_event(X86Cpu *cpu, X86EventKind kind, unsigned vector, int64_t error, uint32_t eip);

/* IRET: another NMI may be taken. */
void x86_unblock_nmi(X86Cpu *cpu);

/* ---- descriptors.c: memory and descriptors as the processor itself uses them ---- */

/* Supervisor accesses at linear addresses; false with a fault raised, or leave set otherwise. */
bool x86_sys_load(X86Cpu *cpu, Gva va, unsigned bytes, uint32_t *out);
bool x86_sys_store(X86Cpu *cpu, Gva va, unsigned bytes, uint32_t value);

/* Whether @bytes at @va, at most a page, can be written, by supervisor's rights if @system; false
 * with the fault of the first that cannot. Nothing is written. */
bool x86_can_write(X86Cpu *cpu, Gva va, unsigned bytes, bool system);

typedef struct X86Descriptor {
    uint32_t selector;
    uint32_t low, high;
    Gva va; /* where it is */
} X86Descriptor;

static inline unsigned x86_desc_type(const X86Descriptor *d) { return d->high >> 8 & 15; }
static inline bool x86_desc_is_segment(const X86Descriptor *d) { return (d->high >> 12 & 1) != 0; }
static inline unsigned x86_desc_dpl(const X86Descriptor *d) { return d->high >> 13 & 3; }
static inline bool x86_desc_present(const X86Descriptor *d) { return (d->high >> 15 & 1) != 0; }

/* Reads the descriptor of @selector; @vector(selector) if it is outside its table. */
bool x86_read_descriptor(X86Cpu *cpu, uint32_t selector, unsigned vector, uint32_t ext,
                         X86Descriptor *out);
/* The same without exceptions but #PF: *valid tells. For LAR and its kin. */
bool x86_probe_descriptor(X86Cpu *cpu, uint32_t selector, X86Descriptor *out, bool *valid);
/* Sets the accessed bit of a segment's descriptor, in memory and in @d. */
bool x86_set_accessed(X86Cpu *cpu, X86Descriptor *d);
uint32_t x86_desc_base(const X86Descriptor *d);
uint32_t x86_desc_limit(const X86Descriptor *d);

/* Checks and loads a data or stack segment register as MOV does; SEG_CS not. */
bool x86_load_segment(X86Cpu *cpu, unsigned s, uint32_t selector);

/* A stack being filled or emptied at an SS:ESP that need not be loaded yet. */
typedef struct X86Stack {
    X86Seg seg;
    uint32_t sp;
    bool system;    /* accesses are supervisor's, whatever the CPL is now */
    bool aligned;   /* they must be: #AC(0) */
    uint32_t error; /* of #SS, #GP: the selector of a new stack, else 0 */
} X86Stack;

X86Stack x86_current_stack(const X86Cpu *cpu);
/* The same for what an instruction itself pushes and pops: aligned if that is checked. */
X86Stack x86_own_stack(const X86Cpu *cpu);
bool x86_stack_push(X86Cpu *cpu, X86Stack *s, unsigned bytes, uint32_t value);
/* Whether a push would succeed; RAM only, between two instructions. */
bool x86_stack_probe(X86Cpu *cpu, const X86Stack *s, unsigned bytes);
bool x86_stack_pop(X86Cpu *cpu, X86Stack *s, unsigned bytes, uint32_t *value);
/* What is @k bytes above the pointer, which stays. */
bool x86_stack_at(X86Cpu *cpu, const X86Stack *s, uint32_t k, unsigned bytes, uint32_t *value);
void x86_stack_drop(X86Stack *s, uint32_t bytes);
/* Makes @s.sp the stack pointer, SP or ESP by the stack's B bit. */
void x86_stack_commit(X86Cpu *cpu, const X86Stack *s);
/* SS:ESP of privilege level @dpl from the TSS; checked. @ext: EXT bit of error codes. */
bool x86_inner_stack(X86Cpu *cpu, unsigned dpl, uint32_t ext, X86Stack *out);

/* ---- tss.c ---- */

typedef enum X86TaskReason { TASK_JMP, TASK_CALL, TASK_IRET, TASK_EVENT } X86TaskReason;

/**
 * x86_task_switch - Vol. 3 7.3: to the task of @d, a TSS descriptor that has been found present.
 * Returns: false with a fault raised and nothing changed. Faults behind the point of no return are
 * delivered in the new task.
 * @error: to push there, or -1
 * @ext:   EXT bit of error codes
 */
bool x86_task_switch(X86Cpu *cpu, X86Descriptor *d, X86TaskReason reason, uint32_t eip,
                     int64_t error, uint32_t ext);
/* Whether the I/O permission bitmap allows the port's @bytes goes to @allowed; false: a fault. */
bool x86_io_allowed(X86Cpu *cpu, uint32_t port, unsigned bytes, bool *allowed);

/* ---- far.c ---- */

/* Far transfers; @mode: mode word of the instruction, @next: EIP behind it. False: a fault. */
bool x86_far_jump(X86Cpu *cpu, uint32_t selector, uint32_t eip, uint32_t next);
bool x86_far_call(X86Cpu *cpu, uint32_t selector, uint32_t eip, unsigned bytes, uint32_t next);
bool x86_far_return(X86Cpu *cpu, unsigned bytes, uint32_t release);
bool x86_iret(X86Cpu *cpu, unsigned bytes, uint32_t next);

/* ---- walk.c ---- */

enum { PFE_P = 1, PFE_W = 2, PFE_U = 4, PFE_RSVD = 8, PFE_I = 16 };

/* Loads the PDPTEs of PAE paging from CR3; false with #GP(0) raised: a reserved bit is set. */
bool x86_load_pdptes(X86Cpu *cpu, uint32_t cr3);
/* The view keys of supervisor and user accesses now. */
void x86_view_keys(X86Cpu *cpu, ViewKey *system, ViewKey *user);

/* ---- debug.c ---- */

/* A trap is due before the next instruction: DR6 bits. */
void x86_debug_exception(X86Cpu *cpu, uint32_t dr6);
/* An access to a port; a breakpoint there traps behind the instruction. */
void x86_watch_port(X86Cpu *cpu, uint32_t port, unsigned bytes);
/* Whether the debug trap of the instruction before comes before all else. */
bool x86_trap_is_due(const X86Cpu *cpu);
/* The instruction at the exact pc has a byte at @va, whose page faults with @error: raises what
 * comes first. */
void x86_fault_fetch(X86Cpu *cpu, Gva va, uint32_t error);

extern const struct IsaDebug x86_debug;

#endif
