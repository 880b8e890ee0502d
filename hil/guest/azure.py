"""Looks and probes that the azure-points cases share.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import re
import socket
import struct

from hil.guest import ike, net

# How each point is done, as hil/azure/gateway.py says.
STOCK, VICI, PATCH = "stock", "vici", "patch"

POLL_S = 0.5
ANSWER_S = 1.0
# Bytes of keys, SHA-1 and SHA-256 as transforms (RFC 7296 section 3.3.2): ENCR, PRF, INTEG.
CIPHERS = {"aes256": (12, 256), "aes128": (12, 128), "3des": (3, None)}
HASHES = {"sha1": (2, 2), "sha256": (5, 12), "sha384": (6, 13)}
GROUPS = {"modp1024": 2, "modp2048": 14, "ecp384": 20}
# strongSwan's words in a configuration, and those in its log.
LOGGED = {
    "aes256gcm16": "AES_GCM_16_256", "aes256": "AES_CBC_256", "aes128": "AES_CBC_128",
    "3des": "3DES_CBC", "des": "DES_CBC", "sha1": "HMAC_SHA1_96", "sha256": "HMAC_SHA2_256_128",
    "modp768": "MODP_768", "modp1024": "MODP_1024", "modp2048": "MODP_2048",
    "modp2048s256": "MODP_2048_256", "ecp384": "ECP_384",
}


def wait_log(rig, words, n_lines=1, limit_s=60, gateway=None):
    """Waits until the gateway's log has `n_lines` with these words; returns how many it has."""
    gateway, end = gateway or rig.gateway, rig.now() + limit_s
    while (n_found := gateway.count_log(words)) < n_lines and rig.now() < end:
        rig.sleep(POLL_S)
    return n_found


def messages(rig, since_s=0.0, name="IKE_SA_INIT"):
    """The IKE messages of an exchange at the gateway, as (time, is it the gateway's, Message)."""
    rig.sleep(POLL_S)
    own = rig.gateway.data["id"]
    data = rig.captures["azure"].path.read_bytes()
    return [(time_s, source == own, message) for time_s, source, message in ike.messages(data, since_s)
            if message.header.name == name]


def transforms(suite):
    """The transforms of a suite in strongSwan's words, aes256-sha1-modp1024."""
    cipher, digest, group = suite.split("-")
    prf, integrity = HASHES[digest]
    return [(ike.ENCR, *CIPHERS[cipher]), (ike.PRF, prf, None), (ike.INTEG, integrity, None),
            (ike.GROUP, GROUPS[group], None)]


class Prober:
    """Sends requests of IKE_SA_INIT in the office's name, from a router on the way."""

    _n_sent = 0  # by all probers: an SPI that comes again is a retransmission

    def __init__(self, rig):
        self._rig = rig
        self._source, self._target = rig.gateway.data["peer"], rig.gateway.data["id"]
        with net.inside(rig.node("internet")):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def ask(self, suites, group):
        """Offers suites with a KE for `group`; returns the answer as an ike.Message, or None."""
        Prober._n_sent += 1
        spi = b"probe%03d" % Prober._n_sent
        request = ike.sa_init([transforms(suite) for suite in suites], GROUPS[group], spi)
        began = self._rig.now()
        self._socket.sendto(self._packet(request), (self._target, 0))
        self._rig.sleep(ANSWER_S)
        return next((message for _, is_own, message in messages(self._rig, began)
                     if is_own and message.header.spi_i == spi), None)

    def close(self):
        """Ends it."""
        self._socket.close()

    def _packet(self, data):
        datagram = struct.pack("!HHHH", 500, 500, 8 + len(data), 0) + data
        return ip_packet(self._source, self._target, 17, datagram)


def ip_packet(source, target, protocol, payload, ident=0, fragment=0):
    """An IPv4 packet whose checksum the kernel fills in; `fragment` is flags and offset."""
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, fragment, 64, protocol,
                       0, ipaddress.ip_address(source).packed,
                       ipaddress.ip_address(target).packed) + payload


def configured_proposals(log, kind):
    """The lists of proposals of a kind, "IKE" or "ESP", that charon's log has, without repeats."""
    found = re.findall(rf"configured proposals: ({kind}:.*)$", log, flags=re.MULTILINE)
    return list(dict.fromkeys(found))


def logged(proposals):
    """The ESP proposals as charon logs them, without ESN."""
    return ", ".join("/".join(["ESP:" + LOGGED[words[0]], *(LOGGED[word] for word in words[1:]),
                               "NO_EXT_SEQ"])
                     for words in (proposal.split("-") for proposal in proposals))


def dropped(rig, table):
    """How many packets the counters of a table of the gateway's network have seen."""
    family, name = table.split()
    text = net.run(rig.gateway.node, "nft", "list", "table", family, name)
    return sum(int(number) for number in re.findall(r"counter packets (\d+)", text))
