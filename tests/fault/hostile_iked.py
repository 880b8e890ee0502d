"""A hostile iked: it holds a valid session and asks 100,000 times, half of it a valid request with one
field changed. What the kernel then holds is judged from `ip`'s dumps, against the configuration.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import json
import random
import re
import signal
import struct

from hil.guest import net
from hil.guest.rig import JOB
from tests.fault import xfrmd_bed as bed

CASE = {"title": "a hostile iked gets nothing past the configuration", "topologies": ["road"],
        "gateway": "custom"}
N_REQUESTS, JUDGE_EVERY, MAX_HELD = 100000, 5000, 400
GATEWAYS = ("198.51.100.10", "198.51.100.20")
EDGES = (0, 1, 2, 3, 4, 7, 50, 51, 108, 255, 256, 0x7fff, 0xffff, 0x80000000, 0xffffffff)
# fields of the body of struct xfrm_sa_add: offset and bytes (proto/xfrm_proto.h, less its header)
SA_FIELDS = [(0, 1), (1, 3), (4, 4), (8, 12), (20, 1), (24, 4), (28, 12), (40, 4), (44, 4), (48, 4),
             (52, 1), (53, 1), (54, 1), (55, 1), (56, 2), (58, 2), (60, 2), (62, 2), (64, 2), (66, 2),
             (68, 4), (72, 8), (80, 8), (88, 8), (96, 8), (104, 8), (112, 8), (120, 4), (124, 4),
             (128, 12), (140, 1), (144, 4), (148, 4), (152, 12), (164, 1), (168, 36), (204, 64),
             (268, 4)]
REF_FIELDS = [(0, 1), (4, 4), (8, 12), (20, 1), (24, 4), (40, 4), (44, 4)]
SPI_FIELDS = [(0, 1), (1, 3), (4, 4), (8, 12), (20, 1), (21, 3), (24, 4), (28, 12)]
DOUBT_FIELDS = [(0, 4), (4, 4)]


def run(rig):
    bed.install()
    bed.configure(two_tunnels)
    net.raise_box(rig.topology)
    daemon = bed.Daemon(rig.box.node, log=JOB / "xfrmd.log")
    rig.expect("xfrmd is ready", daemon.wait_ready(), "==", True)
    attack = Attack(rig)
    judge = Judge(rig.box.node, json.loads(bed.CONFIG.read_text()))
    faults, n_seen = [], 0
    for n in range(N_REQUESTS // JUDGE_EVERY):
        for _ in range(JUDGE_EVERY):
            attack.ask_once()
        found, seen = judge.faults()
        faults += found
        n_seen = max(n_seen, seen)
        if n % 5 == 4:
            rig.tell(f"{(n + 1) * JUDGE_EVERY} requests: {attack.summary()}")
    for fault in faults[:10]:
        rig.tell(f"not allowed: {fault}")
    rig.expect("requests", attack.n, "==", N_REQUESTS)
    rig.expect("of them with one field changed", attack.n_mutants, ">=", N_REQUESTS * 45 // 100)
    # else the judge never had anything to judge
    rig.expect("most SAs in the kernel at one time", n_seen, ">", 50)
    rig.expect("requests refused", attack.n_refused, ">", N_REQUESTS // 10)
    rig.expect("objects in the kernel that the configuration does not allow", len(faults), "==", 0)
    rig.expect("the judge sees what is not allowed", bool(bite(rig, judge)), "==", True)
    rig.expect("xfrmd lives", daemon.process.poll(), "==", None)
    rig.expect("xfrmd's exit status", daemon.finish(signal.SIGTERM), "==", 0)


def two_tunnels(configuration):
    """A second, policy-based tunnel beside the route-based one."""
    configuration["azure"]["prefixes"] = ["10.50.0.0/16", "10.60.0.0/16"]
    first = configuration["tunnels"][0]
    first["gateway"] = first["gateway_id"] = GATEWAYS[0]
    first["esp"]["suites"] = ["aes256gcm16", "aes256-sha256"]
    first["if_id"] = first["children"][0]["reqid"] = 1
    office = configuration["lan"]["prefixes"][0]
    configuration["tunnels"].append(
        first | {"name": "cn-policy", "if_id": 7, "gateway": GATEWAYS[1], "gateway_id": GATEWAYS[1],
                 "esp": {"suites": ["aes128-sha1"], "life_s": 3600, "life_kilobytes": 0},
                 "children": [
                     {"name": "one", "reqid": 71, "local": office, "remote": "10.50.0.0/16"},
                     {"name": "two", "reqid": 72, "local": office, "remote": "10.60.8.0/24"}]})


def bite(rig, judge):
    """An SA that somebody else put there must be seen."""
    net.ip(rig.box.node, "xfrm state add src 203.0.113.7 dst 198.51.100.10 proto esp spi 0x1234 mode "
                         "transport enc ecb(cipher_null) ''")
    return judge.faults()[0]


class Attack:
    """Asks, and keeps what it got to build further requests on."""

    def __init__(self, rig):
        self._random = random.Random(rig.seed)
        self._own = bed.wan_address(rig)
        self._office = json.loads(bed.CONFIG.read_text())["lan"]["prefixes"][0]
        self._session, self._spis, self._held, self._n_spi = None, [], [], 0x1000
        self.n = self.n_mutants = self.n_refused = self.n_ended = self.n_good = 0

    def summary(self):
        return (f"{self.n_good} granted, {self.n_refused} refused, {self.n_ended} sessions ended, "
                f"{self.n_mutants} with one field changed")

    def ask_once(self):
        if self._session is None:
            self._session = bed.Session()
            self._session.hello()
            self._spis = []
        kind, body, fields, sa = self._valid()
        choice = self._random.random()
        if choice < 0.5:
            body = self._changed(body, fields)
            self.n_mutants += 1
            sa = None
        elif choice < 0.6:  # noise of the right size, or of any
            n_bytes = len(body) if self._random.random() < 0.8 else self._random.randrange(400)
            kind, body, sa = self._random.randrange(9), self._random.randbytes(n_bytes), None
        reply = self._session.ask(kind, body)
        self.n += 1
        if reply is None:
            self.n_ended += 1
            self._session.close()
            self._session = None
            return
        for descriptor in reply["descriptors"]:
            bed.os.close(descriptor)
        self._note(kind, reply, sa)

    def _note(self, kind, reply, sa):
        if reply["refusal"]:
            self.n_refused += 1
        elif reply["error"] == 0:
            self.n_good += 1
            if kind == bed.SPI_GET:
                self._spis = (self._spis + [reply["spi"]])[-8:]
            elif kind == bed.SA_ADD and sa:
                self._held.append(sa)
            elif kind == bed.SA_DEL and sa in self._held:
                self._held.remove(sa)

    def _valid(self):
        """(type, body, its fields, the SA or None) of a request that the configuration allows."""
        choice = self._random.random()
        if len(self._held) > MAX_HELD or (self._held and choice < 0.1):
            sa = self._random.choice(self._held)
            return bed.SA_DEL, sa.name(), REF_FIELDS, sa
        if self._held and choice < 0.15:
            sa = self._random.choice(self._held)
            return bed.SA_QUERY, sa.name(), REF_FIELDS, None
        if choice < 0.2:
            return (bed.TUNNEL_DOUBT, struct.pack("=II", self._random.choice((1, 7)),
                                                  self._random.randrange(2)), DOUBT_FIELDS, None)
        if choice < 0.4 or not self._spis:
            return (bed.SPI_GET, bed.address(self._random.choice(GATEWAYS)) + bed.address(self._own),
                    SPI_FIELDS, None)
        sa = self._sa()
        return bed.SA_ADD, sa.pack(), SA_FIELDS, sa

    def _sa(self):
        direction = self._random.choice((bed.IN, bed.OUT))
        spi = self._spis[-1]
        if direction == bed.OUT:
            self._n_spi += 1
            spi = struct.pack(">I", self._n_spi)
        if self._random.random() < 0.5:
            return bed.Sa(direction, GATEWAYS[0], self._own, spi,
                          suite=self._random.choice(("aes256gcm16", "aes256-sha256")))
        reqid, remote = self._random.choice(((71, "10.50.0.0/16"), (72, "10.60.8.0/24")))
        return bed.Sa(direction, GATEWAYS[1], self._own, spi, suite="aes128-sha1", if_id=7,
                      reqid=reqid, local=self._office, remote=remote, soft_s=2880, hard_s=3600)

    def _changed(self, body, fields):
        offset, n_bytes = self._random.choice(fields)
        changed = self._random.randbytes(n_bytes)
        if n_bytes <= 8 and self._random.random() < 0.6:
            changed = (self._random.choice(EDGES) % (1 << 8 * n_bytes)).to_bytes(
                n_bytes, self._random.choice(("little", "big")))
        return body[:offset] + changed + body[offset + n_bytes:]


class Judge:
    """Says what in the kernel the configuration does not allow. Knows neither xfrmd nor netlink."""

    ALGORITHMS = {"aes256gcm16": {("aead", "rfc4106(gcm(aes))", 36)},
                  "aes256-sha256": {("enc", "cbc(aes)", 32), ("auth-trunc", "hmac(sha256)", 32)},
                  "aes128-sha1": {("enc", "cbc(aes)", 16), ("auth-trunc", "hmac(sha1)", 20)}}

    def __init__(self, node, configuration):
        self._node = node
        self._tunnels = {tunnel["if_id"]: tunnel for tunnel in configuration["tunnels"]}
        self._children = {child["reqid"]: (tunnel["if_id"], child)
                          for tunnel in configuration["tunnels"] for child in tunnel["children"]}
        self._azure = [ipaddress.ip_network(prefix)
                       for prefix in configuration["azure"]["prefixes"]]

    def faults(self):
        """(what is not allowed, how many SAs there are)."""
        states = re.split(r"^(?=src )", self._ip("-d", "xfrm", "state"), flags=re.MULTILINE)[1:]
        policies = re.split(r"^(?=src )", self._ip("-d", "xfrm", "policy"), flags=re.MULTILINE)[1:]
        found = [(fault, block) for block in states if (fault := self._state_fault(block))]
        found += [(fault, block) for block in policies if (fault := self._policy_fault(block))]
        links = re.findall(r"(ipsec\d+)@?", self._ip("-o", "link", "show", "type", "xfrm"))
        found += [("an interface of no tunnel", name) for name in links
                  if int(name[5:]) not in self._tunnels]
        return ([f"{fault}: {' '.join(block.split())}" for fault, block in found],
                sum("auth-trunc" in block or "aead" in block for block in states))

    def _ip(self, *words):
        return net.run(self._node, "ip", *words)

    def _state_fault(self, block):
        source, target = re.match(r"src (\S+) dst (\S+)", block).groups()
        head = re.search(r"proto (\w+) spi 0x([0-9a-f]+).* reqid (\d+).* mode (\w+)", block)
        kind, reqid = head[1], int(head[3])
        if_id = int((re.search(r"if_id (0x[0-9a-f]+|\d+)", block) or [0, "0"])[1], 0)
        algorithms = re.findall(r"^\s+(aead|enc|auth-trunc|auth|comp) (\S+) 0x([0-9a-f]*)", block,
                                flags=re.MULTILINE)
        if not re.search(r"^\s+(aead|enc|auth-trunc|auth|comp) ", block, flags=re.MULTILINE):
            return None  # a reservation, or what waits for an SA: carries nothing
        tunnel = self._tunnels.get(if_id)
        if kind != "esp" or head[4] != "tunnel":
            return f"{kind} in {head[4]} mode"
        if not tunnel or self._children.get(reqid, (None,))[0] != if_id:
            return f"if_id {if_id} with reqid {reqid}"
        if tunnel["gateway"] not in (source, target):
            return f"another peer than {tunnel['gateway']}"
        if not any({(word, name, len(key) // 2) for word, name, key in algorithms} ==
                   self.ALGORITHMS[suite] for suite in tunnel["esp"]["suites"]):
            return f"algorithms {[(word, name, len(key) // 2) for word, name, key in algorithms]}"
        return self._selector_fault(block, self._children[reqid][1], tunnel["gateway"] == source)

    @staticmethod
    def _selector_fault(block, child, is_in):
        selector = re.search(r"sel src (\S+) dst (\S+)", block)
        ends = selector.groups() if not is_in else selector.groups()[::-1]
        for end, allowed in zip(ends, (child["local"], child["remote"])):
            if not ipaddress.ip_network(end).subnet_of(ipaddress.ip_network(allowed)):
                return f"selector {end} outside {allowed}"
        return None

    def _policy_fault(self, block):
        direction = re.search(r"\sdir (\w+)", block)[1]
        if direction not in ("in", "out", "fwd") or "socket" in block:
            return f"direction {direction}"
        if_id = int((re.search(r"if_id (0x[0-9a-f]+|\d+)", block) or [0, "0"])[1], 0)
        reqid = int(re.search(r"reqid (\d+)", block)[1])
        if self._children.get(reqid, (None,))[0] != if_id:
            return f"policy with if_id {if_id} and reqid {reqid}"
        source, target = re.match(r"src (\S+) dst (\S+)", block).groups()
        child = self._children[reqid][1]
        wanted = (child["local"], child["remote"])
        return None if (source, target) == (wanted if direction == "out" else wanted[::-1]) else \
            f"policy from {source} to {target}"
