#!/bin/sh
# SPDX-License-Identifier: MIT
# switches.sh - runs configure with each switch and each thing missing, in a copy of its own.
cd "$(dirname "$0")/../.." || exit 2
copy=build/configure-copy
rm -rf "$copy"
mkdir -p "$copy/tests" && cp configure "$copy" && cp -R tests/configure "$copy/tests" || exit 2
passed=0 failed=0

# want STATUS TEXT NAME=VALUE ... [ARGUMENT ...]: exit status, and text among the output.
want() {
    status=$1 text=$2; shift 2
    variables=
    while :; do
        case ${1:-} in
        [A-Z]*=*) variables="$variables $1"; shift ;;
        *) break ;;
        esac
    done
    # shellcheck disable=SC2086
    out=$(env $variables "$copy/configure" "$@" 2>&1 </dev/null)
    got=$?
    case $got:$out in
    "$status":*"$text"*) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)); echo "configure $*: status $got, not $status with '$text': $out" ;;
    esac
}

# without FILE ...: a folder of .pc files that lacks these, for PKG_CONFIG_LIBDIR.
without() {
    rm -rf "$copy/pc"
    mkdir "$copy/pc"
    pkg-config --variable=pc_path pkg-config | tr : '\n' | while read -r dir; do
        find "$dir" -name '*.pc' -exec cp -n {} "$copy/pc" \; 2>/dev/null
    done
    for name; do
        rm -f "$copy/pc/$name.pc"
    done
    echo "PKG_CONFIG_LIBDIR=$copy/pc"
}

copy=$PWD/$copy
want 0 usage --help
want 2 '--such' --such
want 3 'false cannot build' --cc=false
want 3 'false cannot build' CC=false
want 0 'compiler gcc' --cc=gcc
want 0 'compiler clang' --cc=clang --enable-tests
want 0 'tests no' --disable-tests
want 0 'tests yes' --enable-tests
mkdir "$copy/bin"
for tool in sh dirname mkdir rm cat mv gcc as ld; do
    ln -s "$(command -v $tool)" "$copy/bin/$tool"
done
want 4 pkg-config PATH="$copy/bin" --cc=gcc
want 5 GLib "$(without glib-2.0)"
want 6 GIO "$(without gio-2.0)"
want 6 GIO "$(without gio-unix-2.0)"
want 7 Capstone "$(without capstone)"
want 8 libelf "$(without libelf)"
want 9 libfdt '--cc=gcc -Dfdt_check_header=no_such_function'
want 10 zlib "$(without zlib)"
want 14 JSON-GLib "$(without json-glib-1.0)"
want 15 zstd "$(without libzstd)"
want 11 Criterion "$(without criterion)" --enable-tests
want 12 Unicorn "$(without unicorn)" --enable-tests
want 13 MPFR "$(without mpfr)" --enable-tests
want 0 'tests no (Criterion' "$(without criterion)"
want 0 'tests no' "$(without criterion unicorn mpfr)" --disable-tests
rm -rf "$copy"
echo "configure: $passed passed, $failed failed"
test "$failed" = 0
