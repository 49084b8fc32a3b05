/* SPDX-License-Identifier: MIT */
/* chardev_socket.c - byte channels over TCP and Unix sockets, as client or as server. */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "devices/device.h"
#include "devices/host/chardev_priv.h"

/* GLib's message, behind our name for the thing. */
static bool fail(GError **error, const char *name, GError *why)
{
    g_set_error(error, DEVICE_ERROR, DEVICE_ERROR_HOST, "%s: %s", name,
                why ? why->message : "no such address");
    g_clear_error(&why);
    return false;
}

/* ---- the peer ---- */

static void use_peer(Chardev *c, GSocket *peer)
{
    g_socket_set_blocking(peer, FALSE);
    if (g_socket_get_family(peer) != G_SOCKET_FAMILY_UNIX) {
        g_socket_set_option(peer, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    }
    c->peer = peer;
    chardev_attach_fds(c, g_socket_get_fd(peer), g_socket_get_fd(peer), false);
}

static gboolean acceptable(GSocket *listener, GIOCondition condition, gpointer opaque)
{
    Chardev *c = opaque;
    GSocket *peer = g_socket_accept(listener, NULL, NULL);

    (void)condition;
    if (peer == NULL) {
        return G_SOURCE_CONTINUE; /* it changed its mind */
    }
    chardev_set_accepter(c, NULL);
    use_peer(c, peer);
    if (c->user && c->user->event) {
        c->user->event(c->user->opaque, true);
    }
    chardev_listen_in(c);
    return G_SOURCE_REMOVE;
}

/* One peer at a time: the next waits in the listener's queue. */
void chardev_socket_next(Chardev *c)
{
    if (c->listener) {
        GSource *source = g_socket_create_source(c->listener, G_IO_IN, NULL);

        g_source_set_callback(source, G_SOURCE_FUNC(acceptable), c, NULL);
        chardev_set_accepter(c, source);
    }
}

bool chardev_wait(Chardev *c, GError **error)
{
    GError *why = NULL;
    GSocket *peer;

    if (!c->must_wait || c->peer) {
        return true;
    }
    peer = g_socket_accept(c->listener, NULL, &why);
    if (peer == NULL) {
        return fail(error, c->name, why);
    }
    chardev_set_accepter(c, NULL);
    use_peer(c, peer);
    chardev_listen_in(c);
    return true;
}

/* ---- opening ---- */

static void name_port(Chardev *c, GSocket *s)
{
    g_autoptr(GSocketAddress) address = g_socket_get_local_address(s, NULL);

    if (address && G_IS_INET_SOCKET_ADDRESS(address)) {
        GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);
        g_autofree char *host = g_inet_address_to_string(g_inet_socket_address_get_address(inet));

        g_free(c->name);
        c->name = g_strdup_printf("tcp:%s:%u", host, g_inet_socket_address_get_port(inet));
    }
}

/* A file at the address of a Unix server is removed if it is a socket nobody listens at. */
static void remove_stale(GSocketAddress *address)
{
    g_autoptr(GSocket) probe = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                            G_SOCKET_PROTOCOL_DEFAULT, NULL);
    g_autoptr(GError) why = NULL;

    if (probe && !g_socket_connect(probe, address, NULL, &why)
        && g_error_matches(why, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
        g_unlink(g_unix_socket_address_get_path(G_UNIX_SOCKET_ADDRESS(address)));
    }
}

static bool serve(Chardev *c, GSocket *s, GSocketAddress *address, GError **error)
{
    if (G_IS_UNIX_SOCKET_ADDRESS(address)) {
        remove_stale(address);
    }
    if (!g_socket_bind(s, address, TRUE, error) || !g_socket_listen(s, error)) {
        return false;
    }
    if (G_IS_UNIX_SOCKET_ADDRESS(address)) {
        c->unlink_path = g_strdup(g_unix_socket_address_get_path(G_UNIX_SOCKET_ADDRESS(address)));
    }
    name_port(c, s);
    c->listener = g_object_ref(s);
    chardev_socket_next(c);
    return true;
}

static bool try_address(Chardev *c, const ChardevSpec *spec, GSocketAddress *address,
                        GError **error)
{
    g_autoptr(GSocket) s = g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM,
                                        G_SOCKET_PROTOCOL_DEFAULT, error);

    if (s == NULL) {
        return false;
    }
    if (spec->server) {
        return serve(c, s, address, error);
    }
    if (!g_socket_connect(s, address, NULL, error)) {
        return false;
    }
    use_peer(c, g_object_ref(s));
    return true;
}

static GSocketConnectable *where(const ChardevSpec *spec)
{
    if (spec->kind == CHARDEV_UNIX) {
        return G_SOCKET_CONNECTABLE(g_unix_socket_address_new(spec->path));
    }
    if (spec->host && *spec->host) {
        return g_network_address_new(spec->host, spec->port);
    }
    return G_SOCKET_CONNECTABLE(
        g_inet_socket_address_new_from_string(spec->server ? "0.0.0.0" : "127.0.0.1", spec->port));
}

bool chardev_open_socket(Chardev *c, const ChardevSpec *spec, GError **error)
{
    g_autoptr(GSocketConnectable) connectable = where(spec);
    g_autoptr(GSocketAddressEnumerator) all = g_socket_connectable_enumerate(connectable);
    GError *why = NULL;
    GSocketAddress *address;

    c->must_wait = spec->server && spec->wait;
    while ((address = g_socket_address_enumerator_next(all, NULL, why ? NULL : &why)) != NULL) {
        bool done;

        g_clear_error(&why);
        done = try_address(c, spec, address, &why);
        g_object_unref(address);
        if (done) {
            return true;
        }
    }
    return fail(error, c->name, why); /* what the last address said, or the resolver */
}

void chardev_close_socket(Chardev *c)
{
    g_clear_object(&c->listener);
    if (c->unlink_path) {
        g_unlink(c->unlink_path);
    }
}
