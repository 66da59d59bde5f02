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

# check-style: the rules of Documentation/coding-style.md that a program can
# see in the text of a file.  Prints "FILE:LINE: what is wrong"; the exit
# status is 1 if there was anything.
#
# It does not look at sizes (check-size.sh) or at purity (check-purity.sh).

set -u -o pipefail
export LC_ALL=C

# shellcheck source=utilities/tree-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree-files.sh"
enter_root "$@"
status=0

# Rules for every line of C.
c_lines() {
    awk '
    function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
    # The line without comments on one line, strings and characters.
    function code(line) {
        gsub(/\\./, "", line)
        gsub(/"[^"]*"/, "\"\"", line)
        gsub(/\x27[^\x27]*\x27/, "\x27\x27", line)
        gsub(/\/\*[^*]*\*\//, "", line)
        return line
    }
    FNR == 1 { in_comment = 0 }
    length($0) > 79 { say("more than 79 columns") }
    /\t/ { say("tab") }
    /[^\t -~]/ { say("character outside ASCII") }
    /"[^"]*table=[0-9]/ && !in_comment && !/^ *\/\*/ &&
        FILENAME !~ /^(flows\/stages\.c|tests\/)/ {
        say("stage number outside flows/stages.c")
    }
    /(TODO|FIXME|XXX)/ { say("unfinished business") }
    {
        line = code($0)
        if (in_comment) {
            if (line !~ /\*\//) { next }
            sub(/.*\*\//, "", line)
            in_comment = 0
        }
        if (line ~ /\/\*/) {
            sub(/\/\*.*/, "", line)
            in_comment = 1
        }
    }
    line ~ /\/\// { say("comment in // style") }
    line ~ /typedef +(struct|union|enum)/ { say("typedef of a struct") }
    line ~ /(^|[^a-z_])assert *\(/ { say("assert(): use ovs_assert()") }
    line ~ /# *include *<assert\.h>/ { say("<assert.h>") }
    line ~ /(^|[^a-z_])(malloc|calloc|realloc|strdup|strndup)\(/ {
        say("allocation that may fail: use the x...() functions")
    }
    line ~ /(^|[^a-z_])(sprintf|vsprintf|strcpy|strcat|strncpy|gets)\(/ {
        say("unbounded or unterminated string function")
    }
    line ~ /(^|[^a-z_0-9])(if|for|while|switch)\(/ {
        say("no blank before the parenthesis")
    }
    line ~ /^ +\{$/ && previous ~ /^ +(if|for|while|else|do|switch)/ &&
        previous ~ /[^,&|(\\]$/ && depth_of(previous) == 0 {
        say("brace on a line of its own")
    }
    line ~ /^ *(\} *)?else *if .*[^{,&|(]$/ && depth_of(line) == 0 {
        say("else if without a brace")
    }
    line ~ /^ *if \(.*\)$/ && depth_of(line) == 0 && line !~ /\\$/ {
        say("if without a brace")
    }
    line ~ /^ *(\} *)?else$/ { say("else without a brace") }
    { previous = line }
    # Parentheses that are still open at the end of the line.
    function depth_of(text,    opened, closed) {
        opened = gsub(/\(/, "(", text)
        closed = gsub(/\)/, ")", text)
        return opened - closed
    }
    END { exit bad }' "$@"
}

# Rules for a file of C as a whole: licence, purpose, order of includes.
c_file() {
    awk -v file="$1" -v header="$2" '
    function say(line, what) { print file ":" line ": " what; bad = 1 }
    NR == 1 && $0 != "/*" { say(1, "does not begin with the licence") }
    NR <= 15 && /Licensed under the Apache License, Version 2\.0/ {
        licence = 1
    }
    /\*\// && !licence_end { licence_end = NR }
    licence_end && !purpose && NR > licence_end && NF {
        purpose = NR
        if ($0 !~ /^\/\* [a-z0-9_-]+: [^ ]/) {
            say(NR, "no purpose comment (\"/* name: what it is\") after " \
                "the licence")
        }
    }
    /^# *include/ {
        n_includes++
        if (file ~ /\.c$/) {
            if (n_includes == 1 && $2 != "<config.h>") {
                say(NR, "<config.h> is not the first include")
            }
            if (n_includes == 2 && header != "" \
                && $2 != "\"" header "\"") {
                say(NR, "\"" header "\" is not the second include")
            }
        } else if ($2 == "<config.h>") {
            say(NR, "<config.h> in a header")
        }
    }
    file ~ /\.h$/ && /^#ifndef/ && !guard {
        guard = 1
        if ($2 !~ /^MOBULA_[A-Z0-9_]+_H$/) {
            say(NR, "include guard is not MOBULA_..._H")
        }
    }
    NF { last = $0 }
    END {
        if (!licence) { say(1, "no licence") }
        if (!purpose) { say(1, "no purpose comment") }
        if (file ~ /\.h$/ && last != "#endif /* " file " */") {
            say(NR, "last line is not \"#endif /* " file " */\"")
        }
        if (file ~ /\.c$/ && n_includes == 0) {
            say(1, "no include of <config.h>")
        }
        exit bad
    }' "$1"
}

# Rules for every text file.
text_lines() {
    awk '
    function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
    FNR == 1 && NR > 1 { end_of_file() }
    FNR == 1 { blank = 0 }
    /\r/ { say("carriage return") }
    /[ \t]$/ { say("white space at the end of the line") }
    # A path that only one machine has.
    (" " $0) ~ /[^A-Za-z0-9_.$@*}\/)-]\/(home|root|Users|work|builds?)\// {
        say("absolute path of one machine")
    }
    { blank = ($0 == ""); name = FILENAME; last = FNR }
    function end_of_file() {
        if (blank) {
            print name ":" last ": blank line at the end of the file"
            bad = 1
        }
    }
    END { end_of_file(); exit bad }' "$@"
}

# Rules for programs in a language that is not C.
script() {
    local bad=0 interpreter
    interpreter=$(head -n 1 "$1")
    case $interpreter in
        '#!/bin/bash' | '#!/usr/bin/env bash') bash -n "$1" || bad=1 ;;
        '#!/bin/sh') sh -n "$1" || bad=1 ;;
    esac
    awk -v file="$1" '
    function say(line, what) { print file ":" line ": " what; bad = 1 }
    length($0) > 79 { say(NR, "more than 79 columns") }
    NR <= 16 && /Licensed under the Apache License, Version 2\.0/ {
        licence = 1
    }
    END {
        if (!licence && NR > 20) { say(1, "no licence") }
        exit bad
    }' "$1" || bad=1
    return $bad
}

mapfile -t c_files < <(tree_files '*.c' '*.h')
if test ${#c_files[@]} -gt 0; then
    c_lines "${c_files[@]}" || status=1
fi
for file in "${c_files[@]}"; do
    header=${file%.c}.h
    test -e "$header" || header=
    c_file "$file" "$header" || status=1
done

mapfile -t text_files < <(tree_files '*.[ch]' '*.at' '*.mk' '*.am' '*.ac' \
    '*.m4' '*.in' '*.md' '*.sh' '*.py' '*.yml' '*.xml' '*.svg' '*.service' \
    '*.example' 'NEWS' 'debian/*' 'rhel/*' 'utilities/*' '.ci/*')
if test ${#text_files[@]} -gt 0; then
    text_lines "${text_files[@]}" || status=1
    for file in "${text_files[@]}"; do
        if head -c 2 "$file" | grep -q '^#!'; then
            script "$file" || status=1
        fi
    done
fi
exit $status
