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

/* mobulad: the one struct that mobulad consists of.
 *
 * main.c makes it, loop.c runs it, cmds.c answers questions about it.  Each
 * kind of object that is reconciled has a file sync-*.c and a part here; the
 * parts know nothing of each other.  What is desired follows from 'fabric',
 * 'self' and 'mode' alone. */

#ifndef MOBULA_MOBULAD_H
#define MOBULA_MOBULAD_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "flows/flow-table.h"
#include "lib/bfd-timers.h"
#include "lib/fabric.h"
#include "lib/facts.h"
#include "lib/liveness.h"
#include "lib/mtu.h"
#include "lib/mtu-probe.h"
#include "lib/paths.h"
#include "lib/plan.h"
#include "net/external.h"
#include "net/net-out.h"
#include "net/net-state.h"
#include "ovs-ctl/options.h"
#include "ovs-ctl/ovs-state.h"
#include "ovs-ctl/pace.h"
#include "ovs-ctl/sync-nft.h"
#include "wg/wg-device.h"
#include "wg/wg-spawn.h"

struct config_watch;
struct ds;
struct endpoints;
struct flows_port;
struct loop_guard;
struct quality_sum;
struct resolve;
struct storm_guard;
struct sync_dns;
struct sync_resolve;
struct sync_quality_peer;
struct facts_peers;
struct facts_publish;
struct facts_server;
struct mac_table;
struct net_ctx;
struct net_watch;
struct of_switch;
struct probe_socket;
struct ovsdb_local;
struct ports_bfd;
struct wg_backend;

/* What the daemon is there for. */
enum daemon_mode {
    MODE_RUN,                   /* Make everything as configured. */
    MODE_TEARDOWN,              /* Remove everything that is ours. */
    MODE_TORN_DOWN,             /* That is done. */
};

/* sync-ports.c: bridges and ports in OVSDB. */
struct sync_ports {
    struct ovsdb_local *db;
    struct pace pace;
    unsigned int seqno;         /* Of 'db' when 'actual' was read. */
    struct ovs_state desired;
    struct ovs_state actual;
    struct plan plan;           /* Of the last comparison. */
    bool has_actual;
    bool applying;              /* A transaction of ours was started. */
    bool blocked;               /* Somebody else has what we need. */
};

/* sync-net.c: namespaces, links, addresses, routes, sysctls. */
struct sync_net {
    struct net_ctx *ctx;        /* NULL until opened. */
    struct net_watch *watch;
    struct pace pace;
    struct plan plan;
    char *error;                /* Of the last comparison, or NULL. */
    bool has_plan;
    uint64_t paths_seqno;       /* Of the ways that were looked at. */
    struct net_way_out way_out; /* Of this host, external "share". */
};

/* sync-external.c: the interface to the outside. */
struct sync_external {
    struct external_taken *taken;   /* What the file says. */
    char *damage;               /* Why it cannot be read, or NULL. */
    struct pace pace;
    struct plan plan;           /* Of the last comparison. */
    char *error;                /* Of it, or NULL. */
    enum external_goal goal;
    bool on_host;               /* It is in the host's namespace. */
    bool tried_sysctls;         /* Nothing else was left to do last time. */
    bool retry;                 /* A failure is to be forgotten. */
    long long int deadline_ms;  /* The router has to answer before, 0 = it has,
                                 * or need not... */
    long long int probe_ms;     /* ...and is looked for then. */
    long long int lend_ms;      /* The host gets it if the gateway cannot have
                                 * it before, 0 = it can, or need not. */
};

/* sync-wg.c: the WireGuard device. */
struct sync_wg {
    struct wg_backend *backend; /* NULL until opened. */
    struct wg_spawn *spawn;     /* Userspace only. */
    enum wg_spawn_state spawn_state;
    long long int started_ms;   /* When it was last started. */
    long long int start_ms;     /* It is not started again before. */
    int start_backoff_ms;       /* Grows while it ends soon. */
    struct pace pace;
    struct wg_device applied;   /* Desired when last applied. */
    bool has_applied;
    uint64_t n_applied;         /* Times that something was changed. */
    struct wg_device actual;    /* Last read; for status. */
    struct plan plan;
    char *error;
    bool has_plan;
};

/* Which of our bridges. */
enum sync_bridge_kind {
    SYNC_ACCESS,                /* BRIDGE_ACCESS. */
    SYNC_UNDERLAY,              /* BRIDGE_UNDERLAY, userspace datapath only. */
    SYNC_N_BRIDGES
};

/* sync-flows.c: flows and groups of one bridge. */
struct sync_bridge {
    struct of_switch *sw;       /* NULL while there is no such bridge. */
    struct flow_table desired;
    bool has_desired;           /* It was handed to 'sw'. */
};

struct sync_flows {
    struct sync_bridge bridges[SYNC_N_BRIDGES];
    uint64_t seqno;             /* Number of the last desired tables. */
    unsigned int features_seqno; /* Of the access bridge's of_switch_counts()
                                 * when they were last computed for it. */
    bool has_meters;            /* The access bridge's desired flows use
                                 * meters... */
    uint32_t port_quota;        /* ...and let a port have so many MACs. */
};

/* sync-hello.c: who speaks first. */
struct sync_hello {
    struct probe_socket *socket; /* NULL: cannot be opened. */
    uint64_t n_applied;         /* Of struct sync_wg when peers were last
                                 * greeted. */
};

/* sync-filter.c: what the gateway lets through. */
struct sync_filter {
    struct sync_nft nft;
    bool has_namespace;         /* The gateway's namespace exists, and is... */
    dev_t dev;                  /* ...this one: as in struct nlns. */
    ino_t ino;
};

/* sync-facts.c: what matters of the way to a peer for the session with it. */
struct sync_facts_way {
    uint16_t peer;              /* Host id. */
    bool up;                    /* The direct link works, trusted or not... */
    bool detours;               /* ...and is not what is used, but... */
    uint16_t n_links;           /* ...a way of so many links... */
    uint16_t relay;             /* ...over this host; otherwise both are 0. */
};

/* sync-facts.c: what this host tells the others, and what they tell. */
struct sync_facts {
    struct facts_server *server;    /* Serves the database Mobula. */
    struct facts_publish *publish;  /* Writes to it. */
    struct facts_peers *peers;      /* Read those of the others. */
    struct facts own;               /* What is to be published... */
    uint64_t version;               /* ...which grows as that changes. */
    bool has_macs;                  /* 'own.macs' is known... */
    bool has_drained;               /* ...and so is 'own.drained'... */
    uint64_t links_seqno;           /* ...and, for the configuration of this
                                     * number, 'own.links'. */
    struct facts_link *links;       /* As they are now, sorted; 'own.links'
                                     * are what was told about them. */
    size_t n_links;
    long long int links_ms;         /* New numbers of links whose state stays
                                     * are not told before. */
    char *listen;                   /* Where peers are served, NULL: not while
                                     * this host does not have the address. */
    struct sync_facts_way *ways; /* That sessions know of, sorted by peer. */
    size_t n_ways;
    uint64_t paths_seqno;       /* Of the ways when they were looked at. */
    uint64_t config_seqno;          /* Of the configuration in use. */
    bool up;                        /* 'server' was up in the last round. */
    long long int silent_ms;        /* Since when it is up and does not answer,
                                     * 0 = it is not, or it does. */
    struct plan plan;               /* What is to be done about 'server'. */
    bool has_plan;
};

/* sync-macs.c: which machine is where. */
struct sync_macs_peer {
    uint16_t id;                /* Host id. */
    bool known;                 /* The table has been told... */
    uint64_t seqno;             /* ...what this sync_facts_peer_seqno() was. */
};

struct sync_macs {
    struct mac_table *table;    /* NULL while there is no access bridge. */
    struct of_switch *sw;       /* Borrowed. */
    uint16_t self;              /* Host id that 'table' is for. */
    long long int started_ms;   /* When it was made. */
    long long int now;          /* Of this round. */
    bool adopted;               /* 'table' has what is installed... */
    bool restored;              /* ...what this host published before... */
    bool complete;              /* ...and what the switch had learnt. */
    bool crowded;               /* A MAC found no room in 'table'. */
    uint16_t *ofports;          /* Of the local ports. */
    size_t n_ofports;
    struct sync_macs_peer *peers;
    size_t n_peers;
    unsigned int ports_seqno;   /* Of 'ports' that 'ofports' are of. */
    uint64_t config_seqno;      /* Of the configuration in use. */
    uint64_t facts_seqno;       /* Of what 'table' knows of the peers. */
    uint64_t own_seqno;         /* Of what was published. */
    uint64_t shared_seqno;      /* Of what the flows were computed from. */
    long long int next_flows_ms; /* When they may be computed again. */
};

/* sync-loops.c: storms and loops of guests. */
struct sync_loops {
    struct loop_guard *loop_guard;  /* NULL before the first ports. */
    struct storm_guard *storm_guard;
    uint16_t self;              /* 'loop_guard' is for this host. */
    uint64_t loop_seqno;        /* Of the guards when the flows were... */
    uint64_t storm_seqno;       /* ...last computed. */
    unsigned int counts_seqno;  /* Of the counts that were taken last. */
    long long int next_count_ms; /* When to ask for the next. */
    bool restored;              /* What was blocked before is known. */
};

/* sync-mtu.c: the way to one peer. */
struct sync_mtu_path {
    uint16_t peer;              /* Host id. */
    struct mtu_probe probe;
    uint16_t logged;            /* Limit that the log knows of, 0 = none. */
    long long int limited_ms;   /* Since when large packets are lost, 0 = they
                                 * are not. */
    bool counts;                /* All have to use smaller packets: they are
                                 * lost, and there is no other way. */
};

/* sync-mtu.c: the size of packets. */
struct sync_mtu {
    struct mtu_network network; /* What is in use; numbers are never 0 once
                                 * there is a configuration. */
    struct mtu_host own;        /* What this host told. */
    bool keep_ipv6;             /* The host's access interface has IPv6
                                 * addresses and is kept large enough for
                                 * them, though that is more than passes. */
    struct sync_mtu_path *paths;    /* Sorted by peer. */
    size_t n_paths;
    struct probe_socket *socket;    /* NULL: cannot be opened. */
    uint64_t config_seqno;      /* Of the configuration in use, 0: none. */
    uint64_t facts_seqno;       /* Of the facts that were taken in... */
    uint64_t paths_seqno;       /* ...and of the ways to the peers. */
    bool dirty;                 /* Something may have changed. */
    bool links_dirty;           /* So may the links of the underlay. */
    long long int links_ms;     /* When to look at them again... */
    long long int links_min_ms; /* ...but not before. */
};

/* sync-paths.c: the ways to one peer. */
struct sync_path {
    uint16_t peer;              /* Host id. */
    struct liveness liveness;   /* Of the direct link. */
    struct paths_peer ways;     /* As handed to the flows; all 0 = the direct
                                 * link alone. */
    bool detours;               /* The direct link is not what is used for this
                                 * peer now, and another way is. */
    int detect_ms;              /* How long a silent loss of the direct link
                                 * goes unnoticed. */
    long long int changed_ms;   /* When frames to the peer were last given to
                                 * another host than before. */
    struct bfd_timers_state timers;
    long long int silent_ms;    /* Since when the peer's facts are not heard,
                                 * 0 = they are... */
    long long int forget_ms;    /* ...and when they are no longer believed,
                                 * LLONG_MAX = that is not to come. */
};

/* sync-paths.c: which links work, and which ways follow. */
struct sync_paths {
    struct sync_path *paths;    /* Sorted by peer. */
    size_t n_paths;
    uint64_t seqno;             /* Grows with every change of 'paths'. */
    uint64_t config_seqno;      /* Of the configuration in use, 0: none. */
    bool has_ports;             /* The links are as BFD says... */
    uint64_t ports_seqno;       /* ...in these OpenFlow ports... */
    unsigned int ovsdb_seqno;   /* ...and these rows. */
    uint64_t facts_seqno;       /* Of the facts that were taken in. */
    uint64_t quality_seqno;     /* Of what probes said. */
    bool links_dirty;           /* Others are to be told about the links. */
    bool dirty;                 /* The ways are to be found anew. */
    bool adopted;               /* They are those that the switch has groups
                                 * for. */
    bool known;                 /* Enough is known to find them anew. */
    long long int settle_ms;    /* 'known' is true from then on. */
    long long int unknown_ms;   /* Until then, peers that have not told may
                                 * have before; 0 = that is over. */
    bool has_unknown;           /* There was one when the ways were found. */
};

/* sync-drain.c: whether this host is taken out of the network. */
struct sync_drain {
    bool wanted;                /* The administrator wants it out. */
    bool told;                  /* The others are told so. */
    bool cpath_down;            /* Their switches are, too, by BFD. */
    long long int step_ms;      /* When the second of these follows the
                                 * first. */
};

/* sync-quality.c: how well direct links work. */
struct sync_quality {
    struct sync_quality_peer *peers;    /* Sorted. */
    size_t n_peers;
    size_t turn;                /* Who may send first in the next round. */
    uint64_t seqno;             /* Grows with notable changes of 'peers'. */
    uint64_t config_seqno;      /* Of the configuration in use, 0: none. */
    struct probe_socket *socket;    /* NULL: cannot be opened. */
    long long int tick_ms;      /* When to send and receive again. */
    long long int sums_ms;      /* When to compute 'sum' again. */
};

struct daemon {
    struct daemon_options options;
    enum daemon_mode mode;
    bool exiting;

    struct fabric fabric;
    bool has_fabric;            /* False: nothing is desired yet... */
    bool retry_config;          /* ...and it is worth another try. */
    uint16_t self;              /* Host id of this host. */
    uint64_t config_seqno;      /* Counts accepted configurations. */
    char *config_error;         /* Why the last one was refused, or NULL. */
    char *config_warnings;      /* Of the accepted one, or NULL. */
    struct config_watch *config_watch;  /* NULL: files are not watched. */
    bool userspace_datapath;
    bool userspace_wireguard;

    struct sync_ports ports;
    struct sync_net net;
    struct sync_external external;
    struct sync_wg wg;
    struct sync_flows flows;
    struct sync_loops loops;
    struct sync_nft guard;      /* sync-guard.c: what keeps packets out that
                                 * came past WireGuard. */
    struct sync_filter filter;
    struct sync_dns *dns;
    struct sync_nft share;      /* sync-share.c: the gateway's addresses become
                                 * the host's. */
    struct sync_hello hello;
    struct sync_facts facts;
    struct sync_macs macs;
    struct sync_mtu mtu;
    struct sync_quality quality;
    struct sync_resolve *resolve; /* sync-resolve.c: where peers are that
                                 * have names. */
    struct sync_paths paths;
    struct sync_drain drain;
};

/* mobulad-config.c.  Loads and validates the files; on success makes them the
 * running configuration.  Returns NULL, or a text of one or more lines that
 * the caller must free, with the running configuration untouched. */
char *daemon_reload(struct daemon *) OVS_WARN_UNUSED_RESULT;

/* Returns true, once, when a file has changed and that is a reason to reload.
 * 'now' in ms. */
bool daemon_files_changed(struct daemon *, long long int now);
void daemon_files_wait(const struct daemon *);
void daemon_files_uninit(struct daemon *);

/* Everything that is desired may have changed: compare all again, now. */
void daemon_reset(struct daemon *);

/* True when every comparison says that nothing is to be done. */
bool daemon_is_ready(const struct daemon *);

/* For bsearch() by host id (uint16_t) in an array whose elements begin with
 * theirs, sorted. */
int daemon_compare_peer(const void *id, const void *element);

/* Returns a sentence on what keeps it from being ready, best guess first.
 * Borrowed: valid until the daemon runs on. */
const char *daemon_obstacle(const struct daemon *);

/* sync-*.c: compare and change what is due; then arrange to wake up. */
void sync_ports_init(struct daemon *);
void sync_ports_uninit(struct daemon *);
void sync_ports_run(struct daemon *, long long int now);
void sync_ports_wait(struct daemon *, long long int now);
bool sync_ports_is_ready(const struct daemon *);

void sync_net_init(struct daemon *);
void sync_net_uninit(struct daemon *);
void sync_net_run(struct daemon *, long long int now);
void sync_net_wait(struct daemon *, long long int now);
bool sync_net_is_ready(const struct daemon *);

void sync_external_init(struct daemon *);
void sync_external_uninit(struct daemon *);
void sync_external_run(struct daemon *, long long int now);
void sync_external_wait(struct daemon *, long long int now);
bool sync_external_is_ready(const struct daemon *);

/* Links have changed; or so has the configuration. */
void sync_external_changed(struct daemon *);
void sync_external_reset(struct daemon *);

/* Is the external interface the gateway's, or about to be?  Is it wanted
 * there?  The two differ while it waits, and after it did not work. */
bool sync_external_is_moved(const struct daemon *);
bool sync_external_is_wanted(const struct daemon *);

/* Where WireGuard's socket is to be. */
enum net_where sync_external_where(const struct daemon *);

/* Stores the addresses of an interface that was taken in '*ret', malloc'd, and
 * returns how many they are: they are this host's, wherever they are. */
size_t sync_external_addresses(const struct daemon *, struct in6_addr **ret);

/* Stores the name of the host's link to the Ethernet outside in 'name', and
 * returns true, if there is one. */
bool sync_external_veth(const struct daemon *, char name[IFNAMSIZ]);

/* Forgets that it did not work.  Returns false if there is nothing to
 * forget. */
bool sync_external_retry(struct daemon *);

void sync_wg_init(struct daemon *);
void sync_wg_uninit(struct daemon *);
void sync_wg_reset(struct daemon *);
void sync_wg_run(struct daemon *, long long int now);
void sync_wg_wait(struct daemon *, long long int now);
bool sync_wg_is_ready(const struct daemon *);

void sync_flows_init(struct daemon *);
void sync_flows_uninit(struct daemon *);
void sync_flows_run(struct daemon *, long long int now);
void sync_flows_wait(struct daemon *);
bool sync_flows_is_ready(const struct daemon *);

void sync_loops_init(struct daemon *);
void sync_loops_uninit(struct daemon *);
void sync_loops_run(struct daemon *, long long int now);
void sync_loops_wait(struct daemon *);

/* The 'n' ports of the access bridge are 'ports'; says which of them are
 * blocked or muted.  The names stay the caller's. */
void sync_loops_set_ports(struct daemon *, struct flows_port *ports, size_t n,
                          long long int now);

/* 'entry', of stage loops, is in the switch, or ('present' false) no
 * longer. */
void sync_loops_learnt(struct daemon *, const struct flow_entry *entry,
                       bool present, long long int now);

/* 'mac' was frozen, and was last heard at port 'ofport' (0: at none). */
void sync_loops_frozen(struct daemon *, uint16_t ofport, uint16_t vlan,
                       long long int now);

/* Opens a guest's port.  Returns NULL, or a sentence that the caller must
 * free. */
char *sync_loops_unblock(struct daemon *, const char *name, long long int now)
    OVS_WARN_UNUSED_RESULT;

void sync_guard_init(struct daemon *);
void sync_guard_uninit(struct daemon *);
void sync_guard_run(struct daemon *, long long int now);
void sync_guard_wait(struct daemon *, long long int now);
bool sync_guard_is_ready(const struct daemon *);

void sync_hello_init(struct daemon *);
void sync_hello_uninit(struct daemon *);
void sync_hello_run(struct daemon *);
void sync_hello_wait(struct daemon *);

void sync_filter_init(struct daemon *);
void sync_filter_uninit(struct daemon *);
void sync_filter_run(struct daemon *, long long int now);
void sync_filter_wait(struct daemon *, long long int now);
bool sync_filter_is_ready(const struct daemon *);

/* Returns whether the gateway may forward what comes from the access
 * network. */
enum net_may_forward sync_filter_may_forward(const struct daemon *);

void sync_dns_init(struct daemon *);
void sync_dns_uninit(struct daemon *);

/* What is desired may have changed: compare now. */
void sync_dns_reset(struct daemon *);
void sync_dns_run(struct daemon *, long long int now);
void sync_dns_wait(struct daemon *, long long int now);
bool sync_dns_is_ready(const struct daemon *);

/* Returns what is to be done about the DNS server of the gateway, or NULL if
 * that is not known yet.  Borrowed: valid until the next sync_dns_run(). */
const struct plan *sync_dns_plan(const struct daemon *);

/* Returns a sentence on why names are not answered as they should, or NULL.
 * Borrowed: valid until the next sync_dns_run(). */
const char *sync_dns_error(const struct daemon *);

/* Returns false if dnsmasq is not installed: then that is no error. */
bool sync_dns_is_installed(const struct daemon *);

/* Returns how the server does, such as "runs"; and how many names it knows. */
const char *sync_dns_state(const struct daemon *);
size_t sync_dns_n_names(const struct daemon *);
void sync_share_init(struct daemon *);
void sync_share_uninit(struct daemon *);
void sync_share_run(struct daemon *, long long int now);
void sync_share_wait(struct daemon *, long long int now);
bool sync_share_is_ready(const struct daemon *);

/* Returns whether the host may forward what comes from the gateway to the
 * outside. */
enum net_may_forward sync_share_may_forward(const struct daemon *);

/* Returns why the gateway does not reach the outside through the host though
 * it should, a sentence that the caller must free; or NULL. */
char *sync_share_why_no_way_out(const struct daemon *)
    OVS_WARN_UNUSED_RESULT;

void sync_facts_init(struct daemon *);
void sync_facts_uninit(struct daemon *);
void sync_facts_run(struct daemon *, long long int now);
void sync_facts_wait(struct daemon *, long long int now);
bool sync_facts_is_ready(const struct daemon *);

/* Returns a sentence on why this host cannot tell what it has to, or NULL.
 * Borrowed: valid until the next sync_facts_run(). */
const char *sync_facts_error(const struct daemon *);

/* Makes the 'n' MACs 'macs' (any order; copied) those that this host
 * publishes.  They leave with the next sync_facts_run(), as the difference to
 * what is published.  Until the first call, those that an earlier mobulad of
 * this host published stay published. */
void sync_facts_set_macs(struct daemon *, const struct facts_mac *macs,
                         size_t n);

/* Makes the 'n' links 'links' (any order; copied) those that this host
 * publishes, for the running configuration: to be called again when that has
 * changed, and before the first call those that were published stay.
 *
 * What is up or poor leaves with the next sync_facts_run().  Losses and round
 * trips leave beside it, or alone every ten seconds at most and only if they
 * have changed notably: whoever calls need not care. */
void sync_facts_set_links(struct daemon *, const struct facts_link *links,
                          size_t n);

/* This host is not to be used as a relay.  Until the first call, what an
 * earlier mobulad of this host published stays published. */
void sync_facts_set_drained(struct daemon *, bool drained);

/* Bytes of IP packet that this host can send to every peer, 0 = unknown. */
void sync_facts_set_underlay_mtu(struct daemon *, uint16_t);

/* The same as measured; 0 = no less than the links say. */
void sync_facts_set_path_mtu(struct daemon *, uint16_t);

/* Returns the facts that this host published already when this mobulad came,
 * or NULL if there were none or as long as that is not known: whether it is,
 * says sync_facts_own_ready().  Borrowed: valid until the next
 * sync_facts_run(). */
const struct facts *sync_facts_restored(const struct daemon *);

/* Returns true when what this host published before has been read back. */
bool sync_facts_own_ready(const struct daemon *);

/* Returns what 'peer' told last, valid and of itself alone, or NULL if it has
 * told nothing since we run (or nothing that could be believed).  Stores in
 * '*connected' whether it can be heard now: if not, what is returned is what
 * it told before, and for how long that is taken for true is up to the caller.
 * Borrowed: valid until the next sync_facts_run(). */
const struct facts *sync_facts_peer(const struct daemon *, uint16_t peer,
                                    bool *connected);

/* Returns a number that changes when any peer's facts, or whether it is
 * connected, have changed. */
uint64_t sync_facts_seqno(const struct daemon *);

/* Returns a number that changes when what sync_facts_peer() returns for 'peer'
 * does. */
uint64_t sync_facts_peer_seqno(const struct daemon *, uint16_t peer);

void sync_macs_init(struct daemon *);
void sync_macs_uninit(struct daemon *);
void sync_macs_run(struct daemon *, long long int now);
void sync_macs_wait(struct daemon *);
bool sync_macs_is_ready(const struct daemon *);

/* Returns true when enough is known for the flows to be computed without
 * removing any that are right. */
bool sync_macs_is_known(const struct daemon *);

/* Append "MAC 52:54:00:12:34:56 of VLAN 7"; " at port vnet3 of this host" or
 * " at host 2, b.example". */
void sync_macs_format_mac(uint16_t vlan, struct eth_addr, struct ds *);
void sync_macs_format_place(const struct daemon *, uint16_t host,
                            uint16_t ofport, struct ds *);

/* Returns the name of a port of the access bridge, or NULL.  Borrowed. */
const char *sync_macs_port_name(const struct daemon *, uint16_t ofport);

void sync_mtu_init(struct daemon *);
void sync_mtu_uninit(struct daemon *);
void sync_mtu_run(struct daemon *, long long int now);
void sync_mtu_wait(struct daemon *, long long int now);

/* The underlay may take packets of another size now. */
void sync_mtu_look_again(struct daemon *);

/* Returns what is known about the way to 'peer', or NULL. */
const struct sync_mtu_path *sync_mtu_find_path(const struct daemon *,
                                               uint16_t peer);

void sync_paths_init(struct daemon *);
void sync_paths_uninit(struct daemon *);
void sync_paths_run(struct daemon *, long long int now);
void sync_paths_wait(struct daemon *);

/* Returns the ways to 'peer', or NULL if it is no peer.  Borrowed: valid until
 * the next sync_paths_run(). */
const struct sync_path *sync_paths_find(const struct daemon *, uint16_t peer);

/* Returns a number that grows when anything changes that sync_paths_find()
 * returns. */
uint64_t sync_paths_seqno(const struct daemon *);

/* Returns true when enough is known for the flows to be computed without
 * removing any that are right. */
bool sync_paths_is_known(const struct daemon *);

/* Returns the ways to all peers, and stores their number in '*n'.  The caller
 * must free() the array. */
struct paths_peer *sync_paths_ways(const struct daemon *, size_t *n);

/* Returns the timers of BFD for all peers, and stores their number in '*n'.
 * The caller must free() the array. */
struct ports_bfd *sync_paths_timers(const struct daemon *, size_t *n);

void sync_drain_init(struct daemon *);
void sync_drain_run(struct daemon *, long long int now);
void sync_drain_wait(struct daemon *, long long int now);

/* Takes this host out of the network, or back into it.  Returns NULL, or a
 * sentence that the caller must free. */
char *sync_drain_set(struct daemon *, bool drained) OVS_WARN_UNUSED_RESULT;

/* Returns true if that has been done. */
bool sync_drain_is_done(const struct daemon *);

void sync_quality_init(struct daemon *);
void sync_quality_uninit(struct daemon *);
void sync_quality_run(struct daemon *, long long int now);
void sync_quality_wait(struct daemon *);

/* Returns how well the direct link to 'peer' works (its 'n' is 0 as long as
 * that is not known), or NULL if there is no such peer.  Borrowed: valid until
 * the next sync_quality_run(). */
const struct quality_sum *sync_quality_find(const struct daemon *,
                                            uint16_t peer);

/* Returns how often BFD said that the direct link to 'peer' is down although
 * probes were answered. */
unsigned int sync_quality_n_false_alarms(const struct daemon *, uint16_t peer);

/* Returns why the direct link to 'peer' is not to be used as long as there is
 * another way, as in "it ...", or NULL if it may.  A constant. */
const char *sync_quality_why_poor(const struct daemon *, uint16_t peer);

/* Returns a number that grows when any link becomes poor or well, or when the
 * numbers of any have changed notably. */
uint64_t sync_quality_seqno(const struct daemon *);

void sync_resolve_init(struct daemon *);
void sync_resolve_uninit(struct daemon *);
void sync_resolve_run(struct daemon *, long long int now);
void sync_resolve_wait(struct daemon *);

/* Returns true when each name has been looked up once, found or not. */
bool sync_resolve_is_ready(const struct daemon *);

/* Returns the addresses that names have.  Borrowed: valid until the next
 * sync_resolve_run(). */
const struct endpoints *sync_resolve_found(const struct daemon *);

/* Returns what is known of the name of 'host', or NULL if its endpoint is no
 * name.  Borrowed: valid until the next sync_resolve_run(). */
const struct resolve *sync_resolve_find(const struct daemon *, uint16_t host);

/* Returns the underlay addresses (IPv4 as v4-mapped) of all peers, as far as
 * they are known: configured, found by name, or where WireGuard has heard them
 * last; some may be there twice.  Stores their number in '*n'.  The caller
 * must free() the array. */
struct in6_addr *sync_resolve_remotes(const struct daemon *, size_t *n);

/* Returns the name of a bridge. */
const char *sync_bridge_name(enum sync_bridge_kind);

/* Recomputes the desired flows; called when ports or configuration have
 * changed. */
void sync_flows_update(struct daemon *);

/* cmds.c: registers what mobula-ctl asks for. */
void cmds_register(struct daemon *);

#endif /* ovs-ctl/mobulad.h */
