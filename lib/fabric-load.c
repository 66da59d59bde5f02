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

/* fabric-load: the configuration files -> a fabric that is checked.
 * See fabric-load.h. */

#include <config.h>
#include "lib/fabric-load.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/config-messages.h"
#include "lib/fabric-check.h"
#include "lib/fabric-yaml.h"
#include "lib/fabric.h"
#include "lib/file-read.h"
#include "lib/settings-yaml.h"
#include "openvswitch/util.h"
#include "util.h"

typedef void parse_function(const char *text, size_t size, const char *file,
                            struct fabric *, struct config_messages *);

/* What is read from where. */
struct file_kind {
    const char *default_name;
    bool required;              /* Even if its name is the default one. */
    parse_function *parse;
};

static const struct file_kind kinds[CONFIG_FILE_N] = {
    [CONFIG_FILE_HOSTS] = {
        FABRIC_FILE_HOSTS, true, fabric_yaml_parse_hosts
    },
    [CONFIG_FILE_EXTRA_HOSTS] = {
        FABRIC_FILE_EXTRA_HOSTS, false, fabric_yaml_parse_extra_hosts
    },
    [CONFIG_FILE_EXTRA_WIRES] = {
        FABRIC_FILE_EXTRA_WIRES, false, fabric_yaml_parse_extra_wires
    },
    [CONFIG_FILE_SETTINGS] = {
        FABRIC_FILE_SETTINGS, false, settings_yaml_parse
    },
};

static void load_file(const struct file_kind *, const char *name,
                      struct fabric *, struct config_messages *);
static void report_unreadable(const char *name, int error,
                              struct config_messages *);
static void check_secrecy(const char *name, const struct file_contents *,
                          const struct fabric *, struct config_messages *);
static bool finish(struct fabric *loaded, struct fabric *fabric,
                   const struct config_messages *);

struct fabric_files
fabric_files_default(void)
{
    return (struct fabric_files) {
        .hosts = FABRIC_FILE_HOSTS,
        .extra_hosts = FABRIC_FILE_EXTRA_HOSTS,
        .extra_wires = FABRIC_FILE_EXTRA_WIRES,
        .settings = FABRIC_FILE_SETTINGS,
    };
}

bool
fabric_load(const struct fabric_files *files, struct fabric *fabric,
            struct config_messages *msgs)
{
    struct fabric loaded;

    fabric_load_partial(files, &loaded, msgs);
    return finish(&loaded, fabric, msgs);
}

bool
fabric_load_partial(const struct fabric_files *files, struct fabric *fabric,
                    struct config_messages *msgs)
{
    fabric_init(fabric);
    load_file(&kinds[CONFIG_FILE_HOSTS], files->hosts, fabric, msgs);
    load_file(&kinds[CONFIG_FILE_EXTRA_HOSTS], files->extra_hosts, fabric,
              msgs);
    load_file(&kinds[CONFIG_FILE_EXTRA_WIRES], files->extra_wires, fabric,
              msgs);
    load_file(&kinds[CONFIG_FILE_SETTINGS], files->settings, fabric, msgs);
    fabric_check(fabric, msgs);
    config_messages_sort(msgs);
    return !msgs->n_errors;
}

bool
fabric_load_settings(const struct fabric_files *files, struct fabric *fabric,
                     struct config_messages *msgs)
{
    struct fabric loaded;

    fabric_init(&loaded);
    load_file(&kinds[CONFIG_FILE_SETTINGS], files->settings, &loaded, msgs);
    fabric_check(&loaded, msgs);
    config_messages_sort(msgs);
    return finish(&loaded, fabric, msgs);
}

/* 'name' may be null for the default. */
static void
load_file(const struct file_kind *kind, const char *name,
          struct fabric *fabric, struct config_messages *msgs)
{
    const char *path = name ? name : kind->default_name;
    struct file_contents contents;
    int error;

    config_messages_add_file(msgs, path);
    error = file_read(path, FILE_READ_MAX, &contents);
    if (!error) {
        kind->parse(contents.data, contents.size, path, fabric, msgs);
        if (kind->parse == fabric_yaml_parse_hosts) {
            check_secrecy(path, &contents, fabric, msgs);
        }
        file_contents_uninit(&contents);
    } else if (error != ENOENT || kind->required
               || strcmp(path, kind->default_name)) {
        report_unreadable(path, error, msgs);
    }
}

static void
report_unreadable(const char *name, int error, struct config_messages *msgs)
{
    struct source_pos pos = { name, 0, 0 };

    if (error == EFBIG) {
        config_error(msgs, &pos, "the file is too big: expected at most %d "
                     "bytes", FILE_READ_MAX);
    } else if (error == EISDIR || error == EINVAL) {
        config_error(msgs, &pos, "this is not a regular file: expected one");
    } else {
        config_error(msgs, &pos, "the file cannot be read: %s",
                     ovs_strerror(error));
    }
}

/* Private keys are for root, or whoever runs this, alone. */
static void
check_secrecy(const char *name, const struct file_contents *contents,
              const struct fabric *fabric, struct config_messages *msgs)
{
    const mode_t others = S_IRWXG | S_IRWXO;
    struct source_pos pos = { name, 0, 0 };
    bool has_key = fabric->has_preshared_secret;

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        has_key = has_key || fabric->hosts[i].has_private_key;
    }
    if (!has_key || !S_ISREG(contents->mode)) {
        return;
    }
    if (contents->mode & others) {
        config_warn(msgs, &pos, "the file has private keys and mode %04o: "
                    "expected 0600, so that others cannot read them",
                    (unsigned int) contents->mode & 07777);
    }
    if (contents->owner && contents->owner != geteuid()) {
        config_warn(msgs, &pos, "the file has private keys and belongs to "
                    "user %lu: expected root",
                    (unsigned long int) contents->owner);
    }
}

/* Moves 'loaded' to '*fabric' if there is no error, otherwise frees it. */
static bool
finish(struct fabric *loaded, struct fabric *fabric,
       const struct config_messages *msgs)
{
    if (msgs->n_errors) {
        fabric_uninit(loaded);
        return false;
    }
    *fabric = *loaded;
    return true;
}
