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

/* external-want: what is to be with the external interface, and which
 * interfaces can be taken.  See external.h.
 *
 *            TAKE                    watchdog
 *     none --------> taken ---------------------> failing --FAIL--> failed
 *      ^              |  RETURN                      |                 |
 *      +--------------+-----------------<------------+-----FORGET------+
 *
 * Pure. */

#include <config.h>
#include "net/external.h"

#include <net/if_arp.h>
#include <string.h>

#include "util.h"

static enum external_goal want_without_config(const struct external_want_in *);
static enum external_goal want_away(const struct external_taken *);
static enum external_goal want_move(const struct external_want_in *);

enum external_goal
external_want(const struct external_want_in *in)
{
    return (in->teardown ? want_away(in->taken)
            : !in->has_config ? want_without_config(in)
            : in->move ? want_move(in)
            : want_away(in->taken));
}

char *
external_refuse(const struct external_link *link)
{
    /* Kinds of links that the kernel does not let out of their namespace, or
     * that cannot be a port of a bridge. */
    static const char *const fixed[] = {
        "bond", "bridge", "hsr", "ipvlan", "openvswitch", "team",
    };

    if (!link->exists) {
        return xstrdup("there is no such interface");
    }
    if (link->ours || link->is_kernels
        || net_link_role(link->name) != NET_ROLE_FOREIGN
        || !strncmp(link->name, "veth_fac", 8)) {
        return xstrdup("this is not an interface to the outside");
    }
    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
        if (!strcmp(link->kind, fixed[i])) {
            return xasprintf("an interface of the kind \"%s\" cannot be "
                             "moved: \"external: share\" works with it",
                             fixed[i]);
        }
    }
    if (link->type != ARPHRD_ETHER) {
        return xstrdup("it is not Ethernet: \"external: share\" works with "
                       "it");
    }
    if (link->master) {
        return xstrdup("it is a port of a bridge or bond: \"external: share\" "
                       "works with that");
    }
    return NULL;
}

/* Nobody wants the interface in the gateway. */
static enum external_goal
want_away(const struct external_taken *taken)
{
    switch (taken->phase) {
    case EXTERNAL_TAKEN:
    case EXTERNAL_FAILING:
        return EXTERNAL_GOAL_RETURN;
    case EXTERNAL_FAILED:
        return EXTERNAL_GOAL_FORGET;
    case EXTERNAL_NONE:
    default:
        return EXTERNAL_GOAL_KEEP;
    }
}

/* An interface in the gateway stays there: what was configured before goes on
 * working. */
static enum external_goal
want_without_config(const struct external_want_in *in)
{
    return (in->taken->phase == EXTERNAL_FAILING ? EXTERNAL_GOAL_FAIL
            : in->taken->phase == EXTERNAL_TAKEN && in->on_host
            ? EXTERNAL_GOAL_LEND : EXTERNAL_GOAL_KEEP);
}

static enum external_goal
want_move(const struct external_want_in *in)
{
    const struct external_taken *taken = in->taken;

    switch (taken->phase) {
    case EXTERNAL_TAKEN:
        return (strcmp(in->choice, "auto") && strcmp(in->choice, taken->name)
                ? EXTERNAL_GOAL_RETURN : EXTERNAL_GOAL_MOVE);
    case EXTERNAL_FAILING:
        return EXTERNAL_GOAL_FAIL;
    case EXTERNAL_FAILED:
        return (taken->choice && strcmp(in->choice, taken->choice)
                ? EXTERNAL_GOAL_FORGET : EXTERNAL_GOAL_KEEP);
    case EXTERNAL_NONE:
    default:
        return EXTERNAL_GOAL_TAKE;
    }
}
