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

/* resolve: when the name of a host is to be looked up, and what follows from
 * the answer.  See resolve.h. */

#include <config.h>
#include "lib/resolve.h"

#include <stdlib.h>

#include "lib/endpoint.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static void set_error(struct resolve *, char *error);

void
resolve_init(struct resolve *r, uint16_t host, const char *name,
             long long int now)
{
    *r = (struct resolve) {
        .host = host,
        .name = xstrdup(name),
        .next_ms = now,
        .heard_ms = now,
    };
}

void
resolve_uninit(struct resolve *r)
{
    free(r->name);
    free(r->error);
}

void
resolve_hear(struct resolve *r, uint64_t rx_bytes, long long int now)
{
    if (rx_bytes > r->rx_bytes) {
        r->heard_ms = now;
    }
    /* Less, if the device is a new one. */
    r->rx_bytes = rx_bytes;
}

long long int
resolve_next(const struct resolve *r)
{
    return (r->has_address ? MAX(r->next_ms, r->heard_ms + RESOLVE_SILENT_MS)
            : r->next_ms);
}

bool
resolve_answer(struct resolve *r, const struct in6_addr *found, size_t n,
               bool works, long long int now)
{
    const struct in6_addr *address
        = endpoint_choose(found, n, r->has_address ? &r->address : NULL,
                          works);
    bool news = !r->has_address || !ipv6_addr_equals(address, &r->address);

    set_error(r, NULL);
    r->has_address = true;
    r->address = *address;
    r->backoff_ms = 0;
    r->next_ms = now + r->interval_ms;
    return news;
}

void
resolve_fail(struct resolve *r, char *error, long long int now)
{
    set_error(r, error);
    r->backoff_ms = MIN(r->interval_ms, MAX(RESOLVE_BACKOFF_MS,
                                            2 * r->backoff_ms));
    r->next_ms = now + r->backoff_ms;
}

static void
set_error(struct resolve *r, char *error)
{
    free(r->error);
    r->error = error;
    r->answered = true;
}
