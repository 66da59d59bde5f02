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

# check-size: functions, files, parameter lists and include lists that are
# longer than they should be.
#
# Prints "FILE:LINE: ..." for each that is over the limit, unless it stands in
# utilities/check-size.accepted with a number that is not smaller: what is
# there may shrink but not grow.  Functions above the hard limit are never
# accepted.  "check-size.sh --accept" rewrites the list.

set -u -o pipefail
export LC_ALL=C

# Lines of a function, from its name to the closing brace.
function_limit=40
function_hard_limit=80
# Lines of a file.
file_limit=700
parameter_limit=5
include_limit=20

accept=no
if test "${1-}" = --accept; then
    accept=yes
    shift
fi
# shellcheck source=utilities/tree-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree-files.sh"
enter_root "$@"
accepted=utilities/check-size.accepted

# measure FILE...: "KIND SIZE FILE:LINE SUBJECT" for each function (twice) and
# file (twice).
measure() {
    awk '
    function out(kind, size, line, subject) {
        print kind, size, name ":" line, subject
    }
    # Parameters of the prototype "text": what follows the first "(".
    function parameters(text,    i, c, depth, n) {
        text = substr(text, index(text, "(") + 1)
        if (text ~ /^ *(void)? *\)/) { return 0 }
        n = 1
        depth = 1
        for (i = 1; i <= length(text) && depth > 0; i++) {
            c = substr(text, i, 1)
            if (c == "(") { depth++ }
            if (c == ")") { depth-- }
            if (c == "," && depth == 1) { n++ }
        }
        return n
    }
    function end_of_file() {
        out("file-length", lines, 1, name)
        out("includes", n_includes, 1, name)
    }
    FNR == 1 {
        if (NR > 1) { end_of_file() }
        name = FILENAME
        n_includes = 0
        function_name = ""
    }
    { lines = FNR }
    /^# *include/ { n_includes++ }
    # A definition in OVS style: the name starts a line, "{" is a line.
    /^[a-zA-Z_][a-zA-Z0-9_]*\(/ && !/;$/ {
        function_name = $0
        sub(/\(.*/, "", function_name)
        function_line = FNR
        prototype = ""
    }
    function_name != "" && !in_body { prototype = prototype $0 }
    /;$/ && !in_body { function_name = "" }
    /^\{$/ && function_name != "" { in_body = 1 }
    /^\}/ && in_body {
        in_body = 0
        out("function-length", FNR - function_line + 1, function_line,
            name ":" function_name)
        out("parameters", parameters(prototype), function_line,
            name ":" function_name)
        function_name = ""
    }
    END { if (NR) { end_of_file() } }' "$@"
}

# over: of what measure() prints, what is over a limit.
over() {
    awk -v function_limit=$function_limit -v file_limit=$file_limit \
        -v parameter_limit=$parameter_limit \
        -v include_limit=$include_limit '
    BEGIN {
        limit["function-length"] = function_limit
        limit["file-length"] = file_limit
        limit["parameters"] = parameter_limit
        limit["includes"] = include_limit
    }
    $2 > limit[$1]'
}

mapfile -t files < <(tree_files '*.c' '*.h')
test ${#files[@]} -gt 0 || exit 0

if test $accept = yes; then
    {
        echo "# Sizes above the limits of check-size.sh.  May only shrink."
        measure "${files[@]}" | over | awk '{ print $1, $4, $2 }' | sort
    } > $accepted
    exit
fi

list=/dev/null
test ! -e $accepted || list=$accepted
measure "${files[@]}" | over |
    awk -v hard=$function_hard_limit -v list="$list" '
    FILENAME == list {
        if ($0 !~ /^#/ && NF == 3) { allowed[$1 " " $2] = $3 }
        next
    }
    {
        key = $1 " " $4
        too_long = ($1 == "function-length" && $2 > hard)
        if (key in allowed && $2 <= allowed[key] && !too_long) { next }
        subject = $4
        sub(/.*:/, "", subject)
        printf "%s: %s of %s is %d", $3, $1, subject, $2
        if (too_long) {
            printf ", above %d", hard
        } else if (key in allowed) {
            printf ", it was %d", allowed[key]
        }
        printf "\n"
        bad = 1
    }
    END { exit bad }' "$list" -
