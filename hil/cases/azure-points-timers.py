"""Point 5 of what a simulator must reproduce, Azure's timers, with a stock charon in the box's place.

The box rekeys before Azure does, so that it would never see Azure's own timers; azure-points-rekeys
has the box meet them, shortened.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, net, ping, xfrm

CASE = {
    "title": "Azure's timers: rekeys at 95 %, probes, dead peers, kilobytes",
    "topologies": ["road"],
    "gateway": "custom",
    "limit_s": 900,
}
LONG_S = 60000
IKE_REKEY_S, CHILD_REKEY_S = 27360, 25650
PROBE_S, DEAD_S = 15, 45
SLACK_S = 2


def run(rig):
    net.raise_box(rig.topology)
    net.sysctl(rig.node("box"), "net.ipv4.ip_forward", "1")
    branch = rig.charon("box", "stock-branch")
    policy = {**branch.data["policy"], "saLifeTimeSeconds": LONG_S}
    branch.switch(ike_rekey_s=LONG_S, dpd_timeout_s=3600, policy=policy)
    rig.gateway.start()
    branch.start()
    rig.expect("tunnel", azure.wait_log(rig, "CHILD_SA accept{1} established"), "==", 1)
    up = rig.now()
    lifetimes(rig, up)
    dead_peer(rig)
    kilobytes(rig, branch)


def lifetimes(rig, up):
    flow = rig.ping("office", "vnet", 10000)
    until = up + IKE_REKEY_S + 60
    for number, what, words, wanted_s in (
            ("5.2", "child", "rekeyed CHILD_SA", CHILD_REKEY_S),
            ("5.1", "IKE", "rekeyed between", IKE_REKEY_S)):
        with rig.point(number, f"rekeys the {what} SA at {wanted_s} s",
                       switch="ike_rekey_s, child_rekey_percent", how=azure.STOCK):
            rig.sleep(max(0, up + wanted_s - 10 - rig.now()))
            rig.expect("before its time", rig.gateway.count_log(words), "==", 0)
            rig.sleep(20)
            rig.expect("at its time", rig.gateway.count_log(words), "==", 1)
    rig.sleep(max(0, until - rig.now()))
    with rig.point("5.3", f"probes every {PROBE_S} s, a third of the timeout", switch="dpd_timeout_s",
                   how=azure.STOCK):
        sent, answered = flow.stop()
        rig.expect("pings answered", answered, "==", sent)
        # traffic of the tunnel counts as a sign of life: the line must be still
        before = rig.gateway.count_log("sending DPD request")
        rig.sleep(10 * PROBE_S)
        n_probes = rig.gateway.count_log("sending DPD request") - before
        rig.expect("probes in ten intervals, one more or less", abs(n_probes - 10), "<=", 1)


def dead_peer(rig):
    with rig.point("5.4", f"gives a silent peer up after {DEAD_S} s", switch="dpd_timeout_s",
                   how=azure.STOCK):
        rig.set_link("wan", is_up=False)
        # the last answer was up to one interval ago
        rig.sleep(DEAD_S - PROBE_S - SLACK_S)
        rig.expect("SAs shortly before", len(xfrm.states(rig.gateway.node)), "==", 2)
        rig.sleep(PROBE_S + 2 * SLACK_S)
        rig.expect("SAs then", len(xfrm.states(rig.gateway.node)), "==", 0)
        rig.set_link("wan", is_up=True)


def kilobytes(rig, branch):
    with rig.point("5.5", "rekeys a child SA when its kilobytes are used", switch="policy",
                   how=azure.STOCK):
        rig.gateway.switch(policy={**rig.gateway.data["policy"], "saDataSizeKilobytes": 1024})
        branch.crash()
        branch.start()
        rig.sleep(5)
        before = rig.gateway.count_log("rekeyed CHILD_SA")
        flow = ping.Flow(rig.node("office"), rig.address("vnet"), 20, payload_bytes=1300)
        rig.sleep(20)  # 1,000 pings of 1,328 bytes each way
        sent, answered = flow.stop()
        rig.expect("pings answered", answered, "==", sent)
        rig.expect("rekeys", rig.gateway.count_log("rekeyed CHILD_SA") - before, ">=", 1)
