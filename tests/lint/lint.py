#!/usr/bin/env python3
"""The lint: what a compiler does not see of docs/style.md and docs/architecture.md.

usage: lint.py [--tree DIR] [--worst]

Checks every C file that git knows (or, outside git, every one below DIR): the may-use table over
#include lines, banned functions, the licence line, headers' #pragma once, words that tell of a
machine. Prints one line a finding, `file:line: sentence`, and exits 1 if there is one. --worst
prints the longest functions and files: a look, not a verdict.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import pathlib
import re
import subprocess
import sys

FOREIGN = {
    "jansson": r"jansson\.h",
    "mbedtls": r"(mbedtls|psa)/.*",
    "libmnl": r"libmnl/.*",
    "xfrm": r"linux/xfrm\.h",
    "libcap": r"sys/capability\.h",
    "libseccomp": r"seccomp\.h",
    "libcharon": r"(daemon|bus|config|control|encoding|kernel|network|processing|sa|plugins/vici)"
                 r"(/.*)?\.h|daemon\.h",
    "libstrongswan": r"(library|asn1/.*|collections/.*|credentials/.*|crypto/.*|networking/.*|"
                     r"plugins/.*|threading/.*|utils/.*|threading\.h)(\.h)?",
    "openssl": r"openssl/.*",
}
BANNED = ("atoi", "atol", "strcpy", "strcat", "sprintf", "vsprintf", "gets", "system", "popen",
          "alloca", "signal", "strtok", "rand", "srand", "tmpnam", "mktemp")
BANNED_CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home|root|tmp/build)[/-]")


def tracked(tree, suffixes):
    try:
        listed = subprocess.run(
            ["git", "-C", tree, "ls-files", "-co", "--exclude-standard"],
            capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(p.relative_to(tree)) for p in pathlib.Path(tree).rglob("*") if p.is_file()]
    for name in sorted(listed):
        path = pathlib.Path(tree, name)
        if name and path.is_file() and (not suffixes or path.suffix in suffixes):
            yield name, path


def read_rules(tree):
    rules = []
    for line in pathlib.Path(tree, "tests/lint/may-use.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, layers, foreign = (part.strip() for part in line.split(":"))
            rules.append((folder, layers.split(), foreign.split()))
    return sorted(rules, key=lambda rule: -len(rule[0]))


def without_comments(text):
    blank = lambda m: re.sub(r"[^\n]", " ", m.group())
    text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', lambda m: '"' + " " * (len(m.group()) - 2) + '"', text)


def foreign_group(header):
    return next((name for name, pattern in FOREIGN.items() if re.fullmatch(pattern, header)), None)


def check_includes(name, text, rules):
    rule = next((r for r in rules if name.startswith(r[0] + "/")), None)
    if rule is None:
        yield 1, "no rule in tests/lint/may-use.txt names this folder"
        return
    _, layers, foreign = rule
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, header = match.groups()
        if kind == '"' and "*" not in layers:
            if "/" not in header:
                yield number, f'"{header}" does not name its layer'
            elif not any(header == l or header.startswith(l + "/") for l in layers):
                yield number, f'this folder may not use "{header}" (tests/lint/may-use.txt)'
        elif kind == "<":
            group = foreign_group(header)
            if group and group not in foreign and "*" not in foreign:
                yield number, f"this folder may not use {group} (<{header}>)"
            if group == "openssl" and not name.startswith("tests/"):
                yield number, "no OpenSSL in any program"


def check_calls(text):
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        for match in BANNED_CALL.finditer(line):
            yield number, f"{match.group(1)}() is banned"


def check_form(name, text):
    if "SPDX-License-Identifier: GPL-2.0-or-later" not in text:
        yield 1, "no SPDX line"
    if name.endswith(".h") and "#pragma once" not in text and not name.endswith(".def"):
        yield 1, "a header without #pragma once"
    # rows of test tables are easier to compare on one line each
    for number, line in enumerate(text.splitlines() if not name.startswith("tests/") else (), 1):
        if len(line.expandtabs(8)) > 100:
            yield number, f"{len(line.expandtabs(8))} columns, 100 are allowed"


def check_words(text):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine"


def functions(text):
    """(line, name, length) of every function body that starts in column 0."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line == "{" and number:
            end = next((i for i in range(number, len(lines)) if lines[i] == "}"), len(lines))
            yield number, lines[number - 1].strip()[:60], end - number - 1


def print_worst(tree):
    found = [(length, name, line, what) for name, path in tracked(tree, {".c"})
             for line, what, length in functions(path.read_text(errors="replace"))]
    print("longest functions (60 lines are the budget):")
    for length, name, line, what in sorted(found, reverse=True)[:10]:
        print(f"  {length:4} {name}:{line} {what}")
    sizes = [(len(path.read_text(errors="replace").splitlines()), name)
             for name, path in tracked(tree, {".c", ".h"})]
    print("longest files (500 lines are the budget, 120 for headers):")
    for length, name in sorted(sizes, reverse=True)[:10]:
        print(f"  {length:4} {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tree", default=str(pathlib.Path(__file__).resolve().parents[2]))
    parser.add_argument("--worst", action="store_true")
    args = parser.parse_args()
    if args.worst:
        print_worst(args.tree)
        return 0
    rules = read_rules(args.tree)
    n_files = n_findings = 0
    for name, path in tracked(args.tree, None):
        try:
            text = path.read_text()
        except (UnicodeDecodeError, OSError):
            continue
        findings = [] if name.startswith("tests/lint/") else list(check_words(text))
        if path.suffix in (".c", ".h", ".def") and not name.startswith("firmware/deps/"):
            n_files += 1
            findings += [*check_includes(name, text, rules), *check_calls(text),
                         *check_form(name, text)]
        for number, sentence in sorted(findings):
            n_findings += 1
            print(f"{name}:{number}: {sentence}")
    print(f"{n_files} C files, {n_findings} findings")
    return 1 if n_findings or not n_files else 0


if __name__ == "__main__":
    sys.exit(main())
