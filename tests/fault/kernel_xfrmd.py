"""xfrmd against a real kernel: closed from the start, every suite carries traffic, restarts without a
gap, nothing allocated after the start, a thousand tunnels.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import signal
import struct
import time

from hil.guest import net
from tests.fault import xfrmd_bed as bed

CASE = {"title": "xfrmd against a real kernel", "topologies": ["road"], "gateway": "custom"}
VNET = "10.50.1.4"
ALL_SUITES = ["aes256gcm16", "aes128gcm16", "aes256-sha256", "aes128-sha1", "aes192-sha256",
              "3des-sha1", "aes256-md5"]


def run(rig):
    bed.install()
    net.sysctl(rig.node("box"), "net.ipv6.conf.wan0.disable_ipv6", "1")
    net.raise_box(rig.topology)
    net.sysctl(rig.node("box"), "net.ipv4.ip_forward", "1")
    test = Test(rig)
    test.starts_closed()
    test.every_suite_carries_traffic()
    test.sas_expire()
    test.sessions_come_and_go()
    test.traffic_goes_on_without_us(flags=0)
    test.traffic_goes_on_without_us(flags=bed.ENCAP)
    test.orphans_go()
    test.a_reload_changes_what_is_there()
    test.a_bad_configuration_is_refused()
    test.nothing_is_allocated_after_the_start()
    test.a_thousand_tunnels()


class Test:
    """The steps, in order; each leaves no daemon behind."""

    def __init__(self, rig):
        self.rig, self.box = rig, rig.node("box")
        self.gateway, self.own = rig.address("gateway"), bed.wan_address(rig)
        self.peer = bed.Gateway(rig)
        self.peer.policies(self.own)
        self._n_spis = 0x1000

    # --- helpers --------------------------------------------------------------------------------

    def start(self, **options):
        daemon = bed.Daemon(self.box, **options)
        if not daemon.wait_ready():
            daemon.finish(signal.SIGKILL)
            raise RuntimeError(f"xfrmd did not come up:\n{daemon.output}")
        return daemon

    def finish(self, daemon):
        self.rig.expect("xfrmd's exit status", daemon.finish(signal.SIGTERM), "==", 0)

    def session(self):
        session = bed.Session()
        reply = session.hello()
        if reply["error"]:
            raise RuntimeError(f"HELLO: {reply}")
        return session

    def pair(self, session, **changes):
        """Installs both directions in the box and the same in the gateway; returns them."""
        self._n_spis += 1
        spi = session.spi_get(self.gateway, self.own)["spi"]
        sas = [bed.Sa(bed.IN, self.gateway, self.own, spi, **changes),
               bed.Sa(bed.OUT, self.gateway, self.own, struct.pack(">I", self._n_spis), **changes)]
        for sa in sas:
            reply = session.sa_add(sa)
            if reply["error"]:
                raise RuntimeError(f"SA_ADD: {os.strerror(-reply['error'])} {reply['refusal']}")
        self.peer.take(sas)
        return sas

    def ping(self, n=3):
        """Answered pings of `n` from the office to the virtual network."""
        flow = self.rig.ping("office", "vnet", every_ms=50)
        self.rig.sleep(n * 0.05 - 0.02)
        sent, answered = flow.stop()
        return answered if sent == n else -sent

    def is_alive(self, session):
        return session.spi_get(self.gateway, self.own) is not None

    def ip(self, *words):
        return net.run(self.box, "ip", *words)

    def n_states(self):
        """How many SAs and reservations the kernel has; those that wait for an SA have SPI 0."""
        text = self.ip("xfrm", "state")
        return text.count("proto esp spi 0x") - text.count("spi 0x00000000")

    # --- steps ----------------------------------------------------------------------------------

    def starts_closed(self):
        began = self.rig.now()
        daemon = self.start()
        routes = self.ip("route", "show", "10.50.0.0/16")
        self.rig.tell("routes: " + " | ".join(routes.splitlines()))
        self.rig.expect("unreachable below the tunnel", "unreachable 10.50.0.0/16" in routes, "==", True)
        self.rig.expect("a route into the tunnel", "10.50.0.0/16 dev ipsec1" in routes, "==", True)
        self.rig.expect("policies", self.ip("xfrm", "policy").count("if_id 0x1"), "==", 3)
        self.rig.expect("IPv6 addresses of the tunnel interface",
                        self.ip("-6", "addr", "show", "dev", "ipsec1").count("inet6"), "==", 0)
        session = self.session()
        self.rig.expect("pings answered without an SA", self.ping(), "==", 0)
        kind, _, _, reqid = session.next_event(1)
        self.rig.expect("the kernel asks for the SA of reqid 1", (kind, reqid), "==", (bed.ACQUIRE, 1))
        self.rig.expect("clear packets", self.rig.count(since_s=began)["clear"], "==", 0)
        status = open(f"/proc/{daemon.process.pid}/status", encoding="ascii").read()
        self.rig.expect("capabilities: net_admin alone",
                        [word in status for word in ("CapPrm:\t0000000000001000",
                                                     "CapAmb:\t0000000000000000", "Seccomp:\t2",
                                                     "NoNewPrivs:\t1")], "==", 4 * [True])
        session.close()
        self.finish(daemon)
        self.rig.expect("still closed when it has ended",
                        self.ip("route", "show", "10.50.0.0/16") == routes, "==", True)

    def every_suite_carries_traffic(self):
        def all_suites(configuration):
            configuration["tunnels"][0]["esp"]["suites"] = ALL_SUITES
        bed.configure(all_suites)
        daemon, began = self.start(), self.rig.now()
        session = self.session()
        self.peer.unpack_udp()
        for suite in ALL_SUITES:
            self.pair(session, suite=suite)
            self.rig.expect(f"pings answered, {suite}", self.ping(), "==", 3)
        for what, changes in (("ESP in UDP", {"flags": bed.ENCAP}),
                              ("extended sequence numbers", {"flags": bed.ESN}),
                              ("a window of 4096", {"window": 4096}),
                              ("a window of 100", {"window": 100}),
                              ("narrowed to the office's and Azure's prefix",
                               {"local": "192.168.70.0/24", "remote": "10.50.0.0/16"})):
            sas = self.pair(session, **changes)
            self.rig.expect(f"pings answered, {what}", self.ping(), "==", 3)
        reply = session.sa_query(sas[0])
        self.rig.expect("packets that the last inbound SA counted", reply["packets"], "==", 3)
        self.rig.expect("it was used a moment ago", reply["used_ago_s"], "<=", 2)
        self.clear_sas(session)
        sas = self.pair(session, remote="10.50.9.0/24")
        self.rig.expect("pings answered through an SA for other addresses", self.ping(), "==", 0)
        self.rig.expect("clear packets", self.rig.count(since_s=began)["clear"], "==", 0)
        self.clear_sas(session)
        session.close()
        self.finish(daemon)
        bed.configure(lambda configuration: None)

    def clear_sas(self, session):
        """Deletes every SA of the box by its name, as iked would."""
        for line in self.ip("-o", "xfrm", "state").splitlines():
            words = line.replace("\\", " ").split()
            ends, spi = (words[1], words[3]), bytes.fromhex(words[words.index("spi") + 1][2:])
            direction = bed.IN if ends[0] == self.gateway else bed.OUT
            session.sa_del(bed.Sa(direction, self.gateway, self.own, spi))

    def sas_expire(self):
        daemon = self.start()
        session = self.session()
        self.pair(session, soft_s=5, hard_s=8)
        events = [session.next_event(20) for _ in range(4)]
        self.rig.expect("expirations told (type, hard)", sorted(event[:2] for event in events), "==",
                        [(bed.EXPIRE, 0)] * 2 + [(bed.EXPIRE, 1)] * 2)
        self.rig.expect("SAs left in the kernel", self.n_states(), "==", 0)
        reply = session.spi_get(self.gateway, self.own)
        self.rig.sleep(200)
        late = session.sa_add(bed.Sa(bed.IN, self.gateway, self.own, reply["spi"]))
        self.rig.expect("a reservation is gone after 165 s", late["refusal"] != "", "==", True)
        session.close()
        self.finish(daemon)

    def sessions_come_and_go(self):
        daemon = self.start()
        try:
            stranger = bed.Session(uid=5000)
            is_let_in = stranger.hello() is not None
        except ConnectionError:
            is_let_in = False
        self.rig.expect("another user is let in", is_let_in, "==", False)
        old = self.session()
        old.spi_get(self.gateway, self.own)
        self.rig.expect("states with a reserved SPI", self.n_states(), "==", 1)
        new = self.session()
        self.rig.expect("the older session goes on", self.is_alive(old), "==", False)
        self.rig.expect("its reservation is gone", self.n_states(), "==", 0)
        new.close()
        old.close()
        self.finish(daemon)

    def traffic_goes_on_without_us(self, flags):
        what = "ESP in UDP" if flags else "plain ESP"
        daemon = self.start()
        session = self.session()
        self.pair(session, flags=flags)
        # iked is killed: xfrmd's own sockets go on unpacking
        session.close()
        self.rig.expect(f"pings answered without iked, {what}", self.ping(), "==", 3)
        session = self.session()
        flow = self.rig.ping("office", "vnet", every_ms=50)
        for number in (signal.SIGKILL, signal.SIGTERM):
            daemon.finish(number)
            self.rig.sleep(0.5)
            daemon = self.start()
            self.rig.sleep(0.5)
        # iked, which held its copies of the sockets meanwhile, takes the new ones
        session.close()
        session = self.session()
        self.rig.sleep(0.5)
        sent, answered = flow.stop()
        self.rig.expect(f"pings lost over kill -9, SIGTERM and two restarts, {what}",
                        sent - answered, "==", 0)
        self.rig.expect("SAs that it took over", self.n_states(), "==", 2)
        self.clear_sas(session)
        self.rig.expect("SAs left after deletion", self.n_states(), "==", 0)
        session.close()
        self.finish(daemon)

    def orphans_go(self):
        daemon = self.start()
        session = self.session()
        self.pair(session)
        session.close()
        session = self.session()
        flow = self.rig.ping("office", "vnet", every_ms=1000)
        self.rig.sleep(0.5)
        self.pair(session)
        self.rig.sleep(3)
        self.rig.expect("SAs, the orphans among them", self.n_states(), "==", 4)
        self.rig.sleep(52)
        self.rig.expect("SAs, the inbound orphan among them", self.n_states(), "==", 3)
        self.rig.sleep(10)
        self.rig.expect("SAs a minute later", self.n_states(), "==", 2)
        sent, answered = flow.stop()
        self.rig.expect("pings lost", sent - answered, "==", 0)
        self.clear_sas(session)
        session.close()
        self.finish(daemon)

    def a_reload_changes_what_is_there(self):
        def other(configuration):
            configuration["lan"]["prefixes"].append("fd00:70::/64")
            configuration["azure"]["prefixes"] = ["10.51.0.0/16", "fd00:51::/32"]
            tunnel = configuration["tunnels"][0]
            tunnel["if_id"] = 2
            tunnel["children"] = [
                {"name": "four", "reqid": 21, "local": "192.168.70.0/24", "remote": "10.51.7.0/24"},
                {"name": "six", "reqid": 22, "local": "fd00:70::/64", "remote": "fd00:51::/32"}]
        daemon = self.start()
        session = self.session()
        self.pair(session)
        bed.configure(other)
        daemon.process.send_signal(signal.SIGHUP)
        self.rig.sleep(1)
        self.rig.expect("the session goes on", self.is_alive(session), "==", False)
        session.close()
        self.rig.expect("SAs of the tunnel that went", self.n_states(), "==", 0)
        self.rig.expect("interfaces", [name for name in ("ipsec1", "ipsec2")
                                       if name in self.ip("link")], "==", ["ipsec2"])
        self.rig.expect("policies", [self.ip("xfrm", "policy").count(f"if_id 0x{i}") for i in (1, 2)],
                        "==", [0, 6])
        routes = [f"{family} {line.split(' proto')[0]}" for family in ("-4", "-6")
                  for line in self.ip(family, "route", "show", "proto", "70").splitlines()]
        self.rig.tell("routes: " + " | ".join(routes))
        self.rig.expect("routes", len(routes), "==", 4)
        self.rig.expect("the prefix that went", "10.50" in "".join(routes), "==", False)
        bed.configure(lambda configuration: None)
        daemon.process.send_signal(signal.SIGHUP)
        self.rig.sleep(1)
        self.rig.expect("and back", self.ip("route", "show", "proto", "70").count("10.50.0.0/16"), "==", 2)
        self.finish(daemon)

    def a_bad_configuration_is_refused(self):
        daemon = self.start()
        bed.CONFIG.write_text("{")
        daemon.process.send_signal(signal.SIGHUP)
        self.rig.sleep(1)
        self.rig.expect("the old one stays in force",
                        self.ip("route", "show", "proto", "70").count("10.50.0.0/16"), "==", 2)
        self.finish(daemon)
        self.rig.expect("messages", len(daemon.errors()), "==", 1)

        def expect_one_message(what, words):
            daemon = bed.Daemon(self.box)
            self.rig.expect(f"ready with {what}", daemon.wait_ready(), "==", False)
            self.rig.expect("its exit status", daemon.finish(), "==", 1)
            self.rig.expect("messages", [words in line for line in daemon.errors()], "==", [True])
        expect_one_message("a broken configuration", "config.json:1:2")
        bed.configure(lambda configuration: None)
        os.chmod(bed.CONFIG, 0o646)
        expect_one_message("a configuration that anybody may write", "nobody else may write")
        os.chmod(bed.CONFIG, 0o640)
        os.rename(bed.CONFIG, f"{bed.CONFIG}.away")
        expect_one_message("no configuration", "No such file")
        os.rename(f"{bed.CONFIG}.away", bed.CONFIG)

    def nothing_is_allocated_after_the_start(self):
        report = "/run/fairlead/xfrmd/malloc"
        daemon = self.start(before=["/usr/bin/env", f"COUNT_MALLOC={report}",
                                    "LD_PRELOAD=/run/job/programs/libcount_malloc.so"])
        for _ in range(2):
            session = self.session()
            sas = self.pair(session)
            self.ping()
            session.sa_query(sas[0])
            session.sa_add(bed.Sa(bed.OUT, self.gateway, self.own, bytes(4)))
            session.close()
        daemon.process.send_signal(signal.SIGHUP)
        self.rig.sleep(1)
        session = self.session()
        self.clear_sas(session)
        session.close()
        self.finish(daemon)
        n_before, n_after = (int(word) for word in open(report, encoding="ascii").read().split())
        self.rig.expect("allocations before it was ready", n_before, ">", 0)
        self.rig.expect("allocations after it was ready", n_after, "==", 0)

    def a_thousand_tunnels(self):
        def thousand(configuration):
            tunnel = configuration["tunnels"][0]
            configuration["tunnels"] = []
            for i in range(1000):
                configuration["tunnels"].append({
                    **tunnel, "name": f"cn-{i}", "if_id": i + 1, "gateway": f"198.51.{i // 250}.{i % 250 + 1}",
                    "gateway_id": f"198.51.{i // 250}.{i % 250 + 1}",
                    "children": [{**tunnel["children"][0], "reqid": i + 1}]})
        bed.configure(thousand)
        began = time.monotonic()
        daemon = self.start()
        self.rig.record("thousand_tunnels_s", round(time.monotonic() - began, 3))
        self.rig.expect("interfaces", self.ip("-o", "link", "show", "type", "xfrm").count("ipsec"), "==", 1000)
        self.rig.expect("policies", self.ip("xfrm", "policy").count("if_id"), "==", 3000)
        # all lead to one prefix: unreachable, and one with as many paths as the kernel is given
        self.rig.expect("lines of routes", self.ip("route", "show", "proto", "70").count("\n"), "==",
                        1 + 1 + 8)
        rollup = open(f"/proc/{daemon.process.pid}/smaps_rollup", encoding="ascii").read()
        pss_kb = int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
        self.rig.record("thousand_tunnels_pss_kb", pss_kb)
        self.rig.tell(f"a thousand tunnels: {json.dumps({'pss_kb': pss_kb})}")
        self.finish(daemon)
        began = time.monotonic()
        daemon = self.start()
        self.rig.record("thousand_tunnels_again_s", round(time.monotonic() - began, 3))
        bed.configure(lambda configuration: None)
        daemon.process.send_signal(signal.SIGHUP)
        self.rig.sleep(5)
        self.rig.expect("interfaces after a reload to one",
                        self.ip("-o", "link", "show", "type", "xfrm").count("ipsec"), "==", 1)
        self.rig.expect("policies", self.ip("xfrm", "policy").count("if_id"), "==", 3)
        self.finish(daemon)
