#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# boot.py - boots guests and plays the cases of tests/boot/cases on their consoles.
"""usage: boot.py [--program=P] [--guest=G] [--accel=A,...] [--timeout=S] [--option=WORDS]
       [--full] [CASE ...]

A case is a file of lines: a verb, a space, the rest.
  title TEXT      the promise, printed with the result
  guest PATTERN   the guests that it is for; without it, all kernels
  guest PATTERN   only with guests whose name matches
  when full       only with --full, which takes no others, or by name
  option WORDS    added to the emulator's command line
  expect REGEX    waits for it on the console; what came before it is consumed
  send TEXT       types it and Return            key X     types Ctrl-X, X of A..Z; or one key
  status N        waits for the end of the emulator and compares its exit status
An accelerator of our own is tried with each of --accel; QEMU takes no notice of it.
Transcripts are left in build/boot.
"""
import fnmatch
import glob
import os
import shlex
import subprocess
import sys
import time

import console


def parse(path):
    """The case's title, options and steps; refuses what it does not know."""
    case = {'title': '', 'options': [], 'steps': []}
    with open(path, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            verb, _, rest = line.rstrip('\n').partition(' ')
            if verb == 'title':
                case['title'] = rest
            elif verb in ('guest', 'when'):
                case[verb] = rest
            elif verb == 'option':
                case['options'] += shlex.split(rest)
            elif verb in ('expect', 'send', 'key', 'status'):
                case['steps'].append((verb, rest))
            elif verb and not verb.startswith('#'):
                raise SystemExit(f'{path}:{number}: unknown verb {verb}')
    return case


def play(case, words, timeout_s, log_path):
    """Runs one case; returns None or what went wrong."""
    term = console.Console(words, timeout_s, log_path)
    try:
        for verb, rest in case['steps']:
            if verb == 'expect':
                term.expect(rest)
            elif verb == 'send':
                term.send(rest + '\r')
            elif verb == 'key':
                upper = len(rest) == 6 and rest.startswith('Ctrl-')
                term.send(chr(ord(rest[5]) & 31) if upper else rest)
            elif term.wait() != int(rest):
                return f'it ended with status {term.status}, not {rest}'
    except console.Failure as failure:
        return str(failure)
    finally:
        term.close()
    return None


def tail(path, count=15):
    with open(path, 'rb') as log:
        for line in log.read().decode('utf-8', 'replace').splitlines()[-count:]:
            print('    | ' + line)


def main():
    parser = console.parser(__doc__, accel='jit', timeout=180)
    parser.add_argument('--guest', action='append', type=console.guest_name)
    parser.add_argument('--option', default='')
    parser.add_argument('--full', action='store_true')
    parser.add_argument('case', nargs='*')
    args = parser.parse_args()

    os.chdir(console.ROOT)
    os.makedirs('build/boot', exist_ok=True)
    cases = sorted(os.path.basename(path)[:-5] for path in glob.glob('tests/boot/cases/*.case'))
    console.check_names(parser, args.case, cases, 'case')
    names = args.case or cases
    chosen = args.guest or [name for name, row in console.guests().items()
                            if row['when'] == 'check']
    kernels = {name: '' if console.is_firmware(row) else '*'
               for name, row in console.guests().items()}
    foreign = os.path.basename(args.program.split()[0]).startswith('qemu-')
    passed = failed = 0
    for guest in chosen:
        subprocess.run(['tests/boot/fetch.sh', guest], check=True, stdin=subprocess.DEVNULL)
        for accel in ['qemu'] if foreign else args.accel.split(','):
            for name in names:
                case = parse(f'tests/boot/cases/{name}.case')
                if not fnmatch.fnmatch(guest, case.get('guest', kernels[guest])):
                    continue
                if not args.case and args.full != (case.get('when') == 'full'):
                    continue
                words = console.command(args.program, guest, accel,
                                        options=case['options'] + shlex.split(args.option))
                log_path = f'build/boot/{guest}-{accel}-{name}.log'
                began = time.monotonic()
                why = play(case, words, args.timeout, log_path)
                print(f'{"FAIL" if why else "pass"} {guest} {accel} {name}: {case["title"]}'
                      f' ({time.monotonic() - began:.1f} s)', flush=True)
                if why:
                    print(f'    {why}; the console, {log_path}, ends with')
                    tail(log_path)
                failed += why is not None
                passed += why is None
    print(f'boot: {passed} passed, {failed} failed')
    if passed + failed == 0:
        parser.error(f'none of these cases is for {" ".join(chosen)}')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
