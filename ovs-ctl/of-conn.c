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

/* of-conn: rconn, with what is the same for every message. */

#include <config.h>
#include "ovs-ctl/of-conn.h"

#include "dirs.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-connection.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/rconn.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_conn);

/* The switch is on this machine, and what waits for it waits for nothing
 * else: a hung ovs-vswitchd is noticed after two of these. */
#define PROBE_INTERVAL_S 5
#define MAX_BACKOFF_S 1

/* Messages that wait to be sent take no more memory than this (bytes), plus
 * one message. */
#define MAX_TX_BYTES (64 * 1024)

struct of_conn {
    char *bridge;
    struct rconn *rconn;
    struct rconn_packet_counter *tx;
};

struct of_conn *
of_conn_create(const char *bridge)
{
    struct of_conn *conn = xmalloc(sizeof *conn);
    char *target = xasprintf("unix:%s/%s.mgmt", ovs_rundir(), bridge);

    conn->bridge = xstrdup(bridge);
    conn->tx = rconn_packet_counter_create();
    conn->rconn = rconn_create(PROBE_INTERVAL_S, MAX_BACKOFF_S, DSCP_DEFAULT,
                               1u << OF_CONN_VERSION);
    rconn_connect(conn->rconn, target, target);
    free(target);
    return conn;
}

void
of_conn_destroy(struct of_conn *conn)
{
    if (conn) {
        rconn_destroy(conn->rconn);
        rconn_packet_counter_destroy(conn->tx);
        free(conn->bridge);
        free(conn);
    }
}

void
of_conn_run(struct of_conn *conn)
{
    rconn_run(conn->rconn);
}

void
of_conn_wait(struct of_conn *conn)
{
    rconn_run_wait(conn->rconn);
    rconn_recv_wait(conn->rconn);
}

bool
of_conn_is_connected(const struct of_conn *conn)
{
    return rconn_is_connected(conn->rconn);
}

unsigned int
of_conn_seqno(const struct of_conn *conn)
{
    return rconn_get_connection_seqno(conn->rconn);
}

void
of_conn_send(struct of_conn *conn, struct ofpbuf *msg)
{
    /* The only error is ENOTCONN; it frees 'msg' as well. */
    rconn_send(conn->rconn, msg, conn->tx);
}

void
of_conn_send_all(struct of_conn *conn, struct ovs_list *msgs)
{
    struct ofpbuf *msg;

    LIST_FOR_EACH_POP (msg, list_node, msgs) {
        of_conn_send(conn, msg);
    }
}

ovs_be32
of_conn_queue_request(struct ovs_list *msgs, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;

    ofpmsg_update_length(msg);
    ovs_list_push_back(msgs, &msg->list_node);
    return oh->xid;
}

bool
of_conn_is_backlogged(const struct of_conn *conn)
{
    return rconn_packet_counter_n_bytes(conn->tx) > MAX_TX_BYTES;
}

struct ofpbuf *
of_conn_recv(struct of_conn *conn, enum ofptype *typep)
{
    struct ofpbuf *msg;

    while ((msg = rconn_recv(conn->rconn)) != NULL) {
        const struct ofp_header *oh = msg->data;
        enum ofperr error = ofptype_decode(typep, oh);

        if (error) {
            of_conn_reconnect(conn, ofperr_to_string(error));
        } else if (*typep == OFPTYPE_ECHO_REQUEST) {
            of_conn_send(conn, ofputil_encode_echo_reply(oh));
        } else if (*typep != OFPTYPE_ECHO_REPLY) {
            return msg;
        }
        ofpbuf_delete(msg);
    }
    return NULL;
}

void
of_conn_reconnect(struct of_conn *conn, const char *why)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    VLOG_WARN_RL(&rl, "%s: connecting again, because the switch sent a "
                 "message that cannot be understood (%s)", conn->bridge, why);
    rconn_reconnect(conn->rconn);
}
