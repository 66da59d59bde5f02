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

/* rules: every kind of flow that there is.  See rules.h. */

#include <config.h>
#include "flows/rules.h"

#include <stddef.h>

#define NONE RULE_SUBJECT_NONE
#define HOST RULE_SUBJECT_HOST
#define PORT RULE_SUBJECT_PORT

const struct rule rules[] = {
    { RULE_LOOP_PROBE, STAGE_ADMISSION, 1100, PORT, "loop-probe",
      "Loop probes that come in at {port} are noted in loops and go no "
      "further." },
    { RULE_STRAY_PROBE, STAGE_ADMISSION, 1050, NONE, "stray-probe",
      "Loop probes from any other port are dropped." },
    { RULE_TUNNEL, STAGE_ADMISSION, 1000, HOST, "tunnel",
      "Frames from the tunnel to {host} with our VNI are marked as coming "
      "from there and go on to tunnel-in." },
    { RULE_TUNNEL_RELAY, STAGE_ADMISSION, 1000, HOST, "tunnel-relay",
      "Frames from the tunnel to {host} with a VNI that says to which host "
      "they are to be relayed go on to relay." },
    { RULE_HOST_PORT, STAGE_ADMISSION, 1000, PORT, "host-port",
      "Frames from the access interface of this host, {port}, go on to "
      "access-in." },
    { RULE_GATEWAY_PORT, STAGE_ADMISSION, 1000, PORT, "gateway-port",
      "Frames from the access interface of the gateway, {port}, go on to "
      "access-in." },
    { RULE_GUEST_PORT, STAGE_ADMISSION, 1000, PORT, "guest-port",
      "Frames from the guest at {port} go on to vlan-in." },
    { RULE_UNSUPPORTED_PORT, STAGE_ADMISSION, 1000, PORT, "unsupported-port",
      "Frames from the guest at {port} are dropped: its VLAN mode is not "
      "supported." },
    { RULE_BLOCKED_PORT, STAGE_ADMISSION, 1000, PORT, "blocked-port",
      "Frames from the guest at {port} are dropped: the port is blocked, "
      "because it is part of a loop." },
    { RULE_TUNNEL_BFD, STAGE_ADMISSION, 950, HOST, "tunnel-bfd",
      "Frames from the tunnel to {host} with VNI 0 are dropped: BFD, which "
      "uses it, is answered by Open vSwitch itself." },
    { RULE_TUNNEL_WRONG_VNI, STAGE_ADMISSION, 900, HOST, "tunnel-wrong-vni",
      "Frames from the tunnel to {host} with any other VNI are dropped." },
    { RULE_UNKNOWN_PORT, STAGE_ADMISSION, 0, NONE, "unknown-port",
      "Frames from a port that is neither a local port nor the tunnel to a "
      "configured peer are dropped." },

    { RULE_ARRIVED_INFRA, STAGE_RELAY, 1100, HOST, "arrived-infra",
      "Relayed frames for {host}, this host, whose source is a MAC reserved "
      "for hosts and gateways are marked as coming from the host that it "
      "names and go on to tunnel-in." },
    { RULE_ARRIVED, STAGE_RELAY, 1000, HOST, "arrived",
      "All other relayed frames for {host}, this host, are marked as coming "
      "from a station at some peer and go on to tunnel-in." },
    { RULE_NO_HOPS_LEFT, STAGE_RELAY, 900, NONE, "no-hops-left",
      "Relayed frames for other hosts that have no hops left are dropped: "
      "they have lost their way." },
    { RULE_HOP, STAGE_RELAY, 800, NONE, "hop",
      "Relayed frames for other hosts that have hops left, which is how often "
      "they may still be relayed, lose one of them and go on to transit." },
    { RULE_RELAY_OTHER_BITS, STAGE_RELAY, 0, NONE, "relay-other-bits",
      "All other frames that are to be relayed are dropped: their VNI has "
      "bits set that mean nothing." },

    { RULE_TRANSIT_RETURNED, STAGE_TRANSIT, 1100, HOST, "transit-returned",
      "Frames in transit to {host} that come from its own tunnel are dropped: "
      "there is nowhere to send them but back." },
    { RULE_TRANSIT_LAST, STAGE_TRANSIT, 1050, HOST, "transit-last",
      "Frames in transit to {host} that have no hops left now go to its own "
      "tunnel, alive or not: any other host would drop them." },
    { RULE_TRANSIT_FROM_NEXT, STAGE_TRANSIT, 1000, HOST, "transit-from-next",
      "Frames in transit to {host} that come from a neighbour on one of the "
      "ways there go to a group of paths without that neighbour." },
    { RULE_TRANSIT_NO_OTHER_WAY, STAGE_TRANSIT, 1000, HOST,
      "transit-no-other-way",
      "Frames in transit to {host} that come from the only neighbour on a way "
      "there are dropped." },
    { RULE_TRANSIT, STAGE_TRANSIT, 500, HOST, "transit",
      "All other frames in transit to {host} go to a group of paths for "
      "them." },
    { RULE_TRANSIT_NO_WAY, STAGE_TRANSIT, 500, HOST, "transit-no-way",
      "Frames in transit to {host} are dropped: there is no way to it yet." },
    { RULE_TRANSIT_UNKNOWN, STAGE_TRANSIT, 0, NONE, "transit-unknown",
      "Frames in transit to a host that is not in the configuration are "
      "dropped." },

    { RULE_VLAN_HIDDEN, STAGE_VLAN_IN, 1000, NONE, "hidden-in",
      "Frames with another tag inside one whose VLAN ID is 0 are dropped: the "
      "inner one would be taken for their VLAN." },
    { RULE_VLAN_PRIORITY, STAGE_VLAN_IN, 900, PORT, "priority-in",
      "Frames from {port} with a tag whose VLAN ID is 0 lose it and are "
      "looked at again." },
    { RULE_VLAN_NATIVE, STAGE_VLAN_IN, 900, PORT, "native-in",
      "Frames from {port} without a VLAN are put into {tag} and go on to "
      "access-in." },
    { RULE_VLAN_UNTAGGED, STAGE_VLAN_IN, 800, PORT, "untagged-in",
      "Frames from {port} without a tag go on to access-in." },
    { RULE_VLAN_TAGGED, STAGE_VLAN_IN, 700, PORT, "tagged-in",
      "Frames from {port} {vlans} go on to access-in." },
    { RULE_VLAN_ANY, STAGE_VLAN_IN, 100, PORT, "any-in",
      "All other frames from {port} go on to access-in: it carries every "
      "VLAN." },
    { RULE_VLAN_NOT_CARRIED, STAGE_VLAN_IN, 100, PORT, "not-carried-in",
      "All other frames from {port} are dropped: it does not carry their "
      "VLAN." },

    { RULE_OWN_HOST_MAC_CLAIM, STAGE_ACCESS_IN, 1200, HOST,
      "own-host-mac-claim",
      "ARP and neighbour discovery in which the host interface of {host}, "
      "this host, names its own MAC pass from its own port to claims and are "
      "not learnt." },
    { RULE_OWN_GATEWAY_MAC_CLAIM, STAGE_ACCESS_IN, 1200, HOST,
      "own-gateway-mac-claim",
      "ARP and neighbour discovery in which the gateway of {host}, this host, "
      "names its own MAC pass from its own port to claims and are not "
      "learnt." },
    { RULE_INFRA_MAC_CLAIM_LOCAL, STAGE_ACCESS_IN, 1100, NONE,
      "infra-mac-claim-local",
      "Other ARP and neighbour discovery from a local port in which the "
      "sender names a MAC reserved for hosts and gateways as its own are "
      "dropped: no port may pose as one." },
    { RULE_OWN_HOST_SOURCE, STAGE_ACCESS_IN, 1000, HOST, "own-host-source",
      "Frames with the MAC of the host interface of {host}, this host, pass "
      "from its own port to claims and are not learnt." },
    { RULE_OWN_GATEWAY_SOURCE, STAGE_ACCESS_IN, 1000, HOST,
      "own-gateway-source",
      "Frames with the MAC of the gateway of {host}, this host, pass from "
      "its own port to claims and are not learnt." },
    { RULE_INFRA_SOURCE_LOCAL, STAGE_ACCESS_IN, 900, NONE,
      "infra-source-local",
      "Other frames from a local port whose source is a MAC reserved for "
      "hosts and gateways are dropped: no port may pose as one." },
    { RULE_MULTICAST_SOURCE_LOCAL, STAGE_ACCESS_IN, 800, NONE,
      "multicast-source-local",
      "Frames from a local port whose source is a multicast address are "
      "dropped: no station may send them." },
    { RULE_FROZEN_SOURCE, STAGE_ACCESS_IN, 500, HOST, "frozen-source",
      "Frames from a local port {vlan} whose source MAC is frozen at {host} "
      "go on to claims, and teach local-macs nothing." },
    { RULE_CROWDED, STAGE_ACCESS_IN, 150, PORT, "crowded",
      "Every other frame from {port} goes on to claims, and its source MAC is "
      "not learnt: as many as may be are learnt there already." },
    { RULE_LEARN, STAGE_ACCESS_IN, 100, PORT, "learn",
      "Every other frame from {port} teaches local-macs that its source MAC "
      "is there, up to {quota} of them, and goes on to claims." },

    { RULE_PROBE_HEARD, STAGE_LOOPS, 100, PORT, "probe-heard",
      "A note for mobulad, which no frame comes to: {port} hears {probe}; the "
      "switch made it and forgets it by itself." },

    { RULE_LEARNT, STAGE_LOCAL_MACS, 100, NONE, "learnt",
      "Frames for {mac} {vlan} belong to {out}, where that MAC was last "
      "heard; the switch learnt it and forgets it by itself." },

    { RULE_BOUND, STAGE_BINDINGS, 100, PORT, "bound",
      "A note, not for frames: {sender} {vlan} at {port} was the last to say "
      "who has {ip}, namely {claim}; the switch learnt it and forgets it by "
      "itself." },

    { RULE_PEER_MAC_CLAIM, STAGE_TUNNEL_IN, 1200, HOST, "peer-mac-claim",
      "ARP and neighbour discovery in which {host} or its gateway names its "
      "own MAC go on to claims if they come from there, straight or "
      "relayed." },
    { RULE_INFRA_MAC_CLAIM_TUNNEL, STAGE_TUNNEL_IN, 1100, NONE,
      "infra-mac-claim-tunnel",
      "Other ARP and neighbour discovery from a tunnel in which the sender "
      "names a MAC reserved for hosts and gateways as its own are dropped: a "
      "peer speaks for itself only." },
    { RULE_PEER_HOST_SOURCE, STAGE_TUNNEL_IN, 1000, HOST, "peer-host-source",
      "Frames with the MAC of the host interface of {host} that come from "
      "there, straight or relayed, go on to claims." },
    { RULE_PEER_GATEWAY_SOURCE, STAGE_TUNNEL_IN, 1000, HOST,
      "peer-gateway-source",
      "Frames with the MAC of the gateway of {host} that come from there, "
      "straight or relayed, go on to claims." },
    { RULE_INFRA_SOURCE_TUNNEL, STAGE_TUNNEL_IN, 900, NONE,
      "infra-source-tunnel",
      "Other frames from a tunnel whose source is a MAC reserved for hosts "
      "and gateways are dropped: a peer speaks for itself only." },
    { RULE_MULTICAST_SOURCE_TUNNEL, STAGE_TUNNEL_IN, 800, NONE,
      "multicast-source-tunnel",
      "Frames from a tunnel whose source is a multicast address are dropped: "
      "no station may send them." },
    { RULE_TUNNEL_SOURCE, STAGE_TUNNEL_IN, 100, NONE, "tunnel-source",
      "Every other frame from a tunnel goes on to claims; its source is not "
      "learnt." },

    { RULE_OWN_HOST_CLAIM, STAGE_CLAIMS, 1000, HOST, "own-host-claim",
      "ARP in which the host interface of {host}, this host, names its own "
      "address goes on to answers from its own port." },
    { RULE_OWN_GATEWAY_CLAIM, STAGE_CLAIMS, 1000, HOST, "own-gateway-claim",
      "ARP in which the gateway of {host}, this host, names its own address "
      "goes on to answers from its own port." },
    { RULE_PEER_CLAIM, STAGE_CLAIMS, 1000, HOST, "peer-claim",
      "ARP in which {host} or its gateway names its own address goes on to "
      "lookup if it comes from there, straight or relayed." },
    { RULE_HOST_CLAIM, STAGE_CLAIMS, 900, HOST, "host-claim",
      "Other ARP without a VLAN whose sender says that it has an access "
      "address of {host} or its gateway is dropped." },
    { RULE_NO_ADDRESS, STAGE_CLAIMS, 500, NONE, "no-address",
      "ARP from a local port whose sender has no address yet goes on to "
      "answers and teaches bindings nothing." },
    { RULE_BIND, STAGE_CLAIMS, 400, PORT, "bind",
      "Other ARP from {port} teaches bindings which address the sender says "
      "it has, up to {quota} of them, and goes on to answers." },
    { RULE_TO_ND_CLAIMS, STAGE_CLAIMS, 300, NONE, "to-nd-claims",
      "ICMPv6 goes on to nd-claims." },
    { RULE_CLAIMS_LOCAL, STAGE_CLAIMS, 100, NONE, "claims-local",
      "All other frames from a local port go on to answers." },
    { RULE_CLAIMS_TUNNEL, STAGE_CLAIMS, 0, NONE, "claims-tunnel",
      "All other frames from a tunnel go on to lookup." },

    { RULE_OWN_ROUTER, STAGE_ND_CLAIMS, 1400, HOST, "own-router",
      "With ipv6 on: router advertisements of the gateway of {host}, this "
      "host, go on to answers from its own port." },
    { RULE_ROUTER, STAGE_ND_CLAIMS, 1300, NONE, "router",
      "With ipv6 on: all other router advertisements without a VLAN are "
      "dropped.  Those of gateways of other hosts are for their own guests, "
      "and nobody else is a router there." },
    { RULE_OWN_HOST_ND_TARGET, STAGE_ND_CLAIMS, 1200, HOST,
      "own-host-nd-target",
      "Advertisements of an IPv6 address of the host interface of {host}, "
      "this host, go on to answers from its own port." },
    { RULE_OWN_GATEWAY_ND_TARGET, STAGE_ND_CLAIMS, 1200, HOST,
      "own-gateway-nd-target",
      "Advertisements of an IPv6 address of the gateway of {host}, this host, "
      "go on to answers from its own port." },
    { RULE_PEER_ND_TARGET, STAGE_ND_CLAIMS, 1200, HOST, "peer-nd-target",
      "Advertisements of an IPv6 address of {host} or its gateway go on to "
      "lookup if they come from there, straight or relayed." },
    { RULE_INFRA_ND_TARGET, STAGE_ND_CLAIMS, 1100, NONE, "infra-nd-target",
      "Other advertisements without a VLAN of a link-local address made of a "
      "MAC reserved for hosts and gateways are dropped." },
    { RULE_HOST_ND_TARGET, STAGE_ND_CLAIMS, 1100, HOST, "host-nd-target",
      "With ipv6 on: other advertisements without a VLAN of the address in "
      "ipv6_prefix of {host} or its gateway are dropped." },
    { RULE_OWN_HOST_ND_SOURCE, STAGE_ND_CLAIMS, 1000, HOST,
      "own-host-nd-source",
      "Other ICMPv6 from an IPv6 address of the host interface of {host}, "
      "this host, goes on to answers from its own port." },
    { RULE_OWN_GATEWAY_ND_SOURCE, STAGE_ND_CLAIMS, 1000, HOST,
      "own-gateway-nd-source",
      "Other ICMPv6 from an IPv6 address of the gateway of {host}, this host, "
      "goes on to answers from its own port." },
    { RULE_PEER_ND_SOURCE, STAGE_ND_CLAIMS, 1000, HOST, "peer-nd-source",
      "Other ICMPv6 from an IPv6 address of {host} or its gateway goes on to "
      "lookup if it comes from there, straight or relayed." },
    { RULE_INFRA_ND_SOURCE, STAGE_ND_CLAIMS, 900, NONE, "infra-nd-source",
      "Other ICMPv6 without a VLAN from a link-local address made of a MAC "
      "reserved for hosts and gateways is dropped." },
    { RULE_HOST_ND_SOURCE, STAGE_ND_CLAIMS, 900, HOST, "host-nd-source",
      "With ipv6 on: other ICMPv6 without a VLAN from the address in "
      "ipv6_prefix of {host} or its gateway is dropped." },
    { RULE_NO_ND_ADDRESS, STAGE_ND_CLAIMS, 500, NONE, "no-nd-address",
      "Neighbour solicitations from a local port whose sender has no address "
      "yet go on to answers and teach bindings nothing." },
    { RULE_ND_BIND, STAGE_ND_CLAIMS, 400, PORT, "nd-bind",
      "Other neighbour solicitations and advertisements from {port} teach "
      "bindings which address the sender says it has, up to {quota} of them, "
      "and go on to answers." },
    { RULE_ND_CLAIMS_LOCAL, STAGE_ND_CLAIMS, 100, NONE, "nd-claims-local",
      "All other ICMPv6 from a local port goes on to answers." },
    { RULE_ND_CLAIMS_TUNNEL, STAGE_ND_CLAIMS, 0, NONE, "nd-claims-tunnel",
      "All other ICMPv6 from a tunnel goes on to lookup." },

    { RULE_ASKS_FIRST, STAGE_ANSWERS, 1000, NONE, "asks-first",
      "ARP requests and neighbour solicitations from a sender that has no "
      "address yet go on to lookup: it wants to know whether anybody has." },
    { RULE_ASKS_SHORT, STAGE_ANSWERS, 1000, NONE, "asks-short",
      "Neighbour solicitations without the MAC of the sender go on to lookup: "
      "the switch cannot make an answer of them." },
    { RULE_ASKS_ITSELF, STAGE_ANSWERS, 900, HOST, "asks-itself",
      "ARP requests to everybody for an access address of {host}, this host, "
      "from where that address is, go on to lookup: they are for others to "
      "hear." },
    { RULE_ANNOUNCES, STAGE_ANSWERS, 900, NONE, "announces",
      "ARP requests to everybody for {target} {vlan} by which a station "
      "announces that it has that address go on to lookup." },
    { RULE_ANSWER_HOST, STAGE_ANSWERS, 500, HOST, "answer-host",
      "ARP requests to everybody without a VLAN for {target}, an access "
      "address of {host}, this host, go on to answer." },
    { RULE_ANSWER_PEER, STAGE_ANSWERS, 500, HOST, "answer-peer",
      "ARP requests to everybody without a VLAN for {target}, an access "
      "address of {host}, go to the group of answers about what is there." },
    { RULE_ANSWER_STATION, STAGE_ANSWERS, 500, HOST, "answer-station",
      "Requests to everybody for {target} {vlan}, which {host} has heard, go "
      "to the group of answers about what is there." },
    { RULE_ASK_STATION, STAGE_ANSWERS, 500, HOST, "ask-station",
      "Requests to everybody for {target} {vlan}, which {host}, this host, "
      "has heard, go to the port where local-macs has the station that said "
      "so, or on to flood if it is not there." },
    { RULE_NOT_ANSWERED, STAGE_ANSWERS, 0, NONE, "not-answered",
      "All other frames go on to lookup." },

    { RULE_ANSWER_ARP, STAGE_ANSWER, 100, NONE, "answer-arp",
      "An ARP request becomes its reply and goes on to egress, for the port "
      "that it came from." },
    { RULE_ANSWER_ND, STAGE_ANSWER, 100, NONE, "answer-nd",
      "A neighbour solicitation becomes an advertisement and is looked at "
      "again." },
    { RULE_ANSWER_ND_MAC, STAGE_ANSWER, 100, NONE, "answer-nd-mac",
      "That advertisement gets the MAC that is asked for and goes on to "
      "egress, for the port that the solicitation came from." },

    { RULE_MAC_CONTROL, STAGE_LOOKUP, 1100, NONE, "mac-control",
      "Frames of MAC control, such as pause, are dropped: they are meant for "
      "the other end of a cable and would halt somebody else's." },
    { RULE_OWN_HOST, STAGE_LOOKUP, 1000, HOST, "own-host",
      "Frames for the host interface of {host}, this host, go out of its own "
      "port." },
    { RULE_OWN_GATEWAY, STAGE_LOOKUP, 1000, HOST, "own-gateway",
      "Frames for the gateway of {host}, this host, go out of its own "
      "port." },
    { RULE_PEER_HOST, STAGE_LOOKUP, 1000, HOST, "peer-host",
      "Frames for the host interface of {host} that come from a local port "
      "go to group {id}, the paths to it." },
    { RULE_PEER_GATEWAY, STAGE_LOOKUP, 1000, HOST, "peer-gateway",
      "Frames for the gateway of {host} that come from a local port go to "
      "group {id}, the paths to it." },
    { RULE_PEER_HOST_NO_TUNNEL, STAGE_LOOKUP, 1000, HOST,
      "peer-host-no-tunnel",
      "Frames for the host interface of {host} that come from a local port "
      "are dropped: there is no way to it yet." },
    { RULE_PEER_GATEWAY_NO_TUNNEL, STAGE_LOOKUP, 1000, HOST,
      "peer-gateway-no-tunnel",
      "Frames for the gateway of {host} that come from a local port are "
      "dropped: there is no way to it yet." },
    { RULE_INFRA_UNREACHABLE, STAGE_LOOKUP, 900, NONE, "infra-unreachable",
      "Frames from a local port for any other MAC reserved for hosts and "
      "gateways are dropped rather than flooded." },
    { RULE_NO_TRANSIT, STAGE_LOOKUP, 890, NONE, "no-transit",
      "Frames from a tunnel for any other MAC reserved for hosts and "
      "gateways are dropped: what this host is to relay says so in its "
      "VNI." },
    { RULE_GROUP_ADDRESS, STAGE_LOOKUP, 800, NONE, "group-address",
      "Multicast and broadcast frames go on to flood." },
    { RULE_LOOKUP_LEARNT, STAGE_LOOKUP, 100, NONE, "lookup-learnt",
      "Every other destination MAC is looked up in local-macs; remote-macs "
      "and flood act on the answer." },

    { RULE_REMOTE_MAC, STAGE_REMOTE_MACS, 100, HOST, "remote-mac",
      "Frames from a local port for {mac} {vlan}, which local-macs does not "
      "know, go to group {id}, the paths to {host}, which has heard it." },
    { RULE_NOT_REMOTE, STAGE_REMOTE_MACS, 0, NONE, "not-remote",
      "All other frames go on to flood." },

    { RULE_FLOOD_MUTED, STAGE_FLOOD, 500, PORT, "muted",
      "Frames from {port} that have no one destination are dropped for a "
      "while: there were too many of them, and the switch has no meter." },
    { RULE_FLOOD_PORT, STAGE_FLOOD, 400, PORT, "flood-port",
      "Multicast and broadcast frames from {port} go to every peer and to "
      "every other local port, {limit}." },
    { RULE_FLOOD_UNKNOWN, STAGE_FLOOD, 300, PORT, "flood-unknown",
      "Other frames from {port} that have no one destination go to every peer "
      "and to every other local port, {limit}." },
    { RULE_FLOOD_TUNNEL, STAGE_FLOOD, 200, NONE, "flood-tunnel",
      "Frames from a tunnel that have no one destination go to every local "
      "port and to no tunnel." },
    { RULE_OUTPUT_LEARNT, STAGE_FLOOD, 100, NONE, "output-learnt",
      "Frames whose destination local-macs knows go on to egress, for that "
      "port." },

    { RULE_EGRESS_BLOCKED, STAGE_EGRESS, 1000, PORT, "blocked-out",
      "Frames for {port} are dropped: the port is blocked, because it is part "
      "of a loop." },
    { RULE_EGRESS_HIDDEN, STAGE_EGRESS, 400, PORT, "hidden-out",
      "Frames for {port} {vlan} with another tag inside are dropped: without "
      "the outer one, it would be taken for their VLAN." },
    { RULE_EGRESS_UNTAG, STAGE_EGRESS, 300, PORT, "untag-out",
      "Frames for {port} {vlan} go out of it without their tag." },
    { RULE_EGRESS_VLAN, STAGE_EGRESS, 200, PORT, "carried-out",
      "Frames for {port} {vlans} go out of it as they are." },
    { RULE_EGRESS_NO_VLAN, STAGE_EGRESS, 200, PORT, "no-vlan-out",
      "Frames for {port} without a VLAN are dropped: it carries only frames "
      "in a VLAN." },
    { RULE_EGRESS_ANY, STAGE_EGRESS, 100, PORT, "any-out",
      "All other frames for {port} go out of it as they are: it carries "
      "every VLAN." },
    { RULE_EGRESS_NOT_CARRIED, STAGE_EGRESS, 100, PORT, "not-carried-out",
      "All other frames for {port} are dropped: it does not carry their "
      "VLAN." },

    { RULE_UNDERLAY_OUT, STAGE_UNDERLAY, 1000, PORT, "underlay-out",
      "Packets from this host's tunnel endpoint go out of {port}, towards "
      "WireGuard." },
    { RULE_UNDERLAY_IN, STAGE_UNDERLAY, 1000, PORT, "underlay-in",
      "Packets from {port}, which come from WireGuard, go to this host's "
      "tunnel endpoint." },

    { .name = NULL },
};

const struct rule *
rule_find(uint16_t id)
{
    for (const struct rule *r = rules; r->name; r++) {
        if (r->id == id) {
            return r;
        }
    }
    return NULL;
}
