"""connectionMode: who begins, and that the other does not.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, policies, road

CASE = {
    "title": "Default, ResponderOnly and InitiatorOnly: who begins, and who never does",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["fairlead-fleet"],
}
# who sends requests of IKE_SA_INIT: the box, the gateway
BEGINNERS = {"ResponderOnly": (True, False), "InitiatorOnly": (False, True), "Default": (True, True)}


def run(rig):
    rig.box.start()
    for mode, wanted in BEGINNERS.items():
        rig.tell(f"connectionMode {mode}")
        policies.reconfigure(rig, "custom", connectionMode=mode)
        began = rig.now()
        rig.sleep(10)  # the box alone
        policies.begin_anew(rig, mode=mode)
        rig.expect("child SAs", policies.wait_children(rig, 1).get("children"), "==", 1)
        rig.sleep(2)
        rig.expect("the box begins, the gateway begins", beginners(rig, began), "==", wanted)
        rig.expect("pings lost", policies.lost(rig), "==", 0)
        road.expect_nothing_clear(rig, began)
        rig.gateway.stop()


def beginners(rig, since_s):
    requests = [is_own for _, is_own, message in azure.messages(rig, since_s)
                if message.header.is_request]
    return (False in requests, True in requests)
