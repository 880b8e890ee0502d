"""Counts what passes a link by class in the kernel, where a capture would grow for days.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

from hil import topology as topologies
from hil.guest import net

# As pcap.Sorter sorts; a fragment without its first counts as clear here, too.
RULES = """
table inet wire {{
  counter n_esp {{ }}
  counter n_ike {{ }}
  counter n_clear {{ }}
  chain sort {{
    meta l4proto esp counter name n_esp return
    udp dport 4500 @th,64,32 != 0 counter name n_esp return
    udp sport 4500 @th,64,32 != 0 counter name n_esp return
    udp dport {{ 500, 4500 }} counter name n_ike return
    udp sport {{ 500, 4500 }} counter name n_ike return
    counter name n_clear
  }}
  chain arriving {{
    type filter hook prerouting priority -310;
    iifname "{interface}" jump sort
  }}
  chain leaving {{
    type filter hook postrouting priority 310;
    oifname "{interface}" jump sort
  }}
}}
"""


class Wire:
    """Counters at the place of the capture `name` of a topology."""

    def __init__(self, topology, name="wan"):
        entry = next(entry for entry in topology["captures"] if entry["name"] == name)
        self._node = entry["at"]
        interface = next(end["interface"] for link, end in topologies.ends_of(topology, self._node)
                         if link["name"] == entry["link"])
        net.run(self._node, "nft", "-f", "-", text=RULES.format(interface=interface))

    def count(self):
        """Packets since the beginning, by class: esp, ike, clear."""
        text = net.run(self._node, "nft", "list", "counters", "table", "inet", "wire")
        return {name: int(packets) for name, packets in
                re.findall(r"counter n_(\w+) \{\s*packets (\d+)", text)}
