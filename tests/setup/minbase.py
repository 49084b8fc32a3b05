#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# minbase.py - follows README.md to the letter in the smallest Debian that mmdebstrap makes.
"""usage: minbase.py [--keep] [run] [check]

Plays the first two blocks of commands of README.md: the one that ends in `make run`, whose shell is
told to power off, and `make check`. The tree is the last commit of this one. Needs root; where
that or mmdebstrap is missing, it says so and passes.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'boot'))
import console  # noqa: E402

BASE = os.path.join(console.ROOT, 'build/minbase')
TREE = os.path.join(BASE, 'root')
CHECK_LIMIT_S = 25 * 60

# The mounts vanish with the name space, the processes with its first one.
ENTER = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', '''
mount -t proc proc "$0/proc"
mount -t sysfs -o ro sys "$0/sys"
mount -t devpts -o newinstance,ptmxmode=0666 pts "$0/dev/pts"
mount -t tmpfs shm "$0/dev/shm"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=vt100 CI=true \
    chroot "$0" sh -ec "cd /root; $1"
''', TREE]


def skip(why):
    print(f'minbase: skipped: {why}')
    sys.exit(0)


def blocks():
    """The shell blocks of README.md, as a reader would type them."""
    with open(os.path.join(console.ROOT, 'README.md'), encoding='utf-8') as readme:
        found = re.findall(r'^```sh\n(.*?)^```', readme.read(), re.MULTILINE | re.DOTALL)
    return [text.replace('REPOSITORY', '/repository') for text in found]


def prepare():
    shutil.rmtree(BASE, ignore_errors=True)
    os.makedirs(BASE)
    sources = [path for path in ('/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list')
               if os.path.exists(path)][:1]
    subprocess.run(['mmdebstrap', '--quiet', '--variant=minbase', 'bookworm', TREE] + sources,
                   check=True, stdin=subprocess.DEVNULL)
    subprocess.run(['git', 'clone', '--quiet', '--bare', '--no-hardlinks', console.ROOT,
                    os.path.join(TREE, 'repository')], check=True, stdin=subprocess.DEVNULL)


def try_run(commands):
    """From the bare system to the shell."""
    term = console.Console(ENTER + [commands], 1200, os.path.join(BASE, 'run.log'))
    try:
        term.expect(r'GUEST-READY \S+ \d')
        term.expect('/ # ')
        term.send('poweroff -f\r')
        if term.wait() != 0:
            raise console.Failure(f'make run ended with status {term.status}')
    finally:
        term.close()


def try_check(commands):
    """What a change must pass, without a terminal, within its time."""
    with open(os.path.join(BASE, 'check.log'), 'wb') as log:
        done = subprocess.run(ENTER + ['cd doppel; ' + commands], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=subprocess.STDOUT, timeout=2 * CHECK_LIMIT_S,
                              check=False)
    if done.returncode != 0:
        raise console.Failure(f'make check ended with status {done.returncode}')


def main():
    args = argparse.ArgumentParser(usage=__doc__[7:])
    args.add_argument('--keep', action='store_true', help='the tree that the last run made')
    args.add_argument('wanted', metavar='PART', nargs='*', help='run or check; both')
    args = args.parse_args()
    unknown = set(args.wanted) - {'run', 'check'}
    if unknown:
        sys.exit(f'minbase.py: no part is named {unknown.pop()}; there are run check')
    wanted = args.wanted or ['run', 'check']
    if os.geteuid() != 0:
        skip('it needs root')
    if not shutil.which('mmdebstrap'):
        skip('mmdebstrap is not installed')
    if subprocess.run(['unshare', '--mount', '--pid', '--fork', 'true'], check=False).returncode:
        skip('name spaces are not allowed here')
    if not args.keep:
        prepare()
    passed = failed = 0
    for name, commands in zip(('run', 'check'), blocks()):
        if name not in wanted:
            continue
        began, why = time.monotonic(), None
        try:
            (try_run if name == 'run' else try_check)(commands)
        except (console.Failure, subprocess.TimeoutExpired) as failure:
            why = str(failure)
        took_s = time.monotonic() - began
        if name == 'check' and not why and took_s > CHECK_LIMIT_S:
            why = 'it took longer than it may'
        print(f'{"FAIL" if why else "pass"} make {name} in a minbase root ({took_s:.0f} s)')
        if why:
            print(f'    {why}; see build/minbase/{name}.log')
        failed += why is not None
        passed += why is None
    print(f'minbase: {passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
