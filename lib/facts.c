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

/* facts: what one host tells the others about itself.  See facts.h. */

#include <config.h>
#include "lib/facts.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Changes of loss, in permille, and of the round trip, in microseconds, that
 * are none, however small the numbers are. */
#define LOSS_NOISE 10
#define RTT_NOISE_US 500

static bool is_near(uint32_t a, uint32_t b, uint32_t noise);
static void format_link(const struct facts_link *, struct ds *);
static void normalize_mac(struct facts_mac *);
static int compare_keys(uint16_t vlan_a, struct eth_addr a, uint16_t vlan_b,
                        struct eth_addr b);
static int compare_macs(const void *, const void *);
static int compare_links(const void *, const void *);
static int compare_ips(const void *, const void *);

void
facts_init(struct facts *facts)
{
    memset(facts, 0, sizeof *facts);
}

void
facts_uninit(struct facts *facts)
{
    free(facts->boot);
    free(facts->version);
    free(facts->config_digest);
    free(facts->macs);
    free(facts->links);
}

void
facts_clone(struct facts *dst, const struct facts *src)
{
    *dst = *src;
    dst->boot = nullable_xstrdup(src->boot);
    dst->version = nullable_xstrdup(src->version);
    dst->config_digest = nullable_xstrdup(src->config_digest);
    if (src->n_macs) {
        dst->macs = xmemdup(src->macs, src->n_macs * sizeof *src->macs);
    }
    if (src->n_links) {
        dst->links = xmemdup(src->links, src->n_links * sizeof *src->links);
    }
}

void
facts_normalize(struct facts *facts)
{
    size_t n;

    for (size_t i = 0; i < facts->n_macs; i++) {
        normalize_mac(&facts->macs[i]);
    }
    if (facts->n_macs) {
        qsort(facts->macs, facts->n_macs, sizeof *facts->macs, compare_macs);
        n = 1;
        for (size_t i = 1; i < facts->n_macs; i++) {
            if (compare_macs(&facts->macs[n - 1], &facts->macs[i])) {
                facts->macs[n++] = facts->macs[i];
            }
        }
        facts->n_macs = n;
    }
    if (facts->n_links) {
        qsort(facts->links, facts->n_links, sizeof *facts->links,
              compare_links);
        n = 1;
        for (size_t i = 1; i < facts->n_links; i++) {
            if (compare_links(&facts->links[n - 1], &facts->links[i])) {
                facts->links[n++] = facts->links[i];
            }
        }
        facts->n_links = n;
    }
}

bool
facts_equal(const struct facts *a, const struct facts *b)
{
    if (a->host_id != b->host_id
        || !nullable_string_is_equal(a->boot, b->boot)
        || !nullable_string_is_equal(a->version, b->version)
        || !nullable_string_is_equal(a->config_digest, b->config_digest)
        || a->underlay_mtu != b->underlay_mtu
        || a->path_mtu != b->path_mtu
        || a->drained != b->drained
        || a->n_macs != b->n_macs
        || a->n_links != b->n_links) {
        return false;
    }
    for (size_t i = 0; i < a->n_macs; i++) {
        if (!facts_mac_equal(&a->macs[i], &b->macs[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < a->n_links; i++) {
        if (!facts_link_equal(&a->links[i], &b->links[i])) {
            return false;
        }
    }
    return true;
}

bool
facts_mac_equal(const struct facts_mac *a, const struct facts_mac *b)
{
    return (!facts_mac_compare(a, b)
            && a->seqno == b->seqno
            && a->n_ips == b->n_ips
            && !memcmp(a->ips, b->ips, a->n_ips * sizeof *a->ips));
}

bool
facts_link_equal(const struct facts_link *a, const struct facts_link *b)
{
    return (facts_link_same_state(a, b)
            && a->loss == b->loss
            && a->rtt_us == b->rtt_us);
}

bool
facts_link_same_state(const struct facts_link *a, const struct facts_link *b)
{
    return a->peer == b->peer && a->up == b->up && a->poor == b->poor;
}

bool
facts_link_same_numbers(const struct facts_link *a,
                        const struct facts_link *b)
{
    return (is_near(a->loss, b->loss, LOSS_NOISE)
            && is_near(a->rtt_us, b->rtt_us, RTT_NOISE_US));
}

void
facts_format(const struct facts *facts, struct ds *s)
{
    ds_put_format(s, "host %u, boot %s, version %s, configuration %s, "
                  "underlay MTU %u", facts->host_id,
                  facts->boot ? facts->boot : "-",
                  facts->version ? facts->version : "-",
                  facts->config_digest ? facts->config_digest : "-",
                  facts->underlay_mtu);
    if (facts->path_mtu) {
        ds_put_format(s, ", measured %u", facts->path_mtu);
    }
    ds_put_cstr(s, facts->drained ? ", drained" : "");
    ds_put_char(s, '\n');
    for (size_t i = 0; i < facts->n_links; i++) {
        format_link(&facts->links[i], s);
    }
    for (size_t i = 0; i < facts->n_macs; i++) {
        const struct facts_mac *mac = &facts->macs[i];

        ds_put_format(s, "mac vlan %u "ETH_ADDR_FMT" seqno %"PRIu32,
                      mac->vlan, ETH_ADDR_ARGS(mac->mac), mac->seqno);
        for (size_t j = 0; j < mac->n_ips; j++) {
            ds_put_char(s, ' ');
            ipv6_format_mapped(&mac->ips[j], s);
        }
        ds_put_char(s, '\n');
    }
}

int
mac_owner_compare(const struct mac_owner *a, const struct mac_owner *b)
{
    return compare_keys(a->vlan, a->mac, b->vlan, b->mac);
}

int
facts_mac_compare(const struct facts_mac *a, const struct facts_mac *b)
{
    return compare_keys(a->vlan, a->mac, b->vlan, b->mac);
}

/* Do they differ by no more than a third of the larger one? */
static bool
is_near(uint32_t a, uint32_t b, uint32_t noise)
{
    uint32_t max = MAX(a, b);

    return max - MIN(a, b) <= MAX(max / 3, noise);
}

static void
format_link(const struct facts_link *link, struct ds *s)
{
    ds_put_format(s, "link %"PRIu16" %s%s", link->peer,
                  link->up ? "up" : "down", link->poor ? ", poor" : "");
    if (link->loss) {
        ds_put_format(s, ", loss %u.%u %%", link->loss / 10, link->loss % 10);
    }
    if (link->rtt_us) {
        ds_put_format(s, ", round trip %"PRIu32" us", link->rtt_us);
    }
    ds_put_char(s, '\n');
}

static void
normalize_mac(struct facts_mac *mac)
{
    size_t n = 1;

    if (!mac->n_ips) {
        return;
    }
    qsort(mac->ips, mac->n_ips, sizeof *mac->ips, compare_ips);
    for (size_t i = 1; i < mac->n_ips; i++) {
        if (compare_ips(&mac->ips[n - 1], &mac->ips[i])) {
            mac->ips[n++] = mac->ips[i];
        }
    }
    mac->n_ips = n;
}

static int
compare_keys(uint16_t vlan_a, struct eth_addr a, uint16_t vlan_b,
             struct eth_addr b)
{
    return (vlan_a != vlan_b ? (vlan_a < vlan_b ? -1 : 1)
            : eth_addr_compare_3way(a, b));
}

static int
compare_macs(const void *a, const void *b)
{
    return facts_mac_compare(a, b);
}

static int
compare_links(const void *a_, const void *b_)
{
    const struct facts_link *a = a_;
    const struct facts_link *b = b_;

    return a->peer < b->peer ? -1 : a->peer > b->peer;
}

static int
compare_ips(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct in6_addr));
}
