/* SPDX-License-Identifier: MIT */
/* gdb_desc.c - x86 registers as gdb's i386 target description numbers them. */
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"
#include "translator/ir/debug.h"

enum {
    REG_EIP = 8,
    REG_EFLAGS = 9,
    REG_CS = 10,
    REG_ST = 16,
    REG_FCTRL = 24,
    REG_XMM = 32,
    REG_MXCSR = 40,
    REG_CR0 = 41,
    N_REGS = 45
};

static const DebugFeature features[] = {
    { "org.gnu.gdb.i386.core", 0, REG_XMM },
    { "org.gnu.gdb.i386.sse", REG_XMM, REG_CR0 - REG_XMM },
    { "org.doppel.i386.system", REG_CR0, N_REGS - REG_CR0 },
};

static const char *const names[N_REGS] = {
    "eax",    "ecx",   "edx",   "ebx",   "esp",   "ebp",  "esi",   "edi",   "eip",
    "eflags", "cs",    "ss",    "ds",    "es",    "fs",   "gs",    "st0",   "st1",
    "st2",    "st3",   "st4",   "st5",   "st6",   "st7",  "fctrl", "fstat", "ftag",
    "fiseg",  "fioff", "foseg", "fooff", "fop",   "xmm0", "xmm1",  "xmm2",  "xmm3",
    "xmm4",   "xmm5",  "xmm6",  "xmm7",  "mxcsr", "cr0",  "cr2",   "cr3",   "cr4",
};

/* In gdb's order. */
static const uint8_t segments[] = { SEG_CS, SEG_SS, SEG_DS, SEG_ES, SEG_FS, SEG_GS };

static DebugReg reg(unsigned i)
{
    DebugReg r = { names[i], "int32", NULL, 32 };

    if (i == 4 || i == 5) {
        r.type = "data_ptr";
    } else if (i == REG_EIP) {
        r.type = "code_ptr";
    } else if (i >= REG_ST && i < REG_FCTRL) {
        r.type = "i387_ext";
        r.bits = 80;
    } else if (i >= REG_FCTRL && i < REG_XMM) {
        r.group = "float";
    } else if (i >= REG_XMM && i < REG_MXCSR) {
        r.type = "uint128";
        r.group = "vector";
        r.bits = 128;
    } else if (i == REG_MXCSR) {
        r.group = "vector";
    } else if (i >= REG_CR0) {
        r.group = "system";
    }
    return r;
}

/* ST(@i)'s physical number. */
static unsigned physical(const X86Fpu *f, unsigned i) { return (f->top + i) & 7; }

/* The tag word as FSTENV shows it, SDM Vol. 1 8.1.7: 0 valid, 1 zero, 2 special, 3 empty. */
static uint32_t tag_word(const X86Fpu *f)
{
    uint32_t word = 0;

    for (unsigned i = 0; i < 8; i++) {
        uint32_t e = f->exponent[i] & 0x7fff, tag = 2;

        if ((f->tags >> i & 1) != 0) {
            tag = 3;
        } else if (e == 0 && f->mantissa[i] == 0) {
            tag = 1;
        } else if (e != 0 && e != 0x7fff && f->mantissa[i] >> 63 != 0) {
            tag = 0;
        }
        word |= tag << 2 * i;
    }
    return word;
}

static uint32_t fp_control(const X86Fpu *f, unsigned i)
{
    switch (i) {
    case 0: return f->control;
    case 1: return (f->status & ~0x3800u) | (uint32_t)f->top << 11;
    case 2: return tag_word(f);
    case 3: return f->cs;
    case 4: return f->ip;
    case 5: return f->ds;
    case 6: return f->dp;
    default: return f->opcode;
    }
}

static DebugValue get(Vcpu *v, unsigned i)
{
    X86Cpu *cpu = x86_cpu(v);
    const uint32_t cr[] = { cpu->cr0, cpu->cr2, cpu->cr3, cpu->cr4 };

    if (i < REG_EIP) {
        return (DebugValue){ cpu->r[i], 0 };
    }
    if (i == REG_EIP) {
        return (DebugValue){ x86_eip(cpu), 0 };
    }
    if (i == REG_EFLAGS) {
        return (DebugValue){ x86_eflags(cpu), 0 };
    }
    if (i < REG_ST) {
        return (DebugValue){ cpu->seg[segments[i - REG_CS]].selector, 0 };
    }
    if (i < REG_FCTRL) {
        unsigned p = physical(x87_state(cpu), i - REG_ST);

        return (DebugValue){ cpu->fpu.mantissa[p], cpu->fpu.exponent[p] };
    }
    if (i < REG_XMM) {
        return (DebugValue){ fp_control(x87_state(cpu), i - REG_FCTRL), 0 };
    }
    if (i < REG_MXCSR) {
        return (DebugValue){ cpu->xmm[i - REG_XMM][0], cpu->xmm[i - REG_XMM][1] };
    }
    return (DebugValue){ i == REG_MXCSR ? cpu->mxcsr : cr[i - REG_CR0], 0 };
}

/* Segments and control registers are shown only: a selector alone does not say what the hidden part
 * becomes. */
static bool set(Vcpu *v, unsigned i, DebugValue value)
{
    X86Cpu *cpu = x86_cpu(v);

    if (i < REG_EIP) {
        cpu->r[i] = (uint32_t)value.low;
    } else if (i == REG_EIP) {
        v->pc = cpu->seg[SEG_CS].base + (uint32_t)value.low;
    } else if (i == REG_EFLAGS) {
        /* VM would change what the segments mean */
        x86_set_eflags(cpu, ((uint32_t)value.low & cpu->model->eflags & ~(uint32_t)EFL_VM)
                                | (cpu->eflags & EFL_VM));
        x86_update(cpu);
    } else if (i >= REG_ST && i < REG_FCTRL) {
        unsigned p = physical(x87_state(cpu), i - REG_ST);

        cpu->fpu.mantissa[p] = value.low;
        cpu->fpu.exponent[p] = (uint16_t)value.high;
    } else if (i >= REG_XMM && i < REG_MXCSR) {
        cpu->xmm[i - REG_XMM][0] = value.low;
        cpu->xmm[i - REG_XMM][1] = value.high;
    } else {
        return false;
    }
    return true;
}

const IsaDebug x86_debug = {
    .architecture = "i386",
    .pc = REG_EIP,
    .breakpoint_max = 15,
    .features = features,
    .n_features = G_N_ELEMENTS(features),
    .n_regs = N_REGS,
    .reg = reg,
    .get = get,
    .set = set,
};
