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

/* config-watch: tells when a configuration file has been written.
 *
 * Editors and deployment tools replace files by renaming, so the directories
 * are watched (inotify(7)).  Only what is complete counts: a file that was
 * closed by its writer, or that was renamed to the name of one; and then
 * CONFIG_WATCH_QUIET_MS must go by in which nobody writes to any of them. */

#ifndef MOBULA_CONFIG_WATCH_H
#define MOBULA_CONFIG_WATCH_H 1

#include <stdbool.h>

struct config_watch;
struct fabric_files;

/* How long no file may change before it is time to reload, in ms. */
#define CONFIG_WATCH_QUIET_MS 1000

/* How often a directory that is not there is looked for, in ms. */
#define CONFIG_WATCH_RETRY_MS 5000

/* Begins to watch 'files', whose names are copied.  The caller must free the
 * result with config_watch_destroy(). */
struct config_watch *config_watch_create(const struct fabric_files *files);
void config_watch_destroy(struct config_watch *);

/* Returns true, once, when it is time to reload.  'now' in ms. */
bool config_watch_run(struct config_watch *, long long int now);
void config_watch_wait(const struct config_watch *);

/* Returns why nothing is watched, as a sentence, or NULL.  Borrowed: valid
 * until the next config_watch_run(). */
const char *config_watch_error(const struct config_watch *);

#endif /* ovs-ctl/config-watch.h */
