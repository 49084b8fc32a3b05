/* SPDX-License-Identifier: MIT */
/* psci.h - ARM's Power State Coordination Interface, as a board's firmware gives it. */
#ifndef MACHINE_PSCI_H
#define MACHINE_PSCI_H

#include <stdbool.h>

struct ArmCpu;
struct Fdt;

/**
 * psci_call - an HVC or SMC: ArmCpu.psci.
 * @machine: the Machine
 * Registers r0 to r3 are the arguments, r0 the result. Spec: ARM DEN 0022D, PSCI 1.1.
 * Returns: false if r0 is no PSCI function and the call is UNDEFINED.
 */
bool psci_call(void *machine, struct ArmCpu *cpu);

/* Appends the psci node: method hvc. */
void psci_fdt(struct Fdt *f);

#endif
