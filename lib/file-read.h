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

/* file-read: reads a whole small file, replaces one in a single step.
 *
 * Together with fabric-load.c the only I/O in lib/.  What the bytes mean is
 * nobody's business here. */

#ifndef MOBULA_FILE_READ_H
#define MOBULA_FILE_READ_H 1

#include <stddef.h>
#include <sys/types.h>
#include "openvswitch/compiler.h"

/* Limit for configuration files, in bytes: 4 MiB. */
#define FILE_READ_MAX (4 * 1024 * 1024)

/* A file that was read. */
struct file_contents {
    char *data;                 /* Followed by a null byte. */
    size_t size;                /* Bytes, without that null byte. */
    mode_t mode;                /* As in struct stat, of the opened file. */
    uid_t owner;
};

/* Reads the regular file or character device (/dev/null) 'name', of at most
 * 'max_size' bytes; symbolic links are followed.  Returns 0 and fills
 * '*contents', which the caller must free with file_contents_uninit(); or a
 * positive errno: EFBIG if there are more bytes, EISDIR for a directory,
 * EINVAL for a pipe, socket or block device. */
int file_read(const char *name, size_t max_size,
              struct file_contents *contents) OVS_WARN_UNUSED_RESULT;

/* Wipes and frees what 'contents' owns: it may have been private keys. */
void file_contents_uninit(struct file_contents *contents);

/* Makes 'name' a file of the 'size' bytes at 'data' with 'mode' (not
 * subject to the umask), so that at every moment, also after a crash, there is
 * either all of the old or all of the new.  A symbolic link is replaced.
 * Returns 0 or a positive errno, with the old file untouched.  EIO from
 * writing the directory to the disk is returned with the new file there. */
int file_replace(const char *name, const void *data, size_t size,
                 mode_t mode) OVS_WARN_UNUSED_RESULT;

/* The same, but returns EEXIST if there is a file 'name', of whatever kind,
 * which is left as it is. */
int file_create(const char *name, const void *data, size_t size,
                mode_t mode) OVS_WARN_UNUSED_RESULT;

#endif /* lib/file-read.h */
