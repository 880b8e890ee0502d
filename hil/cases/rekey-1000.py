"""A thousand rekeyings of the child SA under traffic: begun by Azure, by the box, by both in the same
instant, some of the IKE SA in between, while IKE messages get lost.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import line, road, xfrm
from hil.guest.counter import Counter

CASE = {
    "title": "1,000 child rekeys and 50 of the IKE SA, 1 % of IKE lost, no packet lost",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

N_REKEYS, N_BETWEEN_IKE_REKEYS = 1000, 20
# Each way. A packet costs the guest 1.3 ms of processor, so that 500 would be eight minutes.
PER_SECOND = 100
ONE_WAY_MS = 10
IKE_LOSS_PERCENT = 1
PAUSE_S = 0.02              # between two rekeyings
POLL_S = 0.01
LIMIT_S = 60                # for one rekeying, with retransmissions
LATE_S = 3                  # after so long a request that collided and was lost has been answered
# Old SAs stay for some seconds, and what a collision left over is deleted after that.
SETTLE_S = 60


def run(rig):
    internet = line.Internet(rig)
    rig.count_only()
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    internet.set_line("azure", ONE_WAY_MS)
    internet.lose_ike(IKE_LOSS_PERCENT)
    ends = Ends(rig)
    began = rig.now()
    counter = Counter([(rig.node("office"), rig.address("office")),
                       (rig.node("vnet"), rig.address("vnet"))], PER_SECOND)
    rig.sleep(1)
    n_done = sum(rekey(rig, ends, number) for number in range(N_REKEYS))
    rig.sleep(5)
    lasted_s = rig.now() - began
    n_sent = counter.stop()
    rig.tell(f"{n_sent} packets sent by each end in {lasted_s:.0f} s; "
             f"SAs that came: {ends.n_came()}; worst delay at a sender {counter.delayed_s:.4f} s")
    rig.expect("rekeyings done", n_done, "==", N_REKEYS)
    rig.expect("packets a second, each way", round(n_sent / lasted_s), ">=", PER_SECOND * 98 // 100)
    for end, name in enumerate(("office", "vnet")):
        lost = counter.lost(end)
        rig.expect(f"packets lost on the way to {name}", len(lost), "==", 0)
        rig.expect(f"packets twice at {name}", counter.repeated(end), "==", 0)
        for number in lost[:5]:
            rig.tell(f"      lost: {number}, sent at {counter.sent_s[number] - began:.3f} s")
    internet.heal()
    rig.sleep(SETTLE_S)
    rig.expect("SAs left in the box", len(rig.box.sas()), "==", 2)
    rig.expect("SAs left in the gateway", len(xfrm.states(rig.gateway.node)), "==", 2)
    rig.expect("starts of iked", rig.box.supervisor.services["iked"].n_starts, "==", 1)
    road.expect_nothing_clear(rig)


class Ends:
    """The SAs of both ends, as their kernels tell of them."""

    def __init__(self, rig):
        azure = rig.gateway.data["id"]
        branch = next(sa.target for sa in xfrm.states(rig.gateway.node) if sa.source == azure)
        # by whom, and whether to send with: an end has one of those but for moments, and an old one
        # to receive with for seconds
        self._out = {"box": azure, "azure": branch}
        self._in = {"box": rig.box.sas()[0].source, "azure": azure}
        if self._in["box"] == azure:
            self._in["box"] = rig.box.sas()[0].target
        self._lives = {"box": xfrm.Live(rig.box.node), "azure": xfrm.Live(rig.gateway.node)}

    def n_came(self):
        """How many have come at each end, to send with and to receive with."""
        return {end: (live.n_came(self._out[end]), live.n_came(self._in[end]))
                for end, live in self._lives.items()}

    def have_more(self, before, n_in):
        """Whether each end has one SA to send with, a newer one than `before`, and has seen `n_in`
        new ones to receive with."""
        now = self.n_came()
        return all(now[end][0] > before[end][0] and now[end][1] >= before[end][1] + n_in and
                   len(live.to(self._out[end])) == 1 for end, live in self._lives.items())

    def expire(self, end):
        """The kernel of an end says that the youngest to send with reaches its soft limit."""
        target = self._out[end]
        self._lives[end].expire(target, self._lives[end].to(target)[-1])


def rekey(rig, ends, number):
    """One rekeying; returns whether both ends send with a new SA."""
    before, began = ends.n_came(), rig.now()
    if number % N_BETWEEN_IKE_REKEYS == 0:
        rig.gateway.rekey("ike")
    who = (("azure",), ("box",), ("box", "azure"))[number % 3]
    for end in who:
        ends.expire(end)
    while rig.now() < began + LIMIT_S:
        rig.sleep(POLL_S)
        # when requests collide each brings an SA, but for one that was lost and comes too late
        n_in = len(who) if rig.now() < began + LATE_S else 1
        if ends.have_more(before, n_in):
            rig.sleep(PAUSE_S)
            return True
    rig.tell(f"      rekeying {number} did not come about in {LIMIT_S} s")
    return False
