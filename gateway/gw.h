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

/* gw: reads and changes tables of nftables, by running nft.
 *
 * (The library of nft has a licence that Mobula's does not go with.)  Each
 * starts a child that the caller runs from its poll loop until it has ended
 * (child.h), and then asks for the result.  In the network namespace of the
 * caller.  guard.h and filter.h say what is to be there. */

#ifndef MOBULA_GW_H
#define MOBULA_GW_H 1

#include "openvswitch/compiler.h"

struct child;

/* How long nft may take, in ms. */
#define GW_TIMEOUT_MS 5000

/* gw-read.c: starts to read the table 'name', family "inet".  'now' is the
 * poll loop's time in ms.  The caller must free the child with
 * child_destroy(). */
struct child *gw_read_start(const char *name, long long int now);

/* Result of a child of gw_read_start() that has ended.  Returns NULL with the
 * table as nft prints it, with states, in '*text', malloc'd, or NULL if there
 * is none; or a sentence that the caller must free. */
char *gw_read_finish(const struct child *, char **text)
    OVS_WARN_UNUSED_RESULT;

/* gw-apply.c: starts to execute 'commands' (nft_format_replace()), all of
 * them or none.  The caller must free the child with child_destroy(). */
struct child *gw_apply_start(const char *commands, long long int now);

/* Result of a child of gw_apply_start() that has ended: NULL or a sentence
 * that the caller must free. */
char *gw_apply_finish(const struct child *) OVS_WARN_UNUSED_RESULT;

/* gw-apply.c: what went wrong with a child that runs nft, or NULL.  Caller
 * must free. */
char *gw_error(const struct child *) OVS_WARN_UNUSED_RESULT;

#endif /* gateway/gw.h */
