"""Answers every IKE_SA_INIT on UDP 500 with one notification, in the gateway's place.

No IKE: it is what a firewall, another product or an attacker may send back in clear, which no stock
gateway can be made to.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import socket
import struct
import threading

from hil.guest import net

# RFC 7296 section 3.10.1
UNSUPPORTED_CRITICAL_PAYLOAD, INVALID_MAJOR_VERSION, INVALID_SYNTAX = 1, 5, 7
INVALID_MESSAGE_ID, INVALID_KE_PAYLOAD, COOKIE = 9, 17, 16390

HEADER = struct.Struct("!8s8sBBBBII")
NEXT_NOTIFY, IKE_SA_INIT, RESPONSE = 41, 34, 0x20
INFORMATIONAL_V1, NOTIFY_V1 = 5, 11


class Answerer:
    """Listens in `node` until stop(); answers with notification `kind` and the bytes data()."""

    def __init__(self, node, kind, data=bytes, version=2):
        self._node, self._kind, self._data, self._version = node, kind, data, version
        with net.inside(node):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind(("0.0.0.0", 500))
        self._thread = threading.Thread(target=self._run, name="answerer", daemon=True)
        self._thread.start()

    def stop(self):
        """Ends it; the port is free when it returns."""
        with net.inside(self._node), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", 500))
        self._thread.join()
        self._socket.close()

    def _run(self):
        while True:
            packet, peer = self._socket.recvfrom(65535)
            if not packet:
                return
            if len(packet) >= HEADER.size and packet[18] == IKE_SA_INIT:
                self._socket.sendto(self._answer(packet[:8]), peer)

    def _answer(self, spi):
        data = self._data()
        notify = struct.pack("!BBHBBH", 0, 0, 8 + len(data), 0, 0, self._kind) + data
        exchange, flags, kind = IKE_SA_INIT, RESPONSE, NEXT_NOTIFY
        if self._version == 1:  # RFC 2408 section 3.14: DOI, then as above
            notify = struct.pack("!BBHIBBH", 0, 0, 12, 1, 1, 0, self._kind)
            exchange, flags, kind = INFORMATIONAL_V1, 0, NOTIFY_V1
        return HEADER.pack(spi, bytes(8), kind, self._version << 4, exchange, flags, 0,
                           HEADER.size + len(notify)) + notify


def group(number):
    """The data of INVALID_KE_PAYLOAD."""
    return lambda: struct.pack("!H", number)


def cookie():
    """The data of a COOKIE, another one each time."""
    return os.urandom(16)
