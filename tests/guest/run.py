#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# run.py - builds the guest programs and compares what they print with NAME.txt.
"""usage: run.py [--program=P] [--accel=LIST] [--qemu] [--write] [PROGRAM...]

A program NAME.c may say, in a line of its head comment,
    options: WORDS    more words for the command line
    qemu: no, REASON  not for --qemu
    run: endless      it never ends: stopped by -stop-at, by SIGTERM and by the monitor instead
In NAME.txt a line `~ TEXT` says what QEMU prints in place of the line before, `-` for nothing;
a line `# TEXT` says why.
"""
import argparse
import difflib
import glob
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.relpath(__file__))
OUT = 'build/guest'
CFLAGS = ('--target=armv7a-none-eabi -mcpu=cortex-a15 -mfloat-abi=soft -marm -mno-unaligned-access '
          '-O1 -g -std=c11 -ffreestanding -nostdlib -static -fuse-ld=lld -Wall -Wextra -Werror').split()
LINES = 12


def build(name):
    elf = f'{OUT}/{name}.elf'
    subprocess.run(['clang', *CFLAGS, f'-Wl,-T,{HERE}/virt.ld', '-o', elf, f'{HERE}/start.S',
                    f'{HERE}/guest.c', f'{HERE}/{name}.c'], check=True)
    return elf


def directives(name):
    with open(f'{HERE}/{name}.c') as file:
        head = file.read().split('*/\n#include')[0]
    return dict(re.findall(r'^ \* (options|qemu|run): (.*)$', head, re.M))


def expected(name, qemu):
    lines = []
    with open(f'{HERE}/{name}.txt') as file:
        for line in file.read().splitlines():
            if line.startswith('~ '):
                if qemu:
                    lines[-1:] = [] if line == '~ -' else [line[2:]]
            elif not line.startswith('# '):
                lines.append(line)
    return lines


def command(args, elf, accel, options):
    words = [args.program, '-M', 'virt', '-cpu', 'cortex-a15', '-m', '64', '-display', 'none',
             '-kernel', elf]
    if args.qemu:
        return words + ['-nic', 'none', '-serial', 'stdio', '-monitor', 'none']
    return words + ['-accel', accel, '-clock', 'virtual'] + options


def run(args, elf, accel, options, name):
    """The lines of difference; none if all is well."""
    try:
        done = subprocess.run(command(args, elf, accel, options + ['-serial', 'stdio']),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=args.timeout)
    except subprocess.TimeoutExpired as late:
        return ['timed out after:'] + (late.stdout or b'').decode(errors='replace').splitlines()
    got = done.stdout.decode(errors='replace').splitlines()
    if args.write:
        with open(f'{HERE}/{name}.txt', 'w') as file:
            file.write('\n'.join(got) + '\n')
    diff = list(difflib.unified_diff(expected(name, args.qemu), got, 'expected', 'printed', n=0,
                                     lineterm=''))
    if done.returncode != 0:
        diff += [f'status {done.returncode}'] + done.stderr.decode(errors='replace').splitlines()
    return diff


def endless(args, elf, accel, options):
    """Three ways to end a guest that cannot end itself."""
    words = command(args, elf, accel, options + ['-serial', 'null'])
    wrong = []
    done = subprocess.run(words + ['-stop-at', '3000000'], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=args.timeout)
    if done.returncode != 0:
        wrong.append(f'-stop-at: status {done.returncode}')
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    time.sleep(1)
    child.send_signal(signal.SIGTERM)
    try:
        child.communicate(timeout=args.timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        wrong.append('SIGTERM: ignored')
    done = subprocess.run(words + ['-monitor', 'stdio'], input=b'info registers\nquit\n',
                          capture_output=True, timeout=args.timeout)
    if b'R15=' not in done.stdout and b'pc' not in done.stdout.lower():
        wrong.append('monitor: ' + done.stdout.decode(errors='replace'))
    return wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--program')
    parser.add_argument('--accel', default='jit,interp')
    parser.add_argument('--timeout', type=float, default=300)
    parser.add_argument('--qemu', action='store_true')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    args.program = args.program or ('qemu-system-arm' if args.qemu else 'build/release/doppel')
    names = args.names or sorted(os.path.basename(path)[:-2] for path in glob.glob(f'{HERE}/*.c')
                                 if not path.endswith('/guest.c'))
    os.makedirs(OUT, exist_ok=True)
    passed = failed = 0
    for name in names:
        say = directives(name)
        if args.qemu and ('qemu' in say or 'run' in say):
            continue
        try:
            elf = build(name)
        except subprocess.CalledProcessError:
            failed += 1
            print(f'guest {name}: FAILED to build', flush=True)
            continue
        for accel in ['qemu'] if args.qemu else args.accel.split(','):
            options = say.get('options', '').split()
            wrong = endless(args, elf, accel, options) if 'run' in say \
                else run(args, elf, accel, options, name)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f'guest {name} {accel}: {"FAILED" if wrong else "ok"}', *wrong[:LINES],
                  sep='\n    ' if wrong else '', flush=True)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
