/* SPDX-License-Identifier: MIT */
/* chardev_open.c - opens each kind of byte channel. */
#define _GNU_SOURCE /* posix_openpt and its kin */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/device.h"
#include "devices/host/chardev_priv.h"

static bool fail(GError **error, const char *name, int err)
{
    g_set_error(error, DEVICE_ERROR, DEVICE_ERROR_HOST, "%s: %s", name, g_strerror(err));
    return false;
}

/* ---- terminal ---- */

/* As QEMU's users know it: newlines are still written as CR LF; @signal keeps Ctrl-C. */
static void make_raw(Chardev *c, bool signal_keys)
{
    pid_t foreground = tcgetpgrp(STDIN_FILENO); /* -1: not the terminal that controls us */
    struct termios t;

    if (!isatty(STDIN_FILENO) || (foreground >= 0 && foreground != getpgrp())
        || tcgetattr(STDIN_FILENO, &c->saved) != 0) {
        return; /* not a terminal, or in the background */
    }
    t = c->saved;
    t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t.c_oflag |= OPOST;
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | (signal_keys ? 0 : ISIG));
    t.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    t.c_cflag |= CS8;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0) {
        g_atomic_int_set(&c->raw, 1);
    }
}

/*
 * Standard output for us alone, so that O_NONBLOCK does not reach others who share it. Files
 * keep their shared offset and do not block anyhow; sockets have MSG_DONTWAIT.
 */
static int private_stdout(void)
{
    struct stat st;
    int fd = -1;

    if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(STDOUT_FILENO))) {
        fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    }
    return fd >= 0 ? fd : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

static bool open_stdio(Chardev *c, const ChardevSpec *spec, GError **error)
{
    int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), out = private_stdout();

    if (out < 0) {
        if (in >= 0) {
            close(in);
        }
        return fail(error, "stdio", errno);
    }
    chardev_attach_fds(c, in, out, true);
    make_raw(c, spec->signal);
    return true;
}

/* ---- file, pty ---- */

static bool open_file(Chardev *c, const ChardevSpec *spec, GError **error)
{
    int fd = open(spec->path, O_WRONLY | O_CREAT | O_CLOEXEC | (spec->append ? O_APPEND : O_TRUNC),
                  0666);

    if (fd < 0) {
        return fail(error, c->name, errno);
    }
    chardev_attach_fds(c, -1, fd, true);
    return true;
}

/* The other end is opened once, to be raw before its user comes, and closed: see hung_up(). */
static bool prepare_slave(const char *path)
{
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios t;
    bool ok;

    if (slave < 0) {
        return false;
    }
    ok = tcgetattr(slave, &t) == 0;
    cfmakeraw(&t);
    ok = ok && tcsetattr(slave, TCSANOW, &t) == 0;
    close(slave);
    return ok;
}

static bool open_pty(Chardev *c, GError **error)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    char path[64];

    if (master < 0) {
        return fail(error, "pty", errno);
    }
    chardev_attach_fds(c, master, master, true);
    c->is_pty = true;
    if (grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, path, sizeof(path)) != 0
        || !prepare_slave(path)) {
        return fail(error, "pty", errno);
    }
    g_free(c->name);
    c->name = g_strdup_printf("pty:%s", path);
    return true;
}

/* ---- all ---- */

static char *name_of(const ChardevSpec *spec)
{
    switch (spec->kind) {
    case CHARDEV_NONE:
    case CHARDEV_NULL: return g_strdup("null");
    case CHARDEV_STDIO: return g_strdup("stdio");
    case CHARDEV_PTY: return g_strdup("pty");
    case CHARDEV_FILE: return g_strdup_printf("file:%s", spec->path);
    case CHARDEV_UNIX: return g_strdup_printf("unix:%s", spec->path);
    case CHARDEV_TCP: return g_strdup_printf("tcp:%s:%u", spec->host ? spec->host : "", spec->port);
    }
    g_assert_not_reached();
}

static bool open_kind(Chardev *c, const ChardevSpec *spec, GError **error)
{
    switch (spec->kind) {
    case CHARDEV_NONE:
    case CHARDEV_NULL: return true;
    case CHARDEV_STDIO: return open_stdio(c, spec, error);
    case CHARDEV_PTY: return open_pty(c, error);
    case CHARDEV_FILE: return open_file(c, spec, error);
    case CHARDEV_UNIX:
    case CHARDEV_TCP: return chardev_open_socket(c, spec, error);
    }
    g_assert_not_reached();
}

Chardev *chardev_open(const ChardevSpec *spec, GMainContext *context, GError **error)
{
    Chardev *c = chardev_alloc(context, name_of(spec));

    if (!open_kind(c, spec, error)) {
        chardev_free(c);
        return NULL;
    }
    return c;
}

Chardev *chardev_new(const char *text, GError **error)
{
    ChardevSpec spec;
    Chardev *c;

    if (!chardev_parse(text, &spec, error)) {
        return NULL;
    }
    c = chardev_open(&spec, NULL, error);
    chardev_spec_clear(&spec);
    return c;
}
