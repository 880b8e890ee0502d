"""Looks at a node's IPsec: which SAs its kernel has, and when each came.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import re
import select
import socket
import struct
import time

from hil.guest import net

NETLINK_XFRM = 6
XFRM_MSG_NEWSA, XFRM_MSG_UPDSA = 0x10, 0x1a  # linux/xfrm.h
XFRMNLGRP_SA = 3

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


class Watch:
    """Notes when SAs are installed in a node's kernel, from now on."""

    def __init__(self, node):
        with net.inside(node):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
            self._socket.bind((0, 1 << (XFRMNLGRP_SA - 1)))
        self._socket.setblocking(False)
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
