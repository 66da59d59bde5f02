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

# check-dist: what git knows is in the tarball too.
#
# usage: utilities/check-dist.sh DISTDIR
# DISTDIR is what "make distdir" made.  Prints the files that are missing.

set -u -o pipefail

if test $# != 1 || test ! -d "$1"; then
    echo "usage: utilities/check-dist.sh DISTDIR" >&2
    exit 2
fi
distdir=$(cd "$1" && pwd)
# shellcheck source=utilities/tree-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree-files.sh"
enter_root
status=0
while read -r file; do
    case $file in
        "$(basename "$distdir")"/* | .git*) continue ;;
    esac
    if test ! -e "$distdir/$file"; then
        echo "$file: not in the tarball: add it to an automake.mk"
        status=1
    fi
done < <(tree_files '*')
exit $status
