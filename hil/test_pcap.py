"""Tests of the capture reader and of the packet classes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct
import unittest

from hil.guest import pcap

ETHERNET = bytes(12)


def ipv4(protocol, payload, offset=0, more=False, ident=7):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident,
                         (0x2000 if more else 0) | offset // 8, 64, protocol, 0,
                         bytes([203, 0, 113, 7]), bytes([198, 51, 100, 10]))
    return ETHERNET + b"\x08\x00" + header + payload


def udp(source, target, data):
    return struct.pack("!HHHH", source, target, 8 + len(data), 0) + data


def ipv6(next_header, payload):
    header = struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
    return ETHERNET + b"\x86\xdd" + header + bytes(32) + payload


def capture(*frames, order="<", link_type=1):
    data = struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link_type)
    for number, frame in enumerate(frames):
        data += struct.pack(order + "IIII", 100 + number, 500000, len(frame), len(frame)) + frame
    return data


# a sentence, the class, the frame
ROWS = (
    ("ESP is esp", "esp", ipv4(50, bytes(40))),
    ("ESP over IPv6 is esp", "esp", ipv6(50, bytes(40))),
    ("UDP 500 is ike", "ike", ipv4(17, udp(500, 500, bytes(28)))),
    ("UDP from 500 to a NAT's port is ike", "ike", ipv4(17, udp(500, 40123, bytes(28)))),
    ("UDP 4500 with the non-ESP marker is ike", "ike", ipv4(17, udp(4500, 4500, bytes(32)))),
    ("UDP 4500 without the marker is esp", "esp", ipv4(17, udp(40001, 4500, b"\1" + bytes(39)))),
    ("a NAT keepalive is one", "keepalive", ipv4(17, udp(4500, 4500, b"\xff"))),
    ("UDP 4500 with two bytes is neither", "clear", ipv4(17, udp(4500, 4500, b"\xff\xff"))),
    ("a ping is clear", "clear", ipv4(1, bytes(64))),
    ("an ICMP error about ESP is one", "icmp_error",
     ipv4(1, bytes([3, 4]) + bytes(6) + ipv4(50, bytes(40))[14:])),
    ("an ICMP error about IKE is one", "icmp_error",
     ipv4(1, bytes([3, 3]) + bytes(6) + ipv4(17, udp(500, 500, bytes(28)))[14:])),
    ("an ICMP error about a ping is clear", "clear",
     ipv4(1, bytes([3, 1]) + bytes(6) + ipv4(1, bytes(64))[14:])),
    ("an ICMP error about TCP is clear", "clear",
     ipv4(1, bytes([11, 0]) + bytes(6) + ipv4(6, bytes(20))[14:])),
    ("an ICMP error that quotes nothing is clear", "clear", ipv4(1, bytes([3, 4]) + bytes(6))),
    ("DNS is clear unless listed", "clear", ipv4(17, udp(5353, 53, bytes(20)))),
    ("TCP 500 is clear", "clear", ipv4(6, udp(500, 500, bytes(20)))),
    ("AH is clear", "clear", ipv4(51, bytes(40))),
    ("ICMPv6 is clear", "clear", ipv6(58, bytes(24))),
    ("a listener report behind hop-by-hop options is clear", "clear",
     ipv6(0, bytes([58, 0]) + bytes(6) + bytes(24))),
    ("ESP behind destination options is esp", "esp",
     ipv6(60, bytes([50, 0]) + bytes(6) + bytes(40))),
    ("ARP is not IP", "not_ip", ETHERNET + b"\x08\x06" + bytes(28)),
    ("a header cut short is clear", "clear", ETHERNET + b"\x08\x00" + bytes(10)),
    ("a frame cut short is clear", "clear", bytes(5)),
)


class SortTest(unittest.TestCase):
    def test_classes(self):
        for sentence, kind, frame in ROWS:
            with self.subTest(sentence):
                self.assertEqual(pcap.Sorter().sort(frame), kind)

    def test_listed_services_are_not_clear(self):
        sorter = pcap.Sorter(["dns", "https"])
        self.assertEqual(sorter.sort(ipv4(17, udp(5353, 53, bytes(20)))), "service")
        self.assertEqual(sorter.sort(ipv4(6, udp(443, 5353, bytes(20)))), "service")
        self.assertEqual(sorter.sort(ipv4(17, udp(5353, 443, bytes(20)))), "clear")

    def test_later_fragments_follow_the_first(self):
        sorter = pcap.Sorter()
        first = ipv4(17, udp(500, 500, bytes(1472)), more=True)
        rest = ipv4(17, bytes(200), offset=1480)
        stranger = ipv4(17, bytes(200), offset=1480, ident=8)
        self.assertEqual([sorter.sort(frame) for frame in (first, rest, stranger)],
                         ["ike", "ike", "clear"])


class ReadTest(unittest.TestCase):
    def test_counts_by_class_and_time(self):
        data = capture(ipv4(50, bytes(40)), ipv4(1, bytes(64)), ipv4(50, bytes(40)))
        counts = pcap.count(data)
        self.assertEqual((counts["esp"], counts["clear"]), (2, 1))
        self.assertEqual(counts["examples"],
                         ["203.0.113.7 -> 198.51.100.10 protocol 1, 64 bytes"])
        late = pcap.count(data, since_s=102, until_s=103)
        self.assertEqual((late["esp"], late["clear"]), (1, 0))

    def test_both_byte_orders_and_a_cut_end(self):
        frame = ipv4(50, bytes(40))
        for order in "<>":
            data = capture(frame, frame, order=order)
            self.assertEqual([packet.time_s for packet in pcap.read(data)], [100.5, 101.5])
            self.assertEqual(len(list(pcap.read(data[:-1]))), 1)

    def test_other_files_are_refused(self):
        for data in (b"", b"\x0a\x0d\x0d\x0a" + bytes(40), capture(link_type=101)):
            with self.assertRaises(pcap.PcapError):
                list(pcap.read(data))


if __name__ == "__main__":
    unittest.main()
