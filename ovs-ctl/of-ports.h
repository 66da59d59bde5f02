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

/* of-ports: the OpenFlow ports that a bridge has now, and their liveness.
 *
 * Filled from the port descriptions that of-switch asks for when it connects,
 * and from the switch's port status messages afterwards.  BFD shows here
 * within milliseconds: a port whose BFD session is down is not 'live'. */

#ifndef MOBULA_OF_PORTS_H
#define MOBULA_OF_PORTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-port.h"

struct ds;
struct ofp_header;

struct of_port {
    ofp_port_t ofport;          /* OFPP_LOCAL for the bridge's own. */
    char name[OFP_MAX_PORT_NAME_LEN];
    bool admin_up;              /* Not taken down by the administrator. */
    bool link_up;               /* Has a carrier. */
    bool live;                  /* The switch would use it as the watch_port of
                                 * a bucket: carrier and, where configured,
                                 * BFD. */
};

/* Ports sorted by number. */
struct of_port_list {
    struct of_port *ports;
    size_t n;
    size_t allocated;
};

struct of_ports {
    struct of_port_list list;
    uint64_t seqno;             /* Grows with every change in 'list'. */
    struct of_port_list incoming;   /* Descriptions until the last part of
                                     * the answer is here. */
};

void of_ports_init(struct of_ports *);
void of_ports_uninit(struct of_ports *);

/* Returns the port, or NULL.  Borrowed until the next change. */
const struct of_port *of_ports_find(const struct of_ports *, ofp_port_t);
const struct of_port *of_ports_find_name(const struct of_ports *,
                                         const char *name);

/* Takes one part of the answer to a port description request.  With the last
 * part, the ports are exactly those of the answer.  An error leaves the ports
 * as they were. */
enum ofperr of_ports_take_desc(struct of_ports *, const struct ofp_header *)
    OVS_WARN_UNUSED_RESULT;

/* Takes a port status message. */
enum ofperr of_ports_take_status(struct of_ports *, const struct ofp_header *)
    OVS_WARN_UNUSED_RESULT;

/* Forgets the ports: nothing is known about them without a connection. */
void of_ports_clear(struct of_ports *);

/* Appends a line per port: "3 mo-vx-2 up live". */
void of_ports_format(const struct of_ports *, struct ds *);

#endif /* ovs-ctl/of-ports.h */
