#!/bin/sh
# SPDX-License-Identifier: MIT
# init.sh - the /init of the guest of run.py: one run of the program, then off.
mount -t devtmpfs dev /dev
# shellcheck disable=SC2046
/user compare $(cat /arguments) </reference || echo "USER-FAILED status $?"
poweroff -f
