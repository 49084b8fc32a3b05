#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# bad_input.py - what is wrong on a command line ends in one line that names it, and status 1.
"""usage: bad_input.py [--program=P]

Each case is the words of a command line and what the line on standard error must contain; \\n is
its end. FILE/name stands for a file made here. Nothing may be on standard output, and nothing may
take long.
"""
import argparse
import os
import socket
import struct
import subprocess
import sys

FOLDER = 'build/bad_input'


def elf(machine, big=False, bits=32, segments=1, flags=0, program=bytes(32), at=52, each=32):
    """An ELF header with program headers that say nothing of interest."""
    end = '>' if big else '<'
    ident = b'\x7fELF' + bytes([1 if bits == 32 else 2, 2 if big else 1, 1]) + bytes(9)
    if bits == 64:
        return ident + struct.pack(end + 'HHIQQQIHHHHHH', 2, machine, 1, 0, 64, 0, 0, 64, 56,
                                   segments, 64, 0, 0) + bytes(56 * segments)
    return ident + struct.pack(end + 'HHIIIIIHHHHHH', 2, machine, 1, 0, at, 0, flags, 52, each,
                               segments, 40, 0, 0) + bytes(at - 52) + program * segments


def load_segment(paddr, filesz, memsz):
    return struct.pack('<8I', 1, 84, paddr, paddr, filesz, memsz, 7, 4)


def patched(size, *pieces):
    blob = bytearray(size)
    for at, data in pieces:
        blob[at:at + len(data)] = data
    return bytes(blob)


def zimage(size, end):
    return patched(size, (0, struct.pack('<I', 0xe1a00000) * 9),
                   (0x24, struct.pack('<III', 0x016f2818, 0, end)))


def uimage(arch, payload, size=None, crc=0, kind=2):
    return struct.pack('>IIIIIIIBBBB32s', 0x27051956, 0, 0, len(payload) if size is None else size,
                       0x40008000, 0x40008000, crc, 5, arch, kind, 0, b'test') + payload


def bzimage(*changes):
    """One sector of set-up code, 512 bytes of kernel."""
    return patched(1536, (0x1f1, b'\x01'), (0x1f4, b'\x20'), (0x1fe, b'\x55\xaa\xeb\x66HdrS\x0f\x02'),
                   (0x211, b'\x01'), (0x22c, b'\xff\xff\xff\x7f'), (0x238, b'\xff\x07'),
                   (0x258, struct.pack('<QI', 0x1000000, 0x900000)), *changes)


def dtb(totalsize=72):
    """The smallest sound tree: a root without properties."""
    return struct.pack('>10I', 0xd00dfeed, totalsize, 56, 72, 40, 17, 16, 0, 0, 16) \
        + bytes(16) + struct.pack('>4I', 1, 0, 2, 9)


def make_files():
    os.makedirs(FOLDER, exist_ok=True)
    files = {
        'empty': b'',
        'short': b'no kernel',
        'rom': bytes(1 << 16),
        'good': zimage(4096, 4096),
        'large': zimage(2 << 20, 2 << 20),
        'truncated-zimage': zimage(4096, 1 << 20),
        'truncated-elf': elf(40)[:40],
        'headless-elf': elf(40, segments=0),
        'truncated-uimage': uimage(2, bytes(100), size=1000),
        'damaged-uimage': uimage(2, bytes(100), crc=1),
        'script-uimage': uimage(2, bytes(100), kind=6),
        'bzimage': patched(4096, (0x1fe, b'\x55\xaa'), (0x202, b'HdrS')),
        'linux': bzimage(),
        'truncated-bzimage': bzimage()[:1200],
        'damaged-bzimage': bzimage((0x201, b'\xff')),
        'headless-bzimage': bzimage((0, b'MZ'), (0x202, b'XXXX')),
        'x86_64-bzimage': bzimage((0x236, b'\x01')),
        'x86-elf': elf(3),
        'x86_64-elf': elf(62, bits=64),
        'mips-elf': elf(8, big=True),
        'mipsel-elf': elf(8),
        'mips64-elf': elf(8, bits=64),
        'mips32r2-elf': elf(8, flags=0x70001001),
        'mips32r6-elf': elf(8, flags=0x90001001),
        'mips3-elf': elf(8, flags=0x20000000),
        'micromips-elf': elf(8, flags=0x72001001),
        'mips16-elf': elf(8, flags=0x74001001),
        'mips16-1-elf': elf(8, flags=0x54001001),
        'truncated-mips-elf': elf(8)[:50],
        'headless-mips-elf': elf(8, segments=0),
        'odd-mips-elf': elf(8, at=53, program=load_segment(0x80100000, 0x1000, 0x1000)),
        'narrow-mips-elf': elf(8, each=0),
        'short-mips-elf': elf(8, program=load_segment(0x80100000, 0x1000, 0x1000)),
        'lost-mips-elf': elf(8, program=load_segment(0x94000000, 0, 0x1000)),
        'grown-mips-elf': elf(8, program=load_segment(0x80100000, 0, 64 << 20)),
        'large.bin': bytes((4 << 20) + 1),
        'mips-uimage': uimage(5, bytes(100)),
        'big-endian-elf': elf(40, big=True),
        'arm64-image': patched(4096, (0x38, b'ARM\x64')),
        'gzip': b'\x1f\x8b\x08' + bytes(100),
        'truncated-snapshot': b'doppel\x1a\n' + struct.pack('<II', 2, 8) + bytes(100),
        'old-snapshot': b'doppel\x1a\n' + struct.pack('<II', 1, 8) + bytes(300),
        'noise.dtb': bytes(range(256)) * 4,
        'truncated.dtb': dtb()[:60],
        'long.dtb': dtb(totalsize=1 << 20),
        'damaged.dtb': dtb().replace(struct.pack('>I', 9), struct.pack('>I', 7)),
    }
    for name, data in files.items():
        with open(f'{FOLDER}/{name}', 'wb') as out:
            out.write(data)
    if not os.path.exists(f'{FOLDER}/fifo'):
        os.mkfifo(f'{FOLDER}/fifo')
    with open(f'{FOLDER}/huge-initrd', 'wb') as out:
        out.truncate(200 << 20)
    with open(f'{FOLDER}/big', 'wb') as out:
        out.truncate((1 << 30) + 1)


CASES = '''
# the kernel
-M virt -kernel FILE/none                     | kernel 'FILE/none': no such file
-M virt -kernel FILE                          | kernel 'FILE': is a directory
-M virt -kernel /dev/null                     | kernel '/dev/null': is not a regular file
-M virt -kernel FILE/fifo                     | kernel 'FILE/fifo': is not a regular file
-M virt -kernel FILE/empty                    | kernel 'FILE/empty': is empty
-M virt -kernel FILE/short                    | 'FILE/short': is truncated
-M virt -kernel FILE/truncated-zimage         | 'FILE/truncated-zimage': zImage is truncated
-M virt -kernel FILE/truncated-elf            | 'FILE/truncated-elf': ELF file is truncated
-M virt -kernel FILE/headless-elf             | 'FILE/headless-elf': ELF file is truncated or has no
-M virt -kernel FILE/truncated-uimage         | 'FILE/truncated-uimage': uImage is truncated
-M virt -kernel FILE/damaged-uimage           | 'FILE/damaged-uimage': uImage is damaged
-M virt -kernel FILE/script-uimage            | 'FILE/script-uimage': is a uImage of type 6
-M virt -kernel FILE/bzimage                  | 'FILE/bzimage': is an x86 Linux bzImage
-M virt -kernel FILE/x86-elf                  | 'FILE/x86-elf': is an ELF file for x86 (i386)
-M virt -kernel FILE/x86_64-elf               | 'FILE/x86_64-elf': is an ELF file for x86-64
-M virt -kernel FILE/mips-elf                 | 'FILE/mips-elf': is an ELF file for MIPS
-M virt -kernel FILE/mips-uimage              | 'FILE/mips-uimage': is a uImage for MIPS
-M virt -kernel FILE/big-endian-elf           | 'FILE/big-endian-elf': is a big-endian ELF file
-M virt -kernel FILE/arm64-image              | 'FILE/arm64-image': is a 64-bit ARM Linux Image
-M virt -kernel FILE/gzip                     | 'FILE/gzip': is a gzip file
-M virt                                       | no kernel is given: -kernel
-M malta                                      | no kernel is given: -kernel
-M malta -kernel FILE/good                    | 'FILE/good': is an ARM Linux zImage; this board runs 32-bit MIPS
-M malta -kernel FILE/x86-elf                 | 'FILE/x86-elf': is an ELF file for x86 (i386); this board runs
-M malta -kernel FILE/big-endian-elf          | 'FILE/big-endian-elf': is an ELF file for 32-bit ARM
-M malta -kernel FILE/large.bin               | 'FILE/large.bin': is no kernel that this board knows
-M malta -kernel FILE/mips-uimage             | 'FILE/mips-uimage': is a uImage; this board starts 32-bit MIPS ELF files
-M malta -cpu 24Kf,endian=big -kernel FILE/mipsel-elf | 'FILE/mipsel-elf': is a little-endian ELF file; -cpu says
-M malta -cpu 24Kf,endian=little -kernel FILE/mips-elf | 'FILE/mips-elf': is a big-endian ELF file; -cpu says
-M malta -cpu 24Kf,endian=both -kernel FILE/mipsel-elf | -cpu: endian 'both' is not one of little, big
-M malta -cpu cortex-a15 -kernel FILE/mipsel-elf | -cpu: CPU of machine malta 'cortex-a15' is not one of 4Kc
-M malta -kernel FILE/mipsel-elf -dtb FILE/noise.dtb | -dtb: machine malta hands no device tree
-M malta -bios FILE/none                      | bios 'FILE/none': no such file
-M malta -bios FILE/large.bin                 | bios 'FILE/large.bin': its 4194305 bytes do not fit: 4194304 are the most
-M malta -bios FILE                           | bios 'FILE': is a directory
-M malta -bios FILE/empty                     | bios 'FILE/empty': is empty
-M malta -bios /dev/null                      | bios '/dev/null': is not a regular file
-M malta -kernel FILE/none                    | kernel 'FILE/none': no such file
-M malta -kernel FILE/x86_64-elf              | 'FILE/x86_64-elf': is an ELF file for x86-64; this board runs
-M malta -kernel FILE/mips64-elf              | 'FILE/mips64-elf': is a 64-bit ELF file; this board runs 32-bit MIPS
-M malta -cpu 4Kc -kernel FILE/mips32r2-elf   | 'FILE/mips32r2-elf': is made for MIPS32 release 2, which -cpu 4Kc is not
-M malta -kernel FILE/mips32r6-elf            | 'FILE/mips32r6-elf': is made for MIPS32 release 6, which -cpu 24Kf
-M malta -kernel FILE/mips3-elf               | 'FILE/mips3-elf': is made for a 64-bit MIPS, which -cpu 24Kf
-M malta -kernel FILE/micromips-elf           | 'FILE/micromips-elf': is made for microMIPS, which -cpu 24Kf
-M malta -cpu M14Kc -kernel FILE/mips16-elf   | 'FILE/mips16-elf': is made for MIPS16e, which -cpu M14Kc is not
-M malta -cpu 4Kc -kernel FILE/mips16-1-elf  | 'FILE/mips16-1-elf': is made for MIPS16e, which -cpu 4Kc is not
-M malta -kernel FILE/truncated-mips-elf      | 'FILE/truncated-mips-elf': ELF file is truncated
-M malta -kernel FILE/headless-mips-elf       | 'FILE/headless-mips-elf': ELF file is truncated or has no
-M malta -kernel FILE/narrow-mips-elf         | 'FILE/narrow-mips-elf': ELF file has program headers of 0 bytes; expected 32
-M malta -kernel FILE/odd-mips-elf            | 'FILE/odd-mips-elf': segment 0 reaches beyond the file
-M malta -kernel FILE/short-mips-elf          | 'FILE/short-mips-elf': segment 0 reaches beyond the file
-M malta -kernel FILE/lost-mips-elf           | 'FILE/lost-mips-elf': physical 0x14000000 is not memory
-M malta -m 32 -kernel FILE/grown-mips-elf    | 'FILE/grown-mips-elf': physical 0x2000000 is not memory
-M malta -kernel FILE/mipsel-elf -initrd FILE/none | initrd 'FILE/none': no such file
-M malta -kernel FILE/mipsel-elf -initrd FILE/empty | initrd 'FILE/empty': is empty
-M malta -kernel FILE/mipsel-elf -append NEAR | are too long: 4133 bytes, 4096 are there; the path of -kernel has 26, -append 4050, the
-M malta -kernel FILE/big                     | kernel 'FILE/big': its 1073741825 bytes do not fit: 1073741824 are the most
-M malta -m 64 -kernel FILE/mipsel-elf -initrd FILE/big | initrd 'FILE/big': its 1073741825 bytes do not fit: 67108864 are the most
-M malta -m 4096 -kernel FILE/mipsel-elf      | memory size 4194304 KiB is out of range: machine 'malta' takes
-M malta -m 32 -kernel FILE/mipsel-elf -initrd FILE/huge-initrd | its 209715200 bytes do not fit
GOOD -cpu cortex-a15,endian=big               | -cpu: CPUs of machine virt have no endian=
GOOD -bios FILE/good                          | -bios: machine virt takes none
-M pc -kernel FILE/short                      | 'FILE/short': is neither a bzImage nor a multiboot or PVH
-M pc -kernel FILE/bzimage                    | 'FILE/bzimage': boot protocol 0.00 of a kernel that is
-M pc -kernel FILE/truncated-bzimage          | 'FILE/truncated-bzimage': bzImage is truncated: header says
-M pc -kernel FILE/damaged-bzimage            | 'FILE/damaged-bzimage': set-up header is damaged
-M pc -kernel FILE/headless-bzimage           | 'FILE/headless-bzimage': bzImage is damaged: its set-up header does not say
-M pc -kernel FILE/x86_64-bzimage             | 'FILE/x86_64-bzimage': is a 64-bit x86 Linux bzImage
-M pc -kernel FILE/good                       | 'FILE/good': is a 32-bit ARM Linux zImage; this board runs
-M pc -kernel FILE/mips-elf                   | 'FILE/mips-elf': is an ELF file for MIPS; this board runs
-M pc -kernel FILE/mips-uimage                | 'FILE/mips-uimage': is a uImage for MIPS; this board runs
-M pc -kernel FILE/x86_64-elf                 | 'FILE/x86_64-elf': is an ELF file for x86-64; this board runs
-M pc -kernel FILE/x86-elf                    | 'FILE/x86-elf': ELF file has neither a multiboot header nor
-M pc -kernel FILE/linux -m 16                | kernel 'FILE/linux': it needs memory up to 0x1900000
-M pc -kernel FILE/linux -append LONG         | -append: its 3000 bytes are too many: the kernel takes 2047
-M pc -kernel FILE/linux -initrd FILE/huge-initrd | initrd 'FILE/huge-initrd': its 209715200 bytes do not fit
-M pc -kernel FILE/linux -m 2                 | memory size 2048 KiB is out of range: machine 'pc' takes 4
-M pc -kernel FILE/linux -dtb FILE/noise.dtb  | -dtb: machine pc hands no device tree
-M pc,boot=disk -kernel FILE/linux            | -M: boot 'disk' is not one of firmware, direct
-M pc,boot=direct -kernel FILE/short          | 'FILE/short': is neither a bzImage nor a multiboot or PVH
-M pc,boot=direct -kernel FILE/linux -m 16    | kernel 'FILE/linux': it needs memory up to 0x1900000
-M pc,boot=direct -kernel FILE/linux -append LONG | -append: its 3000 bytes are too many: the kernel takes 2047
-M pc,boot=direct -kernel FILE/linux -initrd FILE/huge-initrd | initrd 'FILE/huge-initrd': its 209715200 bytes do not fit
-M pc,boot=direct -bios FILE/rom              | -bios: boot=direct does without firmware
-M pc                                         | no kernel is given: -kernel
-M pc -bios FILE/none                         | bios 'FILE/none': no such file
-M pc -bios FILE/empty                        | bios 'FILE/empty': is empty
-M pc -bios FILE                              | bios 'FILE': is a directory
-M pc -bios FILE/short                        | bios 'FILE/short': its 9 bytes are no ROM: 64 KiB or a multiple
-M pc -bios FILE/huge-initrd                  | bios 'FILE/huge-initrd': its 209715200 bytes do not fit: 16777216 are the most
-M pc -kernel FILE/big                        | kernel 'FILE/big': its 1073741825 bytes do not fit: 1073741824 are the most
-M pc,boot=direct -m 64 -kernel FILE/linux -initrd FILE/big | initrd 'FILE/big': its 1073741825 bytes do not fit: 67108864 are the most
-M pc -m 3585 -kernel FILE/linux              | memory size 3671040 KiB is out of range: machine 'pc' takes 4 MiB to 3584 MiB
# -device
GOOD -device isa-debug-exit                   | -device: machine virt has no ISA bus
-M pc -bios FILE/rom -device isa-debug        | -device: device 'isa-debug' is not one of isa-debugcon, isa-debug-exit
-M pc -bios FILE/rom -device iobase=5         | -device: no device is named before 'iobase=5'
-M pc -bios FILE/rom -device isa-debug-exit,iobase=0x10000 | iobase '0x10000' is not a number from 0 to 65535
-M pc -bios FILE/rom -device isa-debug-exit,iobase=0xffff | 2 ports from 0xffff on reach behind the last, 0xffff
-M pc -bios FILE/rom -device isa-debug-exit,iosize=0 | iosize '0' is not a number from 1 to 4
-M pc -bios FILE/rom -device isa-debug-exit,chardev=x | isa-debug-exit has no property 'chardev'
-M pc -bios FILE/rom -device isa-debugcon     | -device: isa-debugcon needs chardev=ID
-M pc -bios FILE/rom -device isa-debugcon,chardev=x | -device: no -chardev has id 'x'
-M pc -bios FILE/rom -device isa-debug-exit,iobase=0x3f8 | -device: region isa-debug-exit.0 overlaps com1
-M pc,gic-version=2 -kernel FILE/linux        | -M: machine 'pc' has no property 'gic-version'
-M virt,boot=direct -kernel FILE/good         | -M: machine 'virt' has no property 'boot'
-M malta,foo=1 -kernel FILE/mipsel-elf        | -M: machine 'malta' has no property 'foo'\n
-M malta,secure=off -kernel FILE/mipsel-elf   | -M: machine 'malta' has no property 'secure'\n
-M pc,foo=1 -kernel FILE/linux                | -M: machine 'pc' has no property 'foo'; did you mean 'boot'?
-M pc -M foo=1 -kernel FILE/linux             | -M: machine 'pc' has no property 'foo'; did you mean 'boot'?
-M boot=direct,type=malta -kernel FILE/mipsel-elf | -M: machine 'malta' has no property 'boot'\n
-M secure=off -kernel FILE/good               | -M: no property 'secure'\n
# what is for a kernel
-M malta -bios FILE/rom -append quiet         | option -append goes with a kernel only: -kernel
-M malta -bios FILE/rom -initrd FILE/linux    | option -initrd goes with a kernel only
-M malta -bios FILE/rom -dtb FILE/noise.dtb   | option -dtb goes with a kernel only
-M pc -bios FILE/rom -append quiet            | option -append goes with a kernel only
-M pc -bios FILE/rom -initrd FILE/linux       | option -initrd goes with a kernel only
-M virt -append quiet                         | option -append goes with a kernel only
# initrd, device tree
GOOD -initrd FILE/none                        | initrd 'FILE/none': no such file
GOOD -initrd FILE/empty                       | initrd 'FILE/empty': is empty
GOOD -m 128 -initrd FILE/huge-initrd          | initrd 'FILE/huge-initrd': its 209715200 bytes do not fit
-M virt -kernel FILE/big                      | kernel 'FILE/big': its 1073741825 bytes do not fit: 1073741824 are the most
GOOD -m 64 -initrd FILE/big                   | initrd 'FILE/big': its 1073741825 bytes do not fit: 67108864 are the most
GOOD -m 64 -dtb FILE/big                      | dtb 'FILE/big': its 1073741825 bytes do not fit: 67108864 are the most
GOOD -initrd /dev/null                        | initrd '/dev/null': is not a regular file
GOOD -dtb FILE/fifo                           | dtb 'FILE/fifo': is not a regular file
GOOD -dtb FILE/none                           | dtb 'FILE/none': no such file
GOOD -dtb FILE/empty                          | dtb 'FILE/empty': is empty
GOOD -dtb FILE/noise.dtb                      | dtb 'FILE/noise.dtb': is not a sound device tree
GOOD -dtb FILE/truncated.dtb                  | dtb 'FILE/truncated.dtb': is not a sound device tree
GOOD -dtb FILE/long.dtb                       | dtb 'FILE/long.dtb': is not a sound device tree
GOOD -dtb FILE/damaged.dtb                    | dtb 'FILE/damaged.dtb': is not a sound device tree
# memory
GOOD -m 0                                     | -m: memory size '0' is no memory
GOOD -m 4G                                    | memory size 4194304 KiB is out of range
GOOD -m 512K                                  | memory size 512 KiB is out of range
GOOD -m 1025K                                 | memory size 1025 KiB is out of range
GOOD -m lots                                  | -m: memory size 'lots' is not a number
GOOD -m -5                                    | -m: memory size '-5' is not a number
GOOD -m 12X                                   | -m: memory size '12X' is not a number
GOOD -m 12MB                                  | -m: memory size '12MB' is not a number
GOOD -m 99999999999999999999                  | -m: memory size '99999999999999999999' is not a number
GOOD -m 18014398509481984                     | -m: memory size '18014398509481984' is out of range
GOOD -m 128,slots=2                           | -m: no property 'slots'
-M virt -m 1 -kernel FILE/large               | kernel 'FILE/large': its 2097152 bytes do not fit
# machine, CPU
-kernel FILE/good                             | no machine is chosen: -M virt
-M vrit -kernel FILE/good                     | -M: machine 'vrit' is not one of virt, malta, pc; did you mean 'virt'?
-M virt,virtualization=on -kernel FILE/good   | -M: virtualization=on is not possible: the CPUs here have
-M virt,secure=on -kernel FILE/good           | -M: secure=on is not possible: the CPUs here have
-M virt,secur=on -kernel FILE/good            | -M: machine 'virt' has no property 'secur'; did you mean 'secure'?
-M virt,secure=maybe -kernel FILE/good        | -M: secure 'maybe' is not one of off, on
-M virt,gic-version=3 -kernel FILE/good       | -M: gic-version '3' is not one of 2
GOOD -cpu cortex-a9                           | -cpu: CPU of machine virt 'cortex-a9' is not one of cortex-a7, cortex-a15
GOOD -cpu cortex-a15,neon=off                 | -cpu: no property 'neon'
GOOD -smp 2                                   | -smp: 2 virtual CPUs are not possible
GOOD -smp 0                                   | -smp: 0 virtual CPUs are not possible: there is one only
GOOD -smp 4096                                | -smp: 4096 virtual CPUs are not possible
GOOD -smp 1,cores=2                           | -smp: 2 virtual CPUs are not possible
GOOD -smp none                                | -smp: count 'none' is not a number
GOOD -accel kvm                               | -accel: accelerator 'kvm' is not one of
# other options and values
GOOD -kernl FILE/good                         | unknown option -kernl; did you mean -kernel?
GOOD --no-rebot                               | unknown option --no-rebot; did you mean -no-reboot?
GOOD -drive file=x                            | unknown option -drive
GOOD surplus                                  | unexpected word 'surplus'
clasify arm                                   | unknown command 'clasify'; did you mean 'classify'?
classify amr                                  | instruction set 'amr' is not one of arm, mips
classify arm --format=xml                     | format 'xml' is not one of table, csv, json
classify                                      | which instruction set?
-M virt -kernel                               | option -kernel needs a value
GOOD -display sdl                             | -display: display 'sdl' is not one of none
GOOD -nic user                                | -nic: network card 'user' is not one of none
GOOD -icount shift=0                          | -icount: not here: time that follows the instruction count is -clock virtual
GOOD -clock vitrual                           | -clock: clock 'vitrual' is not one of host, virtual; did you mean 'virtual'?
GOOD -clock virtual,ns=0                      | -clock: ns '0' is not a number from 1
GOOD -clock virtual,slep=on                   | -clock: no property 'slep'; did you mean 'sleep'?
GOOD -clock host,ns=2                         | -clock: ns and sleep belong to -clock virtual
GOOD -seed x                                  | -seed: seed 'x' is not a number
GOOD -rtc base=yesterday                      | -rtc: base 'yesterday' is not utc, localtime or a date
GOOD -rtc base=1902-01-01                     | -rtc: base '1902-01-01' is outside 1970 to 2106
GOOD -stop-at soon                            | -stop-at: count 'soon' is not a number
GOOD -at 5                                    | -at: '5' is not COUNT:COMMAND
GOOD -at x:stop                               | -at: count 'x' is not a number
GOOD -at 5:inof                               | -at: unknown command 'inof'; did you mean 'info'?
GOOD -tcache size=1K                          | -tcache: cache size '1K' is out of range
GOOD -tcache chain=of                         | -tcache: chain 'of' is not one of off, on; did you mean 'off'?
GOOD -tcache policy=lru                       | -tcache: policy 'lru' is not one of fifo
GOOD -d in_asn                                | -d: no log category 'in_asn'; did you mean 'in_asm'?
GOOD -D FILE/none/log                         | log file 'FILE/none/log': No such file
GOOD -dfilter 5..                             | -dfilter: address range '5..'
GOOD -stats FILE/none/stats                   | statistics file 'FILE/none/stats': No such file
GOOD -stats FILE/x,detail=ful                 | -stats: detail 'ful' is not one of basic, full; did you mean 'full'?
GOOD -stats /dev/full -stop-at 10             | statistics file '/dev/full': No space left on device
GOOD -bogus                                   | unknown option -bogus
# snapshots
GOOD -loadvm FILE/none                        | snapshot 'FILE/none': no such file
GOOD -loadvm FILE                             | snapshot 'FILE': is not a regular file
GOOD -loadvm FILE/empty                       | snapshot 'FILE/empty': is not a snapshot of doppel
GOOD -loadvm FILE/good                        | snapshot 'FILE/good': is not a snapshot of doppel
GOOD -loadvm FILE/old-snapshot                | snapshot 'FILE/old-snapshot': is of version 1; this doppel reads version 2
GOOD -loadvm FILE/truncated-snapshot          | snapshot 'FILE/truncated-snapshot': is truncated in its head
# channels
GOOD -serial tcp:127.0.0.1:PORT,server,nowait | -serial: tcp:127.0.0.1:PORT
GOOD -serial tcp:127.0.0.1:99999              | -serial: port '99999' is not a number up to 65535
GOOD -serial unix:FILE/none/socket,server     | unix:FILE/none/socket
GOOD -serial file:FILE/none/out               | file:FILE/none/out
GOOD -serial stdoi                            | -serial: no character device 'stdoi'; did you mean 'stdio'?
GOOD -serial chardev:c0                       | -serial: no -chardev has id 'c0'
GOOD -serial null -serial null                | -serial: machine 'virt' has no serial1
-M pc -kernel FILE/linux -serial null -serial null -serial null -serial null -serial null | -serial: machine 'pc' has no serial4
GOOD -serial stdio -monitor stdio             | -monitor: stdio is in use already
GOOD -chardev stdoi,id=c0                     | -chardev: no character device 'stdoi'; did you mean 'stdio'?
GOOD -chardev null,id=a -chardev null,id=a    | -chardev: id 'a' is given twice
GOOD -gdb tdp::1234                           | -gdb: no character device 'tdp::1234'
GOOD -gdb tcp:127.0.0.1                       | -gdb: tcp:127.0.0.1 is without port
GOOD -gdb tcp:127.0.0.1:PORT                  | -gdb: tcp:127.0.0.1:PORT
GOOD -serial stdio -gdb stdio                 | -gdb: stdio is in use already
GOOD -gdb chardev:c0                          | -gdb: no -chardev has id 'c0'
GOOD -chardev null,id=c0,mux=on -gdb chardev:c0 | -gdb: chardev:c0: a debugger does not share
GOOD -monitor unix:FILE/none/socket,server    | unix:FILE/none/socket
'''


def cases(port):
    for line in CASES.splitlines():
        if line and not line.startswith('#'):
            words, _, want = line.replace('PORT', str(port)).replace('\\n', '\n').partition(' | ')
            words = words.replace('GOOD', '-M virt -kernel FILE/good -display none')
            words = words.replace('LONG', 'x' * 3000).replace('NEAR', 'x' * 4050)
            yield words.replace('FILE', FOLDER).split(), want.replace('FILE', FOLDER)


def fault(program, words, want):
    """What is wrong with the answer; None if nothing is."""
    try:
        run = subprocess.run([program] + words, capture_output=True, timeout=20, check=False,
                             stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return 'it went on'
    err = run.stderr.decode('utf-8', 'replace')
    if run.returncode != 1:
        return f'status {run.returncode}: {err}'
    if not err.startswith('doppel: ') or err.count('\n') != 1 or not err.endswith('\n'):
        return f'not one line: {err}'
    if want not in err:
        return f'{err.strip()!r} without {want!r}'
    return f'standard output: {run.stdout!r}' if run.stdout else None


def main():
    args = argparse.ArgumentParser(usage=__doc__[7:])
    args.add_argument('--program', default='build/release/doppel')
    args = args.parse_args()
    make_files()
    passed = failed = 0
    with socket.create_server(('127.0.0.1', 0)) as taken:
        for words, want in cases(taken.getsockname()[1]):
            why = fault(args.program, words, want)
            passed += why is None
            failed += why is not None
            if why:
                print(f'{" ".join(words)}: {why}')
    print(f'bad input: {passed} passed, {failed} failed')
    sys.exit(failed != 0)


main()
