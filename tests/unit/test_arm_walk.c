/* SPDX-License-Identifier: MIT */
/* test_arm_walk.c - short-descriptor walks: what they find, and the status of each fault. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/sys_rig.h"

/* Domains: 0 client, 1 manager, 2 none, 3 reserved. */
enum { DACR = 0x8d };

/* Descriptors, DDI 0406C.d B3.5.1. */
#define SECTION 2u
#define AP(ap) (((ap)&3u) << 10 | ((ap)&4u) << 13) /* of a section */
#define DOMAIN(d) ((uint32_t)(d) << 5)
#define S_XN (1u << 4)
#define S_PXN 1u
#define S_NG (1u << 17)
#define SUPER (1u << 18)
#define TABLE (RIG_L2 | 1u)
#define T_PXN (1u << 2)
#define SMALL 2u
#define LARGE 1u
#define PAP(ap) (((ap)&3u) << 4 | ((ap)&4u) << 7) /* of a page */

static SysRig *rig;

static void set_up(void)
{
    rig = sys_rig_new("cortex-a15");
    rig_mmu_on(rig, DACR);
}

static void tear_down(void) { sys_rig_free(rig); }

TestSuite(arm_walk, .init = set_up, .fini = tear_down);

/* The walk of @va, or 0 and the fault status. */
static bool walk(bool priv, Gva va, MmuAccess access, MmuMapping *m, uint32_t *fsr)
{
    *m = (MmuMapping){ 0 };
    *fsr = 0;
    return arm_translate(rig->cpu, priv, va, access, m, fsr);
}

static void map_section(Gva va, uint32_t descriptor)
{
    rig_poke(rig, RIG_L1 + (va >> 20) * 4, descriptor);
}

static void map_page(Gva va, uint32_t l1, uint32_t l2)
{
    map_section(va, l1);
    rig_poke(rig, RIG_L2 + (va >> 12 & 0xff) * 4, l2);
}

Test(arm_walk, section_page_and_supersection_give_address_size_and_global)
{
    static const struct {
        const char *why;
        Gva va;
        uint32_t l1, l2;
        Gpa pa;
        unsigned shift;
        bool global;
    } rows[] = {
        { "section", 0x12345678, 0xabc00000 | SECTION | AP(3), 0, 0xabc45000, 20, true },
        { "section, nG", 0x12345678, 0xabc00000 | SECTION | AP(3) | S_NG, 0, 0xabc45000, 20,
          false },
        { "supersection", 0x12345678, 0xab500000 | SUPER | SECTION | AP(3) | 9 << 5, 0,
          0x95ab345000, 24, true },
        { "small page", 0x12345678, TABLE, 0x7654f000 | SMALL | PAP(3), 0x7654f000, 12, true },
        { "small page, nG", 0x12345678, TABLE, 0x7654f000 | SMALL | PAP(3) | 1 << 11, 0x7654f000,
          12, false },
        { "large page", 0x12345678, TABLE, 0x76540000 | LARGE | PAP(3), 0x76545000, 16, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MmuMapping m;
        uint32_t fsr;

        map_page(rows[i].va, rows[i].l1, rows[i].l2);
        cr_expect(walk(true, rows[i].va, ACCESS_READ, &m, &fsr), "%s: %#x", rows[i].why, fsr);
        cr_expect(eq(u64, m.pa, rows[i].pa), "%s", rows[i].why);
        cr_expect(eq(u32, m.size_shift, rows[i].shift), "%s", rows[i].why);
        cr_expect(eq(int, m.global, rows[i].global), "%s", rows[i].why);
    }
}

Test(arm_walk, each_fault_has_its_status_and_domain)
{
    static const struct {
        const char *why;
        uint32_t l1, l2;
        MmuAccess access;
        uint32_t fsr;
    } rows[] = {
        { "first level 0", 0, 0, ACCESS_READ, 0x005 },
        { "first level 0, write: WnR", 0, 0, ACCESS_WRITE, 0x805 },
        { "first level 0, fetch", DOMAIN(2), 0, ACCESS_FETCH, 0x005 },
        { "second level 0", TABLE | DOMAIN(1), 0, ACCESS_READ, 0x017 },
        { "second level 0, fetch: no domain", TABLE | DOMAIN(1), 0, ACCESS_FETCH, 0x007 },
        { "section in no-access domain", SECTION | AP(3) | DOMAIN(2), 0, ACCESS_READ, 0x029 },
        { "section in reserved domain", SECTION | AP(3) | DOMAIN(3), 0, ACCESS_WRITE, 0x839 },
        { "page in no-access domain", TABLE | DOMAIN(2), SMALL | PAP(3), ACCESS_READ, 0x02b },
        { "section without rights", SECTION | AP(0), 0, ACCESS_READ, 0x00d },
        { "read-only section", SECTION | AP(7), 0, ACCESS_WRITE, 0x80d },
        { "page without rights", TABLE, SMALL | PAP(0), ACCESS_READ, 0x00f },
        { "XN section", SECTION | AP(3) | S_XN, 0, ACCESS_FETCH, 0x00d },
        { "PXN section", SECTION | AP(3) | S_PXN, 0, ACCESS_FETCH, 0x00d },
        { "XN small page", TABLE, SMALL | 1 | PAP(3), ACCESS_FETCH, 0x00f },
        { "XN large page", TABLE, LARGE | 1u << 15 | PAP(3), ACCESS_FETCH, 0x00f },
        { "PXN table", TABLE | T_PXN, SMALL | PAP(3), ACCESS_FETCH, 0x00f },
        { "second-level table where nothing is", 0xff000001 | DOMAIN(1), 0, ACCESS_READ, 0x01e },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MmuMapping m;
        uint32_t fsr;

        map_page(0x00700000, rows[i].l1, rows[i].l2);
        cr_expect(not(walk(true, 0x00700000, rows[i].access, &m, &fsr)), "%s", rows[i].why);
        cr_expect(eq(u32, fsr, rows[i].fsr), "%s", rows[i].why);
    }
}

Test(arm_walk, first_level_table_where_nothing_is_gives_an_external_abort)
{
    MmuMapping m;
    uint32_t fsr;

    rig_cp_write(rig, CP_TTBR0, 0x80000000);
    cr_expect(not(walk(true, 0, ACCESS_READ, &m, &fsr)));
    cr_expect(eq(u32, fsr, 0x00c));
}

Test(arm_walk, a_manager_domain_has_no_permissions_and_no_xn)
{
    MmuMapping m;
    uint32_t fsr;

    map_section(0, SECTION | AP(0) | S_XN | S_PXN | DOMAIN(1));
    cr_expect(walk(true, 0, ACCESS_FETCH, &m, &fsr));
    cr_expect(eq(u32, m.rights, RIGHT_R | RIGHT_W | RIGHT_X));
    cr_expect(walk(false, 0, ACCESS_WRITE, &m, &fsr));
    cr_expect(eq(u32, m.rights, RIGHT_R | RIGHT_W | RIGHT_X));
}

/* Rights that a client finds, B3.7.1: R 1, W 2, X 4. */
static unsigned rights_found(bool priv)
{
    MmuMapping m;
    uint32_t fsr;

    return walk(priv, 0, ACCESS_READ, &m, &fsr) ? m.rights : 0;
}

Test(arm_walk, rights_follow_ap_for_each_privilege)
{
    static const struct {
        uint8_t priv, user;
    } full[8] = { { 0, 0 }, { 7, 0 }, { 7, 5 }, { 7, 7 }, { 0, 0 }, { 5, 0 }, { 5, 5 }, { 5, 5 } };

    for (unsigned ap = 0; ap < 8; ap++) {
        map_section(0, SECTION | AP(ap));
        cr_expect(eq(u32, rights_found(true), full[ap].priv), "section AP %u", ap);
        cr_expect(eq(u32, rights_found(false), full[ap].user), "section AP %u, user", ap);
        map_page(0, TABLE, SMALL | PAP(ap));
        cr_expect(eq(u32, rights_found(true), full[ap].priv), "page AP %u", ap);
        cr_expect(eq(u32, rights_found(false), full[ap].user), "page AP %u, user", ap);
    }
}

Test(arm_walk, pxn_stops_pl1_only)
{
    map_section(0, SECTION | AP(3) | S_PXN);
    cr_expect(eq(u32, rights_found(true), RIGHT_R | RIGHT_W));
    cr_expect(eq(u32, rights_found(false), RIGHT_R | RIGHT_W | RIGHT_X));
}

Test(arm_walk, with_afe_ap0_is_the_access_flag_and_comes_before_the_domain)
{
    MmuMapping m;
    uint32_t fsr;

    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr | SCTLR_AFE);
    map_section(0, SECTION | AP(2) | DOMAIN(2));
    cr_expect(not(walk(true, 0, ACCESS_READ, &m, &fsr)));
    cr_expect(eq(u32, fsr, 0x023));
    map_page(0, TABLE, SMALL | PAP(2));
    cr_expect(not(walk(true, 0, ACCESS_WRITE, &m, &fsr)));
    cr_expect(eq(u32, fsr, 0x806));
    /* B3.7.1, simplified: AP[2:1] 0 PL1 RW, 1 all RW, 2 PL1 RO, 3 all RO. */
    map_section(0, SECTION | AP(1));
    cr_expect(eq(u32, rights_found(true), 7));
    cr_expect(eq(u32, rights_found(false), 0));
    map_section(0, SECTION | AP(3));
    cr_expect(eq(u32, rights_found(false), 7));
    map_section(0, SECTION | AP(5));
    cr_expect(eq(u32, rights_found(true), 5));
    cr_expect(eq(u32, rights_found(false), 0));
    map_section(0, SECTION | AP(7));
    cr_expect(eq(u32, rights_found(false), 5));
}

Test(arm_walk, ttbcr_n_splits_the_address_space)
{
    MmuMapping m;
    uint32_t fsr;

    rig_cp_write(rig, CP_TTBR1, RIG_L1B);
    rig_cp_write(rig, CP_TTBCR, 2); /* below 1 GiB: TTBR0, a table of 4 KiB */
    rig_cp_write(rig, CP_TTBR0, RIG_L1 + 0x1000);
    rig_poke(rig, RIG_L1 + 0x1000 + 0x3ff * 4, 0x11100000 | SECTION | AP(3));
    rig_poke(rig, RIG_L1B + 0x400 * 4, 0x22200000 | SECTION | AP(3));
    cr_expect(walk(true, 0x3ff00000, ACCESS_READ, &m, &fsr));
    cr_expect(eq(u64, m.pa, 0x11100000));
    cr_expect(walk(true, 0x40000000, ACCESS_READ, &m, &fsr));
    cr_expect(eq(u64, m.pa, 0x22200000));
    rig_cp_write(rig, CP_TTBCR, 2 | 1 << 4); /* PD0 */
    cr_expect(not(walk(true, 0x3ff00000, ACCESS_READ, &m, &fsr)));
    cr_expect(eq(u32, fsr, 0x005));
    cr_expect(walk(true, 0x40000000, ACCESS_READ, &m, &fsr));
    rig_cp_write(rig, CP_TTBCR, 2 | 1 << 5); /* PD1 */
    cr_expect(not(walk(true, 0x40000000, ACCESS_READ, &m, &fsr)));
    cr_expect(walk(true, 0x3ff00000, ACCESS_READ, &m, &fsr));
}

Test(arm_walk, descriptors_are_big_endian_with_sctlr_ee)
{
    MmuMapping m;
    uint32_t fsr;

    map_section(0, GUINT32_SWAP_LE_BE(0x33300000 | SECTION | AP(3)));
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr | SCTLR_EE);
    cr_expect(walk(true, 0, ACCESS_READ, &m, &fsr));
    cr_expect(eq(u64, m.pa, 0x33300000));
}

Test(arm_walk, without_mmu_addresses_are_physical)
{
    MmuMapping m;
    uint32_t fsr;

    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr & ~(uint32_t)SCTLR_M);
    cr_expect(walk(false, 0xdeadbeef, ACCESS_FETCH, &m, &fsr));
    cr_expect(eq(u64, m.pa, 0xdeadb000));
    cr_expect(eq(u32, m.rights, 7));
}

Test(arm_walk, faults_are_data_or_prefetch_aborts_and_a_probe_raises_none)
{
    Vcpu *v = &rig->cpu->v;
    ViewKey key = arm_view_key(rig->cpu, true);
    MmuMapping m;

    cr_expect(not(arm_mmu_guest.walk(v, key, 0x1234, ACCESS_WRITE, true, &m)));
    cr_expect(eq(u32, v->leave, LEAVE_NO));
    cr_expect(not(arm_mmu_guest.walk(v, key, 0x1234, ACCESS_WRITE, false, &m)));
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
    cr_expect(eq(u32, vcpu_cold(v)->fault.kind, ARM_EXC_DABT));
    cr_expect(eq(u32, vcpu_cold(v)->fault.address, 0x1234));
    cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, 0x805));
    cr_expect(not(arm_mmu_guest.walk(v, key, 0x1234, ACCESS_FETCH, false, &m)));
    cr_expect(eq(u32, vcpu_cold(v)->fault.kind, ARM_EXC_PABT));
    arm_mmu_guest.misaligned(v, 0x13, ACCESS_WRITE);
    cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, 0x801));
    arm_mmu_guest.bus_error(v, 0x1000, 0x80000000, ACCESS_READ);
    cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, 0x008));
}
