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

/* sync: what the files sync-*.c offer, each of which keeps one kind of object
 * as desired.
 *
 * All have the same shape: sync_x_init() and sync_x_uninit(); sync_x_run(),
 * which loop.c calls in each round, compares and changes what is due;
 * sync_x_wait() arranges to wake up; sync_x_is_ready() says whether nothing is
 * left to do.  Their state is in struct daemon (mobulad.h). */

#ifndef MOBULA_SYNC_H
#define MOBULA_SYNC_H 1

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "net/net-state.h"
#include "openvswitch/compiler.h"
#include "ovs-ctl/mobulad.h"
#include "packets.h"

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

/* Returns true if BFD says so now. */
bool sync_quality_is_falsely_down(const struct daemon *, uint16_t peer);

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

#endif /* ovs-ctl/sync.h */
