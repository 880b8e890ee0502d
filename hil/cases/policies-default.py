"""Azure's default policies: each IKE suite and each ESP offer of a gateway that has no other, both
sides beginning; its whole lists and Virtual WAN's; then AES-GCM as ikeIntegrity.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.azure import gateway
from hil.guest import policies, road

CASE = {
    "title": "every suite of Azure's default policy, Virtual WAN's defaults, GCM as ikeIntegrity",
    "topologies": ["road", "nat"],
    "gateway": "default",
    "azure_json": "default",
    "programs": ["fairlead-fleet"],
    "limit_s": 600,
}
LIVES = {"saLifeTimeSeconds": 27000, "saDataSizeKilobytes": 102400000}
IKE = [(cipher, digest) for cipher in ("AES256", "AES128", "DES3") for digest in ("SHA1", "SHA256")]
ESP = [("GCMAES256", "GCMAES256"), *IKE]
CUSTOM = {**LIVES, "ikeEncryption": "GCMAES256", "ikeIntegrity": "SHA384", "dhGroup": "ECP384",
          "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256", "pfsGroup": "ECP384"}


def run(rig):
    rig.box.start()
    rows = [one_suite(rig, *half) for half in zip(IKE + IKE[:1], ESP)]
    rows.append(lists(rig, "default", "vnet"))
    rows.append(lists(rig, "Virtual WAN", "vwan"))
    rows += [gcm_as_integrity(rig, digest) for digest in ("SHA384", "SHA256")]
    rig.record("policies", rows)
    road.expect_nothing_clear(rig)


def one_suite(rig, ike, esp):
    policy = {**LIVES, "ikeEncryption": ike[0], "ikeIntegrity": ike[1], "dhGroup": "DHGroup2",
              "ipsecEncryption": esp[0], "ipsecIntegrity": esp[1], "pfsGroup": "None"}
    policies.begin_anew(rig, policy=policy)
    return expect_suites(rig, "default", gateway.ike_proposals({"policy": policy})[0],
                         gateway.esp_proposals({"policy": policy}, True)[0])


def lists(rig, name, kind):
    rig.gateway.data.pop("policy", None)
    policies.begin_anew(rig, defaults=kind, mode="ResponderOnly")
    # the responder's order decides
    return expect_suites(rig, name, gateway.DEFAULTS[kind][0][0], gateway.DEFAULTS[kind][2][0])


def gcm_as_integrity(rig, digest):
    policies.reconfigure(rig, "custom", ipsecPolicies=[{**CUSTOM, "ikeIntegrity": "GCMAES256"}])
    policies.begin_anew(rig, policy={**CUSTOM, "ikeIntegrity": digest})
    return expect_suites(rig, "GCMAES256 as ikeIntegrity",
                         f"aes256gcm16-prf{digest.lower()}-ecp384", "aes256gcm16-ecp384")


def expect_suites(rig, pfs, ike, esp):
    """Up with these suites; traffic passes, also after the gateway has rekeyed the child."""
    tunnel = policies.wait_children(rig, 1)
    rig.gateway.rekey("child")
    rig.sleep(policies.SETTLE_S)
    seen = {"IKE": tunnel.get("ike_suite"), "ESP": rig.box.tunnel().get("esp_suite"),
            "pings lost": policies.lost(rig)}
    is_met = rig.expect(f"{pfs}: {ike} with {esp}", seen, "==",
                        {"IKE": ike, "ESP": esp, "pings lost": 0})
    return {"ike": ike, "esp": esp, "pfs": pfs, "result": "holds" if is_met else "fails"}
