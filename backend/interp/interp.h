/* SPDX-License-Identifier: MIT */
/* interp.h - the host that is no machine: blocks are decoded once and interpreted. */
#ifndef BACKEND_INTERP_INTERP_H
#define BACKEND_INTERP_INTERP_H

#include "translator/ir/isa.h"

/* After HOST_INSIDE the state is exact already: recover() only says where. */
extern const HostIsa interp_host;

#endif
