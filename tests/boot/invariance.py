#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# invariance.py - with -clock virtual a run is the same however doppel runs it.
"""usage: invariance.py [--program=P] [--guest=G] [--early | --long] [--only=NAME,...]

Boots a guest in several ways (variants) and compares each with the first: the bytes on the console,
the state hash at some counts, and why and at which retired count the run ended. The early runs end
by -stop-at; the whole ones go past the marker and a prompt to the guest's own power-off.
Without --long, only the fast variants make the whole run; with --early, none does. --only takes
the first variant, to compare with, and those named.
"""
import json
import os
import shlex
import subprocess
import sys
import time

import console

FOLDER = 'build/invariance'

VARIANTS = {                # name -> options, and whether the whole run is fast
    'jit':       ('-accel jit', True),
    'jit-again': ('-accel jit', True),
    'size-256K': ('-accel jit -tcache size=256K', True),
    'size-64M':  ('-accel jit -tcache size=64M', True),
    'windows-off': ('-accel jit -tcache windows=off', False),
    'windows': ('-accel jit -tcache windows=always', False),
    'chain-off': ('-accel jit -tcache chain=off', False),
    'small-off': ('-accel jit -tcache size=256K,chain=off', False),
    'interp':    ('-accel interp', False),
}

# Counts of retired instructions: the early runs end at the last one, the whole ones pass all.
COUNTS = {                  # guest -> early, whole
    'armmp': ([1, 1000, 1000000, 30000000, 100000000, 199999999, 200000000],
              [300000000, 1000000000, 1500000000, 2000000000, 2500000000, 3000000000, 3300000000]),
    '4kc-malta': ([1, 1000, 1000000, 100000000, 2600000000, 2699999999, 2700000000],
                  # the kernel's own unpacking takes the first 2,500 million
                  [2800000000, 3000000000, 3500000000, 4000000000, 4500000000, 5200000000]),
}

# Nobody types, so that the guest ends by itself: /init prints the marker and waits at its prompt.
INIT = 'mount -t devtmpfs dev /dev; /init </dev/console & sleep 2; md5sum /bin/busybox; poweroff -f'


class Run:
    """One run to its end, and what it left."""

    def __init__(self, args, name, label, options, counts):
        self.base = base = f'{FOLDER}/{label}-{name}'
        words = console.command(args.program, args.guest)
        words.remove('-nographic')
        words[words.index('-append') + 1] += f' rdinit=/bin/sh -- -c "{INIT}"'
        words += ['-display', 'none', '-monitor', 'none', '-serial', f'file:{base}.console',
                  '-clock', 'virtual', '-stats', f'{base}.json'] + shlex.split(options)
        for count in counts:
            words += ['-at', f'{count}:info statehash']
        if label == 'early':
            words += ['-stop-at', str(counts[-1])]
        began = time.monotonic()
        with open(f'{base}.hashes', 'wb') as err:
            self.status = subprocess.run(words, stdin=subprocess.DEVNULL, stderr=err, check=False,
                                         timeout=args.timeout).returncode
        self.took_s = time.monotonic() - began
        if self.status != 0:
            return      # there may be no files
        with open(f'{base}.hashes', encoding='utf-8') as err:
            self.hashes = err.read().split()
        with open(f'{base}.console', 'rb') as out:
            self.console = out.read()
        with open(f'{base}.json', encoding='utf-8') as stats:
            self.stats = json.load(stats)

    def unsound(self, label, counts):
        """What shows that the run itself is none to compare with; None if nothing does."""
        end = 'stop-at' if label == 'early' else 'power off'
        if self.status != 0:
            return f'status {self.status}; see {self.base}.hashes'
        if self.stats['end'] != end:
            return f'ended by {self.stats["end"]}, not by {end}'
        if len(self.hashes) != len(counts) or len(set(self.hashes)) != len(counts):
            return f'{len(counts)} counts gave the hashes {self.hashes}'
        if label == 'early' and self.stats['insns'] != counts[-1]:
            return f'stopped at {self.stats["insns"]}, not at {counts[-1]}'
        if label == 'whole' and b'GUEST-READY ' not in self.console:
            return 'never printed the marker'
        return None

    def difference(self, first, counts):
        """The first difference to another run; None if there is none."""
        for count, ours, theirs in zip(counts, self.hashes, first.hashes, strict=True):
            if ours != theirs:
                return f'at {count} the state is {ours}, not {theirs}'
        if self.console != first.console:
            same = len(os.path.commonprefix([self.console, first.console]))
            return f'the console differs from byte {same} on'
        if self.stats['insns'] != first.stats['insns']:
            return f'{self.stats["insns"]} instructions retired, not {first.stats["insns"]}'
        return None


def compare(args, label, counts, names):
    """Runs the variants; returns how many passed and how many failed."""
    first = None
    passed = 0
    for name in names:
        try:
            run = Run(args, name, label, VARIANTS[name][0], counts)
        except subprocess.TimeoutExpired:
            why = f'no end within {args.timeout} s'
        else:
            why = run.unsound(label, counts) or (first and run.difference(first, counts))
            first = first or (None if why else run)
        print(f'{"FAIL" if why else "pass"} {args.guest} {label} {name}: '
              + (why or f'{run.stats["insns"]} instructions, {run.took_s:.1f} s'), flush=True)
        passed += not why
    return passed, len(names) - passed


def main():
    args = console.parser(__doc__, guest='armmp', timeout=1800)
    args.add_argument('--early', action='store_true')
    args.add_argument('--long', action='store_true')
    args.add_argument('--only', default=','.join(VARIANTS))
    args = args.parse_args()
    chosen = args.only.split(',')
    for name in chosen:
        if name not in VARIANTS:
            sys.exit(f'invariance: no variant "{name}"; there are {", ".join(VARIANTS)}')
    names = [name for i, name in enumerate(VARIANTS) if i == 0 or name in chosen]
    early_counts, whole_counts = COUNTS.get(args.guest, COUNTS['armmp'])

    os.chdir(console.ROOT)
    os.makedirs(FOLDER, exist_ok=True)
    subprocess.run(['tests/boot/fetch.sh', args.guest], check=True, stdin=subprocess.DEVNULL)
    whole = [name for name in names if VARIANTS[name][1] or args.long]
    early = compare(args, 'early', early_counts, names)
    late = (0, 0) if args.early else compare(args, 'whole', whole_counts, whole)
    print(f'invariance: {early[0] + late[0]} passed, {early[1] + late[1]} failed')
    return early[1] + late[1] > 0


if __name__ == '__main__':
    sys.exit(main())
