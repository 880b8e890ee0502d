"""Steps of the policies-* cases: Azure's JSON of a site changed, imported in the guest, and taken by
the running box; the gateway changed to match.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import pathlib
import shutil
import signal
import subprocess

from hil.azure import gateway, policies
from hil.guest import driver, net, rig as rigs

IMPORTER = "/usr/sbin/fairlead-fleet"
SITES = rigs.TREE / "hil/azure/json"
WORK = pathlib.Path("/tmp/import")
PING_MS = 200
UP_LIMIT_S = 120
SETTLE_S = 1.0
AFTER_OUR_REKEY_S = 245  # of a life of 300 s we rekey at 225 to 240


def import_site(name, **changes):
    """Imports the site `name` with changed members of the connection; returns (status, findings)."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(SITES / name, WORK / "json")
    path = WORK / "json/connection.json"
    connection = json.loads(path.read_text(encoding="utf-8"))
    (connection.get("properties") or connection).update(changes)
    path.write_text(json.dumps(connection), encoding="utf-8")
    result = subprocess.run(
        [IMPORTER, "import", "--output", str(WORK / "out"),
         *map(str, sorted((WORK / "json").glob("*.json")))],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    return result.returncode, result.stderr


def reconfigure(rig, name, **changes):
    """The box takes the site `name` with changes, as a running box does: by SIGHUP."""
    status, findings = import_site(name, **changes)
    if status != 0:
        raise RuntimeError(f"the import of {name} failed: {findings}")
    take(rig, *((WORK / "out" / name).read_text(encoding="utf-8")
                for name in ("config.json", "secrets.json")))


def take(rig, config, secrets=None):
    """The running box takes the texts of a configuration."""
    rigs.CONFIG_FOLDER.joinpath("config.json").write_text(config, encoding="utf-8")
    if secrets:
        rigs.CONFIG_FOLDER.joinpath("secrets.json").write_text(secrets, encoding="utf-8")
    n_starts = rig.box.supervisor.services["iked"].n_starts
    rig.box.supervisor.kill("xfrmd", signal.SIGHUP)
    rig.box.supervisor.kill("iked", signal.SIGHUP)
    rig.box.restarted_after_s("iked", n_starts + 1)


def begin_anew(rig, **changes):
    """The gateway takes changes of its data and forgets its SAs without a word."""
    if not rig.gateway.is_running():
        rig.gateway.write_configuration({**rig.gateway.data, **changes})
        rig.gateway.start()
        return
    rig.gateway.switch(**changes)
    client = rig.gateway.vici()
    client.ask("terminate", ike="azure", force="yes", timeout=-1)
    client.close()


def wait_children(rig, wanted, limit_s=UP_LIMIT_S):
    """Waits until the tunnel has so many child SAs; returns its row."""
    end = rig.now() + limit_s
    while True:
        rig.sleep(SETTLE_S)  # a look costs more than the time that passes
        row = rig.box.tunnel()
        if row.get("state") == "up" and row.get("children") == wanted or rig.now() > end:
            return row


def lost(rig, seconds=2 * PING_MS / 1000, every_ms=PING_MS, payload_bytes=56):
    """Pings both ways for a while; returns how many were lost."""
    flows = [rig.ping("office", "vnet", every_ms, payload_bytes),
             rig.ping("vnet", "office", every_ms, payload_bytes)]
    rig.sleep(seconds)
    counts = [flow.stop() for flow in flows]
    if not all(sent for sent, _ in counts):
        raise RuntimeError("no ping was sent")
    return sum(sent - answered for sent, answered in counts)


def kernel_suites(rig):
    """The algorithms of the box's SAs that the gateway has, too, without repeats."""
    ours = policies.parse_kernel(net.run(rig.box.node, "ip", "-s", "xfrm", "state"))
    client = rig.gateway.vici()
    theirs = {int(child[key], 16) for child in driver.children(client)
              for key in ("spi-in", "spi-out")}
    client.close()
    return {suite for spi, suite in ours.items() if spi in theirs}


def run_policies(rig, table):
    """Both sides take one policy after the other; every eighth is rekeyed by us, else by Azure."""
    rig.record("policies", [_run_policy(rig, policy, is_ours=number % 8 == 0)
                            for number, policy in enumerate(table)])


def _run_policy(rig, policy, is_ours):
    """The tunnel comes up, carries, and is rekeyed. A row of the table."""
    (ike,), (esp,) = (gateway.ike_proposals({"policy": policy}),
                      gateway.esp_proposals({"policy": policy}, True))
    reconfigure(rig, "custom", ipsecPolicies=[policy])
    begin_anew(rig, policy=policy)
    seen = {"IKE": wait_children(rig, 1).get("ike_suite"), "pings lost": lost(rig)}
    if not is_ours:
        rig.gateway.rekey("child")
    rig.sleep(AFTER_OUR_REKEY_S if is_ours else SETTLE_S)
    seen.update({"ESP after a rekey": rig.box.tunnel().get("esp_suite"),
                 "kernel": kernel_suites(rig), "pings lost later": lost(rig)})
    wanted = {"IKE": ike, "pings lost": 0, "ESP after a rekey": esp,
              "kernel": {policies.kernel_words(esp)}, "pings lost later": 0}
    is_met = rig.expect(f"{ike} with {esp}, {policy['pfsGroup']}",
                        {key: str(value) for key, value in seen.items()
                         if value != wanted[key]}, "==", {})
    return {"ike": ike, "esp": esp, "pfs": policy["pfsGroup"],
            "result": "holds" if is_met else "fails"}
