#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - boots a guest of guests.tsv on this terminal.
# usage: run.sh GUEST [PROGRAM [OPTION ...]]      the default is build/release/doppel
set -eu
cd "$(dirname "$0")/../.."
guest=$1; shift
test $# -gt 0 || set -- build/release/doppel
tests/boot/fetch.sh "$guest"
row=$(awk -v guest="$guest" '$1 == guest' tests/boot/guests.tsv)
arch=$(echo "$row" | cut -f2)
if test -f "build/guests/$guest/firmware"; then
    program=$1; shift
    # shellcheck disable=SC2046
    exec "$program" $(echo "$row" | cut -f7) -bios "build/guests/$guest/firmware" -nographic "$@"
fi
# The options are words; what follows on run.sh's own command line comes last and wins.
# shellcheck disable=SC2046
program=$1; shift
exec "$program" $(echo "$row" | cut -f7) -kernel "build/guests/$guest/vmlinuz" \
    -initrd "build/guests/$arch/initrd.gz" -append "$(echo "$row" | cut -f8)" -nographic "$@"
