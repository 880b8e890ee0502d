"""Each daemon can do what its table says and nothing else, and one that tries dies and comes back.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess

from hil.guest import net, road, system
from hil.guest.rig import JOB, TREE

CASE = {
    "title": "a system call or a file outside a daemon's table: the call kills, the file is denied",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["probe_xfrmd", "probe_iked", "probe_netd"],
}

NET_ADMIN = 1 << 12
CAPABILITIES = {"xfrmd": NET_ADMIN, "iked": 0}
# sys/ptrace.h; the number of the system call lies where the register ORIG_RAX is (sys/reg.h)
PTRACE_POKEUSER, PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SYSCALL, ORIG_RAX = 6, 16, 17, 24, 8 * 15
SYS_PTRACE = 101  # of x86-64: what no daemon may call


def run(rig):
    rig.box.start()
    rig.gateway.start()
    road.come_up(rig)
    for name, capabilities in CAPABILITIES.items():
        is_confined(rig, name, capabilities)
    table = system.Table(TREE / "board/common/system.json")
    for service in table.services:
        probe(rig, table, service)
    road.carry_both_ways(rig, seconds=2)
    for name in sorted(CAPABILITIES):
        dies_of_a_forbidden_call(rig, name)
    road.carry_both_ways(rig, seconds=2)
    for name in CAPABILITIES:
        rig.box.supervisor.kill(name, signal.SIGHUP)
        rig.sleep(3)
        road.come_up(rig)
    road.carry_both_ways(rig, seconds=2)


def is_confined(rig, name, capabilities):
    """What the kernel says of each thread of a running daemon."""
    pid = rig.box.supervisor.services[name].process.pid
    threads = sorted(pathlib.Path(f"/proc/{pid}/task").iterdir())
    lines = [dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines())
             for thread in threads]
    rig.expect(f"{name}: threads", len(threads), ">=", 1)
    for key, wanted in (("Seccomp", "2"), ("NoNewPrivs", "1")):
        rig.expect(f"{name}: {key}", sorted({line[key] for line in lines}), "==", [wanted])
    for key in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        wanted = capabilities if key in ("CapPrm", "CapEff") else 0
        rig.expect(f"{name}: {key}", sorted({int(line[key], 16) for line in lines}), "==",
                   [wanted])


def probe(rig, table, service):
    """Enters a daemon's rights as the daemon does, and makes every system call that there is."""
    program = f"probe_{service['name']}"
    shutil.copy(JOB / "programs" / program, "/usr/sbin/")
    with net.inside(rig.box.node):
        done = subprocess.run([*table.privileges(service), program], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
    for line in done.stdout.splitlines():
        rig.tell(f"{program}: {line}")
    rig.expect(f"{program}: exit status", done.returncode, "==", 0)


def dies_of_a_forbidden_call(rig, name):
    """A running daemon makes a call that is not in its table; the supervisor tells, it comes back."""
    service = rig.box.supervisor.services[name]
    n_starts, n_lines = service.n_starts, len(service.log.path.read_text().splitlines())
    rig.forbidden_wanted.append(name)
    make_call(service.process.pid, SYS_PTRACE)
    rig.box.restarted_after_s(name, n_starts + 1)
    lines = service.log.path.read_text().splitlines()[n_lines:]
    rig.expect(f"the log tells that {name} died of it",
               any(f"({name} was killed by SIGSYS)" in line for line in lines), "==", True)
    road.come_up(rig)


def make_call(pid, number):
    """Turns the next system call of a process into another one."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] * 4

    def trace(request, address=0, data=0):
        if libc.ptrace(request, pid, address, data) < 0:
            raise OSError(ctypes.get_errno(), f"ptrace request {request}")

    trace(PTRACE_ATTACH)
    os.waitpid(pid, 0)
    trace(PTRACE_SYSCALL)
    os.waitpid(pid, 0)
    trace(PTRACE_POKEUSER, ORIG_RAX, number)
    trace(PTRACE_DETACH)
