"""Daemons of the box killed with -9, alone and together, with a slow line and an impatient gateway:
no packet is lost (but behind NAT while both are dead), and what they left behind goes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import line, road

CASE = {
    "title": "kill -9 of iked, of xfrmd, of both, again and again; 40 ms, DPD 9 s",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

ONE_WAY_MS = 20
DPD_TIMEOUT_S = 9      # Azure's shortest
ORPHANS_GO_S = 120
# Behind NAT with both dead nobody holds the sockets that unpack ESP in UDP, until xfrmd is back.
RESTART_S = 0.8
# services, how often in a row, seconds between
KILLS = (
    (("iked",), 1, 0),
    (("xfrmd",), 1, 0),
    (("iked", "xfrmd"), 1, 0),
    (("xfrmd", "iked"), 3, 4.3),
    (("iked",), 5, 1.7),
)


def run(rig):
    line.Internet(rig).set_line("azure", ONE_WAY_MS)
    rig.gateway.switch(dpd_timeout_s=DPD_TIMEOUT_S)
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    rig.sleep(10)
    for services, n_times, pause_s in KILLS:
        kill(rig, services, n_times, pause_s)


def kill(rig, services, n_times, pause_s):
    rig.tell(f"kill -9 of {' and '.join(services)}, {n_times} times, {pause_s} s apart")
    began = rig.now()
    traffic = road.Traffic(rig)
    rig.sleep(1)
    for _ in range(n_times):
        n_starts = {name: rig.box.supervisor.services[name].n_starts for name in services}
        for name in services:
            rig.box.kill(name)
        for name in services:
            rig.box.restarted_after_s(name, n_starts[name] + 1)
        rig.sleep(pause_s)
    rig.sleep(ORPHANS_GO_S)
    n_lost = traffic.stop()
    if len(services) > 1 and rig.topology["nodes"].get("nat"):
        rig.expect("seconds without an answer", traffic.outage_s(), "<=", RESTART_S)
    else:
        rig.expect("pings lost", n_lost, "==", 0)
    rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
    road.expect_no_orphans(rig)
    road.expect_nothing_clear(rig, began)
