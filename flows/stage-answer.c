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
/* stage-answer: turns a question into its answer and sends it back.
 *
 * After answers (stage-answers.c), which has put the MAC that is asked for
 * into a register, and for peers by way of a group that knows whether the peer
 * is alive (groups.c).  Before egress (stage-egress.c), so that the answer
 * leaves in the form that the port wants.  Open vSwitch sends nothing to the
 * port that a frame came from, so the frame is made to have come from none. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "openvswitch/compiler.h"

#define SEND_BACK \
    "move:NXM_OF_IN_PORT[]->"REG_DST_PORT_BITS"," \
    "load:0->NXM_OF_IN_PORT[],goto_table:%u"

/* The flags of an advertisement: solicited, and override what is known. */
#define ND_FLAGS 0x60000000

static void add_nd(struct flow_table *);

void
stage_answer_build(const struct flows_input *in, struct flow_table *ft)
{
    flow_add(ft, RULE_ANSWER_ARP, 0,
             "arp actions="
             "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],"
             "move:"REG_ANSWER_BITS"->NXM_OF_ETH_SRC[],"
             "set_field:2->arp_op,"
             "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],"
             "move:"REG_ANSWER_BITS"->NXM_NX_ARP_SHA[],"
             "move:NXM_OF_ARP_TPA[]->"REG_SCRATCH_BITS","
             "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],"
             "move:"REG_SCRATCH_BITS"->NXM_OF_ARP_SPA[],"
             SEND_BACK, stage_table(STAGE_EGRESS));

    if (!in->floods_nd) {
        add_nd(ft);
    }
}

static void
add_nd(struct flow_table *ft)
{
    /* The option with the asker's MAC becomes that with the answer's: a
     * switch can neither add an option nor take one away.  And it does not see
     * that a frame is an advertisement before it looks again. */
    flow_add(ft, RULE_ANSWER_ND, 0,
             "icmp6,icmp_type=135,icmp_code=0 actions="
             "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],"
             "move:"REG_ANSWER_BITS"->NXM_OF_ETH_SRC[],"
             "move:NXM_NX_IPV6_SRC[]->NXM_NX_IPV6_DST[],"
             "move:NXM_NX_ND_TARGET[]->NXM_NX_IPV6_SRC[],"
             "set_field:%u->nd_reserved,set_field:2->nd_options_type,"
             "set_field:136->icmpv6_type,resubmit(,%u)",
             ND_FLAGS, stage_table(STAGE_ANSWER));
    flow_add(ft, RULE_ANSWER_ND_MAC, 0,
             "icmp6,icmp_type=136,icmp_code=0 actions="
             "move:"REG_ANSWER_BITS"->NXM_NX_ND_TLL[],"
             SEND_BACK, stage_table(STAGE_EGRESS));
}
