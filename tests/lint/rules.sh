#!/bin/sh
# SPDX-License-Identifier: MIT
# rules.sh - the rules of STYLE.md that a pattern can see. POSIX awk: no \< \>.
cd "$(dirname "$0")/../.." || exit 2
find base softmmu translator frontend backend devices machine tests \
    \( -name '*.c' -o -name '*.h' -o -name '*.def' \) 2>/dev/null | sort |
LC_ALL=C xargs awk '
function bad(why) { print FILENAME ":" FNR ": " why; n++ }
function note(why) { print FILENAME ":" FNR ": note: " why }
function ext(path) { sub(/.*\./, "", path); return path }
function base(path) { sub(/.*\//, "", path); return path }
# In characters: a byte that continues a UTF-8 character is none.
function columns(line) { gsub(/[\200-\277]/, "", line); return length(line) }
function count(s, c) { return gsub(c, "", s) }
# Whether the line has one of the words, "a|b", as a whole word before "after".
function word(words, after) { return $0 ~ ("(^|[^A-Za-z0-9_])(" words ")" after) }
FNR == 1 {
    kind = ext(FILENAME); head = ""; start = 0
    if ($0 != "/* SPDX-License-Identifier: MIT */") bad("first line is not the SPDX line")
}
FNR == 2 || FNR == 3 { head = head $0 }
FNR == 3 && index(head, base(FILENAME) " - ") == 0 { bad("no `name - purpose` line") }
columns($0) > (kind == "def" ? 110 : 100) { bad("line is too long") }
FNR == (kind == "c" ? 601 : kind == "h" ? 251 : 0) { note("long file: could it be two?") }
/\t/ || / $/ { bad("tab or trailing space") }
word("TODO", "([^A-Za-z(]|[(][^#]|$)") || word("FIXME|XXX", "") { bad("TODO without (#issue)") }
/^#ifn?def.*CONFIG_|defined.*CONFIG_/ { bad("test CONFIG_ with #if") }
/NDEBUG|G_DISABLE_ASSERT/ { bad("asserts stay on") }
/<glib-object\.h>|G_DEFINE_TYPE/ { bad("no GObject types of our own") }
/<gio\// && FILENAME !~ /^(machine|devices\/host|tests)\// { bad("only machine and devices/host talk to the host") }
/<criterion\// && FILENAME !~ /^tests\// { bad("test library outside tests/") }
word("exit|abort|printf|fprintf|puts|perror", "[(]") && FILENAME !~ /^machine\/(main|cmd_[a-z_]*)\.c$/ {
    bad("only machine/main.c and cmd_*.c print or end the process")
}
word("malloc|calloc|realloc|strdup|free|strcpy|strcat|sprintf|assert", "[(]") {
    bad("use the GLib function")
}
FILENAME ~ /^(base|softmmu|translator|backend)\// &&
    (word("mips|MIPS|ARM|x86|X86", "_[A-Za-z]") || /_(mips|MIPS|ARM)([^A-Za-z0-9]|$)/) {
    bad("a layer below the frontends names a guest")
}
{ code = $0; sub(/ *\/\*.*\*\/$/, "", code) }
/^ *(} else )?(if|for|while) \(/ && code !~ /[{\\]$/ && count(code, "[(]") == count(code, "[)]") {
    bad("no braces")
}
kind == "c" && /^{/ { start = FNR; cases = 0 }
kind == "c" && / case / { cases++ }
kind == "c" && /^}/ {
    if (start && FNR - start - 1 - cases > 60) note("long function: could it be two?")
    start = 0
}
END { exit n > 0 }' || status=1

# Scripts and assembly have the same two first lines, after the interpreter's.
find configure Makefile .ci base softmmu translator frontend backend devices machine roms tests \
    \( -name configure -o -name Makefile -o -name run -o -name '*.sh' -o -name '*.py' \
    -o -name '*.S' \) -type f 2>/dev/null | sort |
xargs awk '
function bad(why) { print FILENAME ":" FNR ": " why; n++ }
FNR == 1 { name = FILENAME; sub(/.*\//, "", name); at = /^#!/ ? 2 : 1; head = "" }
FNR == at && !/^(# |\/\* )SPDX-License-Identifier: MIT( \*\/)?$/ { bad("no SPDX line") }
FNR == at + 1 && !index($0, name " - ") { bad("no `name - purpose` line") }
/ $/ { bad("trailing space") }
END { exit n > 0 }' || status=1
exit ${status:-0}
