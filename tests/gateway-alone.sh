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

# gateway-alone: the gateway of one host as the kernel has it, without Open
# vSwitch, WireGuard and mobulad: links, routes, rules and tables of nftables
# as net/ and gateway/ want them, and somebody on each side.
#
#     gateway-alone.sh share|move|move6 COMMAND...
#
# makes them in namespaces that nobody else sees and runs COMMAND on host 1
# (which has a peer, host 2, and a client, 10.30.128.1) with these functions:
#
#     guest CMD...    on the access network, as 10.31.64.1
#     outside CMD...  the Internet, as 192.0.2.254 and 198.51.100.1
#     gateway CMD...  in the gateway's namespace
#     wire NAME...    what comes by WireGuard, see gateway-wire.py
#     tables          puts the tables of nftables in place
#     reach WHO ADDRESS...
#                     pings, and says which do not answer at all
#     sweep WHERE WHO SOURCE DESTINATION...
#                     tries all ports and prints what WHERE (host or gateway)
#                     lets through; WHO: guest, outside, wires; see openings.py
#
# The host's address outside is 192.0.2.1: with "share" its own, with "move"
# its gateway's.  "move6" is "move" with IPv6 on the access network, and
# outside, where the gateway has 2001:db8::1.

set -u
if test -z "${GATEWAY_ALONE-}"; then
    GATEWAY_ALONE=1 exec unshare --net --mount "$0" "$@"
fi
export LC_ALL=C
mode=${1%6}
ipv6=
test "$1" = "$mode" || ipv6=nat
shift
here=$(dirname "$(realpath "$0")")

host() { "$@"; }
guest() { ip netns exec guest "$@"; }
outside() { ip netns exec outside "$@"; }
gateway() { ip netns exec mobula "$@"; }
wire() { gateway "$here/gateway-wire.py" "$@"; }
tables() {
    if test "$mode" = share; then
        mobula-test filter-render clients 1 2 | gateway nft -f - &&
            mobula-test share-render eth0 | nft -f -
    else
        mobula-test filter-render move clients $ipv6 1 2 |
            gateway nft -f -
    fi
}
# One packet may get lost where a machine is too busy.
reach() {
    local who=$1 ip n
    for ip in "${@:2}"; do
        n=0
        until $who ping -q -c 1 -W 1 "$ip" > /run/reach; do
            n=$((n + 1))
            test $n -lt 20 || { echo "$who does not reach $ip"; break; }
        done
    done
}
# From the network that has the driver of the TUN.
wires() { gateway "$1" "$2" --tun mo-wg-gw "${@:3}"; }
# What the machine was too busy to take in is sent again.
sweep() {
    local where=$1 who=$2 n=0
    shift 2
    $where openings.py watch "$1" || return
    $who openings.py send "$@"
    while $where openings.py missing "${@:2}" > /run/missing &&
          test -s /run/missing; do
        n=$((n + 1))
        test $n -le 100 || { echo "packets get lost"; return 1; }
        $who openings.py send --only /run/missing "$@"
    done
    $where openings.py show
}
# Only what is left to do is of interest.
net_apply() {
    if test "$mode" = share; then
        mobula-test net-apply 1 forward:1 share:1 userspace-wireguard out
    else
        mobula-test net-apply 1 forward:1 move ${ipv6:+ipv6} \
            userspace-wireguard
    fi | sed -n '/^left/,$p; /^error/p'
}

set -e
mount -t tmpfs none /run
mkdir /run/netns
ip link set lo up
ip netns add outside
ip link add eth0 type veth peer name r0 netns outside
ip -n outside link set lo up
ip -n outside link set r0 up
ip -n outside address add 192.0.2.254/24 dev r0
ip -n outside address add 198.51.100.1/32 dev lo
ip tuntap add dev mo-wg-gw mode tun
if test "$mode" = share; then
    echo 1 > /proc/sys/net/ipv4/conf/eth0/rp_filter
    ip link set eth0 up
    ip address add 192.0.2.1/24 dev eth0
    ip route add default via 192.0.2.254
    net_apply
else
    net_apply
    ip link set eth0 netns mobula name mo-ext-gw
    gateway sh -c 'echo 1 > /proc/sys/net/ipv4/conf/mo-ext-gw/forwarding'
    ip -n mobula link set mo-ext-gw up
    ip -n mobula address add 192.0.2.1/24 dev mo-ext-gw
    ip -n mobula route add default via 192.0.2.254
fi
if test "$ipv6"; then
    # What mobulad does with the interface that it takes.
    gateway sysctl -qw net.ipv6.conf.mo-ext-gw.disable_ipv6=0
    ip -n outside address add 2001:db8::ff/64 dev r0 nodad
    ip -n mobula address add 2001:db8::1/64 dev mo-ext-gw nodad
    ip -n mobula route add default via 2001:db8::ff
fi
tables
# In place of the bridge.
ip netns add guest
ip link set mo-acc-ovs netns guest
ip -n guest link set mo-acc-ovs up
ip -n guest address add 10.31.64.1/16 dev mo-acc-ovs
ip -n guest route add default via 10.31.0.1
if test "$ipv6"; then
    ip -n guest address add fd12:3456:789a::4001/64 dev mo-acc-ovs nodad
    ip -n guest route add default via fd12:3456:789a::1
fi
set +e
eval "$*"
