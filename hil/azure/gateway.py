"""The simulated Azure VPN gateway: turns its data into the files of a stock charon. Pure functions.

The numbers in comments are sections of the facts that were collected on Azure's gateway: 1.2 offers
of the default policy, 1.4 custom policies, 1.5 connection modes, 1.6 selectors, 2.1 first exchange,
2.2 identities, 2.4 rekeying, 2.5 dead peers.

What a stock charon cannot be told, and what it does in its place:
  - Microsoft's vendor IDs and their order (2.1): it sends none.
  - Refuse a peer that initiates, as InitiatorOnly does (1.5): it answers.
  - The ladder of narrower selectors after TS_UNACCEPTABLE (1.6): it offers any-any and no more.
  - Rekey a child with the six initiator offers and no KE whoever built it (2.4): it offers the list
    of the child's own configuration, which is the accept list for a child that the office began,
    with a KE payload for that list's first group; the office's answer decides for no PFS.
  - A second child rekey whose orphan is deleted after 300 s (2.4).
  - Leave out EAP_ONLY and MSG_ID_SYN_SUP when it initiates.
  - Try again after an authentication error or NO_PROPOSAL_CHOSEN, which Azure does (1.5): it stops.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import pathlib

from hil import shape

FOLDER = pathlib.Path(__file__).parent / "gateways"

# 1.4: Azure's words, and strongSwan's.
ENCRYPTION = {
    "GCMAES256": "aes256gcm16", "GCMAES192": "aes192gcm16", "GCMAES128": "aes128gcm16",
    "AES256": "aes256", "AES192": "aes192", "AES128": "aes128", "DES3": "3des", "DES": "des",
    "None": "null",
}
INTEGRITY = {"SHA384": "sha384", "SHA256": "sha256", "SHA1": "sha1", "MD5": "md5"}
IKE_GROUP = {
    "DHGroup1": "modp768", "DHGroup2": "modp1024", "DHGroup14": "modp2048",
    "DHGroup2048": "modp2048", "DHGroup24": "modp2048s256", "ECP256": "ecp256", "ECP384": "ecp384",
}
PFS_GROUP = {
    "None": "", "PFS1": "modp768", "PFS2": "modp1024", "PFS14": "modp2048", "PFS2048": "modp2048",
    "PFS24": "modp2048s256", "ECP256": "ecp256", "ECP384": "ecp384",
}

POLICY_SHAPE = {
    "ikeEncryption": set(ENCRYPTION), "ikeIntegrity": set(INTEGRITY), "dhGroup": set(IKE_GROUP),
    "ipsecEncryption": set(ENCRYPTION), "ipsecIntegrity": set(INTEGRITY) | set(ENCRYPTION),
    "pfsGroup": set(PFS_GROUP) | {"PFSMM"},
    "saLifeTimeSeconds": int, "saDataSizeKilobytes": int,
}
SHAPE = {
    "title": str,
    "id": ipaddress.IPv4Address,        # 2.2: ID_IPV4_ADDR, the instance's public address
    "peer": ipaddress.IPv4Address,      # gatewayIpAddress of the local network gateway
    "peer_id": str,                     # an IPv4 address, or %any as Azure (2.2)
    "peer_prefixes": [ipaddress.IPv4Network],
    "psk": str,
    "mode": {"Default", "ResponderOnly", "InitiatorOnly"},
    "dpd_timeout_s": int,
    "ike_rekey_s": int,                 # 2.4: 27360, 95 % of the fixed 28800
    "child_rekey_percent": int,         # 2.4: 95
    "policy?": POLICY_SHAPE,            # absent: Azure's default policy
}

# 1.2, in Azure's order of preference.
DEFAULT_IKE = ["aes256-sha1-modp1024", "aes256-sha256-modp1024", "aes128-sha1-modp1024",
               "aes128-sha256-modp1024", "3des-sha1-modp1024", "3des-sha256-modp1024"]
DEFAULT_ESP_OFFERED = ["aes256gcm16", "aes256-sha1", "3des-sha1", "aes256-sha256", "aes128-sha1",
                       "3des-sha256"]
DEFAULT_ESP_ACCEPTED = DEFAULT_ESP_OFFERED + [
    "des-sha1",
    "aes256-sha1-modp768", "aes256-sha1-modp1024", "aes256-sha1-modp2048",
    "aes128-sha1-modp768", "aes128-sha1-modp1024", "aes128-sha1-modp2048",
    "3des-sha1-modp768", "3des-sha1-modp1024", "3des-sha256-modp1024",
    "aes256-sha256-modp768", "aes256-sha256-modp1024", "aes256-sha256-modp2048",
    "aes256-sha1-modp2048s256", "aes256-sha256-modp2048s256",
    "aes128-sha256", "aes128-sha256-modp768", "aes128-sha256-modp1024", "aes128-sha256-modp2048",
    "3des-sha1-modp2048",
]
DEFAULT_CHILD_LIFE_S = 27000
DEFAULT_CHILD_KILOBYTES = 102400000
IKE_LIFE_S = 28800

# OpenSSL does the cryptography; random is ahead of it, so that the rig's seed decides nonces.
PLUGINS = ("random nonce openssl kdf pem pkcs1 x509 pubkey constraints kernel-netlink "
           "socket-default vici updown")

STRONGSWAN_CONF = """\
# Simulated Azure gateway: {title}
charon {{
  load = {plugins}
  install_routes = no              # the route into the xfrm interface is static
  install_virtual_ip = no
  signature_authentication = no    # 2.1: no SIGNATURE_HASH_ALGORITHMS
  follow_redirects = no            # 2.1: no REDIRECT_SUPPORTED
  multiple_authentication = no     # no MULTIPLE_AUTH_SUPPORTED
  send_vendor_id = no              # 2.1: not strongSwan's
  # 2.5: a request is given up after {give_up_s} s
  retransmit_timeout = {retransmit_timeout:.3f}
  retransmit_base = 2
  retransmit_tries = 4
  filelog {{
    stderr {{
      default = 1
      ike = 2
      time_format = %Y-%m-%dT%H:%M:%S
      time_precision = ms
      flush_line = yes
    }}
  }}
  plugins {{
    vici {{
      socket = unix://{vici}
    }}
  }}
}}
swanctl {{
  load = random openssl pem pkcs1 x509 pubkey
}}
"""

SWANCTL_CONF = """\
connections {{
  azure {{
    version = 2
    remote_addrs = {peer}
    proposals = {ike}
    rekey_time = {ike_rekey_s}s           # 2.4
    over_time = {ike_over_s}s
    rand_time = 0
    reauth_time = 0
    mobike = no                     # 2.2
    childless = never               # 2.1: no CHILDLESS_IKEV2_SUPPORTED
    fragmentation = yes             # 2.1: FRAGMENTATION_SUPPORTED
    dpd_delay = {dpd_delay_s}s                 # 2.5
    keyingtries = 0                 # 1.5: it never gives up
    if_id_in = {if_id}
    if_id_out = {if_id}
    local {{
      auth = psk
      id = {id}
    }}
    remote {{
      auth = psk
      id = {peer_id}
    }}
    children {{
{children}    }}
  }}
}}
secrets {{
  ike-azure {{
    secret = "{psk}"
  }}
}}
"""

CHILD = """\
      {name} {{
        local_ts = 0.0.0.0/0        # 1.6
        remote_ts = 0.0.0.0/0
        esp_proposals = {esp}
        rekey_time = {rekey_s}s        # 2.4
        life_time = {life_s}s
        rand_time = 0
        rekey_bytes = {rekey_bytes}
        life_bytes = {life_bytes}
        rand_bytes = 0
        start_action = {start}
        close_action = {start}
        dpd_action = {dpd_action}
      }}
"""


def names():
    """The gateways that exist, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name):
    """Returns the checked data of gateway `name`; raises shape.ShapeError."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise shape.ShapeError(f"no gateway '{name}'; there are {', '.join(names())}")
    return shape.load(path, SHAPE)


def ike_proposals(data):
    """The IKE proposals of a gateway, best first."""
    if "policy" not in data:
        return DEFAULT_IKE
    policy = data["policy"]
    hash_word = INTEGRITY[policy["ikeIntegrity"]]
    # 1.4: with GCM the integrity field names the PRF
    middle = f"prf{hash_word}" if "GCM" in policy["ikeEncryption"] else hash_word
    return [f"{ENCRYPTION[policy['ikeEncryption']]}-{middle}-{IKE_GROUP[policy['dhGroup']]}"]


def esp_proposals(data, is_initiator):
    """The ESP proposals that a gateway offers or accepts, best first."""
    if "policy" not in data:
        return DEFAULT_ESP_OFFERED if is_initiator else DEFAULT_ESP_ACCEPTED
    policy = data["policy"]
    parts = [ENCRYPTION[policy["ipsecEncryption"]]]
    if "GCM" not in policy["ipsecEncryption"]:
        parts.append(INTEGRITY[policy["ipsecIntegrity"]])
    pfs = policy["pfsGroup"]
    parts.append(IKE_GROUP[policy["dhGroup"]] if pfs == "PFSMM" else PFS_GROUP[pfs])
    return ["-".join(part for part in parts if part)]


def dead_peer_timers(timeout_s):
    """2.5: (interval of probes, time until one is given up); together they are the timeout."""
    delay_s = timeout_s // 3
    return delay_s, timeout_s - delay_s


def strongswan_conf(data, vici):
    """The text of strongswan.conf; `vici` is the path of the control socket."""
    _, give_up_s = dead_peer_timers(data["dpd_timeout_s"])
    return STRONGSWAN_CONF.format(title=data["title"], plugins=PLUGINS, vici=vici,
                                  give_up_s=give_up_s,
                                  retransmit_timeout=give_up_s / (1 + 2 + 4 + 8 + 16))


def swanctl_conf(data, if_id):
    """The text of swanctl.conf; `if_id` is that of the xfrm interface which carries the traffic."""
    # the accept list is first: charon takes the first child whose selectors fit the peer's
    children = ""
    if data["mode"] != "InitiatorOnly":
        children += _child(data, "accept", is_initiator=False)
    if data["mode"] != "ResponderOnly":
        children += _child(data, "offer", is_initiator=True)
    return SWANCTL_CONF.format(
        peer=data["peer"], ike=",".join(ike_proposals(data)), ike_rekey_s=data["ike_rekey_s"],
        ike_over_s=max(IKE_LIFE_S - data["ike_rekey_s"], 0), if_id=if_id, id=data["id"],
        dpd_delay_s=dead_peer_timers(data["dpd_timeout_s"])[0], peer_id=data["peer_id"],
        children=children, psk=data["psk"])


def _child(data, name, is_initiator):
    policy = data.get("policy", {})
    life_s = policy.get("saLifeTimeSeconds", DEFAULT_CHILD_LIFE_S)
    life_bytes = policy.get("saDataSizeKilobytes", DEFAULT_CHILD_KILOBYTES) * 1024
    percent = data["child_rekey_percent"]
    return CHILD.format(
        name=name, esp=",".join(esp_proposals(data, is_initiator)), life_s=life_s,
        rekey_s=life_s * percent // 100, life_bytes=life_bytes,
        rekey_bytes=life_bytes * percent // 100, start="start" if is_initiator else "none",
        dpd_action="restart" if is_initiator else "clear")
