"""A flow of pings in the background that knows of each one whether it was answered.

Not ping(8): its intervals are rounded up by the kernel's timer wheel, and it floods while the
clock is below one second. Here each echo request leaves at an instant counted from the first one.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import select
import socket
import struct
import threading
import time

from hil.guest import net

ECHO_REQUEST, ECHO_REPLY = 8, 0
# How long an answer may take before its request counts as lost.
GRACE_S = 1.0


class Flow:
    """Pings `target` from `node` every `every_ms` until stop()."""

    _last_ident = 0

    def __init__(self, node, target, every_ms=200, payload_bytes=56):
        Flow._last_ident += 1
        self.name = f"{node} to {target}"
        self._ident, self._target = Flow._last_ident, target
        self._every_s, self._payload = every_ms / 1000, bytes(payload_bytes)
        self._sent = []         # Unix time of each request; the index is its sequence number
        self._answered = set()  # sequence numbers
        self._is_stopping = threading.Event()
        with net.inside(node):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._thread = threading.Thread(target=self._run, name=self.name)
        self._thread.start()

    def stop(self):
        """Sends no more, waits for late answers; returns (sent, answered) of the whole flow."""
        self._is_stopping.set()
        self._thread.join()
        self._socket.close()
        return self.count()

    def count(self, since_s=0.0, until_s=float("inf")):
        """(sent, answered) of the requests sent from `since_s` to `until_s`, Unix time.

        Waits first until the last of them has had its time.
        """
        youngest = max([sent for sent in self._sent if sent < until_s], default=0.0)
        if self._thread.is_alive():
            time.sleep(max(0.0, min(youngest + GRACE_S - time.time(), GRACE_S)))
        chosen = [number for number, sent in enumerate(self._sent) if since_s <= sent < until_s]
        return len(chosen), sum(number in self._answered for number in chosen)

    def answered_after(self, since_s):
        """When the first request after `since_s` was sent that has its answer; None: none yet."""
        for number, sent in enumerate(self._sent):
            if sent >= since_s and number in self._answered:
                return sent
        return None

    def lost_s(self):
        """When each request was sent that has no answer; the youngest may still get theirs."""
        return [sent for number, sent in enumerate(self._sent) if number not in self._answered]

    def outage_s(self, since_s=0.0, until_s=float("inf")):
        """The longest time without an answer, in steps of the interval, of the requests of that time."""
        self.count(since_s, until_s)
        longest = now = 0
        for number, sent in enumerate(self._sent):
            if since_s <= sent < until_s:
                now = 0 if number in self._answered else now + 1
                longest = max(longest, now)
        return longest * self._every_s

    def _run(self):
        start = time.monotonic()
        while not self._is_stopping.is_set():
            self._send()
            self._receive_until(start + len(self._sent) * self._every_s)
        self._receive_until(time.monotonic() + GRACE_S)

    def _send(self):
        number = len(self._sent)
        self._sent.append(time.time())
        message = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, self._ident, number & 0xffff)
        message += self._payload
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        try:
            self._socket.sendto(message, (self._target, 0))
        except OSError:
            pass  # no route, or an error that an earlier request brought: it counts as lost

    def _receive_until(self, end):
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while (left := end - time.monotonic()) > 0:
            if not poll.poll(left * 1000):
                continue
            try:
                packet, _ = self._socket.recvfrom(2048)
            except OSError:
                continue
            number = answered_number(packet, self._ident, len(self._sent))
            if number is not None:
                self._answered.add(number)


def answered_number(packet, ident, n_sent):
    """Which of `n_sent` requests of flow `ident` an IPv4 packet answers, or None."""
    header_bytes = (packet[0] & 15) * 4
    if len(packet) < header_bytes + 8:
        return None
    kind, _, _, its_ident, low = struct.unpack_from("!BBHHH", packet, header_bytes)
    if kind != ECHO_REPLY or its_ident != ident:
        return None
    # the youngest request with these 16 bits
    number = (n_sent - 1) - ((n_sent - 1 - low) & 0xffff)
    return number if number >= 0 else None


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff
