#!/usr/bin/env python3
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

"""deploy-inventory: calls the filters of the deployment without Ansible.

usage: deploy-inventory.py public                   (private keys on stdin)
       deploy-inventory.py hosts-yml FILE OWN KEYS
       deploy-inventory.py problems FILE
FILE is JSON: name of a host -> its variables.
"""

import importlib.util
import json
import os
import sys

_ROLE = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "ansible", "roles", "mobula")
_VARIABLES = ["host_id", "hostname", "ansible_host", "wireguard"]


def load_filters():
    """Returns the module with the filters."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location(
        "mobula", os.path.join(_ROLE, "filter_plugins", "mobula.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Runs the command line; returns the exit status."""
    filters = load_filters()
    verb = sys.argv[1]
    if verb == "public":
        x25519 = filters.x25519
        for line in sys.stdin:
            print(x25519.encode(x25519.public_key(
                x25519.decode(line.strip()))))
        return 0
    with open(sys.argv[2]) as stream:
        hosts = json.load(stream)
    if verb == "hosts-yml":
        sys.stdout.write(filters.hosts_yml(list(hosts), hosts, _VARIABLES,
                                           json.loads(sys.argv[4]),
                                           sys.argv[3]))
    else:
        print("\n".join(filters.problems(list(hosts), hosts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
