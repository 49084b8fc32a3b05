/* SPDX-License-Identifier: MIT */
/* machine.c - puts a board's parts together, resets them, takes them apart. */
#include "machine/machine.h"

#include <string.h>

#include "devices/isa_debug.h"
#include "machine/board.h"

G_DEFINE_QUARK(doppel_machine_error, machine_error)

/* The date a virtual clock starts at unless -rtc says: 2020-01-01T00:00:00Z. */
enum { VIRTUAL_RTC_BASE_S = 1577836800 };

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_SETUP, fmt, ap);
    }
    va_end(ap);
    return false;
}

Device *machine_device(const Machine *m, const char *name)
{
    return g_hash_table_lookup(m->by_name, name);
}

bool machine_has_serial(const Machine *m, unsigned n)
{
    uint32_t serials = m->config.have_serials ? m->config.serials : 1;

    return !m->board->serial_slots || (serials >> n & 1) != 0;
}

static bool is_there(const Machine *m, const BoardPart *p)
{
    return p->chr == NULL || machine_has_serial(m, (unsigned)(p->chr[strlen("serial")] - '0'));
}

/* ---- what the parts ask ---- */

static uint64_t count_now(void *machine)
{
    const Machine *m = machine;

    return m->cpu ? vcpu_retired(m->cpu) : 0;
}

static void gate_woke(void *machine) { machine_kick(machine); }

static uint32_t guest_pc(void *machine)
{
    const Machine *m = machine;

    return m->cpu ? m->cpu->pc : 0;
}

static void cpu_pin(void *opaque, bool level)
{
    const DevPin *pin = opaque; /* dev: not a device here, the machine */
    Machine *m = (Machine *)(void *)pin->dev;

    m->isa->set_irq(m->cpu, pin->n, level);
}

/* ---- wires ---- */

static IrqLine *new_line(Machine *m)
{
    IrqLine *line = g_new0(IrqLine, 1);

    g_ptr_array_add(m->wires, line);
    return line;
}

/* The pins of the part "machine". */
static void reset_pin(void *machine, bool level)
{
    if (level) {
        machine_request_reset(machine);
    }
}

static void power_pin(void *machine, bool level)
{
    if (level) {
        machine_end(machine, END_POWER_OFF);
    }
}

IrqLine *machine_wire(Machine *m, const char *to, unsigned pin)
{
    IrqLine *line = new_line(m);

    if (g_str_equal(to, "machine")) {
        line->sink = pin == MACHINE_RESET ? reset_pin : power_pin;
        line->opaque = m;
    } else if (g_str_equal(to, "cpu")) {
        DevPin *p = g_new0(DevPin, 1);

        *p = (DevPin){ (Device *)(void *)m, pin };
        g_ptr_array_add(m->cpu_pins, p);
        line->sink = cpu_pin;
        line->opaque = p;
    } else {
        dev_wire(line, machine_device(m, to), pin);
    }
    return line;
}

/* Functions of one slot share its four lines, slots those of the board's router. */
static void wire_function(Machine *m, const BoardPart *p, Device *d)
{
    const PciDef *pci = p->type->pci;

    m->pci.router = machine_device(m, m->board->pirq_part);
    d->irq[pci->line] = new_line(m);
    pci_wire(&m->pci, d->irq[pci->line], m->board->pirq(p->slot, pci->intx - 1u));
}

static void wire_part(Machine *m, const BoardPart *p)
{
    Device *d = machine_device(m, p->name);

    if (p->pci && p->type->pci->intx) {
        wire_function(m, p, d);
    }

    for (unsigned i = 0; i < BOARD_WIRES; i++) {
        if (p->wire[i].to) {
            for (unsigned k = 0; k < MAX(1u, p->wire[i].n); k++) {
                d->irq[p->wire[i].line + k] = machine_wire(m, p->wire[i].to, p->wire[i].pin + k);
            }
        }
    }
}

/* ---- parts ---- */

static bool add_device(Machine *m, const BoardPart *p, GError **error)
{
    char *path = g_strdup_printf("%s/%s", m->board->name, p->name);
    Device *d = dev_new(p->type, path);

    g_ptr_array_add(m->paths, path);
    g_ptr_array_add(m->devices, d);
    g_hash_table_insert(m->by_name, (char *)(uintptr_t)p->name, d);
    d->log = &m->log;
    d->clock = &m->clock;
    d->guest = &m->guest;
    d->map = map_listener(m->map);
    for (unsigned i = 0; i < dev_n_windows(p->type); i++) {
        const BoardWindow *w = &p->window[i];

        if (p->type->n_windows && p->type->windows[i].moves) {
            map_add_moving(m->map, p->name, &d->window[i], p->type->windows[i].name);
        } else if (!map_add_fixed(m->map, p->name, &d->window[i], w->space, w->base, w->size,
                                  error)) {
            return false;
        }
    }
    if (p->pci) {
        pci_attach(&m->pci, p->slot, p->function, d);
    }
    if (p->setup) {
        p->setup(m, d);
    }
    return true;
}

static bool add_shadow(Machine *m, const BoardPart *p, GError **error)
{
    for (unsigned i = 0; i < BOARD_WINDOWS && p->window[i].size; i++) {
        if (!phys_add_shadow(m->phys, p->name, p->window[i].base, p->window[i].size, error)) {
            return false;
        }
    }
    return true;
}

/* A ROM that is as large as its image, at the end of its window. */
static bool add_image(Machine *m, const BoardPart *p, GError **error)
{
    const BoardWindow *w = &p->window[0];
    GError *why = NULL;
    g_autoptr(GBytes) bytes = p->image(m, &why);
    gsize n;
    const void *from;
    Gpa at;

    if (bytes == NULL) {
        if (why) {
            g_propagate_error(error, why);
        }
        return why == NULL;
    }
    from = g_bytes_get_data(bytes, &n);
    g_assert(n <= w->size);
    at = w->base + w->size - n;
    return phys_add_memory(m->phys, PHYS_ROM, p->name, at, n, error)
           && phys_copy_in(m->phys, at, from, n, error);
}

static bool add_part(Machine *m, const BoardPart *p, GError **error)
{
    uint64_t bytes = p->window[0].size;

    if (p->image) {
        return add_image(m, p, error);
    }
    if (p->kind == PART_SHADOW) {
        return add_shadow(m, p, error);
    }
    if (p->kind == PART_DEVICE) {
        return add_device(m, p, error);
    }
    if (bytes == 0) {
        bytes = m->config.ram_bytes - MIN(m->config.ram_bytes, p->ram_from);
        bytes = p->ram_most ? MIN(bytes, p->ram_most) : bytes;
    }
    return bytes == 0
           || phys_add_memory(m->phys, p->kind == PART_ROM ? PHYS_ROM : PHYS_RAM, p->name,
                              p->window[0].base, bytes, error);
}

/* ---- what -device adds ---- */

static void exit_with(void *machine, unsigned status)
{
    Machine *m = machine;

    m->status = status & 0xff;
    machine_end(m, END_STATUS);
}

static bool add_extra(Machine *m, guint i, GError **error)
{
    const MachineExtra *x = &g_array_index(m->config.extra, MachineExtra, i);
    g_autofree char *name = g_strdup_printf("%s.%u", x->type->name, i);
    const BoardPart part = {
        .kind = PART_DEVICE,
        .name = g_intern_string(name),
        .window = { AT_PORTS(x->port, x->bytes) },
        .type = x->type,
    };

    if (!add_device(m, &part, error)) {
        g_prefix_error(error, "option -device: ");
        return false;
    }
    if (x->type == &isa_debug_exit_type) {
        isa_debug_exit_on_write(machine_device(m, part.name), exit_with, m);
    }
    return true;
}

static bool build(Machine *m, GError **error)
{
    const Board *b = m->board;

    if (!board_check(b, error)) {
        return false;
    }
    if (b->open_bus) {
        phys_open_bus(m->phys);
    }
    for (unsigned i = 0; i < b->n_parts; i++) {
        if (is_there(m, &b->parts[i]) && !add_part(m, &b->parts[i], error)) {
            g_prefix_error(error, "board %s: ", b->name);
            return false;
        }
    }
    for (guint i = 0; m->config.extra && i < m->config.extra->len; i++) {
        if (!add_extra(m, i, error)) {
            return false;
        }
    }
    m->cpu = b->new_cpu(m);
    vcpu_cold(m->cpu)->machine = m;
    for (unsigned i = 0; i < b->n_parts; i++) {
        if (b->parts[i].kind == PART_DEVICE && is_there(m, &b->parts[i])) {
            wire_part(m, &b->parts[i]);
        }
    }
    if (b->wire_cpu) {
        b->wire_cpu(m);
    }
    m->tr = tr_new(&m->config.tr, m->isa, m->phys, &m->log, error);
    if (m->tr == NULL) {
        return false;
    }
    tr_set_bell(m->tr, &m->kicked);
    tr_attach(m->tr, m->cpu);
    return true;
}

static bool power_on(Machine *m, GError **error)
{
    m->isa->reset(m->cpu);
    for (guint i = 0; i < m->devices->len; i++) {
        dev_reset(g_ptr_array_index(m->devices, i));
    }
    return m->board->boot(m, error);
}

void machine_reset(Machine *m)
{
    g_autoptr(GError) error = NULL;

    if (!power_on(m, &error)) {
        log_write(&m->log, "doppel: reset: %s\n", error->message);
        machine_end(m, END_FAILED);
    }
    vcpu_forget_lookups(m->cpu);
}

void machine_request_reset(Machine *m)
{
    m->reset_wanted = true;
    m->cpu->attention |= ATTN_STOP;
}

static bool check_ram(const MachineConfig *c, GError **error)
{
    uint64_t min = c->board->ram_min ? c->board->ram_min : 1u << 20;

    if (c->ram_bytes % PHYS_PAGE != 0 || c->ram_bytes < min || c->ram_bytes > c->board->ram_max) {
        return fail(error,
                    "memory size %" G_GUINT64_FORMAT " KiB is out of range: machine '%s' takes "
                    "%" G_GUINT64_FORMAT " MiB to %" G_GUINT64_FORMAT " MiB",
                    c->ram_bytes >> 10, c->board->name, min >> 20, c->board->ram_max >> 20);
    }
    return true;
}

void machine_config_clear(MachineConfig *c)
{
    g_clear_pointer(&c->kernel, g_free);
    g_clear_pointer(&c->initrd, g_free);
    g_clear_pointer(&c->dtb, g_free);
    g_clear_pointer(&c->append, g_free);
    g_clear_pointer(&c->bios, g_free);
    g_clear_pointer(&c->data_dirs, g_ptr_array_unref);
    g_clear_pointer(&c->extra, g_array_unref);
}

Machine *machine_new(MachineConfig *config, const Log *log, GError **error)
{
    Machine *m = g_new0(Machine, 1);

    m->config = *config;
    m->config.ram_bytes = config->ram_bytes ? config->ram_bytes : config->board->ram_default;
    m->config.cpu = config->cpu ? config->cpu : config->board->default_cpu;
    m->board = config->board;
    m->isa = m->board->isa;
    m->log = *log;
    m->log_at_start = log->on;
    machine_seed(m);
    m->devices = g_ptr_array_new();
    m->wires = g_ptr_array_new_with_free_func(g_free);
    m->cpu_pins = g_ptr_array_new_with_free_func(g_free);
    m->paths = g_ptr_array_new_with_free_func(g_free);
    m->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    m->at = g_array_new(FALSE, FALSE, sizeof(MachineAt));
    m->guest = (DevGuest){ .pc = guest_pc, .opaque = m };
    g_mutex_init(&m->lock);
    g_cond_init(&m->wake);
    g_cond_init(&m->answered);
    g_queue_init(&m->calls);
    clock_init(&m->clock, machine_now_ns, machine_plan_anew, m);
    m->map = map_new(&m->log, m->board->own_bus);
    m->phys = map_space(m->map, SPACE_MEMORY);
    m->gate = gate_new(count_now, gate_woke, m);
    machine_origin(m);
    if (!check_ram(&m->config, error) || !build(m, error) || !power_on(m, error)) {
        machine_free(m);
        return NULL;
    }
    return m;
}

void machine_free(Machine *m)
{
    machine_join(m);
    tr_free(m->tr);
    if (m->cpu) {
        m->board->free_cpu(m->cpu);
    }
    for (guint i = 0; i < m->devices->len; i++) {
        dev_free(g_ptr_array_index(m->devices, i));
    }
    for (guint i = 0; i < m->at->len; i++) {
        g_free(g_array_index(m->at, MachineAt, i).command);
    }
    gate_free(m->gate);
    pci_bus_clear(&m->pci);
    map_free(m->map);
    clock_clear(&m->clock);
    g_array_unref(m->at);
    g_ptr_array_unref(m->devices);
    g_ptr_array_unref(m->wires);
    g_ptr_array_unref(m->cpu_pins);
    g_ptr_array_unref(m->paths);
    g_hash_table_unref(m->by_name);
    g_mutex_clear(&m->lock);
    g_cond_clear(&m->wake);
    g_cond_clear(&m->answered);
    g_clear_pointer(&m->rand, g_rand_free);
    machine_config_clear(&m->config);
    g_free(m);
}

/* ---- inputs drawn, not sent ---- */

void machine_seed(Machine *m)
{
    const MachineConfig *c = &m->config;
    const guint32 seed[2] = { (guint32)c->seed, (guint32)(c->seed >> 32) };

    g_clear_pointer(&m->rand, g_rand_free);
    m->rand = c->have_seed       ? g_rand_new_with_seed_array(seed, 2)
              : c->clock_virtual ? g_rand_new_with_seed(0)
                                 : NULL;
    for (uint64_t i = 0; m->rand && i < m->rand_draws; i++) {
        g_rand_int(m->rand);
    }
}

void machine_random(Machine *m, void *out, size_t n)
{
    uint8_t *p = out;

    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(m->rand ? g_rand_int(m->rand) >> 24 : g_random_int() >> 24);
    }
    m->rand_draws += n;
    gate_draw(m->gate, "random", out, n);
}

int64_t machine_rtc_base(Machine *m)
{
    int64_t base = m->config.have_rtc        ? m->config.rtc_base_s
                   : m->config.clock_virtual ? VIRTUAL_RTC_BASE_S
                                             : g_get_real_time() / G_USEC_PER_SEC;

    gate_draw(m->gate, "rtc", &base, sizeof(base));
    m->rtc_base_s = base;
    return base;
}
