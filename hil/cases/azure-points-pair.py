"""Point 7 of what a simulator must reproduce: two instances, and answers by either of them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, road, xfrm

CASE = {
    "title": "two instances with addresses of their own; answers come by the other tunnel",
    "topologies": ["pair", "pair-nat"],
    "gateway": "pair",
    "azure_json": "pair",
}
UP_LIMIT_S = 60


def run(rig):
    for gateway in rig.gateways.values():
        gateway.start()
    rig.box.start()
    both_up(rig)
    for return_path in ("a", "b", "both", "follow"):
        with rig.point("7.2", f"answers by {return_path}", switch=f"return_path={return_path}",
                       how=azure.STOCK):
            rig.fabric.set(return_path)
            rig.sleep(1)
            before = {name: packets_sent(gateway) for name, gateway in rig.gateways.items()}
            road.carry_both_ways(rig)
            senders = [name for name, gateway in rig.gateways.items()
                       if packets_sent(gateway) > before[name]]
            if return_path in rig.gateways:
                rig.expect("instances that have sent", senders, "==", [return_path])


def packets_sent(gateway):
    """How many ESP packets an instance has sent on the SAs that it has."""
    return sum(sa.packets for sa in xfrm.states(gateway.node) if sa.source == gateway.data["id"])


def both_up(rig):
    with rig.point("7.1", "two instances, each with its address and a tunnel", switch="instances",
                   how=azure.STOCK):
        end = rig.now() + UP_LIMIT_S
        while len(rig.fabric.instances_up()) < 2 and rig.now() < end:
            rig.sleep(azure.POLL_S)
        rig.expect("instances with a tunnel", rig.fabric.instances_up(), "==", ["a", "b"])
        rig.sleep(5)
        states = [row.get("state") for row in (rig.box.status() or {}).get("tunnels", [])]
        rig.expect("states of the box's tunnels", states, "==", ["up", "up"])
        peers = {sa.source for sa in rig.box.sas()} & {"198.51.100.10", "198.51.100.11"}
        rig.expect("instances that the box has SAs of", len(peers), "==", 2)
