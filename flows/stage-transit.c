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

/* stage-transit: which way for a frame that this host relays?
 *
 * After relay (stage-relay.c).  The groups of transit (groups.c) send the
 * frame out of a tunnel as it is, by the first way that is alive.
 *
 * Open vSwitch sends nothing to the port that a frame came from, and a group
 * does not know which one that is: it would choose that port, and the frame
 * would be lost although there are other ways.  So what comes from a neighbour
 * that is on one of the ways has a group without it.
 *
 * A frame that has no hops left after this one is dropped by whoever gets it
 * and is not its destination.  So the last relay does not ask who is alive: it
 * sends to the destination itself.  That costs nothing if the link to it is
 * down indeed, and is right if all hosts only think so. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "flows/groups.h"
#include "lib/addr.h"
#include "lib/fabric.h"

/* Frames for a host; the bits of the count do not matter here. */
#define DESTINATION "tun_id=0x%x/0x%x"
#define DESTINATION_ARGS(ID) \
    addr_relay_vni(ID, 0), RELAY_VNI_FLAG | RELAY_VNI_DST_MASK

/* The same, if they must not be relayed again. */
#define LAST_ARGS(ID) \
    addr_relay_vni(ID, 0), RELAY_VNI_HIGH_MASK | RELAY_VNI_DST_MASK

static void add_paths(const struct flows_input *, const struct paths_peer *,
                      struct flow_table *);
static void add_from(const struct flows_input *, const struct paths_peer *,
                     uint16_t neighbour, struct flow_table *);

void
stage_transit_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        uint16_t id = in->fabric->hosts[i].id;
        const struct paths_peer *paths = flows_input_find_paths(in, id);

        if (paths) {
            add_paths(in, paths, ft);
        } else if (id != in->self) {
            flow_add(ft, RULE_TRANSIT_NO_WAY, id, DESTINATION" actions=drop",
                     DESTINATION_ARGS(id));
        }
    }
    flow_add(ft, RULE_TRANSIT_UNKNOWN, 0, "actions=drop");
}

static void
add_paths(const struct flows_input *in, const struct paths_peer *paths,
          struct flow_table *ft)
{
    const struct flows_port *tunnel;
    uint32_t group = group_transit(in, paths, 0);

    tunnel = flows_input_find_port(in, FLOWS_PORT_TUNNEL, paths->peer);
    if (tunnel) {
        flow_add(ft, RULE_TRANSIT_RETURNED, paths->peer,
                 "in_port=%u,"DESTINATION" actions=drop",
                 tunnel->ofport, DESTINATION_ARGS(paths->peer));
        flow_add(ft, RULE_TRANSIT_LAST, paths->peer,
                 DESTINATION" actions=output:%u",
                 LAST_ARGS(paths->peer), tunnel->ofport);
    }
    for (size_t i = 0; i < PATHS_N_NEXT && paths->next[i]; i++) {
        if (paths->next[i] != paths->peer) {
            add_from(in, paths, paths->next[i], ft);
        }
    }
    if (group) {
        flow_add(ft, RULE_TRANSIT, paths->peer,
                 DESTINATION" actions=group:%"PRIu32,
                 DESTINATION_ARGS(paths->peer), group);
    } else {
        flow_add(ft, RULE_TRANSIT_NO_WAY, paths->peer,
                 DESTINATION" actions=drop", DESTINATION_ARGS(paths->peer));
    }
}

/* For frames that come from 'neighbour', which is on one of the ways. */
static void
add_from(const struct flows_input *in, const struct paths_peer *paths,
         uint16_t neighbour, struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in,
                                                          FLOWS_PORT_TUNNEL,
                                                          neighbour);
    uint32_t group = group_transit(in, paths, neighbour);

    if (group) {
        flow_add(ft, RULE_TRANSIT_FROM_NEXT, paths->peer,
                 "in_port=%u,"DESTINATION" actions=group:%"PRIu32,
                 port->ofport, DESTINATION_ARGS(paths->peer), group);
    } else {
        flow_add(ft, RULE_TRANSIT_NO_OTHER_WAY, paths->peer,
                 "in_port=%u,"DESTINATION" actions=drop",
                 port->ofport, DESTINATION_ARGS(paths->peer));
    }
}
