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

/* net-codec: links, addresses, routes and neighbours <-> rtnetlink messages.
 * See net-codec.h and, for the messages, rtnetlink(7). */

#include <config.h>
#include "net/net-codec.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/addr.h"
#include "net/nlattr.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Not in the headers of Linux before 5.18. */
#define NET_IFA_PROTO 11

static struct ifinfomsg *put_ifinfo(struct nlmsghdr *, uint32_t ifindex);
static uint32_t group_of(const struct net_link *);
static void put_new_link(struct nlmsghdr *, const struct net_link *);

static bool get_ipv6(const struct nlattr *const attrs[], struct in6_addr *);
static bool get_metrics(const struct nlattr *, uint32_t *mtu);
static void get_marks(const struct nlattr *const attrs[], struct net_link *);
static bool get_kind(const struct nlattr *linkinfo, char *kind, size_t size);

struct nlmsghdr *
net_codec_begin(union net_codec_buffer *buf, uint16_t type, uint16_t flags)
{
    struct nlmsghdr *nlh;

    memset(buf, 0, sizeof *buf);
    nlh = mnl_nlmsg_put_header(buf);
    nlh->nlmsg_type = type;
    nlh->nlmsg_flags = NLM_F_REQUEST | flags;
    return nlh;
}

struct nlmsghdr *
net_codec_get_link(union net_codec_buffer *buf, const char *name)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETLINK, 0);

    put_ifinfo(nlh, 0);
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return nlh;
}

struct nlmsghdr *
net_codec_get_ifindex(union net_codec_buffer *buf, uint32_t ifindex)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETLINK, 0);

    put_ifinfo(nlh, ifindex);
    return nlh;
}

struct nlmsghdr *
net_codec_dump_links(union net_codec_buffer *buf)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETLINK, NLM_F_DUMP);

    put_ifinfo(nlh, 0);
    return nlh;
}

struct nlmsghdr *
net_codec_new_veth(union net_codec_buffer *buf, const struct net_link *link,
                   const struct net_link *peer, int peer_ns_fd)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWLINK,
                                           NLM_F_CREATE | NLM_F_EXCL);
    struct nlattr *info, *data, *end;

    put_ifinfo(nlh, 0);
    put_new_link(nlh, link);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    end = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
    put_ifinfo(nlh, 0);
    put_new_link(nlh, peer);
    mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, peer_ns_fd);
    mnl_attr_nest_end(nlh, end);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    return nlh;
}

struct nlmsghdr *
net_codec_new_link(union net_codec_buffer *buf, const struct net_link *link)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWLINK,
                                           NLM_F_CREATE | NLM_F_EXCL);
    struct nlattr *info;

    put_ifinfo(nlh, 0);
    put_new_link(nlh, link);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, link->kind);
    mnl_attr_nest_end(nlh, info);
    return nlh;
}

struct nlmsghdr *
net_codec_set_link(union net_codec_buffer *buf, uint32_t ifindex,
                   const struct net_link *link, unsigned int parts)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWLINK, 0);
    struct ifinfomsg *ifi = put_ifinfo(nlh, ifindex);

    if (parts & NET_LINK_UP) {
        ifi->ifi_flags = link->up ? IFF_UP : 0;
        ifi->ifi_change = IFF_UP;
    }
    if (parts & NET_LINK_MARK) {
        /* As a string without its null, as ip(8) does it. */
        mnl_attr_put_str(nlh, IFLA_IFALIAS, NET_LINK_ALIAS);
        mnl_attr_put_u32(nlh, IFLA_GROUP, group_of(link));
    }
    if (parts & NET_LINK_MTU) {
        mnl_attr_put_u32(nlh, IFLA_MTU, link->mtu);
    }
    if (parts & NET_LINK_MAC) {
        mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ADDR_LEN, &link->mac);
    }
    return nlh;
}

struct nlmsghdr *
net_codec_move_link(union net_codec_buffer *buf, uint32_t ifindex, int ns_fd)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_NEWLINK, 0);

    put_ifinfo(nlh, ifindex);
    mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, ns_fd);
    return nlh;
}

struct nlmsghdr *
net_codec_del_link(union net_codec_buffer *buf, uint32_t ifindex)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_DELLINK, 0);

    put_ifinfo(nlh, ifindex);
    return nlh;
}

struct nlmsghdr *
net_codec_addr(union net_codec_buffer *buf, uint16_t type, uint32_t ifindex,
               const struct net_addr *addr)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, type, type == RTM_NEWADDR
                                           ? NLM_F_CREATE | NLM_F_EXCL : 0);
    struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof *ifa);

    ifa->ifa_prefixlen = addr->prefix_len;
    ifa->ifa_scope = RT_SCOPE_UNIVERSE;
    ifa->ifa_index = ifindex;
    if (ipv6_addr_is_set(&addr->address6)) {
        /* The switch sees to it that nobody else has it: no waiting. */
        ifa->ifa_flags = IFA_F_NODAD;
        ifa->ifa_family = AF_INET6;
        mnl_attr_put(nlh, IFA_LOCAL, sizeof addr->address6, &addr->address6);
    } else {
        ifa->ifa_family = AF_INET;
        mnl_attr_put(nlh, IFA_LOCAL, sizeof addr->address, &addr->address);
        mnl_attr_put(nlh, IFA_ADDRESS, sizeof addr->address, &addr->address);
    }
    if (type == RTM_NEWADDR) {
        mnl_attr_put_u8(nlh, NET_IFA_PROTO, NET_PROTOCOL);
    }
    return nlh;
}

struct nlmsghdr *
net_codec_route(union net_codec_buffer *buf, uint16_t type, uint32_t ifindex,
                const struct net_route *route)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, type, type != RTM_NEWROUTE ? 0
                                           : NLM_F_CREATE
                                             | (route->replaces ? NLM_F_REPLACE
                                                : NLM_F_EXCL));
    struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof *rtm);

    rtm->rtm_family = AF_INET;
    rtm->rtm_dst_len = route->dst_len;
    rtm->rtm_table = route->table ? route->table : RT_TABLE_MAIN;
    rtm->rtm_protocol = NET_PROTOCOL;
    /* The kernel looks for the next hop in the same table. */
    rtm->rtm_flags = route->table && route->via ? RTNH_F_ONLINK : 0;
    rtm->rtm_type = route->unreachable ? RTN_UNREACHABLE : RTN_UNICAST;
    rtm->rtm_scope = (type == RTM_DELROUTE ? RT_SCOPE_NOWHERE
                      : route->unreachable || route->via ? RT_SCOPE_UNIVERSE
                      : RT_SCOPE_LINK);
    mnl_attr_put(nlh, RTA_DST, sizeof route->dst, &route->dst);
    if (ifindex) {
        mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
    }
    if (route->via) {
        mnl_attr_put(nlh, RTA_GATEWAY, sizeof route->via, &route->via);
    }
    if (route->src) {
        mnl_attr_put(nlh, RTA_PREFSRC, sizeof route->src, &route->src);
    }
    if (route->metric) {
        mnl_attr_put_u32(nlh, RTA_PRIORITY, route->metric);
    }
    if (route->mtu && type == RTM_NEWROUTE) {
        struct nlattr *metrics = mnl_attr_nest_start(nlh, RTA_METRICS);

        mnl_attr_put_u32(nlh, RTAX_MTU, route->mtu);
        mnl_attr_nest_end(nlh, metrics);
    }
    return nlh;
}

struct nlmsghdr *
net_codec_neigh(union net_codec_buffer *buf, uint16_t type, uint32_t ifindex,
                const struct net_neigh *neigh)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, type, type == RTM_NEWNEIGH
                                           ? NLM_F_CREATE | NLM_F_REPLACE : 0);
    struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof *ndm);

    ndm->ndm_family = AF_INET;
    ndm->ndm_ifindex = ifindex;
    mnl_attr_put(nlh, NDA_DST, sizeof neigh->address, &neigh->address);
    if (type == RTM_NEWNEIGH) {
        ndm->ndm_state = NUD_PERMANENT;
        mnl_attr_put(nlh, NDA_LLADDR, ETH_ADDR_LEN, &neigh->mac);
        mnl_attr_put_u8(nlh, NDA_PROTOCOL, NET_PROTOCOL);
    }
    return nlh;
}

struct nlmsghdr *
net_codec_dump_addrs(union net_codec_buffer *buf, uint8_t family)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETADDR, NLM_F_DUMP);
    struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof *ifa);

    ifa->ifa_family = family;
    return nlh;
}

struct nlmsghdr *
net_codec_get_path(union net_codec_buffer *buf, const struct in6_addr *dst)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETROUTE, 0);
    struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof *rtm);
    ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(dst);

    if (ipv4) {
        rtm->rtm_family = AF_INET;
        rtm->rtm_dst_len = 32;
        mnl_attr_put(nlh, RTA_DST, sizeof ipv4, &ipv4);
    } else {
        rtm->rtm_family = AF_INET6;
        rtm->rtm_dst_len = 128;
        mnl_attr_put(nlh, RTA_DST, sizeof *dst, dst);
    }
    mnl_attr_put_u32(nlh, RTA_MARK, MARK_MOBULA);
    return nlh;
}

struct nlmsghdr *
net_codec_dump_routes(union net_codec_buffer *buf, uint32_t table,
                      uint8_t protocol)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETROUTE, NLM_F_DUMP);
    struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof *rtm);

    /* A kernel with NETLINK_GET_STRICT_CHK filters by these. */
    rtm->rtm_family = AF_INET;
    rtm->rtm_table = table ? table : RT_TABLE_MAIN;
    rtm->rtm_protocol = protocol;
    return nlh;
}

struct nlmsghdr *
net_codec_dump_neighs(union net_codec_buffer *buf)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETNEIGH, NLM_F_DUMP);
    struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof *ndm);

    ndm->ndm_family = AF_INET;
    return nlh;
}

bool
net_codec_parse_link(const struct nlmsghdr *nlh, struct net_link *ret)
{
    const struct nlattr *attrs[IFLA_MAX + 1];
    const struct ifinfomsg *ifi;
    struct net_link link;

    if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
        || !nlattr_parse(nlh, sizeof *ifi, attrs, IFLA_MAX)) {
        return false;
    }
    ifi = mnl_nlmsg_get_payload(nlh);
    memset(&link, 0, sizeof link);
    if (ifi->ifi_index <= 0
        || !nlattr_string(attrs[IFLA_IFNAME], link.name, sizeof link.name)
        || !nlattr_u32(attrs[IFLA_MTU], &link.mtu)) {
        return false;
    }
    link.ifindex = ifi->ifi_index;
    link.up = (ifi->ifi_flags & IFF_UP) != 0;
    link.has_mac = nlattr_mac(attrs[IFLA_ADDRESS], &link.mac);
    get_marks(attrs, &link);
    if (!nlattr_u32(attrs[IFLA_LINK], &link.peer_ifindex)) {
        link.peer_ifindex = 0;
    }
    if (!get_kind(attrs[IFLA_LINKINFO], link.kind, sizeof link.kind)) {
        return false;
    }
    *ret = link;
    return true;
}

bool
net_codec_parse_addr(const struct nlmsghdr *nlh, struct net_addr *ret)
{
    const struct nlattr *attrs[NET_IFA_PROTO + 1];
    const struct ifaddrmsg *ifa;
    struct net_addr addr;
    uint8_t protocol;

    if ((nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR)
        || !nlattr_parse(nlh, sizeof *ifa, attrs, NET_IFA_PROTO)) {
        return false;
    }
    ifa = mnl_nlmsg_get_payload(nlh);
    memset(&addr, 0, sizeof addr);
    if (!ifa->ifa_index) {
        return false;
    } else if (ifa->ifa_family == AF_INET) {
        if (ifa->ifa_prefixlen > 32
            || !nlattr_be32(attrs[IFA_LOCAL], &addr.address)) {
            return false;
        }
    } else if (ifa->ifa_family != AF_INET6 || ifa->ifa_prefixlen > 128
               || !get_ipv6(attrs, &addr.address6)
               || IN6_IS_ADDR_LINKLOCAL(&addr.address6)) {
        return false;
    }
    addr.ifindex = ifa->ifa_index;
    addr.prefix_len = ifa->ifa_prefixlen;
    addr.ours = (nlattr_u8(attrs[NET_IFA_PROTO], &protocol)
                 && protocol == NET_PROTOCOL);
    *ret = addr;
    return true;
}

bool
net_codec_parse_route(const struct nlmsghdr *nlh, struct net_route *ret)
{
    const struct nlattr *attrs[RTA_MAX + 1];
    const struct rtmsg *rtm;
    struct net_route route;
    uint32_t table;

    if ((nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
        || !nlattr_parse(nlh, sizeof *rtm, attrs, RTA_MAX)) {
        return false;
    }
    rtm = mnl_nlmsg_get_payload(nlh);
    table = rtm->rtm_table;
    if (rtm->rtm_family != AF_INET || rtm->rtm_protocol != NET_PROTOCOL
        || rtm->rtm_flags & RTM_F_CLONED || rtm->rtm_dst_len > 32
        || (attrs[RTA_TABLE] && !nlattr_u32(attrs[RTA_TABLE], &table))
        || (table != RT_TABLE_MAIN && table != TABLE_WAY_OUT)) {
        return false;
    }
    memset(&route, 0, sizeof route);
    route.table = table == RT_TABLE_MAIN ? 0 : table;
    route.dst_len = rtm->rtm_dst_len;
    route.unreachable = rtm->rtm_type == RTN_UNREACHABLE;
    route.odd = (attrs[RTA_VIA] || attrs[RTA_MULTIPATH]
                 || rtm->rtm_tos
                 || (!route.unreachable && rtm->rtm_type != RTN_UNICAST));
    if ((attrs[RTA_DST] && !nlattr_be32(attrs[RTA_DST], &route.dst))
        || (attrs[RTA_OIF] && !nlattr_u32(attrs[RTA_OIF], &route.ifindex))
        || (attrs[RTA_GATEWAY] && !nlattr_be32(attrs[RTA_GATEWAY], &route.via))
        || (attrs[RTA_PREFSRC] && !nlattr_be32(attrs[RTA_PREFSRC], &route.src))
        || (attrs[RTA_PRIORITY]
            && !nlattr_u32(attrs[RTA_PRIORITY], &route.metric))) {
        return false;
    }
    /* A metric that we do not set is not ours. */
    route.odd |= (attrs[RTA_METRICS]
                  && !get_metrics(attrs[RTA_METRICS], &route.mtu));
    *ret = route;
    return true;
}

bool
net_codec_parse_path(const struct nlmsghdr *nlh, struct net_path *ret)
{
    const struct rta_cacheinfo *cache;
    const struct nlattr *attrs[RTA_MAX + 1];
    const struct rtmsg *rtm;
    struct net_path path = { .ifindex = 0 };

    if (nlh->nlmsg_type != RTM_NEWROUTE
        || !nlattr_parse(nlh, sizeof *rtm, attrs, RTA_MAX)
        || (attrs[RTA_OIF] && !nlattr_u32(attrs[RTA_OIF], &path.ifindex))) {
        return false;
    }
    rtm = mnl_nlmsg_get_payload(nlh);
    path.local = rtm->rtm_type == RTN_LOCAL;
    cache = (attrs[RTA_CACHEINFO]
             && mnl_attr_get_payload_len(attrs[RTA_CACHEINFO]) >= sizeof *cache
             ? mnl_attr_get_payload(attrs[RTA_CACHEINFO]) : NULL);
    /* Learnt from ICMP: a clone of a route that will be forgotten. */
    if (attrs[RTA_METRICS]
        && !(cache && cache->rta_expires && rtm->rtm_flags & RTM_F_CLONED)) {
        ignore(get_metrics(attrs[RTA_METRICS], &path.mtu));
    }
    *ret = path;
    return true;
}

bool
net_codec_parse_neigh(const struct nlmsghdr *nlh, struct net_neigh *ret)
{
    const struct nlattr *attrs[NDA_MAX + 1];
    const bool removal = nlh->nlmsg_type == RTM_DELNEIGH;
    const struct ndmsg *ndm;
    struct net_neigh neigh;
    uint8_t protocol;

    if ((nlh->nlmsg_type != RTM_NEWNEIGH && nlh->nlmsg_type != RTM_DELNEIGH)
        || !nlattr_parse(nlh, sizeof *ndm, attrs, NDA_MAX)) {
        return false;
    }
    ndm = mnl_nlmsg_get_payload(nlh);
    memset(&neigh, 0, sizeof neigh);
    if (ndm->ndm_family != AF_INET || ndm->ndm_ifindex <= 0
        || !nlattr_u8(attrs[NDA_PROTOCOL], &protocol)
        || protocol != NET_PROTOCOL
        || !nlattr_be32(attrs[NDA_DST], &neigh.address)
        || (!removal && (!(ndm->ndm_state & NUD_PERMANENT)
                         || !nlattr_mac(attrs[NDA_LLADDR], &neigh.mac)))) {
        return false;
    }
    neigh.ifindex = ndm->ndm_ifindex;
    *ret = neigh;
    return true;
}

bool
net_codec_parse_any_addr(const struct nlmsghdr *nlh, struct in6_addr *ret)
{
    const struct nlattr *attrs[NET_IFA_PROTO + 1];
    const struct ifaddrmsg *ifa;
    ovs_be32 ip;

    if (nlh->nlmsg_type != RTM_NEWADDR
        || !nlattr_parse(nlh, sizeof *ifa, attrs, NET_IFA_PROTO)) {
        return false;
    }
    ifa = mnl_nlmsg_get_payload(nlh);
    if (ifa->ifa_family == AF_INET) {
        if (!nlattr_be32(attrs[IFA_LOCAL], &ip)) {
            return false;
        }
        *ret = in6_addr_mapped_ipv4(ip);
        return true;
    }
    return ifa->ifa_family == AF_INET6 && get_ipv6(attrs, ret);
}

bool
net_codec_parse_netconf(const struct nlmsghdr *nlh, uint32_t *ret_ifindex)
{
    const struct nlattr *attrs[NETCONFA_MAX + 1];

    return ((nlh->nlmsg_type == RTM_NEWNETCONF
             || nlh->nlmsg_type == RTM_DELNETCONF)
            && nlattr_parse(nlh, sizeof(struct netconfmsg), attrs,
                           NETCONFA_MAX)
            && nlattr_u32(attrs[NETCONFA_IFINDEX], ret_ifindex));
}

static struct ifinfomsg *
put_ifinfo(struct nlmsghdr *nlh, uint32_t ifindex)
{
    struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof *ifi);

    ifi->ifi_family = AF_UNSPEC;
    ifi->ifi_index = ifindex;
    return ifi;
}

static uint32_t
group_of(const struct net_link *link)
{
    return link->made_in_gateway ? NET_LINK_GROUP_GATEWAY : NET_LINK_GROUP;
}

/* What the kernel sets while it makes a link; the alias is not among it. */
static void
put_new_link(struct nlmsghdr *nlh, const struct net_link *link)
{
    mnl_attr_put_strz(nlh, IFLA_IFNAME, link->name);
    mnl_attr_put_u32(nlh, IFLA_GROUP, group_of(link));
    if (link->mtu) {
        mnl_attr_put_u32(nlh, IFLA_MTU, link->mtu);
    }
    if (link->has_mac) {
        mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ADDR_LEN, &link->mac);
    }
}

/* The IPv6 address of a message RTM_NEWADDR: its own, or, if it has only one,
 * that. */
static bool
get_ipv6(const struct nlattr *const attrs[], struct in6_addr *ip)
{
    const struct nlattr *attr = (attrs[IFA_LOCAL] ? attrs[IFA_LOCAL]
                                 : attrs[IFA_ADDRESS]);

    if (!attr || mnl_attr_get_payload_len(attr) != sizeof *ip) {
        return false;
    }
    memcpy(ip, mnl_attr_get_payload(attr), sizeof *ip);
    return true;
}

/* Fills in the MTU, if there is one.  Returns false if there is another
 * metric. */
static bool
get_metrics(const struct nlattr *metrics, uint32_t *mtu)
{
    const struct nlattr *attr;
    bool ok = true;

    mnl_attr_for_each_nested(attr, metrics) {
        ok &= (mnl_attr_get_type(attr) == RTAX_MTU && nlattr_u32(attr, mtu));
    }
    return ok;
}

/* By what a link says that it is ours.  One without an alias may be one that
 * has just been made: the group comes with it, the alias follows. */
static void
get_marks(const struct nlattr *const attrs[], struct net_link *link)
{
    char alias[256];
    uint32_t group;

    if (!nlattr_u32(attrs[IFLA_GROUP], &group)) {
        group = 0;
    }
    link->has_alias = (nlattr_string(attrs[IFLA_IFALIAS], alias, sizeof alias)
                       && !strcmp(alias, NET_LINK_ALIAS));
    link->made_in_gateway = group == NET_LINK_GROUP_GATEWAY;
    link->ours = (link->has_alias
                  || (!attrs[IFLA_IFALIAS]
                      && (group == NET_LINK_GROUP
                          || group == NET_LINK_GROUP_GATEWAY)));
}

/* A link without IFLA_LINKINFO, or with a kind that is longer than any of
 * ours, is of no kind: "". */
static bool
get_kind(const struct nlattr *linkinfo, char *kind, size_t size)
{
    const struct nlattr *attrs[IFLA_INFO_MAX + 1];

    kind[0] = '\0';
    if (!linkinfo) {
        return true;
    }
    if (!nlattr_parse_nested(linkinfo, attrs, IFLA_INFO_MAX)) {
        return false;
    }
    if (!nlattr_string(attrs[IFLA_INFO_KIND], kind, size)) {
        kind[0] = '\0';
    }
    return true;
}
