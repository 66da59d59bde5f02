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

# shellcheck shell=bash
# tree-files: which files the gates look at.  Read by check-*.sh, not run.

# tree_files PATTERN...: the files of the tree in the current directory whose
# path matches one of the shell patterns ("*" matches "/" too), a line each,
# sorted.  With git, what git knows or would offer to add.
tree_files() {
    local file pattern
    {
        if test -e .git && command -v git > /dev/null; then
            git -c safe.directory="$PWD" ls-files --cached --others \
                --exclude-standard
        else
            find . \( -path ./_build -o -path './*-testsuite.dir' \
                -o -name .deps -o -name autom4te.cache \) -prune -o \
                -type f -print | sed 's,^\./,,'
        fi
    } | sort -u | while IFS= read -r file; do
        test -f "$file" || continue
        for pattern; do
            # shellcheck disable=SC2053
            if [[ $file == $pattern ]]; then
                printf '%s\n' "$file"
                break
            fi
        done
    done
}

# enter_root [--root DIR]: goes to DIR, or to the tree that the calling
# script is part of.
enter_root() {
    if test "${1-}" = --root && test $# = 2; then
        cd "$2" || exit 2
    elif test $# = 0; then
        cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
    else
        echo "usage: $0 [--root DIR]" >&2
        exit 2
    fi
}
