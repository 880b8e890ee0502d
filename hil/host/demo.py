"""The demo's host side: builds what is missing, imports, runs the case with and without NAT, tells.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from concurrent import futures

from hil.host import machine

TREE = machine.TREE
BUILD = TREE / "build/release"
TOPOLOGIES = (("road", "without NAT"), ("nat", "behind NAT"))

# key of the result, what it is called in the table, unit
ROWS = (
    ("ike_suite", "IKE suite", ""), ("esp_suite", "ESP suite", ""),
    ("establish_ms", "first packet to child SA", "ms"),
    ("pings_sent", "pings sent, both ways", ""), ("pings_answered", "pings answered", ""),
    ("esp_packets", "ESP packets on the WAN", ""),
    ("clear_packets", "clear packets on the WAN", ""),
    ("pings_lost_at_kill", "pings lost after kill -9 of iked", ""),
    ("iked_back_ms", "kill to the new iked's child SA", "ms"),
    ("clear_packets_without_rules", "clear packets, rules taken away", ""),
)


class Failed(Exception):
    """A step of the demo did not work; the text is for the user."""


def main():
    parser = argparse.ArgumentParser(prog="hil/demo")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    tell = Teller(sys.stderr if options.json else sys.stdout)
    with contextlib.ExitStack() as stack:
        keep = options.keep or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            results = run(keep, tell)
        except (Failed, machine.PartError) as error:
            print(f"demo: {error}", file=sys.stderr)
            return 2
    has_held = all(result["status"] == 0 for result in results.values())
    print_table(results, tell)
    if options.keep:
        tell(f"captures, logs and configuration are in {options.keep}")
    tell("all of it held" if has_held else "NOT all of it held; see the lines NOT MET above")
    if options.json:
        print(json.dumps(as_object(results, has_held), indent=2))
    return 0 if has_held else 1


class Teller:
    """Prints story lines with the time since the demo began."""

    def __init__(self, file):
        self._file, self._start_s = file, time.monotonic()

    def __call__(self, text):
        print(f"{time.monotonic() - self._start_s:7.1f} s  {text}", file=self._file, flush=True)


def run(keep, tell):
    """All steps; returns the results by topology."""
    tell("parts: a kernel for the rig, strongSwan, Mbed TLS (the first time about 15 minutes)")
    build(tell)
    configuration = keep / "configuration"
    configuration.mkdir(parents=True, exist_ok=True)
    tell("import: hil/azure/json/custom, as Azure prints it, becomes a device configuration")
    command = [BUILD / "provisioning/fairlead-fleet", "import", "--output", configuration,
               *sorted((TREE / "hil/azure/json/custom").glob("*.json"))]
    imported = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    for line in imported.stdout.splitlines():
        tell(f"  {line}")
    if imported.returncode != 0:
        raise Failed("the import failed; see above")
    tell("rig: two real kernels boot; office, box, internet and Azure, without and behind NAT")
    with futures.ThreadPoolExecutor() as pool:
        runs = {name: pool.submit(run_case, name, keep / name, tell) for name, _ in TOPOLOGIES}
        return {name: run.result() for name, run in runs.items()}


def build(tell):
    """Parts and programs; the kernel compiles beside the rest."""
    kernel = subprocess.Popen([TREE / "firmware/deps/get", TREE / "hil/guest/kernel"],
                              stdout=subprocess.DEVNULL)
    steps = [["cmake", "--build", "--preset", "release"]]
    if not (BUILD / "build.ninja").exists():
        steps.insert(0, ["cmake", "--preset", "release"])
    for step in steps:
        done = subprocess.run(step, cwd=TREE, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            kernel.wait()
            raise Failed("the build failed:\n" + done.stdout[-4000:])
    tell("programs: built")
    machine.get_part("hil/guest/root")
    if kernel.wait() != 0:
        raise Failed("the rig guest's kernel could not be built; see above")


def run_case(topology, folder, tell):
    """Runs the case, telling its story as it happens; returns its result."""
    command = [TREE / "hil/rig", "run", "demo", "--topology", topology, "--clock", "real",
               "--programs", BUILD, "--keep", folder, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        tell(f"  {topology:5}{line.rstrip()}")
    result = json.loads(process.stdout.read() or '{"status": 2}')
    process.wait()
    return result


def print_table(results, tell):
    tell("")
    columns = [results[name] for name, _ in TOPOLOGIES]
    tell(f"{'':35}" + "".join(f"{words:>26}" for _, words in TOPOLOGIES))
    for key, words, unit in ROWS:
        cells = [cell(column.get(key), unit) for column in columns]
        tell(f"{words:35}" + "".join(f"{text:>26}" for text in cells))
    tell("")


def cell(value, unit):
    if value is None:
        return "-"
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".rstrip()


def as_object(results, has_held):
    """The table as one object: sums over both topologies, suites and times of the first."""
    columns = [results[name] for name, _ in TOPOLOGIES]
    total = lambda key: sum(column.get(key) or 0 for column in columns)
    return {
        "held": has_held,
        **{key: total(key) for key in ("pings_sent", "pings_answered", "esp_packets",
                                       "clear_packets", "pings_lost_at_kill")},
        "clear_packets_without_rules": min(column.get("clear_packets_without_rules") or 0
                                           for column in columns),
        **{key: columns[0].get(key) for key in ("ike_suite", "esp_suite", "establish_ms",
                                                "iked_back_ms")},
        "topologies": {name: {key: results[name].get(key) for key, _, _ in ROWS}
                       for name, _ in TOPOLOGIES},
    }


if __name__ == "__main__":
    sys.exit(main())
