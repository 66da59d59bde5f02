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

/* stages: THE table of the pipeline: which stages there are, in which
 * OpenFlow table each one is, and who builds it.
 *
 * No other file knows a table number.  To add a stage, add an enumerator, a
 * row to the table in stages.c and a file stage-NAME.c; its rules go into
 * flows/rules.c. */

#ifndef MOBULA_STAGES_H
#define MOBULA_STAGES_H 1

#include <stddef.h>
#include <stdint.h>

struct flow_table;
struct flows_input;

/* The number of a stage is part of the cookies of its flows: never change
 * one, never use one again; they say nothing about the order. */
enum stage_id {
    STAGE_ADMISSION = 1,
    STAGE_RELAY = 2,
    STAGE_ACCESS_IN = 3,
    STAGE_LOCAL_MACS = 4,
    STAGE_TUNNEL_IN = 5,
    STAGE_ANSWERS = 6,
    STAGE_LOOKUP = 7,
    STAGE_FLOOD = 8,
    STAGE_UNDERLAY = 9,
    STAGE_VLAN_IN = 10,
    STAGE_EGRESS = 11,
    STAGE_REMOTE_MACS = 12,
    STAGE_LOOPS = 13,
    STAGE_BINDINGS = 14,
    STAGE_ANSWER = 16,
    STAGE_CLAIMS = 17,
    STAGE_ND_CLAIMS = 18,
    STAGE_TRANSIT = 19,
};

/* Registers: what one stage tells a later one about a frame.  All are 0 when
 * a frame enters the bridge. */
#define REG_DST_PORT "reg0"     /* OpenFlow port of the local destination, 0
                                 * if there is none. */
#define REG_DST_PORT_BITS "NXM_NX_REG0[0..15]"   /* The bits in use of it. */
#define REG_SRC_PEER "reg1"     /* Host id of the peer that the frame came
                                 * from, 0 if it came from a local port,
                                 * SRC_PEER_RELAYED. */
#define REG_SRC_PEER_BITS "NXM_NX_REG1[0..15]"   /* The bits in use of it. */
#define SRC_PEER_RELAYED 0xffff /* From a station at a peer, by relays: which
                                 * peer is not known.  No host id. */

#define REG_SCRATCH "reg2"      /* Inside answer: an IPv4 address. */
#define REG_SCRATCH_BITS "NXM_NX_REG2[]"
#define REG_ANSWER "xreg2"      /* From answers: the MAC that is asked for. */
#define REG_ANSWER_BITS "OXM_OF_PKT_REG2[0..47]"
#define REG_NOTE_MAC "xreg2"    /* In bindings: see flows/learnt.h. */
#define REG_NOTE_MAC_BITS "OXM_OF_PKT_REG2[0..47]"
#define REG_NOTE_CLAIM "xreg3"  /* In bindings: see flows/learnt.h; inside
                                 * answers, the destination MAC. */
#define REG_NOTE_CLAIM_BITS "OXM_OF_PKT_REG3[0..47]"

/* A frame in no VLAN: without a tag, or with one whose VLAN ID is 0. */
#define MATCH_NO_VLAN "vlan_tci=0x0000/0x0fff"

struct stage {
    enum stage_id id;
    const char *name;           /* As printed, e.g. "access-in". */
    const char *bridge;         /* Name of the bridge whose stage it is. */
    uint8_t table_id;           /* OpenFlow table. */

    /* Adds the flows of the stage.  The input is normalized.  NULL if the
     * switch itself fills the stage, or if its input is not a flows_input. */
    void (*build)(const struct flows_input *, struct flow_table *);

    const char *doc;            /* What the stage does: a sentence. */
};

/* What a register is for, for the manual. */
struct stage_register {
    const char *name;
    const char *doc;
};

/* The table, in the order in which a frame travels; ends with a row whose
 * 'name' is NULL. */
extern const struct stage stages[];
extern const struct stage_register stage_registers[];

/* Returns the row of 'id', or NULL (an old cookie may name any number). */
const struct stage *stage_find(uint8_t id);

/* Returns the OpenFlow table of 'id', which must be in the table. */
uint8_t stage_table(enum stage_id id);

/* Where a message may name the sender's MAC, as the start of a match: ARP, a
 * neighbour solicitation, and an advertisement. */
#define N_MAC_CLAIMS 3
extern const char *const mac_claims[N_MAC_CLAIMS];

/* The builders, one per file stage-NAME.c. */
void stage_admission_build(const struct flows_input *, struct flow_table *);
void stage_relay_build(const struct flows_input *, struct flow_table *);
void stage_transit_build(const struct flows_input *, struct flow_table *);
void stage_vlan_in_build(const struct flows_input *, struct flow_table *);
void stage_access_in_build(const struct flows_input *, struct flow_table *);
void stage_tunnel_in_build(const struct flows_input *, struct flow_table *);
void stage_claims_build(const struct flows_input *, struct flow_table *);
void stage_nd_claims_build(const struct flows_input *, struct flow_table *);
void stage_answers_build(const struct flows_input *, struct flow_table *);
void stage_answer_build(const struct flows_input *, struct flow_table *);
void stage_lookup_build(const struct flows_input *, struct flow_table *);
void stage_remote_macs_build(const struct flows_input *, struct flow_table *);
void stage_flood_build(const struct flows_input *, struct flow_table *);
void stage_egress_build(const struct flows_input *, struct flow_table *);

/* The underlay bridge: 'tun_ofport' is the port of LINK_TUN_HOST there. */
void stage_underlay_build(uint16_t tun_ofport, struct flow_table *);

#endif /* flows/stages.h */
