"""Prepares the job folder that a guest works on, and tells how it ended.

In it: job.json (what to run), programs/ and config/ (what the box gets), and from the guest story,
result.json, captures, logs, the gateway's configuration.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import subprocess

from hil import topology
from hil.azure import gateway
from hil.host import machine

PROGRAMS = ("fairlead", "fairlead-xfrmd", "fairlead-iked", "fairlead-netd")
IMPORTER = "fairlead-fleet"
AZURE_JSON = machine.TREE / "hil/azure/json"


class JobError(Exception):
    """A job that cannot be prepared; the text is for the user."""


def prepare(folder, case, options):
    """Fills `folder` for a case; `options` are those of the command line."""
    name = options.topology or case["topologies"][0]
    if name not in case["topologies"]:
        raise JobError(f"{case['name']} runs on {', '.join(case['topologies'])}, not on '{name}'")
    topology.load(name)
    gateway.load(case["gateway"])
    _make_empty(folder)
    job = {"case": case["name"], "topology": name, "gateway": case["gateway"],
           "seed": options.seed, "clock": options.clock, "days": options.days}
    (folder / "job.json").write_text(json.dumps(job, indent=2) + "\n")
    if case.get("patched_charon", False):
        shutil.copytree(machine.get_part("hil/azure/charon"), folder / "patched-charon")
    if "azure_json" in case:
        if options.programs is None:
            raise JobError(f"{case['name']} needs --programs, the folder of our build")
        _copy_programs(options.programs, case.get("programs", ()), folder / "programs")
        _import_configuration(options.programs, AZURE_JSON / case["azure_json"], folder / "config")


def _make_empty(folder):
    """Makes the folder; what an earlier job left in it goes, what anybody else did stays."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / "job.json").exists():
        raise JobError(f"{folder} holds files of other origin; give an empty folder or a new one")
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _find(build, name):
    found = [path for path in sorted(build.rglob(name))
             if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        raise JobError(f"{build} has no program {name}")
    return found[0]


def _copy_programs(build, further, target):
    target.mkdir()
    for name in (*PROGRAMS, *further):
        shutil.copy(_find(build, name), target / name)


def _import_configuration(build, resources, target):
    target.mkdir()
    files = sorted(resources.glob("*.json"))
    command = [_find(build, IMPORTER), "import", "--output", target, *files]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    if result.returncode != 0:
        raise JobError(f"{IMPORTER} import of {resources} failed:\n{result.stdout}")


def finish(folder, status):
    """The result as a dict; when there was an error, its "tail" has the last lines of the logs."""
    try:
        result = json.loads((folder / "result.json").read_text())
    except (OSError, ValueError):
        reason = {machine.STATUS_TIME_LIMIT: "time limit"}.get(status, "the guest died")
        result = {"status": status, "error": reason}
    if result["error"]:
        result["tail"] = "".join(_tail(folder / name) for name in ("guest.log", "console.log"))
    return result


def _tail(path):
    if not path.exists():
        return ""
    return f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}"
