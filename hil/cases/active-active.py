"""Two instances of a gateway: both tunnels up and used, answers by either, one dying with and without
a sign, both coming back without loss, and closed when both are gone.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net, road

CASE = {
    "title": "two tunnels share the traffic; one dies, with and without a sign, and comes back",
    "topologies": ["pair", "pair-nat"],
    "gateway": "pair",
    "azure_json": "pair",
}

EVERY_MS = 100
VNET = [f"10.50.1.{host}" for host in (4, 5, 6, 7)]
UP, DOWN = "up", "down"
WITH_SIGN_S, WITHOUT_SIGN_S = 1.0, 20.0


def run(rig):
    rig.box.start()
    rig.tell("neither instance answers yet")
    road.stay_closed(rig, seconds=1)
    for gateway in rig.gateways.values():
        gateway.start()
    rig.expect("states of the tunnels", rig.box.wait_states([UP, UP]), "==", [UP, UP])
    rig.sleep(3)
    share(rig)
    answer_by_either(rig)
    # an orderly end is a DELETE: what is under way is answered on the other tunnel within a second
    lose_one(rig, "b", "stop", WITH_SIGN_S)
    come_back(rig, "b")
    lose_one(rig, "a", "crash", WITHOUT_SIGN_S)
    come_back(rig, "a")
    lose_both(rig)


def interfaces_used(rig):
    """The interfaces of the route that carries the virtual network's prefix."""
    words = net.run(rig.box.node, "ip", "route", "show", "10.50.0.0/16", "proto", "70").split()
    return sorted({word for word in words if word.startswith("ipsec")})


def start_flows(rig):
    return ([rig.ping("office", target, EVERY_MS) for target in VNET] +
            [rig.ping("vnet", "office", EVERY_MS)])


def expect_all_answered(rig, flows, since_s=0.0):
    until_s = rig.now()
    for flow in flows:
        sent, answered = flow.count(since_s, until_s)
        rig.expect(f"pings answered, {flow.name}", answered, "==", sent)


def stop(flows):
    for flow in flows:
        flow.stop()


def share(rig):
    began = rig.now()
    flows = start_flows(rig)
    rig.sleep(3)
    stop(flows)
    expect_all_answered(rig, flows)
    rig.expect("interfaces in use", interfaces_used(rig), "==", ["ipsec1", "ipsec2"])
    road.expect_nothing_clear(rig, began)


def answer_by_either(rig):
    for return_path in ("a", "b", "both"):
        rig.fabric.set(return_path)
        rig.sleep(1)
        flows = start_flows(rig)
        rig.sleep(2)
        stop(flows)
        rig.tell(f"the virtual network answers by: {return_path}")
        expect_all_answered(rig, flows)
    rig.fabric.set("follow")
    rig.sleep(1)


def lose_one(rig, name, how, limit_s):
    flows = start_flows(rig)
    rig.sleep(1)
    began = rig.now()
    rig.tell(f"instance {name} goes away: {how}")
    getattr(rig.gateways[name], how)()
    rig.sleep(2 * limit_s + 5)
    for flow in flows:
        rig.expect(f"seconds without an answer, {flow.name}", flow.outage_s(since_s=began), "<=",
                   limit_s)
    left = rig.now()
    rig.sleep(3)
    expect_all_answered(rig, flows, since_s=left - 1)
    stop(flows)
    other = "ipsec1" if name == "b" else "ipsec2"
    rig.expect("interfaces in use", interfaces_used(rig), "==", [other])
    road.expect_nothing_clear(rig, began)


def come_back(rig, name):
    flows = start_flows(rig)
    began = rig.now()
    rig.tell(f"instance {name} comes back")
    rig.gateways[name].start()
    rig.expect("states of the tunnels", rig.box.wait_states([UP, UP], 120), "==", [UP, UP])
    rig.sleep(5)
    expect_all_answered(rig, flows)
    stop(flows)
    rig.expect("interfaces in use", interfaces_used(rig), "==", ["ipsec1", "ipsec2"])
    road.expect_nothing_clear(rig, began)


def lose_both(rig):
    for gateway in rig.gateways.values():
        gateway.stop()
    rig.sleep(2)
    rig.tell("both instances are gone")
    road.stay_closed(rig, seconds=2)
    rig.gateways["b"].start()
    rig.tell("one of them is back")
    rig.box.wait_for_tunnel(lambda _: UP in [row["state"] for row in rig.box.tunnels()], 60)
    rig.sleep(2)
    flows = start_flows(rig)
    rig.sleep(2)
    expect_all_answered(rig, flows)
    stop(flows)
    road.expect_nothing_clear(rig)
