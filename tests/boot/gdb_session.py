# SPDX-License-Identifier: MIT
# gdb_session.py - Debian's gdb, asked one command after another, and doppel that it debugs.
import os
import re
import signal
import subprocess
import time

FOLDER = 'build/boot/gdb'
CHANNEL = f'{FOLDER}/channel'
PROMPT = '<gdb asks>\n'
OUTPUT = 'sum 4321, page 12345678\ntrap: svc lr=at+4 spsr=000001d3\nturns 0\n'


class Failure(Exception):
    """What a case did not find."""


def check(what, got, want):
    if got != want:
        raise Failure(f'{what}: {got!r}, not {want!r}')


def read_until(stream, text, timeout_s, what):
    """All of a non-blocking descriptor up to `text`."""
    got, deadline = '', time.monotonic() + timeout_s
    while not got.endswith(text):
        try:
            data = os.read(stream.fileno(), 65536)
            if not data:
                raise Failure(f'gdb ended at {what}: {got}')
            got += data.decode('utf-8', 'replace')
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Failure(f'{what} takes too long: {got}') from None
            time.sleep(0.005)
    return got[:-len(text)]


class Gdb:
    """A gdb-multiarch that is asked one command after another."""

    def __init__(self, timeout_s, program=None, architecture='armv7'):
        self.timeout_s = timeout_s
        words = ['gdb-multiarch', '-nx', '-q'] + ([program] if program else [])
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, start_new_session=True)
        os.set_blocking(self.child.stdout.fileno(), False)
        self.child.stdin.write(f'set prompt {PROMPT[:-1]}\\n\n'.encode())
        self.child.stdin.flush()
        read_until(self.child.stdout, PROMPT, timeout_s, 'its start')
        for line in ('set confirm off', 'set pagination off', 'set width 0', 'set style enabled off',
                     'set debuginfod enabled off', f'set architecture {architecture}'):
            self.ask(line)

    def tell(self, line):
        """Gives a command whose end answer() waits for."""
        self.child.stdin.write(line.encode() + b'\n')
        self.child.stdin.flush()

    def answer(self, what):
        return read_until(self.child.stdout, PROMPT, self.timeout_s, what)

    def ask(self, line):
        self.tell(line)
        return self.answer(line)

    def expect(self, *lines):
        """Commands and what each must answer, in turns."""
        for line, pattern in zip(lines[::2], lines[1::2], strict=True):
            got = self.ask(line).strip()
            if not re.fullmatch(pattern, got, re.DOTALL):
                raise Failure(f'{line}: {got!r} does not match {pattern!r}')

    def value(self, expression):
        """A number that gdb works out."""
        got = self.ask(f'output/u {expression}')
        if not got.isdigit():
            raise Failure(f'{expression}: {got}')
        return int(got)

    def interrupt(self):
        """Ctrl-C, once the machine runs."""
        time.sleep(0.3)
        self.child.send_signal(signal.SIGINT)
        return self.answer('Ctrl-C')

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


class Session:
    """doppel at its reset, a debugger's channel in it; the serial port goes to a file."""

    def __init__(self, args, accel, words=(), channel=f'unix:{CHANNEL}', machine='virt',
                 order=None):
        self.args = args
        self.big = '1' if order == 'be' else '0'
        self.elf = {'pc': args.x86_elf, 'malta': args.mips.get(order)}.get(machine, args.elf)
        self.architecture = {'pc': 'i386', 'malta': 'mips'}.get(machine, 'armv7')
        self.out = f'{FOLDER}/serial'
        self.gdbs = []
        self.child = subprocess.Popen(
            args.program.split() + ['-accel', accel, '-M', machine, '-m', '64', '-kernel', self.elf,
                                    '-display', 'none', '-monitor', 'none', '-clock', 'virtual',
                                    '-serial', f'file:{self.out}', '-S', '-gdb', channel, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def gdb(self, target=CHANNEL, program=None):
        """A debugger that has attached."""
        gdb = Gdb(self.args.timeout, program or self.elf, self.architecture)
        self.gdbs.append(gdb)
        deadline = time.monotonic() + self.args.timeout
        while True:
            said = gdb.ask(f'target remote {target}')
            if 'No such file' not in said and 'refused' not in said:
                break
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise Failure(f'nobody listens: {said}')
            time.sleep(0.05)
        if 'rror' in said or 'arning' in said:
            raise Failure(f'attaching: {said}')
        return gdb

    def output(self):
        """What the guest has printed once it has powered off."""
        try:
            status = self.child.wait(self.args.timeout)
        except subprocess.TimeoutExpired:
            raise Failure('it did not end') from None
        check('status', status, 0)
        with open(self.out, encoding='utf-8', newline='') as out:
            return out.read().replace('\r', '')

    def ends(self, output=OUTPUT):
        """The guest powers off, and this is all that it printed."""
        check('output', self.output(), output)

    def close(self):
        for gdb in self.gdbs:
            gdb.close()
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
