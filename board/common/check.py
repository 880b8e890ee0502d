#!/usr/bin/env python3
"""Checks the table of users, directories, files and services, and the programs against it.

usage: check.py [--bites]

Prints one sentence a finding and exits 1 if there is one. --bites plants one fault after the other
in a copy of the table and exits 1 if any of them is not found.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import copy
import json
import pathlib
import re
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
TABLE = pathlib.Path(__file__).with_name("system.json")

USER_KEYS = {"name": str, "uid": int, "group": str, "gid": int, "groups": list, "why": str}
PATH_KEYS = {"path": str, "owner": str, "group": str, "mode": str}
SERVICE_KEYS = {
    "name": str, "program": str, "arguments": list, "user": str, "ambient_capabilities": list,
    "kind": str, "after": list, "before_links": bool, "readiness": str, "restart": str,
    "restart_delay_ms": int,
}
KEYS = {"users": USER_KEYS, "groups": {"name": str, "gid": int}, "directories": PATH_KEYS,
        "files": PATH_KEYS, "services": SERVICE_KEYS}

# kind: (readiness, restart)
KINDS = {"oneshot": ("exit", "never"), "daemon": ("notify", "always")}
IDS = range(800, 900)          # Debian gives system users 100 to 999, from above
MAX_RESTART_DELAY_MS = 1000    # a dead iked is back before a peer misses it
CAPABILITIES = {"net_admin", "net_bind_service"}    # all that any process of ours may ever have


def check_shape(table):
    if set(table) != set(KEYS):
        yield f"the table has the keys {sorted(table)}, not {sorted(KEYS)}"
    for section in KEYS.keys() & table.keys():
        for row in table[section]:
            wrong = [key for key in KEYS[section].keys() | row.keys()
                     if type(row.get(key)) is not KEYS[section].get(key)]
            if wrong:
                yield f"{section}: {row.get('name', row.get('path'))}: {', '.join(sorted(wrong))}: " \
                      "missing, unknown or of another type"


def repeated(values):
    values = list(values)
    return sorted({value for value in values if values.count(value) > 1}, key=str)


def check_names(table):
    users, groups, services = table["users"], table["groups"], table["services"]
    for what, values in (
            ("user", [u["name"] for u in users]),
            ("uid", [u["uid"] for u in users]),
            ("group", [u["group"] for u in users] + [g["name"] for g in groups]),
            ("gid", [u["gid"] for u in users] + [g["gid"] for g in groups]),
            ("path", [p["path"] for p in table["directories"] + table["files"]]),
            ("service", [s["name"] for s in services]),
            ("the user of a service", [s["user"] for s in services])):
        for value in repeated(values):
            yield f"{what} {value} stands twice"
    for user in users:
        if user["uid"] not in IDS or user["gid"] not in IDS:
            yield f"user {user['name']}: ids are from {IDS.start} to {IDS.stop - 1}"
        for name in set(user["groups"]) - {g["name"] for g in groups}:
            yield f"user {user['name']}: there is no group {name}"
        if user["name"] not in {s["user"] for s in services}:
            yield f"user {user['name']}: no service runs as this user"
    for group in groups:
        if group["gid"] not in IDS:
            yield f"group {group['name']}: ids are from {IDS.start} to {IDS.stop - 1}"


def check_paths(table):
    owners = {"root"} | {u["name"] for u in table["users"]}
    groups = {"root"} | {u["group"] for u in table["users"]} | {g["name"] for g in table["groups"]}
    made = {"/etc", "/run", "/var/lib"}
    for row in table["directories"] + table["files"]:
        path, mode = row["path"], row["mode"]
        if row["owner"] not in owners or row["group"] not in groups:
            yield f"{path}: there is no owner {row['owner']} or no group {row['group']}"
        if not re.fullmatch(r"0[0-7]{3}", mode):
            yield f"{path}: mode {mode} is not four octal digits"
        elif int(mode, 8) & 0o022:
            yield f"{path}: mode {mode} lets others than the owner write"
        if str(pathlib.PurePosixPath(path).parent) not in made:
            yield f"{path}: its folder is not listed before it"
        if row in table["directories"]:
            made.add(path)
    for row in table["files"]:
        if row["owner"] != "root":
            yield f"{row['path']}: a configuration is trusted only if root owns it"


def may_read(user, row):
    mode = int(row["mode"], 8)
    return (row["owner"] == user["name"] or bool(mode & 0o004) or
            bool(mode & 0o040) and row["group"] in (user["group"], *user["groups"]))


def check_services(table):
    users = {u["name"]: u for u in table["users"]}
    files = {f["path"]: f for f in table["files"]}
    earlier = {}
    for service in table["services"]:
        where = f"service {service['name']}"
        if service["user"] != f"fl-{service['name']}" or service["user"] not in users:
            yield f"{where}: runs as {service['user']}, not as a user fl-{service['name']}"
        if service["program"] != f"/usr/sbin/fairlead-{service['name']}":
            yield f"{where}: its program is not /usr/sbin/fairlead-{service['name']}"
        if KINDS.get(service["kind"]) != (service["readiness"], service["restart"]):
            yield f"{where}: a {service['kind']} is ready by {service['readiness']} and " \
                  f"restarts {service['restart']}; known: {KINDS}"
        if not 0 < service["restart_delay_ms"] <= MAX_RESTART_DELAY_MS:
            yield f"{where}: a restart delay of {service['restart_delay_ms']} ms"
        for name in set(service["ambient_capabilities"]) - CAPABILITIES:
            yield f"{where}: no process of ours has the capability {name}"
        for name in service["after"]:
            if name not in earlier:
                yield f"{where}: {name} is not listed before it"
            elif service["before_links"] and not earlier[name]["before_links"]:
                yield f"{where}: comes before the links and after {name}, which does not"
        for path in (a for a in service["arguments"] if a.startswith("/")):
            if path not in files:
                yield f"{where}: {path} is not listed"
            elif service["user"] in users and not may_read(users[service["user"]], files[path]):
                yield f"{where}: {service['user']} may not read {path}"
        earlier[service["name"]] = service


def check_programs(table):
    """What the table gives a program is what the rights table in its main.c asks for, and what the
    protocol headers call a socket lies in the folder of the daemon that serves it."""
    for service in table["services"]:
        main = TREE / f"firmware/{service['name']}/main.c"
        asked = {name.lower() for name in re.findall(r"\{\s*CAP_(\w+)\s*,", main.read_text())}
        if asked != set(service["ambient_capabilities"]):
            yield f"service {service['name']}: {main.relative_to(TREE)} asks for " \
                  f"{sorted(asked) or 'no capability'}, not {service['ambient_capabilities']}"
    owners = {d["path"]: d["owner"] for d in table["directories"]}
    for header in sorted((TREE / "firmware/proto").glob("*.h")):
        text = header.read_text()
        for path in re.findall(r'"(/run/[^"]+/[^"/]+\.sock)"', text) + [
                f"/run/fairlead/{name}" for name in re.findall(r'"(\w+/[^"/]+\.sock)"', text)]:
            folder = pathlib.PurePosixPath(path).parent
            if owners.get(str(folder)) != f"fl-{folder.name}":
                yield f"{header.name}: {path} is not in a folder of fl-{folder.name}"


def findings(table):
    found = list(check_shape(table))
    if not found:    # what follows takes the shape for granted
        for check in (check_names, check_paths, check_services, check_programs):
            found += check(table)
    return found


def row_of(table, section, name):
    return next(r for r in table[section] if name in (r.get("name"), r.get("path")))


# A sentence, what is done to the table, and a piece of the finding that must follow.
FAULTS = [
    ("an unknown key", lambda t: row_of(t, "users", "fl-iked").update(shell="/bin/sh"), "shell"),
    ("a missing key", lambda t: row_of(t, "services", "iked").pop("after"), "after"),
    ("a number as text", lambda t: row_of(t, "users", "fl-iked").update(uid="811"), "uid"),
    ("a missing section", lambda t: t.pop("groups"), "keys"),
    ("a uid twice", lambda t: row_of(t, "users", "fl-iked").update(uid=812), "uid 812"),
    ("a gid twice", lambda t: row_of(t, "users", "fl-iked").update(gid=800), "gid 800"),
    ("root's id", lambda t: row_of(t, "users", "fl-iked").update(uid=0), "ids are from"),
    ("an unknown group", lambda t: row_of(t, "users", "fl-iked").update(groups=["x"]), "group x"),
    ("a user without a service", lambda t: t["services"].pop(), "no service runs"),
    ("an unknown owner", lambda t: row_of(t, "directories", "/run/fairlead").update(owner="x"),
     "owner x"),
    ("a folder that all may write",
     lambda t: row_of(t, "directories", "/run/fairlead").update(mode="0777"), "lets others"),
    ("a folder that its group may write",
     lambda t: row_of(t, "directories", "/run/fairlead").update(mode="0775"), "lets others"),
    ("a mode in other digits", lambda t: row_of(t, "directories", "/etc/fairlead").update(mode="755"),
     "four octal"),
    ("a folder that nobody makes", lambda t: t["directories"].pop(1), "folder is not listed"),
    ("a configuration of a daemon's",
     lambda t: row_of(t, "files", "/etc/fairlead/config.json").update(owner="fl-netd"), "root owns"),
    ("secrets that iked may not read",
     lambda t: row_of(t, "files", "/etc/fairlead/secrets.json").update(group="root"), "may not read"),
    ("a file that is not listed",
     lambda t: row_of(t, "services", "netd")["arguments"].append("/etc/x"), "/etc/x is not listed"),
    ("two services of one user", lambda t: row_of(t, "services", "iked").update(user="fl-xfrmd"),
     "the user of a service fl-xfrmd"),
    ("an unknown capability",
     lambda t: row_of(t, "services", "xfrmd")["ambient_capabilities"].append("sys_admin"),
     "sys_admin"),
    ("a capability that a program does not ask for",
     lambda t: row_of(t, "services", "iked")["ambient_capabilities"].append("net_admin"),
     "iked/main.c asks for"),
    ("a capability that a program misses",
     lambda t: row_of(t, "services", "netd").update(ambient_capabilities=[]), "netd/main.c asks for"),
    ("an order that cannot be", lambda t: row_of(t, "services", "netd").update(after=["iked"]),
     "not listed before"),
    ("links before the filter",
     lambda t: row_of(t, "services", "netd").update(before_links=False), "before the links"),
    ("a daemon that nobody restarts",
     lambda t: row_of(t, "services", "iked").update(restart="never"), "a daemon is ready"),
    ("a restart that comes late",
     lambda t: row_of(t, "services", "iked").update(restart_delay_ms=5000), "5000 ms"),
    ("sockets in a folder that is not the daemon's",
     lambda t: row_of(t, "directories", "/run/fairlead/xfrmd").update(owner="fl-iked"),
     "not in a folder of fl-xfrmd"),
]


def bites(table):
    n_missed = 0
    for sentence, plant, expected in FAULTS:
        spoilt = copy.deepcopy(table)
        plant(spoilt)
        found = [line for line in findings(spoilt) if expected in line]
        n_missed += not found
        print(f"{'ok  ' if found else 'FAIL'} {sentence}: {found[0] if found else 'not found'}")
    return n_missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bites", action="store_true")
    table = json.loads(TABLE.read_text())
    if parser.parse_args().bites:
        return 1 if bites(table) else 0
    found = findings(table)
    for line in found:
        print(f"{TABLE.name}: {line}")
    print(f"{len(table['services'])} services, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
