/* SPDX-License-Identifier: MIT */
/* version.h - the version that --version and the monitor tell. */
#ifndef MACHINE_VERSION_H
#define MACHINE_VERSION_H

#define DOPPEL_VERSION "0.1.0"

/* ISO C wants a declaration in what is compiled alone. */
typedef char DoppelVersion[sizeof(DOPPEL_VERSION)];

#endif
