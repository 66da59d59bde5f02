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
 * Where a packet came from is looked at before routing and before connection
 * tracking.  Rules for more traffic (NAT, clients) go before the last one of
 * the chain "forward". */

#include <config.h>
#include "gateway/filter.h"

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

static void render_sources(const struct filter *, struct ds *);
static void render_prerouting(struct ds *);
static void render_forward(const struct filter *, struct ds *);
static void both_ways(const char *a, const char *b, struct ds *);

void
filter_render(const struct filter *filter, struct ds *s)
{
    ds_put_cstr(s,
                "table inet "FILTER_TABLE" {\n"
                "\tcomment \"mobula\"\n");
    render_sources(filter, s);
    ds_put_char(s, '\n');
    render_prerouting(s);
    ds_put_char(s, '\n');
    render_forward(filter, s);
    ds_put_cstr(s, "}\n");
}

/* Who may say what on the access network. */
static void
render_sources(const struct filter *filter, struct ds *s)
{
    ds_put_cstr(s, "\tchain sources {\n");
    ds_put_format(s, "\t\tip saddr "IP_FMT"/%u accept\n",
                  IP_ARGS(filter->access_prefix.address),
                  filter->access_prefix.len);
    /* Somebody who wants an address. */
    ds_put_cstr(s, "\t\tip saddr 0.0.0.0 ip daddr 255.255.255.255 accept\n");
    ds_put_format(s, "\t\tip daddr != "IP_FMT" counter drop "
                  "comment \"access: forged source\"\n",
                  IP_ARGS(filter->intrawire));
    for (size_t i = 0; i < filter->n_peers; i++) {
        const struct filter_peer *peer = &filter->peers[i];

        ds_put_format(s, "\t\tether saddr "ETH_ADDR_FMT" ip saddr "IP_FMT
                      " accept\n", ETH_ADDR_ARGS(peer->gateway),
                      IP_ARGS(peer->intrawire));
    }
    ds_put_cstr(s, "\t\tcounter drop "
                "comment \"intrawire: not from the gateway of a host\"\n"
                "\t}\n");
}

static void
render_prerouting(struct ds *s)
{
    ds_put_cstr(s,
                "\tchain prerouting {\n"
                "\t\ttype filter hook prerouting priority raw; "
                "policy accept;\n"
                "\t\tiifname \""LINK_ACC_GW"\" jump sources\n"
                "\t}\n");
}

static void
render_forward(const struct filter *filter, struct ds *s)
{
    const struct ipv4_prefix hosts = filter->hosts_prefix;

    ds_put_cstr(s,
                "\tchain forward {\n"
                "\t\ttype filter hook forward priority filter; "
                "policy drop;\n");
    both_ways(LINK_DIR_GW, LINK_WG, s);
    both_ways(LINK_TUN_GW, LINK_WG, s);
    /* The chain "sources" has seen to the source. */
    ds_put_format(s, "\t\tiifname \""LINK_ACC_GW"\" oifname \""LINK_DIR_GW
                  "\" ip saddr "IP_FMT"/%u ip daddr "IP_FMT" accept\n",
                  IP_ARGS(hosts.address), hosts.len,
                  IP_ARGS(filter->intrawire));
    /* There is a route only to peers whose direct link is down. */
    ds_put_format(s, "\t\tiifname \""LINK_DIR_GW"\" oifname \""LINK_ACC_GW
                  "\" ip saddr "IP_FMT" ip daddr "IP_FMT"/%u accept\n",
                  IP_ARGS(filter->intrawire), IP_ARGS(hosts.address),
                  hosts.len);
    ds_put_cstr(s, "\t\tcounter drop comment \"not to be forwarded\"\n"
                "\t}\n");
}

static void
both_ways(const char *a, const char *b, struct ds *s)
{
    ds_put_format(s, "\t\tiifname \"%s\" oifname \"%s\" accept\n"
                  "\t\tiifname \"%s\" oifname \"%s\" accept\n",
                  a, b, b, a);
}
