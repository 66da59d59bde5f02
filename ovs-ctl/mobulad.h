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
 * kind of object that is reconciled has a file sync-*.c and a part here; what
 * these files offer is in sync.h.  What is desired follows from 'fabric',
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
    struct net_out_memory memory; /* What way-out-file.c has of it. */
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
    long long int live_ms;      /* Since when its port counts as live, 0 = it
                                 * does not. */
    bool agreed;                /* It is up, and the peer has not denied it
                                 * since it came up. */
    bool comes_up;              /* It is up at this end, but not agreed. */
    bool works;                 /* It is down, but probes are answered: BFD was
                                 * wrong a moment ago. */
    struct paths_peer ways;     /* As handed to the flows; all 0 = the direct
                                 * link alone. */
    bool detours;               /* The direct link is not what is used for this
                                 * peer now, and another way is. */
    int detect_ms;              /* How long a silent loss of the direct link
                                 * goes unnoticed. */
    long long int changed_ms;   /* When frames to the peer were last given to
                                 * another host than before. */
    long long int lost_ms;      /* Since when no way is known, 0 = one is. */
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
    long long int switch_ms;    /* A link went down: until then the switch is
                                 * left alone; 0: it is not. */
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
    long long int calm_ms;      /* A time at which calm links were probed: at
                                 * multiples from there, all are. */
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

#endif /* ovs-ctl/mobulad.h */
