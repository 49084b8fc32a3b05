/* SPDX-License-Identifier: MIT */
/* lift.h - what the x86 decoder and lifters share; private to frontend/x86. */
#ifndef FRONTEND_X86_LIFT_H
#define FRONTEND_X86_LIFT_H

#include "frontend/x86/x86.h"

typedef struct X86Insn X86Insn;

enum { X86_OPERANDS = 4, X86_INSN_BYTES = 15 };

/* Opcode maps, SDM Vol. 2 appendix A. */
typedef enum X86Map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A, X86_N_MAPS } X86Map;

/* Which 66, F2 and F3 an encoding demands; F2 and F3 hide a 66. */
typedef enum X86Prefix { PFX_ANY, PFX_NP, PFX_66, PFX_F3, PFX_F2 } X86Prefix;

/* What an encoding says about its ModRM byte. */
typedef struct X86Modrm {
    uint8_t present;
    uint8_t kind; /* 0 any mod; 1 memory, mod 0 to 2; 2 register, mod 3 */
    uint8_t mask, match;
} X86Modrm;

/* A column word such as Ev: how the operand is addressed, and its size. */
typedef struct X86Operand {
    uint8_t kind;   /* X86OperandKind */
    uint8_t size;   /* the manual's letter: b w d v z q ...; 0 */
    uint8_t number; /* of a register that the opcode names */
} X86Operand;

typedef enum X86OperandKind {
    OPD_NONE,
    OPD_E,   /* general register or memory by ModRM.rm */
    OPD_G,   /* general register by ModRM.reg */
    OPD_M,   /* memory by ModRM.rm */
    OPD_R,   /* general register by ModRM.rm */
    OPD_I,   /* immediate */
    OPD_IS,  /* immediate byte, sign-extended: Ibs */
    OPD_J,   /* branch displacement */
    OPD_A,   /* far pointer in the code */
    OPD_O,   /* memory at an offset in the code */
    OPD_X,   /* memory at DS:eSI */
    OPD_Y,   /* memory at ES:eDI */
    OPD_S,   /* segment register by ModRM.reg */
    OPD_C,   /* control register by ModRM.reg */
    OPD_D,   /* debug register by ModRM.reg */
    OPD_P,   /* MMX register by ModRM.reg */
    OPD_Q,   /* MMX register or memory by ModRM.rm */
    OPD_N,   /* MMX register by ModRM.rm */
    OPD_V,   /* XMM register by ModRM.reg */
    OPD_W,   /* XMM register or memory by ModRM.rm */
    OPD_U,   /* XMM register by ModRM.rm */
    OPD_Z,   /* general register by the opcode's low three bits */
    OPD_REG, /* the general register of that number: AL CL DX eAX ... */
    OPD_SEG, /* the segment register of that number */
    OPD_ONE, /* the number 1 */
    OPD_ST,  /* x87 register ST(i) by ModRM.rm, or ST(0) */
} X86OperandKind;

/* What a processor must have: bits of X86Model.features. */
typedef enum X86Feature {
    FEAT_386, /* every model */
    FEAT_486,
    FEAT_FPU,
    FEAT_TSC,
    FEAT_MSR,
    FEAT_CX8,
    FEAT_SEP,
    FEAT_CMOV,
    FEAT_FCMOV,
    FEAT_PMC,
    FEAT_P6, /* long NOP, UD2 */
    FEAT_MMX,
    FEAT_FXSR,
    FEAT_SSE,
    FEAT_SSE2,
    FEAT_SSE3,
    FEAT_SSSE3,
    FEAT_CLFLUSH,
    FEAT_MONITOR,
    FEAT_MOVBE,
    X86_N_FEATURES
} X86Feature;

enum {
    ROW_PLUS_R = 1 << 0,  /* eight opcodes; the low three bits are a register, ST(i) or operand Z */
    ROW_PLUS_CC = 1 << 1, /* sixteen opcodes; the low four bits are a condition */
    ROW_LOCK = 1 << 2,    /* LOCK is allowed if the first operand is memory */
    ROW_MANY = 1 << 3,    /* more than one memory access */
    ROW_RMW = 1 << 10, /* reads the first operand, then writes it: the read asks for both rights */
    ROW_PROTECTED = 1 << 4, /* #UD in real and virtual-8086 mode */
    ROW_VM_IOPL = 1 << 5,   /* #GP(0) in virtual-8086 mode unless IOPL is 3 */
    ROW_IOPL = 1 << 6,      /* #GP(0) unless CPL <= IOPL */
    ROW_ENDS = 1 << 7,      /* ends the unit */
    ROW_REP = 1 << 9,       /* REP repeats it */
    ROW_IO = 1 << 8,        /* not barred by CPL: IOPL and the I/O permission bitmap decide */
    ROW_ARG_SHIFT = 16,
};

/* In the flags column: which of the operations that share a lifter. */
#define ARG(x) ((uint32_t)(x) << ROW_ARG_SHIFT)

/* One instruction being lifted. A lifter may depend on nothing else. */
typedef struct X86Lift {
    IrBlock *blk;
    const X86Cpu *cpu; /* for its model only */
    const X86Insn *row;
    Gva pc;   /* linear address of the instruction */
    Gva next; /* of the one behind it */
    uint32_t mode, next_mode;
    uint8_t map, opcode;
    bool opsize_prefix, lock;
    uint8_t rep;         /* 0, 0xf2 or 0xf3: the last one counts */
    uint8_t opsize;      /* bytes of a v operand: 2 or 4 */
    uint8_t adsize;      /* bytes of an address: 2 or 4 */
    int8_t seg_override; /* SEG_*, or -1 */
    bool has_modrm;
    uint8_t modrm;
    uint8_t mod, reg, rm; /* its fields */
    /* The memory operand: seg:[base + index << scale + disp]; -1: none. */
    int8_t base, index;
    uint8_t scale, seg;
    uint32_t disp;
    uint32_t imm,
        imm2; /* as encoded, zero-extended; imm2: ENTER's level, a far pointer's selector */
    uint8_t length;
    IrRef ea;   /* x86_ea()'s, once asked for */
    bool ended; /* the lifter emitted an EXIT on every path */
} X86Lift;

/* One decoder row; x86.def says what the columns mean. */
struct X86Insn {
    InsnInfo info;
    X86Map map;
    uint8_t opcode;
    X86Prefix prefix;
    X86Modrm modrm;
    const char *operand_words;
    void (*lift)(X86Lift *l);
    uint32_t flags; /* ROW_*, ARG() */
    X86Feature feature;
    X86Operand operand[X86_OPERANDS];
    uint16_t ledger;
};

static inline uint32_t x86_arg(const X86Lift *l) { return l->row->flags >> ROW_ARG_SHIFT; }

static inline IrType x86_type(unsigned bytes)
{
    return bytes == 1 ? T_I8 : bytes == 2 ? T_I16 : bytes == 4 ? T_I32 : T_I64;
}

/* ---- decode.c ---- */

typedef enum X86Decoded {
    X86_DECODED,
    X86_NO_ROW,    /* not an instruction: #UD */
    X86_TOO_SHORT, /* longer than @avail */
    X86_TOO_LONG,  /* more than 15 bytes: #GP(0) */
} X86Decoded;

/* Fills what the bytes say into @l, whose mode must be set. */
X86Decoded x86_decode(X86Lift *l, const uint8_t *code, unsigned avail);
/* All rows, in the order of their ledger numbers. */
const X86Insn *x86_rows(unsigned *n);
/* Whether @row covers this opcode of its map; this ModRM byte. */
bool x86_row_has_opcode(const X86Insn *row, uint8_t opcode);
bool x86_row_has_modrm(const X86Insn *row, uint8_t modrm);

/* ---- lift.c: operands ---- */

/* Bytes of operand @i; 0 if it has none of its own. */
unsigned x86_size(const X86Lift *l, unsigned i);
static inline bool x86_is_memory(const X86Lift *l) { return l->has_modrm && l->mod != 3; }

/* General registers: @bytes 1 (AL CL DL BL AH CH DH BH), 2 or 4. */
IrRef x86_reg(X86Lift *l, unsigned n, unsigned bytes);
void x86_set_reg(X86Lift *l, unsigned n, unsigned bytes, IrRef v);

/* Operand @i, of the type of its size; memory operands are loaded, stored. A lifter that reads,
 * then writes a memory operand has ROW_MANY. */
IrRef x86_get(X86Lift *l, unsigned i);
void x86_put(X86Lift *l, unsigned i, IrRef v);

/* Offset of the memory operand in its segment, l->seg, cut to the address size. */
IrRef x86_ea(X86Lift *l);
/* @off + @k, cut to the address size. */
IrRef x86_ea_plus(X86Lift *l, IrRef off, uint32_t k);

/* Whether accesses through @seg need more than its base. */
bool x86_is_checked(const X86Lift *l, unsigned seg);
/* Linear address of @bytes at @seg:@off; raises what the segment forbids. @off is I32. */
IrRef x86_linear(X86Lift *l, unsigned seg, IrRef off, unsigned bytes, bool write);
/* x86_linear() of the memory operand plus @k. */
IrRef x86_operand_linear(X86Lift *l, uint32_t k, unsigned bytes, bool write);

/* What an access does with its segment; CLFLUSH may have an execute-only one. */
typedef enum X86SegUse { SEG_LOADS, SEG_STORES, SEG_FLUSHES } X86SegUse;

/* x86_linear() without data breakpoints. */
IrRef x86_translate(X86Lift *l, unsigned seg, IrRef off, unsigned bytes, X86SegUse use);
/* Raises @vector if @va is not a multiple of @bytes. */
void x86_require_aligned(X86Lift *l, IrRef va, unsigned bytes, unsigned vector);
/* Vol. 3 table 6-7, ahead of what cannot be undone and of what does not look: #AC. */
void x86_check_alignment(X86Lift *l, IrRef va, unsigned bytes);

/* Loads and stores 1, 2, 4 or 8 bytes at @seg:@off. */
IrRef x86_load(X86Lift *l, unsigned seg, IrRef off, unsigned bytes);
void x86_store(X86Lift *l, unsigned seg, IrRef off, IrRef v);
/* Raises what a store of @bytes there would; stores nothing. */
void x86_probe_write(X86Lift *l, unsigned seg, IrRef off, unsigned bytes);
/* The Memop of such an access: MO_ONLY unless ROW_MANY, alignment if it is checked. */
uint64_t x86_memop(const X86Lift *l, unsigned bytes);

/* The stack. SP or ESP by mode; x86_push() writes the pointer after the store. */
void x86_push(X86Lift *l, IrRef v);
void x86_push_word(X86Lift *l, IrRef v); /* I16 into a slot of the operand size */
IrRef x86_pop(X86Lift *l, unsigned bytes);
IrRef x86_stack_peek(X86Lift *l, uint32_t k, unsigned bytes); /* at SP + @k */
void x86_stack_add(X86Lift *l, uint32_t k);                   /* SP += @k */

static inline IrRef x86_const(X86Lift *l, unsigned bytes, uint32_t k)
{
    return ir_const(l->blk, x86_type(bytes), bytes == 4 ? k : k & ((1u << 8 * bytes) - 1));
}
static inline IrRef x86_const32(X86Lift *l, uint32_t k) { return ir_const(l->blk, T_I32, k); }
/* @v widened to I32, zero- or sign-extended. */
IrRef x86_zext(X86Lift *l, IrRef v);
IrRef x86_sext(X86Lift *l, IrRef v);

/* ---- lift_flags.c ---- */

/* CF as I1; and CF set, all others kept. */
IrRef x86_cf(X86Lift *l);
void x86_set_cf(X86Lift *l, IrRef c);
/* Condition @cc as encoded in Jcc, Vol. 1 appendix B. */
IrRef x86_cond(X86Lift *l, unsigned cc);
/* CF ZF SF OF PF AF as in EFLAGS, I32; and those bits of @v made the flags. */
IrRef x86_status(X86Lift *l);
void x86_set_status(X86Lift *l, IrRef v);
/* The same of CF, PF and ZF in @v, whose other bits are 0: OF, SF and AF become 0. */
void x86_set_order(X86Lift *l, IrRef v);
/* ZF set, all others kept. */
void x86_set_zf(X86Lift *l, IrRef z);

/* ---- lift_insn.c: exceptions, calls, ends ---- */

/* Raises the exception, without or with error code 0; nothing is lifted behind it. */
void x86_raise(X86Lift *l, unsigned vector);
void x86_undefined(X86Lift *l);
void x86_gp0(X86Lift *l);
/* Raises it if @cond. */
void x86_raise_if(X86Lift *l, IrRef cond, unsigned vector);

/* Calls helper @h; for HELPER_CALLOUT rows counts the ledger. */
IrRef x86_call(X86Lift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c);
/* The row counted in the ledger: sensitive rows that are done inline. Behind all accesses to
 * memory: one that leaves the unit has the instruction done again. */
void x86_count(X86Lift *l);

/* pc and mode word of the next instruction, and of this one, as helpers take them. */
IrRef x86_next_pc(X86Lift *l);
IrRef x86_this_pc(X86Lift *l);

/* Ends the unit: plain; after something that may have changed what is pending; after a helper that
 * moved pc, mode or view itself. */
void x86_end(X86Lift *l);
void x86_end_check(X86Lift *l);
void x86_end_dispatch(X86Lift *l);
/* To a constant linear address. To an EIP that is computed (I32, already cut): always; if @cond,
 * else to the next instruction. x86_check_eip() raises what a branch there would. */
void x86_goto(X86Lift *l, Gva target);
void x86_jump_eip(X86Lift *l, IrRef eip);
void x86_jump_eip_if(X86Lift *l, IrRef cond, IrRef eip);
void x86_check_eip(X86Lift *l, IrRef eip);
/* EIP of the next instruction, constant if CS is flat. */
IrRef x86_next_eip(X86Lift *l);

static inline bool x86_user(const X86Lift *l) { return (l->mode & MODE_USER) != 0; }
static inline bool x86_cpl0(const X86Lift *l) { return (l->mode & (MODE_USER | MODE_CPL12)) == 0; }

/* The lifters of the rows; helpers, in the order of x86_helpers.def. */
/* clang-format off */
enum {
#define X86(name, map, opcode, prefix, modrm, operands, lifter, sens, how, flags, feature, spec) +1
    X86_N_ROWS = 0
#include "frontend/x86/x86.def"
#include "frontend/x86/x87.def"
#include "frontend/x86/sse.def"
};
#undef X86
#define X86(name, map, opcode, prefix, modrm, operands, lifter, sens, how, flags, feature, spec) \
    void lifter(X86Lift *l);
#include "frontend/x86/x86.def"
#include "frontend/x86/x87.def"
#include "frontend/x86/sse.def"
#undef X86

typedef enum X86Helper {
#define X86_HELPER(name, effects) X86_H_##name,
#include "frontend/x86/x86_helpers.def"
#include "frontend/x86/x86fp_helpers.def"
    X86_N_HELPERS
} X86Helper;
#undef X86_HELPER
#define X86_HELPER(name, effects) \
    uint64_t x86_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c);
#include "frontend/x86/x86_helpers.def"
#include "frontend/x86/x86fp_helpers.def"
#undef X86_HELPER
/* clang-format on */

extern const IrHelper x86_helpers[X86_N_HELPERS];

/* What x86_isa exports. */
IsaLifted x86_lift(IsaLift *in);
const char *x86_row_name(const uint8_t *code, unsigned avail, uint32_t mode);

#endif
