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

# fake-host: programs for a directory that mobula-update takes for a host.
#
# usage: fake-host.sh DIR
# Fills DIR/bin.  A "package" is a file with its version in it; the version
# that is installed is in DIR/installed.  What was called is in DIR/calls.
# mobulad is a sleep(1) of that name; it does not get ready with settings that
# have "bad" in them, and mobula-ctl does not like hosts that have "wrong".

set -e
cd "$1"
mkdir -p bin sleep root/var/log/mobula root/run/mobula
cp "$(command -v sleep)" sleep/mobulad

# fake NAME: makes a program of standard input.
fake() {
    { printf '#!/bin/sh\ncd "%s" || exit 1\n' "$PWD"; cat; } > "bin/$1"
    chmod +x "bin/$1"
}

fake apt-get << 'END'
echo "apt-get $1" >> calls
for last; do :; done
case $1 in
    install)
        case $last in
            /*) cp "$last" installed ;;
            *=*) echo "${last#*=}" > installed ;;
            *) echo 1.0 > installed ;;
        esac ;;
    remove) rm -f installed ;;
esac
END

fake dpkg-query << 'END'
test -e installed && printf 'installed %s' "$(cat installed)"
END

fake dpkg-deb << 'END'
cat "$2"
END

fake mobulad << 'END'
echo "mobulad" >> calls
for word; do
    case $word in --pidfile=*) pidfile=${word#*=} ;; esac
done
sleep/mobulad 1000 < /dev/null > /dev/null 2>&1 &
echo $! > "$pidfile"
END

fake mobula-ctl << 'END'
echo "mobula-ctl $1" >> calls
case $1 in
    check)
        for word; do
            case $word in
                --hosts=*)
                    if grep wrong "${word#*=}"; then exit 1; fi ;;
            esac
        done ;;
    wait-ready)
        if grep bad root/etc/mobula/mobula.yml; then exit 1; fi ;;
esac
exit 0
END
