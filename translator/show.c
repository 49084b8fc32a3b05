/* SPDX-License-Identifier: MIT */
/* show.c - the translator's log output: guest code, IR and host code of each unit. */
#include <capstone/capstone.h>
#include <inttypes.h>

#include "translator/tr_priv.h"

/* One line for the instruction at @code; returns its length. */
static size_t show_insn(const Translator *t, csh cs, const uint8_t *code, size_t n, Gva pc,
                        uint32_t mode)
{
    cs_insn *insn = NULL;
    const char *row;
    size_t bytes = MIN(n, (mode & 1) != 0 ? 2u : 4u);

    if (cs != 0 && cs_disasm(cs, code, n, pc, 1, &insn) == 1) {
        bytes = insn->size;
        log_write(t->log, "0x%08x:  %-8s %s\n", pc, insn->mnemonic, insn->op_str);
        cs_free(insn, 1);
        return bytes;
    }
    row = t->isa->row_name(code, (unsigned)n, mode);
    log_write(t->log, "0x%08x:  (%s)\n", pc, row ? row : "undefined");
    return bytes;
}

static void show_guest(const Translator *t, const uint8_t *bytes, const Formed *f)
{
    int arch, mode;
    csh cs = 0;
    size_t n = f->bytes + f->bytes_next, at = 0;

    t->isa->capstone(t->blk.mode, &arch, &mode);
    if (arch >= 0 && cs_open((cs_arch)arch, (cs_mode)mode, &cs) != CS_ERR_OK) {
        cs = 0;
    }
    log_write(t->log, "IN: 0x%08x mode 0x%x pa 0x%" PRIx64 ", %u instructions\n", t->blk.pc,
              t->blk.mode, f->pa, t->blk.n_insns);
    while (at < n && f->bytes_next == 0) {
        at += show_insn(t, cs, bytes + at, n - at, t->blk.pc + (Gva)at, t->blk.mode);
    }
    log_write(t->log, "\n");
    if (cs != 0) {
        cs_close(&cs);
    }
}

void tr_show_block(const Translator *t, const uint8_t *bytes, const Formed *f)
{
    if (log_on_at(t->log, LOG_IN_ASM, t->blk.pc)) {
        show_guest(t, bytes, f);
    }
    if (log_on_at(t->log, LOG_IR, t->blk.pc)) {
        g_autoptr(GString) text = g_string_new(NULL);

        ir_print(&t->blk, text);
        log_write(t->log, "IR: 0x%08x\n%s\n", t->blk.pc, text->str);
    }
}

void tr_show_code(const Translator *t, const HostUnit *u)
{
    g_autoptr(GString) text = NULL;

    if (!log_on_at(t->log, LOG_OUT_ASM, t->blk.pc)) {
        return;
    }
    text = g_string_new(NULL);
    t->options.main->disassemble(t->main, u, text);
    log_write(t->log, "OUT: 0x%08x, %u bytes, side table %u bytes\n%s\n", t->blk.pc, u->code_bytes,
              u->side_bytes, text->str);
}

void tr_show_exec(Vcpu *v, Gva pc, uint32_t mode)
{
    const Log *log = vcpu_cold(v)->log;

    if (log_on_at(log, LOG_EXEC, pc)) {
        log_write(log, "exec 0x%08x mode 0x%x\n", pc, mode);
    }
}

void tr_show_callout(Vcpu *v, Gva pc, uint32_t helper)
{
    const Log *log = vcpu_cold(v)->log;

    if (log_on_at(log, LOG_CALLOUT, pc)) {
        log_write(log, "callout %s at 0x%08x mode 0x%x\n",
                  vcpu_cold(v)->tr->isa->helpers[helper].name, pc, v->mode);
    }
}
