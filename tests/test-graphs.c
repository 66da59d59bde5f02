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

/* test-graphs: do real switches do what the model says?
 *
 * Loads the flows of random networks into as many bridges of one
 * ovs-vswitchd as there are hosts, sends a frame from each host to each other
 * and one to all, hop by hop with ofproto/trace, and compares where they get
 * with tests/paths-model.c: when all hosts have computed what is true, when
 * BFD has raised false alarms, when something has failed since, and when some
 * have computed again.
 * switch_add_graph() of tests/switch-functions.sh makes the bridges. */

#include <config.h>
#include "tests/paths-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flows/compute.h"
#include "flows/flow-table.h"
#include "flows/flows-input.h"
#include "jsonrpc.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vconn.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "tests/switch-sync.h"
#include "unixctl.h"
#include "util.h"

/* How many bridges there are. */
#define MAX_HOSTS 6

struct bed {
    const char *ctl_path;       /* The socket of ovs-vswitchd. */
    struct jsonrpc *ctl;
    struct vconn *switches[MAX_HOSTS];
    int live[MAX_HOSTS][MAX_HOSTS]; /* What the ports were told last; -1 =
                                     * nothing. */
    struct fabric fabric;       /* Its hosts are those of the network. */
    uint32_t random;            /* State of the generator. */
    const char *what;           /* The state that the network is in. */
    uint32_t seed;              /* Of the network. */
    unsigned int n_frames;
    unsigned int n_relayed;
    unsigned int n_wrong;
};

/* Where a switch sends a frame. */
struct outputs {
    bool here;                  /* To its own access port. */
    size_t n;                   /* Into tunnels. */
    struct {
        size_t to;
        uint32_t vni;
    } copies[MAX_HOSTS + 1];
};

static uint32_t
draw(struct bed *bed, uint32_t n)
{
    bed->random ^= bed->random << 13;
    bed->random ^= bed->random >> 17;
    bed->random ^= bed->random << 5;
    return bed->random % n;
}

/* Returns what ovs-vswitchd answers; the caller must free it.  Arguments that
 * are not needed are NULL. */
static char *
ask(struct jsonrpc *ctl, const char *command, const char *a, const char *b,
    const char *c)
{
    char *args[] = {
        CONST_CAST(char *, a), CONST_CAST(char *, b), CONST_CAST(char *, c)
    };
    char *result, *error_text;
    int error = unixctl_client_transact(ctl, command, !!a + !!b + !!c, args,
                                        &result, &error_text);

    if (error || error_text) {
        ovs_fatal(error, "%s: %s", command, error_text ? error_text : "");
    }
    return result;
}

static struct jsonrpc *
open_ctl(const char *path)
{
    struct jsonrpc *ctl;
    int error = unixctl_client_create(path, &ctl);

    if (error) {
        ovs_fatal(error, "%s: connection failed", path);
    }
    return ctl;
}

/* Waits until ovs-vswitchd acts on what it was told: it accepts a connection
 * only once in each turn of its main loop; the first turn sees that ports have
 * changed, the second makes use of it. */
static void
settle(const struct bed *bed)
{
    for (int i = 0; i < 3; i++) {
        struct jsonrpc *ctl = open_ctl(bed->ctl_path);

        free(ask(ctl, "version", NULL, NULL, NULL));
        jsonrpc_close(ctl);
    }
}

/* The ports of the tunnels are as alive as the links. */
static void
set_live(struct bed *bed, const struct paths_model *model)
{
    for (size_t i = 0; i < model->n; i++) {
        for (size_t j = 0; j < model->n; j++) {
            int live = paths_model_is_live(model, i, j);

            if (i != j && bed->live[i][j] != live) {
                char *port = xasprintf("vx-%"PRIuSIZE"-%"PRIuSIZE,
                                       i + 1, j + 1);

                free(ask(bed->ctl, "bfd/set-forwarding", port,
                         live ? "true" : "false", NULL));
                free(port);
                bed->live[i][j] = live;
            }
        }
    }
    settle(bed);
}

static uint16_t
id_of(const struct paths_model *model, uint16_t place)
{
    return place == PATHS_MODEL_NOBODY ? 0 : model->ids[place];
}

/* Gives host 'self' the flows for its ways in 'model'. */
static void
load(struct bed *bed, const struct paths_model *model, size_t self)
{
    struct flows_port ports[MAX_HOSTS] = {
        { .kind = FLOWS_PORT_HOST, .ofport = OFPORT_FAC, .name = "" }
    };
    struct paths_peer paths[MAX_HOSTS];
    struct flows_input in = {
        .fabric = &bed->fabric, .self = model->ids[self],
        .ports = ports, .n_ports = 1, .paths = paths,
    };
    struct flow_table desired;

    for (size_t j = 0; j < model->n; j++) {
        if (j != self) {
            struct paths_peer *p = &paths[in.n_paths++];

            *p = model->ways[self * model->n + j];
            p->peer = model->ids[j];
            for (size_t k = 0; k < PATHS_N_RELAYS; k++) {
                p->relays[k] = id_of(model, p->relays[k]);
            }
            p->last_resort = id_of(model, p->last_resort);
            for (size_t k = 0; k < PATHS_N_NEXT; k++) {
                p->next[k] = id_of(model, p->next[k]);
            }
            ports[in.n_ports++] = (struct flows_port) {
                .kind = FLOWS_PORT_TUNNEL, .name = "", .peer = p->peer,
                .ofport = addr_tunnel_ofport(p->peer),
            };
        }
    }
    flow_table_init(&desired);
    flows_compute(&in, &desired);
    switch_sync(bed->switches[self], &desired, NULL);
    flow_table_uninit(&desired);
}

/* Which way does host 'at' send the frame that 'flow' describes? */
static void
trace(struct bed *bed, size_t at, const char *flow, struct outputs *ret)
{
    char *bridge = xasprintf("br-%"PRIuSIZE, at + 1);
    char *text = ask(bed->ctl, "ofproto/trace", "--names", bridge, flow);
    char *access = xasprintf("access-%"PRIuSIZE, at + 1);
    char *p = strstr(text, "\nDatapath actions: ");

    if (!p) {
        ovs_fatal(0, "%s: no actions: %s", flow, text);
    }
    *ret = (struct outputs) { .here = strstr(p, access) };
    while ((p = strstr(p, "tnl_push("))) {
        unsigned int from, to;
        uint32_t vni;
        char *dst = strstr(p, ",dst=169.254.");
        char *vxlan = strstr(p, ",vni=");

        if (!dst || !vxlan || ret->n > MAX_HOSTS
            || !ovs_scan(dst, ",dst=169.254.%u.%u", &from, &to)
            || !ovs_scan(vxlan, ",vni=%"SCNx32, &vni) || from != at + 1) {
            ovs_fatal(0, "%s: not understood: %s", flow, text);
        }
        ret->copies[ret->n].to = to - 1;
        ret->copies[ret->n++].vni = vni;
        p = vxlan;
    }
    free(access);
    free(bridge);
    free(text);
}

/* Returns for which host a copy that was sent to host 'to' is. */
static size_t
destination(const struct bed *bed, size_t to, uint32_t vni)
{
    return (vni == bed->fabric.settings.vni ? to
            : vni >> 23 ? (vni & RELAY_VNI_DST_MASK) - 1u : SIZE_MAX);
}

static void
complain(struct bed *bed, size_t src, size_t dst, const char *kind,
         const char *what)
{
    printf("network %"PRIu32", %s, %s from %"PRIuSIZE" to %"PRIuSIZE": %s\n",
           bed->seed, bed->what, kind, src + 1, dst + 1, what);
    bed->n_wrong++;
}

/* One copy of a frame, on its way between two hosts. */
struct walk {
    size_t dst;                 /* Where it belongs. */
    size_t at;                  /* Who has sent it... */
    size_t to;                  /* ...to whom... */
    uint32_t vni;               /* ...with this. */
    const char *kind;           /* Describes it without its port. */
};

/* Takes the copy from 'w->to' to the next.  Returns true if it goes on;
 * otherwise, '*fate' becomes what has become of it. */
static bool
step(struct bed *bed, size_t src, struct walk *w, enum paths_model_fate *fate)
{
    struct outputs outputs;
    char *flow = xasprintf("in_port=%u,tun_id=0x%"PRIx32",%s",
                           addr_tunnel_ofport(w->at + 1), w->vni, w->kind);

    trace(bed, w->to, flow, &outputs);
    free(flow);
    if (outputs.here != (w->to == w->dst) || outputs.n > (w->to != w->dst)) {
        complain(bed, src, w->dst, w->kind,
                 "delivered where it should not be");
    } else if (w->to == w->dst) {
        *fate = PATHS_MODEL_DELIVERED;
    } else if (!outputs.n) {
        *fate = PATHS_MODEL_BACK;
    } else if (outputs.copies[0].vni
               != w->vni - (1u << RELAY_VNI_HOPS_SHIFT)) {
        complain(bed, src, w->dst, w->kind, "the VNI is wrong");
    } else {
        w->at = w->to;
        w->to = outputs.copies[0].to;
        w->vni = outputs.copies[0].vni;
        return true;
    }
    return false;
}

/* Follows a copy from where it was sent first. */
static void
follow(struct bed *bed, const struct paths_model *model, struct walk w,
       struct paths_model_trace *ret)
{
    size_t src = w.at;

    *ret = (struct paths_model_trace) { .n = 1, .hosts = { src } };
    do {
        if (!model->works[w.at * model->n + w.to]) {
            ret->fate = (w.vni & RELAY_VNI_FLAG
                         && !(w.vni & RELAY_VNI_HOPS_MASK)
                         ? PATHS_MODEL_OLD : PATHS_MODEL_LOST);
            return;
        }
        for (size_t i = 0; i < ret->n; i++) {
            ret->looped |= ret->hosts[i] == w.to;
        }
        ret->hosts[ret->n++] = w.to;
    } while (step(bed, src, &w, &ret->fate));
}

static void
compare(struct bed *bed, const struct paths_model *model, const char *kind,
        size_t dst, const struct paths_model_trace *got)
{
    struct paths_model_trace want;
    size_t src = got->hosts[0];

    paths_model_send(model, src, dst, &want);
    bed->n_frames++;
    bed->n_relayed += got->n > 2;
    if (want.fate != got->fate || want.n != got->n
        || want.looped != got->looped
        || memcmp(want.hosts, got->hosts, got->n * sizeof *got->hosts)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&s, "the switches: ");
        paths_model_format_trace(model, got, &s);
        ds_put_cstr(&s, "; the model: ");
        paths_model_format_trace(model, &want, &s);
        complain(bed, src, dst, kind, ds_cstr(&s));
        ds_destroy(&s);
    }
}

/* Sends a frame from 'src' to 'dst', or to all if that is SIZE_MAX: each must
 * be sent one copy. */
static void
send_frame(struct bed *bed, const struct paths_model *model, size_t src,
           size_t dst)
{
    struct eth_addr to = (dst == SIZE_MAX ? eth_addr_broadcast
                          : addr_mac_host(model->ids[dst]));
    struct eth_addr from = addr_mac_host(model->ids[src]);
    char *kind = xasprintf("dl_src="ETH_ADDR_FMT",dl_dst="ETH_ADDR_FMT,
                           ETH_ADDR_ARGS(from), ETH_ADDR_ARGS(to));
    char *flow = xasprintf("in_port=%u,%s", OFPORT_FAC, kind);
    bool seen[MAX_HOSTS] = { [0] = false };
    struct outputs outputs;

    trace(bed, src, flow, &outputs);
    if (outputs.n != (dst == SIZE_MAX ? model->n - 1 : 1) || outputs.here) {
        complain(bed, src, dst, kind, "the number of copies is wrong");
    }
    for (size_t i = 0; i < outputs.n; i++) {
        struct walk w = {
            .at = src, .to = outputs.copies[i].to,
            .vni = outputs.copies[i].vni, .kind = kind,
        };
        struct paths_model_trace got;

        w.dst = destination(bed, w.to, w.vni);
        if (w.dst >= model->n || seen[w.dst] || w.dst == src
            || (dst != SIZE_MAX && w.dst != dst)) {
            complain(bed, src, w.dst, kind, "a copy too many");
            continue;
        }
        seen[w.dst] = true;
        follow(bed, model, w, &got);
        compare(bed, model, kind, w.dst, &got);
    }
    free(flow);
    free(kind);
}

static void
send_all(struct bed *bed, const struct paths_model *model, const char *what)
{
    bed->what = what;
    for (size_t i = 0; i < model->n; i++) {
        for (size_t j = 0; j < model->n; j++) {
            if (i != j) {
                send_frame(bed, model, i, j);
            }
        }
        send_frame(bed, model, i, SIZE_MAX);
    }
}

/* Makes a network of 3 to MAX_HOSTS hosts, as dense as chance has it. */
static void
make_network(struct bed *bed, struct paths_model *model)
{
    uint32_t density = 1 + draw(bed, 6);

    paths_model_init(model, 3 + draw(bed, MAX_HOSTS - 2));
    for (size_t i = 0; i < model->n; i++) {
        model->drained[i] = !draw(bed, 12);
        for (size_t j = 0; j < i; j++) {
            paths_model_set_link(model, i, j,
                                 draw(bed, 7) >= density ? PATHS_COST_NONE
                                 : draw(bed, 4) ? PATHS_COST_GOOD
                                 : PATHS_COST_POOR);
        }
    }
    paths_model_compute(model);
    bed->fabric.n_hosts = model->n;
}

/* A host, a link, a direction of one, or two links fail. */
static void
fail(struct bed *bed, struct paths_model *model)
{
    size_t a = draw(bed, model->n);
    size_t b = (a + 1 + draw(bed, model->n - 1)) % model->n;
    size_t c = (a + 1 + draw(bed, model->n - 1)) % model->n;
    uint32_t kind = draw(bed, 4);

    for (size_t i = 0; i < model->n; i++) {
        bool *to = &model->works[a * model->n + i];
        bool *from = &model->works[i * model->n + a];

        if (!kind || i == b || (i == c && kind == 1)) {
            *to = false;
            *from = *from && kind == 2;
        }
    }
}

/* All links of a host, or some of the network, are said to be down. */
static void
alarm_some(struct bed *bed, struct paths_model *model)
{
    size_t host = draw(bed, 2) ? draw(bed, model->n) : SIZE_MAX;

    for (size_t i = 0; i < model->n; i++) {
        for (size_t j = 0; j < i; j++) {
            bool is = host == SIZE_MAX ? draw(bed, 2) : i == host || j == host;

            model->alarms[i * model->n + j] = is;
            model->alarms[j * model->n + i] = is;
        }
    }
}

/* Some hosts notice what is true, and compute again. */
static void
notice(struct bed *bed, struct paths_model *model)
{
    size_t row = model->n * sizeof *model->ways;
    struct paths_peer *old = xmemdup(model->ways, model->n * row);

    for (size_t i = 0; i < model->n; i++) {
        for (size_t j = 0; j < model->n; j++) {
            if (!model->works[i * model->n + j]) {
                model->costs[i * model->n + j] = PATHS_COST_NONE;
                model->costs[j * model->n + i] = PATHS_COST_NONE;
            }
        }
    }
    paths_model_compute(model);
    for (size_t i = 0; i < model->n; i++) {
        if (draw(bed, 2)) {
            load(bed, model, i);
        } else {
            memcpy(&model->ways[i * model->n], &old[i * model->n], row);
        }
    }
    free(old);
}

static void
try_network(struct bed *bed, uint32_t seed)
{
    struct paths_model model;

    bed->seed = seed;
    bed->random = 2654435761u * (seed + 1) | 1;
    make_network(bed, &model);
    for (size_t i = 0; i < model.n; i++) {
        load(bed, &model, i);
    }
    set_live(bed, &model);
    send_all(bed, &model, "at first");
    alarm_some(bed, &model);
    set_live(bed, &model);
    send_all(bed, &model, "after false alarms");
    memset(model.alarms, 0, model.n * model.n * sizeof *model.alarms);
    fail(bed, &model);
    set_live(bed, &model);
    send_all(bed, &model, "after a failure");
    notice(bed, &model);
    send_all(bed, &model, "while some have noticed");
    paths_model_uninit(&model);
}

static void
make_bed(struct bed *bed, const char *ctl_path)
{
    *bed = (struct bed) {
        .ctl_path = ctl_path, .ctl = open_ctl(ctl_path),
    };
    memset(bed->live, -1, sizeof bed->live);
    settings_init(&bed->fabric.settings);
    bed->fabric.hosts = xcalloc(MAX_HOSTS, sizeof *bed->fabric.hosts);
    for (size_t i = 0; i < MAX_HOSTS; i++) {
        char *name = xasprintf("unix:br-%"PRIuSIZE".mgmt", i + 1);

        bed->switches[i] = switch_open(name);
        bed->fabric.hosts[i].id = i + 1;
        free(name);
    }
}

/* "graphs-trace SOCKET FIRST N": the networks with the seeds from FIRST. */
static void
test_graphs(struct ovs_cmdl_context *ctx)
{
    uint32_t first = atoi(ctx->argv[2]);
    uint32_t n = atoi(ctx->argv[3]);
    struct bed bed;

    make_bed(&bed, ctx->argv[1]);
    for (uint32_t i = 0; i < n; i++) {
        try_network(&bed, first + i);
    }
    for (size_t i = 0; i < MAX_HOSTS; i++) {
        vconn_close(bed.switches[i]);
    }
    jsonrpc_close(bed.ctl);
    free(bed.fabric.hosts);
    fprintf(stderr, "%u frames, %u of them relayed\n",
            bed.n_frames, bed.n_relayed);
    printf("%"PRIu32" networks, %s relayed, %u frames not as in the model\n",
           n, bed.n_relayed ? "frames" : "nothing", bed.n_wrong);
}

const struct ovs_cmdl_command test_graphs_commands[] = {
    { "graphs-trace", "SOCKET FIRST N", 3, 3, test_graphs, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
