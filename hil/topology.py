"""Reads a topology: which nodes there are, how they are linked, and who plays which role.

A topology is data (hil/topologies/*.json). Its reader checks it whole before anything is built.
Each node is a network namespace in the guest, each link a pair of interfaces between two of them;
a link with more ends is a switch. An Azure gateway is one node, or two instances and the fabric
that they share.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import pathlib

from hil import shape

FOLDER = pathlib.Path(__file__).parent / "topologies"

# Who a node is in a case. The cases name roles, never nodes, so that they run on any topology.
ROLES = {"office", "box", "nat", "internet", "gateway", "gateway-a", "gateway-b", "fabric", "vnet"}
ROLES_EVERY_TOPOLOGY_HAS = ("office", "box", "vnet")
ROLES_OF_ONE, ROLES_OF_PAIR = ("gateway",), ("gateway-a", "gateway-b", "fabric")


def _route_target(text):
    if text != "default":
        ipaddress.ip_network(text)


SHAPE = {
    "title": str,
    "nodes": shape.Each({
        "role": ROLES,
        "ipv6?": bool,            # absent: no, so that only the box's own noise is on the wire
        "forward?": bool,         # absent: no
        "sysctls?": shape.Each(str),
        "masquerade?": str,       # interface whose address hides all that leaves by it
    }),
    "links": [{
        "name": str,
        "ends": [{"node": str, "interface": str, "addresses": [ipaddress.ip_interface]}],
        "delay_ms?": int,         # each way
        "loss_percent?": int,     # each way
    }],
    "routes": [{"node": str, "to": _route_target, "via": ipaddress.ip_address}],
    "captures": [{"name": str, "link": str, "at": str}],
}


def names():
    """The topologies that exist, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name):
    """Returns the checked topology `name` as a dict of SHAPE; raises shape.ShapeError."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise shape.ShapeError(f"no topology '{name}'; there are {', '.join(names())}")
    topology = shape.load(path, SHAPE)
    check(topology, str(path))
    return topology


def check(topology, place):
    """What no shape can say: that every name which is used also exists, and exists once."""
    nodes = topology["nodes"]
    links = {link["name"]: link for link in topology["links"]}
    if len(links) != len(topology["links"]):
        raise shape.ShapeError(f"{place}: two links of one name")
    for role in ROLES_EVERY_TOPOLOGY_HAS + (ROLES_OF_PAIR if is_pair(topology) else ROLES_OF_ONE):
        players = [node for node in nodes if nodes[node]["role"] == role]
        if len(players) != 1:
            raise shape.ShapeError(f"{place}: nodes: one node with role {role} is wanted, "
                                   f"there are {len(players)}")
    for link in topology["links"]:
        _check_ends(link, nodes, f"{place}: link {link['name']}")
    for route in topology["routes"]:
        _check_name(route["node"], nodes, "node", f"{place}: routes")
    for capture in topology["captures"]:
        where = f"{place}: capture {capture['name']}"
        _check_name(capture["link"], links, "link", where)
        ends = [end["node"] for end in links[capture["link"]]["ends"]]
        _check_name(capture["at"], ends, f"end of link {capture['link']}", where)
    _check_masquerade(topology, place)


def _check_ends(link, nodes, place):
    if len(link["ends"]) < 2:
        raise shape.ShapeError(f"{place}: {len(link['ends'])} ends, wanted 2 or more")
    for end in link["ends"]:
        _check_name(end["node"], nodes, "node", place)


def _check_masquerade(topology, place):
    for name, node in topology["nodes"].items():
        if "masquerade" in node:
            interfaces = [end["interface"] for _, end in ends_of(topology, name)]
            _check_name(node["masquerade"], interfaces, f"interface of {name}", place)


def _check_name(name, known, what, place):
    if name not in known:
        raise shape.ShapeError(f"{place}: unknown {what} '{name}'; known are "
                               f"{', '.join(sorted(known))}")


def node_of(topology, role):
    """The node that plays `role`."""
    return next(name for name, node in topology["nodes"].items() if node["role"] == role)


def is_pair(topology):
    """Whether the Azure gateway is two instances and their fabric."""
    return any(node["role"] in ROLES_OF_PAIR for node in topology["nodes"].values())


def instances(topology):
    """The role of each instance of the Azure gateway, by its name: a, or a and b."""
    return {"a": "gateway-a", "b": "gateway-b"} if is_pair(topology) else {"a": "gateway"}


def ends_of(topology, node):
    """The (link, end) pairs of one node, in the file's order."""
    return [(link, end) for link in topology["links"] for end in link["ends"]
            if end["node"] == node]


def addresses_of(topology, role):
    """The first address of each interface of the node that plays `role`, without prefix length."""
    return [str(ipaddress.ip_interface(end["addresses"][0]).ip)
            for _, end in ends_of(topology, node_of(topology, role))]


def address_of(topology, role):
    """The first address of the node that plays `role`, without its prefix length."""
    return addresses_of(topology, role)[0]
