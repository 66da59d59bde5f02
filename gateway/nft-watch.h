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

/* nft-watch: tells that somebody has changed a table of nftables, as soon as
 * it has happened.  Our own changes are told like others'. */

#ifndef MOBULA_NFT_WATCH_H
#define MOBULA_NFT_WATCH_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct nft_watch;

/* Listens for changes of the table 'name' in the network namespace of the
 * caller, which its socket keeps alive.  Returns 0 with '*ret' set,
 * which the caller must free with nft_watch_destroy(), or a positive errno,
 * e.g. because the kernel has no nftables. */
int nft_watch_create(const char *name, struct nft_watch **ret)
    OVS_WARN_UNUSED_RESULT;

/* NULL is fine. */
void nft_watch_destroy(struct nft_watch *);

/* Returns true if the table may have changed since the last call. */
bool nft_watch_run(struct nft_watch *);

/* Lets poll_block() wake up when nft_watch_run() has something to do. */
void nft_watch_wait(const struct nft_watch *);

#endif /* gateway/nft-watch.h */
