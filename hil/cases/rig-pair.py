"""The two instances of a gateway and their fabric prove themselves, with a stock charon for a box.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net

CASE = {
    "title": "two instances: answers follow the one with the tunnel, or come by the other",
    "topologies": ["pair", "pair-nat"],
    "gateway": "pair",
}
UP_LIMIT_S = 10
VNET = [f"10.50.1.{host}" for host in (4, 5, 6, 7)]


def run(rig):
    net.raise_box(rig.topology)
    net.sysctl(rig.node("box"), "net.ipv4.ip_forward", "1")
    branch = rig.charon("box", "stock-branch")
    for gateway in rig.gateways.values():
        gateway.switch(mode="ResponderOnly")
        gateway.start()
    rig.expect("instances with a tunnel before there is one", rig.fabric.instances_up(), "==", [])
    for name, other in (("a", "b"), ("b", "a")):
        branch.switch(peer=rig.gateways[name].data["id"], peer_id=rig.gateways[name].data["id"])
        branch.start()
        rig.sleep(UP_LIMIT_S)
        rig.expect("instances with a tunnel", rig.fabric.instances_up(), "==", [name])
        for return_path in ("follow", other, name, "both"):
            expect_answers(rig, return_path, name)
        rig.fabric.set("follow")
        if name == "a":
            rig.gateways["a"].crash()
            rig.tell("the machine of instance a dies")
            expect_answers(rig, "follow", None)
            branch.stop()
    rig.gateways["a"].start()
    rig.sleep(UP_LIMIT_S)
    rig.expect("instances with a tunnel when a is back", rig.fabric.instances_up(), "==", ["b"])


def expect_answers(rig, return_path, with_tunnel):
    """Each address of the virtual network's host answers if its way is the one with the tunnel."""
    rig.fabric.set(return_path)
    rig.sleep(1)
    for target in VNET:
        flow = rig.ping("office", target)
        rig.sleep(1)
        sent, answered = flow.stop()
        way = rig.fabric.instance_for(target, rig.address("office"))
        is_answered = way is not None and way == with_tunnel
        rig.expect(f"pings answered, return path {return_path}, {target} answers by {way}", answered,
                   "==", sent if is_answered else 0)
