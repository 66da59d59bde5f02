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

/* test-of-learn: feeds the copy of learnt flows in ovs-ctl/of-learn.c with
 * what happens, a step per argument, and prints what it tells.  A flow is a
 * number N, which becomes the end of a MAC address, and the PORT it leads to.
 *
 *     +N:PORT, -N        the switch tells that it learnt or forgot a flow
 *     begin, read[=N:PORT,...]     all flows are asked for; these are there
 *     delete=N, sent, done         a deletion, its barrier, the answer
 *     disconnected */

#include <config.h>
#include "ovs-ctl/of-learn.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "flows/flow-table.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-monitor.h"
#include "tests/mobula-test.h"
#include "util.h"

static struct flow_entry *
make_flow(int n, int port)
{
    struct flow_entry *entry;
    char *text = xasprintf("cookie=0x6d6f000000000001,table=30,priority=100,"
                           "dl_dst=52:54:00:00:00:%02x actions="
                           "load:%d->NXM_NX_REG0[0..15]", n, port);
    char *error = flow_entry_parse(text, &entry);

    ovs_assert(!error);
    free(text);
    return entry;
}

static void
update(struct of_learn *ol, enum ofp_flow_update_event event, int n, int port)
{
    struct flow_entry *entry = make_flow(n, port);
    struct ofputil_flow_update fu = {
        .event = event,
        .cookie = htonll(entry->cookie),
        .table_id = entry->table_id,
        .priority = entry->priority,
        .ofpacts = entry->ofpacts,
        .ofpacts_len = entry->ofpacts_size,
    };

    minimatch_expand(&entry->match, &fu.match);
    of_learn_update(ol, &fu);
    flow_entry_destroy(entry);
}

static void
read_done(struct of_learn *ol, char *list)
{
    struct flow_table actual;
    char *save = NULL;
    int n, port;

    flow_table_init(&actual);
    for (char *s = strtok_r(list, ",", &save); s;
         s = strtok_r(NULL, ",", &save)) {
        ovs_assert(sscanf(s, "%d:%d", &n, &port) == 2);
        flow_table_insert(&actual, make_flow(n, port));
    }
    of_learn_read_done(ol, &actual);
    flow_table_uninit(&actual);
}

static void
learn_step(struct of_learn *ol, const char *step, uint64_t *barrier)
{
    int n, port;

    if (sscanf(step, "+%d:%d", &n, &port) == 2) {
        update(ol, OFPFME_ADDED, n, port);
    } else if (sscanf(step, "-%d", &n) == 1) {
        update(ol, OFPFME_REMOVED, n, 0);
    } else if (!strcmp(step, "begin")) {
        of_learn_read_begun(ol);
    } else if (!strncmp(step, "read", 4)) {
        char *list = xstrdup(step + 4 + (step[4] == '='));

        read_done(ol, list);
        free(list);
    } else if (sscanf(step, "delete=%d", &n) == 1) {
        struct flow_entry *entry = make_flow(n, 0);

        of_learn_delete_sent(ol, entry);
        flow_entry_destroy(entry);
    } else if (!strcmp(step, "sent")) {
        *barrier = of_learn_barrier_sent(ol);
    } else if (!strcmp(step, "done")) {
        if (of_learn_barrier_done(ol, *barrier)) {
            printf(" doubtful");
        }
    } else if (!strcmp(step, "disconnected")) {
        of_learn_disconnected(ol);
    } else {
        ovs_fatal(0, "%s: unknown step", step);
    }
}

static uint32_t
get_port(const struct flow_entry *entry)
{
    const struct ofpact_set_field *sf = ofpact_get_SET_FIELD(entry->ofpacts);

    return ntohl(sf->value->be32);
}

static void
test_of_learn(struct ovs_cmdl_context *ctx)
{
    struct of_learn *ol = of_learn_create(UINT64_C(1) << 30);
    uint64_t barrier = 0;

    for (int i = 1; i < ctx->argc; i++) {
        const struct flow_entry *entry;
        bool present;

        printf("%s:", ctx->argv[i]);
        learn_step(ol, ctx->argv[i], &barrier);
        while ((entry = of_learn_next(ol, &present)) != NULL) {
            struct match match;

            minimatch_expand(&entry->match, &match);
            printf(" %d", match.flow.dl_dst.ea[5]);
            if (present) {
                printf(" at %"PRIu32, get_port(entry));
            } else {
                printf(" gone");
            }
        }
        printf(" (%"PRIuSIZE"%s)\n", of_learn_count(ol),
               of_learn_is_complete(ol) ? "" : ", incomplete");
    }
    of_learn_destroy(ol);
}

const struct ovs_cmdl_command test_of_learn_commands[] = {
    { "of-learn", "STEP...", 1, INT_MAX, test_of_learn, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
