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

/* bind: the flow by which the switch notes who says he has which address.
 * See bind.h. */

#include <config.h>
#include "flows/bind.h"

#include <inttypes.h>

#include "flows/cookie.h"
#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/fabric.h"

/* As with MACs, each port has a cookie of its own, by which the switch
 * counts, and the age is a hard timeout (see stage-access-in.c). */
void
bind_add(const struct flows_input *in, const struct flows_port *port,
         const struct bind *bind, enum stage_id next, struct flow_table *ft)
{
    const struct rule *bound = rule_find(RULE_BOUND);

    flow_add(ft, bind->rule, port->ofport,
             "in_port=%u,%s actions=learn(table=%u,hard_timeout=%u,"
             "priority=%u,cookie=0x%"PRIx64",limit=%"PRIu32","
             "NXM_OF_VLAN_TCI[0..11],%s,"
             "load:NXM_OF_ETH_SRC[]->"REG_NOTE_MAC_BITS","
             "load:%s->"REG_NOTE_CLAIM_BITS","
             "load:NXM_OF_IN_PORT[]->"REG_DST_PORT_BITS"),goto_table:%u",
             port->ofport, bind->match, stage_table(bound->stage),
             in->fabric->settings.mac_age_s, bound->priority,
             cookie_pack(bound->stage, bound->id, port->ofport),
             flows_input_port_quota(in), bind->key, bind->claim,
             stage_table(next));
}
