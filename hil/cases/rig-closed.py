"""Fail closed, layer by layer: the filter alone holds, routes and policies alone hold, each guard of
the filter alone holds; with the last one taken away it leaks, so that the check is seen to bite.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net, road

CASE = {
    "title": "each layer alone keeps the office's packets in; without the last one they leak",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}

FILTER = "table inet fairlead"
# what is taken away in the filter, one after the other, and whether packets then leak
DROPPED_RULES = (
    (f"flush chain inet fairlead forward", "forward rules (its policy drops)", False),
    (f"chain inet fairlead forward {{ policy accept; }}", "forward policy", False),
    (f"flush chain inet fairlead guard_out", "last guard before the WAN", True),
)


def run(rig):
    rig.box.start()
    rig.tell("the gateway is not there; all layers are in place")
    road.stay_closed(rig, seconds=1)
    routes_alone(rig)
    filter_alone(rig)


def routes_alone(rig):
    saved = net.run(rig.box.node, "nft", "list", "ruleset")
    rig.expect("the filter is loaded", FILTER in saved, "==", True)
    net.run(rig.box.node, "nft", "flush", "ruleset")
    rig.tell("no filter: unreachable routes and policies alone")
    road.stay_closed(rig, seconds=1)
    net.run(rig.box.node, "nft", "-f", "-", text=saved)


def filter_alone(rig):
    saved = net.run(rig.box.node, "nft", "list", "ruleset")
    rig.box.take_rules_away()
    net.run(rig.box.node, "nft", "-f", "-", text=saved)
    rig.tell("no routes, no policies, no daemon: the filter alone")
    road.stay_closed(rig, seconds=1)
    for command, what, does_leak in DROPPED_RULES:
        net.run(rig.box.node, "nft", "-f", "-", text=command + "\n")
        rig.tell(f"taken away: {what}")
        began = rig.now()
        flow = rig.ping("office", "vnet", road.EVERY_MS)
        rig.sleep(1)
        flow.stop()
        rig.expect("clear packets on the WAN", rig.count(since_s=began)["clear"],
                   ">" if does_leak else "==", 0)
