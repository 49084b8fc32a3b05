#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# limits.py - what a booted guest may cost: idle CPU time, memory, no writable code.
"""usage: limits.py [--program=P] [--guest=G] [--timeout=S]

Boots a guest, looks at the process from outside, and powers the guest off:
  idle         at the prompt it uses under 2 % of a core, and 100 us for each tick of a kernel that
               never stops its tick
  memory       at the prompt under 150 MB of it are resident, guest RAM not counted
  w^x          no mapping was ever both writable and executable
  translation  host time for each guest instruction translated: the least of three boots that nobody
               looks at; printed, fails nothing, for a busy machine makes it longer
"""
import json
import os
import subprocess
import sys
import threading
import time

import console

FOLDER = 'build/limits'
IDLE_S = 5
IDLE_MOST = 0.02            # of a core
TICK_MOST_S = 100e-6
TICKS = {'686': 250, '686-pae': 250}    # a second: their kernels have no dynamic ticks
MEMORY_MOST = 150e6         # bytes


class Sampler(threading.Thread):
    """Reads the maps of a process over and over until it ends or stop() is called."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.samples = 0
        self.bad = set()
        self.code = False           # saw a mapping to execute that is no file's: the code cache
        self._done = threading.Event()

    def run(self):
        while not self._done.wait(0.02):
            try:
                with open(f'/proc/{self.pid}/maps', encoding='utf-8') as maps:
                    lines = maps.read().splitlines()
            except OSError:
                return
            self.samples += bool(lines)
            for line in lines:
                rights = line.split()[1]
                self.code |= 'x' in rights and ('memfd:' in line or len(line.split()) == 5)
                if 'w' in rights and 'x' in rights:
                    self.bad.add(line)

    def stop(self):
        self._done.set()
        self.join()


def resident(pid, ram_bytes):
    """Resident bytes of a process and whether guest RAM is mapped once, which is left out.

    A board may have it in two halves, and a PC's from 1 MiB on counts as all. The windows' mappings
    of single pages of it are left out too.
    """
    total = found = 0
    ram = False
    with open(f'/proc/{pid}/smaps', encoding='utf-8') as smaps:
        for line in smaps:
            name, *rest = line.split()
            if not name.endswith(':'):
                ram = 'memfd:doppel-ram' in line
            elif name == 'Size:':
                size = int(rest[0]) * 1024
                found += size if ram and size >= ram_bytes // 2 else 0
            elif name == 'Rss:' and not ram:
                total += int(rest[0]) * 1024
    return total, ram_bytes - found in (0, 1 << 20)


def ram_bytes(words):
    return int(words[words.index('-m') + 1]) << 20


def translation(args):
    """Nanoseconds of the host that translating an instruction took in one boot."""
    path = f'{FOLDER}/{args.guest}.json'
    term = console.Console(console.command(args.program, args.guest, 'jit',
                                           options=['-stats', path]),
                           args.timeout, f'{FOLDER}/{args.guest}.log')
    try:
        term.expect('/ # ')
        term.send('poweroff -f\r')
        term.wait()
    finally:
        term.close()
    with open(path, encoding='utf-8') as stats:
        done = json.load(stats)['translated']
    return done['ns'] / done['insns']


def measure(args):
    """Boots and looks; yields what was looked at, whether it is well, and the figure."""
    words = console.command(args.program, args.guest, 'jit')
    term = console.Console(words, args.timeout, f'{FOLDER}/{args.guest}.log')
    sampler = Sampler(term.child.pid)
    try:
        sampler.start()
        term.expect(r'GUEST-READY \S+ \d')
        term.expect('/ # ')
        booted_s = term.cpu_s()
        time.sleep(2)       # what the kernel puts off until it is idle
        before_s, began = term.cpu_s(), time.monotonic()
        time.sleep(IDLE_S)
        share = (term.cpu_s() - before_s) / (time.monotonic() - began)
        memory, once = resident(term.child.pid, ram_bytes(words))
        term.send('poweroff -f\r')
        status = term.wait()
    finally:
        sampler.stop()
        term.close()
    most = IDLE_MOST + TICK_MOST_S * TICKS.get(args.guest, 0)
    yield 'idle', share < most, f'{100 * share:.2f} % of a core over {IDLE_S} s'
    yield ('memory', memory < MEMORY_MOST and once,
           f'{memory / 1e6:.1f} MB outside guest RAM{"" if once else ", which is not mapped once"}')
    yield ('w^x', sampler.code and not sampler.bad,
           f'{sampler.samples} samples, generated code {"seen" if sampler.code else "never seen"}'
           + ''.join('\n    ' + line for line in sorted(sampler.bad)))
    done = [translation(args) for _ in range(3)]
    yield ('translation', status == 0,
           f'{min(done):.0f} ns an instruction, at most {max(done):.0f};'
           f' {booted_s:.1f} s of CPU to the prompt; status {status}')


def main():
    args = console.parser(__doc__, guest='armmp', timeout=180)
    args = args.parse_args()

    os.chdir(console.ROOT)
    os.makedirs(FOLDER, exist_ok=True)
    subprocess.run(['tests/boot/fetch.sh', args.guest], check=True, stdin=subprocess.DEVNULL)
    passed = failed = 0
    try:
        for name, well, figure in measure(args):
            print(f'{"pass" if well else "FAIL"} {args.guest} {name}: {figure}')
            passed += well
            failed += not well
    except console.Failure as failure:
        print(f'FAIL {args.guest}: {failure}')
        failed += 1
    print(f'limits: {passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
