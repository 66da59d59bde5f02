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

/* net-fate: what becomes of each link: the part of net-diff that decides
 * whose a link is.
 *
 * Pure.  net-diff.c turns the fates into operations. */

#ifndef MOBULA_NET_FATE_H
#define MOBULA_NET_FATE_H 1

#include "net/net-state.h"

/* What becomes of a desired link. */
enum net_fate {
    NET_FATE_ADD,               /* Made, with its other end if it has one. */
    NET_FATE_KEEP,              /* There; perhaps with other settings. */
    NET_FATE_MOVE,              /* There, but still in the host's namespace. */
    NET_FATE_ALIEN,             /* Somebody else's link has the name. */
    NET_FATE_BLOCKED,           /* ...has the name of the other end. */
    NET_FATE_WAIT,              /* To be made by another program. */
};

struct net_fates {
    const struct net_state *desired;    /* Borrowed. */
    const struct net_state *actual;     /* Borrowed. */
    enum net_fate *fates;               /* By index of the desired link. */
    const struct net_link **existing;   /* By index of the desired link: the
                                         * one that has its name, or NULL. */
    bool *doomed;                       /* By index of the actual link: it is
                                         * ours and must go. */
};

void net_fates_init(struct net_fates *, const struct net_state *desired,
                    const struct net_state *actual);
void net_fates_uninit(struct net_fates *);

/* Returns true if the link with 'ifindex' in 'where' is to be removed. */
bool net_fates_is_doomed(const struct net_fates *, enum net_where,
                         uint32_t ifindex);

/* Returns true if the desired link will be there after the plan. */
bool net_fates_is_usable(const struct net_fates *, enum net_where,
                         const char *name);

/* Returns true if the desired link is there already, in its place. */
bool net_fates_is_kept(const struct net_fates *, enum net_where,
                       const char *name);

#endif /* net/net-fate.h */
