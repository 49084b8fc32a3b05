/* SPDX-License-Identifier: MIT */
/* host_harness.c - see host_harness.h. */
#include "tests/unit/host_harness.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static HarnessCpu *cpu_of(Vcpu *v) { return (HarnessCpu *)(void *)v; }

static uint64_t help_pure(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)v;
    return a + 2 * b + 3 * c;
}

static uint64_t help_state(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    HarnessCpu *cpu = cpu_of(v);
    uint32_t old = cpu->state;

    (void)b;
    (void)c;
    cpu->state = (uint32_t)a;
    for (unsigned k = 0; k < 2; k++) {
        uint64_t half = cpu->vec[1][k];

        cpu->vec[1][k] = cpu->vec[2][k];
        cpu->vec[2][k] = half;
    }
    return old;
}

static uint64_t help_globals(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b;
    (void)c;
    cpu_of(v)->r[7] += (uint32_t)a;
    return cpu_of(v)->r[7];
}

static uint64_t help_faults(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    if (a != 0) {
        vcpu_cold(v)->fault.kind = (uint32_t)a;
        v->leave = LEAVE_FAULT;
    }
    return b;
}

static uint64_t help_moves(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    v->pc = (Gva)a;
    v->mode = (uint32_t)b;
    return 0;
}

static uint64_t help_callout(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a;
    (void)b;
    (void)c;
    return vcpu_cold(v)->now_count;
}

static uint64_t help_leave(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b;
    (void)c;
    v->leave = (uint32_t)a;
    return 0;
}

/* clang-format off */
static const IrGlobal globals[HARNESS_N_GLOBALS] = {
    { "r0", offsetof(HarnessCpu, r[0]),  T_I32,   1 },
    { "r1", offsetof(HarnessCpu, r[1]),  T_I32,   2 },
    { "r2", offsetof(HarnessCpu, r[2]),  T_I32,   3 },
    { "r3", offsetof(HarnessCpu, r[3]),  T_I32,   4 },
    { "r4", offsetof(HarnessCpu, r[4]),  T_I32,   5 },
    { "r5", offsetof(HarnessCpu, r[5]),  T_I32,   6 },
    { "r6", offsetof(HarnessCpu, r[6]),  T_I32,   7 },
    { "r7", offsetof(HarnessCpu, r[7]),  T_I32,   8 },
    { "f",  offsetof(HarnessCpu, flags), T_FLAGS, 0 },
    { "d0", offsetof(HarnessCpu, d[0]),  T_I64,   0 },
    { "d1", offsetof(HarnessCpu, d[1]),  T_I64,   0 },
    { "u0", offsetof(HarnessCpu, u[0]),  T_I32,   0 },
    { "u1", offsetof(HarnessCpu, u[1]),  T_I32,   0 },
    { "u2", offsetof(HarnessCpu, u[2]),  T_I32,   0 },
    { "u3", offsetof(HarnessCpu, u[3]),  T_I32,   0 },
};

static const IrHelper helpers[HARNESS_N_HELPERS] = {
    [H_PURE]    = { "pure",    help_pure,    0 },
    [H_STATE]   = { "state",   help_state,   HELPER_STATE },
    [H_GLOBALS] = { "globals", help_globals, HELPER_GLOBALS },
    [H_FAULTS]  = { "faults",  help_faults,  HELPER_FAULTS },
    [H_MOVES]   = { "moves",   help_moves,   HELPER_GLOBALS | HELPER_MOVES },
    [H_CALLOUT] = { "callout", help_callout, HELPER_STATE | HELPER_CALLOUT },
    [H_LEAVE]   = { "leave",   help_leave,   HELPER_STATE | HELPER_FAULTS },
};
/* clang-format on */

static void fp_trap(Vcpu *v, uint32_t flags)
{
    vcpu_cold(v)->fault = (VcpuFault){ .kind = HARNESS_FP_TRAP, .syndrome = flags };
    v->leave = LEAVE_FAULT;
}

const GuestIsa harness_isa = {
    .name = "harness",
    .fp_trap = fp_trap,
    .globals = globals,
    .n_globals = HARNESS_N_GLOBALS,
    .helpers = helpers,
    .n_helpers = HARNESS_N_HELPERS,
    .vecs = offsetof(HarnessCpu, vec),
    .n_vecs = G_N_ELEMENTS(((HarnessCpu *)NULL)->vec),
    .lookup_mode = 0xfe,
};

HarnessCpu *harness_cpu_new(void)
{
    HarnessCpu *cpu = cpu_of(vcpu_new(sizeof(HarnessCpu)));

    cr_assert(ne(ptr, cpu, NULL));
    vcpu_cold(&cpu->v)->isa = &harness_isa;
    vcpu_set_limit(&cpu->v, 1000);
    return cpu;
}

void harness_cpu_free(HarnessCpu *cpu) { vcpu_free(&cpu->v); }

void harness_increment(Harness *h, unsigned reg, uint32_t by)
{
    IrRef x = ir_get(&h->blk, G_R0 + reg);

    ir_set(&h->blk, G_R0 + reg, ir_add(&h->blk, T_I32, x, ir_const(&h->blk, T_I32, by)));
}

HostUnit *harness_three(Harness *h, Gva pc, Gva next)
{
    IrBlock *b = harness_begin(h, pc, 0);
    IrRef x, y;

    harness_increment(h, 0, 1);
    ir_insn(b, pc + 4, 0);
    x = ir_get(b, G_R0);
    y = ir_get(b, G_R1);
    ir_goto_if(b, ir_eq(b, T_I32, x, y), pc + 0x200, 0);
    ir_insn(b, pc + 8, 0);
    harness_increment(h, 2, 1);
    ir_goto(b, next, 0);
    return harness_compile(h);
}

void harness_expect_at(const Harness *h, const char *why, HostExit got, HostExit want, Gva pc,
                       int64_t budget)
{
    cr_expect(eq(int, got, want), "%s: exit", why);
    cr_expect(eq(u32, h->v->pc, pc), "%s: pc", why);
    cr_expect(eq(i64, h->v->budget, budget), "%s: budget", why);
    cr_expect(eq(u32, h->v->leave, LEAVE_NO), "%s: leave", why);
}

void harness_expect_verified(const IrBlock *blk)
{
    g_autoptr(GError) error = NULL;
    bool ok = ir_verify(blk, &error);

    cr_expect(ok, "%s", error ? error->message : "");
}

void harness_expect_text(const IrBlock *blk, const char *want)
{
    g_autoptr(GString) got = g_string_new(NULL);

    ir_print(blk, got);
    cr_expect(eq(str, got->str, (char *)want));
}

/* ---- memory ---- */

static Harness *harness_of(Vcpu *v) { return vcpu_cold(v)->machine; }

static void raise_fault(Vcpu *v, uint32_t kind, Gva va)
{
    vcpu_cold(v)->fault = (VcpuFault){ .kind = kind, .address = va };
    v->leave = LEAVE_FAULT;
}

static bool find_page(Gva va, MmuMapping *out)
{
    const uint8_t all = RIGHT_R | RIGHT_W | RIGHT_X;
    Gva page = va & ~(Gva)(PHYS_PAGE - 1);

    if (va - HARNESS_RAM < HARNESS_RAM_BYTES) {
        *out = (MmuMapping){ page, all, PHYS_PAGE_SHIFT, false };
    } else if (va - HARNESS_ALIAS < HARNESS_ALIAS_BYTES) {
        *out = (MmuMapping){ page - HARNESS_ALIAS + HARNESS_RAM, all, PHYS_PAGE_SHIFT, false };
    } else if (page == HARNESS_RO) {
        *out = (MmuMapping){ HARNESS_RAM, RIGHT_R, PHYS_PAGE_SHIFT, false };
    } else if (page == HARNESS_DEV) {
        *out = (MmuMapping){ page, RIGHT_R | RIGHT_W, PHYS_PAGE_SHIFT, false };
    } else {
        return false;
    }
    return true;
}

static bool walk(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe, MmuMapping *out)
{
    static const uint8_t right[] = { RIGHT_R, RIGHT_W, RIGHT_X };

    (void)key;
    if (find_page(va, out) && (out->rights & right[access]) != 0) {
        return true;
    }
    if (!probe) {
        raise_fault(v, HARNESS_UNMAPPED, va);
    }
    return false;
}

static void misaligned(Vcpu *v, Gva va, MmuAccess access)
{
    (void)access;
    raise_fault(v, HARNESS_MISALIGNED, va);
}

static void bus_error(Vcpu *v, Gva va, Gpa pa, MmuAccess access)
{
    (void)pa;
    (void)access;
    raise_fault(v, HARNESS_BUS_ERROR, va);
}

static uint64_t dev_read(void *opaque, uint64_t off, unsigned bytes)
{
    Harness *h = opaque;

    (void)bytes;
    h->dev_reads++;
    h->dev_count = h->cold->now_count;
    h->v->attention |= h->dev_attention;
    return h->dev_value + off;
}

static void dev_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    Harness *h = opaque;

    (void)off;
    (void)bytes;
    h->dev_writes++;
    h->dev_count = h->cold->now_count;
    h->dev_value = value;
    h->v->attention |= h->dev_attention;
}

static void make_memory(Harness *h)
{
    static const MmuGuest guest = { walk, misaligned, bus_error, false };
    const PhysIo io = { dev_read, dev_write, h };
    const ViewKey key = { .regime = VIEW_PRIVILEGED };
    g_autoptr(GError) error = NULL;
    bool ok;

    h->phys = phys_new(&h->log);
    ok = phys_add_memory(h->phys, PHYS_RAM, "ram", HARNESS_RAM, HARNESS_RAM_BYTES, &error)
         && phys_add_io(h->phys, "dev", HARNESS_DEV, PHYS_PAGE, &io, &error);
    cr_assert(ok, "%s", error ? error->message : "");
    h->ram = phys_find(h->phys, HARNESS_RAM)->host;
    h->mmu = mmu_new(h->v, h->phys, &guest, &h->log);
    mmu_select(h->mmu, key, key, 0);
}

/* ---- running ---- */

/* The retired count at host_pc, as the translator computes it. */
static uint64_t count_here(Vcpu *v)
{
    Harness *h = harness_of(v);
    const uint8_t *pc = vcpu_cold(v)->host_pc;
    HostPoint p = { 0 };

    for (unsigned i = 0; i < h->n_units; i++) {
        const HostUnit *u = &h->unit[i];

        if (pc >= u->code && pc <= u->code + u->code_bytes) {
            h->isa->locate(h->host, v, u, &p);
        }
    }
    return vcpu_retired(v) - (p.total - p.index);
}

Harness *harness_new(const HostIsa *isa, const HostOptions *options)
{
    const HostOptions plain = { .chain = true };
    Harness *h = g_new0(Harness, 1);
    g_autoptr(GError) error = NULL;
    bool ok = cache_init(&h->cache, CACHE_MIN_BYTES, !isa->interprets, &error);

    cr_assert(ok, "%s", error ? error->message : "");
    h->cpu = harness_cpu_new();
    h->v = &h->cpu->v;
    h->cold = vcpu_cold(h->v);
    h->cold->machine = h;
    make_memory(h);
    mmu_set_counter(h->mmu, count_here);
    h->isa = isa;
    h->host = isa->create(&harness_isa, options ? options : &plain, &h->cache.stubs);
    return h;
}

void harness_free(Harness *h)
{
    h->isa->destroy(h->host);
    cache_clear(&h->cache);
    mmu_free(h->mmu);
    phys_free(h->phys);
    harness_cpu_free(h->cpu);
    g_free(h);
}

IrBlock *harness_begin(Harness *h, Gva pc, uint32_t mode)
{
    ir_begin(&h->blk, &harness_isa, pc, mode);
    ir_insn(&h->blk, pc, mode);
    return &h->blk;
}

HostUnit *harness_compile(Harness *h)
{
    HostCode code = cache_room(&h->cache);
    HostUnit *u = &h->unit[h->n_units];
    bool ok;

    harness_expect_verified(&h->blk);
    cr_assert(lt(uint, h->n_units, HARNESS_UNITS_MAX));
    *u = (HostUnit){ .site = h->site[h->n_units++] };
    ok = h->isa->compile(h->host, &h->blk, &code, u);
    cr_assert(ok, "no room for the unit");
    cache_take(&h->cache, &code, u);
    return u;
}

void harness_link(Harness *h, const HostUnit *from, unsigned i, const HostUnit *to)
{
    MmuMapping m;
    bool found = find_page(from->site[i].va, &m);

    cr_assert(found, "the site's target is mapped");
    h->isa->link(h->host, from, -cache_to_rx(&h->cache), i, to->code,
                 VIEW_FETCH_OK | (uint32_t)(m.pa >> PHYS_PAGE_SHIFT));
}

void harness_unlink(Harness *h, const HostUnit *from, unsigned i)
{
    h->isa->link(h->host, from, -cache_to_rx(&h->cache), i, NULL, 0);
}

void harness_remember(Harness *h, const HostUnit *u, Gva pc, uint32_t mode)
{
    const uint32_t *fetch = (const uint32_t *)(const void *)(h->v->view + VIEW_FETCH);

    vcpu_remember_lookup(h->v, pc | (mode & 1), fetch[pc >> VIEW_PAGE_SHIFT], u->code);
}

HostExit harness_enter(Harness *h, const HostUnit *u, int64_t budget, HostPoint *point)
{
    HostPoint p = { 0 };
    HostExit why;

    h->v->budget = budget;
    why = h->isa->enter(h->host, h->v, u->code);
    if (why == HOST_INSIDE) {
        const uint8_t *pc = h->cold->host_pc;
        const HostUnit *in = u;

        for (unsigned i = 0; i < h->n_units; i++) {
            const HostUnit *k = &h->unit[i];

            in = pc >= k->code && pc <= k->side + k->side_bytes ? k : in;
        }
        h->isa->recover(h->host, h->v, in, &p);
    }
    if (point) {
        *point = p;
    }
    return why;
}
