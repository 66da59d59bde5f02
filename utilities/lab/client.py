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

"""Clients: machines on the underlay that have WireGuard and nothing else.

A client is what an administrator's laptop is: it has an address beside the
hosts, an interface wg0 that wg-quick(8) would have made of the same file, and
the name servers of that file.  It has a first process of its own (init.py),
so that its /etc and its /run are its own, too; its disk goes with it.

What this is not: a reader of such files; see wgconf.py.
"""

import ipaddress
import os
import shutil
import socket
import sys
from typing import List, Optional

from lab import guest, host, init, namespaces, state, underlay
from lab.process import LabError, run
from lab.state import Client, State
from lab.wgconf import Config, Peer, setconf

IFACE = "wg0"

# If the file says nothing: what wg-quick takes on an underlay of 1500.
_MTU = 1420

# Mark of WireGuard's packets, and number of the table of all others, if the
# client sends everything through WireGuard; both as wg-quick has them.
_MARK = 51820


def create(lab: State, new: Client, config: Config) -> Client:
    """Makes client 'new' of 'config'; returns it as it turned out.

    Leaves nothing behind if it fails.
    """
    missing = [name for name in ("wg", "wireguard-go")
               if not shutil.which(name)]
    if "wg" in missing:
        raise LabError("wg not found: install the Debian package "
                       "wireguard-tools")
    endpoints = [_resolve(lab, peer) for peer in config.peers]
    try:
        _boot(lab, new, config)
        kernel = _make_interface(lab, new, "wireguard-go" not in missing)
        _configure(lab, new, config, endpoints)
        return new._replace(kernel=kernel)
    except BaseException:
        destroy(lab.name, new)
        raise


def destroy(lab: str, client: Client) -> None:
    """Removes 'client', dead or alive."""
    pid = host.find_machines(lab).get(client.name)
    if pid is not None:
        if underlay.has_port(lab, client.port):
            underlay.unplug(lab, client.port)
        host.kill_all([pid])
    shutil.rmtree(_disk(lab, client), ignore_errors=True)


def execute(lab: str, client: Client, argv: List[str]) -> int:
    """Runs the user's 'argv' in 'client'; returns the exit status."""
    pid = _pid(lab, client)
    return namespaces.run_in(lambda: namespaces.enter(pid), argv,
                             host.environment())


def _pid(lab: str, client: Client) -> int:
    """Returns the first process of 'client'."""
    pid = host.find_machines(lab).get(client.name)
    if pid is None:
        raise LabError(f"somebody has killed the client {client.name!r}: "
                       f"`mobula-lab client-del {client.name}` forgets it")
    return pid


def _disk(lab: str, client: Client) -> str:
    """Returns the directory with the disk of 'client'."""
    return os.path.join(state.directory(lab), "clients", client.name)


def _run(lab: State, client: Client, argv: List[str],
         stdin: str = "") -> str:
    """Runs our own 'argv' in 'client'; returns what it printed."""
    try:
        return run(["nsenter", "-t", str(_pid(lab.name, client)), "-m", "-n",
                    "-u", "-p"] + argv, stdin, host.environment())
    except LabError as error:
        raise LabError(f"client {client.name}: {error}")


# The machine.

def _boot(lab: State, client: Client, config: Config) -> None:
    """Starts the machine, with its address on the underlay."""
    disk = _disk(lab.name, client)
    shutil.rmtree(disk, ignore_errors=True)
    os.makedirs(os.path.join(disk, "etc"), 0o755)
    files = {"hostname": f"{client.name}\n",
             "hosts": f"127.0.0.1 localhost\n127.0.1.1 {client.name}\n"}
    if config.dns or config.search:
        files["resolv.conf"] = _resolv_conf(config)
    for name, text in files.items():
        with open(os.path.join(disk, "etc", name), "w") as stream:
            stream.write(text)
    run([sys.executable, "-EsS", init.PROGRAM, init.marker(lab.name),
         client.name, client.name, disk, "", ""])
    pid = _pid(lab.name, client)
    underlay.plug(lab.name, client.port, guest.default_mac(client.name), pid)
    commands = ["link set dev lo up",
                "link set dev eth0 addrgenmode none"]
    for text in client.addresses:
        nodad = " nodad" if ":" in text else ""
        commands.append(f"address add {text} dev eth0{nodad}")
    commands.append("link set dev eth0 up")
    way_out = underlay.router(lab.hosts)
    if way_out and any(":" not in text for text in client.addresses):
        commands.append(f"route add default via {way_out} dev eth0")
    _ip(lab, client, commands)


def _resolv_conf(config: Config) -> str:
    """Returns the resolv.conf(5) that 'config' asks for."""
    lines = [f"nameserver {server}" for server in config.dns]
    if config.search:
        lines.append("search " + " ".join(config.search))
    return "\n".join(lines) + "\n"


def _ip(lab: State, client: Client, commands: List[str]) -> None:
    """Runs the ip(8) 'commands' in 'client'."""
    _run(lab, client, ["ip", "-batch", "-"], "\n".join(commands) + "\n")


# Its interface.

def _resolve(lab: State, peer: Peer) -> Optional[str]:
    """Returns the endpoint of 'peer' with an address; None if it has none.

    There is no name server on the underlay, so that a name is that of a host,
    or one that this machine knows.
    """
    if not peer.endpoint:
        return None
    name, port = peer.endpoint
    known = {entry.hostname: entry.endpoint for entry in lab.hosts}
    address = known.get(name.lower(), name)
    try:
        ipaddress.ip_address(address)
    except ValueError:
        try:
            address = str(socket.getaddrinfo(address, port)[0][4][0])
        except OSError as error:
            raise LabError(f"the endpoint {name!r} cannot be resolved: "
                           f"{error.strerror}")
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _make_interface(lab: State, client: Client, has_go: bool) -> bool:
    """Makes wg0; returns whether it is the kernel's."""
    try:
        _run(lab, client, ["ip", "link", "add", "name", IFACE, "type",
                           "wireguard"])
        return True
    except LabError:
        if not has_go:
            raise LabError("this kernel has no WireGuard: install the Debian "
                           "package wireguard-go")
    # If it were to log, it would keep our pipes.  A laptop's share of the
    # processors: see host.py.
    _run(lab, client, ["env", "-u", "LOG_LEVEL", "GOMAXPROCS=1",
                       "wireguard-go", IFACE])
    return False


def _configure(lab: State, client: Client, config: Config,
               endpoints: List[Optional[str]]) -> None:
    """Does with wg0 what wg-quick would."""
    _run(lab, client, ["wg", "setconf", IFACE, "/dev/stdin"],
         setconf(config, endpoints))
    commands = [f"link set dev {IFACE} addrgenmode none",
                f"link set dev {IFACE} mtu {config.mtu or _MTU}"]
    for address in config.addresses:
        nodad = " nodad" if address.version == 6 else ""
        commands.append(f"address add {address} dev {IFACE}{nodad}")
    commands.append(f"link set dev {IFACE} up")
    prefixes = {prefix for peer in config.peers
                for prefix in peer.allowed_ips}
    for prefix in sorted(prefixes, key=str):
        if prefix.prefixlen:
            commands.append(f"route replace {prefix} dev {IFACE}")
        else:
            commands += _route_all(prefix.version, config.fwmark or _MARK)
    if any(not prefix.prefixlen for prefix in prefixes) and not config.fwmark:
        _run(lab, client, ["wg", "set", IFACE, "fwmark", str(_MARK)])
    _ip(lab, client, commands)


def _route_all(version: int, mark: int) -> List[str]:
    """Returns the ip(8) commands that send everything through wg0 but its own
    packets, which have 'mark', and what has a route of its own."""
    return [f"-{version} route add default dev {IFACE} table {_MARK}",
            f"-{version} rule add not fwmark {mark} table {_MARK}",
            f"-{version} rule add table main suppress_prefixlength 0"]
