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

/* of-conn: an OpenFlow 1.5 connection to one bridge of the local switch.
 *
 * Connects to the bridge's management socket (a unix socket that ovs-vswitchd
 * always offers; a connection there is no "controller", so that it has no part
 * in fail_mode), connects again when it is lost, answers the switch's probes.
 * What the messages mean is up to of-watch, of-read and of-apply. */

#ifndef MOBULA_OF_CONN_H
#define MOBULA_OF_CONN_H 1

#include <stdbool.h>
#include "openflow/openflow-common.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-protocol.h"

struct ofpbuf;
struct ovs_list;

/* The only version and protocol that is spoken here. */
#define OF_CONN_VERSION OFP15_VERSION
#define OF_CONN_PROTOCOL OFPUTIL_P_OF15_OXM

/* Begins to connect to 'bridge' and never gives up until it is destroyed. */
struct of_conn *of_conn_create(const char *bridge);
void of_conn_destroy(struct of_conn *);

void of_conn_run(struct of_conn *);
void of_conn_wait(struct of_conn *);

/* Returns true if messages can be sent: versions have been agreed. */
bool of_conn_is_connected(const struct of_conn *);

/* Returns a number that changes each time that the connection is made or
 * lost. */
unsigned int of_conn_seqno(const struct of_conn *);

/* Sends 'msg' and takes ownership of it.  Without a connection it is dropped:
 * whoever sees of_conn_seqno() change begins again anyway. */
void of_conn_send(struct of_conn *, struct ofpbuf *msg);

/* The same for a list of messages, which is left empty. */
void of_conn_send_all(struct of_conn *, struct ovs_list *msgs);

/* Completes the request 'msg', appends it to 'msgs' for of_conn_send_all(),
 * and returns the number that its answers will have. */
ovs_be32 of_conn_queue_request(struct ovs_list *msgs, struct ofpbuf *msg);

/* Returns true if so much waits to be sent that the caller should hold back
 * until of_conn_run() has sent some of it. */
bool of_conn_is_backlogged(const struct of_conn *);

/* Returns the next message from the switch and stores its type, or returns
 * NULL if there is none now.  The caller must free it with ofpbuf_delete(). */
struct ofpbuf *of_conn_recv(struct of_conn *, enum ofptype *);

/* Drops the connection, because the switch said something that cannot be
 * ('why', for the log), and connects again. */
void of_conn_reconnect(struct of_conn *, const char *why);

#endif /* ovs-ctl/of-conn.h */
