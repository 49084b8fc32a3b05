/* SPDX-License-Identifier: MIT */
/* x87_state.c - the x87's control, status and tag words, and its stack. */
#include <string.h>

#include "frontend/x86/x87_priv.h"

/* FNSAVE's format, SDM Vol. 1 figure 8-9. */
enum { IMAGE_STATUS = 4, IMAGE_TAGS = 8, IMAGE_ST = 28, IMAGE_ST_BYTES = 10 };

X86Fpu *x87_state(X86Cpu *cpu)
{
    VcpuX87 *x87 = &vcpu_cold(&cpu->v)->x87;
    X86Fpu *f = &cpu->fpu;
    uint16_t w[3];

    g_assert(x87->state != X87_IN_HOST);
    if (x87->state == X87_IN_GUEST) {
        return f;
    }
    memcpy(&w[0], x87->image, 2);
    memcpy(&w[1], x87->image + IMAGE_STATUS, 2);
    memcpy(&w[2], x87->image + IMAGE_TAGS, 2);
    x87_set_control(f, w[0]);
    x87_set_status(f, w[1]);
    x87_set_tag_word(f, w[2]);
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_physical(f, i);

        memcpy(&f->mantissa[r], x87->image + IMAGE_ST + IMAGE_ST_BYTES * i, 8);
        memcpy(&f->exponent[r], x87->image + IMAGE_ST + IMAGE_ST_BYTES * i + 8, 2);
    }
    x87->state = X87_IN_GUEST;
    return f;
}

void x87_to_image(Vcpu *v)
{
    VcpuX87 *x87 = &vcpu_cold(v)->x87;
    X86Fpu *f = &x86_cpu(v)->fpu;
    uint16_t w[3] = { f->control, x87_status(f), x87_tag_word(f) };

    if (x87->state != X87_IN_GUEST) {
        return;
    }
    memset(x87->image, 0, sizeof(x87->image));
    memcpy(x87->image, &w[0], 2);
    memcpy(x87->image + IMAGE_STATUS, &w[1], 2);
    memcpy(x87->image + IMAGE_TAGS, &w[2], 2);
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_physical(f, i);

        memcpy(x87->image + IMAGE_ST + IMAGE_ST_BYTES * i, &f->mantissa[r], 8);
        memcpy(x87->image + IMAGE_ST + IMAGE_ST_BYTES * i + 8, &f->exponent[r], 2);
    }
    x87->state = X87_IN_IMAGE;
}

void x87_settle_ferr(X86Cpu *cpu)
{
    if (cpu->board.ferr && ((cpu->cr0 & CR0_NE) != 0 || !x87_pending(x87_state(cpu)))) {
        cpu->board.ferr(cpu->board.opaque, false);
    }
}

uint16_t x87_status(const X86Fpu *f)
{
    unsigned pending = x87_pending(f) ? X87_ES | X87_B : 0;

    return (uint16_t)(f->status | pending | (unsigned)f->top << X87_TOP_SHIFT);
}

void x87_set_status(X86Fpu *f, uint16_t status)
{
    f->status = status & (X87_FLAGS | X87_SF | X87_CC);
    f->top = status >> X87_TOP_SHIFT & 7;
}

void x87_set_control(X86Fpu *f, uint16_t control)
{
    f->control = (uint16_t)((control & X87_CONTROL_BITS) | X87_CONTROL_ONE);
}

void x87_init(X86Fpu *f)
{
    f->control = X87_CONTROL_INIT;
    f->status = 0;
    f->top = 0;
    f->tags = 0xff;
    f->opcode = f->ip = f->cs = f->dp = f->ds = 0;
}

static unsigned tag_of(const X86Fpu *f, unsigned r)
{
    if ((f->tags >> r & 1) != 0) {
        return 3;
    }
    switch (sfp80_class((F80){ f->mantissa[r], f->exponent[r] })) {
    case F80_NORMAL: return 0;
    case F80_ZERO: return 1;
    default: return 2;
    }
}

uint16_t x87_tag_word(const X86Fpu *f)
{
    unsigned word = 0;

    for (unsigned r = 0; r < 8; r++) {
        word |= tag_of(f, r) << (2 * r);
    }
    return (uint16_t)word;
}

/* Of what is not empty the registers themselves tell the class: SDM Vol. 1, 8.1.7. */
void x87_set_tag_word(X86Fpu *f, uint16_t word)
{
    f->tags = 0;
    for (unsigned r = 0; r < 8; r++) {
        f->tags |= (uint8_t)(((word >> (2 * r) & 3) == 3) << r);
    }
}

F80Env x87_env(const X86Fpu *f)
{
    static const uint8_t rounding[] = { FP_RNE, FP_RM, FP_RP, FP_RZ };
    static const uint8_t precision[] = { 24, 64, 53, 64 }; /* 1 is reserved: as 3 */

    return (F80Env){ .rounding = rounding[f->control >> 10 & 3],
                     .precision = precision[f->control >> 8 & 3],
                     .masks = f->control & X87_FLAGS };
}

void x87_raised(X86Fpu *f, const F80Env *env)
{
    unsigned c1 = env->rounded_up != 0 ? X87_C1 : 0;

    f->status = (uint16_t)((f->status & ~X87_C1) | env->flags | c1);
}

bool x87_stack_fault(X86Fpu *f, bool overflow)
{
    unsigned c1 = overflow ? X87_C1 : 0;

    f->status = (uint16_t)((f->status & ~X87_C1) | F80_IE | X87_SF | c1);
    return (f->control & F80_IE) != 0;
}

void x87_push(X86Fpu *f, F80 v)
{
    if (!x87_is_empty(f, 7)) {
        if (!x87_stack_fault(f, true)) {
            return;
        }
        v = sfp80_indefinite();
    }
    f->top = (f->top - 1) & 7;
    x87_set_st(f, 0, v);
}
