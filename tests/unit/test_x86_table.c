/* SPDX-License-Identifier: MIT */
/* test_x86_table.c - the x86 decoder tables as a whole. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* The lifter's private header: the tables are what is tested. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

static bool share_prefix(const X86Insn *a, const X86Insn *b)
{
    return a->prefix == PFX_ANY || b->prefix == PFX_ANY || a->prefix == b->prefix;
}

/* The first ModRM byte that both match; -1: none. */
static int shared_modrm(const X86Insn *a, const X86Insn *b)
{
    if (!a->modrm.present || !b->modrm.present) {
        return 0;
    }
    for (unsigned m = 0; m < 256; m++) {
        if (x86_row_has_modrm(a, (uint8_t)m) && x86_row_has_modrm(b, (uint8_t)m)) {
            return (int)m;
        }
    }
    return -1;
}

static bool share_opcode(const X86Insn *a, const X86Insn *b)
{
    return a->map == b->map
           && (x86_row_has_opcode(a, b->opcode) || x86_row_has_opcode(b, a->opcode));
}

Test(x86_table, no_two_rows_match_the_same_encoding)
{
    unsigned n;
    const X86Insn *row = x86_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++) {
            /* x87 ignores 66, F2 and F3; XCHG EAX, EAX is NOP under another name */
            if (share_opcode(&row[i], &row[k]) && share_prefix(&row[i], &row[k])) {
                cr_expect(lt(int, shared_modrm(&row[i], &row[k]), 0), "%s %s and %s %s",
                          row[i].info.name, row[i].info.encoding, row[k].info.name,
                          row[k].info.encoding);
            }
        }
    }
}

/* Some bytes of @row: prefix, opcode, the first ModRM byte that it has. */
static unsigned encode(const X86Insn *row, uint8_t *code)
{
    static const uint8_t prefixes[] = { 0, 0, 0x66, 0xf3, 0xf2 };
    unsigned n = 0;

    if (prefixes[row->prefix]) {
        code[n++] = prefixes[row->prefix];
    }
    if (row->map != MAP_ONE) {
        code[n++] = 0x0f;
    }
    if (row->map == MAP_0F38 || row->map == MAP_0F3A) {
        code[n++] = row->map == MAP_0F38 ? 0x38 : 0x3a;
    }
    code[n++] = row->opcode;
    for (unsigned m = 0; m < 256 && row->modrm.present; m++) {
        if (x86_row_has_modrm(row, (uint8_t)m)) {
            code[n++] = (uint8_t)m;
            break;
        }
    }
    return n;
}

Test(x86_table, every_row_decodes_to_itself)
{
    unsigned n;
    const X86Insn *row = x86_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        uint8_t code[X86_INSN_BYTES + 8] = { 0 };
        X86Lift l = { .mode = 0 };

        encode(&row[i], code);
        cr_assert(eq(int, x86_decode(&l, code, sizeof(code)), X86_DECODED), "%s %s",
                  row[i].info.name, row[i].info.encoding);
        cr_expect(eq(uint, l.row->ledger, i), "%s %s became %s", row[i].info.name,
                  row[i].info.encoding, l.row->info.name);
    }
}

Test(x86_table, every_row_has_a_section_of_the_manual)
{
    unsigned n;
    const X86Insn *row = x86_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        cr_expect(ne(chr, row[i].info.spec[0], '\0'), "%s", row[i].info.name);
    }
    cr_expect(le(uint, n, VCPU_LEDGER_ROWS));
}

Test(x86_table, an_instruction_cut_short_asks_for_more)
{
    static const uint8_t code[] = { 0x66, 0x81, 0x84, 0x24, 1, 2, 3, 4, 5, 6 };

    for (unsigned n = 1; n < sizeof(code); n++) {
        X86Lift l = { .mode = 0 };

        cr_expect(eq(int, x86_decode(&l, code, n), X86_TOO_SHORT), "%u bytes", n);
    }
}

Test(x86_table, sixteen_bytes_are_too_many)
{
    uint8_t code[24];
    X86Lift l = { .mode = 0 };

    memset(code, 0x66, sizeof(code));
    cr_expect(eq(int, x86_decode(&l, code, sizeof(code)), X86_TOO_LONG));
}

/* Each byte of the state is in exactly one row. */
Test(x86_state, every_byte_is_in_one_field)
{
    enum { END = offsetof(X86Cpu, model) };
    static uint8_t seen[END];

    for (unsigned i = 0; i < x86_isa.n_fields; i++) {
        const StateField *f = &x86_isa.fields[i];

        for (unsigned k = 0; k < state_bytes(f); k++) {
            cr_assert(lt(uint, f->off + k, END), "%s", f->name);
            seen[f->off + k]++;
        }
    }
    for (unsigned i = sizeof(Vcpu); i < END; i++) {
        cr_expect(eq(uint, seen[i], 1), "byte %u", i);
    }
}
