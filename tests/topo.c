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

/* topo: reads a topology script.  See topo.h. */

#include <config.h>
#include "tests/topo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static void reverse(void *array, size_t n, size_t size);
static bool parse_line(struct topo *, const char *line);
static bool parse_setting(struct settings *, const char *line);
static bool parse_port(struct topo *, const char *line);
static bool parse_vlans(struct topo *, const char *line);
static bool parse_remote(struct topo *, const char *line);
static bool parse_frozen(struct topo *, const char *line);
static bool parse_binding(struct topo *, const char *line);
static bool parse_paths(struct topo *, const char *line);
static bool parse_ip(const char *, struct in6_addr *);
static bool add_exempt(struct settings *, char *prefix);
static struct flows_port *find_port(struct topo *, uint16_t ofport);
static void add_trunks(struct flows_port *, char *list);
static void add_host(struct topo *, uint16_t id, const char *hostname);
static void add_port(struct topo *, struct flows_port);

void
topo_read(struct topo *t, const char *file_name)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(file_name, "r");
    int line_number = 0;

    if (!stream) {
        ovs_fatal(errno, "%s: open failed", file_name);
    }
    memset(t, 0, sizeof *t);
    settings_init(&t->fabric.settings);
    t->input.fabric = &t->fabric;
    while (!ds_get_preprocessed_line(&line, stream, &line_number)) {
        if (!parse_line(t, ds_cstr(&line))) {
            ovs_fatal(0, "%s:%d: cannot be understood",
                      file_name, line_number);
        }
    }
    ds_destroy(&line);
    fclose(stream);
}

void
topo_uninit(struct topo *t)
{
    for (size_t i = 0; i < t->fabric.n_hosts; i++) {
        free(t->fabric.hosts[i].hostname);
    }
    free(t->fabric.hosts);
    for (size_t i = 0; i < t->input.n_ports; i++) {
        free(CONST_CAST(uint16_t *, t->input.ports[i].trunks));
    }
    free(CONST_CAST(struct flows_port *, t->input.ports));
    free(CONST_CAST(struct mac_owner *, t->input.remote_macs));
    free(CONST_CAST(struct mac_owner *, t->input.frozen_macs));
    free(CONST_CAST(struct flows_binding *, t->input.bindings));
    free(CONST_CAST(struct paths_peer *, t->input.paths));
}

void
topo_reverse(struct topo *t)
{
    struct flows_input *in = &t->input;

    reverse(CONST_CAST(struct flows_port *, in->ports), in->n_ports,
            sizeof *in->ports);
    reverse(CONST_CAST(struct mac_owner *, in->remote_macs),
            in->n_remote_macs, sizeof *in->remote_macs);
    reverse(CONST_CAST(struct flows_binding *, in->bindings),
            in->n_bindings, sizeof *in->bindings);
    reverse(CONST_CAST(struct paths_peer *, in->paths), in->n_paths,
            sizeof *in->paths);
}

/* Turns the order of 'n' elements of 'size' bytes around. */
static void
reverse(void *array, size_t n, size_t size)
{
    char *p = array;
    char *tmp = xmalloc(size);

    for (size_t i = 0; i < n / 2; i++) {
        char *a = p + i * size;
        char *b = p + (n - 1 - i) * size;

        memcpy(tmp, a, size);
        memcpy(a, b, size);
        memcpy(b, tmp, size);
    }
    free(tmp);
}

static bool
parse_setting(struct settings *s, const char *line)
{
    unsigned int value;

    if (ovs_scan(line, " vni %u", &value)) {
        s->vni = value;
    } else if (ovs_scan(line, " mac-age %u", &value)) {
        s->mac_age_s = value;
    } else if (ovs_scan(line, " mac-limit %u", &value)) {
        s->mac_limit = value;
    } else if (ovs_scan(line, " port-mac-limit %u", &value)) {
        s->port_mac_limit = value;
    } else if (ovs_scan(line, " flood-limit %u", &value)) {
        s->flood_limit = value;
    } else if (ovs_scan(line, " unknown-limit %u", &value)) {
        s->unknown_limit = value;
    } else {
        return false;
    }
    return true;
}

static bool
parse_line(struct topo *t, const char *line)
{
    struct settings *s = &t->fabric.settings;
    unsigned int value;
    char name[128];

    if (ovs_scan(line, " self %u", &value)) {
        t->input.self = value;
    } else if (ovs_scan(line, " host %u %127s", &value, name)) {
        add_host(t, value, name);
    } else if (ovs_scan(line, " meters %u", &value)) {
        t->input.has_meters = value;
    } else if (ovs_scan(line, " floods-nd %u", &value)) {
        t->input.floods_nd = value;
    } else if (ovs_scan(line, " blocked %u", &value)) {
        find_port(t, value)->blocked = true;
    } else if (ovs_scan(line, " crowded %u", &value)) {
        find_port(t, value)->crowded = true;
    } else if (ovs_scan(line, " muted %u", &value)) {
        find_port(t, value)->muted = true;
    } else if (ovs_scan(line, " answer-exempt %127s", name)) {
        return add_exempt(s, name);
    } else if (ovs_scan(line, " ipv6 %127s", name)) {
        s->ipv6 = IPV6_NAT;
        s->ipv6_prefix.len = 64;
        return ipv6_parse(name, &s->ipv6_prefix.address);
    } else {
        return parse_setting(s, line)
               || parse_port(t, line) || parse_vlans(t, line)
               || parse_remote(t, line) || parse_frozen(t, line)
               || parse_binding(t, line) || parse_paths(t, line);
    }
    return true;
}

static bool
parse_port(struct topo *t, const char *line)
{
    static const char *const kinds[] = {
        [FLOWS_PORT_HOST] = "host",
        [FLOWS_PORT_GATEWAY] = "gateway",
        [FLOWS_PORT_GUEST] = "guest",
        [FLOWS_PORT_TUNNEL] = "tunnel",
    };
    unsigned int ofport, peer = 0;
    char kind[32];

    if (!ovs_scan(line, " port tunnel %u %u", &ofport, &peer)
        && !ovs_scan(line, " port %31s %u", kind, &ofport)) {
        return false;
    }
    if (peer) {
        ovs_strlcpy(kind, "tunnel", sizeof kind);
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!strcmp(kind, kinds[i])) {
            add_port(t, (struct flows_port) {
                .kind = i, .ofport = ofport, .peer = peer, .name = "",
            });
            return true;
        }
    }
    return false;
}

static bool
parse_vlans(struct topo *t, const char *line)
{
    static const char *const modes[] = {
        [FLOWS_VLAN_TRUNK] = "trunk",
        [FLOWS_VLAN_ACCESS] = "access",
        [FLOWS_VLAN_NATIVE_TAGGED] = "native-tagged",
        [FLOWS_VLAN_NATIVE_UNTAGGED] = "native-untagged",
        [FLOWS_VLAN_UNSUPPORTED] = "unsupported",
    };
    unsigned int ofport, tag;
    char mode[32], list[1024];

    if (!ovs_scan(line, " vlans %u %31s %u %1023s",
                  &ofport, mode, &tag, list)) {
        return false;
    }
    for (size_t i = 0; i < t->input.n_ports; i++) {
        struct flows_port *port = CONST_CAST(struct flows_port *,
                                             &t->input.ports[i]);

        for (size_t j = 0; j < ARRAY_SIZE(modes); j++) {
            if (port->ofport == ofport && !strcmp(mode, modes[j])) {
                port->vlan_mode = j;
                port->tag = tag;
                add_trunks(port, list);
                return true;
            }
        }
    }
    return false;
}

static bool
parse_remote(struct topo *t, const char *line)
{
    struct flows_input *in = &t->input;
    struct mac_owner *owners = CONST_CAST(struct mac_owner *,
                                          in->remote_macs);
    unsigned int vlan, host;
    struct eth_addr mac;

    if (!ovs_scan(line, " remote %u "ETH_ADDR_SCAN_FMT" %u",
                  &vlan, ETH_ADDR_SCAN_ARGS(mac), &host)) {
        return false;
    }
    owners = xrealloc(owners, (in->n_remote_macs + 1) * sizeof *owners);
    owners[in->n_remote_macs++] = (struct mac_owner) {
        .vlan = vlan, .mac = mac, .host = host,
    };
    in->remote_macs = owners;
    return true;
}

static bool
parse_frozen(struct topo *t, const char *line)
{
    struct flows_input *in = &t->input;
    struct mac_owner *owners = CONST_CAST(struct mac_owner *,
                                          in->frozen_macs);
    unsigned int vlan, host;
    struct eth_addr mac;

    if (!ovs_scan(line, " frozen %u "ETH_ADDR_SCAN_FMT" %u",
                  &vlan, ETH_ADDR_SCAN_ARGS(mac), &host)) {
        return false;
    }
    owners = xrealloc(owners, (in->n_frozen_macs + 1) * sizeof *owners);
    owners[in->n_frozen_macs++] = (struct mac_owner) {
        .vlan = vlan, .mac = mac, .host = host,
    };
    in->frozen_macs = owners;
    return true;
}

static bool
parse_binding(struct topo *t, const char *line)
{
    struct flows_input *in = &t->input;
    struct flows_binding *bindings = CONST_CAST(struct flows_binding *,
                                                in->bindings);
    struct flows_binding new;
    unsigned int vlan, host;
    char ip[64];

    if (!ovs_scan(line, " binding %u %63s "ETH_ADDR_SCAN_FMT" %u",
                  &vlan, ip, ETH_ADDR_SCAN_ARGS(new.mac), &host)
        || !parse_ip(ip, &new.ip)) {
        return false;
    }
    new.vlan = vlan;
    new.host = host;
    bindings = xrealloc(bindings, (in->n_bindings + 1) * sizeof *bindings);
    bindings[in->n_bindings++] = new;
    in->bindings = bindings;
    return true;
}

static bool
parse_paths(struct topo *t, const char *line)
{
    struct flows_input *in = &t->input;
    struct paths_peer *paths = CONST_CAST(struct paths_peer *, in->paths);
    struct paths_peer new = { .n_links = 1 };
    char first[32];

    if (!ovs_scan(line, " paths %"SCNu16" %31[a-z] "
                  "relays %"SCNu16" %"SCNu16" last %"SCNu16" next "
                  "%"SCNu16" %"SCNu16" %"SCNu16,
                  &new.peer, first, &new.relays[0], &new.relays[1],
                  &new.last_resort,
                  &new.next[0], &new.next[1], &new.next[2])) {
        return false;
    }
    new.direct_first = !strcmp(first, "direct");
    paths = xrealloc(paths, (in->n_paths + 1) * sizeof *paths);
    paths[in->n_paths++] = new;
    in->paths = paths;
    return true;
}

static bool
parse_ip(const char *s, struct in6_addr *ip)
{
    ovs_be32 ip4;

    if (ip_parse(s, &ip4)) {
        in6_addr_set_mapped_ipv4(ip, ip4);
        return true;
    }
    return ipv6_parse(s, ip);
}

static struct flows_port *
find_port(struct topo *t, uint16_t ofport)
{
    for (size_t i = 0; i < t->input.n_ports; i++) {
        if (t->input.ports[i].ofport == ofport) {
            return CONST_CAST(struct flows_port *, &t->input.ports[i]);
        }
    }
    ovs_fatal(0, "there is no port %"PRIu16, ofport);
}

/* 'prefix' is an address, or one with "/LENGTH". */
static bool
add_exempt(struct settings *settings, char *prefix)
{
    struct ip_prefix *p = &settings->answer_exempt[settings->n_answer_exempt];
    char *slash = strchr(prefix, '/');

    if (slash) {
        *slash = '\0';
    }
    if (!parse_ip(prefix, &p->address)) {
        return false;
    }
    p->len = slash ? atoi(slash + 1) : 128;
    if (slash && IN6_IS_ADDR_V4MAPPED(&p->address)) {
        p->len += 96;
    }
    settings->n_answer_exempt++;
    return true;
}

static void
add_trunks(struct flows_port *port, char *list)
{
    uint16_t *trunks = NULL;
    char *save = NULL;

    if (!strcmp(list, "-")) {
        return;
    }
    for (char *item = strtok_r(list, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        unsigned int first, last;

        if (!ovs_scan(item, "%u-%u", &first, &last)) {
            first = last = atoi(item);
        }
        for (; first <= last; first++) {
            trunks = xrealloc(trunks, (port->n_trunks + 1) * sizeof *trunks);
            trunks[port->n_trunks++] = first;
        }
    }
    port->trunks = trunks;
}

static void
add_host(struct topo *t, uint16_t id, const char *hostname)
{
    struct fabric *f = &t->fabric;
    size_t i = f->n_hosts++;

    f->hosts = xrealloc(f->hosts, f->n_hosts * sizeof *f->hosts);
    for (; i > 0 && f->hosts[i - 1].id > id; i--) {
        f->hosts[i] = f->hosts[i - 1];
    }
    f->hosts[i] = (struct fabric_host) {
        .id = id, .hostname = xstrdup(hostname),
    };
}

static void
add_port(struct topo *t, struct flows_port port)
{
    struct flows_port *ports = CONST_CAST(struct flows_port *,
                                          t->input.ports);

    ports = xrealloc(ports, (t->input.n_ports + 1) * sizeof *ports);
    ports[t->input.n_ports++] = port;
    t->input.ports = ports;
}
