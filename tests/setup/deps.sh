#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh - installs the Debian packages that the named jobs need: build, run, test, full.
# Without root and sudo it prints the command for somebody who has them.

packages() {
    case $1 in
    build) echo gcc libc6-dev make pkg-config libglib2.0-dev libcapstone-dev libelf-dev libfdt-dev \
                zlib1g-dev libjson-glib-dev libzstd-dev acpica-tools ;;
    run)   echo cpio gzip ;;
    test)  echo clang libclang-rt-dev clang-format lld qemu-system-arm qemu-system-x86 qemu-system-mips \
                seabios python3 libcriterion-dev libunicorn-dev libmpfr-dev gdb-multiarch ;;
    full)  echo mmdebstrap ;;
    *)     echo "deps.sh: unknown job $1: build, run, test, full" >&2; exit 2 ;;
    esac
}

installed() {
    test "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | cut -c1-9)" = installed
}

missing=
for job; do
    list=$(packages "$job") || exit 2
    for package in $list; do
        installed "$package" || missing="$missing $package"
    done
done
test -n "$missing" || exit 0

if test "$(id -u)" = 0; then
    as_root=
elif command -v sudo >/dev/null && { test -t 0 || sudo -n true 2>/dev/null; }; then
    as_root=sudo
else
    echo "deps.sh: packages are missing, and installing them needs root. Run, then try again:" >&2
    echo "    apt install$missing" >&2
    exit 1
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}

echo "installing:$missing"
# An index that is absent or out of date is fetched once.
# shellcheck disable=SC2086
if ! apt install -s $missing >/dev/null 2>&1 || ! apt install $missing; then
    apt update || echo 'deps.sh: warning: the package index was not fetched cleanly' >&2
    apt install $missing
fi
