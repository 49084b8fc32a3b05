#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh - fetches guests of guests.tsv into build/guests, as an ordinary user.
# usage: fetch.sh [--update] [GUEST ...]      the default is every row
#
# apt works on a private state with the machine's own sources and keyring; the system's set-up is
# not touched. What was fetched once is only checked; --update looks for a newer version. Leaves
#   build/guests/GUEST/vmlinuz      the kernel, unmodified; or
#   build/guests/GUEST/firmware     its words swapped where the guest is little-endian MIPS
#   build/guests/ARCH/busybox       and, made from it by initrd.sh,
#   build/guests/ARCH/initrd.gz     the initramfs
#   build/guests/seabios/...        the firmware of a PC
#   build/guests/debs/*.deb         the packages they came from
# each beside a file `origin` with package, version and the SHA256 of the package and the file.
set -eu
cd "$(dirname "$0")/../.."
table=tests/boot/guests.tsv
out=$PWD/build/guests
mkdir -p "$out/debs"
exec 9>"$out/lock"
flock 9

die() {
    echo "fetch.sh: $*" >&2
    exit 1
}

sha256() {
    sha256sum "$1" | cut -d' ' -f1
}

# private ARCH COMMAND ...: an apt command on the private state of an architecture.
private() {
    arch=$1 state=$out/apt/$1 tool=$2; shift 2
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    "$tool" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State="$state" \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o Dir::State::status=/dev/null -o APT::Sandbox::User="$(id -un)" \
        -o Acquire::Languages=none "$@" </dev/null
}

# The index is fetched once per architecture and run. Now and then an update reports a mismatch for
# one index and keeps the good ones: a package that cannot be resolved is the error.
update() {
    case " ${updated:-} " in *" $1 "*) return ;; esac
    updated="${updated:-} $1"
    echo "fetching the package index of $1"
    private "$1" apt-get update >"$out/apt-$1.log" 2>&1 ||
        echo "fetch.sh: warning: apt-get update was not clean, see build/guests/apt-$1.log" >&2
}

# field ARCH PACKAGE FIELD: of the version that apt would install.
field() {
    private "$1" apt-cache show --no-all-versions "$2" 2>/dev/null | sed -n "s/^$3: //p" | head -n 1
}

# fetched FILE: whether FILE is there and unchanged since it was fetched.
fetched() {
    test -z "$newest" && test -f "$1" && test -f "$(dirname "$1")/origin" &&
        test "$(sha256 "$1")" = "$(cut -d' ' -f4 "$(dirname "$1")/origin")"
}

# Malta's flash takes images in the order of a big-endian CPU, as QEMU's does.
swap_words() {
    truncate -s %4 "$1"
    objcopy -I binary -O binary --reverse-bytes=4 "$1"
}

# package ARCH PACKAGE PATTERN FILE [COMMAND]: puts the file of the package that PATTERN matches at
# FILE, as COMMAND has changed it.
package() {
    if fetched "$4"; then
        return
    fi
    update "$1"
    name=$2
    real=$(field "$1" "$name" Depends | sed -n 's/^\(linux-image-[^ ,]*\).*/\1/p')
    name=${real:-$name}
    version=$(field "$1" "$name" Version)
    sum=$(field "$1" "$name" SHA256)
    test -n "$sum" || die "package $name ($1) is in no index of this machine"

    deb=$out/debs/${name}_$1.deb
    if test ! -f "$deb" || test "$(sha256 "$deb")" != "$sum"; then
        echo "fetching $name $version ($1)"
        rm -rf "$out/debs/new"
        mkdir "$out/debs/new"
        (cd "$out/debs/new" && private "$1" apt-get download "$name=$version" >/dev/null) ||
            die "cannot download $name $version ($1)"
        test "$(sha256 "$out"/debs/new/*.deb)" = "$sum" || die "$name: SHA256 differs from the index"
        mv "$out"/debs/new/*.deb "$deb"
        rmdir "$out/debs/new"
    fi

    mkdir -p "$(dirname "$4")"
    dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards "$3" >"$4.new"
    test -s "$4.new" || die "$name has no file $3"
    test -z "${5:-}" || "$5" "$4.new"
    mv "$4.new" "$4"
    echo "$name $version $sum $(sha256 "$4")" >"$(dirname "$4")/origin"
}

newest=
test "${1:-}" != --update || { newest=yes; shift; }
test $# -gt 0 || set -- $(awk '!/^#/ { print $1 }' "$table")
for guest; do
    row=$(awk -v guest="$guest" '$1 == guest' "$table")
    test -n "$row" || die "no guest $guest in $table"
    arch=$(echo "$row" | cut -f2)
    case $(echo "$row" | cut -f4) in
    /*)
        swap=
        test "$arch" != mipsel || swap=swap_words
        package "$arch" "$(echo "$row" | cut -f3)" ".$(echo "$row" | cut -f4)" \
            "$out/$guest/firmware" $swap
        continue
        ;;
    esac
    package "$arch" "$(echo "$row" | cut -f3)" "./boot/$(echo "$row" | cut -f4)" \
        "$out/$guest/vmlinuz"
    package "$arch" busybox-static ./bin/busybox "$out/$arch/busybox"
    chmod +x "$out/$arch/busybox"
    test "$arch" != i386 ||
        package "$arch" seabios ./usr/share/seabios/bios-256k.bin "$out/seabios/bios-256k.bin"
    for input in "$out/$arch/busybox" tests/boot/initrd.sh tests/boot/init.sh \
        tests/boot/applets.txt; do
        test "$out/$arch/initrd.gz" -nt "$input" || stale=yes
    done
    test -z "${stale:-}" || tests/boot/initrd.sh "$arch"
    stale=
done
