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

/* external: the interface by which this host reaches the outside, when it is
 * in the gateway's namespace ("external: move").
 *
 *     host namespace                     namespace "mobula"
 *
 *   (ens3 was here) .................... ens3 --------+
 *                                                     +-- mo-ext-gw
 *   veth_ens3 ========================== mo-ext-br ---+   addresses,
 *                                                         routes of ens3
 *
 * mo-ext-gw is a bridge with the MAC address of the interface.  The host's end
 * of the veth pair has no address and answers to nobody: it is there for who
 * wants to give it one.
 *
 * This takes the network card of a server.  So everything that was on the
 * interface is written to a file before anything is touched (struct
 * external_taken); the file goes only when everything is back.  What there is
 * to do is found out by looking, never remembered: each step leaves a state
 * from which the next comparison goes on, whoever is killed when.
 *
 *     external-want.c    settings, file -> what is to be; which interface
 *     external-read.c    the kernel -> struct external_actual
 *     external-diff.c    goal, file, actual -> struct external_plan
 *     external-apply.c   does it
 *     external-state.c   struct external_taken <-> text of the file
 *     external-codec.c   messages of the kernel <-> struct external_object
 *     external-link-codec.c  the same for links, and for questions
 *     external-recover.c  when the file is lost
 *     external-files.c   the file; what tells network managers to stay away
 *
 * Addresses, routes and permanent neighbours are kept as the kernel told them:
 * whatever there is to such an object comes back with it.
 *
 * The links that are made here are not among those of net-state.h: their alias
 * is another one.  When they are there and what they are, is decided here. */

#ifndef MOBULA_EXTERNAL_H
#define MOBULA_EXTERNAL_H 1

#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/plan.h"
#include "net/net-codec.h"
#include "net/net-state.h"
#include "net/nl.h"
#include "openvswitch/compiler.h"
#include "packets.h"

struct ds;
struct net_ctx;
struct nlns;

/* Alias of the links that are made here, and their group number, "moex" in
 * ASCII, which they have from the first moment on. */
#define EXTERNAL_ALIAS "mobula-external"
#define EXTERNAL_GROUP 0x6d6f6578

/* Where the file is. */
#define EXTERNAL_STATE_DIR "/var/lib/mobula"
#define EXTERNAL_STATE_FILE EXTERNAL_STATE_DIR"/external"

/* What can be on an interface. */
enum external_kind {
    EXTERNAL_ADDR,
    EXTERNAL_ROUTE,
    EXTERNAL_NEIGH,             /* Permanent ones only. */
    EXTERNAL_N_KINDS
};

/* An address, route or neighbour. */
struct external_object {
    enum external_kind kind;
    size_t size;                /* Of 'bytes'. */
    uint8_t *bytes;             /* Header of the family and attributes as in a
                                 * message of rtnetlink, without the index of
                                 * the interface; malloc'd. */
};

/* In the order in which they can be added. */
struct external_objects {
    struct external_object *objects;
    size_t n, allocated;
};

/* A number or a text in /proc/sys/net. */
struct external_sysctl {
    const char *dir;            /* "ipv4/conf"... */
    const char *key;            /* "rp_filter"... */
    const char *value;          /* Without the newline. */
};

/* Owns the strings of its elements. */
struct external_sysctls {
    struct external_sysctl *sysctls;
    size_t n, allocated;
};

enum external_phase {
    EXTERNAL_NONE,              /* There is no file. */
    EXTERNAL_TAKEN,             /* The interface is the gateway's, or on its
                                 * way there, or on its way back. */
    EXTERNAL_FAILING,           /* It did not work: on its way back. */
    EXTERNAL_FAILED,            /* It is back; not to be tried again. */
};

/* What the file says. */
struct external_taken {
    enum external_phase phase;
    char name[IFNAMSIZ];        /* Of the interface. */
    bool confirmed;             /* With it in the gateway, the router has
                                 * answered. */
    bool up;                    /* Administratively, when it was taken. */
    uint32_t ifindex;           /* In the host's namespace then. */
    uint32_t mtu;               /* Bytes. */
    struct eth_addr mac;
    char *choice;               /* The setting external_interface then. */
    char *reason;               /* A sentence: why it failed; or NULL. */
    struct external_objects objects;
    struct external_sysctls sysctls;
};

/* One link. */
struct external_link {
    bool exists;
    bool ours;                  /* Made by us. */
    bool up;                    /* Administratively. */
    bool is_kernels;            /* The kernel made it, without being asked to:
                                 * it is not one that could be deleted. */
    char name[IFNAMSIZ];
    char kind[16];              /* IFLA_INFO_KIND, cut off; empty: none. */
    uint16_t type;              /* ARPHRD_*. */
    uint32_t ifindex;
    uint32_t master;            /* Index of the bridge or bond, or 0. */
    uint32_t mtu;
    struct eth_addr mac;
};

/* What there is. */
struct external_actual {
    bool gateway;                   /* The gateway's namespace exists. */
    struct external_link host;      /* The interface, with the host... */
    struct external_link moved;     /* ...in the gateway. */
    struct external_link bridge;    /* LINK_EXT_GW. */
    struct external_link veth;      /* The host's end. */
    struct external_link port;      /* LINK_EXT_PORT. */
    struct external_objects on_host;    /* Of the interface. */
    struct external_objects on_bridge;
    struct external_sysctls host_sysctls; /* Of the interface. */
    struct external_sysctls veth_sysctls;
    struct external_sysctls bridge_sysctls;
    struct external_sysctls namespace_sysctls;  /* Of the gateway. */
};

/* What is to be. */
enum external_goal {
    EXTERNAL_GOAL_KEEP,         /* As it is. */
    EXTERNAL_GOAL_TAKE,         /* Choose an interface, and write the file. */
    EXTERNAL_GOAL_MOVE,         /* The interface of the file is in the
                                 * gateway. */
    EXTERNAL_GOAL_RETURN,       /* It is with the host as it was, and then the
                                 * file goes... */
    EXTERNAL_GOAL_FAIL,         /* ...or remembers that it did not work... */
    EXTERNAL_GOAL_LEND,         /* ...or stays: there is no configuration with
                                 * which a gateway could work, and the host
                                 * must be reached. */
    EXTERNAL_GOAL_FORGET,       /* The file of phase EXTERNAL_FAILED goes. */
};

/* What decides that. */
struct external_want_in {
    const struct external_taken *taken;
    bool teardown;              /* Everything of Mobula's has to go. */
    bool has_config;            /* Otherwise the members below are unknown. */
    bool move;                  /* "external: move". */
    const char *choice;         /* Setting external_interface. */
    bool on_host;               /* The interface of 'taken' is with the host
                                 * now. */
};

enum external_op_type {
    EXTERNAL_OP_ADD_BRIDGE,     /* LINK_EXT_GW, with 'mtu' and 'mac'. */
    EXTERNAL_OP_ADD_PAIR,       /* 'name' and LINK_EXT_PORT, with 'mtu'. */
    EXTERNAL_OP_DEL_LINK,
    EXTERNAL_OP_TO_GATEWAY,     /* 'name' moves from the host's namespace... */
    EXTERNAL_OP_TO_HOST,        /* ...or back, for the index 'ifindex'. */
    EXTERNAL_OP_ENSLAVE,        /* 'name' becomes a port of the bridge. */
    EXTERNAL_OP_UP,
    EXTERNAL_OP_SET_SYSCTL,     /* 'sysctl'. */
    EXTERNAL_OP_ADD_OBJECT,     /* 'object'. */
};

/* One step. */
struct external_op {
    enum external_op_type type;
    enum net_where where;
    char name[IFNAMSIZ];        /* Of the link in question. */
    uint32_t ifindex;           /* EXTERNAL_OP_DEL_LINK: of the link. */
    uint32_t mtu;
    struct eth_addr mac;
    const struct external_object *object;   /* Borrowed from the file. */
    const struct external_sysctl *sysctl;   /* Borrowed, or constant. */
};

struct external_plan {
    struct plan plan;           /* In words. */
    struct external_op *ops;    /* In the order of execution. */
    size_t n_ops, allocated_ops;
    char *waiting;              /* What cannot be done now, a sentence; or
                                 * NULL. */
};

/* external-state.c; pure. */
void external_taken_init(struct external_taken *);
void external_taken_uninit(struct external_taken *);
void external_objects_uninit(struct external_objects *);
void external_sysctls_uninit(struct external_sysctls *);
void external_actual_init(struct external_actual *);
void external_actual_uninit(struct external_actual *);

/* Takes ownership of 'object->bytes'. */
void external_objects_add(struct external_objects *,
                          const struct external_object *object);
void external_sysctls_add(struct external_sysctls *, const char *dir,
                          const char *key, const char *value);

/* Returns the value, or NULL; borrowed. */
const char *external_sysctls_find(const struct external_sysctls *,
                                  const char *dir, const char *key);

/* Writes the name of the host's end of the pair that stands for the interface
 * 'name': "veth_" and as much of it as there is room for. */
void external_veth_name(const char *name, char veth[IFNAMSIZ]);

/* Appends the text of the file. */
void external_taken_format(const struct external_taken *, struct ds *);

/* Parses the text of the file.  Lines of a kind that is not known are skipped.
 * Returns NULL and fills '*ret', which need not be initialized before; or
 * returns a malloc'd sentence about what is wrong. */
char *external_taken_parse(const char *text, struct external_taken *ret)
    OVS_WARN_UNUSED_RESULT;

/* Stores all addresses in '*ret' (IPv4 as v4-mapped), malloc'd, and returns
 * how many there are. */
size_t external_taken_addresses(const struct external_taken *,
                                struct in6_addr **ret);

/* Stores the routers of all default routes, or, if there are none, those of
 * all routes, in '*ret' as above. */
size_t external_taken_routers(const struct external_taken *,
                              struct in6_addr **ret);

/* external-codec.c; pure.  Encoders are as in net-codec.h. */

/* What a message is about. */
enum external_verdict {
    EXTERNAL_TAKES,             /* Something that comes along. */
    EXTERNAL_IGNORES,           /* Another interface, or what the kernel makes
                                 * by itself. */
    EXTERNAL_REFUSES,           /* Something that cannot come along. */
};

/* Judges 'nlh', an address, route or neighbour.  For EXTERNAL_TAKES, fills
 * '*ret', which the caller must free; for EXTERNAL_REFUSES, '*why' becomes a
 * malloc'd sentence.  'ifindex' and 'mac' are those of the interface. */
enum external_verdict external_codec_parse(const struct nlmsghdr *nlh,
                                           uint32_t ifindex,
                                           struct eth_addr mac,
                                           struct external_object *ret,
                                           char **why);

/* Takes the bytes of a file for an object.  Returns false if they are none. */
bool external_codec_check(const struct external_object *);

/* How an object is added. */
enum external_manner {
    EXTERNAL_AS_IT_WAS,
    EXTERNAL_ON_BRIDGE,         /* Not on the interface that it was on. */
    EXTERNAL_YIELDING,          /* A route, with a greater metric. */
};

/* Request that adds 'object' to the interface 'ifindex'. */
struct nlmsghdr *external_codec_add(union net_codec_buffer *,
                                    const struct external_object *object,
                                    uint32_t ifindex, enum external_manner);

/* Asks for all addresses, routes or neighbours of 'family'; for all links. */
struct nlmsghdr *external_codec_dump(union net_codec_buffer *,
                                     enum external_kind, uint8_t family);
struct nlmsghdr *external_codec_dump_links(union net_codec_buffer *);

/* Decoders: the address that is on the interface '*ifindex'; a default route
 * by way of it. */
bool external_codec_parse_carrier(const struct nlmsghdr *, uint32_t *ifindex,
                                  struct in6_addr *address);
bool external_codec_parse_default(const struct nlmsghdr *, uint32_t *ifindex,
                                  uint32_t *metric);

/* Makes the kernel ask for the MAC address of 'router', unless it knows it;
 * and reads from a neighbour who has answered. */
struct nlmsghdr *external_codec_resolve(union net_codec_buffer *,
                                        uint32_t ifindex,
                                        const struct in6_addr *router);
bool external_codec_parse_reached(const struct nlmsghdr *, uint32_t ifindex,
                                  struct in6_addr *address);

/* Returns true if 'a' is the same as 'b', or the one of the two that
 * yields. */
bool external_object_equals(const struct external_object *a,
                            const struct external_object *b);

/* Appends "address 192.0.2.1/24", "route default via 192.0.2.254". */
void external_object_format(const struct external_object *, struct ds *);

/* Returns the address, or for a route its destination, router... (IPv4 as
 * v4-mapped).  False: it has none. */
bool external_object_address(const struct external_object *,
                             struct in6_addr *);
bool external_object_router(const struct external_object *,
                            struct in6_addr *);

/* Returns true if 'object' is a route to everywhere. */
bool external_object_is_default(const struct external_object *);

/* Returns true if 'object' is of IPv6, and, for the second, not for ever: from
 * the advertisement of a router. */
bool external_object_is_ipv6(const struct external_object *);
bool external_object_is_learnt(const struct external_object *);

bool external_codec_parse_link(const struct nlmsghdr *,
                               struct external_link *ret);
struct nlmsghdr *external_codec_new_bridge(union net_codec_buffer *,
                                           const struct external_op *);
struct nlmsghdr *external_codec_new_pair(union net_codec_buffer *,
                                         const struct external_op *,
                                         int gateway_fd);
struct nlmsghdr *external_codec_set_alias(union net_codec_buffer *,
                                          uint32_t ifindex);
struct nlmsghdr *external_codec_enslave(union net_codec_buffer *,
                                        uint32_t ifindex, uint32_t master);
struct nlmsghdr *external_codec_up(union net_codec_buffer *,
                                   uint32_t ifindex);

/* Moves 'ifindex' to the namespace 'ns_fd'; 'wanted', if not 0, is the index
 * that it is to have there. */
struct nlmsghdr *external_codec_move(union net_codec_buffer *,
                                     uint32_t ifindex, int ns_fd,
                                     uint32_t wanted);

/* external-want.c; pure. */
enum external_goal external_want(const struct external_want_in *);

/* Returns NULL if 'link' can be moved, otherwise a malloc'd sentence. */
char *external_refuse(const struct external_link *link)
    OVS_WARN_UNUSED_RESULT;

/* external-diff.c; pure.  Fills '*ret', which need not be initialized before
 * and must not outlive 'taken'.  'goal' is EXTERNAL_GOAL_MOVE,
 * EXTERNAL_GOAL_RETURN, EXTERNAL_GOAL_FAIL or EXTERNAL_GOAL_LEND. */
void external_diff(enum external_goal goal, const struct external_taken *taken,
                   const struct external_actual *actual,
                   struct external_plan *ret);
void external_plan_uninit(struct external_plan *);

/* What of /proc/sys/net matters on the host's end of the pair, on the bridge,
 * and in the gateway's namespace; the end of each has a null 'key'. */
extern const struct net_sysctl_key external_veth_keys[];
extern const struct net_sysctl_key external_bridge_keys[];
extern const struct net_sysctl_key external_namespace_keys[];

/* Appends "move link ens3 to mobula" and the like. */
void external_op_format(const struct external_op *, struct ds *);

/* external-choose.c.

 * Chooses the interface: 'choice' is its name, or "auto": the one that has the
 * address 'endpoint' (all zeros: unknown), else the one of the default route.
 * Reads all that is on it, and fills '*ret' with phase EXTERNAL_TAKEN.
 * Returns 0 or a positive errno with '*error' a malloc'd sentence. */
int external_choose(struct net_ctx *, const char *choice,
                    const struct in6_addr *endpoint,
                    struct external_taken *ret, char **error)
    OVS_WARN_UNUSED_RESULT;

/* external-read.c.  Returns 0 or a positive errno, the first with '*error' a
 * malloc'd sentence. */

/* Reads what matters for 'goal'. */
int external_read(struct net_ctx *, const struct external_taken *,
                  enum external_goal goal, struct external_actual *ret,
                  char **error) OVS_WARN_UNUSED_RESULT;

/* Reads one link; one that does not exist is no error. */
int external_read_link(struct nlns *, const char *name,
                       struct external_link *ret) OVS_WARN_UNUSED_RESULT;

/* Reads all that is on 'link' and can be put on it again, into 'ret', which
 * the caller has initialized.  '*why' becomes a malloc'd sentence if there is
 * something that cannot; the caller has set it to NULL. */
int external_read_objects(struct nlns *, const struct external_link *link,
                          struct external_objects *ret, char **why)
    OVS_WARN_UNUSED_RESULT;

/* Sends the dump request 'nlh', again if that is necessary: before each time,
 * 'reset(aux)' is called. */
int external_dump(struct nlns *, struct nlmsghdr *nlh, nl_message_cb *,
                  void (*reset)(void *aux), void *aux)
    OVS_WARN_UNUSED_RESULT;

/* Returns true if the interface 'name' is in the host's namespace. */
bool external_is_on_host(struct net_ctx *, const char *name);

/* Asks the kernel to find out whether one of the 'n' routers answers on
 * LINK_EXT_GW, and returns true if one has. */
bool external_reaches(struct net_ctx *, const struct in6_addr *routers,
                      size_t n);

/* external-sysctl.c, in the namespace that the thread is in.  The first
 * returns a malloc'd value, without the newline, or NULL if there is none; the
 * second 0 or a positive errno, and writes nothing that is there already. */
char *external_sysctl_get(const char *dir, const char *link, const char *key);
int external_sysctl_set(const struct external_sysctl *, const char *link)
    OVS_WARN_UNUSED_RESULT;

/* external-apply.c.  Goes on after an error, and returns the first one, with
 * '*error' a malloc'd sentence; or 0.  'yield': where a route of the host's is
 * in the way of one that comes back, that gets a greater metric.
 *
 * What /proc/sys/net does not take is logged and no error: no reason to do
 * without the network. */
int external_apply(struct net_ctx *, const struct external_plan *,
                   bool yield, char **error) OVS_WARN_UNUSED_RESULT;

/* external-recover.c.  Works out what was taken from what is in the gateway,
 * for when there is no file that can be read; phase EXTERNAL_NONE: nothing is.
 * Returns 0 or a positive errno with '*error' a malloc'd sentence. */
int external_recover(struct net_ctx *, struct external_taken *ret,
                     char **error) OVS_WARN_UNUSED_RESULT;

/* external-files.c. */

/* Reads EXTERNAL_STATE_FILE.  No file is no error: phase EXTERNAL_NONE.
 * Returns 0 or a positive errno with '*error' a malloc'd sentence. */
int external_load(struct external_taken *ret, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Writes it, onto the disk; phase EXTERNAL_NONE removes it. */
int external_save(const struct external_taken *, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Tells network managers to leave the interface of 'taken' alone, or no
 * longer, by files below /run.  What fails is logged. */
void external_hide(const struct external_taken *, bool hide);

#endif /* net/external.h */
