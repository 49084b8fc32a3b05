/* SPDX-License-Identifier: MIT */
/* window.h - hot units: found by sampling, made anew with their memory accesses in the window. */
#ifndef TRANSLATOR_WINDOW_H
#define TRANSLATOR_WINDOW_H

#include "translator/tr_priv.h"

/**
 * tr_note_heat - the budget ran out at the head of the unit at v->pc.
 * A unit this happens to often is hot, for slices are of about the same length. It is made anew for
 * the view's window (softmmu/view.h).
 */
void tr_note_heat(Translator *t, Vcpu *v);

/* Whether a unit that is made now is for the window, hot or not. */
bool tr_wants_window(const Translator *t, Vcpu *v);

/* Around translated code: host faults in the meantime are those of @v. Cost: a store. */
void tr_window_begin(Vcpu *v);
void tr_window_end(void);

#endif
