/* SPDX-License-Identifier: MIT */
/* test_x86_model.c - what each CPU model says that it has, and that it has that and no more. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

static X86Rig *start(const HostIsa *host, const char *model)
{
    X86Rig *rig = x86_rig_new(host, model);

    if (strcmp(model, "486") != 0 && strcmp(model, "pentium") != 0) {
        rig->cpu->cr4 |= CR4_OSFXSR | CR4_PCE;
    }
    rig->cpu->r[3] = X86_RIG_DATA;
    x86_update(rig->cpu);
    return rig;
}

/* CPUID of published dumps, Core Duo T2600, Atom N270 and the older ones, less what is not here:
 * VME, PSN, HTT, ACPI, MONITOR; with a hypervisor's bit and leaves. tests/guest/x86/cpuid.c has all
 * of qemu32's beside QEMU's. */
static const struct {
    const char *model;
    uint32_t leaf, eax, ebx, ecx, edx;
} leaves[] = {
    { "486", 0, 1, 0x756e6547, 0x6c65746e, 0x49656e69 },
    { "486", 1, 0x480, 0, 0x80000000, 0x00000001 },
    { "486", 2, 0x480, 0, 0x80000000, 0x00000001 },
    { "486", 0x40000000, 0x40000001, 0x70706f64, 0x6f646c65, 0x6c657070 },
    { "486", 0x40000001, 0, 0, 0, 0 },
    { "486", 0x40000002, 0x480, 0, 0x80000000, 0x00000001 },
    { "486", 0x80000000, 0x480, 0, 0x80000000, 0x00000001 },
    { "pentium", 0, 1, 0x756e6547, 0x6c65746e, 0x49656e69 },
    { "pentium", 1, 0x543, 0, 0x80000000, 0x008003bd },
    { "pentium2", 0, 2, 0x756e6547, 0x6c65746e, 0x49656e69 },
    { "pentium2", 1, 0x652, 0, 0x80000000, 0x0183fbfd },
    { "pentium2", 2, 0x03020101, 0, 0, 0x0c040843 },
    { "pentium3", 1, 0x673, 0, 0x80000000, 0x0383fbfd },
    { "qemu32", 0, 4, 0x756e6547, 0x6c65746e, 0x49656e69 },
    { "qemu32", 1, 0x663, 0, 0x80000001, 0x0781abfd },
    { "qemu32", 0x80000000, 0x80000004, 0, 0, 0 },
    { "qemu32", 0x80000002, 0x554d4551, 0x72695620, 0x6c617574, 0x55504320 },
    { "coreduo", 1, 0x6e8, 0x800, 0x80000001, 0x0f89fbfd },
    { "coreduo", 0x80000000, 0x80000008, 0, 0, 0 },
    { "coreduo", 0x80000001, 0x6e8, 0, 0, 0x00100000 },
    { "coreduo", 0x80000004, 0x30303632, 0x20402020, 0x36312e32, 0x007a4847 },
    { "coreduo", 0x80000008, 0x2020, 0, 0, 0 },
    { "n270", 1, 0x106c2, 0x800, 0x80400201, 0x0f89fbfd },
    { "n270", 0x80000001, 0x106c2, 0, 1, 0x00100000 },
    { "n270", 0x80000003, 0x50432029, 0x324e2055, 0x20203037, 0x31204020 },
    { "n270", 0x80000008, 0x2020, 0, 0, 0 },
};

Test(x86_model, cpuid_is_the_models)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(leaves); i++) {
        X86Rig *rig = start(&x64_host, leaves[i].model);

        rig->cpu->r[0] = leaves[i].leaf;
        x86_rig_code(rig, "\x0f\xa2", 2, 1);
        cr_expect(eq(u32, rig->cpu->r[0], leaves[i].eax), "%s %#x", leaves[i].model,
                  leaves[i].leaf);
        cr_expect(eq(u32, rig->cpu->r[3], leaves[i].ebx), "%s %#x", leaves[i].model,
                  leaves[i].leaf);
        cr_expect(eq(u32, rig->cpu->r[1], leaves[i].ecx), "%s %#x", leaves[i].model,
                  leaves[i].leaf);
        cr_expect(eq(u32, rig->cpu->r[2], leaves[i].edx), "%s %#x", leaves[i].model,
                  leaves[i].leaf);
        x86_rig_free(rig);
    }
}

/* Instructions of features, oldest first, and the letter of each in `has`. */
static const struct {
    char letter;
    const char *code;
    unsigned bytes;
} instructions[] = {
    { '4', "\x0f\xc8", 2 },         /* BSWAP */
    { '4', "\x0f\xb1\x03", 3 },     /* CMPXCHG */
    { '4', "\x0f\xc1\x03", 3 },     /* XADD */
    { '4', "\x0f\x01\x3b", 3 },     /* INVLPG */
    { '4', "\x0f\x09", 2 },         /* WBINVD */
    { '4', "\x0f\xa2", 2 },         /* CPUID */
    { '5', "\x0f\x31", 2 },         /* RDTSC */
    { '5', "\x0f\xc7\x0b", 3 },     /* CMPXCHG8B */
    { '5', "\x0f\x32", 2 },         /* RDMSR of 0x10 */
    { 'm', "\x0f\x77", 2 },         /* EMMS */
    { 'm', "\x0f\xef\xc0", 3 },     /* PXOR */
    { '6', "\x0f\x40\xc1", 3 },     /* CMOVO */
    { '6', "\xda\xc1", 2 },         /* FCMOVB */
    { '6', "\xdb\xf1", 2 },         /* FCOMI */
    { '6', "\x0f\x1f\xc0", 3 },     /* NOP of a modrm */
    { '6', "\x0f\x33", 2 },         /* RDPMC */
    { '6', "\x0f\xae\x03", 3 },     /* FXSAVE */
    { 's', "\x0f\x57\xc0", 3 },     /* XORPS */
    { 's', "\x0f\x18\x03", 3 },     /* PREFETCHNTA */
    { 's', "\x0f\xae\xf8", 3 },     /* SFENCE */
    { 's', "\x0f\xd7\xc0", 3 },     /* PMOVMSKB of an MMX register */
    { 't', "\x66\x0f\xef\xc0", 4 }, /* PXOR of XMM registers */
    { 't', "\x0f\xae\xf0", 3 },     /* MFENCE */
    { 't', "\x0f\xc3\x03", 3 },     /* MOVNTI */
    { 'c', "\x0f\xae\x3b", 3 },     /* CLFLUSH */
    { '3', "\xf2\x0f\x7c\xc0", 4 }, /* HADDPS */
    { '3', "\xdf\x0b", 2 },         /* FISTTP */
    { 'x', "\x0f\x38\x1c\xc0", 4 }, /* PABSB */
    { 'x', "\x0f\x38\xf0\x03", 4 }, /* MOVBE */
    { '?', "\x0f\x01\xc8", 3 },     /* MONITOR */
    { '?', "\xf3\x0f\xb8\xc0", 4 }, /* POPCNT */
    { '?', "\x0f\x0b", 2 },         /* UD2 */
    { '?', "\x0f\x05", 2 },         /* SYSCALL */
};

static const struct {
    const char *model, *has;
} models[] = {
    { "486", "4" },          { "pentium", "45m" },    { "pentium2", "45m6" },
    { "pentium3", "45m6s" }, { "qemu32", "45m6st3" }, { "coreduo", "45m6stc3" },
    { "n270", "45m6stc3x" },
};

Test(x86_model, an_instruction_of_an_absent_feature_is_undefined)
{
    static const HostIsa *const hosts[] = { &interp_host, &x64_host };

    for (unsigned m = 0; m < G_N_ELEMENTS(models); m++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(instructions); i++) {
            X86Rig *rig = start(hosts[i % 2], models[m].model);
            bool has = strchr(models[m].has, instructions[i].letter) != NULL;

            rig->cpu->r[1] = instructions[i].code[1] == '\x33' ? 0 : 0x10;
            x86_rig_code(rig, instructions[i].code, instructions[i].bytes, 1);
            cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_UD], has ? 0 : 1),
                      "%s row %u", models[m].model, i);
            x86_rig_free(rig);
        }
    }
}

/* RDMSR (@code 0x32) or WRMSR (0x30) of @msr with EDX:EAX all @value; the count of #GP it gives. */
static uint64_t ask(const HostIsa *host, const char *model, char code, uint32_t msr,
                    uint32_t *value)
{
    X86Rig *rig = start(host, model);
    const char bytes[2] = { 0x0f, code };
    uint64_t faults;

    rig->cpu->r[0] = *value;
    rig->cpu->r[1] = msr;
    rig->cpu->r[2] = 0;
    x86_rig_code(rig, bytes, 2, 1);
    faults = vcpu_cold(&rig->cpu->v)->exceptions[X86_GP];
    *value = rig->cpu->r[0] | rig->cpu->r[2];
    x86_rig_free(rig);
    return faults;
}

/* Linux asks whether counter 0 keeps what is written to it. */
Test(x86_model, performance_counters_read_zero)
{
    static const uint32_t msrs[] = { 0xc1, 0xc2, 0x186, 0x187 };
    X86Rig *rig = start(&x64_host, "qemu32");

    for (unsigned i = 0; i < G_N_ELEMENTS(msrs); i++) {
        rig->cpu->r[0] = 0xffff;
        rig->cpu->r[1] = msrs[i];
        rig->cpu->r[2] = 0;
        x86_rig_code(rig, "\x0f\x30\x0f\x32", 4, 2);
        cr_expect(eq(u32, rig->cpu->r[0], 0), "%#x", msrs[i]);
    }
    rig->cpu->r[1] = 0;
    x86_rig_code(rig, "\x0f\x33", 2, 1);
    cr_expect(eq(u32, rig->cpu->r[0], 0));
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_GP], 0));
    x86_rig_free(rig);
}

/* CPUID.MCE: SDM Vol. 3 15.10; CPUID.MCA: 15.3.1, with no banks. */
Test(x86_model, machine_checks_are_enabled_and_never_come)
{
    static const struct {
        const char *model;
        bool mce, p6;
    } rows[] = { { "486", false, false },
                 { "pentium", true, false },
                 { "pentium2", true, true },
                 { "qemu32", true, true },
                 { "n270", true, true } };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        X86Rig *rig = start(&x64_host, rows[i].model);
        uint32_t value = 0;

        rig->cpu->r[0] = CR4_MCE;
        x86_rig_code(rig, "\x0f\x22\xe0", 3, 1); /* MOV CR4, EAX */
        cr_expect(eq(u32, rig->cpu->cr4 & CR4_MCE, rows[i].mce ? CR4_MCE : 0), "%s", rows[i].model);
        x86_rig_free(rig);
        if (!rows[i].mce) {
            continue;
        }
        cr_expect(eq(u64, ask(&x64_host, rows[i].model, 0x32, 0, &value), 0));
        cr_expect(eq(u32, value, 0), "P5_MC_ADDR");
        cr_expect(eq(u64, ask(&interp_host, rows[i].model, 0x32, 1, &value), 0));
        cr_expect(eq(u32, value, 0), "P5_MC_TYPE");
        cr_expect(eq(u64, ask(&x64_host, rows[i].model, 0x32, 0x179, &value), !rows[i].p6));
        value = 7;
        cr_expect(eq(u64, ask(&x64_host, rows[i].model, 0x30, 0x17a, &value), !rows[i].p6));
        value = 8;
        cr_expect(eq(u64, ask(&x64_host, rows[i].model, 0x30, 0x17a, &value), 1));
    }
}
