"""The rig's part of tests/bench: initiate to child SA and memory, ours and a stock charon's, in one
run on the real clock. It expects nothing of the figures; tests/bench/run prints them as ratios.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import datetime
import json
import pathlib
import re
import statistics
import subprocess
import time

from hil.azure import gateway as gateways
from hil.guest import charon, net
from hil.guest.rig import JOB, Box

CASE = {
    "title": "figures: initiate to child SA, memory, the border's round trip",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "programs": ["bench_border"],
    "limit_s": 1500,
}

N_ROUNDS = 9
# A tunnel that ends sooner is not opened again at once (KEEPER_STABLE_MS of iked).
STABLE_S = 10.5
QUIET_S = 1.0
SUITES = {
    "aes256gcm-ecp384": {"ikeEncryption": "GCMAES256", "ikeIntegrity": "SHA384", "dhGroup": "ECP384",
                         "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256"},
    "modp2048": {"ikeEncryption": "AES256", "ikeIntegrity": "SHA256", "dhGroup": "DHGroup14",
                 "ipsecEncryption": "AES256", "ipsecIntegrity": "SHA256"},
    "modp1024": {"ikeEncryption": "AES256", "ikeIntegrity": "SHA1", "dhGroup": "DHGroup2",
                 "ipsecEncryption": "AES256", "ipsecIntegrity": "SHA1"},
}
LIFETIMES = {"pfsGroup": "None", "saLifeTimeSeconds": 27000, "saDataSizeKilobytes": 102400000}


class QuietCharon(charon.Charon):
    """A stock charon that logs as little as ours, with microseconds."""

    def write_configuration(self, data):
        super().write_configuration(data)
        text = self._conf.read_text(encoding="utf-8")
        text = re.sub(r"\n +ike = 2\n", "\n", text).replace("precision = ms", "precision = us")
        self._conf.write_text(text, encoding="utf-8")


def run(rig):
    links = rig.topology
    is_first = True
    for name, policy in SUITES.items():
        gateway = gateways.load("custom") | {"policy": policy | LIFETIMES}
        rig.gateway.write_configuration(gateway)
        rig.gateway.start()
        ours = measure_ours(rig, gateway, is_first)
        rig.box.stop()
        rig.box.take_rules_away()
        stock = measure_stock(rig, gateway, links, is_first)
        rig.gateway.stop()
        is_first = False
        rig.record(name, {"ours_ms": figures(ours), "stock_ms": figures(stock),
                          "ratio": round(statistics.median(ours) / statistics.median(stock), 3)})
        rig.tell(f"{name}: ours {statistics.median(ours):.2f} ms, "
                 f"stock {statistics.median(stock):.2f} ms")
        rig.expect(f"rounds of {name}", (len(ours), len(stock)), "==", (N_ROUNDS, N_ROUNDS))
    rig.record("border", json.loads(subprocess.check_output([JOB / "programs/bench_border"])))


def figures(values):
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3),
            "max": round(max(values), 3), "n": len(values)}


def pss_kilobytes(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+)", text, flags=re.MULTILINE)[1])


# --- ours ---------------------------------------------------------------------------------------

def measure_ours(rig, gateway, is_first):
    path = JOB / "config/config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["tunnels"][0]["ike"]["suites"] = gateways.ike_proposals(gateway)
    config["tunnels"][0]["esp"]["suites"] = gateways.esp_proposals(gateway, is_initiator=False)
    path.write_text(json.dumps(config), encoding="utf-8")
    rig.box = Box(rig)
    rig.box.start()
    rig.box.wait_up()
    if is_first:
        rig.record("pss_ours_kilobytes", {
            name: pss_kilobytes(rig.box.supervisor.services[name].process.pid)
            for name in ("xfrmd", "iked")})
    values = []
    while len(values) < N_ROUNDS:
        time.sleep(STABLE_S)
        before = {sa.spi for sa in rig.box.sas()}
        rig.gateway.swanctl("--terminate", "--ike", "azure")
        # nobody asks meanwhile: the guest has one processor, and it is what is measured
        time.sleep(QUIET_S)
        row = rig.box.wait_for_tunnel(
            lambda row: row.get("state") == "up" and
            len({sa.spi for sa in rig.box.sas()} - before) >= 2, 30)
        values.append(row["establish_ms"])
    return values


# --- a stock charon -----------------------------------------------------------------------------

def measure_stock(rig, gateway, topology, is_first):
    data = gateways.load("stock-branch") | {"policy": gateway["policy"]}
    branch = QuietCharon(topology, rig.node("box"), data, JOB)
    net.run(rig.node("box"), "ip", "link", "del", charon.INTERFACE, is_checked=False)
    branch.start()
    log = JOB / f"{branch.node}.charon.log"
    values = []
    time.sleep(2)
    if is_first:
        rig.record("pss_stock_kilobytes", pss_kilobytes(branch._process.pid))
    n_before = len(initiations(log))
    for _ in range(N_ROUNDS):
        branch.swanctl("--terminate", "--ike", "azure")
        branch.swanctl("--initiate", "--child", "offer")
    values = initiations(log)[n_before:]
    branch.stop()
    return values[-N_ROUNDS:]


def initiations(log):
    """Milliseconds from `initiating IKE_SA` to `CHILD_SA established`, each."""
    found, began = [], None
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        match = re.match(r"(\d{4}-\S+\.\d+)", line)
        if not match:
            continue
        at = datetime.datetime.fromisoformat(match[1]).timestamp()
        if "initiating IKE_SA" in line:
            began = at
        elif "CHILD_SA" in line and "established" in line and began:
            found.append(1000 * (at - began))
            began = None
    return found
