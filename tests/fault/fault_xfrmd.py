"""The n-th system call of xfrmd fails, for every n up to the last one of a good run, on a fresh box,
whose WAN comes up when xfrmd is ready. fault_xfrmd_restart.py is the same where an earlier xfrmd closed
the prefixes and the WAN is up all the time.

Whatever fails, xfrmd either comes up whole or ends with one message; no Azure prefix is ever routed
to the WAN; the next start succeeds.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import os
import pathlib
import signal
import struct

from hil.guest import net
from tests.fault import xfrmd_bed as bed

CASE = {"title": "the n-th system call of xfrmd fails", "topologies": ["road"], "gateway": "custom"}
LOG = pathlib.Path("/run/fairlead/xfrmd/calls")
FLOWS = (("10.50.1.4", "192.168.70.10", "lan0"), ("10.50.1.4",))  # an office's and the box's own
SYS_WRITE = 1
STATUS_SIGSYS = 128 + signal.SIGSYS  # as fail_call ends: it made a call that its rights do not name
STATUS_LOADER = 127  # ld.so(8) ends so when it cannot load a library
TELL_EVERY = 50


def run(rig, is_fresh=True):
    bed.install()
    net.raise_box(rig.topology)
    net.sysctl(rig.node("box"), "net.ipv4.ip_forward", "1")
    test = Test(rig)
    n_calls = test.every_call(is_fresh)
    rig.record("n_calls", n_calls)
    rig.tell(f"N = {n_calls}, the last system call of a good run")
    rig.expect("system calls that failed", n_calls, ">", 200)
    for what, n in sorted(test.outcomes.items()):
        rig.tell(f"{n:5} runs: {what}")
    rig.expect("runs that broke the rules", test.n_broken, "==", 0)


class Test:
    """Runs xfrmd with failing calls and judges how it ended."""

    def __init__(self, rig):
        self.rig, self.box = rig, rig.node("box")
        self.gateway, self.own = rig.address("gateway"), bed.wan_address(rig)
        self.eye = bed.Eye(self.box)
        self.outcomes, self.n_broken = {}, 0

    def every_call(self, is_fresh):
        """Fails call after call; returns how many there were."""
        n = 0
        self.clear()
        self.raise_wan()
        wan = self.eye.index("wan0")
        self.rig.expect("without xfrmd the checks see the hole",
                        [self.eye.route_to(*flow) == wan for flow in FLOWS], "==", [True, True])
        self.rig.expect("a good start", self.retry("nothing"), "==", [])
        while True:
            n += 1
            if is_fresh:
                self.clear()
            else:
                self.ip("xfrm state flush")  # else what a broken run left lengthens the next one
            if not self.one_call(n, is_fresh):
                return n - 1
            if n % TELL_EVERY == 0:
                self.rig.tell(f"{n} calls failed so far")

    # --- the box --------------------------------------------------------------------------------

    def ip(self, *lines):
        net.run(self.box, "ip", "-force", "-batch", "-", text="\n".join(lines) + "\n",
                is_checked=False)

    def clear(self):
        """Nothing of an earlier xfrmd is left, and the WAN is down."""
        self.ip("link set wan0 down", "link del ipsec1", "route flush proto 70",
                "xfrm policy flush", "xfrm state flush")

    def raise_wan(self):
        self.ip("link set wan0 up", "route replace default via 203.0.113.1")

    def is_closed(self):
        """Neither the office's packets to Azure nor the box's own leave by the WAN."""
        wan = self.eye.index("wan0")
        return all(self.eye.route_to(*flow) != wan for flow in FLOWS)

    def is_whole(self):
        tunnel = self.eye.index("ipsec1")
        return (tunnel is not None and self.eye.n_policies() == 3 and
                self.eye.own_routes() == {("10.50.0.0/16", None), ("10.50.0.0/16", tunnel)} and
                all(self.eye.route_to(*flow) == tunnel for flow in FLOWS))

    # --- one run --------------------------------------------------------------------------------

    def one_call(self, n, is_fresh):
        """Returns whether the run had an n-th call."""
        daemon = bed.Daemon(self.box, before=["/usr/sbin/fail_call", str(n), str(LOG)])
        is_ready = daemon.wait_ready()
        flaws = []
        if is_ready and is_fresh:
            self.raise_wan()
        if is_ready and not self.is_whole():
            flaws.append("ready, but not whole")
        if not self.is_closed():
            flaws.append("Azure is routed to the WAN")
        if is_ready:
            self.work()
        status = self.finish(daemon, is_ready)
        failed = LOG.read_text().splitlines()[1:]
        if not failed:
            return False
        call = int(failed[0].split()[1])
        if not self.is_closed():
            flaws.append("Azure is routed to the WAN at the end")
        flaws += self.judge(daemon, status, is_ready, call)
        if flaws or status != 0:
            flaws += self.retry(f"call {n}")
        if flaws:
            self.n_broken += 1
            self.rig.tell(f"BROKEN: call {n} (number {call}): {'; '.join(flaws)}; status {status}\n"
                          + daemon.output)
        return True

    def finish(self, daemon, is_ready):
        if not is_ready:
            return daemon.finish()
        # past the tracer, to xfrmd itself
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(LOG.read_text().splitlines()[0]), signal.SIGTERM)
        return daemon.finish()

    def work(self):
        """What iked does with it, as far as it goes."""
        with contextlib.suppress(OSError):
            session = bed.Session()
            if session.hello():
                reply = session.spi_get(self.gateway, self.own)
                if reply and not reply["error"]:
                    inbound = bed.Sa(bed.IN, self.gateway, self.own, reply["spi"])
                    outbound = bed.Sa(bed.OUT, self.gateway, self.own, struct.pack(">I", 0x1001))
                    for ask in (session.sa_add, session.sa_query, session.sa_del):
                        for sa in (inbound, outbound):
                            ask(sa)
            session.close()

    def judge(self, daemon, status, is_ready, call):
        """What was wrong with how it ended. Counts outcomes."""
        errors = daemon.errors()
        if status == 0:
            outcome = "it worked all the same"
        elif is_ready:
            outcome = "it ended when it was up"
        elif status == 1:
            outcome = "it did not come up and said why"
        else:
            outcome = "it did not get as far as main()"
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if status == STATUS_SIGSYS:
            return ["killed for a forbidden system call"]
        if status == 0 and not is_ready:
            return ["exit status 0, but never ready"]
        if status == 0 or call == SYS_WRITE:
            return []
        if status == 1 and len(errors) != 1:
            return [f"{len(errors)} messages"]
        if status not in (1, STATUS_LOADER) and len(errors) > 1:
            return [f"{len(errors)} messages"]
        return []

    def retry(self, what):
        """The next start succeeds."""
        daemon = bed.Daemon(self.box)
        is_ready = daemon.wait_ready()
        is_whole = self.is_whole()
        self.raise_wan()
        is_closed = self.is_closed()
        status = daemon.finish(signal.SIGTERM)
        if is_ready and is_whole and is_closed and status == 0:
            return []
        return [f"the start after {what} failed: ready {is_ready}, whole {is_whole}, "
                f"closed {is_closed}, status {status}"]
