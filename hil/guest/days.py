"""Days of a branch: which faults come when, by a seed, and which pings may be lost for them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import random

from hil.guest import line

HOUR_S, DAY_S = 3600, 86400
# A fault that cuts the line may cost pings until so long after its end.
GRACE_S = 5.0
# The gateway's machine dies: until the box is sure of it and the flows are on the other tunnel.
WITHOUT_SIGN_S = 20.0
# The fault begins at a random second of its slot; slots leave room for the longest and its recovery.
SLOT_S = HOUR_S
# What the provider gives the box at times in the place of the topology's address.
OTHER_ADDRESS = "203.0.113.77"


class Fault:
    """One fault: when it began, until when it may cost pings; filled in when it happens."""

    def __init__(self, kind, detail):
        self.kind, self.detail = kind, detail
        self.began_s = self.may_cost_until_s = 0.0

    def __str__(self):
        return f"{self.kind} {self.detail}".strip()


def plan(seed, day):
    """The faults of a day: 24 slots of (seconds into the slot, Fault or None), the same for a seed."""
    chance = random.Random(f"{seed} {day}")
    kinds = ["maintenance a", "maintenance b", "reboot", "loss", "loss", "flap", "flap", "carrier",
             "black hole", "black hole", "kill iked", "kill iked", "kill xfrmd", "kill both", "address"]
    slots = kinds + [None] * (24 - len(kinds))
    chance.shuffle(slots)
    return [(chance.randrange(0, SLOT_S // 4), Fault(kind, _detail(chance, kind)) if kind else None)
            for kind in slots]


def _detail(chance, kind):
    """How long or how bad."""
    if kind.startswith("maintenance") or kind == "reboot":
        return chance.randrange(60, 600)
    if kind == "loss":
        return chance.randrange(1, 20)
    if kind in ("flap", "carrier"):
        return chance.randrange(1, 30)
    if kind == "black hole":
        return chance.choice((20, 60, 300, 1200))
    return ""


class Days:
    """Makes the faults of a plan happen on a rig with two instances."""

    def __init__(self, rig):
        self._rig, self._internet, self._wan = rig, line.Internet(rig), line.Wan(rig)
        for gateway in rig.gateways.values():
            gateway.switch(peer=f"{gateway.data['peer']},{OTHER_ADDRESS}")
        self.done = []   # the faults that have happened

    def happen(self, fault):
        """Lets a fault begin, last and end."""
        rig = self._rig
        fault.began_s = fault.may_cost_until_s = rig.now()
        rig.tell(f"fault: {fault}")
        word, *rest = fault.kind.split()
        getattr(self, "_" + word)(fault, *rest)
        self.done.append(fault)

    def may_cost(self, sent_s):
        """Whether a ping sent then may be lost."""
        return any(fault.began_s - 1 <= sent_s <= fault.may_cost_until_s for fault in self.done)

    def _maintenance(self, fault, name):
        """Azure takes an instance away in order, and brings it back; a DELETE is the sign."""
        self._rig.gateways[name].stop()
        fault.may_cost_until_s = self._rig.now() + 1
        self._rig.sleep(fault.detail)
        self._rig.gateways[name].start()

    def _reboot(self, fault):
        """An instance dies without a sign."""
        name = "ab"[fault.detail % 2]
        self._rig.gateways[name].crash()
        fault.may_cost_until_s = self._rig.now() + WITHOUT_SIGN_S
        self._rig.sleep(fault.detail)
        self._rig.gateways[name].start()

    def _loss(self, fault):
        """The line loses some of everything for ten minutes."""
        self._internet.set_line("wan", 0, fault.detail)
        self._rig.sleep(600)
        self._internet.set_line("wan", 0)
        self._end(fault)

    def _flap(self, fault):
        """The line goes down and up, three times."""
        for _ in range(3):
            self._wan.take_down()
            self._rig.sleep(fault.detail / 3)
            self._wan.mend()
            self._rig.sleep(1)
        self._end(fault)

    def _carrier(self, fault):
        """The provider's modem is off for a while."""
        self._wan.cut()
        self._rig.sleep(fault.detail)
        self._wan.mend()
        self._end(fault)

    def _address(self, fault):
        """The provider gives the other address."""
        self._wan.give_address(77 if self._wan.address != OTHER_ADDRESS else 7)
        self._end(fault)

    def _black(self, fault, _):
        self._internet.black_hole()
        self._rig.sleep(fault.detail)
        self._internet.heal()
        self._end(fault)

    def _kill(self, fault, what):
        """kill -9; it costs nothing."""
        for name in ("iked", "xfrmd") if what == "both" else (what,):
            self._rig.box.kill(name)

    def _end(self, fault):
        fault.may_cost_until_s = self._rig.now() + GRACE_S
