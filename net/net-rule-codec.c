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

/* net-rule-codec: rules of routing <-> rtnetlink messages.  See net-codec.h
 * and, for what rules are, ip-rule(8).
 *
 * Pure. */

#include <config.h>
#include "net/net-codec.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/nlattr.h"
#include "openvswitch/util.h"
#include "util.h"

static void put_prefix(struct nlmsghdr *, uint16_t type,
                       const struct ipv4_prefix *);
static bool is_ours(const struct nlattr **attrs);
static bool is_odd(const struct fib_rule_hdr *, const struct nlattr **attrs);
static bool parse_values(const struct nlattr **attrs, struct net_rule *,
                         uint32_t *table);

struct nlmsghdr *
net_codec_rule(union net_codec_buffer *buf, uint16_t type,
               const struct net_rule *rule)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, type, type == RTM_NEWRULE
                                           ? NLM_F_CREATE | NLM_F_EXCL : 0);
    struct fib_rule_hdr *frh = mnl_nlmsg_put_extra_header(nlh, sizeof *frh);

    frh->family = rule->ipv6 ? AF_INET6 : AF_INET;
    frh->src_len = rule->src.len;
    frh->dst_len = rule->dst.len;
    frh->action = rule->blackhole ? FR_ACT_BLACKHOLE : FR_ACT_TO_TBL;
    frh->table = (rule->blackhole ? RT_TABLE_UNSPEC
                  : rule->table ? rule->table : RT_TABLE_MAIN);
    mnl_attr_put_u32(nlh, FRA_PRIORITY, rule->priority);
    mnl_attr_put_u8(nlh, FRA_PROTOCOL, NET_PROTOCOL);
    put_prefix(nlh, FRA_SRC, &rule->src);
    put_prefix(nlh, FRA_DST, &rule->dst);
    if (rule->iif[0]) {
        mnl_attr_put_strz(nlh, FRA_IIFNAME, rule->iif);
    }
    if (rule->mark) {
        mnl_attr_put_u32(nlh, FRA_FWMARK, rule->mark);
        mnl_attr_put_u32(nlh, FRA_FWMASK, UINT32_MAX);
    }
    if (rule->no_default) {
        mnl_attr_put_u32(nlh, FRA_SUPPRESS_PREFIXLEN, 0);
    }
    return nlh;
}

struct nlmsghdr *
net_codec_dump_rules(union net_codec_buffer *buf, uint8_t family)
{
    struct nlmsghdr *nlh = net_codec_begin(buf, RTM_GETRULE, NLM_F_DUMP);
    struct fib_rule_hdr *frh = mnl_nlmsg_put_extra_header(nlh, sizeof *frh);

    frh->family = family;
    return nlh;
}

bool
net_codec_parse_rule(const struct nlmsghdr *nlh, struct net_rule *ret)
{
    const struct nlattr *attrs[FRA_MAX + 1];
    const struct fib_rule_hdr *frh;
    struct net_rule rule;
    uint32_t table;

    if ((nlh->nlmsg_type != RTM_NEWRULE && nlh->nlmsg_type != RTM_DELRULE)
        || !nlattr_parse(nlh, sizeof *frh, attrs, FRA_MAX)
        || !is_ours(attrs)) {
        return false;
    }
    frh = mnl_nlmsg_get_payload(nlh);
    memset(&rule, 0, sizeof rule);
    rule.ipv6 = frh->family == AF_INET6;
    if ((rule.ipv6 ? frh->src_len || frh->dst_len
         : frh->family != AF_INET || frh->src_len > 32 || frh->dst_len > 32)) {
        return false;
    }
    table = frh->table;
    rule.src.len = frh->src_len;
    rule.dst.len = frh->dst_len;
    rule.blackhole = frh->action == FR_ACT_BLACKHOLE;
    rule.odd = is_odd(frh, attrs);
    if (!parse_values(attrs, &rule, &table)) {
        return false;
    }
    if (!rule.blackhole) {
        rule.table = table == RT_TABLE_MAIN ? 0 : table;
    }
    *ret = rule;
    return true;
}

static void
put_prefix(struct nlmsghdr *nlh, uint16_t type,
           const struct ipv4_prefix *prefix)
{
    if (prefix->len) {
        mnl_attr_put(nlh, type, sizeof prefix->address, &prefix->address);
    }
}

static bool
is_ours(const struct nlattr **attrs)
{
    uint8_t protocol;

    return (nlattr_u8(attrs[FRA_PROTOCOL], &protocol)
            && protocol == NET_PROTOCOL);
}

/* Does it say anything that net_codec_rule() never says? */
static bool
is_odd(const struct fib_rule_hdr *frh, const struct nlattr **attrs)
{
    static const uint16_t never[] = {
        FRA_GOTO, FRA_FLOW, FRA_TUN_ID, FRA_OIFNAME, FRA_UID_RANGE,
        FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE,
    };
    uint32_t mask, group;
    uint8_t l3mdev;

    for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
        if (attrs[never[i]]) {
            return true;
        }
    }
    return (frh->tos || frh->flags & FIB_RULE_INVERT
            || (frh->action != FR_ACT_TO_TBL
                && frh->action != FR_ACT_BLACKHOLE)
            || (nlattr_u8(attrs[FRA_L3MDEV], &l3mdev) && l3mdev)
            || (nlattr_u32(attrs[FRA_FWMASK], &mask) && mask
                && mask != UINT32_MAX)
            || (nlattr_u32(attrs[FRA_SUPPRESS_IFGROUP], &group)
                && group != UINT32_MAX));
}

/* Fills in what attributes say.  The kernel tells a length that suppresses
 * nothing as UINT32_MAX. */
static bool
parse_values(const struct nlattr **attrs, struct net_rule *rule,
             uint32_t *table)
{
    uint32_t suppress = UINT32_MAX;

    if ((attrs[FRA_PRIORITY]
         && !nlattr_u32(attrs[FRA_PRIORITY], &rule->priority))
        || (attrs[FRA_FWMARK] && !nlattr_u32(attrs[FRA_FWMARK], &rule->mark))
        || (attrs[FRA_TABLE] && !nlattr_u32(attrs[FRA_TABLE], table))
        || (attrs[FRA_IIFNAME]
            && !nlattr_string(attrs[FRA_IIFNAME], rule->iif,
                              sizeof rule->iif))
        || (attrs[FRA_SUPPRESS_PREFIXLEN]
            && !nlattr_u32(attrs[FRA_SUPPRESS_PREFIXLEN], &suppress))
        || (rule->src.len
            && !nlattr_be32(attrs[FRA_SRC], &rule->src.address))
        || (rule->dst.len
            && !nlattr_be32(attrs[FRA_DST], &rule->dst.address))) {
        return false;
    }
    rule->no_default = suppress == 0;
    rule->odd |= suppress && suppress != UINT32_MAX;
    return true;
}
