#!/bin/sh
# SPDX-License-Identifier: MIT
# paths.sh - fails if a .md file names a path of the tree, in `code` or a link, that is not there.
cd "$(dirname "$0")/../.." || exit 2
find . -name '*.md' -not -path './build/*' -not -path './.git/*' | sort |
xargs awk '
function known(path,   line) {
    sub(/^\.\//, "", path); sub(/[#:].*$/, "", path); sub(/[.,;]$/, "", path)
    if (path !~ /^(base|softmmu|translator|frontend|backend|devices|machine|roms|tests|docs)\//)
        return 1
    if (path ~ /[*<>{}$]/) return 1          # a pattern, not a path
    return system("test -e \"" path "\"") == 0
}
function check(path) {
    if (path !~ /^[A-Za-z0-9_.\/-]+$/ || known(path)) return
    print FILENAME ":" FNR ": no such path " path; n++
}
{
    text = $0
    while (match(text, /`[^`]+`/)) {
        count = split(substr(text, RSTART + 1, RLENGTH - 2), words, /[ \t]+/)
        for (i = 1; i <= count; i++) check(words[i])
        text = substr(text, RSTART + RLENGTH)
    }
    text = $0
    while (match(text, /\]\([^)]+\)/)) {
        path = substr(text, RSTART + 2, RLENGTH - 3)
        sub(/#.*$/, "", path)
        dir = FILENAME; sub(/[^\/]*$/, "", dir)
        if (path != "" && path !~ /^[a-z]+:/ && system("test -e \"" dir path "\"") != 0) {
            print FILENAME ":" FNR ": broken link " path; n++
        }
        text = substr(text, RSTART + RLENGTH)
    }
}
END { exit n > 0 }' /dev/null
