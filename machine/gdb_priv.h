/* SPDX-License-Identifier: MIT */
/* gdb_priv.h - the debugger's session, and its commands by file. */
#ifndef MACHINE_GDB_PRIV_H
#define MACHINE_GDB_PRIV_H

#include "machine/gdb.h"
#include "machine/gdb_packet.h"
#include "translator/ir/debug.h"

enum { GDB_BREAKPOINTS_MAX = 1024, GDB_SIGINT = 2, GDB_SIGTRAP = 5 };

/* A breakpoint of Z0 or Z1: the same thing here, but for who removes it. */
typedef struct GdbBreak {
    Gva va;
    unsigned type;
} GdbBreak;

struct Gdb {
    Machine *m;
    const IsaDebug *isa;
    Chardev *chr;
    bool attached;
    bool no_ack;
    bool running;     /* a stop reply is owed */
    bool physical;    /* addresses of memory packets are physical */
    unsigned how;     /* of steps: STEP_* */
    GArray *breaks;   /* GdbBreak: what the debugger asked for */
    GArray *applied;  /* Gva, sorted: what the translator stops at */
    GString *sent;    /* the last packet, should it be asked for again */
    GString *target;  /* the target description; made when first asked for */
    GSource *stopped; /* runs in the main context when the machine has stopped */
    GdbReader reader;
};

/* How a command is answered. */
typedef enum GdbAnswer {
    GDB_TEXT,      /* by what it has put into the reply */
    GDB_OK,        /* OK */
    GDB_LATER,     /* by a stop reply, or never */
    GDB_UNKNOWN,   /* by nothing: we have no such command */
    GDB_E_SYNTAX,  /* E01: not a packet as the protocol has it */
    GDB_E_MEMORY,  /* E14: no memory there */
    GDB_E_INVALID, /* E22: a number that names nothing */
} GdbAnswer;

typedef GdbAnswer (*GdbRun)(Gdb *g, GdbText *args, GString *out);

/* gdb.c: sends one packet now. */
void gdb_send(Gdb *g, const char *data, size_t n);
/* gdb_run.c */
void gdb_stop_reply(Gdb *g, unsigned signal);
void gdb_forget_breaks(Gdb *g);

/* clang-format off */
#define GDB_COMMAND(name) GdbAnswer gdb_do_##name(Gdb *g, GdbText *args, GString *out)
/* gdb_run.c */
GDB_COMMAND(why);
GDB_COMMAND(cont);
GDB_COMMAND(cont_signal);
GDB_COMMAND(step);
GDB_COMMAND(step_signal);
GDB_COMMAND(vcont);
GDB_COMMAND(vcont_query);
GDB_COMMAND(insert);
GDB_COMMAND(remove);
GDB_COMMAND(detach);
GDB_COMMAND(kill);
/* gdb_regs.c */
GDB_COMMAND(read_all);
GDB_COMMAND(write_all);
GDB_COMMAND(read_reg);
GDB_COMMAND(write_reg);
GDB_COMMAND(features);
/* gdb_memory.c */
GDB_COMMAND(read_memory);
GDB_COMMAND(write_memory);
GDB_COMMAND(write_binary);
GDB_COMMAND(physical);
GDB_COMMAND(set_physical);
/* gdb_query.c */
GDB_COMMAND(supported);
GDB_COMMAND(no_ack);
GDB_COMMAND(thread);
GDB_COMMAND(alive);
GDB_COMMAND(current);
GDB_COMMAND(first_threads);
GDB_COMMAND(next_threads);
GDB_COMMAND(thread_text);
GDB_COMMAND(attached);
GDB_COMMAND(monitor);
GDB_COMMAND(step_bits);
GDB_COMMAND(step_how);
GDB_COMMAND(set_step_how);
/* clang-format on */

/* A thread as packets name it: 1 is the vCPU, 0 any, -1 all. False for another one. */
bool gdb_take_thread(GdbText *t);

/* Sets the program counter; false if it cannot be @va. */
bool gdb_set_pc(Gdb *g, uint64_t va);

#endif
