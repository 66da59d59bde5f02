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

"""The underlay: one Ethernet bridge that stands for the world between hosts.

It lives in a network namespace of its own, LAB-underlay, so that nothing of a
lab shows up among the machine's interfaces.  Host ID is plugged into the
bridge port h<ID>; its own end is called eth0.

Where the bridge's own interface is, there is a router: it has the last usable
address of the hosts' network, such as 192.0.2.254, is the default route of all
hosts, and has the Internet behind it, which is one address: 198.51.100.1.

Cut links are nftables rules of the bridge family there: frames vanish without
a trace for the hosts, whose carriers stay up, as on a broken path far away.
So are links that carry only short packets: nobody is told of the long ones.
"""

import ipaddress
import os
from typing import Dict, List, Optional

from lab.inventory import Entry
from lab.process import LabError, processes_in, run

MTU = 1500                      # Unless `up` says otherwise.

INTERNET = "198.51.100.1"       # All of it, for the hosts.

# How many parts a per cent is cut into for the random loss of frames.
_LOSS_UNIT = 100


def namespace(lab: str) -> str:
    """Returns the name of the namespace of the underlay of 'lab'."""
    return f"{lab}-underlay"


def bridge(lab: str) -> str:
    """Returns the name of the bridge of 'lab'."""
    return f"br-{lab}"[:15]


def port(host_id: int) -> str:
    """Returns the name of the bridge port of host 'host_id'."""
    return f"h{host_id}"


def exists(lab: str) -> bool:
    """Returns whether the underlay's namespace is there, even if broken."""
    return os.path.lexists(f"/run/netns/{namespace(lab)}")


def create(lab: str, mtu: int, hosts: List[Entry]) -> None:
    """Makes the namespace and the bridge, whose 'hosts' get 'mtu'."""
    name, switch = namespace(lab), bridge(lab)
    run(["ip", "netns", "add", name])
    # No addresses but the router's, not even link-local ones.
    _batch(name, [
        "link set dev lo up",
        f"link add name {switch} type bridge stp_state 0 forward_delay 0 "
        "mcast_snooping 0",
        # A bridge whose MTU was set keeps it, whatever its ports have.
        f"link set dev {switch} mtu {mtu}",
        f"link set dev {switch} addrgenmode none",
        f"link set dev {switch} up",
    ] + _router_commands(switch, hosts))


def router(hosts: List[Entry]) -> Optional[str]:
    """Returns the address of the router of 'hosts', None if there is none:
    if no host has IPv4, or one has the address itself.
    """
    ipv4 = [h.address for h in hosts if h.address.version == 4]
    if not ipv4:
        return None
    network = ipaddress.ip_network(f"{ipv4[0]}/24", strict=False)
    return None if network[-2] in ipv4 else str(network[-2])


def _router_commands(switch: str, hosts: List[Entry]) -> List[str]:
    """Returns the ip(8) commands that make the router of 'hosts'."""
    address = router(hosts)
    if not address:
        return []
    commands = [f"address add {INTERNET}/32 dev lo",
                f"address add {address}/24 dev {switch}"]
    network = ipaddress.ip_network(f"{address}/24", strict=False)
    return commands + [f"route add {h.address}/32 dev {switch}"
                       for h in hosts if h.address.version == 4
                       and h.address not in network]


def attach(lab: str, host: Entry, pid: int) -> None:
    """Plugs 'host', whose namespaces process 'pid' has, in as its eth0."""
    # The same MAC address after a reboot, as a real network card.
    mac = f"02:00:00:00:{host.id >> 8:02x}:{host.id & 255:02x}"
    plug(lab, port(host.id), mac, pid)


def plug(lab: str, end: str, mac: str, pid: int) -> None:
    """Plugs the machine of process 'pid' into bridge port 'end', as its
    eth0."""
    name, mtu = namespace(lab), _mtu(lab)
    run(["ip", "link", "add", "name", "eth0", "address", mac,
         "mtu", mtu, "netns", str(pid), "type", "veth",
         "peer", "name", end, "mtu", mtu, "netns", name])
    _batch(name, [f"link set dev {end} addrgenmode none",
                  f"link set dev {end} master {bridge(lab)}",
                  f"link set dev {end} up"])


def detach(lab: str, host: Entry) -> None:
    """Unplugs 'host', at once and without a word."""
    unplug(lab, port(host.id))


def unplug(lab: str, end: str) -> None:
    """Unplugs the machine at bridge port 'end'."""
    run(["ip", "-n", namespace(lab), "link", "delete", end])


def is_attached(lab: str, host: Entry) -> bool:
    """Returns whether 'host' is plugged in."""
    return has_port(lab, port(host.id))


def has_port(lab: str, end: str) -> bool:
    """Returns whether there is a bridge port 'end'."""
    if not exists(lab):
        return False
    links = run(["ip", "-n", namespace(lab), "-o", "link", "show"])
    return f" {end}@" in links


def address_commands(host: Entry, hosts: List[Entry]) -> List[str]:
    """Returns the ip(8) commands that give 'host' its address on eth0.

    All endpoints in one /24 (IPv6: /64) are neighbours in that network.
    Others are reached by a route for each: no prefix that covered them all
    would leave room for the networks of Mobula.
    """
    same = [h.address for h in hosts
            if h.address.version == host.address.version]
    size = 24 if host.address.version == 4 else 64
    network = ipaddress.ip_network(f"{host.endpoint}/{size}", strict=False)
    edges = (network[0], network[-1]) if size == 24 else ()
    together = all(a in network and a not in edges for a in same)
    if not together:
        size = host.address.max_prefixlen

    nodad = " nodad" if host.address.version == 6 else ""
    # What a host says without being asked (IPv6 router solicitations from a
    # link-local address) would disturb who watches the underlay.
    commands = ["link set dev eth0 addrgenmode none",
                f"address add {host.endpoint}/{size} dev eth0{nodad}",
                "link set dev eth0 up", "link set dev lo up"]
    if not together:
        commands += [f"route add {a} dev eth0 src {host.endpoint}"
                     for a in same if a != host.address]
    way_out = router(hosts)
    if way_out and host.address.version == 4:
        commands.append(f"route add default via {way_out} dev eth0 onlink")
    return commands


def client_addresses(hosts: List[Entry], taken: List[str]) -> List[str]:
    """Returns the addresses, with prefix lengths, of a new machine beside
    'hosts': the last one of their network that is neither 'taken' nor the
    router's, for each version of IP in which they are neighbours or have a
    router."""
    known = {ipaddress.ip_interface(text).ip for text in taken}
    known |= {host.address for host in hosts}
    addresses = []
    for version, size in ((4, 24), (6, 64)):
        same = [h.address for h in hosts if h.address.version == version]
        if not same:
            continue
        network = ipaddress.ip_network(f"{same[0]}/{size}", strict=False)
        # The router has the one before the last.
        free = next((network[-n] for n in range(3, 256)
                     if network[-n] not in known), None)
        if free and (all(address in network for address in same)
                     or (version == 4 and router(hosts))):
            addresses.append(f"{free}/{size}")
    return addresses


def apply_cuts(lab: str, cuts: Dict[str, float],
               holes: Dict[str, int]) -> None:
    """Makes the bridge drop what 'cuts' and 'holes' say (see State), nothing
    else.
    """
    lines = ["table bridge mobula_lab", "delete table bridge mobula_lab"]
    if cuts or holes:
        lines += ["table bridge mobula_lab {", "chain forward {",
                  "type filter hook forward priority 0; policy accept;"]
        lines += [_cut_rule(wire, percent)
                  for wire, percent in sorted(cuts.items())]
        # The bridge measures without the Ethernet header.
        lines += [f"{_match(wire)} meta length > {mtu} counter drop"
                  for wire, mtu in sorted(holes.items())]
        lines += ["}", "}"]
    run(["ip", "netns", "exec", namespace(lab), "nft", "-f", "-"],
        "\n".join(lines) + "\n")


def _cut_rule(wire: str, percent: float) -> str:
    """Returns the nftables rule for a cut."""
    match = _match(wire)
    if percent < 100:
        match += (f" numgen random mod {100 * _LOSS_UNIT} "
                  f"< {round(percent * _LOSS_UNIT)}")
    return f"{match} counter drop"


def _match(wire: str) -> str:
    """Returns what frames on 'wire' have in common, for nftables."""
    src, dst = wire.split(">")
    return f'iifname "{port(int(src))}" oifname "{port(int(dst))}"'


def destroy(lab: str) -> None:
    """Removes the underlay's namespace and all that is in it."""
    if not exists(lab):
        return
    try:
        run(["ip", "netns", "delete", namespace(lab)])
    except LabError:
        if exists(lab):         # Not just somebody else's being quicker.
            raise


def inhabitants(lab: str) -> List[int]:
    """Returns the processes in the underlay's namespace."""
    try:
        inode = os.stat(f"/run/netns/{namespace(lab)}").st_ino
    except OSError:
        return []
    return [process.pid for process in processes_in({f"net:[{inode}]"})]


def _mtu(lab: str) -> str:
    """Returns the MTU of the underlay of 'lab'."""
    output = run(["ip", "-n", namespace(lab), "-o", "link", "show", "dev",
                  bridge(lab)])
    return output.split(" mtu ")[1].split()[0]


def _batch(name: str, commands: List[str]) -> None:
    """Runs ip(8) 'commands' in namespace 'name'."""
    run(["ip", "-n", name, "-batch", "-"], "\n".join(commands) + "\n")
