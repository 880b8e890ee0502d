"""The rig's supervisor proves itself with two small programs in the place of ours.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib

from hil.guest import net
from hil.guest.rig import JOB

CASE = {
    "title": "services get their user and capabilities, hold the links down, come back",
    "topologies": ["road"],
    "gateway": "custom",
}

PROGRAM = """#!/usr/bin/python3 -BS
import os, socket, sys, time
for line in open("/proc/self/status"):
    if line.startswith(("Uid", "Gid", "Groups", "Cap", "NoNewPrivs")):
        print(line.strip(), flush=True)
print("wan is", open("/sys/class/net/wan0/operstate").read().strip(), flush=True)
if sys.argv[1] == "stay":
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.sendto(b"STATUS=fine\\nREADY=1", os.environ["NOTIFY_SOCKET"])
    time.sleep(10**6)
"""
SERVICE = {"program": "/usr/sbin/toy", "user": "toy", "restart_delay_ms": 500}
TABLE = {
    "users": [{"name": "toy", "uid": 899, "group": "toy", "gid": 899, "groups": ["shared"],
               "why": "a test"}],
    "groups": [{"name": "shared", "gid": 898}],
    "directories": [{"path": "/run/toy", "owner": "toy", "group": "shared", "mode": "0750"}],
    "files": [{"path": "/etc/toy", "owner": "root", "group": "toy", "mode": "0640"}],
    "services": [
        {**SERVICE, "name": "first", "arguments": ["go"], "ambient_capabilities": ["net_admin"],
         "kind": "oneshot", "after": [], "before_links": True, "readiness": "exit",
         "restart": "never"},
        {**SERVICE, "name": "second", "arguments": ["stay"], "ambient_capabilities": [],
         "kind": "daemon", "after": ["first"], "before_links": False, "readiness": "notify",
         "restart": "always"},
    ],
}
CAP_NET_ADMIN = 1 << 12


def run(rig):
    program, table = pathlib.Path("/usr/sbin/toy"), pathlib.Path("/tmp/system.json")
    program.write_text(PROGRAM)
    program.chmod(0o755)
    pathlib.Path("/etc/toy").touch()
    table.write_text(json.dumps(TABLE))
    rig.box.start(table)

    first, second = (read_log(name) for name in ("first", "second"))
    for name, lines, capabilities in (("first", first, CAP_NET_ADMIN), ("second", second, 0)):
        rig.expect(f"{name}: user", lines["Uid"].split(), "==", 4 * ["899"])
        rig.expect(f"{name}: further groups", lines["Groups"].split(), "==", ["898"])
        for kind in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
            rig.expect(f"{name}: {kind}", int(lines[kind], 16), "==", capabilities)
        rig.expect(f"{name}: no new privileges", lines["NoNewPrivs"], "==", "1")
    rig.expect("first: the WAN is still", first["wan is"], "==", "down")
    rig.expect("second: the WAN is", second["wan is"], "==", "up")
    modes = [(place.stat().st_uid, place.stat().st_gid, oct(place.stat().st_mode & 0o7777))
             for place in (pathlib.Path("/run/toy"), pathlib.Path("/etc/toy"))]
    rig.expect("owners and modes", modes, "==", [(899, 898, "0o750"), (0, 899, "0o640")])

    killed = rig.now()
    rig.box.kill("second")
    rig.box.restarted_after_s("second")
    rig.expect("second comes back, seconds after its kill", round(rig.now() - killed, 3), ">=", 0.5)
    rig.expect("the box's WAN address stays", "203.0.113.7" in net.run(rig.box.node, "ip", "a"),
               "==", True)


def read_log(name):
    """The last "key: value" or "key value" lines of a service's log."""
    lines = [line.split(" ", 1)[1] for line in (JOB / f"{name}.log").read_text().splitlines()]
    pairs = [line.rsplit(" ", 1) if line.startswith("wan is") else line.split(":\t", 1)
             for line in lines if ":\t" in line or line.startswith("wan is")]
    return dict(pairs)
