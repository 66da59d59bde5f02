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

"""Sends a frame of each protocol that people use, and sees who gets it.

  protocols.py list
      Prints the names of all rows of the table, each with "passes" or
      "dropped".  The manual mobula-protocols(7) has the same rows.

  protocols.py run SENDER TARGET STATION...
      Sends every frame from SENDER: those to a group to all of the STATIONs
      and TARGET, those to one station to TARGET.  Each must arrive there, once
      and unchanged, and nowhere else, or, if it is one that is dropped,
      nowhere.  The stations must be in the same VLAN as SENDER; those whose
      port carries many VLANs are called STATION:VID, and get frames with that
      tag.  Prints what is wrong, and the number of rows.

  protocols.py flood SENDER TARGET STATION...
      The same before TARGET has ever said anything: what is for it, goes to
      all stations.

  protocols.py sizes MTU N_TAGS SENDER STATION...
      Sends frames with MTU bytes of content, and with one less, and with up to
      N_TAGS tags in addition, from SENDER; checks the same.

Stations are named as stations.py says.
"""

import struct
import sys
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Set

import stations
from packets import checksum
from stations import BROADCAST, MARK_SIZE, Net, Station, mac_bytes, mark

# How long it may take until frames for a station go there only.
_LEARNING_TIMEOUT_S = 30

MIN_SIZE = 60
IP_A, IP_B = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
IP6_A, IP6_B = (bytes.fromhex("20010db8" + "00" * 11 + end)
                for end in ("01", "02"))


class Row(NamedTuple):
    """A protocol."""
    name: str
    # Sender and target to a frame, which may be too short, and has no mark.
    build: Callable[[Station, Station], bytes]
    passes: bool = True
    to_one: bool = False        # The frame is for one station.
    tagged: bool = False        # It has a tag, so an access port drops it.
    untagged: bool = False      # It arrives without its first tag.


# Pieces of frames.

def ethernet(dst: bytes, src: bytes, ethertype: int, body: bytes) -> bytes:
    """Returns a frame with an EtherType."""
    return dst + src + struct.pack("!H", ethertype) + body


def llc(dst: bytes, src: bytes, body: bytes) -> bytes:
    """Returns a frame of 802.3, which has a length instead."""
    return dst + src + struct.pack("!H", len(body)) + body


def ipv4(protocol: int, body: bytes, dst: bytes = IP_B, ttl: int = 64,
         options: bytes = b"", src: bytes = IP_A) -> bytes:
    """Returns an IPv4 packet."""
    size = 20 + len(options)
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | size // 4, 0,
                       size + len(body), 1, 0, ttl, protocol, 0, src,
                       dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ipv6(protocol: int, body: bytes, dst: bytes = IP6_B,
         hops: int = 64) -> bytes:
    """Returns an IPv6 packet."""
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), protocol, hops,
                       IP6_A, dst) + body


def udp(src: int, dst: int, body: bytes) -> bytes:
    """Returns a UDP datagram without a checksum."""
    return struct.pack("!HHHH", src, dst, 8 + len(body), 0) + body


def bfd(state: int) -> bytes:
    """Returns a BFD control packet: 1 is down, 3 is up, 0 is switched off."""
    return struct.pack("!BBBBIIIII", 0x20, state << 6, 3, 24, 0x11223344, 0,
                       1000000, 1000000, 0)


def tag(vid: int, tpid: int = 0x8100) -> Callable[[bytes], bytes]:
    """Returns a function that puts a VLAN tag on a frame."""
    return lambda frame: (frame[:12] + struct.pack("!HH", tpid, vid)
                          + frame[12:])


# Builders of rows.

def _group(dst: str, ethertype: int, body: bytes = b"") -> Callable:
    return lambda a, b: ethernet(mac_bytes(dst), a.mac, ethertype, body)


def _group_llc(dst: str, body: bytes) -> Callable:
    return lambda a, b: llc(mac_bytes(dst), a.mac, body)


def _one(ethertype: int, body: bytes = b"") -> Callable:
    return lambda a, b: ethernet(b.mac, a.mac, ethertype, body)


def _tagged(*tags: Callable[[bytes], bytes]) -> Callable:
    def build(a: Station, b: Station) -> bytes:
        frame = ethernet(BROADCAST, a.mac, 0x88b5, b"")
        for one in tags:
            frame = one(frame)
        return frame
    return build


def _arp(a: Station, b: Station) -> bytes:
    return ethernet(BROADCAST, a.mac, 0x0806, struct.pack(
        "!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, a.mac, IP_A, bytes(6), IP_B))


def _rarp(a: Station, b: Station) -> bytes:
    return ethernet(BROADCAST, a.mac, 0x8035, struct.pack(
        "!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 3, a.mac, bytes(4), a.mac,
        bytes(4)))


def _wake(a: Station, b: Station) -> bytes:
    return ethernet(BROADCAST, a.mac, 0x0842, b"\xff" * 6 + b.mac * 16)


def _vrrp(a: Station, b: Station) -> bytes:
    # Source and group of virtual router 1; its source is not learnt to be
    # anybody else's before or after.
    return ethernet(mac_bytes("01:00:5e:00:00:12"),
                    mac_bytes("00:00:5e:00:01:01"), 0x0800,
                    ipv4(112, b"\x31\x01\x64\x00\0\x64\xba\x52",
                         bytes([224, 0, 0, 18]), 255))


def _source(src: str) -> Callable:
    return lambda a, b: ethernet(BROADCAST, mac_bytes(src), 0x88b5, b"")


V6_NODES = bytes.fromhex("ff02" + "00" * 13 + "01")
V6_ROUTERS = bytes.fromhex("ff02" + "00" * 13 + "02")
V6_MLD = bytes.fromhex("ff02" + "00" * 13 + "16")
V6_SOLICITED = bytes.fromhex("ff0200000000000000000001ff000002")
MLD_REPORT = bytes.fromhex("3a00050200000100" "8f00000000000001"
                           "04000000" + "ff02" + "00" * 13 + "fb")
IGMP_REPORT = bytes.fromhex("2200f9020000000104000000e00000fb")
NS = bytes.fromhex("8700000000000000") + IP6_B
STP = bytes.fromhex("424203" "0000000000" "8000020000000001" "00000000"
                    "8000020000000001" "8001" "0000" "1400" "0200" "0f00")
RSTP = bytes.fromhex("424203" "000002023c" "8000020000000001" "00000000"
                     "8000020000000001" "8001" "0000" "1400" "0200" "0f00"
                     "00")
CDP = bytes.fromhex("aaaa0300000c2000" "02b40000" "0001000561")
PVST = bytes.fromhex("aaaa0300000c010b") + STP[3:]
ISIS = bytes.fromhex("fefe03831b0100110100")
LLDP = bytes.fromhex("0207040200000000010403050161060200780000")
LACP = bytes.fromhex("010101148000020000000001000180000001c5000000" + "0214"
                     + "00" * 18 + "0310" + "00" * 14) + bytes(52)
VXLAN = struct.pack("!II", 0x08000000, 29 << 8) + ethernet(
    BROADCAST, mac_bytes("02:00:00:00:00:99"), 0x88b5, bytes(46))

TABLE = [
    Row("ARP", _arp),
    Row("RARP", _rarp),
    Row("IPv4", _one(0x0800, ipv4(17, udp(1024, 9, b""))), to_one=True),
    Row("IPv4 fragments", _one(0x0800, ipv4(17, bytes(16))[:6] + b"\x20\x02"
                               + ipv4(17, bytes(16))[8:]), to_one=True),
    Row("IPv6", _one(0x86dd, ipv6(17, udp(1024, 9, b""))), to_one=True),
    Row("IPv4 broadcast", _group("ff:ff:ff:ff:ff:ff", 0x0800, ipv4(
        17, udp(1024, 9, b""), b"\xff" * 4))),
    Row("DHCP", _group("ff:ff:ff:ff:ff:ff", 0x0800, ipv4(
        17, udp(68, 67, b"\1\1\6\0" + bytes(232) + b"\x63\x82\x53\x63\x35"
                b"\1\1\xff"), b"\xff" * 4, src=bytes(4)))),
    Row("IPv4 multicast", _group("01:00:5e:01:02:03", 0x0800, ipv4(
        17, udp(1024, 9, b""), bytes([239, 1, 2, 3])))),
    Row("IGMP", _group("01:00:5e:00:00:16", 0x0800, ipv4(
        2, IGMP_REPORT, bytes([224, 0, 0, 22]), 1, b"\x94\x04\0\0"))),
    Row("IPv6 multicast", _group("33:33:00:00:00:01", 0x86dd, ipv6(
        17, udp(1024, 9, b""), V6_NODES))),
    Row("MLD", _group("33:33:00:00:00:16", 0x86dd, ipv6(
        0, MLD_REPORT, V6_MLD, 1))),
    Row("IPv6 neighbour discovery", _group("33:33:ff:00:00:02", 0x86dd, ipv6(
        58, NS, V6_SOLICITED, 255))),
    Row("IPv6 router solicitation", _group("33:33:00:00:00:02", 0x86dd, ipv6(
        58, b"\x85" + bytes(7), V6_ROUTERS, 255))),
    Row("VRRP", _vrrp),
    Row("OSPF", _group("01:00:5e:00:00:05", 0x0800, ipv4(
        89, b"\2\1\0\x2c" + bytes(40), bytes([224, 0, 0, 5]), 1))),
    Row("IS-IS", _group_llc("01:80:c2:00:00:14", ISIS)),
    Row("LLDP", _group("01:80:c2:00:00:0e", 0x88cc, LLDP)),
    Row("LLDP to customer bridges", _group("01:80:c2:00:00:00", 0x88cc,
                                           LLDP)),
    Row("CDP", _group_llc("01:00:0c:cc:cc:cc", CDP)),
    Row("STP", _group_llc("01:80:c2:00:00:00", STP)),
    Row("RSTP", _group_llc("01:80:c2:00:00:00", RSTP)),
    Row("PVST+", _group_llc("01:00:0c:cc:cc:cd", PVST)),
    Row("provider bridges' BPDUs", _group_llc("01:80:c2:00:00:08", STP)),
    Row("LACP", _group("01:80:c2:00:00:02", 0x8809, LACP)),
    Row("link OAM", _group("01:80:c2:00:00:02", 0x8809, b"\3\0\x50\0")),
    Row("802.1X", _group("01:80:c2:00:00:03", 0x888e, b"\2\1\0\0")),
    Row("MVRP", _group("01:80:c2:00:00:21", 0x88f5, b"\0\1\2\0\0")),
    Row("CFM", _group("01:80:c2:00:00:30", 0x8902, b"\0\1\0\x46")),
    Row("PTP", _group("01:1b:19:00:00:00", 0x88f7, b"\0\2\0\x2c")),
    Row("PTP peer delay", _group("01:80:c2:00:00:0e", 0x88f7,
                                 b"\2\2\0\x36")),
    Row("MPLS", _one(0x8847, b"\0\x01\x01\x40" + ipv4(17, udp(1, 9, b""))),
        to_one=True),
    Row("MPLS multicast", _group("01:00:5e:80:00:01", 0x8848,
                                 b"\0\x01\x01\x40" + ipv4(17, udp(1, 9,
                                                                  b"")))),
    Row("PPPoE discovery", _group("ff:ff:ff:ff:ff:ff", 0x8863,
                                  b"\x11\x09\0\0\0\4\1\1\0\0")),
    Row("PPPoE session", _one(0x8864, b"\x11\0\0\1\0\6\xc0\x21\x09\1\0\4"),
        to_one=True),
    Row("Wake-on-LAN", _wake),
    Row("FCoE", _one(0x8906), to_one=True),
    Row("ATA over Ethernet", _group("ff:ff:ff:ff:ff:ff", 0x88a2)),
    Row("EtherCAT", _group("01:01:05:01:00:00", 0x88a4)),
    Row("PROFINET", _one(0x8892, b"\xfe\xfd"), to_one=True),
    Row("RoCE", _one(0x8915), to_one=True),
    Row("MACsec", _one(0x88e5, b"\x20\0\0\0\0\1"), to_one=True),
    Row("802.3 without SNAP", lambda a, b: llc(b.mac, a.mac, b"\xe0\xe0\3"),
        to_one=True),
    Row("an unknown EtherType", _one(0x1234), to_one=True),
    Row("VLAN tag", _tagged(tag(42)), tagged=True),
    Row("priority tag", _tagged(tag(5 << 13)), tagged=True, untagged=True),
    Row("QinQ (0x88a8, 0x8100)", _tagged(tag(43), tag(42, 0x88a8)),
        tagged=True),
    Row("QinQ (0x8100, 0x8100)", _tagged(tag(43), tag(42)), tagged=True),
    Row("three tags", _tagged(tag(44), tag(43), tag(42)), tagged=True),
    Row("BFD of guests", _one(0x0800, ipv4(17, udp(49152, 3784, bfd(1)),
                                           ttl=255)), to_one=True),
    Row("BFD to a tunnel end point", _one(0x0800, ipv4(
        17, udp(49152, 3784, bfd(0)), bytes([169, 254, 0, 2]), 255,
        src=bytes([169, 254, 0, 1]))), to_one=True),
    Row("BFD to everybody", _group("ff:ff:ff:ff:ff:ff", 0x0800, ipv4(
        17, udp(49152, 3784, bfd(1)), bytes([169, 254, 1, 0]), 255,
        src=bytes([169, 254, 1, 1])))),
    Row("VXLAN of guests", _one(0x0800, ipv4(17, udp(49152, 4789, VXLAN))),
        to_one=True),
    Row("VXLAN to a tunnel end point", _one(0x0800, ipv4(
        17, udp(49152, 4789, VXLAN), bytes([169, 254, 0, 2]),
        src=bytes([169, 254, 0, 1]))), to_one=True),
    Row("GENEVE, GRE, IPsec", _one(0x0800, ipv4(50, bytes(8))), to_one=True),

    Row("pause", _group("01:80:c2:00:00:01", 0x8808, b"\0\1\xff\xff"),
        passes=False),
    Row("priority pause", _group("01:80:c2:00:00:01", 0x8808,
                                 b"\1\1\0\xff" + b"\xff" * 16),
        passes=False),
    Row("pause to one station", _one(0x8808, b"\0\1\xff\xff"), passes=False,
        to_one=True),
    Row("multicast source", _source("03:00:00:00:00:01"), passes=False),
    Row("source of a Mobula host", _source("02:6d:6f:00:00:02"),
        passes=False),
    Row("source of a gateway", _source("02:6d:6f:01:00:02"), passes=False),
]


# Running.

class Run:
    """Frames from one station, and what went wrong with them."""

    def __init__(self, net: Net, sender: str, target: str,
                 vids: Dict[str, int], flood: bool):
        self._net = net
        self._sender = sender
        self._target = target
        self._vids = vids       # Of stations that get a tag.
        self._flood = flood     # Nobody knows where 'target' is.
        self._number = 0
        self.complaints: List[str] = []

    def row(self, row: Row) -> None:
        """Sends the frame of 'row', as small as it can be."""
        stations_of = self._net.stations
        frame = row.build(stations_of[self._sender],
                          stations_of[self._target])
        wanted: Set[str] = set()
        if row.passes:
            wanted = ({self._target} if row.to_one and not self._flood
                      else self._others())
        # Only guests' ports look at it.
        strips = not self._sender.startswith(("host-", "gateway-"))
        self._check(row.name, frame, wanted, row.untagged and strips)

    def size(self, n_tags: int, size: int) -> None:
        """Sends frames with 'n_tags' and then 'size' bytes."""
        for what, ethertype, body in (
                ("an unknown EtherType", 0x1234, bytes(size)),
                ("IPv4", 0x0800, ipv4(17, udp(1, 9, bytes(size - 28))))):
            frame = ethernet(BROADCAST, self._net.stations[self._sender].mac,
                             ethertype, body[:-MARK_SIZE])
            for i in range(n_tags):
                frame = tag(42 + i, 0x88a8 if i else 0x8100)(frame)
            self._check(f"{what}, {n_tags} tags and {size} bytes", frame,
                        self._others())

    def _others(self) -> Set[str]:
        """Returns all stations but the sender."""
        return set(self._net.stations) - {self._sender}

    def _check(self, name: str, frame: bytes, wanted: Set[str],
               untagged: bool = False) -> None:
        """Sends 'frame', padded and with a mark, and checks who gets it."""
        self._number += 1
        frame = frame.ljust(MIN_SIZE - MARK_SIZE, b"\0") + mark(self._number)
        arriving = frame[:12] + frame[16:] if untagged else frame
        n = 2                   # The first one, and one that is routine.
        arrivals = self._net.exchange(self._sender, [frame] * n,
                                      n * len(wanted),
                                      set(self._net.stations))
        for one in sorted(self._net.stations):
            here = [found for where, found in arrivals if where == one]
            should = [self._form(arriving, one)] * (n if one in wanted else 0)
            if here != should:
                self.complaints.append(f"{name}: at {one}: "
                                       + self._difference(here, should))

    def learn(self) -> None:
        """Waits until everybody knows where 'target' is."""
        deadline = time.monotonic() + _LEARNING_TIMEOUT_S
        frame = ethernet(self._net.stations[self._target].mac,
                         self._net.stations[self._sender].mac, 0x88b5, b"")
        names = set(self._net.stations)
        while True:
            self._number += 1
            self._net.fence(self._target, names)
            arrivals = self._net.exchange(
                self._sender, [frame.ljust(MIN_SIZE, b"\0")
                               + mark(self._number)], 1, names)
            places = {where for where, _ in arrivals}
            if places == {self._target}:
                return
            if time.monotonic() > deadline:
                self.complaints.append("frames for one station go to "
                                       + ", ".join(sorted(places)))
                return

    def _form(self, frame: bytes, station: str) -> bytes:
        """Returns 'frame' as 'station' gets it."""
        vid = self._vids.get(station)
        return tag(vid)(frame) if vid else frame

    @staticmethod
    def _difference(found: List[bytes], wanted: List[bytes]) -> str:
        """Returns in what 'found' is not 'wanted'."""
        if len(found) != len(wanted):
            return f"{len(found)} of {len(wanted)}"
        return f"{found[0].hex()} instead of {wanted[0].hex()}"


def run(names: List[str], flood: bool) -> int:
    """Sends the table; arguments as on the command line."""
    vids: Dict[str, int] = {}
    for i, name in enumerate(names):
        name, _, vid = name.partition(":")
        names[i] = name
        if vid:
            vids[name] = int(vid)
    net = Net(stations.find(names))
    one = Run(net, names[0], names[1], vids, flood)
    if not flood:
        one.learn()
    n_rows = 0
    for row in TABLE:
        if not (row.tagged and vids):
            one.row(row)
            n_rows += 1
    for complaint in one.complaints:
        print(complaint)
    print(f"{n_rows} rows")
    return 1 if one.complaints else 0


def sizes(mtu: int, n_tags: int, names: List[str]) -> int:
    """Sends large frames; arguments as on the command line."""
    one = Run(Net(stations.find(names)), names[0], names[1], {}, True)
    for tags in range(n_tags + 1):
        one.size(tags, mtu - 1)
        one.size(tags, mtu)
    for complaint in one.complaints:
        print(complaint)
    return 1 if one.complaints else 0


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    if argv[1:] == ["list"]:
        for row in TABLE:
            print(f"{row.name}\t{'passes' if row.passes else 'dropped'}")
        return 0
    if len(argv) >= 4 and argv[1] in ("run", "flood"):
        return run(argv[2:], argv[1] == "flood")
    if len(argv) >= 6 and argv[1] == "sizes":
        return sizes(int(argv[2]), int(argv[3]), argv[4:])
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
