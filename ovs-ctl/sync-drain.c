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

/* sync-drain: takes this host out of the network before maintenance, and back
 * into it, without losing a frame.
 *
 *     drain:    tell "drained"  -->  DRAIN_MS later, BFD says cpath_down
 *     undrain:  BFD no longer does  -->  DRAIN_MS later, tell "not drained"
 *
 * A peer that has heard that this host is drained no longer uses it as a
 * relay, and reaches it by the direct link even though BFD keeps that link
 * from counting as live.  BFD is there for the peers whose mobulad does not
 * run: their switches leave this host by themselves.  It comes after, and goes
 * before, what the others know, since these would take it for a link that is
 * down.
 *
 * A file in the run directory remembers it, until mobula-ctl undrain, teardown
 * or a boot. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/file-read.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_drain);

#define DRAIN_FILE OPTIONS_RUN_DIR"/drained"

/* How long peers have to take in what is told. */
#define DRAIN_MS 1000

static void go_on(struct daemon *, long long int now);
static void set_cpath_down(struct daemon *, bool cpath_down);

void
sync_drain_init(struct daemon *d)
{
    struct sync_drain *drain = &d->drain;

    drain->wanted = !access(DRAIN_FILE, F_OK);
    drain->told = drain->cpath_down = drain->wanted;
}

void
sync_drain_run(struct daemon *d, long long int now)
{
    if (d->options.dry_run || !d->has_fabric) {
        return;
    } else if (d->mode == MODE_RUN) {
        go_on(d, now);
    } else if (d->drain.wanted) {
        char *error = sync_drain_set(d, false);

        if (error) {
            VLOG_WARN("%s", error);
            free(error);
            d->drain.wanted = false;
        }
    }
}

void
sync_drain_wait(struct daemon *d, long long int now)
{
    if (d->drain.step_ms > now) {
        poll_timer_wait_until(d->drain.step_ms);
    }
}

bool
sync_drain_is_done(const struct daemon *d)
{
    const struct sync_drain *drain = &d->drain;

    return (drain->told == drain->wanted
            && drain->cpath_down == drain->wanted
            && sync_ports_is_ready(d));
}

char *
sync_drain_set(struct daemon *d, bool drained)
{
    static const char text[] = "Made by 'mobula-ctl drain'.\n";
    int error;

    if (d->options.dry_run) {
        return xstrdup("this mobulad changes nothing (--dry-run)");
    }
    error = (drained ? file_replace(DRAIN_FILE, text, sizeof text - 1, 0644)
             : unlink(DRAIN_FILE) ? errno : 0);
    if (error && (drained || error != ENOENT)) {
        return xasprintf("%s: cannot be %s: %s", DRAIN_FILE,
                         drained ? "made" : "removed", ovs_strerror(error));
    }
    if (d->drain.wanted != drained) {
        VLOG_INFO("%s", drained ? "this host is drained: peers leave it"
                  : "this host is no longer drained");
        d->drain.wanted = drained;
        poll_immediate_wake();
    }
    return NULL;
}

/* Takes the next step that is due. */
static void
go_on(struct daemon *d, long long int now)
{
    struct sync_drain *drain = &d->drain;

    if (drain->wanted) {
        if (!drain->told) {
            drain->told = true;
            drain->step_ms = now + DRAIN_MS;
        } else if (!drain->cpath_down && now >= drain->step_ms) {
            set_cpath_down(d, true);
        }
    } else {
        if (drain->cpath_down) {
            set_cpath_down(d, false);
            drain->step_ms = now + DRAIN_MS;
        } else if (drain->told && now >= drain->step_ms
                   && sync_ports_is_ready(d)) {
            drain->told = false;
        }
    }
    sync_facts_set_drained(d, drain->told);
}

static void
set_cpath_down(struct daemon *d, bool cpath_down)
{
    d->drain.cpath_down = cpath_down;
    pace_mark_dirty(&d->ports.pace);
    poll_immediate_wake();
}
