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

/* net-watch: tells that something changed in the network of this host, so
 * that it must be read again: links, addresses, our routes and neighbours, a
 * part of the sysctls, and whether the gateway's namespace is still the same.
 *
 * It says only "something": net_read() finds out what.  What the kernel does
 * not announce (most sysctls, a mount point that is hidden) is found by
 * reading now and then without being told. */

#ifndef MOBULA_NET_WATCH_H
#define MOBULA_NET_WATCH_H 1

#include <stdbool.h>

struct net_watch;

/* Starts watching.  The first net_watch_run() returns true.  Returns 0 or a
 * positive errno with '*error' set to a malloc'd sentence. */
int net_watch_create(struct net_watch **ret, char **error);

/* 'watch' may be NULL. */
void net_watch_destroy(struct net_watch *watch);

/* Returns true if something has changed since the last call.  Changes that
 * the caller made itself count. */
bool net_watch_run(struct net_watch *);

/* Returns true if, since the last call, net_watch_run() has taken in that some
 * link or route of the host's namespace changed, Mobula's or not: the underlay
 * may take packets of another size. */
bool net_watch_take_paths(struct net_watch *);

/* Makes the next poll_block() wake up when net_watch_run() has work. */
void net_watch_wait(struct net_watch *);

#endif /* net/net-watch.h */
