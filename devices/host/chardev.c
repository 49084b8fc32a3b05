/* SPDX-License-Identifier: MIT */
/* chardev.c - byte channels: buffered output, input with back-pressure. */
#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/host/chardev_priv.h"

enum { COLLECT_US = 4000, RETRY_US = 10000, PENDING_MAX = 64 * 1024 };
enum { READ_BYTES = 4096, WRITE_BYTES = 4096, SLICE_MS = 50, PTY_POLL_MS = 200, STALL_MS = 10000 };

/* ---- output ---- */

/* Whether nobody can be at the other end of a pty. */
static bool hung_up(const Chardev *c, int fd)
{
    struct pollfd p = { .fd = fd, .events = 0 };

    return c->is_pty && poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

static ssize_t send_some(Chardev *c)
{
    size_t n = MIN(c->pending->len, WRITE_BYTES);
    ssize_t done = send(c->fd_out, c->pending->data, n, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (done < 0 && errno == ENOTSOCK) {
        done = write(c->fd_out, c->pending->data, n);
    }
    return done;
}

/*
 * Sends what the host takes within @wait_ms. A write after poll() does not block: what is not a
 * socket was opened for us without blocking, or takes WRITE_BYTES once it takes any.
 * Returns: whether anything went.
 */
static bool flush_locked(Chardev *c, int wait_ms)
{
    bool progress = false;

    while (c->pending->len > 0 && c->fd_out >= 0 && !g_atomic_int_get(&c->given_up)) {
        struct pollfd p = { .fd = c->fd_out, .events = POLLOUT };
        int ready = poll(&p, 1, progress ? 0 : wait_ms);
        ssize_t done;

        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            return progress;
        }
        done = hung_up(c, c->fd_out) ? 0 : send_some(c);
        if (done > 0) {
            g_byte_array_remove_range(c->pending, 0, (guint)done);
            progress = true;
        } else if (done == 0 || (errno != EAGAIN && errno != EINTR)) {
            break; /* no peer: what is written goes nowhere */
        } else if (wait_ms == 0) {
            return progress;
        }
    }
    g_byte_array_set_size(c->pending, 0);
    return true;
}

static gboolean flusher_dispatch(GSource *source, GSourceFunc unused, gpointer opaque)
{
    Chardev *c = opaque;

    (void)unused;
    g_source_set_ready_time(source, -1);
    /* Taken: a writer that waits is flushing. */
    if (!g_mutex_trylock(&c->lock)) {
        g_source_set_ready_time(source, g_get_monotonic_time() + RETRY_US);
        return G_SOURCE_CONTINUE;
    }
    flush_locked(c, 0);
    if (c->pending->len > 0) {
        g_source_set_ready_time(source, g_get_monotonic_time() + RETRY_US);
    }
    g_mutex_unlock(&c->lock);
    return G_SOURCE_CONTINUE;
}

/* A GSource's dispatch is called only with a callback; ours carries the channel. */
static gboolean no_callback(gpointer opaque)
{
    (void)opaque;
    return G_SOURCE_CONTINUE;
}

void chardev_write(Chardev *c, const uint8_t *p, size_t n)
{
    g_mutex_lock(&c->lock);
    if (c->fd_out >= 0 && !g_atomic_int_get(&c->given_up)) {
        if (c->pending->len == 0) {
            g_source_set_ready_time(c->flusher, g_get_monotonic_time() + COLLECT_US);
        }
        g_byte_array_append(c->pending, p, (guint)n);
    }
    while (c->pending->len >= PENDING_MAX) {
        flush_locked(c, SLICE_MS);
        g_mutex_unlock(&c->lock); /* others may want it */
        g_mutex_lock(&c->lock);
    }
    g_mutex_unlock(&c->lock);
}

void chardev_flush(Chardev *c, unsigned stall_ms)
{
    unsigned stalled = 0;

    g_mutex_lock(&c->lock);
    while (c->pending->len > 0 && stalled <= stall_ms) {
        stalled = flush_locked(c, SLICE_MS) ? 0 : stalled + SLICE_MS;
    }
    g_mutex_unlock(&c->lock);
}

void chardev_give_up(Chardev *c) { g_atomic_int_set(&c->given_up, 1); }

/* ---- input ---- */

static void tell(Chardev *c, bool open)
{
    if (c->user && c->user->event) {
        c->user->event(c->user->opaque, open);
    }
}

static void stop_in_locked(Chardev *c)
{
    if (c->source_in) {
        g_source_destroy(c->source_in);
        g_clear_pointer(&c->source_in, g_source_unref);
    }
}

void chardev_set_accepter(Chardev *c, GSource *source)
{
    g_mutex_lock(&c->lock);
    if (c->accepter) {
        g_source_destroy(c->accepter);
        g_source_unref(c->accepter);
    }
    c->accepter = source;
    g_mutex_unlock(&c->lock);
    if (source) {
        g_source_attach(source, c->context);
    }
}

static gboolean pty_poll(gpointer opaque)
{
    Chardev *c = opaque;

    if (hung_up(c, c->fd_in)) {
        return G_SOURCE_CONTINUE;
    }
    chardev_set_accepter(c, NULL);
    tell(c, true);
    chardev_listen_in(c);
    return G_SOURCE_REMOVE;
}

/* Looks now and then whether somebody has opened the other end; the host does not tell. */
static void watch_pty(Chardev *c)
{
    GSource *source = g_timeout_source_new(PTY_POLL_MS);

    g_source_set_callback(source, pty_poll, c, NULL);
    chardev_set_accepter(c, source);
}

/* End of file or an error. Of standard input, that is an end of input and no more. */
static void input_ended(Chardev *c)
{
    g_mutex_lock(&c->lock);
    stop_in_locked(c);
    flush_locked(c, 0);
    g_mutex_unlock(&c->lock);
    if (c->is_pty) {
        watch_pty(c);
        tell(c, false);
    } else if (c->peer) {
        chardev_detach_fds(c);
        tell(c, false);
        chardev_socket_next(c);
    }
}

static gboolean readable(gint fd, GIOCondition condition, gpointer opaque)
{
    Chardev *c = opaque;
    uint8_t buf[READ_BYTES];
    ssize_t n = read(fd, buf, sizeof(buf));

    (void)condition;
    if (n > 0) {
        c->user->input(c->user->opaque, buf, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        input_ended(c);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void listen_in_locked(Chardev *c)
{
    if (c->user == NULL || c->fd_in < 0 || c->paused || c->source_in || c->accepter) {
        return;
    }
    c->source_in = g_unix_fd_source_new(c->fd_in, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(c->source_in, G_SOURCE_FUNC(readable), c, NULL);
    g_source_attach(c->source_in, c->context);
}

void chardev_listen_in(Chardev *c)
{
    g_mutex_lock(&c->lock);
    listen_in_locked(c);
    g_mutex_unlock(&c->lock);
}

void chardev_pause_input(Chardev *c)
{
    g_mutex_lock(&c->lock);
    c->paused = true;
    stop_in_locked(c);
    g_mutex_unlock(&c->lock);
}

void chardev_resume_input(Chardev *c)
{
    g_mutex_lock(&c->lock);
    c->paused = false;
    listen_in_locked(c);
    g_mutex_unlock(&c->lock);
}

void chardev_set_user(Chardev *c, const ChardevUser *user)
{
    c->user = user;
    if (c->is_pty) {
        watch_pty(c);
    }
    chardev_listen_in(c);
}

/* ---- ends ---- */

void chardev_attach_fds(Chardev *c, int in, int out, bool own)
{
    g_mutex_lock(&c->lock);
    c->fd_in = in;
    c->fd_out = out;
    c->own_in = c->own_out = own;
    g_mutex_unlock(&c->lock);
}

void chardev_detach_fds(Chardev *c)
{
    g_mutex_lock(&c->lock);
    stop_in_locked(c);
    g_byte_array_set_size(c->pending, 0);
    if (c->own_in && c->fd_in >= 0) {
        close(c->fd_in);
    }
    if (c->own_out && c->fd_out >= 0 && c->fd_out != c->fd_in) {
        close(c->fd_out);
    }
    c->fd_in = c->fd_out = -1;
    g_mutex_unlock(&c->lock);
    g_clear_object(&c->peer);
}

Chardev *chardev_alloc(GMainContext *context, char *name)
{
    static GSourceFuncs funcs = { NULL, NULL, flusher_dispatch, NULL, NULL, NULL };
    Chardev *c = g_new0(Chardev, 1);

    signal(SIGPIPE, SIG_IGN); /* a peer that went is an error of write() */
    c->context = g_main_context_ref(context ? context : g_main_context_default());
    c->name = name;
    c->fd_in = c->fd_out = -1;
    c->pending = g_byte_array_new();
    g_mutex_init(&c->lock);
    c->flusher = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(c->flusher, no_callback, c, NULL);
    g_source_attach(c->flusher, c->context);
    return c;
}

Chardev *chardev_from_fds(int in, int out, GMainContext *context)
{
    Chardev *c = chardev_alloc(context, g_strdup("descriptors"));

    chardev_attach_fds(c, in, out, false);
    return c;
}

void chardev_free(Chardev *c)
{
    if (c == NULL) {
        return;
    }
    chardev_flush(c, STALL_MS);
    chardev_restore_terminal(c);
    chardev_detach_fds(c);
    chardev_set_accepter(c, NULL);
    chardev_close_socket(c);
    g_source_destroy(c->flusher);
    g_source_unref(c->flusher);
    g_byte_array_unref(c->pending);
    g_main_context_unref(c->context);
    g_mutex_clear(&c->lock);
    g_free(c->unlink_path);
    g_free(c->name);
    g_free(c);
}

const char *chardev_name(const Chardev *c) { return c->name; }

bool chardev_connected(Chardev *c)
{
    bool yes;

    g_mutex_lock(&c->lock);
    yes = c->fd_out >= 0 && !hung_up(c, c->fd_out);
    g_mutex_unlock(&c->lock);
    return yes;
}

void chardev_restore_terminal(Chardev *c)
{
    if (g_atomic_int_compare_and_exchange(&c->raw, 1, 0)) {
        tcsetattr(STDIN_FILENO, TCSANOW, &c->saved);
    }
}
