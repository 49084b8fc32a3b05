#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# channels.py - serial ports, monitors and how runs end, on the real program with a guest that echoes.
"""usage: channels.py [--program=P] [--accel=A] [CASE ...]

The guest is tests/boot/echo.S: it sends back what it gets; Q powers off, R resets, L prints 10000
lines and powers off, W waits for ever. A case is a function here whose name begins with case_; its
first line of text is the promise.
"""
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import time

import console

FOLDER = 'build/channels'
GUEST = FOLDER + '/echo'
LINES = b''.join(b'%05d\n' % i for i in range(10000))
WAIT_S = 20


class Failure(Exception):
    """What a case did not find."""


def check(true, what):
    if not true:
        raise Failure(what)


class Stream:
    """A descriptor or a socket with what it gave so far."""

    def __init__(self, fd, owner=None):
        self.fd, self.owner, self.got = fd, owner, b''

    def send(self, data):
        while data:
            select.select([], [self.fd], [], WAIT_S)
            data = data[os.write(self.fd, data[:4096]):]

    def read(self, wait_s):
        """Some bytes more; False at the end of file or of the time."""
        if not select.select([self.fd], [], [], wait_s)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.got += data
        return bool(data)

    def expect(self, text):
        """Waits for the text, and takes it and all before it."""
        end = time.monotonic() + WAIT_S
        while text not in self.got:
            check(self.read(max(0, end - time.monotonic())), f'no {text!r} in {self.got[-300:]!r}')
        before, _, self.got = self.got.partition(text)
        return before

    def rest(self):
        while self.read(WAIT_S):
            pass
        return self.got

    def silent(self, wait_s):
        self.read(wait_s)
        check(not self.got, f'not silent: {self.got!r}')


class Run:
    """doppel with pipes, or on a terminal."""

    def __init__(self, words, terminal=False):
        argv = PROGRAM + ['-M', 'virt', '-kernel', GUEST] + [
            word.replace('FILE', FOLDER).replace('~', ' ') for word in words.split()]
        if terminal:
            self.master, slave = pty.openpty()
            self.tty = os.ttyname(slave)
            self.before = termios.tcgetattr(slave)
            self.child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=subprocess.PIPE)
            self.slave = slave
            self.out = self.input = Stream(self.master)
        else:
            self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE)
            self.out = Stream(self.child.stdout.fileno())
            self.input = Stream(self.child.stdin.fileno())
        self.err = Stream(self.child.stderr.fileno())
        ALL.append(self.child)

    def signal(self, number):
        self.child.send_signal(number)

    def ends(self, status=0):
        try:
            got = self.child.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            raise Failure('it did not end') from None
        check(got == status, f'status {got}, not {status}')

    def runs(self):
        check(self.child.poll() is None, f'it ended with status {self.child.poll()}')


def connect(address, family=socket.AF_UNIX):
    """A peer of a server that may only just be coming up."""
    end = time.monotonic() + WAIT_S
    while True:
        peer = socket.socket(family)
        try:
            peer.connect(address)
            return Stream(peer.fileno(), peer)
        except OSError:
            check(time.monotonic() < end, f'nobody listens at {address}')
            time.sleep(0.02)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


def echoes(stream, text=b'hello\n'):
    stream.send(text)
    stream.expect(text)


# ---- the terminal and pipes ----

def case_stdio():
    """-serial stdio is the guest's from end to end, Ctrl-A included, and power off ends with 0"""
    r = Run('-display none -serial stdio')
    r.out.expect(b'READY\n')
    echoes(Both(r), b'a\x01xb\x01\x01c\n')
    r.input.send(b'Q')
    r.ends()


class Both:
    """Standard input and output as one stream."""

    def __init__(self, run):
        self.send, self.expect = run.input.send, run.out.expect


def case_end_of_input():
    """end of file on standard input does not end the run"""
    r = Run('-nographic')
    r.out.expect(b'READY\n')
    r.child.stdin.close()
    time.sleep(0.5)
    r.runs()
    r.signal(signal.SIGTERM)
    r.ends()


def case_all_output():
    """all that the guest printed before it powers off is there"""
    r = Run('-display none -serial stdio')
    r.out.expect(b'READY\n')
    r.input.send(b'L')
    check(r.out.rest() == LINES, 'output is not complete')
    r.ends()


def case_slow_reader():
    """a reader that takes its time gets all the same"""
    r = Run('-display none -serial stdio')
    r.input.send(b'L')
    time.sleep(1)
    check(r.out.rest() == b'READY\n' + LINES, 'output is not complete')
    r.ends()


def case_paste():
    """64 KiB of input come through in order, though the guest's FIFO has 16 bytes"""
    text = b''.join(b'%07d\n' % i for i in range(8192))
    r = Run('-display none -serial stdio')
    r.out.expect(b'READY\n')
    done = 0
    while done < len(text):
        done += os.write(r.input.fd, text[done:done + 512])
        r.out.read(0)
    while len(r.out.got) < len(text) and r.out.read(WAIT_S):
        pass
    check(r.out.got == text, f'{len(r.out.got)} bytes came back, of {len(text)}')
    r.input.send(b'Q')
    r.ends()


def case_mux():
    """Ctrl-A H, C, B, Ctrl-A and X work on -nographic"""
    r = Run('-nographic')
    r.out.expect(b'READY\n')
    r.input.send(b'\x01h')
    r.out.expect(b'C-a x')
    r.input.send(b'\x01b')
    r.out.expect(b'#')
    echoes(Both(r), b'one\n')
    r.input.send(b'\x01c')
    r.out.expect(b'(doppel) ')
    r.input.send(b'info status\n')
    r.out.expect(b'VM status: running')
    r.input.send(b'\x01c')
    echoes(Both(r), b'two\n')
    r.input.send(b'\x01\x01')
    r.out.expect(b'\x01')
    r.input.send(b'\x01x')
    r.ends()


def case_default():
    """without -nographic and -display it is the same"""
    r = Run('')
    r.out.expect(b'READY\n')
    r.input.send(b'\x01c')
    r.out.expect(b'(doppel) ')
    r.input.send(b'quit\n')
    r.ends()


def case_display_none():
    """with -display none and no -serial nothing is on standard output"""
    r = Run('-display none -clock virtual -stop-at 100000')
    check(r.out.rest() == b'', 'there is output')
    r.ends()


def case_mux_chardev():
    """a -chardev with mux=on is shared by -serial and -mon"""
    r = Run('-display none -chardev stdio,id=c0,mux=on -serial chardev:c0 -mon chardev=c0')
    r.out.expect(b'READY\n')
    r.input.send(b'\x01c')
    r.out.expect(b'(doppel) ')
    r.input.send(b'quit\n')
    r.ends()


# ---- other channels ----

def case_file():
    """-serial file: has all the output"""
    r = Run('-display none -serial file:FILE/out')
    time.sleep(0.3)
    r.signal(signal.SIGINT)
    r.ends()
    with open(FOLDER + '/out', 'rb') as out:
        check(out.read() == b'READY\n', 'the file has not the output')


def case_pty():
    """-serial pty says where it is, and echoes"""
    r = Run('-display none -serial pty')
    r.err.expect(b'char device redirected to ')
    path = r.err.expect(b' (label serial0)')
    line = Stream(os.open(path, os.O_RDWR | os.O_NOCTTY))
    echoes(line)
    line.send(b'Q')
    r.ends()
    os.close(line.fd)


def case_tcp_server():
    """a TCP server takes one peer after another"""
    port = free_port()
    r = Run(f'-display none -serial tcp:127.0.0.1:{port},server,nowait')
    for _ in range(3):
        peer = connect(('127.0.0.1', port), socket.AF_INET)
        echoes(peer)
        peer.owner.close()
    peer = connect(('127.0.0.1', port), socket.AF_INET)
    peer.send(b'Q')
    r.ends()


def case_server_waits():
    """a server that waits starts the guest with its first peer"""
    r = Run('-display none -serial unix:FILE/serial,server')
    r.err.expect(b'waiting for connection on: unix:')
    peer = connect(FOLDER + '/serial')
    peer.expect(b'READY\n')
    peer.send(b'Q')
    r.ends()
    check(not os.path.exists(FOLDER + '/serial'), 'its socket is left behind')


def case_tcp_client():
    """-serial tcp: connects to who listens"""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        r = Run(f'-display none -serial tcp:127.0.0.1:{listener.getsockname()[1]}')
        peer = listener.accept()[0]
    line = Stream(peer.fileno(), peer)
    line.expect(b'READY\n')
    line.send(b'Q')
    r.ends()


def case_monitor_socket():
    """a monitor on a socket stops, looks, goes on and quits"""
    r = Run('-display none -serial stdio -monitor unix:FILE/monitor,server,nowait')
    r.out.expect(b'READY\n')
    mon = connect(FOLDER + '/monitor')
    mon.expect(b'(doppel) ')
    mon.send(b'stop\ninfo status\n')
    mon.expect(b'VM status: paused')
    r.input.send(b'x')
    r.out.silent(0.3)
    mon.send(b'xp/1xw 0x40008000\nx/2i 0x40008000\n')
    mon.expect(b'40008000: 0xe3a04409')
    mon.expect(b'mov      r4, #0x9000000')
    mon.send(b'cont\n')
    r.out.expect(b'x')
    mon.send(b'system_reset\n')
    r.out.expect(b'READY\n')
    mon.send(b'quit\n')
    r.ends()


def case_monitor_stdio():
    """-monitor stdio leaves the serial port where -serial puts it"""
    r = Run('-monitor stdio -serial file:FILE/out')
    r.out.expect(b'(doppel) ')
    r.input.send(b'info version\nquit\n')
    r.out.expect(b'doppel ')
    r.ends()


# ---- ends ----

def case_reset():
    """a guest that resets starts again; with -no-reboot the run ends with 0"""
    r = Run('-display none -serial stdio')
    r.out.expect(b'READY\n')
    r.input.send(b'R')
    r.out.expect(b'READY\n')
    r.input.send(b'Q')
    r.ends()
    r = Run('-display none -serial stdio -no-reboot')
    r.input.send(b'R')
    check(r.out.rest() == b'READY\n', 'it went on')
    r.ends()


def case_stopped():
    """-S waits for cont"""
    r = Run('-S -nographic')
    r.out.silent(0.3)
    r.input.send(b'\x01ccont\n')
    r.out.expect(b'READY\n')
    r.input.send(b'quit\n')
    r.ends()


def case_at():
    """-at answers on standard error at its count; -stop-at ends with 0"""
    r = Run('-display none -serial stdio -clock virtual -stop-at 100000 -at 4321:info~status')
    check(b'instructions retired: 4321\n' in r.err.rest(), f'not at its count: {r.err.got!r}')
    check(r.out.rest() == b'READY\n', 'the answer is among the output')
    r.ends()


def case_statistics():
    """-stats writes its file on SIGUSR1 and at the end"""
    path = FOLDER + '/stats'
    r = Run('-display none -serial stdio -stats FILE/stats')
    r.out.expect(b'READY\n')
    r.signal(signal.SIGUSR1)
    end = time.monotonic() + WAIT_S
    while os.path.getsize(path) == 0 and time.monotonic() < end:
        time.sleep(0.02)
    with open(path, encoding='utf-8') as text:
        check(json.load(text)['end'] == 'running', 'it is not of a running machine')
    r.input.send(b'Q')
    r.ends()
    with open(path, encoding='utf-8') as text:
        check(json.load(text)['end'] == 'power off', 'it is not of the end')


def case_terminal():
    """the terminal is as it was, however the run ends"""
    ends = {
        'Ctrl-A X': lambda r: r.input.send(b'\x01x'),
        'quit': lambda r: r.input.send(b'\x01cquit\r'),
        'power off': lambda r: r.input.send(b'Q'),
        'SIGTERM': lambda r: r.signal(signal.SIGTERM),
        'SIGINT': lambda r: r.signal(signal.SIGINT),
        'SIGHUP': lambda r: r.signal(signal.SIGHUP),
        'SIGABRT': lambda r: r.signal(signal.SIGABRT),
        'SIGSEGV': lambda r: r.signal(signal.SIGSEGV),
    }
    for name, end in ends.items():
        r = Run('-nographic', terminal=True)
        r.out.expect(b'READY')
        check(termios.tcgetattr(r.slave) != r.before, f'{name}: the terminal is not raw')
        end(r)
        deadly = {'SIGABRT': -6, 'SIGSEGV': -11}
        r.ends(deadly.get(name, 0))
        check(termios.tcgetattr(r.slave) == r.before, f'{name}: the terminal is left raw')
        os.close(r.slave)
        os.close(r.master)


def case_error_on_terminal():
    """a channel that cannot be opened leaves the terminal as it was"""
    r = Run('-serial stdio -monitor unix:FILE/none/socket,server', terminal=True)
    r.ends(1)
    check(termios.tcgetattr(r.slave) == r.before, 'the terminal is left raw')


def case_deaf_peer():
    """a peer that does not read does not keep doppel from ending"""
    r = Run('-display none -serial unix:FILE/serial,server')
    peer = connect(FOLDER + '/serial')
    peer.send(b'L')
    time.sleep(1)
    r.signal(signal.SIGTERM)
    r.ends()


def case_idle():
    """a guest that waits uses no CPU time to speak of"""
    r = Run('-display none -serial stdio')
    r.out.expect(b'READY\n')
    r.input.send(b'W')
    time.sleep(0.3)

    def ticks():
        with open(f'/proc/{r.child.pid}/stat', encoding='utf-8') as stat:
            return sum(map(int, stat.read().rsplit(') ')[1].split()[11:13]))
    before = ticks()
    time.sleep(2)
    used = (ticks() - before) / os.sysconf('SC_CLK_TCK')
    check(used <= 0.04, f'{used} s in 2 s')
    r.signal(signal.SIGTERM)
    r.ends()


def main():
    global PROGRAM, ALL
    parser = console.parser(__doc__, accel='jit')
    parser.add_argument('case', nargs='*')
    args = parser.parse_args()
    cases = {name[5:]: case for name, case in sorted(globals().items())
             if name.startswith('case_')}
    console.check_names(parser, args.case, cases, 'case')
    PROGRAM, ALL = [args.program, '-accel', args.accel], []
    os.makedirs(FOLDER, exist_ok=True)
    subprocess.run(['clang', '--target=armv7a-none-eabi', '-march=armv7ve', '-nostdlib',
                    '-fuse-ld=lld', '-Wl,--oformat=binary,-Ttext=0x40008000', '-o', GUEST,
                    'tests/boot/echo.S'], check=True)
    passed = failed = 0
    for name in args.case or cases:
        for left in ('serial', 'monitor', 'stats', 'out'):
            if os.path.lexists(f'{FOLDER}/{left}'):
                os.unlink(f'{FOLDER}/{left}')
        try:
            cases[name]()
            passed += 1
        except Failure as why:
            failed += 1
            print(f'FAIL {name}: {cases[name].__doc__}: {why}')
        for child in ALL:
            if child.poll() is None:
                child.kill()
                child.wait()
        ALL.clear()
    print(f'channels: {passed} passed, {failed} failed')
    sys.exit(failed != 0)


main()
