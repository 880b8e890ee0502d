"""Box and gateway disagree about the KE of child rekeying, either way round. The first child SA has
none, so it shows at the first rekey, hours later, and stock gateways are dead from then on.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib

from hil.guest import rig as rig_module
from hil.guest import road, xfrm

CASE = {
    "title": "PFS mismatch, either way, box first or Azure first: no outage at any rekey",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

EVERY_MS = 1000
LIFE_S = 1200
WATCH_S = 6 * LIFE_S
WITH_PFS, WITHOUT = "aes256gcm16-ecp384", "aes256gcm16"
# what the box has, pfsGroup of the gateway, who rekeys first
ROUNDS = (
    (WITH_PFS, "None", "box"),
    (WITH_PFS, "None", "azure"),
    (WITHOUT, "ECP384", "box"),
    (WITHOUT, "ECP384", "azure"),
)


def run(rig):
    for suite, pfs_group, first in ROUNDS:
        disagree(rig, suite, pfs_group, first)


def disagree(rig, suite, pfs_group, first):
    rig.tell(f"--- box {suite}, Azure pfsGroup {pfs_group}, {first} rekeys first")
    began = rig.now()
    configure(suite, LIFE_S if first == "box" else 20 * LIFE_S)
    policy = dict(rig.gateway.data["policy"], pfsGroup=pfs_group,
                  saLifeTimeSeconds=LIFE_S if first == "azure" else 20 * LIFE_S)
    rig.gateway.switch(policy=policy)
    rig.gateway.start()
    rig.box.start()
    road.come_up(rig)
    traffic = road.Traffic(rig, EVERY_MS)
    live = xfrm.Live(rig.box.node)
    rig.sleep(WATCH_S)
    rig.expect("pings lost", traffic.stop(), "==", 0)
    rig.expect("new SAs to send with", live.n_came(rig.gateway.data["id"]), ">=",
               WATCH_S // LIFE_S - 1)
    rig.sleep(60)
    rig.tell(f"the box says: {rig.box.tunnel().get('reason')}")
    road.expect_no_orphans(rig)
    road.expect_nothing_clear(rig, began)
    live.close()
    rig.box.stop()
    rig.gateway.stop()


def configure(suite, life_s):
    """Gives the box this ESP suite and lifetime."""
    path = rig_module.JOB / "config/config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    for tunnel in config["tunnels"]:
        tunnel["esp"].update(suites=[suite], life_s=life_s)
    pathlib.Path(path).write_text(json.dumps(config), encoding="utf-8")
