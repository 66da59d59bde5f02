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

/* net-out-codec: routes that lead out of this host, from rtnetlink messages.
 * See net-out.h.
 *
 * Pure. */

#include <config.h>
#include "net/net-out.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/addr.h"
#include "net/nlattr.h"

static bool parse_next_hop(const struct nlattr **attrs,
                           struct net_out_route *);

bool
net_out_codec_parse(const struct nlmsghdr *nlh, struct net_out_route *ret)
{
    const struct nlattr *attrs[RTA_MAX + 1];
    struct net_out_route route;
    const struct rtmsg *rtm;
    uint32_t table;

    if ((nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
        || !nlattr_parse(nlh, sizeof *rtm, attrs, RTA_MAX)) {
        return false;
    }
    rtm = mnl_nlmsg_get_payload(nlh);
    table = rtm->rtm_table;
    if (rtm->rtm_family != AF_INET || rtm->rtm_type != RTN_UNICAST
        || rtm->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD)
        || rtm->rtm_dst_len > 32 || rtm->rtm_tos
        || (attrs[RTA_TABLE] && !nlattr_u32(attrs[RTA_TABLE], &table))
        || (table != RT_TABLE_MAIN && table != TABLE_WAY_OUT)) {
        return false;
    }
    memset(&route, 0, sizeof route);
    route.table = table == RT_TABLE_MAIN ? 0 : table;
    route.dst_len = rtm->rtm_dst_len;
    if ((attrs[RTA_DST] && !nlattr_be32(attrs[RTA_DST], &route.dst))
        || (attrs[RTA_PREFSRC] && !nlattr_be32(attrs[RTA_PREFSRC], &route.src))
        || (attrs[RTA_PRIORITY]
            && !nlattr_u32(attrs[RTA_PRIORITY], &route.metric))
        || !parse_next_hop(attrs, &route)) {
        return false;
    }
    route.on_link = !route.via;
    *ret = route;
    return true;
}

/* Of several next hops, the first.  One that is an IPv6 address is none that
 * we can use. */
static bool
parse_next_hop(const struct nlattr **attrs, struct net_out_route *route)
{
    const struct nlattr *hop_attrs[RTA_MAX + 1];
    const struct rtnexthop *hop;
    uint16_t size;

    if (attrs[RTA_MULTIPATH]) {
        size = mnl_attr_get_payload_len(attrs[RTA_MULTIPATH]);
        hop = mnl_attr_get_payload(attrs[RTA_MULTIPATH]);
        if (size < sizeof *hop || hop->rtnh_len < sizeof *hop
            || hop->rtnh_len > size || hop->rtnh_ifindex <= 0) {
            return false;
        }
        route->ifindex = hop->rtnh_ifindex;
        return (nlattr_parse_payload(RTNH_DATA(hop),
                                     hop->rtnh_len - sizeof *hop,
                                     hop_attrs, RTA_MAX)
                && !hop_attrs[RTA_VIA]
                && (!hop_attrs[RTA_GATEWAY]
                    || nlattr_be32(hop_attrs[RTA_GATEWAY], &route->via)));
    }
    return (!attrs[RTA_VIA] && nlattr_u32(attrs[RTA_OIF], &route->ifindex)
            && (!attrs[RTA_GATEWAY]
                || nlattr_be32(attrs[RTA_GATEWAY], &route->via)));
}
