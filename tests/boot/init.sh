#!/bin/sh
# SPDX-License-Identifier: MIT
# init.sh - the /init of the boot tests' guests: mounts, the marker line, then a shell.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
echo "GUEST-READY $(uname -m) $(cut -d' ' -f1 /proc/uptime)"
export HOME=/root TERM="${TERM:-linux}"
# A shell of its own session on the console has job control; leaving it starts another.
while :; do
    setsid cttyhack sh
done
