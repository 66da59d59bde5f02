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

/* rules: every kind of flow that there is, with a number for its cookie, a
 * priority and its meaning.
 *
 * The stage builders name a rule when they add a flow; flows/explain.c and
 * the manual mobula-flows(7) print its meaning.  One table, so that they
 * cannot disagree. */

#ifndef MOBULA_RULES_H
#define MOBULA_RULES_H 1

#include <stdint.h>
#include "flows/stages.h"

/* The number of a rule is part of the cookies of its flows: never change one,
 * never use one again.  It begins with the number of its stage. */
enum rule_id {
    /* admission */
    RULE_TUNNEL = 0x101,
    RULE_TUNNEL_WRONG_VNI = 0x102,
    RULE_HOST_PORT = 0x103,
    RULE_GATEWAY_PORT = 0x104,
    RULE_GUEST_PORT = 0x105,
    RULE_UNKNOWN_PORT = 0x106,
    RULE_TUNNEL_BFD = 0x107,
    RULE_UNSUPPORTED_PORT = 0x108,
    RULE_BLOCKED_PORT = 0x109,
    RULE_LOOP_PROBE = 0x10a,
    RULE_STRAY_PROBE = 0x10b,
    RULE_TUNNEL_RELAY = 0x10c,

    /* relay */
    RULE_ARRIVED_INFRA = 0x201,
    RULE_ARRIVED = 0x202,
    RULE_NO_HOPS_LEFT = 0x203,
    RULE_HOP = 0x204,
    RULE_RELAY_OTHER_BITS = 0x205,

    /* access-in */
    RULE_OWN_HOST_SOURCE = 0x301,
    RULE_OWN_GATEWAY_SOURCE = 0x302,
    RULE_INFRA_SOURCE_LOCAL = 0x303,
    RULE_MULTICAST_SOURCE_LOCAL = 0x304,
    RULE_LEARN = 0x305,
    RULE_OWN_HOST_MAC_CLAIM = 0x306,
    RULE_OWN_GATEWAY_MAC_CLAIM = 0x307,
    RULE_INFRA_MAC_CLAIM_LOCAL = 0x308,
    RULE_CROWDED = 0x30f,
    RULE_FROZEN_SOURCE = 0x310,

    /* local-macs */
    RULE_LEARNT = 0x401,

    /* tunnel-in */
    RULE_PEER_HOST_SOURCE = 0x501,
    RULE_PEER_GATEWAY_SOURCE = 0x502,
    RULE_INFRA_SOURCE_TUNNEL = 0x503,
    RULE_MULTICAST_SOURCE_TUNNEL = 0x504,
    RULE_TUNNEL_SOURCE = 0x505,
    RULE_PEER_MAC_CLAIM = 0x506,
    RULE_INFRA_MAC_CLAIM_TUNNEL = 0x507,

    /* answers */
    RULE_ASKS_FIRST = 0x601,
    RULE_ASKS_SHORT = 0x602,
    RULE_ASKS_ITSELF = 0x603,
    RULE_ANNOUNCES = 0x604,
    RULE_ANSWER_HOST = 0x605,
    RULE_ANSWER_PEER = 0x606,
    RULE_ANSWER_STATION = 0x607,
    RULE_ASK_STATION = 0x608,
    RULE_NOT_ANSWERED = 0x609,

    /* lookup */
    RULE_OWN_HOST = 0x701,
    RULE_OWN_GATEWAY = 0x702,
    RULE_PEER_HOST = 0x703,
    RULE_PEER_GATEWAY = 0x704,
    RULE_PEER_HOST_NO_TUNNEL = 0x705,
    RULE_PEER_GATEWAY_NO_TUNNEL = 0x706,
    RULE_INFRA_UNREACHABLE = 0x707,
    RULE_NO_TRANSIT = 0x708,
    RULE_GROUP_ADDRESS = 0x709,
    RULE_LOOKUP_LEARNT = 0x70a,
    RULE_MAC_CONTROL = 0x70b,

    /* flood; 0x801 was for frames from all local ports together */
    RULE_FLOOD_TUNNEL = 0x802,
    RULE_OUTPUT_LEARNT = 0x803,
    RULE_FLOOD_PORT = 0x804,
    RULE_FLOOD_UNKNOWN = 0x805,
    RULE_FLOOD_MUTED = 0x806,

    /* underlay */
    RULE_UNDERLAY_OUT = 0x901,
    RULE_UNDERLAY_IN = 0x902,

    /* vlan-in */
    RULE_VLAN_HIDDEN = 0xa01,
    RULE_VLAN_PRIORITY = 0xa02,
    RULE_VLAN_NATIVE = 0xa03,
    RULE_VLAN_UNTAGGED = 0xa04,
    RULE_VLAN_TAGGED = 0xa05,
    RULE_VLAN_ANY = 0xa06,
    RULE_VLAN_NOT_CARRIED = 0xa07,

    /* egress */
    RULE_EGRESS_HIDDEN = 0xb01,
    RULE_EGRESS_UNTAG = 0xb02,
    RULE_EGRESS_VLAN = 0xb03,
    RULE_EGRESS_NO_VLAN = 0xb04,
    RULE_EGRESS_ANY = 0xb05,
    RULE_EGRESS_NOT_CARRIED = 0xb06,
    RULE_EGRESS_BLOCKED = 0xb07,

    /* remote-macs */
    RULE_REMOTE_MAC = 0xc01,
    RULE_NOT_REMOTE = 0xc02,

    /* loops */
    RULE_PROBE_HEARD = 0xd01,
    /* bindings */
    RULE_BOUND = 0xe01,

    /* answer */
    RULE_ANSWER_ARP = 0x1001,
    RULE_ANSWER_ND = 0x1002,
    RULE_ANSWER_ND_MAC = 0x1003,

    /* claims */
    RULE_OWN_HOST_CLAIM = 0x1101,
    RULE_OWN_GATEWAY_CLAIM = 0x1102,
    RULE_PEER_CLAIM = 0x1103,
    RULE_HOST_CLAIM = 0x1104,
    RULE_NO_ADDRESS = 0x1105,
    RULE_BIND = 0x1106,
    RULE_TO_ND_CLAIMS = 0x1107,
    RULE_CLAIMS_LOCAL = 0x1108,
    RULE_CLAIMS_TUNNEL = 0x1109,

    /* nd-claims */
    RULE_OWN_HOST_ND_TARGET = 0x1201,
    RULE_OWN_GATEWAY_ND_TARGET = 0x1202,
    RULE_PEER_ND_TARGET = 0x1203,
    RULE_INFRA_ND_TARGET = 0x1204,
    RULE_OWN_HOST_ND_SOURCE = 0x1205,
    RULE_OWN_GATEWAY_ND_SOURCE = 0x1206,
    RULE_PEER_ND_SOURCE = 0x1207,
    RULE_INFRA_ND_SOURCE = 0x1208,
    RULE_NO_ND_ADDRESS = 0x1209,
    RULE_ND_BIND = 0x120a,
    RULE_ND_CLAIMS_LOCAL = 0x120b,
    RULE_ND_CLAIMS_TUNNEL = 0x120c,
    RULE_OWN_ROUTER = 0x120d,
    RULE_ROUTER = 0x120e,
    RULE_HOST_ND_TARGET = 0x120f,
    RULE_HOST_ND_SOURCE = 0x1210,

    /* transit */
    RULE_TRANSIT_RETURNED = 0x1301,
    RULE_TRANSIT_FROM_NEXT = 0x1302,
    RULE_TRANSIT_NO_OTHER_WAY = 0x1303,
    RULE_TRANSIT = 0x1304,
    RULE_TRANSIT_NO_WAY = 0x1305,
    RULE_TRANSIT_UNKNOWN = 0x1306,
    RULE_TRANSIT_LAST = 0x1307,
};

/* What the subject in the cookie is. */
enum rule_subject {
    RULE_SUBJECT_NONE,          /* 0. */
    RULE_SUBJECT_HOST,          /* A host id. */
    RULE_SUBJECT_PORT,          /* An OpenFlow port. */
};

struct rule {
    enum rule_id id;
    enum stage_id stage;
    uint16_t priority;          /* Of its flows. */
    enum rule_subject subject;
    const char *name;           /* As printed, e.g. "peer-host". */

    /* A sentence that is true of every flow of the rule.  {host} stands for
     * the host whose id is the subject, {id} for that id, {port} for the port
     * whose number is the subject; {mac} and {out} for destination MAC and
     * port of a learnt flow; {vlan} (one) and {vlans} (any number) for what is
     * matched, {tag} for the VLAN that is set; {target} for the
     * address that is asked for; {quota} for how many flows are
     * learnt, {sender}, {claim} and {ip} for what a flow of bindings notes;
     * {limit} for the limit of the meter, and {probe} for what a loop probe
     * says.  explain.h fills them in. */
    const char *meaning;
};

/* All rules by stage and falling priority; ends with a row whose 'name' is
 * NULL. */
extern const struct rule rules[];

/* Returns the row of 'id', or NULL (an old cookie may name any number). */
const struct rule *rule_find(uint16_t id);

#endif /* flows/rules.h */
