/* SPDX-License-Identifier: MIT */
/* machine.h - one emulated machine: its parts, its time, its loop, what others may ask of it. */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/vcpu.h"
#include "devices/device.h"
#include "devices/pci.h"
#include "machine/board.h"
#include "machine/gate.h"
#include "machine/map.h"
#include "softmmu/phys.h"
#include "translator/tr.h"

#define MACHINE_ERROR (machine_error_quark())
GQuark machine_error_quark(void);

typedef enum MachineError {
    MACHINE_ERROR_OPTION,   /* an option or its value is not one we have */
    MACHINE_ERROR_IMAGE,    /* a kernel, initrd, DTB or other file is not what it should be */
    MACHINE_ERROR_SETUP,    /* the parts cannot be put together */
    MACHINE_ERROR_SNAPSHOT, /* not a snapshot of this machine, or none can be made */
} MachineError;

/* ORDER_ANY: what is started says. */
typedef enum ByteOrder { ORDER_ANY, ORDER_LITTLE, ORDER_BIG } ByteOrder;

/* A part that -device adds to the board's. */
typedef struct MachineExtra {
    const DeviceType *type;
    uint16_t port;
    unsigned bytes; /* of ports */
    char *chardev;  /* owned; NULL: none */
} MachineExtra;

/* What the command line says. Strings are owned. */
typedef struct MachineConfig {
    const Board *board;
    const char *cpu;    /* borrowed from the board's list; NULL: the board's default */
    uint64_t ram_bytes; /* 0: the board's default */
    char *kernel, *initrd, *dtb, *append, *bios;
    GPtrArray *data_dirs; /* char *, owned: of -L; may be NULL */
    GArray *extra;        /* MachineExtra, owned; may be NULL */
    bool have_serials;    /* else only the first port of a board with slots for them is there */
    uint32_t serials;     /* bit N: -serial asks for port N */
    bool boot_direct;     /* the board starts the kernel itself, without firmware */
    bool no_graphics;     /* -nographic: firmware's console is a serial port */
    ByteOrder order;      /* of the CPU */
    bool interpret;       /* -accel interp */
    bool no_reboot;
    bool start_stopped; /* -S */
    bool clock_virtual;
    bool clock_sleep;     /* -clock virtual,sleep=on */
    uint32_t ns_per_insn; /* -clock virtual,ns=N; 0: 1 */
    bool have_seed;
    uint64_t seed;
    bool have_rtc;
    int64_t rtc_base_s; /* seconds since 1970 */
    uint64_t stop_at;   /* retired count to end at; UINT64_MAX: never */
    TrOptions tr;
    bool stats_full;
} MachineConfig;

typedef enum RunState {
    RUN_STOPPED, /* by the user */
    RUN_RUNNING,
    RUN_ENDED, /* powered off, -stop-at reached, or quit: the loop is over */
} RunState;

/* Why a run ended. */
typedef enum RunEnd {
    END_NONE,
    END_POWER_OFF,
    END_RESET_REFUSED,
    END_STOP_AT,
    END_QUIT,
    END_FAILED, /* a reset could not load the images again */
    END_STATUS, /* the guest said with which status: isa-debug-exit */
} RunEnd;

typedef struct Machine Machine;

/* A monitor command to run at a retired count. */
typedef struct MachineAt {
    uint64_t count;
    char *command; /* owned */
} MachineAt;

struct Machine {
    MachineConfig config;
    Log log;
    uint32_t log_at_start; /* LogCat bits */
    Clock clock;
    Map *map;   /* owned */
    Phys *phys; /* its memory space */
    PciBus pci; /* functions of the board's parts */
    Gate *gate;
    Translator *tr;
    const GuestIsa *isa;
    Vcpu *cpu;
    const Board *board;
    GPtrArray *devices;  /* Device *, owned, in the order of the board's parts, then -device's */
    GHashTable *by_name; /* part name -> Device *, borrowed */
    GPtrArray *wires;    /* IrqLine *, owned, in the order made */
    GPtrArray *cpu_pins; /* DevPin *, owned: ends of the wires to the CPU */
    GPtrArray *paths;    /* char *, owned: names of devices */
    DevGuest guest;
    GRand *rand;         /* of -seed; NULL: the host's randomness */
    uint64_t rand_draws; /* of @rand so far */
    int64_t rtc_base_s;  /* as the guest was given it */

    /* Time: virtual time is retired * ns_per_insn + idle_ns; host time runs from host_origin_ns. */
    uint64_t idle_ns;
    uint64_t host_origin_ns;
    uint64_t frozen_ns; /* host time at which the user stopped the machine; 0: it runs */
    uint64_t start_ns;  /* guest time that the run starts at */

    GArray *at; /* MachineAt, by count; those done are removed */
    /* Runs a monitor command on the vCPU's thread; set by who has a monitor. */
    void (*command)(Machine *m, const char *text);

    /* The loop's own, on the vCPU's thread. */
    bool reset_wanted;
    bool over_break; /* going on from a breakpoint: the instruction at break_at is stepped */
    Gva break_at;
    uint64_t instructions_at_reset;

    /* Shared with other threads, under the lock. */
    GMutex lock;
    GCond wake; /* the vCPU's thread waits here when idle or stopped */
    GCond answered;
    GQueue calls; /* MachineCall * waiting */
    RunState state;
    RunEnd end;
    unsigned status;   /* END_STATUS: what the guest said */
    int kicked;        /* atomic: there is something in calls, the gate or state */
    GThread *thread;   /* NULL: not running; calls then run where they are made */
    GThread *joinable; /* of the thread that made the machine */
    bool at_break;     /* it stopped before an instruction with a breakpoint */
    /* Told on the vCPU's thread, the lock held, when it has stopped: it must only pass it on. */
    void (*stopped)(void *opaque);
    void *stopped_opaque;
    void (*ending)(void *opaque); /* told on any thread when it has been asked to end; or NULL */
    void (*ended)(void *opaque);  /* told on the vCPU's thread when the run has ended; or NULL */
    void *ended_opaque;
};

/**
 * machine_new - build the board @config names, load what it names, leave it at reset.
 * @config: taken over, also on failure
 * Errors: MACHINE_ERROR_*, and those of the layers below; one line that names the thing.
 */
Machine *machine_new(MachineConfig *config, const Log *log,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void machine_free(Machine *m);

/* Frees what a config owns, not the config. */
void machine_config_clear(MachineConfig *c);

/* Whether serial port @n, from 0, is in its slot; true where there are no slots. */
bool machine_has_serial(const Machine *m, unsigned n);

/* Part @name of the board; NULL if it has none or it is not a device. */
Device *machine_device(const Machine *m, const char *name);

/* Starts the vCPU's thread. The run ends by machine_end() or the guest. */
void machine_start(Machine *m);
/* Waits until the vCPU's thread is over. */
void machine_join(Machine *m);

/* Any thread: */
void machine_kick(Machine *m); /* the loop looks at everything at the end of this slice at latest */
void machine_stop(Machine *m);
void machine_cont(Machine *m);
void machine_end(Machine *m, RunEnd why);

/**
 * machine_call - run @fn on the vCPU's thread between two instructions, and wait for it.
 * Called on the vCPU's thread itself it runs at once. After the run has ended it runs here.
 */
void machine_call(Machine *m, void (*fn)(Machine *m, void *data), void *data);

/* Bits of machine_step(), as gdb's users know them from QEMU. */
enum { STEP_NO_IRQ = 2, STEP_NO_TIMER = 4 };

/**
 * machine_step - run one instruction of a stopped machine, in a call.
 * @how: STEP_NO_IRQ: no interrupt is taken; else one that is pending is, instead of an instruction.
 *       STEP_NO_TIMER: what has become due waits until the machine goes on.
 * An exception that the instruction raises is entered. A halted vCPU wakes.
 */
void machine_step(Machine *m, unsigned how);

/* vCPU's thread: a reset between this instruction and the next; ends the run with -no-reboot. */
void machine_request_reset(Machine *m);

/* vCPU's thread: back to power-on state, images loaded again. */
void machine_reset(Machine *m);

/* Fills @out with @n bytes of -seed's or the host's randomness: an input, through the gate. */
void machine_random(Machine *m, void *out, size_t n);

/* A generator as config says, after rand_draws draws. */
void machine_seed(Machine *m);

/* Seconds since 1970 the guest's clocks start at: an input, through the gate. */
int64_t machine_rtc_base(Machine *m);

/* A hash over all guest-visible state: vCPU, RAM, devices, time. For comparing runs. */
void machine_state_hash(Machine *m, char hex[65]);

/* A new wire to pin @pin of part @to; "cpu" has the guest's interrupt lines. Owned by @m. */
IrqLine *machine_wire(Machine *m, const char *to, unsigned pin);

/* machine/loop.c */
void machine_origin(Machine *m); /* the guest's time is start_ns now */
void machine_loop(Machine *m);
uint64_t machine_now_ns(void *machine); /* Clock.now */
void machine_plan_anew(void *machine);  /* Clock.closer */

#endif
