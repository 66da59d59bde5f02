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

/* stage-flood: to the learnt port, or to everybody who may have it.
 *
 * After lookup (stage-lookup.c) and remote-macs (stage-remote-macs.c), before
 * egress (stage-egress.c).  What came from a tunnel never goes to a tunnel:
 * the host that sends it makes a copy for every peer, straight or by relays,
 * and that is what keeps the mesh free of loops.
 *
 * Each local port has flows, and meters, of its own, so that none of them
 * takes the share of another.  Frames from tunnels are not metered: the host
 * that they come from has done it. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>
#include <stdio.h>

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "flows/groups.h"
#include "flows/meter-entry.h"
#include "lib/fabric.h"

/* To everybody, for a frame from a local port. */
#define TO_ALL "group:%d,group:%d"

/* "meter:4294967295," */
#define METER_TEXT_SIZE 20

static void add_port(const struct flows_input *, const struct flows_port *,
                     struct flow_table *);
static void add_meter(const struct flows_input *, uint32_t meter_id,
                      uint32_t limit, char action[METER_TEXT_SIZE],
                      struct flow_table *);

void
stage_flood_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->n_ports; i++) {
        if (in->ports[i].kind != FLOWS_PORT_TUNNEL) {
            add_port(in, &in->ports[i], ft);
        }
    }
    flow_add(ft, RULE_FLOOD_TUNNEL, 0, REG_DST_PORT"=0 actions=group:%d",
             GROUP_LOCAL_PORTS);
    flow_add(ft, RULE_OUTPUT_LEARNT, 0, "actions=goto_table:%u",
             stage_table(STAGE_EGRESS));
}

static void
add_port(const struct flows_input *in, const struct flows_port *port,
         struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;
    char meter[METER_TEXT_SIZE];

    if (port->muted) {
        flow_add(ft, RULE_FLOOD_MUTED, port->ofport,
                 REG_DST_PORT"=0,"REG_SRC_PEER"=0,in_port=%u actions=drop",
                 port->ofport);
    }
    add_meter(in, port->ofport, settings->flood_limit, meter, ft);
    flow_add(ft, RULE_FLOOD_PORT, port->ofport,
             REG_DST_PORT"=0,"REG_SRC_PEER"=0,in_port=%u,"
             "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 "
             "actions=%s"TO_ALL,
             port->ofport, meter, GROUP_ALL_PEERS, GROUP_LOCAL_PORTS);

    add_meter(in, METER_UNKNOWN_BASE + port->ofport, settings->unknown_limit,
              meter, ft);
    flow_add(ft, RULE_FLOOD_UNKNOWN, port->ofport,
             REG_DST_PORT"=0,"REG_SRC_PEER"=0,in_port=%u actions=%s"TO_ALL,
             port->ofport, meter, GROUP_ALL_PEERS, GROUP_LOCAL_PORTS);
}

/* Adds a meter, and stores in 'action' what makes a flow use it; or nothing,
 * if there is to be none. */
static void
add_meter(const struct flows_input *in, uint32_t meter_id, uint32_t limit,
          char action[METER_TEXT_SIZE], struct flow_table *ft)
{
    action[0] = '\0';
    if (in->has_meters && limit) {
        flow_table_insert_meter(ft, meter_entry_create(meter_id, limit));
        snprintf(action, METER_TEXT_SIZE, "meter:%"PRIu32",", meter_id);
    }
}
