"""Runs a stock charon in a node: the simulated Azure gateway, or a baseline in the box's place.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import pathlib
import signal
import subprocess
import time

from hil import topology as topologies
from hil.azure import gateway
from hil.guest import net

CHARON = "/usr/lib/ipsec/charon"
IF_ID = 7
INTERFACE = "ipsec7"
START_LIMIT_S = 10

# A port that nobody listens on stays quiet, as behind a cloud's firewall.
QUIET_RULES = """
table inet quiet {
  chain output { type filter hook output priority 0; icmp type destination-unreachable drop; }
}
"""


class Charon:
    """A stock charon for the gateway data `data` in `node`, with its files and log in `folder`."""

    def __init__(self, topology, node, data, folder):
        self._topology, self.node, self._data = topology, node, data
        self._folder = pathlib.Path(folder)
        self._vici = pathlib.Path(f"/tmp/{node}.vici")
        self._conf = self._folder / f"{node}.strongswan.conf"
        self._connections = self._folder / f"{node}.swanctl.conf"
        self._process = None
        net.run(node, "nft", "-f", "-", text=QUIET_RULES)

    def start(self):
        """Writes the configuration, starts charon, loads the connections."""
        self.write_configuration(self._data)
        if self._process is None:
            self._add_interface()
        self._vici.unlink(missing_ok=True)
        with open(self._folder / f"{self.node}.charon.log", "ab") as log:
            # charon's pid file has a fixed place: each one gets a /run of its own
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", self.node, "sh", "-c",
                 f"mount -t tmpfs tmpfs /run && exec {CHARON}"],
                env=dict(os.environ, STRONGSWAN_CONF=str(self._conf_in_guest())),
                stdout=log, stderr=log)
        end = time.monotonic() + START_LIMIT_S
        while not self._vici.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"charon in {self.node} does not come up; see its log")
            time.sleep(0.02)
        self.load()

    def write_configuration(self, data):
        """Writes both files for `data`; a running charon takes them with load()."""
        self._data = data
        self._conf.write_text(gateway.strongswan_conf(data, self._vici), encoding="utf-8")
        self._connections.write_text(gateway.swanctl_conf(data, IF_ID), encoding="utf-8")

    def load(self):
        """Loads connections and secrets, and starts what is to be started."""
        self.swanctl("--load-all", "--noprompt", "--file", str(self._connections))

    def swanctl(self, *arguments):
        """Runs swanctl against this charon; returns its output."""
        return net.run(self.node, "env", f"STRONGSWAN_CONF={self._conf_in_guest()}", "swanctl",
                       *arguments, "--uri", f"unix://{self._vici}")

    def kill(self):
        """kill -9, and no restart."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ends it in order: it deletes its SAs at the peer."""
        if self._process and self._process.poll() is None:
            self._end(signal.SIGTERM)

    def _end(self, number):
        self._process.send_signal(number)
        self._process.wait()

    def _conf_in_guest(self):
        # a copy below /tmp: charon does not see /run/job behind its own /run
        copy = pathlib.Path(f"/tmp/{self._conf.name}")
        copy.write_bytes(self._conf.read_bytes())
        return copy

    def _add_interface(self):
        links = topologies.ends_of(self._topology, self.node)
        public = links[0][1]["interface"]
        net.ip(self.node, f"link add {INTERFACE} type xfrm dev {public} if_id {IF_ID}",
               f"link set {INTERFACE} up",
               *[f"route add {prefix} dev {INTERFACE}" for prefix in self._data["peer_prefixes"]])
