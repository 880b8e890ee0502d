"""What goes wrong between the box and Azure: loss of IKE messages, black holes, slow and bad lines.

All of it happens in the network, at the router that plays the internet; the programs at both ends
are not touched.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import net

# The rules of one table, made anew on each change. `random` is seeded as all randomness of the guest.
RULES = """
table inet line
delete table inet line
table inet line {{
  chain forwarded {{
    type filter hook forward priority 0;
    {rules}
  }}
}}
"""
DROP_ALL = "drop"
# IKE on port 500, and on 4500 behind the marker of four zero bytes (RFC 3948 section 2.2)
LOSE_IKE = """udp dport 500 meta random < {below} drop
    udp dport 4500 @th,64,32 0 meta random < {below} drop"""


class Internet:
    """The faults of the internet node; each call replaces what an earlier one set."""

    def __init__(self, rig):
        self._rig, self._node = rig, rig.node("internet")

    def heal(self):
        """No faults."""
        self._set("")

    def lose_ike(self, percent):
        """Loses IKE messages at random, each way; ESP passes, in UDP as well."""
        self._set(LOSE_IKE.format(below=int(percent * (1 << 32) / 100)))

    def black_hole(self):
        """Nothing passes, and nobody says so."""
        self._set(DROP_ALL)

    def set_line(self, link, delay_ms, loss_percent=0):
        """Delay and loss each way of a link of two or more ends, from now on."""
        options = ["delay", f"{delay_ms}ms"] if delay_ms else []
        options += ["loss", f"{loss_percent}%"] if loss_percent else []
        for end in next(each for each in self._rig.topology["links"] if each["name"] == link)["ends"]:
            net.run(end["node"], "tc", "qdisc", "replace", "dev", end["interface"], "root",
                    *(["netem", *options] if options else ["pfifo_fast"]))

    def _set(self, rules):
        net.run(self._node, "nft", "-f", "-", text=RULES.format(rules=rules))


class Wan:
    """The cable between the box and its provider, and the address that the provider gives."""

    def __init__(self, rig):
        self._rig, self._box = rig, rig.node("box")
        self._link = next(link for link in rig.topology["links"] if link["name"] == "wan")
        self._end = next(end for end in self._link["ends"] if end["node"] == self._box)
        self._other = next(end for end in self._link["ends"] if end["node"] != self._box)
        self._via = next(route["via"] for route in rig.topology["routes"]
                         if route["node"] == self._box and route["to"] == "default")
        self.address = self._end["addresses"][0].split("/")[0]

    def cut(self):
        """The box sees no carrier; its addresses and routes stay."""
        net.ip(self._other["node"], f"link set {self._other['interface']} down")

    def take_down(self):
        """Down at both ends; the box loses its default route with it."""
        self._rig.set_link("wan", False)

    def mend(self):
        """The end of both."""
        self._rig.set_link("wan", True)

    def give_address(self, last_number):
        """The provider gives another address of the same network; returns it."""
        new = ".".join(self.address.split(".")[:3] + [str(last_number)])
        interface = self._end["interface"]
        net.ip(self._box, f"addr del {self.address}/24 dev {interface}",
               f"addr add {new}/24 dev {interface}", f"route replace default via {self._via}")
        self.address = new
        return new
