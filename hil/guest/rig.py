"""What a case works with: the nodes of its topology, the box, the gateway, flows and captures.

A case is a file of hil/cases with a dict CASE and a function run(rig). It says what it expects;
everything that it has to know about namespaces, files and processes is here.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib
import shutil
import signal
import time

from hil import topology as topologies
from hil.azure import gateway as gateways
from hil.guest import capture, charon, net, ping, supervisor, system, xfrm
from hil.guest.story import Story

JOB = pathlib.Path("/run/job")
TREE = pathlib.Path("/run/tree")
CONFIG_FOLDER = pathlib.Path("/etc/fairlead")
POLL_S = 0.05

# Takes away all that keeps the office's packets in: filter, policies, SAs, interfaces, routes.
OPEN_BOX = ("nft flush ruleset", "ip xfrm policy flush", "ip xfrm state flush",
            "ip route flush table all type unreachable", "ip route flush table all type blackhole",
            "ip route flush table all type prohibit")


class Rig:
    """The bed of one case, already built."""

    def __init__(self, job):
        self.topology = topologies.load(job["topology"])
        self.seed, self.clock = job["seed"], job["clock"]
        self._story = Story(JOB)
        self.tell, self.expect = self._story.tell, self._story.expect
        self.record, self.finish = self._story.record, self._story.finish
        self._flows = []
        net.build(self.topology)
        self.captures = {entry["name"]: capture.Capture(self.topology, entry, JOB)
                         for entry in self.topology["captures"]}
        self.gateway = self.charon("gateway", job["gateway"])
        self.box = Box(self)

    # --- nodes ----------------------------------------------------------------------------------

    def node(self, role):
        """The name of the node that plays a role."""
        return topologies.node_of(self.topology, role)

    def address(self, role):
        """The address of the node that plays a role."""
        return topologies.address_of(self.topology, role)

    def charon(self, role, gateway):
        """A stock charon in the node of a role, with the data of hil/azure/gateways/`gateway`."""
        return charon.Charon(self.topology, self.node(role), gateways.load(gateway), JOB)

    def set_link(self, name, is_up):
        """Takes a link down or up, at both ends; routes that went with it come back."""
        link = next(link for link in self.topology["links"] if link["name"] == name)
        for end in link["ends"]:
            net.ip(end["node"], f"link set {end['interface']} {'up' if is_up else 'down'}")
            if is_up:
                for route in self.topology["routes"]:
                    if route["node"] == end["node"]:
                        net.ip(end["node"], f"route replace {route['to']} via {route['via']}")

    # --- traffic --------------------------------------------------------------------------------

    def ping(self, source, target, every_ms=200):
        """Starts a flow of pings between the nodes of two roles (ping.Flow)."""
        flow = ping.Flow(self.node(source), self.address(target), every_ms)
        self._flows.append(flow)
        return flow

    def sleep(self, seconds):
        """Lets time pass."""
        time.sleep(seconds)

    def now(self):
        """The time now, for since_s and until_s of counts (Unix time)."""
        return time.time()

    def count(self, name="wan", since_s=0.0, until_s=float("inf")):
        """What a capture saw, by class (pcap.CLASSES); tells of the first clear packets."""
        counts = self.captures[name].count(since_s, until_s)
        for example in counts.pop("examples"):
            self.tell(f"      clear on {name}: {example}")
        return counts

    def close(self):
        """Ends everything that still runs."""
        for flow in self._flows:
            flow.stop()
        self.box.stop()
        self.gateway.stop()
        for recording in self.captures.values():
            recording.stop()


class Box:
    """The box under test: our programs, started from the table that every board is started from."""

    def __init__(self, rig):
        self._rig, self.node = rig, rig.node("box")
        self.supervisor = None

    def start(self, table=TREE / "board/common/system.json"):
        """Installs programs and configuration, starts the services, waits until all are ready."""
        self._install()
        services = system.Table(table)
        services.apply()
        self.supervisor = supervisor.Supervisor(
            services, self.node, JOB, lambda: net.raise_box(self._rig.topology))
        self.supervisor.start()

    def stop(self):
        """Ends the services in order."""
        if self.supervisor:
            self.supervisor.stop()

    def kill(self, service, stays_dead=False):
        """kill -9 of a service; the supervisor restarts it, or waits for revive()."""
        if stays_dead:
            self.supervisor.hold(service)
        self.supervisor.kill(service, signal.SIGKILL)

    def revive(self, service):
        """Starts a service again that was to stay dead."""
        self.supervisor.release(service)

    def restarted_after_s(self, service, n_starts=2, limit_s=30):
        """Waits until a service is ready again; returns the monotonic time at which it was."""
        return self.supervisor.wait(service, limit_s, n_starts).ready_s

    def status(self):
        """What `fairlead status --json` prints, parsed; None while it has no answer."""
        text = net.run(self.node, "fairlead", "status", "--json", is_checked=False)
        try:
            return json.loads(text)
        except ValueError:
            return None

    def tunnel(self):
        """The row of the first tunnel of status(), or an empty one."""
        tunnels = (self.status() or {}).get("tunnels") or [{}]
        return tunnels[0]

    def wait_for_tunnel(self, is_right, limit_s):
        """Waits until is_right(row of the tunnel) holds; returns the last row in any case."""
        end = time.monotonic() + limit_s
        while not is_right(row := self.tunnel()) and time.monotonic() < end:
            time.sleep(POLL_S)
        return row

    def wait_up(self, limit_s=30):
        """Waits until the tunnel is up; returns its row."""
        return self.wait_for_tunnel(lambda row: row.get("state") == "up", limit_s)

    def sas(self):
        """The SAs in the box's kernel (xfrm.State)."""
        return xfrm.states(self.node)

    def watch_sas(self):
        """Notes from now on when SAs come (xfrm.Watch)."""
        return xfrm.Watch(self.node)

    def take_rules_away(self):
        """Ends the services and removes all that they set up: now the box is a plain router."""
        self.stop()
        for command in OPEN_BOX:
            net.run(self.node, *command.split(), is_checked=False)
        for line in net.run(self.node, "ip", "-o", "link", "show", "type", "xfrm").splitlines():
            net.ip(self.node, f"link del {line.split(': ')[1].split('@')[0]}")
        net.sysctl(self.node, "net.ipv4.ip_forward", "1")
        net.sysctl(self.node, "net.ipv4.conf.all.forwarding", "1")

    @staticmethod
    def _install():
        for program in sorted((JOB / "programs").glob("fairlead*")):
            shutil.copy(program, "/usr/sbin/")
        CONFIG_FOLDER.mkdir(exist_ok=True)
        for file in sorted((JOB / "config").glob("*.json")):
            shutil.copyfile(file, CONFIG_FOLDER / file.name)
