"""What else happens to a tunnel on an ordinary bad day; each time it comes back by itself, closed
meanwhile, and with nothing left over.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import signal
import subprocess

from hil.guest import line, net, road, xfrm

CASE = {
    "title": "DELETE, reboot, carrier, new address, interface down, clock steps, lost events",
    "topologies": ["road", "nat"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 900,
}

AT_ONCE_S, SOON_S = 1.0, 5.0
SETTLED_S = 40         # the early rekeying on trial is over
QUIET_S = 75           # until orphans are gone and everything is settled
EVERY_MS = 500
DAY_S = 86400
N_LOST_EVENTS = 4000


def run(rig):
    # the address that the box has after new_address
    rig.gateway.switch(peer=f"{rig.gateway.data['peer']},203.0.113.77")
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    rig.sleep(SETTLED_S)
    for step in (ike_sa_deleted, child_sa_deleted, gateway_reboots, carrier_lost, wan_down,
                 new_address, interface_down, clock_steps, events_lost):
        rig.tell(f"--- {step.__name__.replace('_', ' ')}")
        began = rig.now()
        traffic = road.Traffic(rig, EVERY_MS)
        rig.sleep(1)
        step(rig, traffic)
        rig.sleep(QUIET_S)
        settled = rig.now()
        rig.sleep(5)
        rig.expect("pings lost when it has settled", traffic.n_lost(since_s=settled), "==", 0)
        traffic.stop()
        road.expect_no_orphans(rig)
        road.expect_nothing_clear(rig, began)


def expect_back(rig, traffic, since_s, limit_s):
    back_s = traffic.back_after_s(since_s, 300)
    rig.expect("seconds until it is back", round(back_s, 1), "<=", limit_s)


def ike_sa_deleted(rig, traffic):
    began = rig.now()
    rig.gateway.terminate()
    expect_back(rig, traffic, began, AT_ONCE_S)


def child_sa_deleted(rig, traffic):
    began = rig.now()
    rig.gateway.swanctl("--terminate", "--child", "accept")
    expect_back(rig, traffic, began, AT_ONCE_S)


def gateway_reboots(rig, traffic):
    """The new instance knows nothing of the SAs; Azure has one up in a minute or two."""
    rig.gateway.crash()
    rig.sleep(90)
    rig.gateway.start()
    expect_back(rig, traffic, rig.now(), SOON_S)


def carrier_lost(rig, traffic):
    """The other end of the WAN's cable goes down; the box's addresses and routes stay."""
    wan = line.Wan(rig)
    wan.cut()
    rig.sleep(20)
    wan.mend()
    expect_back(rig, traffic, rig.now(), SOON_S)


def wan_down(rig, traffic):
    """Both ends go down, and the box loses its default route with it."""
    wan = line.Wan(rig)
    wan.take_down()
    rig.sleep(5)
    wan.mend()
    expect_back(rig, traffic, rig.now(), SOON_S)


def new_address(rig, traffic):
    """The provider gives another address; Azure does not do MOBIKE: a new IKE SA, at once."""
    wan = line.Wan(rig)
    began = rig.now()
    address = wan.give_address(77)
    expect_back(rig, traffic, began, SOON_S)
    addresses = {sa.source for sa in rig.box.sas()} | {sa.target for sa in rig.box.sas()}
    rig.expect("SAs of the new address", address in addresses, "==", True)


def interface_down(rig, traffic):
    """Somebody takes the tunnel's interface down by hand."""
    began = rig.now()
    net.ip(rig.box.node, "link set ipsec1 down")
    expect_back(rig, traffic, began, SOON_S)


def clock_steps(rig, traffic):
    """The wall clock jumps a day ahead and back again; nothing may end."""
    spis = {sa.spi for sa in rig.box.sas()}
    for days in (1, -1):
        subprocess.run(["date", "-s", f"@{int(rig.now()) + days * DAY_S}"], check=True,
                       stdout=subprocess.DEVNULL)
        rig.sleep(60)
        rig.expect(f"same SAs a minute after a step of {days} days",
                   {sa.spi for sa in rig.box.sas()} == spis, "==", True)
    rig.expect("pings lost", traffic.n_lost(), "==", 0)


def events_lost(rig, traffic):
    """xfrmd sleeps, thousands of events run its socket over, and among them one that counts: an SA
    is gone."""
    live = xfrm.Live(rig.box.node)
    inbound = next(sa for sa in rig.box.sas() if sa.source == rig.gateway.data["id"])
    outbound = next(sa for sa in rig.box.sas() if sa.target == rig.gateway.data["id"])
    pid = rig.box.supervisor.services["xfrmd"].process.pid
    os.kill(pid, signal.SIGSTOP)
    for _ in range(N_LOST_EVENTS):
        live.expire(outbound.target, outbound.spi)
    net.ip(rig.box.node, f"xfrm state delete src {inbound.source} dst {inbound.target} proto esp "
           f"spi {inbound.spi:#x}")
    rig.sleep(2)
    os.kill(pid, signal.SIGCONT)
    expect_back(rig, traffic, rig.now(), SOON_S)
    live.close()
