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

/* of-watch: hears what others change on a bridge.
 *
 * Only says what to send to the switch and what its messages mean; sending is
 * up to of-switch.
 *
 * Flows are watched by flow monitors, one per table, which OpenFlow 1.5 has as
 * a multipart request that is answered again and again.  For changes of our
 * own the switch only sends an abbreviation: what becomes of learnt flows that
 * we delete is up to ovs-ctl/of-learn.h.  Groups and meters are watched by
 * OFPT_REQUESTFORWARD, which copies the group_mods and meter_mods of others.
 * A group or meter that goes away with its flows shows in both. */

#ifndef MOBULA_OF_WATCH_H
#define MOBULA_OF_WATCH_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"

struct flow_table;
struct of_learn;
struct ofp_header;
struct ovs_list;

/* Tables with this number or more are not watched: only the regular reading of
 * everything sees what happens there. */
#define OF_WATCH_N_TABLES 64

/* What a message says. */
enum of_watch_event {
    OF_WATCH_NOTHING,           /* A change of our own, or of no concern. */
    OF_WATCH_CHANGE,            /* Somebody changed a flow, group or meter. */
    OF_WATCH_PAUSED,            /* Events are lost from here on... */
    OF_WATCH_RESUMED,           /* ...until here. */
};

/* Appends to 'msgs' what makes the switch send port status, requestforward and
 * flow monitor messages on this connection, and nothing else.  In a table
 * whose bit is set in 'learnt_tables' the switch adds flows by itself: there,
 * it tells what they do, too. */
void of_watch_start(uint64_t learnt_tables, struct ovs_list *msgs);

/* Returns true if of_watch_decode() is for messages of this type. */
bool of_watch_wants(enum ofptype);

/* Stores into '*event' what 'oh' means, and tells 'learn' about flows that the
 * switch has learnt.  A flow that is not in 'desired' (may be NULL) is of no
 * concern if it is in a table of 'learn' or its cookie is not Mobula's. */
enum ofperr of_watch_decode(const struct ofp_header *oh, enum ofptype,
                            struct of_learn *learn,
                            const struct flow_table *desired,
                            enum of_watch_event *event)
    OVS_WARN_UNUSED_RESULT;

#endif /* ovs-ctl/of-watch.h */
