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

/* external-codec: messages of the kernel about the external interface <->
 * objects that can be put on an interface again.  See external.h and, for the
 * messages, rtnetlink(7).
 *
 * An object is a message in which only what an administrator (or a program)
 * has said is left: no index, no age, nothing that the kernel works out.
 * Files hold such bytes, too: they are looked at with the same distrust.
 *
 * Pure. */

#include <config.h>
#include "net/external.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/addr.h"
#include "net/nlattr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Attributes of a greater type are of no interest. */
#define MAX_ATTR 31

/* Bytes of an object: a request has room for that and for what is added. */
#define MAX_SIZE (NET_CODEC_BUFFER - 112)

/* A route that gives way to another one has a metric that is greater by... */
#define YIELDED_METRIC 1029

/* Not in the headers of Linux before 5.18. */
#define EXTERNAL_IFA_PROTO 11
#define EXTERNAL_IFAPROT_KERNEL_LL 3

/* What an administrator can say about an address, of IFA_F_*. */
#define SETTABLE_FLAGS (IFA_F_NODAD | IFA_F_HOMEADDRESS \
                        | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE \
                        | IFA_F_MCAUTOJOIN)

/* A message, or an object as one, taken apart. */
struct parts {
    const void *header;                     /* Of the family. */
    const struct nlattr *attrs[MAX_ATTR + 1];   /* By type, or NULL. */
};

/* What there is to know about each kind. */
static const struct kind_info {
    uint16_t type;                          /* RTM_NEW*. */
    size_t header_size;
    uint32_t kept;                          /* 1 << type of each attribute
                                             * that is kept as it is. */
} kinds[EXTERNAL_N_KINDS] = {
    [EXTERNAL_ADDR] = {
        RTM_NEWADDR, sizeof(struct ifaddrmsg),
        1u << IFA_ADDRESS | 1u << IFA_LOCAL | 1u << IFA_LABEL
        | 1u << IFA_BROADCAST | 1u << IFA_RT_PRIORITY
        | 1u << EXTERNAL_IFA_PROTO
    },
    [EXTERNAL_ROUTE] = {
        RTM_NEWROUTE, sizeof(struct rtmsg),
        1u << RTA_DST | 1u << RTA_SRC | 1u << RTA_GATEWAY
        | 1u << RTA_PRIORITY | 1u << RTA_PREFSRC | 1u << RTA_METRICS
        | 1u << RTA_FLOW | 1u << RTA_TABLE | 1u << RTA_VIA | 1u << RTA_PREF
        | 1u << RTA_ENCAP_TYPE | 1u << RTA_ENCAP | 1u << RTA_TTL_PROPAGATE
    },
    [EXTERNAL_NEIGH] = {
        RTM_NEWNEIGH, sizeof(struct ndmsg),
        1u << NDA_DST | 1u << NDA_LLADDR | 1u << NDA_PROTOCOL
    },
};

static bool take_apart(const struct nlmsghdr *, size_t header_size,
                       struct parts *);
static bool object_parts(const struct external_object *,
                         union net_codec_buffer *, struct parts *);
static enum external_verdict judge_addr(const struct parts *, uint32_t ifindex,
                                        struct eth_addr mac, char **why);
static enum external_verdict judge_route(const struct parts *,
                                         uint32_t ifindex, char **why);
static enum external_verdict judge_neigh(const struct parts *,
                                         uint32_t ifindex);
static bool make_object(enum external_kind, const struct parts *,
                        struct external_object *);
static void put_headers(enum external_kind, const struct parts *,
                        struct nlmsghdr *, uint32_t ifindex);
static void put_addr_extras(const struct parts *, bool on_bridge,
                            struct nlmsghdr *);
static uint8_t family_of(const struct parts *);
static void format_way(const struct external_object *route,
                       const struct parts *, struct ds *);
static bool get_ip(const struct nlattr *, uint8_t family, struct in6_addr *);
static uint32_t get_u32(const struct nlattr *, uint32_t otherwise);
static bool same_attr(const struct parts *a, const struct parts *b,
                      uint16_t type);
static bool same_metric(uint32_t a, uint32_t b);

enum external_verdict
external_codec_parse(const struct nlmsghdr *nlh, uint32_t ifindex,
                     struct eth_addr mac, struct external_object *ret,
                     char **why)
{
    enum external_verdict verdict = EXTERNAL_IGNORES;

    for (int kind = 0; kind < EXTERNAL_N_KINDS; kind++) {
        struct parts parts;

        if (nlh->nlmsg_type != kinds[kind].type
            || !take_apart(nlh, kinds[kind].header_size, &parts)) {
            continue;
        }
        verdict = (kind == EXTERNAL_ADDR
                   ? judge_addr(&parts, ifindex, mac, why)
                   : kind == EXTERNAL_ROUTE
                   ? judge_route(&parts, ifindex, why)
                   : judge_neigh(&parts, ifindex));
        if (verdict == EXTERNAL_TAKES && !make_object(kind, &parts, ret)) {
            *why = xstrdup("there is more to one of its addresses or routes "
                           "than can be kept");
            verdict = EXTERNAL_REFUSES;
        }
    }
    return verdict;
}

bool
external_codec_check(const struct external_object *object)
{
    union net_codec_buffer buf;
    struct in6_addr address;
    struct parts parts;
    uint8_t family;

    if (!object_parts(object, &buf, &parts)) {
        return false;
    }
    family = family_of(&parts);
    return ((family == AF_INET || family == AF_INET6)
            && (object->kind == EXTERNAL_ROUTE
                || external_object_address(object, &address)));
}

struct nlmsghdr *
external_codec_add(union net_codec_buffer *buf,
                   const struct external_object *object, uint32_t ifindex,
                   enum external_manner manner)
{
    const bool on_bridge = manner == EXTERNAL_ON_BRIDGE;
    const struct kind_info *info = &kinds[object->kind];
    union net_codec_buffer copy;
    struct nlmsghdr *nlh = net_codec_begin(buf, info->type,
                                           NLM_F_CREATE | NLM_F_EXCL);
    struct parts parts;

    if (!object_parts(object, &copy, &parts)) {
        OVS_NOT_REACHED();      /* Those of a file were checked. */
    }
    put_headers(object->kind, &parts, nlh, ifindex);
    for (uint16_t type = 0; type <= MAX_ATTR; type++) {
        const struct nlattr *attr = parts.attrs[type];

        if (attr && info->kept & 1u << type
            && !(on_bridge && object->kind == EXTERNAL_ADDR
                 && type == IFA_LABEL)) {
            mnl_attr_put(nlh, type, mnl_attr_get_payload_len(attr),
                         mnl_attr_get_payload(attr));
        }
    }
    if (object->kind == EXTERNAL_ADDR) {
        put_addr_extras(&parts, on_bridge, nlh);
    } else if (object->kind == EXTERNAL_ROUTE) {
        mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
        if (manner == EXTERNAL_YIELDING) {
            /* The last one counts. */
            mnl_attr_put_u32(nlh, RTA_PRIORITY,
                             get_u32(parts.attrs[RTA_PRIORITY], 0)
                             + YIELDED_METRIC);
        }
    }
    return nlh;
}

bool
external_object_equals(const struct external_object *a,
                       const struct external_object *b)
{
    union net_codec_buffer buf_a, buf_b;
    struct parts pa, pb;

    if (a->kind != b->kind || !object_parts(a, &buf_a, &pa)
        || !object_parts(b, &buf_b, &pb)
        || family_of(&pa) != family_of(&pb)) {
        return false;
    }
    if (a->kind == EXTERNAL_ADDR) {
        const struct ifaddrmsg *ia = pa.header, *ib = pb.header;

        return (ia->ifa_prefixlen == ib->ifa_prefixlen
                && same_attr(&pa, &pb, IFA_LOCAL)
                && same_attr(&pa, &pb, IFA_ADDRESS));
    } else if (a->kind == EXTERNAL_ROUTE) {
        const struct rtmsg *ra = pa.header, *rb = pb.header;

        return (ra->rtm_dst_len == rb->rtm_dst_len
                && ra->rtm_src_len == rb->rtm_src_len
                && ra->rtm_tos == rb->rtm_tos
                && ra->rtm_type == rb->rtm_type
                && (get_u32(pa.attrs[RTA_TABLE], ra->rtm_table)
                    == get_u32(pb.attrs[RTA_TABLE], rb->rtm_table))
                && same_metric(get_u32(pa.attrs[RTA_PRIORITY], 0),
                               get_u32(pb.attrs[RTA_PRIORITY], 0))
                && same_attr(&pa, &pb, RTA_DST)
                && same_attr(&pa, &pb, RTA_SRC)
                && same_attr(&pa, &pb, RTA_VIA)
                && same_attr(&pa, &pb, RTA_GATEWAY));
    }
    return same_attr(&pa, &pb, NDA_DST);
}

void
external_object_format(const struct external_object *object, struct ds *s)
{
    static const char *const words[EXTERNAL_N_KINDS] = {
        [EXTERNAL_ADDR] = "address ",
        [EXTERNAL_ROUTE] = "route ",
        [EXTERNAL_NEIGH] = "neighbour ",
    };
    union net_codec_buffer buf;
    struct in6_addr address;
    struct parts parts;

    ds_put_cstr(s, words[object->kind]);
    if (!object_parts(object, &buf, &parts)) {
        ds_put_cstr(s, "(unreadable)");
        return;
    }
    if (external_object_address(object, &address)) {
        ipv6_format_mapped(&address, s);
    } else {
        ds_put_cstr(s, "default");
    }
    if (object->kind == EXTERNAL_ADDR) {
        const struct ifaddrmsg *ifa = parts.header;

        ds_put_format(s, "/%u", ifa->ifa_prefixlen);
    } else if (object->kind == EXTERNAL_ROUTE) {
        format_way(object, &parts, s);
    }
}

bool
external_object_address(const struct external_object *object,
                        struct in6_addr *ret)
{
    union net_codec_buffer buf;
    struct parts parts;

    if (!object_parts(object, &buf, &parts)) {
        return false;
    }
    switch (object->kind) {
    case EXTERNAL_ADDR:
        return (get_ip(parts.attrs[IFA_LOCAL], family_of(&parts), ret)
                || get_ip(parts.attrs[IFA_ADDRESS], family_of(&parts), ret));
    case EXTERNAL_ROUTE:
        return get_ip(parts.attrs[RTA_DST], family_of(&parts), ret);
    case EXTERNAL_NEIGH:
        return get_ip(parts.attrs[NDA_DST], family_of(&parts), ret);
    case EXTERNAL_N_KINDS:
    default:
        OVS_NOT_REACHED();
    }
}

bool
external_object_router(const struct external_object *object,
                       struct in6_addr *ret)
{
    union net_codec_buffer buf;
    struct parts parts;

    return (object->kind == EXTERNAL_ROUTE
            && object_parts(object, &buf, &parts)
            && get_ip(parts.attrs[RTA_GATEWAY], family_of(&parts), ret));
}

bool
external_object_is_default(const struct external_object *object)
{
    union net_codec_buffer buf;
    const struct rtmsg *rtm;
    struct parts parts;

    if (object->kind != EXTERNAL_ROUTE
        || !object_parts(object, &buf, &parts)) {
        return false;
    }
    rtm = parts.header;
    return (!rtm->rtm_dst_len && !rtm->rtm_src_len && !rtm->rtm_tos
            && get_u32(parts.attrs[RTA_TABLE], rtm->rtm_table)
               == RT_TABLE_MAIN);
}

bool
external_object_is_ipv6(const struct external_object *object)
{
    union net_codec_buffer buf;
    struct parts parts;

    return (object_parts(object, &buf, &parts)
            && family_of(&parts) == AF_INET6);
}

bool
external_object_is_learnt(const struct external_object *object)
{
    union net_codec_buffer buf;
    struct parts parts;

    if (!object_parts(object, &buf, &parts)
        || family_of(&parts) != AF_INET6) {
        return false;
    }
    if (object->kind == EXTERNAL_ROUTE) {
        const struct rtmsg *rtm = parts.header;

        return rtm->rtm_protocol == RTPROT_RA;
    }
    return object->kind == EXTERNAL_ADDR && parts.attrs[IFA_CACHEINFO];
}

struct nlmsghdr *
external_codec_dump(union net_codec_buffer *buf, enum external_kind kind,
                    uint8_t family)
{
    /* RTM_GETROUTE == RTM_NEWROUTE + 2, and so for all. */
    struct nlmsghdr *nlh = net_codec_begin(buf, kinds[kind].type + 2,
                                           NLM_F_DUMP);
    uint8_t *header = mnl_nlmsg_put_extra_header(nlh, kinds[kind].header_size);

    *header = family;           /* The first member of each of them. */
    return nlh;
}

static bool
take_apart(const struct nlmsghdr *nlh, size_t header_size,
           struct parts *parts)
{
    parts->header = mnl_nlmsg_get_payload(nlh);
    return nlattr_parse(nlh, header_size, parts->attrs, MAX_ATTR);
}

/* Takes 'object' apart; 'parts' points into 'buf'. */
static bool
object_parts(const struct external_object *object,
             union net_codec_buffer *buf, struct parts *parts)
{
    struct nlmsghdr *nlh;

    if (object->kind >= EXTERNAL_N_KINDS
        || object->size > MAX_SIZE
        || object->size < kinds[object->kind].header_size) {
        return false;
    }
    nlh = net_codec_begin(buf, kinds[object->kind].type, 0);
    memcpy(mnl_nlmsg_get_payload(nlh), object->bytes, object->size);
    nlh->nlmsg_len += object->size;
    return take_apart(nlh, kinds[object->kind].header_size, parts);
}

/* Does the kernel give this link-local address to an interface with 'mac' by
 * itself? */
static bool
is_automatic(const struct parts *parts, struct eth_addr mac)
{
    uint8_t proto;
    struct in6_addr made = addr_link_local(mac);
    struct in6_addr address;

    if (nlattr_u8(parts->attrs[EXTERNAL_IFA_PROTO], &proto)
        && proto == EXTERNAL_IFAPROT_KERNEL_LL) {
        return true;
    }
    return (get_ip(parts->attrs[IFA_ADDRESS], AF_INET6, &address)
            && ipv6_addr_equals(&address, &made));
}

/* Returns true if the address ends at some time. */
static bool
is_leased(const struct parts *parts)
{
    const struct nlattr *attr = parts->attrs[IFA_CACHEINFO];
    struct ifa_cacheinfo cache;

    if (!attr || mnl_attr_get_payload_len(attr) < sizeof cache) {
        return false;
    }
    memcpy(&cache, mnl_attr_get_payload(attr), sizeof cache);
    return cache.ifa_valid != UINT32_MAX;
}

static enum external_verdict
judge_addr(const struct parts *parts, uint32_t ifindex, struct eth_addr mac,
           char **why)
{
    const struct ifaddrmsg *ifa = parts->header;
    uint8_t proto;
    uint32_t flags = get_u32(parts->attrs[IFA_FLAGS], ifa->ifa_flags);
    struct in6_addr address;

    if (ifa->ifa_index != ifindex
        || (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
        || (nlattr_u8(parts->attrs[EXTERNAL_IFA_PROTO], &proto)
            && proto == NET_PROTOCOL)) {
        return EXTERNAL_IGNORES;
    }
    if (ifa->ifa_family == AF_INET6) {
        return (flags & IFA_F_TEMPORARY
                || (ifa->ifa_scope == RT_SCOPE_LINK
                    && is_automatic(parts, mac))
                ? EXTERNAL_IGNORES : EXTERNAL_TAKES);
    }
    if (is_leased(parts)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        if (get_ip(parts->attrs[IFA_LOCAL], AF_INET, &address)) {
            ipv6_format_mapped(&address, &s);
        }
        *why = xasprintf("it has the address %s for a limited time (DHCP?), "
                         "and nobody would renew that in the gateway: make it "
                         "a static one", ds_cstr(&s));
        ds_destroy(&s);
        return EXTERNAL_REFUSES;
    }
    return EXTERNAL_TAKES;
}

/* Returns true if one of several next hops is reached by 'ifindex'. */
static bool
is_next_hop(const struct nlattr *multipath, uint32_t ifindex)
{
    size_t left = multipath ? mnl_attr_get_payload_len(multipath) : 0;
    const uint8_t *p = multipath ? mnl_attr_get_payload(multipath) : NULL;

    while (left >= sizeof(struct rtnexthop)) {
        struct rtnexthop hop;

        memcpy(&hop, p, sizeof hop);
        if ((uint32_t) hop.rtnh_ifindex == ifindex) {
            return true;
        }
        if (hop.rtnh_len < sizeof hop
            || RTNH_ALIGN(hop.rtnh_len) > left) {
            return false;
        }
        left -= RTNH_ALIGN(hop.rtnh_len);
        p += RTNH_ALIGN(hop.rtnh_len);
    }
    return false;
}

static enum external_verdict
judge_route(const struct parts *parts, uint32_t ifindex, char **why)
{
    const struct rtmsg *rtm = parts->header;
    bool oif = get_u32(parts->attrs[RTA_OIF], 0) == ifindex;

    if ((rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
        || rtm->rtm_type != RTN_UNICAST
        || rtm->rtm_flags & RTM_F_CLONED
        || rtm->rtm_protocol == RTPROT_KERNEL
        || rtm->rtm_protocol == NET_PROTOCOL
        || get_u32(parts->attrs[RTA_TABLE], rtm->rtm_table)
           == RT_TABLE_LOCAL) {
        return EXTERNAL_IGNORES;
    }
    if (is_next_hop(parts->attrs[RTA_MULTIPATH], ifindex)
        || (oif && parts->attrs[RTA_NH_ID])) {
        *why = xstrdup("a route with several next hops, or with a next hop "
                       "object, leads over it");
        return EXTERNAL_REFUSES;
    }
    return oif ? EXTERNAL_TAKES : EXTERNAL_IGNORES;
}

static enum external_verdict
judge_neigh(const struct parts *parts, uint32_t ifindex)
{
    const struct ndmsg *ndm = parts->header;

    return ((uint32_t) ndm->ndm_ifindex == ifindex
            && (ndm->ndm_family == AF_INET || ndm->ndm_family == AF_INET6)
            && ndm->ndm_state & NUD_PERMANENT
            && !(ndm->ndm_flags & NTF_PROXY)
            && parts->attrs[NDA_DST] && parts->attrs[NDA_LLADDR]
            ? EXTERNAL_TAKES : EXTERNAL_IGNORES);
}

/* Returns false if it is too long. */
static bool
make_object(enum external_kind kind, const struct parts *parts,
            struct external_object *ret)
{
    union net_codec_buffer buf;
    struct nlmsghdr *nlh = net_codec_begin(&buf, kinds[kind].type, 0);
    uint32_t flags;

    put_headers(kind, parts, nlh, 0);
    for (uint16_t type = 0; type <= MAX_ATTR; type++) {
        const struct nlattr *attr = parts->attrs[type];

        /* Room is left for what is added below, and by requests. */
        if (attr && kinds[kind].kept & 1u << type
            && !mnl_attr_put_check(nlh, sizeof buf - 128, type,
                                   mnl_attr_get_payload_len(attr),
                                   mnl_attr_get_payload(attr))) {
            return false;
        }
    }
    if (kind == EXTERNAL_ADDR) {
        const struct ifaddrmsg *ifa = parts->header;

        flags = (get_u32(parts->attrs[IFA_FLAGS], ifa->ifa_flags)
                 & SETTABLE_FLAGS);
        mnl_attr_put_u32(nlh, IFA_FLAGS, flags);
        if (is_leased(parts)) {
            struct ifa_cacheinfo cache;

            memcpy(&cache, mnl_attr_get_payload(parts->attrs[IFA_CACHEINFO]),
                   sizeof cache);
            cache.cstamp = cache.tstamp = 0;
            mnl_attr_put(nlh, IFA_CACHEINFO, sizeof cache, &cache);
        }
    }
    ret->kind = kind;
    ret->size = mnl_nlmsg_get_payload_len(nlh);
    ret->bytes = xmemdup(mnl_nlmsg_get_payload(nlh), ret->size);
    return true;
}

/* Puts the header of the family, without what the kernel works out. */
static void
put_headers(enum external_kind kind, const struct parts *parts,
            struct nlmsghdr *nlh, uint32_t ifindex)
{
    void *header = mnl_nlmsg_put_extra_header(nlh, kinds[kind].header_size);

    memcpy(header, parts->header, kinds[kind].header_size);
    if (kind == EXTERNAL_ADDR) {
        struct ifaddrmsg *ifa = header;

        ifa->ifa_flags = 0;     /* The attribute counts. */
        ifa->ifa_index = ifindex;
    } else if (kind == EXTERNAL_ROUTE) {
        struct rtmsg *rtm = header;

        rtm->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
    } else {
        struct ndmsg *ndm = header;

        ndm->ndm_ifindex = ifindex;
        ndm->ndm_state = NUD_PERMANENT;
        ndm->ndm_flags &= NTF_ROUTER;
    }
}

static void
put_addr_extras(const struct parts *parts, bool on_bridge,
                struct nlmsghdr *nlh)
{
    const struct nlattr *cache = parts->attrs[IFA_CACHEINFO];
    uint32_t flags = get_u32(parts->attrs[IFA_FLAGS], 0) & SETTABLE_FLAGS;

    if (on_bridge && family_of(parts) == AF_INET6) {
        /* Nobody else has it: this host had it a moment ago. */
        flags |= IFA_F_NODAD;
    }
    mnl_attr_put_u32(nlh, IFA_FLAGS, flags);
    if (cache) {
        mnl_attr_put(nlh, IFA_CACHEINFO, mnl_attr_get_payload_len(cache),
                     mnl_attr_get_payload(cache));
    }
}

/* The first member of each of the headers. */
static uint8_t
family_of(const struct parts *parts)
{
    const uint8_t *family = parts->header;

    return *family;
}

/* Appends what makes a route of a destination. */
static void
format_way(const struct external_object *route, const struct parts *parts,
           struct ds *s)
{
    const struct rtmsg *rtm = parts->header;
    uint32_t metric = get_u32(parts->attrs[RTA_PRIORITY], 0);
    struct in6_addr router;

    if (rtm->rtm_dst_len) {
        ds_put_format(s, "/%u", rtm->rtm_dst_len);
    }
    if (external_object_router(route, &router)) {
        ds_put_cstr(s, " via ");
        ipv6_format_mapped(&router, s);
    }
    if (metric) {
        ds_put_format(s, " metric %"PRIu32, metric);
    }
}

/* 'attr' may be NULL: not found. */
static bool
get_ip(const struct nlattr *attr, uint8_t family, struct in6_addr *ret)
{
    ovs_be32 ip;

    if (attr && family == AF_INET
        && mnl_attr_get_payload_len(attr) == sizeof ip) {
        memcpy(&ip, mnl_attr_get_payload(attr), sizeof ip);
        *ret = in6_addr_mapped_ipv4(ip);
        return true;
    }
    if (attr && family == AF_INET6
        && mnl_attr_get_payload_len(attr) == sizeof *ret) {
        memcpy(ret, mnl_attr_get_payload(attr), sizeof *ret);
        return true;
    }
    return false;
}

static uint32_t
get_u32(const struct nlattr *attr, uint32_t otherwise)
{
    uint32_t value;

    return nlattr_u32(attr, &value) ? value : otherwise;
}

static bool
same_attr(const struct parts *a, const struct parts *b, uint16_t type)
{
    const struct nlattr *x = a->attrs[type], *y = b->attrs[type];

    if (!x || !y) {
        return x == y;
    }
    return (mnl_attr_get_payload_len(x) == mnl_attr_get_payload_len(y)
            && !memcmp(mnl_attr_get_payload(x), mnl_attr_get_payload(y),
                       mnl_attr_get_payload_len(x)));
}

static bool
same_metric(uint32_t a, uint32_t b)
{
    return a == b || a + YIELDED_METRIC == b || b + YIELDED_METRIC == a;
}
