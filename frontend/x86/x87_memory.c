/* SPDX-License-Identifier: MIT */
/* x87_memory.c - x87 instructions with an operand in memory. Spec: SDM Vol. 2, the entry of each.
 * */
#include "frontend/x86/x87_priv.h"

/* What a memory operand is. */
typedef enum Form { F32, F64, M80, I16, I32, I64, BCD, OTHER } Form;

/* Of the arithmetic of D8 DA DC DE, and of the loads and stores of D9 DB DD DF by /0 to /7. */
static Form form_of(unsigned fop)
{
    static const uint8_t arithmetic[] = { F32, I32, F64, I16 };
    static const uint8_t others[4][8] = {
        { F32, OTHER, F32, F32, OTHER, OTHER, OTHER, OTHER },
        { I32, I32, I32, I32, OTHER, M80, OTHER, M80 },
        { F64, I64, F64, F64, OTHER, OTHER, OTHER, OTHER },
        { I16, I16, I16, I16, BCD, I64, BCD, I64 },
    };
    unsigned esc = x87_esc(fop);

    return esc % 2 == 0 ? arithmetic[esc / 2] : others[esc / 2][x87_reg(fop)];
}

unsigned x87_memory_bytes(unsigned fop)
{
    static const uint8_t bytes[] = { 4, 8, 10, 2, 4, 8, 10, 0 };

    return bytes[form_of(fop)];
}

static F80 integer(Form form, uint64_t low)
{
    switch (form) {
    case I16: return sfp80_from_int((int16_t)low);
    case I32: return sfp80_from_int((int32_t)low);
    default: return sfp80_from_int((int64_t)low);
    }
}

static F80 operand(Form form, uint64_t low, F80Env *env)
{
    switch (form) {
    case F32: return sfp80_operand_f32((uint32_t)low, env);
    case F64: return sfp80_operand_f64(low, env);
    default: return integer(form, low);
    }
}

static F80 loaded(Form form, uint64_t low, uint16_t high, F80Env *env)
{
    switch (form) {
    case F32: return sfp80_from_f32((uint32_t)low, env);
    case F64: return sfp80_from_f64(low, env);
    case M80: return (F80){ low, high };
    case BCD: return sfp80_from_bcd(low, high);
    default: return integer(form, low);
    }
}

void x87_load(X86Fpu *f, unsigned fop, uint64_t low, uint16_t high)
{
    F80Env env = x87_env(f);
    Form form = form_of(fop);
    F80 v;

    if (x87_esc(fop) % 2 == 0) {
        v = operand(form, low, &env);
        x87_arith(f, x87_reg(fop), v, false, 0, 0, &env);
        return;
    }
    if (!x87_is_empty(f, 7)) {
        x87_push(f, (F80){ 0, 0 });
        return;
    }
    v = loaded(form, low, high, &env);
    x87_raised(f, &env);
    /* A denormal does not keep it from being loaded, whatever the mask: so do Intel's processors.
     * */
    if ((env.flags & ~env.masks & F80_IE) == 0) {
        x87_push(f, v);
    }
}

/* /2 does not pop; all other stores do. */
static bool pops(unsigned fop) { return x87_reg(fop) != 2; }

static uint64_t indefinite(Form form, uint16_t *high)
{
    switch (form) {
    case F32: return 0xffc00000;
    case F64: return UINT64_C(0xfff8) << 48;
    case M80:
    case BCD: *high = 0xffff; return UINT64_C(0xc000) << 48;
    case I16: return 0x8000;
    case I32: return 0x80000000;
    default: return UINT64_C(1) << 63;
    }
}

static uint64_t convert(const X86Fpu *f, unsigned fop, uint16_t *high, F80Env *env)
{
    bool truncate = x87_reg(fop) == 1;
    F80 v = x87_st(f, 0);

    switch (form_of(fop)) {
    case F32: return sfp80_to_f32(v, env);
    case F64: return sfp80_to_f64(v, env);
    case M80: *high = v.se; return v.sig;
    case BCD: return sfp80_to_bcd(v, high, env);
    case I16: return sfp80_to_int(v, 16, truncate, env) & 0xffff;
    case I32: return (uint32_t)sfp80_to_int(v, 32, truncate, env);
    default: return sfp80_to_int(v, 64, truncate, env);
    }
}

uint64_t x87_store_value(const X86Fpu *f, unsigned fop, uint16_t *high, bool *stores)
{
    F80Env env = x87_env(f);
    uint64_t v;

    *high = 0;
    if (x87_is_empty(f, 0)) {
        *stores = (f->control & F80_IE) != 0;
        return indefinite(form_of(fop), high);
    }
    v = convert(f, fop, high, &env);
    *stores = !sfp80_store_stopped(&env);
    return v;
}

void x87_store_done(X86Fpu *f, unsigned fop)
{
    F80Env env = x87_env(f);
    uint16_t high;

    if (x87_is_empty(f, 0)) {
        if (!x87_stack_fault(f, false)) {
            return;
        }
    } else {
        convert(f, fop, &high, &env);
        x87_raised(f, &env);
        if (sfp80_store_stopped(&env)) {
            return;
        }
    }
    if (pops(fop)) {
        x87_pop(f);
    }
}
