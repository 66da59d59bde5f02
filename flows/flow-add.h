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

/* flow-add: how a stage builder adds a flow.
 *
 * The rule says in which stage and with which priority the flow is and, with
 * the subject, which cookie it gets; the builder says only what it matches and
 * does. */

#ifndef MOBULA_FLOW_ADD_H
#define MOBULA_FLOW_ADD_H 1

#include <stdint.h>
#include "flows/flow-table.h"
#include "flows/rules.h"
#include "openvswitch/compiler.h"
#include "openvswitch/util.h"

/* Adds a flow of 'rule' about 'subject'.  The format and what follows it make
 * "MATCH actions=ACTIONS" in the syntax of ovs-ofctl(8), without table,
 * priority and cookie.  A flow that does not parse is a mistake in the
 * builder, and ends the program. */
#define flow_add(FLOW_TABLE, RULE, SUBJECT, ...)            \
    (flow_add__(FLOW_TABLE, RULE, SUBJECT, __VA_ARGS__)->where \
     = OVS_SOURCE_LOCATOR)

/* What flow_add() does, without noting the source line of the caller, which
 * explanations show.  Returns the flow, which 'flow_table' owns. */
struct flow_entry *flow_add__(struct flow_table *flow_table, enum rule_id,
                              uint32_t subject, const char *format, ...)
    OVS_PRINTF_FORMAT(4, 5);

/* Adds a group in the syntax of ovs-ofctl(8).  As above, it must parse. */
void group_add(struct flow_table *, const char *text);

#endif /* flows/flow-add.h */
