"""Tests of the plan of a day's faults, of what is counted of SAs and packets, of the soak's report.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import importlib.util
import pathlib
import struct
import unittest

from hil.guest import counter, days, xfrm

TREE = pathlib.Path(__file__).resolve().parents[1]


def names(plan):
    return [(second, str(fault)) for second, fault in plan]


class DaysTest(unittest.TestCase):
    def test_a_seed_and_a_day_decide(self):
        self.assertEqual(names(days.plan(1, 0)), names(days.plan(1, 0)))
        self.assertNotEqual(names(days.plan(1, 0)), names(days.plan(2, 0)))
        self.assertNotEqual(names(days.plan(1, 0)), names(days.plan(1, 1)))

    def test_each_day_has_all_kinds_of_faults_and_24_slots(self):
        for seed in range(20):
            plan = days.plan(seed, seed)
            kinds = {fault.kind for _, fault in plan if fault}
            self.assertEqual(len(plan), 24)
            self.assertEqual(kinds, {"maintenance a", "maintenance b", "reboot", "loss", "flap",
                                     "carrier", "black hole", "kill iked", "kill xfrmd",
                                     "kill both", "address"})

    def test_the_longest_fault_ends_within_its_slot(self):
        for seed in range(20):
            for second, fault in days.plan(seed, 0):
                lasts_s = 600 if fault and fault.kind == "loss" else fault.detail if fault else 0
                self.assertLess(second + (lasts_s or 0) + 300, days.SLOT_S)

    def test_each_fault_has_a_method(self):
        for _, fault in days.plan(1, 0):
            if fault:
                self.assertTrue(hasattr(days.Days, "_" + fault.kind.split()[0]), fault.kind)


class LiveTest(unittest.TestCase):
    """Without a kernel: what its events do to the list."""

    def setUp(self):
        self.live = xfrm.Live.__new__(xfrm.Live)
        self.live.n_new, self.live._sas = {}, []

    def info(self, spi):
        body = bytearray(xfrm.SA_BYTES)
        body[xfrm.SA_DST_AT:xfrm.SA_DST_AT + 4] = bytes([203, 0, 113, 7])
        struct.pack_into("!I", body, xfrm.SA_SPI_AT, spi)
        return bytes(body)

    def test_an_sa_comes_once_and_goes(self):
        for kind in (xfrm.XFRM_MSG_NEWSA, xfrm.XFRM_MSG_UPDSA):
            self.live._take(kind, self.info(0x1234))
        self.assertEqual(self.live._sas, [("203.0.113.7", 0x1234)])
        self.assertEqual(self.live.n_new, {"203.0.113.7": 1})
        self.live._take(xfrm.XFRM_MSG_DELSA,
                        bytes([203, 0, 113, 7]) + bytes(12) + struct.pack("!I", 0x1234))
        self.assertEqual(self.live._sas, [])


class CounterTest(unittest.TestCase):
    def test_what_did_not_come_is_lost_and_what_came_twice_is_told(self):
        one = counter.Counter.__new__(counter.Counter)
        one.sent_s = [0.0, 0.1, 0.2, 0.3]
        one.received = [bytearray([1, 0, 2]), bytearray([1, 1, 1, 1])]
        self.assertEqual((one.lost(0), one.lost(1)), ([1, 3], []))
        self.assertEqual((one.repeated(0), one.repeated(1)), (1, 0))


class ReportTest(unittest.TestCase):
    def test_page_and_plot_hold_what_was_recorded(self):
        spec = importlib.util.spec_from_file_location("report", TREE / "tests/soak/report.py")
        report = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(report)
        sample = {"child_sas": 3, "sas": 4, "iked": 1200, "xfrmd": 300, "iked_starts": 1,
                  "xfrmd_starts": 1}
        result = {"status": 1, "samples": [{"at_s": 3600, **sample}, {"at_s": 7200, **sample}],
                  "faults": [{"fault": "black hole 60", "at_s": 100, "lost": 7,
                              "without_reason": 2, "outage_s": 4.5}],
                  "expectations": [{"what": "pings lost", "value": 2, "relation": "==", "wanted": 0,
                                    "met": False}]}
        job = {"days": 1, "seed": 9, "topology": "pair"}
        page = report.page("name", job, result, "hil/rig run day")
        self.assertIn("| pings lost | 2 | == 0 | NOT met |", page)
        self.assertIn("| black hole | 1 | 7 | 2 | 4.5 |", page)
        self.assertIn("NOT all expectations met", page)
        self.assertIn("<polyline", report.plot(result))


if __name__ == "__main__":
    unittest.main()
