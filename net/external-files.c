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

/* external-files: the file that says what was taken, and those that tell
 * network managers to leave it alone.  See external.h.
 *
 * The latter are below /run: they end with the boot.  At the next one,
 * mobula-external.service has "mobulad --hide-external" write them again
 * before any network manager runs.  Should that, or Mobula, be broken, the
 * host configures its interface as it did before there was Mobula. */

#include <config.h>
#include "net/external.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(external_files);

/* A file that is written for a network manager. */
struct hint {
    const char *parent;         /* If this is missing, so is the manager. */
    const char *dir;            /* Made if missing. */
    const char *name;           /* In 'dir'. */
    const char *text;           /* "@" stands for the interface, "&" for the
                                 * host's end of the pair. */
    bool stays;                 /* Once written. */
};

/* NetworkManager reads udev's property as well as its own file, the latter
 * only when it starts.  ifupdown takes an interface for configured that is in
 * its list of those that are; what is "up" there, it can take down later.
 *
 * systemd-networkd takes the first file that matches. */
static const struct hint hints[] = {
    { "/run/udev", "/run/udev/rules.d", "70-mobula-external.rules",
      "# Written by mobulad: see mobula.yml(5), external.\n"
      "SUBSYSTEM==\"net\", KERNEL==\"@\", ENV{NM_UNMANAGED}=\"1\"\n"
      "SUBSYSTEM==\"net\", KERNEL==\"&\", ENV{NM_UNMANAGED}=\"1\"\n", false },
    { "/run/systemd", "/run/systemd/network", "05-mobula-external.network",
      "# Written by mobulad: see mobula.yml(5), external.\n"
      "[Match]\nName=@ &\n\n[Link]\nUnmanaged=yes\n", false },
    { "/etc/NetworkManager", "/run/NetworkManager/conf.d",
      "90-mobula-external.conf",
      "# Written by mobulad: see mobula.yml(5), external.\n"
      "[device-mobula-external]\n"
      "match-device=interface-name:@,interface-name:&\nmanaged=0\n", false },
    { "/etc/network", "/run/network", "ifstate.", "@\n", true },
};

static int remove_file(const char *name);
static bool is_plain(const char *name);
static void put_text(const struct hint *, const char *name, const char *veth,
                     struct ds *);
static void write_hint(const struct hint *, const char *name);
static int make_directories(const char *path);

int
external_load(struct external_taken *ret, char **error)
{
    struct file_contents contents;
    int retval = file_read(EXTERNAL_STATE_FILE, FILE_READ_MAX, &contents);
    char *why;

    external_taken_init(ret);
    if (retval == ENOENT || retval == ENOTDIR) {
        return 0;
    } else if (retval) {
        *error = xasprintf(EXTERNAL_STATE_FILE": cannot read this: %s",
                           ovs_strerror(retval));
        return retval;
    }
    why = external_taken_parse(contents.data, ret);
    file_contents_uninit(&contents);
    if (why) {
        external_taken_init(ret);
        *error = xasprintf(EXTERNAL_STATE_FILE" cannot be understood: %s",
                           why);
        free(why);
        return EPROTO;
    }
    return 0;
}

int
external_save(const struct external_taken *taken, char **error)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    int retval;

    if (taken->phase == EXTERNAL_NONE) {
        retval = remove_file(EXTERNAL_STATE_FILE);
    } else {
        external_taken_format(taken, &s);
        retval = (mkdir(EXTERNAL_STATE_DIR, 0755) && errno != EEXIST ? errno
                  : file_replace(EXTERNAL_STATE_FILE, ds_cstr(&s), s.length,
                                 0600));
    }
    ds_destroy(&s);
    if (retval) {
        *error = xasprintf(EXTERNAL_STATE_FILE": cannot %s this: %s",
                           taken->phase == EXTERNAL_NONE ? "remove" : "write",
                           ovs_strerror(retval));
    }
    return retval;
}

void
external_hide(const struct external_taken *taken, bool hide)
{
    if (!is_plain(taken->name)) {
        if (hide) {
            VLOG_WARN("network managers cannot be told to leave an interface "
                      "of this name alone: %s", taken->name);
        }
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
        const struct hint *hint = &hints[i];

        if (hide) {
            write_hint(hint, taken->name);
        } else if (!hint->stays) {
            char *path = xasprintf("%s/%s", hint->dir, hint->name);
            int error = remove_file(path);

            if (error) {
                VLOG_WARN("%s: cannot remove this: %s", path,
                          ovs_strerror(error));
            }
            free(path);
        }
    }
}

/* Removes 'name', on the disk, too.  No error if there is none. */
static int
remove_file(const char *name)
{
    char *dir;
    int error = 0;
    int fd;

    if (unlink(name)) {
        return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    }
    dir = dir_name(name);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    if (fd < 0 || fsync(fd)) {
        error = errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

/* Does 'name' mean itself in all of these files? */
static bool
is_plain(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (!isalnum((unsigned char) *p) && !strchr("._-", *p)) {
            return false;
        }
    }
    return true;
}

static void
write_hint(const struct hint *hint, const char *name)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char veth[IFNAMSIZ];
    struct stat st;
    char *path;
    int error;

    if (stat(hint->parent, &st)) {
        return;
    }
    external_veth_name(name, veth);
    path = xasprintf("%s/%s%s", hint->dir, hint->name,
                     hint->stays ? name : "");
    put_text(hint, name, veth, &text);
    if (hint->stays && !stat(path, &st) && st.st_size) {
        goto exit;              /* It is up, whoever says so. */
    }
    error = make_directories(hint->dir);
    if (!error) {
        error = file_replace(path, ds_cstr(&text), text.length, 0644);
    }
    if (error) {
        VLOG_WARN("%s: cannot write this: %s", path, ovs_strerror(error));
    }

exit:
    ds_destroy(&text);
    free(path);
}

static void
put_text(const struct hint *hint, const char *name, const char *veth,
         struct ds *s)
{
    for (const char *p = hint->text; *p; p++) {
        if (*p == '@') {
            ds_put_cstr(s, name);
        } else if (*p == '&') {
            ds_put_cstr(s, veth);
        } else {
            ds_put_char(s, *p);
        }
    }
}

static int
make_directories(const char *path)
{
    char *parent = dir_name(path);
    int error = (mkdir(parent, 0755) && errno != EEXIST ? errno
                 : mkdir(path, 0755) && errno != EEXIST ? errno : 0);

    free(parent);
    return error;
}
