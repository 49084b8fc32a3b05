#!/bin/sh
# SPDX-License-Identifier: MIT
# init.sh - the /init of the benchmark's guest: runs every program once and powers off.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
echo "GUEST-READY $(uname -m) $(cut -d' ' -f1 /proc/uptime)"
for program in /bench/*; do
    "$program" || echo "BENCH-FAILED $program"
done
echo BENCH-DONE
poweroff -f
