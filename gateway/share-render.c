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

/* share-render: struct share -> text for nft.  See share.h.
 *
 * Pure. */

#include <config.h>
#include "gateway/share.h"

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

static void render_input(struct ds *);
static void render_postrouting(const struct share *, struct ds *);

void
share_render(const struct share *share, struct ds *s)
{
    ds_put_cstr(s, "table inet "SHARE_TABLE" {\n"
                "\tcomment \"mobula\"\n");
    render_input(s);
    render_postrouting(share, s);
    ds_put_cstr(s, "}\n");
}

static void
render_input(struct ds *s)
{
    ds_put_cstr(s, "\tchain input {\n"
                "\t\ttype filter hook input priority filter; "
                "policy accept;\n"
                "\t\tiifname != \""LINK_EXT_HOST"\" accept\n"
                "\t\tct state established,related accept\n"
                "\t\ticmp type echo-request accept\n"
                "\t\tcounter drop "
                "comment \"gateway: to the host itself\"\n"
                "\t}\n\n");
}

static void
render_postrouting(const struct share *share, struct ds *s)
{
    ds_put_cstr(s, "\tchain postrouting {\n"
                "\t\ttype nat hook postrouting priority srcnat; "
                "policy accept;\n");
    ds_put_format(s, "\t\tip saddr "IP_FMT" oifname \"%s\" masquerade\n\t}\n",
                  IP_ARGS(share->gateway), share->link);
}
