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

/* settings-list: lists of address ranges in mobula.yml.
 * See settings-list.h. */

#include <config.h>
#include "lib/settings-list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ytree.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Length of "xx:xx:xx:xx:xx:xx". */
#define MAC_TEXT_LEN 17

/* Length of ipv6_prefix: what sites are given, and what a network has. */
#define PREFIX6_MIN_LEN 48
#define PREFIX6_MAX_LEN 64

static bool expect_list(const struct ytree *, const char *name,
                        const char *expected, struct config_messages *);
static bool parse_mac(const struct ytree *, const char *name,
                      struct config_messages *, struct mac_prefix *);
static bool parse_ip(const struct ytree *, const char *name,
                     struct config_messages *, struct ip_prefix *);
static bool parse_address(const struct ytree *, const char *name,
                          struct config_messages *, struct ip_prefix *);
static bool is_nobody(const struct in6_addr *);
static bool is_masked(const struct ip_prefix *);
static bool split_mac(const char *, struct mac_prefix *);
static bool split_ip(const char *, struct ip_prefix *);
static bool split_len(const char *text, unsigned int max, char **addressp,
                      uint8_t *len);
static struct eth_addr mask_mac(const struct mac_prefix *);
static void put_mac(const struct mac_prefix *, struct ds *);
static void put_ip(const struct ip_prefix *, struct ds *);

bool
settings_list_parse_macs(const struct ytree *node, const char *name,
                         struct config_messages *msgs,
                         struct mac_prefix *list, size_t *n)
{
    struct mac_prefix new[SETTINGS_MAX_LIST];
    bool ok = true;

    if (!expect_list(node, name, "a list of MAC addresses such as "
                     "[00:00:5e:00:01:00/40]", msgs)) {
        return false;
    }
    for (size_t i = 0; i < node->n; i++) {
        ok = parse_mac(node->entries[i].value, name, msgs, &new[i]) && ok;
    }
    if (ok) {
        memcpy(list, new, node->n * sizeof *list);
        *n = node->n;
    }
    return ok;
}

bool
settings_list_parse_ips(const struct ytree *node, const char *name,
                        struct config_messages *msgs,
                        struct ip_prefix *list, size_t *n)
{
    struct ip_prefix new[SETTINGS_MAX_LIST];
    bool ok = true;

    if (!expect_list(node, name, "a list of IP addresses such as "
                     "[10.31.7.0/24]", msgs)) {
        return false;
    }
    for (size_t i = 0; i < node->n; i++) {
        ok = parse_ip(node->entries[i].value, name, msgs, &new[i]) && ok;
    }
    if (ok) {
        memcpy(list, new, node->n * sizeof *list);
        *n = node->n;
    }
    return ok;
}

bool
settings_list_parse_addresses(const struct ytree *node, const char *name,
                              struct config_messages *msgs,
                              struct ip_prefix *list, size_t *n)
{
    struct ip_prefix new[SETTINGS_MAX_LIST];
    bool ok = true;

    if (!expect_list(node, name, "a list of IP addresses such as [1.1.1.1]",
                     msgs)) {
        return false;
    }
    for (size_t i = 0; i < node->n; i++) {
        ok = parse_address(node->entries[i].value, name, msgs, &new[i]) && ok;
    }
    if (ok) {
        memcpy(list, new, node->n * sizeof *list);
        *n = node->n;
    }
    return ok;
}

bool
settings_list_parse_prefix6(const struct ytree *node, const char *name,
                            struct config_messages *msgs,
                            struct ip_prefix *prefix)
{
    static const char expected[]
        = "an IPv6 prefix such as fd12:3456:789a::/48";
    struct ip_prefix new;
    const char *text;

    if (!ytree_expect_text(node, name, expected, msgs, &text)) {
        return false;
    }
    if (!strcmp(text, "none")) {
        memset(prefix, 0, sizeof *prefix);
        return true;
    }
    if (!split_ip(text, &new) || !strchr(text, ':')
        || new.len < PREFIX6_MIN_LEN || new.len > PREFIX6_MAX_LEN) {
        config_error(msgs, &node->pos, "%s '%.64s' is not an IPv6 prefix of "
                     "%d to %d bits: expected one such as "
                     "fd12:3456:789a::/48", name, text, PREFIX6_MIN_LEN,
                     PREFIX6_MAX_LEN);
        return false;
    }
    if (!is_masked(&new)) {
        config_error(msgs, &node->pos, "%s '%.64s' has bits set after the "
                     "first %u: expected 0 there", name, text, new.len);
        return false;
    }
    if (is_nobody(&new.address) || new.address.s6_addr[0] >> 5 == 0) {
        config_error(msgs, &node->pos, "%s '%.64s' has no addresses that "
                     "hosts can use: expected %s", name, text, expected);
        return false;
    }
    *prefix = new;
    return true;
}

void
settings_list_format_prefix6(const struct ip_prefix *prefix, struct ds *s)
{
    if (prefix->len) {
        put_ip(prefix, s);
    } else {
        ds_put_cstr(s, "none");
    }
    ds_put_char(s, '\n');
}

void
settings_list_format_macs(const struct mac_prefix *list, size_t n,
                          struct ds *s)
{
    ds_put_char(s, '[');
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(s, i ? ", " : "");
        put_mac(&list[i], s);
    }
    ds_put_cstr(s, "]\n");
}

void
settings_list_format_ips(const struct ip_prefix *list, size_t n,
                         struct ds *s)
{
    ds_put_char(s, '[');
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(s, i ? ", " : "");
        put_ip(&list[i], s);
    }
    ds_put_cstr(s, "]\n");
}

bool
settings_list_parse_len(const char *digits, unsigned int max, uint8_t *len)
{
    size_t n = strspn(digits, "0123456789");

    if (!n || n > 3 || digits[n] || (n > 1 && digits[0] == '0')
        || atoi(digits) > max) {
        return false;
    }
    *len = atoi(digits);
    return true;
}

/* Is 'node' a list that is not too long? */
static bool
expect_list(const struct ytree *node, const char *name, const char *expected,
            struct config_messages *msgs)
{
    if (!ytree_expect_sequence(node, name, expected, msgs)) {
        return false;
    }
    if (node->n > SETTINGS_MAX_LIST) {
        config_error(msgs, &node->entries[SETTINGS_MAX_LIST].value->pos,
                     "%s has %"PRIuSIZE" entries: expected at most %d", name,
                     node->n, SETTINGS_MAX_LIST);
        return false;
    }
    return true;
}

static bool
parse_mac(const struct ytree *node, const char *name,
          struct config_messages *msgs, struct mac_prefix *prefix)
{
    struct eth_addr masked;
    const char *text;

    if (!ytree_expect_text(node, name, "a MAC address such as "
                           "02:00:00:00:00:07", msgs, &text)) {
        return false;
    }
    if (!split_mac(text, prefix)) {
        config_error(msgs, &node->pos, "%s '%.64s' is not a MAC address: "
                     "expected one such as 02:00:00:00:00:07 or "
                     "00:00:5e:00:01:00/40", name, text);
        return false;
    }
    masked = mask_mac(prefix);
    if (!eth_addr_equals(masked, prefix->mac)) {
        config_error(msgs, &node->pos, "%s '%.64s' has bits set after the "
                     "first %u: expected "ETH_ADDR_FMT"/%u", name, text,
                     prefix->len, ETH_ADDR_ARGS(masked), prefix->len);
        return false;
    }
    if (eth_addr_is_multicast(prefix->mac)) {
        config_error(msgs, &node->pos, "%s '%.64s' is a multicast address, "
                     "which nobody sends from: expected a unicast one", name,
                     text);
        return false;
    }
    return true;
}

static bool
parse_ip(const struct ytree *node, const char *name,
         struct config_messages *msgs, struct ip_prefix *prefix)
{
    struct ip_prefix masked;
    struct in6_addr mask;
    const char *text;

    if (!ytree_expect_text(node, name, "an IP address such as 10.31.7.1",
                           msgs, &text)) {
        return false;
    }
    if (!split_ip(text, prefix)) {
        config_error(msgs, &node->pos, "%s '%.64s' is not an IP address: "
                     "expected one such as 10.31.7.1, 10.31.7.0/24 or "
                     "fd00::/64", name, text);
        return false;
    }
    mask = ipv6_create_mask(prefix->len);
    masked.address = ipv6_addr_bitand(&prefix->address, &mask);
    masked.len = prefix->len;
    if (!ipv6_addr_equals(&masked.address, &prefix->address)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        put_ip(&masked, &s);
        config_error(msgs, &node->pos, "%s '%.64s' has bits set after the "
                     "first %u: expected %s", name, text,
                     strchr(text, ':') ? prefix->len : prefix->len - 96,
                     ds_cstr(&s));
        ds_destroy(&s);
        return false;
    }
    return true;
}

/* An address without a length, that somebody may have. */
static bool
parse_address(const struct ytree *node, const char *name,
              struct config_messages *msgs, struct ip_prefix *prefix)
{
    const char *text;

    if (!ytree_expect_text(node, name, "an IP address such as 1.1.1.1", msgs,
                           &text)) {
        return false;
    }
    if (strchr(text, '/') || !split_ip(text, prefix)) {
        config_error(msgs, &node->pos, "%s '%.64s' is not an IP address: "
                     "expected one such as 1.1.1.1 or 2606:4700:4700::1111",
                     name, text);
        return false;
    }
    if (is_nobody(&prefix->address)) {
        config_error(msgs, &node->pos, "%s '%.64s' is nobody's own address: "
                     "expected that of another machine", name, text);
        return false;
    }
    return true;
}

static bool
is_nobody(const struct in6_addr *address)
{
    uint32_t ip;

    if (!IN6_IS_ADDR_V4MAPPED(address)) {
        return (IN6_IS_ADDR_UNSPECIFIED(address)
                || IN6_IS_ADDR_LOOPBACK(address)
                || IN6_IS_ADDR_LINKLOCAL(address)
                || IN6_IS_ADDR_MULTICAST(address));
    }
    ip = ntohl(in6_addr_get_mapped_ipv4(address));
    return !(ip >> 24) || ip >> 24 == 127 || ip >> 28 >= 0xe;
}

/* Are all bits 0 that do not count? */
static bool
is_masked(const struct ip_prefix *prefix)
{
    struct in6_addr mask = ipv6_create_mask(prefix->len);
    struct in6_addr masked = ipv6_addr_bitand(&prefix->address, &mask);

    return ipv6_addr_equals(&masked, &prefix->address);
}

/* Splits "xx:xx:xx:xx:xx:xx" or "xx:xx:xx:xx:xx:xx/LEN". */
static bool
split_mac(const char *text, struct mac_prefix *prefix)
{
    char *address;
    bool ok;

    if (!split_len(text, 48, &address, &prefix->len)) {
        return false;
    }
    ok = strlen(address) == MAC_TEXT_LEN;
    for (size_t i = 0; ok && i < MAC_TEXT_LEN; i++) {
        ok = (i % 3 == 2 ? address[i] == ':'
              : isxdigit((unsigned char) address[i]));
    }
    ok = ok && eth_addr_from_string(address, &prefix->mac);
    free(address);
    return ok;
}

/* Splits an IPv4 or IPv6 address with or without "/LEN". */
static bool
split_ip(const char *text, struct ip_prefix *prefix)
{
    bool v6 = strchr(text, ':');
    char *address;
    ovs_be32 ip;
    bool ok;

    if (!split_len(text, v6 ? 128 : 32, &address, &prefix->len)) {
        return false;
    }
    if (v6) {
        /* IPv4 has one way to be written. */
        ok = (ipv6_parse(address, &prefix->address)
              && !IN6_IS_ADDR_V4MAPPED(&prefix->address));
    } else {
        ok = ip_parse(address, &ip);
        if (ok) {
            in6_addr_set_mapped_ipv4(&prefix->address, ip);
            prefix->len += 96;
        }
    }
    free(address);
    return ok;
}

/* Splits "ADDRESS/LEN", or "ADDRESS" for LEN 'max'.  On success the caller
 * must free '*addressp'. */
static bool
split_len(const char *text, unsigned int max, char **addressp, uint8_t *len)
{
    const char *slash = strchr(text, '/');

    if (!slash) {
        *len = max;
    } else if (!settings_list_parse_len(slash + 1, max, len)) {
        return false;
    }
    *addressp = slash ? xmemdup0(text, slash - text) : xstrdup(text);
    return true;
}

/* Returns the MAC of 'prefix' without the bits behind its length. */
static struct eth_addr
mask_mac(const struct mac_prefix *prefix)
{
    uint64_t mask = prefix->len ? UINT64_MAX << (48 - prefix->len) : 0;
    struct eth_addr mac;

    eth_addr_from_uint64(eth_addr_to_uint64(prefix->mac) & mask, &mac);
    return mac;
}

static void
put_mac(const struct mac_prefix *prefix, struct ds *s)
{
    ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(prefix->mac));
    if (prefix->len < 48) {
        ds_put_format(s, "/%u", prefix->len);
    }
}

/* In quotes if it is IPv6: YAML takes a colon at its end, as in "[fd00::]",
 * for something else. */
static void
put_ip(const struct ip_prefix *prefix, struct ds *s)
{
    bool v4 = IN6_IS_ADDR_V4MAPPED(&prefix->address) && prefix->len >= 96;

    ds_put_cstr(s, v4 ? "" : "'");
    ipv6_format_mapped(&prefix->address, s);
    if (prefix->len < 128) {
        ds_put_format(s, "/%u", v4 ? prefix->len - 96 : prefix->len);
    }
    ds_put_cstr(s, v4 ? "" : "'");
}
