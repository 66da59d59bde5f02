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

/* daemon-client: the way from mobula-ctl to the running mobulad (unixctl). */

#ifndef MOBULA_DAEMON_CLIENT_H
#define MOBULA_DAEMON_CLIENT_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct json;

/* Where mobulad listens. */
#define DAEMON_SOCKET "/var/run/mobula/mobulad.ctl"

/* Sends 'command', which takes no arguments, and returns 0 with the answer in
 * '*reply', which the caller must free.  Otherwise returns a positive errno
 * value: EPROTO if mobulad refused, with what it said in '*reply'; anything
 * else if it could not be asked, with '*reply' NULL. */
int daemon_ask(const char *command, char **reply) OVS_WARN_UNUSED_RESULT;

/* The same, but a failure prints a sentence and ends the program with exit
 * status 1. */
char *daemon_ask_or_exit(const char *command);

/* The same with the 'argc' arguments 'argv'. */
char *daemon_ask_args_or_exit(const char *command, int argc, char *argv[]);

/* Asks for an answer in JSON.  The caller must json_destroy() it. */
struct json *daemon_ask_json_or_exit(const char *command);

/* The same with the 'argc' arguments 'argv'. */
struct json *daemon_ask_json_args_or_exit(const char *command, int argc,
                                          char *argv[]);

/* Return a member of JSON object 'object', or a default if it has none of that
 * name and type.  Borrowed. */
const char *json_get_string(const struct json *object, const char *name,
                            const char *def);
bool json_get_boolean(const struct json *object, const char *name);
long long int json_get_integer(const struct json *object, const char *name,
                               long long int def);
const struct json *json_get_array(const struct json *object, const char *name);
const struct json *json_get_object(const struct json *object,
                                   const char *name);

#endif /* utilities/daemon-client.h */
