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

/* endpoint: where on the underlay a host is to be found.  See endpoint.h. */

#include <config.h>
#include "lib/endpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dns-name.h"
#include "lib/settings-yaml.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static void format(const struct fabric_host *, uint16_t port, struct ds *);
static bool split_port(const char *text, char **host, const char **port);
static bool parse_port(const char *text, uint16_t *port);
static char *parse_host(const char *text, struct endpoint_text *ret);
static bool parse_address(const char *text, struct in6_addr *);
static bool contains(const struct in6_addr *addresses, size_t n,
                     const struct in6_addr *);

char *
endpoint_parse(const char *text, bool variable, struct endpoint_text *ret)
{
    struct endpoint_text new = { .port = 0 };
    const char *port = NULL;
    char *host = NULL;
    char *error;

    if (variable && !strcmp(text, "none")) {
        *ret = new;
        return NULL;
    }
    if (!split_port(text, &host, &port)) {
        error = xstrdup("has a bracket without the other");
    } else if (port && !variable) {
        error = xstrdup("has a port, which only mobula_endpoint may have");
    } else if (port && !parse_port(port, &new.port)) {
        error = xstrdup("has a port that is no number from 1 to 65535");
    } else {
        error = parse_host(host, &new);
    }
    free(host);
    if (!error) {
        *ret = new;
    }
    return error;
}

const char *
endpoint_address_problem(const struct in6_addr *a)
{
    if (IN6_IS_ADDR_V4MAPPED(a)) {
        uint32_t ip = ntohl(in6_addr_get_mapped_ipv4(a));

        return (!(ip >> 24) ? "not the address of a host"
                : ip >> 24 == 127 ? "a loopback address"
                : ip >> 28 == 0xe ? "a multicast address"
                : ip >> 28 == 0xf ? "a reserved or broadcast address"
                : NULL);
    }
    return (IN6_IS_ADDR_UNSPECIFIED(a) ? "not the address of a host"
            : IN6_IS_ADDR_LOOPBACK(a) ? "a loopback address"
            : IN6_IS_ADDR_MULTICAST(a) ? "a multicast address"
            : IN6_IS_ADDR_LINKLOCAL(a) ? "a link-local address"
            : NULL);
}

bool
endpoint_is_inside(const struct settings *settings, const struct in6_addr *a,
                   enum setting *ret)
{
    static const enum setting ours[] = {
        SETTING_ACCESS_PREFIX, SETTING_INTRAWIRE_PREFIX, SETTING_VTEP_PREFIX,
    };

    if (!IN6_IS_ADDR_V4MAPPED(a)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
        const struct ipv4_prefix *prefix = settings_yaml_prefix(settings,
                                                                ours[i]);

        if (!((in6_addr_get_mapped_ipv4(a) ^ prefix->address)
              & be32_prefix_mask(prefix->len))) {
            *ret = ours[i];
            return true;
        }
    }
    return false;
}

bool
endpoint_can_meet(const struct fabric_host *a, const struct fabric_host *b)
{
    return !a->endpoint_none || !b->endpoint_none;
}

uint16_t
endpoint_port(const struct settings *settings, const struct fabric_host *host)
{
    return (host->endpoint_port ? host->endpoint_port
            : settings->wireguard_port);
}

void
endpoint_format(const struct fabric_host *host, struct ds *s)
{
    if (host->endpoint_none) {
        ds_put_cstr(s, "none");
    } else {
        format(host, host->endpoint_port, s);
    }
}

void
endpoint_format_port(const struct settings *settings,
                     const struct fabric_host *host, struct ds *s)
{
    format(host, endpoint_port(settings, host), s);
}

size_t
endpoint_parse_ahosts(const char *text, const struct settings *settings,
                      struct in6_addr **addresses)
{
    struct in6_addr *list = NULL;
    size_t n = 0, allocated = 0;

    for (const char *line = text; *line; line += strcspn(line, "\n")) {
        enum setting inside;
        struct in6_addr a;
        char *word;

        line += strspn(line, "\n");
        word = xmemdup0(line, strcspn(line, " \t\n"));
        if (parse_address(word, &a) && !endpoint_address_problem(&a)
            && !endpoint_is_inside(settings, &a, &inside)
            && !contains(list, n, &a)) {
            if (n >= allocated) {
                list = x2nrealloc(list, &allocated, sizeof *list);
            }
            list[n++] = a;
        }
        free(word);
    }
    *addresses = list;
    return n;
}

const struct in6_addr *
endpoint_choose(const struct in6_addr *found, size_t n,
                const struct in6_addr *current, bool works)
{
    for (size_t i = 0; current && i < n; i++) {
        if (ipv6_addr_equals(&found[i], current)) {
            return &found[works ? i : (i + 1) % n];
        }
    }
    return n ? &found[0] : NULL;
}

bool
endpoints_find(const struct endpoints *endpoints,
               const struct fabric_host *host, struct in6_addr *ret)
{
    if (host->endpoint_none) {
        return false;
    }
    if (!host->endpoint_name) {
        *ret = host->endpoint;
        return true;
    }
    for (size_t i = 0; endpoints && i < endpoints->n; i++) {
        if (endpoints->found[i].host == host->id) {
            *ret = endpoints->found[i].address;
            return true;
        }
    }
    return false;
}

/* With 'port' unless it is 0. */
static void
format(const struct fabric_host *host, uint16_t port, struct ds *s)
{
    bool brackets = (port && !host->endpoint_name
                     && !IN6_IS_ADDR_V4MAPPED(&host->endpoint));

    ds_put_cstr(s, brackets ? "[" : "");
    if (host->endpoint_name) {
        ds_put_cstr(s, host->endpoint_name);
    } else {
        ipv6_format_mapped(&host->endpoint, s);
    }
    ds_put_cstr(s, brackets ? "]" : "");
    if (port) {
        ds_put_format(s, ":%"PRIu16, port);
    }
}

/* Splits "HOST", "HOST:PORT", "[HOST]" and "[HOST]:PORT"; more than one colon
 * without brackets is an IPv6 address.  Stores the host, without brackets, in
 * '*host', which the caller must free, and where the port begins in '*port',
 * which stays as it is if there is none.  Returns false if a bracket is
 * alone. */
static bool
split_port(const char *text, char **host, const char **port)
{
    const char *colon = strchr(text, ':');

    if (text[0] == '[') {
        const char *close = strchr(text, ']');

        if (!close || (close[1] && close[1] != ':')) {
            return false;
        }
        *host = xmemdup0(text + 1, close - text - 1);
        *port = close[1] ? close + 2 : *port;
    } else if (colon && !strchr(colon + 1, ':') && !strpbrk(text, "[]")) {
        *host = xmemdup0(text, colon - text);
        *port = colon + 1;
    } else {
        *host = xstrdup(text);
    }
    return true;
}

static bool
parse_port(const char *text, uint16_t *port)
{
    unsigned int value;

    if (text[0] == '0' || text[strspn(text, "0123456789")]
        || !str_to_uint(text, 10, &value) || value > UINT16_MAX) {
        return false;
    }
    *port = value;
    return true;
}

/* Returns what is wrong, which the caller must free, or NULL. */
static char *
parse_host(const char *text, struct endpoint_text *ret)
{
    const char *problem;

    if (parse_address(text, &ret->address)) {
        problem = endpoint_address_problem(&ret->address);
        return problem ? xasprintf("is %s", problem) : NULL;
    }
    problem = (strchr(text, ':') && !strpbrk(text, "[]")
               ? "is not an IPv6 address"
               : dns_name_problem(text));
    if (problem) {
        return xstrdup(problem);
    }
    ret->name = xstrdup(text);
    for (char *p = ret->name; *p; p++) {
        *p = tolower((unsigned char) *p);
    }
    return NULL;
}

/* Leaves '*a' all zero if 'text' is no address. */
static bool
parse_address(const char *text, struct in6_addr *a)
{
    ovs_be32 ip;

    *a = in6addr_any;
    if (ip_parse(text, &ip)) {
        in6_addr_set_mapped_ipv4(a, ip);
        return true;
    } else if (ipv6_parse(text, a)) {
        return true;
    }
    *a = in6addr_any;
    return false;
}

static bool
contains(const struct in6_addr *addresses, size_t n, const struct in6_addr *a)
{
    for (size_t i = 0; i < n; i++) {
        if (ipv6_addr_equals(&addresses[i], a)) {
            return true;
        }
    }
    return false;
}
