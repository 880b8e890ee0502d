"""Tests of what reads and writes foreign bytes: IKE's first exchange, vici, Azure's diagnostic logs.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import unittest

from hil.azure import diagnostics
from hil.guest import azure, ike, pcap, vici

SUITES = ["aes256-sha1-modp1024", "3des-sha256-modp1024"]
# the SA payload of an answer: one proposal, ENCR AES-CBC 256, PRF, INTEG, group 2
ANSWER_SA = bytes.fromhex("0000002c01010004" "0300000c0100000c800e0100" "0300000802000002"
                          "0300000803000002" "0000000804000002")


def message(payloads):
    """An answer of IKE_SA_INIT with these payloads."""
    body, following = b"", 0
    for kind, data in reversed(payloads):
        body = bytes([following, 0]) + (4 + len(data)).to_bytes(2, "big") + data + body
        following = kind
    return (b"initiatrrespondr" + bytes([following, 0x20, 34, 0x20]) + bytes(4)
            + (28 + len(body)).to_bytes(4, "big") + body)


class IkeTest(unittest.TestCase):
    def test_a_request_is_read_as_it_was_written(self):
        data = ike.sa_init([azure.transforms(suite) for suite in SUITES], 2)
        parsed = ike.parse(data)
        self.assertEqual(ike.words(parsed), "SA KE No")
        self.assertEqual(parsed.header.length, len(data))
        self.assertEqual((parsed.header.name, parsed.header.is_request), ("IKE_SA_INIT", True))

    def test_what_was_chosen_is_read(self):
        parsed = ike.parse(message([(ike.SA, ANSWER_SA)]))
        self.assertEqual(ike.chosen(parsed), {1: (12, 256), 2: (2, None), 3: (2, None), 4: (2, None)})
        self.assertFalse(parsed.header.is_request)

    def test_invalid_ke_has_38_bytes_and_a_group(self):
        data = message([(ike.NOTIFY, bytes.fromhex("000000110002"))])
        self.assertEqual(len(data), 38)
        self.assertEqual(ike.invalid_ke_group(ike.parse(data)), 2)
        self.assertEqual(ike.words(ike.parse(data)), "N(INVAL_KE)")
        self.assertIsNone(ike.invalid_ke_group(ike.parse(message([(ike.SA, ANSWER_SA)]))))

    def test_payloads_after_an_encrypted_one_are_not_read(self):
        parsed = ike.parse(message([(46, b"secret")]))
        self.assertEqual(ike.words(parsed), "SK")

    def test_behind_the_marker_of_nat_t(self):
        payload = (4500).to_bytes(2, "big") * 2 + bytes(4)
        for marker, is_ike in ((bytes(4), True), (b"\x12\x34\x56\x78", False)):
            datagram = pcap.Datagram(None, None, 17, 0, None, payload + marker + message([]))
            self.assertEqual(ike.header_of(datagram) is not None, is_ike)


class ViciTest(unittest.TestCase):
    def test_a_message_is_read_as_it_was_written(self):
        tree = {"key": "value", "section": {"inner": {"n": "1"}, "empty": {}}, "list": ["a", "b"],
                "none": []}
        self.assertEqual(vici.unpack(vici.pack(tree)), tree)

    def test_the_readmes_example(self):
        tree = {"key1": "value1",
                "section1": {"sub-section": {"key2": "value2"}, "list1": ["item1", "item2"]}}
        self.assertEqual(vici.pack(tree), (
            b"\x03\x04key1\x00\x06value1" b"\x01\x08section1" b"\x01\x0bsub-section"
            b"\x03\x04key2\x00\x06value2" b"\x02" b"\x04\x05list1" b"\x05\x00\x05item1"
            b"\x05\x00\x05item2" b"\x06" b"\x02"))

    def test_foreign_bytes_are_refused(self):
        with self.assertRaises(vici.ViciError):
            vici.unpack(b"\x09\x01x")


LOG = """\
2026-01-01T00:00:07.100 05[NET] <7> received packet: from 203.0.113.7[500] to 198.51.100.10[500] (304 bytes)
2026-01-01T00:00:07.101 05[ENC] <7> parsed IKE_SA_INIT request 0 [ SA KE No ]
2026-01-01T00:00:07.102 05[ENC] <azure|7> generating IKE_SA_INIT response 0 [ SA KE No V V ]
2026-01-01T00:00:07.103 05[NET] <azure|7> sending packet: from 198.51.100.10[500] to 203.0.113.7[500] (312 bytes)
2026-01-01T00:00:07.104 06[IKE] <azure|7> tried 1 shared key for '%any' - '203.0.113.7', but MAC mismatched
2026-01-01T00:00:08.000 06[IKE] <azure|7> IKE_SA azure[7] established between 198.51.100.10[a]...203.0.113.7[b]
2026-01-01T00:00:09.000 06[IKE] <azure|7> received DELETE for IKE_SA azure[7]
a line of another kind
"""


class DiagnosticsTest(unittest.TestCase):
    SESSION = diagnostics.session_of("azure|7")

    def test_a_line_for_each_message(self):
        head = (f"SESSION_ID :{{{self.SESSION}}} Remote 203.0.113.7:500: "
                "Local 198.51.100.10:500: ")
        self.assertEqual(list(diagnostics.messages(LOG)), [
            head + "[RECEIVED][SA_INIT] request 0 [SA KE No]",
            head + "[SEND][SA_INIT] response 0 [SA KE No V V]"])

    def test_a_line_for_each_failure(self):
        lines = list(diagnostics.failures(LOG))
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[1], (
            "(Error)[Remote] 203.0.113.7:500 [Local] 198.51.100.10:500 [SESSION_ID] "
            f"{{{self.SESSION}}} [ConnType] IKEv2-S2S [TunnelId] 1 [TSId] 1 [IkeEvent] SA_DELETE "
            "[SA_type] QM_SA [FailureDirection] Inbound [SAEstablished] true [ErrorCode] 13885 "
            "[ErrorMessage] Main mode SA lifetime expired or peer sent a main mode delete."))
        self.assertIn("[SAEstablished] false [ErrorCode] 13801 ", lines[0])


if __name__ == "__main__":
    unittest.main()
