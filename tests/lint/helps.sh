#!/bin/sh
# SPDX-License-Identifier: MIT
# helps.sh - each Python runner, asked for --help, says how it is used and does nothing else.
cd "$(dirname "$0")/../.." || exit 2
for runner in $(grep -l '^"""usage: ' tests/*/*.py); do
    name=${runner##*/}
    help=$(timeout 20 python3 "$runner" --help 2>&1 </dev/null)
    got=$?
    case $got:$help in
    "0:usage: $name"*) ;;
    *) status=1; echo "$runner: --help: status $got: $(printf '%s' "$help" | head -n 1)" ;;
    esac
done
exit ${status:-0}
