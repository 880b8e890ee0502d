"""The fabric behind an active-active Azure gateway: by which instance the virtual network answers.

Azure spreads flows over both instances, so an answer may come by another tunnel than its question
(4.1 of the facts on Azure's gateway).

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import select
import threading

from hil import topology as topologies
from hil.guest import net, xfrm


class Fabric:
    """The router between both instances and the virtual network; routes `prefixes` of the office."""

    def __init__(self, topology, prefixes):
        self._node, self._prefixes = topologies.node_of(topology, "fabric"), prefixes
        self._inner = topologies.ends_of(topology, self._node)[-1][1]["interface"]
        self._nodes, self._public, self._inside = {}, {}, {}
        for name, role in topologies.instances(topology).items():
            self._nodes[name] = topologies.node_of(topology, role)
            self._public[name], self._inside[name] = topologies.addresses_of(topology, role)[:2]
        self._wake_read, self._wake_write = os.pipe()
        self._thread = None

    def set(self, return_path):
        """By which instance answers go: "a", "b", "both", or "follow", those with a tunnel up."""
        self.close()
        if return_path == "follow":
            events = [xfrm.open_events(node) for node in self._nodes.values()]
            self._thread = threading.Thread(target=self._follow, args=(events,), name="fabric")
            self._thread.start()
        else:
            self._route(list(self._nodes) if return_path == "both" else [return_path])

    def close(self):
        """Ends following; the routes stay."""
        if self._thread:
            os.write(self._wake_write, b"x")
            self._thread.join()
            self._thread = None

    def instances_up(self):
        """The names of the instances that have an SA to send on."""
        return [name for name, node in self._nodes.items()
                if any(sa.source == self._public[name] for sa in xfrm.states(node))]

    def instance_for(self, source, target):
        """The instance by which the fabric sends a ping's answer from `source` to `target`, or None."""
        route = net.run(self._node, "ip", "route", "get", target, "from", source, "iif",
                        self._inner, "ipproto", "icmp", is_checked=False).split()
        return next((name for name, inside in self._inside.items() if inside in route), None)

    def _follow(self, events):
        routed = None
        while True:
            up = self.instances_up()
            if up != routed:
                self._route(up)
                routed = up
            ready, _, _ = select.select([self._wake_read, *events], [], [])
            if self._wake_read in ready:
                os.read(self._wake_read, 1)
                break
            for socket in ready:
                _drain(socket)
        for socket in events:
            socket.close()

    def _route(self, names):
        hops = " ".join(f"nexthop via {self._inside[name]}" for name in names)
        net.ip(self._node, *[f"route replace {prefix} {hops}" if hops else
                             f"route replace blackhole {prefix}" for prefix in self._prefixes])


def _drain(socket):
    """Reads all events that are there; what they say is looked up anew."""
    try:
        while socket.recv(65536):
            pass
    except OSError:
        pass  # empty, or an overrun: the look is due all the same
