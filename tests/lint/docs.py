#!/usr/bin/env python3
"""Keeps documents true that are made from tables, and names in prose that stand in the code.

usage: docs.py [--write]

- docs/events.md is printed from firmware/base/event.def
- the paths in docs/architecture.md are printed from board/common/system.json
- every `name` in docs/journey.md that looks like code stands in the file that its line names

Without --write it changes nothing and exits 1 on a difference.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import json
import pathlib
import re
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- made from board/common/system.json -->", "<!-- end -->"


def events_md():
    text = (TREE / "firmware/base/event.def").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    rows = re.findall(r'EVENT\((\w+),\s*"([^"]*)",\s*LOG_LEVEL_(\w+),\s*((?:"[^"]*"\s*)+),\s*'
                      r'((?:"[^"]*"\s*)+)\)', text)
    join = lambda literals: "".join(re.findall(r'"([^"]*)"', literals))
    lines = ["# Events", "",
             "What an operator should know, as the daemons log it (`event=<id>` at the end of a line).",
             "Printed from `firmware/base/event.def` by `tests/lint/docs.py --write`.", "",
             "| id | level | text | what to do |", "| --- | --- | --- | --- |"]
    for _, ident, level, sentence, remedy in rows:
        lines.append(f"| `{ident}` | {level.lower()} | {join(sentence)} | {join(remedy) or '-'} |")
    return "\n".join(lines) + "\n", len(rows)


def paths_table():
    system = json.loads((TREE / "board/common/system.json").read_text())
    lines = ["| path | owner | group | mode |", "| --- | --- | --- | --- |"]
    for row in system["directories"] + system["files"]:
        lines.append(f"| `{row['path']}` | {row['owner']} | {row['group']} | {row['mode']} |")
    lines += ["", "| service | user | capabilities | started | ready when | restart |",
              "| --- | --- | --- | --- | --- | --- |"]
    for row in system["services"]:
        after = ", ".join(row["after"]) or "-"
        when = ("before links, " if row["before_links"] else "") + f"after {after}"
        ready = "it has ended with 0" if row["readiness"] == "exit" else "it says so (sd_notify)"
        restart = "no" if row["restart"] == "never" else f"after {row['restart_delay_ms']} ms"
        lines.append(f"| `{row['program']}` | {row['user']} | "
                     f"{', '.join(row['ambient_capabilities']) or 'none'} | {when} | {ready} | {restart} |")
    return "\n".join(lines)


def architecture_md():
    text = (TREE / "docs/architecture.md").read_text()
    head, rest = text.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    return f"{head}{BEGIN}\n{paths_table()}\n{END}{tail}"


def journey_findings():
    """A line of the journey names a file; each code word of that line must stand in that file."""
    path = TREE / "docs/journey.md"
    n_names = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = re.findall(r"`([^`]+)`", line)
        files = [w for w in words if re.fullmatch(r"[\w./-]+\.(c|h|py|json|sh)|hil/\w+", w)]
        for name in files:
            n_names += 1
            if not (TREE / name).is_file():
                yield f"docs/journey.md:{number}: there is no file {name}"
        bodies = [(TREE / f).read_text(errors="replace") for f in files if (TREE / f).is_file()]
        for word in words:
            if bodies and re.fullmatch(r"(struct )?\w+(\(\))?", word):
                n_names += 1
                name = word.removesuffix("()")
                if not any(re.search(rf"\b{re.escape(name)}\b", body) for body in bodies):
                    yield f"docs/journey.md:{number}: {word} is not in {', '.join(files)}"
    if n_names < 20:
        yield f"docs/journey.md: only {n_names} names to check; the journey must name its code"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    events, n_events = events_md()
    n_defined = (TREE / "firmware/base/event.def").read_text().count("EVENT(") - 1
    findings = []
    if n_events != n_defined:
        findings.append(f"firmware/base/event.def: {n_defined} rows, {n_events} understood")
    for name, text in (("docs/events.md", events), ("docs/architecture.md", architecture_md())):
        path = TREE / name
        if args.write:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            findings.append(f"{name}: differs from its table; run tests/lint/docs.py --write")
    findings += journey_findings()
    print("\n".join(findings) or "documents are true")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
