"""Reads and writes the clear part of IKEv2 (RFC 7296 section 3): headers, and IKE_SA_INIT whole.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import struct

from hil.guest import pcap

IKE_PORTS = (500, 4500)
EXCHANGES = {34: "IKE_SA_INIT", 35: "IKE_AUTH", 36: "CREATE_CHILD_SA", 37: "INFORMATIONAL"}
FLAG_INITIATOR, FLAG_RESPONSE = 0x08, 0x20
SA, KE, NONCE, NOTIFY, VENDOR_ID = 33, 34, 40, 41, 43
PAYLOADS = {SA: "SA", KE: "KE", 38: "CERTREQ", NONCE: "No", NOTIFY: "N", VENDOR_ID: "V", 46: "SK",
            53: "SKF"}
NOTIFIES = {
    14: "NO_PROP", 17: "INVAL_KE", 16388: "NATD_S_IP", 16389: "NATD_D_IP", 16404: "MULT_AUTH",
    16406: "REDIR_SUP", 16418: "CHDLESS_SUP", 16430: "FRAG_SUP", 16431: "HASH_ALG",
}
INVALID_KE = 17
ENCR, PRF, INTEG, GROUP = 1, 2, 3, 4
KEY_LENGTH = 14 | 0x8000
# Bytes of the public value of each group that a probe can offer.
PUBLIC_BYTES = {2: 128, 14: 256, 19: 64, 20: 96, 24: 256}

Header = collections.namedtuple("Header", "spi_i spi_r next name flags id length")
Header.is_request = property(lambda self: not self.flags & FLAG_RESPONSE)
Message = collections.namedtuple("Message", "header payloads size")  # payloads: (type, body)


def header_of(datagram):
    """The IKE header in a pcap.Datagram, None when it carries none."""
    data = _ike_bytes(datagram)
    if data is None or len(data) < 28:
        return None
    spi_i, spi_r, following, _, exchange, flags, ident, length = struct.unpack_from(
        "!8s8sBBBBII", data)
    return Header(spi_i, spi_r, following, EXCHANGES.get(exchange, str(exchange)), flags, ident,
                  length)


def _ike_bytes(datagram):
    if datagram.protocol != pcap.PROTOCOL_UDP or datagram.offset or len(datagram.payload) < 8:
        return None
    ports = struct.unpack_from("!HH", datagram.payload)
    if not set(ports) & set(IKE_PORTS):
        return None
    data = datagram.payload[8:]
    if 4500 in ports:
        return data[4:] if data[:4] == bytes(4) else None
    return data


def messages(data, since_s=0.0):
    """The IKE messages in a capture's bytes, as (time, source, Message)."""
    for packet in pcap.read(data):
        try:
            datagram = pcap.parse_ip(packet.frame)
        except ValueError:
            continue
        if datagram and packet.time_s >= since_s and header_of(datagram):
            yield packet.time_s, str(datagram.source), parse(_ike_bytes(datagram))


def parse(data):
    """Parses a message; the payloads of an encrypted one are the encrypted one alone."""
    spi_i, spi_r, following, _, exchange, flags, ident, length = struct.unpack_from(
        "!8s8sBBBBII", data)
    header = Header(spi_i, spi_r, following, EXCHANGES.get(exchange, str(exchange)), flags, ident,
                    length)
    payloads, at = [], 28
    while following and at + 4 <= len(data):
        kind = following
        following, _, size = struct.unpack_from("!BBH", data, at)
        payloads.append((kind, data[at + 4:at + size]))
        at += size
        if PAYLOADS.get(kind) in ("SK", "SKF") or size < 4:
            break
    return Message(header, payloads, len(data))


def words(message):
    """The payloads in words, as charon's log has them: SA KE No N(FRAG_SUP) V."""
    return " ".join(_word(kind, body) for kind, body in message.payloads)


def _word(kind, body):
    if kind != NOTIFY:
        return PAYLOADS.get(kind, str(kind))
    number, = struct.unpack_from("!H", body, 2)
    return f"N({NOTIFIES.get(number, number)})"


def vendor_ids(message):
    """The vendor IDs in hex, in their order."""
    return [body.hex() for kind, body in message.payloads if kind == VENDOR_ID]


def chosen(message):
    """The transforms of the only proposal of an answer, {type: (id, key length or None)}."""
    body = next(body for kind, body in message.payloads if kind == SA)
    _, _, _, _, _, spi_bytes, n_transforms = struct.unpack_from("!BBHBBBB", body)
    at, found = 8 + spi_bytes, {}
    for _ in range(n_transforms):
        _, _, size, kind, _, ident = struct.unpack_from("!BBHBBH", body, at)
        bits = struct.unpack_from("!HH", body, at + 8)[1] if size > 8 else None
        found[kind] = (ident, bits)
        at += size
    return found


def invalid_ke_group(message):
    """The group that an INVALID_KE_PAYLOAD asks for, None when there is none."""
    for kind, body in message.payloads:
        if kind == NOTIFY and struct.unpack_from("!H", body, 2)[0] == INVALID_KE:
            return struct.unpack_from("!H", body, 4)[0]
    return None


def sa_init(proposals, group, spi=b"rigprobe"):
    """The bytes of a request of IKE_SA_INIT with a KE payload for `group`.

    Each proposal is a list of transforms (type, id, key length or None). The public value is no
    point of any curve: it is for gateways that answer before they compute.
    """
    body = b"".join(_proposal(number, proposal, number == len(proposals))
                    for number, proposal in enumerate(proposals, 1))
    key = struct.pack("!HH", group, 0) + b"\x02" * PUBLIC_BYTES[group]
    payloads = _payload(KE, body) + _payload(NONCE, key) + _payload(0, bytes(range(32)))
    return struct.pack("!8s8sBBBBII", spi, bytes(8), SA, 0x20, 34, FLAG_INITIATOR, 0,
                       28 + len(payloads)) + payloads


def _payload(following, body):
    return struct.pack("!BBH", following, 0, 4 + len(body)) + body


def _proposal(number, transforms, is_last):
    data = b""
    for index, (kind, ident, bits) in enumerate(transforms, 1):
        attribute = struct.pack("!HH", KEY_LENGTH, bits) if bits else b""
        more = 0 if index == len(transforms) else 3
        data += struct.pack("!BBHBBH", more, 0, 8 + len(attribute), kind, 0, ident) + attribute
    return struct.pack("!BBHBBBB", 0 if is_last else 2, 0, 8 + len(data), number, 1, 0,
                       len(transforms)) + data
