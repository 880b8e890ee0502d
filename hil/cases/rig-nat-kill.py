"""Behind a NAT, a killed daemon must not take the socket with it that unpacks ESP in UDP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "behind NAT: iked killed with -9, ESP in UDP goes on, its orphans go in the end",
    "topologies": ["nat"],
    "gateway": "custom",
    "azure_json": "custom",
}
# Azure's side of a dead iked's SAs ends with its dead-peer detection, 45 s.
ORPHANS_GO_S = 120


def run(rig):
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    encapsulations = [sa.encapsulation for sa in rig.box.sas()]
    rig.expect("encapsulation of the SAs", encapsulations, "==", ["espinudp", "espinudp"])
    road.carry_both_ways(rig)
    road.survive_kill(rig)
    flow = rig.ping("office", "vnet", road.EVERY_MS)
    rig.sleep(ORPHANS_GO_S)
    sent, answered = flow.stop()
    rig.expect("pings answered until the orphans are gone", answered, "==", sent)
    rig.expect("SAs left in the box", len(rig.box.sas()), "==", 2)
    road.expect_nothing_clear(rig)
