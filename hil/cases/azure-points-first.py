"""Points 2 and 3 of what a simulator must reproduce: the first exchange and the default lists.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.azure import gateway
from hil.guest import azure, ike, road

CASE = {
    "title": "Azure's first exchange: order, vendor IDs, refusals, notifies, lists",
    "topologies": ["road"],
    "gateway": "azure",
    "azure_json": "default",
    "patched_charon": True,
}
# 2.1: v9, MS-Negotiation Discovery Capable; as initiator Vid-Initial-Contact and one without name
RESPONDER_IDS = ["1e2b516905991c7d7c96fcbfb587e46100000009", "fb1de3cdf341b7ea16b7e5be0855f120"]
INITIATOR_IDS = RESPONDER_IDS + ["26244d38eddb61b3172a36e3d0cfb819",
                                 "01528bbbc00696121849ab9a1c5b2a5100000002"]
ORDER = "SA KE No N(FRAG_SUP) N(NATD_S_IP) N(NATD_D_IP) "
INVALID_KE_BYTES = 38


def run(rig):
    rig.gateway.start()
    initiator(rig)
    rig.box.start()
    responder(rig)
    tunnel_of_both(rig)
    lists(rig, "vnet", refused="aes128-sha1-modp2048")
    rig.gateway.switch(defaults="vwan")
    lists(rig, "vwan", refused="3des-sha1-modp1024")


def initiator(rig):
    rig.sleep(12)
    with rig.point("2.1", "as initiator: payload order and four vendor IDs", switch="vendor_ids",
                   how=azure.PATCH):
        own = [message for _, is_own, message in azure.messages(rig) if is_own]
        rig.expect("requests of IKE_SA_INIT", len(own), ">", 0)
        rig.expect("payloads", ike.words(own[0]), "==", ORDER + "V V V V")
        rig.expect("vendor IDs", ike.vendor_ids(own[0]), "==", INITIATOR_IDS)


def responder(rig):
    road.come_up(rig)
    with rig.point("2.2", "as responder: payload order, two vendor IDs, none of HASH_ALG, REDIRECT, "
                   "CHILDLESS", switch="vendor_ids", how=azure.PATCH):
        rig.gateway.switch(mode="ResponderOnly")
        began = rig.now()
        rig.gateway.terminate()
        road.come_up(rig)
        own = [message for _, is_own, message in azure.messages(rig, began) if is_own]
        rig.expect("payloads", ike.words(own[0]), "==", ORDER + "V V")
        rig.expect("vendor IDs", ike.vendor_ids(own[0]), "==", RESPONDER_IDS)
        road.carry_both_ways(rig)


def tunnel_of_both(rig):
    with rig.point("2.3", "in IKE_AUTH as initiator no EAP_ONLY, MSG_ID_SYN_SUP, MOBIKE",
                   switch="quiet_auth", how=azure.PATCH):
        rig.gateway.switch(mode="Default")
        rig.gateway.terminate()
        rig.expect("requests of IKE_AUTH in the log",
                   azure.wait_log(rig, "generating IKE_AUTH request 1 ["), ">=", 1)
        lines = [line for line in rig.gateway.log().splitlines()
                 if "generating IKE_AUTH request 1 [" in line]
        rig.expect("payloads", lines[-1].split("[ ")[-1], "==", "IDi AUTH SA TSi TSr ]")
        road.come_up(rig)
        road.carry_both_ways(rig)


def lists(rig, kind, refused):
    prober = azure.Prober(rig)
    suites = gateway.DEFAULTS[kind][0]
    with rig.point("3.1", f"{kind}: accepts each IKE suite of its list and no other",
                   switch="defaults", how=azure.STOCK):
        for suite in suites:
            answer = prober.ask([suite], "modp1024")
            rig.expect(f"answer to {suite}", ike.words(answer), "==", "SA KE No V V")
        rig.expect(f"answer to {refused}", ike.words(prober.ask([refused], refused.split("-")[2])),
                   "==", "N(NO_PROP)")
    with rig.point("3.2", f"{kind}: chooses by its own preference", switch="defaults",
                   how=azure.STOCK):
        answer = prober.ask(suites[::-1], "modp1024")
        rig.expect("the suite", ike.chosen(answer),
                   "==", {kind: (ident, bits) for kind, ident, bits in azure.transforms(suites[0])})
    with rig.point("2.4", f"{kind}: INVALID_KE_PAYLOAD in 38 bytes names its group", switch="defaults",
                   how=azure.STOCK):
        # the group of the KE is not the one of the suite
        answer = prober.ask([suites[0]], "modp2048")
        rig.expect("payloads", ike.words(answer), "==", "N(INVAL_KE)")
        rig.expect("bytes", answer.size, "==", INVALID_KE_BYTES)
        rig.expect("group", ike.invalid_ke_group(answer), "==", 2)
    prober.close()
    with rig.point("3.3", f"{kind}: offers and accepts the ESP lists, ESN off", switch="defaults",
                   how=azure.STOCK):
        log_bytes = len(rig.gateway.log())
        rig.gateway.terminate()
        road.come_up(rig)
        rig.sleep(5)
        found = azure.configured_proposals(rig.gateway.log()[log_bytes:], "ESP")
        rig.expect("lists in the log", sorted(found), "==",
                   sorted(azure.logged(proposals) for proposals in gateway.DEFAULTS[kind][1:3]))
        rig.expect("ESP suite of the box", "aes256gcm16" in
                   str(rig.box.tunnel().get("esp_suite")).lower(), "==", True)
        road.carry_both_ways(rig)
