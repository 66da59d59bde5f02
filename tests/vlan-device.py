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

"""vlan-device.py LINK VID: the VLAN interface LINK.VID, by hand.

For kernels without 802.1Q, as those of small virtual machines: what

  ip link add link LINK name LINK.VID type vlan id VID

makes is a TAP here, whose frames get a tag on their way to LINK and lose it on
their way back.  Prints "ready", and works until it is stopped; the interface
goes with it.
"""

import fcntl
import os
import select
import socket
import struct
import sys

ETH_P_ALL = 3
ETH_P_8021Q = 0x8100
TUNSETIFF = 0x400454ca
IFF_TAP_NO_PI = 0x1002
SIOCGIFHWADDR = 0x8927
SIOCSIFHWADDR = 0x8924
SIOCGIFMTU = 0x8921
SIOCSIFMTU = 0x8922
SOL_PACKET = 263
PACKET_AUXDATA = 8
TP_STATUS_VLAN_VALID = 1 << 4

# Two MAC addresses.
MACS = 12


def make(link: str, name: str) -> int:
    """Makes the TAP 'name', with the MAC address and MTU of 'link'."""
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF,
                struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for get, put in ((SIOCGIFHWADDR, SIOCSIFHWADDR),
                         (SIOCGIFMTU, SIOCSIFMTU)):
            request = fcntl.ioctl(sock, get,
                                  struct.pack("16s24x", link.encode()))
            fcntl.ioctl(sock, put,
                        struct.pack("16s", name.encode()) + request[16:])
    return tap


def is_of(vid: int, ancillary: list) -> bool:
    """Returns whether a frame had a tag of 'vid', which the kernel takes out
    of every frame that it receives."""
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci = struct.unpack("IIIHHH", data[:18])
            return (bool(status & TP_STATUS_VLAN_VALID)
                    and tci & 0xfff == vid)
    return False


def main(link: str, vid: int) -> None:
    """Carries frames both ways."""
    tap = make(link, f"{link}.{vid}")
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    sock.bind((link, ETH_P_ALL))
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    tag = struct.pack("!HH", ETH_P_8021Q, vid)
    print("ready", flush=True)
    while True:
        for ready in select.select([tap, sock], [], [])[0]:
            try:
                if ready == tap:
                    frame = os.read(tap, 65536)
                    sock.send(frame[:MACS] + tag + frame[MACS:])
                else:
                    frame, ancillary, _, address = sock.recvmsg(65536, 256)
                    if (address[2] != socket.PACKET_OUTGOING
                            and is_of(vid, ancillary)):
                        os.write(tap, frame)
            except OSError:     # It is down: the frame is lost.
                pass


main(sys.argv[1], int(sys.argv[2]))
