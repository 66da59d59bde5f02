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

/* test-facts: JSON of a peer's database -> facts; the supervisor of programs
 * that stay; a reader of one server.  See tests/ovsctl-facts.at,
 * tests/gateway-supervise.at and tests/ovsctl-facts-peer.at. */

#include <config.h>
#include "tests/mobula-test.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "gateway/supervise.h"
#include "lib/addr.h"
#include "lib/facts.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "ovs-ctl/facts-codec.h"
#include "ovs-ctl/facts-peer.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

static uint16_t parse_uint(const char *);
static bool print_state(const struct facts_peer *, struct ds *last);
static void print_program(const struct supervise *, enum supervise_state);
static void check_facts(const struct facts *, const char *text);
static void print_facts(const struct facts *, const char *ignored);

/* facts-rows PEER MAX-MACS < UPDATES: takes in a line of table updates after
 * the other, and prints the facts after each. */
static void
test_facts_rows(struct ovs_cmdl_context *ctx)
{
    struct facts_limits limits = {
        .peer = parse_uint(ctx->argv[1]),
        .max_macs = parse_uint(ctx->argv[2]),
    };
    struct ds line = DS_EMPTY_INITIALIZER;
    struct facts_rows rows;
    char *error = NULL;

    facts_rows_init(&rows, &limits);
    while (!error && !ds_get_line(&line, stdin)) {
        struct json *json = json_from_string(ds_cstr(&line));
        struct facts facts;
        char *ignored;

        error = facts_rows_update(&rows, json);
        json_destroy(json);
        if (error) {
            printf("refused: %s\n", error);
        } else if (facts_rows_get(&rows, &facts, &ignored)) {
            print_facts(&facts, ignored);
            facts_uninit(&facts);
            free(ignored);
        } else {
            printf("nothing yet\n");
        }
    }
    free(error);
    facts_rows_uninit(&rows);
    ds_destroy(&line);
}

/* facts-numbers LOSS RTT...: prints which of these numbers of a link are worth
 * telling; what is told is what the next ones are compared with. */
static void
test_facts_numbers(struct ovs_cmdl_context *ctx)
{
    struct facts_link told = { .peer = 1 };

    for (int i = 1; i + 1 < ctx->argc; i += 2) {
        struct facts_link link = {
            .peer = 1,
            .loss = parse_uint(ctx->argv[i]),
            .rtt_us = parse_uint(ctx->argv[i + 1]),
        };
        bool same = facts_link_same_numbers(&told, &link);

        printf("%s %s: %s\n", ctx->argv[i], ctx->argv[i + 1],
               i == 1 ? "first" : same ? "the same" : "other");
        if (!same) {
            told = link;
        }
    }
}

/* facts-monitor SCHEMA: prints what is monitored of a schema. */
static void
test_facts_monitor(struct ovs_cmdl_context *ctx)
{
    struct json *schema = json_from_string(ctx->argv[1]);
    struct json *requests;
    char *error = facts_codec_monitor(schema, &requests);

    if (error) {
        printf("refused: %s\n", error);
        free(error);
    } else {
        char *text = json_to_string(requests, JSSF_SORT);

        printf("%s\n", text);
        free(text);
        json_destroy(requests);
    }
    json_destroy(schema);
}

/* facts-fuzz < UPDATES: takes in each line of table updates by itself, and
 * prints how many of them made facts, after looking whether those are
 * valid. */
static void
test_facts_fuzz(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct facts_limits limits = { .peer = 2, .max_macs = 9 };
    struct ds line = DS_EMPTY_INITIALIZER;
    size_t n_lines = 0, n_refused = 0, n_facts = 0;

    while (!ds_get_line(&line, stdin)) {
        struct json *json = json_from_string(ds_cstr(&line));
        struct facts_rows rows;
        struct facts facts;
        char *ignored;
        char *error;

        facts_rows_init(&rows, &limits);
        error = facts_rows_update(&rows, json);
        n_lines++;
        n_refused += error != NULL;
        if (!error && facts_rows_get(&rows, &facts, &ignored)) {
            check_facts(&facts, ds_cstr(&line));
            n_facts++;
            facts_uninit(&facts);
            free(ignored);
        }
        free(error);
        facts_rows_uninit(&rows);
        json_destroy(json);
    }
    printf("%"PRIuSIZE" updates, %s refused, %s believed\n", n_lines,
           n_refused ? "some" : "none", n_facts ? "some" : "none");
    ds_destroy(&line);
}

/* The way to 'peer' changes once, at '*when', to one that is 'known'. */
static void
change_way(struct facts_peer *peer, bool known, long long int *when,
           long long int now)
{
    if (now >= *when) {
        *when = LLONG_MAX;
        if (known) {
            facts_peer_way_changed(peer, now);
        } else {
            facts_peer_set_reached(peer, false, now);
        }
    }
}

/* Complains if the longest round took long, or much memory more than 'before'
 * was needed. */
static void
print_effort(clock_t longest, const struct rusage *before)
{
    struct rusage after;

    getrusage(RUSAGE_SELF, &after);
    if (longest > CLOCKS_PER_SEC / 4) {
        printf("a round took long\n");
    }
    if (after.ru_maxrss - before->ru_maxrss > 64 * 1024) {
        printf("took %ld kB\n", after.ru_maxrss - before->ru_maxrss);
    }
}

/* facts-peer REMOTE MAX-MACS SPEED MS N [CHANGED [unreached]]: reads the
 * server of host 2 at REMOTE for MS ms of a clock that runs SPEED times as
 * fast as others do, or until it has printed N states that it went through.
 * After CHANGED ms of the clock, the way to it changes, or none is known any
 * more.  Says at the end how many MACs there are, whether a round took long,
 * and whether much memory was needed. */
static void
test_facts_peer(struct ovs_cmdl_context *ctx)
{
    struct facts_limits limits = {
        .peer = 2,
        .max_macs = parse_uint(ctx->argv[2]),
    };
    int speed = parse_uint(ctx->argv[3]);
    int n_states = parse_uint(ctx->argv[5]);
    long long int start = time_msec(), now = start;
    long long int end = start + atoi(ctx->argv[4]);
    long long int changed = (ctx->argc > 6
                             ? start + atoi(ctx->argv[6]) : LLONG_MAX);
    struct facts_peer *peer = facts_peer_create(&limits, ctx->argv[1], now);
    struct ds last = DS_EMPTY_INITIALIZER;
    clock_t longest = 0;
    struct rusage before;

    getrusage(RUSAGE_SELF, &before);
    while (now < end && n_states) {
        clock_t begun = clock();

        change_way(peer, ctx->argc <= 7, &changed, now);
        facts_peer_run(peer, now);
        longest = MAX(longest, clock() - begun);
        n_states -= print_state(peer, &last);
        facts_peer_wait(peer, now);
        poll_timer_wait(1);
        poll_block();
        now = start + (time_msec() - start) * speed;
    }
    printf("MACs %"PRIuSIZE"\n", peer->facts.n_macs);
    print_effort(longest, &before);
    facts_peer_destroy(peer);
    ds_destroy(&last);
}

/* supervise-hup PIDFILE PROGRAM: sends it SIGHUP, if it runs. */
static void
test_supervise_hup(struct ovs_cmdl_context *ctx)
{
    struct supervise *sv = supervise_create(&ctx->argv[2], ctx->argv[1]);

    printf("%s\n", supervise_adopt(sv, time_msec()) ? "runs" : "not there");
    supervise_signal(sv, SIGHUP);
    supervise_destroy(sv);
}

/* supervise PIDFILE MS COMMAND...: keeps COMMAND running for MS ms and prints
 * each new state.  SIGTERM and the end of the time make it leave the program
 * alone; "stop" as the first word of COMMAND stops it first. */
static void
test_supervise(struct ovs_cmdl_context *ctx)
{
    long long int end = time_msec() + atoi(ctx->argv[2]);
    bool stop = !strcmp(ctx->argv[3], "stop");
    struct supervise *sv = supervise_create(&ctx->argv[stop ? 4 : 3],
                                            ctx->argv[1]);
    enum supervise_state last = SUPERVISE_IDLE;

    if (stop && supervise_adopt(sv, time_msec())) {
        supervise_stop(sv, time_msec());
        printf("stopping\n");
        last = SUPERVISE_STOPPING;
    }
    do {
        enum supervise_state state = supervise_run(sv, time_msec());

        if (!stop) {
            supervise_start(sv, time_msec());
            state = supervise_run(sv, time_msec());
        }
        if (state != last) {
            print_program(sv, state);
            last = state;
        }
        if (stop && state == SUPERVISE_IDLE) {
            break;
        }
        supervise_wait(sv, time_msec());
        poll_timer_wait_until(end);
        poll_block();
    } while (time_msec() < end);
    supervise_destroy(sv);
}

static uint16_t
parse_uint(const char *s)
{
    unsigned int value;

    if (!str_to_uint(s, 10, &value) || value > UINT16_MAX) {
        ovs_fatal(0, "'%s' is not a number", s);
    }
    return value;
}

/* Prints the state of 'peer' and returns true if it is not 'last'. */
static bool
print_state(const struct facts_peer *peer, struct ds *last)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    bool is_new;

    facts_peer_format(peer, peer->changed_ms, &s);
    is_new = strcmp(ds_cstr(&s), ds_cstr(last));
    if (is_new) {
        printf("%s\n", ds_cstr(&s));
        fflush(stdout);
        ds_clear(last);
        ds_put_cstr(last, ds_cstr(&s));
    }
    ds_destroy(&s);
    return is_new;
}

static void
print_program(const struct supervise *sv, enum supervise_state state)
{
    static const char *const names[] = {
        [SUPERVISE_IDLE] = "idle",
        [SUPERVISE_RUNNING] = "running",
        [SUPERVISE_DOWN] = "down",
        [SUPERVISE_STOPPING] = "stopping",
    };

    printf("%s", names[state]);
    if (state == SUPERVISE_DOWN) {
        printf(": %s", supervise_error(sv));
    }
    printf("\n");
    fflush(stdout);
}

/* Ends the test if 'facts', which came of 'text', are not valid. */
static void
check_facts(const struct facts *facts, const char *text)
{
    bool ok = facts->host_id == 2;

    for (size_t i = 0; i < facts->n_macs; i++) {
        const struct facts_mac *mac = &facts->macs[i];

        ok = ok && mac->vlan <= 4095 && !eth_addr_is_multicast(mac->mac)
             && !eth_addr_is_zero(mac->mac)
             && !eth_addr_equal_except(mac->mac, addr_mac_infra_prefix(),
                                       addr_mac_infra_mask())
             && mac->n_ips <= FACTS_MAX_IPS
             && (!i || facts_mac_compare(mac - 1, mac) < 0);
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        uint16_t peer = facts->links[i].peer;

        ok = ok && peer >= HOST_ID_MIN && peer <= HOST_ID_MAX && peer != 2
             && facts->links[i].loss <= FACTS_MAX_LOSS
             && (!i || peer > facts->links[i - 1].peer);
    }
    if (!ok) {
        ovs_fatal(0, "these were believed: %s", text);
    }
}

static void
print_facts(const struct facts *facts, const char *ignored)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    facts_format(facts, &s);
    fputs(ds_cstr(&s), stdout);
    if (ignored) {
        printf("%s\n", ignored);
    }
    ds_destroy(&s);
}

const struct ovs_cmdl_command test_facts_commands[] = {
    { "facts-rows", NULL, 2, 2, test_facts_rows, OVS_RO },
    { "facts-numbers", NULL, 2, INT_MAX, test_facts_numbers, OVS_RO },
    { "facts-monitor", NULL, 1, 1, test_facts_monitor, OVS_RO },
    { "facts-fuzz", NULL, 0, 0, test_facts_fuzz, OVS_RO },
    { "facts-peer", NULL, 5, 7, test_facts_peer, OVS_RO },
    { "supervise-hup", "PIDFILE PROGRAM", 2, 2, test_supervise_hup, OVS_RO },
    { "supervise", NULL, 3, INT_MAX, test_supervise, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
