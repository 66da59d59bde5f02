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
 *
 * Every formula and every name of the network is here and only here.  A host
 * id H is in 1..32767; its two bytes H / 256 and H % 256 become the last two
 * bytes of its addresses.  The prefixes come from 'struct settings'; the
 * functions only combine.  Nothing here does I/O. */

#ifndef MOBULA_ADDR_H
#define MOBULA_ADDR_H 1

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"
#include "packets.h"

struct settings;

/* Range of a host id. */
#define HOST_ID_MIN 1
#define HOST_ID_MAX 32767

/* OVS bridges.  The access bridge carries the switching; the underlay bridge
 * exists with the userspace datapath only, to route VXLAN to WireGuard. */
#define BRIDGE_ACCESS "ovsbr-mobula"
#define BRIDGE_UNDERLAY "mo-und"

/* The network namespace of the gateway. */
#define GATEWAY_NETNS "mobula"

/* veth pairs: "host or OVS end", "other end". */
#define LINK_FAC_HOST "veth_fac0"   /* Host's own access interface. */
#define LINK_FAC_OVS "mo-fac-ovs"   /* Its end on BRIDGE_ACCESS. */
#define LINK_ACC_GW "mo-acc-gw"     /* Gateway's access interface. */
#define LINK_ACC_OVS "mo-acc-ovs"   /* Its end on BRIDGE_ACCESS. */
#define LINK_DIR_HOST "mo-dir-hs"   /* Host's intrawire interface. */
#define LINK_DIR_GW "mo-dir-gw"     /* Its end in GATEWAY_NETNS. */
#define LINK_TUN_HOST "mo-tun-hs"   /* From OVS's tunnels towards... */
#define LINK_TUN_GW "mo-tun-gw"     /* ...WireGuard in GATEWAY_NETNS. */
#define LINK_WG "mo-wg-gw"          /* WireGuard device. */
#define LINK_EXT_HOST "mo-ext-hs"   /* external "share": the host's end... */
#define LINK_EXT_GW "mo-ext-gw"     /* ...of the gateway's way out; external
                                     * "move": a bridge... */
#define LINK_EXT_PORT "mo-ext-br"   /* ...and the gateway's end of "veth_" and
                                     * the interface's name. */

/* Port name of the tunnel to a host: "mo-vx-<H>". */
#define LINK_VXLAN_PREFIX "mo-vx-"

/* OpenFlow port numbers that we ask for: fixed, so that they survive a
 * restart of ovs-vswitchd, and far above those that OVS hands out by itself
 * (from 1 upwards).  OpenFlow physical ports end at 65279. */
#define OFPORT_TUNNEL_BASE 32000    /* + host id: 32001..64767. */
#define OFPORT_FAC 65001
#define OFPORT_ACC 65002
#define OFPORT_UND_TUN 1            /* LINK_TUN_HOST on BRIDGE_UNDERLAY. */

/* IPv4 addresses of host 'id', in network byte order. */
ovs_be32 addr_access_host(const struct settings *, uint16_t id);
ovs_be32 addr_access_gateway(const struct settings *, uint16_t id);
ovs_be32 addr_intrawire(const struct settings *, uint16_t id);
ovs_be32 addr_vtep(const struct settings *, uint16_t id);

/* The two ends of the link between a host and its gateway's way out, external
 * "share": the same on every host, which they never leave.  They are in the
 * half of the VTEP prefix's /16 that has no VTEPs, and have a /30. */
#define EXTERNAL_PREFIX_LEN 30
ovs_be32 addr_external_host(const struct settings *);
ovs_be32 addr_external_gateway(const struct settings *);

/* What the kernel marks packets with.  In the host's namespace: those that
 * WireGuard has encrypted.  In the gateway's: those that the filter has
 * nothing against; others are not routed. */
#define MARK_MOBULA 29

/* Routing table of the host's namespace, external "share": the way out, as it
 * is without the gateway. */
#define TABLE_WAY_OUT 29

/* The IPv6 addresses of host 'id' and its gateway on the access network, a
 * /64: their last 16 bits are those of the IPv4 addresses.  Meaningless if
 * there is no ipv6_prefix. */
#define ADDR_ACCESS6_LEN 64
struct in6_addr addr_access6_host(const struct settings *, uint16_t id);
struct in6_addr addr_access6_gateway(const struct settings *, uint16_t id);

/* What the two have in common: an address is one of them if, under 'mask', it
 * equals the value that is returned. */
struct in6_addr addr_access6_both(const struct settings *, uint16_t id,
                                  struct in6_addr *mask);

/* The VNI of a frame that others relay to host 'id', up to 'hops' times (0 to
 * RELAY_MAX_HOPS) from now on.  Ordinary frames have the one of the settings,
 * in which the highest bit is 0.
 *
 *     23  22        19 18      16  15  14                        0
 *    +---+------------+----------+---+----------------------------+
 *    | 1 |     0      |   hops   | 0 |          host id           |
 *    +---+------------+----------+---+----------------------------+ */
#define RELAY_VNI_FLAG 0x800000u
#define RELAY_VNI_HOPS_SHIFT 16
#define RELAY_VNI_HOPS_MASK 0x070000u
#define RELAY_VNI_HIGH_MASK 0xff0000u /* All but the destination. */
#define RELAY_VNI_DST_MASK 0x00ffffu  /* With the bit that is always 0. */
#define RELAY_MAX_HOPS 7
uint32_t addr_relay_vni(uint16_t id, unsigned int hops);

/* The gateway's own address on intrawire, the same on every host, which it
 * never leaves: what the gateway says to its host (ICMP errors) comes from
 * it. */
ovs_be32 addr_intrawire_gateway(const struct settings *);

/* MAC addresses of host 'id'; locally administered, the same everywhere. */
struct eth_addr addr_mac_host(uint16_t id);
struct eth_addr addr_mac_gateway(uint16_t id);

/* Returns the MAC address of the gateway's end of the link that tunnels take
 * to WireGuard: the same on every host, which it never leaves. */
struct eth_addr addr_mac_tunnels(void);

/* Loop probes: frames that mobulad of host 'id' sends out of a guest's port
 * 'ofport', and that no local port must ever hear.  The source says the host,
 * the destination, a group address that every bridge floods, the port. */
struct eth_addr addr_mac_probe_src(uint16_t id);
struct eth_addr addr_mac_probe_dst(uint16_t ofport);

/* Source MAC & mask == addr_mac_probe_src(0) says "loop probe". */
struct eth_addr addr_mac_probe_mask(void);

/* If 'src' and 'dst' are those of a loop probe, stores the host id and port
 * that they name, which may be any number, and returns true. */
bool addr_mac_probe_parse(struct eth_addr src, struct eth_addr dst,
                          uint16_t *id, uint16_t *ofport);
#define ETH_TYPE_LOOP_PROBE 0x88b6 /* IEEE 802 local experimental 2. */

/* The first four bytes that all MAC addresses of hosts and gateways share,
 * apart from the last bit of byte 3: MAC & mask == prefix says "belongs to
 * the infrastructure of some Mobula host". */
struct eth_addr addr_mac_infra_prefix(void);
struct eth_addr addr_mac_infra_mask(void);

/* What a host and its gateway have in common: an address or MAC belongs to one
 * of the two if, under 'mask', it equals the value that is returned. */
ovs_be32 addr_access_both(const struct settings *, uint16_t id,
                          ovs_be32 *mask);
struct eth_addr addr_mac_both(uint16_t id, struct eth_addr *mask);

/* The IPv6 link-local address that an interface makes of its MAC 'mac' (RFC
 * 4291, appendix A); and the mask that does to such addresses what 'mask' does
 * to MACs. */
struct in6_addr addr_link_local(struct eth_addr mac);
struct in6_addr addr_link_local_mask(struct eth_addr mask);

/* Writes "mo-vx-<id>" into 'name'. */
void addr_vxlan_name(uint16_t id, char name[IFNAMSIZ]);

/* If 'name' is the tunnel port of a host ("mo-vx-<H>", H without leading
 * zeros and in range), stores the host id in '*id' and returns true. */
bool addr_vxlan_parse(const char *name, uint16_t *id);

/* OpenFlow port number that is asked for the tunnel to host 'id'. */
uint16_t addr_tunnel_ofport(uint16_t id);

#endif /* lib/addr.h */
