# SPDX-License-Identifier: MIT
# gdb_kernel.py - the cases of gdb.py for Debian's kernels while they boot and run.
import os
import re
import time

import console
from gdb_session import CHANNEL, FOLDER, Failure, Gdb, check


class Arm:
    """What a debugger of an ARM kernel knows."""
    setup = ('set architecture armv7',)
    at_reset = ('p/x $cpsr & 0x1ff', r'\$\d+ = 0x1d3', 'p $SCTLR & 1', r'\$\d+ = 0')
    entry, placed = '0xffff0008', None          # of system calls
    back = '$lr'
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
    placed = 'clocksource: MIPS'    # by the kernel, when it has said this
    back = '$ra'
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


class Pc:
    """The same for a PC. INT 80 goes by the IDT, whose place the monitor says; a process makes its
    first system calls by it, for it knows of no other way yet."""
    setup = ('set architecture i386',)
    at_reset = ('p/x $eip', r'\$\d+ = 0xfff0', 'p/x $cs', r'\$\d+ = 0xf000', 'p/x $cr0 & 1', r'\$\d+ = 0x0')
    gate = 'IDT + 8 * 0x80'
    entry = f'*(unsigned short *)({gate}) | *(unsigned *)({gate} + 4) & 0xffff0000'
    placed = 'clocksource: '
    back = '*(unsigned *)$esp'
    entered = ('p/x $cs', r'\$\d+ = 0x60', 'p/x $cr0 & 0x80000001', r'\$\d+ = 0x80000001',
               'p/x $eflags & 0x200', r'\$\d+ = 0x0', 'p/x *(unsigned short *)($esp + 4)', r'\$\d+ = 0x73')
    called = '*(unsigned short *)(*(unsigned *)$esp - 2)'
    calls = (0x80cd,)
    kernel_at = 0xc0000000
    running = ('p/x $cr0 & 0x80000001', r'\$\d+ = 0x80000001', 'p/x $cs & ~0x13', r'\$\d+ = 0x60')
    after_entry = 'p (unsigned)$pc > 0xc0000000'


KERNELS = {'armhf': Arm, 'mipsel': Mips, 'i386': Pc}


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


def idt(g):
    """Where a PC has its interrupt descriptor table; nothing on another machine."""
    said = re.search(r'IDT = (\w+)', g.ask('monitor info registers'))
    return f'0x{said.group(1)}' if said else ''


def shell_and_off(s):
    s.term.expect('/ # ')
    s.term.send('echo sum $((6 * 7))\r')
    s.term.expect('^sum 42')
    s.term.send('poweroff -f\r')
    check('status', s.term.wait(), 0)


def kernel_boot(s):
    """the kernel: from reset to a breakpoint at its system calls' entry, then on to the shell, and detached"""
    g = kernel(s)
    k = s.knows
    try:
        attach(s, g)
        g.expect(*k.at_reset)
        if k.placed:                # there is no user mode yet, from where it could not be read
            g.tell('continue')
            s.term.expect(k.placed)
            g.interrupt()
        entry = g.value(k.entry.replace('IDT', idt(g)))
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


def kernel_late(s):
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


def kernel_symbol(s):
    """a breakpoint at the address of a kernel's symbol; a step, a word that is watched, the return"""
    g = kernel(s)
    try:
        attach(s, g)
        g.tell('continue')
        s.term.expect(r'GUEST-READY \S+ \d')
        s.term.expect('/ # ')
        s.term.send('grep -w ksys_sync /proc/kallsyms\r')
        symbol = int(s.term.expect(r'([0-9a-f]{8}) T ksys_sync').group(1), 16)
        s.term.expect('/ # ')
        g.interrupt()
        g.expect(f'hbreak *{symbol:#x}', 'Hardware assisted breakpoint 1 .*')
        g.tell('continue')
        s.term.send('sync\r')
        said = g.answer('sync')
        check('stopped', re.search(rf'Breakpoint 1, {symbol:#x} in', said) is not None, True)
        back, stack = g.value(s.knows.back), g.value('(unsigned)$sp - 4')
        check('called by the kernel', back > s.knows.kernel_at, True)
        g.expect('delete', '', 'set can-use-hw-watchpoints 0', '', f'set *(unsigned *){stack} = 0x1234abcd', '.*',
                 f'p/x *(unsigned *){stack}', r'\$\d+ = 0x1234abcd',
                 f'watch *(unsigned *){stack}', r'.*Watchpoint 2: .*',
                 'continue', r'.*Watchpoint 2: .*Old value = 305441741\s+New value = .*', 'delete', '')
        pc = g.value('(unsigned)$pc')
        check('it has begun', symbol < pc <= symbol + 32, True)
        g.expect('stepi', '.*', f'p (unsigned)$pc > {pc} && (unsigned)$pc <= {pc} + 8', r'\$\d+ = 1',
                 f'hbreak *{back:#x}', 'Hardware assisted breakpoint 3 .*',
                 'continue', rf'.*Breakpoint 3, {back:#x} in .*',
                 f'p (unsigned)$sp - {stack} <= 8', r'\$\d+ = 1', 'detach', '.*detached.')
        shell_and_off(s)
    finally:
        g.close()
        s.term.close()
