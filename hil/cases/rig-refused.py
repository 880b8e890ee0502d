"""A gateway that refuses us: the reason is told, nothing is half up, nothing leaks, and when the
gateway is put right the tunnel comes up by itself.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.azure import gateway
from hil.guest import road

CASE = {
    "title": "NO_PROPOSAL_CHOSEN, then a wrong shared key, then the gateway is put right",
    "topologies": ["road", "nat"],
    "gateway": "other-policy",
    "azure_json": "custom",
}
# Longer than the longest pause between two tries.
RETRY_LIMIT_S = 900


def run(rig):
    rig.gateway.start()
    rig.box.start()
    expect_refusal(rig, "another policy", "another IKE suite")
    rig.gateway.write_configuration(gateway.load("other-psk"))
    rig.gateway.load()
    expect_refusal(rig, "another shared key", "shared key")
    rig.gateway.write_configuration(gateway.load("custom"))
    rig.gateway.load()
    rig.tell("the gateway is put right; nobody touches the box")
    road.come_up(rig, RETRY_LIMIT_S)
    road.carry_both_ways(rig)


def expect_refusal(rig, what, words):
    rig.tell(f"the gateway has {what}")
    row = rig.box.wait_for_tunnel(lambda row: words in str(row.get("reason")), RETRY_LIMIT_S)
    rig.expect("the reason", words in str(row.get("reason")), "==", True)
    rig.tell(f"status says: {row.get('state')}, {row.get('reason')}; {row.get('remedy')}")
    rig.expect("the tunnel is not up", row.get("state"), "!=", "up")
    rig.expect("SAs in the box", len(rig.box.sas()), "==", 0)
    road.stay_closed(rig)

