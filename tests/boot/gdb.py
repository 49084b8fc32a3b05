#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# gdb.py - Debian's gdb on the real program: a guest of our own, then the booting kernel.
"""usage: gdb.py [--program=P] [--accel=A,...] [--guest=G] [--timeout=S] [CASE ...]

A case is a function here whose name begins with case_; its first line of text is the promise.
Most debug tests/guest/debug.c, the x86_ ones tests/guest/x86/spin.c, the mips_ ones, of gdb_mips.py,
tests/guest/mips/debug.c in each byte order, the kernel_ ones --guest. A line of `expect` is gdb's command and a regular expression that all of its answer must match.
"""
import argparse
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import time

import console
import gdb_mips

sys.path.insert(0, os.path.join(console.ROOT, 'tests/guest'))
FOLDER = 'build/boot/gdb'
CHANNEL = f'{FOLDER}/channel'
PROMPT = '<gdb asks>\n'
END = r'Continuing\.\n\[Inferior 1 \(.*\) exited normally\]'
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


# ---- a guest of our own ----

def case_reset(s):
    """attached at reset: the first instruction, Supervisor mode, interrupts masked"""
    g = s.gdb()
    g.expect('p $pc == (long)_start', r'\$\d+ = 1',
             'p/x $cpsr & 0x1ff', r'\$\d+ = 0x1d3',
             'p/x $sp', r'\$\d+ = 0x0',
             'x/i $pc', r'=> 0x40010000 <_start>:\s+cpsid\s+aif',
             'info threads', r'.*\* 1 +Thread 1 \(CPU#0 \S+\) .*_start.*',
             'continue', END)
    s.ends()


def case_breakpoint(s):
    """a breakpoint by name stops at each call, shows arguments and callers, and goes when deleted"""
    g = s.gdb()
    text = g.value('*(unsigned *)add')
    g.expect('break add', 'Breakpoint 1 at .*',
             'continue', r'.*Breakpoint 1, add \(a=0, b=1\).*',
             'backtrace', r'#0 +add \(a=0, b=1\).*#1 .* in main \(\) .*',
             'continue', r'.*Breakpoint 1, add \(a=1, b=20\).*',
             'finish', r'.*Value returned is \$\d+ = 21',
             'continue', r'.*Breakpoint 1, add \(a=21, b=300\).*')
    check('the instruction under a breakpoint', g.value('*(unsigned *)add'), text)
    g.expect('delete', '', 'tbreak spin', 'Temporary breakpoint 2 .*',
             'continue', r'.*Temporary breakpoint 2, .*spin \(\).*', 'continue', END)
    s.ends()


def case_step(s):
    """stepi is one instruction, also where it traps or branches; step and next are lines"""
    g = s.gdb()
    g.expect('stepi', '.*', 'p (long)$pc - (long)_start', r'\$\d+ = 4',
             'p/x $cpsr & 0x1ff', r'\$\d+ = 0x1d3',
             'stepi', '.*', 'p/x $cpsr & 0x1f', r'\$\d+ = 0x11',        # cps #0x11
             'tbreak *call_svc_at', '.*', 'continue', '.*',
             'p $r0 == 7 && $r1 == 8 && $r2 == 9', r'\$\d+ = 1',
             'stepi', '.*', 'p (long)$pc - (long)vectors', r'\$\d+ = 8',
             'p/x $SPSR_svc & 0x1ff', r'\$\d+ = 0x1d3',
             'p (long)$lr - (long)call_svc_at', r'\$\d+ = 4',
             'p/x $ISR', r'\$\d+ = 0x0', 'continue', END)
    s.ends()


def case_lines(s):
    """step and next follow the source"""
    g = s.gdb()
    g.expect('tbreak main', '.*', 'continue', '.*main .*',
             'next', r'.*write32\(.*', 'next', r'.*mmu_tables\(\);', 'next', r'.*mmu_on\(\);',
             'step', r'mmu_on \(\) at .*', 'finish', r'Run till exit .*main \(\) at .*map_page.*',
             'kill', r'\[Inferior 1 \(.*\) killed\]')
    check('status', s.child.wait(s.args.timeout), 0)


def case_registers(s):
    """registers written are what the guest goes on with: core, VFP and banked ones"""
    g = s.gdb()
    g.expect('tbreak add', '.*', 'continue', '.*',
             'set $r1 = 1001', '', 'p $r1', r'\$\d+ = 1001',
             'set $d31 = 1.5', '', 'p $d31', r'\$\d+ = 1.5',
             'p/x $s1 = 0x40490fdb', '.*', 'p/x $fpscr = 0xf0000000', '.*',
             'p/x $fpscr', r'\$\d+ = 0xf0000000',
             'set $SP_usr = 0x1234', '', 'p/x $SP_usr', r'\$\d+ = 0x1234',
             'set $cpsr = $cpsr & ~0x1f | 0x1f', '', 'p/x $sp', r'\$\d+ = 0x1234',
             'set $cpsr = $cpsr & ~0x1f | 0x13', '', 'p $sp == 0x1234', r'\$\d+ = 0',
             'continue', END)
    s.ends(OUTPUT.replace('4321', '5321'))


def case_pc(s):
    """a program counter written is where it goes on; functions of the guest can be called"""
    g = s.gdb()
    g.expect('tbreak spin', '.*', 'continue', '.*', 'p add(40, 2)', r'\$\d+ = 42',
             'p mmu_l1() == $TTBR0', r'\$\d+ = 1',
             'set $pc = power_off', '', 'continue', END)
    s.ends(OUTPUT.replace('turns 0\n', ''))


def case_memory(s):
    """memory written is what the guest goes on with, code too"""
    g = s.gdb()
    mov = 0xe3a00005                                                    # mov r0, #5
    g.expect('tbreak add', '.*', 'continue', '.*', 'set var values[3] = 9000', '',
             'tbreak call_svc', '.*', 'continue', '.*',
             f'set *(unsigned *)call_svc_at = {mov}', '', 'x/i call_svc_at', r'.*mov\s+r0, #5',
             'continue', END)
    s.ends('sum 9321, page 12345678\ntrap: none\nturns 0\n')


def case_translation(s):
    """addresses are the current MMU's; there is nothing where nothing is mapped"""
    g = s.gdb()
    g.expect('x/xw 0x80000000', '.*Cannot access memory.*',
             'tbreak add', '.*', 'continue', '.*',
             'x/xw 0x80000000', r'0x80000000:\s+0x12345678',
             'x/xw 0x90000000', '.*Cannot access memory.*',
             'x/xw 0x09000fe0', '.*Cannot access memory.*',
             'set *(unsigned *)0x80000000 = 0xabcd', '',
             'x/xw 0x41001000', r'0x41001000:\s+0x0000abcd',
             'maintenance packet Qqemu.PhyMemMode:1', '.*received: "OK"',
             'x/xw 0x80000000', '.*Cannot access memory.*',
             'x/xw 0x09000fe0', r'0x9000fe0:\s+0x00000011',
             'maintenance packet Qqemu.PhyMemMode:0', '.*received: "OK"',
             'x/xw 0x80000000', r'0x80000000:\s+0x0000abcd',
             'continue', END)
    s.ends(OUTPUT.replace('12345678', '0000abcd'))


def case_system(s):
    """CP15 is read by name, written where the guest could, and refuses where it could not"""
    g = s.gdb()
    g.expect('p/x $MIDR & 0xff00fff0', r'\$\d+ = 0x4100c0f0',
             'p/x $MPIDR', r'\$\d+ = 0xc0000000',
             'p/x $SCTLR & 1', r'\$\d+ = 0x0', 'p/x $VBAR', r'\$\d+ = 0x0',
             'tbreak add', '.*', 'continue', '.*',
             'p/x $SCTLR & 1', r'\$\d+ = 0x1', 'p $VBAR == (long)vectors', r'\$\d+ = 1',
             'p $TTBR0 == (long)l1', r'\$\d+ = 1', 'p/x $DACR', r'\$\d+ = 0x1',
             'set $TPIDRPRW = 0x11223344', '', 'p/x $TPIDRPRW', r'\$\d+ = 0x11223344',
             'set $MIDR = 0', '.*Could not write register.*',
             'p/x $MIDR & 0xff00fff0', r'\$\d+ = 0x4100c0f0',
             'set $SCTLR = $SCTLR & ~1', '', 'x/xw 0x80000000', '.*Cannot access memory.*',
             'set $SCTLR = $SCTLR | 1', '', 'x/xw 0x80000000', r'.*0x12345678',
             'continue', END)
    s.ends()


def case_monitor(s):
    """monitor commands answer in gdb; what is no command is told; quit ends the run"""
    g = s.gdb()
    g.expect('monitor info status', 'VM status: paused.*',
             'monitor inof', ".*unknown command 'inof'; did you mean 'info'.*",
             'monitor xp/1xw 0x40010000', r'.*0xf10c01c0',
             'monitor info registers', r'R00=00000000 .*R15=40010000.*',
             'monitor system_reset', '', 'p/x $pc', r'\$\d+ = 0x40010000')
    g.tell('monitor quit')
    check('status', s.child.wait(s.args.timeout), 0)


def case_interrupt(s):
    """^C stops an endless loop; the variable it waits for lets it go on"""
    g = s.gdb()
    g.expect('tbreak spin', '.*', 'continue', '.*', 'set var hold = 1', '')
    for _ in range(2):
        g.tell('continue')
        said = g.interrupt()
        if 'received signal SIGINT' not in said or 'spin ()' not in said:
            raise Failure(f'Ctrl-C: {said}')
    turns = g.value('turns')
    check('it turned', turns > 1000, True)
    g.expect('set var hold = 0', '', 'continue', END)
    check('it went on', int(re.search(r'turns (\d+)\n$', s.output()).group(1)) >= turns, True)


def case_detach(s):
    """a debugger that detaches leaves the guest running without its breakpoints"""
    g = s.gdb()
    g.expect('break add', '.*', 'continue', '.*', 'detach', r'.*Detaching.*\[Inferior 1 .*detached\]')
    s.ends()


def case_again(s):
    """after a detach another debugger attaches, and finds the machine running"""
    g = s.gdb()
    g.expect('tbreak spin', '.*', 'continue', '.*', 'set var hold = 1', '', 'detach', '.*detached.')
    g = s.gdb()
    turns = g.value('turns')
    g.expect('stepi 20', '.*', f'p turns > {turns}', r'\$\d+ = 1', 'set var turns = 5', '',
             'set var hold = 0', '', 'continue', END)
    check('the last line', re.sub(r'\d+', 'N', s.output().splitlines()[-1]), 'turns N')


def case_disconnect(s):
    """a debugger that dies takes its breakpoints along; the machine stands, and goes on for the next"""
    g = s.gdb()
    g.expect('break add', '.*', 'continue', '.*')
    g.close()
    g = s.gdb()
    g.expect('p (long)$pc - (long)add < 8', r'\$\d+ = 1', 'continue', END)
    s.ends()


def case_tcp(s):
    """-gdb tcp: listens on the port that it is given"""
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    s.close()
    s.__init__(s.args, s.args.accel_now, channel=f'tcp:127.0.0.1:{port}')
    g = s.gdb(f'127.0.0.1:{port}')
    g.expect('p $pc == (long)_start', r'\$\d+ = 1', 'continue', END)
    s.ends()


# ---- the same on a PC ----

X86_OUTPUT = 'sum 4321\nint 41: done, eax 00001111 ebx 00002222 turns 1\n'


def case_x86_registers(s):
    """a PC from reset: segments, flags, x87 and XMM registers; what is written counts"""
    g = s.gdb()
    g.expect('p/x $eip', r'\$\d+ = 0xfff0', 'p/x $cs', r'\$\d+ = 0xf000', 'p/x $cr0 & 1', r'\$\d+ = 0x0',
             'tbreak add', '.*', 'continue', r'.*add \(a=0, b=1\).*',
             'p $cs', r'\$\d+ = 8', 'p $ss', r'\$\d+ = 16', 'p $ds == $ss', r'\$\d+ = 1',
             'p/x $cr0 & 0x80000001', r'\$\d+ = 0x1', 'p/x $eflags & 0x202', r'\$\d+ = 0x2',
             'p $st0', r'\$\d+ = 3\.14159265358979323\d*', 'p $st1', r'\$\d+ = 1',
             'p/x $fctrl', r'\$\d+ = 0x37f', 'p/x $mxcsr', r'\$\d+ = 0x1f80',
             'set $st1 = 2.5', '', 'p $st1', r'\$\d+ = 2\.5',
             'set $xmm3 = 77', '', 'p $xmm3', r'\$\d+ = 77',
             'set $eflags = $eflags | 1', '', 'p $eflags & 1', r'\$\d+ = 1',
             'finish', '.*Value returned is .* = 1',
             'set $eax = 1001', '', 'continue', END)
    s.ends(X86_OUTPUT.replace('4321', '5321'))


def case_x86_step(s):
    """stepi goes through INT to a handler of another privilege level and by IRET back"""
    g = s.gdb()
    g.expect('tbreak *call_int', '.*', 'continue', '.*', 'p $cs', r'\$\d+ = 59', 'p $ss', r'\$\d+ = 67',
             'stepi', '.*', 'p/x $eax', r'\$\d+ = 0x1111', 'x/i $pc', r'.*int +\$0x41',
             'stepi', '.*', 'p $pc == (long)handler', r'\$\d+ = 1', 'p $cs', r'\$\d+ = 8',
             'x/2xw $esp', r'.*:\s+0x\w+\s+0x0000003b',
             'stepi', '.*', 'p $pc == (long)handler_iret', r'\$\d+ = 1', 'p turns', r'\$\d+ = 1',
             'stepi', '.*', 'p (long)$pc - (long)call_int', r'\$\d+ = 7', 'p $cs', r'\$\d+ = 59',
             'stepi', '.*', 'p/x $ebx', r'\$\d+ = 0x2222', 'break *handler', '.*', 'continue', END)
    s.ends(X86_OUTPUT)


def case_x86_interrupt(s):
    """^C stops a PC in an endless loop; memory written lets it go on"""
    g = s.gdb()
    g.expect('break add', '.*', 'continue', '.*', 'continue', r'.*add \(a=1, b=20\).*', 'delete', '',
             'tbreak spin', '.*', 'continue', '.*', 'set var hold = 1', '')
    g.tell('continue')
    said = g.interrupt()
    if 'received signal SIGINT' not in said or 'spin ()' not in said:
        raise Failure(f'Ctrl-C: {said}')
    check('it turned', g.value('turns') > 1000, True)
    g.expect('set var hold = 0', '', 'continue', END)
    s.ends(X86_OUTPUT)


# ---- packets that gdb would not send ----

class Wire:
    """A peer that knows the frame of a packet and nothing else."""

    def __init__(self, timeout_s):
        deadline = time.monotonic() + timeout_s
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(CHANNEL)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise Failure('nobody listens') from None
                time.sleep(0.02)
        self.socket.settimeout(timeout_s)
        self.got = b''

    def send(self, data):
        self.socket.sendall(data)

    def ignore(self):
        """Takes what has come so far."""
        while select.select([self.socket], [], [], 0)[0] and self.socket.recv(65536):
            pass

    def packet(self, text):
        self.send(b'$' + text + b'#%02x' % (sum(text) & 255))

    def hash(self):
        """The state's hash as the monitor gives it, behind all other answers."""
        self.send(b'$#00')
        self.packet(b'qRcmd,' + b'info statehash'.hex().encode())
        got = b''
        while not re.search(rb'\$O[0-9a-f]+#..\$OK#9a$', got):
            data = self.socket.recv(65536)
            check('the channel is open', data != b'', True)
            got += data
        return bytes.fromhex(re.search(rb'\$O([0-9a-f]+)#..\$OK#9a$', got).group(1).decode())


# What reads, lists or asks; whatever follows such a word, the guest must be as it was.
HARMLESS = [b'?', b'g', b'p', b'm', b'q', b'qSupported', b'qXfer:features:read:target.xml:', b'H',
            b'T', b'qC', b'qfThreadInfo', b'qThreadExtraInfo', b'qqemu.', b'vCont?', b'z0,', b'!',
            b'M40010000,', b'X40010000,', b'P', b'G', b'vFile', b'Z9,', b'Z0,', b'Qqemu.']


def hostile(draw):
    """Bytes of a packet, or of none, that cannot change the guest."""
    noise = bytes(draw.randrange(256) for _ in range(draw.choice([0, 1, 3, 40, 400])))
    kind = draw.randrange(7)
    if kind == 0:               # the checksum is another packet's
        body = draw.choice([b'G', b'P0=', b'M40010000,4:', b'c', b's', b'D', b'k']) + noise.hex().encode()
        return b'$' + body + b'#%02x' % ((sum(body) + draw.randrange(1, 256)) & 255)
    if kind == 1:               # cut short: the next $ begins anew
        return b'$M40010000,4:00' + noise.replace(b'#', b'').replace(b'}', b'')
    if kind == 2:               # no packet at all
        return noise.replace(b'$', b'').replace(b'\x03', b'')
    if kind == 3:               # longer than any that we take
        return b'$G' + b'0' * draw.choice([16383, 16384, 20000, 100000]) + b'#00'
    if kind == 4:               # numbers out of all range
        body = draw.choice([b'm%x,%x', b'p%x%x', b'Hg%x%x', b'Z7,%x,%x', b'qXfer:features:read::%x,%x'])
        body %= (draw.getrandbits(80), draw.getrandbits(70))
    elif kind == 5:             # an escape that has nothing behind it
        body = b'X40010000,10:abc}'
    else:
        body = draw.choice(HARMLESS) + b'?' + noise.replace(b'#', b'').replace(b'$', b'')
        body = body.replace(b'}', b'')
    return b'$' + body + b'#%02x' % (sum(body) & 255)


def case_hostile(s):
    """2000 malformed packets change nothing: the state's hash before is that after, and it goes on"""
    draw = random.Random(7)
    wire = Wire(s.args.timeout)
    before = wire.hash()
    for turn in range(40):
        for _ in range(50):
            wire.send(hostile(draw))
            wire.ignore()
        check(f'the state after turn {turn}', wire.hash(), before)
        if turn % 10 == 9:      # gone in the middle of a packet
            wire.send(b'$M40010000,4:0')
            wire.socket.close()
            wire = Wire(s.args.timeout)
            check('the state for the next peer', wire.hash(), before)
    wire.packet(b'P1=78563412')
    check('a packet that does write', wire.hash() != before, True)
    wire.packet(b'P1=00000000')
    wire.packet(b'D')
    s.ends()


# ---- the booting kernel ----

class Arm:
    """What a debugger of an ARM kernel knows."""
    setup = ('set architecture armv7',)
    at_reset = ('p/x $cpsr & 0x1ff', r'\$\d+ = 0x1d3', 'p $SCTLR & 1', r'\$\d+ = 0')
    entry, placed = '0xffff0008', False         # of system calls
    entered = ('p/x $cpsr & 0x1f', r'\$\d+ = 0x13', 'p $SCTLR & 0x2001', r'\$\d+ = 8193',
               'p/x $SPSR_svc & 0x1f', r'\$\d+ = 0x10')
    called = '($SPSR_svc & 0x20) ? *(unsigned short *)($lr - 2) : *(unsigned *)($lr - 4)'
    calls = (0xdf00, 0xef000000)
    kernel_at = 0xc0000000
    running = ('p $SCTLR & 1', r'\$\d+ = 1', 'x/xw 0xffff0008', r'0xffff0008:\s+0x\w+')
    after_entry = 'p (unsigned)$pc > 0xc0000000'


class Mips:
    """The same for MIPS. All exceptions but refills have one entry, MD00090 6.2.5, from where the
    kernel jumps to what its table has for ExcCode: lui, addu, lw of k0."""
    setup = ('set architecture mips:isa32r2', 'set endian little', 'set heuristic-fence-post 16')
    at_reset = ('p/x $status & 0x400004', r'\$\d+ = 0x40000[04]', 'p/x $Config >> 15 & 1', r'\$\d+ = 0x0',
                'p/x $PRId', r'\$\d+ = 0x1937c')
    vector = '(($EBase & 0xfffff000) + 0x180)'
    entry = f'*(unsigned *)((*(short *)({vector} + 8) << 16) + *(short *)({vector} + 16) + 4 * 8)'
    placed = True               # by the kernel, while it starts
    entered = ('p/x $cause >> 2 & 31', r'\$\d+ = 0x8', 'p/x $status & 0x400012', r'\$\d+ = 0x12',
               'p/x (unsigned)$EPC < 0x80000000', r'\$\d+ = 0x1', 'p/x $cause >> 31', r'\$\d+ = 0x0')
    called = '*(unsigned *)$EPC'
    calls = (0x0000000c,)
    kernel_at = 0x80000000
    # It may stop in user mode, which sees no kernel: by a physical address.
    running = ('p/x $status & 0x400000', r'\$\d+ = 0x0',
               'maintenance packet Qqemu.PhyMemMode:1', '.*received: "OK"',
               'x/xw ($EBase & 0x1ffff000) + 0x180', r'0x\w+180:\s+0x401b6800',       # mfc0 k1, Cause
               'maintenance packet Qqemu.PhyMemMode:0', '.*received: "OK"')
    after_entry = 'p (unsigned)$pc > 0x80000000'


KERNELS = {'armhf': Arm, 'mipsel': Mips}


def kernel(s):
    """The guest's boot instead of our program, on a terminal, at its reset."""
    s.close()
    arch = console.guests()[s.args.guest]['arch']
    if arch not in KERNELS:
        raise Failure(f'the kernel cases are for {" and ".join(KERNELS)}, not {arch}')
    s.knows = KERNELS[arch]
    words = console.command(s.args.program, s.args.guest, s.args.accel_now,
                            options=['-S', '-gdb', f'unix:{CHANNEL}'])
    s.term = console.Console(words, s.args.timeout, f'{FOLDER}/console.log')
    s.child = s.term.child
    g = Gdb(s.args.timeout)
    for line in s.knows.setup:
        g.ask(line)
    return g


def attach(s, g):
    deadline = time.monotonic() + s.args.timeout
    while not os.path.exists(CHANNEL) and time.monotonic() < deadline:
        time.sleep(0.02)
    g.expect(f'target remote {CHANNEL}', r'Remote debugging using .*0x\w+ in \?\? \(\)')


def shell_and_off(s):
    s.term.expect('/ # ')
    s.term.send('echo sum $((6 * 7))\r')
    s.term.expect('^sum 42')
    s.term.send('poweroff -f\r')
    check('status', s.term.wait(), 0)


def case_kernel_boot(s):
    """the kernel: from reset to a breakpoint at its system calls' entry, then on to the shell, and detached"""
    g = kernel(s)
    k = s.knows
    try:
        attach(s, g)
        g.expect(*k.at_reset)
        if k.placed:                # there is no user mode yet, from where it could not be read
            g.tell('continue')
            s.term.expect('clocksource: MIPS')
            g.interrupt()
        entry = g.value(k.entry)
        g.expect(f'hbreak *{entry:#x}', 'Hardware assisted breakpoint 1 .*',
                 'continue', rf'.*Breakpoint 1, {entry:#x} in .*')
        s.term.expect('Run /init as init process')
        g.expect(*k.entered)
        called = g.value(k.called)
        check('a system call', called in k.calls, True)
        g.expect('stepi', '.*', k.after_entry, r'\$\d+ = 1',
                 'continue', '.*Breakpoint 1,.*', 'delete', '')
        g.tell('continue')
        s.term.expect(r'GUEST-READY \S+ \d')
        s.term.expect('/ # ')
        time.sleep(1)
        said = g.interrupt()
        check('Ctrl-C', 'received signal SIGINT' in said, True)
        check('the kernel idles', g.value('(unsigned)$pc') >= k.kernel_at, True)
        g.expect('hbreak *$pc', '.*', 'continue', '.*Breakpoint 2,.*', 'continue', '.*Breakpoint 2,.*',
                 'detach', '.*detached.')
        s.term.send('\r')
        shell_and_off(s)
    finally:
        g.close()
        s.term.close()


def case_kernel_late(s):
    """a debugger that comes while the kernel runs stops it, looks, and leaves it as it was"""
    g = kernel(s)
    try:
        attach(s, g)
        g.expect('detach', '.*detached.')
        s.term.expect(r'GUEST-READY \S+ \d')
        attach(s, g)
        g.expect('monitor info status', 'VM status: paused.*', *s.knows.running, 'detach', '.*detached.')
        shell_and_off(s)
    finally:
        g.close()
        s.term.close()


CASES = {name[5:]: case for name, case in globals().items() if name.startswith('case_')}
CASES |= {name: case for name, case in vars(gdb_mips).items() if name.startswith('mips_')}
MACHINES = {'x86': 'pc', 'mips': 'malta'}


def play(name, args, accel, order=None):
    """One case; None or what went wrong."""
    args.accel_now = accel
    if os.path.lexists(CHANNEL):
        os.unlink(CHANNEL)
    s = Session(args, accel, machine=MACHINES.get(name.split('_')[0], 'virt'), order=order)
    try:
        CASES[name](s)
    except (Failure, console.Failure, OSError, subprocess.TimeoutExpired) as why:
        return str(why) or type(why).__name__
    finally:
        s.close()
    return None


def main():
    parser = argparse.ArgumentParser(usage=__doc__[7:])
    parser.add_argument('--program', default='build/release/doppel')
    parser.add_argument('--accel', default='jit', type=console.accel_names)
    parser.add_argument('--guest', default='armmp', type=console.guest_name)
    parser.add_argument('--timeout', type=float, default=120)
    parser.add_argument('case', nargs='*')
    args = parser.parse_args()

    console.check_names(parser, args.case, CASES, 'case')
    os.chdir(console.ROOT)
    import run      # says its folder by where it is imported
    os.makedirs(FOLDER, exist_ok=True)
    os.makedirs(run.OUT, exist_ok=True)
    args.elf = run.build('debug')
    args.x86_elf = run.build('x86/spin', ('x86/', ''))
    args.mips = {order: run.build('mips/debug', ('mips/', order)) for order in ('le', 'be')}
    names = [(name, order) for name in CASES
             for order in (('le', 'be') if name.startswith('mips_') else (None,))
             if not args.case or name in args.case]
    if any(name.startswith('kernel') for name, _ in names):
        subprocess.run(['tests/boot/fetch.sh', args.guest], check=True, stdin=subprocess.DEVNULL)
    passed = failed = 0
    for accel in args.accel.split(','):
        for name, order in names:
            began = time.monotonic()
            why = play(name, args, accel, order)
            label = f'{name} {order}' if order else name
            print(f'{"FAIL" if why else "pass"} gdb {accel} {label}: {CASES[name].__doc__}'
                  f' ({time.monotonic() - began:.1f} s)' + (f'\n    {why}' if why else ''), flush=True)
            passed += why is None
            failed += why is not None
    print(f'gdb: {passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
