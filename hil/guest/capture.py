"""Records one link with tcpdump and counts what was recorded.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import signal
import subprocess
import time

from hil import topology as topologies
from hil.guest import net, pcap

# How long a packet may take from the link into the file.
SETTLE_S = 0.3


class Capture:
    """A running tcpdump that writes `name`.pcap into `folder`."""

    def __init__(self, topology, entry, folder):
        self.name = entry["name"]
        self.path = pathlib.Path(folder) / f"{self.name}.pcap"
        interface = next(end["interface"] for link, end in
                         topologies.ends_of(topology, entry["at"]) if link["name"] == entry["link"])
        with net.inside(entry["at"]), open(self.path, "wb") as file:
            # to standard output: tcpdump would try to give a file of its own away
            self._process = subprocess.Popen(
                ["tcpdump", "-Z", "root", "-U", "--immediate-mode", "-n",
                 "-i", interface, "-w", "-"], stdout=file, stderr=subprocess.PIPE, text=True)
        first_line = self._process.stderr.readline()
        if "listening on" not in first_line:
            raise RuntimeError(f"tcpdump on {interface} of {entry['at']}: {first_line.strip()}")

    def count(self, since_s=0.0, until_s=float("inf"), services=()):
        """Counts by class what passed from `since_s` to `until_s`, Unix time (pcap.count)."""
        time.sleep(SETTLE_S)
        return pcap.count(self.path.read_bytes(), services, since_s, until_s)

    def stop(self):
        """Ends the recording."""
        time.sleep(SETTLE_S)
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._process.stderr.close()
