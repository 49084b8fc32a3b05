#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# run.py - builds the guest programs and compares what they print with NAME.txt.
"""usage: run.py [--program=P] [--accel=LIST] [--qemu] [--write] [PROGRAM...]

A program NAME.c may say, in a line of its head comment,
    options: WORDS    more words for the command line
    cpu: NAME         another CPU than the board's own
    qemu: no, REASON  not for --qemu
    reboot: yes       it goes on behind a reset
    run: endless      it never ends: stopped by -stop-at, by SIGTERM and by the monitor instead
Those in mips/ are built and run in both byte orders; where the big-endian one prints something
else, NAME.be.txt says what. In NAME.txt a line `~ TEXT` says what QEMU prints in place of the line before, `-` for nothing;
a line `# TEXT` says why.
"""
import argparse
import difflib
import fnmatch
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.relpath(__file__))
OUT = 'build/guest'
COMMON = '-O1 -g -std=c11 -ffreestanding -nostdlib -static -fuse-ld=lld -Wall -Wextra -Werror'
X86 = '-march=pentium -mno-mmx -mno-sse -msoft-float -fno-pic -fno-stack-protector'
MIPS = '-gdwarf-4 -march=mips32r2 -mabi=32 -mno-abicalls -fno-pic -G0 -msoft-float'
# Folder, variant: what the compiler is told, the board, the linker's script, QEMU's program.
TARGETS = {
    ('', ''): ('--target=armv7a-none-eabi -mcpu=cortex-a15 -mfloat-abi=soft -marm '
               '-mno-unaligned-access', '-M virt -cpu cortex-a15', 'virt.ld', 'arm'),
    ('mips/', 'le'): ('--target=mipsel-linux-gnu ' + MIPS, '-M malta -cpu 24Kf', 'malta.ld',
                      'mipsel'),
    ('mips/', 'be'): ('--target=mips-linux-gnu ' + MIPS, '-M malta -cpu 24Kf', 'malta.ld', 'mips'),
    ('x86/', ''): ('--target=i686-linux-gnu ' + X86, '-M pc -no-reboot', 'pc.ld', 'i386'),
}
# The image says in which order it runs; with the interpreter -cpu says so too.
ORDERS = {('mips/', 'le'): 'little', ('mips/', 'be'): 'big'}
LINES = 12


def folder(name):
    return name[:name.rfind('/') + 1]


def build(name, target=('', '')):
    """A name is that of a file, with its folder; a target has a compiler and a byte order."""
    flags, _, script, _ = TARGETS[target]
    at = f'{HERE}/{folder(name)}'
    elf = f'{OUT}/{name}{target[1]}.elf'
    os.makedirs(os.path.dirname(elf), exist_ok=True)
    subprocess.run(['clang', *flags.split(), *COMMON.split(), f'-Wl,-T,{at}{script}', '-o', elf,
                    f'{at}start.S', f'{at}guest.c', f'{HERE}/{name}.c'], check=True)
    return elf


def directives(name):
    with open(f'{HERE}/{name}.c') as file:
        head = file.read().split('*/\n#include')[0]
    return dict(re.findall(r'^ \* (options|cpu|qemu|reboot|run): (.*)$', head, re.M))


def text_of(name, target):
    """NAME.be.txt is for what a big-endian machine prints differently."""
    own = f'{HERE}/{name}.{target[1]}.txt'
    return own if os.path.exists(own) else f'{HERE}/{name}.txt'


def expected(name, target, qemu):
    lines = []
    with open(text_of(name, target)) as file:
        for line in file.read().splitlines():
            if line.startswith('~ '):
                if qemu:
                    lines[-1:] = [] if line == '~ -' else [line[2:]]
            elif not line.startswith('# '):
                lines.append(line)
    return lines


def command(args, elf, target, accel, options):
    _, board, _, qemu = TARGETS[target]
    words = [args.program or (f'qemu-system-{qemu}' if args.qemu else 'build/release/doppel'),
             *board.split(), *args.cpu, '-m', '64', '-display', 'none', '-kernel', elf]
    if args.reboot:
        words.remove('-no-reboot')
    if accel == 'interp' and target in ORDERS and not args.cpu:
        words += ['-cpu', f'24Kf,endian={ORDERS[target]}']
    if args.qemu:
        return words + ['-nic', 'none', '-serial', 'stdio', '-monitor', 'none']
    return words + ['-accel', accel, '-clock', 'virtual'] + options


def run_be_on_qemu(args, words, lines):
    """What it prints, as many lines as there should be: QEMU's big-endian Malta does not power off by
    what the board's manual says."""
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    late = threading.Timer(min(args.timeout, 30), child.kill)
    late.start()
    got = []
    while len(got) < lines and (line := child.stdout.readline()):
        got.append(line.decode(errors='replace').rstrip('\n'))
    late.cancel()
    child.kill()
    child.communicate()
    return got


def run(args, elf, target, accel, options, name):
    """The lines of difference; none if all is well."""
    if args.qemu and target[1] == 'be':
        want = expected(name, target, True)
        got = run_be_on_qemu(args, command(args, elf, target, accel, options), len(want))
        return list(difflib.unified_diff(want, got, 'expected', 'printed', n=0, lineterm=''))
    try:
        done = subprocess.run(command(args, elf, target, accel,
                                      options + ['-serial', 'stdio']),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=args.timeout)
    except subprocess.TimeoutExpired as late:
        return ['timed out after:'] + (late.stdout or b'').decode(errors='replace').splitlines()
    got = done.stdout.decode(errors='replace').splitlines()
    if args.write:
        with open(text_of(name, target), 'w') as file:
            file.write('\n'.join(got) + '\n')
    diff = list(difflib.unified_diff(expected(name, target, args.qemu), got, 'expected',
                                     'printed', n=0, lineterm=''))
    if done.returncode != 0:
        diff += [f'status {done.returncode}'] + done.stderr.decode(errors='replace').splitlines()
    return diff


def endless(args, elf, target, accel, options):
    """Three ways to end a guest that cannot end itself."""
    words = command(args, elf, target, accel, options + ['-serial', 'null'])
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
    parser = argparse.ArgumentParser(usage=__doc__[7:])
    parser.add_argument('--program')
    parser.add_argument('--accel', default='jit,interp')
    parser.add_argument('--timeout', type=float, default=300)
    parser.add_argument('--qemu', action='store_true')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    for accel in args.accel.split(','):
        if accel not in ('jit', 'interp'):
            parser.error(f'no accelerator is named {accel}; there are jit and interp')
    names = sorted(os.path.relpath(path, HERE)[:-2]
                   for path in glob.glob(f'{HERE}/**/*.c', recursive=True)
                   if not path.endswith('/guest.c'))
    for pattern in args.names:
        if not fnmatch.filter(names, pattern):
            parser.error(f'no program is named {pattern}; there are {" ".join(names)}')
    if args.names:
        names = [n for n in names if any(fnmatch.fnmatchcase(n, p) for p in args.names)]
    os.makedirs(OUT, exist_ok=True)
    passed = failed = 0
    for name, target in [(n, t) for n in names for t in TARGETS if t[0] == folder(n)]:
        say = directives(name)
        if args.qemu and ('qemu' in say or 'run' in say):
            continue
        label = f'{name} {target[1]}'.strip()
        args.cpu = ['-cpu', say['cpu']] if 'cpu' in say else []
        args.reboot = 'reboot' in say
        try:
            elf = build(name, target)
        except subprocess.CalledProcessError:
            failed += 1
            print(f'guest {label}: FAILED to build', flush=True)
            continue
        for accel in ['qemu'] if args.qemu else args.accel.split(','):
            options = say.get('options', '').split()
            wrong = endless(args, elf, target, accel, options) if 'run' in say \
                else run(args, elf, target, accel, options, name)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f'guest {label} {accel}: {"FAILED" if wrong else "ok"}', *wrong[:LINES],
                  sep='\n    ' if wrong else '', flush=True)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
