"""Starts the box's services from the table, in order and with their rights, and restarts them.

What finit does on a board. A thread of its own waits for three things: a service's exit, its
readiness (systemd's notification protocol, sd_notify(3)) and its log lines.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import threading
import time

from hil.guest import story

NOTIFY_FOLDER = pathlib.Path("/run/notify")
STOP_LIMIT_S = 5


class Service:
    """One row of the table and what became of it. Only the supervisor's thread changes it."""

    def __init__(self, row, log_folder):
        self.row, self.name = row, row["name"]
        # waiting, starting, ready, restarting, held or failed
        self.state = "waiting"
        self.is_held = False       # not to be restarted; the case's thread writes it
        self.process = self.pidfd = None
        self.n_starts = 0
        self.n_forbidden = 0       # ends by a system call outside its table (SIGSYS)
        self.ready_s = None        # monotonic time of the last readiness
        self.restart_at_s = None   # monotonic time, while restarting
        self.log = story.LineLog(pathlib.Path(log_folder) / f"{self.name}.log")
        NOTIFY_FOLDER.mkdir(exist_ok=True)
        self.notify_path = NOTIFY_FOLDER / self.name
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify_path.unlink(missing_ok=True)  # of an earlier supervisor in this guest
        self.notify.bind(str(self.notify_path))
        os.chmod(self.notify_path, 0o666)

    def command(self, table, node):
        """The whole command line."""
        return ["ip", "netns", "exec", node, *table.privileges(self.row),
                self.row["program"], *self.row["arguments"]]


class Supervisor:
    """The services of the box, in the namespace `node`."""

    def __init__(self, table, node, log_folder, raise_links):
        self._table, self._node, self._raise_links = table, node, raise_links
        self.services = {row["name"]: Service(row, log_folder) for row in table.services}
        self._selector = selectors.DefaultSelector()
        self._changed = threading.Condition()
        self._are_links_up = self._is_stopping = False
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ, (self._wake_up, None))
        self._thread = threading.Thread(target=self._run, name="supervisor")

    # --- for the case's thread ------------------------------------------------------------------

    def start(self, limit_s=30):
        """Starts all; returns when all are ready and the links are up, else RuntimeError."""
        self._thread.start()
        for name in self.services:
            self.wait(name, limit_s)
        with self._changed:
            self._changed.wait_for(lambda: self._are_links_up, limit_s)

    def wait(self, name, limit_s, n_starts=1):
        """Waits until a service is ready after `n_starts` starts or more; returns it."""
        service = self.services[name]
        with self._changed:
            is_ready = self._changed.wait_for(
                lambda: service.state == "failed" or
                (service.state == "ready" and service.n_starts >= n_starts), limit_s)
        if not is_ready or service.state == "failed":
            raise RuntimeError(f"service {name} is not ready after {limit_s} s but "
                               f"{service.state}; its log: {service.log.path.name}")
        return service

    def kill(self, name, number=signal.SIGKILL):
        """Sends a signal to a service by its pid; what follows is the supervisor's business."""
        self.services[name].process.send_signal(number)

    def hold(self, name):
        """From now on, a service that ends stays dead until release()."""
        self.services[name].is_held = True

    def release(self, name):
        """Starts a held service again."""
        self.services[name].is_held = False
        os.write(self._wake_write, b"r")

    def stop(self):
        """Ends all services, last first, and restarts none."""
        if not self._thread.is_alive():
            return
        self._is_stopping = True
        os.write(self._wake_write, b"s")
        self._thread.join()
        for service in reversed(self.services.values()):
            process = service.process
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                self._read_log(service)
                self._tell_end(service)

    # --- the supervisor's thread ----------------------------------------------------------------

    def _run(self):
        self._advance()
        while not self._is_stopping:
            for key, _ in self._selector.select(self._next_timeout_s()):
                handler, service = key.data
                handler(service)
            self._restart_due()
            self._advance()

    def _wake_up(self, _):
        os.read(self._wake_read, 16)
        for service in self.services.values():
            if service.state == "held" and not service.is_held:
                self._start(service)

    def _next_timeout_s(self):
        times = [service.restart_at_s for service in self.services.values()
                 if service.state == "restarting"]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _restart_due(self):
        for service in self.services.values():
            if service.state == "restarting" and service.restart_at_s <= time.monotonic():
                self._start(service)

    def _advance(self):
        """Starts what may be started now, and lets the links up when nothing is against it."""
        rows = self.services.values()
        if not self._are_links_up and all(service.state == "ready" for service in rows
                                          if service.row["before_links"]):
            self._raise_links()
            with self._changed:
                self._are_links_up = True
                self._changed.notify_all()
        for service in rows:
            if service.state == "waiting" and self._may_start(service):
                self._start(service)

    def _may_start(self, service):
        if not self._are_links_up and not service.row["before_links"]:
            return False
        return all(self.services[name].state == "ready" for name in service.row["after"])

    def _start(self, service):
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(service.notify_path)}
        service.process = subprocess.Popen(
            service.command(self._table, self._node), env=environment, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(service.process.stdout.fileno(), False)
        service.pidfd = os.pidfd_open(service.process.pid)
        service.n_starts += 1
        self._change(service, "starting")
        for source, handler in ((service.process.stdout, self._read_log),
                                (service.notify, self._read_notify),
                                (service.pidfd, self._reap)):
            self._selector.register(source, selectors.EVENT_READ, (handler, service))

    def _read_log(self, service):
        output = service.process.stdout
        while not output.closed and (data := output.read(65536)):
            service.log.write(data.decode(errors="replace"))
        if not output.closed and data == b"":
            self._selector.unregister(output)
            output.close()

    def _read_notify(self, service):
        if b"READY=1" in service.notify.recv(4096).split(b"\n") and service.state == "starting":
            self._change(service, "ready")

    def _reap(self, service):
        status = service.process.wait()
        self._read_log(service)
        if not service.process.stdout.closed:  # a child of the service still has it
            self._selector.unregister(service.process.stdout)
            service.process.stdout.close()
        for source in (service.notify, service.pidfd):
            self._selector.unregister(source)
        os.close(service.pidfd)
        self._tell_end(service)
        if service.row["kind"] == "oneshot" and status == 0:
            self._change(service, "ready")
        elif service.is_held:
            self._change(service, "held")
        elif service.row["restart"] == "always":
            service.restart_at_s = time.monotonic() + service.row["restart_delay_ms"] / 1000
            self._change(service, "restarting")
        else:
            self._change(service, "failed")

    @staticmethod
    def _tell_end(service):
        status = service.process.returncode
        how = (f"was killed by {signal.Signals(-status).name}" if status < 0
               else f"ended with status {status}")
        service.log.write(f"({service.name} {how})\n")
        service.n_forbidden += status == -signal.SIGSYS

    def _change(self, service, state):
        with self._changed:
            service.state = state
            if state == "ready":
                service.ready_s = time.monotonic()
            self._changed.notify_all()
