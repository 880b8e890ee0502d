#!/usr/bin/env python3
"""Keeps documents true that are made from tables, and names in prose that stand in the code.

usage: docs.py [--write]

- docs/events.md is printed from firmware/base/event.def
- docs/errors.md is printed from firmware/iked/reason.def
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
ERRORS_HEAD = """\
# Why a tunnel is not up

Each reason that `fairlead status` and the log (`why=<id>`) can give, what Azure's IKEDiagnosticLog
has for the same failure, which of Azure's settings it is about, and the command that changes it.
Printed from `firmware/iked/reason.def` by `tests/lint/docs.py --write`.

A later row tells more than an earlier one and takes its place within one attempt. `RG`, `LNG`,
`GATEWAY`, `IP`, `ADDRESS` and `KEY` stand for names of yours. `ipsec-policy add` takes all eight
values of a policy, and a connection has one policy: `ipsec-policy clear` first where one is set.

`fairlead status` shows seven rungs and marks the one where a tunnel stops: link (carrier of the WAN
interface), address (its IPv4 address, a route to the gateway), DNS (not needed: gateways are
configured as addresses), UDP (the gateway is heard on port 500 or 4500), IKE, child, host
(something in Azure answers). Exit status: 0 all tunnels are up, 1 some are not, 2 wrong usage, 3 a
daemon cannot be asked.

The kernel tells no ICMP error for UDP 4500, whose socket unpacks ESP; behind NAT, where IKE moves
to 4500, they are known for the first exchange alone.
"""
REASON_TOKENS = {"$G": "GATEWAY-ADDRESS", "$N": "CONNECTION", "$C": "WAN", "$D": "*detail*",
                 "$I": "`az network vpn-connection ipsec-policy` with our IKE suite",
                 "$E": "`az network vpn-connection ipsec-policy` with our ESP suite"}
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


def errors_md():
    text = (TREE / "firmware/iked/reason.def").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    literal = r'((?:"[^"]*"\s*)+)'
    rows = re.findall(rf'REASON\(\w+,\s*{literal},\s*(\w+),\s*{literal},\s*{literal},\s*(\w+),\s*'
                      rf'{literal},\s*{literal},\s*{literal}\)', text)
    lines = [ERRORS_HEAD.rstrip(), "",
             "| id | recognized by | stops at | Azure's log | Azure's setting | status says | what to do |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        ident, rung, code, setting, _, sign, sentence, remedy = (
            "".join(re.findall(r'"([^"]*)"', cell)) if cell.startswith('"') else cell for cell in row)
        cells = [sign, rung.lower() if rung != "NONE" else "-", code or "-", setting or "-",
                 in_words(sentence), in_words(remedy) or "-"]
        if ident != "none":
            lines.append(f"| `{ident}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n", len(rows)


def in_words(text):
    """The tokens of a reason's text as a reader of the document takes them."""
    for token, words in REASON_TOKENS.items():
        text = text.replace(token, words)
    return text


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
    errors, n_errors = errors_md()
    n_reasons = (TREE / "firmware/iked/reason.def").read_text().count("REASON(") - 1
    findings = []
    if n_errors != n_reasons:
        findings.append(f"firmware/iked/reason.def: {n_reasons} rows, {n_errors} understood")
    if n_events != n_defined:
        findings.append(f"firmware/base/event.def: {n_defined} rows, {n_events} understood")
    for name, text in (("docs/events.md", events), ("docs/errors.md", errors),
                       ("docs/architecture.md", architecture_md())):
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
