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

/* filter-render: struct filter -> text for nft.  See filter.h.
 *
 * Pure.  Sets are avoided: nft lists their members in an order of its own.
 *
 *   hook         priority  chain
 *   prerouting   raw       prerouting: jumps to one chain per origin
 *                            access, host, wires (-> clients), outside
 *                dstnat    dstnat
 *   output       raw       output
 *   input        filter    input
 *   forward      filter    forward
 *   postrouting  srcnat    postrouting
 *
 * Where a packet came from is looked at before connection tracking.  Nothing
 * is kept track of that never needs its addresses rewritten: the tunnels,
 * WireGuard, and, unless clients might have their sources rewritten,
 * intrawire.  So a full table of connections does not harm them. */

#include <config.h>
#include "gateway/filter.h"

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

#define PREFIX_FMT IP_FMT"/%u"
#define PREFIX_ARGS(PREFIX) IP_ARGS((PREFIX).address), (PREFIX).len

/* As nft prints it. */
#define SET_MARK "meta mark set 0x%08x"

#define TCP_PORT_SSH 22
#define PORT_DNS 53

static void render_access(const struct filter *, struct ds *);
static void render_host(const struct filter *, struct ds *);
static void render_wires(const struct filter *, struct ds *);
static void render_clients(const struct filter *, struct ds *);
static void render_outside(const struct filter *, struct ds *);
static void render_prerouting(const struct filter *, struct ds *);
static void render_dstnat(const struct filter *, struct ds *);
static void render_output(const struct filter *, struct ds *);
static void render_input(const struct filter *, struct ds *);
static void render_forward(const struct filter *, struct ds *);
static void render_postrouting(const struct filter *, struct ds *);
static void put_prefix6(const struct filter *, struct ds *);
static void begin_chain(const char *name, struct ds *);
static void drop(const char *comment, struct ds *);

void
filter_render(const struct filter *filter, struct ds *s)
{
    ds_put_cstr(s, "table inet "FILTER_TABLE" {\n"
                "\tcomment \"mobula\"\n");
    render_access(filter, s);
    render_host(filter, s);
    if (filter->clients) {
        render_clients(filter, s);
    }
    render_wires(filter, s);
    render_outside(filter, s);
    render_prerouting(filter, s);
    if (filter->external == EXTERNAL_MOVE) {
        render_dstnat(filter, s);
        render_output(filter, s);
    }
    render_input(filter, s);
    render_forward(filter, s);
    render_postrouting(filter, s);
    ds_put_cstr(s, "}\n");
}

/* From the access network, by IPv6.  Link-local addresses go nowhere else;
 * "::" is somebody who has none yet. */
static void
render_access6(const struct filter *filter, struct ds *s)
{
    ds_put_cstr(s, "\t\tip6 saddr ");
    put_prefix6(filter, s);
    ds_put_format(s, " "SET_MARK" accept\n"
                  "\t\tip6 saddr fe80::/10 accept\n"
                  "\t\tip6 saddr :: accept\n"
                  "\t\tmeta nfproto ipv6", MARK_MOBULA);
    drop("access: forged IPv6 source", s);
}

/* From the access network. */
static void
render_access(const struct filter *filter, struct ds *s)
{
    begin_chain("access", s);
    if (filter->ipv6 != IPV6_OFF) {
        render_access6(filter, s);
    }
    ds_put_format(s, "\t\tip saddr "PREFIX_FMT" "SET_MARK" accept\n",
                  PREFIX_ARGS(filter->access_prefix), MARK_MOBULA);
    /* Somebody who wants an address. */
    ds_put_cstr(s, "\t\tip saddr 0.0.0.0 ip daddr 255.255.255.255 accept\n");
    ds_put_format(s, "\t\tip daddr != "IP_FMT, IP_ARGS(filter->intrawire));
    drop("access: forged source", s);
    for (size_t i = 0; i < filter->n_peers; i++) {
        const struct filter_peer *peer = &filter->peers[i];

        ds_put_format(s, "\t\tether saddr "ETH_ADDR_FMT" ip saddr "IP_FMT
                      " %s"SET_MARK" accept\n", ETH_ADDR_ARGS(peer->gateway),
                      IP_ARGS(peer->intrawire),
                      filter->clients ? "" : "notrack ", MARK_MOBULA);
    }
    ds_put_char(s, '\t');
    drop("intrawire: not from the gateway of a host", s);
    ds_put_cstr(s, "\t}\n\n");
}

/* From the host.  Replies to ssh go to the gateway's own address. */
static void
render_host(const struct filter *filter, struct ds *s)
{
    begin_chain("host", s);
    ds_put_format(s, "\t\tip saddr != "IP_FMT, IP_ARGS(filter->intrawire));
    drop("host: forged source", s);
    if (!filter->clients) {
        ds_put_format(s, "\t\tip daddr != "IP_FMT" ip daddr "PREFIX_FMT
                      " notrack\n", IP_ARGS(filter->intrawire_gateway),
                      PREFIX_ARGS(filter->hosts_prefix));
    }
    ds_put_format(s, "\t\t"SET_MARK"\n\t}\n\n", MARK_MOBULA);
}

/* From WireGuard, other than tunnels. */
static void
render_wires(const struct filter *filter, struct ds *s)
{
    begin_chain("wires", s);
    ds_put_format(s, "\t\tip saddr "PREFIX_FMT" ip daddr "IP_FMT" %saccept\n",
                  PREFIX_ARGS(filter->hosts_prefix),
                  IP_ARGS(filter->intrawire),
                  filter->clients ? "" : "notrack ");
    if (filter->clients) {
        ds_put_format(s, "\t\tip saddr "PREFIX_FMT" goto clients\n",
                      PREFIX_ARGS(filter->extrawire_prefix));
    }
    ds_put_char(s, '\t');
    drop("wires: not for this host", s);
    ds_put_cstr(s, "\t}\n\n");
}

/* From clients of extrawire.  To another host they come with this host's
 * address, which may read that one's facts. */
static void
render_clients(const struct filter *filter, struct ds *s)
{
    begin_chain("clients", s);
    ds_put_format(s, "\t\tip daddr "PREFIX_FMT,
                  PREFIX_ARGS(filter->extrawire_prefix));
    if (filter->wire_to_wire) {
        ds_put_format(s, " "SET_MARK" accept\n", MARK_MOBULA);
    } else {
        drop("client: to another client", s);
    }
    ds_put_format(s, "\t\tip daddr "PREFIX_FMT" tcp dport %u",
                  PREFIX_ARGS(filter->hosts_prefix), filter->facts_port);
    drop("client: to the facts of a host", s);
    ds_put_format(s, "\t\tudp dport %u", filter->vxlan_port);
    drop("client: to a tunnel", s);
    ds_put_format(s, "\t\tip daddr "PREFIX_FMT" "SET_MARK" accept\n",
                  PREFIX_ARGS(filter->access_prefix), MARK_MOBULA);
    ds_put_format(s, "\t\tip daddr "PREFIX_FMT" "SET_MARK" accept\n",
                  PREFIX_ARGS(filter->hosts_prefix), MARK_MOBULA);
    ds_put_char(s, '\t');
    drop("client: to an address that is not for clients", s);
    ds_put_cstr(s, "\t}\n\n");
}

static void
render_outside(const struct filter *filter, struct ds *s)
{
    const struct ipv4_prefix *const ours[] = {
        &filter->access_prefix, &filter->intrawire_prefix,
        &filter->vtep_prefix,
    };

    begin_chain("outside", s);
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
        ds_put_format(s, "\t\tip saddr "PREFIX_FMT, PREFIX_ARGS(*ours[i]));
        drop("outside: forged source", s);
    }
    if (filter->ipv6 != IPV6_OFF) {
        ds_put_cstr(s, "\t\tip6 saddr ");
        put_prefix6(filter, s);
        drop("outside: forged source", s);
    }
    if (filter->external == EXTERNAL_MOVE) {
        ds_put_format(s, "\t\tudp dport %u notrack accept\n",
                      filter->wireguard_port);
    }
    ds_put_format(s, "\t\t"SET_MARK"\n\t}\n\n", MARK_MOBULA);
}

static void
render_prerouting(const struct filter *filter, struct ds *s)
{
    begin_chain("prerouting", s);
    ds_put_cstr(s, "\t\ttype filter hook prerouting priority raw; "
                "policy accept;\n"
                "\t\tiifname \""LINK_TUN_GW"\" notrack accept\n");
    ds_put_format(s, "\t\tiifname \""LINK_WG"\" ip saddr "PREFIX_FMT
                  " ip daddr "IP_FMT" notrack accept\n",
                  PREFIX_ARGS(filter->vtep_prefix), IP_ARGS(filter->vtep));
    ds_put_cstr(s, "\t\tiifname \""LINK_ACC_GW"\" goto access\n"
                "\t\tiifname \""LINK_DIR_GW"\" goto host\n"
                "\t\tiifname \""LINK_WG"\" goto wires\n"
                "\t\tiifname \""LINK_EXT_GW"\" goto outside\n"
                "\t}\n\n");
}

static void
render_dstnat(const struct filter *filter, struct ds *s)
{
    begin_chain("dstnat", s);
    ds_put_cstr(s, "\t\ttype nat hook prerouting priority dstnat; "
                "policy accept;\n");
    ds_put_format(s, "\t\tiifname \""LINK_EXT_GW"\" tcp dport %u "
                  "fib daddr type local dnat ip to "IP_FMT":%u\n\t}\n\n",
                  TCP_PORT_SSH, IP_ARGS(filter->intrawire), TCP_PORT_SSH);
}

/* WireGuard's own packets, which come from here with external "move". */
static void
render_output(const struct filter *filter, struct ds *s)
{
    begin_chain("output", s);
    ds_put_cstr(s, "\t\ttype filter hook output priority raw; "
                "policy accept;\n");
    ds_put_format(s, "\t\toifname \""LINK_EXT_GW"\" udp sport %u notrack\n"
                  "\t}\n\n", filter->wireguard_port);
}

/* Lets DNS in that comes by 'link' for the gateway's address on the access
 * network, and not for another that it has. */
static void
allow_dns(const struct filter *filter, const char *link, struct ds *s)
{
    static const char *const protocols[] = { "udp", "tcp" };

    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        ds_put_format(s, "\t\tiifname \"%s\" ip daddr "IP_FMT
                      " %s dport %u accept\n", link, IP_ARGS(filter->gateway),
                      protocols[i], PORT_DNS);
    }
}

/* To the gateway itself, by IPv6: neighbours, and who looks for a router. */
static void
render_input6(const struct filter *filter, struct ds *s)
{
    static const char *const types[] = {
        "echo-request", "nd-neighbor-solicit", "nd-neighbor-advert",
    };
    static const char *const protocols[] = { "udp", "tcp" };

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        ds_put_format(s, "\t\ticmpv6 type %s accept\n", types[i]);
    }
    ds_put_cstr(s, "\t\tiifname \""LINK_ACC_GW"\" icmpv6 type "
                "nd-router-solicit accept\n");
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        ds_put_cstr(s, "\t\tiifname \""LINK_ACC_GW"\" ip6 saddr ");
        put_prefix6(filter, s);
        ds_put_cstr(s, " ip6 daddr ");
        ipv6_format_addr(&filter->gateway6, s);
        ds_put_format(s, " %s dport %u accept\n", protocols[i], PORT_DNS);
    }
}

/* From outside, with external "move": other hosts' WireGuard, and what makes
 * IPv6 work on an Ethernet, which they may speak whether or not the access
 * network does. */
static void
render_input_outside(const struct filter *filter, struct ds *s)
{
    static const char *const types[] = {
        "echo-request", "nd-neighbor-solicit", "nd-neighbor-advert",
        "nd-router-advert",
    };

    ds_put_format(s, "\t\tiifname \""LINK_EXT_GW"\" udp dport %u accept\n",
                  filter->wireguard_port);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        ds_put_format(s, "\t\tiifname \""LINK_EXT_GW"\" icmpv6 type %s "
                      "accept\n", types[i]);
    }
}

/* To the gateway itself. */
static void
render_input(const struct filter *filter, struct ds *s)
{
    begin_chain("input", s);
    ds_put_cstr(s, "\t\ttype filter hook input priority filter; "
                "policy drop;\n"
                "\t\tiifname \"lo\" accept\n"
                "\t\tct state established,related accept\n"
                "\t\ticmp type echo-request accept\n");
    /* The chains "access" and "clients" have seen to the source. */
    allow_dns(filter, LINK_ACC_GW, s);
    if (filter->clients) {
        allow_dns(filter, LINK_WG, s);
    }
    if (filter->ipv6 != IPV6_OFF) {
        render_input6(filter, s);
    }
    if (filter->external == EXTERNAL_MOVE) {
        render_input_outside(filter, s);
    }
    /* Broadcasts are for others, too. */
    ds_put_cstr(s, "\t\tmeta pkttype != host drop\n"
                "\t\tiifname \""LINK_EXT_GW"\"");
    drop("outside: to the gateway", s);
    ds_put_char(s, '\t');
    drop("to the gateway", s);
    ds_put_cstr(s, "\t}\n\n");
}

static void
both_ways(const char *a, const char *b, struct ds *s)
{
    ds_put_format(s, "\t\tiifname \"%s\" oifname \"%s\" accept\n"
                  "\t\tiifname \"%s\" oifname \"%s\" accept\n",
                  a, b, b, a);
}

/* Intrawire between hosts. */
static void
render_intrawire(const struct filter *filter, struct ds *s)
{
    const struct ipv4_prefix hosts = filter->hosts_prefix;

    both_ways(LINK_DIR_GW, LINK_WG, s);
    /* The chain "access" has seen to the source. */
    ds_put_format(s, "\t\tiifname \""LINK_ACC_GW"\" oifname \""LINK_DIR_GW
                  "\" ip saddr "PREFIX_FMT" ip daddr "IP_FMT" accept\n",
                  PREFIX_ARGS(hosts), IP_ARGS(filter->intrawire));
    /* There is a route only to peers whose direct link is down. */
    ds_put_format(s, "\t\tiifname \""LINK_DIR_GW"\" oifname \""LINK_ACC_GW
                  "\" ip saddr "IP_FMT" ip daddr "PREFIX_FMT" accept\n",
                  IP_ARGS(filter->intrawire), PREFIX_ARGS(hosts));
}

/* From clients; the chain "clients" has seen to the destination. */
static void
render_client_ways(const struct filter *filter, struct ds *s)
{
    static const char *const links[] = { LINK_ACC_GW, LINK_WG };

    for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
        ds_put_format(s, "\t\tiifname \""LINK_WG"\" oifname \"%s\" ip saddr "
                      PREFIX_FMT" accept\n", links[i],
                      PREFIX_ARGS(filter->extrawire_prefix));
    }
}

static void
render_forward(const struct filter *filter, struct ds *s)
{
    begin_chain("forward", s);
    ds_put_cstr(s, "\t\ttype filter hook forward priority filter; "
                "policy drop;\n");
    both_ways(LINK_TUN_GW, LINK_WG, s);
    ds_put_cstr(s, "\t\ttcp flags syn tcp option maxseg size set rt mtu\n");
    render_intrawire(filter, s);
    ds_put_cstr(s, "\t\tct state established,related accept\n");
    /* Their addresses would not be rewritten. */
    ds_put_cstr(s, "\t\tct state invalid");
    drop("of no connection", s);
    /* Addresses that are for one link only, such as that of the metadata
     * service of a cloud, which tells a host's secrets. */
    ds_put_format(s, "\t\tiifname \""LINK_ACC_GW"\" ether saddr != "
                  ETH_ADDR_FMT" ip daddr 169.254.0.0/16",
                  ETH_ADDR_ARGS(filter->host_mac));
    drop("access: to an address of the host's own link", s);
    ds_put_format(s, "\t\tiifname \""LINK_ACC_GW"\" oifname \""LINK_EXT_GW
                  "\" ip saddr "PREFIX_FMT" accept\n",
                  PREFIX_ARGS(filter->access_prefix));
    if (filter->ipv6 != IPV6_OFF) {
        ds_put_cstr(s, "\t\tiifname \""LINK_ACC_GW"\" oifname \""LINK_EXT_GW
                    "\" ip6 saddr ");
        put_prefix6(filter, s);
        ds_put_cstr(s, " accept\n");
    }
    if (filter->clients) {
        render_client_ways(filter, s);
    }
    if (filter->external == EXTERNAL_MOVE) {
        ds_put_cstr(s, "\t\tiifname \""LINK_EXT_GW"\" oifname \""LINK_DIR_GW
                    "\" ct status dnat accept\n");
    }
    ds_put_char(s, '\t');
    drop("not to be forwarded", s);
    ds_put_cstr(s, "\t}\n\n");
}

/* A guest that speaks from the port of WireGuard, which is not kept track of,
 * must get another one. */
static void
masquerade(const struct filter *filter, struct ds *s)
{
    const uint16_t port = filter->wireguard_port;
    const struct ipv4_prefix access = filter->access_prefix;

    if (filter->external == EXTERNAL_MOVE) {
        ds_put_format(s, "\t\toifname \""LINK_EXT_GW"\" ip saddr "PREFIX_FMT
                      " udp sport %u masquerade to :%u-%u\n",
                      PREFIX_ARGS(access), port,
                      port > 32767 ? 1024 : port + 1,
                      port > 32767 ? port - 1 : UINT16_MAX);
    }
    ds_put_format(s, "\t\toifname \""LINK_EXT_GW"\" ip saddr "PREFIX_FMT
                  " masquerade\n", PREFIX_ARGS(access));
}

/* To this host's own intrawire address clients come as they are. */
static void
render_client_snat(const struct filter *filter, struct ds *s)
{
    static const char *const links[] = { LINK_WG, LINK_ACC_GW };
    const struct ipv4_prefix clients = filter->extrawire_prefix;

    for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
        ds_put_format(s, "\t\toifname \"%s\" ip saddr "PREFIX_FMT" ip daddr "
                      PREFIX_FMT" snat ip to "IP_FMT"\n", links[i],
                      PREFIX_ARGS(clients), PREFIX_ARGS(filter->hosts_prefix),
                      IP_ARGS(filter->intrawire));
    }
    ds_put_format(s, "\t\toifname \""LINK_ACC_GW"\" ip saddr "PREFIX_FMT
                  " snat ip to "IP_FMT"\n", PREFIX_ARGS(clients),
                  IP_ARGS(filter->gateway));
}

static void
render_postrouting(const struct filter *filter, struct ds *s)
{
    begin_chain("postrouting", s);
    ds_put_cstr(s, "\t\ttype nat hook postrouting priority srcnat; "
                "policy accept;\n");
    masquerade(filter, s);
    if (filter->ipv6 == IPV6_NAT) {
        ds_put_cstr(s, "\t\toifname \""LINK_EXT_GW"\" ip6 saddr ");
        put_prefix6(filter, s);
        ds_put_cstr(s, " masquerade\n");
    }
    if (filter->clients) {
        render_client_snat(filter, s);
    }
    ds_put_cstr(s, "\t}\n");
}

static void
put_prefix6(const struct filter *filter, struct ds *s)
{
    ipv6_format_addr(&filter->ipv6_prefix, s);
    ds_put_format(s, "/%d", ADDR_ACCESS6_LEN);
}

static void
begin_chain(const char *name, struct ds *s)
{
    ds_put_format(s, "\tchain %s {\n", name);
}

/* Ends a rule.  The comment is what `mobula-ctl status` shows. */
static void
drop(const char *comment, struct ds *s)
{
    ds_put_format(s, "%scounter drop comment \"%s\"\n",
                  ds_last(s) == '\t' ? "\t" : " ", comment);
}
