"""Point 6 of what a simulator must reproduce: how Azure rekeys.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, road

CASE = {
    "title": "Azure's rekeys: full list without KE, one suite, twice",
    "topologies": ["road"],
    "gateway": "azure",
    "azure_json": "default",
    "patched_charon": True,
    "limit_s": 900,
}
# Shortened, so that Azure comes before the box: a child each 540 s, the IKE SA each 1,000 s.
SHORT = {"child_rekey_percent": 2, "ike_rekey_s": 1000}
CHILD_S, IKE_S = 540, 1000
ORPHAN_S = 300


def run(rig):
    rig.gateway.switch(**SHORT)
    rig.gateway.start()
    rig.box.start()
    road.come_up(rig)
    rig.sleep(10)
    azure_first(rig)
    twice(rig)


def requests(rig):
    """The payloads of the gateway's requests of CREATE_CHILD_SA."""
    return [line.split("[ ")[-1] for line in rig.gateway.log().splitlines()
            if "generating CREATE_CHILD_SA request" in line]


def azure_first(rig):
    with road.lossless(rig, 1000):
        rig.sleep(2 * IKE_S + 60)
    with rig.point("6.2", "rekeys a child with the initiator's whole list and no KE, whoever built it",
                   switch="child_lists", how=azure.PATCH):
        rekeys = [payloads for payloads in requests(rig) if "N(REKEY_SA)" in payloads]
        rig.expect("child rekeys", len(rekeys), ">=", 3)
        rig.expect("their payloads", sorted(set(rekeys)), "==", ["N(REKEY_SA) SA No TSi TSr ]"])
        lists = [len(line.split(", ")) for line in
                 azure.configured_proposals(rig.gateway.log(), "ESP")]
        rig.expect("proposals that were offered", 6 in lists, "==", True)
        road.carry_both_ways(rig)
    with rig.point("6.3", "rekeys the IKE SA with the suite in use alone", switch="one_suite",
                   how=azure.PATCH):
        rekeys = [payloads for payloads in requests(rig) if payloads == "SA No KE ]"]
        rig.expect("IKE rekeys", len(rekeys), ">=", 2)
        rig.expect("of one suite", rig.gateway.count_log("rekeying with IKE:"), ">=", len(rekeys))
        road.carry_both_ways(rig)


def twice(rig):
    with rig.point("6.4", "rekeys a child twice, and deletes the orphan 300 s later",
                   switch="double_rekey_s", how=azure.PATCH):
        rig.gateway.switch(double_rekey_s=ORPHAN_S)
        with road.lossless(rig, 500):
            seen = azure.wait_log(rig, "a second time", 1, CHILD_S + 60)
            rig.expect("second rekeys", seen, "==", 1)
            rig.gateway.switch(double_rekey_s=0)
            rig.sleep(ORPHAN_S + 10)
            rig.expect("SAs of the box after that", len(rig.box.sas()), "==", 2)
        rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
