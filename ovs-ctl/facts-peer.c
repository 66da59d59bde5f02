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

/* facts-peer: reads the database Mobula of one peer.  See facts-peer.h. */

#include <config.h>
#include "ovs-ctl/facts-peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "random.h"
#include "reconnect.h"
#include "stream.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(facts_peer);

/* More than a row of table MAC ever takes, and than all else together, in
 * bytes of JSON. */
#define MAC_ROW_MAX 640
#define OTHER_MAX (4 * 1024 * 1024)

/* Names our monitor in updates. */
#define MONITOR_ID "mobula"

/* Messages that one round takes in at most. */
#define MAX_MESSAGES 64

/* What may wait to be taken by the peer, in bytes: only answers to its "echo"
 * can become many. */
#define BACKLOG_MAX 65536

static void run_fsm(struct facts_peer *, long long int now);
static void send_echo(struct facts_peer *, struct json **id);
static void start_check(struct facts_peer *, long long int now);
static void run_check(struct facts_peer *, long long int now);
static void end_check(struct facts_peer *);
static void start_quick(struct facts_peer *, int quick_ms, long long int now);
static void run_quick(struct facts_peer *, long long int now);
static void start_connecting(struct facts_peer *, long long int now);
static void run_connecting(struct facts_peer *, long long int now);
static void run_session(struct facts_peer *, long long int now);
static char *watch_message(struct facts_peer *, long long int now);
static char *take_message(struct facts_peer *, const struct jsonrpc_msg *,
                          long long int now);
static char *take_reply(struct facts_peer *, const struct jsonrpc_msg *,
                        long long int now);
static char *take_rows(struct facts_peer *, const struct json *);
static void ask(struct facts_peer *, enum facts_peer_stage,
                const char *method, struct json *params, long long int now);
static void make_facts(struct facts_peer *, long long int now);
static void lose(struct facts_peer *, char *why, int error,
                 long long int now);
static void refuse(struct facts_peer *, char *why, long long int now);
static void close_session(struct facts_peer *, int error, long long int now);
static void set_string(char **, char *);

struct facts_peer *
facts_peer_create(const struct facts_limits *limits, const char *remote,
                  long long int now)
{
    struct facts_peer *peer = xzalloc(sizeof *peer);

    peer->id = limits->peer;
    peer->remote = xstrdup(remote);
    peer->limits = *limits;
    peer->reached = true;
    peer->changed_ms = now;
    facts_init(&peer->facts);
    facts_rows_init(&peer->rows, limits);
    peer->fsm = reconnect_create(now);
    reconnect_set_quiet(peer->fsm, true);
    reconnect_set_name(peer->fsm, remote);
    /* All hosts of a network do not come back in the same moment. */
    reconnect_set_backoff(peer->fsm, 750 + random_range(500),
                          FACTS_PEER_BACKOFF_MS);
    reconnect_set_probe_interval(peer->fsm, FACTS_PEER_PROBE_MS);
    reconnect_enable(peer->fsm, now);
    return peer;
}

void
facts_peer_destroy(struct facts_peer *peer)
{
    if (peer) {
        stream_close(peer->stream);
        jsonrpc_close(peer->rpc);
        reconnect_destroy(peer->fsm);
        json_destroy(peer->request_id);
        json_destroy(peer->check_id);
        facts_rows_uninit(&peer->rows);
        facts_uninit(&peer->facts);
        free(peer->remote);
        free(peer->error);
        free(peer->ignored);
        free(peer);
    }
}

void
facts_peer_way_changed(struct facts_peer *peer, long long int now)
{
    if (now < peer->refused_ms) {
        return;
    } else if (!peer->rpc) {
        start_quick(peer, FACTS_PEER_QUICK_MS, now);
    } else {
        start_check(peer, now);
    }
}

void
facts_peer_set_reached(struct facts_peer *peer, bool reached,
                       long long int now)
{
    if (peer->reached != reached) {
        peer->reached = reached;
        peer->doubt_ms = now;
    }
}

size_t
facts_peer_run(struct facts_peer *peer, long long int now)
{
    unsigned int before = peer->seen;

    if (now < peer->refused_ms) {
        return 0;
    }
    if (peer->stream) {
        run_connecting(peer, now);
    }
    if (peer->rpc) {
        run_session(peer, now);
    }
    run_check(peer, now);
    run_quick(peer, now);
    run_fsm(peer, now);
    if (peer->rows_changed && now >= peer->made_ms + FACTS_PEER_PACE_MS) {
        make_facts(peer, now);
    }
    return peer->rpc ? peer->seen - before : 0;
}

void
facts_peer_wait(struct facts_peer *peer, long long int now)
{
    if (now < peer->refused_ms) {
        poll_timer_wait_until(peer->refused_ms);
        return;
    }
    reconnect_wait(peer->fsm, now);
    if (peer->check_id) {
        poll_timer_wait_until(peer->check_ms);
    } else if (peer->rpc && !peer->reached) {
        poll_timer_wait_until(peer->doubt_ms);
    }
    if (peer->quick_ms) {
        poll_timer_wait_until(peer->quick_end_ms);
    }
    if (peer->stream) {
        stream_run_wait(peer->stream);
        stream_connect_wait(peer->stream);
    }
    if (peer->rpc) {
        jsonrpc_wait(peer->rpc);
        jsonrpc_recv_wait(peer->rpc);
        if (peer->await_ms) {
            poll_timer_wait_until(peer->await_ms + FACTS_PEER_MESSAGE_MS);
        }
    }
    if (peer->rows_changed) {
        poll_timer_wait_until(peer->made_ms + FACTS_PEER_PACE_MS);
    }
}

enum facts_peer_state
facts_peer_state(const struct facts_peer *peer)
{
    return (peer->connected ? FACTS_PEER_CONNECTED
            : peer->refused ? FACTS_PEER_REFUSED
            : peer->has_facts ? FACTS_PEER_STALE
            : FACTS_PEER_NEVER);
}

void
facts_peer_format(const struct facts_peer *peer, long long int now,
                  struct ds *s)
{
    long long int age_s = MAX(0, now - peer->changed_ms) / 1000;

    switch (facts_peer_state(peer)) {
    case FACTS_PEER_NEVER:
        ds_put_cstr(s, "never heard");
        break;
    case FACTS_PEER_CONNECTED:
        ds_put_cstr(s, "heard");
        break;
    case FACTS_PEER_STALE:
        ds_put_format(s, "stale for %lld s", age_s);
        break;
    case FACTS_PEER_REFUSED:
        ds_put_cstr(s, "not believed");
        break;
    default:
        OVS_NOT_REACHED();
    }
    if (peer->connected ? peer->ignored : peer->error) {
        ds_put_format(s, ": %s",
                      peer->connected ? peer->ignored : peer->error);
    }
}

/* Does what the time has come for. */
static void
run_fsm(struct facts_peer *peer, long long int now)
{
    switch (reconnect_run(peer->fsm, now)) {
    case RECONNECT_CONNECT:
        start_connecting(peer, now);
        break;
    case RECONNECT_DISCONNECT:
        lose(peer, xstrdup(peer->rpc ? "it has become silent"
                           : "it does not answer"), ETIMEDOUT, now);
        break;
    case RECONNECT_PROBE:
        if (peer->rpc) {
            send_echo(peer, NULL);
        }
        break;
    default:
        break;
    }
}

/* If 'id' is not NULL, '*id' becomes what the answer will be known by, which
 * the caller must free.  To see that the peer is not silent, anything will do
 * that comes back. */
static void
send_echo(struct facts_peer *peer, struct json **id)
{
    jsonrpc_send(peer->rpc,
                 jsonrpc_create_request("echo", json_array_create_empty(),
                                        id));
}

/* Begins to doubt the session, or begins anew. */
static void
start_check(struct facts_peer *peer, long long int now)
{
    end_check(peer);
    send_echo(peer, &peer->check_id);
    peer->check_ms = now + FACTS_PEER_CHECK_MS;
    peer->check_seen = peer->seen;
    peer->doubt_ms = now + FACTS_PEER_DOUBT_MS;
}

/* Gives up a session that does not answer on a new way, or on none.  That
 * something comes in is not enough: perhaps this host hears the peer, but not
 * the other way round.  Then that is soon over, because nothing is
 * acknowledged; otherwise the answer may only have to wait until it is its
 * turn. */
static void
run_check(struct facts_peer *peer, long long int now)
{
    if (!peer->check_id) {
        if (peer->rpc && !peer->reached && now >= peer->doubt_ms) {
            start_check(peer, now);
        }
    } else if (now < peer->check_ms) {
        return;
    } else if (peer->seen != peer->check_seen) {
        peer->check_ms = now + FACTS_PEER_CHECK_MS;
        peer->check_seen = peer->seen;
    } else {
        lose(peer, xstrdup(peer->reached
                           ? "it does not answer since the way to it has "
                             "changed"
                           : "it does not answer, and no way to it is known"),
             ETIMEDOUT, now);
        start_quick(peer, FACTS_PEER_QUICK_MS, now);
    }
}

static void
end_check(struct facts_peer *peer)
{
    json_destroy(peer->check_id);
    peer->check_id = NULL;
}

/* Begins an attempt without a wait, in place of one that is under way, and
 * without a word about that. */
static void
start_quick(struct facts_peer *peer, int quick_ms, long long int now)
{
    stream_close(peer->stream);
    peer->stream = NULL;
    reconnect_disable(peer->fsm, now);
    reconnect_enable(peer->fsm, now);
    peer->quick_ms = quick_ms;
    peer->quick_end_ms = now + quick_ms;
}

/* Gives up a quick attempt that takes too long. */
static void
run_quick(struct facts_peer *peer, long long int now)
{
    if (peer->rpc || !peer->quick_ms || now < peer->quick_end_ms) {
        return;
    }
    if (peer->quick_ms < FACTS_PEER_QUICK_MAX_MS) {
        start_quick(peer, 2 * peer->quick_ms, now);
    } else {
        peer->quick_ms = 0;
    }
}

static void
start_connecting(struct facts_peer *peer, long long int now)
{
    int error = jsonrpc_stream_open(peer->remote, &peer->stream,
                                    DSCP_DEFAULT);

    if (error) {
        peer->stream = NULL;
        lose(peer, xstrdup(ovs_strerror(error)), error, now);
    } else {
        reconnect_connecting(peer->fsm, now);
    }
}

static void
run_connecting(struct facts_peer *peer, long long int now)
{
    int error;

    stream_run(peer->stream);
    error = stream_connect(peer->stream);
    if (!error) {
        reconnect_connected(peer->fsm, now);
        peer->rpc = jsonrpc_open(peer->stream);
        peer->stream = NULL;
        peer->received = peer->seen = 0;
        peer->quick_ms = 0;
        ask(peer, FACTS_STAGE_SCHEMA, "get_schema",
            json_array_create_1(json_string_create(FACTS_DB)), now);
    } else if (error != EAGAIN) {
        lose(peer, xstrdup(ovs_strerror(error)), error, now);
    }
}

/* Takes in what has come, up to a limit. */
static void
run_session(struct facts_peer *peer, long long int now)
{
    unsigned int before = peer->seen;

    jsonrpc_run(peer->rpc);
    for (int i = 0; i < MAX_MESSAGES; i++) {
        struct jsonrpc_msg *msg;
        int error = jsonrpc_recv(peer->rpc, &msg);
        char *bad = NULL;

        peer->seen = jsonrpc_get_received_bytes(peer->rpc);
        if (!error) {
            peer->received = peer->seen;
            peer->await_ms = peer->request_id ? peer->await_ms : 0;
            bad = take_message(peer, msg, now);
            jsonrpc_msg_destroy(msg);
        } else if (error == EAGAIN) {
            bad = watch_message(peer, now);
        } else {
            lose(peer, xstrdup(error == EOF ? "it has closed the connection"
                               : error == EPROTO ? "it talks nonsense"
                               : ovs_strerror(error)), error, now);
            return;
        }
        if (!bad && jsonrpc_get_backlog(peer->rpc) > BACKLOG_MAX) {
            bad = xstrdup("it does not take our answers");
        }
        if (bad) {
            refuse(peer, bad, now);
            return;
        }
        if (error || peer->seen - before >= FACTS_PEER_CHUNK) {
            break;
        }
    }
    reconnect_receive_attempted(peer->fsm, now);
    if (peer->seen != before) {
        reconnect_activity(peer->fsm, now);
    }
}

/* A message is not complete yet: returns a sentence if it is too big or too
 * slow. */
static char *
watch_message(struct facts_peer *peer, long long int now)
{
    size_t max = (size_t) peer->limits.max_macs * MAC_ROW_MAX + OTHER_MAX;

    if (peer->seen != peer->received && !peer->await_ms) {
        peer->await_ms = now;
    }
    return (peer->seen - peer->received > max
            ? xasprintf("a message of more than %"PRIuSIZE" bytes", max)
            : peer->await_ms && now >= peer->await_ms + FACTS_PEER_MESSAGE_MS
            ? xasprintf("a message takes more than %d s to come",
                        FACTS_PEER_MESSAGE_MS / 1000)
            : NULL);
}

/* Returns a sentence on what is wrong with 'msg', or NULL. */
static char *
take_message(struct facts_peer *peer, const struct jsonrpc_msg *msg,
             long long int now)
{
    if (msg->type == JSONRPC_REQUEST) {
        if (!strcmp(msg->method, "echo")) {
            jsonrpc_send(peer->rpc,
                         jsonrpc_create_reply(json_clone(msg->params),
                                              msg->id));
        }
    } else if (msg->type == JSONRPC_NOTIFY) {
        const struct json *params = msg->params;

        if (!strcmp(msg->method, "update")
            && peer->stage == FACTS_STAGE_LISTENING) {
            if (params->type != JSON_ARRAY || params->array.n != 2) {
                return xstrdup("an update is not one");
            }
            return take_rows(peer, params->array.elems[1]);
        }
    } else if (peer->request_id && json_equal(msg->id, peer->request_id)) {
        return take_reply(peer, msg, now);
    } else if (peer->check_id && json_equal(msg->id, peer->check_id)) {
        end_check(peer);
    }
    return NULL;
}

/* Takes the answer to our request. */
static char *
take_reply(struct facts_peer *peer, const struct jsonrpc_msg *msg,
           long long int now)
{
    json_destroy(peer->request_id);
    peer->request_id = NULL;
    peer->await_ms = 0;
    if (msg->type == JSONRPC_ERROR) {
        return xstrdup(peer->stage == FACTS_STAGE_SCHEMA
                       ? "it has no database "FACTS_DB
                       : "it does not let us read its database");
    } else if (peer->stage == FACTS_STAGE_SCHEMA) {
        struct json *requests;
        char *error = facts_codec_monitor(msg->result, &requests);

        if (error) {
            return error;
        }
        ask(peer, FACTS_STAGE_MONITOR, "monitor",
            json_array_create_3(json_string_create(FACTS_DB),
                                json_string_create(MONITOR_ID), requests),
            now);
        return NULL;
    } else {
        peer->stage = FACTS_STAGE_LISTENING;
        return take_rows(peer, msg->result);
    }
}

static char *
take_rows(struct facts_peer *peer, const struct json *updates)
{
    peer->rows_changed = true;
    return facts_rows_update(&peer->rows, updates);
}

/* Sends a request; takes ownership of 'params'. */
static void
ask(struct facts_peer *peer, enum facts_peer_stage stage, const char *method,
    struct json *params, long long int now)
{
    json_destroy(peer->request_id);
    peer->stage = stage;
    peer->await_ms = now;
    jsonrpc_send(peer->rpc, jsonrpc_create_request(method, params,
                                                   &peer->request_id));
}

/* What the rows say becomes what the peer has told. */
static void
make_facts(struct facts_peer *peer, long long int now)
{
    struct facts facts;
    char *ignored;

    peer->rows_changed = false;
    peer->made_ms = now;
    if (!facts_rows_get(&peer->rows, &facts, &ignored)) {
        return;
    }
    set_string(&peer->ignored, ignored);
    if (!peer->connected) {
        VLOG_INFO("facts of host %"PRIu16": heard", peer->id);
        peer->connected = true;
        peer->refused = false;
        peer->changed_ms = now;
        set_string(&peer->error, NULL);
        peer->n_changes++;
    }
    if (!peer->has_facts || !facts_equal(&facts, &peer->facts)) {
        peer->n_changes++;
    }
    facts_uninit(&peer->facts);
    peer->facts = facts;
    peer->has_facts = true;
}

/* There is no connection (any more), which is nobody's fault.  Takes ownership
 * of 'why'; 'error' is an errno or EOF. */
static void
lose(struct facts_peer *peer, char *why, int error, long long int now)
{
    close_session(peer, error, now);
    peer->refused = false;
    if (peer->connected) {
        VLOG_INFO("facts of host %"PRIu16": lost: %s", peer->id, why);
        peer->connected = false;
        peer->changed_ms = now;
        peer->n_changes++;
    }
    set_string(&peer->error, why);
}

/* The peer tells what cannot be.  Takes ownership of 'why'. */
static void
refuse(struct facts_peer *peer, char *why, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    VLOG_WARN_RL(&rl, "facts of host %"PRIu16": not believed: %s", peer->id,
                 why);
    close_session(peer, EPROTO, now);
    peer->refused = true;
    peer->refused_ms = now + FACTS_PEER_REFUSED_MS;
    if (peer->connected) {
        peer->connected = false;
        peer->changed_ms = now;
        peer->n_changes++;
    }
    set_string(&peer->error, why);
}

static void
close_session(struct facts_peer *peer, int error, long long int now)
{
    if (peer->rpc) {
        reconnect_disconnected(peer->fsm, now, error == EOF ? 0 : error);
    } else {
        reconnect_connect_failed(peer->fsm, now, error);
    }
    stream_close(peer->stream);
    peer->stream = NULL;
    jsonrpc_close(peer->rpc);
    peer->rpc = NULL;
    json_destroy(peer->request_id);
    peer->request_id = NULL;
    peer->stage = FACTS_STAGE_AWAY;
    peer->await_ms = 0;
    end_check(peer);
    peer->rows_changed = false;
    facts_rows_uninit(&peer->rows);
    facts_rows_init(&peer->rows, &peer->limits);
}

/* Takes ownership of 'src'. */
static void
set_string(char **dst, char *src)
{
    free(*dst);
    *dst = src;
}
