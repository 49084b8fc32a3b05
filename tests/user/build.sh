#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compiles build/user/user: a program for any kernel with i386's system calls.
# It needs no C library and no headers of one, so no i386 packages; it uses no vectors and no x87
# of its own. It is linked where no address that a case computes can be (draw.h).
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/user
clang --target=i686-linux-gnu -march=i686 -mno-mmx -mno-sse -mno-80387 -std=c11 -O2 -g \
    -ffreestanding -fno-pic -fno-stack-protector -fno-unwind-tables \
    -fno-asynchronous-unwind-tables -Wall -Wextra -Wshadow -Wundef -Werror -I. -nostdlib -static \
    -fuse-ld=lld -Wl,--build-id=none -Wl,--image-base=0x08a5b000 -Wl,-z,noexecstack \
    -o build/user/user tests/user/start.S tests/user/*.c tests/diff/x86_undefined.c
