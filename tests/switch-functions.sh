# -*- shell-script -*-
# Functions of the ring "switch": a real Open vSwitch with the dummy datapath,
# in the current directory, without privileges.  See switch-macros.at.

PATH=$PATH:/usr/sbin:/usr/local/sbin

# Where Open vSwitch keeps its schema, by the place of its programs.
switch_schema () {
    for dir in "$OVS_PKGDATADIR" /usr/share/openvswitch \
               /usr/local/share/openvswitch; do
        if test -n "$dir" && test -f "$dir/vswitch.ovsschema"; then
            echo "$dir/vswitch.ovsschema"
            return
        fi
    done
    echo "vswitch.ovsschema not found: is Open vSwitch installed?" >&2
    return 1
}

# Starts ovsdb-server and ovs-vswitchd; whatever happens, they end with the
# shell that calls this.
switch_start () {
    OVS_RUNDIR=$(pwd)
    OVS_LOGDIR=$OVS_RUNDIR
    OVS_DBDIR=$OVS_RUNDIR
    OVS_SYSCONFDIR=$OVS_RUNDIR
    export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVS_SYSCONFDIR
    switch_pids=
    trap switch_kill 0
    ovsdb-tool create conf.db "$(switch_schema)" &&
    ovsdb-server -vconsole:off --log-file --detach --no-chdir --pidfile \
        --remote=punix:"$OVS_RUNDIR/db.sock" conf.db &&
    switch_pids=$(cat ovsdb-server.pid) &&
    ovs-vsctl --no-wait init &&
    ovs-vswitchd -vconsole:off --log-file --enable-dummy --disable-system \
        --disable-system-route --detach --no-chdir --pidfile &&
    switch_pids="$switch_pids $(cat ovs-vswitchd.pid)"
}

# Ends what switch_start started, in an orderly way.
switch_stop () {
    ovs-appctl --timeout=10 -t ovs-vswitchd exit
    ovs-appctl --timeout=10 -t ovsdb-server exit
    switch_wait_end
}

# The same whatever state it is in.
switch_kill () {
    kill $switch_pids 2>/dev/null
    switch_wait_end
}

switch_wait_end () {
    for pid in $switch_pids; do
        while kill -0 $pid 2>/dev/null; do
            sleep 0.05
        done
    done
}

# The bridges of host 1 of tests/topo/switch.topo, as the daemon makes them
# with the userspace datapath, and two guests, g5 and g6.  Ports outside are of
# type "dummy"; tunnels are real and go through the underlay bridge.
switch_add_bridges () {
    ovs-vsctl \
        -- add-br ovsbr-mobula \
        -- set bridge ovsbr-mobula datapath_type=dummy fail-mode=secure \
               other_config:disable-in-band=true \
        -- add-port ovsbr-mobula mo-fac-ovs \
        -- set interface mo-fac-ovs type=dummy ofport_request=65001 \
        -- add-port ovsbr-mobula mo-acc-ovs \
        -- set interface mo-acc-ovs type=dummy ofport_request=65002 \
        -- add-port ovsbr-mobula g5 \
        -- set interface g5 type=dummy ofport_request=5 \
        -- add-port ovsbr-mobula g6 \
        -- set interface g6 type=dummy ofport_request=6 \
        -- add-port ovsbr-mobula stray \
        -- set interface stray type=dummy ofport_request=99 \
        -- add-br mo-und \
        -- set bridge mo-und datapath_type=dummy fail-mode=secure \
               other_config:disable-in-band=true \
        -- add-port mo-und mo-tun-hs \
        -- set interface mo-tun-hs type=dummy ofport_request=1 &&
    ovs-appctl netdev-dummy/ip4addr mo-und 169.254.0.1/17 &&
    ovs-appctl ovs/route/add 169.254.0.0/17 mo-und &&
    switch_add_tunnel 2 &&
    switch_add_tunnel 3
}

# Adds the tunnel to host $1 (an id below 256), with its neighbour.
switch_add_tunnel () {
    ovs-vsctl \
        -- add-port ovsbr-mobula mo-vx-$1 \
        -- set interface mo-vx-$1 type=vxlan options:key=flow \
               options:remote_ip=169.254.0.$1 \
               ofport_request=$(expr 32000 + $1) &&
    ovs-appctl tnl/neigh/set mo-und 169.254.0.$1 \
        $(printf 'aa:55:aa:55:00:%02x' $1)
}

# Adds bridges for six hosts with tunnels between all of them, for
# "mobula-test graphs-trace": br-H with the ports access-H and, for each other
# host P, vx-H-P.  One ovs-vswitchd cannot have two tunnels to the same
# address, so host P is 169.254.H.P for host H.
switch_add_graph () {
    hosts='1 2 3 4 5 6'
    set -- -- add-br mo-und \
        -- set bridge mo-und datapath_type=dummy fail-mode=secure \
               other_config:disable-in-band=true \
        -- add-port mo-und mo-tun-hs \
        -- set interface mo-tun-hs type=dummy ofport_request=1
    for h in $hosts; do
        set -- "$@" -- add-br br-$h \
            -- set bridge br-$h datapath_type=dummy fail-mode=secure \
                   other_config:disable-in-band=true \
            -- add-port br-$h access-$h \
            -- set interface access-$h type=dummy ofport_request=65001
        for p in $hosts; do
            test $h != $p || continue
            set -- "$@" -- add-port br-$h vx-$h-$p \
                -- set interface vx-$h-$p type=vxlan options:key=flow \
                       options:remote_ip=169.254.$h.$p bfd:enable=true \
                       ofport_request=$(expr 32000 + $p)
        done
    done
    ovs-vsctl "$@" &&
    ovs-appctl netdev-dummy/ip4addr mo-und 169.254.0.1/17 &&
    ovs-appctl ovs/route/add 169.254.0.0/17 mo-und &&
    for h in $hosts; do
        for p in $hosts; do
            ovs-appctl tnl/neigh/set mo-und 169.254.$h.$p \
                $(printf 'aa:55:aa:55:%02x:%02x' $h $p) || return
        done
    done
}

# Adds ports for every VLAN mode: those of tests/topo/switch-vlan.topo that
# switch_add_bridges does not add.
switch_add_vlan_ports () {
    for port in a7 b7 a8 t79 nt7 nu7 q7; do
        n=$((${n-10} + 1))
        ovs-vsctl -- add-port ovsbr-mobula $port \
            -- set interface $port type=dummy ofport_request=$n || return
    done
}

# Lets the tunnel to host $1, which must have BFD, be alive or not ($2 is true
# or false), whatever BFD says.  Returns when the switch acts on it: one turn of
# its main loop sees the change, the next one makes use of it.
switch_set_live () {
    case $2 in
    true) want=LIVE ;;
    false) want=0 ;;
    esac
    ovs-appctl bfd/set-forwarding mo-vx-$1 $2 >/dev/null || return
    until ovs-ofctl -O OpenFlow15 dump-ports-desc ovsbr-mobula mo-vx-$1 \
          | grep -q "state: *$want"; do
        sleep 0.05
    done
    ovs-appctl version >/dev/null && ovs-appctl version >/dev/null
}

# Says in one line where a trace on standard input sends the frame: port
# names, "host-H/vni-N" for a VXLAN packet to host H that leaves the underlay
# bridge ("host-H/for-D/hops-N" if it is to be relayed to host D), or "drop".  A name ends in "+V" (or "+V.P") if the frame goes there
# with a new tag of VLAN V (and priority P), in "-tag" if it goes there without
# the tag that it came with.
switch_outputs () {
    $PYTHON3 -c '
import re, sys

def tunnel(m):
    vni = int(m.group(2), 16)
    if vni >> 23:
        return "host-%s/for-%d/hops-%d" % (m.group(1), vni & 0xffff,
                                           vni >> 16 & 0x7f)
    return "host-%s/vni-%d" % (m.group(1), vni)

text = re.search("^Datapath actions: (.*)", sys.stdin.read(), re.M).group(1)
text = re.sub(r"tnl_push\(.*?,dst=169\.254\.0\.(\d+),.*?vni=(0x[0-9a-f]+)\)\),"
              r"out_port\(mo-und\)\),mo-tun-hs", tunnel, text)
text = re.sub(r"clone\((host-[^)]*)\)", r"\1", text)
text = re.sub(r"push_vlan\(.*?vid=(\d+),pcp=(\d+)\)", r"+\1.\2", text)
outputs, pushed, popped = [], [], ""
for action in text.split(","):
    if action[0] == "+":
        pushed.append(action.replace(".0", ""))
    elif action != "pop_vlan":
        outputs.append(action + (pushed[-1] if pushed else popped))
    elif pushed:
        pushed.pop()
    else:
        popped = "-tag"
print(" ".join(sorted(outputs)))'
}

# Traces a frame that is described in the syntax of ovs-ofctl(8) on bridge
# ovsbr-mobula, and says where it goes.
switch_trace () {
    ovs-appctl ofproto/trace --names ovsbr-mobula "$@" | switch_outputs
}

# Traces each "NAME FRAME" line of file $1 and prints "NAME: OUTPUTS".
switch_trace_file () {
    while read name frame; do
        echo "$name: $(switch_trace "$frame")"
    done < "$1"
}

# Traces each "NAME FRAME" line of file $1 and prints "NAME: RULE", with the
# number of the rule that was the last to decide.
switch_rules () {
    while read name frame; do
        ovs-appctl ofproto/trace ovsbr-mobula "$frame" > trace
        echo "$name: $(sed -n 's/^.*cookie 0x6d6f..\(....\).*/\1/p' trace \
                       | tail -n 1)"
    done < "$1"
}

# Receives a frame on port $1, from MAC $2 to MAC $3; $4 may say more in the
# syntax of ovs-dpctl(8).  Returns when the switch has dealt with it.
switch_receive () {
    ovs-appctl netdev-dummy/receive $1 \
        "in_port(1),eth(src=$2,dst=$3),${4-eth_type(0x88b5)}" &&
    ovs-appctl revalidator/wait
}

# Prints what the switch has learnt: MAC, VLAN match and port, sorted.
switch_learnt () {
    ovs-appctl revalidator/wait
    ovs-ofctl -O OpenFlow15 --no-stats dump-flows ovsbr-mobula table=30 \
    | sed -n 's/.*vlan_tci=\([^,]*\),dl_dst=\([^ ]*\) actions=set_field:\(0x[0-9a-f]*\).*/\2 \1 \3/p' \
    | sort
}

# Lets $1 seconds pass on the switch's clock, which must be stopped, in steps
# that give its threads time to work.
switch_warp () {
    ovs-appctl time/warp $(expr $1 \* 1000) 1000 >/dev/null &&
    ovs-appctl revalidator/wait
}
