"""The demo: one office, one simulated Azure gateway, closed until the tunnel is up, traffic both
ways, iked killed, and the same box without its rules, which must leak.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "from nothing to encrypted traffic, and what a killed iked does to it",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 90,
}

EVERY_MS = 50
FLOW_S = 2


def run(rig):
    begin = rig.now()
    closed_before_the_first_negotiation(rig)
    negotiate(rig)
    flows = [rig.ping("office", "vnet", EVERY_MS), rig.ping("vnet", "office", EVERY_MS)]
    up = rig.now()
    rig.sleep(FLOW_S)
    for flow in flows:
        sent, answered = flow.count(since_s=up, until_s=up + FLOW_S)
        rig.expect(f"pings answered, {flow.name}", answered, "==", sent)
    tunnel = kill_iked(rig, flows)
    sent, answered = (sum(pair) for pair in zip(*[flow.stop() for flow in flows]))
    counts = rig.count(since_s=begin)
    rig.expect("clear packets on the WAN", counts["clear"], "==", 0)
    rig.expect("ESP packets on the WAN", counts["esp"], ">=", 2 * answered)
    for key, value in {"pings_sent": sent, "pings_answered": answered,
                       "esp_packets": counts["esp"], "clear_packets": counts["clear"],
                       "ike_suite": tunnel["ike_suite"], "esp_suite": tunnel["esp_suite"],
                       "establish_ms": tunnel["establish_ms"], "nat": tunnel["nat"]}.items():
        rig.record(key, value)
    without_rules(rig)


def closed_before_the_first_negotiation(rig):
    rig.tell("the box starts; the gateway is not there yet, the office already sends to Azure")
    rig.box.start()
    flow = rig.ping("office", "vnet", EVERY_MS)
    rig.sleep(1)
    _, answered = flow.stop()
    rig.expect("pings answered while the tunnel is down", answered, "==", 0)
    rig.expect("clear packets while the tunnel is down", rig.count()["clear"], "==", 0)


def negotiate(rig):
    began = rig.now()
    rig.gateway.start()
    rig.tell("the simulated Azure gateway is up")
    tunnel = rig.box.wait_up(limit_s=40)
    rig.expect("state of the tunnel", tunnel.get("state"), "==", "up")
    rig.record("gateway_to_child_ms", round(1000 * (rig.now() - began)))
    rig.tell(f"tunnel up: IKE {tunnel['ike_suite']}, ESP {tunnel['esp_suite']}")


def kill_iked(rig, flows):
    """Returns the tunnel's row after a new iked has its own child SA."""
    killed = rig.now()
    rig.tell("iked is killed with -9")
    rig.box.kill("iked")
    rig.box.restarted_after_s("iked")
    tunnel = rig.box.wait_up()
    back_ms = round(1000 * (rig.now() - killed))
    rig.expect("state of the tunnel after the new iked has come", tunnel.get("state"), "==", "up")
    rig.tell(f"a new iked has its own child SA {back_ms} ms after the kill, "
             f"{tunnel['establish_ms']:.1f} ms after its first packet")
    rig.sleep(FLOW_S)
    lost = 0
    for flow in flows:
        sent, answered = flow.count(since_s=killed)
        lost += sent - answered
        rig.expect(f"pings lost at the kill and after, {flow.name}", sent - answered, "<=",
                   road.lost_at_takeover(rig, EVERY_MS, tunnel["establish_ms"]))
    rig.record("pings_lost_at_kill", lost)
    rig.record("iked_back_ms", back_ms)
    return tunnel


def without_rules(rig):
    rig.tell("the same box with its rules taken away: now the capture must see clear packets")
    rig.box.take_rules_away()
    opened = rig.now()
    flow = rig.ping("office", "vnet", EVERY_MS)
    rig.sleep(1)
    flow.stop()
    leaked = rig.count(since_s=opened)["clear"]
    rig.expect("clear packets without rules", leaked, ">", 0)
    rig.record("clear_packets_without_rules", leaked)
