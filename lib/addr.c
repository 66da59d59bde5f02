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

/* addr: host id -> addresses, MAC addresses, interface and port names.
 * See addr.h.  Reads only 'struct settings' (lib/fabric.h). */

#include <config.h>
#include "lib/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/fabric.h"
#include "openvswitch/util.h"

/* MAC addresses are 02:6d:6f:KK:HH:HH ("mo" in ASCII), KK as here. */
enum mac_kind {
    MAC_HOST = 0x00,
    MAC_GATEWAY = 0x01,
    MAC_TUNNELS = 0x02,
    MAC_PROBE = 0x03,
};

static ovs_be32 in_prefix(const struct ipv4_prefix *, uint32_t host_part);
static struct in6_addr in_prefix6(const struct ip_prefix *,
                                  uint16_t host_part);
static ovs_be32 beside_vtep(const struct settings *, uint32_t host_part);
static struct eth_addr make_mac(enum mac_kind, uint16_t id);

ovs_be32
addr_access_host(const struct settings *s, uint16_t id)
{
    /* The upper half of the prefix: y.z = H / 256 + 128 . H % 256. */
    return in_prefix(&s->access_prefix, 0x8000u + id);
}

ovs_be32
addr_access_gateway(const struct settings *s, uint16_t id)
{
    return in_prefix(&s->access_prefix, id);
}

ovs_be32
addr_intrawire(const struct settings *s, uint16_t id)
{
    return in_prefix(&s->intrawire_prefix, id);
}

ovs_be32
addr_intrawire_gateway(const struct settings *s)
{
    /* No host has the id 0. */
    return in_prefix(&s->intrawire_prefix, 0);
}

ovs_be32
addr_vtep(const struct settings *s, uint16_t id)
{
    return in_prefix(&s->vtep_prefix, id);
}

ovs_be32
addr_external_host(const struct settings *s)
{
    return beside_vtep(s, 1);
}

ovs_be32
addr_external_gateway(const struct settings *s)
{
    return beside_vtep(s, 2);
}

struct in6_addr
addr_access6_host(const struct settings *s, uint16_t id)
{
    return in_prefix6(&s->ipv6_prefix, 0x8000u + id);
}

struct in6_addr
addr_access6_gateway(const struct settings *s, uint16_t id)
{
    return in_prefix6(&s->ipv6_prefix, id);
}

struct in6_addr
addr_access6_both(const struct settings *s, uint16_t id, struct in6_addr *mask)
{
    *mask = in6addr_exact;
    mask->s6_addr[14] = 0x7f;
    return addr_access6_gateway(s, id);
}

uint32_t
addr_relay_vni(uint16_t id, unsigned int hops)
{
    return RELAY_VNI_FLAG | hops << RELAY_VNI_HOPS_SHIFT | id;
}

struct eth_addr
addr_mac_host(uint16_t id)
{
    return make_mac(MAC_HOST, id);
}

struct eth_addr
addr_mac_gateway(uint16_t id)
{
    return make_mac(MAC_GATEWAY, id);
}

struct eth_addr
addr_mac_tunnels(void)
{
    return make_mac(MAC_TUNNELS, 0);
}

struct eth_addr
addr_mac_probe_src(uint16_t id)
{
    return make_mac(MAC_PROBE, id);
}

struct eth_addr
addr_mac_probe_dst(uint16_t ofport)
{
    struct eth_addr mac = make_mac(MAC_PROBE, ofport);

    mac.ea[0] |= 1;
    return mac;
}

struct eth_addr
addr_mac_probe_mask(void)
{
    return (struct eth_addr) { { { 0xff, 0xff, 0xff, 0xff, 0, 0 } } };
}

bool
addr_mac_probe_parse(struct eth_addr src, struct eth_addr dst, uint16_t *id,
                     uint16_t *ofport)
{
    uint16_t src_id = ntohs(src.be16[2]);
    uint16_t dst_port = ntohs(dst.be16[2]);

    if (!eth_addr_equals(src, addr_mac_probe_src(src_id))
        || !eth_addr_equals(dst, addr_mac_probe_dst(dst_port))) {
        return false;
    }
    *id = src_id;
    *ofport = dst_port;
    return true;
}

struct eth_addr
addr_mac_infra_prefix(void)
{
    return make_mac(MAC_HOST, 0);
}

struct eth_addr
addr_mac_infra_mask(void)
{
    /* Byte 3 is 00 or 01; host ids use 15 of the last 16 bits, but the whole
     * block is ours. */
    return (struct eth_addr) { { { 0xff, 0xff, 0xff, 0xfe, 0, 0 } } };
}

ovs_be32
addr_access_both(const struct settings *s, uint16_t id, ovs_be32 *mask)
{
    /* The bit that says which half of the prefix. */
    *mask = ~htonl(0x8000);
    return addr_access_gateway(s, id);
}

struct eth_addr
addr_mac_both(uint16_t id, struct eth_addr *mask)
{
    *mask = addr_mac_infra_mask();
    mask->ea[4] = mask->ea[5] = 0xff;
    return make_mac(MAC_HOST, id);
}

struct in6_addr
addr_link_local(struct eth_addr mac)
{
    struct in6_addr ip;

    in6_generate_lla(mac, &ip);
    return ip;
}

struct in6_addr
addr_link_local_mask(struct eth_addr mask)
{
    struct in6_addr ip = in6addr_exact;

    memcpy(&ip.s6_addr[8], &mask.ea[0], 3);
    memcpy(&ip.s6_addr[13], &mask.ea[3], 3);
    return ip;
}

void
addr_vxlan_name(uint16_t id, char name[IFNAMSIZ])
{
    snprintf(name, IFNAMSIZ, LINK_VXLAN_PREFIX"%u", id);
}

bool
addr_vxlan_parse(const char *name, uint16_t *id)
{
    const size_t prefix_len = strlen(LINK_VXLAN_PREFIX);
    unsigned int value = 0;
    const char *p;

    if (strncmp(name, LINK_VXLAN_PREFIX, prefix_len)) {
        return false;
    }
    p = name + prefix_len;
    if (*p < '1' || *p > '9') {
        return false;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (*p - '0');
        if (value > HOST_ID_MAX) {
            return false;
        }
    }
    if (*p) {
        return false;
    }
    *id = value;
    return true;
}

uint16_t
addr_tunnel_ofport(uint16_t id)
{
    return OFPORT_TUNNEL_BASE + id;
}

/* 'host_part' is below the size of the prefix: a /16 for access, a /17 or
 * larger elsewhere, which the check of the settings guarantees. */
static ovs_be32
in_prefix(const struct ipv4_prefix *prefix, uint32_t host_part)
{
    return prefix->address | htonl(host_part);
}

/* In the other half of the /16 that the VTEP prefix is a half of: the prefixes
 * of the other networks have none of it. */
static ovs_be32
beside_vtep(const struct settings *s, uint32_t host_part)
{
    return (s->vtep_prefix.address ^ htonl(0x8000)) | htonl(host_part);
}

static struct in6_addr
in_prefix6(const struct ip_prefix *prefix, uint16_t host_part)
{
    struct in6_addr ip = prefix->address;

    ip.s6_addr[14] = host_part >> 8;
    ip.s6_addr[15] = host_part;
    return ip;
}

static struct eth_addr
make_mac(enum mac_kind kind, uint16_t id)
{
    return (struct eth_addr) {
        { { 0x02, 0x6d, 0x6f, kind, id >> 8, id & 0xff } }
    };
}
