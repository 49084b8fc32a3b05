/* SPDX-License-Identifier: MIT */
/* test_x86_string.c - REP in every form against a model that does one iteration an instruction. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

enum { CODE_AT = 0x800, CASES = 1500 };

/* The model's processor; @done: the REP is over, and a jump to itself runs. */
typedef struct Model {
    uint32_t eax, ecx, esi, edi, status;
    bool down, done;
    uint8_t data[X86_RIG_DATA_BYTES];
} Model;

static uint8_t *at(Model *m, uint32_t va) { return m->data + (va - X86_RIG_DATA); }

static uint32_t get(Model *m, uint32_t va, unsigned bytes)
{
    uint32_t v = 0;

    memcpy(&v, at(m, va), bytes);
    return v;
}

/* EFLAGS of @a - @b. */
static uint32_t flags_of(uint32_t a, uint32_t b, unsigned bytes)
{
    uint32_t mask = UINT32_MAX >> (32 - 8 * bytes), sign = mask ^ mask >> 1, r = (a - b) & mask;
    uint32_t f = a < b ? EFL_CF : 0;

    f |= r == 0 ? EFL_ZF : 0;
    f |= (r & sign) != 0 ? EFL_SF : 0;
    f |= ((a ^ b) & (a ^ r) & sign) != 0 ? EFL_OF : 0;
    f |= (__builtin_popcount(r & 0xff) & 1) == 0 ? EFL_PF : 0;
    return f | ((a ^ b ^ r) & EFL_AF);
}

/* One iteration of opcode @op, without bit 0, on @bytes; @until_equal: REPNE. */
static void iterate(Model *m, unsigned op, unsigned bytes, bool until_equal)
{
    uint32_t by = m->down ? 0 - bytes : bytes, mask = UINT32_MAX >> (32 - 8 * bytes), x, y;

    if (m->done || m->ecx == 0) {
        m->done = true;
        return;
    }
    x = op == 0xa4 || op == 0xa6 ? get(m, m->esi, bytes) : m->eax & mask;
    m->esi += op == 0xa4 || op == 0xa6 ? by : 0;
    if (op == 0xa6 || op == 0xae) {
        y = get(m, m->edi, bytes);
        m->done = (x == y) == until_equal || m->ecx == 1;
        m->status = m->done ? flags_of(x, y, bytes) : m->status; /* Vol. 2, REP */
    } else {
        memcpy(at(m, m->edi), &x, bytes);
    }
    m->edi += by;
    m->ecx--;
    m->done |= m->ecx == 0;
}

static uint32_t draw_pointer(GRand *rng, uint32_t near)
{
    uint32_t span = X86_RIG_DATA_BYTES - 0x8000;

    if (near != 0 && g_rand_boolean(rng)) {
        return near + (uint32_t)g_rand_int_range(rng, -40, 40);
    }
    return X86_RIG_DATA + 0x4000 + (uint32_t)g_rand_int_range(rng, 0, (int)span - 0x4000);
}

static void draw(GRand *rng, Model *m)
{
    static const uint32_t counts[] = { 0, 1, 11, 12, 13, 100, 1000, 3000 };

    m->eax = g_rand_boolean(rng) ? 0 : g_rand_int(rng);
    m->ecx = counts[g_rand_int_range(rng, 0, G_N_ELEMENTS(counts))];
    m->esi = draw_pointer(rng, 0);
    m->edi = draw_pointer(rng, m->esi);
    m->down = g_rand_boolean(rng);
    m->done = false;
    m->status = 0;
    for (unsigned i = 0; i < 40; i++) { /* long runs of equals, with a few others */
        m->data[g_rand_int_range(rng, 0, X86_RIG_DATA_BYTES)] = (uint8_t)g_rand_int(rng);
    }
    if (g_rand_int_range(rng, 0, 8) == 0) {
        memset(m->data, g_rand_boolean(rng) ? 0 : 0x5a, sizeof(m->data));
    }
}

static void run_case(X86Rig *rig, GRand *rng, Model *m, unsigned n)
{
    static const uint8_t ops[] = { 0xa4, 0xaa, 0xa6, 0xae };
    unsigned op = ops[g_rand_int_range(rng, 0, 4)], log = (unsigned)g_rand_int_range(rng, 0, 3);
    bool repne = g_rand_boolean(rng);
    uint8_t code[6], *p = code;
    X86Cpu *cpu = rig->cpu;
    uint32_t insns, status;
    bool over;

    draw(rng, m);
    insns = g_rand_boolean(rng) ? m->ecx + 3 : (uint32_t)g_rand_int_range(rng, 1, 1500);
    if (log == 1) {
        *p++ = 0x66;
    }
    *p++ = repne ? 0xf2 : 0xf3;
    *p++ = (uint8_t)(op | (log != 0 ? 1 : 0));
    memcpy(p, "\xeb\xfe", 2);
    memcpy(rig->data, m->data, sizeof(m->data));
    cpu->r[G_EAX] = m->eax;
    cpu->r[G_ECX] = m->ecx;
    cpu->r[G_ESI] = m->esi;
    cpu->r[G_EDI] = m->edi;
    x86_set_eflags(cpu, EFL_ONE | (m->down ? EFL_DF : 0));
    x86_update(cpu);
    x86_rig_code(rig, code, sizeof(code), insns);
    for (uint32_t i = 0; i < insns; i++) {
        iterate(m, op, 1u << log, repne);
    }
    cr_assert(memcmp(rig->data, m->data, sizeof(m->data)) == 0, "case %u: memory", n);
    cr_assert(cpu->r[G_ECX] == m->ecx && cpu->r[G_ESI] == m->esi && cpu->r[G_EDI] == m->edi,
              "case %u, %x of %u bytes: ecx %x esi %x edi %x, not %x %x %x", n, op, 1u << log,
              cpu->r[G_ECX], cpu->r[G_ESI], cpu->r[G_EDI], m->ecx, m->esi, m->edi);
    status = x86_eflags(cpu) & EFL_STATUS;
    cr_assert(status == m->status, "case %u: eflags %x, not %x", n, status, m->status);
    over = cpu->v.pc != X86_RIG_CODE;
    cr_assert(over == m->done, "case %u: eip", n);
}

static void model(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    GRand *rng = g_rand_new_with_seed(5);
    Model *m = g_new0(Model, 1);

    for (unsigned n = 0; n < CASES; n++) {
        run_case(rig, rng, m, n);
    }
    g_free(m);
    g_rand_free(rng);
    x86_rig_free(rig);
}

Test(x86_string, rep_agrees_with_a_model_in_units) { model(&x64_host); }
Test(x86_string, rep_agrees_with_a_model_interpreted) { model(&interp_host); }

/* rep movsd into the code that follows: what runs behind it is the new code; and into the REP's own
 * bytes, which counts from the next iteration on. */
static void overwrites(const HostIsa *host)
{
    static const uint8_t fresh[] = { 0xb8, 0x78, 0x56, 0x34, 0x12, 0xeb, 0xfe, 0x90 };
    X86Rig *rig = x86_rig_new(host, "qemu32");
    uint8_t code[64];

    memset(code, 0x90, sizeof(code));
    memcpy(code, "\xf3\xa4", 2);
    code[62] = 0xeb;
    code[63] = 0xfe;
    for (unsigned round = 0; round < 2; round++) {
        memset(rig->data, 0x90, 64);
        memcpy(rig->data + 40, fresh, sizeof(fresh));
        rig->cpu->r[G_ECX] = 60;
        rig->cpu->r[G_ESI] = X86_RIG_DATA;
        rig->cpu->r[G_EDI] = X86_RIG_CODE + 2;
        rig->cpu->r[G_EAX] = 0;
        x86_rig_code(rig, code, sizeof(code), 60 + 60);
        cr_expect(eq(u32, rig->cpu->r[G_EAX], 0x12345678));
    }
    /* the third byte written replaces the prefix by a NOP */
    memset(rig->data, 0x90, 64);
    rig->cpu->r[G_ECX] = 60;
    rig->cpu->r[G_ESI] = X86_RIG_DATA;
    rig->cpu->r[G_EDI] = X86_RIG_CODE - 2;
    x86_rig_code(rig, code, sizeof(code), 20);
    cr_expect(eq(u32, rig->cpu->r[G_ECX], 57));
    x86_rig_free(rig);
}

Test(x86_string, code_that_is_overwritten_is_new_at_once_in_units) { overwrites(&x64_host); }
Test(x86_string, code_that_is_overwritten_is_new_at_once_interpreted) { overwrites(&interp_host); }
