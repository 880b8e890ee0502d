"""Azure's default policy, both sides begin, configuration from what `az` prints (flattened).

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "Azure's default policy, and both sides begin at once",
    "topologies": ["road", "nat"],
    "gateway": "default",
    "azure_json": "default",
}


def run(rig):
    rig.gateway.start()
    rig.box.start()
    tunnel = road.come_up(rig)
    is_group_2 = "modp1024" in str(tunnel.get("ike_suite"))
    rig.expect("the IKE SA is of Azure's default group", is_group_2, "==", True)
    road.carry_both_ways(rig)
    rig.tell("ten minutes later")
    rig.sleep(600)
    road.carry_both_ways(rig)
