"""Tests of the shape check and of the data that is checked with it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import copy
import ipaddress
import json
import pathlib
import tempfile
import unittest

from hil import shape, topology
from hil.azure import gateway
from hil.guest import system
from hil.host import cases

SHAPE = {"name": str, "n": int, "is_big?": bool, "colour": {"red", "blue"},
         "addresses": [ipaddress.ip_address], "free?": shape.Each(int)}
GOOD = {"name": "x", "n": 1, "colour": "red", "addresses": ["192.0.2.1"]}

# a sentence, what is changed in GOOD, what the message must say
BAD = (
    ("an unknown key is named with those known", {"nmae": "x"},
     "x: unknown key 'nmae'; known are addresses, colour, free, is_big, n, name"),
    ("a missing key is named", {"n": None}, "x: key 'n' is missing"),
    ("a bool is no number", {"n": True}, "x: n: met true, wanted int"),
    ("a number is no bool", {"is_big": 1}, "x: is_big: met 1, wanted bool"),
    ("a word must be one of the set", {"colour": "green"},
     'x: colour: met "green", wanted one of blue, red'),
    ("a place in a list is told", {"addresses": ["192.0.2.1", "192.0.2.300"]},
     "x: addresses[1]: '192.0.2.300' does not appear to be an IPv4 or IPv6 address"),
    ("free keys have one shape", {"free": {"a": 1, "b": "2"}}, 'x: free: b: met "2", wanted int'),
    ("an object is no list", {"addresses": {}}, "x: addresses: met {}, wanted a list"),
)


class ShapeTest(unittest.TestCase):
    def test_good_value_passes(self):
        shape.check({**GOOD, "free": {"a": 1}, "is_big": False}, SHAPE, "x")

    def test_bad_values_are_told(self):
        for sentence, change, message in BAD:
            value = {key: item for key, item in {**GOOD, **change}.items() if item is not None}
            with self.subTest(sentence), self.assertRaises(shape.ShapeError) as caught:
                shape.check(value, SHAPE, "x")
            self.assertEqual(str(caught.exception), message, sentence)

    def test_repeated_key_and_broken_text_are_refused(self):
        for text, message in (('{"n": 1, "n": 2}', "key 'n' is repeated"),
                              ('{"n": 1', "line 1 column")):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(text)
                file.flush()
                with self.assertRaisesRegex(shape.ShapeError, message):
                    shape.load(file.name, {"n": int})


def _change(value, path, new):
    """A copy of `value` in which the item at `path` is `new`."""
    value = copy.deepcopy(value)
    place = value
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new
    return value


class TopologyTest(unittest.TestCase):
    def test_all_topologies_are_good(self):
        self.assertGreaterEqual(set(topology.names()), {"road", "nat", "pair", "pair-nat"})
        for name in topology.names():
            topology.load(name)

    def test_unknown_names_are_told(self):
        nat = topology.load("nat")
        for path, new, message in (
                (("links", 0, "ends", 0, "node"), "offic", "link lan: unknown node 'offic'"),
                (("routes", 0, "node"), "bx", "routes: unknown node 'bx'"),
                (("captures", 0, "link"), "wann", "capture wan: unknown link 'wann'"),
                (("captures", 0, "at"), "office", "unknown end of link wan 'office'"),
                (("nodes", "nat", "masquerade"), "eth9", "unknown interface of nat 'eth9'"),
                (("nodes", "office", "role"), "box", "one node with role office is wanted"),
                (("links", 1, "name"), "lan", "two links of one name"),
                (("links", 0, "ends"), [], "link lan: 0 ends, wanted 2 or more"),
                (("nodes", "internet", "role"), "fabric", "one node with role gateway-a is wanted"),
        ):
            with self.subTest(message), self.assertRaisesRegex(shape.ShapeError, message):
                topology.check(_change(nat, path, new), "nat")

    def test_unknown_topology_lists_those_there_are(self):
        with self.assertRaisesRegex(shape.ShapeError, "no topology 'moon'; there are nat, pair"):
            topology.load("moon")

    def test_addresses_go_with_roles(self):
        self.assertEqual(topology.address_of(topology.load("road"), "gateway"), "198.51.100.10")
        self.assertEqual(topology.address_of(topology.load("nat"), "office"), "192.168.70.10")
        self.assertEqual(topology.addresses_of(topology.load("pair"), "gateway-b"),
                         ["198.51.100.11", "10.50.255.5"])

    def test_a_pair_has_two_instances(self):
        for name, roles in (("road", {"a": "gateway"}),
                            ("pair", {"a": "gateway-a", "b": "gateway-b"})):
            self.assertEqual(topology.instances(topology.load(name)), roles)


class CasesTest(unittest.TestCase):
    def test_cases_name_what_exists(self):
        self.assertTrue(cases.all_cases())
        for case in cases.all_cases():
            gateway.load(case["gateway"])
            for name in case["topologies"]:
                topology.load(name)


class SystemTest(unittest.TestCase):
    PATH = pathlib.Path(__file__).parents[1] / "board/common/system.json"

    def test_table_of_the_boards_is_good(self):
        table = system.Table(self.PATH)
        self.assertEqual([service["name"] for service in table.services][0], "netd")

    def test_a_service_gets_its_capabilities_and_no_more(self):
        table = system.Table(self.PATH)
        rows = {service["name"]: service for service in table.services}
        self.assertIn("--bounding-set=-all,+net_admin", table.privileges(rows["netd"]))
        self.assertIn("--ambient-caps=-all", table.privileges(rows["iked"]))
        self.assertIn("--no-new-privs", table.privileges(rows["iked"]))

    def test_order_must_be_possible(self):
        table = shape.load(self.PATH, system.SHAPE)
        table["services"][0]["after"] = ["iked"]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(table, file)
            file.flush()
            with self.assertRaisesRegex(shape.ShapeError, "after 'iked', which is not listed"):
                system.Table(file.name)


if __name__ == "__main__":
    unittest.main()
