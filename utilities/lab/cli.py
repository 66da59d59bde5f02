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
import os
import signal
import sys
import time
from typing import Dict, List, Optional

from lab import host, inventory, lab, reach, state
from lab.process import LabError

_DESCRIPTION = """\
Starts any hosts.yml as real hosts on this machine: each has its own network,
processes, /run, /etc, Open vSwitch and mobulad.  HOST is an id, a host name or
its first label.  MOBULA_LAB in the environment is the default of --name.
"""

_EXAMPLES = """\
examples:
  mobula-lab up --hosts hosts.yml
  mobula-lab exec alice ping -c 3 10.31.128.2
  mobula-lab exec alice mobula-ctl status
  mobula-lab exec-gw alice ip address
  mobula-lab link alice bob down
  mobula-lab host carol kill
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
    for name, function, where in (("exec", _exec, "on a host"),
                                  ("exec-gw", _exec_gateway,
                                   "in a host's namespace `mobula`")):
        child = verb(name, function, f"run a command {where}")
        child.add_argument("host", metavar="HOST")
        child.add_argument("command", metavar="CMD",
                           nargs=argparse.REMAINDER)
    child = verb("link", _link, "cut or heal the way between two hosts")
    child.add_argument("a", metavar="A")
    child.add_argument("b", metavar="B")
    child.add_argument("action", choices=("down", "up", "one-way", "loss"),
                       help="down: drop everything; up: heal; one-way: drop "
                       "only what A sends to B; loss: drop PERCENT of it, "
                       "both ways")
    child.add_argument("percent", metavar="PERCENT", type=_percent,
                       nargs="?")
    child = verb("host", _host, "kill a whole host, or boot it again")
    child.add_argument("host", metavar="HOST")
    child.add_argument("action", choices=("kill", "start"))
    child = verb("daemon", _daemon, "kill, stop, continue or start a daemon")
    child.add_argument("host", metavar="HOST")
    child.add_argument("daemon", metavar="NAME", choices=list(host.DAEMONS),
                       help=", ".join(host.DAEMONS))
    child.add_argument("action", choices=("kill", "stop", "cont", "start"))
    verb("ping", _ping, "ping each host from each other one")
    verb("status", _status, "show the hosts and the cut links of a lab")
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
    parser.add_argument("--keep", action="store_true",
                        help="leave the hosts there when something fails")


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
    if "percent" in args and ((args.action == "loss")
                              != (args.percent is not None)):
        parser.error("a percentage belongs to `loss`, and to nothing else")


# Verbs.

def _up(args: argparse.Namespace) -> None:
    files: Dict[str, str] = {}
    for option in inventory.FILES:
        path = getattr(args, option)
        if path:
            files[option] = path
    start = time.monotonic()
    lab.up(args.name, files, not args.no_daemon, args.keep, args.timeout)
    n_hosts = len(state.load(args.name).hosts)
    print(f"The lab {args.name!r} is up: {n_hosts} "
          f"host{'s' if n_hosts > 1 else ''} in "
          f"{time.monotonic() - start:.1f} s.")


def _exec(args: argparse.Namespace, gateway: bool = False) -> int:
    one = lab.host_of(state.load(args.name), args.host)
    return one.execute(args.command, gateway)


def _exec_gateway(args: argparse.Namespace) -> int:
    return _exec(args, True)


def _link(args: argparse.Namespace) -> None:
    percent = args.percent if args.action == "loss" else 100.0
    with lab.locked(args.name) as current:
        lab.set_link(current, inventory.find(current.hosts, args.a),
                     inventory.find(current.hosts, args.b),
                     0 if args.action == "up" else percent,
                     0 if args.action in ("up", "one-way") else percent)


def _host(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        one = lab.host_of(current, args.host)
        if args.action == "kill":
            one.kill()
            return
        if one.is_alive():
            raise LabError(f"{one} is alive")
        lab.boot(one, current.daemon, False, lab.READY_TIMEOUT_S)


def _daemon(args: argparse.Namespace) -> None:
    with lab.locked(args.name) as current:
        one = lab.host_of(current, args.host)
        if args.action == "start":
            one.start(args.daemon)
        else:
            number, states = _SIGNALS[args.action]
            one.signal(args.daemon, number)
            one.wait_state(args.daemon, states)


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
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width
                        in zip(row, widths)).rstrip())
    for wire, percent in sorted(current.cuts.items()):
        print(f"cut {wire.replace('>', ' -> ')}: "
              + ("all" if percent >= 100 else f"{percent:g} %"))


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
