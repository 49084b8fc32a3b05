/* SPDX-License-Identifier: MIT */
/* cp15.c - the system registers: looked up, read and written as cp15.def says. */
#include <string.h>

#include "frontend/arm/cp15_priv.h"

/* ---- what a read or a write does beside moving a value ---- */

static uint64_t read_ccsidr(ArmCpu *cpu)
{
    unsigned i = cpu->cp15.csselr;

    /* B4.1, CCSIDR: UNKNOWN for a level that CLIDR does not name; 0. */
    return i < G_N_ELEMENTS(cpu->model->ccsidr) ? cpu->model->ccsidr[i] : 0;
}

static void write_csselr(ArmCpu *cpu, uint64_t value) { cpu->cp15.csselr = value & 0xf; }

static void write_sctlr(ArmCpu *cpu, uint64_t value)
{
    uint32_t mask = cpu->model->sctlr_write;

    cpu->cp15.sctlr = (cpu->cp15.sctlr & ~mask) | ((uint32_t)value & mask);
    arm_update(cpu);
}

/* ASEDIS and D32DIS are RAZ/WI, as they may be; there are coprocessors 10 and 11 only. */
static void write_cpacr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.cpacr = value & (CPACR_ASEDIS | 0x00f00000u);
    arm_update(cpu);
}

static void write_ttbcr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.ttbcr = (uint32_t)value & ((value & TTBCR_EAE) != 0 ? TTBCR_LONG : TTBCR_SHORT);
    arm_update(cpu);
}

/* B4.1.154, B4.1.155: by MCRR all of it, where the ASID may change; by MCR the low half (a plain
 * variable in cp15.def), where it cannot. Bits 63:56 and 47:40 are UNK/SBZP. */
enum { TTBR_HIGH = 0x00ff00ff };

static void write_ttbr0_64(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.ttbr0 = value & ((uint64_t)TTBR_HIGH << 32 | 0xffffffff);
    arm_update(cpu);
}

static void write_ttbr1_64(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.ttbr1 = value & ((uint64_t)TTBR_HIGH << 32 | 0xffffffff);
    arm_update(cpu);
}

static void write_dacr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.dacr = (uint32_t)value;
    arm_update(cpu);
}

static void write_contextidr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.contextidr = (uint32_t)value;
    arm_update(cpu);
}

static void write_vbar(ArmCpu *cpu, uint64_t value) { cpu->cp15.vbar = value & ~(uint64_t)0x1f; }

static uint64_t read_isr(ArmCpu *cpu)
{
    return (cpu->irq_level & 1u << ARM_LINE_IRQ ? CPSR_I : 0)
           | (cpu->irq_level & 1u << ARM_LINE_FIQ ? CPSR_F : 0);
}

/*
 * VA to PA. B4.1, PAR, short descriptors. The attributes of a success read as 0. An external abort
 * of the walk is reported in PAR too, where B3.13.4 would have a Data Abort.
 */
static void translate_to_short(ArmCpu *cpu, uint64_t va, bool privileged, MmuAccess access)
{
    MmuMapping m;
    uint32_t fsr = 0, super = 0;

    if (!arm_translate(cpu, privileged, (Gva)va, access, &m, &fsr)) {
        cpu->cp15.par = 1 | (fsr & 0xf) << 1 | (fsr >> 10 & 1) << 5 | (fsr >> 12 & 1) << 6;
        return;
    }
    if (m.size_shift == 24) {
        super = 2 | (uint32_t)(m.pa >> 16 & 0xff0000);
        m.pa &= 0xff000000;
    }
    cpu->cp15.par = (m.pa & 0xfffff000) | super;
}

#define PAR_LPAE ((uint64_t)1 << 11)

/* B4.1.112, ATTR and SH: Device and Strongly-ordered memory, and Normal Non-cacheable, are always
 * Outer Shareable (B3.8.3). */
static uint64_t par_attributes(const ArmCp15 *c, uint64_t leaf)
{
    unsigned index = leaf >> 2 & 7;
    uint64_t mair = (uint64_t)c->nmrr << 32 | c->prrr, attr = mair >> 8 * index & 0xff;
    uint64_t sh = attr >> 4 == 0 || attr == 0x44 ? 2 : leaf >> 8 & 3;

    return attr << 56 | sh << 7;
}

/* B4.1.112, long descriptors. Without the MMU all is Strongly-ordered. */
static void translate_to_long(ArmCpu *cpu, uint64_t va, bool privileged, MmuAccess access)
{
    uint64_t leaf, par = PAR_LPAE;
    unsigned status;
    MmuMapping m;

    if ((cpu->cp15.sctlr & SCTLR_M) == 0) {
        cpu->cp15.par = par | 2 << 7 | (va & 0xfffff000);
        return;
    }
    status = arm_walk_long(cpu, privileged, (Gva)va, access, &m, &leaf);
    cpu->cp15.par = par | (status != 0 ? 1 | status << 1 : m.pa | par_attributes(&cpu->cp15, leaf));
}

static void translate(ArmCpu *cpu, uint64_t va, bool privileged, MmuAccess access)
{
    if (arm_long(cpu)) {
        translate_to_long(cpu, va, privileged, access);
    } else {
        translate_to_short(cpu, va, privileged, access);
    }
}

static void write_ats1cpr(ArmCpu *cpu, uint64_t va) { translate(cpu, va, true, ACCESS_READ); }
static void write_ats1cpw(ArmCpu *cpu, uint64_t va) { translate(cpu, va, true, ACCESS_WRITE); }
static void write_ats1cur(ArmCpu *cpu, uint64_t va) { translate(cpu, va, false, ACCESS_READ); }
static void write_ats1cuw(ArmCpu *cpu, uint64_t va) { translate(cpu, va, false, ACCESS_WRITE); }

static void write_tlbiall(ArmCpu *cpu, uint64_t value)
{
    (void)value;
    mmu_flush_all(cpu->mmu);
}

static void write_tlbimva(ArmCpu *cpu, uint64_t value)
{
    mmu_flush_va(cpu->mmu, (Gva)value & ~(Gva)0xfff, (uint8_t)value);
}

static void write_tlbiasid(ArmCpu *cpu, uint64_t value)
{
    mmu_flush_asid(cpu->mmu, (uint8_t)value);
}

static void write_tlbimvaa(ArmCpu *cpu, uint64_t value)
{
    mmu_flush_va_all(cpu->mmu, (Gva)value & ~(Gva)0xfff);
}

static void write_cntkctl(ArmCpu *cpu, uint64_t value) { cpu->cp15.cntkctl = value & 0x3ff; }

static uint64_t read_cntpct(ArmCpu *cpu) { return arm_gtimer_count(cpu, ARM_TIMER_PHYS); }
static uint64_t read_cntvct(ArmCpu *cpu) { return arm_gtimer_count(cpu, ARM_TIMER_VIRT); }

/* B8.1.5: TVAL is CVAL less the count, 32 bits of it; a write of it is signed. */
static uint64_t read_tval(ArmCpu *cpu, unsigned i)
{
    return (uint32_t)(cpu->timer[i].cval - arm_gtimer_count(cpu, i));
}

static void write_tval(ArmCpu *cpu, unsigned i, uint64_t value)
{
    arm_gtimer_set_cval(cpu, i, arm_gtimer_count(cpu, i) + bits_sext64(value, 32));
}

static uint64_t read_cntp_tval(ArmCpu *cpu) { return read_tval(cpu, ARM_TIMER_PHYS); }
static uint64_t read_cntv_tval(ArmCpu *cpu) { return read_tval(cpu, ARM_TIMER_VIRT); }
static uint64_t read_cntp_ctl(ArmCpu *cpu) { return arm_gtimer_ctl(cpu, ARM_TIMER_PHYS); }
static uint64_t read_cntv_ctl(ArmCpu *cpu) { return arm_gtimer_ctl(cpu, ARM_TIMER_VIRT); }

static void write_cntp_tval(ArmCpu *cpu, uint64_t value) { write_tval(cpu, ARM_TIMER_PHYS, value); }
static void write_cntv_tval(ArmCpu *cpu, uint64_t value) { write_tval(cpu, ARM_TIMER_VIRT, value); }
static void write_cntp_ctl(ArmCpu *cpu, uint64_t value)
{
    arm_gtimer_set_ctl(cpu, ARM_TIMER_PHYS, (uint32_t)value);
}
static void write_cntv_ctl(ArmCpu *cpu, uint64_t value)
{
    arm_gtimer_set_ctl(cpu, ARM_TIMER_VIRT, (uint32_t)value);
}
static uint64_t read_cntp_cval(ArmCpu *cpu) { return cpu->timer[ARM_TIMER_PHYS].cval; }
static uint64_t read_cntv_cval(ArmCpu *cpu) { return cpu->timer[ARM_TIMER_VIRT].cval; }
static void write_cntp_cval(ArmCpu *cpu, uint64_t value)
{
    arm_gtimer_set_cval(cpu, ARM_TIMER_PHYS, value);
}
static void write_cntv_cval(ArmCpu *cpu, uint64_t value)
{
    arm_gtimer_set_cval(cpu, ARM_TIMER_VIRT, value);
}

enum { DBGDSCR_UDCCDIS = 1u << 12 };

/* Writable without an external debugger: MDBGen, HDBGen's place excluded, UDCCdis. */
static void write_dbgdscr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.dbgdscr = value & (1u << 15 | DBGDSCR_UDCCDIS);
}

/* C11.11, DBGOSLAR: the key locks, anything else unlocks. */
static void write_dbgoslar(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.dbgoslock = (uint32_t)value == 0xc5acce55u;
}

static uint64_t read_dbgoslsr(ArmCpu *cpu)
{
    return 8 | (uint64_t)cpu->cp15.dbgoslock << 1; /* OSLM 0b10: the lock is implemented */
}

static void write_dbgosdlr(ArmCpu *cpu, uint64_t value) { cpu->cp15.dbgosdlr = value & 1; }

/* ---- the table ---- */

/* clang-format off */
#define ACCESS_PL1_RW   { CP_R | CP_W, 0, CP_ALWAYS }
#define ACCESS_PL1_RO   { CP_R, 0, CP_ALWAYS }
#define ACCESS_PL1_WO   { CP_W, 0, CP_ALWAYS }
#define ACCESS_ALL_RW   { CP_R | CP_W, CP_R | CP_W, CP_ALWAYS }
#define ACCESS_ALL_RO   { CP_R, CP_R, CP_ALWAYS }
#define ACCESS_ALL_WO   { CP_W, CP_W, CP_ALWAYS }
#define ACCESS_USR_RO   { CP_R | CP_W, CP_R, CP_ALWAYS }
#define ACCESS_PMU_RW   { CP_R | CP_W, CP_R | CP_W, CP_IF_PMU }
#define ACCESS_PMU_RO   { CP_R, CP_R, CP_IF_PMU }
#define ACCESS_PMU_WO   { CP_W, CP_W, CP_IF_PMU }
#define ACCESS_CNTF_RO  { CP_R | CP_W, CP_R, CP_IF_CNT }
#define ACCESS_CNTP_RO  { CP_R, CP_R, CP_IF_CNTPCT }
#define ACCESS_CNTV_RO  { CP_R, CP_R, CP_IF_CNTVCT }
#define ACCESS_CNTPT_RW { CP_R | CP_W, CP_R | CP_W, CP_IF_CNTP }
#define ACCESS_CNTVT_RW { CP_R | CP_W, CP_R | CP_W, CP_IF_CNTV }
#define ACCESS_DCC_RO   { CP_R, CP_R, CP_IF_DCC }
#define ACCESS_DCC_RW   { CP_R | CP_W, CP_R | CP_W, CP_IF_DCC }

#define READ_NO         CP_NONE, 0, NULL
#define READ_ZERO       CP_ZERO, 0, NULL
#define READ_VAR(m)     CP_VAR, offsetof(ArmCpu, m), NULL
#define READ_MODEL(m)   CP_MODEL, offsetof(ArmModel, m), NULL
#define READ_FN(f)      CP_FN, 0, f
#define WRITE_NO        CP_NONE, 0, NULL
#define WRITE_IGNORE    CP_ZERO, 0, NULL
#define WRITE_VAR(m)    CP_VAR, offsetof(ArmCpu, m), NULL
#define WRITE_FN(f)     CP_FN, 0, f

/* Popek and Goldberg's class: what User mode may reach shows the machine if it says who runs on it,
 * what time it is or what another has done; a thread's own register and barriers do not. */
#define SENS_PL1_RW     SENS_PRIVILEGED
#define SENS_PL1_RO     SENS_PRIVILEGED
#define SENS_PL1_WO     SENS_PRIVILEGED
#define SENS_ALL_RW     SENS_INNOCUOUS
#define SENS_ALL_RO     SENS_INNOCUOUS
#define SENS_ALL_WO     SENS_INNOCUOUS
#define SENS_USR_RO     SENS_INNOCUOUS
#define SENS_PMU_RW     SENS_SENSITIVE_CONTROL
#define SENS_PMU_RO     SENS_SENSITIVE_BEHAVIOUR
#define SENS_PMU_WO     SENS_SENSITIVE_CONTROL
#define SENS_CNTF_RO    SENS_SENSITIVE_BEHAVIOUR
#define SENS_CNTP_RO    SENS_SENSITIVE_BEHAVIOUR
#define SENS_CNTV_RO    SENS_SENSITIVE_BEHAVIOUR
#define SENS_CNTPT_RW   SENS_SENSITIVE_CONTROL
#define SENS_CNTVT_RW   SENS_SENSITIVE_CONTROL
#define SENS_DCC_RO     SENS_SENSITIVE_BEHAVIOUR
#define SENS_DCC_RW     SENS_SENSITIVE_CONTROL

#define HOW_NO          HOW_INLINE
#define HOW_ZERO        HOW_INLINE
#define HOW_IGNORE      HOW_INLINE
#define HOW_VAR(m)      HOW_INLINE
#define HOW_MODEL(m)    HOW_CALLOUT
#define HOW_FN(f)       HOW_CALLOUT

static const ArmCpReg regs[N_CP] = {
#define CP(name, access, cp, opc1, crn, crm, opc2, read, write, after, spec) \
    { { #name, "p" #cp " " #opc1 " " #crn " c" #crm " " #opc2, SENS_##access, \
        HOW_##read == HOW_INLINE && HOW_##write == HOW_INLINE ? HOW_INLINE : HOW_CALLOUT, \
        SENS_##access == SENS_PRIVILEGED, spec }, \
      cp, opc1, crn, crm, opc2, CP_AFTER_##after, ACCESS_##access, \
      { READ_##read }, { WRITE_##write } },
#include "frontend/arm/cp15.def"
};
/* clang-format on */

const ArmCpReg *arm_cp_reg(unsigned i)
{
    g_assert(i < N_CP);
    return &regs[i];
}

const ArmCpReg *arm_cp_find(unsigned cp, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    for (unsigned i = 0; i < N_CP; i++) {
        const ArmCpReg *r = &regs[i];

        if (r->crm == crm && r->opc2 == opc2 && r->crn == crn && r->opc1 == opc1 && r->cp == cp) {
            return r;
        }
    }
    /* B7.1: the reserved places among the CPUID registers are RAZ. */
    if (cp == 15 && opc1 == 0 && crn == 0 && crm >= 2 && crm <= 7) {
        return &regs[CP_ID_RESERVED];
    }
    return NULL;
}

const InsnInfo *arm_cp_insn(unsigned i) { return &arm_cp_reg(i)->info; }

unsigned arm_cp_index(const ArmCpReg *reg) { return (unsigned)(reg - regs); }

bool arm_cp_allowed(const ArmCpu *cpu, const ArmCpReg *reg, unsigned how)
{
    uint32_t kctl = cpu->cp15.cntkctl;

    if (arm_privileged(cpu)) {
        return (reg->access.pl1 & how) != 0;
    }
    if ((reg->access.pl0 & how) == 0) {
        return false;
    }
    switch (reg->access.condition) {
    case CP_ALWAYS: return true;
    case CP_IF_PMU: return (cpu->cp15.pmuserenr & 1) != 0;
    case CP_IF_CNT: return (kctl & 3) != 0;
    case CP_IF_CNTPCT: return (kctl & 1) != 0;
    case CP_IF_CNTVCT: return (kctl & 2) != 0;
    case CP_IF_CNTV: return (kctl >> 8 & 1) != 0;
    case CP_IF_CNTP: return (kctl >> 9 & 1) != 0;
    case CP_IF_DCC: return (cpu->cp15.dbgdscr & DBGDSCR_UDCCDIS) == 0;
    }
    return false;
}

uint64_t arm_cp_read(ArmCpu *cpu, const ArmCpReg *reg)
{
    const void *from = reg->read.kind == CP_MODEL ? (const void *)cpu->model : (const void *)cpu;
    uint64_t value = 0;

    switch (reg->read.kind) {
    case CP_FN: return reg->read.fn(cpu);
    case CP_VAR:
    case CP_MODEL:
        memcpy(&value, (const char *)from + reg->read.offset, reg->crn == C64 ? 8 : 4);
        break;
    case CP_ZERO:
    case CP_NONE: break;
    }
    return value;
}

void arm_cp_write(ArmCpu *cpu, const ArmCpReg *reg, uint64_t value)
{
    if (reg->write.kind == CP_FN) {
        reg->write.fn(cpu, value);
    } else if (reg->write.kind == CP_VAR) {
        memcpy((char *)cpu + reg->write.offset, &value, reg->crn == C64 ? 8 : 4);
    }
}

/* ---- routines called by translated code ---- */

/* @a: row; @b: instructions retired. */
uint64_t arm_help_cp_read(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    const ArmCpReg *reg = arm_cp_reg((unsigned)a);

    (void)c;
    if (!arm_cp_allowed(arm_cpu(v), reg, CP_R)) {
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
        return 0;
    }
    vcpu_cold(v)->now_count = b;
    return arm_cp_read(arm_cpu(v), reg);
}

/* @a: value; @b: row; @c: instructions retired. */
uint64_t arm_help_cp_write(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    const ArmCpReg *reg = arm_cp_reg((unsigned)b);

    if (!arm_cp_allowed(arm_cpu(v), reg, CP_W)) {
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
        return 0;
    }
    vcpu_cold(v)->now_count = c;
    arm_cp_write(arm_cpu(v), reg, a);
    return 0;
}

/* The same at PL1, where the next instruction, @c its pc and mode word, is read anew. */
uint64_t arm_help_cp_move(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    v->pc = ir_pc_va(c);
    v->mode = ir_pc_mode(c);
    arm_cp_write(arm_cpu(v), arm_cp_reg((unsigned)b), a);
    return 0;
}

/* An encoding without a row: @a the instruction, @b its address. */
uint64_t arm_help_cp_unknown(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    unsigned cp = a >> 8 & 0xf;

    (void)c;
    if ((a >> 24 & 0xf) == 0xe) {
        log_msg(vcpu_cold(v)->log, LOG_UNIMP,
                "%08x: no register p%u, %u, c%u, c%u, %u: UNDEFINED\n", (Gva)b, cp,
                (unsigned)(a >> 21 & 7), (unsigned)(a >> 16 & 0xf), (unsigned)(a & 0xf),
                (unsigned)(a >> 5 & 7));
    } else {
        log_msg(vcpu_cold(v)->log, LOG_UNIMP, "%08x: no 64-bit register p%u, %u, c%u: UNDEFINED\n",
                (Gva)b, cp, (unsigned)(a >> 4 & 0xf), (unsigned)(a & 0xf));
    }
    arm_raise(v, ARM_EXC_UNDEF, 0, 0);
    return 0;
}
