"""The guest's first process: makes a writable root out of the read-only one, runs the case, powers
off.

Started by the kernel with the folders guest/, tree/ and job/ of the host's boot folder within reach
(hil/host/machine.py). Everything written goes to memory, but for what goes to /run/job. It mounts
by itself, since each mount(8) would cost a tenth of a second here.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import os
import sys
import time

MS_RDONLY = 1  # linux/mount.h
SYS_PIVOT_ROOT = 155  # of x86-64
ROOT = "/tmp/root"
# what, where below ROOT, type, flags, options
MOUNTS = (
    ("proc", "/proc", "proc", 0, ""),
    ("sysfs", "/sys", "sysfs", 0, ""),
    ("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"),
    ("tmpfs", "/run", "tmpfs", 0, "mode=755"),
    ("devtmpfs", "/dev", "devtmpfs", 0, ""),
    ("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"),
    ("tmpfs", "/dev/shm", "tmpfs", 0, ""),
    ("none", "/run/job", "hostfs", 0, "job"),
    ("none", "/run/tree", "hostfs", MS_RDONLY, "tree"),
)
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root",
    "LC_ALL": "C.UTF-8",
}

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    """Calls a function of libc; OSError when it fails."""
    if function(*(word.encode() if isinstance(word, str) else word for word in arguments)) != 0:
        raise OSError(ctypes.get_errno(), f"{function.__name__}{arguments}")


def make_root():
    """Mounts everything below ROOT and makes it the root."""
    call(libc.mount, "tmpfs", "/tmp", "tmpfs", 0, "size=80%,mode=755")
    for folder in ("/tmp/upper", "/tmp/work", ROOT):
        os.mkdir(folder)
    call(libc.mount, "overlay", ROOT, "overlay", 0,
         "lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work")
    for what, where, kind, flags, options in MOUNTS:
        os.makedirs(ROOT + where, exist_ok=True)
        call(libc.mount, what, ROOT + where, kind, flags, options)
    os.symlink("/proc/self/fd", ROOT + "/dev/fd")
    os.chdir(ROOT)
    call(libc.syscall, SYS_PIVOT_ROOT, ".", "mnt")
    os.chdir("/")


def main():
    """Runs the case; its output and every failure go to guest.log in the job folder."""
    status = 2
    try:
        make_root()
        log = os.open("/run/job/guest.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for descriptor in (0, 1, 2):
            os.dup2(os.open("/dev/null", os.O_RDONLY) if descriptor == 0 else log, descriptor)
        os.environ.update(ENVIRONMENT)
        sys.path.insert(0, "/run/tree")
        from hil.guest import run
        status = run.run_job()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with open("/run/job/status", "w", encoding="ascii") as file:
            file.write(f"{status}\n")
        with open("/proc/sysrq-trigger", "w", encoding="ascii") as file:
            file.write("o")
        time.sleep(10)


main()
