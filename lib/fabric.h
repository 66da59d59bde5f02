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

/* fabric: the whole configuration of a Mobula network as plain data.
 *
 * fabric-yaml.[ch] and settings-yaml.[ch] fill it from the text of hosts.yml,
 * extra_hosts.yml, extra_wires.yml and mobula.yml (fabric-load.[ch] reads the
 * files); fabric-check.[ch] validates it; fabric.c looks things up;
 * everything that decides anything (flows/, wg/, net/, gateway/, ovs-ctl/)
 * takes it as 'const'.  No I/O, no clock. */

#ifndef MOBULA_FABRIC_H
#define MOBULA_FABRIC_H 1

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/config-messages.h"
#include "lib/wgkey.h"
#include "openvswitch/types.h"

struct ds;

/* An IPv4 prefix such as 10.31.0.0/16; host bits of 'address' are zero. */
struct ipv4_prefix {
    ovs_be32 address;
    uint8_t len;                /* 0..32. */
};

/* Which OVS datapath carries the access bridge. */
enum datapath_choice {
    DATAPATH_AUTO,              /* Kernel module if the kernel has it. */
    DATAPATH_KERNEL,            /* datapath_type=system. */
    DATAPATH_USERSPACE,         /* datapath_type=netdev. */
};

/* Which implementation of WireGuard. */
enum wireguard_choice {
    WIREGUARD_AUTO,             /* The kernel's if it has one. */
    WIREGUARD_KERNEL,
    WIREGUARD_USERSPACE,        /* wireguard-go. */
};

/* What happens to the host's external interface. */
enum external_mode {
    EXTERNAL_SHARE,             /* It stays where it is. */
    EXTERNAL_MOVE,              /* It moves into the gateway's namespace. */
};

/* IPv6 on the access network. */
enum ipv6_mode {
    IPV6_OFF,                   /* Mobula has no part in it. */
    IPV6_NAT,                   /* Gateways are routers; outside, the sources
                                 * are rewritten. */
    IPV6_ROUTED,                /* Gateways are routers, and the outside knows
                                 * the way back. */
};

/* Each member of struct settings, under the same name in lower case. */
enum setting {
    SETTING_ACCESS_PREFIX,
    SETTING_INTRAWIRE_PREFIX,
    SETTING_EXTRAWIRE_PREFIX,
    SETTING_VTEP_PREFIX,
    SETTING_WIREGUARD_PORT,
    SETTING_VXLAN_PORT,
    SETTING_VNI,
    SETTING_UNDERLAY_MTU,
    SETTING_MTU_HOLD,
    SETTING_KEEPALIVE,
    SETTING_BFD_INTERVAL,
    SETTING_BFD_MULT,
    SETTING_BFD_BUDGET,
    SETTING_HOLD_DOWN,
    SETTING_HOLD_DOWN_MAX,
    SETTING_POOR_LOSS,
    SETTING_MAC_AGE,
    SETTING_MAC_LIMIT,
    SETTING_PORT_MAC_LIMIT,
    SETTING_FLOOD_LIMIT,
    SETTING_UNKNOWN_LIMIT,
    SETTING_LOOP_INTERVAL,
    SETTING_MOVE_EXEMPT,
    SETTING_ANSWER_EXEMPT,
    SETTING_DNS_SERVERS,
    SETTING_IPV6,
    SETTING_IPV6_PREFIX,
    SETTING_FACTS_PORT,
    SETTING_FACTS_HOLD,
    SETTING_RESOLVE_INTERVAL,
    SETTING_WATCH_CONFIG,
    SETTING_DATAPATH,
    SETTING_WIREGUARD,
    SETTING_EXTERNAL,
    SETTING_EXTERNAL_INTERFACE,
    SETTING_EXTERNAL_WATCHDOG,
    SETTING_WIRE_TO_WIRE,
    SETTING_N
};

/* The configuration files, in the order of their messages. */
enum config_file {
    CONFIG_FILE_HOSTS,
    CONFIG_FILE_EXTRA_HOSTS,
    CONFIG_FILE_EXTRA_WIRES,
    CONFIG_FILE_SETTINGS,
    CONFIG_FILE_N
};

/* Ranges of addresses in lists of settings.  Host bits are zero.  A range of
 * IPv6 has no IPv4 addresses in it, not even ::/0. */
struct mac_prefix {
    struct eth_addr mac;
    uint8_t len;                /* 0..48. */
};
struct ip_prefix {
    struct in6_addr address;    /* IPv4 as v4-mapped. */
    uint8_t len;                /* 0..128; an IPv4 prefix's plus 96. */
};

/* How many entries such a list has at most. */
#define SETTINGS_MAX_LIST 32

/* mobula.yml.  Every member has a default (settings_init()). */
struct settings {
    struct ipv4_prefix access_prefix;     /* 10.31.0.0/16; always a /16. */
    struct ipv4_prefix intrawire_prefix;  /* 10.30.0.0/16; always a /16. */
    struct ipv4_prefix extrawire_prefix;  /* 10.30.128.0/17; upper half of
                                           * intrawire_prefix. */
    struct ipv4_prefix vtep_prefix;       /* 169.254.0.0/17; always a /17. */
    uint16_t wireguard_port;              /* UDP, 51820. */
    uint16_t vxlan_port;                  /* UDP, 4789. */
    uint32_t vni;                         /* 29; below 2**23: the upper half
                                           * is for relayed frames. */
    uint16_t underlay_mtu;                /* Bytes of IP packet that every
                                           * path between hosts carries;
                                           * 1280..65535, or 0 (default):
                                           * hosts find out (mtu.h). */
    uint16_t mtu_hold_s;                  /* How long they must agree on a
                                           * larger MTU, 60. */
    uint16_t keepalive_s;                 /* WireGuard persistent keepalive,
                                           * 0 = off (default), but on hosts
                                           * without an endpoint. */
    uint16_t bfd_interval_ms;             /* BFD min_tx and min_rx, or 0
                                           * (default): bfd-timers.h. */
    uint8_t bfd_mult;                     /* BFD multiplier, or 0 (default):
                                           * bfd-timers.h. */
    uint32_t bfd_budget;                  /* BFD packets per second that a
                                           * host sends at most, 400. */
    uint16_t hold_down_s;                 /* How long a link must be up after
                                           * it was down, 2... */
    uint16_t hold_down_max_s;             /* ...and at most, if it is down
                                           * often, 300 (liveness.h). */
    uint8_t poor_loss;                    /* Percent of packets lost from
                                           * which on other ways are better,
                                           * 5 (quality.h). */
    uint16_t mac_age_s;                   /* Idle time after which a learnt
                                           * MAC is forgotten, 300. */
    uint32_t mac_limit;                   /* Learnt MACs per host, 8192. */
    uint32_t port_mac_limit;              /* Learnt MACs per local port,
                                           * 1024. */
    uint32_t flood_limit;                 /* Broadcast and multicast frames
                                           * per second from a local port,
                                           * 0 = any number, 2000. */
    uint32_t unknown_limit;               /* The same for frames to a MAC that
                                           * nobody has been heard with,
                                           * 1000. */
    uint16_t loop_interval_s;             /* Between two loop probes out of a
                                           * guest's port, 0 = none, 1. */
    uint16_t facts_port;                  /* TCP, where a host tells others
                                           * what it knows, 6645. */
    uint16_t facts_hold_s;                /* How long what a host told stays
                                           * true after it was last heard,
                                           * 60. */
    uint16_t resolve_interval_s;          /* Between two looks at the name of
                                           * a host that is not heard, 60. */
    bool watch_config;                    /* Reload when a file changes,
                                           * false. */
    struct mac_prefix move_exempt[SETTINGS_MAX_LIST]; /* MACs that may move as
                                           * often as they like.  Default:
                                           * those of VRRP, 00:00:5e:00:01:00
                                           * and ...:02:00, each /40. */
    size_t n_move_exempt;
    struct ip_prefix answer_exempt[SETTINGS_MAX_LIST]; /* Addresses for which
                                           * ARP and ND requests are never
                                           * answered by the switch. */
    size_t n_answer_exempt;
    struct ip_prefix dns_servers[SETTINGS_MAX_LIST]; /* Single addresses: who
                                           * is asked for names that are not
                                           * in this network.  Default:
                                           * 1.1.1.1. */
    size_t n_dns_servers;
    enum ipv6_mode ipv6;
    struct ip_prefix ipv6_prefix;         /* /48 to /64; the access network is
                                           * the first /64 of it.  A 'len' of
                                           * 0: none (default). */
    enum datapath_choice datapath;
    enum wireguard_choice wireguard;
    enum external_mode external;
    char external_interface[IFNAMSIZ];    /* Its name, or "auto". */
    uint16_t external_watchdog_s;         /* How long the router may take to
                                           * answer in the gateway, 0 = for
                                           * ever, 60. */
    bool wire_to_wire;                    /* Clients of extrawire may reach
                                           * each other, false. */
};

/* One host of hosts.yml. */
struct fabric_host {
    uint16_t id;                /* HOST_ID_MIN..HOST_ID_MAX, unique. */
    char *hostname;             /* FQDN, lower case, unique. */
    struct in6_addr endpoint;   /* Underlay address, IPv4 as v4-mapped; zero
                                 * if the two below say something.  To be
                                 * asked for by endpoints_find(). */
    char *endpoint_name;        /* DNS name to look up instead, lower case;
                                 * NULL: none. */
    bool endpoint_none;         /* Others cannot reach it: it speaks first. */
    uint16_t endpoint_port;     /* UDP port at which others reach it, host
                                 * byte order; 0 = wireguard_port. */
    bool has_keepalive;         /* It has a setting of its own... */
    uint16_t keepalive_s;       /* ...instead of the one of all, 0 = off. */
    uint8_t public_key[WGKEY_SIZE];
    uint8_t private_key[WGKEY_SIZE];
    bool has_private_key;       /* False for a peer whose key is not here. */
    struct source_pos pos;      /* Of its key in the inventory. */
    struct source_pos id_pos;   /* Of the values; like 'pos' if not given. */
    struct source_pos hostname_pos;
    struct source_pos endpoint_pos;
    struct source_pos public_key_pos;
    struct source_pos private_key_pos;
};

/* One entry of extra_hosts.yml: a name for an address on access. */
struct fabric_extra_host {
    ovs_be32 address;           /* Inside access_prefix, unique. */
    char *hostname;             /* FQDN, lower case, unique. */
    struct source_pos pos;      /* Of the address. */
    struct source_pos hostname_pos;
};

/* One entry of extra_wires.yml: an administrator's WireGuard client. */
struct fabric_extra_wire {
    ovs_be32 address;           /* Inside extrawire_prefix, a /32, unique. */
    char *name;                 /* Lower case, unique; NULL if it has none:
                                 * see fabric_extra_wire_format_name(). */
    uint8_t public_key[WGKEY_SIZE];
    struct source_pos pos;      /* Of the address. */
    struct source_pos name_pos; /* Of the values; like 'pos' if not given. */
    struct source_pos public_key_pos;
};

/* The whole configuration.  Arrays are sorted: hosts by id, the others by
 * address.
 *
 * Between parsing and a fabric_check() that finds no error, what could not be
 * read is missing: an id or address of 0, a null hostname, an all-zero key. */
struct fabric {
    struct settings settings;
    struct fabric_host *hosts;
    size_t n_hosts;
    bool has_preshared_secret;  /* The hosts mix preshared keys into their
                                 * sessions, made from... */
    uint8_t preshared_secret[WGKEY_SIZE]; /* ...this, by wgkey_derive_pair();
                                 * zero without one. */
    struct fabric_extra_host *extra_hosts;
    size_t n_extra_hosts;
    struct fabric_extra_wire *extra_wires;
    size_t n_extra_wires;
    struct source_pos setting_pos[SETTING_N]; /* Null file if not given. */
    char *file_names[CONFIG_FILE_N]; /* What positions borrow; or NULL. */
};

/* Sets every member to its default. */
void settings_init(struct settings *);

/* Initializes an empty fabric with default settings. */
void fabric_init(struct fabric *);

/* Frees what 'fabric' owns and wipes the secret keys; not 'fabric' itself. */
void fabric_uninit(struct fabric *);

/* Returns the host with 'id', or NULL.  Borrowed from 'fabric'. */
const struct fabric_host *fabric_find_host(const struct fabric *, uint16_t id);

/* Returns the host with 'hostname' (case does not matter), or NULL. */
const struct fabric_host *fabric_find_hostname(const struct fabric *,
                                               const char *hostname);

/* Returns the client with 'name' (case does not matter), or with the address
 * that 'name' is in text form, with or without "/32"; or NULL. */
const struct fabric_extra_wire *
fabric_find_extra_wire(const struct fabric *, const char *name);

/* Appends what a client is called to 's': its name, or its address. */
void fabric_extra_wire_format_name(const struct fabric_extra_wire *,
                                   struct ds *s);

/* Which host of 'fabric' is the machine that has the 'n_local' addresses
 * 'local' (IPv4 as v4-mapped) and calls itself 'hostname' (an FQDN or its
 * first label; may be NULL)?  The endpoint decides, if it is an address, then
 * the hostname.
 *
 * Returns the host id, with '*why' NULL; or 0 if there is none, or more than
 * one, with '*why' a sentence about it that the caller must free. */
uint16_t fabric_guess_self(const struct fabric *, const struct in6_addr *local,
                           size_t n_local, const char *hostname, char **why)
    OVS_WARN_UNUSED_RESULT;

/* Appends the settings as the text of a mobula.yml and a line for each host,
 * extra host and extra wire to 's'.  Private keys and the preshared secret are
 * not shown, only whether there is one. */
void fabric_format(const struct fabric *, struct ds *s);

/* The same, but without a word on which private keys there are, and with a
 * number that tells one preshared secret from another: equal for all hosts
 * that have the same configuration. */
void fabric_format_public(const struct fabric *, struct ds *s);

/* Sorts the arrays as struct fabric says. */
void fabric_sort(struct fabric *);

#endif /* lib/fabric.h */
