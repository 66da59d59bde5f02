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

/* options: the command line of mobulad. */

#ifndef MOBULA_OPTIONS_H
#define MOBULA_OPTIONS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "lib/fabric-load.h"

/* Where pidfile and control socket are. */
#define OPTIONS_RUN_DIR "/var/run/mobula"

/* Where log files are: ours, if asked for, and those of child processes. */
#define OPTIONS_LOG_DIR "/var/log/mobula"

/* From the command line; constant after the start. */
struct daemon_options {
    struct fabric_files files;
    const char *private_key;    /* Of this host, if 'files' do not have it. */
    uint16_t host_id;           /* 0 = find out. */
    char *ovsdb_remote;         /* Host's database. */
    char *unixctl_path;         /* Where mobula-ctl finds us. */
    bool dry_run;               /* Compare and print, change nothing. */
    bool teardown;              /* Remove everything and exit. */
    bool hide_external;         /* Only keep network managers away from the
                                 * external interface. */
};

/* Fills 'options', which the caller must free with options_uninit().  Ends the
 * process after --help and --version, and with exit status 2 and a sentence
 * if the command line is wrong. */
void options_parse(int argc, char *argv[], struct daemon_options *options);
void options_uninit(struct daemon_options *options);

#endif /* ovs-ctl/options.h */
