"""Tests of the simulated gateway's configuration, of pings and of SA listings.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct
import unittest

from hil.azure import faults, gateway
from hil.guest import ping, xfrm

POLICY = {"saLifeTimeSeconds": 3600, "saDataSizeKilobytes": 1024, "ipsecEncryption": "GCMAES256",
          "ipsecIntegrity": "GCMAES256", "ikeEncryption": "AES256", "ikeIntegrity": "SHA384",
          "dhGroup": "ECP384", "pfsGroup": "ECP384"}

# a sentence, what is changed in POLICY, the IKE and the ESP proposal
POLICIES = (
    ("GCM in ESP needs no hash", {}, "aes256-sha384-ecp384", "aes256gcm16-ecp384"),
    ("GCM in IKE takes the hash as PRF", {"ikeEncryption": "GCMAES128", "ikeIntegrity": "SHA256"},
     "aes128gcm16-prfsha256-ecp384", "aes256gcm16-ecp384"),
    ("no PFS is no group", {"pfsGroup": "None"}, "aes256-sha384-ecp384", "aes256gcm16"),
    ("PFSMM is the IKE group", {"pfsGroup": "PFSMM", "dhGroup": "DHGroup24"},
     "aes256-sha384-modp2048s256", "aes256gcm16-modp2048s256"),
    ("CBC has a hash", {"ipsecEncryption": "AES192", "ipsecIntegrity": "SHA1", "pfsGroup": "PFS2"},
     "aes256-sha384-ecp384", "aes192-sha1-modp1024"),
)


class GatewayTest(unittest.TestCase):
    def test_all_gateways_render(self):
        for name in gateway.names():
            data = gateway.load(name)
            text = gateway.swanctl_conf(data, 7)
            self.assertIn(f"id = {data['id']}", text)
            self.assertEqual(text.count("{"), text.count("}"), name)
            self.assertIn("signature_authentication = no", gateway.strongswan_conf(data, "/x"))

    def test_custom_policies_are_one_suite(self):
        for sentence, change, ike, esp in POLICIES:
            data = {"policy": {**POLICY, **change}}
            with self.subTest(sentence):
                self.assertEqual(gateway.ike_proposals(data), [ike])
                self.assertEqual(gateway.esp_proposals(data, is_initiator=False), [esp])

    def test_default_policy_has_azures_lists(self):
        self.assertEqual(len(gateway.ike_proposals({})), 6)
        offered = gateway.esp_proposals({}, is_initiator=True)
        accepted = gateway.esp_proposals({}, is_initiator=False)
        self.assertEqual((len(offered), len(accepted), len(set(accepted))), (6, 26, 26))
        self.assertEqual(accepted[:6], offered)
        self.assertFalse([proposal for proposal in offered if "modp" in proposal])

    def test_instances_differ_in_what_they_name(self):
        data = gateway.load("pair")
        one, two = gateway.instance(data, "a"), gateway.instance(data, "b")
        self.assertEqual((one["id"], two["id"]), ("198.51.100.10", "198.51.100.11"))
        self.assertEqual({**one, "id": None}, {**two, "id": None})

    def test_virtual_wan_has_lists_and_a_lifetime_of_its_own(self):
        data = {**gateway.load("default"), "defaults": "vwan"}
        self.assertEqual(gateway.ike_proposals(data), gateway.DEFAULT_IKE[:4])
        self.assertEqual(len(gateway.esp_proposals(data, is_initiator=True)), 4)
        accepted = gateway.esp_proposals(data, is_initiator=False)
        self.assertEqual((len(accepted), len(set(accepted))), (19, 19))
        self.assertLess(set(accepted), set(gateway.DEFAULT_ESP_ACCEPTED))
        self.assertIn("life_time = 3600s", gateway.swanctl_conf(data, 7))

    def test_the_ladder_of_selectors(self):
        data = {**gateway.load("azure"), "azure_prefixes": ["10.50.0.0/16", "10.51.0.0/16"]}
        wide, office = [("offer", gateway.ANY, gateway.ANY)], "192.168.70.0/24"
        narrow = [[("matrix-1", "10.50.0.0/16", office), ("matrix-2", "10.51.0.0/16", office)],
                  [("hub-1", "10.50.0.0/16", office)]]
        for kind, rungs in (("wide", [wide]), ("ladder", [wide, *narrow]),
                            ("narrow-first", [*narrow, wide])):
            self.assertEqual(gateway.ladder({**data, "selectors": kind}), rungs, kind)

    def test_keys_of_the_patch_reach_its_settings(self):
        stock, patched = gateway.load("custom"), gateway.load("azure")
        self.assertFalse(gateway.needs_patch(stock))
        self.assertNotIn("azure_", gateway.strongswan_conf(stock, "/x"))
        self.assertTrue(gateway.needs_patch(patched))
        text = gateway.strongswan_conf({**patched, "double_rekey_s": 300}, "/x")
        for line in ("azure_vendor_ids = 1", "azure_one_suite = 1", "azure_double_rekey_s = 300"):
            self.assertIn(line, text)

    def test_a_child_may_end_instead_of_being_rekeyed(self):
        text = gateway.swanctl_conf({**gateway.load("custom"), "child_end": "delete"}, 7)
        for line in ("life_time = 25650s", "rekey_time = 0s", "rekey_bytes = 0\n"):
            self.assertIn(line, text)

    def test_faults_are_there_when_asked_for(self):
        data = gateway.load("custom")
        text = faults.rules(data, "public", "private")
        for words in ("reject", "ip length", "ingress", "udp dport 500"):
            self.assertNotIn(words, text)
        self.assertIn(faults.QUIET, text)
        text = faults.rules({**data, "black_hole_bytes": 1423, "drops_unordered_fragments": True},
                            "public", "private")
        self.assertIn('iifname "private" ip length 1423 counter drop', text)
        self.assertIn('device "public"', text)
        text = faults.rules({**data, "mode": "InitiatorOnly", "refusal": "unreachable"}, "a", "b")
        self.assertIn("reject with icmp port-unreachable", text)
        self.assertNotIn(faults.QUIET, text)

    def test_mode_decides_who_begins(self):
        data = gateway.load("default")
        for mode, actions in (("Default", ["none", "start"]), ("ResponderOnly", ["none"]),
                              ("InitiatorOnly", ["start"])):
            text = gateway.swanctl_conf({**data, "mode": mode}, 7)
            found = [line.split()[-1] for line in text.splitlines() if "start_action" in line]
            self.assertEqual(found, actions, mode)

    def test_dead_peer_timers_make_up_the_timeout(self):
        self.assertEqual(gateway.dead_peer_timers(45), (15, 30))
        for timeout_s in (9, 30, 45, 3600):
            self.assertEqual(sum(gateway.dead_peer_timers(timeout_s)), timeout_s)

    def test_lifetimes_follow_the_policy(self):
        text = gateway.swanctl_conf({**gateway.load("custom"), "policy": POLICY}, 7)
        for line in ("life_time = 3600s", "rekey_time = 3420s", "life_bytes = 1048576",
                     "rekey_time = 27360s", "over_time = 1440s"):
            self.assertIn(line, text)


class PingTest(unittest.TestCase):
    @staticmethod
    def reply(ident, number, kind=ping.ECHO_REPLY):
        return b"\x45" + bytes(19) + struct.pack("!BBHHH", kind, 0, 0, ident, number & 0xffff)

    def test_answers_are_matched(self):
        self.assertEqual(ping.answered_number(self.reply(3, 5), 3, 6), 5)
        self.assertIsNone(ping.answered_number(self.reply(4, 5), 3, 6))
        self.assertIsNone(ping.answered_number(self.reply(3, 5, kind=8), 3, 6))
        self.assertIsNone(ping.answered_number(self.reply(3, 5)[:24], 3, 6))

    def test_sequence_numbers_wrap(self):
        self.assertEqual(ping.answered_number(self.reply(3, 65540), 3, 65541), 65540)
        self.assertEqual(ping.answered_number(self.reply(3, 65530), 3, 65541), 65530)
        self.assertIsNone(ping.answered_number(self.reply(3, 9), 3, 5))

    def test_checksum_is_that_of_rfc_1071(self):
        self.assertEqual(ping.checksum(bytes.fromhex("0001f203f4f5f6f7")), 0x220d)
        message = struct.pack("!BBHHH", 8, 0, 0x220d, 1, 2) + b"odd"
        whole = message[:2] + struct.pack("!H", ping.checksum(
            message[:2] + bytes(2) + message[4:])) + message[4:]
        self.assertEqual(ping.checksum(whole), 0)


STATES = """\
src 203.0.113.7 dst 198.51.100.10
\tproto esp spi 0xc3fd9f7f(3288178559) reqid 1(0x00000001) mode tunnel
\treplay-window 0 seq 0x00000000 flag af-unspec (0x00100000)
\taead rfc4106(gcm(aes)) 0x0011 (288 bits) 128
\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0
\tlifetime config:
\t  limit: soft (INF)(bytes), hard (INF)(bytes)
\tlifetime current:
\t  2100(bytes), 25(packets)
\t  add 2026-01-01 00:00:07 use 2026-01-01 00:00:07
\tif_id 0x7
src 198.51.100.10 dst 203.0.113.7
\tproto esp spi 0xcc918caa(3432090794) reqid 1(0x00000001) mode tunnel
\tenc cbc(aes) 0x00 (128 bits)
\tlifetime current:
\t  0(bytes), 0(packets)
src 0.0.0.0 dst 203.0.113.7
\tproto esp spi 0xc0000001(3221225473) reqid 1(0x00000001) mode tunnel
\tlifetime current:
\t  0(bytes), 0(packets)
"""


class XfrmTest(unittest.TestCase):
    def test_states_are_parsed_and_larval_ones_left_out(self):
        self.assertEqual(xfrm.parse_states(STATES), [
            xfrm.State("203.0.113.7", "198.51.100.10", 0xc3fd9f7f, "espinudp", 25),
            xfrm.State("198.51.100.10", "203.0.113.7", 0xcc918caa, None, 0)])
        self.assertEqual(xfrm.parse_states(""), [])


if __name__ == "__main__":
    unittest.main()
