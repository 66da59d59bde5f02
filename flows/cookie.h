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

/* cookie: who a flow belongs to, as the 64 bits that OpenFlow keeps with it.
 *
 *     63            48 47    40 39            24 23                     0
 *    +----------------+--------+----------------+------------------------+
 *    |     0x6d6f     | stage  |      rule      |        subject         |
 *    +----------------+--------+----------------+------------------------+
 *
 * The prefix ("mo") says that the flow is Mobula's; stage and rule are the
 * numbers of flows/stages.h and flows/rules.h; the subject is a host id or an
 * OpenFlow port, as the rule says, or 0.  All of it is stable from release to
 * release, so that an old flow still says what it was for. */

#ifndef MOBULA_COOKIE_H
#define MOBULA_COOKIE_H 1

#include <stdbool.h>
#include <stdint.h>

/* A flow is ours if its cookie has COOKIE_PREFIX under COOKIE_PREFIX_MASK. */
#define COOKIE_PREFIX UINT64_C(0x6d6f000000000000)
#define COOKIE_PREFIX_MASK UINT64_C(0xffff000000000000)

#define COOKIE_MAX_SUBJECT 0xffffffu

/* 'stage', 'rule' and 'subject' (up to COOKIE_MAX_SUBJECT) as one number, in
 * host byte order. */
uint64_t cookie_pack(uint8_t stage, uint16_t rule, uint32_t subject);

bool cookie_is_ours(uint64_t cookie);
uint8_t cookie_stage(uint64_t cookie);
uint16_t cookie_rule(uint64_t cookie);
uint32_t cookie_subject(uint64_t cookie);

#endif /* flows/cookie.h */
