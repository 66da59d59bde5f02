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

/* fabric: the whole configuration of a Mobula network as plain data.
 * See fabric.h. */

#include <config.h>
#include "lib/fabric.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/endpoint.h"
#include "lib/settings-yaml.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Hosts that may be this machine. */
struct candidates {
    const struct fabric_host *first;
    size_t n;
};

static void format(const struct fabric *, bool private_keys, struct ds *);
static void format_host(const struct fabric_host *, bool private_keys,
                        struct ds *);
static void add_candidate(struct candidates *, const struct fabric_host *);
static char *explain_no_self(const struct candidates *by_address,
                             const struct candidates *by_name,
                             const char *hostname);
static bool is_local(const struct in6_addr *, const struct in6_addr *local,
                     size_t n_local);
static bool is_hostname(const char *fqdn, const char *hostname);
static void init_lists(struct settings *);
static int compare_hosts(const void *a, const void *b);
static int compare_extra_hosts(const void *a, const void *b);
static int compare_extra_wires(const void *a, const void *b);
static int compare_keys(uint32_t a, uint32_t b, const struct source_pos *,
                        const struct source_pos *);

void
settings_init(struct settings *s)
{
    *s = (struct settings) {
        .access_prefix = { htonl(0x0a1f0000), 16 },
        .intrawire_prefix = { htonl(0x0a1e0000), 16 },
        .extrawire_prefix = { htonl(0x0a1e8000), 17 },
        .vtep_prefix = { htonl(0xa9fe0000), 17 },
        .wireguard_port = 51820,
        .vxlan_port = 4789,
        .vni = 29,
        .underlay_mtu = 0,
        .mtu_hold_s = 60,
        .keepalive_s = 0,
        .bfd_budget = 400,
        .hold_down_s = 2,
        .hold_down_max_s = 300,
        .poor_loss = 5,
        .mac_age_s = 300,
        .mac_limit = 8192,
        .port_mac_limit = 1024,
        .flood_limit = 2000,
        .unknown_limit = 1000,
        .loop_interval_s = 1,
        .facts_port = 6645,
        .facts_hold_s = 60,
        .resolve_interval_s = 60,
        .datapath = DATAPATH_AUTO,
        .wireguard = WIREGUARD_AUTO,
        .external = EXTERNAL_SHARE,
        .external_interface = "auto",
        .external_watchdog_s = 60,
        .wire_to_wire = false,
    };
    init_lists(s);
}

void
fabric_init(struct fabric *fabric)
{
    memset(fabric, 0, sizeof *fabric);
    settings_init(&fabric->settings);
}

void
fabric_uninit(struct fabric *fabric)
{
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        wgkey_wipe(fabric->hosts[i].private_key, WGKEY_SIZE);
        free(fabric->hosts[i].hostname);
        free(fabric->hosts[i].endpoint_name);
    }
    wgkey_wipe(fabric->preshared_secret, WGKEY_SIZE);
    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        free(fabric->extra_hosts[i].hostname);
    }
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        free(fabric->extra_wires[i].name);
    }
    for (size_t i = 0; i < CONFIG_FILE_N; i++) {
        free(fabric->file_names[i]);
    }
    free(fabric->hosts);
    free(fabric->extra_hosts);
    free(fabric->extra_wires);
    fabric_init(fabric);
}

const struct fabric_host *
fabric_find_host(const struct fabric *fabric, uint16_t id)
{
    size_t low = 0;
    size_t high = fabric->n_hosts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (fabric->hosts[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (low < fabric->n_hosts && fabric->hosts[low].id == id
            ? &fabric->hosts[low] : NULL);
}

const struct fabric_host *
fabric_find_hostname(const struct fabric *fabric, const char *hostname)
{
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (host->hostname && !strcasecmp(host->hostname, hostname)) {
            return host;
        }
    }
    return NULL;
}

const struct fabric_extra_wire *
fabric_find_extra_wire(const struct fabric *fabric, const char *name)
{
    size_t address_len = strcspn(name, "/");
    char *text = xmemdup0(name, address_len);
    ovs_be32 address;

    if ((name[address_len] && strcmp(name + address_len, "/32"))
        || !ip_parse(text, &address)) {
        address = 0;
    }
    free(text);
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct fabric_extra_wire *wire = &fabric->extra_wires[i];

        if ((address && wire->address == address)
            || (wire->name && !strcasecmp(wire->name, name))) {
            return wire;
        }
    }
    return NULL;
}

void
fabric_extra_wire_format_name(const struct fabric_extra_wire *wire,
                              struct ds *s)
{
    if (wire->name) {
        ds_put_cstr(s, wire->name);
    } else {
        ds_put_format(s, IP_FMT, IP_ARGS(wire->address));
    }
}

uint16_t
fabric_guess_self(const struct fabric *fabric, const struct in6_addr *local,
                  size_t n_local, const char *hostname, char **why)
{
    struct candidates by_address = { NULL, 0 };
    struct candidates by_name = { NULL, 0 };

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (ipv6_addr_is_set(&host->endpoint)
            && is_local(&host->endpoint, local, n_local)) {
            add_candidate(&by_address, host);
        }
        if (hostname && is_hostname(host->hostname, hostname)) {
            add_candidate(&by_name, host);
        }
    }

    *why = NULL;
    if (by_address.n == 1
        && (by_name.n != 1 || by_name.first == by_address.first)) {
        return by_address.first->id;
    } else if (!by_address.n && by_name.n == 1) {
        return by_name.first->id;
    }
    *why = explain_no_self(&by_address, &by_name, hostname);
    return 0;
}

void
fabric_format(const struct fabric *fabric, struct ds *s)
{
    format(fabric, true, s);
}

void
fabric_format_public(const struct fabric *fabric, struct ds *s)
{
    format(fabric, false, s);
}

void
fabric_sort(struct fabric *fabric)
{
    if (fabric->n_hosts) {
        qsort(fabric->hosts, fabric->n_hosts, sizeof *fabric->hosts,
              compare_hosts);
    }
    if (fabric->n_extra_hosts) {
        qsort(fabric->extra_hosts, fabric->n_extra_hosts,
              sizeof *fabric->extra_hosts, compare_extra_hosts);
    }
    if (fabric->n_extra_wires) {
        qsort(fabric->extra_wires, fabric->n_extra_wires,
              sizeof *fabric->extra_wires, compare_extra_wires);
    }
}

/* 'private_keys' says whether to tell which of them there are; otherwise what
 * the others are told by is added. */
static void
format(const struct fabric *fabric, bool private_keys, struct ds *s)
{
    char key[WGKEY_BASE64_LEN + 1];

    settings_yaml_format(&fabric->settings, s);
    if (fabric->has_preshared_secret) {
        ds_put_cstr(s, "preshared-secret");
        if (!private_keys) {
            ds_put_format(s, " %08"PRIx32,
                          wgkey_fingerprint(fabric->preshared_secret));
        }
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        format_host(&fabric->hosts[i], private_keys, s);
    }
    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        const struct fabric_extra_host *extra = &fabric->extra_hosts[i];

        ds_put_format(s, "extra-host "IP_FMT" %s\n", IP_ARGS(extra->address),
                      extra->hostname ? extra->hostname : "-");
    }
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct fabric_extra_wire *wire = &fabric->extra_wires[i];

        wgkey_to_base64(wire->public_key, key);
        ds_put_format(s, "extra-wire "IP_FMT"/32 %s%s%s\n",
                      IP_ARGS(wire->address), key,
                      wire->name ? " " : "", wire->name ? wire->name : "");
    }
}

static void
format_host(const struct fabric_host *host, bool private_keys, struct ds *s)
{
    char key[WGKEY_BASE64_LEN + 1];

    wgkey_to_base64(host->public_key, key);
    ds_put_format(s, "host %u %s ", host->id,
                  host->hostname ? host->hostname : "-");
    endpoint_format(host, s);
    ds_put_format(s, " %s", key);
    if (host->has_keepalive) {
        ds_put_format(s, " keepalive=%"PRIu16, host->keepalive_s);
    }
    ds_put_format(s, "%s\n", (private_keys && host->has_private_key
                              ? " private-key" : ""));
}

static void
add_candidate(struct candidates *c, const struct fabric_host *host)
{
    c->first = c->first ? c->first : host;
    c->n++;
}

/* Why do the candidates of fabric_guess_self() not decide? */
static char *
explain_no_self(const struct candidates *by_address,
                const struct candidates *by_name, const char *hostname)
{
    if (by_address->n > 1) {
        return xasprintf("%"PRIuSIZE" hosts of the inventory have addresses "
                         "of this machine, host %u (%s) is the first",
                         by_address->n, by_address->first->id,
                         by_address->first->hostname);
    } else if (by_address->n) {
        return xasprintf("this machine has the address of host %u (%s) but "
                         "the hostname of host %u (%s)",
                         by_address->first->id, by_address->first->hostname,
                         by_name->first->id, by_name->first->hostname);
    } else if (by_name->n) {
        return xasprintf("no host of the inventory has an address of this "
                         "machine, and %"PRIuSIZE" have names that begin "
                         "with '%s'", by_name->n, hostname);
    }
    return xasprintf("no host of the inventory has an address of this "
                     "machine or its hostname%s%s%s",
                     hostname ? ", '" : "", hostname ? hostname : "",
                     hostname ? "'" : "");
}

static bool
is_local(const struct in6_addr *address, const struct in6_addr *local,
         size_t n_local)
{
    for (size_t i = 0; i < n_local; i++) {
        if (ipv6_addr_equals(address, &local[i])) {
            return true;
        }
    }
    return false;
}

/* Is 'hostname' all of 'fqdn', or its first label? */
static bool
is_hostname(const char *fqdn, const char *hostname)
{
    size_t len = strlen(hostname);

    return (len && fqdn && !strncasecmp(fqdn, hostname, len)
            && (!fqdn[len] || (fqdn[len] == '.' && !strchr(hostname, '.'))));
}

/* The lists among the settings that are not empty from the start. */
static void
init_lists(struct settings *s)
{
    static const uint8_t vrrp_ipv4[] = { 0x00, 0x00, 0x5e, 0x00, 0x01 };
    static const uint8_t vrrp_ipv6[] = { 0x00, 0x00, 0x5e, 0x00, 0x02 };

    memcpy(s->move_exempt[0].mac.ea, vrrp_ipv4, sizeof vrrp_ipv4);
    memcpy(s->move_exempt[1].mac.ea, vrrp_ipv6, sizeof vrrp_ipv6);
    s->move_exempt[0].len = s->move_exempt[1].len = 40;
    s->n_move_exempt = 2;

    in6_addr_set_mapped_ipv4(&s->dns_servers[0].address, htonl(0x01010101));
    s->dns_servers[0].len = 128;
    s->n_dns_servers = 1;
}

static int
compare_hosts(const void *a_, const void *b_)
{
    const struct fabric_host *a = a_;
    const struct fabric_host *b = b_;

    return compare_keys(a->id, b->id, &a->pos, &b->pos);
}

static int
compare_extra_hosts(const void *a_, const void *b_)
{
    const struct fabric_extra_host *a = a_;
    const struct fabric_extra_host *b = b_;

    return compare_keys(ntohl(a->address), ntohl(b->address),
                        &a->pos, &b->pos);
}

static int
compare_extra_wires(const void *a_, const void *b_)
{
    const struct fabric_extra_wire *a = a_;
    const struct fabric_extra_wire *b = b_;

    return compare_keys(ntohl(a->address), ntohl(b->address),
                        &a->pos, &b->pos);
}

/* By key, then by place in the file, so that the order is always the same. */
static int
compare_keys(uint32_t a, uint32_t b, const struct source_pos *a_pos,
             const struct source_pos *b_pos)
{
    if (a != b) {
        return a < b ? -1 : 1;
    } else if (a_pos->line != b_pos->line) {
        return a_pos->line < b_pos->line ? -1 : 1;
    }
    return a_pos->column < b_pos->column ? -1 : a_pos->column > b_pos->column;
}
