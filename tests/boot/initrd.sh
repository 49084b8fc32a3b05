#!/bin/sh
# SPDX-License-Identifier: MIT
# initrd.sh - packs build/guests/ARCH/initrd.gz: busybox, its applets' links and an /init.
# usage: initrd.sh ARCH [NAME INIT [DIRECTORY]]
# With NAME it packs build/guests/ARCH/NAME.gz with the file INIT as /init and the contents of
# DIRECTORY at /. The same inputs give the same bytes; needs no root.
set -eu
cd "$(dirname "$0")/../.."
arch=$1 name=${2:-initrd} init=${3:-tests/boot/init.sh} extra=${4:-}
out=$PWD/build/guests/$arch
root=$out/$name.root

rm -rf "$root"
mkdir -p "$root"
(cd "$root" && mkdir -p bin sbin usr/bin usr/sbin dev proc sys tmp root etc)
cp "$out/busybox" "$root/bin/busybox"
while read -r link; do
    ln -s /bin/busybox "$root/bin/$link"
done <tests/boot/applets.txt
ln -s /bin/busybox "$root/sbin/init"
cp "$init" "$root/init"
chmod 755 "$root/init"
test -z "$extra" || cp -R "$extra/." "$root/"

find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) |
    gzip -9n >"$out/$name.gz.new"
mv "$out/$name.gz.new" "$out/$name.gz"
rm -rf "$root"
