"""Both sides rekey the child SA in the same instant, again and again, while many IKE messages get
lost. A stock charon 6.0.1 dies of it (it plays Azure, and is then started again); ours must not, in
neither role.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import line, road, xfrm

CASE = {
    "title": "150 colliding child rekeys with 5 and with 20 % of IKE lost, in both roles: iked lives",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

N_COLLISIONS = 75           # for each loss and role
LOSSES_PERCENT = (5, 20)
ONE_WAY_MS = 50
EVERY_MS = 500
PERIOD_S = 5                # between collisions
# Who sends its request first by that much decides who is the initiator of the SA that stays.
AHEAD_S = {"both at once": 0.0, "azure first": 0.03}
SETTLE_S = 150


def run(rig):
    internet = line.Internet(rig)
    rig.count_only()
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    internet.set_line("azure", ONE_WAY_MS)
    ends = {"box": (rig.box.node, rig.gateway.data["id"]),
            "azure": (rig.gateway.node, rig.gateway.data["peer"])}
    lives = {end: xfrm.Live(node) for end, (node, _) in ends.items()}
    targets = {end: target for end, (_, target) in ends.items()}
    for percent in LOSSES_PERCENT:
        for who, ahead_s in AHEAD_S.items():
            collide(rig, internet, percent, who, ahead_s, lives, targets)
    for live in lives.values():
        live.close()


def collide(rig, internet, percent, who, ahead_s, lives, targets):
    rig.tell(f"--- {N_COLLISIONS} collisions, {percent} % of IKE lost, {who}")
    internet.lose_ike(percent)
    traffic = road.Traffic(rig, EVERY_MS)
    n_before = {end: live.n_came(targets[end]) for end, live in lives.items()}
    n_gateway_deaths = n_missed = 0
    for _ in range(N_COLLISIONS):
        if not rig.gateway.is_running():
            n_gateway_deaths += 1
            rig.gateway.start()
            rig.sleep(PERIOD_S)
        n_missed += not expire_both(rig, lives, targets, ahead_s)
        rig.sleep(PERIOD_S)
    came = {end: live.n_came(targets[end]) - n_before[end] for end, live in lives.items()}
    internet.heal()
    healed = rig.now()
    if not rig.gateway.is_running():
        n_gateway_deaths += 1
        rig.gateway.start()
    back_s = traffic.back_after_s(healed, 120)
    rig.sleep(SETTLE_S)
    n_lost = traffic.stop()
    rig.tell(f"new SAs to send with: {came}; collisions without an SA to begin from: {n_missed}; "
             f"pings lost: {n_lost}; deaths of Azure's charon: {n_gateway_deaths}; longest outage "
             f"{traffic.outage_s()} s; back {back_s:.1f} s after the last loss")
    rig.record(f"{percent}, {who}", {"pings_lost": n_lost, "gateway_deaths": n_gateway_deaths})
    rig.expect("starts of iked", rig.box.supervisor.services["iked"].n_starts, "==", 1)
    rig.expect("new SAs to send with in the box", came["box"], ">=", N_COLLISIONS // 3)
    if n_gateway_deaths == 0 and percent <= 5:
        rig.expect("pings lost", n_lost, "==", 0)
    rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
    road.expect_no_orphans(rig)
    road.expect_nothing_clear(rig)


def expire_both(rig, lives, targets, ahead_s):
    """Makes the SAs of both ends expire; returns whether both had one."""
    spis = {end: live.to(targets[end]) for end, live in lives.items()}
    if not all(spis.values()):
        return False
    for end in ("azure", "box"):
        lives[end].expire(targets[end], spis[end][-1])
        rig.sleep(ahead_s)
    return True
