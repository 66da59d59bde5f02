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

"""The command line: verbs, options, and what they print."""

import argparse
import itertools
import os
import signal
import sys
import time
from typing import Callable, Dict, List, Optional, Tuple

from lab import client, guest, host, inventory, lab, reach, state, underlay
from lab.process import LabError
from lab.state import Guest

_DESCRIPTION = """\
Starts any hosts.yml as real hosts on this machine: each has its own network,
processes, /run, /etc, Open vSwitch and mobulad.  HOST is an id, a host name or
its first label.  A guest is a machine that is attached to the access network
of a host, with an interface eth0 and nothing else.  A client is a machine on
the underlay with plain WireGuard, interface wg0, and a configuration file as
wg-quick has it.  MOBULA_LAB in the environment is the default of --name.
"""

_EXAMPLES = """\
examples:
  mobula-lab up --hosts hosts.yml
  mobula-lab exec alice ping -c 3 10.31.128.2
  mobula-lab exec alice mobula-ctl status
  mobula-lab exec-gw alice ip address
  mobula-lab link alice bob down
  mobula-lab topology alice,bob bob,carol
  mobula-lab topology all
  mobula-lab host carol kill
  mobula-lab guest alice web --ip 10.31.64.1/16
  mobula-lab exec web ping -c 3 10.31.128.2
  mobula-lab guest-move web bob
  mobula-lab client laptop laptop.conf
  mobula-lab exec laptop wg show
  mobula-lab daemon alice mobulad kill
  mobula-lab down
"""

# An action of `daemon` -> the signal, and the states that it leads to.
_SIGNALS = {"kill": (signal.SIGKILL, ""), "stop": (signal.SIGSTOP, "T"),
            "cont": (signal.SIGCONT, "RSDI")}


def main(argv: List[str]) -> int:
    """Runs the command 'argv'; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    _check_usage(parser, args)
    # Not a default of the option, which would hide one before the verb.
    args.name = getattr(args, "name", os.environ.get("MOBULA_LAB", "lab"))
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        if os.geteuid():
            raise LabError("only root can make network namespaces: run it "
                           "with sudo")
        state.check_name(args.name)
        return args.verb(args) or 0
    except (LabError, OSError) as error:
        print(f"mobula-lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mobula-lab: interrupted", file=sys.stderr)
        return 130


def _interrupt(number: int, _frame: object) -> None:
    """Makes SIGTERM and SIGHUP clean up as Ctrl-C does."""
    raise KeyboardInterrupt


# Options.

def _parser() -> argparse.ArgumentParser:
    """Returns the parser of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", metavar="LAB", default=argparse.SUPPRESS,
                        help="which lab (default: lab)")
    parser = argparse.ArgumentParser(
        prog="mobula-lab", description=_DESCRIPTION, epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common])
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, function, text: str) -> argparse.ArgumentParser:
        child = verbs.add_parser(name, help=text, description=text,
                                 parents=[common])
        child.set_defaults(verb=function)
        return child

    _add_up(verb("up", _up, "start a lab; wait until all hosts are ready"))
    for name, function, metavar, where in (
            ("exec", _exec, "HOST|NAME", "on a host, a guest or a client"),
            ("exec-gw", _exec_gateway, "HOST",
             "in a host's namespace `mobula`")):
        child = verb(name, function, f"run a command {where}")
        child.add_argument("host", metavar=metavar)
        child.add_argument("command", metavar="CMD",
                           nargs=argparse.REMAINDER)
    child = verb("link", _link, "cut or heal the way between two hosts")
    child.add_argument("a", metavar="A")
    child.add_argument("b", metavar="B")
    child.add_argument("action",
                       choices=("down", "up", "one-way", "loss", "mtu"),
                       help="down: drop everything; up: heal; one-way: drop "
                       "only what A sends to B; loss: drop VALUE per cent of "
                       "it, both ways; mtu: drop packets of more than VALUE "
                       "bytes, both ways, or none if it is `off`")
    child.add_argument("value", metavar="VALUE", nargs="?")
    child = verb("topology", _topology,
                 "cut all links but some, all at once")
    child.add_argument("links", metavar="A,B", nargs="+",
                       help="a link that works, both ways; `all`: each one "
                       "does; `none`: none does")
    child = verb("host", _host, "kill a whole host, or boot it again")
    child.add_argument("host", metavar="HOST")
    child.add_argument("action", choices=("kill", "start"))
    child = verb("daemon", _daemon, "kill, stop, continue or start a daemon")
    child.add_argument("host", metavar="HOST")
    child.add_argument("daemon", metavar="NAME", choices=list(host.DAEMONS),
                       help=", ".join(host.DAEMONS))
    child.add_argument("action", choices=("kill", "stop", "cont", "start"))
    _add_guest(verb("guest", _guest, "attach a machine to a host"))
    child = verb("guest-move", _guest_move, "take a guest to another host")
    child.add_argument("guest", metavar="NAME")
    child.add_argument("host", metavar="HOST")
    child.add_argument("--announce", action="store_true",
                       help="send a gratuitous ARP from there, as hypervisors "
                       "do; without this, the guest moves silently")
    child = verb("guest-del", _guest_del, "remove a guest")
    child.add_argument("guest", metavar="NAME")
    child = verb("client", _client,
                 "attach a WireGuard client to the underlay")
    child.add_argument("client", metavar="NAME",
                       help="up to 13 letters, digits and '-'")
    child.add_argument("file", metavar="WGCONF",
                       help="its configuration, see wg-quick(8); "
                       "`mobula-ctl wire-config` makes it.  An endpoint may "
                       "be called by the name of a host")
    child = verb("client-del", _client_del, "remove a client")
    child.add_argument("client", metavar="NAME")
    verb("ping", _ping, "ping each host from each other one")
    verb("status", _status,
         "show the hosts, guests, clients and cut links of a lab")
    verb("down", _down, "remove a lab, whatever state it is in")
    return parser


def _add_up(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `up`."""
    parser.add_argument("--hosts", metavar="FILE", default="hosts.yml",
                        help="the inventory (default: hosts.yml)")
    for option, text in (("extra-hosts", "names of other machines"),
                         ("extra-wires", "WireGuard clients"),
                         ("settings", "mobula.yml")):
        parser.add_argument(f"--{option}", metavar="FILE", help=text)
    parser.add_argument("--no-daemon", action="store_true",
                        help="leave mobulad to `daemon HOST mobulad start`")
    parser.add_argument("--timeout", metavar="SECONDS", type=int,
                        default=lab.READY_TIMEOUT_S,
                        help="how long hosts may take (default: %(default)s)")
    parser.add_argument("--mtu", metavar="BYTES", type=_mtu,
                        default=underlay.MTU,
                        help="of the underlay (default: %(default)s)")
    parser.add_argument("--external", choices=("share", "move"),
                        help="the setting, instead of that in mobula.yml; "
                        "with `move`, hosts have their gateway as second "
                        "default router")
    parser.add_argument("--keep", action="store_true",
                        help="leave the hosts there when something fails")


def _add_guest(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `guest`."""
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("guest", metavar="NAME",
                        help="up to 13 letters, digits and '-'")
    parser.add_argument("--mac", metavar="MAC", type=_word(guest.mac_of),
                        help="of its eth0 (default: always the same for a "
                        "name)")
    parser.add_argument("--ip", metavar="ADDR/LEN", action="append",
                        default=[], type=_word(guest.address_of),
                        help="an address of its eth0; may be given often")
    vlans = parser.add_mutually_exclusive_group()
    vlans.add_argument("--tag", metavar="VID", type=_vid,
                       help="its port is an access port of this VLAN")
    vlans.add_argument("--trunks", metavar="VID,VID...", type=_vids,
                       default=[],
                       help="its port carries these VLANs, tagged; VLAN 0 is "
                       "frames without a tag (default: all)")


def _word(function: Callable[[str], str]) -> Callable[[str], str]:
    """Returns 'function' as a type of arguments."""
    def convert(text: str) -> str:
        try:
            return function(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error))
    return convert


def _number(text: str, low: int, high: int, what: str) -> int:
    """Returns the number in 'text', between 'low' and 'high'."""
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not {what}, {low} to {high}")
    return int(text)


def _mtu(text: str) -> int:
    """Returns the MTU of an underlay in 'text'."""
    return _number(text, 1280, 65535, "an MTU")


def _vid(text: str) -> int:
    """Returns the VLAN ID in 'text'."""
    return _number(text, 1, 4094, "a VLAN ID")


def _vids(text: str) -> List[int]:
    """Returns the VLAN IDs in 'text'."""
    return sorted({_number(word, 0, 4094, "a VLAN ID")
                   for word in text.split(",")})


def _percent(text: str) -> float:
    """Returns the percentage in 'text'."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage")
    return value


def _check_usage(parser: argparse.ArgumentParser,
                 args: argparse.Namespace) -> None:
    """Ends the program if 'args' do not go together."""
    if "command" in args and not args.command:
        parser.error("which command shall run?")
    if "value" in args:
        _check_link(parser, args)


def _check_link(parser: argparse.ArgumentParser,
                args: argparse.Namespace) -> None:
    """Turns the value of `link` into what its action takes."""
    if (args.action in ("loss", "mtu")) != (args.value is not None):
        parser.error("a value belongs to `loss` and `mtu`, and to nothing "
                     "else")
    try:
        if args.action == "loss":
            args.value = _percent(args.value)
        elif args.action == "mtu":
            args.value = None if args.value == "off" else _mtu(args.value)
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))


# Verbs.

def _up(args: argparse.Namespace) -> None:
    files: Dict[str, str] = {}
    for option in inventory.FILES:
        path = getattr(args, option)
        if path:
            files[option] = path
    start = time.monotonic()
    lab.up(args.name, files, not args.no_daemon, args.keep, args.timeout,
           args.mtu, args.external)
    n_hosts = len(state.load(args.name).hosts)
    print(f"The lab {args.name!r} is up: {n_hosts} "
          f"host{'s' if n_hosts > 1 else ''} in "
          f"{time.monotonic() - start:.1f} s.")


def _exec(args: argparse.Namespace, gateway: bool = False) -> int:
    current = state.load(args.name)
    if gateway and (args.host in current.guests
                    or args.host in current.clients):
        raise LabError(f"{args.host!r} is no host, and has no gateway")
    if args.host in current.guests:
        return guest.execute(args.name, current.guests[args.host],
                             args.command)
    if args.host in current.clients:
        return client.execute(args.name, current.clients[args.host],
                              args.command)
    one = lab.host_of(current, args.host)
    return one.execute(args.command, gateway)


def _exec_gateway(args: argparse.Namespace) -> int:
    return _exec(args, True)


def _link(args: argparse.Namespace) -> None:
    percent = args.value if args.action == "loss" else 100.0
    with lab.locked(args.name) as current:
        a = inventory.find(current.hosts, args.a)
        b = inventory.find(current.hosts, args.b)
        if args.action == "mtu":
            lab.set_hole(current, a, b, args.value)
            return
        lab.set_link(current, a, b, 0 if args.action == "up" else percent,
                     0 if args.action in ("up", "one-way") else percent)


def _topology(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        if args.links in (["all"], ["none"]):
            every = list(itertools.combinations(current.hosts, 2))
            lab.set_topology(current, every if args.links == ["all"] else [])
            return
        lab.set_topology(current, [_ends(current, link)
                                   for link in args.links])


def _ends(current: state.State,
          link: str) -> Tuple[inventory.Entry, inventory.Entry]:
    """Returns the two hosts that the user calls 'link'."""
    a, comma, b = link.partition(",")
    if not comma:
        raise LabError(f"{link!r} is not a link: HOST,HOST")
    return (inventory.find(current.hosts, a),
            inventory.find(current.hosts, b))


def _host(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        one = lab.host_of(current, args.host)
        if args.action == "kill":
            one.kill()
            guest.after_death(one, list(current.guests.values()))
            return
        if one.is_alive():
            raise LabError(f"{one} is alive")
        lab.boot(one, current.daemon, False, lab.READY_TIMEOUT_S)
        guest.after_boot(one, list(current.guests.values()))


def _daemon(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        one = lab.host_of(current, args.host)
        if args.action == "start":
            one.start(args.daemon)
        else:
            number, states = _SIGNALS[args.action]
            one.signal(args.daemon, number)
            one.wait_state(args.daemon, states)


def _guest(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        entry = inventory.find(current.hosts, args.host)
        lab.add_guest(current, Guest(
            args.guest, entry.id, args.mac or guest.default_mac(args.guest),
            args.ip, args.tag, args.trunks))


def _guest_move(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        lab.move_guest(current, lab.guest_of(current, args.guest),
                       inventory.find(current.hosts, args.host),
                       args.announce)


def _guest_del(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        lab.delete_guest(current, lab.guest_of(current, args.guest))


def _client(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        lab.add_client(current, args.client, args.file)


def _client_del(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        lab.delete_client(current, args.client)


def _ping(args: argparse.Namespace) -> int:
    hosts = lab.hosts_of(state.load(args.name))
    times = reach.ping(hosts)
    print(reach.text(hosts, times))
    return 1 if None in times.values() else 0


def _status(args: argparse.Namespace) -> None:
    current = state.load(args.name)
    rows = [["ID", "HOST", "UNDERLAY", "INIT", "DAEMONS"]]
    inits = host.find_inits(args.name)
    for one in lab.hosts_of(current):
        entry, pid = one.entry, inits.get(one.entry.id)
        rows.append([str(entry.id), entry.hostname, entry.endpoint,
                     str(pid or "dead"), _daemon_words(one, pid)])
    _print_table(rows)
    if current.guests:
        print()
        _print_table([["GUEST", "HOST", "PORT", "MAC", "VLANS", "ADDRESSES"]]
                     + [_guest_row(current, one) for _, one
                        in sorted(current.guests.items())])
    if current.clients:
        print()
        machines = host.find_machines(args.name)
        _print_table([["CLIENT", "UNDERLAY", "WIREGUARD", "INIT"]]
                     + [[one.name, " ".join(one.addresses),
                         "kernel" if one.kernel else "wireguard-go",
                         str(machines.get(one.name, "dead"))]
                        for _, one in sorted(current.clients.items())])
    for wire, percent in sorted(current.cuts.items()):
        print(f"cut {wire.replace('>', ' -> ')}: "
              + ("all" if percent >= 100 else f"{percent:g} %"))
    for wire, mtu in sorted(current.holes.items()):
        print(f"cut {wire.replace('>', ' -> ')}: packets of more than {mtu} "
              "bytes")


def _print_table(rows: List[List[str]]) -> None:
    """Prints 'rows', the first of which is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width
                        in zip(row, widths)).rstrip())


def _guest_row(current: state.State, one: Guest) -> List[str]:
    """Returns what is to be said of a guest."""
    plugged = guest.has_link(current.name, one)
    return [one.name, str(one.host), one.port if plugged else "unplugged",
            one.mac, one.vlans, " ".join(one.addresses) or "-"]


def _daemon_words(one: host.Host, pid: Optional[int]) -> str:
    """Returns which daemons of 'one' run."""
    if pid is None:
        return "-"
    words = []
    for name, found in one.daemon_processes(pid).items():
        if found:
            stopped = any(process.state == "T" for process in found)
            words.append(name + (" (stopped)" if stopped else ""))
    return ", ".join(words) or "-"


def _down(args: argparse.Namespace) -> None:
    if not lab.down(args.name):
        print(f"The lab {args.name!r} is not up: nothing to do.")
