#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# bench.py - runs the benchmark programs in a guest, on doppel and on QEMU by turns.
"""usage: bench.py [--runs=3] [--guest=G] [--program=P] [--qemu=P] [--option=WORDS] [--json=FILE]

A ratio is QEMU's time over doppel's of the same pair of runs: above 1 doppel is faster. A row
shows the median over the pairs between their quartiles. Programs are timed by the guest's
monotonic clock; the boot by the processor time, user and system, that the emulator used until the
guest's marker line. Checksums of all runs must agree.
"""
import argparse
import json
import math
import os
import shlex
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'boot'))
import console  # noqa: E402

CLASSES = {'int': 'integer', 'fp': 'floating point', 'simd': 'vectors', 'mem': 'memory', 'sys': 'system calls'}


def run(words, timeout_s, log_path):
    """One boot: seconds by program, 'boot' among them, and checksums by program."""
    term = console.Console(words, timeout_s, log_path)
    seconds, sums = {}, {}
    try:
        term.expect(r'^GUEST-READY .*\n')
        seconds['boot'] = term.cpu_s()
        while True:
            found = term.expect(r'^BENCH (\S+) (\d+) ([0-9a-f]{8})\n|^BENCH-(DONE|FAILED .*)\n')
            if found[4]:
                break
            seconds[found[1]] = int(found[2]) / 1e9
            sums[found[1]] = found[3]
        if not found[4].startswith('DONE'):
            raise console.Failure(found[0].strip())
        if term.wait() != 0:
            raise console.Failure(f'it ended with status {term.status}')
    finally:
        term.close()
    return seconds, sums


def quartiles(values):
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method='inclusive')


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def row(name, times, ratios):
    low, mid, high = quartiles(ratios)
    left = ''.join(f'{t * 1e3:10.1f}' for t in times) if times else ' ' * 20
    print(f'{name:<22}{left}{low:9.2f}{mid:9.2f}{high:9.2f}')


def report(pairs):
    """The table; returns what goes into the JSON file."""
    print(f'\n{"":<22}{"QEMU ms":>10}{"doppel ms":>10}{"lower":>9}{"median":>9}{"upper":>9}')
    result = {}
    for key, title in CLASSES.items():
        names = sorted(name for name in pairs[0][0] if name.startswith(key + '.'))
        for name in names:
            ratios = [qemu[name] / doppel[name] for qemu, doppel in pairs]
            times = [statistics.median(pair[side][name] for pair in pairs) for side in (0, 1)]
            row(name, times, ratios)
            result[name] = ratios
        if names:
            means = [geometric_mean([q[name] / d[name] for name in names]) for q, d in pairs]
            row('= ' + title, None, means)
            result[key] = means
    ratios = [q['boot'] / d['boot'] for q, d in pairs]
    row('= boot, processor', [statistics.median(p[side]['boot'] for p in pairs) for side in (0, 1)],
        ratios)
    result['boot'] = ratios
    return result


def main():
    args = argparse.ArgumentParser(usage=__doc__[7:])
    args.add_argument('--runs', type=int, default=3)
    args.add_argument('--guest', default='armmp')
    args.add_argument('--program', default='build/release/doppel')
    args.add_argument('--qemu')
    args.add_argument('--option', default='')
    args.add_argument('--timeout', type=float, default=300)
    args.add_argument('--json')
    args = args.parse_args()

    os.chdir(console.ROOT)
    guest = console.guests()[args.guest]
    for words in (['tests/boot/fetch.sh', args.guest], ['tests/bench/build.sh', guest['arch']]):
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    os.makedirs('build/bench', exist_ok=True)
    sides = [console.command(args.qemu or 'qemu-system-' + guest['system'], args.guest,
                             initrd='bench'),
             console.command(args.program, args.guest, initrd='bench',
                             options=shlex.split(args.option))]
    pairs, expected = [], None
    for number in range(args.runs):
        pair = []
        for name, words in zip(('qemu', 'doppel'), sides):
            log_path = f'build/bench/{args.guest}-{name}-{number}.log'
            print(f'run {number + 1} of {args.runs}: {name}', flush=True)
            try:
                seconds, sums = run(words, args.timeout, log_path)
            except console.Failure as failure:
                print(f'bench: {name}: {failure}; see {log_path}', file=sys.stderr)
                return 1
            expected = expected or sums
            if sums != expected:
                wrong = sorted(key for key in expected.keys() | sums.keys()
                               if expected.get(key) != sums.get(key))
                print(f'bench: {name}: other checksums: {" ".join(wrong)}', file=sys.stderr)
                return 1
            pair.append(seconds)
        pairs.append(pair)
    result = report(pairs)
    if args.json:
        with open(args.json, 'w', encoding='utf-8') as out:
            json.dump({'guest': args.guest, 'ratios': result}, out, indent=1)
    return 0


if __name__ == '__main__':
    sys.exit(main())
