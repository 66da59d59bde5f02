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

/* sync-dns: keeps the DNS server of the gateway running, with the right names.
 *
 *      no process      write all files, start          files as desired
 *   +-----------------------------------------> RUNS -------------------+
 *   ^                                           |  |                    |
 *   |   stop: another namespace, other options  |  | other names:       |
 *   +-------------------------------------------+  | write, SIGHUP      |
 *                                                  +--------------------+
 *
 * gateway/dnsmasq.h says what is in the files.  The program is on its own: it
 * goes on when mobulad ends, and the next mobulad finds it again.  The file of
 * its options is only ever written while it does not run, so it says how the
 * running program was started.
 *
 * A host where dnsmasq is not installed has no DNS server, and all the
 * rest. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/dnsmasq.h"
#include "gateway/spawn.h"
#include "gateway/supervise.h"
#include "lib/addr.h"
#include "lib/file-read.h"
#include "net/net-ctx.h"
#include "net/net-inside.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_dns);

/* Nobody tells when somebody changes the files. */
#define AUDIT_MS 5000

/* As whom dnsmasq runs. */
#define DNS_USER "nobody"

#define PROCESS "process dnsmasq in "GATEWAY_NETNS

#define FILE_CONFIG OPTIONS_RUN_DIR"/dnsmasq.conf"
#define FILE_HOSTS OPTIONS_RUN_DIR"/dnsmasq.hosts"
#define FILE_SERVERS OPTIONS_RUN_DIR"/dnsmasq.servers"
#define FILE_PID OPTIONS_RUN_DIR"/dnsmasq.pid"

static const char *const files[] = {
    FILE_CONFIG, FILE_HOSTS, FILE_SERVERS, FILE_PID
};

struct sync_dns {
    struct supervise *program;
    enum supervise_state state; /* Of 'program', as it was last seen. */
    struct pace pace;
    struct dnsmasq_texts texts; /* Contents that its files are to have... */
    uint64_t config_seqno;      /* ...which follow from this configuration,
                                 * 0: none... */
    uint64_t texts_netns;       /* ...this namespace... */
    bool is_router;             /* ...and whether it has a way out for
                                 * IPv6. */
    uint64_t netns;             /* The gateway's, by its inode, 0: none. */
    struct plan plan;
    char *error;                /* Of the last comparison, or NULL. */
    bool has_plan;
    bool missing;               /* dnsmasq is not installed. */
    bool up;                    /* The program has written its PID file: it
                                 * listens, and SIGHUP does not end it. */
    bool reload;                /* It may not have read its files. */
};

/* What start() needs inside the gateway's namespace. */
struct start_in {
    struct supervise *program;
    struct in6_addr address;    /* That it listens on, v4-mapped... */
    struct in6_addr address6;   /* ...and, unless it is ::, this. */
    long long int now;
};

static struct supervise *create_program(void);
static bool find_program(struct sync_dns *, long long int now);
static bool follow_namespace(struct daemon *);
static bool follow_config(struct daemon *);
static bool look_for_router(const struct daemon *);
static int find_default6(void *found);
static enum pace_outcome compare(struct daemon *, long long int now);
static enum pace_outcome keep_running(struct daemon *);
static bool keep_pidfile(struct sync_dns *);
static enum pace_outcome start(struct daemon *, long long int now);
static int start_inside(void *in);
static enum pace_outcome stop(struct daemon *, const char *why,
                              long long int now);
static enum pace_outcome remove_all(struct daemon *, long long int now);
static bool file_is(const char *name, const char *text);
static bool write_file(struct sync_dns *, const char *name, const char *text);
static void set_error(struct sync_dns *, char *error);

void
sync_dns_init(struct daemon *d)
{
    struct sync_dns *dns = d->dns = xzalloc(sizeof *dns);

    dns->program = create_program();
    pace_init(&dns->pace, AUDIT_MS);
    plan_init(&dns->plan);
}

void
sync_dns_uninit(struct daemon *d)
{
    struct sync_dns *dns = d->dns;

    supervise_destroy(dns->program);
    dnsmasq_texts_uninit(&dns->texts);
    plan_uninit(&dns->plan);
    free(dns->error);
    free(dns);
}

void
sync_dns_reset(struct daemon *d)
{
    pace_reset(&d->dns->pace);
}

void
sync_dns_run(struct daemon *d, long long int now)
{
    struct sync_dns *dns = d->dns;
    enum supervise_state before = dns->state;
    bool moved = follow_namespace(d);

    dns->state = supervise_run(dns->program, now);
    if (dns->state != before || moved) {
        pace_mark_dirty(&dns->pace);
    }
    if ((d->mode != MODE_RUN || d->has_fabric)
        && pace_is_due(&dns->pace, now)) {
        pace_done(&dns->pace,
                  d->mode == MODE_RUN ? compare(d, now) : remove_all(d, now),
                  now);
        dns->state = supervise_run(dns->program, now);
    }
}

void
sync_dns_wait(struct daemon *d, long long int now)
{
    supervise_wait(d->dns->program, now);
    if (d->mode != MODE_RUN || d->has_fabric) {
        poll_timer_wait_until(pace_next(&d->dns->pace, now));
    }
}

bool
sync_dns_is_ready(const struct daemon *d)
{
    return d->dns->pace.last == PACE_CONVERGED && !d->dns->pace.dirty;
}

const struct plan *
sync_dns_plan(const struct daemon *d)
{
    return d->dns->has_plan ? &d->dns->plan : NULL;
}

bool
sync_dns_is_installed(const struct daemon *d)
{
    return !d->dns->missing;
}

const char *
sync_dns_state(const struct daemon *d)
{
    return (d->dns->missing ? "not installed"
            : d->dns->state == SUPERVISE_RUNNING ? "runs"
            : "does not run");
}

size_t
sync_dns_n_names(const struct daemon *d)
{
    return d->dns->texts.n_names;
}

const char *
sync_dns_error(const struct daemon *d)
{
    const struct sync_dns *dns = d->dns;

    return (dns->missing ? NULL
            : dns->error ? dns->error
            : dns->state == SUPERVISE_DOWN ? supervise_error(dns->program)
            : NULL);
}

static struct supervise *
create_program(void)
{
    char *argv[] = {
        CONST_CAST(char *, DNSMASQ_PROGRAM),
        CONST_CAST(char *, "--keep-in-foreground"),
        CONST_CAST(char *, "--conf-file="FILE_CONFIG),
        CONST_CAST(char *, "--pid-file="FILE_PID),
        NULL
    };

    return supervise_create(argv, FILE_PID);
}

/* Returns true if the program runs.  One that somebody else has started may
 * not know the files as they are now. */
static bool
find_program(struct sync_dns *dns, long long int now)
{
    if (!supervise_pid(dns->program)
        && supervise_adopt(dns->program, now)) {
        dns->reload = dns->up = true;
    }
    return supervise_pid(dns->program) != 0;
}

/* Returns true if the gateway's namespace is another one than before.  A
 * deleted one stays alive, with all its links, as long as dnsmasq is in
 * it. */
static bool
follow_namespace(struct daemon *d)
{
    const struct nlns *ns = &d->net.ctx->ns[NET_GATEWAY];
    uint64_t netns = (ns->fd >= 0 && !nlns_is_stale(ns) ? ns->ino : 0);
    bool changed = netns != d->dns->netns;

    d->dns->netns = netns;
    return changed;
}

/* Makes the contents of the files those that follow from the configuration.
 * Returns false if that is not possible. */
static bool
follow_config(struct daemon *d)
{
    struct sync_dns *dns = d->dns;
    bool is_router = look_for_router(d);
    const struct passwd *user;
    const struct group *group;

    if (dns->config_seqno == d->config_seqno
        && dns->texts_netns == dns->netns && dns->is_router == is_router) {
        return true;
    }
    user = getpwnam(DNS_USER);
    group = user ? getgrgid(user->pw_gid) : NULL;
    if (!group) {
        set_error(dns, xstrdup("there is no user "DNS_USER", or no group of "
                               "his, as whom dnsmasq could run"));
        return false;
    }
    dnsmasq_texts_uninit(&dns->texts);
    dnsmasq_want(&(struct dnsmasq_in) {
        .fabric = &d->fabric,
        .self = d->self,
        .user = DNS_USER,
        .group = group->gr_name,
        .hosts_path = FILE_HOSTS,
        .servers_path = FILE_SERVERS,
        .is_router = is_router,
        .netns = dns->netns,
    }, &dns->texts);
    supervise_set_memory_max(dns->program, dns->texts.memory_max);
    dns->config_seqno = d->config_seqno;
    dns->texts_netns = dns->netns;
    dns->is_router = is_router;
    return true;
}

/* Returns true if the gateway has an IPv6 route to the outside, whoever made
 * it: without one, it would take what others could bring there. */
static bool
look_for_router(const struct daemon *d)
{
    bool found = false;

    return (d->fabric.settings.ipv6 != IPV6_OFF && d->dns->netns
            && !nlns_call(net_ctx_gateway_fd(d->net.ctx), find_default6,
                          &found)
            && found);
}

/* In the gateway's namespace. */
static int
find_default6(void *found)
{
    return net_inside_has_default6(found);
}

static enum pace_outcome
compare(struct daemon *d, long long int now)
{
    struct sync_dns *dns = d->dns;
    bool runs = find_program(dns, now);

    set_error(dns, NULL);
    plan_uninit(&dns->plan);
    plan_init(&dns->plan);
    dns->has_plan = true;
    dns->missing = !runs && !spawn_is_installed(DNSMASQ_PROGRAM);
    if (dns->missing) {
        return PACE_CONVERGED;
    } else if (runs && !dns->netns) {
        return stop(d, "its namespace is gone", now);
    } else if (!follow_config(d)) {
        return PACE_FAILED;
    } else if (!runs) {
        return start(d, now);
    } else if (!file_is(FILE_CONFIG, dns->texts.config)) {
        return stop(d, "other options", now);
    }
    return keep_running(d);
}

static enum pace_outcome
keep_running(struct daemon *d)
{
    struct sync_dns *dns = d->dns;
    bool same = (file_is(FILE_HOSTS, dns->texts.hosts)
                 && file_is(FILE_SERVERS, dns->texts.servers));

    if (!same) {
        plan_add(&dns->plan, PLAN_CHANGE,
                 xstrdup("names and servers of dnsmasq"), NULL);
    }
    dns->up = dns->up || !access(FILE_PID, F_OK);
    if (dns->state == SUPERVISE_STOPPING || !dns->up) {
        return PACE_WAITING;
    } else if (!d->options.dry_run && !keep_pidfile(dns)) {
        return PACE_FAILED;
    } else if (same && !dns->reload) {
        return PACE_CONVERGED;
    } else if (d->options.dry_run) {
        return PACE_WAITING;
    } else if (!same
               && !(write_file(dns, FILE_HOSTS, dns->texts.hosts)
                    && write_file(dns, FILE_SERVERS, dns->texts.servers))) {
        return PACE_FAILED;
    }
    VLOG_INFO("dnsmasq: names: %"PRIuSIZE, dns->texts.n_names);
    supervise_signal(dns->program, SIGHUP);
    dns->reload = false;
    return PACE_CHANGED;
}

/* Without its PID file, the next mobulad would not find the program.  Returns
 * false if it cannot be written. */
static bool
keep_pidfile(struct sync_dns *dns)
{
    char *pid = xasprintf("%d\n", (int) supervise_pid(dns->program));
    bool ok = !access(FILE_PID, F_OK) || write_file(dns, FILE_PID, pid);

    free(pid);
    return ok;
}

static enum pace_outcome
start(struct daemon *d, long long int now)
{
    struct sync_dns *dns = d->dns;
    struct start_in in = {
        .program = dns->program,
        .now = now,
    };
    int error;

    in6_addr_set_mapped_ipv4(&in.address,
                             addr_access_gateway(&d->fabric.settings,
                                                 d->self));
    if (d->fabric.settings.ipv6 != IPV6_OFF) {
        in.address6 = addr_access6_gateway(&d->fabric.settings, d->self);
    }
    plan_add(&dns->plan, PLAN_ADD, xstrdup(PROCESS), NULL);
    if (d->options.dry_run || !dns->netns
        || !supervise_is_due(dns->program, now)) {
        return PACE_WAITING;
    }
    /* The one of an earlier process says nothing about this one. */
    if (unlink(FILE_PID) && errno != ENOENT) {
        set_error(dns, xasprintf("%s: cannot be removed: %s", FILE_PID,
                                 ovs_strerror(errno)));
        return PACE_FAILED;
    }
    if (!write_file(dns, FILE_CONFIG, dns->texts.config)
        || !write_file(dns, FILE_HOSTS, dns->texts.hosts)
        || !write_file(dns, FILE_SERVERS, dns->texts.servers)) {
        return PACE_FAILED;
    }
    dns->reload = dns->up = false;
    error = nlns_call(net_ctx_gateway_fd(d->net.ctx), start_inside, &in);
    if (error && error != EADDRNOTAVAIL) {
        set_error(dns, xasprintf("cannot start dnsmasq in "GATEWAY_NETNS
                                 ": %s", ovs_strerror(error)));
        return PACE_FAILED;
    }
    return error ? PACE_WAITING : PACE_CHANGED;
}

/* Returns EADDRNOTAVAIL if the address is not there (yet), without starting
 * the program; or 0 or another positive errno. */
static int
start_inside(void *in_)
{
    struct start_in *in = in_;
    int error = net_inside_try_address(&in->address);

    if (!error && ipv6_addr_is_set(&in->address6)) {
        error = net_inside_try_address(&in->address6);
    }
    if (!error) {
        supervise_start(in->program, in->now);
    }
    return error;
}

static enum pace_outcome
stop(struct daemon *d, const char *why, long long int now)
{
    struct sync_dns *dns = d->dns;

    plan_add(&dns->plan, d->mode == MODE_RUN ? PLAN_CHANGE : PLAN_REMOVE,
             xstrdup(PROCESS), nullable_xstrdup(why));
    if (!d->options.dry_run) {
        supervise_stop(dns->program, now);
    }
    return PACE_WAITING;
}

static enum pace_outcome
remove_all(struct daemon *d, long long int now)
{
    struct sync_dns *dns = d->dns;

    set_error(dns, NULL);
    plan_uninit(&dns->plan);
    plan_init(&dns->plan);
    dns->has_plan = true;
    dns->missing = false;
    if (find_program(dns, now)) {
        return stop(d, NULL, now);
    }
    supervise_stop(dns->program, now);
    for (size_t i = 0; i < ARRAY_SIZE(files) && !d->options.dry_run; i++) {
        if (unlink(files[i]) && errno != ENOENT) {
            set_error(dns, xasprintf("%s: cannot be removed: %s", files[i],
                                     ovs_strerror(errno)));
            return PACE_FAILED;
        }
    }
    return PACE_CONVERGED;
}

static bool
file_is(const char *name, const char *text)
{
    struct file_contents contents;
    bool same;

    if (file_read(name, strlen(text), &contents)) {
        return false;
    }
    same = (contents.size == strlen(text)
            && !memcmp(contents.data, text, contents.size));
    file_contents_uninit(&contents);
    return same;
}

/* dnsmasq reads some of them again when it is nobody. */
static bool
write_file(struct sync_dns *dns, const char *name, const char *text)
{
    int error = file_replace(name, text, strlen(text), 0644);

    if (error) {
        set_error(dns, xasprintf("%s: cannot be written: %s", name,
                                 ovs_strerror(error)));
    }
    return !error;
}

/* Takes ownership of 'error', which may be NULL. */
static void
set_error(struct sync_dns *dns, char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    if (error) {
        VLOG_WARN_RL(&rl, "%s", error);
    }
    free(dns->error);
    dns->error = error;
}
