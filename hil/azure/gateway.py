"""The simulated Azure VPN gateway: turns its data into the files of a stock charon. Pure functions.

The numbers in comments are sections of the facts that were collected on Azure's gateway: 1.2 offers
of the default policy, 1.4 custom policies, 1.5 connection modes, 1.6 selectors, 2.1 first exchange,
2.2 identities, 2.4 rekeying, 2.5 dead peers, 4.1 two instances.

How each is done, by the weakest means that can:
  - stock: settings of a stock charon, and nftables around it (hil/azure/faults.py).
  - vici: hil/guest/driver.py works a stock charon's control socket: it tries again after every
    failure, climbs down the ladder of selectors, makes rekeys collide.
  - patch: keys of PATCHED. They need the libcharon of hil/azure/charon, which a case asks for with
    "patched_charon".

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import pathlib

from hil import shape
from hil.azure import faults

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
# 4.1: by which instance the virtual network answers; absent: by those that have a tunnel up.
RETURN_PATHS = ("follow", "a", "b", "both")
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
    "defaults?": {"vnet", "vwan"},      # which default policy: 1.2 (absent), or 1.3 Virtual WAN's
    "retry_s?": int,                    # 1.5: pause between tries; absent: what charon does itself
    "refusal?": set(faults.REFUSALS),   # 1.5: how InitiatorOnly refuses (I); absent: silence
    "selectors?": {"wide", "ladder", "narrow-first"},  # 1.6: what it proposes; absent: wide
    "accepts?": [ipaddress.ip_network],                # 1.6: selectors of both sides; absent: any
    "azure_prefixes?": [ipaddress.IPv4Network],        # 1.6: of the network and its peers
    "hub_prefixes?": [ipaddress.IPv4Network],          # 1.6: of the network alone
    "child_end?": {"rekey", "delete"},  # 2.4: what it does at child_rekey_percent; absent: rekey
    "collide?": {"child", "ike"},       # 2.4: it rekeys this while a rekey of the box is under way
    "failover_s?": int,                 # 4.1: until the other instance begins anew
    "drops_unordered_fragments?": bool,                # 3
    "black_hole_bytes?": int,           # 3: inner packets of this size vanish, 1423
    "vendor_ids?": bool,                # 2.1
    "quiet_auth?": bool,                # 2.2: no EAP_ONLY, no MSG_ID_SYN_SUP
    "child_lists?": bool,               # 2.4: the initiator's list in child rekeys, whoever built it
    "one_suite?": bool,                 # 2.4: the suite in use alone in IKE rekeys
    "double_rekey_s?": int,             # 2.4: a child is rekeyed twice, the orphan deleted after this
}
# The keys that need the patch: what they are called in strongswan.conf.
PATCHED = {
    "vendor_ids": ("azure_vendor_ids", "azure_initiator_ids"),
    "quiet_auth": ("azure_quiet_auth",),
    "child_lists": ("azure_child_lists",),
    "one_suite": ("azure_one_suite",),
    "double_rekey_s": ("azure_double_rekey_s",),
}
# 4.1: what an instance of an active-active gateway has of its own, in the place of the above.
SHAPE["instances?"] = shape.Each({key.rstrip("?") + "?": value for key, value in SHAPE.items()})
SHAPE["return_path?"] = set(RETURN_PATHS)

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
# 1.3: Virtual WAN has no 3DES and no DES; AES128-SHA256 comes last as in 1.2.
VWAN_IKE = DEFAULT_IKE[:4]
VWAN_ESP_OFFERED = ["aes256gcm16", "aes256-sha1", "aes256-sha256", "aes128-sha1"]
VWAN_ESP_ACCEPTED = VWAN_ESP_OFFERED + [
    "aes256-sha1-modp768", "aes256-sha1-modp1024", "aes256-sha1-modp2048",
    "aes256-sha1-modp2048s256", "aes128-sha1-modp768", "aes128-sha1-modp1024",
    "aes128-sha1-modp2048", "aes256-sha256-modp768", "aes256-sha256-modp1024",
    "aes256-sha256-modp2048", "aes256-sha256-modp2048s256", "aes128-sha256",
    "aes128-sha256-modp768", "aes128-sha256-modp1024", "aes128-sha256-modp2048",
]
# kind of gateway: IKE list, ESP offers, ESP accepted, child lifetime
DEFAULTS = {
    "vnet": (DEFAULT_IKE, DEFAULT_ESP_OFFERED, DEFAULT_ESP_ACCEPTED, 27000),
    "vwan": (VWAN_IKE, VWAN_ESP_OFFERED, VWAN_ESP_ACCEPTED, 3600),
}
DEFAULT_CHILD_KILOBYTES = 102400000
IKE_LIFE_S = 28800
ANY = "0.0.0.0/0"

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
  dos_protection = no              # probes leave exchanges half open
  # 2.5: a request is given up after {give_up_s} s
  retransmit_timeout = {retransmit_timeout:.3f}
  retransmit_base = 2
  retransmit_tries = 4
  filelog {{
    stderr {{
      default = 1
      ike = 2
      cfg = 2
      ike_name = yes
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
{patched}}}
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
    keyingtries = {keyingtries}                 # 1.5: 0 never gives up
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
        local_ts = {local_ts}        # 1.6
        remote_ts = {remote_ts}
        esp_proposals = {esp}
        rekey_time = {rekey_s}s        # 2.4
        life_time = {life_s}s
        rand_time = 0
        rekey_bytes = {rekey_bytes}
        life_bytes = {life_bytes}
        rand_bytes = 0
        start_action = {start}
        close_action = {close}
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


def instance(data, name):
    """The data of one instance, "a" or "b"."""
    return {**data, **data.get("instances", {}).get(name, {})}


def needs_patch(data):
    """Whether a stock charon cannot be told all that the data asks for."""
    return any(data.get(key) for key in PATCHED)


def is_driven(data):
    """Whether the driver begins, and charon itself only answers."""
    return "retry_s" in data and data["mode"] != "ResponderOnly"


def ike_proposals(data):
    """The IKE proposals of a gateway, best first."""
    if "policy" not in data:
        return DEFAULTS[data.get("defaults", "vnet")][0]
    policy = data["policy"]
    hash_word = INTEGRITY[policy["ikeIntegrity"]]
    # 1.4: with GCM the integrity field names the PRF
    middle = f"prf{hash_word}" if "GCM" in policy["ikeEncryption"] else hash_word
    return [f"{ENCRYPTION[policy['ikeEncryption']]}-{middle}-{IKE_GROUP[policy['dhGroup']]}"]


def esp_proposals(data, is_initiator):
    """The ESP proposals that a gateway offers or accepts, best first."""
    if "policy" not in data:
        return DEFAULTS[data.get("defaults", "vnet")][1 if is_initiator else 2]
    policy = data["policy"]
    parts = [ENCRYPTION[policy["ipsecEncryption"]]]
    if "GCM" not in policy["ipsecEncryption"]:
        parts.append(INTEGRITY[policy["ipsecIntegrity"]])
    pfs = policy["pfsGroup"]
    parts.append(IKE_GROUP[policy["dhGroup"]] if pfs == "PFSMM" else PFS_GROUP[pfs])
    return ["-".join(part for part in parts if part)]


def child_lifetime_s(data):
    """How long a child SA may live."""
    default_s = DEFAULTS[data.get("defaults", "vnet")][3]
    return data.get("policy", {}).get("saLifeTimeSeconds", default_s)


def ladder(data):
    """1.6: the names and selectors (Azure's, the office's) that it proposes, rung by rung."""
    wide = [("offer", ANY, ANY)]
    kind = data.get("selectors", "wide")
    if kind == "wide":
        return [wide]
    matrix = [_matrix("matrix", data["azure_prefixes"], data["peer_prefixes"]),
              _matrix("hub", data["hub_prefixes"], data["peer_prefixes"])]
    return [wide, *matrix] if kind == "ladder" else [*matrix, wide]


def _matrix(name, azure_prefixes, office_prefixes):
    pairs = [(azure, office) for azure in azure_prefixes for office in office_prefixes]
    return [(f"{name}-{number}", *pair) for number, pair in enumerate(pairs, 1)]


def dead_peer_timers(timeout_s):
    """2.5: (interval of probes, time until one is given up); together they are the timeout."""
    delay_s = timeout_s // 3
    return delay_s, timeout_s - delay_s


def strongswan_conf(data, vici):
    """The text of strongswan.conf; `vici` is the path of the control socket."""
    _, give_up_s = dead_peer_timers(data["dpd_timeout_s"])
    patched = [f"  {word} = {int(data[key])}\n" for key, words in PATCHED.items()
               if data.get(key) for word in words]
    return STRONGSWAN_CONF.format(title=data["title"], plugins=PLUGINS, vici=vici,
                                  give_up_s=give_up_s, patched="".join(patched),
                                  retransmit_timeout=give_up_s / (1 + 2 + 4 + 8 + 16))


def swanctl_conf(data, if_id):
    """The text of swanctl.conf; `if_id` is that of the xfrm interface which carries the traffic."""
    # the accept list is first: charon takes the first child whose selectors fit the peer's
    children = ""
    if data["mode"] != "InitiatorOnly":
        accepted = ",".join(data.get("accepts", [ANY]))
        children += _child(data, ("accept", accepted, accepted), is_initiator=False)
    if data["mode"] != "ResponderOnly":
        children += "".join(_child(data, child, is_initiator=True)
                            for rung in ladder(data) for child in rung)
    return SWANCTL_CONF.format(
        peer=data["peer"], ike=",".join(ike_proposals(data)), ike_rekey_s=data["ike_rekey_s"],
        ike_over_s=max(IKE_LIFE_S - data["ike_rekey_s"], 0), if_id=if_id, id=data["id"],
        dpd_delay_s=dead_peer_timers(data["dpd_timeout_s"])[0], peer_id=data["peer_id"],
        keyingtries=1 if is_driven(data) else 0, children=children, psk=data["psk"])


def _child(data, child, is_initiator):
    name, local_ts, remote_ts = child
    life_s = child_lifetime_s(data)
    kilobytes = data.get("policy", {}).get("saDataSizeKilobytes", DEFAULT_CHILD_KILOBYTES)
    life_bytes = kilobytes * 1024
    percent = data["child_rekey_percent"]
    rekey_s, rekey_bytes = life_s * percent // 100, life_bytes * percent // 100
    if data.get("child_end") == "delete":
        life_s, rekey_s, rekey_bytes = rekey_s, 0, 0
    begins = is_initiator and not is_driven(data)
    return CHILD.format(
        name=name, local_ts=local_ts, remote_ts=remote_ts,
        esp=",".join(esp_proposals(data, is_initiator)), life_s=life_s, rekey_s=rekey_s,
        life_bytes=life_bytes, rekey_bytes=rekey_bytes, start="start" if begins else "none",
        close="start" if begins else "none", dpd_action="restart" if begins else "clear")
