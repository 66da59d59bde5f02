/*
 * Copyright (c) 2026 The Mobula Authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* wg-uapi-codec: a WireGuard device to and from the text of WireGuard's
 * cross-platform userspace protocol.  See wg-uapi-codec.h. */

#include <config.h>
#include "wg/wg-uapi-codec.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "wg/wg-device.h"
#include "wg/wg-diff.h"

/* Upper bounds of what one device, peer and allowed IP take in a request. */
#define SET_DEVICE_LEN 256
#define SET_PEER_LEN 512
#define SET_ALLOWED_IP_LEN 80

/* Longest value that is looked at: a key. */
#define MAX_VALUE_LEN (2 * WGKEY_SIZE)

/* An answer that is being read. */
struct reader {
    struct wg_device *dev;      /* NULL if no settings are expected. */
    bool has_peer;              /* The last of dev->peers is being read. */
    bool has_errno;             /* The answer is complete... */
    int64_t error;              /* ...with this value of errno, positive. */
};

/* One line, null-terminated parts. */
struct line {
    char key[MAX_VALUE_LEN + 1];
    char value[MAX_VALUE_LEN + 1];
};

static size_t set_max_len(const struct wg_delta *);
static void put_peer(const struct wg_peer_delta *, struct ds *);
static void put_peer_settings(const struct wg_peer_delta *, struct ds *);
static void put_key(const char *name, const uint8_t key[WGKEY_SIZE],
                    struct ds *);

static int parse_answer(const char *text, struct reader *, char **error);
static const char *next_line(const char *, struct line *, bool *ok);
static bool parse_line(const struct line *, struct reader *);
static bool parse_device_line(const struct line *, struct wg_device *);
static bool parse_peer_line(const struct line *, struct wg_peer *);
static bool parse_counter(const char *, int64_t *);
static bool parse_key(const char *, uint8_t key[WGKEY_SIZE]);
static bool parse_number(const char *, uint64_t max, uint64_t *);
static bool parse_endpoint(const char *, struct wg_peer *);
static bool parse_allowed_ip(const char *, struct wg_peer *);
static bool parse_address(const char *, int *family, struct in6_addr *);
static int malformed(char **error, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

void
wg_uapi_format_set(const struct wg_device *desired,
                   const struct wg_delta *delta, struct ds *s)
{
    ds_reserve(s, s->length + set_max_len(delta));
    ds_put_cstr(s, "set=1\n");
    if (delta->set_private_key) {
        put_key("private_key", desired->private_key, s);
    }
    if (delta->set_listen_port) {
        ds_put_format(s, "listen_port=%"PRIu16"\n", desired->listen_port);
    }
    if (delta->set_fwmark) {
        ds_put_format(s, "fwmark=%"PRIu32"\n", desired->fwmark);
    }
    for (size_t i = 0; i < delta->n_peers; i++) {
        put_peer(&delta->peers[i], s);
    }
    ds_put_char(s, '\n');
}

int
wg_uapi_parse_get(const char *text, struct wg_device *dev, char **error)
{
    struct reader reader = { .dev = dev };
    int retval = parse_answer(text, &reader, error);

    if (!retval) {
        wg_device_sort(dev);
    }
    return retval;
}

int
wg_uapi_parse_set(const char *text, char **error)
{
    struct reader reader = { .dev = NULL };

    return parse_answer(text, &reader, error);
}

/* Writing. */

static size_t
set_max_len(const struct wg_delta *delta)
{
    size_t len = SET_DEVICE_LEN;

    for (size_t i = 0; i < delta->n_peers; i++) {
        const struct wg_peer *peer = delta->peers[i].peer;

        len += SET_PEER_LEN;
        len += peer ? peer->n_allowed_ips * SET_ALLOWED_IP_LEN : 0;
    }
    return len;
}

/* Without update_only, a peer that somebody has removed in the meantime would
 * come back with only the settings that differed. */
static void
put_peer(const struct wg_peer_delta *delta, struct ds *s)
{
    put_key("public_key", delta->public_key, s);
    switch (delta->action) {
    case WG_PEER_REMOVE:
        ds_put_cstr(s, "remove=true\n");
        return;
    case WG_PEER_UPDATE:
        ds_put_cstr(s, "update_only=true\n");
        break;
    case WG_PEER_ADD:
        break;
    }
    put_peer_settings(delta, s);
}

static void
put_peer_settings(const struct wg_peer_delta *delta, struct ds *s)
{
    const struct wg_peer *peer = delta->peer;

    if (delta->set_preshared_key) {
        put_key("preshared_key", peer->preshared_key, s);
    }
    if (delta->set_endpoint) {
        ds_put_cstr(s, "endpoint=");
        wg_peer_format_endpoint(peer, s);
        ds_put_char(s, '\n');
    }
    if (delta->set_keepalive) {
        ds_put_format(s, "persistent_keepalive_interval=%"PRIu16"\n",
                      peer->keepalive_s);
    }
    if (delta->set_allowed_ips) {
        ds_put_cstr(s, "replace_allowed_ips=true\n");
        for (size_t i = 0; i < peer->n_allowed_ips; i++) {
            ds_put_cstr(s, "allowed_ip=");
            wg_allowed_ip_format(&peer->allowed_ips[i], s);
            ds_put_char(s, '\n');
        }
    }
}

/* Writes digit by digit, so that no copy of a private key is left in the
 * buffer of some printf(). */
static void
put_key(const char *name, const uint8_t key[WGKEY_SIZE], struct ds *s)
{
    static const char digits[] = "0123456789abcdef";

    ds_put_cstr(s, name);
    ds_put_char(s, '=');
    for (size_t i = 0; i < WGKEY_SIZE; i++) {
        ds_put_char(s, digits[key[i] >> 4]);
        ds_put_char(s, digits[key[i] & 15]);
    }
    ds_put_char(s, '\n');
}

/* Reading. */

static int
parse_answer(const char *text, struct reader *reader, char **error)
{
    const char *p = text;
    struct line line = { .key = "" };
    int line_number = 0;
    bool ok = true;

    while (ok && *p && *p != '\n' && !reader->has_errno) {
        line_number++;
        p = next_line(p, &line, &ok);
        ok = ok && parse_line(&line, reader);
    }
    wgkey_wipe(&line, sizeof line);
    if (!ok) {
        return malformed(error, "line %d", line_number);
    }
    if (!reader->has_errno || strcmp(p, "\n")) {
        return malformed(error, "no end after line %d", line_number);
    }
    if (reader->error) {
        int err = reader->error;

        *error = xasprintf("the WireGuard program refuses: %s",
                           ovs_strerror(err));
        return err;
    }
    return 0;
}

/* Splits the line at 'p' and returns the beginning of the next one.  Sets
 * '*ok' to false if it is no "KEY=VALUE" line. */
static const char *
next_line(const char *p, struct line *line, bool *ok)
{
    size_t len = strcspn(p, "\n");
    const char *equals = memchr(p, '=', len);
    size_t key_len = equals ? equals - p : 0;
    size_t value_len = equals ? len - key_len - 1 : 0;

    *ok = (equals && p[len] == '\n' && key_len < sizeof line->key
           && value_len < sizeof line->value);
    if (*ok) {
        memcpy(line->key, p, key_len);
        line->key[key_len] = '\0';
        memcpy(line->value, equals + 1, value_len);
        line->value[value_len] = '\0';
    }
    return p + len + (p[len] == '\n');
}

static bool
parse_line(const struct line *line, struct reader *reader)
{
    struct wg_device *dev = reader->dev;
    uint8_t key[WGKEY_SIZE];

    if (!strcmp(line->key, "errno")) {
        /* wireguard-go answers negative values, others positive ones. */
        reader->has_errno = true;
        return parse_counter(line->value + (line->value[0] == '-'),
                             &reader->error) && reader->error <= INT_MAX;
    } else if (!dev) {
        return false;
    } else if (!strcmp(line->key, "public_key")) {
        if (!parse_key(line->value, key)) {
            return false;
        }
        wg_device_add_peer(dev, key);
        reader->has_peer = true;
        return true;
    } else if (reader->has_peer) {
        return parse_peer_line(line, &dev->peers[dev->n_peers - 1]);
    } else {
        return parse_device_line(line, dev);
    }
}

static bool
parse_device_line(const struct line *line, struct wg_device *dev)
{
    const char *value = line->value;
    uint64_t number;

    if (!strcmp(line->key, "private_key")) {
        uint8_t key[WGKEY_SIZE];
        bool ok = parse_key(value, key);

        if (ok) {
            wg_device_set_private_key(dev, key);
        }
        wgkey_wipe(key, sizeof key);
        return ok;
    } else if (!strcmp(line->key, "listen_port")) {
        if (!parse_number(value, UINT16_MAX, &number)) {
            return false;
        }
        dev->listen_port = number;
    } else if (!strcmp(line->key, "fwmark")) {
        if (!parse_number(value, UINT32_MAX, &number)) {
            return false;
        }
        dev->fwmark = number;
    }
    return true;
}

static bool
parse_peer_line(const struct line *line, struct wg_peer *peer)
{
    const char *value = line->value;
    uint64_t number;

    if (!strcmp(line->key, "preshared_key")) {
        uint8_t key[WGKEY_SIZE];
        bool ok = parse_key(value, key);

        if (ok) {
            wg_peer_set_preshared_key(peer, key);
        }
        wgkey_wipe(key, sizeof key);
        return ok;
    } else if (!strcmp(line->key, "endpoint")) {
        return parse_endpoint(value, peer);
    } else if (!strcmp(line->key, "allowed_ip")) {
        return parse_allowed_ip(value, peer);
    } else if (!strcmp(line->key, "last_handshake_time_sec")) {
        return parse_counter(value, &peer->last_handshake);
    } else if (!strcmp(line->key, "rx_bytes")) {
        return parse_number(value, UINT64_MAX, &peer->rx_bytes);
    } else if (!strcmp(line->key, "tx_bytes")) {
        return parse_number(value, UINT64_MAX, &peer->tx_bytes);
    } else if (!strcmp(line->key, "persistent_keepalive_interval")) {
        if (!parse_number(value, UINT16_MAX, &number)) {
            return false;
        }
        peer->keepalive_s = number;
    }
    return true;
}

static bool
parse_counter(const char *value, int64_t *ret)
{
    uint64_t number;

    if (!parse_number(value, INT64_MAX, &number)) {
        return false;
    }
    *ret = number;
    return true;
}

static bool
parse_key(const char *value, uint8_t key[WGKEY_SIZE])
{
    if (strlen(value) != 2 * WGKEY_SIZE) {
        return false;
    }
    for (size_t i = 0; i < WGKEY_SIZE; i++) {
        int high = hexit_value(value[2 * i]);
        int low = hexit_value(value[2 * i + 1]);

        if (high < 0 || low < 0) {
            wgkey_wipe(key, WGKEY_SIZE);
            return false;
        }
        key[i] = high << 4 | low;
    }
    return true;
}

/* Decimal digits only: no sign, no space. */
static bool
parse_number(const char *value, uint64_t max, uint64_t *ret)
{
    uint64_t number = 0;

    if (!*value) {
        return false;
    }
    for (; *value; value++) {
        unsigned int digit = (unsigned char) *value - '0';

        if (digit > 9 || number > (max - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}

/* "192.0.2.1:51820", "[2001:db8::1]:51820" or "[fe80::1%eth0]:51820", whose
 * scope is not kept: hosts.yml has none. */
static bool
parse_endpoint(const char *value, struct wg_peer *peer)
{
    const char *colon = strrchr(value, ':');
    char address[MAX_VALUE_LEN + 1];
    uint64_t port;
    int family;

    if (!colon || !parse_number(colon + 1, UINT16_MAX, &port)) {
        return false;
    }
    ovs_strlcpy(address, value, MIN(sizeof address, colon - value + 1));
    if (address[0] == '[') {
        size_t len = strcspn(address, "%]");

        if (len < 2 || address[strlen(address) - 1] != ']') {
            return false;
        }
        memmove(address, address + 1, len - 1);
        address[len - 1] = '\0';
    }
    if (!parse_address(address, &family, &peer->endpoint)
        || (family == AF_INET6) != (value[0] == '[')) {
        return false;
    }
    peer->endpoint_port = port;
    peer->has_endpoint = true;
    return true;
}

static bool
parse_allowed_ip(const char *value, struct wg_peer *peer)
{
    const char *slash = strchr(value, '/');
    char text[MAX_VALUE_LEN + 1];
    struct in6_addr address;
    uint64_t cidr;
    int family;

    if (!slash || !parse_number(slash + 1, 128, &cidr)) {
        return false;
    }
    ovs_strlcpy(text, value, MIN(sizeof text, slash - value + 1));
    return parse_address(text, &family, &address)
           && wg_peer_add_allowed_ip(peer, family, &address, cidr);
}

static bool
parse_address(const char *text, int *family, struct in6_addr *address)
{
    ovs_be32 ipv4;

    if (ip_parse(text, &ipv4)) {
        in6_addr_set_mapped_ipv4(address, ipv4);
        *family = AF_INET;
        return true;
    }
    *family = AF_INET6;
    return ipv6_parse(text, address);
}

static int
malformed(char **error, const char *format, ...)
{
    va_list args;
    char *detail;

    va_start(args, format);
    detail = xvasprintf(format, args);
    va_end(args);
    *error = xasprintf("malformed answer of the WireGuard program: %s",
                       detail);
    free(detail);
    return EPROTO;
}
