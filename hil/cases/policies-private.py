"""useLocalAzureIpAddress: the tunnel goes to the gateway's address inside its own virtual network.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "a tunnel inside ExpressRoute, to an address that lies in Azure's own prefix",
    "topologies": ["private"],
    "gateway": "private",
    "azure_json": "private",
}


def run(rig):
    rig.box.start()
    rig.tell("the gateway does not answer yet")
    road.stay_closed(rig)
    rig.gateway.start()
    tunnel = road.come_up(rig)
    rig.expect("the gateway's address", tunnel.get("gateway"), "==", "10.50.255.4")
    road.carry_both_ways(rig)
