"""What a case tells: story lines as they happen, expectations met or not, recorded values.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import datetime
import json
import operator
import pathlib
import time

RELATIONS = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}


def stamp():
    """The time now as text, UTC with milliseconds."""
    now = datetime.datetime.fromtimestamp(time.time(), datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"


class LineLog:
    """A log file whose lines get a time stamp when they are written."""

    def __init__(self, path):
        self.path = path
        self._is_line_open = False

    def write(self, text):
        """Appends text, which may end in the middle of a line."""
        with open(self.path, "a", encoding="utf-8") as file:
            for line in text.splitlines(keepends=True):
                file.write(line if self._is_line_open else f"{stamp()} {line}")
                self._is_line_open = not line.endswith("\n")


class Story:
    """Writes `folder`/story line by line and `folder`/result.json at the end."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._start_s = time.monotonic()
        self._values = {}
        self._expectations = []
        self._points = []

    def tell(self, sentence):
        """One line of the story."""
        with open(self._folder / "story", "a", encoding="utf-8") as file:
            file.write(f"[{time.monotonic() - self._start_s:10.3f}] {sentence}\n")

    def record(self, key, value):
        """A value of the result."""
        self._values[key] = value

    def expect(self, what, value, relation, wanted):
        """Tells and records whether `value` stands in `relation` to `wanted`; returns it."""
        is_met = bool(RELATIONS[relation](value, wanted))
        self._expectations.append({"what": what, "value": value, "relation": relation,
                                   "wanted": wanted, "met": is_met})
        word = "met:" if is_met else "NOT MET:"
        self.tell(f"{word} {what}: {value} (wanted {relation} {wanted})")
        return is_met

    @contextlib.contextmanager
    def point(self, number, sentence, **columns):
        """A step that shows one point of a list; its row of the result says whether it holds."""
        self.tell(f"{number} {sentence}")
        row = {"point": number, "what": sentence, **columns, "result": "fails"}
        self._points.append(row)
        first = len(self._expectations)
        yield
        met = [expectation["met"] for expectation in self._expectations[first:]]
        row["result"] = "holds" if met and all(met) else "fails"

    def finish(self, about, error=None):
        """Writes the result; returns the exit status: 0 all met, 1 some not met, 2 an error."""
        n_missed = sum(not expectation["met"] for expectation in self._expectations)
        if error:
            self.tell(f"ERROR: {error}")
        elif not self._expectations:
            error = "the case expected nothing"
            self.tell(f"ERROR: {error}")
        else:
            self.tell(f"{len(self._expectations) - n_missed} expectations met, {n_missed} not met")
        status = 2 if error else 1 if n_missed else 0
        result = {**about, "status": status, "error": error, **self._values,
                  **({"points": self._points} if self._points else {}),
                  "guest_s": round(time.monotonic() - self._start_s, 3),
                  "expectations": self._expectations}
        (self._folder / "result.json").write_text(json.dumps(result, indent=2) + "\n",
                                                  encoding="utf-8")
        return status
