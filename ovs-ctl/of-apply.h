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

/* of-apply: carries out a plan as one bundle, all of it or nothing; but
 * meters, which a bundle cannot have, before and after it.
 *
 * Says which messages to send next and takes the answers; sending and
 * receiving is up to of-switch, so that nothing here ever waits and only a
 * part of a big bundle is in memory at a time.  The plan is made by
 * flows/flows-diff.c.
 *
 *     us        METERS  OPEN  ADD...ADD  barrier
 *     switch                                   errors, reply
 *     us        COMMIT  barrier                METERS  barrier
 *     switch                   error, reply                   reply
 *
 * The first barrier is there because a switch that does not understand a
 * message leaves only that message out of the bundle: any error before it,
 * also about a meter, makes us discard the bundle.  The second one tells that
 * the commit is over; then the meters go that nothing uses any more, with a
 * third one, unless there are none.  Meters that are new or different stay if
 * the bundle is discarded: nothing uses them, or they limit a little sooner
 * what they would limit anyway. */

#ifndef MOBULA_OF_APPLY_H
#define MOBULA_OF_APPLY_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-msgs.h"

struct flows_plan;
struct ofp_header;
struct ofpbuf;

enum of_apply_state {
    OF_APPLY_SENDING,           /* of_apply_next() has more messages. */
    OF_APPLY_CHECKING,          /* Waits for the first barrier. */
    OF_APPLY_FINISHING,         /* Commit or discard is on its way. */
    OF_APPLY_CLEANING,          /* Meters are being removed. */
    OF_APPLY_COMMITTED,         /* The switch has done all of the plan. */
    OF_APPLY_REJECTED,          /* The switch has done nothing of it, as far
                                 * as flows and groups go. */
};

/* Begins a bundle with the number 'bundle_id' (unique on this connection) for
 * 'plan', which must stay as it is until of_apply_destroy(). */
struct of_apply *of_apply_create(const struct flows_plan *plan,
                                 uint32_t bundle_id);
void of_apply_destroy(struct of_apply *);

/* Returns the next message to be sent, which the caller must send or free, or
 * NULL if there is none now. */
struct ofpbuf *of_apply_next(struct of_apply *);

/* Takes a message from the switch.  Returns false if it is no answer to the
 * bundle. */
bool of_apply_take(struct of_apply *, const struct ofp_header *, enum ofptype);

enum of_apply_state of_apply_state(const struct of_apply *);

/* After OF_APPLY_REJECTED: true if the switch refused a meter. */
bool of_apply_refused_meter(const struct of_apply *);

/* After OF_APPLY_REJECTED: a sentence with the first flow, group or meter
 * that the switch complained about.  Borrowed. */
const char *of_apply_error(const struct of_apply *);

#endif /* ovs-ctl/of-apply.h */
