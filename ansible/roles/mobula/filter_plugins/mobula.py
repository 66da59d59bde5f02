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

"""Filters of the role: what the inventory means to Mobula.

mobula-ctl has the last word on what is right.  mobula_problems() finds what
the hosts must never get, where there is no mobula-ctl to ask: values that make
no host, and two hosts that share what only one can have.
"""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import hashlib
import importlib.util
import json
import os

# Bounds of host_id.
_ID_MIN, _ID_MAX = 1, 32767

_spec = importlib.util.spec_from_file_location(
    "mobula_x25519", os.path.join(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), "module_utils", "mobula_x25519.py"))
x25519 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(x25519)


def _wireguard(values):
    """Returns the variable wireguard of a host, {} if it has none."""
    value = values.get("wireguard")
    return value if isinstance(value, dict) else {}


def makes_own_key(values):
    """Returns whether a host's private key is not in the inventory."""
    return not _wireguard(values).get("private_key")


def public_key_of(name, values, keys):
    """Returns the public key of host 'name', "" if it is not known; 'keys'
    has those that hosts have told, by name.
    """
    return _wireguard(values).get("public_key") or keys.get(name, "")


def is_own_key_wrong(values, told):
    """Returns whether the host's own public key, 'told' ("" if it has none
    yet), is not the one in the inventory.
    """
    public = _wireguard(values).get("public_key", "")
    return makes_own_key(values) and public not in ("", told)


def hosts_yml(names, hostvars, variables, keys, own=""):
    """Returns the text of hosts.yml with the hosts 'names', as the host 'own'
    gets it: no private key but its own, and nothing but 'variables'.  Hosts
    whose public key is not known are left out.  With 'own' as "*", all
    private keys are there, for a check on the deployer.
    """
    lines = ["# Written by the deployment: what is changed here gets lost.",
             "all:", "  hosts:"]
    for name in names:
        values = hostvars[name]
        public = public_key_of(name, values, keys)
        if not public:
            continue
        lines.append("    %s:" % _quote(name))
        for variable in variables:
            if values.get(variable) is not None and variable != "wireguard":
                lines.append("      %s: %s" % (variable,
                                               _quote(values[variable])))
        wireguard = dict(_wireguard(values), public_key=public)
        if own not in (name, "*") or not wireguard.get("private_key"):
            wireguard.pop("private_key", None)
        lines.append("      wireguard:")
        lines += ["        %s: %s" % (key, _quote(wireguard[key]))
                  for key in sorted(wireguard)]
    return "\n".join(lines) + "\n"


def _quote(value):
    """Returns 'value' as YAML on one line.  Plain types only: what comes from
    an inventory may be of a class of Ansible's.
    """
    if not isinstance(value, (bool, int, float, dict, list)):
        value = str(value)
    return json.dumps(value, sort_keys=True, default=str)


def problems(names, hostvars):
    """Returns sentences about what is wrong with the hosts 'names'."""
    found = []
    taken = {}
    for name in names:
        values = hostvars[name]
        found += ["host %s: %s" % (name, text) for text in _wrong(values)]
        for what, value in _unique(name, values):
            other = taken.setdefault((what, value), name)
            if other != name:
                found.append("host %s: %s %s is that of host %s, too"
                             % (name, what, value, other))
    return found


def _wrong(values):
    """Yields what is wrong with a host by itself."""
    try:
        if not _ID_MIN <= int(str(values.get("host_id"))) <= _ID_MAX:
            raise ValueError()
    except ValueError:
        yield ("host_id is %s: expected a number from %d to %d"
               % (values.get("host_id", "missing"), _ID_MIN, _ID_MAX))
    if not isinstance(values.get("hostname"), str) or not values["hostname"]:
        yield "hostname is missing: expected its fully qualified name"
    wireguard = values.get("wireguard")
    if wireguard is not None and not isinstance(wireguard, dict):
        yield "wireguard is not a mapping: expected its keys"
        return
    decoded = {}
    for which in ("public_key", "private_key"):
        text = _wireguard(values).get(which)
        try:
            decoded[which] = x25519.decode(text) if text else None
        except x25519.KeyError_ as error:
            yield "%s %s" % (which, error)
    private, public = (decoded.get(which)
                       for which in ("private_key", "public_key"))
    if private and "public_key" in decoded:
        expected = x25519.public_key(private)
        if expected != public:
            yield ("public_key does not belong to private_key: expected %s"
                   % x25519.encode(expected))


def _unique(name, values):
    """Yields what no other host may have."""
    if values.get("host_id") is not None:
        yield "host_id", str(values["host_id"])
    if values.get("hostname"):
        yield "hostname", str(values["hostname"]).lower()
    if _wireguard(values).get("public_key"):
        yield "public_key", _wireguard(values)["public_key"]
    endpoint = str(values.get("mobula_endpoint")
                   or values.get("ansible_host", name))
    if endpoint != "none":
        yield "address", endpoint


def have_public_keys(names, hostvars):
    """Returns whether the inventory has the public keys of all of 'names'.
    """
    return all(public_key_of(name, hostvars[name], {}) for name in names)


def is_plain(path):
    """Returns whether mobula-ctl can read the inventory 'path' as it is, and
    so say in which line something is wrong.
    """
    directory = os.path.dirname(path)
    if not path.endswith((".yml", ".yaml")) or not os.path.isfile(path):
        return False
    if any(os.path.exists(os.path.join(directory, name))
           for name in ("group_vars", "host_vars")):
        return False
    with open(path, "r", encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    return "!vault" not in text and "{{" not in text


def stand_in_keys(names):
    """Returns a public key for each of 'names', which nobody has: for a check
    before the hosts have told theirs.
    """
    return {name: x25519.encode(hashlib.sha256(
        b"stand-in " + name.encode("utf-8")).digest()) for name in names}


def report(names, hostvars, reached, done):
    """Returns what is to be said at the end: 'names' are all hosts, 'reached'
    those that could be reached at first, 'done' those that are as they shall
    be.
    """
    def several(text, found):
        return [text + ", ".join(found)] if found else []

    lines = several("as they shall be: ",
                    [name for name in names if name in done])
    lines += several("not reached, and left as they were: ",
                     [name for name in names if name not in reached])
    keys = hostvars[done[0]].get("mobula_keys", {}) if done else {}
    lines += several("unknown to the others until they have told their key: ",
                     [name for name in names
                      if not public_key_of(name, hostvars[name], keys)])
    for name in done:
        lines += several("%s has no direct tunnel to: " % name,
                         _peers_down(hostvars[name].get("mobula_status")))
    return lines


def _peers_down(answer):
    """Returns the names of the hosts to which there is no tunnel, as the
    result of `mobula-ctl status --format=json` says.
    """
    try:
        status = json.loads((answer or {}).get("stdout") or "{}")
    except ValueError:
        return []
    return [peer["hostname"] for peer in status.get("peers", [])
            if peer.get("tunnel") != "up"]


def file_text(name, directory):
    """Returns the text of the file 'name', None if there is none."""
    try:
        with open(os.path.join(directory, name), "r",
                  encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def file_digest(path):
    """Returns some hexadecimal digits that tell the file 'path' from others.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()[:16]


class FilterModule(object):
    """What Ansible asks for."""

    @staticmethod
    def filters():
        """Returns the filters by name."""
        return {
            "mobula_file_digest": file_digest,
            "mobula_file_text": file_text,
            "mobula_have_public_keys": have_public_keys,
            "mobula_hosts_yml": hosts_yml,
            "mobula_is_own_key_wrong": is_own_key_wrong,
            "mobula_is_plain": is_plain,
            "mobula_makes_own_key": makes_own_key,
            "mobula_problems": problems,
            "mobula_report": report,
            "mobula_stand_in_keys": stand_in_keys,
        }
