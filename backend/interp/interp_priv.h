/* SPDX-License-Identifier: MIT */
/* interp_priv.h - the pre-decoded form of a unit. */
#ifndef BACKEND_INTERP_INTERP_PRIV_H
#define BACKEND_INTERP_INTERP_PRIV_H

#include "translator/ir/isa.h"

/*
 * A unit in the cache is its operations, the first one a CODE_head, and then one InsnMark for each
 * guest instruction. Values live in slots, numbered within the unit; slot 0 is always 0.
 *
 * Pure rows of ir_ops.def have a code for 32 bits, which also serves narrower types where that is
 * the same, one for 64, and rows with two operands one for 32 bits and a constant. Others go to
 * ir_eval().
 */
/* clang-format off */
typedef enum Code {
#define IR_UN(name, dst, a, value)                       W32_##name, W64_##name,
#define IR_UNI(name, dst, a, value)                      W32_##name, W64_##name,
#define IR_BIN(name, dst, a, b, value)                   W32_##name, W64_##name, K32_##name,
#define IR_TRI(name, dst, a, b, c, value)                W32_##name, W64_##name,
#define IR_BIN2(name, dst, dst2, a, b, value, value2)    W32_##name, W64_##name,
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2) W32_##name, W64_##name,
#include "translator/ir/ir_ops.def"
    /*             dst    a        b        imm */
    CODE_head,  /* insns  HEAD_*   marks    executions; marks: operations from here to the marks */
    CODE_mark,  /* index                    leaves if asked to; not before every instruction */
    CODE_const, /* slot                     value */
    CODE_mask,  /* slot   slot              mask */
    CODE_holds, /* slot   slot              bit i: whether the condition holds for flags i */
    CODE_eval,  /* slot   slot     slot     immediate, op << 16, type << 24, slot c << 48 */
    CODE_fp,    /* slot   slot     slot     environment, op << 16, type << 24, slot c << 48 */
    CODE_fptrap, /* slot  slot     slot     the same with IR_FP_TRAPS, index << 32 */
    CODE_vec,   /* slot   slot     slot     as CODE_eval; a V128 is in two slots */
    CODE_vecfp, /* slot   slot     slot     so too; its immediate has the environment */
    CODE_get32, /* slot                     offset from the Vcpu; so all up to set64 */
    CODE_get64,
    CODE_gld1,
    CODE_gld8,
    CODE_gld16,
    CODE_set8,  /*        slot              offset */
    CODE_set16,
    CODE_set32,
    CODE_set64,
    CODE_gld128,
    CODE_gst128,
    CODE_ld8,   /* slot   address  index    memop, MEM_* fields */
    CODE_ld16,
    CODE_ld32,
    CODE_ld64,
    CODE_lds8,  /* sign-extended to 32 bits */
    CODE_lds16,
    CODE_ld128,
    CODE_ldany, /* by way of mmu_load() */
    CODE_st8,   /* index  address  value    memop, MEM_* fields */
    CODE_st16,
    CODE_st32,
    CODE_st64,
    CODE_st128,
    CODE_stany,
    CODE_cas,   /* slot   address  expected memop, MEM_* fields, slot desired << 48 */
    CODE_call,  /* slot   slot     slot     helper, index << 32, slot c << 48 */
    CODE_retired, /* slot                   index */
    CODE_count, /*                          ledger index */
    CODE_skip,  /*        slot              operations to skip */
    CODE_guard, /* index                    expected fetch entry, page << 32 */
    CODE_goto,  /* index                    linked entry or 0; the next operation is the target */
    CODE_gotoif, /* index slot              so too */
    CODE_check, /* index                    so too */
    CODE_jump,  /* index  slot              pc immediate */
    CODE_dispatch, /* index */
    CODE_leave, /* index */
    N_CODES
} Code;
/* clang-format on */

/* Fields of a memory operation's immediate, beside the memop in the low bits. */
enum {
    MEM_MEMOP = 0x7fff,
    MEM_ALIGN_SHIFT = 16,  /* 8 bits: address bits that must be 0 */
    MEM_TYPE_SHIFT = 24,   /* 8 bits: of a load's result */
    MEM_OFFSET_SHIFT = 32, /* 16 bits, added to the address; cas: the instruction's index */
};

enum { HEAD_COUNTS = 1, HEAD_TRACES = 2 };

typedef union Op {
    struct {
        uint16_t code, dst, a, b;
        uint64_t imm;
    };
    struct { /* where goto, gotoif, check go */
        Gva va;
        uint32_t mode;
        uint32_t fetch; /* expected fetch entry of a link into another page */
        uint32_t cross; /* whether it is one */
    };
} Op;

/* Where a guest instruction is; index i of a unit's marks is its instruction i. */
typedef struct InsnMark {
    Gva pc;
    uint32_t mode;
} InsnMark;

struct Host {
    const GuestIsa *isa;
    HostOptions options;
    ptrdiff_t to_rx; /* from where a unit can be written to where it is run */
};

/* HostIsa.compile, HostIsa.enter. */
bool interp_compile(Host *h, const IrBlock *blk, HostCode *code, HostUnit *out);
HostExit interp_enter(Host *h, Vcpu *v, const void *entry);

/* The bit that CODE_holds looks at for @flags. */
static inline unsigned interp_flags_bit(uint64_t flags)
{
    return (unsigned)((flags >> 6 & 7) | (flags >> 13 & 8));
}

#endif
