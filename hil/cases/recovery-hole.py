"""The line is a black hole for a while: a minute, five, twenty. However long, and also when Azure
only answers, traffic is back within seconds of its end.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import line, road

CASE = {
    "title": "black holes of 60, 300 and 1,200 s; back within 5 s of the end",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

EVERY_MS = 500
HOLES_S = (60, 300, 1200)
BEGIN_AFTER_UP_S = (40, 51)   # other places in the rhythm of both sides' probes
BACK_S = 5


def run(rig):
    # behind NAT, Azure cannot reach the box by itself
    modes = ("ResponderOnly",) if rig.topology["nodes"].get("nat") else ("ResponderOnly", "Default")
    internet = line.Internet(rig)
    rig.box.start()
    traffic = road.Traffic(rig, EVERY_MS)
    for mode in modes:
        for after_s in BEGIN_AFTER_UP_S:
            for hole_s in HOLES_S:
                rig.gateway.stop()
                rig.gateway.switch(mode=mode)
                rig.gateway.start()
                road.come_up(rig)
                rig.sleep(after_s)
                fall_in(rig, internet, traffic, f"{hole_s} s, {after_s} s after up, {mode}", hole_s)
    traffic.stop()
    rig.sleep(120)
    road.expect_no_orphans(rig)
    road.expect_nothing_clear(rig)


def fall_in(rig, internet, traffic, what, hole_s):
    internet.black_hole()
    rig.sleep(hole_s)
    internet.heal()
    ended = rig.now()
    back_s = traffic.back_after_s(ended, 60)
    rig.expect(f"seconds until it is back, black hole of {what}", round(back_s, 1), "<=", BACK_S)
    settled = rig.now()
    rig.sleep(10)
    rig.expect("pings lost after that", traffic.n_lost(since_s=settled), "==", 0)
