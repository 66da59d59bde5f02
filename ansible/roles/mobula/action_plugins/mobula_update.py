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

Starts mobula-update on the host, asks it how far it is until it is ready,
over a new connection each time the old one has broken, and confirms.  A host
that cannot be reached any more gets no confirmation, and puts back what was
there by itself.  See files/mobula-update.
"""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import json
import time

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

# How often to ask, in seconds.
_INTERVAL_S = 0.5


class ActionModule(ActionBase):
    """What Ansible calls.

    Arguments: `command` (how mobula-update is called on the host), `force`,
    and `timeout`, in seconds: how long all of it may take.
    """

    _VALID_ARGS = frozenset(("command", "force", "timeout"))

    def run(self, tmp=None, task_vars=None):
        """Updates the host; see the top of this file."""
        result = super(ActionModule, self).run(tmp, task_vars)
        if self._play_context.check_mode:
            return dict(result, skipped=True)
        args = self._task.args
        self._command = args["command"]
        answer = self._ask("start --force" if _is_true(args.get("force"))
                           else "start")
        if answer["state"] == "started":
            answer = self._follow(answer["id"],
                                  time.time() + int(args["timeout"]))
        result["changed"] = answer["state"] != "unchanged"
        result["state"] = answer["state"]
        if answer["state"] not in ("done", "unchanged"):
            result["failed"] = True
            result["msg"] = _sentence(answer)
        return result

    def _follow(self, identity, deadline):
        """Waits for the end of update 'identity'; returns its status."""
        answer = {}
        while time.time() < deadline:
            try:
                answer = self._ask("status")
                state = answer["state"]
                if answer.get("id") != identity:
                    return {"state": "broken", "reason": "another update has "
                            "been started meanwhile"}
                if state == "waiting":
                    # Over a connection that begins now, as that of whoever
                    # comes next.
                    self._connect_again()
                    self._ask("confirm " + identity)
                elif state not in ("starting", "running"):
                    return answer
            except AnsibleConnectionFailure as error:
                answer = {"state": "lost", "reason": str(error)}
                self._connect_again()
            time.sleep(_INTERVAL_S)
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
