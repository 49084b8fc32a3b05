/* SPDX-License-Identifier: MIT */
/* psci.c - see psci.h. One CPU; sections of ARM DEN 0022D. */
#include "machine/psci.h"

#include "frontend/arm/arm.h"
#include "machine/fdt.h"
#include "machine/machine.h"

/* Return codes, 5.2.2. */
enum {
    PSCI_SUCCESS = 0,
    PSCI_NOT_SUPPORTED = -1,
    PSCI_INVALID_PARAMETERS = -2,
    PSCI_DENIED = -3,
    PSCI_ALREADY_ON = -4,
};

enum { PSCI_VERSION_1_1 = 1 << 16 | 1, TOS_NOT_PRESENT = 2, AFFINITY_ON = 0 };

static int32_t version(Machine *m, ArmCpu *cpu)
{
    (void)m;
    (void)cpu;
    return PSCI_VERSION_1_1;
}

/* 5.4: a power-down or stand-by state; as WFI, execution goes on behind the call. */
static int32_t cpu_suspend(Machine *m, ArmCpu *cpu)
{
    (void)m;
    cpu->v.attention |= ATTN_HALT;
    return PSCI_SUCCESS;
}

/* 5.5.2: the last CPU cannot be waited for by another. It stays off until a reset. */
static int32_t cpu_off(Machine *m, ArmCpu *cpu)
{
    (void)cpu;
    machine_end(m, END_POWER_OFF);
    return PSCI_SUCCESS;
}

static int32_t cpu_on(Machine *m, ArmCpu *cpu)
{
    (void)m;
    return cpu->r[1] == 0 ? PSCI_ALREADY_ON : PSCI_INVALID_PARAMETERS;
}

static int32_t affinity_info(Machine *m, ArmCpu *cpu)
{
    (void)m;
    return cpu->r[1] == 0 && cpu->r[2] == 0 ? AFFINITY_ON : PSCI_INVALID_PARAMETERS;
}

static int32_t migrate_info_type(Machine *m, ArmCpu *cpu)
{
    (void)m;
    (void)cpu;
    return TOS_NOT_PRESENT;
}

static int32_t system_off(Machine *m, ArmCpu *cpu)
{
    (void)cpu;
    machine_end(m, END_POWER_OFF);
    return PSCI_SUCCESS;
}

static int32_t system_reset(Machine *m, ArmCpu *cpu)
{
    (void)cpu;
    machine_request_reset(m);
    return PSCI_SUCCESS;
}

static int32_t features(Machine *m, ArmCpu *cpu);

/* clang-format off */
static const struct {
    uint32_t id;
    int32_t (*call)(Machine *m, ArmCpu *cpu);
    const char *spec;
} functions[] = {
    { 0x84000000, version,           "5.3 PSCI_VERSION" },
    { 0x84000001, cpu_suspend,       "5.4 CPU_SUSPEND" },
    { 0x84000002, cpu_off,           "5.5 CPU_OFF" },
    { 0x84000003, cpu_on,            "5.6 CPU_ON" },
    { 0x84000004, affinity_info,     "5.7 AFFINITY_INFO" },
    { 0x84000006, migrate_info_type, "5.9 MIGRATE_INFO_TYPE" },
    { 0x84000008, system_off,        "5.11 SYSTEM_OFF" },
    { 0x84000009, system_reset,      "5.12 SYSTEM_RESET" },
    { 0x8400000a, features,          "5.16 PSCI_FEATURES" },
};
/* clang-format on */

static int find(uint32_t id)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (functions[i].id == id) {
            return (int)i;
        }
    }
    return -1;
}

static int32_t features(Machine *m, ArmCpu *cpu)
{
    (void)m;
    return find(cpu->r[1]) >= 0 ? 0 : PSCI_NOT_SUPPORTED;
}

bool psci_call(void *machine, ArmCpu *cpu)
{
    int i = find(cpu->r[0]);

    /* SMC Calling Convention (DEN 0028) 5.2: an unknown function gives -1, it does not trap. */
    cpu->r[0] = (uint32_t)(i < 0 ? PSCI_NOT_SUPPORTED : functions[i].call(machine, cpu));
    return true;
}

void psci_fdt(Fdt *f)
{
    static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2\0arm,psci";

    fdt_node(f, "psci");
    fdt_texts(f, "compatible", compatible, sizeof(compatible));
    fdt_text(f, "method", "hvc");
    fdt_cell(f, "cpu_suspend", 0x84000001);
    fdt_cell(f, "cpu_off", 0x84000002);
    fdt_cell(f, "cpu_on", 0x84000003);
    fdt_close(f);
}
