"""Point 4 of what a simulator must reproduce, the ladder of selectors, with a charon as branch.

The box takes any selectors on the first rung, and deletes what a double rekey leaves over before
Azure does: only another branch shows the rest of both.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

from hil.guest import azure, net, xfrm

CASE = {
    "title": "Azure's selectors: any, then the matrix, then the hub; it accepts whatever is proposed",
    "topologies": ["road"],
    "gateway": "azure",
    "patched_charon": True,
}
NOWHERE = ["fd00::/64"]
OFFICE, HUB, SPOKE, ANY = "192.168.70.0/24", "10.50.0.0/16", "10.51.0.0/16", "0.0.0.0/0"
ORPHAN_S = 300
LADDER = [(ANY, ANY), (HUB, OFFICE), (SPOKE, OFFICE), (HUB, OFFICE)]


def run(rig):
    net.raise_box(rig.topology)
    net.sysctl(rig.node("box"), "net.ipv4.ip_forward", "1")
    branch = rig.charon("box", "stock-branch")
    branch.data.pop("policy")
    # with the patched library, since Debian's may not survive a double rekey
    branch.switch(mode="ResponderOnly", accepts=NOWHERE, quiet_auth=True)
    branch.start()
    ladder(rig, "ladder", LADDER)
    ladder(rig, "narrow-first", LADDER[1:] + LADDER[:1])
    branch.switch(accepts=[ANY])
    matrix(rig)
    subset(rig, branch)
    orphan(rig, branch)


def proposed(rig):
    """The selectors that the gateway has proposed, in order: (Azure's, the office's)."""
    log = rig.gateway.log()
    ours = re.findall(r"proposing traffic selectors for us:\s*\n[^\n]* (\S+)$", log, re.MULTILINE)
    theirs = re.findall(r"proposing traffic selectors for other:\s*\n[^\n]* (\S+)$", log, re.MULTILINE)
    return list(zip(ours, theirs))


def ladder(rig, kind, wanted):
    with rig.point("4.1", f"after TS_UNACCEPTABLE the next rung of '{kind}'",
                   switch=f"selectors={kind}", how=azure.VICI):
        rig.gateway.switch(selectors=kind)
        n_before = len(proposed(rig))
        rig.gateway.start()
        rig.sleep(4)  # less than the pause until it begins again
        rig.expect("selectors proposed", proposed(rig)[n_before:][:len(wanted)], "==", wanted)
        rig.expect("refusals", rig.gateway.count_log("TS_UNACCEPTABLE") > 0, "==", True)
        rig.gateway.stop()


def matrix(rig):
    with rig.point("4.2", "the matrix first, when policy-based selectors are used",
                   switch="selectors=narrow-first", how=azure.VICI):
        rig.gateway.start()
        rig.sleep(5)
        log = rig.gateway.log()
        for prefix in (HUB, SPOKE):
            rig.expect(f"child SAs for {prefix}",
                       len(re.findall(rf"established with SPIs .* TS {prefix} === {OFFICE}", log)), ">=",
                       1)
        flow = rig.ping("vnet", "office")
        rig.sleep(3)
        sent, answered = flow.stop()
        rig.expect("pings answered", answered, "==", sent)
        rig.gateway.stop()


def subset(rig, branch):
    with rig.point("4.3", "accepts whatever a peer proposes", switch="accepts", how=azure.STOCK):
        rig.gateway.switch(mode="ResponderOnly")
        rig.gateway.start()
        branch.stop()
        branch.switch(mode="InitiatorOnly", selectors="narrow-first", azure_prefixes=["192.168.70.0/25"],
                      hub_prefixes=["192.168.70.128/25"], peer_prefixes=["10.50.1.0/24"])
        branch.start()
        rig.sleep(5)
        for prefix in ("192.168.70.0/25", "192.168.70.128/25"):
            rig.expect(f"child SAs for {prefix}", rig.gateway.count_log(
                f"TS 10.50.1.0/24 === {prefix}"), ">=", 1)
        flow = rig.ping("vnet", "office")
        rig.sleep(3)
        sent, answered = flow.stop()
        rig.expect("pings answered", answered, "==", sent)


def orphan(rig, branch):
    with rig.point("6.4", "deletes the orphan of a double rekey 300 s later, if it is still there",
                   switch="double_rekey_s", how=azure.PATCH):
        branch.stop()
        branch.switch(selectors="wide")
        branch.start()
        rig.sleep(5)
        rig.gateway.switch(double_rekey_s=ORPHAN_S)
        flow = rig.ping("vnet", "office")
        rig.gateway.rekey("child")
        rig.sleep(ORPHAN_S - 10)
        rig.expect("SAs with the orphan", len(xfrm.states(branch.node)), "==", 4)
        rig.sleep(20)
        rig.expect("SAs without it", len(xfrm.states(branch.node)), "==", 2)
        sent, answered = flow.stop()
        rig.expect("pings answered", answered, "==", sent)
