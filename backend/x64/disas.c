/* SPDX-License-Identifier: MIT */
/* disas.c - a unit as text, by Capstone. */
#include <capstone/capstone.h>
#include <inttypes.h>

#include "backend/x64/x64_priv.h"

void x64_disassemble(Host *h, const HostUnit *u, GString *out)
{
    cs_insn *insn;
    size_t n;
    csh cs;

    (void)h;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &cs) != CS_ERR_OK) {
        return;
    }
    n = cs_disasm(cs, u->code, u->code_bytes, 0, 0, &insn);
    for (size_t k = 0; k < n; k++) {
        g_string_append_printf(out, "%6" PRIx64 "  %s %s\n", insn[k].address, insn[k].mnemonic,
                               insn[k].op_str);
    }
    if (n > 0) {
        cs_free(insn, n);
    }
    cs_close(&cs);
}
