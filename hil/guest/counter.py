"""Numbered UDP packets both ways between two nodes, fast and cheap: which were lost, and when.

Pings (ping.py) wake for every answer; here one thread sends both ways at a fixed rate and reads what
has come only now and then.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import socket
import struct
import threading
import time

from hil.guest import net

PORT = 7007
READ_EVERY = 50         # packets sent between two looks at what has come
GRACE_S = 1.0           # how long the last ones may take
RECEIVE_BYTES = 1 << 22


class Counter:
    """Sends `per_second` packets each way between `ends`, two (node, address), until stop()."""

    def __init__(self, ends, per_second, payload_bytes=64):
        self._period_s = 1 / per_second
        self._padding = bytes(max(0, payload_bytes - 4))
        self._addresses = [address for _, address in ends]
        self._sockets = [self._open(node) for node, _ in ends]
        self.sent_s = []                     # Unix time of each; the index is its number, both ways
        self.received = [bytearray(), bytearray()]  # by receiving end and number: how often it came
        self.delayed_s = 0.0                 # the worst lateness of a packet at its sender
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counter")
        self._thread.start()

    def stop(self):
        """Sends no more and waits for the last ones; returns how many were sent, by each end."""
        self._is_stopping.set()
        self._thread.join()
        for one in self._sockets:
            one.close()
        return len(self.sent_s)

    def lost(self, end):
        """The numbers of the packets that did not reach an end (0 or 1)."""
        came = self.received[end]
        return [number for number in range(len(self.sent_s))
                if number >= len(came) or not came[number]]

    def repeated(self, end):
        """How many packets reached an end more than once."""
        return sum(times > 1 for times in self.received[end])

    @staticmethod
    def _open(node):
        with net.inside(node):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        one.setsockopt(socket.SOL_SOCKET, net.SO_RCVBUFFORCE, RECEIVE_BYTES)
        one.bind(("", PORT))
        return one

    def _run(self):
        start = time.monotonic()
        while not self._is_stopping.is_set():
            self._send(len(self.sent_s))
            if len(self.sent_s) % READ_EVERY == 0:
                self._read()
            left = start + len(self.sent_s) * self._period_s - time.monotonic()
            self.delayed_s = max(self.delayed_s, -left)
            if left > 0:
                time.sleep(left)
        time.sleep(GRACE_S)
        self._read()

    def _send(self, number):
        message = struct.pack("!I", number) + self._padding
        self.sent_s.append(time.time())
        for one, address in zip(self._sockets, reversed(self._addresses)):
            try:
                one.sendto(message, (address, PORT))
            except OSError:
                pass  # no route: it counts as lost

    def _read(self):
        for one, came in zip(self._sockets, self.received):
            came.extend(bytes(len(self.sent_s) - len(came)))
            while True:
                try:
                    message = one.recv(2048)
                except BlockingIOError:
                    break
                except OSError:
                    continue  # an error that an earlier packet brought
                number = struct.unpack_from("!I", message)[0]
                came[number] = min(came[number] + 1, 255)
