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

/* share: how the gateway uses the host's external interface, external "share".
 *
 * The gateway has rewritten the sources of what it sends outside to its own
 * address on the link to the host, which nobody else knows.  A table of ours
 * in the host's namespace rewrites it once more, to the address of the host's
 * external interface.  Where packets go, routes and rules say
 * (net/net-out.h).
 *
 * The host itself answers echo requests of the gateway, and nothing else that
 * comes by this link: whatever it offers to its own networks is none of the
 * access network's business.  What it offers on the access network, guests
 * reach there.
 *
 * share-render.c writes it down for nft; nft.h compares, gw.h reads and
 * applies. */

#ifndef MOBULA_SHARE_H
#define MOBULA_SHARE_H 1

#include "openvswitch/types.h"

struct ds;

/* Our table: family "inet".  Its name says that it is ours. */
#define SHARE_TABLE "mobula_share"

struct share {
    const char *link;           /* External interface; fit for
                                 * guard_name_is_plain().  Borrowed. */
    ovs_be32 gateway;           /* The gateway's address on the link. */
};

/* share-render.c, pure.  Appends the table as nft 1.0 lists it without states,
 * which is also how it can be read in. */
void share_render(const struct share *, struct ds *);

#endif /* gateway/share.h */
