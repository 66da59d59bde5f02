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

/* explain: one true sentence about a flow, a group or a meter.
 *
 * Pure.  The sentence comes from the cookie (flows/cookie.h) and the table of
 * rules (flows/rules.h): it says what a flow with this cookie is for.  Whether
 * a flow also does that is for flows/flows-diff.c to say. */

#ifndef MOBULA_EXPLAIN_H
#define MOBULA_EXPLAIN_H 1

#include <stdint.h>

struct ds;
struct fabric;
struct flow_entry;
struct group_entry;
struct meter_entry;
struct rule;

/* Appends a sentence about the flow, no newline.  'fabric' gives the hosts
 * their names; it may be NULL.  Any flow is fine, an alien one included. */
void flow_explain(const struct flow_entry *, const struct fabric *,
                  struct ds *);

/* Appends a sentence about the group, no newline.  Likewise. */
void group_explain(const struct group_entry *, const struct fabric *,
                   struct ds *);

/* Appends a sentence about the meter, no newline. */
void meter_explain(const struct meter_entry *, struct ds *);

/* Appends "STAGE/RULE" of a cookie ("lookup/peer-host"), or "alien". */
void cookie_explain(uint64_t cookie, struct ds *);

/* Appends what 'rule' means for any subject ("host H", "port P"), for the
 * manual. */
void rule_explain(const struct rule *, struct ds *);

#endif /* flows/explain.h */
