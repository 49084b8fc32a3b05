#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# run.py - random user-mode instructions: this host's processor against doppel under Linux.
"""usage: run.py [--guest=G ...] [--cpu=n270] [--accel=A,...] [--program=P] [--option=WORDS]
       [--first=0] [--count=20000] [--seed=1] [--row=NAME] [--most=40] [--timeout=S] [--left-out]

One program (main.c) draws instructions of the decoder's rows, with segments of all types, TF, AC
and the ends of pages, and runs each in a state of its own. It runs here, as a 32-bit process, and
in the guest, under Debian's kernel; each case's registers, exception, error code, CR2, memory,
x87, MMX and SSE registers must be the same. Up to --most of those that differ are shown: a case's
number is for --first, with --count=1. --row draws only rows of that name. --left-out shows what is
not compared, and why. A host that runs no 32-bit programs, or has not what --cpu has, judges
nothing: the last line then counts the cases as skipped.
"""
import argparse
import collections
import os
import shlex
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'boot'))
import console  # noqa: E402

USER = 'build/user/user'
# What --cpu has and a host may not, as /proc/cpuinfo names it.
NEEDED = {'coreduo': {'fxsr', 'sse2', 'pni'},
          'n270': {'fxsr', 'sse2', 'pni', 'ssse3', 'movbe'}}


def why_skipped(cpu):
    """Why this host cannot judge; None: it can."""
    with open('/proc/cpuinfo', encoding='ascii') as info:
        flags = {flag for line in info if line.startswith('flags') for flag in line.split()}
    lacking = NEEDED[cpu] - flags
    if lacking:
        return f'this host\'s processor has no {" ".join(sorted(lacking))}'
    try:
        subprocess.run([USER, 'left-out'], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return 'this host runs no 32-bit programs'
    return None


def pack(arch, name, arguments):
    """Runs all cases here and packs program and checksums into the guest's initramfs."""
    root = f'build/user/{name}.root'
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    shutil.copy(USER, root)
    with open(f'{root}/arguments', 'w', encoding='ascii') as file:
        file.write(' '.join(arguments) + '\n')
    with open(f'{root}/reference', 'wb') as file:
        status = subprocess.run([USER, 'sums'] + arguments, stdout=file).returncode
    if status != 0:
        with open(f'{root}/reference', 'rb') as file:
            said = file.read()[-200:].decode('ascii', 'replace').strip()
        raise SystemExit(f'user: the program ended here with status {status}: {said}')
    subprocess.run(['tests/boot/initrd.sh', arch, name, 'tests/user/init.sh', root], check=True,
                   stdin=subprocess.DEVNULL)
    shutil.rmtree(root)


def play(words, timeout_s, log_path):
    """The guest's run: number of cases, how many differ, and the lines of the first of them."""
    term = console.Console(words, timeout_s, log_path)
    lines = []
    try:
        while True:
            found = term.expect(r'^(CASE .*)\n|^USER-(?:DONE (\d+) (\d+)|(FAILED .*))\n'
                                r'|(Kernel panic .*)\n')
            if not found[1]:
                break
            lines.append(found[1])
        if not found[2]:
            raise console.Failure(found[0].strip())
        if term.wait() != 0:
            raise console.Failure(f'it ended with status {term.status}')
    finally:
        term.close()
    return int(found[2]), int(found[3]), lines


def fields(line):
    """A line of a case: its first words, and what is in it by name."""
    words = line.split()
    return ' '.join(words[1:5]), dict(word.split('=') for word in words[5:])


def judge(lines, arguments):
    """Runs the cases of these lines again here and shows what differs."""
    classes = collections.Counter()
    for line in lines:
        title, guest = fields(line)
        number = title.split()[0]
        again = [arguments[0], number, '1'] + arguments[3:]
        shown = subprocess.run([USER, 'show'] + again, check=True, stdout=subprocess.PIPE)
        host = fields(shown.stdout.decode('ascii'))[1]
        wrong = [name for name in host if host[name] != guest.get(name)]
        print('case ' + title)
        print('    in:    ' + ' '.join(f'{name[3:]}={host[name]}' for name in host
                                       if name.startswith('in.') and name not in
                                       ('in.trap', 'in.error', 'in.cr2')))
        for who, what in (('host', host), ('guest', guest)):
            print(f'    {who + ":":<7}' + ' '.join(f'{name}={what[name]}' for name in
                                                   ['trap'] + [n for n in wrong if n != 'trap']))
        classes[f'{title.split()[1]}: trap {host["trap"][-2:]} {guest["trap"][-2:]}: '
                + ' '.join(wrong)] += 1
    for name, times in classes.most_common():
        print(f'  {times} of {name}')


def main():
    parser = argparse.ArgumentParser(usage=__doc__[7:])
    parser.add_argument('--guest', action='append', type=console.guest_name)
    parser.add_argument('--cpu', default='n270', choices=sorted(NEEDED))
    parser.add_argument('--accel', default='jit', type=console.accel_names)
    parser.add_argument('--program', default='build/release/doppel')
    parser.add_argument('--option', default='')
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--count', type=int, default=20000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--row')
    parser.add_argument('--most', type=int, default=40)
    parser.add_argument('--timeout', type=float, default=600)
    parser.add_argument('--left-out', action='store_true')
    args = parser.parse_args()

    os.chdir(console.ROOT)
    subprocess.run(['tests/user/build.sh'], check=True, stdin=subprocess.DEVNULL)
    if args.left_out:
        return subprocess.run([USER, 'left-out'], check=True).returncode
    guests = args.guest or ['686']
    for guest in guests:
        if console.guests()[guest]['arch'] != 'i386':
            parser.error(f'{guest} runs no i386 programs')
    accels = args.accel.split(',')
    why = why_skipped(args.cpu)
    if why:
        print(f'user: 0 cases, 0 differ, {args.count * len(guests) * len(accels)} skipped: {why}')
        return 0
    arguments = [str(args.seed), str(args.first), str(args.count), args.cpu, str(args.most)]
    arguments += [args.row] if args.row else []
    cases = differ = 0
    for guest in guests:
        arch, name = console.guests()[guest]['arch'], f'user-{guest}-{os.getpid()}'
        subprocess.run(['tests/boot/fetch.sh', guest], check=True, stdin=subprocess.DEVNULL)
        pack(arch, name, arguments)
        for accel in accels:
            words = console.command(args.program, guest, accel, initrd=name,
                                    options=['-cpu', args.cpu] + shlex.split(args.option))
            log_path = f'build/user/{guest}-{accel}.log'
            began = time.monotonic()
            try:
                ran, bad, lines = play(words, args.timeout, log_path)
            except console.Failure as failure:
                print(f'user: {guest} {accel}: {failure}; see {log_path}', file=sys.stderr)
                return 1
            judge(lines, arguments)
            print(f'{guest} {accel} {args.cpu}: {ran} cases from {args.first} of seed {args.seed},'
                  f' {bad} differ ({time.monotonic() - began:.1f} s)', flush=True)
            cases += ran
            differ += bad
        os.remove(f'build/guests/{arch}/{name}.gz')
    print(f'user: {cases} cases, {differ} differ')
    return differ > 0


if __name__ == '__main__':
    sys.exit(main())
