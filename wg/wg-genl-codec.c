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

/* wg-genl-codec: a WireGuard device to and from messages of the kernel's
 * generic netlink family "wireguard".  See wg-genl-codec.h. */

#include <config.h>
#include "wg/wg-genl-codec.h"

#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "wg/wg-device.h"
#include "wg/wg-diff.h"

/* A message that is being written; 'size' is that of its whole buffer. */
struct writer {
    struct nlmsghdr *nlh;
    size_t size;
};

/* What an attribute may look like. */
struct attr_policy {
    uint16_t min_len;
    uint16_t max_len;           /* 0: the type is not looked at. */
};

/* An endpoint in the form that the kernel uses. */
union endpoint {
    struct sockaddr sa;
    struct sockaddr_in sin;
    struct sockaddr_in6 sin6;
};

/* What may be in one nest. */
struct attr_set {
    const char *what;           /* For errors. */
    const struct attr_policy *policy;
    size_t n;                   /* Elements of 'policy'. */
};

#define ATTR_SET(WHAT, POLICY) \
    &(const struct attr_set) { WHAT, POLICY, ARRAY_SIZE(POLICY) }
#define EXACTLY(LEN) { .min_len = (LEN), .max_len = (LEN) }
#define NESTED { .min_len = 0, .max_len = UINT16_MAX }

static bool begin_message(struct writer *, uint16_t type, uint16_t flags,
                          uint8_t cmd, uint32_t seq);
static bool put_device_settings(struct writer *, const struct wg_device *,
                                const struct wg_delta *);
static bool put_peers(struct writer *, struct wg_genl_cursor *);
static bool put_peer(struct writer *, struct wg_genl_cursor *);
static bool put_peer_settings(struct writer *, const struct wg_peer_delta *,
                              bool is_continuation);
static bool put_endpoint(struct writer *, const struct wg_peer *);
static bool put_allowed_ips(struct writer *, const struct wg_peer *,
                            struct wg_genl_cursor *);
static bool put_allowed_ip(struct writer *, const struct wg_allowed_ip *);
static bool put(struct writer *, uint16_t type, const void *, size_t);
static bool put_u32(struct writer *, uint16_t type, uint32_t);
static bool put_u16(struct writer *, uint16_t type, uint16_t);
static struct nlattr *begin_nested(struct writer *, uint16_t type);

static int parse_device_settings(const struct nlattr *const *,
                                 struct wg_device *, char **error);
static int parse_peers(const struct nlattr *, struct wg_device *,
                       char **error);
static int parse_peer(const struct nlattr *, struct wg_device *,
                      char **error);
static int parse_peer_settings(const struct nlattr *const *,
                               struct wg_peer *, char **error);
static int parse_endpoint(const struct nlattr *, struct wg_peer *,
                          char **error);
static int parse_handshake(const struct nlattr *, struct wg_peer *,
                           char **error);
static int parse_allowed_ips(const struct nlattr *, struct wg_peer *,
                             char **error);
static int parse_allowed_ip(const struct nlattr *, struct wg_peer *,
                            char **error);
static bool parse_address(const struct nlattr *, int family,
                          struct in6_addr *);
static int parse_attrs(const void *, size_t, const struct attr_set *,
                       const struct nlattr **, char **error);
static int parse_nested(const struct nlattr *, const struct attr_set *,
                        const struct nlattr **, char **error);
static int OVS_PRINTF_FORMAT(2, 3) malformed(char **, const char *, ...);

int
wg_genl_put_get_family(const char *name, uint32_t seq, void *buf, size_t size)
{
    struct writer w = { .nlh = buf, .size = size };

    if (!begin_message(&w, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK,
                       CTRL_CMD_GETFAMILY, seq)
        || !mnl_attr_put_strz_check(w.nlh, w.size, CTRL_ATTR_FAMILY_NAME,
                                    name)) {
        return EMSGSIZE;
    }
    return 0;
}

int
wg_genl_parse_family(const struct nlmsghdr *nlh, uint16_t *family)
{
    static const struct attr_policy policy[] = {
        [CTRL_ATTR_FAMILY_ID] = EXACTLY(sizeof(uint16_t)),
    };
    const struct nlattr *attrs[ARRAY_SIZE(policy)];
    char *error = NULL;
    size_t len = mnl_nlmsg_get_payload_len(nlh);

    if (len < GENL_HDRLEN
        || parse_attrs(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
                       len - GENL_HDRLEN, ATTR_SET("family", policy),
                       attrs, &error)
        || !attrs[CTRL_ATTR_FAMILY_ID]) {
        free(error);
        return EPROTO;
    }
    *family = mnl_attr_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
    return 0;
}

int
wg_genl_put_get(const char *name, uint16_t family, uint32_t seq,
                void *buf, size_t size)
{
    struct writer w = { .nlh = buf, .size = size };

    if (!begin_message(&w, family, NLM_F_REQUEST | NLM_F_DUMP,
                       WG_CMD_GET_DEVICE, seq)
        || !mnl_attr_put_strz_check(w.nlh, w.size, WGDEVICE_A_IFNAME, name)) {
        return EMSGSIZE;
    }
    return 0;
}

int
wg_genl_put_set(struct wg_genl_cursor *cursor, uint32_t seq,
                void *buf, size_t size)
{
    struct writer w = { .nlh = buf, .size = size };
    const size_t n_peers = cursor->delta->n_peers;
    const struct wg_genl_cursor start = *cursor;

    if (size > WG_GENL_MAX_SIZE
        || !begin_message(&w, cursor->family, NLM_F_REQUEST | NLM_F_ACK,
                          WG_CMD_SET_DEVICE, seq)
        || !mnl_attr_put_strz_check(w.nlh, w.size, WGDEVICE_A_IFNAME,
                                    cursor->desired->name)) {
        return EMSGSIZE;
    }
    if (!cursor->started) {
        if (!put_device_settings(&w, cursor->desired, cursor->delta)) {
            return EMSGSIZE;
        }
        cursor->started = true;
    }
    if (cursor->peer < n_peers && !put_peers(&w, cursor)) {
        *cursor = start;
        return EMSGSIZE;
    }
    cursor->done = cursor->peer >= n_peers;
    if (!cursor->done && start.started && cursor->peer == start.peer
        && cursor->allowed_ip == start.allowed_ip) {
        return EMSGSIZE;
    }
    return 0;
}

int
wg_genl_parse_device(const struct nlmsghdr *nlh, struct wg_device *dev,
                     char **error)
{
    static const struct attr_policy policy[] = {
        [WGDEVICE_A_IFNAME] = { .min_len = 1, .max_len = IFNAMSIZ },
        [WGDEVICE_A_PRIVATE_KEY] = EXACTLY(WGKEY_SIZE),
        [WGDEVICE_A_PUBLIC_KEY] = EXACTLY(WGKEY_SIZE),
        [WGDEVICE_A_LISTEN_PORT] = EXACTLY(sizeof(uint16_t)),
        [WGDEVICE_A_FWMARK] = EXACTLY(sizeof(uint32_t)),
        [WGDEVICE_A_PEERS] = NESTED,
    };
    const struct nlattr *attrs[ARRAY_SIZE(policy)];
    size_t len = mnl_nlmsg_get_payload_len(nlh);
    int retval;

    if (len < GENL_HDRLEN) {
        return malformed(error, "message of %"PRIuSIZE" bytes", len);
    }
    retval = parse_attrs(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
                         len - GENL_HDRLEN, ATTR_SET("device", policy), attrs,
                         error);
    return retval ? retval : parse_device_settings(attrs, dev, error);
}

/* Writing.  These return false if the buffer is full. */

static bool
begin_message(struct writer *w, uint16_t type, uint16_t flags, uint8_t cmd,
              uint32_t seq)
{
    struct genlmsghdr *genl;

    if (w->size < MNL_NLMSG_HDRLEN + GENL_HDRLEN) {
        return false;
    }
    memset(w->nlh, 0, w->size);     /* libmnl leaves padding as it is. */
    mnl_nlmsg_put_header(w->nlh);
    w->nlh->nlmsg_type = type;
    w->nlh->nlmsg_flags = flags;
    w->nlh->nlmsg_seq = seq;
    genl = mnl_nlmsg_put_extra_header(w->nlh, GENL_HDRLEN);
    genl->cmd = cmd;
    genl->version = WG_GENL_VERSION;
    return true;
}

static bool
put_device_settings(struct writer *w, const struct wg_device *desired,
                    const struct wg_delta *delta)
{
    return (!delta->set_private_key
            || put(w, WGDEVICE_A_PRIVATE_KEY, desired->private_key,
                   WGKEY_SIZE))
           && (!delta->set_listen_port
               || put_u16(w, WGDEVICE_A_LISTEN_PORT, desired->listen_port))
           && (!delta->set_fwmark
               || put_u32(w, WGDEVICE_A_FWMARK, desired->fwmark));
}

/* Writes as many peers as fit, from 'cursor' on. */
static bool
put_peers(struct writer *w, struct wg_genl_cursor *cursor)
{
    struct nlattr *peers = begin_nested(w, WGDEVICE_A_PEERS);

    if (!peers) {
        return false;
    }
    while (cursor->peer < cursor->delta->n_peers && put_peer(w, cursor)) {
        continue;
    }
    mnl_attr_nest_end(w->nlh, peers);
    return true;
}

/* Writes a peer, or as much of its allowed IPs as fits.  Returns true and
 * moves 'cursor' to the next peer if all of it is out.  A peer that fits
 * without any of its allowed IPs waits for the next message, so that every
 * message says something new about each peer in it. */
static bool
put_peer(struct writer *w, struct wg_genl_cursor *cursor)
{
    const struct wg_peer_delta *delta = &cursor->delta->peers[cursor->peer];
    bool has_allowed_ips = delta->peer && delta->set_allowed_ips
                           && delta->peer->n_allowed_ips > 0;
    size_t first = cursor->allowed_ip;
    struct nlattr *nest = begin_nested(w, 0);

    if (!nest) {
        return false;
    }
    if (!put_peer_settings(w, delta, first > 0)
        || (has_allowed_ips && !put_allowed_ips(w, delta->peer, cursor)
            && cursor->allowed_ip == first)) {
        mnl_attr_nest_cancel(w->nlh, nest);
        return false;
    }
    mnl_attr_nest_end(w->nlh, nest);
    if (has_allowed_ips && cursor->allowed_ip < delta->peer->n_allowed_ips) {
        return false;
    }
    cursor->peer++;
    cursor->allowed_ip = 0;
    return true;
}

/* Writes everything but the allowed IPs.  Without WGPEER_F_UPDATE_ONLY, a
 * peer that somebody has removed in the meantime would come back with only
 * the settings that differed. */
static bool
put_peer_settings(struct writer *w, const struct wg_peer_delta *delta,
                  bool is_continuation)
{
    const struct wg_peer *peer = delta->peer;
    uint32_t flags = (delta->action == WG_PEER_REMOVE ? WGPEER_F_REMOVE_ME
                      : delta->action == WG_PEER_UPDATE || is_continuation
                      ? WGPEER_F_UPDATE_ONLY : 0);

    if (delta->set_allowed_ips && !is_continuation) {
        flags |= WGPEER_F_REPLACE_ALLOWEDIPS;
    }
    if (!put(w, WGPEER_A_PUBLIC_KEY, delta->public_key, WGKEY_SIZE)
        || (flags && !put_u32(w, WGPEER_A_FLAGS, flags))) {
        return false;
    }
    if (!peer || is_continuation) {
        return true;
    }
    return (!delta->set_preshared_key
            || put(w, WGPEER_A_PRESHARED_KEY, peer->preshared_key,
                   WGKEY_SIZE))
           && (!delta->set_endpoint || put_endpoint(w, peer))
           && (!delta->set_keepalive
               || put_u16(w, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
                          peer->keepalive_s));
}

static bool
put_endpoint(struct writer *w, const struct wg_peer *peer)
{
    if (IN6_IS_ADDR_V4MAPPED(&peer->endpoint)) {
        struct sockaddr_in sin = {
            .sin_family = AF_INET,
            .sin_port = htons(peer->endpoint_port),
            .sin_addr.s_addr = in6_addr_get_mapped_ipv4(&peer->endpoint),
        };

        return put(w, WGPEER_A_ENDPOINT, &sin, sizeof sin);
    } else {
        struct sockaddr_in6 sin6 = {
            .sin6_family = AF_INET6,
            .sin6_port = htons(peer->endpoint_port),
            .sin6_addr = peer->endpoint,
        };

        return put(w, WGPEER_A_ENDPOINT, &sin6, sizeof sin6);
    }
}

/* Writes allowed IPs from 'cursor' on; returns true if all of them fit. */
static bool
put_allowed_ips(struct writer *w, const struct wg_peer *peer,
                struct wg_genl_cursor *cursor)
{
    struct nlattr *nest = begin_nested(w, WGPEER_A_ALLOWEDIPS);

    if (!nest) {
        return false;
    }
    while (cursor->allowed_ip < peer->n_allowed_ips
           && put_allowed_ip(w, &peer->allowed_ips[cursor->allowed_ip])) {
        cursor->allowed_ip++;
    }
    mnl_attr_nest_end(w->nlh, nest);
    return cursor->allowed_ip >= peer->n_allowed_ips;
}

static bool
put_allowed_ip(struct writer *w, const struct wg_allowed_ip *ip)
{
    struct nlattr *nest = begin_nested(w, 0);
    bool ok;

    if (!nest) {
        return false;
    }
    ok = put_u16(w, WGALLOWEDIP_A_FAMILY, ip->family);
    if (ip->family == AF_INET) {
        ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(&ip->address);

        ok = ok && put(w, WGALLOWEDIP_A_IPADDR, &ipv4, sizeof ipv4);
    } else {
        ok = ok && put(w, WGALLOWEDIP_A_IPADDR, &ip->address,
                       sizeof ip->address);
    }
    ok = ok && put(w, WGALLOWEDIP_A_CIDR_MASK, &ip->cidr, sizeof ip->cidr);
    if (!ok) {
        mnl_attr_nest_cancel(w->nlh, nest);
        return false;
    }
    mnl_attr_nest_end(w->nlh, nest);
    return true;
}

static bool
put(struct writer *w, uint16_t type, const void *data, size_t size)
{
    return mnl_attr_put_check(w->nlh, w->size, type, size, data);
}

static bool
put_u32(struct writer *w, uint16_t type, uint32_t value)
{
    return put(w, type, &value, sizeof value);
}

static bool
put_u16(struct writer *w, uint16_t type, uint16_t value)
{
    return put(w, type, &value, sizeof value);
}

static struct nlattr *
begin_nested(struct writer *w, uint16_t type)
{
    return mnl_attr_nest_start_check(w->nlh, w->size, type);
}

/* Reading.  These return 0, or EPROTO with a sentence in '*error'. */

static int
parse_device_settings(const struct nlattr *const *attrs,
                      struct wg_device *dev, char **error)
{
    const struct nlattr *a = attrs[WGDEVICE_A_IFNAME];

    if (a && strncmp(mnl_attr_get_payload(a), dev->name,
                     mnl_attr_get_payload_len(a))) {
        return malformed(error, "it is about another device");
    }
    if (attrs[WGDEVICE_A_PRIVATE_KEY]) {
        a = attrs[WGDEVICE_A_PRIVATE_KEY];
        wg_device_set_private_key(dev, mnl_attr_get_payload(a));
    } else if (attrs[WGDEVICE_A_PUBLIC_KEY]) {
        a = attrs[WGDEVICE_A_PUBLIC_KEY];
        memcpy(dev->public_key, mnl_attr_get_payload(a), WGKEY_SIZE);
    }
    a = attrs[WGDEVICE_A_LISTEN_PORT];
    if (a) {
        dev->listen_port = mnl_attr_get_u16(a);
    }
    a = attrs[WGDEVICE_A_FWMARK];
    if (a) {
        dev->fwmark = mnl_attr_get_u32(a);
    }
    a = attrs[WGDEVICE_A_PEERS];
    return a ? parse_peers(a, dev, error) : 0;
}

static int
parse_peers(const struct nlattr *peers, struct wg_device *dev, char **error)
{
    const struct nlattr *a;

    mnl_attr_for_each_nested(a, peers) {
        int retval = parse_peer(a, dev, error);

        if (retval) {
            return retval;
        }
    }
    return 0;
}

static int
parse_peer(const struct nlattr *nest, struct wg_device *dev, char **error)
{
    static const struct attr_policy policy[] = {
        [WGPEER_A_PUBLIC_KEY] = EXACTLY(WGKEY_SIZE),
        [WGPEER_A_PRESHARED_KEY] = EXACTLY(WGKEY_SIZE),
        [WGPEER_A_ENDPOINT] = { .min_len = sizeof(struct sockaddr_in),
                                .max_len = sizeof(struct sockaddr_in6) },
        [WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = EXACTLY(sizeof(uint16_t)),
        [WGPEER_A_LAST_HANDSHAKE_TIME] = EXACTLY(2 * sizeof(int64_t)),
        [WGPEER_A_RX_BYTES] = EXACTLY(sizeof(uint64_t)),
        [WGPEER_A_TX_BYTES] = EXACTLY(sizeof(uint64_t)),
        [WGPEER_A_ALLOWEDIPS] = NESTED,
    };
    const struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct wg_peer *peer;
    const uint8_t *key;
    int retval = parse_nested(nest, ATTR_SET("peer", policy), attrs, error);

    if (retval) {
        return retval;
    }
    if (!attrs[WGPEER_A_PUBLIC_KEY]) {
        return malformed(error, "peer without public key");
    }
    key = mnl_attr_get_payload(attrs[WGPEER_A_PUBLIC_KEY]);
    peer = dev->n_peers ? &dev->peers[dev->n_peers - 1] : NULL;
    if (!peer || memcmp(peer->public_key, key, WGKEY_SIZE)) {
        peer = wg_device_add_peer(dev, key);
    }
    return parse_peer_settings(attrs, peer, error);
}

static int
parse_peer_settings(const struct nlattr *const *attrs, struct wg_peer *peer,
                    char **error)
{
    const struct nlattr *a = attrs[WGPEER_A_PRESHARED_KEY];
    int retval = 0;

    if (a) {
        wg_peer_set_preshared_key(peer, mnl_attr_get_payload(a));
    }
    a = attrs[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL];
    if (a) {
        peer->keepalive_s = mnl_attr_get_u16(a);
    }
    a = attrs[WGPEER_A_RX_BYTES];
    if (a) {
        peer->rx_bytes = mnl_attr_get_u64(a);
    }
    a = attrs[WGPEER_A_TX_BYTES];
    if (a) {
        peer->tx_bytes = mnl_attr_get_u64(a);
    }
    a = attrs[WGPEER_A_ENDPOINT];
    if (a) {
        retval = parse_endpoint(a, peer, error);
    }
    a = attrs[WGPEER_A_LAST_HANDSHAKE_TIME];
    if (a && !retval) {
        retval = parse_handshake(a, peer, error);
    }
    a = attrs[WGPEER_A_ALLOWEDIPS];
    if (a && !retval) {
        retval = parse_allowed_ips(a, peer, error);
    }
    return retval;
}

/* The scope of a link-local address is not kept: hosts.yml has none. */
static int
parse_endpoint(const struct nlattr *a, struct wg_peer *peer, char **error)
{
    size_t len = mnl_attr_get_payload_len(a);
    union endpoint ep;

    memset(&ep, 0, sizeof ep);
    memcpy(&ep, mnl_attr_get_payload(a), MIN(len, sizeof ep));
    if (ep.sa.sa_family == AF_INET && len == sizeof ep.sin) {
        in6_addr_set_mapped_ipv4(&peer->endpoint, ep.sin.sin_addr.s_addr);
        peer->endpoint_port = ntohs(ep.sin.sin_port);
    } else if (ep.sa.sa_family == AF_INET6 && len == sizeof ep.sin6) {
        peer->endpoint = ep.sin6.sin6_addr;
        peer->endpoint_port = ntohs(ep.sin6.sin6_port);
    } else {
        return malformed(error, "endpoint of family %d and %"PRIuSIZE" bytes",
                         ep.sa.sa_family, len);
    }
    peer->has_endpoint = true;
    return 0;
}

static int
parse_handshake(const struct nlattr *a, struct wg_peer *peer, char **error)
{
    int64_t seconds;            /* Nanoseconds follow. */

    memcpy(&seconds, mnl_attr_get_payload(a), sizeof seconds);
    if (seconds < 0) {
        return malformed(error, "handshake before 1970");
    }
    peer->last_handshake = seconds;
    return 0;
}

static int
parse_allowed_ips(const struct nlattr *ips, struct wg_peer *peer,
                  char **error)
{
    const struct nlattr *a;

    mnl_attr_for_each_nested(a, ips) {
        int retval = parse_allowed_ip(a, peer, error);

        if (retval) {
            return retval;
        }
    }
    return 0;
}

static int
parse_allowed_ip(const struct nlattr *nest, struct wg_peer *peer,
                 char **error)
{
    static const struct attr_policy policy[] = {
        [WGALLOWEDIP_A_FAMILY] = EXACTLY(sizeof(uint16_t)),
        [WGALLOWEDIP_A_IPADDR] = { .min_len = sizeof(struct in_addr),
                                   .max_len = sizeof(struct in6_addr) },
        [WGALLOWEDIP_A_CIDR_MASK] = EXACTLY(sizeof(uint8_t)),
    };
    const struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct in6_addr address;
    uint16_t family;
    int retval = parse_nested(nest, ATTR_SET("allowed IP", policy), attrs,
                              error);

    if (retval) {
        return retval;
    }
    if (!attrs[WGALLOWEDIP_A_FAMILY] || !attrs[WGALLOWEDIP_A_IPADDR]
        || !attrs[WGALLOWEDIP_A_CIDR_MASK]) {
        return malformed(error, "incomplete allowed IP");
    }
    family = mnl_attr_get_u16(attrs[WGALLOWEDIP_A_FAMILY]);
    if (!parse_address(attrs[WGALLOWEDIP_A_IPADDR], family, &address)) {
        return malformed(
            error, "allowed IP of family %"PRIu16" and %"PRIu16" bytes",
            family, mnl_attr_get_payload_len(attrs[WGALLOWEDIP_A_IPADDR]));
    }
    if (!wg_peer_add_allowed_ip(
            peer, family, &address,
            mnl_attr_get_u8(attrs[WGALLOWEDIP_A_CIDR_MASK]))) {
        return malformed(error, "allowed IP with a prefix that is too long");
    }
    return 0;
}

static bool
parse_address(const struct nlattr *a, int family, struct in6_addr *address)
{
    const void *payload = mnl_attr_get_payload(a);
    size_t len = mnl_attr_get_payload_len(a);

    if (family == AF_INET && len == sizeof(ovs_be32)) {
        ovs_be32 ipv4;

        memcpy(&ipv4, payload, sizeof ipv4);
        in6_addr_set_mapped_ipv4(address, ipv4);
        return true;
    } else if (family == AF_INET6 && len == sizeof *address) {
        memcpy(address, payload, sizeof *address);
        return true;
    }
    return false;
}

/* Stores the attributes in the 'len' bytes at 'p' by type into 'attrs', which
 * has 'set->n' elements, NULL for those that are missing.  Types that 'set'
 * does not have are skipped: a newer kernel may have more. */
static int
parse_attrs(const void *p, size_t len, const struct attr_set *set,
            const struct nlattr **attrs, char **error)
{
    const struct nlattr *a = p;
    const char *end = (const char *) p + len;

    memset(attrs, 0, set->n * sizeof *attrs);
    for (; mnl_attr_ok(a, end - (const char *) a); a = mnl_attr_next(a)) {
        uint16_t type = mnl_attr_get_type(a);
        uint16_t payload_len = mnl_attr_get_payload_len(a);

        if (type >= set->n || !set->policy[type].max_len) {
            continue;
        }
        if (payload_len < set->policy[type].min_len
            || payload_len > set->policy[type].max_len) {
            return malformed(error, "%s attribute %"PRIu16" has %"PRIu16" "
                             "bytes", set->what, type, payload_len);
        }
        attrs[type] = a;
    }
    if ((const char *) a < end) {
        return malformed(error, "%s attributes end within an attribute",
                         set->what);
    }
    return 0;
}

static int
parse_nested(const struct nlattr *nest, const struct attr_set *set,
             const struct nlattr **attrs, char **error)
{
    return parse_attrs(mnl_attr_get_payload(nest),
                       mnl_attr_get_payload_len(nest), set, attrs, error);
}

static int
malformed(char **error, const char *format, ...)
{
    va_list args;
    char *detail;

    va_start(args, format);
    detail = xvasprintf(format, args);
    va_end(args);
    *error = xasprintf("malformed message about a WireGuard device: %s",
                       detail);
    free(detail);
    return EPROTO;
}
