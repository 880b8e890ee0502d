"""Combinations that are refused: by the importer, by the box's reader, and no packet is sent.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import subprocess

from hil.guest import net, policies, rig as rigs

CASE = {
    "title": "ESP without encryption, DES and halves that do not match are refused, and nothing is sent",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["fairlead-fleet"],
}
POLICY = {"saLifeTimeSeconds": 27000, "saDataSizeKilobytes": 102400000,
          "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256",
          "ikeEncryption": "AES256", "ikeIntegrity": "SHA384",
          "dhGroup": "ECP384", "pfsGroup": "ECP384"}
# what is changed in Azure's policy, and words of the importer's finding
POLICIES = (
    ({"ipsecEncryption": "None", "ipsecIntegrity": "SHA256"}, "ESP without encryption"),
    ({"ipsecEncryption": "DES", "ipsecIntegrity": "SHA256"}, "DES is broken"),
    ({"ikeEncryption": "DES"}, "DES is broken"),
    ({"ipsecIntegrity": "SHA256"}, "both must be the same"),
    ({"ipsecEncryption": "AES256"}, "both must be the same"),
    ({"ipsecIntegrity": "GCMAES128"}, "both must be the same"),
    ({"ikeIntegrity": "GCMAES256"}, "does not go with this ikeEncryption"),
    ({"dhGroup": "None"}, "cannot do without a key exchange"),
    ({"ikeEncryption": "AES512"}, "none of Azure's words"),
    ({"saLifeTimeSeconds": 299}, "300 to 172799"),
    ({"saDataSizeKilobytes": 1023}, "1024 to"),
)
# which half, a suite that a hand might write, and words of the reader's error
SUITES = (
    ("esp", "null-sha256", "ESP without one is refused"),
    ("esp", "none", "ESP without one is refused"),
    ("esp", "des-sha1", "DES has keys of 56 bit"),
    ("esp", "aes256gcm16-sha256", "no integrity beside AES-GCM"),
    ("esp", "aes256", "an integrity with this encryption"),
    ("ike", "des-sha1-modp1024", "DES has keys of 56 bit"),
    ("ike", "aes256gcm16-ecp384", "a PRF with AES-GCM"),
    ("ike", "aes256-sha384", "a key exchange in IKE"),
)
READERS = ("fairlead-netd", "fairlead-xfrmd", "fairlead-iked")


def run(rig):
    rig.gateway.start()
    good = json.loads((rigs.JOB / "config/config.json").read_text(encoding="utf-8"))
    rig.box.install()
    for change, words in POLICIES:
        status, findings = policies.import_site("custom", ipsecPolicies=[{**POLICY, **change}])
        rig.expect(f"the importer on {change}: status, reason", (status, words in findings), "==",
                   (1, True))
        rig.expect("files written", (policies.WORK / "out").exists(), "==", False)
    for half, suite, words in SUITES:
        good["tunnels"][0][half]["suites"] = [suite]
        (rigs.JOB / "config/config.json").write_text(json.dumps(good), encoding="utf-8")
        said = boot(rig)
        rig.expect(f"readers that refuse {suite} in {half}, with the reason",
                   [name for name in READERS if words in said[name]], "==", list(READERS))
    rig.expect("packets of any kind on the WAN", sum(
        value for value in rig.count().values() if isinstance(value, int)), "==", 0)


def boot(rig):
    """The box starts with what is in the job's configuration; what its programs say, by name."""
    flow = rig.ping("office", "vnet")
    rig.box.install()
    try:
        rig.box.start()
        rig.expect("the box starts", True, "==", False)
    except RuntimeError:
        pass  # netd does not come up, so that the links stay down
    said = {}
    for name in READERS:
        with net.inside(rig.box.node):
            said[name] = subprocess.run([name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, timeout=30, check=False).stdout
    rig.box.stop()
    flow.stop()
    return said
