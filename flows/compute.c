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

/* compute: all flows and groups that a bridge should have.
 * See compute.h. */

#include <config.h>
#include "flows/compute.h"

#include "flows/flow-table.h"
#include "flows/flows-input.h"
#include "flows/groups.h"
#include "flows/stages.h"

void
flows_compute(const struct flows_input *in, struct flow_table *ret)
{
    struct flows_input normalized;

    flows_input_normalize(in, &normalized);
    groups_build(&normalized, ret);
    for (const struct stage *s = stages; s->name; s++) {
        if (s->build) {
            s->build(&normalized, ret);
        }
    }
    flows_input_uninit_normalized(&normalized);
}

void
flows_compute_underlay(uint16_t tun_ofport, struct flow_table *ret)
{
    if (tun_ofport >= FLOWS_OFPORT_MIN && tun_ofport <= FLOWS_OFPORT_MAX) {
        stage_underlay_build(tun_ofport, ret);
    }
}
