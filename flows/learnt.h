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

/* learnt: what the switch learnt, read back from its flows.
 *
 * Two stages are filled by the switch itself, by the learn action (see
 * flows/stage-access-in.c and flows/bind.c).  No frame is changed
 * by such a flow; it is a note:
 *
 * local-macs, "MAC was heard in VLAN at PORT", looked up by lookup:
 *
 *     vlan_tci=VLAN/0x0fff,dl_dst=MAC actions=load:PORT->reg0[0..15]
 *
 * bindings, "MAC said in VLAN at PORT that it has ADDRESS", which no frame
 * goes through:
 *
 *     arp,vlan_tci=VLAN/0x0fff,arp_tpa=ADDRESS       (by ARP)
 *     ipv6,vlan_tci=VLAN/0x0fff,ipv6_dst=ADDRESS     (by neighbour discovery)
 *         actions=load:MAC->xreg2[0..47],load:CLAIM->xreg3[0..47],
 *                 load:PORT->reg0[0..15]
 *
 * where MAC is the source of the frame and CLAIM the MAC address in the
 * message (0 if a neighbour discovery message has none).  The switch cannot
 * compare the two, so whoever reads the flow does: a station that speaks for
 * another MAC than its own binds nothing.
 *
 * The cookies name the rule and, as the subject, the port.  All of this comes
 * from frames of guests, so nothing in it is taken on trust.  Pure. */

#ifndef MOBULA_LEARNT_H
#define MOBULA_LEARNT_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct flow_entry;

/* A station at a local port. */
struct learnt_mac {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct eth_addr mac;        /* Unicast. */
    uint16_t ofport;            /* OpenFlow port. */
};

/* An address that a station at a local port says is its own. */
struct learnt_binding {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct in6_addr ip;         /* Unicast; IPv4 as v4-mapped. */
    struct eth_addr mac;        /* Unicast. */
    uint16_t ofport;            /* OpenFlow port. */
};

/* OpenFlow tables that the switch fills, as a bit mask by table number. */
uint64_t learnt_tables(void);

/* Returns true if the flow has the table, the priority and the cookie of a
 * learnt flow of any kind, so that it is Mobula's, but not to be compared
 * with what is desired. */
bool learnt_is_learnt(const struct flow_entry *);

/* If the flow is one of local-macs in the format above, stores what it says in
 * '*ret' and returns true. */
bool learnt_mac_decode(const struct flow_entry *, struct learnt_mac *ret);

/* The same for bindings; false also if MAC and claim differ, or if the address
 * is none that a station can have. */
bool learnt_binding_decode(const struct flow_entry *,
                           struct learnt_binding *ret);

/* The same for any flow of bindings in the format above, whether it binds
 * anything or not; stores CLAIM in '*claim'. */
bool learnt_note_decode(const struct flow_entry *, struct learnt_binding *ret,
                        struct eth_addr *claim);

/* Returns the port that a learnt flow of any kind leads to and, in '*vlan',
 * its VLAN; 0 if it is not in the format above. */
uint16_t learnt_get_port(const struct flow_entry *, uint16_t *vlan);

/* Returns true if 'ip' may be the address of a station: not unspecified,
 * multicast, broadcast or loopback. */
bool learnt_ip_is_plausible(const struct in6_addr *ip);

#endif /* flows/learnt.h */
