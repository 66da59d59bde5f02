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

/* wg-genl-codec: a WireGuard device to and from messages of the kernel's
 * generic netlink family "wireguard" (linux/wireguard.h).
 *
 * Pure: it fills and reads buffers; wg-genl.c sends and receives them.  What
 * is read is checked completely, so that no message, whoever wrote it, can do
 * worse than be refused.  Buffers must be aligned for 'struct nlmsghdr'; they
 * hold private keys, and wiping them is up to their owner. */

#ifndef MOBULA_WG_GENL_CODEC_H
#define MOBULA_WG_GENL_CODEC_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

struct nlmsghdr;
struct wg_delta;
struct wg_device;

/* Smallest buffer in which wg_genl_put_set() always makes progress. */
#define WG_GENL_MIN_SIZE 256

/* Largest useful buffer: the length of an attribute has 16 bits. */
#define WG_GENL_MAX_SIZE 65000

/* The encoding of a 'struct wg_delta' and how far it has come. */
struct wg_genl_cursor {
    /* Set by the user, borrowed. */
    const struct wg_device *desired;
    const struct wg_delta *delta;   /* Made by wg_diff() from 'desired'. */
    uint16_t family;                /* Id of the family. */

    /* All zeros at first. */
    bool started;               /* The device's own settings are out. */
    bool done;                  /* There is no further message. */
    size_t peer;                /* Next of delta->peers... */
    size_t allowed_ip;          /* ...and its next allowed IP: nonzero if the
                                 * peer began in the message before. */
};

/* Writes a request for the id of the generic netlink family 'name' to the
 * 'size' bytes at 'buf'.  Returns 0 or EMSGSIZE. */
int wg_genl_put_get_family(const char *name, uint32_t seq,
                           void *buf, size_t size) OVS_WARN_UNUSED_RESULT;

/* Reads the id from the answer.  Returns 0, or EPROTO if there is none. */
int wg_genl_parse_family(const struct nlmsghdr *, uint16_t *family)
    OVS_WARN_UNUSED_RESULT;

/* Writes a request to dump the device 'name' to the 'size' bytes at 'buf'.
 * 'family' is the id of the family.  Returns 0 or EMSGSIZE. */
int wg_genl_put_get(const char *name, uint16_t family, uint32_t seq,
                    void *buf, size_t size) OVS_WARN_UNUSED_RESULT;

/* Writes the next message of 'cursor' to the 'size' bytes at 'buf', at least
 * WG_GENL_MIN_SIZE and at most WG_GENL_MAX_SIZE, and moves 'cursor' on.  To be
 * repeated until cursor->done.  A peer whose allowed IPs do not fit goes on in
 * the next message.  Returns 0, or EMSGSIZE if the buffer is too small. */
int wg_genl_put_set(struct wg_genl_cursor *cursor, uint32_t seq,
                    void *buf, size_t size) OVS_WARN_UNUSED_RESULT;

/* Adds what one message of the answer to a dump says to 'dev', which starts
 * as wg_device_init() leaves it; the caller sorts it after the last message.
 * A peer that began in the message before is continued.  'nlh' must be inside
 * its buffer, as mnl_nlmsg_ok() checks.
 *
 * Returns 0, or EPROTO with a malloc'd sentence in '*error' if the message is
 * malformed; 'dev' may hold a part of it then. */
int wg_genl_parse_device(const struct nlmsghdr *nlh, struct wg_device *dev,
                         char **error) OVS_WARN_UNUSED_RESULT;

#endif /* wg/wg-genl-codec.h */
