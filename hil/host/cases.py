"""Finds the cases and reads what they say of themselves, without running them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ast
import pathlib

from hil import shape

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "cases"

SHAPE = {
    "title": str,
    "topologies": [str],   # those that it runs on, the usual one first
    "gateway": str,        # of hil/azure/gateways: how the Azure side is set up at first
    "azure_json?": str,    # folder of hil/azure/json that the box's configuration comes from
    "programs?": [str],    # further programs of our build, for the job's folder programs/
    "patched_charon?": bool,  # the gateway's data has keys that a stock charon does not know
    "limit_s?": int,       # wall time; absent: LIMIT_S
}
LIMIT_S = 240  # a guest takes seconds, on a crowded machine a minute


def names():
    """The cases that exist, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.py"))


def load(name):
    """The checked CASE dict of a case, with its name and a limit."""
    path = FOLDER / f"{name}.py"
    if not path.exists():
        raise shape.ShapeError(f"no case '{name}'; there are {', '.join(names())}")
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "CASE":
            case = ast.literal_eval(statement.value)
            shape.check(case, SHAPE, str(path))
            return {"limit_s": LIMIT_S, **case, "name": name}
    raise shape.ShapeError(f"{path}: has no CASE")


def all_cases():
    """All cases."""
    return [load(name) for name in names()]
