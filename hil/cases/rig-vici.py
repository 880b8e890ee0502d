"""The stock swanctl reads from iked and can change nothing.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import socket
import struct
import subprocess

from hil.guest import net, road

CASE = {
    "title": "swanctl --list-sas works against iked, every other command is refused",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
}

SOCKET = "/run/fairlead/iked/charon.vici"
READING = (("--list-sas",), ("--list-conns",), ("--version",), ("--stats",))
# Every command of strongSwan's vici that changes or reveals something.
REFUSED = (
    "initiate", "terminate", "rekey", "redirect", "install", "uninstall", "load-conn", "unload-conn",
    "load-cert", "load-key", "unload-key", "load-token", "load-shared", "unload-shared", "flush-certs",
    "clear-creds", "load-authority", "unload-authority", "load-pool", "unload-pool",
    "reload-settings", "get-keys", "get-shared", "reset-counters",
)
CMD_REQUEST, CMD_RESPONSE, CMD_UNKNOWN = 0, 1, 2


def run(rig):
    rig.box.start()
    rig.gateway.start()
    tunnel = road.come_up(rig)
    for arguments in READING:
        done = swanctl(rig, *arguments)
        rig.expect(f"swanctl {' '.join(arguments)}: exit status", done.returncode, "==", 0)
    listed = swanctl(rig, "--list-sas").stdout
    rig.tell(listed.splitlines()[0] if listed else "nothing listed")
    for word in (tunnel["name"], "ESTABLISHED", "INSTALLED", "198.51.100.10", "AES_GCM_16-256"):
        rig.expect(f"--list-sas tells {word}", word in listed, "==", True)
    before = sorted(sa.spi for sa in rig.box.sas())
    done = swanctl(rig, "--terminate", "--ike", tunnel["name"])
    rig.expect("swanctl --terminate is refused", done.returncode != 0, "==", True)
    rig.expect("answer to version, which exists", ask(rig, "version"), "==", CMD_RESPONSE)
    for command in REFUSED:
        rig.expect(f"answer to {command}", ask(rig, command), "==", CMD_UNKNOWN)
    rig.expect("SPIs after all that", sorted(sa.spi for sa in rig.box.sas()), "==", before)


def swanctl(rig, *arguments):
    with net.inside(rig.box.node):
        return subprocess.run(["swanctl", *arguments, "--uri", f"unix://{SOCKET}"],
                              capture_output=True, text=True, check=False)


def ask(rig, command):
    """The type of the packet that answers a vici command without a message."""
    with net.inside(rig.box.node), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        packet = bytes([CMD_REQUEST, len(command)]) + command.encode()
        connection.sendall(struct.pack("!I", len(packet)) + packet)
        connection.settimeout(10)
        return connection.recv(5, socket.MSG_WAITALL)[4]
