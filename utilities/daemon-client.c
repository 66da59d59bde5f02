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

/* daemon-client: the way from mobula-ctl to the running mobulad (unixctl).
 * See daemon-client.h. */

#include <config.h>
#include "utilities/daemon-client.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "unixctl.h"
#include "util.h"

/* mobulad answers at once; this long only if it is stopped or stuck. */
#define ANSWER_TIMEOUT_S 10

static int ask(const char *command, int argc, char *argv[], char **reply);
static char *ask_or_exit(const char *command, int argc, char *argv[]);
static void give_up(int sig);
static const struct json *get(const struct json *object, const char *name,
                              enum json_type);

int
daemon_ask(const char *command, char **reply)
{
    return ask(command, 0, NULL, reply);
}

char *
daemon_ask_or_exit(const char *command)
{
    return ask_or_exit(command, 0, NULL);
}

char *
daemon_ask_args_or_exit(const char *command, int argc, char *argv[])
{
    return ask_or_exit(command, argc, argv);
}

struct json *
daemon_ask_json_or_exit(const char *command)
{
    return daemon_ask_json_args_or_exit(command, 0, NULL);
}

struct json *
daemon_ask_json_args_or_exit(const char *command, int argc, char *argv[])
{
    char *reply = ask_or_exit(command, argc, argv);
    struct json *json = json_from_string(reply);

    if (json->type == JSON_STRING) {
        ovs_fatal(0, "cannot understand mobulad's answer to '%s': %s",
                  command, json_string(json));
    }
    free(reply);
    return json;
}

const char *
json_get_string(const struct json *object, const char *name, const char *def)
{
    const struct json *member = get(object, name, JSON_STRING);

    return member ? json_string(member) : def;
}

bool
json_get_boolean(const struct json *object, const char *name)
{
    return get(object, name, JSON_TRUE) != NULL;
}

long long int
json_get_integer(const struct json *object, const char *name,
                 long long int def)
{
    const struct json *member = get(object, name, JSON_INTEGER);

    return member ? json_integer(member) : def;
}

const struct json *
json_get_array(const struct json *object, const char *name)
{
    return get(object, name, JSON_ARRAY);
}

const struct json *
json_get_object(const struct json *object, const char *name)
{
    return get(object, name, JSON_OBJECT);
}

static int
ask(const char *command, int argc, char *argv[], char **reply)
{
    struct jsonrpc *client;
    char *error = NULL;
    int retval;

    *reply = NULL;
    retval = unixctl_client_create(DAEMON_SOCKET, &client);
    if (retval) {
        return retval;
    }
    /* The conversation blocks, and a stopped mobulad would never answer. */
    signal(SIGALRM, give_up);
    alarm(ANSWER_TIMEOUT_S);
    retval = unixctl_client_transact(client, command, argc, argv, reply,
                                     &error);
    alarm(0);
    jsonrpc_close(client);
    if (retval) {
        return retval;
    } else if (error) {
        free(*reply);
        *reply = error;
        return EPROTO;
    } else if (!*reply) {
        *reply = xstrdup("");
    }
    return 0;
}

static char *
ask_or_exit(const char *command, int argc, char *argv[])
{
    char *reply;
    int error = ask(command, argc, argv, &reply);

    if (error == EPROTO && reply) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&s, reply);
        ds_chomp(&s, '\n');
        fprintf(stderr, "%s\n", ds_cstr(&s));
        exit(EXIT_FAILURE);
    } else if (error == ENOENT || error == ECONNREFUSED) {
        ovs_fatal(0, "mobulad does not run on this host "
                  "(nobody listens on %s)", DAEMON_SOCKET);
    } else if (error == EACCES || error == EPERM) {
        ovs_fatal(0, "only root may talk to mobulad: try with sudo");
    } else if (error) {
        ovs_fatal(error < 0 ? 0 : error, "mobulad ended the conversation%s",
                  error < 0 ? ": it has stopped" : "");
    }
    return reply;
}

/* Signal handler: only async-signal-safe calls. */
static void
give_up(int sig OVS_UNUSED)
{
    static const char text[]
        = "mobula-ctl: mobulad runs but does not answer: is it stopped?\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);

    (void) written;
    _exit(EXIT_FAILURE);
}

static const struct json *
get(const struct json *object, const char *name, enum json_type type)
{
    const struct json *member;

    if (object->type != JSON_OBJECT) {
        return NULL;
    }
    member = shash_find_data(object->object, name);
    return member && member->type == type ? member : NULL;
}
