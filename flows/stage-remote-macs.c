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

/* stage-remote-macs: which peer has heard the destination?
 *
 * After lookup (stage-lookup.c), which has asked local-macs, and before flood
 * (stage-flood.c), for what lookup did not decide.  What peers say about their
 * stations comes from their facts; nothing is learnt from frames. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"

static void add_remote(const struct mac_owner *, struct flow_table *);

/* A MAC at a peer to which there is no way gets no flow, so that frames for it
 * are flooded.  That reaches nobody if the MAC still is where it was, but the
 * peer that it moves to at once, before anybody has told us. */
void
stage_remote_macs_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->n_remote_macs; i++) {
        const struct mac_owner *owner = &in->remote_macs[i];

        if (flows_input_find_paths(in, owner->host)) {
            add_remote(owner, ft);
        }
    }
    flow_add(ft, RULE_NOT_REMOTE, 0, "actions=goto_table:%u",
             stage_table(STAGE_FLOOD));
}

/* A station at a local port comes first, because this host hears it before it
 * hears of it; and a frame from a tunnel goes to no tunnel. */
static void
add_remote(const struct mac_owner *owner, struct flow_table *ft)
{
    flow_add(ft, RULE_REMOTE_MAC, owner->host,
             REG_DST_PORT"=0,"REG_SRC_PEER"=0,vlan_tci=0x%04x/0x0fff,"
             "dl_dst="ETH_ADDR_FMT" actions=group:%u",
             owner->vlan, ETH_ADDR_ARGS(owner->mac), owner->host);
}
