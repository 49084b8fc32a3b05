/* SPDX-License-Identifier: MIT */
/* test_chardev.c - byte channels to the host: descriptions, data, peers, the Ctrl-A switch. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/device.h"
#include "devices/host/chardev.h"
#include "devices/host/mux.h"

/* ---- descriptions ---- */

static char *show(const ChardevSpec *s)
{
    static const char *const kinds[] = { "none", "null", "stdio", "file", "pty", "tcp", "unix" };

    return g_strdup_printf("%s id=%s path=%s host=%s port=%u%s%s%s%s%s", kinds[s->kind],
                           s->id ? s->id : "-", s->path ? s->path : "-", s->host ? s->host : "-",
                           s->port, s->mux ? " mux" : "", s->server ? " server" : "",
                           s->wait ? " wait" : "", s->append ? " append" : "",
                           s->signal ? " signal" : "");
}

/* @text, and what it is or the error. */
typedef struct Case {
    bool (*parse)(const char *, ChardevSpec *, GError **);
    const char *text;
    char *gives;
} Case;

#define S chardev_parse
#define L chardev_parse_option
static const Case cases[] = {
    { S, "null", "null id=- path=- host=- port=0 signal" },
    { S, "none", "none id=- path=- host=- port=0 signal" },
    { S, "stdio", "stdio id=- path=- host=- port=0 signal" },
    { S, "mon:stdio", "stdio id=- path=- host=- port=0 mux" },
    { S, "pty", "pty id=- path=- host=- port=0 signal" },
    { S, "file:/a b,c", "file id=- path=/a b,c host=- port=0 signal" },
    { S, "unix:/s,server,nowait", "unix id=- path=/s host=- port=0 server signal" },
    { S, "unix:/s,,t,server=on,wait=off", "unix id=- path=/s,t host=- port=0 server signal" },
    { S, "tcp::4444,server", "tcp id=- path=- host= port=4444 server wait signal" },
    { S, "tcp:localhost:1,server=off", "tcp id=- path=- host=localhost port=1 signal" },
    { S, "tcp:[::1]:22", "tcp id=- path=- host=::1 port=22 signal" },
    { S, "mon:tcp:h:1,nodelay", "tcp id=- path=- host=h port=1 mux" },
    { S, "studio", "no character device 'studio'; did you mean 'stdio'?" },
    { S, "", "no character device ''" },
    { S, "file:", "file: is without path" },
    { S, "unix:,server", "unix: is without path" },
    { S, "tcp:host", "tcp:host is without port" },
    { S, "tcp:host:70000", "port '70000' is not a number up to 65535" },
    { S, "tcp:host:1,severe", "tcp: has no option 'severe'; did you mean 'server'?" },
    { S, "unix:/s,server=maybe", "server is 'maybe', not on or off" },
    { L, "stdio,id=c0,mux=on,signal=off", "stdio id=c0 path=- host=- port=0 mux" },
    { L, "file,id=f,path=/x,append=on", "file id=f path=/x host=- port=0 append signal" },
    { L, "socket,id=s,path=/u,server=on,wait=off",
      "unix id=s path=/u host=- port=0 server signal" },
    { L, "socket,id=s,host=h,port=5,server", "tcp id=s path=- host=h port=5 server wait signal" },
    { L, "pty,id=p", "pty id=p path=- host=- port=0 signal" },
    { L, "null", "character device is without id" },
    { L, "file,id=f", "character device f is without path" },
    { L, "socket,id=s,host=h", "character device s is without path or port" },
    { L, "socket,id=s,host=h,path=/p", "character device s has both path and host" },
    { L, "sockets,id=s", "no character device 'sockets'; did you mean 'socket'?" },
    { L, "pty,id=p,path=/x", "pty has no option 'path'" },
    { L, "file,id=,path=/x", "id is without value" },
};

Test(chardev, descriptions_are_understood_or_refused_by_name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *got = NULL;
        ChardevSpec spec;

        if (cases[i].parse(cases[i].text, &spec, &error)) {
            got = show(&spec);
            chardev_spec_clear(&spec);
        } else {
            got = g_strdup(error->message);
            cr_expect(g_error_matches(error, DEVICE_ERROR, DEVICE_ERROR_OPTION));
        }
        cr_expect(eq(str, got, cases[i].gives), "%s", cases[i].text);
    }
}

/* ---- data ---- */

typedef struct Got {
    GString *text;
    GString *events;
} Got;

static Got got;
static Chardev *chan;

static void on_input(void *opaque, const uint8_t *p, size_t n)
{
    g_string_append_len(((Got *)opaque)->text, (const char *)p, (gssize)n);
}

static void on_event(void *opaque, bool open)
{
    g_string_append_c(((Got *)opaque)->events, open ? '+' : '-');
}

static const ChardevUser user = { on_input, on_event, &got };

static void set_up(void) { got = (Got){ g_string_new(NULL), g_string_new(NULL) }; }

static void tear_down(void)
{
    chardev_free(chan);
    g_string_free(got.text, TRUE);
    g_string_free(got.events, TRUE);
}

TestSuite(chardev_io, .init = set_up, .fini = tear_down, .timeout = 30);

static gboolean tick(gpointer unused)
{
    (void)unused;
    return G_SOURCE_CONTINUE;
}

/* Runs the main context until @want has come in, or for @ms. */
static void run(const char *want, unsigned ms)
{
    gint64 end = g_get_monotonic_time() + (gint64)ms * 1000;
    guint timer = g_timeout_add(2, tick, NULL);

    while (g_get_monotonic_time() < end && !(want && g_str_equal(got.text->str, want))) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

static void put(const char *text) { chardev_write(chan, (const uint8_t *)text, strlen(text)); }

/* Everything that can be read from @fd within a while of running. */
static char *take(int fd, char *buf, size_t size)
{
    ssize_t n;

    run(NULL, 60);
    n = read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    return buf;
}

static int in[2], out[2];

static void make_pipes(void)
{
    cr_assert(zero(pipe(in)));
    cr_assert(zero(pipe(out)));
    cr_assert(zero(fcntl(out[0], F_SETFL, O_NONBLOCK)));
    chan = chardev_from_fds(in[0], out[1], NULL);
    chardev_set_user(chan, &user);
}

Test(chardev_io, bytes_pass_both_ways)
{
    char buf[64];

    make_pipes();
    cr_assert(eq(sz, (size_t)write(in[1], "typed", 5), 5));
    run("typed", 2000);
    cr_expect(eq(str, got.text->str, "typed"));
    put("one ");
    put("two");
    cr_expect(eq(str, take(out[0], buf, sizeof(buf)), "one two"));
}

Test(chardev_io, end_of_input_is_no_end_of_output)
{
    char buf[64];

    make_pipes();
    close(in[1]);
    run(NULL, 30);
    put("still here");
    cr_expect(eq(str, take(out[0], buf, sizeof(buf)), "still here"));
    cr_expect(eq(str, got.text->str, ""));
}

Test(chardev_io, paused_input_stays_with_the_host)
{
    make_pipes();
    chardev_pause_input(chan);
    cr_assert(eq(sz, (size_t)write(in[1], "later", 5), 5));
    run(NULL, 40);
    cr_expect(eq(str, got.text->str, ""));
    chardev_resume_input(chan);
    run("later", 2000);
    cr_expect(eq(str, got.text->str, "later"));
}

Test(chardev_io, a_reader_that_has_gone_is_tolerated)
{
    make_pipes();
    close(out[0]);
    put("into the void");
    run(NULL, 30);
    put("again");
    chardev_flush(chan, 1000);
    cr_expect(chardev_connected(chan));
}

enum { MANY = 1000000 };

static gpointer write_many(gpointer unused)
{
    (void)unused;
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t byte = (uint8_t)(i * 2654435761u >> 24);

        chardev_write(chan, &byte, 1);
    }
    return NULL;
}

Test(chardev_io, a_slow_reader_gets_every_byte_in_order)
{
    GThread *writer;
    uint32_t n = 0, wrong = 0;
    gint64 end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;

    make_pipes();
    writer = g_thread_new("writer", write_many, NULL);
    while (n < MANY && g_get_monotonic_time() < end) {
        uint8_t buf[5000];
        ssize_t len = read(out[0], buf, sizeof(buf));

        for (ssize_t k = 0; k < len; k++, n++) {
            wrong += buf[k] != (uint8_t)(n * 2654435761u >> 24);
        }
        g_main_context_iteration(NULL, FALSE);
        if (len < 0) {
            g_usleep(100);
        }
    }
    g_thread_join(writer);
    cr_expect(eq(u32, n, MANY));
    cr_expect(eq(u32, wrong, 0));
}

Test(chardev_io, a_writer_that_waits_can_be_freed)
{
    GThread *writer;

    make_pipes();
    writer = g_thread_new("writer", write_many, NULL); /* nobody reads */
    g_usleep(50000);
    chardev_give_up(chan);
    g_thread_join(writer);
}

Test(chardev_io, a_file_is_written_anew_or_continued)
{
    g_autofree char *dir = g_dir_make_tmp("chardevXXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "out", NULL);
    g_autofree char *spec = g_strdup_printf("file:%s", path);
    g_autofree char *more = g_strdup_printf("file,id=x,append=on,path=%s", path);
    g_autofree char *text = NULL;
    ChardevSpec s;

    cr_assert(g_file_set_contents(path, "old", -1, NULL));
    chan = chardev_new(spec, NULL);
    put("new");
    chardev_free(chan);
    cr_assert(chardev_parse_option(more, &s, NULL));
    chan = chardev_open(&s, NULL, NULL);
    chardev_spec_clear(&s);
    put("er");
    chardev_free(chan);
    chan = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect(eq(str, text, "newer"));
    g_unlink(path);
    g_rmdir(dir);
}

Test(chardev_io, what_the_host_refuses_is_named)
{
    g_autoptr(GError) file = NULL, busy = NULL, gone = NULL;
    g_autofree char *same = NULL;

    cr_expect(zero(ptr, chardev_new("file:/no/such/dir/x", &file)));
    cr_expect(eq(str, file->message, "file:/no/such/dir/x: No such file or directory"));
    chan = chardev_new("tcp:127.0.0.1:0,server,nowait", NULL);
    cr_assert(chan != NULL);
    same = g_strdup_printf("%s,server,nowait", chardev_name(chan));
    cr_expect(zero(ptr, chardev_new(same, &busy)));
    cr_expect(g_error_matches(busy, DEVICE_ERROR, DEVICE_ERROR_HOST));
    cr_expect(g_str_has_prefix(busy->message, chardev_name(chan)));
    cr_expect(strstr(busy->message, "Address already in use") != NULL, "%s", busy->message);
    cr_expect(zero(ptr, chardev_new("unix:/no/such/socket", &gone)));
    cr_expect(g_str_has_prefix(gone->message, "unix:/no/such/socket: "), "%s", gone->message);
}

static GSocket *connect_to(const char *name)
{
    g_autoptr(GSocketAddress) a = NULL;
    GSocket *s;

    if (g_str_has_prefix(name, "unix:")) {
        a = g_unix_socket_address_new(name + 5);
    } else {
        const char *port = strrchr(name, ':') + 1;

        a = g_inet_socket_address_new_from_string("127.0.0.1",
                                                  (guint)g_ascii_strtoull(port, 0, 10));
    }
    s = g_socket_new(g_socket_address_get_family(a), G_SOCKET_TYPE_STREAM, 0, NULL);
    cr_assert(g_socket_connect(s, a, NULL, NULL));
    g_socket_set_timeout(s, 2);
    return s;
}

static char *answer(GSocket *s, char *buf, size_t size)
{
    gssize n = g_socket_receive(s, buf, size - 1, NULL, NULL);

    buf[n > 0 ? n : 0] = '\0';
    return buf;
}

/* A server takes one peer after the other; without a peer, output goes nowhere. */
static void check_server(void)
{
    char buf[64];

    put("nobody hears this");
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GSocket) s = connect_to(chardev_name(chan));

        g_string_truncate(got.text, 0);
        cr_assert(eq(int, (int)g_socket_send(s, "hello", 5, NULL, NULL), 5));
        run("hello", 3000);
        cr_expect(eq(str, got.text->str, "hello"));
        put("answer");
        run(NULL, 30);
        cr_expect(eq(str, answer(s, buf, sizeof(buf)), "answer"));
        g_socket_close(s, NULL);
        run(NULL, 30);
        cr_expect(not(chardev_connected(chan)));
    }
    cr_expect(eq(str, got.events->str, "+-+-"));
}

Test(chardev_io, a_tcp_server_takes_one_peer_after_the_other)
{
    chan = chardev_new("tcp:127.0.0.1:0,server,nowait", NULL);
    cr_assert(chan != NULL);
    chardev_set_user(chan, &user);
    check_server();
}

Test(chardev_io, a_unix_server_replaces_a_dead_socket_and_cleans_up)
{
    g_autofree char *dir = g_dir_make_tmp("chardevXXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s", NULL);
    g_autofree char *spec = g_strdup_printf("unix:%s,server=on,wait=off", path);
    g_autoptr(GSocketAddress) a = g_unix_socket_address_new(path);
    GSocket *dead = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);

    cr_assert(g_socket_bind(dead, a, FALSE, NULL));
    g_object_unref(dead);
    chan = chardev_new(spec, NULL);
    cr_assert(chan != NULL);
    chardev_set_user(chan, &user);
    cr_expect(zero(ptr, chardev_new(spec, NULL))); /* this one lives, as a probe has shown */
    run(NULL, 50);
    g_string_truncate(got.events, 0);
    check_server();
    chardev_free(chan);
    chan = NULL;
    cr_expect(not(g_file_test(path, G_FILE_TEST_EXISTS)));
    g_rmdir(dir);
}

static gpointer connect_later(gpointer name)
{
    g_usleep(30000);
    return connect_to(name);
}

Test(chardev_io, a_server_waits_for_its_peer_if_told)
{
    GThread *peer;
    g_autoptr(GSocket) s = NULL;
    char buf[64];

    chan = chardev_new("tcp:127.0.0.1:0,server", NULL);
    cr_assert(chan != NULL);
    peer = g_thread_new("peer", connect_later, (gpointer)chardev_name(chan));
    cr_assert(chardev_wait(chan, NULL));
    s = g_thread_join(peer);
    put("first words");
    chardev_flush(chan, 1000);
    cr_expect(eq(str, answer(s, buf, sizeof(buf)), "first words"));
}

Test(chardev_io, a_client_connects_at_once)
{
    g_autoptr(GSocketListener) server = g_socket_listener_new();
    g_autoptr(GSocketConnection) peer = NULL;
    g_autofree char *spec = NULL;
    guint16 port = g_socket_listener_add_any_inet_port(server, NULL, NULL);
    char buf[64];

    spec = g_strdup_printf("tcp:127.0.0.1:%u", port);
    chan = chardev_new(spec, NULL);
    cr_assert(chan != NULL);
    peer = g_socket_listener_accept(server, NULL, NULL, NULL);
    chardev_set_user(chan, &user);
    put("hi");
    chardev_flush(chan, 1000);
    cr_expect(eq(str, answer(g_socket_connection_get_socket(peer), buf, sizeof(buf)), "hi"));
    g_socket_send(g_socket_connection_get_socket(peer), "ho", 2, NULL, NULL);
    run("ho", 3000);
    cr_expect(eq(str, got.text->str, "ho"));
}

Test(chardev_io, a_pty_has_a_raw_other_end_that_may_come_and_go)
{
    char buf[64];

    chan = chardev_new("pty", NULL);
    cr_assert(chan != NULL);
    cr_assert(g_str_has_prefix(chardev_name(chan), "pty:/dev/"));
    chardev_set_user(chan, &user);
    put("nobody");
    run(NULL, 30);
    for (unsigned i = 0; i < 2; i++) {
        int fd = open(chardev_name(chan) + 4, O_RDWR | O_NOCTTY | O_NONBLOCK);

        cr_assert(fd >= 0);
        g_string_truncate(got.text, 0);
        cr_assert(eq(sz, (size_t)write(fd, "a\r\003b", 4), 4));
        run("a\r\003b", 3000);
        cr_expect(eq(str, got.text->str, "a\r\003b"));
        put("x\ny");
        cr_expect(eq(str, take(fd, buf, sizeof(buf)), "x\ny"));
        close(fd);
        run(NULL, 300);
    }
}

/* ---- Ctrl-A ---- */

static void mux_bytes(void *opaque, bool monitor, const uint8_t *p, size_t n)
{
    g_string_append_printf(opaque, "%c(%.*s)", monitor ? 'm' : 'g', (int)n, (const char *)p);
}

static void mux_action(void *opaque, MuxAction action)
{
    static const char *const names[] = { "HELP", "QUIT", "SWITCH", "BREAK" };

    g_string_append(opaque, names[action]);
}

static const struct {
    const char *typed;
    char *gives;
} muxed[] = {
    { "plain", "g(plain)" },
    { "a\001\001b", "g(a)g(\001b)" },
    { "\001x", "QUIT" },
    { "\001X", "QUIT" },
    { "ab\001ccd\001Cef", "g(ab)SWITCHm(cd)SWITCHg(ef)" },
    { "\001b\001h\001?", "BREAKHELPHELP" },
    { "a\001qb", "g(a)g(b)" },
    { "\001\001\001\001", "g(\001)g(\001)" },
};

Test(mux, ctrl_a_is_told_from_data)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(muxed); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        MuxUser u = { mux_bytes, mux_action, text };
        Mux m = { .user = &u };

        mux_input(&m, (const uint8_t *)muxed[i].typed, strlen(muxed[i].typed));
        cr_expect(eq(str, text->str, muxed[i].gives), "%u", i);
    }
}

Test(mux, an_escape_may_be_split_between_reads)
{
    g_autoptr(GString) text = g_string_new(NULL);
    MuxUser u = { mux_bytes, mux_action, text };
    Mux m = { .user = &u };

    mux_input(&m, (const uint8_t *)"a\001", 2);
    mux_input(&m, (const uint8_t *)"", 0);
    mux_input(&m, (const uint8_t *)"cb", 2);
    cr_expect(eq(str, text->str, "g(a)SWITCHm(b)"));
}

Test(mux, help_names_every_key)
{
    g_autoptr(GString) text = g_string_new(NULL);

    mux_help(text);
    cr_expect(eq(str, text->str,
                 "C-a h    print this help\nC-a x    end the emulation\n"
                 "C-a c    switch between console and monitor\n"
                 "C-a b    send a break to the guest\nC-a C-a  send C-a\n"));
}
