"""Looks at a node's IPsec: which SAs its kernel has, and when each came. Makes one expire.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import ipaddress
import re
import select
import socket
import struct
import time

from hil.guest import net

NETLINK_XFRM = 6
# linux/xfrm.h
XFRM_MSG_NEWSA, XFRM_MSG_DELSA, XFRM_MSG_EXPIRE, XFRM_MSG_UPDSA = 0x10, 0x11, 0x18, 0x1a
XFRMNLGRP_SA = 3
# of struct xfrm_usersa_info; struct xfrm_usersa_id, which an event DELSA begins with, is shorter
SA_DST_AT, SA_SPI_AT, SA_PROTO_AT, SA_FAMILY_AT, SA_BYTES = 56, 72, 76, 212, 224
PROTO_ESP = 50

# One SA of `ip -s xfrm state`; packets counts what it carried.
State = collections.namedtuple("State", "source target spi encapsulation packets")


def states(node):
    """The SAs in a node's kernel, without larval ones."""
    return parse_states(net.run(node, "ip", "-s", "xfrm", "state"))


def parse_states(text):
    """Parses the output of `ip -s xfrm state`."""
    found = []
    for block in re.split(r"^(?=src )", text, flags=re.MULTILINE):
        head = re.match(r"src (\S+) dst (\S+)", block)
        spi = re.search(r"spi 0x([0-9a-f]+)\(", block) or re.search(r"spi 0x([0-9a-f]+)", block)
        if not head or not spi or not re.search(r"^\s+(aead|enc) ", block, flags=re.MULTILINE):
            continue
        encapsulation = re.search(r"encap type (\S+)", block)
        current = re.search(r"lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", block)
        found.append(State(head[1], head[2], int(spi[1], 16),
                           encapsulation[1] if encapsulation else None,
                           int(current[1]) if current else 0))
    return found


def open_events(node):
    """A socket that gets an event whenever an SA of a node's kernel comes, changes or goes."""
    with net.inside(node):
        events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
        events.bind((0, 1 << (XFRMNLGRP_SA - 1)))
    events.setblocking(False)
    return events


class Watch:
    """Notes when SAs are installed in a node's kernel, from now on."""

    def __init__(self, node):
        self._socket = open_events(node)
        self.times_s = []  # monotonic time at which each SA came

    def wait(self, n_sas, limit_s):
        """Waits until `n_sas` SAs have come in all; returns whether they did within `limit_s`."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        end = time.monotonic() + limit_s
        while len(self.times_s) < n_sas:
            left = end - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                return False
            self._read()
        return True

    def _read(self):
        data = self._socket.recv(65536)
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            if kind in (XFRM_MSG_NEWSA, XFRM_MSG_UPDSA):
                self.times_s.append(time.monotonic())
            at += max((length + 3) & ~3, 16)

    def close(self):
        """Ends the watch."""
        self._socket.close()


class Live:
    """The SAs of a node's kernel, kept up by its events: cheap to look at, however often they change.

    An SA is here what identifies it: (destination, SPI).
    """

    def __init__(self, node):
        self._node = node
        self._socket = open_events(node)
        self._socket.setsockopt(socket.SOL_SOCKET, net.SO_RCVBUFFORCE, 1 << 22)
        self.n_new = {}  # by destination: how many have come
        self._sas = [(sa.target, sa.spi) for sa in states(node)]  # in the order in which they came

    def to(self, target):
        """The SPIs of the SAs to an address, the youngest last."""
        self._read()
        return [spi for destination, spi in self._sas if destination == target]

    def n_came(self, target):
        """How many SAs to an address have come since the beginning."""
        self._read()
        return self.n_new.get(target, 0)

    def expire(self, target, spi):
        """The kernel tells that the SA's soft limit is reached, which is a daemon's cue to rekey."""
        info = bytearray(SA_BYTES + 8)
        info[SA_DST_AT:SA_DST_AT + 4] = ipaddress.ip_address(target).packed
        struct.pack_into("!IB", info, SA_SPI_AT, spi, PROTO_ESP)
        struct.pack_into("=H", info, SA_FAMILY_AT, socket.AF_INET)
        message = struct.pack("=IHHII", 16 + len(info), XFRM_MSG_EXPIRE, 1, 1, 0) + bytes(info)
        with net.inside(self._node), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                                   NETLINK_XFRM) as control:
            control.send(message)

    def close(self):
        """Ends following."""
        self._socket.close()

    def _read(self):
        while True:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return
            at = 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                self._take(kind, data[at + 16:at + length])
                at += max((length + 3) & ~3, 16)

    def _take(self, kind, body):
        if kind == XFRM_MSG_DELSA:
            sa = _identity(body, 0, 16)
            if sa in self._sas:
                self._sas.remove(sa)
        elif kind in (XFRM_MSG_NEWSA, XFRM_MSG_UPDSA):
            sa = _identity(body, SA_DST_AT, SA_SPI_AT)
            if sa not in self._sas:
                self._sas.append(sa)
                self.n_new[sa[0]] = self.n_new.get(sa[0], 0) + 1


def _identity(body, dst_at, spi_at):
    return (str(ipaddress.ip_address(bytes(body[dst_at:dst_at + 4]))),
            struct.unpack_from("!I", body, spi_at)[0])
