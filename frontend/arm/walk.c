/* SPDX-License-Identifier: MIT */
/*
 * walk.c - virtual memory: the short-descriptor page walk, its rights and its faults.
 * Manual: DDI 0406C.d B3.5 (tables), B3.7 (rights), B3.12 and B3.13 (faults).
 * Not modelled: memory types (all RAM is coherent and may be executed unless XN). Long descriptors
 * are walk_long.c's.
 */
#include "base/bits.h"
#include "frontend/arm/arm_priv.h"

enum { DOMAIN_NONE = 0, DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };

#define FSR_WNR (1u << 11)

/* What the descriptors say, before rights. */
typedef struct Descriptor {
    Gpa base; /* of the mapping */
    unsigned size_shift;
    unsigned ap; /* AP[2:0] */
    unsigned domain;
    bool page; /* second-level: which of two codes a fault has */
    bool xn, pxn, global;
} Descriptor;

static bool read_descriptor(const ArmCpu *cpu, Gpa pa, uint32_t *out)
{
    bool ok = true;

    *out = (uint32_t)phys_read(cpu->phys, pa, 4, &ok);
    if ((cpu->cp15.sctlr & SCTLR_EE) != 0) {
        *out = (uint32_t)(bits_bswap64(*out) >> 32);
    }
    return ok;
}

/* B3.5.1, Section and Supersection; figure B3-4. */
static void decode_section(uint32_t l1, Descriptor *d)
{
    d->page = false;
    d->ap = (l1 >> 15 & 1) << 2 | (l1 >> 10 & 3);
    d->xn = (l1 >> 4 & 1) != 0;
    d->pxn = (l1 & 1) != 0;
    d->global = (l1 >> 17 & 1) == 0;
    if ((l1 >> 18 & 1) != 0) {
        d->base = (l1 & 0xff000000) | (Gpa)(l1 >> 20 & 0xf) << 32 | (Gpa)(l1 >> 5 & 0xf) << 36;
        d->size_shift = 24;
        d->domain = 0;
    } else {
        d->base = l1 & 0xfff00000;
        d->size_shift = 20;
    }
}

/* B3.5.1, Large page and Small page; figure B3-5. False: invalid. */
static bool decode_page(uint32_t l2, Descriptor *d)
{
    if ((l2 & 3) == 0) {
        return false;
    }
    d->ap = (l2 >> 9 & 1) << 2 | (l2 >> 4 & 3);
    d->global = (l2 >> 11 & 1) == 0;
    if ((l2 & 2) != 0) {
        d->base = l2 & 0xfffff000;
        d->size_shift = 12;
        d->xn = (l2 & 1) != 0;
    } else {
        d->base = l2 & 0xffff0000;
        d->size_shift = 16;
        d->xn = (l2 >> 15 & 1) != 0;
    }
    return true;
}

/* B3.5.4: TTBCR.N splits the address space; PD0 and PD1 switch walks off. False: no walk. */
static bool first_level_address(const ArmCp15 *c, Gva va, Gpa *pa)
{
    unsigned n = c->ttbcr & 7;
    uint64_t table = c->ttbr0;
    bool off = (c->ttbcr >> 4 & 1) != 0;

    if (n != 0 && va >> (32 - n) != 0) {
        table = c->ttbr1;
        off = (c->ttbcr >> 5 & 1) != 0;
        n = 0;
    }
    *pa = (table & 0xffffffff & ~bits_mask(14 - n)) | (va << n >> n >> 20) << 2;
    return !off;
}

/* TranslationTableWalkSD() of B3.19.7: 0, or the fault status. */
static unsigned walk_tables(const ArmCpu *cpu, Gva va, Descriptor *d)
{
    uint32_t l1, l2;
    Gpa pa;

    *d = (Descriptor){ 0 };
    if (!first_level_address(&cpu->cp15, va, &pa)) {
        return FS_TRANSLATION_SECTION;
    }
    if (!read_descriptor(cpu, pa, &l1)) {
        return FS_EXTERNAL_WALK_1;
    }
    if ((l1 & 3) == 0) {
        return FS_TRANSLATION_SECTION;
    }
    d->domain = l1 >> 5 & 0xf;
    if ((l1 & 2) != 0) {
        decode_section(l1, d);
        return 0;
    }
    d->page = true;
    d->pxn = (l1 >> 2 & 1) != 0;
    if (!read_descriptor(cpu, (l1 & 0xfffffc00) | (va >> 12 & 0xff) << 2, &l2)) {
        return FS_EXTERNAL_WALK_2;
    }
    return decode_page(l2, d) ? 0 : FS_TRANSLATION_PAGE;
}

/* Table B3-8, AP[2:0], and B3-7, AP[2:1] when SCTLR.AFE is 1: read and write rights, first of PL1,
 * then of PL0. AP 0b100 is reserved: no access. */
static unsigned data_rights(unsigned ap, bool afe, bool privileged)
{
    static const uint8_t full[8][2] = {
        { 0, 0 },
        { RIGHT_R | RIGHT_W, 0 },
        { RIGHT_R | RIGHT_W, RIGHT_R },
        { RIGHT_R | RIGHT_W, RIGHT_R | RIGHT_W },
        { 0, 0 },
        { RIGHT_R, 0 },
        { RIGHT_R, RIGHT_R },
        { RIGHT_R, RIGHT_R },
    };
    return full[afe ? ap | 1 : ap][privileged ? 0 : 1];
}

/* B3.7: in a manager domain neither AP nor XN is looked at. Execution needs the right to read. */
static unsigned rights_of(const Descriptor *d, bool manager, bool afe, bool privileged)
{
    unsigned rights = manager ? RIGHT_R | RIGHT_W : data_rights(d->ap, afe, privileged);

    if ((rights & RIGHT_R) != 0 && (manager || !(d->xn || (privileged && d->pxn)))) {
        rights |= RIGHT_X;
    }
    return rights;
}

/* The checks of B3.12.1 in their order: translation, access flag, domain, permission. */
static unsigned check(const ArmCpu *cpu, const Descriptor *d, bool privileged, unsigned needed,
                      unsigned *rights)
{
    bool afe = (cpu->cp15.sctlr & SCTLR_AFE) != 0;
    unsigned domain = cpu->cp15.dacr >> (2 * d->domain) & 3;

    if (afe && (d->ap & 1) == 0) {
        return d->page ? FS_ACCESS_FLAG_PAGE : FS_ACCESS_FLAG_SECTION;
    }
    /* B4.1.43: DACR value 0b10 is reserved; no access. */
    if (domain != DOMAIN_CLIENT && domain != DOMAIN_MANAGER) {
        return d->page ? FS_DOMAIN_PAGE : FS_DOMAIN_SECTION;
    }
    *rights = rights_of(d, domain == DOMAIN_MANAGER, afe, privileged);
    if ((*rights & needed) == 0) {
        return d->page ? FS_PERMISSION_PAGE : FS_PERMISSION_SECTION;
    }
    return 0;
}

static uint32_t write_not_read(MmuAccess access) { return access == ACCESS_WRITE ? FSR_WNR : 0; }

/* B4.1.51: DFSR.Domain is 0 for faults found before the domain is known; IFSR has none. */
static uint32_t short_status(unsigned fs, unsigned domain, MmuAccess access)
{
    return fs | (access != ACCESS_FETCH ? domain << 4 : 0) | write_not_read(access);
}

/* B4.1.51, B4.1.96: TTBCR.EAE chooses the format of every fault's status. */
uint32_t arm_fsr(const ArmCpu *cpu, ArmFs fs)
{
    if (!arm_long(cpu)) {
        return fs;
    }
    switch (fs) {
    case FS_ALIGNMENT: return FSR_LPAE | LS_ALIGNMENT;
    case FS_DEBUG: return FSR_LPAE | LS_DEBUG;
    case FS_EXTERNAL: return FSR_LPAE | LS_EXTERNAL;
    default: g_assert_not_reached();
    }
}

static void identity(Gva va, MmuMapping *out)
{
    *out = (MmuMapping){
        .pa = va & ~(Gva)0xfff,
        .rights = RIGHT_R | RIGHT_W | RIGHT_X,
        .size_shift = 20,
        .global = true,
    };
}

static bool translate_short(const ArmCpu *cpu, bool privileged, Gva va, MmuAccess access,
                            MmuMapping *out, uint32_t *fsr)
{
    static const unsigned needed[] = {
        [ACCESS_READ] = RIGHT_R, [ACCESS_WRITE] = RIGHT_W, [ACCESS_FETCH] = RIGHT_X
    };
    unsigned fs, rights = 0;
    Descriptor d;

    fs = walk_tables(cpu, va, &d);
    if (fs == 0) {
        fs = check(cpu, &d, privileged, needed[access], &rights);
    }
    if (fs != 0) {
        *fsr = short_status(fs, d.domain, access);
        return false;
    }
    *out = (MmuMapping){
        .pa = d.base | (va & bits_mask(d.size_shift) & ~(Gpa)0xfff),
        .rights = (uint8_t)rights,
        .size_shift = (uint8_t)d.size_shift,
        .global = d.global,
    };
    return true;
}

static bool translate_long(const ArmCpu *cpu, bool privileged, Gva va, MmuAccess access,
                           MmuMapping *out, uint32_t *fsr)
{
    uint64_t leaf;
    unsigned status = arm_walk_long(cpu, privileged, va, access, out, &leaf);

    if (status != 0) {
        *fsr = FSR_LPAE | status | write_not_read(access);
        return false;
    }
    return true;
}

bool arm_translate(ArmCpu *cpu, bool privileged, Gva va, MmuAccess access, MmuMapping *out,
                   uint32_t *fsr)
{
    if ((cpu->cp15.sctlr & SCTLR_M) == 0) {
        identity(va, out); /* B3.2.1 */
        return true;
    }
    return arm_long(cpu) ? translate_long(cpu, privileged, va, access, out, fsr)
                         : translate_short(cpu, privileged, va, access, out, fsr);
}

static void abort_access(Vcpu *v, Gva va, MmuAccess access, uint32_t fsr)
{
    arm_raise(v, access == ACCESS_FETCH ? ARM_EXC_PABT : ARM_EXC_DABT, va, fsr);
}

static bool guest_walk(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe, MmuMapping *out)
{
    uint32_t fsr;

    if (arm_translate(arm_cpu(v), (key.regime & VIEW_PRIVILEGED) != 0, va, access, out, &fsr)) {
        return true;
    }
    if (!probe) {
        abort_access(v, va, access, fsr);
    }
    return false;
}

/* B3.13.2: an alignment fault comes before any translation; its domain is not known. */
static void guest_misaligned(Vcpu *v, Gva va, MmuAccess access)
{
    abort_access(v, va, access, arm_fsr(arm_cpu(v), FS_ALIGNMENT) | write_not_read(access));
}

/* Synchronous external abort; ExT (IMPLEMENTATION DEFINED) is 0: a decode error. */
static void guest_bus_error(Vcpu *v, Gva va, Gpa pa, MmuAccess access)
{
    (void)pa;
    abort_access(v, va, access, arm_fsr(arm_cpu(v), FS_EXTERNAL) | write_not_read(access));
}

const MmuGuest arm_mmu_guest = {
    .walk = guest_walk,
    .misaligned = guest_misaligned,
    .bus_error = guest_bus_error,
};
