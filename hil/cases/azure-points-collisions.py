"""Point 6 of what a simulator must reproduce: Azure rekeys at once with the box, at the box's times.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, road

CASE = {
    "title": "Azure rekeys a child and the IKE SA while the box's own rekey is on its way",
    "topologies": ["road"],
    "gateway": "azure",
    "azure_json": "default",
    "patched_charon": True,
    "limit_s": 1400,
}
# When the box has rekeyed at the latest: 80 % of 27,000 s, and 24,000 s.
TIMES_S = (("child", 21600), ("ike", 24000))
LOGGED = {"child": "detected rekey collision", "ike": "detected IKE_REKEY collision"}
EVERY_MS = 30000


def run(rig):
    rig.gateway.start()
    rig.box.start()
    road.come_up(rig)
    up = rig.now()
    for what, rekeyed_s in TIMES_S:
        with rig.point("6.5", f"rekeys the {what} SA at once with the box",
                       switch=f"collide={what}", how=azure.VICI):
            rig.gateway.switch(collide=what)
            with road.lossless(rig, EVERY_MS):
                rig.sleep(up + rekeyed_s - rig.now())
            rig.expect("collisions", rig.gateway.collisions(), ">=", 1)
            rig.expect("lines of one in the log", rig.gateway.count_log(LOGGED[what]), ">=", 1)
            rig.sleep(60)
            rig.expect("SAs of the box", len(rig.box.sas()), "==", 2)
            road.carry_both_ways(rig)
