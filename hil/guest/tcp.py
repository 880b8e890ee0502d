"""Transfers over TCP between two nodes, to see what a path lets through.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import socket
import threading

from hil.guest import net

PORT = 5001
TCP_MAXSEG = 2

# What arrived, and the MSS that sender and receiver ended up with, in bytes.
Transfer = collections.namedtuple("Transfer", "received mss_sender mss_receiver")


def transfer(source, target, address, n_bytes, limit_s=60):
    """Sends `n_bytes` from node `source` to node `target`, which has `address`."""
    with net.inside(target):
        listener = socket.create_server((address, PORT), reuse_port=True)
    listener.settimeout(limit_s)
    found = {}

    def receive():
        try:
            connection, _ = listener.accept()
            connection.settimeout(limit_s)
            while data := connection.recv(65536):
                found["received"] = found.get("received", 0) + len(data)
            found["mss"] = connection.getsockopt(socket.IPPROTO_TCP, TCP_MAXSEG)
            connection.close()
        except OSError:
            pass  # what did not arrive is seen in the count

    thread = threading.Thread(target=receive)
    thread.start()
    with net.inside(source):
        sender = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sender.settimeout(limit_s)
    mss = 0
    try:
        sender.connect((address, PORT))
        mss = sender.getsockopt(socket.IPPROTO_TCP, TCP_MAXSEG)
        sender.sendall(bytes(n_bytes))
        sender.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the same
    thread.join()
    sender.close()
    listener.close()
    return Transfer(found.get("received", 0), mss, found.get("mss", 0))
