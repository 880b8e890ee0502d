"""Builds a topology in the guest: a network namespace for each node, veth pairs between them, and a
switch where a link has more than two ends.

The box's interfaces stay down and without addresses until raise_box(): its services have to close
the way first.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import os
import subprocess

from hil import topology as topologies

SO_RCVBUFFORCE = 33  # asm-generic/socket.h; the socket module has no name for it

NAT_RULES = """
table ip nat {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname "{interface}" masquerade
  }}
}}
"""


@contextlib.contextmanager
def inside(node):
    """Puts the calling thread, and the programs that it starts, into a node's namespace."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(f"/run/netns/{node}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.setns(there, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(here, os.CLONE_NEWNET)
        os.close(here)
        os.close(there)


def run(node, *command, text=None, is_checked=True):
    """Runs a command in a node's namespace; returns its standard output."""
    with inside(node):
        result = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.PIPE, check=False)
    if is_checked and result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} in {node}: {result.stderr.strip()}")
    return result.stdout


def ip(node, *lines):
    """Runs `ip` commands, one a line, in a node's namespace."""
    run(node, "ip", "-batch", "-", text="\n".join(lines) + "\n")


def sysctl(node, name, value):
    """Sets a sysctl below net. in a node's namespace."""
    with inside(node), open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
        file.write(value)


def build(topology):
    """Builds everything but the box's side of its links."""
    box = topologies.node_of(topology, "box")
    _ip_here([f"netns add {node}" for node in topology["nodes"]])
    for name, node in topology["nodes"].items():
        _set_sysctls(name, node)
    for link in topology["links"]:
        _link(link)
    for name in topology["nodes"]:
        if name == box:
            ip(name, "link set lo up")
        else:
            _raise(topology, name)
    for name, node in topology["nodes"].items():
        if "masquerade" in node:
            run(name, "nft", "-f", "-", text=NAT_RULES.format(interface=node["masquerade"]))


def raise_box(topology):
    """Gives the box's interfaces their addresses and routes and takes them up."""
    _raise(topology, topologies.node_of(topology, "box"))


def _set_sysctls(name, node):
    settings = dict(node.get("sysctls", {}))
    if not node.get("ipv6", False):
        settings["net.ipv6.conf.all.disable_ipv6"] = "1"
        settings["net.ipv6.conf.default.disable_ipv6"] = "1"
    if node.get("forward", False):
        settings["net.ipv4.ip_forward"] = "1"
    for key, value in settings.items():
        sysctl(name, key, value)


def _link(link):
    one, two, *more = link["ends"]
    if more:
        _switch(link)
    else:
        _ip_here([f"link add {one['interface']} netns {one['node']} type veth "
                  f"peer name {two['interface']} netns {two['node']}"])


def _switch(link):
    """A bridge in a namespace of its own; its ports have the names of the nodes."""
    switch = f"switch-{link['name']}"
    _ip_here([f"netns add {switch}"])
    _set_sysctls(switch, {})
    ip(switch, "link add bridge type bridge", "link set bridge up")
    for end in link["ends"]:
        _ip_here([f"link add {end['interface']} netns {end['node']} type veth "
                  f"peer name {end['node']} netns {switch}"])
        ip(switch, f"link set {end['node']} master bridge up")


def _raise(topology, node):
    lines = ["link set lo up"]
    for _, end in topologies.ends_of(topology, node):
        lines += [f"addr replace {address} dev {end['interface']}" for address in end["addresses"]]
        lines.append(f"link set {end['interface']} up")
    lines += [f"route replace {route['to']} via {route['via']}"
              for route in topology["routes"] if route["node"] == node]
    ip(node, *lines)
    for link, end in topologies.ends_of(topology, node):
        _add_netem(link, end)


def _add_netem(link, end):
    options = []
    if "delay_ms" in link:
        options += ["delay", f"{link['delay_ms']}ms"]
    if "loss_percent" in link:
        options += ["loss", f"{link['loss_percent']}%"]
    if options:
        run(end["node"], "tc", "qdisc", "add", "dev", end["interface"], "root", "netem", *options)


def _ip_here(lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
