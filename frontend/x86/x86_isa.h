/* SPDX-License-Identifier: MIT */
/* x86_isa.h - the x86 guest, for those who need no more of it than its tables. */
#ifndef FRONTEND_X86_X86_ISA_H
#define FRONTEND_X86_X86_ISA_H

#include "translator/ir/isa.h"

extern const GuestIsa x86_isa;

#endif
