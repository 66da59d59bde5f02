#!/usr/bin/python3
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

"""mobula_key: the WireGuard key that a host has made for itself."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r"""
module: mobula_key
short_description: the WireGuard key that a Mobula host has made for itself
description:
  - Makes a private key, unless there is one, and returns its public key.
  - The private key never leaves the host, and is no part of any output.
options:
  path:
    description: The file with the private key.
    type: path
    default: /etc/mobula/private_key
  make:
    description: Whether to make a key if there is none.
    type: bool
    default: true
"""

RETURN = r"""
public_key:
  description: The public key; empty if there is no key and none was made.
  type: str
  returned: success
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mobula_x25519 import (KeyError_, SIZE, clamp,
                                                decode, encode, public_key)


def read(path):
    """Returns the private key in 'path', None if there is no such file."""
    try:
        with open(path, "rb") as stream:
            words = stream.read(4096).split()
    except FileNotFoundError:
        return None
    return decode(words[0].decode("ascii", "replace") if words else "")


def make(path):
    """Makes the file 'path' with a new private key, in one step, unless it is
    there by now.
    """
    os.makedirs(os.path.dirname(path), 0o750, exist_ok=True)
    new = "%s.%d.new" % (path, os.getpid())
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w") as stream:
            stream.write(encode(clamp(os.urandom(SIZE))) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            pass
    finally:
        os.unlink(new)


def main():
    """Is the module."""
    module = AnsibleModule({"path": {"type": "path",
                                     "default": "/etc/mobula/private_key"},
                            "make": {"type": "bool", "default": True}},
                           supports_check_mode=True)
    path = module.params["path"]
    try:
        key = read(path)
        changed = key is None and module.params["make"]
        if changed and not module.check_mode:
            make(path)
            key = read(path)
    except (KeyError_, OSError) as error:
        module.fail_json(msg="%s: %s" % (path, error))
    module.exit_json(changed=changed, public_key=encode(public_key(key))
                     if key is not None else "")


if __name__ == "__main__":
    main()
