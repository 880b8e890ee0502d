"""Lifetimes in seconds and kilobytes, and dpdTimeoutSeconds at both ends of what Azure takes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import policies, road, xfrm

CASE = {
    "title": "children rekeyed by time and by volume without loss; dead peers after 9 and 3600 s",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["fairlead-fleet"],
    "limit_s": 600,
}
POLICY = {"saLifeTimeSeconds": 27000, "saDataSizeKilobytes": 102400000,
          "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256",
          "ikeEncryption": "AES256", "ikeIntegrity": "SHA384",
          "dhGroup": "ECP384", "pfsGroup": "ECP384"}
BIG_BYTES, BIG_MS = 1200, 10  # 120 kilobytes a second each way, and the answers
# The SAs of the iked before stay for a while, and the kernel prefers such a one, which nobody at the
# other end has, to one whose soft limit has passed; rekeying alone is the matter here.
ORPHANS_GONE_S = 10
# what passes at least between the last answer and the end of the tunnel, and at most: a probe comes
# after a third of the timeout (10 s at least), and is given up after 21 s
DEAD_S = {9: (20, 60), 3600: (1200, 1300)}


def run(rig):
    rig.box.start()
    rig.gateway.start()
    by_time(rig)
    by_volume(rig)
    for timeout_s, (least_s, most_s) in DEAD_S.items():
        dead_peer(rig, timeout_s, least_s, most_s)


def begin(rig, **changes):
    policy = {**POLICY, **changes}
    policies.reconfigure(rig, "custom", ipsecPolicies=[policy])
    policies.begin_anew(rig, policy=policy)
    rig.expect("child SAs", policies.wait_children(rig, 1).get("children"), "==", 1)
    rig.sleep(ORPHANS_GONE_S)


def spis(rig):
    return {state.spi for state in xfrm.states(rig.gateway.node)}


def by_time(rig):
    begin(rig, saLifeTimeSeconds=300)
    before = spis(rig)
    with road.lossless(rig):
        rig.sleep(290)
    rig.expect("SAs of before that are left after 290 s of 300", len(before & spis(rig)), "==", 0)
    rig.expect("child SAs", rig.box.tunnel().get("children"), "==", 1)


def by_volume(rig):
    begin(rig, saDataSizeKilobytes=1024)
    before = spis(rig)
    n_lost = policies.lost(rig, seconds=30, every_ms=BIG_MS, payload_bytes=BIG_BYTES)
    rig.expect("pings lost while children of 1024 KB are rekeyed", n_lost, "==", 0)
    rig.expect("SAs of before that are left", len(before & spis(rig)), "==", 0)
    n_rekeys = rig.gateway.log().count("CREATE_CHILD_SA response")
    rig.expect("rekeys so far", n_rekeys, ">=", 4)
    road.expect_nothing_clear(rig)


def dead_peer(rig, timeout_s, least_s, most_s):
    policies.reconfigure(rig, "custom", ipsecPolicies=[POLICY], dpdTimeoutSeconds=timeout_s)
    policies.begin_anew(rig, policy=POLICY, dpd_timeout_s=timeout_s)
    policies.wait_children(rig, 1)
    rig.sleep(2)
    rig.gateway.crash()
    began = rig.now()
    while rig.box.tunnel().get("state") == "up" and rig.now() < began + most_s:
        rig.sleep(5)
    dead_s = rig.now() - began
    rig.expect(f"seconds until it is seen as dead, timeout {timeout_s} s", dead_s, ">=", least_s)
    rig.expect(f"seconds until it is seen as dead, timeout {timeout_s} s", dead_s, "<", most_s)
    rig.gateway.start()
    rig.expect("child SAs when it is back", policies.wait_children(rig, 1).get("children"), "==", 1)
    rig.expect("pings lost then", policies.lost(rig), "==", 0)
    road.expect_nothing_clear(rig)
