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

/* test-mtu: subcommands for lib/mtu and lib/mtu-probe.
 *
 * "mtu-network EVENT...": EVENT is
 *     fixed:MTU  hold:MS            the configuration
 *     own:LINKS[/PATHS]             what this host knows about itself
 *     ID:LINKS[/PATHS]  ID:silent   what peer ID has told, or nothing
 *     before:LINKS/PATHS            used before the start; first
 *     +MS                           time passes
 * Prints the numbers whenever they change, and when it is looked at again.
 *
 * "mtu-probe FULL EVENT...": a path is probed once a second; EVENT is
 *     carries:SIZE                  larger packets vanish from now on
 *     lossy:N                       so does every N-th large packet
 *     cut                           so does everything
 *     full:SIZE                     another full size
 *     pad                           packets are padded to 16 bytes on the path
 *     +MS                           time passes
 * An answer takes 10 ms.  Prints changes of the verdict, and at the end how
 * many packets were sent. */

#include <config.h>
#include "lib/mtu.h"
#include "lib/mtu-probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "util.h"

#define MAX_PEERS 10

/* Returns true and the rest of 'event' if it begins with 'word'. */
static bool
is_event(const char *event, const char *word, const char **rest)
{
    size_t n = strlen(word);

    *rest = event + n;
    return !strncmp(event, word, n);
}

static struct mtu_host
parse_host(const char *s)
{
    const char *slash = strchr(s, '/');

    return (struct mtu_host) { atoi(s), slash ? atoi(slash + 1) : 0 };
}

/* State of test_mtu_network(). */
struct network_test {
    struct mtu_network network;
    struct mtu_network_in in;
    struct mtu_host peers[MAX_PEERS];
    bool spoken[MAX_PEERS], exists[MAX_PEERS];
};

static void
run_network(struct network_test *t, long long int now)
{
    struct mtu_host peers[MAX_PEERS];

    t->in.n_peers = t->in.n_silent = 0;
    t->in.peers = peers;
    for (int i = 0; i < MAX_PEERS; i++) {
        if (t->spoken[i]) {
            peers[t->in.n_peers++] = t->peers[i];
        } else if (t->exists[i]) {
            t->in.n_silent++;
        }
    }
    if (mtu_network_run(&t->network, &t->in, now)) {
        printf("%lld: links %u, paths %u\n", now, t->network.links.now,
               t->network.paths.now);
    }
}

static void
pass_time(struct network_test *t, long long int *now, int ms)
{
    long long int end = *now + ms;

    while (mtu_network_next(&t->network) <= end) {
        *now = MAX(*now, mtu_network_next(&t->network));
        run_network(t, *now);
    }
    *now = end;
}

static void
test_mtu_network(struct ovs_cmdl_context *ctx)
{
    struct network_test t = { .in.hold_ms = 60000 };
    long long int now = 0;

    mtu_network_init(&t.network, 0, 0, now);
    for (int i = 1; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];
        const char *rest;

        if (is_event(event, "+", &rest)) {
            pass_time(&t, &now, atoi(rest));
            continue;
        } else if (is_event(event, "before:", &rest)) {
            struct mtu_host host = parse_host(rest);

            mtu_network_init(&t.network, host.links, host.paths, now);
            continue;
        } else if (is_event(event, "fixed:", &rest)) {
            t.in.fixed = atoi(rest);
        } else if (is_event(event, "hold:", &rest)) {
            t.in.hold_ms = atoi(rest);
        } else if (is_event(event, "own:", &rest)) {
            t.in.own = parse_host(rest);
        } else {
            int id = atoi(event);

            ovs_assert(id >= 0 && id < MAX_PEERS && event[1] == ':');
            t.exists[id] = true;
            t.spoken[id] = strcmp(event + 2, "silent");
            t.peers[id] = parse_host(event + 2);
        }
        run_network(&t, now);
    }
    if (t.network.paths.next) {
        printf("%u at %lld\n", t.network.paths.next,
               t.network.paths.next_ms);
    }
}

/* State of test_mtu_probe(). */
struct probe_test {
    struct mtu_probe probe;
    int carries;                /* Larger packets are lost; 0: all. */
    int lossy;
    bool pad;
    int n_sent, n_large;
    char said[64];              /* Verdict when last printed. */
};

static void
say_verdict(struct probe_test *t, long long int now)
{
    static const char *const verdicts[] = {
        [MTU_VERDICT_UNKNOWN] = "unknown",
        [MTU_VERDICT_OK] = "ok",
        [MTU_VERDICT_LIMITED] = "limited",
        [MTU_VERDICT_SILENT] = "silent",
    };
    bool lower_still;
    uint16_t limit = mtu_probe_limit(&t->probe, &lower_still);
    char text[sizeof t->said];

    snprintf(text, sizeof text, "%s", verdicts[mtu_probe_verdict(&t->probe)]);
    if (limit) {
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s%u",
                 lower_still ? "below " : "", limit);
    }
    if (strcmp(text, t->said)) {
        printf("%lld: %s\n", now, text);
        ovs_strlcpy(t->said, text, sizeof t->said);
    }
}

/* Does a packet come back? */
static bool
survives(struct probe_test *t, int size)
{
    int padded = t->pad ? MIN(ROUND_UP(size, 16), t->probe.full) : size;
    bool lost = padded > t->carries;

    t->n_sent++;
    if (size > MTU_PROBE_SMALL) {
        t->n_large++;
        lost |= t->lossy && !(t->n_large % t->lossy);
    }
    return !lost;
}

static void
run_path(struct probe_test *t, long long int *now, int ms)
{
    long long int end = *now + ms;

    while (mtu_probe_next(&t->probe) <= end) {
        uint16_t seqno, size;

        *now = MAX(*now, mtu_probe_next(&t->probe));
        if (mtu_probe_run(&t->probe, 1000, *now, &seqno, &size)) {
            bool large = survives(t, size);
            bool small = survives(t, MTU_PROBE_SMALL);

            if (large) {
                mtu_probe_answer(&t->probe, seqno, size, *now + 10);
            }
            if (small) {
                mtu_probe_answer(&t->probe, seqno, MTU_PROBE_SMALL,
                                 *now + 10);
            }
        }
        say_verdict(t, *now);
    }
    *now = end;
}

static void
test_mtu_probe(struct ovs_cmdl_context *ctx)
{
    struct probe_test t = { .carries = UINT16_MAX };
    long long int now = 0;

    mtu_probe_init(&t.probe, mtu_wireguard(MTU_MIN), atoi(ctx->argv[1]), now);
    for (int i = 2; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];
        const char *rest;

        if (is_event(event, "+", &rest)) {
            run_path(&t, &now, atoi(rest));
        } else if (is_event(event, "carries:", &rest)) {
            t.carries = atoi(rest);
        } else if (is_event(event, "lossy:", &rest)) {
            t.lossy = atoi(rest);
        } else if (!strcmp(event, "cut")) {
            t.carries = 0;
        } else if (!strcmp(event, "pad")) {
            t.pad = true;
        } else {
            ovs_assert(is_event(event, "full:", &rest));
            mtu_probe_set_full(&t.probe, atoi(rest), now);
        }
    }
    printf("%d packets in %lld ms\n", t.n_sent, now);
}

static void
test_mtu_numbers(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        uint16_t underlay = atoi(ctx->argv[i]);

        printf("%u: WireGuard %u, access %u\n", underlay,
               mtu_wireguard(underlay), mtu_access(underlay));
        ovs_assert(mtu_from_wireguard(mtu_wireguard(underlay)) == underlay);
        ovs_assert(mtu_from_access(mtu_access(underlay)) == underlay);
    }
}

const struct ovs_cmdl_command test_mtu_commands[] = {
    { "mtu-network", NULL, 1, INT_MAX, test_mtu_network, OVS_RO },
    { "mtu-numbers", NULL, 1, INT_MAX, test_mtu_numbers, OVS_RO },
    { "mtu-probe", NULL, 1, INT_MAX, test_mtu_probe, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
