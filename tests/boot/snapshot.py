#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# snapshot.py - saves a boot at random counts, goes on in fresh processes, compares with one run.
"""usage: snapshot.py [--program=P] [--guest=G] [--accel=A,...] [--counts=N] [--end=COUNT]
       [--seed=S]

A boot with -clock virtual runs to the count --end. A second one is cut at N random counts: each
piece goes on from the snapshot that the piece before it left. Then each snapshot is resumed alone
up to the end. Console, count and state hash must be those of the run that was never cut; so must
every file be that a second savevm at once writes. Pieces and resumed runs take the accelerators by
turns. Without --end the whole boot is run, and its console must show the marker.
"""
import filecmp
import os
import random
import subprocess
import sys
import time

import console

FOLDER = 'build/boot/snapshot'
# A count behind the marker, each guest's own.
WHOLE_BOOT = {
    'armmp': 3_600_000_000,
    'armmp-lpae': 3_600_000_000,
    '4kc-malta': 5_500_000_000,
    '686': 7_200_000_000,
    '686-pae': 7_200_000_000,
}


class Runner:
    """Runs pieces of the boot."""

    def __init__(self, args):
        self.program = args.program
        self.guest = args.guest
        self.accels = args.accel.split(',')
        self.timeout_s = args.timeout
        self.runs = 0

    def run(self, end, save=None, load=None):
        """To the count end: console bytes, and what info statehash and info status say there."""
        accel = self.accels[self.runs % len(self.accels)]
        self.runs += 1
        out = f'{FOLDER}/console'
        if os.path.exists(out):
            os.remove(out)
        words = console.command(self.program, self.guest, accel)
        words.remove('-nographic')
        words += ['-display', 'none', '-monitor', 'none', '-serial', f'file:{out}',
                  '-clock', 'virtual', '-stop-at', str(end)]
        asks = [f'savevm {save}'] if save else []
        for ask in asks + ['info statehash', 'info status']:
            words += ['-at', f'{end}:{ask}']
        words += ['-loadvm', load] if load else []
        done = subprocess.run(words, capture_output=True, timeout=self.timeout_s, check=False,
                              stdin=subprocess.DEVNULL, cwd=console.ROOT)
        said = done.stderr.decode('utf-8', 'replace')
        if done.returncode != 0 or done.stdout:
            raise console.Failure(f'{accel}: status {done.returncode}: {said}')
        with open(out, 'rb') as file:
            return file.read(), said


def whole(runner, end, whole_boot):
    """The run that is never cut."""
    text, said = runner.run(end)
    if f'instructions retired: {end}\n' not in said:
        raise console.Failure(f'it did not come to count {end}: {said}')
    if whole_boot and b'GUEST-READY' not in text:
        raise console.Failure(f'no marker on the console within {end} instructions')
    return text, said


def check(runner, want, end, before, path, again):
    """What is wrong with a run from the snapshot at path; None if nothing is."""
    text, said = runner.run(end, load=path)
    if said != want[1]:
        return f'{said} instead of {want[1]}'
    if before + text != want[0]:
        return f'the console is {len(before) + len(text)} bytes, not the same {len(want[0])}'
    if not filecmp.cmp(path, again, shallow=False):
        return 'loaded and saved again it is another file'
    return None


def cut(runner, want, counts, end):
    """Saves at each count, resumes from each; yields (count, what is wrong)."""
    before, load = b'', None
    for i, count in enumerate(counts):
        path, again = f'{FOLDER}/{i % 2}', f'{FOLDER}/again'
        text, _ = runner.run(count, save=path, load=load)
        runner.run(count, save=again, load=path)
        before += text
        yield count, check(runner, want, end, before, path, again)
        load = path


def main():
    args = console.parser(__doc__, accel='jit', guest='armmp', timeout=600)
    args.add_argument('--counts', type=int, default=20)
    args.add_argument('--end', type=int)
    args.add_argument('--seed', type=int, default=1)
    args = args.parse_args()
    end = args.end or WHOLE_BOOT[args.guest]

    os.chdir(console.ROOT)
    os.makedirs(FOLDER, exist_ok=True)
    subprocess.run(['tests/boot/fetch.sh', args.guest], check=True, stdin=subprocess.DEVNULL)
    draw = random.Random(args.seed)
    counts = sorted(draw.sample(range(1, end), args.counts))
    passed = failed = 0
    try:
        runner, began = Runner(args), time.monotonic()
        want = whole(runner, end, not args.end)
        for count, why in cut(runner, want, counts, end):
            print(f'{"FAIL" if why else "pass"} {args.guest} snapshot at {count}'
                  f' ({time.monotonic() - began:.1f} s){": " + why if why else ""}', flush=True)
            passed += why is None
            failed += why is not None
            began = time.monotonic()
    except (console.Failure, subprocess.TimeoutExpired) as failure:
        print(f'FAIL {args.guest} snapshot: {failure}')
        failed += 1
    print(f'snapshot: {passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
