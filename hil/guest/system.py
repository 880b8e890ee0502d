"""Reads the table of users, directories, files and services (board/common/system.json) and makes
the users, directories and owners real.

The same table starts every board, so nothing about a service stands in the rig.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import pathlib

from hil import shape

SHAPE = {
    "users": [{"name": str, "uid": int, "group": str, "gid": int, "groups": [str], "why": str}],
    "groups": [{"name": str, "gid": int}],
    "directories": [{"path": str, "owner": str, "group": str, "mode": str}],
    "files": [{"path": str, "owner": str, "group": str, "mode": str}],
    "services": [{
        "name": str, "program": str, "arguments": [str], "user": str,
        "ambient_capabilities": [str],
        "kind": {"oneshot", "daemon"},
        "after": [str],                  # services that must be ready first
        "before_links": bool,            # the box's links stay down until it is ready
        "readiness": {"exit", "notify"},
        "restart": {"always", "never"},
        "restart_delay_ms": int,
    }],
}


class Table:
    """The checked table, with look-ups by name."""

    def __init__(self, path):
        self.data = shape.load(path, SHAPE)
        self.services = self.data["services"]
        self.users = {user["name"]: user for user in self.data["users"]}
        self._gids = {"root": 0}
        self._gids.update((group["name"], group["gid"]) for group in self.data["groups"])
        self._gids.update((user["group"], user["gid"]) for user in self.data["users"])
        self._uids = {"root": 0}
        self._uids.update((user["name"], user["uid"]) for user in self.data["users"])
        self._check(str(path))

    def _check(self, place):
        earlier = set()
        for service in self.services:
            where = f"{place}: service {service['name']}"
            if service["user"] not in self.users:
                raise shape.ShapeError(f"{where}: unknown user '{service['user']}'")
            for name in service["after"]:
                if name not in earlier:
                    raise shape.ShapeError(f"{where}: after '{name}', which is not listed earlier")
            earlier.add(service["name"])
        for entry in self.data["directories"] + self.data["files"]:
            if entry["owner"] not in self._uids or entry["group"] not in self._gids:
                raise shape.ShapeError(f"{place}: {entry['path']}: unknown owner or group")
        for user in self.data["users"]:
            for group in user["groups"]:
                if group not in self._gids:
                    raise shape.ShapeError(f"{place}: user {user['name']}: unknown group '{group}'")

    def privileges(self, service):
        """The setpriv(1) words that give a service its user and exactly its capabilities."""
        user = self.users[service["user"]]
        groups = ",".join(str(self._gids[name]) for name in user["groups"])
        capabilities = ",".join(["-all"] + [f"+{name}" for name in service["ambient_capabilities"]])
        return ["setpriv", f"--reuid={user['uid']}", f"--regid={user['gid']}",
                f"--groups={groups}" if groups else "--clear-groups",
                f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
                f"--bounding-set={capabilities}", "--no-new-privs", "--"]

    def apply(self):
        """Creates users and directories, and gives the files that are there to their owners."""
        with open("/etc/group", "a", encoding="ascii") as file:
            for name, gid in self._gids.items():
                members = [user["name"] for user in self.data["users"] if name in user["groups"]]
                if name != "root":
                    file.write(f"{name}:x:{gid}:{','.join(members)}\n")
        with open("/etc/passwd", "a", encoding="ascii") as file:
            for user in self.data["users"]:
                file.write(f"{user['name']}:x:{user['uid']}:{user['gid']}::/:/usr/sbin/nologin\n")
        for entry in self.data["directories"]:
            pathlib.Path(entry["path"]).mkdir(parents=True, exist_ok=True)
            self._give(entry)
        for entry in self.data["files"]:
            if pathlib.Path(entry["path"]).exists():
                self._give(entry)

    def _give(self, entry):
        os.chown(entry["path"], self._uids[entry["owner"]], self._gids[entry["group"]])
        os.chmod(entry["path"], int(entry["mode"], 8))
