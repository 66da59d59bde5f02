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

/* facts-server: this host's own ovsdb-server for the database Mobula.  See
 * facts-server.h. */

#include <config.h>
#include "ovs-ctl/facts-server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/child.h"
#include "gateway/supervise.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/facts-codec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(facts_server);

/* How long ovsdb-tool may take, in ms. */
#define TOOL_TIMEOUT_MS 5000

/* How often a server that has just been started is asked whether it listens,
 * and how long it may take to, in ms. */
#define ASK_MS 10
#define LISTEN_MS 5000

/* What a server may take of memory, in bytes: many times what it needs, but
 * not all that there is, whatever peers send to it. */
#define MEMORY_BASE (512 * 1024 * 1024)
#define MEMORY_MAC 4096

/* Until a step that failed is tried again, in ms. */
#define RETRY_MS 1000

static const char schema[] =
#include "ovs-ctl/mobula-schema.inc"
;

/* What of it is in the directory. */
enum file { FILE_DB, FILE_LOCK, FILE_SOCKET, FILE_PID, FILE_CTL, N_FILES };

/* What ovsdb-tool is doing for us. */
enum job { JOB_NONE, JOB_CHECK, JOB_CREATE };

struct facts_server {
    char *files[N_FILES];
    char *remote;
    char *cksum;                /* Of the schema, as ovsdb-tool prints it. */
    struct supervise *program;
    enum job job;
    struct child *child;        /* Does 'job', or NULL. */
    bool checked;               /* The file is good for a start... */
    bool wrong;                 /* ...or it is not. */
    bool listens;               /* The program takes connections. */
    long long int start_ms;     /* When it was started. */
    long long int retry_ms;     /* Nothing is tried again before. */
    char *error;                /* Of the last step, or NULL. */
};

static struct supervise *create_program(const struct facts_server *);
static char *schema_cksum(void);
static void run_up(struct facts_server *, long long int now);
static void run_down(struct facts_server *, long long int now);
static void start_job(struct facts_server *, enum job, long long int now);
static void finish_job(struct facts_server *, long long int now);
static void finish_check(struct facts_server *, long long int now);
static void fail(struct facts_server *, char *error, long long int now);
static void set_error(struct facts_server *, char *error);
static bool has_file(const struct facts_server *);
static void remove_files(struct facts_server *, long long int now);
static bool ask(const char *path);

struct facts_server *
facts_server_create(const char *dir)
{
    struct facts_server *server = xzalloc(sizeof *server);

    server->files[FILE_DB] = xasprintf("%s/facts.db", dir);
    server->files[FILE_LOCK] = xasprintf("%s/.facts.db.~lock~", dir);
    server->files[FILE_SOCKET] = xasprintf("%s/facts.sock", dir);
    server->files[FILE_PID] = xasprintf("%s/facts.pid", dir);
    server->files[FILE_CTL] = xasprintf("%s/facts.ctl", dir);
    server->remote = xasprintf("unix:%s", server->files[FILE_SOCKET]);
    server->cksum = schema_cksum();
    server->program = create_program(server);
    return server;
}

void
facts_server_destroy(struct facts_server *server)
{
    if (server) {
        child_destroy(server->child);
        supervise_destroy(server->program);
        for (size_t i = 0; i < N_FILES; i++) {
            free(server->files[i]);
        }
        free(server->remote);
        free(server->cksum);
        free(server->error);
        free(server);
    }
}

void
facts_server_set_size(struct facts_server *server, uint32_t max_macs)
{
    supervise_set_memory_max(server->program,
                             MEMORY_BASE + (uint64_t) MEMORY_MAC * max_macs);
}

void
facts_server_restart(struct facts_server *server, long long int now)
{
    set_error(server, xstrdup("ovsdb-server does not answer: it is started "
                              "again"));
    supervise_stop(server->program, now);
    server->listens = false;
}

void
facts_server_run(struct facts_server *server, bool wanted, long long int now)
{
    if (server->child && child_run(server->child, now)) {
        finish_job(server, now);
    }
    if (supervise_run(server->program, now) != SUPERVISE_RUNNING) {
        server->listens = false;
    }
    if (!server->child) {
        if (wanted) {
            run_up(server, now);
        } else {
            run_down(server, now);
        }
    }
}

void
facts_server_wait(const struct facts_server *server, bool wanted,
                  long long int now)
{
    if (server->child) {
        child_wait(server->child);
    }
    supervise_wait(server->program, now);
    if (wanted ? supervise_pid(server->program) && !server->listens : false) {
        poll_timer_wait(ASK_MS);
    }
    if (server->retry_ms > now) {
        poll_timer_wait_until(server->retry_ms);
    }
}

bool
facts_server_find(struct facts_server *server, long long int now)
{
    return supervise_adopt(server->program, now);
}

bool
facts_server_is_up(const struct facts_server *server)
{
    return server->listens && !server->child;
}

bool
facts_server_is_gone(const struct facts_server *server)
{
    return !server->child && !supervise_pid(server->program)
           && !has_file(server);
}

pid_t
facts_server_pid(const struct facts_server *server)
{
    return supervise_pid(server->program);
}

const char *
facts_server_remote(const struct facts_server *server)
{
    return server->remote;
}

const char *
facts_server_error(const struct facts_server *server)
{
    return (server->error ? server->error
            : !server->listens ? supervise_error(server->program)
            : NULL);
}

/* "db:" makes it serve peers where the database says, the other remote is for
 * us. */
static struct supervise *
create_program(const struct facts_server *server)
{
    char *remote = xasprintf("--remote=p%s", server->remote);
    char *pidfile = xasprintf("--pidfile=%s", server->files[FILE_PID]);
    char *ctl = xasprintf("--unixctl=%s", server->files[FILE_CTL]);
    char *argv[] = {
        CONST_CAST(char *, "ovsdb-server"),
        CONST_CAST(char *, "--no-chdir"),
        CONST_CAST(char *, "-vconsole:off"),
        CONST_CAST(char *, "-vsyslog:off"),
        CONST_CAST(char *, "--remote=db:"FACTS_DB",Host,connections"),
        remote, pidfile, ctl, server->files[FILE_DB], NULL
    };
    struct supervise *program
        = supervise_create(argv, server->files[FILE_PID]);

    free(remote);
    free(pidfile);
    free(ctl);
    return program;
}

/* The schema is ours: it is valid. */
static char *
schema_cksum(void)
{
    struct json *json = json_from_string(schema);
    char *cksum = xstrdup(json_string(shash_find_data(json_object(json),
                                                      "cksum")));

    json_destroy(json);
    return cksum;
}

/* Brings the server one step nearer to running. */
static void
run_up(struct facts_server *server, long long int now)
{
    bool runs;

    if (now < server->retry_ms) {
        return;
    }
    runs = supervise_adopt(server->program, now);
    if (server->wrong) {
        if (runs) {
            supervise_stop(server->program, now);
        } else {
            remove_files(server, now);
            if (!has_file(server)) {
                start_job(server, JOB_CREATE, now);
            }
        }
    } else if (!server->checked) {
        if (runs || supervise_is_due(server->program, now)) {
            start_job(server, JOB_CHECK, now);
        }
    } else if (!runs) {
        if (supervise_is_due(server->program, now)) {
            supervise_start(server->program, now);
            server->start_ms = now;
        }
        /* Should it end, the file may be the reason. */
        server->checked = supervise_pid(server->program) != 0;
    } else if (!server->listens) {
        server->listens = ask(server->files[FILE_SOCKET]);
        if (server->listens) {
            set_error(server, NULL);
        } else if (now >= server->start_ms + LISTEN_MS) {
            set_error(server, xstrdup("ovsdb-server runs but does not "
                                      "listen: it is started again"));
            supervise_stop(server->program, now);
            server->start_ms = now;
        }
    }
}

/* Brings the server one step nearer to not being there at all. */
static void
run_down(struct facts_server *server, long long int now)
{
    server->checked = server->wrong = server->listens = false;
    if (now < server->retry_ms) {
        return;
    }
    if (supervise_adopt(server->program, now)) {
        supervise_stop(server->program, now);
    } else {
        supervise_stop(server->program, now);
        remove_files(server, now);
    }
}

static void
start_job(struct facts_server *server, enum job job, long long int now)
{
    char *argv[] = {
        CONST_CAST(char *, "ovsdb-tool"),
        CONST_CAST(char *, "-vconsole:off"),
        CONST_CAST(char *, job == JOB_CHECK ? "db-cksum" : "create"),
        server->files[FILE_DB],
        CONST_CAST(char *, job == JOB_CHECK ? NULL : "/dev/stdin"),
        NULL
    };

    server->job = job;
    server->child = child_start(argv, job == JOB_CREATE ? schema : "", now,
                                now + TOOL_TIMEOUT_MS);
}

static void
finish_job(struct facts_server *server, long long int now)
{
    if (child_start_error(server->child) == ENOENT) {
        fail(server, xstrdup("the program ovsdb-tool is not installed: there "
                             "is no database to serve (Debian package "
                             "openvswitch-common)"), now);
    } else if (server->job == JOB_CHECK) {
        finish_check(server, now);
    } else {
        char *error = child_error(server->child);

        if (error) {
            fail(server, error, now);
        } else if (chmod(server->files[FILE_DB], 0600)) {
            fail(server, xasprintf("%s: cannot change its mode: %s",
                                   server->files[FILE_DB],
                                   ovs_strerror(errno)), now);
        } else {
            server->wrong = false;
            server->checked = true;
        }
    }
    child_destroy(server->child);
    server->child = NULL;
    poll_immediate_wake();
}

/* A file that ovsdb-tool cannot read is as bad as one of another schema. */
static void
finish_check(struct facts_server *server, long long int now)
{
    const char *cksum = child_stdout(server->child);
    size_t len = strcspn(cksum, "\n");

    if (child_exit_status(server->child) < 0) {
        fail(server, child_error(server->child), now);
    } else if (len == strlen(server->cksum)
               && !strncmp(cksum, server->cksum, len)) {
        server->checked = true;
    } else {
        VLOG_INFO("%s: made anew, because it %s", server->files[FILE_DB],
                  access(server->files[FILE_DB], F_OK) ? "is not there"
                  : child_exit_status(server->child) ? "cannot be read"
                  : "is of another version");
        server->wrong = true;
    }
}

/* Takes ownership of 'error'. */
static void
fail(struct facts_server *server, char *error, long long int now)
{
    set_error(server, error);
    server->retry_ms = now + RETRY_MS;
}

/* Takes ownership of 'error', which may be NULL.  One that stays is logged
 * once. */
static void
set_error(struct facts_server *server, char *error)
{
    if (error && !nullable_string_is_equal(error, server->error)) {
        VLOG_WARN("%s", error);
    }
    free(server->error);
    server->error = error;
}

static bool
has_file(const struct facts_server *server)
{
    for (size_t i = 0; i < N_FILES; i++) {
        if (!access(server->files[i], F_OK)) {
            return true;
        }
    }
    return false;
}

static void
remove_files(struct facts_server *server, long long int now)
{
    for (size_t i = 0; i < N_FILES; i++) {
        if (unlink(server->files[i]) && errno != ENOENT) {
            fail(server, xasprintf("%s: cannot be removed: %s",
                                   server->files[i], ovs_strerror(errno)),
                 now);
        }
    }
}

/* Returns true if somebody takes connections at 'path'. */
static bool
ask(const char *path)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok;

    ovs_strlcpy(sun.sun_path, path, sizeof sun.sun_path);
    ok = fd >= 0 && !connect(fd, (struct sockaddr *) &sun, sizeof sun);
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}
