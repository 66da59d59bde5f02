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

/* guard-render: struct guard -> text for nft.  See guard.h.
 *
 * Pure.  Sets are avoided: nft lists their members in an order of its own.
 * The chain comes before connection tracking, so that what is dropped costs
 * no entry there. */

#include <config.h>
#include "gateway/guard.h"

#include "openvswitch/dynamic-string.h"
#include "packets.h"

static void not_from(const char *link, struct ds *);
static void verdict(const char *comment, struct ds *);
static void render_tunnel(const struct guard *, struct ds *);
static void render_intrawire(const struct guard *, struct ds *);
static void render_facts(const struct guard *, struct ds *);
static void render_outside(const struct guard *, const char *link,
                           struct ds *);

void
guard_render(const struct guard *guard, struct ds *s)
{
    ds_put_cstr(s,
                "table inet "GUARD_TABLE" {\n"
                "\tcomment \"mobula\"\n"
                "\tchain prerouting {\n"
                "\t\ttype filter hook prerouting priority raw; "
                "policy accept;\n");
    render_tunnel(guard, s);
    render_intrawire(guard, s);
    render_facts(guard, s);
    for (size_t i = 0; i < guard->n_outside; i++) {
        render_outside(guard, guard->outside[i], s);
    }
    ds_put_cstr(s, "\t}\n}\n");
}

static void
render_tunnel(const struct guard *guard, struct ds *s)
{
    not_from(guard->vtep_link, s);
    ds_put_format(s, " ip daddr "IP_FMT, IP_ARGS(guard->vtep));
    verdict("tunnel end point: not from WireGuard", s);
}

static void
render_intrawire(const struct guard *guard, struct ds *s)
{
    not_from(guard->intrawire_link, s);
    ds_put_format(s, " ip saddr "IP_FMT"/%u ip daddr "IP_FMT,
                  IP_ARGS(guard->intrawire_prefix.address),
                  guard->intrawire_prefix.len, IP_ARGS(guard->intrawire));
    verdict("intrawire: forged source", s);
}

static void
render_facts(const struct guard *guard, struct ds *s)
{
    not_from(guard->intrawire_link, s);
    ds_put_format(s, " ip daddr "IP_FMT" tcp dport %u",
                  IP_ARGS(guard->intrawire), guard->facts_port);
    verdict("facts: not from WireGuard", s);
    ds_put_format(s, "\t\tip saddr != "IP_FMT"/%u ip daddr "IP_FMT
                  " tcp dport %u",
                  IP_ARGS(guard->hosts_prefix.address),
                  guard->hosts_prefix.len, IP_ARGS(guard->intrawire),
                  guard->facts_port);
    verdict("facts: not from a host", s);
}

static void
render_outside(const struct guard *guard, const char *link, struct ds *s)
{
    ds_put_format(s, "\t\tiifname \"%s\" ip daddr "IP_FMT, link,
                  IP_ARGS(guard->intrawire));
    verdict("intrawire: from outside", s);
    ds_put_format(s, "\t\tiifname \"%s\" ip saddr "IP_FMT"/%u", link,
                  IP_ARGS(guard->intrawire_prefix.address),
                  guard->intrawire_prefix.len);
    verdict("intrawire: forged source from outside", s);
}

static void
not_from(const char *link, struct ds *s)
{
    ds_put_format(s, "\t\tiifname != \"lo\" iifname != \"%s\"", link);
}

static void
verdict(const char *comment, struct ds *s)
{
    ds_put_format(s, " counter drop comment \"%s\"\n", comment);
}
