/* SPDX-License-Identifier: MIT */
/* test_mips_state.c - state rows of the MIPS vCPU: complete, saved and loaded; what is shown. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "frontend/mips/mips_priv.h"
#include "tests/rig/mips_rig.h"

/* Bytes of the Vcpu that are not rows: bookkeeping and what loaded() derives. */
static bool derived(size_t at) { return at < sizeof(Vcpu); }

Test(mips_state, each_guest_visible_byte_is_in_exactly_one_state_row)
{
    enum { END = offsetof(MipsCpu, model) };
    static uint8_t rows[END];

    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        size_t n = state_bytes(&mips_fields[i]);

        cr_assert(le(sz, mips_fields[i].off + n, END), "%s", mips_fields[i].name);
        for (size_t k = 0; k < n; k++) {
            rows[mips_fields[i].off + k]++;
        }
    }
    for (size_t at = 0; at < END; at++) {
        if (!derived(at)) {
            cr_assert(eq(u8, rows[at], 1), "byte %zu", at);
        }
    }
    cr_expect(eq(u8, rows[offsetof(MipsCpu, v.pc)], 1));
    cr_expect(eq(u8, rows[offsetof(MipsCpu, v.mode)], 1));
}

/* What mips_sound() says of @saved's fields on @live: on a vCPU of nothing else, as when a snapshot
 * is checked. */
static bool fields_are_sound(MipsCpu *live, MipsCpu *saved, GError **error)
{
    Vcpu *v = vcpu_new(offsetof(MipsCpu, model));
    bool ok;

    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        g_autoptr(GByteArray) b = g_byte_array_new();

        state_save(&mips_fields[i], saved, b);
        state_load(&mips_fields[i], v, b->data);
    }
    ok = mips_sound(&live->v, v, error);
    vcpu_free(v);
    return ok;
}

Test(mips_state, what_is_saved_and_loaded_gives_the_same_state)
{
    MipsRig *rig = mips_rig_new(&interp_host, "24Kc", true);
    MipsRig *other = mips_rig_new(&interp_host, "24Kc", true);
    g_autoptr(GByteArray) a = g_byte_array_new();
    g_autoptr(GByteArray) b = g_byte_array_new();
    MipsCpu *cpu = rig->cpu;
    size_t at = 0;

    mips_rig_start(rig, STATUS_UM | 0xff00, 0x00400000);
    for (unsigned i = 1; i < 32; i++) {
        cpu->r[i] = 0x100 + i;
    }
    for (unsigned i = 0; i < 100; i++) {
        cpu->cp0.entryhi = 0x00400000 + (i << 13);
        cpu->cp0.entrylo0 = cpu->cp0.entrylo1 = i << 6 | ENTRYLO_V;
        mips_tlbwr(cpu);
    }
    cpu->v.attention |= ATTN_HALT;
    cpu->v.mode |= MIPS_MODE_SLOT;
    cpu->btarget = 0x00401000;
    mips_set_irq(&cpu->v, 2, true);
    mips_settle(&cpu->v);
    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        state_save(&mips_fields[i], cpu, a);
    }
    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        GError *error = NULL;

        cr_assert(state_check(&mips_fields[i], "cpu", a->data + at, &error), "%s",
                  mips_fields[i].name);
        state_load(&mips_fields[i], other->cpu, a->data + at);
        at += state_bytes(&mips_fields[i]);
    }
    cr_expect(fields_are_sound(other->cpu, cpu, NULL));
    mips_loaded(&other->cpu->v);
    cr_expect(eq(u32, other->cpu->v.attention, ATTN_HALT | ATTN_IRQ));
    cr_expect(eq(u32, other->cpu->v.mode, cpu->v.mode));
    mips_settle(&other->cpu->v);
    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        state_save(&mips_fields[i], other->cpu, b);
    }
    cr_expect(eq(sz, a->len, b->len));
    cr_expect(eq(int, memcmp(a->data, b->data, a->len), 0));
    mips_rig_free(rig);
    mips_rig_free(other);
}

/* That @saved's state is refused for @member. */
static void expect_unsound(MipsCpu *live, MipsCpu *saved, const char *member)
{
    g_autofree char *want = g_strdup_printf("cpu.%s is not a state of the CPU", member);
    g_autoptr(GError) error = NULL;

    cr_assert(not(fields_are_sound(live, saved, &error)), "%s", member);
    cr_expect(eq(str, error->message, want));
}

Test(mips_state, unsound_states_are_refused)
{
    MipsRig *rig = mips_rig_new(&interp_host, "24Kc", false);
    MipsRig *other = mips_rig_new(&interp_host, "24Kc", false);
    MipsCpu *cpu = rig->cpu;

    cr_expect(fields_are_sound(other->cpu, cpu, NULL));
    cpu->r[0] = 1;
    expect_unsound(other->cpu, cpu, "r");
    cpu->r[0] = 0;
    cpu->v.mode |= MIPS_MODE_SLOT_ON;
    expect_unsound(other->cpu, cpu, "mode");
    mips_rig_free(rig);
    mips_rig_free(other);
}

Test(mips_state, unsound_tlbs_are_refused)
{
    MipsRig *rig = mips_rig_new(&interp_host, "24Kc", false);
    MipsRig *other = mips_rig_new(&interp_host, "24Kc", false);
    MipsTlb *tlb = &rig->cpu->tlb;
    MipsCp0 *cp0 = &rig->cpu->cp0;

    tlb->hi[3] = tlb->hi[9] = 0x00400005;
    expect_unsound(other->cpu, rig->cpu, "tlb");
    tlb->hi[9] = 0x00402005;
    cr_expect(fields_are_sound(other->cpu, rig->cpu, NULL));
    tlb->mask[9] = 0x6000; /* of VPN2 0x00400000 too */
    expect_unsound(other->cpu, rig->cpu, "tlb");
    tlb->mask[9] = 0;
    tlb->hi[16] = 0x00404005; /* there are 16 */
    expect_unsound(other->cpu, rig->cpu, "tlb");
    tlb->hi[16] = 0;
    cp0->pagemask = 0xffffe000; /* a page of nothing */
    expect_unsound(other->cpu, rig->cpu, "tlb");
    cp0->pagemask = 0;
    cp0->entryhi = 0x1000; /* in the TLB that says: not written */
    expect_unsound(other->cpu, rig->cpu, "tlb");
    cp0->entryhi = 0;
    cp0->random = 16;
    expect_unsound(other->cpu, rig->cpu, "tlb");
    mips_rig_free(rig);
    mips_rig_free(other);
}

Test(mips_state, registers_are_shown_as_text)
{
    MipsRig *rig = mips_rig_new(&interp_host, "24Kc", false);
    g_autoptr(GString) out = g_string_new(NULL);

    rig->cpu->r[29] = 0x87654321;
    mips_describe(&rig->cpu->v, out);
    cr_expect(ne(ptr, strstr(out->str, "sp=87654321"), NULL));
    cr_expect(ne(ptr, strstr(out->str, "error"), NULL));
    mips_rig_free(rig);
}
