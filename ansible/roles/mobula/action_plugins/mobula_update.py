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

"""The action mobula_update: has a host update itself, and stays with it.

Hands over what the host shall have, starts mobula-update on it, asks how far
it is until it is ready, over a new connection each time the old one has
broken, and confirms.  A host that cannot be reached any more gets no
confirmation, and puts back what was there by itself.  See
files/mobula-update.

One action instead of a row of modules: what it needs of the host are a few
commands over the connection that is there already.
"""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import hashlib
import json
import os
import shlex
import time
import uuid

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

# How long the host may let us wait for its answer, in seconds.
_WAIT_S = 20
# How long to wait before a connection is tried again, in seconds.
_AGAIN_S = 0.5


class ActionModule(ActionBase):
    """What Ansible calls.

    Arguments:

    plan       name of the variable with what the host shall have; its name,
               because its value has a private key, and arguments get logged
    directory  where mobula-update lives on the host
    program    the file mobula-update on this computer
    python     what runs it on the host
    package    the package on this computer, "" for none
    package_name  what it is called on the host
    force      whether to install and restart even what is the same
    remove     takes Mobula from the host instead: no plan, no package
    timeout    how long all of it may take, in seconds
    """

    _VALID_ARGS = frozenset(("plan", "directory", "program", "python",
                             "package", "package_name", "force", "remove",
                             "timeout"))

    def run(self, tmp=None, task_vars=None):
        """Updates the host; see the top of this file."""
        result = super(ActionModule, self).run(tmp, task_vars)
        if self._play_context.check_mode:
            return dict(result, skipped=True)
        args = self._task.args
        self._command = "%s %s/mobula-update" % (shlex.quote(args["python"]),
                                                 args["directory"])
        self._hand_over()
        leaves = _is_true(args.get("remove"))
        answer = self._begin("remove" if leaves else "start --force"
                             if _is_true(args.get("force")) else "start")
        if answer["state"] == "started":
            answer = self._follow(answer["id"],
                                  time.time() + int(args["timeout"]))
        result["changed"] = answer["state"] != "unchanged"
        result["state"] = answer["state"]
        if leaves and answer["state"] in ("done", "unchanged"):
            self._do("rm -rf {0}", args["directory"])
        if answer["state"] not in ("done", "unchanged"):
            result["failed"] = True
            result["msg"] = _sentence(answer)
        return result

    def _hand_over(self):
        """Gives the host mobula-update, the package, and the plan.  What it
        has already is not sent again.
        """
        args = self._task.args
        files = {"mobula-update": args["program"]}
        plan = None
        if args.get("plan"):
            plan = self._templar.template("{{ %s | to_nice_json }}"
                                          % args["plan"], convert_data=False)
            plan = plan.encode("utf-8") + b"\n"
            files["new.json"] = None
        if args.get("package"):
            files["packages/" + args["package_name"]] = args["package"]
        there = self._do("umask 077 && mkdir -p {0}/packages"
                         " && chmod 0700 {0} {0}/packages && cd {0}"
                         " && {{ sha256sum {1} 2> /dev/null; :; }}",
                         args["directory"],
                         " ".join(shlex.quote(name) for name in files))
        known = {words[1]: words[0] for words in
                 (line.split(None, 1) for line in there.splitlines())
                 if len(words) == 2}
        for name, path in files.items():
            data = None if path else plan
            if known.get(name) != _digest(path, data):
                self._send(name, path, data)

    def _send(self, name, path, data):
        """Makes the file 'name' of the host what 'path' is, or else 'data'.
        """
        temporary = self._make_tmp_path()
        try:
            # As the user who connects; from there to its place as root.
            new = self._connection._shell.join_path(temporary, "file")
            if data is None:
                self._transfer_file(path, new)
            else:
                self._transfer_data(new, data)
            self._do("cd {0} && cp {1} {2}.new && chown 0:0 {2}.new"
                     " && chmod 0600 {2}.new && mv {2}.new {2}",
                     self._task.args["directory"], shlex.quote(new),
                     shlex.quote(name))
        finally:
            self._remove_tmp_path(temporary, force=True)

    def _do(self, command, *args):
        """Runs the shell command 'command', formatted with 'args'; returns
        what it printed.
        """
        answer = self._low_level_execute_command(command.format(*args),
                                                 sudoable=True)
        if answer["rc"] == 255:
            raise AnsibleConnectionFailure(answer["stderr"].strip())
        if answer["rc"] != 0:
            raise AnsibleActionFail(
                "nothing was changed: the host cannot take its files: "
                + (answer["stderr"] or answer["stdout"]).strip())
        return answer["stdout"]

    def _begin(self, verb):
        """Has mobula-update begin with 'verb'; returns its answer.

        What it begins with may be what breaks the connection, before or after
        it has heard us.  So it is asked again, under the same name.
        """
        identity = str(uuid.uuid4())
        deadline = time.time() + _WAIT_S
        while True:
            try:
                answer = self._ask("%s --id %s" % (verb, identity))
                # Who is busy there may be the one that heard us first.
                if answer["state"] != "busy" or time.time() > deadline:
                    return answer
            except AnsibleConnectionFailure:
                if time.time() > deadline:
                    raise
                self._connect_again()
            time.sleep(_AGAIN_S)

    def _follow(self, identity, deadline):
        """Waits for the end of update 'identity'; returns its status."""
        answer = {}
        while time.time() < deadline:
            try:
                answer = self._ask("status --wait %d" % _WAIT_S)
                state = answer["state"]
                if answer.get("id") != identity:
                    return {"state": "broken", "reason": "another update has "
                            "been started meanwhile"}
                if state == "waiting":
                    # Over a connection that begins now, as that of whoever
                    # comes next.
                    self._connect_again()
                    self._ask("confirm %s --wait %d" % (identity, _WAIT_S))
                elif state not in ("starting", "running"):
                    return answer
            except AnsibleConnectionFailure as error:
                answer = {"state": "lost", "reason": str(error)}
                self._connect_again()
                time.sleep(_AGAIN_S)
        if answer.get("state") != "lost":
            answer = {"state": "broken", "reason": "it does not end"}
        return answer

    def _ask(self, arguments):
        """Returns what mobula-update says to 'arguments'."""
        answer = self._low_level_execute_command(
            "%s %s" % (self._command, arguments), sudoable=True)
        for line in reversed(answer["stdout"].splitlines()):
            if line.startswith("{"):
                return json.loads(line)
        if answer["rc"] == 255:
            raise AnsibleConnectionFailure(answer["stderr"].strip())
        return {"state": "failed", "reason": "mobula-update: %s"
                % (answer["stderr"] or answer["stdout"]).strip()}

    def _connect_again(self):
        """Forgets the connection: the next command makes a new one."""
        try:
            # A connection that is always new has nothing to forget.
            if self._connection.transport != "local":
                self._connection.reset()
        except AnsibleConnectionFailure:
            pass


def _digest(path, data):
    """Returns the SHA-256 of 'data' or, if that is None, of the file 'path',
    in hexadecimal digits.
    """
    digest = hashlib.sha256(data or b"")
    if data is not None:
        return digest.hexdigest()
    with open(os.path.realpath(path), "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _is_true(value):
    """Returns whether 'value', which may be text, stands for yes."""
    return str(value).lower() in ("1", "true", "yes", "on")


def _sentence(answer):
    """Returns what became of an update that did not work."""
    return {
        "busy": "another update of this host is under way",
        "failed": "nothing was changed: %(reason)s",
        "rolled-back": "rolled back, as it was before: %(reason)s",
        "lost": "this host does not answer after its update; it puts back "
                "what was there by itself: %(reason)s",
        "broken": "look at this host: %(reason)s",
    }.get(answer["state"], "%(state)s") % dict({"reason": "?"}, **answer)
