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

/* sync-nft: keeps one table of nftables as desired.
 *
 * What two kinds of objects have in common: the guard in the host's namespace
 * (sync-guard.c) and the filter in the gateway's (sync-filter.c).  The folder
 * gateway/ decides, compares and runs nft; this says when:
 *
 *            due                 differs
 *     IDLE -------> READ ----------------------> APPLY
 *      ^              | as desired, or failed      | done: due at once
 *      +--------------+----------------------------+
 *
 * The kernel tells at once when somebody changes the table; what it cannot
 * tell (something else is desired) the audit finds.  To run nft takes time, so
 * while the kernel tells of nothing, and what is desired stays the same, the
 * table is read more seldom, unless somebody looks at what it has counted. */

#ifndef MOBULA_SYNC_NFT_H
#define MOBULA_SYNC_NFT_H 1

#include <stdbool.h>
#include "gateway/nft.h"
#include "lib/plan.h"
#include "ovs-ctl/pace.h"

struct child;
struct daemon;
struct nft_watch;

/* What a table is. */
struct sync_nft_class {
    const char *table;          /* Its name. */
    const char *object;         /* It, in plans and in the log. */
    const char *title;          /* What it is for, in the log. */

    /* Returns the table that must be there, or NULL if none; the caller must
     * free it.  May look at the host, but change nothing. */
    char *(*want)(const struct daemon *);
};

/* What nft is doing for us. */
enum sync_nft_job {
    SYNC_NFT_IDLE,
    SYNC_NFT_READ,              /* It lists our table. */
    SYNC_NFT_APPLY,             /* It replaces or removes our table. */
};

struct sync_nft {
    const struct sync_nft_class *class;
    struct nft_watch *watch;    /* NULL: the kernel does not tell. */
    struct pace pace;
    enum sync_nft_job job;
    struct child *child;        /* Runs nft, NULL if idle. */
    char *applying;             /* Table that 'child' makes; NULL: none. */
    struct nft_known known;
    struct nft_drops drops;     /* As of the last time that it was read. */
    struct plan plan;
    char *error;                /* Of the last job, or NULL. */
    long long int read_ms;      /* When it was last read. */
    bool asked;                 /* Somebody has looked at 'drops' since. */
    bool has_plan;
    bool doubtful;              /* 'child' reads because of a change. */
    bool in_force;              /* A table of ours was there when it was last
                                 * looked at, and nobody has altered it. */
};

/* Begins to look after the table of 'class', which is borrowed. */
void sync_nft_init(struct sync_nft *, const struct sync_nft_class *);
void sync_nft_uninit(struct sync_nft *);

/* Listens to changes in namespace 'ns_fd' (-1: our own), or, if 'listen' is
 * false, to none.  Nothing is known about the table from now on. */
void sync_nft_restart(struct sync_nft *, bool listen, int ns_fd);

/* Compares and changes what is due in namespace 'ns_fd' (-1: our own).  Before
 * there is a configuration, what an earlier run left stays. */
void sync_nft_run(struct sync_nft *, const struct daemon *, int ns_fd,
                  long long int now);
void sync_nft_wait(struct sync_nft *, const struct daemon *,
                   long long int now);

/* Somebody wants to know what has been dropped: the next audit reads it. */
void sync_nft_ask(struct sync_nft *);

/* Returns true if the table is as desired. */
bool sync_nft_is_ready(const struct sync_nft *);

#endif /* ovs-ctl/sync-nft.h */
