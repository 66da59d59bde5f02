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

/* test-mac-table: feeds lib/mac-table.c with what happens and prints what it
 * answers; and lets hosts that tell each other late follow machines that move.
 *
 * "mac-table SELF" reads a script from stdin, a step per line, and prints each
 * step with what it changed.  A MAC is a hexadecimal number, which becomes the
 * end of 52:54:00:00:00:00, or written out; "/VLAN" may follow, or "=SEQNO".
 * Numbers of ports and hosts are decimal.
 *
 *     +MS                             time passes
 *     heard MAC PORT, gone MAC        what the switch has learnt
 *     bind MAC IP, unbind IP
 *     complete                        all that was learnt has been heard
 *     restore MAC...                  what this host told once
 *     adopt HOST MAC...               what the switch has flows for
 *     peer HOST MAC[,IP]...           what a peer tells
 *     lose HOST, remove HOST
 *     limit N, exempt MAC LEN         settings */

#include <config.h>
#include "lib/mac-table.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "random.h"
#include "tests/mobula-test.h"
#include "util.h"

/* What was printed last, by kind. */
enum { OWN, REMOTE, HUSHED, BINDINGS, DEADLINE, N_KINDS };

struct script {
    struct mac_table *mt;
    struct settings settings;
    long long int now;
    char *last[N_KINDS];
};

/* Parses MAC[/VLAN][=SEQNO][,IP]... and cuts up 'text'. */
static struct facts_mac
parse_mac(char *text)
{
    struct facts_mac fact = { .vlan = 0 };
    char *ips = strchr(text, ',');
    char *seqno, *vlan, *save = NULL;

    if (ips) {
        *ips++ = '\0';
    }
    seqno = strchr(text, '=');
    if (seqno) {
        *seqno++ = '\0';
        fact.seqno = strtoul(seqno, NULL, 10);
    }
    vlan = strchr(text, '/');
    if (vlan) {
        *vlan++ = '\0';
        fact.vlan = atoi(vlan);
    }
    if (!eth_addr_from_string(text, &fact.mac)) {
        eth_addr_from_uint64(UINT64_C(0x525400000000)
                             | strtoul(text, NULL, 16), &fact.mac);
    }
    for (char *ip = ips ? strtok_r(ips, ",", &save) : NULL; ip;
         ip = strtok_r(NULL, ",", &save)) {
        ovs_be32 ip4;

        ovs_assert(fact.n_ips < FACTS_MAX_IPS);
        if (ip_parse(ip, &ip4)) {
            in6_addr_set_mapped_ipv4(&fact.ips[fact.n_ips++], ip4);
        } else {
            ovs_assert(ipv6_parse(ip, &fact.ips[fact.n_ips++]));
        }
    }
    return fact;
}

/* Parses the rest of the line. */
static struct facts_mac *
parse_macs(char **save, size_t *n)
{
    struct facts_mac *macs = NULL;
    size_t allocated = 0;

    *n = 0;
    for (char *s; (s = strtok_r(NULL, " ", save)); ) {
        if (*n >= allocated) {
            macs = x2nrealloc(macs, &allocated, sizeof *macs);
        }
        macs[(*n)++] = parse_mac(s);
    }
    return macs;
}

static void
put_mac(struct ds *s, uint16_t vlan, struct eth_addr mac)
{
    uint64_t n = eth_addr_to_uint64(mac);

    if (n >> 32 == 0x5254) {
        ds_put_format(s, " %"PRIx64, n & UINT32_MAX);
    } else {
        ds_put_format(s, " "ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    }
    if (vlan) {
        ds_put_format(s, "/%u", vlan);
    }
}

static void
put_owners(struct ds *s, const struct mac_owner *owners, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_mac(s, owners[i].vlan, owners[i].mac);
        ds_put_format(s, "@%u", owners[i].host);
    }
}

/* Prints 's' if it is news, and empties it. */
static void
print_news(struct script *script, int kind, const char *name, struct ds *s)
{
    if (strcmp(ds_cstr(s), script->last[kind] ? script->last[kind] : "")) {
        printf("  %s:%s\n", name, s->length ? ds_cstr(s) : " none");
        free(script->last[kind]);
        script->last[kind] = xstrdup(ds_cstr(s));
    }
    ds_clear(s);
}

static void
print_lists(struct script *script)
{
    static const char *const kinds[] = {
        [MAC_EVENT_MOVED] = "moved",
        [MAC_EVENT_FROZEN] = "frozen",
        [MAC_EVENT_THAWED] = "thawed",
    };
    struct mac_local local;
    struct mac_event event;
    struct ds s = DS_EMPTY_INITIALIZER;

    while (mac_table_next_event(script->mt, &event)) {
        put_mac(&s, event.vlan, event.mac);
        printf("  %s:%s, %u to %u, port %u\n", kinds[event.kind], ds_cstr(&s),
               event.from, event.to, event.ofport);
        ds_clear(&s);
    }
    while (mac_table_next_forget(script->mt, &local)) {
        put_mac(&s, local.vlan, local.mac);
        printf("  forget:%s at port %u\n", ds_cstr(&s), local.ofport);
        ds_clear(&s);
    }
    ds_destroy(&s);
}

static void
print_changes(struct script *script)
{
    struct mac_table *mt = script->mt;
    const struct mac_binding *bindings;
    const struct mac_owner *owners;
    const struct facts_mac *own;
    struct ds s = DS_EMPTY_INITIALIZER;
    size_t n;

    print_lists(script);
    own = mac_table_own(mt, &n);
    for (size_t i = 0; i < n; i++) {
        put_mac(&s, own[i].vlan, own[i].mac);
        ds_put_format(&s, "=%"PRIu32, own[i].seqno);
        for (size_t j = 0; j < own[i].n_ips; j++) {
            ds_put_char(&s, ',');
            ipv6_format_mapped(&own[i].ips[j], &s);
        }
    }
    print_news(script, OWN, "own", &s);
    owners = mac_table_remote(mt, &n);
    put_owners(&s, owners, n);
    print_news(script, REMOTE, "remote", &s);
    owners = mac_table_hushed(mt, &n);
    put_owners(&s, owners, n);
    print_news(script, HUSHED, "hushed", &s);
    bindings = mac_table_bindings(mt, &n);
    for (size_t i = 0; i < n; i++) {
        put_mac(&s, bindings[i].vlan, bindings[i].mac);
        ds_put_char(&s, ',');
        ipv6_format_mapped(&bindings[i].ip, &s);
        ds_put_format(&s, "@%u", bindings[i].host);
    }
    print_news(script, BINDINGS, "bindings", &s);
    if (mac_table_deadline(mt) != LLONG_MAX) {
        ds_put_format(&s, " %lld", mac_table_deadline(mt));
    }
    print_news(script, DEADLINE, "deadline", &s);
    ds_destroy(&s);
}

static bool
step_local(struct script *script, const char *verb, char **save)
{
    struct mac_table *mt = script->mt;
    char *word = strtok_r(NULL, " ", save);
    struct facts_mac fact = parse_mac(word);

    if (!strcmp(verb, "heard")) {
        if (!mac_table_heard(mt, fact.vlan, fact.mac,
                             atoi(strtok_r(NULL, " ", save)), script->now)) {
            printf("  no room\n");
        }
    } else if (!strcmp(verb, "gone")) {
        mac_table_gone(mt, fact.vlan, fact.mac, script->now);
    } else if (!strcmp(verb, "bind") || !strcmp(verb, "unbind")) {
        char *ip = xasprintf("0,%s", verb[0] == 'b'
                             ? strtok_r(NULL, " ", save) : word);
        struct facts_mac address = parse_mac(ip);

        if (verb[0] == 'b') {
            mac_table_bind(mt, fact.vlan, &address.ips[0], fact.mac);
        } else {
            mac_table_unbind(mt, fact.vlan, &address.ips[0]);
        }
        free(ip);
    } else {
        return false;
    }
    return true;
}

static bool
step_remote(struct script *script, const char *verb, char **save)
{
    struct mac_table *mt = script->mt;
    bool ours = !strcmp(verb, "restore");
    int host = ours ? 0 : atoi(strtok_r(NULL, " ", save));
    size_t n;
    struct facts_mac *macs = parse_macs(save, &n);
    bool known = true;

    if (ours) {
        mac_table_restore(mt, macs, n, script->now);
    } else if (!strcmp(verb, "peer")) {
        mac_table_set_peer(mt, host, macs, n, script->now);
    } else if (!strcmp(verb, "adopt")) {
        for (size_t i = 0; i < n; i++) {
            struct mac_owner owner = { macs[i].vlan, macs[i].mac, host };

            mac_table_adopt(mt, &owner, script->now);
        }
    } else if (!strcmp(verb, "lose")) {
        mac_table_lose_peer(mt, host, script->now);
    } else if (!strcmp(verb, "remove")) {
        mac_table_remove_peer(mt, host, script->now);
    } else {
        known = false;
    }
    free(macs);
    return known;
}

static void
step(struct script *script, char *line)
{
    char *save = NULL;
    char *verb = strtok_r(line, " ", &save);

    if (verb[0] == '+') {
        script->now += atoi(verb + 1);
    } else if (!strcmp(verb, "complete")) {
        mac_table_locals_complete(script->mt, script->now);
    } else if (!strcmp(verb, "limit")) {
        script->settings.mac_limit = atoi(strtok_r(NULL, " ", &save));
        mac_table_configure(script->mt, &script->settings);
    } else if (!strcmp(verb, "exempt")) {
        struct mac_prefix *prefix
            = &script->settings.move_exempt[script->settings.n_move_exempt++];

        prefix->mac = parse_mac(strtok_r(NULL, " ", &save)).mac;
        prefix->len = atoi(strtok_r(NULL, " ", &save));
        mac_table_configure(script->mt, &script->settings);
    } else if (!strcmp(verb, "heard") || !strcmp(verb, "gone")
               || !strcmp(verb, "bind") || !strcmp(verb, "unbind")) {
        step_local(script, verb, &save);
    } else if (!step_remote(script, verb, &save)) {
        ovs_fatal(0, "%s: unknown step", verb);
    }
}

static void
test_mac_table(struct ovs_cmdl_context *ctx)
{
    struct script script = { .now = 0 };
    struct ds line = DS_EMPTY_INITIALIZER;

    settings_init(&script.settings);
    script.mt = mac_table_create(atoi(ctx->argv[1]), &script.settings, 0);
    while (!ds_get_line(&line, stdin)) {
        char *copy = ds_steal_cstr(&line);

        printf("%s\n", copy);
        step(&script, copy);
        mac_table_run(script.mt, script.now);
        print_changes(&script);
        free(copy);
    }
    mac_table_destroy(script.mt);
    for (size_t i = 0; i < N_KINDS; i++) {
        free(script.last[i]);
    }
    ds_destroy(&line);
}

/* Fills tables as big as they get, and prints that they are so. */
static void
test_mac_table_big(struct ovs_cmdl_context *ctx)
{
    size_t n = strtoul(ctx->argv[1], NULL, 10);
    struct facts_mac *macs = xcalloc(n, sizeof *macs);
    struct settings settings;
    struct mac_table *mt;
    size_t n_remote;

    settings_init(&settings);
    settings.mac_limit = n;
    mt = mac_table_create(1, &settings, 0);
    for (size_t i = 0; i < n; i++) {
        eth_addr_from_uint64(UINT64_C(0x525400000000) | i, &macs[i].mac);
    }
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < n; i++) {
            macs[i].seqno = round;
        }
        mac_table_set_peer(mt, 2 + round % 2, macs, n, round);
        mac_table_remote(mt, &n_remote);
        printf("%"PRIuSIZE" remote\n", n_remote);
    }
    mac_table_destroy(mt);
    free(macs);
}

/* A network of hosts for the simulation. */
enum { N_HOSTS = 5, N_MACHINES = 8, N_PORTS = 2, SPEAK_MS = 300 };

struct sim_machine {
    struct eth_addr mac;
    int host;                   /* 0..N_HOSTS - 1: where it is. */
    int port;                   /* 1..N_PORTS. */
    long long int speak_ms;     /* When it speaks next. */
};

/* What a host told, on its way to another. */
struct sim_message {
    struct facts_mac *macs;
    size_t n;
    long long int arrive_ms;
    struct sim_message *next;
};

struct sim_host {
    struct mac_table *mt;
    uint64_t told;              /* mac_table_own_seqno() when it last told. */
    int learnt[N_MACHINES];     /* Port in the switch, 0 = not learnt. */
    long long int forget_ms[N_MACHINES]; /* When it goes there; 0 = stays. */
    struct sim_message *queues[N_HOSTS]; /* From each host, in order. */
    long long int last_ms[N_HOSTS]; /* When the last of each arrives. */
};

struct sim {
    long long int now;
    bool thawed;                /* Some MAC may move again since the flag was
                                 * reset. */
    struct sim_host hosts[N_HOSTS];
    struct sim_machine machines[N_MACHINES];
};

static void
sim_speak(struct sim *sim, int m)
{
    struct sim_machine *machine = &sim->machines[m];
    struct sim_host *host = &sim->hosts[machine->host];

    machine->speak_ms = sim->now + SPEAK_MS / 2 + random_range(SPEAK_MS);
    if (host->learnt[m] != machine->port) {
        host->learnt[m] = machine->port;
        mac_table_heard(host->mt, 0, machine->mac, machine->port, sim->now);
    }
}

static void
sim_tell(struct sim *sim, int from)
{
    struct sim_host *host = &sim->hosts[from];
    size_t n;
    const struct facts_mac *macs;

    if (mac_table_own_seqno(host->mt) == host->told) {
        return;
    }
    host->told = mac_table_own_seqno(host->mt);
    macs = mac_table_own(host->mt, &n);
    for (int to = 0; to < N_HOSTS; to++) {
        struct sim_message **p = &sim->hosts[to].queues[from];
        long long int *last_ms = &sim->hosts[to].last_ms[from];

        if (to != from) {
            struct sim_message *msg = xzalloc(sizeof *msg);

            msg->n = n;
            msg->macs = xmemdup(macs, (n ? n : 1) * sizeof *macs);
            *last_ms = MAX(*last_ms, sim->now + 1 + random_range(60));
            msg->arrive_ms = *last_ms;
            while (*p) {
                p = &(*p)->next;
            }
            *p = msg;
        }
    }
}

static void
sim_receive(struct sim *sim, int to)
{
    for (int from = 0; from < N_HOSTS; from++) {
        struct sim_message **queue = &sim->hosts[to].queues[from];

        while (*queue && (*queue)->arrive_ms <= sim->now) {
            struct sim_message *msg = *queue;

            *queue = msg->next;
            mac_table_set_peer(sim->hosts[to].mt, from + 1, msg->macs, msg->n,
                               sim->now);
            free(msg->macs);
            free(msg);
        }
    }
}

/* The switch forgets a little later than it is told to. */
static void
sim_forget(struct sim *sim, struct sim_host *host)
{
    struct mac_local local;

    while (mac_table_next_forget(host->mt, &local)) {
        int m = eth_addr_to_uint64(local.mac) & 0xff;

        host->forget_ms[m] = sim->now + 1 + random_range(10);
    }
    for (int m = 0; m < N_MACHINES; m++) {
        if (host->forget_ms[m] && host->forget_ms[m] <= sim->now) {
            host->forget_ms[m] = 0;
            host->learnt[m] = 0;
            mac_table_gone(host->mt, 0, sim->machines[m].mac, sim->now);
        }
    }
}

static void
sim_run(struct sim *sim, long long int until)
{
    for (; sim->now < until; sim->now++) {
        for (int m = 0; m < N_MACHINES; m++) {
            if (sim->machines[m].speak_ms <= sim->now) {
                sim_speak(sim, m);
            }
        }
        for (int i = 0; i < N_HOSTS; i++) {
            struct mac_event event;

            sim_receive(sim, i);
            sim_forget(sim, &sim->hosts[i]);
            mac_table_run(sim->hosts[i].mt, sim->now);
            sim_tell(sim, i);
            while (mac_table_next_event(sim->hosts[i].mt, &event)) {
                sim->thawed |= event.kind == MAC_EVENT_THAWED;
            }
        }
    }
}

/* Prints who has a machine if a host sees it elsewhere than it is, or than
 * 'first' host does if 'frozen' machines may be elsewhere. */
static int
sim_check(struct sim *sim, int step)
{
    int n_wrong = 0;

    for (int m = 0; m < N_MACHINES; m++) {
        const struct sim_machine *machine = &sim->machines[m];
        bool may_freeze = m % 2;
        int expected = may_freeze ? 0 : machine->host + 1;

        for (int i = 0; i < N_HOSTS; i++) {
            size_t n;
            struct mac_row *rows = mac_table_rows(sim->hosts[i].mt, &n);

            for (size_t j = 0; j < n; j++) {
                if (eth_addr_equals(rows[j].mac, machine->mac)) {
                    if (!expected) {
                        expected = rows[j].host;
                    }
                    if (rows[j].host != expected) {
                        printf("step %d: machine %d is at %d, but host %d "
                               "says %u instead of %d\n", step, m,
                               machine->host + 1, i + 1, rows[j].host,
                               expected);
                        n_wrong++;
                    }
                }
            }
            free(rows);
        }
    }
    return n_wrong;
}

static uint64_t
sim_seqnos(const struct sim *sim)
{
    uint64_t sum = 0;

    for (int i = 0; i < N_HOSTS; i++) {
        sum += mac_table_seqno(sim->hosts[i].mt)
               + mac_table_own_seqno(sim->hosts[i].mt);
    }
    return sum;
}

static void
sim_init(struct sim *sim)
{
    struct settings settings;

    *sim = (struct sim) { .now = 0 };
    settings_init(&settings);
    for (int m = 0; m < N_MACHINES; m++) {
        eth_addr_from_uint64(UINT64_C(0x525400000000) | m,
                             &sim->machines[m].mac);
        sim->machines[m].port = 1;
        if (!(m % 2)) {
            settings.move_exempt[settings.n_move_exempt++]
                = (struct mac_prefix) { sim->machines[m].mac, 48 };
        }
    }
    for (int i = 0; i < N_HOSTS; i++) {
        sim->hosts[i].mt = mac_table_create(i + 1, &settings, 0);
    }
}

static void
sim_uninit(struct sim *sim)
{
    for (int i = 0; i < N_HOSTS; i++) {
        mac_table_destroy(sim->hosts[i].mt);
        for (int j = 0; j < N_HOSTS; j++) {
            while (sim->hosts[i].queues[j]) {
                struct sim_message *msg = sim->hosts[i].queues[j];

                sim->hosts[i].queues[j] = msg->next;
                free(msg->macs);
                free(msg);
            }
        }
    }
}

/* Moves a machine, which says so at once (a gratuitous ARP). */
static void
sim_move(struct sim *sim)
{
    struct sim_machine *machine = &sim->machines[random_range(N_MACHINES)];

    machine->host = random_range(N_HOSTS);
    machine->port = 1 + random_range(N_PORTS);
    machine->speak_ms = sim->now;
}

/* Nothing moves for a while: returns how much is wrong then. */
static int
sim_rest(struct sim *sim, int step)
{
    uint64_t seqnos;
    int n_wrong;

    do {
        sim->thawed = false;
        sim_run(sim, sim->now + 3000);
        seqnos = sim_seqnos(sim);
        sim_run(sim, sim->now + 1000);
    } while (sim->thawed);
    n_wrong = sim_check(sim, step);
    if (seqnos != sim_seqnos(sim)) {
        printf("step %d: something still changes\n", step);
        n_wrong++;
    }
    return n_wrong;
}

/* "mac-table-sim SEED STEPS": every second a machine or two move, and now and
 * then all stay where they are for 3 s.  Then every host must know where they
 * are, and nothing may change any more.  Machines with an odd number can be
 * frozen: there, all hosts must say the same.  The others are exempt. */
static void
test_mac_table_sim(struct ovs_cmdl_context *ctx)
{
    int n_steps = atoi(ctx->argv[2]);
    int n_checks = 0, n_wrong = 0;
    struct sim sim;

    random_set_seed(atoi(ctx->argv[1]));
    sim_init(&sim);
    for (int i = 1; i <= n_steps; i++) {
        for (int j = 0; j < 1 + random_range(2); j++) {
            sim_move(&sim);
        }
        sim_run(&sim, sim.now + 1 + random_range(1000));
        if (!(i % 10)) {
            n_wrong += sim_rest(&sim, i);
            n_checks++;
        }
    }
    printf("%d checks, %d wrong\n", n_checks, n_wrong);
    sim_uninit(&sim);
}

const struct ovs_cmdl_command test_mac_table_commands[] = {
    { "mac-table", "SELF", 1, 1, test_mac_table, OVS_RO },
    { "mac-table-big", "N", 1, 1, test_mac_table_big, OVS_RO },
    { "mac-table-sim", "SEED STEPS", 2, 2, test_mac_table_sim, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
