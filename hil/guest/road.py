"""Steps that several cases share: an office's tunnel from closed to up, with traffic, and back.

Each takes the rig, tells what it does, and expects what must hold.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib

EVERY_MS = 200


def stay_closed(rig, seconds=3):
    """With all services up and no tunnel, what the office sends to Azure goes nowhere."""
    began = rig.now()
    flow = rig.ping("office", "vnet", EVERY_MS)
    rig.sleep(seconds)
    sent, answered = flow.stop()
    rig.expect("pings sent without a tunnel", sent, ">", 0)
    rig.expect("pings answered without a tunnel", answered, "==", 0)
    expect_nothing_clear(rig, began)


def come_up(rig, limit_s=60):
    """Waits for the tunnel; returns its row of `fairlead status`."""
    tunnel = rig.box.wait_up(limit_s)
    rig.expect("state of the tunnel", tunnel.get("state"), "==", "up")
    rig.tell(f"tunnel up: IKE {tunnel.get('ike_suite')}, ESP {tunnel.get('esp_suite')}")
    return tunnel


def carry_both_ways(rig, seconds=5):
    """Traffic both ways, all of it in ESP, nothing of it lost."""
    began = rig.now()
    flows = [rig.ping("office", "vnet", EVERY_MS), rig.ping("vnet", "office", EVERY_MS)]
    rig.sleep(seconds)
    n_packets = 0
    for flow in flows:
        sent, answered = flow.stop()
        rig.expect(f"pings answered, {flow.name}", answered, "==", sent)
        n_packets += sent + answered
    rig.expect("ESP packets on the WAN", rig.count(since_s=began)["esp"], ">=", n_packets)
    expect_nothing_clear(rig, began)


@contextlib.contextmanager
def lossless(rig, every_ms=EVERY_MS):
    """Traffic both ways while something happens: nothing of it lost, nothing in clear."""
    began = rig.now()
    flows = [rig.ping("office", "vnet", every_ms), rig.ping("vnet", "office", every_ms)]
    yield
    for flow in flows:
        sent, answered = flow.stop()
        rig.expect(f"pings answered, {flow.name}", answered, "==", sent)
    expect_nothing_clear(rig, began)


@contextlib.contextmanager
def interrupted(rig, limit_s, every_ms=EVERY_MS):
    """As lossless, but traffic may fail for `limit_s` in all; it is back at the end."""
    began = rig.now()
    flows = [rig.ping("office", "vnet", every_ms), rig.ping("vnet", "office", every_ms)]
    yield
    ended = rig.now()
    for flow in flows:
        sent, answered = flow.stop()
        lost_s = (sent - answered) * every_ms / 1000
        rig.expect(f"seconds of pings lost, {flow.name}", lost_s, "<=", limit_s)
        sent, answered = flow.count(since_s=ended - 2, until_s=ended)
        rig.expect(f"pings answered in the last 2 s, {flow.name}", answered, "==", sent)
    expect_nothing_clear(rig, began)


def survive_kill(rig, dead_s=10):
    """iked is killed with -9 and stays dead for a while; no packet is lost meanwhile, nor later."""
    flows = [rig.ping("office", "vnet", EVERY_MS), rig.ping("vnet", "office", EVERY_MS)]
    rig.sleep(1)
    killed = rig.now()
    n_starts = rig.box.supervisor.services["iked"].n_starts
    rig.box.kill("iked", stays_dead=True)
    rig.tell("iked is killed with -9")
    rig.sleep(dead_s)
    for flow in flows:
        sent, answered = flow.count(since_s=killed, until_s=killed + dead_s)
        rig.expect(f"pings answered while iked is dead, {flow.name}", answered, "==", sent)
    revived = rig.now()
    rig.box.revive("iked")
    rig.box.restarted_after_s("iked", n_starts + 1)
    tunnel = rig.box.wait_up()
    rig.expect("state of the tunnel after iked is back", tunnel.get("state"), "==", "up")
    rig.tell(f"tunnel up again {1000 * (rig.now() - revived):.0f} ms after iked was started")
    rig.sleep(10)
    for flow in flows:
        sent, answered = flow.stop()
        rig.expect(f"pings lost when iked is back, {flow.name}", sent - answered, "<=",
                   lost_at_takeover(rig, EVERY_MS, tunnel["establish_ms"]))
    expect_nothing_clear(rig, killed)


def lost_at_takeover(rig, every_ms, establish_ms):
    """How many pings of a flow may be lost when a new child SA takes over that we initiated.

    The gateway may send on its new SA as soon as it has answered, and we can receive on ours only
    when that answer is processed (RFC 7296 section 2.8). That takes no time in simulated time; on
    the real clock it is a part of the time that establishing took.
    """
    return 0 if rig.clock == "simulated" else 1 + int(establish_ms / every_ms)


def leak_without_rules(rig, seconds=2):
    """The same box without its rules must leak, or the capture sees nothing."""
    rig.tell("all rules are taken away from the box")
    rig.box.take_rules_away()
    began = rig.now()
    flow = rig.ping("office", "vnet", EVERY_MS)
    rig.sleep(seconds)
    flow.stop()
    n_clear = rig.count(since_s=began)["clear"]
    rig.expect("clear packets without rules", n_clear, ">", 0)
    rig.record("clear_packets_without_rules", n_clear)


def expect_nothing_clear(rig, since_s=0.0):
    """Nothing left or reached the WAN in clear."""
    rig.expect("clear packets on the WAN", rig.count(since_s=since_s)["clear"], "==", 0)


class Traffic:
    """Pings both ways in the background, and what became of them."""

    def __init__(self, rig, every_ms=EVERY_MS):
        self._rig = rig
        self._flows = [rig.ping("office", "vnet", every_ms), rig.ping("vnet", "office", every_ms)]

    def outage_s(self):
        """The longest time without an answer, either way."""
        until_s = self._rig.now()
        return max(flow.outage_s(until_s=until_s) for flow in self._flows)

    def n_lost(self, since_s=0.0):
        """How many of those sent from `since_s` to now were not answered, both ways together."""
        until_s = self._rig.now()
        counts = [flow.count(since_s, until_s) for flow in self._flows]
        return sum(sent - answered for sent, answered in counts)

    def lost_s(self):
        """When each of those was sent that were not answered, Unix time, both ways."""
        return sorted(sent for flow in self._flows for sent in flow.lost_s())

    def back_after_s(self, since_s, limit_s):
        """Waits until both ways answer again; returns how long after `since_s` that was, Unix time.

        `limit_s` after that at most, then it is infinite.
        """
        while self._rig.now() < since_s + limit_s:
            firsts = [flow.answered_after(since_s) for flow in self._flows]
            if None not in firsts:
                return max(firsts) - since_s
            self._rig.sleep(0.1)
        return float("inf")

    def stop(self):
        """Ends both; returns how many were not answered."""
        for flow in self._flows:
            flow.stop()
        return self.n_lost()


def expect_no_orphans(rig, n_wanted=2):
    """Of each tunnel one pair of SAs, and no more of the SAs of before."""
    rig.expect("SAs left in the box", len(rig.box.sas()), "==", n_wanted)
