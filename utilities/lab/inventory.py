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

"""The inventory: who the hosts are, by what `mobula-ctl check` says.

There is one reader of hosts.yml in the project, and it is not here.
"""

import ipaddress
import json
import os
import subprocess
from typing import Any, Dict, List, NamedTuple, Optional, Union

from lab.process import LabError

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

ACCESS_PREFIX_LEN = 16          # Of the access network.

# Option of `up` -> the file's name in /etc/mobula.
FILES = {
    "hosts": "hosts.yml",
    "extra_hosts": "extra_hosts.yml",
    "extra_wires": "extra_wires.yml",
    "settings": "mobula.yml",
}


class Entry(NamedTuple):
    """A host of the inventory."""
    id: int
    hostname: str               # Fully qualified.
    endpoint: str               # Its address on the underlay.
    access: str                 # Address of veth_fac0.
    gateway: str                # Its gateway's address, access network.
    intrawire: str              # Its intrawire address.

    @property
    def label(self) -> str:
        """The first label of the host name."""
        return self.hostname.split(".")[0]

    @property
    def address(self) -> Address:
        """The endpoint as an address."""
        return ipaddress.ip_address(self.endpoint)


def read(mobula_ctl: str, files: Dict[str, str]) -> List[Entry]:
    """Returns the hosts of 'files' (keys as in FILES) in order of id.

    Raises LabError with everything that `mobula-ctl check` says is wrong.
    """
    argv = [mobula_ctl, "check", "--format=json"]
    for option in FILES:
        # What is not given is empty, not what this machine itself has.
        argv += [f"--{option.replace('_', '-')}",
                 files.get(option, os.devnull)]
    try:
        result = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                                check=False)
    except OSError as error:
        raise LabError(f"cannot run {mobula_ctl}: {error.strerror}")
    try:
        report = json.loads(result.stdout)
    except ValueError:
        raise LabError(f"{mobula_ctl} failed with status "
                       f"{result.returncode}")
    if result.returncode:
        raise LabError("nothing was started:\n" + "\n".join(
            "{file}:{line}:{column}: {text}".format(**message)
            for message in report["errors"]))
    return sorted((_entry(host) for host in report["hosts"]),
                  key=lambda entry: entry.id)


def _entry(host: Dict[str, Any]) -> Entry:
    """Returns the host that `mobula-ctl check` describes as 'host'."""
    entry = Entry(**{name: host[name] for name in Entry._fields})
    try:
        entry.address
    except ValueError:
        raise LabError(f"host {entry.id}: the lab needs an address, not the "
                       f"name {entry.endpoint!r}, to put it on its underlay")
    return entry


def find(entries: List[Entry], name: str) -> Entry:
    """Returns the host called 'name': an id, a host name, its first label.

    Raises LabError if there is none or if the label is not unique.
    """
    found = [entry for entry in entries
             if name in (str(entry.id), entry.hostname)]
    found = found or [entry for entry in entries if name == entry.label]
    if len(found) != 1:
        known = ", ".join(f"{e.id} ({e.hostname})" for e in entries)
        raise LabError(f"{'no' if not found else 'more than one'} host "
                       f"{name!r} in this lab, which has {known}")
    return found[0]


def find_program(name: str) -> Optional[str]:
    """Returns the path of our program 'name': of the tree, or installed."""
    for directory in program_path().split(":"):
        path = os.path.join(directory, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def require_program(name: str) -> str:
    """Returns the path of our program 'name', or raises LabError."""
    path = find_program(name)
    if not path:
        raise LabError(f"{name} not found: build it first (`make`)")
    return path


def program_path() -> str:
    """Returns a PATH in which the programs of this tree come first.

    MOBULA_BUILDDIR names a build directory that is not the tree itself.
    """
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    top = os.environ.get("MOBULA_BUILDDIR", os.path.dirname(here))
    path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    ours = [os.path.join(top, "utilities"), os.path.join(top, "ovs-ctl")]
    known = path.split(":")
    # Programs such as ip(8) are out of the path of some root shells.
    system = [d for d in ("/usr/sbin", "/sbin") if d not in known]
    return ":".join([d for d in ours if d not in known] + known + system)
