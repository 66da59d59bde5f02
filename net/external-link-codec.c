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

/* external-link-codec: the links of an external interface that was moved, and
 * what is asked about the way outside <-> messages of the kernel.  See
 * external.h; external-codec.c is about what is on the interface.
 *
 * Pure. */

#include <config.h>
#include "net/external.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "lib/addr.h"
#include "net/nlattr.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static struct nlmsghdr *begin_link(union net_codec_buffer *, uint32_t ifindex,
                                   uint16_t flags, bool up);

struct nlmsghdr *
external_codec_dump_links(union net_codec_buffer *buf)
{
    struct nlmsghdr *nlh = begin_link(buf, 0, NLM_F_DUMP, false);

    nlh->nlmsg_type = RTM_GETLINK;
    return nlh;
}

bool
external_codec_parse_link(const struct nlmsghdr *nlh,
                          struct external_link *ret)
{
    struct external_link link = { .exists = true };
    const struct ifinfomsg *ifi;
    const struct nlattr *attrs[IFLA_MAX + 1];
    struct net_link base;
    uint32_t group;

    if (!net_codec_parse_link(nlh, &base)
        || !nlattr_parse(nlh, sizeof *ifi, attrs, IFLA_MAX)) {
        return false;
    }
    ifi = mnl_nlmsg_get_payload(nlh);
    ovs_strlcpy(link.name, base.name, sizeof link.name);
    ovs_strlcpy(link.kind, base.kind, sizeof link.kind);
    link.ifindex = base.ifindex;
    link.mtu = base.mtu;
    link.up = base.up;
    link.mac = base.mac;
    link.is_kernels = net_link_is_kernels(&base);
    link.type = ifi->ifi_type;
    link.ours = (nlattr_u32(attrs[IFLA_GROUP], &group)
                 && group == EXTERNAL_GROUP);
    if (!nlattr_u32(attrs[IFLA_MASTER], &link.master)) {
        link.master = 0;
    }
    *ret = link;
    return true;
}

struct nlmsghdr *
external_codec_new_bridge(union net_codec_buffer *buf,
                          const struct external_op *op)
{
    struct nlmsghdr *nlh = begin_link(buf, 0, NLM_F_CREATE | NLM_F_EXCL,
                                      false);
    struct nlattr *info, *data;

    mnl_attr_put_strz(nlh, IFLA_IFNAME, op->name);
    mnl_attr_put_u32(nlh, IFLA_GROUP, EXTERNAL_GROUP);
    mnl_attr_put_u32(nlh, IFLA_MTU, op->mtu);
    mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ADDR_LEN, &op->mac);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
    data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    /* Forwards at once, all multicast. */
    mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, 0);
    mnl_attr_put_u32(nlh, IFLA_BR_FORWARD_DELAY, 0);
    mnl_attr_put_u8(nlh, IFLA_BR_MCAST_SNOOPING, 0);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    return nlh;
}

struct nlmsghdr *
external_codec_new_pair(union net_codec_buffer *buf,
                        const struct external_op *op, int gateway_fd)
{
    struct nlmsghdr *nlh = begin_link(buf, 0, NLM_F_CREATE | NLM_F_EXCL,
                                      false);
    struct nlattr *info, *data, *end;

    mnl_attr_put_strz(nlh, IFLA_IFNAME, op->name);
    mnl_attr_put_u32(nlh, IFLA_GROUP, EXTERNAL_GROUP);
    mnl_attr_put_u32(nlh, IFLA_MTU, op->mtu);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    end = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(nlh, IFLA_IFNAME, LINK_EXT_PORT);
    mnl_attr_put_u32(nlh, IFLA_GROUP, EXTERNAL_GROUP);
    mnl_attr_put_u32(nlh, IFLA_MTU, op->mtu);
    mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, gateway_fd);
    mnl_attr_nest_end(nlh, end);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    return nlh;
}

struct nlmsghdr *
external_codec_set_alias(union net_codec_buffer *buf, uint32_t ifindex)
{
    struct nlmsghdr *nlh = begin_link(buf, ifindex, 0, false);

    mnl_attr_put_str(nlh, IFLA_IFALIAS, EXTERNAL_ALIAS);
    return nlh;
}

struct nlmsghdr *
external_codec_enslave(union net_codec_buffer *buf, uint32_t ifindex,
                       uint32_t master)
{
    struct nlmsghdr *nlh = begin_link(buf, ifindex, 0, false);

    mnl_attr_put_u32(nlh, IFLA_MASTER, master);
    return nlh;
}

struct nlmsghdr *
external_codec_up(union net_codec_buffer *buf, uint32_t ifindex)
{
    return begin_link(buf, ifindex, 0, true);
}

struct nlmsghdr *
external_codec_move(union net_codec_buffer *buf, uint32_t ifindex, int ns_fd,
                    uint32_t wanted)
{
    struct nlmsghdr *nlh = begin_link(buf, ifindex, 0, false);

    mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, ns_fd);
    if (wanted) {
        /* Linux before 5.13 does not know this, and ignores it. */
        mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, wanted);
    }
    return nlh;
}

bool
external_codec_parse_carrier(const struct nlmsghdr *nlh, uint32_t *ifindex,
                             struct in6_addr *address)
{
    const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

    if (!net_codec_parse_any_addr(nlh, address)) {
        return false;
    }
    *ifindex = ifa->ifa_index;
    return true;
}

bool
external_codec_parse_default(const struct nlmsghdr *nlh, uint32_t *ifindex,
                             uint32_t *metric)
{
    const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
    const struct nlattr *attrs[RTA_MAX + 1];
    uint32_t table;

    if (nlh->nlmsg_type != RTM_NEWROUTE
        || !nlattr_parse(nlh, sizeof *rtm, attrs, RTA_MAX)
        || !nlattr_u32(attrs[RTA_OIF], ifindex)) {
        return false;
    }
    if (!nlattr_u32(attrs[RTA_PRIORITY], metric)) {
        *metric = 0;
    }
    if (!nlattr_u32(attrs[RTA_TABLE], &table)) {
        table = rtm->rtm_table;
    }
    return (!rtm->rtm_dst_len && rtm->rtm_type == RTN_UNICAST
            && table == RT_TABLE_MAIN);
}

struct nlmsghdr *
external_codec_resolve(union net_codec_buffer *buf, uint32_t ifindex,
                       const struct in6_addr *router)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWNEIGH, NLM_F_CREATE);
    struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof *ndm);
    ovs_be32 ip = in6_addr_get_mapped_ipv4(router);

    ndm->ndm_family = ip ? AF_INET : AF_INET6;
    ndm->ndm_ifindex = ifindex;
    ndm->ndm_flags = NTF_USE;
    if (ip) {
        mnl_attr_put(nlh, NDA_DST, sizeof ip, &ip);
    } else {
        mnl_attr_put(nlh, NDA_DST, sizeof *router, router);
    }
    return nlh;
}

bool
external_codec_parse_reached(const struct nlmsghdr *nlh, uint32_t ifindex,
                             struct in6_addr *address)
{
    const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
    const struct nlattr *attrs[NDA_MAX + 1];
    ovs_be32 ip;

    if (nlh->nlmsg_type != RTM_NEWNEIGH
        || !nlattr_parse(nlh, sizeof *ndm, attrs, NDA_MAX)
        || (uint32_t) ndm->ndm_ifindex != ifindex
        || !(ndm->ndm_state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP))
        || !attrs[NDA_DST]) {
        return false;
    }
    if (nlattr_be32(attrs[NDA_DST], &ip)) {
        *address = in6_addr_mapped_ipv4(ip);
        return true;
    } else if (mnl_attr_get_payload_len(attrs[NDA_DST]) != sizeof *address) {
        return false;
    }
    memcpy(address, mnl_attr_get_payload(attrs[NDA_DST]), sizeof *address);
    return true;
}

static struct nlmsghdr *
begin_link(union net_codec_buffer *buf, uint32_t ifindex, uint16_t flags,
           bool up)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWLINK, flags);
    struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof *ifi);

    ifi->ifi_family = AF_UNSPEC;
    ifi->ifi_index = ifindex;
    if (up) {
        ifi->ifi_flags = ifi->ifi_change = IFF_UP;
    }
    return nlh;
}
