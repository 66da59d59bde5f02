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
 *
 * For stage-claims.c (ARP) and stage-nd-claims.c (neighbour discovery); the
 * format of what is learnt is in flows/learnt.h. */

#ifndef MOBULA_BIND_H
#define MOBULA_BIND_H 1

#include "flows/rules.h"

struct flow_table;
struct flows_input;
struct flows_port;

/* What of a message is noted, in the syntax of ovs-ofctl(8). */
struct bind {
    enum rule_id rule;          /* Of the flow that learns. */
    const char *match;          /* Which messages. */
    const char *key;            /* What the learnt flow matches. */
    const char *claim;          /* Field with the MAC that is named. */
};

/* Adds a flow by which messages from the local port 'port' teach the stage
 * bindings; they go on to the stage 'next'. */
void bind_add(const struct flows_input *, const struct flows_port *port,
              const struct bind *, enum stage_id next, struct flow_table *);

#endif /* flows/bind.h */
