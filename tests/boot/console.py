# SPDX-License-Identifier: MIT
# console.py - runs an emulator on a terminal of its own, reads what it prints, types into it.
import argparse
import os
import pty
import re
import select
import signal
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Failure(Exception):
    """The guest did not do what was expected; the text says what."""


def guests():
    """The rows of guests.tsv: name -> field -> value."""
    rows = {}
    with open(os.path.join(ROOT, 'tests/boot/guests.tsv'), encoding='utf-8') as table:
        lines = [line.rstrip('\n') for line in table]
    names = [line for line in lines if line.startswith('#guest\t')][0][1:].split('\t')
    for line in lines:
        if line and not line.startswith('#'):
            row = dict(zip(names, line.split('\t'), strict=True))
            rows[row['guest']] = row
    return rows


def guest_name(name):
    """--guest: a row of guests.tsv."""
    if name not in guests():
        raise argparse.ArgumentTypeError(f'no guest is named {name}; there are '
                                         + ' '.join(guests()))
    return name


def accel_names(text):
    """--accel: accelerators of ours, with commas between."""
    for name in text.split(','):
        if name not in ('jit', 'interp'):
            raise argparse.ArgumentTypeError(f'no accelerator is named {name}; there are jit '
                                             'and interp')
    return text


def check_names(parser, names, known, what):
    """Refuses names of which nothing would come."""
    for name in names:
        if name not in known:
            parser.error(f'no {what} is named {name}; there are ' + ' '.join(known))


def parser(doc, **defaults):
    """For a runner's words, by the text that says its usage: --program, and of --accel, --guest and
    --timeout those that have a default here."""
    types = {'accel': accel_names, 'guest': guest_name, 'timeout': float}
    words = argparse.ArgumentParser(usage=doc.removeprefix('usage: ').replace('%', '%%'))
    words.add_argument('--program', default='build/release/doppel')
    for name, default in defaults.items():
        words.add_argument(f'--{name}', default=default, type=types[name])
    return words


def is_firmware(row):
    """Whether the row is a firmware instead of a kernel."""
    return row['kernel'].startswith('/')


def command(program, guest, accel=None, initrd='initrd', options=()):
    """The command line that boots a guest; QEMU has no accelerator of ours and needs no network."""
    row = guests()[guest]
    words = program.split() + row['options'].split()
    if os.path.basename(words[0]).startswith('qemu-'):
        words += ['-nic', 'none']
    elif accel:
        words += ['-accel', accel]
    if is_firmware(row):
        return words + ['-bios', f'build/guests/{guest}/firmware', '-nographic'] + list(options)
    words += ['-kernel', f'build/guests/{guest}/vmlinuz',
              '-initrd', f'build/guests/{row["arch"]}/{initrd}.gz', '-append', row['append'],
              '-nographic']
    return words + list(options)


class Console:
    """A running emulator. timeout_s is how long any one expected text may take."""

    def __init__(self, words, timeout_s, log_path=None):
        self.timeout_s = timeout_s
        self.text = ''      # what came and no expect() has consumed
        self.log = open(log_path, 'wb') if log_path else None
        self.started = time.monotonic()
        self.status = None
        master, slave = pty.openpty()
        # A terminal of its own: neither the caller's stdin nor its Ctrl-C gets to the guest.
        self.child = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT,
                                      start_new_session=True, close_fds=True)
        os.close(slave)
        self.fd = master

    def _read(self, wait_s):
        """Reads what is there, waiting at most so long; false at the end of the output."""
        if not select.select([self.fd], [], [], wait_s)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:     # Linux says EIO when the last holder of the slave has gone
            data = b''
        if self.log:
            self.log.write(data)
            self.log.flush()
        # The guest's line end is CR LF, to which this terminal may add another CR.
        self.text = re.sub('\r+\n', '\n', self.text + data.decode('utf-8', 'replace'))
        return bool(data)

    def expect(self, pattern):
        """Waits for a regular expression; the text up to its end is consumed."""
        deadline = time.monotonic() + self.timeout_s
        compiled = re.compile(pattern, re.MULTILINE)
        alive = True
        while True:
            found = compiled.search(self.text)
            if found:
                self.text = self.text[found.end():]
                return found
            if not alive:
                raise Failure(f'it ended before it printed "{pattern}"')
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(f'no "{pattern}" within {self.timeout_s} s')
            alive = self._read(left)

    def send(self, text):
        """Types text as it is; a line ends with a carriage return."""
        data = text.encode()
        while data:
            data = data[os.write(self.fd, data):]

    def cpu_s(self):
        """User and system time of the process so far, all its threads."""
        with open(f'/proc/{self.child.pid}/stat', encoding='ascii') as stat:
            fields = stat.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def wait(self):
        """Waits for the end and returns the exit status, negative for a signal."""
        deadline = time.monotonic() + self.timeout_s
        while self._read(max(0, deadline - time.monotonic())):
            if time.monotonic() >= deadline:
                raise Failure(f'it did not end within {self.timeout_s} s')
        try:
            self.status = self.child.wait(timeout=max(1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure(f'it did not end within {self.timeout_s} s') from None
        return self.status

    def close(self):
        """Ends what still runs."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        os.close(self.fd)
        if self.log:
            self.log.close()
