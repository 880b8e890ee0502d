"""the odd rows of the table of custom policies, each with a rekey.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.azure import policies as azure_policies
from hil.guest import policies, road

CASE = {
    "title": "every IKE half and every ESP half of a custom policy, crossed by the seed: the odd rows",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["fairlead-fleet"],
    "limit_s": 600,
}


def run(rig):
    rig.box.start()
    policies.run_policies(rig, azure_policies.table(rig.seed)[::2])
    road.expect_nothing_clear(rig)
