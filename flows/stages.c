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

/* stages: THE table of the pipeline.  See stages.h. */

#include <config.h>
#include "flows/stages.h"

#include "lib/addr.h"
#include "openvswitch/util.h"
#include "util.h"

/* The gaps in the table numbers leave room for stages between. */
const struct stage stages[] = {
    { STAGE_ADMISSION, "admission", BRIDGE_ACCESS, 0, stage_admission_build,
      "Tells local ports from tunnels, and which peer a tunnel leads to; "
      "drops frames from unknown ports and with an unknown VNI." },

    { STAGE_RELAY, "relay", BRIDGE_ACCESS, 10, stage_relay_build,
      "Frames that are relayed from host to host: those for this host have "
      "arrived; the others go on, with one hop less, if they have one left." },

    { STAGE_TRANSIT, "transit", BRIDGE_ACCESS, 12, stage_transit_build,
      "Frames for another host, which this one relays: to the group of that "
      "host which does not lead back to the tunnel that they came from." },

    { STAGE_VLAN_IN, "vlan-in", BRIDGE_ACCESS, 15, stage_vlan_in_build,
      "Frames from guests: which VLAN they are in, as their port says, and "
      "whether the port may say that." },

    { STAGE_ACCESS_IN, "access-in", BRIDGE_ACCESS, 20, stage_access_in_build,
      "Frames from local ports: drops what a local port may not say, and "
      "learns the source MAC." },

    { STAGE_LOOPS, "loops", BRIDGE_ACCESS, 25, NULL,
      "Which loop probes are heard at which local port.  The switch itself "
      "fills this table, by the learn action of admission; no frame comes "
      "here." },

    { STAGE_LOCAL_MACS, "local-macs", BRIDGE_ACCESS, 30, NULL,
      "Which MAC is behind which local port.  The switch itself fills this "
      "table, by the learn action of access-in." },

    { STAGE_BINDINGS, "bindings", BRIDGE_ACCESS, 35, NULL,
      "Which IP address a station at a local port says is its own.  The "
      "switch itself fills this table, by the learn action of claims and "
      "nd-claims, and no frame goes through it: mobulad reads it and tells "
      "the other hosts." },

    { STAGE_TUNNEL_IN, "tunnel-in", BRIDGE_ACCESS, 40, stage_tunnel_in_build,
      "Frames from tunnels: drops those whose source MAC belongs to another "
      "host than the peer at the far end." },

    { STAGE_CLAIMS, "claims", BRIDGE_ACCESS, 45, stage_claims_build,
      "ARP: drops what claims the address of a host or gateway and does not "
      "come from it, and teaches bindings what stations at local ports say." },

    { STAGE_ND_CLAIMS, "nd-claims", BRIDGE_ACCESS, 46, stage_nd_claims_build,
      "The same for ICMPv6, of which neighbour discovery is a part." },

    { STAGE_ANSWERS, "answers", BRIDGE_ACCESS, 50, stage_answers_build,
      "ARP requests and neighbour solicitations from local ports: spares "
      "everybody those about hosts, gateways and stations that are known." },

    { STAGE_ANSWER, "answer", BRIDGE_ACCESS, 52, stage_answer_build,
      "Makes the reply to an ARP request or neighbour solicitation, and sends "
      "it to the port that it came from." },

    { STAGE_LOOKUP, "lookup", BRIDGE_ACCESS, 60, stage_lookup_build,
      "Finds the way to the destination MAC: a port of this host, the group "
      "of a peer, a learnt MAC, or none that is known yet." },

    { STAGE_REMOTE_MACS, "remote-macs", BRIDGE_ACCESS, 65,
      stage_remote_macs_build,
      "Frames from local ports whose destination local-macs does not know: "
      "those for a MAC that a peer has heard go to the group of that peer." },

    { STAGE_FLOOD, "flood", BRIDGE_ACCESS, 70, stage_flood_build,
      "Goes on to the learnt port; or, where there is none, sends to the "
      "local ports and, unless the frame came from a tunnel, to all peers." },

    { STAGE_EGRESS, "egress", BRIDGE_ACCESS, 80, stage_egress_build,
      "Sends out of one local port, with or without the tag as the port says; "
      "drops what is in a VLAN that the port does not carry." },

    { STAGE_UNDERLAY, "underlay", BRIDGE_UNDERLAY, 0, NULL,
      "Between this host's tunnel endpoint and WireGuard, with the userspace "
      "datapath only." },

    { .name = NULL },
};

const struct stage_register stage_registers[] = {
    { REG_DST_PORT, "OpenFlow port of the local destination; 0 if there is "
      "none, or not one only." },
    { REG_SRC_PEER, "Host id of the peer that the frame came from; 0 if it "
      "came from a local port, 65535 if it was relayed and from a station at "
      "whatever peer." },
    { REG_SCRATCH, "IPv4 address: inside answer, the one that is asked for." },
    { REG_ANSWER, "MAC address: for answer, the one that is asked for; in "
      "bindings, the source of the frame." },
    { REG_NOTE_CLAIM, "MAC address: in bindings, the one in the message; "
      "inside answers, the destination of the frame." },
    { NULL, NULL },
};

const char *const mac_claims[N_MAC_CLAIMS] = {
    "arp,arp_sha",
    "icmp6,icmp_type=135,icmp_code=0,nd_sll",
    "icmp6,icmp_type=136,icmp_code=0,nd_tll",
};

const struct stage *
stage_find(uint8_t id)
{
    for (const struct stage *s = stages; s->name; s++) {
        if (s->id == id) {
            return s;
        }
    }
    return NULL;
}

uint8_t
stage_table(enum stage_id id)
{
    const struct stage *s = stage_find(id);

    ovs_assert(s);
    return s->table_id;
}
