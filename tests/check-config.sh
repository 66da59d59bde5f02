#!/bin/sh
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

# check-config: "mobula-ctl check" on the example configuration with one file
# replaced.
#
# Usage: check-config.sh SOURCE-DIRECTORY KIND NAME [OPTION]...
#        check-config.sh SOURCE-DIRECTORY --update
# KIND is hosts, extra-hosts, extra-wires or settings; the file is
# tests/yaml/KIND-NAME.yml.  Works in the current directory, where files have
# the mode that private keys need.  --update rewrites all expected complaints.

set -eu
srcdir=$1
shift

check() {
    file=$1-$2.yml
    kind=$1
    shift 2
    install -m 600 "$srcdir"/hosts.yml.example \
        "$srcdir"/extra_hosts.yml.example "$srcdir"/extra_wires.yml.example \
        "$srcdir"/mobula.yml.example "$srcdir/tests/yaml/$file" .
    mobula-ctl check --hosts=hosts.yml.example \
        --extra-hosts=extra_hosts.yml.example \
        --extra-wires=extra_wires.yml.example \
        --settings=mobula.yml.example "--$kind=$file" "$@"
}

if test "$1" != --update; then
    check "$@"
    exit
fi

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
for expected in "$srcdir"/tests/yaml/*.err; do
    name=$(basename "$expected" .err)
    for kind in hosts extra-hosts extra-wires settings; do
        case $name in
        "$kind"-*) check "$kind" "${name#"$kind"-}" 2>stderr >stdout || : ;;
        esac
    done
    cp stderr "$expected"
done
