"""Runs one case in the guest and leaves its result in the job folder.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import runpy
import time
import traceback

from hil.guest.rig import JOB, TREE, Rig
from hil.guest.story import Story

# Programs that take a clock near 0 for "not set" get one that is not.
SETTLE_S = 5


def run_job():
    """Runs the case that job.json names; returns the exit status (story.Story.finish)."""
    job = json.loads((JOB / "job.json").read_text())
    about = {key: job[key] for key in ("case", "topology", "gateway", "seed", "clock")}
    if job["clock"] == "simulated":
        time.sleep(SETTLE_S)
    rig, error = None, None
    try:
        rig = Rig(job)
        case = runpy.run_path(str(TREE / "hil/cases" / f"{job['case']}.py"))
        rig.tell(f"{job['case']}: {case['CASE']['title']}")
        case["run"](rig)
        rig.close()
    except Exception as caught:  # whatever it is, it is the case's result
        traceback.print_exc()
        error = f"{type(caught).__name__}: {caught}"
    return (rig or Story(JOB)).finish(about, error)
