"""Point 6 of what a simulator must reproduce: what goes away, and what the network does to packets.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import socket
import threading

from hil.guest import azure, net, pcap, ping, road

CASE = {
    "title": "Azure deletes, fails over, drops unordered fragments, loses one size of packet",
    "topologies": ["road"],
    "gateway": "azure",
    "azure_json": "default",
    "patched_charon": True,
}
# 4.1: planned 10 to 15 s, unplanned 60 to 90 s
FAILOVERS_S = (12, 75)
BACK_S = 5
BLACK_HOLE_BYTES = 1423
HEADERS_BYTES = 28      # IPv4 and ICMP
MORE_FRAGMENTS = 0x2000
TRANSFER_BYTES = 1 << 20


def run(rig):
    rig.gateway.switch(drops_unordered_fragments=True, black_hole_bytes=BLACK_HOLE_BYTES)
    rig.gateway.start()
    rig.box.start()
    road.come_up(rig)
    rig.sleep(5)
    fragments(rig)
    black_hole(rig)
    deletes(rig)
    for failover_s in FAILOVERS_S:
        fail_over(rig, failover_s)


def fragments(rig):
    with rig.point("6.9", "drops ESP fragments that come before the first of their packet",
                   switch="drops_unordered_fragments", how=azure.STOCK):
        first = (8 * b"ESP of nobody ..", MORE_FRAGMENTS)
        last = (b"the rest", 8 * 16 // 8)
        for ident, pieces, n_wanted in ((1, (first, last), 0), (2, (last, first), 1)):
            before = azure.dropped(rig, "netdev azure")
            send_fragments(rig, ident, pieces)
            rig.expect("fragments dropped", azure.dropped(rig, "netdev azure") - before, "==", n_wanted)
        reorder(rig, "delay", "20ms", "reorder", "50%")
        before, began = azure.dropped(rig, "netdev azure"), rig.now()
        large_pings(rig, 1)  # the host learns the MTU of the path
        sent, answered = large_pings(rig, 10)
        reorder(rig, "delay", "5ms")
        rig.expect("pings of 1,500 bytes answered on a line that reorders", answered, "==", sent)
        rig.expect("fragments dropped", azure.dropped(rig, "netdev azure") - before, "==", 0)
        rig.expect("fragments of ESP from the box", esp_fragments(rig, began), "==", 0)


def large_pings(rig, seconds):
    """Pings of 1,500 bytes from the office; returns (sent, answered)."""
    flow = ping.Flow(rig.node("office"), rig.address("vnet"), 100, payload_bytes=1500 - HEADERS_BYTES)
    rig.sleep(seconds)
    return flow.stop()


def send_fragments(rig, ident, pieces):
    with net.inside(rig.node("internet")):
        sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for payload, fragment in pieces:
        data = rig.gateway.data
        sender.sendto(azure.ip_packet(data["peer"], data["id"], 50, payload, ident, fragment),
                      (data["id"], 0))
        rig.sleep(0.1)
    sender.close()


def reorder(rig, *options):
    """Azure's link with further netem options for what goes there."""
    net.run(rig.node("internet"), "tc", "qdisc", "change", "dev", "to-azure", "root", "netem", *options)


def esp_fragments(rig, since_s):
    n_found = 0
    for packet in pcap.read(rig.captures["wan"].path.read_bytes()):
        datagram = pcap.parse_ip(packet.frame)
        n_found += bool(packet.time_s >= since_s and datagram and datagram.fragment
                        and datagram.protocol == pcap.PROTOCOL_ESP
                        and str(datagram.source) == rig.gateway.data["peer"])
    return n_found


def black_hole(rig):
    with rig.point("6.10", f"inner packets of {BLACK_HOLE_BYTES} bytes from Azure vanish",
                   switch="black_hole_bytes", how=azure.STOCK):
        for size, is_answered in ((BLACK_HOLE_BYTES - 1, True), (BLACK_HOLE_BYTES, False)):
            flow = ping.Flow(rig.node("vnet"), rig.address("office"), 100,
                             payload_bytes=size - HEADERS_BYTES)
            rig.sleep(2)
            sent, answered = flow.stop()
            rig.expect(f"pings of {size} bytes answered", answered, "==", sent if is_answered else 0)
        rig.expect("bytes of a TCP connection that arrive", transfer(rig), "==", TRANSFER_BYTES)


def transfer(rig, limit_s=20):
    """Sends TRANSFER_BYTES from the virtual network to the office; returns how many arrive."""
    with net.inside(rig.node("office")):
        server = socket.create_server((rig.address("office"), 8080))
    server.settimeout(limit_s)
    with net.inside(rig.node("vnet")):
        client = socket.socket()
    sender = threading.Thread(target=send_all, args=(client, rig.address("office"), limit_s))
    sender.start()
    connection, _ = server.accept()
    connection.settimeout(limit_s)
    n_bytes = 0
    while part := connection.recv(65536):
        n_bytes += len(part)
    sender.join()
    connection.close()
    server.close()
    return n_bytes


def send_all(client, address, limit_s):
    client.settimeout(limit_s)
    client.connect((address, 8080))
    client.sendall(bytes(TRANSFER_BYTES))
    client.close()


def deletes(rig):
    with rig.point("6.6", "deletes a child SA and does not rekey it", switch="child_end",
                   how=azure.STOCK):
        rig.gateway.switch(child_end="delete", child_rekey_percent=1, mode="ResponderOnly")
        rig.gateway.terminate()
        road.come_up(rig)
        before = rig.gateway.count_log("sending DELETE for ESP CHILD_SA")
        with road.interrupted(rig, BACK_S):
            rig.sleep(300)
        rig.expect("deletes", rig.gateway.count_log("sending DELETE for ESP CHILD_SA") - before, ">=",
                   1)
        rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
    rig.gateway.switch(child_end="rekey", child_rekey_percent=95)
    for mode in ("ResponderOnly", "Default"):
        with rig.point("6.7", f"deletes the IKE SA, mode {mode}", switch="terminate()",
                       how=azure.STOCK):
            rig.gateway.switch(mode=mode)
            with road.interrupted(rig, BACK_S):
                rig.sleep(1)
                rig.gateway.terminate()
                rig.sleep(30)
            rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
    rig.sleep(120)
    rig.expect("SAs of the box", len(rig.box.sas()), "==", 2)


def fail_over(rig, failover_s):
    with rig.point("6.11", f"the other instance takes the address over after {failover_s} s",
                   switch=f"failover_s={failover_s}", how=azure.STOCK):
        rig.gateway.switch(failover_s=failover_s)
        with road.interrupted(rig, failover_s + BACK_S):
            rig.sleep(1)
            rig.gateway.fail_over()
            rig.sleep(30)
        rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
        rig.sleep(120)
        rig.expect("SAs of the box", len(rig.box.sas()), "==", 2)
        road.carry_both_ways(rig)
