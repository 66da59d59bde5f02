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
 *
 * Pure: the encoders write one request into the caller's buffer, the decoders
 * read one message that nobody has vetted.  nl.[ch] sends and receives;
 * net-read.c and net-apply.c are the users. */

#ifndef MOBULA_NET_CODEC_H
#define MOBULA_NET_CODEC_H 1

#include <linux/netlink.h>
#include <netinet/in.h>
#include "net/net-state.h"

/* Bytes that are enough for every request made here. */
#define NET_CODEC_BUFFER 1024

/* A buffer for one request, aligned for it. */
union net_codec_buffer {
    struct nlmsghdr nlh;
    char bytes[NET_CODEC_BUFFER];
};

/* Each encoder fills 'buf' and returns '&buf->nlh'; sequence number and
 * acknowledgement flag are up to the sender.  An 'ifindex' counts in the
 * namespace of the socket. */

/* Begins a request of 'type' with 'flags' and NLM_F_REQUEST, for encoders. */
struct nlmsghdr *net_codec_begin(union net_codec_buffer *buf, uint16_t type,
                                 uint16_t flags);

/* Asks for one link by name, or by index; for all links. */
struct nlmsghdr *net_codec_get_link(union net_codec_buffer *buf,
                                    const char *name);
struct nlmsghdr *net_codec_get_ifindex(union net_codec_buffer *buf,
                                       uint32_t ifindex);
struct nlmsghdr *net_codec_dump_links(union net_codec_buffer *buf);

/* Makes a veth pair: 'link' in the namespace of the socket, 'peer' in the one
 * of 'peer_ns_fd'. */
struct nlmsghdr *net_codec_new_veth(union net_codec_buffer *buf,
                                    const struct net_link *link,
                                    const struct net_link *peer,
                                    int peer_ns_fd);

/* Makes a link of kind 'link->kind', without options. */
struct nlmsghdr *net_codec_new_link(union net_codec_buffer *buf,
                                    const struct net_link *link);

/* Sets the parts 'parts' (enum net_link_part) to what 'link' says. */
struct nlmsghdr *net_codec_set_link(union net_codec_buffer *buf,
                                    uint32_t ifindex,
                                    const struct net_link *link,
                                    unsigned int parts);

/* Moves a link to the namespace of 'ns_fd'. */
struct nlmsghdr *net_codec_move_link(union net_codec_buffer *buf,
                                     uint32_t ifindex, int ns_fd);
struct nlmsghdr *net_codec_del_link(union net_codec_buffer *buf,
                                    uint32_t ifindex);

/* 'type' is RTM_NEWADDR or RTM_DELADDR, and so on. */
struct nlmsghdr *net_codec_addr(union net_codec_buffer *buf, uint16_t type,
                                uint32_t ifindex, const struct net_addr *);
struct nlmsghdr *net_codec_route(union net_codec_buffer *buf, uint16_t type,
                                 uint32_t ifindex, const struct net_route *);
struct nlmsghdr *net_codec_neigh(union net_codec_buffer *buf, uint16_t type,
                                 uint32_t ifindex, const struct net_neigh *);
struct nlmsghdr *net_codec_rule(union net_codec_buffer *buf, uint16_t type,
                                const struct net_rule *);

/* Asks for all addresses of 'family' (AF_UNSPEC: all), all IPv4 routes of
 * 'table' (0: "main") and 'protocol' (0: any), all IPv4 neighbours, all IPv4
 * rules.  The kernel may give more than that. */
struct nlmsghdr *net_codec_dump_addrs(union net_codec_buffer *buf,
                                      uint8_t family);
struct nlmsghdr *net_codec_dump_routes(union net_codec_buffer *buf,
                                       uint32_t table, uint8_t protocol);
struct nlmsghdr *net_codec_dump_neighs(union net_codec_buffer *buf);
struct nlmsghdr *net_codec_dump_rules(union net_codec_buffer *,
                                      uint8_t family);

/* Asks which way packets of WireGuard to 'dst' (IPv4 as v4-mapped) take. */
struct nlmsghdr *net_codec_get_path(union net_codec_buffer *buf,
                                    const struct in6_addr *dst);

/* The decoders return true and fill '*ret' if the message is well-formed and
 * about something that the struct can hold; otherwise they return false and
 * leave '*ret' alone.  'link' of an address, route or neighbour stays empty,
 * 'where' 0: the caller knows.  Routes, neighbours and rules of other
 * protocols are not for us, nor are routes of tables other than "main" and
 * TABLE_WAY_OUT: false. */
bool net_codec_parse_link(const struct nlmsghdr *, struct net_link *ret);
bool net_codec_parse_addr(const struct nlmsghdr *, struct net_addr *ret);
bool net_codec_parse_route(const struct nlmsghdr *, struct net_route *ret);
bool net_codec_parse_neigh(const struct nlmsghdr *, struct net_neigh *ret);
bool net_codec_parse_rule(const struct nlmsghdr *, struct net_rule *ret);

/* The answer to net_codec_get_path(). */
struct net_path {
    uint32_t ifindex;           /* Of the link that they leave by; 0: none. */
    uint32_t mtu;               /* That the route is configured to have; 0 =
                                 * that of the link. */
    bool local;                 /* They stay on this host. */
};
bool net_codec_parse_path(const struct nlmsghdr *, struct net_path *ret);

/* Any address of a host, IPv4 as v4-mapped. */
bool net_codec_parse_any_addr(const struct nlmsghdr *, struct in6_addr *ret);

/* The link that a message about sysctls is of: the index may be negative in
 * the kernel's eyes for "all" and "default", which is no link. */
bool net_codec_parse_netconf(const struct nlmsghdr *, uint32_t *ret_ifindex);

#endif /* net/net-codec.h */
