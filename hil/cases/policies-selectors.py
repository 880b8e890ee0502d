"""usePolicyBasedTrafficSelectors: three prefixes of the office with three of Azure's, nine child SAs;
opened by the box, by Azure down its ladder, by both; rekeyed by either; no packet lost.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib

from hil.guest import net, policies, road

CASE = {
    "title": "a matrix of nine child SAs, in both roles and rekeyed by both; Azure's ladder of offers",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["fairlead-fleet"],
    "limit_s": 600,
}
OFFICE = {"192.168.70.0/26": "192.168.70.10", "192.168.70.64/26": "192.168.70.74",
          "192.168.70.128/26": "192.168.70.138"}
AZURE = {"10.50.1.0/24": "10.50.1.4", "10.50.2.0/24": "10.50.2.4", "10.50.3.0/24": "10.50.3.4"}
POLICY = {"saLifeTimeSeconds": 300, "saDataSizeKilobytes": 102400000,
          "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256",
          "ikeEncryption": "AES256", "ikeIntegrity": "SHA384",
          "dhGroup": "ECP384", "pfsGroup": "ECP384"}
MODES = (("ResponderOnly", "wide"), ("InitiatorOnly", "ladder"),
         ("InitiatorOnly", "narrow-first"), ("Default", "ladder"))
N = len(OFFICE) * len(AZURE)
EVERY_MS = 1000


def run(rig):
    add_hosts(rig)
    rig.box.start()
    is_nat = any(node["role"] == "nat" for node in rig.topology["nodes"].values())
    for mode, ladder in MODES:
        if is_nat and mode == "InitiatorOnly":
            continue  # nobody can begin with a box behind NAT
        rig.tell(f"connectionMode {mode}, Azure proposes: {ladder}")
        open_all(rig, mode, ladder, is_ours=mode == "ResponderOnly")
    rig.tell("what is in no pair stays in the office")
    flow = rig.ping("office", "10.50.4.4", EVERY_MS)
    rig.sleep(2)
    rig.expect("pings answered from outside the matrix", flow.stop()[1], "==", 0)
    road.expect_nothing_clear(rig)


def add_hosts(rig):
    office, vnet = rig.node("office"), rig.node("vnet")
    net.ip(office, *[f"addr replace {host}/24 dev eth0" for host in OFFICE.values()])
    net.ip(vnet, *[f"addr replace {host}/32 dev eth0" for host in list(AZURE.values())[1:]],
           "addr replace 10.50.4.4/32 dev eth0")
    net.ip(rig.gateway.node, *[f"route replace {net_} via {AZURE['10.50.1.0/24']}"
                               for net_ in ("10.50.2.0/24", "10.50.3.0/24", "10.50.4.0/24")])


def open_all(rig, mode, ladder, is_ours):
    """All pairs come up and are rekeyed by Azure; with `is_ours`, by us, too."""
    policies.reconfigure(
        rig, "custom", connectionMode=mode, ipsecPolicies=[POLICY],
        usePolicyBasedTrafficSelectors=True, trafficSelectorPolicies=[
            {"localAddressRanges": list(AZURE), "remoteAddressRanges": list(OFFICE)}])
    policies.begin_anew(rig, policy=POLICY, mode=mode, selectors=ladder, retry_s=5,
                        azure_prefixes=list(AZURE), hub_prefixes=list(AZURE)[:1],
                        peer_prefixes=list(OFFICE))
    rig.expect("child SAs", policies.wait_children(rig, N).get("children"), "==", N)
    with all_pairs(rig):
        rig.sleep(3)
        rig.gateway.rekey("child")
        rig.sleep(policies.AFTER_OUR_REKEY_S if is_ours else 3)
    rig.expect("child SAs later", policies.wait_children(rig, N).get("children"), "==", N)


@contextlib.contextmanager
def all_pairs(rig):
    """Pings from each prefix of the office to each of Azure's; none is lost."""
    flows = []
    for source in OFFICE.values():
        net.ip(rig.node("office"), f"route replace default via 192.168.70.1 src {source}")
        flows += [rig.ping("office", host, EVERY_MS) for host in AZURE.values()]
        rig.sleep(0.1)
    yield
    lost = sum(sent - answered for sent, answered in (flow.stop() for flow in flows))
    rig.expect("pings lost in all pairs", lost, "==", 0)
    road.expect_nothing_clear(rig)
