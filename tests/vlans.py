#!/usr/bin/python3
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

"""Sends broadcasts with and without tags from ports of every VLAN mode.

  vlans.py modes NAME=MODE:TAG:VID,VID... ...
      NAME is a station (see stations.py), MODE its port's vlan_mode, TAG its
      tag, the VIDs its trunks; all but MODE may be empty.  Sends from each
      one, in each form, and compares what all others get with what
      ovs-vswitchd.conf.db(5) says of such ports.

  vlans.py same-mac STATION OTHER SENDER OTHER-SENDER WITNESS...
      STATION and OTHER have the same MAC in two VLANs; SENDER and
      OTHER-SENDER are in these VLANs.  Frames for the MAC must come to go to
      the station in the sender's VLAN, and not to the WITNESSes, nor, later,
      anywhere else.

Prints what is wrong, and how many frames were sent.
"""

import struct
import sys
import time
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

import stations
from stations import BROADCAST, MARK_SIZE, Net, mark, mark_in

# What stations send: no tag, a tag of VLAN 0, and tags of these VLANs.
FORMS: List[Optional[int]] = [None, 0, 5, 7, 9]

_PATIENCE_S = 20
_N_ROUNDS = 20


class Port(NamedTuple):
    """A port, as its row in Open vSwitch's database describes it."""
    mode: str
    tag: int
    trunks: Set[int]

    def vlan_of(self, form: Optional[int]) -> Optional[int]:
        """Returns the VLAN of a frame that comes in as 'form', or None."""
        if self.mode == "access":
            return None if form else self.tag
        if not form:
            if self.mode != "trunk":
                return self.tag
            return 0 if self._carries(0) else None
        return form if self._carries(form) else None

    def form_of(self, vlan: int) -> Tuple[bool, Optional[int]]:
        """Returns whether a frame of 'vlan' goes out, and as what."""
        if self.mode == "access":
            return vlan == self.tag, None
        if self.mode == "native-untagged" and vlan == self.tag:
            return True, None
        return self._carries(vlan), vlan or None

    def _carries(self, vlan: int) -> bool:
        """Returns whether this port, not an access port, carries 'vlan'."""
        if self.mode != "trunk":
            # Without a tag it would come out in another VLAN, the native one:
            # here Mobula is stricter than Open vSwitch.
            if not vlan or vlan == self.tag:
                return bool(vlan)
        return not self.trunks or vlan in self.trunks


def parse(text: str) -> Tuple[str, Port]:
    """Returns the station and the port in 'text'."""
    name, _, port = text.partition("=")
    mode, vid, trunks = (port + "::").split(":")[:3]
    return name, Port(mode, int(vid or 0),
                      {int(word) for word in trunks.split(",") if word})


def with_form(frame: bytes, form: Optional[int]) -> bytes:
    """Returns 'frame' with the tag that 'form' says, if any."""
    if form is None:
        return frame
    return frame[:12] + struct.pack("!HH", 0x8100, form) + frame[12:]


def frame_of(src: bytes, dst: bytes, number: int) -> bytes:
    """Returns frame 'number', without a tag."""
    return (dst + src + b"\x88\xb5" + bytes(60 - 14 - MARK_SIZE)
            + mark(number))


def modes(words: List[str]) -> int:
    """Tries all forms from all ports; arguments as on the command line."""
    ports: Dict[str, Port] = dict(map(parse, words))
    net = Net(stations.find(ports))
    wanted: Dict[Tuple[str, int], bytes] = {}
    names: List[str] = ["nothing"]
    for sender, form in _all_forms(ports):
        number = len(names)
        names.append(f"{sender}, sending "
                     + ("no tag" if form is None else f"tag {form}"))
        frame = frame_of(net.stations[sender].mac, BROADCAST, number)
        vlan = ports[sender].vlan_of(form)
        for name, port in ports.items():
            goes, out = port.form_of(vlan) if vlan is not None else (False, 0)
            if goes and name != sender:
                wanted[name, number] = with_form(frame, out)
        net.stations[sender].send(with_form(frame, form))
    complaints = _compare(net, ports, wanted, names)
    for complaint in complaints:
        print(complaint)
    print(f"{len(names) - 1} frames from {len(ports)} ports, "
          f"{len(wanted)} arrivals")
    return 1 if complaints else 0


def _all_forms(ports: Dict[str, Port]
               ) -> Iterator[Tuple[str, Optional[int]]]:
    """Yields each station with each form."""
    for sender in ports:
        for form in FORMS:
            yield sender, form


def _compare(net: Net, ports: Dict[str, Port],
             wanted: Dict[Tuple[str, int], bytes],
             names: List[str]) -> List[str]:
    """Waits for what is 'wanted' and what may come in addition; returns what
    is wrong."""
    got: Dict[Tuple[str, int], List[bytes]] = {}
    deadline = time.monotonic() + _PATIENCE_S
    while wanted.keys() - got.keys() and time.monotonic() < deadline:
        for where, frame in net.receive(deadline - time.monotonic()):
            if mark_in(frame) is not None:
                got.setdefault((where, mark_in(frame) or 0), []).append(frame)
    for sender, port in ports.items():
        vlan = port.vlan_of(None)
        audience = {name for name, other in ports.items()
                    if vlan is not None and other.form_of(vlan)[0]}
        for where, frame in net.fence(sender, audience):
            got.setdefault((where, mark_in(frame) or 0), []).append(frame)
    complaints = []
    for where, number in sorted(wanted.keys() | got.keys()):
        should = wanted.get((where, number))
        here = got.get((where, number), [])
        if here != ([should] if should else []):
            complaints.append(
                f"{names[number]}: {where} gets "
                + (", ".join(frame.hex() for frame in here) or "nothing")
                + " instead of " + (should.hex() if should else "nothing"))
    return complaints


def same_mac(names: List[str]) -> int:
    """Tries one MAC in two VLANs; arguments as on the command line."""
    net = Net(stations.find(names))
    mac = net.stations[names[0]].mac
    assert mac == net.stations[names[1]].mac
    number = 0
    n_right = {names[0]: 0, names[1]: 0}
    witnesses = set(names[4:])
    deadline = time.monotonic() + _PATIENCE_S
    while min(n_right.values()) < _N_ROUNDS:
        for station, sender in ((names[0], names[2]), (names[1], names[3])):
            number += 1
            # Both go on to speak, each in its VLAN.
            net.fence(station, {sender})
            # The witnesses, trunks all, would get it as late as the fence.
            found = net.exchange(sender, [
                frame_of(net.stations[sender].mac, mac, number)], 1,
                {station} | witnesses)
            places = {where for where, _ in found}
            if places == {station}:
                n_right[station] += 1
            elif n_right[station] or time.monotonic() > deadline:
                print(f"frame of {sender} for {station} at "
                      + (", ".join(sorted(places)) or "nobody"))
                return 1
    return 0


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    if len(argv) >= 4 and argv[1] == "modes":
        return modes(argv[2:])
    if len(argv) >= 6 and argv[1] == "same-mac":
        return same_mac(argv[2:])
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
