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

"""Packets that programs of the tests make: what they share.

Not frames of stations of a lab, which is in stations.py.
"""

import fcntl
import os
import struct
import time

_TUNSETIFF = 0x400454ca
_IFF_TUN_NO_PI = 0x1001


def checksum(data: bytes) -> int:
    """Returns the Internet checksum of 'data' (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff


def open_tun(name: str) -> int:
    """Returns a file of the TUN 'name', which exists, to be its driver.

    Reading does not block.
    """
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH", name.encode(),
                                             _IFF_TUN_NO_PI))
    # The kernel takes its time to notice that there is a carrier.
    with open(f"/sys/class/net/{name}/operstate") as state:
        while state.read() == "down\n":
            time.sleep(0.01)
            state.seek(0)
    return tun
