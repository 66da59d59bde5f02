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

"""Guests: machines that are attached to a host's bridge, as a VM would be.

A guest is a network namespace of its own, LAB.NAME, with one interface, eth0.
That is one end of a veth pair; the other end, g-NAME, is in the host's
namespace and a port of its bridge, which is added as an administrator would
add it.  When the guest moves, that end goes to the other host, and eth0 stays
what it is.  When its host dies, the pair dies with it: the guest is there
without an interface until it is moved, or its host is started again.

A guest says nothing by itself: it has no link-local address and sends no
reports of multicast groups.  As with any veth pair, a move costs eth0 its
carrier for a moment, and with it the kernel's neighbour table.

What this is not: part of a host; those who live in a host are in host.py.
"""

import ctypes
import fcntl
import hashlib
import ipaddress
import os
import re
import signal
import socket
import struct
import time
from typing import List

from lab import host as host_module
from lab import inventory, namespaces
from lab.host import Host
from lab.process import LabError, processes_in, run
from lab.state import Guest

BRIDGE = "ovsbr-mobula"
IFACE = "eth0"
_ACCESS_IFACE = "veth_fac0"

# Room for two tags.
_TAGS_SIZE = 8

# The longest name leaves room for "g-" in the 15 characters of a port.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,12}")
_NETNS = "/run/netns"

# The userspace datapath leaves the frames of its interfaces to the kernel's IP
# stack as well: that would answer ARP requests for the host's addresses.
_SILENT = """cd /proc/sys/net && echo 8 > ipv4/conf/$0/arp_ignore &&
    echo 0 > ipv4/conf/$0/forwarding && echo 1 > ipv6/conf/$0/disable_ipv6"""

# How long a host may take to let a new port in, and eth0 to have a carrier.
_PLUG_TIMEOUT_S = 60

_ETHTOOL_STXCSUM = 0x17
_SIOCETHTOOL = 0x8946

_ETH_P_ARP = 0x0806
_ETH_P_RARP = 0x8035
_BROADCAST = b"\xff" * 6

# Who listens to groups tells the routers so, also each time that the carrier
# returns.
_SILENCE = """\
table ip6 mobula_lab {
    chain output {
        type filter hook output priority 0; policy accept;
        icmpv6 type mld2-listener-report drop
    }
}
"""


# Arguments of the user.

def check_name(name: str) -> None:
    """Raises LabError unless 'name' can be a guest's name."""
    if not _NAME.fullmatch(name):
        raise LabError(f"{name!r} cannot be the name of a guest: a lower-case "
                       "letter, then up to 12 letters, digits and '-'")


def mac_of(text: str) -> str:
    """Returns the MAC address in 'text' in one form; raises ValueError."""
    if not re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        raise ValueError(f"{text!r} is not a MAC address")
    octets = bytes.fromhex(text.replace(":", ""))
    if octets[0] & 1 or not any(octets):
        raise ValueError(f"{text!r} is not the MAC address of one station")
    return text.lower()


def default_mac(name: str) -> str:
    """Returns a locally administered MAC address for guest 'name'.

    Always the same one, and none that Mobula gives to hosts and gateways.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return "06:" + ":".join(f"{octet:02x}" for octet in digest[:5])


def address_of(text: str) -> str:
    """Returns the address with prefix length in 'text', in one form."""
    if "/" not in text:
        raise ValueError(f"{text!r} has no prefix length")
    return str(ipaddress.ip_interface(text))


# Namespaces.

def namespace(lab: str, name: str) -> str:
    """Returns the name of the namespace of guest 'name'.

    No lab's name has a dot, so this cannot be somebody else's.
    """
    return f"{lab}.{name}"


def find_namespaces(lab: str) -> List[str]:
    """Returns the namespaces of all guests of 'lab', known or not."""
    try:
        return sorted(name for name in os.listdir(_NETNS)
                      if name.startswith(f"{lab}."))
    except OSError:
        return []


def destroy_namespace(name: str) -> None:
    """Removes namespace 'name' and kills what runs in it, if it is there."""
    path = os.path.join(_NETNS, name)
    if not os.path.lexists(path):
        return
    # Not left to the kernel, which takes its time after this.
    _delete_iface(name)
    inode = os.stat(path).st_ino
    for process in processes_in({f"net:[{inode}]"}):
        host_module.kill(process.pid, signal.SIGKILL)
    try:
        run(["ip", "netns", "delete", name])
    except LabError:
        if os.path.lexists(path):   # Not just somebody else's being quicker.
            raise


def has_link(lab: str, guest: Guest) -> bool:
    """Returns whether 'guest' has its interface."""
    return _has_iface(namespace(lab, guest.name))


def _has_iface(name: str) -> bool:
    """Returns whether namespace 'name' has the interface of a guest."""
    try:
        run(["ip", "-n", name, "link", "show", "dev", IFACE])
        return True
    except LabError:
        return False


def _delete_iface(name: str) -> None:
    """Removes the interface of a guest from namespace 'name', if any."""
    if not _has_iface(name):
        return
    try:
        run(["ip", "-n", name, "link", "delete", IFACE])
    except LabError:
        if _has_iface(name):    # Did not just vanish with its other end.
            raise


# Life of a guest.

def create(one: Host, guest: Guest) -> None:
    """Makes 'guest' and attaches it to 'one'; leaves nothing if it fails."""
    pid = one.pid()
    _require_bridge(one, pid)
    name = namespace(one.lab, guest.name)
    # What an accident has left; nobody knows of it any more.
    destroy_namespace(name)
    try:
        run(["ip", "netns", "add", name])
        run(["ip", "-n", name, "link", "set", "dev", "lo", "up"])
        run(["ip", "netns", "exec", name, "nft", "-f", "-"], _SILENCE)
        _add_link(one, pid, guest)
        _plug(one, pid, guest)
    except BaseException:
        _unplug(one, guest)
        destroy_namespace(name)
        raise


def move(old: Host, new: Host, guest: Guest) -> None:
    """Takes 'guest' from 'old', which may be dead, to 'new'."""
    pid = new.pid()
    _require_bridge(new, pid)
    _unplug(old, guest)
    if has_link(new.lab, guest) and old.is_alive():
        _in_host(old.pid(), f"link set dev {guest.port} netns {pid}")
    else:
        # The kernel may not have got round yet to what has died.
        _delete_iface(namespace(new.lab, guest.name))
        _add_link(new, pid, guest)
    _plug(new, pid, guest)


def delete(one: Host, guest: Guest) -> None:
    """Removes 'guest' of 'one', which may be dead."""
    _unplug(one, guest)
    destroy_namespace(namespace(one.lab, guest.name))


def after_death(one: Host, guests: List[Guest]) -> None:
    """Takes the interfaces away from those of 'guests' that were on 'one'.

    The kernel does so, too, when it gets round to it.
    """
    for guest in guests:
        if guest.host == one.entry.id:
            _delete_iface(namespace(one.lab, guest.name))


def after_boot(one: Host, guests: List[Guest]) -> None:
    """Makes the ports of 'one', just booted, fit to the lab's 'guests'.

    Its database still has those that it had when it died.
    """
    pid = one.pid()
    mine = [guest for guest in guests if guest.host == one.entry.id]
    ports = one.run(pid, ["ovs-vsctl", "--timeout=60", "--bare",
                          "--columns=name", "find", "port",
                          "external_ids:mobula-lab=guest"]).split()
    known = {guest.port for guest in mine}
    for port in ports:
        if port not in known:
            one.run(pid, ["ovs-vsctl", "--timeout=60", "del-port", port])
    for guest in mine:
        if not has_link(one.lab, guest):
            move(one, one, guest)


def announce(lab: str, guest: Guest) -> None:
    """Sends, as 'guest', what a hypervisor sends after a move: gratuitous ARP
    for each IPv4 address; RARP if it has none."""
    mac = bytes.fromhex(guest.mac.replace(":", ""))
    addresses = [ipaddress.ip_interface(text).ip for text in guest.addresses]
    frames = [_arp(mac, 1, ip.packed) for ip in addresses if ip.version == 4]
    with namespaces.network(_path(lab, guest)):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sock:
        sock.bind((IFACE, 0))
        for frame in frames or [_arp(mac, 3, bytes(4))]:
            sock.send(frame)


def _arp(mac: bytes, operation: int, address: bytes) -> bytes:
    """Returns a broadcast of ARP, or RARP (3), of a station about itself."""
    target = mac if operation == 3 else bytes(6)
    kind = _ETH_P_RARP if operation == 3 else _ETH_P_ARP
    return (_BROADCAST + mac
            + struct.pack("!HHHBBH", kind, 1, 0x0800, 6, 4, operation)
            + mac + address + target + address).ljust(60, b"\0")


def execute(lab: str, guest: Guest, argv: List[str]) -> int:
    """Runs the user's 'argv' in 'guest'; returns the exit status."""
    path = _path(lab, guest)

    def enter() -> None:
        if not os.path.lexists(path):
            raise LabError(f"somebody has removed the namespace of the guest "
                           f"{guest.name!r}: `mobula-lab guest-del "
                           f"{guest.name}` forgets it")
        namespaces.enter_network(path, guest.name)

    return namespaces.run_in(enter, argv, host_module.environment())


# Its interface.

def _path(lab: str, guest: Guest) -> str:
    """Returns the file that stands for the namespace of 'guest'."""
    return os.path.join(_NETNS, namespace(lab, guest.name))


def _require_bridge(one: Host, pid: int) -> None:
    """Raises LabError unless host 'one' has an access network."""
    try:
        one.run(pid, ["ovs-vsctl", "--timeout=60", "br-exists", BRIDGE])
        _access_mtu(pid)
    except (LabError, OSError):
        raise LabError(f"{one} has no access network (yet): the bridge "
                       f"{BRIDGE} and the interface {_ACCESS_IFACE} are "
                       "mobulad's work")


def _access_mtu(pid: int) -> int:
    """Returns the MTU of the access network in the host of process 'pid'."""
    output = _in_host(pid, f"-o link show dev {_ACCESS_IFACE}")
    return int(output.split(" mtu ")[1].split()[0])


def _in_host(pid: int, command: str) -> str:
    """Runs the ip(8) 'command' in the network of process 'pid'."""
    return run(["nsenter", "-t", str(pid), "-n", "ip"] + command.split())


def _add_link(one: Host, pid: int, guest: Guest) -> None:
    """Makes the veth pair between 'guest' and 'one'."""
    mtu = _access_mtu(pid)
    name = namespace(one.lab, guest.name)
    # The port's MTU is larger, so that it never is what limits the guest.
    run(["ip", "link", "add", "name", guest.port,
         "mtu", str(mtu + _TAGS_SIZE), "netns", str(pid), "type", "veth",
         "peer", "name", IFACE, "address", guest.mac, "mtu", str(mtu),
         "netns", name])
    commands = [f"link set dev {IFACE} addrgenmode none",
                f"link set dev {IFACE} up"]
    for text in guest.addresses:
        nodad = " nodad" if ":" in text else ""
        commands.append(f"address add {text} dev {IFACE}{nodad}")
    run(["ip", "-n", name, "-batch", "-"], "\n".join(commands) + "\n")


def _plug(one: Host, pid: int, guest: Guest) -> None:
    """Makes the interface in host 'one' a port of its bridge; waits until
    the guest is on the access network, if mobulad is there to let it in."""
    _in_host(pid, f"link set dev {guest.port} addrgenmode none")
    _in_host(pid, f"link set dev {guest.port} up")
    kind = one.run(pid, ["ovs-vsctl", "--timeout=60", "get", "bridge", BRIDGE,
                         "datapath_type"]).strip()
    if kind == "netdev":
        # That datapath takes checksums that are still to be made for bad.
        _checksum_offload_off(one.lab, guest)
        one.run(pid, ["sh", "-c", _SILENT, guest.port])
    columns = ["external_ids:mobula-lab=guest"]
    if guest.tag is not None:
        columns.append(f"tag={guest.tag}")
    if guest.trunks:
        columns.append("trunks=" + ",".join(map(str, guest.trunks)))
    one.run(pid, ["ovs-vsctl", "--timeout=60",
                  "--if-exists", "del-port", guest.port,
                  "--", "add-port", BRIDGE, guest.port,
                  "--", "set", "port", guest.port] + columns)
    deadline = time.monotonic() + _PLUG_TIMEOUT_S
    while not _is_plugged(one, pid, guest):
        if time.monotonic() > deadline:
            raise LabError(f"{one} does not let {guest.port} in")
        time.sleep(0.02)
    if one.runs("mobulad", pid):
        one.run(pid, [inventory.require_program("mobula-ctl"), "wait-ready",
                      f"--timeout={_PLUG_TIMEOUT_S}"])


def _is_plugged(one: Host, pid: int, guest: Guest) -> bool:
    """Returns whether 'guest' has a carrier and mobulad, if it runs, has let
    its port in."""
    link = run(["ip", "-n", namespace(one.lab, guest.name), "-o", "link",
                "show", "dev", IFACE])
    if " state UP " not in link:
        return False
    if not one.runs("mobulad", pid):
        return True
    try:
        return "in_port" in one.run(pid, [
            "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", BRIDGE,
            f"table=0,in_port={guest.port}"])
    except LabError:            # The switch has not got the port yet.
        return False


def _checksum_offload_off(lab: str, guest: Guest) -> None:
    """Makes the kernel compute all checksums before a frame leaves."""
    value = ctypes.create_string_buffer(
        struct.pack("=II", _ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP16x", IFACE.encode(), ctypes.addressof(value))
    with namespaces.network(_path(lab, guest)):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        fcntl.ioctl(sock, _SIOCETHTOOL, request)


def _unplug(one: Host, guest: Guest) -> None:
    """Removes the port of 'guest' from host 'one' if that is alive."""
    if one.is_alive():
        one.run(one.pid(), ["ovs-vsctl", "--timeout=60", "--if-exists",
                            "del-port", guest.port])
