"""Collects the figures of tests/bench/run and prints them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = TREE / "build/release"
PROGRAMS = ("fairlead-xfrmd", "fairlead-iked", "fairlead-netd", "fairlead")
# What Debian's charon loads for the same job, OpenSSL's library left out of the sum and named apart.
STOCK = ("usr/lib/ipsec/charon", "usr/sbin/swanctl", "usr/lib/ipsec/libcharon.so.0.0.0",
         "usr/lib/ipsec/libstrongswan.so.0.0.0", "usr/lib/ipsec/libvici.so.0.0.0")
STOCK_PLUGINS = ("random", "nonce", "openssl", "kdf", "pem", "pkcs1", "x509", "pubkey", "constraints",
                 "kernel-netlink", "socket-default", "vici", "updown")
# figure -> most that it may be (issue's figures); None: reported only
LIMITS = {"aes256gcm-ecp384": 1.1, "modp2048": 1.3, "modp1024": 1.3}
PSS_LIMIT_KILOBYTES = 6 * 1024
CODE_LIMIT, HEADER_LIMIT = 2500, 120  # docs/decisions/0004-xfrmd-may-grow-to-steer.md


def part(recipe):
    return pathlib.Path(subprocess.check_output([TREE / "firmware/deps/get", TREE / recipe],
                                                text=True).strip())


def stripped_bytes(program, folder):
    target = folder / program.name
    subprocess.run(["strip", "-o", target, program], check=True)
    return target.stat().st_size


def sizes():
    root = part("hil/guest/root")
    with tempfile.TemporaryDirectory() as folder:
        ours = {name: stripped_bytes(next(path for path in BUILD.rglob(name) if path.is_file()),
                                     pathlib.Path(folder)) for name in PROGRAMS}
    stock = {name: (root / name).stat().st_size for name in STOCK if (root / name).exists()}
    for plugin in STOCK_PLUGINS:
        path = root / f"usr/lib/ipsec/plugins/libstrongswan-{plugin}.so"
        if path.exists():
            stock[plugin] = path.stat().st_size
    libcrypto = next(root.glob("usr/lib/*/libcrypto.so.3"))
    return {"ours_bytes": ours, "ours_total": sum(ours.values()),
            "stock_total_without_openssl": sum(stock.values()),
            "libcrypto_bytes": libcrypto.stat().st_size,
            "ratio": round(sum(ours.values()) / (sum(stock.values()) + libcrypto.stat().st_size), 3)}


def source_lines():
    """Lines of xfrmd's source: all, and code alone (neither blank nor comment)."""
    n_all = n_code = 0
    for path in sorted((TREE / "firmware/xfrmd").glob("*.[ch]")):
        text = path.read_text(encoding="utf-8")
        n_all += text.count("\n")
        code = re.sub(r"/\*.*?\*/", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)
        n_code += sum(bool(line.strip()) for line in code.splitlines())
    header = (TREE / "firmware/proto/xfrm_proto.h").read_text(encoding="utf-8").count("\n")
    return {"xfrmd_code": n_code, "xfrmd_all": n_all, "xfrm_proto_all": header}


def rig():
    done = subprocess.run([TREE / "hil/rig", "run", "bench", "--clock", "real", "--programs", BUILD,
                           "--json"], stdout=subprocess.PIPE, text=True, check=False)
    result = json.loads(done.stdout or "{}")
    if done.returncode != 0:
        sys.exit(f"bench: the rig's part failed: {result.get('error') or result}")
    return result


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    native = json.loads(subprocess.check_output([BUILD / "tests/bench/bench_border"]))
    guest = rig()
    ours_pss = sum(guest["pss_ours_kilobytes"].values())
    figures = {
        **{name: guest[name] | {"limit": limit} for name, limit in LIMITS.items()},
        "pss": {"ours_kilobytes": guest["pss_ours_kilobytes"], "ours_total": ours_pss,
                "stock_kilobytes": guest["pss_stock_kilobytes"], "limit": PSS_LIMIT_KILOBYTES,
                "ratio": round(ours_pss / guest["pss_stock_kilobytes"], 3)},
        "border_native": native, "border_guest": guest.get("border"), "size": sizes(),
        "source_lines": source_lines(),
    }
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{'figure':42}{'ours':>12}{'peer':>12}{'ratio':>8}  at most")
    for name, limit in LIMITS.items():
        row = figures[name]
        print(f"{'initiate to child SA, ' + name + ', ms':42}{row['ours_ms']['median']:12.2f}"
              f"{row['stock_ms']['median']:12.2f}{row['ratio']:8.2f}  {limit}")
    print(f"{'proportional set size, kB':42}{ours_pss:12}{figures['pss']['stock_kilobytes']:12}"
          f"{figures['pss']['ratio']:8.2f}  {PSS_LIMIT_KILOBYTES} kB")
    for where in ("native", "guest"):
        row = figures[f"border_{where}"]
        print(f"{'border round trip, ' + where + ', us (peer: bare echo)':42}{row['border_us']:12.2f}"
              f"{row['echo_us']:12.2f}{row['ratio']:8.2f}  -")
    size = figures["size"]
    print(f"{'programs, stripped, kB (peer with OpenSSL)':42}{size['ours_total'] // 1024:12}"
          f"{(size['stock_total_without_openssl'] + size['libcrypto_bytes']) // 1024:12}"
          f"{size['ratio']:8.2f}  -")
    lines = figures["source_lines"]
    print(f"{'xfrmd, lines of code (of all)':42}{lines['xfrmd_code']:12}{lines['xfrmd_all']:12}"
          f"{'':8}  {CODE_LIMIT}")
    print(f"{'protocol header, lines':42}{lines['xfrm_proto_all']:12}{'':12}{'':8}  {HEADER_LIMIT}")


if __name__ == "__main__":
    main()
