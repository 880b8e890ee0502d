"""Point 1 of what a simulator must reproduce: roles, and retrying every few seconds.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.guest import azure, driver, road

CASE = {
    "title": "Azure begins, only answers, or refuses whoever begins; it tries again and again",
    "topologies": ["road"],
    "gateway": "azure",
    "azure_json": "default",
    "patched_charon": True,
}
WATCH_S = 60


def run(rig):
    rig.gateway.switch(mode="ResponderOnly")
    rig.gateway.start()
    rig.box.start()
    responder_only(rig)
    rig.gateway.stop()
    for refusal in ("silence", "unreachable"):
        initiator_only(rig, refusal)
    rig.gateway.switch(mode="Default")
    retry(rig)


def begun(rig, since_s, is_own):
    """The requests of IKE_SA_INIT that one side has sent."""
    return [time_s for time_s, own, message in azure.messages(rig, since_s)
            if own == is_own and message.header.is_request]


def responder_only(rig):
    with rig.point("1.1", "ResponderOnly never begins, and answers", switch="mode", how=azure.STOCK):
        road.come_up(rig)
        road.carry_both_ways(rig)
        began = rig.now()
        rig.box.kill("iked", stays_dead=True)
        rig.gateway.swanctl("--terminate", "--ike", driver.IKE, "--force")
        rig.sleep(WATCH_S)
        rig.expect("requests of IKE_SA_INIT by the gateway", len(begun(rig, began, True)), "==", 0)
        rig.box.revive("iked")
        road.come_up(rig)
        road.carry_both_ways(rig)


def initiator_only(rig, refusal):
    with rig.point("1.2", f"InitiatorOnly refuses whoever begins by {refusal}, and begins itself",
                   switch=f"mode, refusal={refusal} (inferred)", how=azure.STOCK):
        began = rig.now()
        rig.gateway.switch(mode="InitiatorOnly", refusal=refusal)
        rig.sleep(WATCH_S)
        rig.expect("requests of the box that were refused", azure.dropped(rig, "inet azure"), ">", 0)
        rig.gateway.start()
        road.come_up(rig)
        rig.expect("requests of IKE_SA_INIT by the gateway", len(begun(rig, began, True)), ">", 0)
        answers = [message for _, own, message in azure.messages(rig, began)
                   if own and not message.header.is_request]
        rig.expect("answers of the gateway to IKE_SA_INIT", len(answers), "==", 0)
        road.carry_both_ways(rig)
        rig.gateway.crash()


def retry(rig):
    with rig.point("1.3", "tries again every few seconds, also after AUTHENTICATION_FAILED",
                   switch="retry_s", how=azure.VICI):
        psk = rig.gateway.data["psk"]
        rig.gateway.switch(psk="another-key-of-nobody")
        rig.box.kill("iked")  # what is up goes down, and only then is Azure's key wrong
        rig.gateway.start()
        began = rig.now()
        rig.sleep(WATCH_S)
        times_s = begun(rig, began, True)
        gaps_s = [later - earlier for earlier, later in zip(times_s, times_s[1:])]
        rig.expect("requests of IKE_SA_INIT in a minute", len(times_s), ">=", 8)
        rig.expect("the longest pause in seconds", round(max(gaps_s, default=WATCH_S)), "<=", 10)
        rig.expect("state of the tunnel", rig.box.tunnel().get("state"), "!=", "up")
        rig.gateway.switch(psk=psk)
        road.come_up(rig)
        road.carry_both_ways(rig)
