"""Speaks to a charon's control socket: commands, streamed lists, events.

The protocol is that of strongSwan's vici plugin (src/libcharon/plugins/vici/README.md): packets with
a length, a type and a name; messages are trees of sections, key-values and lists.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import socket
import struct

REQUEST, RESPONSE, UNKNOWN, REGISTER, UNREGISTER, CONFIRM, EVENT_UNKNOWN, EVENT = range(8)
SECTION, SECTION_END, KEY_VALUE, LIST, LIST_ITEM, LIST_END = range(1, 7)


class ViciError(Exception):
    """A command or event that charon does not know, or an answer that is none."""


class Client:
    """One connection; one thread at a time."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))

    def ask(self, command, **arguments):
        """Sends a command and waits; returns the answer as a dict of texts, lists and dicts."""
        self._send(REQUEST, command, pack(arguments))
        return self._answer(command, RESPONSE, None)

    def list(self, command, event, **arguments):
        """Sends a command whose answer is streamed as events; returns their messages."""
        found = []
        self._send(REGISTER, event)
        self._answer(event, CONFIRM, None)
        self._send(REQUEST, command, pack(arguments))
        self._answer(command, RESPONSE, found)
        self._send(UNREGISTER, event)
        self._answer(event, CONFIRM, None)
        return found

    def register(self, *events):
        """Asks for events, which next_event() then returns."""
        for event in events:
            self._send(REGISTER, event)
            self._answer(event, CONFIRM, None)

    def next_event(self):
        """Waits for the next event; returns its name and message."""
        while True:
            kind, body = self._receive()
            if kind == EVENT:
                return _split(body)

    def close(self):
        """Ends the connection; a wait in another thread ends with EOFError."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # charon has ended
        self._socket.close()

    def _send(self, kind, name, message=b""):
        packet = bytes([kind, len(name)]) + name.encode() + message
        self._socket.sendall(struct.pack("!I", len(packet)) + packet)

    def _answer(self, name, wanted, events):
        while True:
            kind, body = self._receive()
            if kind == wanted:
                return unpack(body)
            if kind != EVENT:
                raise ViciError(f"{name}: answer of type {kind}")
            if events is not None:
                events.append(_split(body)[1])

    def _receive(self):
        length, = struct.unpack("!I", self._read(4))
        packet = self._read(length)
        return packet[0], packet[1:]

    def _read(self, length):
        data = b""
        while len(data) < length:
            part = self._socket.recv(length - len(data))
            if not part:
                raise EOFError("charon has closed its control socket")
            data += part
        return data


def _split(body):
    end = 1 + body[0]
    return body[1:end].decode(), unpack(body[end:])


def pack(message):
    """The bytes of a message: a dict of texts, lists of texts and dicts."""
    data = b""
    for key, value in message.items():
        name = bytes([len(key)]) + key.encode()
        if isinstance(value, dict):
            data += bytes([SECTION]) + name + pack(value) + bytes([SECTION_END])
        elif isinstance(value, list):
            items = b"".join(bytes([LIST_ITEM]) + _pack_value(item) for item in value)
            data += bytes([LIST]) + name + items + bytes([LIST_END])
        else:
            data += bytes([KEY_VALUE]) + name + _pack_value(value)
    return data


def _pack_value(value):
    text = str(value).encode()
    return struct.pack("!H", len(text)) + text


def unpack(data):
    """The message of bytes, as a dict; the reverse of pack()."""
    message, at = _unpack_section(data, 0)
    if at != len(data):
        raise ViciError(f"{len(data) - at} bytes after the end of a message")
    return message


def _unpack_section(data, at):
    section = {}
    while at < len(data):
        kind, at = data[at], at + 1
        if kind == SECTION_END:
            break
        name, at = data[at + 1:at + 1 + data[at]].decode(), at + 1 + data[at]
        if kind == SECTION:
            section[name], at = _unpack_section(data, at)
        elif kind == LIST:
            section[name] = []
            while data[at] == LIST_ITEM:
                value, at = _unpack_value(data, at + 1)
                section[name].append(value)
            at += 1
        elif kind == KEY_VALUE:
            section[name], at = _unpack_value(data, at)
        else:
            raise ViciError(f"element of type {kind}")
    return section, at


def _unpack_value(data, at):
    length, = struct.unpack_from("!H", data, at)
    at += 2
    return data[at:at + length].decode(errors="replace"), at + length
