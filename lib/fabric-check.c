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

/* fabric-check: is a whole configuration one that works?
 * See fabric-check.h. */

#include <config.h>
#include "lib/fabric-check.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "lib/mtu.h"
#include "lib/settings-yaml.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Where clouds have their metadata service; hosts must reach it. */
#define METADATA_ADDRESS 0xa9fea9fe     /* 169.254.169.254 */

/* IPv6 needs links of this many bytes (RFC 8200, section 5). */
#define IPV6_MIN_MTU 1280

static void check_settings(const struct fabric *, struct config_messages *);
static void check_prefix(const struct fabric *, enum setting, uint8_t len,
                         struct config_messages *);
static void check_extrawire_prefix(const struct fabric *,
                                   struct config_messages *);
static void check_overlap(const struct fabric *, enum setting, enum setting,
                          struct config_messages *);
static void check_mtu(const struct fabric *, struct config_messages *);
static void check_ipv6(const struct fabric *, struct config_messages *);
static void check_dns_servers(const struct fabric *,
                              struct config_messages *);
static void check_hosts(const struct fabric *, struct config_messages *);
static void check_endpoint(const struct fabric *, const struct fabric_host *,
                           struct config_messages *);
static void check_endpoints(const struct fabric *, struct config_messages *);
static void check_private_key(const struct fabric_host *,
                              struct config_messages *);
static void check_missing_private_key(const struct fabric *,
                                      struct config_messages *);
static void check_extra_hosts(const struct fabric *,
                              struct config_messages *);
static void check_extra_wires(const struct fabric *,
                              struct config_messages *);
static void check_unique(const struct fabric *, struct config_messages *);
static void claim_host(struct shash *, const struct settings *,
                       const struct fabric_host *, struct config_messages *);
static void claim_endpoint(struct shash *, const struct settings *,
                           const struct fabric_host *,
                           struct config_messages *);
static void claim_name(struct shash *, const char *hostname,
                       const struct source_pos *, struct config_messages *);
static void claim_key(struct shash *, const uint8_t public_key[WGKEY_SIZE],
                      const struct source_pos *, struct config_messages *);
static void claim(struct shash *, char *value, const struct source_pos *,
                  struct config_messages *);
static struct source_pos setting_pos(const struct fabric *, enum setting);
static int compare_pos(const struct source_pos *, const struct source_pos *);
static bool prefix_contains(const struct ipv4_prefix *, ovs_be32);
static bool prefixes_overlap(const struct ipv4_prefix *,
                             const struct ipv4_prefix *);

void
fabric_check(const struct fabric *fabric, struct config_messages *msgs)
{
    check_settings(fabric, msgs);
    check_hosts(fabric, msgs);
    check_extra_hosts(fabric, msgs);
    check_extra_wires(fabric, msgs);
    check_unique(fabric, msgs);
}

static void
check_settings(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;
    struct source_pos pos;

    check_prefix(fabric, SETTING_ACCESS_PREFIX, 16, msgs);
    check_prefix(fabric, SETTING_INTRAWIRE_PREFIX, 16, msgs);
    check_prefix(fabric, SETTING_VTEP_PREFIX, 17, msgs);
    check_extrawire_prefix(fabric, msgs);
    check_overlap(fabric, SETTING_ACCESS_PREFIX, SETTING_INTRAWIRE_PREFIX,
                  msgs);
    check_overlap(fabric, SETTING_ACCESS_PREFIX, SETTING_VTEP_PREFIX, msgs);
    check_overlap(fabric, SETTING_INTRAWIRE_PREFIX, SETTING_VTEP_PREFIX,
                  msgs);

    if (prefix_contains(&s->vtep_prefix, htonl(METADATA_ADDRESS))) {
        pos = setting_pos(fabric, SETTING_VTEP_PREFIX);
        config_error(msgs, &pos, "vtep_prefix contains 169.254.169.254, the "
                     "metadata service of clouds: expected one without it, "
                     "such as 169.254.0.0/17");
    }
    if (s->vxlan_port == s->wireguard_port) {
        pos = setting_pos(fabric, fabric->setting_pos[SETTING_VXLAN_PORT].file
                                  ? SETTING_VXLAN_PORT
                                  : SETTING_WIREGUARD_PORT);
        config_error(msgs, &pos, "vxlan_port and wireguard_port are both %u: "
                     "expected two UDP ports", s->vxlan_port);
    }
    check_mtu(fabric, msgs);
    check_ipv6(fabric, msgs);
    check_dns_servers(fabric, msgs);
}

/* The host part of addresses is made from the host id: sizes are fixed. */
static void
check_prefix(const struct fabric *fabric, enum setting id, uint8_t len,
             struct config_messages *msgs)
{
    const struct ipv4_prefix *prefix = settings_yaml_prefix(&fabric->settings,
                                                            id);
    uint32_t ip = ntohl(prefix->address);

    if (prefix->len != len) {
        struct source_pos pos = setting_pos(fabric, id);

        config_error(msgs, &pos, "%s is a /%u: expected a /%u",
                     settings_yaml_name(id), prefix->len, len);
    } else if (!(ip >> 24) || ip >> 24 == 127 || ip >> 28 >= 0xe) {
        struct source_pos pos = setting_pos(fabric, id);

        config_error(msgs, &pos, "%s "IP_FMT"/%u has no addresses that hosts "
                     "can use: expected a private prefix",
                     settings_yaml_name(id), IP_ARGS(prefix->address),
                     prefix->len);
    }
}

static void
check_extrawire_prefix(const struct fabric *fabric,
                       struct config_messages *msgs)
{
    const struct ipv4_prefix *intra = &fabric->settings.intrawire_prefix;
    const struct ipv4_prefix *extra = &fabric->settings.extrawire_prefix;
    struct ipv4_prefix upper = { intra->address | htonl(0x8000), 17 };

    if (intra->len == 16
        && (extra->len < 17 || !prefix_contains(&upper, extra->address))) {
        struct source_pos pos = setting_pos(fabric, SETTING_EXTRAWIRE_PREFIX);

        config_error(msgs, &pos, "extrawire_prefix "IP_FMT"/%u is not in the "
                     "upper half of intrawire_prefix: expected "IP_FMT"/17 "
                     "or a part of it", IP_ARGS(extra->address), extra->len,
                     IP_ARGS(upper.address));
    }
}

static void
check_overlap(const struct fabric *fabric, enum setting a_id,
              enum setting b_id, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;
    const struct ipv4_prefix *a = settings_yaml_prefix(s, a_id);
    const struct ipv4_prefix *b = settings_yaml_prefix(s, b_id);

    if (prefixes_overlap(a, b)) {
        struct source_pos pos = setting_pos(fabric,
                                            fabric->setting_pos[b_id].file
                                            ? b_id : a_id);

        config_error(msgs, &pos, "%s "IP_FMT"/%u and %s "IP_FMT"/%u overlap: "
                     "expected separate networks",
                     settings_yaml_name(a_id), IP_ARGS(a->address), a->len,
                     settings_yaml_name(b_id), IP_ARGS(b->address), b->len);
    }
}

static void
check_mtu(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;
    unsigned int mtu = mtu_access(s->underlay_mtu);

    if (s->underlay_mtu && mtu < IPV6_MIN_MTU) {
        struct source_pos pos = setting_pos(fabric, SETTING_UNDERLAY_MTU);

        config_warn(msgs, &pos, "underlay_mtu %u leaves %u bytes for the "
                    "access network, on which IPv6 does not work: expected "
                    "%u or more", s->underlay_mtu, mtu,
                    s->underlay_mtu + IPV6_MIN_MTU - mtu);
    }
}

static void
check_ipv6(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;
    bool is_private = (s->ipv6_prefix.address.s6_addr[0] & 0xfe) == 0xfc;
    struct source_pos pos;

    if (s->ipv6 != IPV6_OFF && !s->ipv6_prefix.len) {
        pos = setting_pos(fabric, SETTING_IPV6);
        config_error(msgs, &pos, "ipv6 needs a prefix: expected ipv6_prefix, "
                     "such as one at random out of fd00::/8");
    } else if (s->ipv6 == IPV6_NAT && !is_private) {
        pos = setting_pos(fabric, SETTING_IPV6_PREFIX);
        config_warn(msgs, &pos, "ipv6_prefix belongs to somebody outside, and "
                    "with ipv6 'nat' nobody there sees it: expected one out "
                    "of fd00::/8, or ipv6 'routed'");
    }
}

/* Gateways that ask one another would do so for ever. */
static void
check_dns_servers(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;

    for (size_t i = 0; i < s->n_dns_servers; i++) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&s->dns_servers[i].address);
        uint32_t id = ntohl(ip ^ s->access_prefix.address);

        if (ip && prefix_contains(&s->access_prefix, ip)
            && id <= HOST_ID_MAX && fabric_find_host(fabric, id)) {
            struct source_pos pos = setting_pos(fabric, SETTING_DNS_SERVERS);

            config_error(msgs, &pos, "dns_servers has "IP_FMT", the gateway "
                         "of host %"PRIu32", which would ask itself: expected "
                         "servers outside, or on another machine",
                         IP_ARGS(ip), id);
        }
    }
}

static void
check_hosts(const struct fabric *fabric, struct config_messages *msgs)
{
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (host->id == HOST_ID_MAX) {
            config_warn(msgs, &host->id_pos, "the access address of host_id "
                        "%u, "IP_FMT", is the broadcast address of the "
                        "network: it cannot be used", host->id,
                        IP_ARGS(addr_access_host(&fabric->settings,
                                                 host->id)));
        }
        check_endpoint(fabric, host, msgs);
        check_private_key(host, msgs);
    }
    check_endpoints(fabric, msgs);
    check_missing_private_key(fabric, msgs);
}

static void
check_endpoint(const struct fabric *fabric, const struct fabric_host *host,
               struct config_messages *msgs)
{
    enum setting id;

    if (endpoint_is_inside(&fabric->settings, &host->endpoint, &id)) {
        const struct ipv4_prefix *prefix =
            settings_yaml_prefix(&fabric->settings, id);
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&host->endpoint);

        config_error(msgs, &host->endpoint_pos, "host '"IP_FMT"' is "
                     "inside %s "IP_FMT"/%u, which is Mobula's own: "
                     "expected an address of the underlay",
                     IP_ARGS(ip), settings_yaml_name(id),
                     IP_ARGS(prefix->address), prefix->len);
    }
    if (host->endpoint_none && host->has_keepalive && !host->keepalive_s) {
        config_warn(msgs, &host->endpoint_pos, "this host has no endpoint, "
                    "and its mobula_keepalive is 0: a NAT in front of it may "
                    "forget it");
    }
}

/* Nobody can speak first. */
static void
check_endpoints(const struct fabric *fabric, struct config_messages *msgs)
{
    size_t n = 0;

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        n += fabric->hosts[i].endpoint_none;
    }
    if (n > 1 && n == fabric->n_hosts) {
        config_error(msgs, &fabric->hosts[0].endpoint_pos, "no host has an "
                     "endpoint: expected one at least that others can reach");
    }
}

static void
check_private_key(const struct fabric_host *host,
                  struct config_messages *msgs)
{
    uint8_t public_key[WGKEY_SIZE];

    if (!host->has_private_key || wgkey_is_zero(host->public_key)) {
        return;
    }
    wgkey_public(host->private_key, public_key);
    if (!wgkey_equal(public_key, host->public_key)) {
        char text[WGKEY_BASE64_LEN + 1];

        wgkey_to_base64(public_key, text);
        config_error(msgs, &host->public_key_pos, "the public key does not "
                     "belong to the private key: expected %s", text);
    }
}

/* A file may have all private keys (where hosts are deployed from), one or
 * none.  Something in between looks like a file that was cut off. */
static void
check_missing_private_key(const struct fabric *fabric,
                          struct config_messages *msgs)
{
    const struct fabric_host *without = NULL;
    size_t n = 0;

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        n += host->has_private_key;
        if (!host->has_private_key
            && (!without || compare_pos(&host->pos, &without->pos) > 0)) {
            without = host;
        }
    }
    if (without && n > 1) {
        config_warn(msgs, &without->pos, "this host has no private_key, but "
                    "%"PRIuSIZE" others have: is the file complete?", n);
    }
}

static void
check_extra_hosts(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct settings *s = &fabric->settings;
    ovs_be32 network = s->access_prefix.address;
    ovs_be32 broadcast = network | ~be32_prefix_mask(s->access_prefix.len);

    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        const struct fabric_extra_host *extra = &fabric->extra_hosts[i];
        uint32_t host_part = ntohl(extra->address ^ network);
        const struct fabric_host *owner;

        if (!extra->address) {
            continue;
        } else if (!prefix_contains(&s->access_prefix, extra->address)) {
            config_error(msgs, &extra->pos, IP_FMT" is outside the access "
                         "network: expected an address in "IP_FMT"/%u",
                         IP_ARGS(extra->address), IP_ARGS(network),
                         s->access_prefix.len);
        } else if (extra->address == network || extra->address == broadcast) {
            config_error(msgs, &extra->pos, IP_FMT" is the %s address of the "
                         "access network: expected the address of a host",
                         IP_ARGS(extra->address),
                         extra->address == network ? "network" : "broadcast");
        } else if (s->access_prefix.len == 16 && (host_part & 0x7fff)
                   && (owner = fabric_find_host(fabric, host_part & 0x7fff))) {
            config_error(msgs, &extra->pos, IP_FMT" is the access address of "
                         "%shost %u (%s:%u): expected one that is free",
                         IP_ARGS(extra->address),
                         host_part & 0x8000 ? "" : "the gateway of ",
                         owner->id, owner->pos.file, owner->pos.line);
        }
    }
}

static void
check_extra_wires(const struct fabric *fabric, struct config_messages *msgs)
{
    const struct ipv4_prefix *prefix = &fabric->settings.extrawire_prefix;

    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct fabric_extra_wire *wire = &fabric->extra_wires[i];

        if (wire->address && !prefix_contains(prefix, wire->address)) {
            config_error(msgs, &wire->pos, IP_FMT" is outside the extrawire "
                         "network: expected an address in "IP_FMT"/%u",
                         IP_ARGS(wire->address), IP_ARGS(prefix->address),
                         prefix->len);
        }
    }
}

/* Everything that only one host, extra host or extra wire may have. */
static void
check_unique(const struct fabric *fabric, struct config_messages *msgs)
{
    struct shash seen = SHASH_INITIALIZER(&seen);

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        claim_host(&seen, &fabric->settings, &fabric->hosts[i], msgs);
    }
    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        const struct fabric_extra_host *extra = &fabric->extra_hosts[i];

        if (extra->address) {
            claim(&seen, xasprintf("extra host "IP_FMT,
                                   IP_ARGS(extra->address)),
                  &extra->pos, msgs);
        }
        claim_name(&seen, extra->hostname, &extra->hostname_pos, msgs);
    }
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct fabric_extra_wire *wire = &fabric->extra_wires[i];

        if (wire->address) {
            claim(&seen, xasprintf("extra wire "IP_FMT"/32",
                                   IP_ARGS(wire->address)),
                  &wire->pos, msgs);
        }
        if (wire->name) {
            claim(&seen, xasprintf("name '%s' of an extra wire", wire->name),
                  &wire->name_pos, msgs);
        }
        claim_key(&seen, wire->public_key, &wire->public_key_pos, msgs);
    }
    shash_destroy(&seen);
}

static void
claim_host(struct shash *seen, const struct settings *settings,
           const struct fabric_host *host, struct config_messages *msgs)
{
    if (host->id) {
        claim(seen, xasprintf("host_id %u", host->id), &host->id_pos, msgs);
    }
    if (host->endpoint_name || ipv6_addr_is_set(&host->endpoint)) {
        claim_endpoint(seen, settings, host, msgs);
    }
    claim_name(seen, host->hostname, &host->hostname_pos, msgs);
    claim_key(seen, host->public_key, &host->public_key_pos, msgs);
}

/* Several hosts may stand behind one address that forwards ports to them. */
static void
claim_endpoint(struct shash *seen, const struct settings *settings,
               const struct fabric_host *host, struct config_messages *msgs)
{
    uint16_t port = endpoint_port(settings, host);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "address ");
    if (host->endpoint_name) {
        ds_put_cstr(&s, host->endpoint_name);
    } else {
        ipv6_format_mapped(&host->endpoint, &s);
    }
    if (port != settings->wireguard_port) {
        ds_put_format(&s, " port %"PRIu16, port);
    }
    claim(seen, ds_steal_cstr(&s), &host->endpoint_pos, msgs);
}

static void
claim_name(struct shash *seen, const char *hostname,
           const struct source_pos *pos, struct config_messages *msgs)
{
    if (hostname) {
        claim(seen, xasprintf("hostname '%s'", hostname), pos, msgs);
    }
}

static void
claim_key(struct shash *seen, const uint8_t public_key[WGKEY_SIZE],
          const struct source_pos *pos, struct config_messages *msgs)
{
    if (!wgkey_is_zero(public_key)) {
        char text[WGKEY_BASE64_LEN + 1];

        wgkey_to_base64(public_key, text);
        claim(seen, xasprintf("public key %s", text), pos, msgs);
    }
}

/* Adds 'value', found at 'pos', to 'seen'; if it is there already, an error
 * at the later of both places.  Takes ownership of 'value'; the table borrows
 * 'pos'. */
static void
claim(struct shash *seen, char *value, const struct source_pos *pos,
      struct config_messages *msgs)
{
    struct shash_node *node = shash_find(seen, value);

    if (!node) {
        shash_add_nocopy(seen, value, pos);
        return;
    }

    const struct source_pos *first = node->data;
    if (compare_pos(first, pos) > 0) {
        node->data = CONST_CAST(struct source_pos *, pos);
        pos = first;
        first = node->data;
    }
    config_error(msgs, pos, "%s is already used at %s:%u:%u: expected "
                 "another one", value, first->file, first->line,
                 first->column);
    free(value);
}

/* Where a setting is given; a default has no line. */
static struct source_pos
setting_pos(const struct fabric *fabric, enum setting id)
{
    const char *file = fabric->file_names[CONFIG_FILE_SETTINGS];

    return (fabric->setting_pos[id].file ? fabric->setting_pos[id]
            : (struct source_pos) { file ? file : "mobula.yml", 0, 0 });
}

/* Places in different files count as in order. */
static int
compare_pos(const struct source_pos *a, const struct source_pos *b)
{
    if (a->file != b->file) {
        return 0;
    } else if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return a->column < b->column ? -1 : a->column > b->column;
}

static bool
prefix_contains(const struct ipv4_prefix *prefix, ovs_be32 ip)
{
    return !((ip ^ prefix->address) & be32_prefix_mask(prefix->len));
}

static bool
prefixes_overlap(const struct ipv4_prefix *a, const struct ipv4_prefix *b)
{
    return (prefix_contains(a, b->address)
            || prefix_contains(b, a->address));
}
