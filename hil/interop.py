#!/usr/bin/env python3
"""Prints what was run with the simulated gateway into docs/interop.md: the points of Azure's gateway,
from the results of azure-points-*, and the policies, from those of policies-*.

usage: interop.py RESULTS_DIR [--write]

RESULTS_DIR holds what `tests/run --seeds N azure-points policies` left below FAIRLEAD_LOGS, or folders of
`hil/rig run --keep`. A table that has no result there stays as it is; a row that does not hold with one of the
seeds is an error.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import json
import pathlib
import sys

TREE = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = TREE / "docs/interop.md"
BEGIN, END = "<!-- points of azure-points-* -->", "<!-- end of points -->"
HEAD = ("| point | what | switch | how | test | result |", "| --- | --- | --- | --- | --- | --- |")


BEGIN_POLICIES, END_POLICIES = "<!-- policies of policies-* -->", "<!-- end of policies -->"
POLICY_HEAD = ("| IKE | ESP | PFS, policy | test | result |", "| --- | --- | --- | --- | --- |")


def read_policies(folder):
    """The rows of all tables of policies below a folder, by their suites."""
    rows = {}
    for path in sorted(pathlib.Path(folder).rglob("result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        for row in result.get("policies", []):
            key = (row["ike"], row["esp"], row["pfs"])
            rows.setdefault(key, {**row, "test": result["case"], "seeds": []})
            rows[key]["seeds"].append((result["seed"], row["result"]))
    return [rows[key] for key in sorted(rows)]


def policy_table(rows):
    """The table of policies in Markdown."""
    return "\n".join([*POLICY_HEAD, *(f"| {row['ike']} | {row['esp']} | {row['pfs']} | "
                                      f"`{row['test']}` | {verdict(row)} |" for row in rows)])


def read(folder):
    """The rows of all results below a folder, by (point, what, test)."""
    rows = {}
    for path in sorted(pathlib.Path(folder).rglob("result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        for row in result.get("points", []):
            key = (tuple(int(part) for part in row["point"].split(".")), row["what"], result["case"])
            rows.setdefault(key, {**row, "test": result["case"], "seeds": []})
            rows[key]["seeds"].append((result["seed"], row["result"]))
    return [rows[key] for key in sorted(rows)]


def verdict(row):
    """How a row ended, over its seeds."""
    failing = sorted({seed for seed, result in row["seeds"] if result != "holds"})
    n_seeds = len({seed for seed, _ in row["seeds"]})
    seeds = f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    return f"fails with seed {', '.join(map(str, failing))} of {seeds}" if failing else \
        f"holds, {seeds}"


def table(rows):
    """The table in Markdown."""
    lines = list(HEAD)
    for row in rows:
        lines.append(f"| {row['point']} | {row['what']} | {row['switch']} | {row['how']} | "
                     f"`{row['test']}` | {verdict(row)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("results")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    points, policies = read(options.results), read_policies(options.results)
    tables = [(BEGIN, END, table(points))] if points else []
    tables += [(BEGIN_POLICIES, END_POLICIES, policy_table(policies))] if policies else []
    if not tables:
        print(f"interop: no results below {options.results}", file=sys.stderr)
        return 2
    for begin, end, text in tables:
        if options.write:
            write(begin, end, text)
        else:
            print(text)
    return 1 if any("| fails" in text for _, _, text in tables) else 0


def write(begin, end, text):
    """Puts a table into its place in the document."""
    head, rest = DOCUMENT.read_text(encoding="utf-8").split(begin, 1)
    DOCUMENT.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
