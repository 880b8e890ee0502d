"""The rig proves itself: a stock charon in the place of the box, against the simulated gateway.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net, xfrm

CASE = {
    "title": "two stock charons: tunnel, traffic, packet classes, kill -9",
    "topologies": ["road", "nat"],
    "gateway": "custom",
}


def run(rig):
    box, is_behind_nat = rig.node("box"), "nat" in rig.topology["nodes"]
    net.raise_box(rig.topology)
    net.sysctl(box, "net.ipv4.ip_forward", "1")
    net.sysctl(box, "net.ipv6.conf.all.disable_ipv6", "1")
    rig.gateway.start()
    branch = rig.charon("box", "stock-branch")

    rig.tell("no tunnel yet: what the office sends to Azure leaves in clear")
    leaving = rig.ping("office", "vnet")
    rig.sleep(1)
    leaving.stop()
    rig.expect("clear packets on the WAN without any protection", rig.count()["clear"], ">", 0)

    watch = xfrm.Watch(box)
    began = rig.now()
    branch.start()
    rig.expect("SAs come within 10 s", watch.wait(2, 10), "==", True)
    rig.tell(f"two SAs {1000 * (rig.now() - began):.0f} ms after charon was started")

    to_azure, to_office = rig.ping("office", "vnet"), rig.ping("vnet", "office")
    up = rig.now()
    rig.sleep(5)
    for flow in (to_azure, to_office):
        sent, answered = flow.count(until_s=up + 5)
        rig.expect(f"pings answered, {flow.name}", answered, "==", sent)
    counts = rig.count(since_s=up)
    rig.expect("ESP packets on the WAN", counts["esp"], ">=", 90)
    rig.expect("clear packets on the WAN", counts["clear"], "==", 0)
    encapsulations = [sa.encapsulation for sa in xfrm.states(box)]
    rig.expect("encapsulation of the SAs", encapsulations, "==",
               2 * ["espinudp" if is_behind_nat else None])

    rig.set_link("wan", is_up=False)
    cut = rig.now()
    rig.sleep(2)
    still_cut = rig.now()
    rig.set_link("wan", is_up=True)
    joined = rig.now()
    rig.sleep(4)
    _, answered = to_azure.count(since_s=cut, until_s=still_cut)
    rig.expect("pings answered while the WAN link is down", answered, "==", 0)
    sent, answered = to_azure.count(since_s=joined + 2, until_s=joined + 4)
    rig.expect("pings answered with the WAN link up again", answered, "==", sent)

    killed = rig.now()
    branch.kill()
    rig.tell("charon in the box's place killed with -9, nobody restarts it")
    rig.sleep(5)
    sent, answered = to_azure.count(since_s=killed, until_s=killed + 5)
    # a stock daemon takes the socket that unpacks ESP in UDP with it
    rig.expect("pings answered after the kill", answered, "==", 0 if is_behind_nat else sent)
    rig.record("esp_packets", rig.count()["esp"])
