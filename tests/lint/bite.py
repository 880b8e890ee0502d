#!/usr/bin/env python3
"""Shows that the lint bites: each planted fault must be found, and an untouched tree must pass.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
LINT = TREE / "tests/lint/lint.py"
HEAD = "/* A planted fault.\n *\n * SPDX-License-Identifier: GPL-2.0-or-later\n */\n"

FAULTS = [
    ("base may not use config", "firmware/base/x.c", '#include "config/device.h"\n'),
    ("iked may not use another daemon", "firmware/iked/x.c", '#include "xfrmd/envelope.h"\n'),
    ("iked may not use libmnl", "firmware/iked/x.c", "#include <libmnl/libmnl.h>\n"),
    ("iked may not use linux/xfrm.h", "firmware/iked/x.c", "#include <linux/xfrm.h>\n"),
    ("xfrmd may not use libcharon", "firmware/xfrmd/x.c", "#include <daemon.h>\n"),
    ("netd may not use Mbed TLS", "firmware/netd/x.c", "#include <mbedtls/sha256.h>\n"),
    ("netd may not use jansson", "firmware/netd/x.c", "#include <jansson.h>\n"),
    ("an include must name its layer", "firmware/netd/x.c", '#include "rules.h"\n'),
    ("banned functions are found", "config/x.c", "int f(char *t)\n{\n\treturn atoi(t);\n}\n"),
]


def findings_of(name, text):
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "tests/lint").mkdir(parents=True)
        shutil.copy(TREE / "tests/lint/may-use.txt", tree / "tests/lint/may-use.txt")
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text)
        run = subprocess.run([sys.executable, LINT, "--tree", folder], capture_output=True, text=True)
        return run.returncode, run.stdout


def main():
    failed = 0
    code, out = findings_of("firmware/base/x.c", '#include "base/addr.h"\n')
    if code:
        print(f"FAIL a clean file is accepted: {out}")
        failed += 1
    for what, name, text in FAULTS:
        code, out = findings_of(name, text)
        ok = code == 1 and f"{name}:" in out
        print(f"{'ok  ' if ok else 'FAIL'} {what}: {out.splitlines()[0]}")
        failed += not ok
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
