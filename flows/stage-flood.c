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
 * every peer has a tunnel from the sender itself, and that is what keeps a
 * full mesh free of loops. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/groups.h"
#include "openvswitch/compiler.h"

void
stage_flood_build(const struct flows_input *in OVS_UNUSED,
                  struct flow_table *ft)
{
    flow_add(ft, RULE_FLOOD_LOCAL, 0,
             REG_DST_PORT"=0,"REG_SRC_PEER"=0 actions=group:%d,group:%d",
             GROUP_ALL_PEERS, GROUP_LOCAL_PORTS);
    flow_add(ft, RULE_FLOOD_TUNNEL, 0, REG_DST_PORT"=0 actions=group:%d",
             GROUP_LOCAL_PORTS);
    flow_add(ft, RULE_OUTPUT_LEARNT, 0, "actions=goto_table:%u",
             stage_table(STAGE_EGRESS));
}
