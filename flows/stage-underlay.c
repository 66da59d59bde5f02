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

/* stage-underlay: tunnel packets between OVS and WireGuard.
 *
 * The only stage of the underlay bridge, which the userspace datapath has: its
 * LOCAL port carries the tunnel endpoint's address, its one other port leads
 * to the gateway's namespace.  Not part of the way of a frame through the
 * access bridge. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"

void
stage_underlay_build(uint16_t tun_ofport, struct flow_table *ft)
{
    flow_add(ft, RULE_UNDERLAY_OUT, tun_ofport,
             "in_port=LOCAL actions=output:%u", tun_ofport);
    flow_add(ft, RULE_UNDERLAY_IN, tun_ofport,
             "in_port=%u actions=LOCAL", tun_ofport);
}
