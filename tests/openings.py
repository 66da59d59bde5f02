#!/usr/bin/python3 -EsS
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

"""Which packets of somebody does a firewall let through?  All are tried.

  openings.py watch SOURCE...             in the namespace of the firewall
  openings.py send [--tun NAME] [--only FILE] SOURCE DESTINATION...
  openings.py missing DESTINATION...      there: what has not arrived
  openings.py show                        there: what has been let through

"send" sends from SOURCE to each DESTINATION: TCP (SYN) and UDP to all ports,
ICMP of all types, and one packet of each other protocol of IP; as "--tun", it
sends what the driver of the TUN NAME would get from the network.

A busy machine loses some of that on the way.  "missing" prints what of TCP,
UDP and ICMP "watch" has not seen in front of the firewall, for "send --only":
nothing is proved before nothing is missing.

"show" prints a line for each destination and protocol of which anything has
passed all rules, to the namespace itself ("in") or to others ("through"), with
the ports, types of ICMP, or numbers of protocols ("ip", "ip6").  What has
passed is dropped then, so that no connection comes of it.

Nobody has to listen or to answer, unlike with a scanner of ports: what counts
is what the rules do.
"""

import argparse
import ipaddress
import json
import os
import re
import socket
import struct
import subprocess
import time
from typing import Callable, Dict, Iterable, Iterator, List, Set, Tuple

from packets import checksum, open_tun

# All that is sent has this class of traffic, and so can be told from what else
# a SOURCE says.
DSCP = 42

TABLE = "inet openings"

# Above any firewall, and below.
BEFORE, AFTER = -500, 500

# Packets a second, and how many are sent at once.
RATE = 50000
BURST = 32

SOURCE_PORT = 40000

# What is sent, in this order; and other protocols.
ALL = {"tcp": range(65536), "udp": range(65536), "icmp": range(256)}

TCP, UDP = 6, 17
ICMP = {4: 1, 6: 58}
IPV6_HDRINCL = 36

NAMES = {TCP: "tcp", UDP: "udp"}

# Where "watch" keeps what has arrived, and what an element looks like.
SEEN_SETS = [f"seen-{family}-{what}" for family in ("ip", "ip6")
             for what in ("ports", "types")]
SEEN = re.compile(r"([0-9a-f.:]+) \. (?:(6|17) \. )?([0-9]+)")


class Way:
    """From one address to another, of the same version of IP."""

    def __init__(self, source: str, destination: str):
        self.version = ipaddress.ip_address(source).version
        self._addresses = (ipaddress.ip_address(source).packed
                           + ipaddress.ip_address(destination).packed)
        # What the checksum of all packets has in common.
        self._sum = 0xffff - checksum(self._addresses)

    def ip(self, protocol: int, payload: bytes) -> bytes:
        """Returns a packet."""
        if self.version == 6:
            return struct.pack("!IHBB", 6 << 28 | DSCP << 22, len(payload),
                               protocol, 64) + self._addresses + payload
        header = struct.pack("!BBHHHBBH", 0x45, DSCP << 2, 20 + len(payload),
                             1, 0, 64, protocol, 0)
        check = checksum(header + self._addresses)
        return (header[:10] + struct.pack("!H", check) + self._addresses
                + payload)

    def summed(self, protocol: int, payload: bytes, at: int) -> bytes:
        """Returns a packet whose checksum is at 'at' of the payload, with
        the addresses in it."""
        total = (self._sum + protocol + len(payload)
                 + 0xffff - checksum(payload))
        while total >> 16:
            total = (total >> 16) + (total & 0xffff)
        return self.ip(protocol, payload[:at]
                       + struct.pack("!H", ~total & 0xffff)
                       + payload[at + 2:])

    def ports(self, tcp: Iterable[int], udp: Iterable[int]) -> Iterator[bytes]:
        """Yields a packet for each of these ports."""
        for port in tcp:
            yield self.summed(TCP, struct.pack(
                "!HHIIBBHHH", SOURCE_PORT, port, 1, 0, 0x50, 2, 1000, 0, 0),
                16)
        for port in udp:
            yield self.summed(UDP, struct.pack(
                "!HHHH", SOURCE_PORT, port, 8, 0), 6)

    def types(self, types: Iterable[int]) -> Iterator[bytes]:
        """Yields a packet for each of these types of ICMP."""
        for kind in types:
            body = struct.pack("!BBHHH", kind, 0, 0, 29, 1) + bytes(56)
            if self.version == 6:
                yield self.summed(ICMP[6], body, 2)
            else:
                yield self.ip(ICMP[4], body[:2] + struct.pack(
                    "!H", checksum(body)) + body[4:])

    def others(self) -> Iterator[bytes]:
        """Yields a packet for each other protocol."""
        for protocol in range(256):
            if protocol not in (TCP, UDP, ICMP[self.version]):
                yield self.ip(protocol, bytes(64))


def tun_sender(name: str) -> Callable[[bytes, str], object]:
    """Returns a function that sends as the driver of a TUN does."""
    tun = open_tun(name)
    return lambda packet, to: os.write(tun, packet)


def open_raw() -> Callable[[bytes, str], object]:
    """Returns a function that sends packets as they are."""
    four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    six.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
    return lambda packet, to: (six if ":" in to else four).sendto(packet,
                                                                  (to, 0))


def packets_to(args: argparse.Namespace, destination: str) -> Iterator[bytes]:
    """Yields what is to be sent to 'destination'."""
    way = Way(args.source, destination)
    wanted = ALL
    if args.only:
        with open(args.only) as stream:
            wanted = json.load(stream).get(destination, {})
    yield from way.others()
    yield from way.ports(wanted.get("tcp", []), wanted.get("udp", []))
    yield from way.types(wanted.get("icmp", []))


def send(args: argparse.Namespace) -> None:
    """Sends to all, no quicker than RATE."""
    out = tun_sender(args.tun) if args.tun else open_raw()
    n_sent = 0
    due = time.monotonic()
    for destination in args.destinations:
        for packet in packets_to(args, destination):
            try:
                out(packet, destination)
            except OSError:     # If it matters, it is missing.
                pass
            n_sent += 1
            if n_sent % BURST == 0:
                due = max(due + BURST / RATE, time.monotonic() - 0.01)
                time.sleep(max(due - time.monotonic(), 0))


def ours(sources: List[str], what: str) -> str:
    """Returns a rule that does 'what' with packets of "send"."""
    lines = []
    for source in sources:
        family = "ip6" if ":" in source else "ip"
        lines.append(f"{family} saddr {source} {family} dscp {DSCP} {what}")
    return "\n".join(lines)


def end_of(hook: str, end: str, sources: List[str]) -> str:
    """Returns the chain that notes what comes to 'end', the end of 'hook',
    and drops it, and its sets."""
    sets = rules = ""
    for family, icmp in ("ip", "icmp"), ("ip6", "icmpv6"):
        address = f"{family} daddr"
        here = "meta nfproto " + {"ip": "ipv4", "ip6": "ipv6"}[family]
        for what, of, only in (
                ("ports", "meta l4proto . th dport",
                 "meta l4proto { tcp, udp }"),
                ("types", f"{icmp} type", f"meta l4proto {icmp}"),
                ("others", "meta l4proto", "")):
            sets += (f"set {end}-{family}-{what} {{ flags dynamic\n"
                     f"typeof {address} . {of}\nsize 1000000\n}}\n")
            rules += (f"{here} {only} add @{end}-{family}-{what} "
                      f"{{ {address} . {of} }} drop\n")
    return (f"{sets}chain {end} {{\n{rules}}}\n"
            f"chain {hook} {{\n"
            f"type filter hook {hook} priority {AFTER}\n"
            f"{ours(sources, 'goto ' + end)}\n}}\n")


def watch(args: argparse.Namespace) -> None:
    """Makes the table of nftables that sees what happens."""
    sets = rules = ""
    for family, icmp in ("ip", "icmp"), ("ip6", "icmpv6"):
        sources = [source for source in args.sources
                   if (":" in source) == (family == "ip6")]
        for what, of, only in (
                ("ports", "meta l4proto . th dport", "{ tcp, udp }"),
                ("types", f"{icmp} type", icmp)):
            name, key = f"seen-{family}-{what}", f"{family} daddr . {of}"
            sets += (f"set {name} {{ flags dynamic\n"
                     f"typeof {key}\nsize 1000000\n}}\n")
            rules += ours(sources, f"meta l4proto {only} "
                          f"add @{name} {{ {key} }}") + "\n"
    text = (f"table {TABLE}\ndelete table {TABLE}\ntable {TABLE} {{\n{sets}"
            "chain seen {\n"
            f"type filter hook prerouting priority {BEFORE}\n{rules}}}\n"
            + end_of("input", "in", args.sources)
            + end_of("forward", "through", args.sources) + "}\n")
    subprocess.run(["nft", "-f", "-"], input=text.encode(), check=True)


def missing(args: argparse.Namespace) -> None:
    """Prints what has not arrived, or nothing."""
    left = {destination: {name: set(of) for name, of in ALL.items()}
            for destination in args.destinations}
    for name in SEEN_SETS:
        # As text: it is much.
        out = subprocess.run(
            ["nft", "-n", "list", "set", *TABLE.split(), name],
            stdout=subprocess.PIPE, check=True)
        for address, protocol, number in SEEN.findall(out.stdout.decode()):
            if address in left:
                what = NAMES[int(protocol)] if protocol else "icmp"
                left[address][what].discard(int(number))
    lists = {address: {what: sorted(numbers) for what, numbers in of.items()}
             for address, of in left.items() if any(of.values())}
    if lists:
        print(json.dumps(lists))


def nft_json(*command: str) -> List[dict]:
    """Returns what nft prints."""
    out = subprocess.run(["nft", "-j", *command], stdout=subprocess.PIPE,
                         check=True).stdout
    return json.loads(out)["nftables"] if out else []


def ranges(numbers: Set[int]) -> str:
    """Returns 'numbers' as text."""
    parts: List[List[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def show(_args: argparse.Namespace) -> None:
    """Prints what has passed."""
    # (address, end, protocol) -> ports, types or numbers of protocols.
    passed: Dict[Tuple[str, str, str], Set[int]] = {}
    for name in SEEN_SETS:
        nft_json("flush", "set", *TABLE.split(), name)
    for item in nft_json("-n", "list", "table", *TABLE.split()):
        end, _, kind = item.get("set", {}).get("name", "").partition("-")
        if not kind:
            continue
        family, _, what = kind.partition("-")
        icmp = {"ip": "icmp", "ip6": "icmpv6"}[family]
        for element in item["set"].get("elem", []):
            address, *of = element["concat"]
            name = {"types": icmp, "others": family}.get(
                what, NAMES.get(int(of[0])))
            passed.setdefault((address, end, name), set()).add(int(of[-1]))
    for (address, end, name), numbers in sorted(passed.items()):
        print(address, end, name, ranges(numbers))


def main() -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    for name, verb in (("watch", watch), ("send", send),
                       ("missing", missing), ("show", show)):
        child = verbs.add_parser(name)
        child.set_defaults(verb=verb)
        if verb is watch:
            child.add_argument("sources", metavar="SOURCE", nargs="+")
        elif verb is send:
            child.add_argument("--tun", metavar="NAME")
            child.add_argument("--only", metavar="FILE")
            child.add_argument("source", metavar="SOURCE")
        if verb in (send, missing):
            child.add_argument("destinations", metavar="DESTINATION",
                               nargs="+")
    args = parser.parse_args()
    args.verb(args)


main()
