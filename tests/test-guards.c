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

/* test-guards: feeds the decisions of lib/loop-guard.c and lib/storm-guard.c
 * with what happens, a step per argument ("+MS" lets time pass), and prints
 * what follows from it. */

#include <config.h>
#include "lib/loop-guard.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/storm-guard.h"
#include "tests/mobula-test.h"
#include "util.h"

#define MAX_PORTS 8

/* Reads "5:vm5,6:vm6" into two arrays.  The names are part of 'list'. */
static size_t
parse_ports(char *list, uint16_t ofports[MAX_PORTS],
            const char *names[MAX_PORTS])
{
    char *save = NULL;
    size_t n = 0;

    for (char *item = strtok_r(list, ",", &save); item && n < MAX_PORTS;
         item = strtok_r(NULL, ",", &save)) {
        char *colon = strchr(item, ':');

        ovs_assert(colon);
        *colon = '\0';
        ofports[n] = atoi(item);
        names[n++] = colon + 1;
    }
    return n;
}

static void
loop_set_ports(struct loop_guard *guard, char *list, long long int now)
{
    uint16_t ofports[MAX_PORTS];
    const char *names[MAX_PORTS];
    struct loop_port ports[MAX_PORTS];
    size_t n = parse_ports(list, ofports, names);

    for (size_t i = 0; i < n; i++) {
        ports[i] = (struct loop_port) { ofports[i], names[i] };
    }
    loop_guard_set_ports(guard, ports, n, now);
}

static bool
loop_step(struct loop_guard *guard, char *step, long long int now)
{
    unsigned int a, b, c, vlan;

    if (!strncmp(step, "ports=", 6)) {
        loop_set_ports(guard, step + 6, now);
    } else if (ovs_scan(step, "interval=%u", &a)) {
        loop_guard_set_interval(guard, a);
    } else if (ovs_scan(step, "heard=%u,%u,%u,%u", &a, &b, &c, &vlan)) {
        loop_guard_heard(guard, &(struct loop_heard) { a, b, c, vlan }, true,
                         now);
    } else if (ovs_scan(step, "heard=%u,%u,%u", &a, &b, &c)) {
        loop_guard_heard(guard, &(struct loop_heard) { a, b, c, 0 }, true,
                         now);
    } else if (ovs_scan(step, "lost=%u,%u,%u", &a, &b, &c)) {
        loop_guard_heard(guard, &(struct loop_heard) { a, b, c, 0 }, false,
                         now);
    } else if (ovs_scan(step, "frozen=%u,%u", &a, &b)) {
        loop_guard_frozen(guard, a, b, now);
    } else if (ovs_scan(step, "restore=%u", &a)) {
        loop_guard_restore(guard, a, now);
    } else if (!strncmp(step, "unblock=", 8)) {
        char *error = loop_guard_unblock(guard, step + 8, now);

        if (error) {
            printf("  %s\n", error);
            free(error);
        }
    } else {
        return false;
    }
    return true;
}

/* Prints what has happened at 'now'. */
static void
loop_report(struct loop_guard *guard, long long int now)
{
    struct loop_event event;
    struct loop_row *rows;
    struct loop_probe probe;
    size_t n;

    loop_guard_run(guard, now);
    while (loop_guard_next_event(guard, &event)) {
        if (event.why) {
            printf("  block %s, for %lld: %s\n", event.name, event.hold_ms,
                   event.why);
        } else {
            printf("  open %s\n", event.name);
        }
        free(event.name);
        free(event.why);
    }
    while (loop_guard_next_probe(guard, now, &probe)) {
        printf("  probe %"PRIu16, probe.ofport);
        for (size_t i = 0; i < probe.n_vlans; i++) {
            printf(" vlan %"PRIu16, probe.vlans[i]);
        }
        printf("\n");
    }
    rows = loop_guard_rows(guard, &n);
    for (size_t i = 0; i < n; i++) {
        ovs_assert(loop_guard_is_blocked(guard, rows[i].ofport));
        printf("  blocked %s since %lld until ", rows[i].name,
               rows[i].since_ms);
        if (rows[i].until_ms == LLONG_MAX) {
            printf("it is over\n");
        } else {
            printf("%lld\n", rows[i].until_ms);
        }
    }
    free(rows);
}

static void
test_loop_guard(struct ovs_cmdl_context *ctx)
{
    struct loop_guard *guard = loop_guard_create(2);
    long long int now = 0;

    for (int i = 1; i < ctx->argc; i++) {
        char *step = ctx->argv[i];

        if (step[0] == '+') {
            now += atoi(step + 1);
        }
        printf("%lld %s\n", now, step);
        if (step[0] != '+' && !loop_step(guard, step, now)) {
            ovs_fatal(0, "%s: unknown step", step);
        }
        loop_report(guard, now);
    }
    loop_guard_destroy(guard);
}

static void
storm_set_ports(struct storm_guard *guard, char *list)
{
    uint16_t ofports[MAX_PORTS];
    const char *names[MAX_PORTS];
    struct storm_port ports[MAX_PORTS];
    size_t n = parse_ports(list, ofports, names);

    for (size_t i = 0; i < n; i++) {
        ports[i] = (struct storm_port) { ofports[i], names[i] };
    }
    storm_guard_set_ports(guard, ports, n);
}

static bool
storm_step(struct storm_guard *guard, char *step, long long int now)
{
    unsigned int a, b, c;

    if (!strncmp(step, "ports=", 6)) {
        storm_set_ports(guard, step + 6);
    } else if (ovs_scan(step, "limits=%u,%u", &a, &b)) {
        const uint32_t limits[STORM_N_KINDS] = { a, b };

        storm_guard_set_limits(guard, limits);
    } else if (ovs_scan(step, "learnt=%u,%u,%u", &a, &b, &c)) {
        storm_guard_learnt(guard, a, b, c);
    } else if (ovs_scan(step, "dropped=%u,%u,%u", &a, &b, &c)
               || ovs_scan(step, "flooded=%u,%u,%u", &a, &b, &c)) {
        struct storm_count count = { .ofport = a, .kind = b, .n = c };

        storm_guard_count(guard, &count, 1, step[0] == 'd', now);
    } else {
        return false;
    }
    return true;
}

static void
storm_report(struct storm_guard *guard, long long int now)
{
    struct storm_event event;
    struct storm_row *rows;
    size_t n;

    storm_guard_run(guard, now);
    while (storm_guard_next_event(guard, &event)) {
        if (event.crowded) {
            printf("  %s is crowded\n", event.name);
        } else if (event.muted) {
            printf("  mute %s for %lld: %"PRIu64" %s of %"PRIu32"\n",
                   event.name, event.mute_ms, event.rate,
                   storm_kind_to_string(event.kind), event.limit);
        } else {
            printf("  %s exceeds %"PRIu32" %s\n", event.name, event.limit,
                   storm_kind_to_string(event.kind));
        }
    }
    rows = storm_guard_rows(guard, &n, now);
    for (size_t i = 0; i < n; i++) {
        printf("  %s %s: %"PRIu64" dropped", rows[i].name,
               storm_kind_to_string(rows[i].kind), rows[i].n_dropped);
        if (rows[i].muted_until_ms) {
            ovs_assert(storm_guard_is_muted(guard, rows[i].ofport));
            printf(", muted until %lld", rows[i].muted_until_ms);
        }
        printf("%s\n", rows[i].crowded ? ", crowded" : "");
    }
    free(rows);
}

static void
test_storm_guard(struct ovs_cmdl_context *ctx)
{
    struct storm_guard *guard = storm_guard_create();
    long long int now = 0;

    for (int i = 1; i < ctx->argc; i++) {
        char *step = ctx->argv[i];

        if (step[0] == '+') {
            now += atoi(step + 1);
        }
        printf("%lld %s\n", now, step);
        if (step[0] != '+' && !storm_step(guard, step, now)) {
            ovs_fatal(0, "%s: unknown step", step);
        }
        storm_report(guard, now);
    }
    storm_guard_destroy(guard);
}

const struct ovs_cmdl_command test_guards_commands[] = {
    { "loop-guard", "STEP...", 1, INT_MAX, test_loop_guard, OVS_RO },
    { "storm-guard", "STEP...", 1, INT_MAX, test_storm_guard, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
