#!/bin/sh
# SPDX-License-Identifier: MIT
# selftest.sh - shows each lint failing on a small tree with one fault, passing without it.
cd "$(dirname "$0")/../.." || exit 2
copy=$PWD/build/lint-copy
passed=0 failed=0

# tree: a clean one, which every lint passes.
tree() {
    rm -rf "$copy"
    mkdir -p "$copy/tests" "$copy/base" "$copy/devices/host" "$copy/frontend/arm" \
        "$copy/frontend/mips" "$copy/machine" && cp -R tests/lint "$copy/tests" || exit 2
    (cd "$copy" && git init -q .) || exit 2
    source_file base/good.h '#define GOOD 1'
    source_file frontend/arm/lift.h '#define LIFT 1'
}

# source_file PATH LINE ...: with a head as it has to be.
source_file() {
    path=$1; shift
    {
        echo '/* SPDX-License-Identifier: MIT */'
        echo "/* ${path##*/} - a file of the lint's own test. */"
        printf '%s\n' "$@"
    } >"$copy/$path"
}

# want LINT STATUS TEXT: the lint's status and a part of what it says.
want() {
    out=$("$copy/tests/lint/$1.sh" 2>&1)
    got=$?
    test $got = 0 || got=1
    case $got:$out in
    "$2":*"$3"*) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)); echo "$1: status $got, not $2 with '$3': $out" ;;
    esac
    tree
}

tree
for lint in layers rules paths words; do
    want $lint 0 ''
done

source_file base/bad.c '#include "machine/board.h"';            want layers 1 'is above or beside'
source_file base/bad.c '#include "good.h"';                     want layers 1 'is not a full path'
source_file frontend/mips/bad.c '#include "frontend/arm/arm.h"'; want layers 1 'crosses'
source_file devices/bad.c '#include "frontend/arm/lift.h"';     want layers 1 'is private'

echo 'int x;' >"$copy/base/bad.c";                              want rules 1 'SPDX'
source_file base/bad.c 'void f(void) { exit(1); }';             want rules 1 'only machine/main.c'
source_file machine/main.c 'void f(void) { exit(1); }';         want rules 0 ''
source_file base/bad.c 'char *s = strdup(t);';                  want rules 1 'GLib function'
source_file base/bad.c '#ifdef CONFIG_THIS' '#endif';           want rules 1 'CONFIG_'
source_file base/bad.c 'void f(int x)' '{' '    if (x)' '        x++;' '}'
want rules 1 'no braces'
source_file base/bad.c "/* $(printf '%0100d' 0) */";            want rules 1 'too long'
source_file base/bad.c 'int tiny_on_mips(void);';               want rules 1 'names a guest'
source_file base/bad.c 'int x = FP_NAN_MIPS_LEGACY;';           want rules 1 'names a guest'
source_file base/bad.c 'int x = FP_FLUSH_ARM;';                 want rules 1 'names a guest'
source_file frontend/mips/good.c 'int tiny_on_mips(void);';     want rules 0 ''
source_file base/bad.c '#include <gio/gio.h>';                  want rules 1 'talk to the host'
source_file devices/host/good.c '#include <gio/gio.h>';         want rules 0 ''

echo 'echo no head' >"$copy/tests/bad.sh";                       want rules 1 'no SPDX line'

echo 'See `base/none.c`.' >"$copy/README.md";                   want paths 1 'no such path base/none.c'
echo 'See [it](none.md).' >"$copy/README.md";                   want paths 1 'broken link none.md'
echo 'See `base/good.h` and [it](base/good.h), `base/*.c`.' >"$copy/README.md"; want paths 0 ''

echo "from /wor""k/shared" >"$copy/README.md";                  want words 1 README.md
echo "get it from deb"".debian.org" >"$copy/README.md";         want words 1 README.md

rm -rf "$copy"
echo "lint: $passed passed, $failed failed"
test $failed = 0
