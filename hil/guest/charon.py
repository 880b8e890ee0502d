"""Runs a stock charon in a node: the simulated Azure gateway, or a baseline in the box's place.

Stock means Debian's; where the gateway's data asks for what a stock charon cannot be told, it runs
with the libcharon of hil/azure/charon, which is in the job when the case says "patched_charon".

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import pathlib
import shutil
import signal
import subprocess
import time

from hil import topology as topologies
from hil.azure import faults, gateway
from hil.guest import driver, net, vici

CHARON = "/usr/lib/ipsec/charon"
PATCHED = "patched-charon"
IF_ID = 7
INTERFACE = "ipsec7"
START_LIMIT_S = 10
DEFAULT_MTU = 1500


class Charon:
    """A stock charon for the gateway data `data` in `node`, with its files and log in `folder`."""

    def __init__(self, topology, node, data, folder):
        self._topology, self.node, self.data = topology, node, data
        self._folder = pathlib.Path(folder)
        self._vici = pathlib.Path(f"/tmp/{node}.vici")
        self._conf = self._folder / f"{node}.strongswan.conf"
        self._connections = self._folder / f"{node}.swanctl.conf"
        self._process = None
        self.is_quiet = False  # for long runs: the log has what becomes of SAs, and no messages
        self._is_patched = False
        self._helpers = []  # driver threads of the running charon
        self._apply_faults()

    def start(self):
        """Writes the configuration, starts charon, loads the connections."""
        self.write_configuration(self.data)
        if self._process is None:
            self._add_interface()
        self._vici.unlink(missing_ok=True)
        with open(self._log(), "ab") as log:
            # charon's pid file has a fixed place: each one gets a /run of its own
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", self.node, "sh", "-c",
                 f"mount -t tmpfs tmpfs /run && exec {CHARON}"],
                env=self._environment(), stdout=log, stderr=log)
        end = time.monotonic() + START_LIMIT_S
        while not self._vici.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"charon in {self.node} does not come up; see its log")
            time.sleep(0.02)
        self.load()
        self._start_helpers()

    def write_configuration(self, data):
        """Writes both files for `data`; a running charon takes them with load()."""
        self.data = data
        conf = gateway.strongswan_conf(data, self._vici)
        if self.is_quiet:
            conf = conf.replace(" default = 1\n", " default = 0\n").replace(" ike = 2\n", " ike = 1\n")
        self._conf.write_text(conf, encoding="utf-8")
        self._connections.write_text(gateway.swanctl_conf(data, IF_ID), encoding="utf-8")
        self._apply_faults()

    def switch(self, **changes):
        """Changes keys of the data; a running charon takes them at once, SAs keep what they have."""
        self._stop_helpers()
        self.write_configuration({**self.data, **changes})
        if self.is_running():
            if gateway.needs_patch(self.data) and not self._is_patched:
                raise RuntimeError("the running charon is not the patched one")
            self._conf_in_guest()
            self.vici().ask("reload-settings")
            self.load()
            self._start_helpers()

    def is_running(self):
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def load(self):
        """Loads connections and secrets, and starts what is to be started."""
        self.swanctl("--load-all", "--noprompt", "--file", str(self._connections))

    def vici(self):
        """A new connection to the control socket (vici.Client)."""
        return vici.Client(self._vici)

    def log(self):
        """What charon has logged so far."""
        path = self._log()
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def count_log(self, words):
        """How many lines of the log have these words."""
        return sum(words in line for line in self.log().splitlines())

    def fail_over(self):
        """4.1: the instance goes; after failover_s the other one has its address, and no SA."""
        self.crash()
        time.sleep(self.data["failover_s"])
        self.start()

    def rekey(self, what):
        """Rekeys every "child" SA, or the "ike" SA."""
        client = self.vici()
        if what == "ike":
            client.ask("rekey", ike=driver.IKE)
        else:
            for number in driver.child_ids(client):
                client.ask("rekey", **{"child-id": number})
        client.close()

    def terminate(self):
        """Deletes the IKE SAs at the peer, with all that they have."""
        self.swanctl("--terminate", "--ike", driver.IKE)

    def collisions(self):
        """How often a rekey of the box was met by one of ours (the switch `collide`)."""
        return sum(helper.n_collided for helper in self._helpers
                   if isinstance(helper, driver.Collider))

    def swanctl(self, *arguments):
        """Runs swanctl against this charon; returns its output."""
        return net.run(self.node, "env", f"STRONGSWAN_CONF={self._conf_in_guest()}", "swanctl",
                       *arguments, "--uri", f"unix://{self._vici}")

    def kill(self):
        """kill -9, and no restart."""
        self._end(signal.SIGKILL)

    def crash(self):
        """The whole machine dies: kill -9, and its SAs and policies are gone without a word."""
        self.kill()
        net.ip(self.node, "xfrm state flush", "xfrm policy flush")

    def stop(self):
        """Ends it in order: it deletes its SAs at the peer."""
        if self.is_running():
            self._end(signal.SIGTERM)

    def _end(self, number):
        self._process.send_signal(number)
        self._process.wait()
        self._stop_helpers()

    def _start_helpers(self):
        if gateway.is_driven(self.data):
            self._helpers.append(driver.Beginner(self._vici, gateway.ladder(self.data),
                                                 self.data["retry_s"]))
        if "collide" in self.data:
            self._helpers.append(driver.Collider(self._topology, self.data["id"],
                                                 lambda: self.rekey(self.data["collide"])))

    def _stop_helpers(self):
        for helper in self._helpers:
            helper.stop()
        self._helpers = []

    def _environment(self):
        environment = dict(os.environ, STRONGSWAN_CONF=str(self._conf_in_guest()))
        self._is_patched = gateway.needs_patch(self.data)
        if self._is_patched:
            # below /tmp for the same reason as the configuration
            library = pathlib.Path("/tmp") / PATCHED
            if not library.exists():
                shutil.copytree(self._folder / PATCHED, library)
            environment["LD_LIBRARY_PATH"] = str(library)
        return environment

    def _log(self):
        return self._folder / f"{self.node}.charon.log"

    def _conf_in_guest(self):
        # a copy below /tmp: charon does not see /run/job behind its own /run
        copy = pathlib.Path(f"/tmp/{self._conf.name}")
        copy.write_bytes(self._conf.read_bytes())
        return copy

    def _interfaces(self):
        return [end["interface"] for _, end in topologies.ends_of(self._topology, self.node)]

    def _add_interface(self):
        net.ip(self.node,
               f"link add {INTERFACE} type xfrm dev {self._interfaces()[0]} if_id {IF_ID}",
               f"link set {INTERFACE} up mtu {self.data.get('black_hole_bytes', DEFAULT_MTU)}",
               *[f"route add {prefix} dev {INTERFACE}" for prefix in self.data["peer_prefixes"]])

    def _apply_faults(self):
        public, private = self._interfaces()[:2]
        net.run(self.node, "nft", "-f", "-", text=faults.rules(self.data, public, private))
        if self._process:
            net.ip(self.node, f"link set {INTERFACE} mtu "
                              f"{self.data.get('black_hole_bytes', DEFAULT_MTU)}")
