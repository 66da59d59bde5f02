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

/* nlns: named network namespaces as ip-netns(8) keeps them (bind mounts under
 * /var/run/netns), and sockets inside them.
 *
 * The process has one thread, and that thread is always in its own namespace:
 * nlns_call() enters another one for the time of one function and aborts the
 * process if it cannot come back.  Sockets stay in the namespace that they
 * were opened in, so everything else needs no entering. */

#ifndef MOBULA_NLNS_H
#define MOBULA_NLNS_H 1

#include <stdbool.h>
#include <sys/types.h>
#include "openvswitch/compiler.h"

struct nl_conn;

/* Directory of the bind mounts. */
#define NLNS_DIR "/var/run/netns"

/* A network namespace: our own, or a named one that may come and go. */
struct nlns {
    char *name;                 /* NULL: our own. */
    int fd;                     /* The namespace, or -1: does not exist. */
    dev_t dev;                  /* Identity of the namespace 'fd'... */
    ino_t ino;                  /* ...is of. */
    struct nl_conn *route;      /* NETLINK_ROUTE socket inside it, or NULL. */
    int ioctl_fd;               /* AF_INET socket inside it, or -1. */
};

/* Initializes 'ns'; 'name' NULL means our own namespace.  Opens nothing. */
void nlns_init(struct nlns *ns, const char *name);
void nlns_uninit(struct nlns *ns);

/* Returns the malloc'd path of the bind mount of namespace 'name'. */
char *nlns_path(const char *name);

/* Makes 'ns' agree with what exists now: opens its sockets when the namespace
 * has appeared, closes them when it is gone, both when it is another one than
 * last time.  A namespace that does not exist is no error: 'ns->fd' is -1.
 * Returns 0 or a positive errno; stores in '*changed' (may be NULL) whether
 * anything was opened or closed. */
int nlns_refresh(struct nlns *ns, bool *changed) OVS_WARN_UNUSED_RESULT;

/* Returns true if 'ns', which is open, is not what its name stands for any
 * longer. */
bool nlns_is_stale(const struct nlns *ns);

/* Makes the namespace 'name', as "ip netns add" does; no error if it exists.
 * Returns 0 or a positive errno with '*error' set to a malloc'd sentence. */
int nlns_create(const char *name, char **error) OVS_WARN_UNUSED_RESULT;

/* Removes the name 'name', as "ip netns delete" does: the namespace itself
 * goes when nothing is in it any more.  No error if there is none. */
int nlns_remove(const char *name, char **error) OVS_WARN_UNUSED_RESULT;

/* Calls 'function(aux)' inside namespace 'ns_fd' (-1: our own) and returns
 * what it returns, or the positive errno of not getting in. */
int nlns_call(int ns_fd, int (*function)(void *aux), void *aux)
    OVS_WARN_UNUSED_RESULT;

#endif /* net/nlns.h */
