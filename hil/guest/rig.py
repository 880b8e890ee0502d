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
from hil.guest import capture, charon, fabric, net, ping, supervisor, system, wire, xfrm
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
        self.seed, self.clock, self.days = job["seed"], job["clock"], job["days"]
        self._story = Story(JOB)
        self.tell, self.expect = self._story.tell, self._story.expect
        self.record, self.finish = self._story.record, self._story.finish
        self.point = self._story.point
        self._flows, self._wire = [], None
        self.forbidden_wanted = []  # services that a case makes die of a forbidden system call
        net.build(self.topology)
        self.captures = {entry["name"]: capture.Capture(self.topology, entry, JOB)
                         for entry in self.topology["captures"]}
        data = gateways.load(job["gateway"])
        self.gateways = {
            name: charon.Charon(self.topology, self.node(role), gateways.instance(data, name), JOB)
            for name, role in topologies.instances(self.topology).items()}
        self.gateway = self.gateways["a"]
        self.fabric = None
        if topologies.is_pair(self.topology):
            self.fabric = fabric.Fabric(self.topology, data["peer_prefixes"])
            self.fabric.set(data.get("return_path", "follow"))
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

    def ping(self, source, target, every_ms=200, payload_bytes=56):
        """Starts a flow of pings from the node of a role to another's or to an address (ping.Flow)."""
        address = target if target[0].isdigit() else self.address(target)
        flow = ping.Flow(self.node(source), address, every_ms, payload_bytes)
        self._flows.append(flow)
        return flow

    def sleep(self, seconds):
        """Lets time pass."""
        time.sleep(seconds)

    def now(self):
        """The time now, for since_s and until_s of counts (Unix time)."""
        return time.time()

    def count_only(self):
        """For long runs: no captures from now on, count() is of the WAN and of all the time; gateways
        that are started later log less."""
        for recording in self.captures.values():
            recording.stop()
        self.captures = {}
        self._wire = wire.Wire(self.topology)
        for gateway in self.gateways.values():
            gateway.is_quiet = True

    def count(self, name="wan", since_s=0.0, until_s=float("inf")):
        """What a capture saw, by class (pcap.CLASSES); tells of the first clear packets."""
        if self._wire:
            return self._wire.count()
        counts = self.captures[name].count(since_s, until_s)
        for example in counts.pop("examples"):
            self.tell(f"      clear on {name}: {example}")
        return counts

    def close(self):
        """Ends everything that still runs."""
        for flow in self._flows:
            flow.stop()
        self.box.stop()
        if self.box.supervisor:
            self.expect("services that died of a forbidden system call", self.box.forbidden(), "==",
                        sorted(self.forbidden_wanted))
        for gateway in self.gateways.values():
            gateway.stop()
        if self.fabric:
            self.fabric.close()
        for recording in self.captures.values():
            recording.stop()


class Box:
    """The box under test: our programs, started from the table that every board is started from."""

    def __init__(self, rig):
        self._rig, self.node = rig, rig.node("box")
        self.supervisor = None
        self._services = []  # of all supervisors that there were

    def start(self, table=TREE / "board/common/system.json"):
        """Installs programs and configuration, starts the services, waits until all are ready."""
        self.install()
        services = system.Table(table)
        services.apply()
        self.supervisor = supervisor.Supervisor(
            services, self.node, JOB, lambda: net.raise_box(self._rig.topology))
        self._services += self.supervisor.services.values()
        self.supervisor.start()

    def stop(self):
        """Ends the services in order."""
        if self.supervisor:
            self.supervisor.stop()

    def forbidden(self):
        """The services that died of a system call outside their table, once for each death."""
        return sorted(service.name for service in self._services
                      for _ in range(service.n_forbidden))

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

    def tunnels(self):
        """The rows of all tunnels of status(), in the configuration's order."""
        return (self.status() or {}).get("tunnels") or []

    def tunnel(self):
        """The row of the first tunnel of status(), or an empty one."""
        return (self.tunnels() or [{}])[0]

    def wait_states(self, wanted, limit_s=60):
        """Waits until the tunnels have these states, in order; returns those that they have."""
        end = time.monotonic() + limit_s
        while (states := [row["state"] for row in self.tunnels()]) != wanted:
            if time.monotonic() > end:
                break
            time.sleep(POLL_S)
        return states

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
    def install():
        """Copies programs and configuration from the job to their places."""
        for program in sorted((JOB / "programs").glob("fairlead*")):
            shutil.copy(program, "/usr/sbin/")
        CONFIG_FOLDER.mkdir(exist_ok=True)
        for file in sorted((JOB / "config").glob("*.json")):
            shutil.copyfile(file, CONFIG_FOLDER / file.name)
