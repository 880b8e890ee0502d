"""Everything that keeps a tunnel down, one after the other: `fairlead status` names the rung where
it stops, Azure's code, Azure's setting and a command, and the log has the same.

Asks 11 (errors that do not say what mismatched) and 23 (a tunnel that is down vanishes).

SPDX-License-Identifier: GPL-2.0-or-later
"""
from hil.azure import gateway
from hil.guest import answerer, net, rig as bed

CASE = {
    "title": "each mismatch, silence and ICMP error by its name, in Azure's words",
    "topologies": ["road"],
    "gateway": "custom",
    "azure_json": "custom",
    "limit_s": 600,
}
LIMIT_S = 120  # longer than a pause between two tries, or than a dead peer goes unnoticed
POLICY = "az network vpn-connection ipsec-policy add --connection-name"
LOCAL_GATEWAY = "az network local-gateway update"


def custom(**changes):
    """The gateway's data with some values changed; those of its policy by their own names."""
    data = gateway.load("custom")
    for key, value in changes.items():
        (data["policy"] if key in data["policy"] else data)[key] = value
    return data


# What the gateway has otherwise | reason | rung | in code, setting and command
MISMATCHES = [
    ("ikeEncryption", custom(ikeEncryption="AES128"),
     "ike-proposal", "ike", "13868", "ikeEncryption", "--ike-encryption AES256"),
    ("ikeIntegrity", custom(ikeIntegrity="SHA256"),
     "ike-proposal", "ike", "13868", "ikeIntegrity", "--ike-integrity SHA384"),
    ("dhGroup", custom(dhGroup="DHGroup14"),
     "ike-proposal", "ike", "13868", "dhGroup", "--dh-group ECP384"),
    ("ipsecEncryption", custom(ipsecEncryption="AES256", ipsecIntegrity="SHA256"),
     "esp-proposal", "child", "13868", "ipsecEncryption", "--ipsec-encryption GCMAES256"),
    ("sharedKey", custom(psk="invented-psk-that-nobody-else-has"),
     "key-refused", "ike", "13801", "sharedKey", "shared-key update"),
    ("gatewayIpAddress", custom(peer_id="203.0.113.99"),
     "key-refused", "ike", "13801", "gatewayIpAddress", "shared-key update"),
]
# The same, which only a gateway that begins shows.
BEGINNINGS = [
    ("sharedKey", custom(psk="invented-psk-that-nobody-else-has", mode="Default"),
     "key-wrong", "ike", "13801", "sharedKey", "shared-key update"),
    ("address of its own", custom(id="198.51.100.99", mode="Default"),
     "name-wrong", "ike", "13801", "publicIPAddress", "vnet-gateway show"),
]

# What is amended in the text of its configuration, for which its data has no switch.
AMENDMENTS = [
    ("selectors of IPv6", "local_ts = 0.0.0.0/0", "local_ts = 2001:db8::/32",
     "selectors", "child", "13999", "trafficSelectorPolicies",
     "--use-policy-based-traffic-selectors"),
    ("a pool of addresses", "    version = 2", "    version = 2\n    pools = p",
     "address-wanted", "child", "", "connectionType", "vpn-connection show"),
]

# What somebody answers in clear in the gateway's place, in which version of IKE.
ANSWERS = [
    ("INVALID_KE_PAYLOAD for group 14", answerer.INVALID_KE_PAYLOAD, answerer.group(14), 2,
     "ike-group", "13822", "dhGroup", POLICY),
    ("INVALID_KE_PAYLOAD for group 31", answerer.INVALID_KE_PAYLOAD, answerer.group(31), 2,
     "ike-group", "13822", "dhGroup", POLICY),
    ("INVALID_KE_PAYLOAD for our own group", answerer.INVALID_KE_PAYLOAD, answerer.group(20), 2,
     "ike-group", "13822", "dhGroup", POLICY),
    ("a new COOKIE each time", answerer.COOKIE, answerer.cookie, 2,
     "cookies", "13846", "", "vnet-gateway reset"),
    ("INVALID_MAJOR_VERSION", answerer.INVALID_MAJOR_VERSION, bytes, 2,
     "version", "13880", "connectionProtocol", "vpn-connection delete"),
    ("in IKEv1", answerer.INVALID_MAJOR_VERSION, bytes, 1,
     "version", "13880", "connectionProtocol", "vpn-connection delete"),
    ("INVALID_SYNTAX", answerer.INVALID_SYNTAX, bytes, 2,
     "payload", "13843", "", "vpn-connection show"),
    ("UNSUPPORTED_CRITICAL_PAYLOAD", answerer.UNSUPPORTED_CRITICAL_PAYLOAD, bytes, 2,
     "payload", "13843", "", "vpn-connection show"),
    ("INVALID_MESSAGE_ID", answerer.INVALID_MESSAGE_ID, bytes, 2,
     "header", "13824", "", "vnet-gateway reset"),
    ("an error that has no name", 8191, bytes, 2, "notify", "", "", ""),
]

# What the internet does to packets for the gateway.
OBSTACLES = [
    ("drops all", "udp dport { 500, 4500 } drop",
     "silent", "13805", "gatewayIpAddress", LOCAL_GATEWAY),
    ("drops IKE_AUTH", "udp dport { 500, 4500 } @th,208,8 35 drop",
     "silent-auth", "13805", "", ""),
    ("says net unreachable", "udp dport 500 reject with icmp type net-unreachable",
     "icmp-net", "13805", "", "public-ip show"),
    ("says host unreachable", "udp dport 500 reject with icmp type host-unreachable",
     "icmp-host", "13805", "", "public-ip show"),
    ("says prohibited", "udp dport 500 reject with icmp type admin-prohibited",
     "icmp-admin", "13805", "", ""),
]
OBSTACLE = """
table ip obstacle {{
  chain forward {{ type filter hook forward priority 0; ip daddr {gateway} {rule}; }}
}}
"""
DEAF = """
table ip deaf {
  chain forward { type filter hook forward priority 0; policy drop; }
}
"""


def run(rig):
    rig.gateway.start()
    rig.box.start()
    for what, data, *wanted in MISMATCHES:
        expect(rig, f"the gateway has another {what}", lambda: set_up(rig, data), *wanted)
    for what, data, *wanted in BEGINNINGS:
        expect(rig, f"the gateway has another {what}, and begins", lambda: set_up(rig, data),
               *wanted, is_late=True)
    for what, old, new, *wanted in AMENDMENTS:
        expect(rig, f"the gateway has {what}", lambda: amend(rig, old, new), *wanted)
    set_up(rig, custom())
    for what, rule, reason, *wanted in OBSTACLES:
        expect(rig, f"the internet {what}", lambda: block(rig, rule), reason, "udp", *wanted)
        unblock(rig)
    expect(rig, "nobody listens at the gateway's address", lambda: be_nobody(rig), "icmp-port",
           "udp", "1225", "connectionMode", "public-ip show")
    for what, kind, data, version, reason, *wanted in ANSWERS:
        somebody = answerer.Answerer(rig.node("gateway"), kind, data, version)
        expect(rig, f"the gateway answers {what}", lambda: None, reason, "ike", *wanted)
        somebody.stop()
    lose_the_way(rig)
    come_back(rig)


# --- steps --------------------------------------------------------------------------------------

def expect(rig, what, change, reason, rung, code, setting, command, is_late=False):
    """Makes a change and waits until a new iked tells what it means.

    A new one knows nothing of earlier steps and tries at once. A change that is late comes when it
    has failed by itself and waits for its next try."""
    rig.tell(what)
    n_starts = rig.box.supervisor.services["iked"].n_starts
    rig.box.kill("iked", stays_dead=True)
    n_lines = len(log_lines(rig))
    if not is_late:
        change()
    rig.box.revive("iked")
    rig.box.restarted_after_s("iked", n_starts + 1)
    if is_late:
        rig.sleep(4)
        change()
    row = wait(rig, lambda row: row.get("stops_at") == rung and setting in row["azure_setting"] and
               command in row["remedy"] and logged(rig, reason, n_lines))
    rig.tell(f"      {row.get('reason')} | {row.get('offered')} | {row.get('azure_code')} | "
             f"{row.get('azure_setting')} | {row.get('remedy')}")
    rig.expect(f"{reason}: stops at", row.get("stops_at"), "==", rung)
    for key, part in (("azure_code", code), ("azure_setting", setting), ("remedy", command)):
        rig.expect(f"{reason}: {key} has '{part}'", part in row.get(key, ""), "==", True)
        rig.expect(f"{reason}: the log too",
                   f'{key}="{row.get(key)}"' in logged(rig, reason, n_lines), "==", True)
    rig.expect(f"{reason}: state", row.get("state"), "!=", "up")
    expect_one_screen(rig, reason)


def wait(rig, is_right):
    """As rig.box.wait_for_tunnel, with fewer looks: there are many steps."""
    end = rig.now() + LIMIT_S
    while not is_right(row := rig.box.tunnel()) and rig.now() < end:
        rig.sleep(0.25)
    return row


def expect_one_screen(rig, reason):
    lines = net.run(rig.box.node, "fairlead", "status", is_checked=False).splitlines()
    rig.expect(f"{reason}: lines of fairlead status", len(lines), "<=", 14)
    rig.expect(f"{reason}: columns", max(len(line) for line in lines), "<=", 80)
    rig.expect(f"{reason}: rungs where it stops", sum(" STOP " in line for line in lines), "==", 1)


def log_lines(rig):
    """What iked has logged."""
    path = rig.box.supervisor.services["iked"].log.path
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def logged(rig, reason, n_lines=0):
    """The last line behind so many in which iked names a reason; "" when there is none."""
    return next((line for line in reversed(log_lines(rig)[n_lines:]) if f"why={reason} " in line),
                "")


def set_up(rig, data):
    """Gives the gateway other data."""
    rig.gateway.write_configuration(data)
    rig.gateway.load()


def amend(rig, old, new):
    """Changes the text of the gateway's configuration."""
    rig.gateway.write_configuration(custom())
    path = bed.JOB / f"{rig.node('gateway')}.swanctl.conf"
    text = path.read_text(encoding="utf-8")
    rig.expect(f"the configuration has '{old.strip()}'", old in text, "==", True)
    pools = "pools {\n  p {\n    addrs = 10.99.0.0/24\n  }\n}\n" if "pools" in new else ""
    path.write_text(text.replace(old, new) + pools, encoding="utf-8")
    rig.gateway.load()


def block(rig, rule):
    net.run(rig.node("internet"), "nft", "-f", "-",
            text=OBSTACLE.format(gateway=rig.address("gateway"), rule=rule))


def unblock(rig):
    net.run(rig.node("internet"), "nft", "delete", "table", "ip", "obstacle")


def be_nobody(rig):
    """The gateway's host stays, its charon goes: a closed port says so."""
    rig.gateway.kill()
    net.run(rig.node("gateway"), "nft", "flush", "ruleset")


def lose_the_way(rig):
    box = rig.box.node
    net.ip(box, "route del default")
    expect_rung(rig, "the box has no route", "address", "no route")
    net.ip(box, "addr flush dev wan0")
    expect_rung(rig, "the box has no address", "address", "no IPv4 address")
    rig.set_link("wan", False)
    expect_rung(rig, "the cable is out", "link", "wan0 has no link")
    net.ip(box, "addr add 203.0.113.7/24 dev wan0")
    rig.set_link("wan", True)


def expect_rung(rig, what, rung, words):
    rig.tell(what)
    row = wait(rig, lambda row: row.get("stops_at") == rung and words in row["reason"])
    rig.expect(f"{what}: stops at", row.get("stops_at"), "==", rung)
    rig.expect(f"{what}: it says '{words}'", words in str(row.get("reason")), "==", True)
    return row


def come_back(rig):
    """All is put right, and the tunnel comes up; then what can befall one that was up."""
    rig.gateway.start()
    row = wait(rig, lambda row: row.get("state") == "up" and row.get("stops_at") is None)
    rig.expect("state when all is put right", row.get("state"), "==", "up")
    rig.expect("it stops at", row.get("stops_at"), "==", None)
    ask_nobody(rig)
    refuse_to_rekey(rig)
    block(rig, "drop")
    row = expect_rung(rig, "the gateway is cut off", "udp", "stopped answering")
    rig.expect("dead: code", row.get("azure_code"), "==", "13805 (negotiation timed out)")
    rig.expect("dead: setting", row.get("azure_setting"), "==", "dpdTimeoutSeconds")


def ask_nobody(rig):
    """Packets go out, nothing comes back; then something does."""
    net.run(rig.node("gateway"), "nft", "-f", "-", text=DEAF)
    flow = rig.ping("office", "vnet")
    row = expect_rung(rig, "nobody in Azure answers", "host", "nothing in Azure answers")
    rig.expect("nobody answers: setting", row.get("azure_setting"), "==",
               "localNetworkAddressSpace of the local network gateway")
    net.run(rig.node("gateway"), "nft", "delete", "table", "ip", "deaf")
    row = wait(rig, lambda row: row.get("stops_at") is None)
    rig.expect("somebody answers: stops at", row.get("stops_at"), "==", None)
    flow.stop()


def refuse_to_rekey(rig):
    """pfsGroup differs, which shows when a child SA is rekeyed; the tunnel stays up and warns."""
    rig.gateway.write_configuration(custom(pfsGroup="PFS2048"))
    rig.gateway.load()
    rig.gateway.swanctl("--terminate", "--ike", "azure")
    rig.sleep(5)
    rig.expect("the log has the gateway's DELETE", "13885" in logged(rig, "gateway-closed"), "==",
               True)
    rig.box.wait_up(LIMIT_S)
    rig.gateway.swanctl("--rekey", "--child", "accept")
    row = wait(rig, lambda row: "pfsGroup" in row.get("azure_setting", ""))
    rig.expect("pfs: state", row.get("state"), "==", "up")
    rig.expect("pfs: setting", row.get("azure_setting"), "==", "ipsecPolicies.pfsGroup")
    rig.expect("pfs: code", row.get("azure_code"), "==", "13868 (policy match error)")
    rig.expect("pfs: command", "--pfs-group ECP384" in row.get("remedy", ""), "==", True)
