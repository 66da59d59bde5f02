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

"""Guests behind a bridge of their own, which only patch ports connect.

Each host gets a bridge br-walk with an interface for each guest that there may
be; it does nothing but to pass frames between that interface and the guest's
patch port.  To attach a guest is to add a pair of patch ports, as OVN does it:
no interface of the host comes or goes, which is quicker, and does not make
Open vSwitch's userspace datapath read its routes again.

The other ends of the interfaces are in one namespace, where no IP stack
answers.  What this is not: guests with interfaces of their own, which come and
go; for these see utilities/lab/guest.py.
"""

from typing import Dict, List

import stations
from stations import Station

# pylint: disable=wrong-import-order
from lab import guest as guests         # noqa: E402
from lab.host import Host               # noqa: E402
from lab.process import run             # noqa: E402
from lab.state import Guest             # noqa: E402

_BRIDGE = "br-walk"

# A longer frame than any that is sent.
_MTU = 1400

# Nobody has an address.
_UP = "link set dev {0} addrgenmode none\nlink set dev {0} up\n"

# OpenFlow port numbers of interfaces and of patch ports start there.
_FIRST_IFACE, _FIRST_PATCH = 1000, 2000

# Adds the patch ports $1 and $2, and waits until mobulad has let $1 in, as
# lab.guest does for an interface; by one shell, because in an emulated machine
# it is processes that take the time.
_ATTACH = """\
bridge=$0 port=$1 other=$2 ofport=$3 tag=$4
ovs-vsctl --timeout=60 \\
    -- add-port $bridge $port $tag \\
    -- set interface $port type=patch options:peer=$other \\
    -- add-port %s $other \\
    -- set interface $other type=patch options:peer=$port \\
                            ofport_request=$ofport || exit
n=0
until ovs-ofctl -O OpenFlow15 dump-flows $bridge table=0,in_port=$port |
        grep -q in_port; do
    n=$((n + 1))
    test $n -lt 3000 || exit 1
    sleep 0.02
done
exec mobula-ctl wait-ready --timeout=60
""" % _BRIDGE

_ADD_FLOWS = 'printf "%s\\n" "$@" | ovs-ofctl add-flows "$0" -'

_DETACH = "exec ovs-vsctl --timeout=60 del-port $0 -- del-port %s $1" % _BRIDGE


class Patches:
    """Up to so many guests of a lab."""

    def __init__(self, hosts: List[Host], n_guests: int):
        self._hosts = hosts
        self._ids = [one.entry.id for one in hosts]
        self._n_guests = n_guests
        self._netns = guests.namespace(stations.LAB, "walk")
        self._free = list(range(n_guests))
        self._slots: Dict[str, int] = {}
        run(["ip", "netns", "add", self._netns])
        for one in hosts:
            self._prepare(one)

    def create(self, one: Host, guest: Guest) -> None:
        """Attaches 'guest', a new one, to 'one'."""
        self._slots[guest.name] = self._free.pop()
        self._attach(one, guest)

    def move(self, old: Host, new: Host, guest: Guest) -> None:
        """Takes 'guest' from 'old' to 'new'."""
        self._detach(old, guest)
        self._attach(new, guest)

    def delete(self, one: Host, guest: Guest) -> None:
        """Removes 'guest' from 'one'."""
        self._detach(one, guest)
        self._free.append(self._slots.pop(guest.name))

    def station(self, guest: Guest) -> Station:
        """Returns a station that hears what 'guest' would hear at any host."""
        slot = self._slots[guest.name]
        station = Station(guest.name, f"/run/netns/{self._netns}",
                          *(_iface(slot, i) for i in self._ids))
        station.mac = stations.mac_bytes(guest.mac)
        self.place(station, guest)
        return station

    def place(self, station: Station, guest: Guest) -> None:
        """Makes 'station' speak where 'guest' is."""
        station.speak_from(self._ids.index(guest.host))

    def finish(self) -> None:
        """Removes what was there for all guests."""
        for one in self._hosts:
            one.run(one.pid(), ["ovs-vsctl", "--timeout=60", "del-br",
                                _BRIDGE])
            # Not left to the kernel, which takes its time with a namespace.
            run(["ip", "-n", self._netns, "-batch", "-"],
                "".join(f"link delete dev {_iface(slot, one.entry.id)}\n"
                        for slot in range(self._n_guests)))
        run(["ip", "netns", "delete", self._netns])

    def _prepare(self, one: Host) -> None:
        """Makes the bridge and the interfaces of host 'one'."""
        pid = one.pid()
        kind = one.run(pid, ["ovs-vsctl", "get", "bridge", guests.BRIDGE,
                             "datapath_type"]).strip()
        command = ["ovs-vsctl", "--timeout=60", "add-br", _BRIDGE, "--", "set",
                   "bridge", _BRIDGE, "fail_mode=secure",
                   f"datapath_type={kind}"]
        flows = []
        for slot in range(self._n_guests):
            here, there = f"walk-{slot}", _iface(slot, one.entry.id)
            run(["ip", "link", "add", "name", here, "mtu", str(_MTU),
                 "netns", str(pid), "type", "veth", "peer", "name", there,
                 "mtu", str(_MTU), "netns", self._netns])
            run(["ip", "-n", self._netns, "-batch", "-"], _UP.format(there))
            run(["nsenter", "-t", str(pid), "-n", "ip", "-batch", "-"],
                _UP.format(here))
            command += ["--", "add-port", _BRIDGE, here, "--", "set",
                        "interface", here,
                        f"ofport_request={_FIRST_IFACE + slot}"]
            flows += [f"in_port={a + slot},actions=output:{b + slot}"
                      for a, b in ((_FIRST_IFACE, _FIRST_PATCH),
                                   (_FIRST_PATCH, _FIRST_IFACE))]
        one.run(pid, command)
        one.run(pid, ["sh", "-c", _ADD_FLOWS, _BRIDGE] + flows)

    def _attach(self, one: Host, guest: Guest) -> None:
        """Connects 'guest' to the access network at 'one'."""
        slot = self._slots[guest.name]
        tag = "" if guest.tag is None else f"tag={guest.tag}"
        one.run(one.pid(), ["sh", "-c", _ATTACH, guests.BRIDGE, guest.port,
                            f"w{slot}", str(_FIRST_PATCH + slot), tag])

    def _detach(self, one: Host, guest: Guest) -> None:
        """Takes 'guest' off the access network at 'one'."""
        one.run(one.pid(), ["sh", "-c", _DETACH, guest.port,
                            f"w{self._slots[guest.name]}"])


def _iface(slot: int, host: int) -> str:
    """Returns the interface by which the guest in 'slot' is at 'host'."""
    return f"w{slot}-{host}"
