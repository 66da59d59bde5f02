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

/* switch-sync: brings a switch to the desired flows.  See switch-sync.h. */

#include <config.h>
#include "tests/switch-sync.h"

#include <stdio.h>
#include <stdlib.h>

#include "flows/flow-table.h"
#include "flows/flows-diff.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "openvswitch/vconn.h"
#include "socket-util.h"
#include "util.h"

static void read_flows(struct vconn *, struct flow_table *);
static void read_groups(struct vconn *, struct flow_table *);
static void read_meters(struct vconn *, struct flow_table *);
static void apply_meters(struct vconn *, const struct flows_plan *,
                         bool removal);
static void apply_bundle(struct vconn *, const struct flows_plan *);

struct vconn *
switch_open(const char *name)
{
    struct vconn *vconn;
    int error;

    error = vconn_open_block(name, 1u << OFP15_VERSION, DSCP_DEFAULT, -1,
                             &vconn);
    if (error) {
        ovs_fatal(error, "%s: connection failed", name);
    }
    return vconn;
}

void
switch_sync(struct vconn *vconn, const struct flow_table *desired,
            struct ds *plan)
{
    struct flow_table actual;
    struct flows_plan fp;

    flow_table_init(&actual);
    read_flows(vconn, &actual);
    read_groups(vconn, &actual);
    read_meters(vconn, &actual);
    flows_plan_init(&fp);
    flows_diff(desired, &actual, &fp);
    if (plan) {
        plan_format(&fp.plan, true, plan);
        plan_format_counts(&fp.plan, plan);
    }
    apply_meters(vconn, &fp, false);
    apply_bundle(vconn, &fp);
    apply_meters(vconn, &fp, true);
    flows_plan_uninit(&fp);
    flow_table_uninit(&actual);
}

static void
read_flows(struct vconn *vconn, struct flow_table *ft)
{
    struct ofputil_flow_stats_request fsr = {
        .match = MATCH_CATCHALL_INITIALIZER,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };
    struct ofputil_flow_stats *fses;
    size_t n;
    int error;

    error = vconn_dump_flows(vconn, &fsr, OFPUTIL_P_OF15_OXM, &fses, &n);
    if (error) {
        ovs_fatal(error, "reading the flows failed");
    }
    for (size_t i = 0; i < n; i++) {
        flow_table_insert(ft, flow_entry_from_stats(&fses[i]));
        free(CONST_CAST(struct ofpact *, fses[i].ofpacts));
    }
    free(fses);
}

static void
read_groups(struct vconn *vconn, struct flow_table *ft)
{
    struct ovs_list requests, replies;
    struct ofpbuf *msg;
    int error;

    msg = ofputil_encode_group_desc_request(OFP15_VERSION, OFPG_ALL);
    ovs_list_init(&requests);
    ovs_list_push_back(&requests, &msg->list_node);
    error = vconn_transact_multipart(vconn, &requests, &replies);
    if (error) {
        ovs_fatal(error, "reading the groups failed");
    }
    LIST_FOR_EACH (msg, list_node, &replies) {
        struct ofputil_group_desc gd;

        while (!(error = ofputil_decode_group_desc_reply(&gd, msg,
                                                         OFP15_VERSION))) {
            flow_table_insert_group(ft, group_entry_from_desc(&gd));
            ofputil_uninit_group_desc(&gd);
        }
        if (error != EOF) {
            ovs_fatal(error, "decoding the groups failed");
        }
    }
    ofpbuf_list_delete(&replies);
}

static void
read_meters(struct vconn *vconn, struct flow_table *ft)
{
    struct ofputil_meter_config config;
    struct ovs_list requests, replies;
    struct ofpbuf bands;
    struct ofpbuf *msg;
    int error;

    msg = ofputil_encode_meter_request(OFP15_VERSION, OFPUTIL_METER_CONFIG,
                                       OFPM13_ALL);
    ovs_list_init(&requests);
    ovs_list_push_back(&requests, &msg->list_node);
    error = vconn_transact_multipart(vconn, &requests, &replies);
    if (error) {
        ovs_fatal(error, "reading the meters failed");
    }
    ofpbuf_init(&bands, 64);
    LIST_FOR_EACH (msg, list_node, &replies) {
        while (!(error = ofputil_decode_meter_config(msg, &config, &bands))) {
            flow_table_insert_meter(ft, meter_entry_from_config(&config));
        }
        if (error != EOF) {
            ovs_fatal(error, "decoding the meters failed");
        }
    }
    ofpbuf_uninit(&bands);
    ofpbuf_list_delete(&replies);
}

/* Sends what a bundle cannot have, as far as it comes before ('removal' is
 * false) or after the bundle. */
static void
apply_meters(struct vconn *vconn, const struct flows_plan *fp, bool removal)
{
    for (size_t i = 0; i < fp->n_ops; i++) {
        const struct flows_op *op = &fp->ops[i];
        struct ofpbuf *reply;

        if (!flows_op_is_bundled(op)
            && (op->kind == FLOWS_OP_METER_DELETE) == removal) {
            vconn_transact_noreply(vconn, flows_op_encode(op), &reply);
            if (reply) {
                char *s = ofp_to_string(reply->data, reply->size, NULL, NULL,
                                        3);

                printf("refused: %s\n", s);
                free(s);
                ofpbuf_delete(reply);
            }
        }
    }
}

static void
apply_bundle(struct vconn *vconn, const struct flows_plan *fp)
{
    struct ovs_list msgs, errors;
    struct ofpbuf *msg;
    int error;

    ovs_list_init(&msgs);
    for (size_t i = 0; i < fp->n_ops; i++) {
        if (flows_op_is_bundled(&fp->ops[i])) {
            ovs_list_push_back(&msgs,
                               &flows_op_encode(&fp->ops[i])->list_node);
        }
    }
    error = vconn_bundle_transact(vconn, &msgs,
                                  OFPBF_ATOMIC | OFPBF_ORDERED, &errors);
    LIST_FOR_EACH (msg, list_node, &errors) {
        char *s = ofp_to_string(msg->data, msg->size, NULL, NULL, 3);

        printf("refused: %s\n", s);
        free(s);
    }
    ofpbuf_list_delete(&errors);
    if (error) {
        ovs_fatal(error, "the bundle failed");
    }
    ofpbuf_list_delete(&msgs);
}
