/* SPDX-License-Identifier: MIT */
/* softfp80_trig.c - FSIN, FCOS, FSINCOS, FPTAN, FPATAN. Special operands: SDM volume 2. */
#include "translator/ir/softfp80_wide.h"

/* clang-format off */
static const WideConst PI = { UINT64_C(0xc90fdaa22168c234), UINT64_C(0xc4c6628b80dc1cd1), 1 };

/* 1/n! for odd n, for even n */
static const WideConst SINES[] = {
    { UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), 0 }, /* 1 */
    { UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xaaaaaaaaaaaaaaab), -3 }, /* 3 */
    { UINT64_C(0x8888888888888888), UINT64_C(0x8888888888888889), -7 }, /* 5 */
    { UINT64_C(0xd00d00d00d00d00d), UINT64_C(0x00d00d00d00d00d0), -13 }, /* 7 */
    { UINT64_C(0xb8ef1d2ab6399c7d), UINT64_C(0x560e4472800b8ef2), -19 }, /* 9 */
    { UINT64_C(0xd7322b3faa271c7f), UINT64_C(0x3a3f25c1bee38f10), -26 }, /* 11 */
    { UINT64_C(0xb092309d43684be5), UINT64_C(0x1c198e91d7b4269e), -33 }, /* 13 */
    { UINT64_C(0xd73f9f399dc0f88e), UINT64_C(0xc32b58774657f48f), -41 }, /* 15 */
    { UINT64_C(0xca963b81856a5359), UINT64_C(0x3028cbbb8d7ff53c), -49 }, /* 17 */
    { UINT64_C(0x97a4da340a0ab926), UINT64_C(0x50f61dbdcb3a5abf), -57 }, /* 19 */
    { UINT64_C(0xb8dc77b6e7ab8c5f), UINT64_C(0x78a37e77372290c2), -66 }, /* 21 */
    { UINT64_C(0xbb0da098b1c0cecb), UINT64_C(0xdc3826ebfb13cc27), -75 }, /* 23 */
    { UINT64_C(0x9f9e66e8b2fd46a7), UINT64_C(0x22520cbbb7885c4a), -84 }, /* 25 */
    { UINT64_C(0xe8d58e16e6751905), UINT64_C(0x4d0c78aea13b9a50), -94 }, /* 27 */
};
static const WideConst COSINES[] = {
    { UINT64_C(0x8000000000000000), 0, 0 },
    { UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), -1 }, /* 2 */
    { UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xaaaaaaaaaaaaaaab), -5 }, /* 4 */
    { UINT64_C(0xb60b60b60b60b60b), UINT64_C(0x60b60b60b60b60b6), -10 }, /* 6 */
    { UINT64_C(0xd00d00d00d00d00d), UINT64_C(0x00d00d00d00d00d0), -16 }, /* 8 */
    { UINT64_C(0x93f27dbbc4fae397), UINT64_C(0x780b69f5333c725b), -22 }, /* 10 */
    { UINT64_C(0x8f76c77fc6c4bdaa), UINT64_C(0x26d4c3d67f425f60), -29 }, /* 12 */
    { UINT64_C(0xc9cba54603e4e905), UINT64_C(0xd6f8a2efd1f27546), -37 }, /* 14 */
    { UINT64_C(0xd73f9f399dc0f88e), UINT64_C(0xc32b58774657f48f), -45 }, /* 16 */
    { UINT64_C(0xb413c31dcbecbbdd), UINT64_C(0x8024435161554bc3), -53 }, /* 18 */
    { UINT64_C(0xf2a15d201011283d), UINT64_C(0x4e5695fc785d5dff), -62 }, /* 20 */
    { UINT64_C(0x8671cb6dbfc294a2), UINT64_C(0x86485bf99c763abc), -70 }, /* 22 */
    { UINT64_C(0xf96780cb97abbe65), UINT64_C(0x25a033e54ec51034), -80 }, /* 24 */
    { UINT64_C(0xc4742fe35272cd1c), UINT64_C(0x790285d3580a4a34), -89 }, /* 26 */
};

/* atan(i/32) */
static const WideConst ATANS[] = {
    { 0, 0, 0 },
    { UINT64_C(0xffeaaddd4bb12542), UINT64_C(0x779d776dda8c6214), -6 },
    { UINT64_C(0xffaaddb967ef4e36), UINT64_C(0xcb2792dc0e2e0d51), -5 },
    { UINT64_C(0xbf70c13017887460), UINT64_C(0x93567e784cf83676), -4 },
    { UINT64_C(0xfeadd4d5617b6e32), UINT64_C(0xc897989f3e888ef8), -4 },
    { UINT64_C(0x9eb77746331362c3), UINT64_C(0x47619d250360fe85), -3 },
    { UINT64_C(0xbdcbda5e72d81134), UINT64_C(0x7b0b4f881c9c7488), -3 },
    { UINT64_C(0xdc86ba9493051022), UINT64_C(0xf621a5c1cb552f03), -3 },
    { UINT64_C(0xfadbafc96406eb15), UINT64_C(0x6dc79ef5f7a217e6), -3 },
    { UINT64_C(0x8c5fad185f8bc130), UINT64_C(0xca4748b1bf88298d), -2 },
    { UINT64_C(0x9b13b9b83f5e5e69), UINT64_C(0xc5abb498d27af328), -2 },
    { UINT64_C(0xa9856cca8e6a4eda), UINT64_C(0x99b7f77bf7d9e8c1), -2 },
    { UINT64_C(0xb7b0ca0f26f78473), UINT64_C(0x8aa32122dcfe4483), -2 },
    { UINT64_C(0xc59269ca50d92b6d), UINT64_C(0xa1746e91f50a28de), -2 },
    { UINT64_C(0xd327761e611fe5b6), UINT64_C(0x427c95e9001e7136), -2 },
    { UINT64_C(0xe06da64a764f7c67), UINT64_C(0xc631ed96798cb804), -2 },
    { UINT64_C(0xed63382b0dda7b45), UINT64_C(0x6fe445ecbc3a8d03), -2 },
    { UINT64_C(0xfa06e85aa0a0be5c), UINT64_C(0x66d23c7d5dc8ecc2), -2 },
    { UINT64_C(0x832bf4a6d9867e2a), UINT64_C(0x4b6a09cb61a515c1), -1 },
    { UINT64_C(0x892aecdfde9547b5), UINT64_C(0x094478fc472b4afc), -1 },
    { UINT64_C(0x8f005d5ef7f59f9b), UINT64_C(0x5c835e1665c43748), -1 },
    { UINT64_C(0x94ac72c9847186f6), UINT64_C(0x18c4f393f78a32f9), -1 },
    { UINT64_C(0x9a2f80e671bdda20), UINT64_C(0x4226f8e2204ff3bd), -1 },
    { UINT64_C(0x9f89fdc4f4b7a1ec), UINT64_C(0xf8b492644f0701e0), -1 },
    { UINT64_C(0xa4bc7d1934f70924), UINT64_C(0x19a87f2a457dac9f), -1 },
    { UINT64_C(0xa9c7abdc4830f5c8), UINT64_C(0x916a84b5be7933f6), -1 },
    { UINT64_C(0xaeac4c38b4d8c080), UINT64_C(0x14725e2f3e52070a), -1 },
    { UINT64_C(0xb36b31c91f043691), UINT64_C(0x590141744462f93a), -1 },
    { UINT64_C(0xb8053e2bc2319e73), UINT64_C(0xcb2da55210a4443d), -1 },
    { UINT64_C(0xbc7b5deae98af280), UINT64_C(0xd4113006e80fb290), -1 },
    { UINT64_C(0xc0ce85b8ac526640), UINT64_C(0x89dd62c46e92fa25), -1 },
    { UINT64_C(0xc4ffaffabf8fbd54), UINT64_C(0x8cb43d10bc9e0221), -1 },
    { UINT64_C(0xc90fdaa22168c234), UINT64_C(0xc4c6628b80dc1cd1), -1 },
};
/* clang-format on */

/* What is left of an angle: @rest plus a number of quarter turns. */
typedef struct Angle {
    Wide rest;
    unsigned quarters;
} Angle;

/* SDM volume 1, 8.3.8: pi is 66 bits. In units of 2^-65 a quarter turn is PI66, and an angle of 1/2
 * and more a whole number, so that the remainder is exact. */
static Angle reduce(XNum n)
{
    const U128 pi66 = (U128)3 << 64 | UINT64_C(0x243f6a8885a308d3);
    U128 rest = n.sig;
    unsigned quotient = 0, sign = 0;

    if (n.exp < -1) {
        n.sign = 0;
        return (Angle){ .rest = wide_of(n) };
    }
    for (int i = 0; i < n.exp + 2; i++) {
        rest <<= 1;
        quotient <<= 1;
        if (rest >= pi66) {
            rest -= pi66;
            quotient |= 1;
        }
    }
    if (rest > pi66 - rest) {
        rest = pi66 - rest;
        sign = 1;
        quotient++;
    }
    return (Angle){ .rest = wide_fixed(sign, rest, 127 - 65), .quarters = quotient & 3 };
}

/* The series of the sine and the cosine of at most pi/4: the rest is under 2^-95 of the sum. */
static Wide sine(Wide x)
{
    Wide sum = wide_poly(SINES, sizeof(SINES) / sizeof(SINES[0]), wide_neg(wide_mul(x, x)));

    return wide_mul(x, sum);
}

static Wide cosine(Wide x)
{
    return wide_poly(COSINES, sizeof(COSINES) / sizeof(COSINES[0]), wide_neg(wide_mul(x, x)));
}

static Wide sine_of(Angle a)
{
    Wide r = (a.quarters & 1) != 0 ? cosine(a.rest) : sine(a.rest);

    return (a.quarters & 2) != 0 ? wide_neg(r) : r;
}

static Angle turned(Angle a)
{
    a.quarters = (a.quarters + 1) & 3;
    return a;
}

/* What zero, infinities and NaNs give; true if that is all. */
static bool not_an_angle(F80 a, XNum n, F80 *s, F80 *c, F80Env *env)
{
    if (x_specials(a, &n, a, NULL, s, env)) {
        *c = *s;
        return true;
    }
    if (n.kind == X_INF) {
        *s = *c = sfp80_invalid(env);
        return true;
    }
    if (n.kind == X_ZERO) {
        *s = a;
        *c = x_pack(0, 0, UINT64_C(1) << 63);
        return true;
    }
    *s = *c = a;
    return x_denormal(&n, NULL, env);
}

bool sfp80_sincos(F80 a, F80 *s, F80 *c, F80Env *env)
{
    XNum n = x_unpack(a);
    F80 other;
    Angle angle;
    Wide w;

    s = s == NULL ? &other : s;
    c = c == NULL ? &other : c;
    if (not_an_angle(a, n, s, c, env)) {
        return true;
    }
    if (n.exp >= 63) {
        return false;
    }
    angle = reduce(n);
    if (c != &other) {
        *c = wide_round(sine_of(turned(angle)), false, env);
    }
    if (s != &other) {
        w = sine_of(angle);
        w.sign ^= n.sign;
        *s = wide_round(w, false, env);
    }
    return true;
}

bool sfp80_ptan(F80 a, F80 *tangent, F80Env *env)
{
    XNum n = x_unpack(a);
    Angle angle;
    F80 one;
    Wide w;

    if (not_an_angle(a, n, tangent, &one, env)) {
        return true;
    }
    if (n.exp >= 63) {
        return false;
    }
    angle = reduce(n);
    w = wide_div(sine_of(angle), sine_of(turned(angle)));
    w.sign ^= n.sign;
    *tangent = wide_round(w, false, env);
    return true;
}

/* The angle of a @y and an @x of which it is at most the equal, both positive. With c the nearest
 * 32nd to the tangent: atan(c) + atan((y - cx) / (x + cy)), and the series of the last. */
static Wide atan_of(Wide y, Wide x)
{
    int apart = x.exp - y.exp;
    unsigned i = 0;
    Wide t, c;

    if (apart < 8) {
        uint64_t rough = ((uint64_t)(y.m >> 96) << 31 >> apart) / (uint64_t)(x.m >> 96);

        i = (unsigned)((rough + (1 << 25)) >> 26);
    }
    c = wide_scale(wide_int((int)i), -5);
    t = wide_div(wide_add(y, wide_neg(wide_mul(c, x))), wide_add(x, wide_mul(c, y)));
    t = wide_mul(t, wide_poly(wide_odd, 12, wide_neg(wide_mul(t, t))));
    return i == 0 ? t : wide_add(wide_const(&ATANS[i]), t);
}

/* The angle of a point with a zero or infinite coordinate, in eighths of a turn of 2 pi. */
static Wide axis_angle(XNum y, XNum x)
{
    bool left = x.sign != 0;
    int eighths;

    if (y.kind == x.kind) {
        eighths = y.kind == X_INF ? (left ? 3 : 1) : left ? 4 : 0;
    } else if (y.kind == X_INF || x.kind == X_ZERO) {
        eighths = 2;
    } else {
        eighths = left ? 4 : 0;
    }
    return wide_scale(wide_mul(wide_const(&PI), wide_int(eighths)), -2);
}

static Wide plane_angle(Wide y, Wide x)
{
    bool left = x.sign != 0;
    bool steep;
    Wide a;

    y.sign = x.sign = 0;
    steep = y.exp > x.exp || (y.exp == x.exp && y.m > x.m);
    a = steep ? atan_of(x, y) : atan_of(y, x);
    if (steep) {
        a = wide_add(wide_scale(wide_const(&PI), -1), wide_neg(a));
    }
    return left ? wide_add(wide_const(&PI), wide_neg(a)) : a;
}

F80 sfp80_patan(F80 y, F80 x, F80Env *env)
{
    XNum nx = x_unpack(x), ny = x_unpack(y);
    Wide a;
    F80 r;

    if (x_specials(x, &nx, y, &ny, &r, env)) {
        return r;
    }
    if (x_denormal(&nx, &ny, env)) {
        return x;
    }
    if (nx.kind == X_FINITE && ny.kind == X_FINITE) {
        a = plane_angle(wide_of(ny), wide_of(nx));
    } else {
        a = axis_angle(ny, nx);
    }
    a.sign = ny.sign;
    return wide_round(a, false, env);
}
