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
 * See cookie.h. */

#include <config.h>
#include "flows/cookie.h"

uint64_t
cookie_pack(uint8_t stage, uint16_t rule, uint32_t subject)
{
    return (COOKIE_PREFIX
            | (uint64_t) stage << 40
            | (uint64_t) rule << 24
            | (subject & COOKIE_MAX_SUBJECT));
}

bool
cookie_is_ours(uint64_t cookie)
{
    return (cookie & COOKIE_PREFIX_MASK) == COOKIE_PREFIX;
}

uint8_t
cookie_stage(uint64_t cookie)
{
    return cookie >> 40;
}

uint16_t
cookie_rule(uint64_t cookie)
{
    return cookie >> 24;
}

uint32_t
cookie_subject(uint64_t cookie)
{
    return cookie & COOKIE_MAX_SUBJECT;
}
