/* SPDX-License-Identifier: MIT */
/* run_priv.h - what tr.c and run.c need of each other. */
#ifndef TRANSLATOR_RUN_PRIV_H
#define TRANSLATOR_RUN_PRIV_H

#include "translator/tr_priv.h"

/* The unit at v->pc, v->mode; NULL with leave = LEAVE_FAULT. */
Unit *tr_find_or_make(Translator *t, Vcpu *v);

/* The unit whose code holds @host_pc, live or not. */
Unit *tr_unit_at(Translator *t, const void *host_pc);

/* Makes unit @u, the one at v->pc, v->mode, anew for the view's window. NULL: it is gone. */
Unit *tr_make_hot(Translator *t, Vcpu *v, Unit *u);

/* The retired count at cold->host_pc; for the soft-MMU. */
uint64_t tr_count_here(Vcpu *v);

#endif
