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

# deploy-lab: real hosts of a lab for a real ansible-playbook.
#
# usage: deploy-lab.sh VERB ARGUMENT...
#   package VERSION [bad]   makes mobula-VERSION.deb of the programs of this
#                           build; with "bad", mobulad ends at once
#   deployer                makes the namespace of the deployer, with an
#                           address on the underlay of the lab, and its key
#   host ID                 lets the deployer into host ID, as root
#   deploy ARGUMENT...      runs deploy.yml with ./hosts.yml there
#   down                    removes the namespace
# The lab is $MOBULA_LAB; files are in the current directory.
#
# A host of a lab shares the programs of this machine.  Here, each gets
# overlays over the directories that a package changes, so that what is
# installed on one is on no other one.

set -u -o pipefail

deployer=$MOBULA_LAB-deployer
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

make_package() {
    local version=$1 root=$PWD/package-$1
    rm -rf "$root"
    mkdir -p "$root"/DEBIAN "$root"/usr/{bin,sbin} || return
    cp "$MOBULA_BUILDDIR/utilities/mobula-ctl" "$root/usr/bin/" || return
    cp "$MOBULA_BUILDDIR/ovs-ctl/mobulad" "$root/usr/sbin/" || return
    if test "${2-}" = bad; then
        printf '#!/bin/sh\necho this one is bad\nexit 1\n' \
            > "$root/usr/sbin/mobulad"
    fi
    cat > "$root/DEBIAN/control" << END
Package: mobula
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The Mobula Authors <mobula@example.com>
Description: programs of this build, for a test
END
    dpkg-deb --root-owner-group -Znone --build "$root" \
        "mobula-$version.deb" > /dev/null && rm -r "$root"
}

make_deployer() {
    local underlay=$MOBULA_LAB-underlay bridge=br-$MOBULA_LAB
    bridge=${bridge:0:15}
    ip netns add "$deployer" &&
        ip link add name eth0 netns "$deployer" type veth \
            peer name deployer netns "$underlay" &&
        ip -n "$underlay" link set dev deployer master "$bridge" up &&
        ip -n "$deployer" link set dev lo up &&
        ip -n "$deployer" link set dev eth0 up &&
        ip -n "$deployer" address add 192.0.2.250/24 dev eth0 || return
    mkdir -p ssh && chmod 700 ssh
    ssh-keygen -q -t ed25519 -N '' -f ssh/client &&
        ssh-keygen -q -t ed25519 -N '' -f ssh/host || return
    cat > ssh/sshd_config << END
HostKey $PWD/ssh/host
AuthorizedKeysFile $PWD/ssh/client.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
END
}

# A script that runs on the host.
# shellcheck disable=SC2016
let_in='set -e
    mkdir /run/overlays /run/sshd
    mount -t tmpfs -o mode=755 overlays /run/overlays
    for directory in /usr /var/lib/dpkg /var/lib/apt /var/cache/apt; do
        name=/run/overlays/$(echo $directory | tr / -)
        mkdir -p $directory $name $name.work
        mount -t overlay -o "index=off,lowerdir=$directory,upperdir=$name" \
            -o workdir=$name.work overlay $directory || exit 77
    done
    mkdir -p /var/lib/mobula
    mount -t tmpfs -o mode=755 state /var/lib/mobula
    # It comes with the first deployment, not with the lab.
    rm -f /etc/mobula/*
    usermod -p "*" root
    exec /usr/sbin/sshd -f "$1" -E /var/log/sshd.log'

deploy() {
    local ssh_args="-o UserKnownHostsFile=$PWD/ssh/known_hosts"
    ssh_args+=" -o ConnectTimeout=10 -o ControlMaster=auto"
    ssh_args+=" -o ControlPersist=5s -o ServerAliveInterval=5"
    env HOME="$PWD" LC_ALL=C.UTF-8 \
        ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_SSH_ARGS="$ssh_args" \
        ANSIBLE_SSH_CONTROL_PATH_DIR="/run/$deployer" \
        ANSIBLE_PRIVATE_KEY_FILE="$PWD/ssh/client" \
        ANSIBLE_REMOTE_TMP=/run/ansible ANSIBLE_PIPELINING=True \
        ANSIBLE_NOCOLOR=1 ANSIBLE_DEPRECATION_WARNINGS=False \
        ip netns exec "$deployer" ansible-playbook -i hosts.yml \
            -e mobula_ctl="$MOBULA_BUILDDIR/utilities/mobula-ctl" \
            "$top/deploy.yml" "$@"
}

verb=$1
shift
case $verb in
    package) make_package "$@" ;;
    deployer) make_deployer ;;
    host) mobula-lab exec "$1" sh -c "$let_in" sh "$PWD/ssh/sshd_config" ;;
    deploy) deploy "$@" ;;
    down)
        ip netns delete "$deployer" 2> /dev/null
        rm -rf "/run/$deployer"
        ;;
esac
