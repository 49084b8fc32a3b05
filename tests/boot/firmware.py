#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# firmware.py - a ROM tries real mode; kernels of each kind say what they were told.
"""usage: firmware.py [--program=P] [--accel=A,...] [--qemu]

Builds told.c as an ELF file with a multiboot header, as one with a PVH note, and as a multiboot
image without ELF header, and starts it with and without an initrd, by firmware and without;
real.S as a ROM, whose status is the number of a check that failed, or 42; and ports.S, whose status
says which serial ports are there, with its ELF headers below 1 MiB; and low.S, with a part there
that overwrites what firmware needs. --qemu: the same on QEMU, but for low.S, which it does not load.
"""
import os
import subprocess
import sys

import console

OUT = 'build/told'
CC = ('clang --target=i386-none-elf -march=i686 -mno-sse -mno-mmx -O1 -ffreestanding -nostdlib '
      '-static -fno-pic -fuse-ld=lld -Wall -Wextra -Werror -Wl,--build-id=none '
      '-Wl,-T,tests/boot/told.ld tests/boot/told.c')
KINDS = {'multiboot': '', 'pvh': '-DPVH=1', 'flat': '-DFLAT=1'}
MODULE = 'what the module says\n'
# What -serial fills its slot with is there: bit N is COM port N + 1.
SERIALS = {'': 1, '-nographic': 1, '-monitor stdio': 1, '-serial none': 0, '-serial null': 1,
           '-serial null -serial null': 3, '-serial none -serial null': 2,
           '-nographic -serial none': 0, ' '.join(['-serial null'] * 4): 15}


def build():
    os.makedirs(OUT, exist_ok=True)
    for kind, flags in KINDS.items():
        path = f'{OUT}/{kind}'
        subprocess.run([*CC.split(), *flags.split(), '-o', path], check=True)
        if kind == 'flat':
            subprocess.run(['objcopy', '-O', 'binary', path, path], check=True)
    with open(f'{OUT}/module', 'w', encoding='utf-8') as out:
        out.write(MODULE + '\0')


def link(name, *options):
    """A multiboot kernel at 1 MiB of one file in assembly; its headers are in the page before."""
    subprocess.run(['as', '--32', '-o', f'{OUT}/{name}.o', f'tests/boot/{name}.S'], check=True)
    subprocess.run(['ld', '-m', 'elf_i386', '-Ttext', '0x100000', *options, '-o',
                    f'{OUT}/{name}', f'{OUT}/{name}.o'], check=True)
    return f'{OUT}/{name}'


def check_serials(name, words):
    words = words + ['-kernel', link('ports'), '-display', 'none', '-device',
                     'isa-debug-exit,iobase=0x501,iosize=2']
    bad = []
    for options, want in SERIALS.items():
        _, status = run(words + options.split())
        if status != want * 2 + 1:
            bad.append(f'{options}: status {status}, not {want * 2 + 1}')
    print(f'FAIL {name} serial ports: {"; ".join(bad)}' if bad else f'pass {name} serial ports',
          flush=True)
    return not bad


def check_low(name, words):
    kernel = link('low', '--section-start=.low=0x400')
    _, status = run(words + ['-kernel', kernel, '-display', 'none', '-serial', 'none', '-device',
                             'isa-debug-exit,iobase=0x501,iosize=2'])
    good = status == 42 * 2 + 1
    print(f'{"pass" if good else "FAIL"} {name} low memory: status {status}', flush=True)
    return good


def check_rom(name, words, qemu):
    """What firmware does in real mode, by a ROM that ends with what it found."""
    path = f'{OUT}/real'
    subprocess.run(['as', '--32', *(['--defsym', 'QEMU=1'] if qemu else []), '-o', f'{path}.o',
                    'tests/boot/real.S'], check=True)
    subprocess.run(['ld', '-m', 'elf_i386', '-Ttext', '0', '--oformat', 'binary', '-o',
                    f'{path}.bin', f'{path}.o'], check=True)
    _, status = run(words + ['-bios', f'{path}.bin', '-display', 'none', '-serial', 'null',
                             '-device', 'isa-debug-exit'])
    good = status == 42 * 2 + 1
    print(f'pass {name} real mode' if good else
          f'FAIL {name} real mode: check {status // 2}, status {status}', flush=True)
    return good


def expected(kind, module):
    named = '' if kind == 'pvh' else f'{OUT}/{kind} '
    lines = ['pvh' if kind == 'pvh' else 'multiboot', f'command line: {named}one two=3',
             'map: in order 1, MiB of RAM 64']
    if kind != 'pvh':
        lines.append('memory: lower 1, upper 1')
    lines.append(f'modules {int(module)}')
    if module:
        lines.append(f'module: bytes {len(MODULE) + 1}, {MODULE.strip()}')
        if kind != 'pvh':
            lines.append(f'named {OUT}/module')
    return lines + ['rsdp 1', 'state: protected 1, paging 0, interrupts 0, bss 0']


def run(words):
    """What is wrong with a run: its lines from the kernel's first on, and its status."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    text = done.stdout.decode('utf-8', 'replace').replace('\r', '')
    start = max(text.find('\nmultiboot\n'), text.find('\npvh\n'))
    return text[start + 1:].splitlines() if start >= 0 else text.splitlines(), done.returncode


def check(name, words, want):
    lines, status = run(words)
    if lines == want and status == 43:
        print(f'pass {name}', flush=True)
        return True
    print(f'FAIL {name}: status {status}, not 43' if lines == want else f'FAIL {name}: said')
    for line in lines:
        print(f'    | {line}')
    return False


def check_log(words):
    """The debug console is a file here: SeaBIOS writes its log there."""
    path = f'{OUT}/log'
    run(words + ['-chardev', f'file,id=log,path={path}', '-device',
                 'isa-debugcon,iobase=0x402,chardev=log'])
    with open(path, encoding='utf-8', errors='replace') as log:
        good = 'Booting from ROM' in log.read()
    print(f'{"pass" if good else "FAIL"} the log of SeaBIOS', flush=True)
    return good


def main():
    args = console.parser(__doc__, accel='jit')
    args.add_argument('--qemu', action='store_true')
    args = args.parse_args()
    os.chdir(console.ROOT)
    build()
    starts = [(f'{accel} boot={boot}', [args.program, '-M', f'pc,boot={boot}', '-accel', accel])
              for accel in args.accel.split(',') for boot in ('firmware', 'direct')]
    if args.qemu:
        starts = [('qemu', ['qemu-system-i386', '-M', 'pc', '-nic', 'none'])]
    results = []
    for start, program in starts:
        for kind in KINDS:
            for module in (False, True):
                words = program + ['-m', '64', '-kernel', f'{OUT}/{kind}', '-append', 'one two=3',
                                   '-display', 'none', '-serial', 'stdio', '-device',
                                   'isa-debug-exit,iobase=0x501,iosize=2']
                words += ['-initrd', f'{OUT}/module'] if module else []
                name = f'{start} {kind}' + (' with a module' if module else '')
                results.append(check(name, words, expected(kind, module)))
        if 'direct' not in start:
            results.append(check_rom(start, program, args.qemu))
            results.append(check_log(words))
            results.append(check_serials(start, program))
        if not args.qemu:
            results.append(check_low(start, program))
    print(f'firmware: {sum(results)} passed, {len(results) - sum(results)} failed')
    return not all(results)


if __name__ == '__main__':
    sys.exit(main())
