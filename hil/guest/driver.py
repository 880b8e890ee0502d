"""Drives a simulated gateway's charon by its control socket, where Azure does what settings cannot say.

Section numbers are those of hil/azure/gateway.py.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import select
import socket
import threading

from hil import topology as topologies
from hil.guest import ike, net, pcap, vici

IKE = "azure"  # the name of the connection in swanctl.conf
UP = ("INSTALLED", "REKEYING", "REKEYED")
ETH_P_ALL = 3


class Beginner:
    """Begins whenever no child SA is up, every `retry_s`, down the rungs of selectors (1.5, 1.6)."""

    def __init__(self, path, rungs, retry_s):
        self._commands, self._events = vici.Client(path), vici.Client(path)
        self._events.register("ike-updown", "child-updown")
        self._rungs, self._retry_s = rungs, retry_s
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beginner")
        self._thread.start()

    def stop(self):
        """Begins no more."""
        self._is_stopping.set()
        self._commands.close()
        self._events.close()
        self._thread.join()

    def _run(self):
        try:
            while not self._is_stopping.is_set():
                if is_up(self._commands) or self._climb_down():
                    self._events.next_event()
                else:
                    self._is_stopping.wait(self._retry_s)
        except (OSError, EOFError):
            pass  # stopped, or charon has ended

    def _climb_down(self):
        """Tries rung after rung while there is an IKE SA; returns whether a child SA came."""
        for rung in self._rungs:
            results = [self._commands.ask("initiate", ike=IKE, child=name, loglevel=-1)
                       for name, _, _ in rung]
            if any(result["success"] == "yes" for result in results):
                return True
            if not ike_sas(self._commands, "ESTABLISHED"):
                return False
        return False


class Collider:
    """Calls `order`, which rekeys, whenever a rekey of the box is on its way here (2.4).

    It looks at the office's side of the internet, where the box's request passes before the delay of
    Azure's link.
    """

    def __init__(self, topology, public, order):
        self._public, self._order = public, order
        self.n_collided = 0
        node = topologies.node_of(topology, "internet")
        interface = topologies.ends_of(topology, node)[0][1]["interface"]
        with net.inside(node):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self._socket.bind((interface, 0))
        self._wake_read, self._wake_write = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="collider")
        self._thread.start()

    def stop(self):
        """Lets rekeys alone."""
        self._wake_write.send(b"x")
        self._thread.join()
        self._socket.close()

    def _run(self):
        while True:
            ready, _, _ = select.select([self._socket, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            if self._is_rekey(self._socket.recv(65536)):
                self._rekey()

    def _is_rekey(self, frame):
        try:
            datagram = pcap.parse_ip(frame)
        except ValueError:
            return False
        if datagram is None or str(datagram.target) != self._public:
            return False
        header = ike.header_of(datagram)
        return header is not None and header.name == "CREATE_CHILD_SA" and header.is_request

    def _rekey(self):
        try:
            self._order()
            self.n_collided += 1
        except (OSError, EOFError):
            pass  # charon has ended


def ike_sas(client, *states):
    """The IKE SAs, of some states or all, as list-sas has them."""
    found = [section for message in client.list("list-sas", "list-sa") for section in message.values()]
    return [section for section in found if not states or section["state"] in states]


def children(client):
    """The child SAs of all IKE SAs, oldest first."""
    found = [child for section in ike_sas(client) for child in section["child-sas"].values()]
    return sorted(found, key=lambda child: int(child["uniqueid"]))


def child_ids(client):
    """The unique ids of the child SAs that can be rekeyed, oldest first."""
    return [child["uniqueid"] for child in children(client) if child["state"] == "INSTALLED"]


def is_up(client):
    """Whether there is a child SA that carries traffic."""
    return any(child["state"] in UP for child in children(client))
