"""IKE fragmentation: a request that does not fit a WAN link of 576 bytes leaves in fragments of IKE's
own (RFC 7383) and not of IP's, which Azure's fabric and many routers drop.

With a shared key no IKE_AUTH is that large; a child rekey with a long list of suites is.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json

from hil.azure import policies as azure_policies
from hil.guest import net, pcap, policies, rig as rigs, road

CASE = {
    "title": "a large request over a link of 576 bytes: fragments of IKE, none of IP",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}
MTU = 576
N_SUITES = 32  # as many as a configuration may have; each takes some 50 bytes of a child rekey


def run(rig):
    rig.box.start()
    for link in rig.topology["links"]:
        if link["name"] == "wan":
            for end in link["ends"]:
                net.ip(end["node"], f"link set {end['interface']} mtu {MTU}")
    config = json.loads((rigs.JOB / "config/config.json").read_text(encoding="utf-8"))
    suites = config["tunnels"][0]["esp"]["suites"]
    suites += [suite for suite in azure_policies.suites("esp")
               if suite not in suites][:N_SUITES - len(suites)]
    config["tunnels"][0]["esp"]["life_s"] = 300
    policies.take(rig, json.dumps(config))
    rig.gateway.start()
    rig.expect("child SAs", policies.wait_children(rig, 1).get("children"), "==", 1)
    rig.sleep(policies.AFTER_OUR_REKEY_S)
    rig.expect("fragments of IKE that the gateway got",
               rig.gateway.log().count("received fragment #"), ">=", 3)
    rig.expect("ESP suite after the rekey", rig.box.tunnel().get("esp_suite"), "==",
               "aes256gcm16-ecp384")
    rig.expect("fragments of IP that IKE was cut into", ip_fragments(rig), "==", 0)
    rig.expect("pings lost", policies.lost(rig), "==", 0)
    road.expect_nothing_clear(rig)


def ip_fragments(rig):
    datagrams = (pcap.parse_ip(packet.frame)
                 for packet in pcap.read(rig.captures["wan"].path.read_bytes()))
    return sum(datagram.fragment is not None for datagram in datagrams if datagram)
