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

# documentation-links: prints what the guides of the tree in the current
# directory point to that does not exist: relative links, and files of the
# tree that are named in the text.

export LC_ALL=C
folders='lib|flows|wg|net|gateway|ovs-ctl|utilities|tests'
for guide in README.md CONTRIBUTING.md Documentation/*.md; do
    folder=$(dirname "$guide")
    {
        sed -n 's/.*\](\([A-Za-z.][^():#]*\)).*/\1/p' "$guide" |
            sed "s,^,$folder/,"
        grep -oE "($folders)/[a-z][a-z0-9-]*\.(c|h|md|sh|at|in|mk)" "$guide"
        grep -oE 'utilities/[a-z][a-z-]*' "$guide"
    } | while read -r target; do
        test -e "$target" || ls -d "$target"* > /dev/null 2>&1 ||
            echo "$guide: $target does not exist"
    done
done
