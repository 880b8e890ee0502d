"""MTU and MSS (rows 12 and 14 of the users' asks): the tunnel's MTU follows the WAN's, the MSS is
clamped to what fits, and a narrower place further on only costs a moment.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net, road, tcp

CASE = {
    "title": "segments fit the path: by the WAN's MTU, and by what routers on the way say",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}

N_BYTES = 200000
# AES-GCM in UDP on 1,400 bytes of uplink (section 3 of the facts on Azure's gateway)
NARROW, INNER_OF_NARROW = 1400, 1338


def run(rig):
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    rig.expect("MTU of the tunnel on Ethernet", tunnel_mtu(rig), "==", 1400)
    expect_transfers(rig, 1350)
    set_mtu(rig, "wan", NARROW)
    rig.sleep(1)
    rig.expect("MTU of the tunnel on a narrow uplink", tunnel_mtu(rig), "==", INNER_OF_NARROW)
    expect_transfers(rig, INNER_OF_NARROW - 40)
    rig.tell("the way to Azure gets narrower still, where the box cannot see it")
    set_mtu(rig, "azure", 1300)
    expect_transfers(rig, INNER_OF_NARROW - 40)
    rig.tell("somebody sets the tunnel's MTU and takes its interface down")
    net.ip(rig.box.node, "link set ipsec1 mtu 1500", "link set ipsec1 down")
    rig.sleep(1)
    rig.expect("MTU of the tunnel", tunnel_mtu(rig), "==", INNER_OF_NARROW)
    expect_transfers(rig, INNER_OF_NARROW - 40)
    road.expect_nothing_clear(rig)


def tunnel_mtu(rig):
    words = net.run(rig.box.node, "ip", "-o", "link", "show", "ipsec1").split()
    return int(words[words.index("mtu") + 1])


def set_mtu(rig, name, mtu):
    link = next(link for link in rig.topology["links"] if link["name"] == name)
    for end in link["ends"]:
        net.ip(end["node"], f"link set {end['interface']} mtu {mtu}")


def expect_transfers(rig, mss):
    for source, target in (("office", "vnet"), ("vnet", "office")):
        done = tcp.transfer(rig.node(source), rig.node(target), rig.address(target), N_BYTES)
        rig.expect(f"bytes from {source} to {target}", done.received, "==", N_BYTES)
        rig.expect("MSS of the sender, less its options", done.mss_sender, "<=", mss)
