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

/* installed-ways: from groups to ways.  See installed-ways.h. */

#include <config.h>
#include "flows/installed-ways.h"

#include <stdbool.h>
#include <stddef.h>

#include "flows/flow-table.h"
#include "flows/groups.h"
#include "lib/addr.h"
#include "lib/paths.h"
#include "openvswitch/list.h"

static uint16_t read_last_resort(const struct flow_table *, uint16_t peer);
static size_t read_group(const struct flow_table *, uint32_t id,
                         uint16_t peer, uint16_t *hosts, size_t max);

void
installed_ways(const struct flow_table *ft, uint16_t peer,
               struct paths_peer *ret)
{
    uint16_t hosts[PATHS_N_RELAYS + 1];
    size_t n = read_group(ft, peer, peer, hosts, PATHS_N_RELAYS + 1);
    size_t n_relays = 0;

    *ret = (struct paths_peer) { .peer = peer };
    ret->direct_first = n && hosts[0] == peer;
    for (size_t i = 0; i < n && n_relays < PATHS_N_RELAYS; i++) {
        if (hosts[i] != peer) {
            ret->relays[n_relays++] = hosts[i];
        }
    }
    ret->n_links = ret->direct_first ? 1 : ret->relays[0] ? 2 : 0;
    ret->last_resort = read_last_resort(ft, peer);
    read_group(ft, GROUP_TRANSIT + peer, peer, ret->next, PATHS_N_NEXT);
}

/* Returns the relay that is the last resort in the group of 'peer', or 0. */
static uint16_t
read_last_resort(const struct flow_table *ft, uint16_t peer)
{
    const struct group_entry *entry = flow_table_find_group(ft, peer);
    const struct ofputil_bucket *bucket;

    if (entry) {
        LIST_FOR_EACH (bucket, list_node, &entry->buckets) {
            uint32_t number = bucket->bucket_id;

            if (number >= BUCKET_ANYWAY_VIA + HOST_ID_MIN
                && number <= BUCKET_ANYWAY_VIA + HOST_ID_MAX) {
                return number - BUCKET_ANYWAY_VIA;
            }
        }
    }
    return 0;
}

/* Stores the hosts to which the group 'id' sends while they live, at most
 * 'max', in 'hosts', in order; 'peer' stands for the direct tunnel.  Returns
 * how many there are. */
static size_t
read_group(const struct flow_table *ft, uint32_t id, uint16_t peer,
           uint16_t *hosts, size_t max)
{
    const struct group_entry *entry = flow_table_find_group(ft, id);
    const struct ofputil_bucket *bucket;
    size_t n = 0;

    if (!entry) {
        return 0;
    }
    LIST_FOR_EACH (bucket, list_node, &entry->buckets) {
        uint32_t number = bucket->bucket_id;

        if (n < max && number == BUCKET_DIRECT) {
            hosts[n++] = peer;
        } else if (n < max && number >= BUCKET_VIA + HOST_ID_MIN
                   && number <= BUCKET_VIA + HOST_ID_MAX) {
            hosts[n++] = number - BUCKET_VIA;
        }
    }
    return n;
}
