# SPDX-License-Identifier: MIT
# gdb_mips.py - the cases of gdb.py for malta, each in both byte orders: tests/guest/mips/debug.c.
END = r'Continuing\.\n\[Inferior 1 \(.*\) exited normally\]'
OUTPUT = '''sum 4321
branch 11, fpu 40080000
trap: code 13, delay slot 1, EPC at 00000000, BadVAddr 00000000, EXL 1
turns 0
'''


def mips_reset(s):
    """attached at the program's start: registers of the reset, the image's byte order"""
    g = s.gdb()
    g.expect('p $pc == (long)_start', r'\$\d+ = 1',
             'p/x $PRId', r'\$\d+ = 0x1937c', 'p/x $Config >> 15 & 1', r'\$\d+ = 0x[01]',
             'p ($Config >> 15 & 1) == BIG'.replace('BIG', s.big), r'\$\d+ = 1',
             'p/x $status & 0x400004', r'\$\d+ = 0x40000[04]',
             'p *(unsigned *)_start == *(unsigned *)(0x20000000 + (long)_start)', r'\$\d+ = 1',
             'continue', END)
    s.ends(OUTPUT)


def mips_breakpoint(s):
    """a breakpoint by name stops at each call, and shows arguments and the value returned"""
    g = s.gdb()
    g.expect('break add', 'Breakpoint 1 at .*',
             'continue', r'.*Breakpoint 1, add \(a=0, b=1\).*',
             'backtrace', r'#0 +add \(a=0, b=1\).*#1 .* in main \(\) .*',
             'continue', r'.*Breakpoint 1, add \(a=1, b=20\).*',
             'finish', r'.*Value returned is \$\d+ = 21',
             'delete', '', 'continue', END)
    s.ends(OUTPUT)


def mips_slot(s):
    """stepi over a branch goes through its delay slot; a trap there names the branch"""
    g = s.gdb()
    g.expect('tbreak *branch_at', '.*', 'continue', '.*',
             'stepi', '.*', 'p (long)$pc - (long)branch_at', r'\$\d+ = 12', 'p $v0', r'\$\d+ = 3',
             'stepi', '.*', 'p $v0', r'\$\d+ = 11',
             'tbreak *((long)vectors + 384)', '.*', 'continue', '.*',
             'p (long)$pc - (long)vectors', r'\$\d+ = 384',
             'p $EPC == (long)trap_slot_at', r'\$\d+ = 1',
             'p/x $cause >> 31', r'\$\d+ = 0x1', 'p/x $cause >> 2 & 31', r'\$\d+ = 0xd',
             'p/x $status & 2', r'\$\d+ = 0x2', 'continue', END)
    s.ends(OUTPUT)


def mips_registers(s):
    """registers written are what the guest goes on with: general, FPU and coprocessor 0"""
    g = s.gdb()
    g.expect('tbreak *add', '.*', 'continue', '.*', 'p $a1 = 1001', r'\$\d+ = 1001',
             'p/x $EPC = 0x1234', r'\$\d+ = 0x1234', 'p/x $EPC', r'\$\d+ = 0x1234',
             'set $PRId = 0', '.*', 'p/x $PRId', r'\$\d+ = 0x1937c',
             'p/x $hi = 0x55', r'\$\d+ = 0x55', 'p/x $hi', r'\$\d+ = 0x55',
             'tbreak *fpu_at', '.*', 'continue', '.*',
             'p/x (unsigned)$f5', '.*', 'p/x $fcsr', r'\$\d+ = 0x0',
             'stepi', '.*', 'continue', END)
    s.ends(OUTPUT.replace('4321', '5321'))


def mips_memory(s):
    """memory is read and written in the guest's byte order, code too; kuseg is where the TLB says"""
    g = s.gdb()
    g.expect('tbreak *add', '.*', 'continue', '.*', 'p values', r'\$\d+ = \{1, 20, 300, 4000\}',
             'x/4xb &values[3]', r'.*:' + (r'\s+0x00\s+0x00\s+0x0f\s+0xa0' if s.big == '1'
                                           else r'\s+0xa0\s+0x0f\s+0x00\s+0x00'),
             'p values[3] = 9000', r'\$\d+ = 9000',
             'p *(unsigned *)((long)&values[3] + 0x20000000)', r'\$\d+ = 9000',
             'x/xw 0x00001000', '.*Cannot access memory.*',
             'x/i branch_at', r'.*\sb\s.*',
             'set *(unsigned *)branch_at = 0', '',                        # nop: it falls through
             'continue', END)
    s.ends(OUTPUT.replace('4321', '9321').replace('branch 11', 'branch 15'))


def mips_interrupt(s):
    """^C stops an endless loop; the variable it waits for lets it go on"""
    g = s.gdb()
    g.expect('tbreak spin', '.*', 'continue', '.*', 'p hold = 1', r'\$\d+ = 1')
    g.tell('continue')
    g.interrupt()
    g.expect('p turns > 1000', r'\$\d+ = 1', 'p turns = 0', r'\$\d+ = 0', 'p hold = 0', r'\$\d+ = 0',
             'tbreak trap_slot', '.*', 'continue', '.*', 'p turns = 0', r'\$\d+ = 0', 'continue', END)
    s.ends(OUTPUT)
