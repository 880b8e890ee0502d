"""Two days with Azure's own lifetimes and nothing else.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import days, road, xfrm

CASE = {
    "title": "48 hours with natural lifetimes: no ping of both ways is lost",
    "topologies": ["road", "nat"],
    "gateway": "default",
    "azure_json": "default",
    "limit_s": 900,
}

N_HOURS = 48
EVERY_MS = 10000
# a child SA lives 27,000 s and is rekeyed at 95 % by Azure, by the box at 75 to 80 %
MIN_REKEYS = N_HOURS * days.HOUR_S // 27000


def run(rig):
    rig.count_only()
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    live = xfrm.Live(rig.box.node)
    traffic = road.Traffic(rig, EVERY_MS)
    for _ in range(N_HOURS):
        rig.sleep(days.HOUR_S)
        live.n_came("")  # reads the events before they are too many
    n_new = live.n_came(rig.gateway.data["id"])
    rig.tell(f"new SAs to send with: {n_new}")
    rig.expect("pings lost", traffic.stop(), "==", 0)
    rig.expect("new SAs to send with", n_new, ">=", MIN_REKEYS)
    rig.expect("starts of iked", rig.box.supervisor.services["iked"].n_starts, "==", 1)
    rig.sleep(130)
    road.expect_no_orphans(rig)
    road.expect_nothing_clear(rig)
    rig.expect("ESP packets on the WAN", rig.count()["esp"], ">", 0)
    road.leak_without_rules(rig)
    live.close()
