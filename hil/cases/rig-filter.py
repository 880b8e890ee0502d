"""The filter rule by rule: who may send what where, beside a tunnel that carries traffic.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import socket
import threading

from hil.guest import net, road

CASE = {
    "title": "spoofed, foreign and unlisted packets go nowhere, listed ones do, the MSS is clamped",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
}

OFFICE, VNET, GATEWAY = "192.168.70.10", "10.50.1.4", "198.51.100.10"
BOX_INSIDE, STRANGER = "192.168.70.1", "192.0.2.9"
MSS = 1350
SILENCE_S = 700    # conntrack forgets ESP after 600 s
UDP_SERVICES = {"dns": 53, "ntp": 123}    # those that a configuration may list
TCP_SERVICES = {"dns": 53, "https": 443}


def run(rig):
    rig.gateway.start()
    rig.box.start()
    road.come_up(rig)
    give_address(rig.node("internet"), STRANGER)
    from_the_wan(rig)
    to_the_wan(rig)
    around_the_lan(rig)
    through_the_tunnel(rig)
    segments(rig)
    without_routes(rig)


def counter(rig, name):
    """Packets that the filter dropped for one reason."""
    listed = net.run(rig.box.node, "nft", "-j", "list", "counter", "inet", "fairlead", name)
    return next(entry["counter"]["packets"] for entry in json.loads(listed)["nftables"]
                if "counter" in entry)


def give_address(node, address):
    net.ip(node, f"addr add {address}/32 dev lo")


def take_address(node, address):
    net.ip(node, f"addr del {address}/32 dev lo")


def answers(node, source, target, n=3):
    """How many of `n` pings from one address of a node are answered."""
    out = net.run(node, "ping", "-c", str(n), "-i", "0.2", "-W", "1", "-I", source, target,
                  is_checked=False)
    return out.count("icmp_seq=") if " 0 received" not in out else 0


def may_send(node, target, port, source_port=0):
    """Whether a datagram gets past the filter's output side (its sender is told)."""
    with net.inside(node), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sender.bind(("", source_port))
            sender.sendto(b"x", (target, port))
            return True
        except PermissionError:
            return False


def reaches(node, target, port):
    """Whether a TCP port is reached: nobody listens, so the answer is a refusal."""
    with net.inside(node), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller:
        caller.settimeout(2)
        try:
            caller.connect((target, port))
            return True
        except ConnectionRefusedError:
            return True
        except (TimeoutError, PermissionError):
            return False


def send_spoilt(node, target):
    """A TCP header without a checksum: no connection's, as conntrack sees it."""
    with net.inside(node), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.sendto(bytes([0, 9, 0, 9] + [0] * 8 + [0x50, 0x10] + [0] * 6), (target, 0))


def from_the_wan(rig):
    """What claims to be inside, and what nobody asked for."""
    neighbour = net.run(rig.box.node, "ip", "route", "show", "default").split()[2]
    node = rig.node("nat" if "nat" in rig.topology["nodes"] else "internet")
    wan = net.run(rig.box.node, "ip", "-4", "-o", "addr", "show", "wan0").split()[3].split("/")[0]
    net.ip(node, f"route replace 192.168.70.0/24 via {wan}")
    for source in (VNET, "192.168.70.99"):
        before = counter(rig, "wan_spoofed")
        give_address(node, source)
        rig.expect(f"answers to {source} by the WAN", answers(node, source, OFFICE), "==", 0)
        take_address(node, source)
        rig.expect(f"dropped as spoofed, {source}", counter(rig, "wan_spoofed") - before, "==", 3)
    before = counter(rig, "forward_denied")
    rig.expect("answers of the office to the WAN", answers(node, neighbour, OFFICE), "==", 0)
    rig.expect("dropped on their way inwards", counter(rig, "forward_denied") - before, "==", 3)
    before = counter(rig, "input_denied")
    rig.expect("answers of the box to the WAN", answers(node, neighbour, wan), "==", 0)
    may_send(node, wan, 500, 0)
    rig.expect("dropped before the box", counter(rig, "input_denied") - before, "==", 4)
    net.ip(node, "route del 192.168.70.0/24")


def to_the_wan(rig):
    """The box's own packets: listed services and IKE to its gateways, nothing else."""
    box = rig.box.node
    with open("/etc/fairlead/config.json", encoding="utf-8") as file:
        listed = json.load(file)["wan"]["services"]
    for name, port in UDP_SERVICES.items():
        rig.expect(f"{name} may leave, UDP", may_send(box, STRANGER, port), "==", name in listed)
    for name, port in TCP_SERVICES.items():
        rig.expect(f"{name} is answered, TCP", reaches(box, STRANGER, port), "==", name in listed)
    rig.expect("another service to the WAN", may_send(box, STRANGER, 9999), "==", False)
    rig.expect("IKE to a stranger", may_send(box, STRANGER, 500), "==", False)
    for port in (500, 4500):
        rig.expect(f"from a port of its own to the gateway's {port}", may_send(box, GATEWAY, port),
                   "==", False)
    rig.expect("ping to the WAN", answers(box, "wan0", STRANGER), "==", 0)


def around_the_lan(rig):
    """What the box serves, and itself."""
    office, box = rig.node("office"), rig.box.node
    rig.expect("answers, office to the box", answers(office, OFFICE, BOX_INSIDE), "==", 3)
    rig.expect("answers, box to the office", answers(box, BOX_INSIDE, OFFICE), "==", 3)
    for port, is_served in ((22, True), (53, True), (9999, False)):
        rig.expect(f"office reaches port {port} of the box", reaches(office, BOX_INSIDE, port), "==",
                   is_served)
    rig.expect("the box reaches itself", reaches(box, "127.0.0.1", 9999), "==", True)
    for target in (BOX_INSIDE, VNET):
        before = counter(rig, "invalid")
        send_spoilt(office, target)
        rig.expect(f"dropped as invalid on its way to {target}", counter(rig, "invalid") - before,
                   "==", 1)


def through_the_tunnel(rig):
    """Office to Azure and back, and nobody else."""
    office, gateway = rig.node("office"), rig.node("gateway")
    rig.expect("answers, office to Azure", answers(office, OFFICE, VNET), "==", 3)
    rig.expect("answers, box to Azure", answers(rig.box.node, BOX_INSIDE, VNET), "==", 3)
    rig.expect("answers, Azure to the box", answers(rig.node("vnet"), VNET, BOX_INSIDE), "==", 3)
    rig.expect("answers, box to Azure by its WAN address", answers(rig.box.node, "wan0", VNET),
               "==", 0)
    rig.sleep(SILENCE_S)
    rig.expect("answers, Azure to office after a long silence",
               answers(rig.node("vnet"), VNET, OFFICE), "==", 3)
    give_address(office, "172.16.5.5")
    rig.expect("answers, a foreign host of the LAN", answers(office, "172.16.5.5", VNET), "==", 0)
    take_address(office, "172.16.5.5")
    give_address(gateway, STRANGER)
    before = counter(rig, "forward_denied")
    rig.expect("answers, a stranger by the tunnel", answers(gateway, STRANGER, OFFICE), "==", 0)
    rig.expect("dropped behind the tunnel", counter(rig, "forward_denied") - before, "==", 3)
    take_address(gateway, STRANGER)


def segments(rig):
    """Both ends of a TCP connection are told of segments that fit."""
    with net.inside(rig.node("vnet")):
        server = socket.create_server((VNET, 8080))
    accepted = []
    thread = threading.Thread(target=lambda: accepted.append(server.accept()[0]))
    thread.start()
    with net.inside(rig.node("office")):
        client = socket.create_connection((VNET, 8080), 10)
    thread.join()
    for name, end in (("office", client), ("Azure", accepted[0])):
        size = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        rig.expect(f"segment size of {name}'s end", size, "<=", MSS)
        rig.expect(f"segment size of {name}'s end", size, ">=", MSS - 12)    # with timestamps
        end.close()
    server.close()


def without_routes(rig):
    """Nothing but the filter keeps a listed service away from Azure's prefixes."""
    saved = net.run(rig.box.node, "nft", "list", "ruleset")
    rig.box.take_rules_away()
    net.run(rig.box.node, "nft", "-f", "-", text=saved)
    before = counter(rig, "wan_leak")
    rig.expect("dns to Azure's prefixes in clear", may_send(rig.box.node, VNET, 53), "==", False)
    rig.expect("dropped as a leak", counter(rig, "wan_leak") - before, "==", 1)
