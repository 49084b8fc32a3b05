/* SPDX-License-Identifier: MIT */
/* helpers_int.c - integer instructions that are rarer than they are long. */
#include "base/bits.h"
#include "frontend/x86/lift_int_priv.h"
#include "frontend/x86/x86_priv.h"

/* RCL, RCR of @a by @b; @c: bit 0 CF, bit 1 left, bits 15:8 the operand's bits. The value, with CF
 * in bit 32 and OF in bit 33. */
uint64_t x86_help_rotate_carry(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    unsigned bits = c >> 8 & 0xff, n = (unsigned)b % (bits + 1);
    bool left = (c & 2) != 0;
    uint64_t x = a | (c & 1) << bits, carry, o;

    (void)v;
    if (!left) {
        n = (bits + 1 - n) % (bits + 1);
    }
    if (n != 0) {
        x = (x << n | x >> (bits + 1 - n)) & bits_mask(bits + 1);
    }
    carry = x >> bits & 1;
    x &= bits_mask(bits);
    o = x >> (bits - 1) & 1;
    o ^= left ? carry : x >> (bits - 2) & 1;
    return x | carry << 32 | o << 33;
}

/* An adjusted AL and what becomes of CF and AF. */
typedef struct Adjusted {
    uint32_t ax;
    bool c, a;
} Adjusted;

/* Vol. 2 DAA, DAS. */
static Adjusted adjust_packed(uint32_t ax, bool c, bool a, bool down)
{
    uint32_t al = ax & 0xff, old = al;
    Adjusted r = { ax, false, false };
    bool old_c = c;

    if ((al & 15) > 9 || a) {
        r.c = old_c || (down ? al < 6 : al > 0xf9);
        al = down ? al - 6 : al + 6;
        r.a = true;
    }
    if (old > 0x99 || old_c) {
        al = down ? al - 0x60 : al + 0x60;
        r.c = true;
    } else if (!down) {
        r.c = false;
    }
    r.ax = (ax & 0xff00) | (al & 0xff);
    return r;
}

/* Vol. 2 AAA, AAS. */
static Adjusted adjust_unpacked(uint32_t ax, bool a, bool down)
{
    bool adjust = (ax & 15) > 9 || a;

    if (adjust) {
        ax = down ? ax - 6 - 0x100 : ax + 0x106;
    }
    return (Adjusted){ ax & 0xff0f, adjust, adjust };
}

/* AX @a under EFLAGS' status flags @b; @c: BCD_*. AX, and the flags above it. OF is undefined: 0;
 * of the unpacked forms SF, ZF and PF too: by AL. */
uint64_t x86_help_decimal(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    bool cf = (b & EFL_CF) != 0, af = (b & EFL_AF) != 0, down = c == BCD_DAS || c == BCD_AAS;
    Adjusted r = c == BCD_DAA || c == BCD_DAS ? adjust_packed((uint32_t)a, cf, af, down)
                                              : adjust_unpacked((uint32_t)a, af, down);
    uint32_t al = r.ax & 0xff, flags = 0;

    (void)v;
    flags |= r.c ? EFL_CF : 0;
    flags |= r.a ? EFL_AF : 0;
    flags |= al == 0 ? EFL_ZF : 0;
    flags |= al & EFL_SF;
    flags |= bits_popcount64(al) % 2 == 0 ? EFL_PF : 0;
    return r.ax | (uint64_t)flags << 32;
}

/* The frame pointers of @level - 1 outer frames, copied to the new one. */
static bool copy_frames(X86Cpu *cpu, X86Stack *s, unsigned level, unsigned bytes)
{
    X86Stack from = *s;
    uint32_t value;

    from.sp = cpu->r[G_EBP] + bytes;
    for (unsigned i = 1; i < level; i++) {
        from.sp -= 2 * bytes; /* popping moves it up again */
        if (!x86_stack_pop(cpu, &from, bytes, &value) || !x86_stack_push(cpu, s, bytes, value)) {
            return false;
        }
    }
    return true;
}

/* Whether the frames that are read may be where others are written: all but those from ESP up. */
static bool may_overlap(const X86Cpu *cpu, unsigned level, unsigned bytes)
{
    uint32_t up = cpu->r[G_EBP] - cpu->r[G_ESP], read = (level - 1) * bytes;

    return level > 1 && (up < read || up > 0x8000);
}

/* Vol. 2 ENTER: a write at the new stack pointer must be possible; none is made. */
static bool may_write(X86Cpu *cpu, const X86Stack *s, unsigned bytes)
{
    X86Stack probe = *s;

    probe.sp += bytes; /* pushing moves it back */
    return x86_stack_probe(cpu, &probe, bytes);
}

/* ENTER with a level; @a: size, level in bits 23:16, operand bytes above. */
uint64_t x86_help_enter(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    unsigned level = a >> 16 & 31, bytes = a >> 24 & 7;
    X86Stack s = x86_own_stack(cpu);
    uint32_t frame;

    (void)b, (void)c;
    if (vcpu_cold(v)->host_pc != NULL && may_overlap(cpu, level, bytes)) {
        v->leave = LEAVE_STEP; /* done once only */
        return 0;
    }
    if (!x86_stack_push(cpu, &s, bytes, cpu->r[G_EBP])) {
        return 0;
    }
    frame = s.sp;
    if (!copy_frames(cpu, &s, level, bytes)
        || (level != 0 && !x86_stack_push(cpu, &s, bytes, frame))) {
        return 0;
    }
    s.sp -= a & 0xffff;
    if (!may_write(cpu, &s, bytes)) {
        return 0;
    }
    x86_stack_commit(cpu, &s);
    cpu->r[G_EBP] = bytes == 2 ? (cpu->r[G_EBP] & 0xffff0000) | (frame & 0xffff) : frame;
    return 0;
}
