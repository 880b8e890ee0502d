"""Boots the rig guest: a user-mode Linux kernel as an ordinary process of whoever starts it.

The kernel's command line is mixed into its random generator, so it must be the same in each run:
its files are reached by way of /proc/self/cwd, the boot folder in which the kernel is started.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
MEMORY = "512M"
# Wall clock of the guest at boot in simulated time: 2026-01-01T00:00:00Z, in nanoseconds.
START_NS = 1767225600 * 10**9
STATUS_TIME_LIMIT = 124
STATUS_DIED = 125
POLL_S = 0.02
ADDR_NO_RANDOMIZE = 0x0040000  # linux/personality.h

# The first process mounts the project tree and goes on with a program of it.
INIT = ("\"import ctypes; ctypes.CDLL(None).mount(b'none', b'/mnt', b'hostfs', 1, b'tree'); "
        "exec(open('/mnt/hil/guest/boot.py').read())\"")


class PartError(Exception):
    """A part of the rig could not be had; the text is for the user."""


def get_parts(*recipes):
    """Builds recipes, or finds them in the cache; returns their folders. Tells on stderr."""
    result = subprocess.run([TREE / "firmware/deps/get", *(TREE / recipe for recipe in recipes)],
                            stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise PartError("a part of the rig could not be built; see above")
    return [pathlib.Path(line) for line in result.stdout.splitlines()]


def get_part(recipe):
    """As get_parts for one recipe; returns its folder."""
    return get_parts(recipe)[0]


def kernel_arguments(clock, seed):
    """The kernel's command line for a clock ("real" or "simulated") and a seed."""
    arguments = [
        f"mem={MEMORY}", "uml_dir=uml", "umid=guest", "hostfs=/proc/self/cwd", "rootfstype=hostfs",
        "rootflags=guest", "ro", "con=null", "con0=null,fd:1", "panic=-1",
        f"rng-seed={seed}", "norandmaps",
        "initcall_blacklist=jent_mod_init",  # measures the clock, which may stand still
    ]
    if clock == "simulated":
        arguments += ["time-travel=inf-cpu", f"time-travel-start={START_NS}"]
    # what the kernel does not know becomes the first process's environment
    return arguments + ["PYTHONHASHSEED=0", "init=/usr/bin/python3", "--", "-BSc", INIT]


@contextlib.contextmanager
def boot_folder(guest_root, job):
    """A short-lived folder from which the kernel reaches the guest's root, the tree and the job."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-rig."))
    try:
        (folder / "guest").symlink_to(guest_root)
        (folder / "tree").symlink_to(TREE)
        (folder / "job").symlink_to(job.resolve())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(job, clock, seed, limit_s, on_story):
    """Boots the guest on the folder `job` and waits for its end, `limit_s` of wall time at most.

    Hands the text of job/story to `on_story` as it grows. Returns the guest's exit status,
    STATUS_TIME_LIMIT or STATUS_DIED. Only processes of the guest's own session are ever killed.
    """
    kernel, guest_root = get_parts("hil/guest/kernel", "hil/guest/root")
    (job / "story").touch()
    # a random heap of the kernel's process would add to the guest's memory; a refusal does no harm
    ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)
    with boot_folder(guest_root, job) as folder, open(job / "console.log", "wb") as console:
        environment = dict(os.environ, HOME=str(folder))
        if "TMPDIR" not in environment and os.access("/dev/shm", os.W_OK):
            environment["TMPDIR"] = "/dev/shm"  # the guest's memory, better not on a disk
        command = [kernel / "linux.uml", *kernel_arguments(clock, seed)]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=console,
                                   stderr=console, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            in_time = _follow(process, job / "story", time.monotonic() + limit_s, on_story)
        finally:
            _kill_session(process)
    if not in_time:
        return STATUS_TIME_LIMIT
    try:
        return int((job / "status").read_text())
    except (OSError, ValueError):
        return STATUS_DIED


def _follow(process, story, end, on_story):
    with open(story, encoding="utf-8") as file:
        while True:
            is_dead = process.poll() is not None
            if text := file.read():
                on_story(text)
            if is_dead:
                return True
            if time.monotonic() > end:
                return False
            time.sleep(POLL_S)


def _kill_session(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
