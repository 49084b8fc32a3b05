/* SPDX-License-Identifier: MIT */
/* interp.c - see interp.h. */
#include "backend/interp/interp.h"

#include <inttypes.h>
#include <string.h>

#include "backend/interp/interp_priv.h"

static Host *create(const GuestIsa *isa, const HostOptions *options, HostCode *code)
{
    Host *h = g_new0(Host, 1);

    h->isa = isa;
    h->options = *options;
    h->to_rx = code->to_rx;
    return h;
}

static void destroy(Host *h) { g_free(h); }

static void locate(Host *h, const Vcpu *v, const HostUnit *u, HostPoint *point)
{
    const InsnMark *marks = (const InsnMark *)(const void *)u->side;
    const InsnMark *at = vcpu_cold((Vcpu *)(uintptr_t)v)->host_pc;

    (void)h;
    *point = (HostPoint){ .pc = at->pc,
                          .mode = at->mode,
                          .index = (unsigned)(at - marks),
                          .total = u->side_bytes / (unsigned)sizeof(InsnMark) };
}

/* Nothing was kept from the guest state. */
static void recover(Host *h, Vcpu *v, const HostUnit *u, HostPoint *point)
{
    locate(h, v, u, point);
}

static void link_site(Host *h, const HostUnit *from, ptrdiff_t to_rw, unsigned i, const void *entry,
                      uint32_t fetch)
{
    uint8_t *rw = (uint8_t *)(uintptr_t)from->code + to_rw;
    const HostSite *site = &from->site[i];
    uint64_t imm = (uintptr_t)entry;

    (void)h;
    if (site->aux_offset != 0) {
        memcpy(rw + site->aux_offset, &fetch, sizeof(fetch));
    }
    memcpy(rw + site->code_offset, &imm, sizeof(imm));
}

/* clang-format off */
static const char *const code_names[N_CODES] = {
#define PAIR(name) [W32_##name] = #name "32", [W64_##name] = #name "64",
#define IR_UN(name, dst, a, value)                       PAIR(name)
#define IR_UNI(name, dst, a, value)                      PAIR(name)
#define IR_BIN(name, dst, a, b, value)                   PAIR(name) [K32_##name] = #name "32k",
#define IR_TRI(name, dst, a, b, c, value)                PAIR(name)
#define IR_BIN2(name, dst, dst2, a, b, value, value2)    PAIR(name)
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2) PAIR(name)
#include "translator/ir/ir_ops.def"
#define CODE(name) [CODE_##name] = #name
    CODE(head), CODE(mark), CODE(const), CODE(mask), CODE(holds), CODE(eval), CODE(fp),
    CODE(fptrap),
    CODE(vec), CODE(vecfp), CODE(gld128), CODE(gst128), CODE(ld128), CODE(st128),
    CODE(get32), CODE(get64), CODE(gld1), CODE(gld8), CODE(gld16), CODE(set8), CODE(set16),
    CODE(set32), CODE(set64), CODE(ld8), CODE(ld16), CODE(ld32), CODE(ld64), CODE(lds8),
    CODE(lds16), CODE(ldany), CODE(st8), CODE(st16), CODE(st32), CODE(st64), CODE(stany),
    CODE(cas), CODE(call), CODE(retired), CODE(count), CODE(skip), CODE(guard), CODE(goto),
    CODE(gotoif), CODE(check), CODE(jump), CODE(dispatch), CODE(leave),
};
/* clang-format on */

static bool has_target(unsigned code)
{
    return code == CODE_goto || code == CODE_gotoif || code == CODE_check;
}

static void disassemble(Host *h, const HostUnit *u, GString *text)
{
    const Op *op = (const Op *)(const void *)u->code;
    const Op *end = (const Op *)(const void *)(u->code + u->code_bytes);

    (void)h;
    for (; op < end; op++) {
        uint64_t imm = has_target(op->code) || op->code == CODE_head ? 0 : op->imm;

        g_string_append_printf(text, "%6s %u %u %u 0x%" PRIx64, code_names[op->code], op->dst,
                               op->a, op->b, imm);
        if (has_target(op->code)) {
            op++;
            g_string_append_printf(text, " to %08" PRIx32 " mode %" PRIx32, op->va, op->mode);
        }
        g_string_append_c(text, '\n');
    }
}

const HostIsa interp_host = {
    .name = "interp",
    .interprets = true,
    .create = create,
    .destroy = destroy,
    .compile = interp_compile,
    .enter = interp_enter,
    .recover = recover,
    .locate = locate,
    .link = link_site,
    .disassemble = disassemble,
};
