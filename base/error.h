/* SPDX-License-Identifier: MIT */
/* error.h - the error domain of base/. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <glib.h>

#define BASE_ERROR (base_error_quark())
GQuark base_error_quark(void);

typedef enum BaseError {
    BASE_ERROR_RANGE, /* a saved value is outside what its field allows */
    BASE_ERROR_VALUE, /* a text is not one of the values it may have */
} BaseError;

#endif
