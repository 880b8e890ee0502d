"""Reads captures and sorts packets into the classes that the cases count. Pure functions.

A clear packet is any IP packet that is neither ESP, IKE (UDP 500 and 4500), an ICMP error of a router
that quotes one of these, nor of a listed service of the box. ESP in UDP 4500 is told from IKE by the marker of RFC 3948 section 2.2; what cannot be
told is clear, so that a doubt counts against us.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import ipaddress
import struct

LINKTYPE_ETHERNET = 1
ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86dd
PROTOCOL_ICMP, PROTOCOL_UDP, PROTOCOL_ESP = 1, 17, 50
ICMP_ERRORS = {3, 11, 12}  # unreachable, time exceeded, parameter problem
PORT_IKE, PORT_NAT_T = 500, 4500
# Extension headers of IPv6 that may precede the payload (RFC 8200 section 4).
IPV6_EXTENSIONS = {0, 43, 60}
IPV6_FRAGMENT = 44

CLASSES = ("esp", "ike", "keepalive", "icmp_error", "service", "clear", "not_ip")

# Services of the box by the words of its configuration: (protocol, port).
SERVICES = {
    "dhcp": {(17, 67), (17, 68)}, "dns": {(17, 53), (6, 53)}, "ntp": {(17, 123)},
    "https": {(6, 443)},
}

Packet = collections.namedtuple("Packet", "time_s frame")
# An IP packet; `fragment` is its identity when it was cut into fragments, else None.
Datagram = collections.namedtuple("Datagram", "source target protocol offset fragment payload")


class PcapError(Exception):
    """A file that is not a capture as tcpdump writes it."""


def read(data):
    """Yields the packets of a capture file's bytes; a packet cut short at the end is left out."""
    if len(data) < 24:
        raise PcapError(f"{len(data)} bytes, wanted a header of 24")
    order = {0xa1b2c3d4: "<", 0xd4c3b2a1: ">"}.get(struct.unpack_from("<I", data)[0])
    if order is None:
        raise PcapError(f"starts with {data[:4].hex()}, wanted a pcap file with microseconds")
    linktype = struct.unpack_from(order + "I", data, 20)[0]
    if linktype != LINKTYPE_ETHERNET:
        raise PcapError(f"link type {linktype}, wanted Ethernet")
    at = 24
    while at + 16 <= len(data):
        seconds, microseconds, length, _ = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if at + length > len(data):
            return
        yield Packet(seconds + microseconds / 1e6, data[at:at + length])
        at += length


def parse_ip(frame):
    """The Datagram in an Ethernet frame, None for a frame without IP, ValueError when malformed."""
    if len(frame) < 14:
        raise ValueError("frame too short")
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == ETHERTYPE_IPV4:
        return _parse_ipv4(frame[14:])
    if ethertype == ETHERTYPE_IPV6:
        return _parse_ipv6(frame[14:])
    return None


def _parse_ipv4(data):
    if len(data) < 20 or data[0] >> 4 != 4:
        raise ValueError("not an IPv4 header")
    header_bytes = (data[0] & 15) * 4
    total, ident, flags = struct.unpack_from("!HHH", data, 2)
    protocol, source, target = data[9], data[12:16], data[16:20]
    offset = flags & 0x1fff
    is_fragment = offset or flags & 0x2000
    return Datagram(ipaddress.ip_address(source), ipaddress.ip_address(target), protocol, offset,
                    (source, target, protocol, ident) if is_fragment else None,
                    data[header_bytes:total])


def _parse_ipv6(data):
    if len(data) < 40 or data[0] >> 4 != 6:
        raise ValueError("not an IPv6 header")
    source, target = data[8:24], data[24:40]
    next_header, payload, offset, fragment = data[6], data[40:], 0, None
    while next_header in IPV6_EXTENSIONS or next_header == IPV6_FRAGMENT:
        if len(payload) < 8:
            raise ValueError("extension header cut short")
        if next_header == IPV6_FRAGMENT:
            offset = struct.unpack_from("!H", payload, 2)[0] >> 3
            fragment = (source, target, struct.unpack_from("!I", payload, 4)[0])
            length = 8
        else:
            length = 8 + payload[1] * 8
        next_header, payload = payload[0], payload[length:]
    return Datagram(ipaddress.ip_address(source), ipaddress.ip_address(target), next_header,
                    offset, fragment, payload)


class Sorter:
    """Sorts frames into CLASSES. Remembers first fragments, so that later ones follow them."""

    def __init__(self, services=()):
        self._ports = set().union(*(SERVICES[name] for name in services))
        self._fragments = {}

    def sort(self, frame):
        """The class of one frame."""
        try:
            datagram = parse_ip(frame)
        except ValueError:
            return "clear"
        if datagram is None:
            return "not_ip"
        if datagram.offset:
            return self._fragments.get(datagram.fragment, "clear")
        kind = self._sort_datagram(datagram)
        if datagram.fragment:
            self._fragments[datagram.fragment] = kind
        return kind

    def _sort_datagram(self, datagram):
        if datagram.protocol == PROTOCOL_ESP:
            return "esp"
        if datagram.protocol == PROTOCOL_ICMP:
            return self._sort_icmp(datagram.payload)
        if datagram.protocol not in (6, PROTOCOL_UDP) or len(datagram.payload) < 8:
            return "clear"
        ports = struct.unpack_from("!HH", datagram.payload)
        if datagram.protocol == PROTOCOL_UDP and PORT_NAT_T in ports:
            return _sort_nat_t(datagram.payload[8:])
        if datagram.protocol == PROTOCOL_UDP and PORT_IKE in ports:
            return "ike"
        if any((datagram.protocol, port) in self._ports for port in ports):
            return "service"
        return "clear"


    def _sort_icmp(self, data):
        if len(data) < 8 or data[0] not in ICMP_ERRORS:
            return "clear"
        try:
            quoted = _parse_ipv4(data[8:])
        except ValueError:
            return "clear"
        if quoted.protocol == PROTOCOL_ICMP:
            return "clear"
        return "icmp_error" if self._sort_datagram(quoted) in ("esp", "ike", "keepalive") else "clear"


def _sort_nat_t(data):
    if data == b"\xff":
        return "keepalive"
    if len(data) < 4:
        return "clear"
    return "ike" if data[:4] == bytes(4) else "esp"


def count(data, services=(), since_s=0.0, until_s=float("inf")):
    """Counts a capture file's bytes by class, from `since_s` to `until_s` (Unix time).

    Returns a dict with every class of CLASSES and "examples", a list of at most five clear packets
    in words.
    """
    sorter = Sorter(services)
    counts = dict.fromkeys(CLASSES, 0)
    examples = []
    for packet in read(data):
        kind = sorter.sort(packet.frame)
        if not since_s <= packet.time_s < until_s:
            continue
        counts[kind] += 1
        if kind == "clear" and len(examples) < 5:
            examples.append(describe(packet.frame))
    return {**counts, "examples": examples}


def describe(frame):
    """One packet in words, for a message."""
    try:
        datagram = parse_ip(frame)
    except ValueError as error:
        return f"{frame[:20].hex()} ({error})"
    text = f"{datagram.source} -> {datagram.target} protocol {datagram.protocol}"
    if datagram.protocol in (6, PROTOCOL_UDP) and len(datagram.payload) >= 4:
        text += " ports {} -> {}".format(*struct.unpack_from("!HH", datagram.payload))
    return f"{text}, {len(datagram.payload)} bytes"
