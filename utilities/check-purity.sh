#!/bin/bash
# Copyright (c) 2026 The Mobula Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

# check-purity: proves that the code that decides does nothing else.
#
# Two checks.  The include check reads the sources: folders include each other
# only in the allowed direction.  The object check reads the symbols of the
# compiled pure files: nothing undefined that reads a clock, a file, a socket,
# the environment or a random source, writes a log, waits or ends the process;
# nothing defined that can be written to.
#
# "check-purity.sh OBJECT..." does the object check on these objects only.
# Needs a build without sanitizers, which add data of their own.

set -u -o pipefail
export LC_ALL=C

# Which sources are pure, and which of them are not.
pure_sources=('lib/*.c' 'flows/*.c'
    '@(wg|net|gateway|ovs-ctl)/*-@(want|diff|codec|render|state|fate|fsm).c'
    'wg/wg-device.c' 'ovs-ctl/@(pace|snapshot).c')
impure_sources='lib/@(file-read|fabric-load|host-key).c'

# What a pure object must not use, by reason.  Names of libc, then of OVS.
reads_a_clock='time|gettimeofday|clock|clock_.*|ftime|localtime(_r)?|
    nanosleep|usleep|sleep|time_.*|xclock_gettime|xgettimeofday|timewarp_.*'
touches_files='open(at)?(64)?|__open(at)?(64)?_2|creat(64)?|f?d?open(64)?|
    freopen(64)?|close|p?(read|write)v?(64)?|__p?read(64)?_chk|unlink(at)?|
    rename(at)?|mkdir(at)?|rmdir|f?l?stat(at)?(64)?|access|f?chmod|f?chown|
    readlink(at)?|__readlink_chk|opendir|readdir(64)?|f?truncate(64)?|fsync|
    mmap(64)?|ioctl|fcntl(64)?|pipe2?|dup[23]?|flock|mkstemp(64)?'
writes_output='v?f?printf|__v?f?printf_chk|puts|fputs|putchar|putc|_IO_putc|
    fputc|fwrite|fread|fgets|getline|getdelim|fflush|perror|std(in|out|err)'
uses_a_socket='socket|socketpair|connect|bind|listen|accept4?|send|sendto|
    sendm?msg|recv|recvfrom|recvm?msg|[gs]etsockopt|shutdown|getaddrinfo|
    gethostby.*|if_nametoindex|if_indextoname|getifaddrs|mnl_socket_.*|
    inet_(open|parse)_.*|make_unix_socket|stream_.*|pstream_.*|nl_.*'
reads_the_environment='(secure_)?getenv|(un)?setenv|environ|gethostname|
    getpid|getuid|geteuid|uname|sysconf|getcwd|getpw.*'
is_random='rand(_r)?|srand|random|srandom|random_.*|getrandom|getentropy|
    arc4random.*|randombytes_.*|uuid_generate'
logs='vlog_.*|vlog|this_module|syslog'
waits_or_acts='poll|ppoll|select|epoll_.*|poll_.*|latch_.*|seq_.*|rconn_.*|
    vconn_.*|jsonrpc_.*|ovsdb_idl_.*|unixctl_.*|dpif_.*|netdev_.*|
    route_table_.*|ovsrcu_.*'
changes_the_process='fork|vfork|exec.*|posix_spawn.*|system|popen|kill|raise|
    signal|sigaction|exit|_exit|ovs_fatal.*|ovs_error.*|set(re|res)?[ug]id|
    setns|unshare|mount|umount2?|chdir|umask|fatal_signal_.*|daemon.*'
has_threads='pthread_.*|ovs_thread_.*|ovs_mutex_.*|ovs_rwlock_.*|xpthread_.*|
    xmutex_.*|coverage_.*|counter_.*'

# Exceptions: "OBJECT SYMBOL".  wgkey_generate() is there to read randomness.
exceptions='lib/wgkey.o randombytes_buf'

# shellcheck source=utilities/tree-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree-files.sh"
shopt -s extglob
status=0

# include_check: the direction of style: lib <- flows, wg, net, gateway <-
# ovs-ctl; utilities uses lib and flows; tests use everything.
include_check() {
    awk '
    BEGIN {
        may["lib"] = "lib"
        may["flows"] = "lib flows"
        may["wg"] = "lib wg"
        may["net"] = "lib net"
        may["gateway"] = "lib gateway"
        may["ovs-ctl"] = "lib flows wg net gateway ovs-ctl"
        may["utilities"] = "lib flows utilities"
        folders = " lib flows wg net gateway ovs-ctl utilities tests "
    }
    function has(list, word) { return index(" " list " ", " " word " ") }
    /^# *include *"/ {
        split($0, part, "\"")
        folder = FILENAME
        sub(/\/.*/, "", folder)
        target = part[2]
        if (target !~ /\//) { next }
        sub(/\/.*/, "", target)
        if (!(folder in may) || !has(folders, target)) { next }
        if (!has(may[folder], target)) {
            print FILENAME ":" FNR ": " folder "/ must not include " target "/"
            bad = 1
        }
    }
    END { exit bad }' "$@"
}

# forbidden LIST REGEX REASON: complains about each "OBJECT SYMBOL" of LIST
# whose symbol matches.
forbidden() {
    local found
    found=$(grep -E "^[^ ]+ ($(tr -d '\n ' <<< "$2"))\$" <<< "$1" |
        grep -vxF "$exceptions")
    test -n "$found" || return 0
    sed "s/ /: /; s/\$/ $3/" <<< "$found"
    return 1
}

# writable OBJECT...: complains about each object that can be written to.
# Constants that hold addresses are in .data.rel.ro.
writable() {
    objdump -t "$@" | awk '
    / file format / { file = $1; sub(/:$/, "", file) }
    / O .*\t/ {
        split($0, half, "\t")
        n = split(half[1], left, " ")
        split(half[2], right, " ")
        section = left[n]
        if (section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
            section !~ /^\.data\.rel\.ro/) {
            print file ": " right[2] " in " section " can be written to"
            bad = 1
        }
    }
    END { exit bad }'
}

# object_check OBJECT...
object_check() {
    local object undefined bad=0
    for object; do
        if test ! -e "$object"; then
            echo "$object: not built: run make first"
            bad=1
        fi
    done
    test $bad = 0 || return 1
    undefined=$(nm -A -u "$@" | awk '{ sub(/:.*/, "", $1); print $1, $NF }')
    if grep -qE ' __(asan|ubsan)_' <<< "$undefined"; then
        echo "$1: built with sanitizers, which hides what is looked for"
        return 1
    fi
    forbidden "$undefined" "$reads_a_clock" 'reads a clock' || bad=1
    forbidden "$undefined" "$touches_files" 'touches files' || bad=1
    forbidden "$undefined" "$writes_output" 'is a stream' || bad=1
    forbidden "$undefined" "$uses_a_socket" 'uses a socket' || bad=1
    forbidden "$undefined" "$reads_the_environment" \
        'reads the environment' || bad=1
    forbidden "$undefined" "$is_random" 'is random' || bad=1
    forbidden "$undefined" "$logs" 'logs' || bad=1
    forbidden "$undefined" "$waits_or_acts" 'waits or acts' || bad=1
    forbidden "$undefined" "$changes_the_process" \
        'changes the process' || bad=1
    forbidden "$undefined" "$has_threads" 'is for threads or counts' || bad=1
    writable "$@" || bad=1
    return $bad
}

if test $# -gt 0 && test "$1" != --root; then
    object_check "$@"
    exit
fi

enter_root "$@"
mapfile -t sources < <(tree_files '*.[ch]')
include_check "${sources[@]}" /dev/null || status=1
objects=()
for file in "${sources[@]}"; do
    for pattern in "${pure_sources[@]}"; do
        # shellcheck disable=SC2053
        if [[ $file == $pattern && $file != $impure_sources ]]; then
            objects+=("${file%.c}.o")
        fi
    done
done
test ${#objects[@]} = 0 || object_check "${objects[@]}" || status=1
exit $status
