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

# run-suite: runs an Autotest suite, and with RECHECK=yes in the environment
# runs the few tests that failed a second time.
#
#   run-suite.sh SHELL DIR/NAME-testsuite -C DIR [OPTION]...
#
# What the first attempt left is kept: its log in
# DIR/first-NAME-testsuite.log, its tests' files in
# DIR/first-NAME-testsuite.dir.  A test counts as passed at the second attempt
# only if it says so itself: not when it is skipped then.  The exit status is 0
# if in the end every test has passed.
#
# There is no second attempt when more than five tests have failed: then it is
# not the machine that was busy.

set -u

test "${RECHECK-}" = yes || exec "$@"

max_failed=5
suite=$2 dir=$4
name=$(basename "$suite")
log=$dir/$name.log first_log=$dir/first-$name.log
files=$dir/$name.dir first_files=$dir/first-$name.dir

# run COMMAND...: a suite cleans up when it is stopped, so whoever stops us
# stops it, and we wait for it.
run() {
    local signal='' pid status
    trap 'signal=INT' INT
    trap 'signal=TERM' HUP TERM
    # It would ignore SIGINT, so what it gets is SIGTERM.
    "$@" <&0 &
    pid=$!
    wait $pid
    status=$?
    if test -n "$signal"; then
        kill -TERM $pid 2> /dev/null
        wait $pid
        trap - "$signal"
        kill -"$signal" $$
    fi
    trap - HUP INT TERM
    return $status
}

# failed_tests: "NUMBER: TITLE" for each test that the log calls failed.
failed_tests() {
    awk '
    /^(Failed tests|Unexpected passes):$/ { listed = 1 }
    /^Skipped tests:$/ { listed = 0 }
    /^## Detailed failed tests/ { exit }
    listed && /^ *[1-9][0-9]*: / {
        sub(/^ */, "")
        sub(/ [^ ]* */, " ")
        print
    }
    ' "$log"
}

# second_options OPTION...: stores in 'options' those that do not choose tests,
# nor how many run at a time.
second_options() {
    options=()
    while test $# -gt 0; do
        case $1 in
            -C) options+=("$1" "$2"); shift ;;
            -k | -j) shift ;;
            -v | -x | --verbose | --trace | *=*) options+=("$1") ;;
        esac
        shift
    done
}

rm -rf "$first_log" "$first_files"
run "$@"
status=$?
test $status != 0 && test -e "$log" || exit $status
mapfile -t failed < <(failed_tests)
if test ${#failed[@]} = 0 || test ${#failed[@]} -gt $max_failed; then
    exit $status
fi

cp "$log" "$first_log" && mv "$files" "$first_files" || exit 1
echo
echo "== second attempt: what failed, one at a time; the first one's log is" \
    "$first_log"
second_options "${@:3}"
run "$1" "$suite" "${options[@]}" --recheck
status=$?
echo
for test in "${failed[@]}"; do
    if grep -qE "^${test%%:*}\. .*: ok( +\([0-9hms. ]*\))?\$" "$log"; then
        echo "passed only at the second attempt: $test"
    else
        echo "did not pass at the second attempt, either: $test"
        test $status != 0 || status=1
    fi
done
exit $status
