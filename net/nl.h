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

/* nl: a netlink socket over libmnl: requests with acknowledgement and the
 * kernel's own words about an error, dumps that are repeated when they were
 * interrupted, and multicast.
 *
 * It knows no message type: net-codec.[ch] makes and reads messages.  A
 * socket belongs for ever to the network namespace that it was opened in;
 * nlns.[ch] opens them. */

#ifndef MOBULA_NL_H
#define MOBULA_NL_H 1

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

struct nl_conn;

/* Called for each message of an answer. */
typedef void nl_message_cb(const struct nlmsghdr *, void *aux);

/* Opens a socket of the netlink family 'bus' (NETLINK_ROUTE...) in the
 * current network namespace.  Returns 0 or a positive errno. */
int nl_conn_open(int bus, struct nl_conn **ret) OVS_WARN_UNUSED_RESULT;

/* 'conn' may be NULL. */
void nl_conn_close(struct nl_conn *conn);

/* File descriptor, for poll(2).  Stays owned by 'conn'. */
int nl_conn_fd(const struct nl_conn *);

/* Joins multicast group 'group' (RTNLGRP_*).  Returns 0 or a positive
 * errno. */
int nl_conn_join(struct nl_conn *, int group) OVS_WARN_UNUSED_RESULT;

/* Sends 'nlh' and waits for the answer; 'cb' (may be NULL) gets each message
 * of it.  Returns 0 or a positive errno: the kernel's, or ETIMEDOUT.  On
 * failure '*explanation' becomes the kernel's extended-ack text, malloc'd, or
 * NULL if there is none; 'explanation' may be NULL. */
int nl_conn_request(struct nl_conn *, struct nlmsghdr *nlh,
                    nl_message_cb *cb, void *aux, char **explanation)
    OVS_WARN_UNUSED_RESULT;

/* Sends the dump request 'nlh'.  Returns 0 if 'cb' got a complete and
 * consistent answer; EAGAIN if the dump was interrupted by a change or
 * overran, in which case the caller discards what 'cb' got and starts again;
 * or another positive errno. */
int nl_conn_dump(struct nl_conn *, struct nlmsghdr *nlh,
                 nl_message_cb *cb, void *aux) OVS_WARN_UNUSED_RESULT;

/* Receives what has arrived by multicast, without waiting.  Returns EAGAIN
 * when nothing is left, ENOBUFS if messages were lost, another positive errno
 * on failure. */
int nl_conn_drain(struct nl_conn *, nl_message_cb *cb, void *aux)
    OVS_WARN_UNUSED_RESULT;

/* Extracts the kernel's explanation out of an NLMSG_ERROR message.  Returns a
 * malloc'd string or NULL.  Pure; never reads outside the message. */
char *nl_error_explanation(const struct nlmsghdr *);

/* Returns true if the kernel has the generic netlink family 'name'.  Asking
 * makes the kernel load the module that offers it. */
bool nl_has_genl_family(const char *name);

#endif /* net/nl.h */
