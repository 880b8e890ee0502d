"""Guest side: starts fairlead-xfrmd in the box as its supervisor does, speaks to it as iked does,
and plays the gateway with `ip xfrm`.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import array
import contextlib
import hashlib
import json
import os
import pathlib
import selectors
import shutil
import socket
import struct
import subprocess
import time

from hil.guest import net, system
from hil.guest.rig import JOB, TREE

CONFIG = pathlib.Path("/etc/fairlead/config.json")
XFRMD = pathlib.Path("/usr/sbin/fairlead-xfrmd")
SOCKET = "/run/fairlead/xfrmd/xfrm.sock"
STATUS_SOCKET = "/run/fairlead/xfrmd/status.sock"
NOTIFY = "/run/notify-xfrmd"
XFRMD_UID, XFRMD_GID, FAIRLEAD_GID, IKED_UID = 810, 810, 800, 811
START_AS = ["/usr/sbin/start_as", str(XFRMD_UID), str(XFRMD_GID), str(FAIRLEAD_GID)]
HELLO, SPI_GET, SA_ADD, SA_QUERY, SA_DEL, TUNNEL_DOUBT = 1, 2, 3, 4, 5, 6
IN, OUT = 1, 2
EXPIRE, ACQUIRE, MAPPING = 1, 2, 3
ENCAP, ESN = 1, 2
# name: encryption, key bytes, integrity, key bytes, and how `ip xfrm state` writes the algorithms
SUITES = {
    "aes256gcm16": (20, 36, 0, 0, ["aead", "rfc4106(gcm(aes))", "KEY", "128"]),
    "aes128gcm16": (20, 20, 0, 0, ["aead", "rfc4106(gcm(aes))", "KEY", "128"]),
    "aes256-sha256": (12, 32, 12, 32,
                      ["enc", "cbc(aes)", "KEY", "auth-trunc", "hmac(sha256)", "IKEY", "128"]),
    "aes128-sha1": (12, 16, 2, 20,
                    ["enc", "cbc(aes)", "KEY", "auth-trunc", "hmac(sha1)", "IKEY", "96"]),
    "aes192-sha256": (12, 24, 12, 32,
                      ["enc", "cbc(aes)", "KEY", "auth-trunc", "hmac(sha256)", "IKEY", "128"]),
    "3des-sha1": (3, 24, 2, 20,
                  ["enc", "cbc(des3_ede)", "KEY", "auth-trunc", "hmac(sha1)", "IKEY", "96"]),
    "aes256-md5": (12, 32, 1, 16,
                   ["enc", "cbc(aes)", "KEY", "auth-trunc", "hmac(md5)", "IKEY", "96"]),
}


def install():
    """Users, directories, programs and the configuration of the job."""
    table = system.Table(TREE / "board/common/system.json")
    CONFIG.parent.mkdir(exist_ok=True)
    for name in ("fairlead-xfrmd", "fail_call", "start_as"):
        shutil.copy(JOB / "programs" / name, "/usr/sbin/")
    shutil.copyfile(JOB / "config/config.json", CONFIG)
    table.apply()
    subprocess.run(["ldconfig"], check=True)  # else the loader looks for each library in many places
    os.setgroups([FAIRLEAD_GID])  # that of all who speak with xfrmd


def wan_address(rig):
    """The box's address towards the internet."""
    link = next(link for link in rig.topology["links"] if link["name"] == "wan")
    end = next(end for end in link["ends"] if end["node"] == rig.node("box"))
    return end["addresses"][0].split("/")[0]


def configure(change):
    """Rewrites the configuration of the job as `change`, a function on the parsed one, wants it."""
    configuration = json.loads((JOB / "config/config.json").read_text())
    change(configuration)
    CONFIG.write_text(json.dumps(configuration))


def digest():
    """SHA-256 of the configuration."""
    return hashlib.sha256(CONFIG.read_bytes()).digest()


class Eye:
    """Looks at a node's kernel over netlink: no process is started for it, unlike with ip(8)."""

    RTM_NEWROUTE, RTM_GETROUTE, XFRM_MSG_GETPOLICY = 24, 26, 0x15
    RTA_DST, RTA_SRC, RTA_IIF, RTA_OIF = 1, 2, 3, 4
    NLMSG_ERROR, NLMSG_DONE, NLM_F_REQUEST, NLM_F_DUMP = 2, 3, 1, 0x300

    def __init__(self, node):
        self._node = node
        with net.inside(node):
            self._route, self._xfrm = (socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
                                       for protocol in (0, 6))

    def index(self, interface):
        """The index of an interface, or None."""
        with net.inside(self._node), contextlib.suppress(OSError):
            return socket.if_nametoindex(interface)
        return None

    def _ask(self, link, kind, payload, is_dump):
        flags = self.NLM_F_REQUEST | (self.NLM_F_DUMP if is_dump else 0)
        link.send(struct.pack("=IHHII", 16 + len(payload), kind, flags, 0, 0) + payload)
        while True:
            data = link.recv(65536)
            while data:
                length, kind, _, _, _ = struct.unpack_from("=IHHII", data)
                if kind == self.NLMSG_DONE:
                    return
                yield kind, data[16:length]
                if not is_dump:
                    return
                data = data[length + 3 & ~3:]

    @staticmethod
    def _attributes(data):
        found = {}
        while len(data) >= 4:
            length, kind = struct.unpack_from("=HH", data)
            found[kind] = data[4:length]
            data = data[length + 3 & ~3:]
        return found

    def route_to(self, target, source=None, interface=None):
        """Index of the interface that packets to `target` leave by; None: they do not leave."""
        payload = struct.pack("=8BI", socket.AF_INET, 32, 32 if source else 0, 0, 0, 0, 0, 0, 0)
        payload += struct.pack("=HH", 8, self.RTA_DST) + socket.inet_aton(target)
        if source:
            payload += struct.pack("=HH", 8, self.RTA_SRC) + socket.inet_aton(source)
        if interface:
            payload += struct.pack("=HHI", 8, self.RTA_IIF, self.index(interface))
        kind, data = next(self._ask(self._route, self.RTM_GETROUTE, payload, False))
        if kind != self.RTM_NEWROUTE:
            return None
        oif = self._attributes(data[12:]).get(self.RTA_OIF)
        return struct.unpack("=I", oif)[0] if oif else None

    def own_routes(self):
        """xfrmd's IPv4 routes as a set of (destination, index or None)."""
        found = set()
        for _, data in self._ask(self._route, self.RTM_GETROUTE,
                                 struct.pack("=8BI", socket.AF_INET, 0, 0, 0, 0, 0, 0, 0, 0), True):
            attributes = self._attributes(data[12:])
            if data[5] == 70:
                oif = attributes.get(self.RTA_OIF)
                found.add((f"{socket.inet_ntoa(attributes[self.RTA_DST])}/{data[1]}",
                           struct.unpack("=I", oif)[0] if oif else None))
        return found

    def n_policies(self):
        """How many policies there are."""
        return sum(1 for _ in self._ask(self._xfrm, self.XFRM_MSG_GETPOLICY, bytes(64), True))


class Daemon:
    """One run of fairlead-xfrmd in the node `node`, until stop() or its own end."""

    def __init__(self, node, before=(), log=None):
        """`log`: a file for what it says, where that is more than a pipe holds."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(NOTIFY)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(NOTIFY)
        os.chmod(NOTIFY, 0o666)
        self.started_s = time.monotonic()
        with net.inside(node):
            self.process = subprocess.Popen(
                [*START_AS, *before, XFRMD, "--config", CONFIG], stdin=subprocess.DEVNULL,
                stdout=open(log, "wb") if log else subprocess.PIPE, stderr=subprocess.STDOUT,
                env={"NOTIFY_SOCKET": NOTIFY})
        self.output = ""

    def wait_ready(self, limit_s=30):
        """Waits until it is ready or has ended; returns whether it is ready."""
        pidfd = os.pidfd_open(self.process.pid)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._notify, selectors.EVENT_READ)
                selector.register(pidfd, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select(limit_s)]
            return self._notify in ready
        finally:
            os.close(pidfd)

    def finish(self, number=None, limit_s=10):
        """Sends a signal, if one is given, and waits for its end; returns the status."""
        if number is not None:
            self.process.send_signal(number)
        try:
            output, _ = self.process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, _ = self.process.communicate()
        self.output += (output or b"").decode(errors="replace")
        print(self.output, end="")
        self._notify.close()
        return self.process.returncode

    def errors(self):
        """Its messages of the level error."""
        return [line for line in self.output.splitlines() if line.startswith("error ")]


def address(text):
    """struct addr."""
    is_ipv6 = ":" in text
    packed = socket.inet_pton(socket.AF_INET6 if is_ipv6 else socket.AF_INET, text)
    return struct.pack("B3x16s", 6 if is_ipv6 else 4, packed)


def prefix(text):
    """struct prefix."""
    head, length = text.split("/")
    return address(head) + struct.pack("B3x", int(length))


class Session:
    """What iked does on xfrm.sock. A reply is a dict; None: xfrmd ended the session."""

    def __init__(self, uid=IKED_UID):
        self._sequence = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(10)
        os.seteuid(uid)
        try:
            self._socket.connect(SOCKET)
        finally:
            os.seteuid(0)
        self.descriptors, self.events = [], None

    def close(self):
        """Ends the session, and closes what came with HELLO."""
        self._socket.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        if self.events:
            self.events.close()

    def ask(self, kind, body):
        """One request and its reply."""
        self._sequence += 1
        try:
            self._socket.send(struct.pack("=HHI", 2, kind, self._sequence) + body)
            data, ancillary, _, _ = self._socket.recvmsg(512, 256)
        except (BrokenPipeError, ConnectionResetError):
            return None
        if not data:
            return None
        descriptors = array.array("i")
        for _, _, packed in ancillary:
            descriptors.frombytes(packed)
        _, _, _, error, spi, n_bytes, packets, used_ago = struct.unpack_from("=HHIi4sQQQ", data)
        return {"error": error, "spi": spi, "bytes": n_bytes, "packets": packets,
                "used_ago_s": used_ago, "refusal": data[72:].split(b"\0")[0].decode(),
                "descriptors": list(descriptors)}

    def hello(self, sha256=None):
        """HELLO; keeps the descriptors that come."""
        reply = self.ask(HELLO, sha256 or digest())
        if reply and reply["descriptors"]:
            *self.descriptors, events = reply["descriptors"]
            self.events = socket.socket(fileno=events)
        return reply

    def spi_get(self, peer, own):
        """SPI_GET."""
        return self.ask(SPI_GET, address(peer) + address(own))

    def sa_add(self, sa):
        """SA_ADD of an Sa."""
        return self.ask(SA_ADD, sa.pack())

    def sa_query(self, sa):
        """SA_QUERY."""
        return self.ask(SA_QUERY, sa.name())

    def sa_del(self, sa):
        """SA_DEL."""
        return self.ask(SA_DEL, sa.name())

    def next_event(self, limit_s):
        """The next event as (type, is_hard, SPI, reqid), or None."""
        self.events.settimeout(limit_s)
        try:
            data = self.events.recv(128)
        except (TimeoutError, BlockingIOError):
            return None
        _, kind, is_hard, spi, reqid = struct.unpack_from("=HHB3x4sI", data)
        return kind, is_hard, spi, reqid


class Sa:
    """One SA of the box, as SA_ADD wants it."""

    def __init__(self, direction, peer, own, spi, suite="aes256gcm16", **changes):
        self.direction, self.peer, self.own, self.spi = direction, peer, own, spi
        self.encr, encr_bytes, self.integ, integ_bytes, self.words = SUITES[suite]
        # both directions have keys of their own
        self.key = bytes((direction * 64 + i) % 251 for i in range(encr_bytes))
        self.integ_key = bytes((direction * 32 + i) % 247 for i in range(integ_bytes))
        self.if_id, self.reqid, self.flags, self.window = 1, 1, 0, 32
        self.soft_s, self.hard_s, self.hard_bytes = 21600, 27000, 102400000 * 1024
        self.local = self.remote = "0.0.0.0/0"
        vars(self).update(changes)

    def ends(self):
        """(source, destination)."""
        return (self.peer, self.own) if self.direction == IN else (self.own, self.peer)

    def name(self):
        """The body of struct xfrm_sa_ref."""
        source, destination = self.ends()
        return address(source) + address(destination) + self.spi + struct.pack("=I", self.if_id)

    def pack(self):
        """The body of struct xfrm_sa_add."""
        source, destination = self.ends()
        port = 4500 if self.flags & ENCAP else 0
        return b"".join((
            address(source), address(destination), self.spi,
            struct.pack("=IIBBBBHHHHHHI", self.if_id, self.reqid, self.direction, 50, 1, self.flags,
                        self.encr, self.integ, len(self.key), len(self.integ_key), port, port,
                        self.window),
            struct.pack("=QQQQQQ", 0, self.hard_bytes, 0, 0, self.soft_s, self.hard_s),
            prefix(self.local), prefix(self.remote),
            self.key.ljust(36, b"\0"), self.integ_key.ljust(64, b"\0"), bytes(4)))

    def ip_words(self):
        """The same SA for `ip xfrm state add` in the gateway."""
        source, destination = self.ends()
        replaced = {"KEY": "0x" + self.key.hex(), "IKEY": "0x" + self.integ_key.hex()}
        words = ["src", source, "dst", destination, "proto", "esp", "spi", "0x" + self.spi.hex(),
                 "reqid", "9", "mode", "tunnel", "if_id", "9",
                 *(replaced.get(word, word) for word in self.words)]
        if self.flags & ESN:
            words += ["flag", "esn", "replay-window", "64"]
        if self.flags & ENCAP:
            words += ["encap", "espinudp", "4500", "4500", "0.0.0.0"]
        return words


class Gateway:
    """The peer: an interface and policies for any traffic, SAs as the box has them."""

    def __init__(self, rig):
        self.node, self.own = rig.node("gateway"), rig.address("gateway")
        net.ip(self.node, "link add ipsec9 type xfrm if_id 9", "link set ipsec9 up",
               "route add 192.168.0.0/16 dev ipsec9")
        self._udp, self._sas = [], []

    def policies(self, box):
        """Policies towards the box's address."""
        for direction, ends in (("out", f"src {self.own} dst {box}"),
                                ("in", f"src {box} dst {self.own}"),
                                ("fwd", f"src {box} dst {self.own}")):
            net.ip(self.node, f"xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir {direction} "
                              f"tmpl {ends} proto esp reqid 9 mode tunnel if_id 9")

    def take(self, sas):
        """Has these SAs and, from then on, no others."""
        for sa in sas:
            net.run(self.node, "ip", "xfrm", "state", "add", *sa.ip_words())
        for sa in self._sas:
            source, destination = sa.ends()
            net.ip(self.node, f"xfrm state delete src {source} dst {destination} proto esp "
                              f"spi 0x{sa.spi.hex()}")
        self._sas = sas

    def unpack_udp(self):
        """Unpacks ESP in UDP from now on."""
        with net.inside(self.node):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP, UDP_ENCAP_ESPINUDP
        udp.bind(("0.0.0.0", 4500))
        self._udp.append(udp)
