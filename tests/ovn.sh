#!/bin/sh -e
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

# OVN beside Mobula, inside hosts of a lab.
#
#   ovn.sh central ADDRESS      databases, northd and the logical network, with
#                               the databases for others at ADDRESS
#   ovn.sh chassis N ADDRESS    ovn-controller of host N, and its machines
#
# The logical switch "net" has a localnet port without a tag and the machines
# p1 (on host 1) and p2, 10.31.70.N; "vnet" has one with tag 30 and the
# machines v1 and v2, 10.99.0.N.  Each machine is a namespace of its host.

bridge=ovsbr-mobula
run=/run/ovn

central() {
    for db in nb sb; do
        ovsdb-tool create $run/ovn${db}_db.db /usr/share/ovn/ovn-$db.ovsschema
    done
    ovsdb-server --detach --no-chdir --pidfile=$run/ovnnb_db.pid \
        --log-file=/var/log/ovnnb.log --unixctl=$run/ovnnb_db.ctl \
        --remote=punix:$run/ovnnb_db.sock $run/ovnnb_db.db
    ovsdb-server --detach --no-chdir --pidfile=$run/ovnsb_db.pid \
        --log-file=/var/log/ovnsb.log --unixctl=$run/ovnsb_db.ctl \
        --remote=punix:$run/ovnsb_db.sock --remote=ptcp:6642:"$1" \
        $run/ovnsb_db.db
    ovn-northd --detach --no-chdir --pidfile=$run/ovn-northd.pid \
        --log-file=/var/log/ovn-northd.log \
        --ovnnb-db=unix:$run/ovnnb_db.sock --ovnsb-db=unix:$run/ovnsb_db.sock

    for net in net vnet; do
        ovn-nbctl ls-add $net -- lsp-add $net ln-$net \
            -- lsp-set-type ln-$net localnet \
            -- lsp-set-addresses ln-$net unknown \
            -- lsp-set-options ln-$net network_name=physnet
    done
    ovn-nbctl set Logical_Switch_Port ln-vnet tag=30
    for n in 1 2; do
        ovn-nbctl lsp-add net p$n \
            -- lsp-set-addresses p$n "$(mac p $n) 10.31.70.$n" \
            -- lsp-add vnet v$n \
            -- lsp-set-addresses v$n "$(mac v $n) 10.99.0.$n"
    done
}

# mac KIND N: the MAC address of a machine.
mac() {
    case $1 in
        p) echo 06:00:00:00:00:0"$2" ;;
        v) echo 06:00:00:00:01:0"$2" ;;
    esac
}

chassis() {
    ovs-vsctl set Open_vSwitch . external_ids:ovn-remote=tcp:"$2":6642 \
        external_ids:ovn-encap-type=geneve \
        external_ids:ovn-encap-ip=10.30.0."$1" \
        external_ids:ovn-bridge-datapath-type="$(
            ovs-vsctl get bridge $bridge datapath_type)" \
        external_ids:ovn-bridge-mappings=physnet:$bridge
    ovn-controller unix:/run/openvswitch/db.sock --detach --no-chdir \
        --pidfile=$run/ovn-controller.pid \
        --log-file=/var/log/ovn-controller.log
    until ovs-vsctl br-exists br-int; do sleep 0.1; done
    machine p "$1" 10.31.70."$1"/16
    machine v "$1" 10.99.0."$1"/24
}

# machine KIND N ADDRESS: attaches one to OVN, as libvirt attaches a VM.
machine() {
    mtu=$(cat /sys/class/net/veth_fac0/mtu)
    ip netns add "$1$2"
    ip link add "$1$2" mtu "$mtu" type veth \
        peer name eth0 mtu "$mtu" address "$(mac "$1" "$2")" netns "$1$2"
    ip link set "$1$2" up
    ip netns exec "$1$2" ethtool -K eth0 tx off > /dev/null
    ip -n "$1$2" link set eth0 up
    ip -n "$1$2" address add "$3" dev eth0
    ovs-vsctl add-port br-int "$1$2" \
        -- set interface "$1$2" external_ids:iface-id="$1$2"
}

mkdir -p $run
"$@"
