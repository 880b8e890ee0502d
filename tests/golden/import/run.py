#!/usr/bin/env python3
"""Golden test of `fairlead-fleet import`: every folder in cases/ is one.

usage: run.py PROGRAM [CASE...]

A case's folder has `words` (the arguments, one a line; files in it or in azure/), `findings` (what
standard error must be, to the byte), perhaps `stdin`; and when the import is to succeed,
`config.json` and `secrets.json` as they must be written. Without these two the exit status must be
1 and nothing may be written. With `usage` in place of `findings`, the arguments themselves are
refused: that is standard error, and the exit status is 2. All keys in the inputs begin with "invented": no output but
secrets.json may hold that word. The same run with --json must say the same.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib
import stat
import subprocess
import sys
import tempfile
from concurrent import futures

HERE = pathlib.Path(__file__).resolve().parent
WRITTEN = {"config.json": 0o644, "secrets.json": 0o600}


def run(program, case, words):
    stdin = case / "stdin"
    return subprocess.run([program, "import", *words], cwd=case, capture_output=True, timeout=60,
                          text=True, errors="strict", umask=0o022,
                          input=stdin.read_text() if stdin.exists() else "")


def from_json(line):
    """The text line that a finding's JSON object stands for."""
    row = json.loads(line)
    note = "note: " if row["level"] == "note" else ""
    if "command" in row and not row["sentence"].endswith(": " + row["command"]):
        raise ValueError("the command is not at the sentence's end")
    return (f"{row['file']}:{row['line']}:{row['column']}: {row['pointer'] or '/'}: "
            f"{note}{row['sentence']}\n")


def check_written(case, out):
    for name, mode in WRITTEN.items():
        expected, found = case / name, out / name
        if not expected.exists():
            continue
        if not found.exists():
            yield f"{name} was not written"
            continue
        if found.read_text() != expected.read_text():
            yield f"{name} differs:\n{found.read_text()}"
        if stat.S_IMODE(found.stat().st_mode) != mode:
            yield f"{name} has mode {stat.S_IMODE(found.stat().st_mode):o}"
    names = {p.name for p in out.iterdir()} if out.exists() else set()
    if extra := names - {n for n in WRITTEN if (case / n).exists()}:
        yield f"written, but should not be: {sorted(extra)}"


def check_case(program, case):
    words = case.joinpath("words").read_text().splitlines()
    is_good = case.joinpath("config.json").exists()
    is_usage = case.joinpath("usage").exists()
    status = 2 if is_usage else 0 if is_good else 1
    findings = case.joinpath("usage" if is_usage else "findings").read_text()
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        result = run(program, case, ["--output", str(out), *words])
        yield from check_written(case, out)
    as_json = run(program, case, ["--json", *words])
    if result.returncode != status or as_json.returncode != status:
        yield f"exit status {result.returncode}, with --json {as_json.returncode}"
    if result.stderr != findings:
        yield f"findings differ:\n{result.stderr}"
    said = as_json.stderr
    if not is_usage:
        said = "".join(map(from_json, said.splitlines()))
    if said != findings:
        yield f"findings as JSON differ:\n{as_json.stderr}"
    if as_json.stdout != (case.joinpath("config.json").read_text() if is_good else ""):
        yield f"standard output differs:\n{as_json.stdout}"
    for text in (result.stdout, result.stderr, as_json.stdout, as_json.stderr):
        if "invented" in text:
            yield f"a key was shown:\n{text}"


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or sorted(p.name for p in (HERE / "cases").iterdir())
    failed = 0
    with futures.ThreadPoolExecutor() as pool:
        results = pool.map(lambda name: list(check_case(program, HERE / "cases" / name)), names)
    for name, problems in zip(names, results):
        failed += bool(problems)
        print(("not ok " if problems else "ok ") + name)
        for problem in problems:
            print("  " + problem.replace("\n", "\n  "))
    print(f"{len(names)} cases, {failed} failed")
    return failed > 0 or not names


if __name__ == "__main__":
    sys.exit(main())
