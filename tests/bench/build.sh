#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compiles the benchmark programs for an architecture and packs its bench.gz.
# usage: build.sh ARCH        one of the words of flags() below
set -eu
cd "$(dirname "$0")/../.."
arch=$1
root=build/bench/$arch

# The target and the folder of start.S and calls.h. Vectorizers are off, so that a program
# measures what its name says; VFP alone is what every such kernel has, on a PC the x87. Programs
# called simd.* are written in vectors, and have the instructions for them.
flags() {
    case $1 in
    armhf) echo --target=armv7a-linux-gnueabihf -mcpu=cortex-a15 -marm -mfpu=vfpv3-d16 \
               -Itests/bench/arm ;;
    mipsel) echo --target=mipsel-linux-gnu -march=mips32r2 -mabi=32 -mno-abicalls -G0 \
               -Itests/bench/mips ;;
    i386) echo --target=i686-linux-gnu -march=i686 -Itests/bench/x86 ;;
    *) echo "build.sh: no benchmark for $1" >&2; exit 1 ;;
    esac
}
simd_flags() {
    case $1 in
    armhf) echo -mfpu=neon ;;
    i386) echo -msse2 ;;
    esac
}

case $arch in
armhf) code=arm ;;
i386) code=x86 ;;
*) code=${arch%el} ;;
esac
target=$(flags "$arch")
rm -rf "$root"
mkdir -p "$root/bench"
for source in tests/bench/prog/*.c; do
    name=$(sed -n 's/^const char bench_name\[\] = "\(.*\)";/\1/p' "$source")
    case $name in
    simd.*)
        simd=$(simd_flags "$arch")
        test -n "$simd" || continue ;;
    *) simd= ;;
    esac
    # shellcheck disable=SC2086
    clang $target $simd -std=c11 -O2 -ffreestanding -fno-vectorize -fno-slp-vectorize \
        -ffp-contract=off -fno-unwind-tables -fno-asynchronous-unwind-tables -fno-pic \
        -Wall -Wextra -Werror -I. -nostdlib -static -fuse-ld=lld -Wl,--build-id=none \
        -o "$root/bench/$name" tests/bench/"$code"/start.S tests/bench/lib.c "$source"
done
tests/boot/initrd.sh "$arch" bench tests/bench/init.sh "$root"
