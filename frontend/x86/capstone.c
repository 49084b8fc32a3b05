/* SPDX-License-Identifier: MIT */
/* capstone.c - which of Capstone's decoders a mode word asks for; its header's names fill x86_*. */
#include <capstone/capstone.h>

#include "frontend/x86/x86_priv.h"

void x86_capstone(uint32_t mode, int *arch, int *cs_mode)
{
    *arch = CS_ARCH_X86;
    *cs_mode = mode & MODE_C16 ? CS_MODE_16 : CS_MODE_32;
}
