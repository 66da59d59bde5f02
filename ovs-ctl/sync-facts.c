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

/* sync-facts: what this host tells the others, and what they tell.
 *
 * Keeps the facts that other parts of the daemon hand in. */

#include <config.h>
#include "ovs-ctl/mobulad.h"

#include <stdlib.h>

#include "util.h"

void
sync_facts_init(struct daemon *d)
{
    facts_init(&d->facts.own);
}

void
sync_facts_uninit(struct daemon *d)
{
    facts_uninit(&d->facts.own);
}

void
sync_facts_run(struct daemon *d OVS_UNUSED, long long int now OVS_UNUSED)
{
}

void
sync_facts_wait(struct daemon *d OVS_UNUSED, long long int now OVS_UNUSED)
{
}

bool
sync_facts_is_ready(const struct daemon *d OVS_UNUSED)
{
    return true;
}

void
sync_facts_set_macs(struct daemon *d, const struct facts_mac *macs, size_t n)
{
    struct facts *own = &d->facts.own;

    free(own->macs);
    own->macs = n ? xmemdup(macs, n * sizeof *macs) : NULL;
    own->n_macs = n;
    facts_normalize(own);
    d->facts.has_macs = true;
}

void
sync_facts_set_underlay_mtu(struct daemon *d, uint16_t mtu)
{
    d->facts.own.underlay_mtu = mtu;
}

void
sync_facts_set_path_mtu(struct daemon *d, uint16_t mtu)
{
    d->facts.own.path_mtu = mtu;
}

const struct facts *
sync_facts_restored(const struct daemon *d OVS_UNUSED)
{
    return NULL;
}

bool
sync_facts_own_ready(const struct daemon *d)
{
    return d->has_fabric;
}

const struct facts *
sync_facts_peer(const struct daemon *d OVS_UNUSED, uint16_t peer OVS_UNUSED,
                bool *connected)
{
    *connected = false;
    return NULL;
}

uint64_t
sync_facts_seqno(const struct daemon *d OVS_UNUSED)
{
    return 0;
}
