#!/usr/bin/env python3
"""Writes the report of a soak: report.py JOB_FOLDER REPORT_FOLDER -- COMMAND...

A Markdown page and a plot (SVG) of what hil/cases/day.py recorded: memory of our daemons over time,
child SAs, outages by fault.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib
import sys

DAY_S = 86400
WIDTH, HEIGHT, MARGIN = 800, 180, 50
COLORS = {"iked": "#1b6ca8", "xfrmd": "#b3541e", "child SAs": "#3a7d44", "outage": "#8b1e3f"}


def main():
    folder, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    command = " ".join(sys.argv[sys.argv.index("--") + 1:])
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    if "samples" not in result:
        sys.exit(f"{folder} has no samples: {result.get('error')}")
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    name = f"soak-{job['topology']}-{job['days']}-days-seed-{job['seed']}"
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.svg").write_text(plot(result), encoding="utf-8")
    (target / f"{name}.md").write_text(page(name, job, result, command), encoding="utf-8")
    print(f"report: {target / name}.md")


# --- text ---------------------------------------------------------------------------------------

def page(name, job, result, command):
    first, last = result["samples"][0], result["samples"][-1]
    lines = [f"# {job['days']} days, seed {job['seed']}, topology {job['topology']}", "",
             f"`{command}`", "",
             f"Simulated time; {len(result['faults'])} faults by the seed. "
             f"{'All expectations met.' if result['status'] == 0 else 'NOT all expectations met.'}",
             "", f"![memory, child SAs and outages]({name}.svg)", "",
             "| expectation | value | wanted | |", "| --- | --- | --- | --- |"]
    lines += [f"| {row['what']} | {row['value']} | {row['relation']} {row['wanted']} | "
              f"{'met' if row['met'] else 'NOT met'} |" for row in result["expectations"]]
    lines += ["", "| | first hour | last hour | starts |", "| --- | --- | --- | --- |"]
    lines += [f"| anonymous memory of {daemon}, KiB | {first[daemon]} | {last[daemon]} | "
              f"{last[daemon + '_starts']} |" for daemon in ("iked", "xfrmd")]
    lines += [f"| child SAs so far | {first['child_sas']} | {last['child_sas']} | |", "",
              "| fault | times | pings lost | without a reason | longest outage, s |",
              "| --- | --- | --- | --- | --- |"]
    for kind in sorted({kind_of(fault) for fault in result["faults"]}):
        same = [fault for fault in result["faults"] if kind_of(fault) == kind]
        lines.append(f"| {kind} | {len(same)} | {sum(row['lost'] for row in same)} | "
                     f"{sum(row['without_reason'] for row in same)} | "
                     f"{max(row['outage_s'] for row in same):g} |")
    return "\n".join(lines) + "\n"


def kind_of(fault):
    """A fault without its number."""
    return " ".join(word for word in fault["fault"].split() if not word.isdigit())


# --- plot ---------------------------------------------------------------------------------------

def plot(result):
    samples, faults = result["samples"], result["faults"]
    end_s = samples[-1]["at_s"]
    line = lambda key: [(row["at_s"], row[key]) for row in samples]
    panels = (
        ("anonymous memory, KiB", {name: line(name) for name in ("iked", "xfrmd")}, {}),
        ("child SAs so far", {"child SAs": line("child_sas")}, {}),
        ("longest outage of a fault, s", {},
         {"outage": [(row["at_s"], row["outage_s"]) for row in faults]}),
    )
    parts = [panel(number, end_s, *content) for number, content in enumerate(panels)]
    height = len(panels) * (HEIGHT + MARGIN) + MARGIN
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 2 * MARGIN}" '
            f'height="{height}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{"".join(parts)}</svg>\n')


def panel(number, end_s, title, lines, bars):
    """One diagram: lines through points, bars from the axis."""
    top = MARGIN + number * (HEIGHT + MARGIN)
    greatest = max((value for points in (*lines.values(), *bars.values()) for _, value in points),
                   default=0) or 1
    place = lambda at_s, value: (MARGIN + at_s / end_s * WIDTH, top + HEIGHT * (1 - value / greatest))
    parts = [f'<text x="{MARGIN}" y="{top - 6}">{title}, up to {greatest:g}</text>\n',
             f'<path d="M{MARGIN},{top} v{HEIGHT} h{WIDTH}" fill="none" stroke="black"/>\n']
    for day in range(0, int(end_s / DAY_S) + 1, max(1, int(end_s / DAY_S / 10))):
        x, y = place(day * DAY_S, 0)
        parts.append(f'<text x="{x:.0f}" y="{y + 14:.0f}">{day} d</text>\n')
    for name, points in lines.items():
        path = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[name]}"/>\n')
    for name, points in bars.items():
        for at_s, value in points:
            (x, y), (_, zero) = place(at_s, value), place(at_s, 0)
            parts.append(f'<path d="M{x:.1f},{zero:.1f} V{y:.1f}" stroke="{COLORS[name]}"/>\n')
    for index, name in enumerate((*lines, *bars)):
        parts.append(f'<text x="{MARGIN + WIDTH - 160 + 80 * index}" y="{top - 6}" '
                     f'fill="{COLORS[name]}">{name}</text>\n')
    return "".join(parts)


if __name__ == "__main__":
    main()
