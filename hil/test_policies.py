"""Tests of the table of policies.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import unittest

from hil.azure import gateway, policies

STATE = """\
src 203.0.113.7 dst 198.51.100.10
\tproto esp spi 0x0000000a(10) reqid 1(0x00000001) mode tunnel
\tauth-trunc hmac(sha1) 0x00 (160 bits) 96
\tenc cbc(aes) 0x00 (192 bits)
src 198.51.100.10 dst 203.0.113.7
\tproto esp spi 0x0000000b(11) reqid 1(0x00000001) mode tunnel
\taead rfc4106(gcm(aes)) 0x00 (224 bits) 128
"""


class PoliciesTest(unittest.TestCase):
    def test_patterns_are_expanded(self):
        self.assertEqual(policies.expand("^(a(1|2)x|b)-c(-(d|e))?$"),
                         [head + tail for head in ("a1x-c", "a2x-c", "b-c")
                          for tail in ("", "-d", "-e")])
        with self.assertRaises(ValueError):
            policies.expand("^a)b$")

    def test_each_half_is_in_the_table_with_every_seed(self):
        for seed in (1, 2):
            table = policies.table(seed)
            esp = {gateway.esp_proposals({"policy": row}, True)[0] for row in table}
            ike = {gateway.ike_proposals({"policy": row})[0] for row in table}
            self.assertEqual(esp, set(policies.suites("esp")))
            self.assertEqual((len(ike), len(table)), (144, 144))
        self.assertNotEqual(policies.table(1), policies.table(2))

    def test_kernel_words_are_found_again(self):
        self.assertEqual(policies.parse_kernel(STATE), {
            10: policies.kernel_words("aes192-sha1-modp1024"),
            11: policies.kernel_words("aes192gcm16")})


if __name__ == "__main__":
    unittest.main()
