"""The whole road without NAT: closed before the tunnel, open through it, closed around it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "closed, then up, traffic both ways, iked killed with -9, and without rules it leaks",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}


def run(rig):
    rig.tell("the box starts; the gateway does not answer yet")
    rig.box.start()
    road.stay_closed(rig)
    rig.gateway.start()
    tunnel = road.come_up(rig)
    for suite, words in (("ike_suite", ("aes256", "sha384", "ecp384")),
                         ("esp_suite", ("aes256gcm16",))):
        for word in words:
            rig.expect(f"{suite} has {word}", word in str(tunnel.get(suite)).lower(), "==", True)
    road.carry_both_ways(rig)
    road.survive_kill(rig)
    road.leak_without_rules(rig)
