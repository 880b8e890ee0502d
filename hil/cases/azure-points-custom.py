"""Points 3, 6 and 8 with a custom policy: one suite and no other, a wrong shared key, the logs.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

from hil.azure import diagnostics
from hil.guest import azure, ike, road

CASE = {
    "title": "Azure with a custom policy: one suite, PFS, PSK mismatch, both diagnostic logs",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
}
ESP = ["aes256gcm16-ecp384"]


def run(rig):
    rig.gateway.start()
    rig.box.start()
    one_suite(rig)
    wrong_key(rig)
    logs(rig)


def one_suite(rig):
    with rig.point("3.4", "a custom policy is a single suite, for IKE and for ESP", switch="policy",
                   how=azure.STOCK):
        tunnel = road.come_up(rig)
        for word in ("aes256", "sha384", "ecp384"):
            rig.expect(f"IKE suite has {word}", word in str(tunnel.get("ike_suite")).lower(), "==",
                       True)
        prober = azure.Prober(rig)
        for suite in ("aes256-sha256-ecp384", "aes128-sha384-ecp384", "aes256-sha1-modp1024"):
            answer = prober.ask([suite], suite.split("-")[2])
            rig.expect(f"answer to {suite}", ike.words(answer), "==", "N(NO_PROP)")
        prober.close()
        road.carry_both_ways(rig)
    with rig.point("6.1", "a child rekey of Azure has PFS when the policy has", switch="policy",
                   how=azure.STOCK):
        with road.lossless(rig):
            rig.sleep(1)
            rig.gateway.rekey("child")
            rig.sleep(5)
        lines = [line for line in rig.gateway.log().splitlines()
                 if "generating CREATE_CHILD_SA request" in line]
        rig.expect("payloads", [line.split("[ ")[-1] for line in lines], "==",
                   ["N(REKEY_SA) SA No KE TSi TSr ]"])
        rig.expect("its list", azure.configured_proposals(rig.gateway.log(), "ESP"), "==",
                   [azure.logged(ESP)])


def wrong_key(rig):
    with rig.point("6.8", "a wrong shared key is refused, and put right it works", switch="psk",
                   how=azure.STOCK):
        psk = rig.gateway.data["psk"]
        rig.gateway.switch(psk="another-key-of-nobody")
        rig.gateway.terminate()
        rig.expect("lines of a wrong key", azure.wait_log(rig, "MAC mismatched"), ">=", 1)
        rig.sleep(2)
        rig.expect("reason of the box", "shared key" in str(rig.box.tunnel().get("reason")), "==", True)
        road.stay_closed(rig)
        rig.gateway.switch(psk=psk)
        road.come_up(rig, 900)
        road.carry_both_ways(rig)


def logs(rig):
    log = rig.gateway.log()
    with rig.point("8.1", "the older IKEDiagnosticLog", switch="diagnostics.messages",
                   how=azure.STOCK):
        lines = list(diagnostics.messages(log))
        shape = re.compile(r"SESSION_ID :\{[0-9A-F-]{36}\} Remote 203\.0\.113\.7:500: "
                           r"Local 198\.51\.100\.10:500: \[(SEND|RECEIVED)\]\[\w+\] ")
        rig.expect("lines", len(lines), ">", 10)
        rig.expect("lines of another shape", [line for line in lines if not shape.match(line)], "==",
                   [])
        for tag in ("[RECEIVED][SA_INIT]", "[SEND][SA_INIT]", "[RECEIVED][SA_AUTH]"):
            rig.expect(f"lines with {tag}", sum(tag in line for line in lines), ">", 0)
    with rig.point("8.2", "the newer log of failures with their codes", switch="diagnostics.failures",
                   how=azure.STOCK):
        lines = list(diagnostics.failures(log))
        for code in (13801, 13868):
            rig.expect(f"lines with {code}", sum(f"[ErrorCode] {code} " in line for line in lines),
                       ">", 0)
    with rig.point("8.3", "Azure's JSON, nested: the box was configured from it", switch="azure_json",
                   how="data"):
        rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "==", "up")
