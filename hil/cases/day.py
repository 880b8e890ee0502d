"""Days of a branch with two gateway instances: maintenance of each, random loss, flaps, black holes,
a new address, daemon kills; by the seed. Pings are lost while the line is cut, and else never.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import re

from hil.guest import days, net, road, xfrm

CASE = {
    "title": "a day (--days N) of faults by seed: pings lost only while the line is cut",
    "topologies": ["pair", "pair-nat"],
    "gateway": "pair",
    "azure_json": "pair",
    "limit_s": 900,
}

EVERY_MS, EVERY_MS_AT_FAULT = 10000, 1000
SETTLE_S = 130     # after a fault: until orphans are gone
UP = "up"
# NAT of a poor kind: a mapping is forgotten so soon
NAT_TIMEOUT_S = "20"


def run(rig):
    rig.count_only()
    if rig.topology["nodes"].get("nat"):
        for name in ("udp_timeout", "udp_timeout_stream"):
            net.sysctl("nat", f"net.netfilter.nf_conntrack_{name}", NAT_TIMEOUT_S)
    faults = days.Days(rig)
    rig.box.start()
    for gateway in rig.gateways.values():
        gateway.start()
    rig.expect("states of the tunnels", rig.box.wait_states([UP, UP]), "==", [UP, UP])
    watch = Watch(rig, faults)
    for day in range(rig.days):
        one_day(rig, faults, watch, day)
    watch.end()
    road.leak_without_rules(rig)


def one_day(rig, faults, watch, day):
    began = rig.now()
    for hour, (second, fault) in enumerate(days.plan(rig.seed, day)):
        slot = began + hour * days.SLOT_S
        if fault:
            rig.sleep(max(0.0, slot + second - rig.now()))
            traffic = road.Traffic(rig, EVERY_MS_AT_FAULT)
            faults.happen(fault)
            rig.sleep(SETTLE_S)
            traffic.stop()
            watch.judge(fault, traffic)
        rig.sleep(max(0.0, slot + days.SLOT_S - rig.now()))
        watch.sample()


class Watch:
    """What is counted all the time, and looked at once an hour."""

    def __init__(self, rig, faults):
        self._rig, self._faults = rig, faults
        self._traffic = road.Traffic(rig, EVERY_MS)
        self._live = xfrm.Live(rig.box.node)
        self._began_s = rig.now()
        self._samples, self._outages = [], []
        self._n_lost_else, self._n_not_up, self._n_orphans = 0, 0, 0

    def judge(self, fault, traffic):
        """After a fault: lost pings that it does not explain, states, orphans."""
        lost = traffic.lost_s()
        strange = [sent for sent in lost if not self._faults.may_cost(sent)]
        self._n_lost_else += len(strange)
        states = [row["state"] for row in self._rig.box.tunnels()]
        n_sas = len(self._rig.box.sas())
        self._n_not_up += states != [UP, UP]
        self._n_orphans += max(0, n_sas - 4)
        after = [round(sent - fault.began_s, 1) for sent in strange[:5]]
        self._rig.tell(f"      lost {len(lost)}, of them without a reason {len(strange)} {after}; "
                       f"tunnels {states}, SAs {n_sas}")
        self._outages.append({"fault": str(fault), "at_s": round(fault.began_s - self._began_s),
                              "lost": len(lost), "without_reason": len(strange),
                              "outage_s": traffic.outage_s()})

    def sample(self):
        """Memory of the daemons, SAs so far."""
        services = self._rig.box.supervisor.services
        n_new = sum(self._live.n_came(gateway.data["id"])
                    for gateway in self._rig.gateways.values())
        row = {"at_s": round(self._rig.now() - self._began_s), "child_sas": n_new,
               "sas": len(self._rig.box.sas())}
        for name in ("xfrmd", "iked"):
            row[name] = memory_kilobytes(services[name].process.pid)
            row[f"{name}_starts"] = services[name].n_starts
        self._samples.append(row)

    def end(self):
        """Expects what must hold of the whole time."""
        rig = self._rig
        self._traffic.stop()
        strange = [sent for sent in self._traffic.lost_s() if not self._faults.may_cost(sent)]
        rig.record("samples", self._samples)
        rig.record("faults", self._outages)
        last = self._samples[-1]
        rig.tell(f"{rig.days} days, {len(self._faults.done)} faults, child SAs {last['child_sas']}, "
                 f"wire {rig.count()}")
        for row in rig.box.tunnels():
            rig.tell(f"status: {row}")
        rig.expect("pings lost without a reason", len(strange) + self._n_lost_else, "==", 0)
        rig.expect("times a tunnel was not up 130 s after a fault", self._n_not_up, "==", 0)
        rig.expect("orphan SAs 130 s after a fault", self._n_orphans, "==", 0)
        road.expect_nothing_clear(rig)
        self._live.close()


def memory_kilobytes(pid):
    """What a process needs for itself: anonymous memory, which a leak makes grow."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Anonymous:\s+(\d+)", text, flags=re.MULTILINE)[1])
