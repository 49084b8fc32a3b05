#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# gdb.py - Debian's gdb on the real program: a guest of our own, then the booting kernel.
"""usage: gdb.py [--program=P] [--accel=A,...] [--guest=G] [--timeout=S] [CASE ...]

A case is a function here whose name begins with case_; its first line of text is the promise.
Most debug tests/guest/debug.c, the x86_ ones tests/guest/x86/spin.c, the mips_ ones, of gdb_mips.py,
tests/guest/mips/debug.c in each byte order, the kernel_ ones, of gdb_kernel.py, --guest. A line of `expect` is gdb's command and a regular expression that all of its answer must match.
"""
import os
import random
import re
import select
import socket
import subprocess
import sys
import time

import console
import gdb_kernel
import gdb_mips
from gdb_session import CHANNEL, FOLDER, OUTPUT, Failure, Gdb, Session, check

sys.path.insert(0, os.path.join(console.ROOT, 'tests/guest'))
END = r'Continuing\.\n\[Inferior 1 \(.*\) exited normally\]'


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


CASES = {name[5:]: case for name, case in globals().items() if name.startswith('case_')}
CASES |= {name: case for name, case in vars(gdb_mips).items() if name.startswith('mips_')}
CASES |= {name: case for name, case in vars(gdb_kernel).items() if name.startswith('kernel_')}
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
    parser = console.parser(__doc__, accel='jit', guest='armmp', timeout=120)
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
