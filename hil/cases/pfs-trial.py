"""A pfsGroup on which gateway and box disagree would break the first rekeying, hours later. The box
asks for one early rekeying on trial and says so at once; nothing is lost. Where they agree, nothing
is said.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import road

CASE = {
    "title": "a mismatch of pfsGroup is told seconds after the start, not hours",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}


def run(rig):
    agreed = dict(rig.gateway.data["policy"])
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    rig.sleep(20)
    rig.expect("reason while both agree", rig.box.tunnel().get("reason") or "", "==", "")
    for pfs_group in ("None", "PFS2048"):
        rig.tell(f"the gateway's pfsGroup is now {pfs_group}")
        rig.gateway.stop()
        rig.gateway.switch(policy=agreed | {"pfsGroup": pfs_group})
        rig.gateway.start()
        n_starts = rig.box.supervisor.services["iked"].n_starts
        rig.box.kill("iked")
        rig.box.restarted_after_s("iked", n_starts + 1)
        road.come_up(rig)
        began = rig.now()
        flow = rig.ping("office", "vnet", road.EVERY_MS)
        rig.sleep(30)
        sent, answered = flow.stop()
        row = rig.box.tunnel()
        rig.expect("state of the tunnel", row.get("state"), "==", "up")
        rig.expect("Azure's setting", "pfsGroup" in str(row.get("azure_setting")), "==", True)
        rig.expect("a remedy", bool(row.get("remedy")), "==", True)
        rig.expect("pings answered", answered, "==", sent)
        road.expect_nothing_clear(rig, began)
