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

/* way-out-file: the way out of this host, written down while the host itself
 * goes by its gateway: after a boot, nothing else would tell where that was.
 *
 * Not the choice of it (net/net-out.h), nor what is kept of an interface that
 * the gateway has (net/external.h). */

#ifndef MOBULA_WAY_OUT_FILE_H
#define MOBULA_WAY_OUT_FILE_H 1

#include <stdbool.h>
#include "net/net-out.h"
#include "openvswitch/compiler.h"

#define WAY_OUT_FILE "/var/lib/mobula/way-out"

/* Fills '*ret' with what the file says.  If there is none, or it cannot be
 * understood, 'link' is empty; the latter is logged. */
void way_out_file_read(struct net_out_memory *ret);

/* Writes the file, onto the disk; if 'link' is empty, removes it.  Returns 0
 * or a positive errno. */
int way_out_file_write(const struct net_out_memory *) OVS_WARN_UNUSED_RESULT;

#endif /* ovs-ctl/way-out-file.h */
