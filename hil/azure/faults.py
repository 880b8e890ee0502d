"""What the simulated gateway's network does to packets, as nftables rules. Pure functions.

Section numbers as in gateway.py.

SPDX-License-Identifier: GPL-2.0-or-later
"""
# 1.5: how InitiatorOnly meets a peer that begins. That it does not answer is known, how is inferred.
REFUSALS = ("silence", "unreachable")

# Puts the rules in the place of those that are there.
RULES = """\
table inet azure {{ }}
delete table inet azure
table inet azure {{
  chain input {{ type filter hook input priority 0; {refusal} }}
  chain forward {{ type filter hook forward priority 0; {black_hole} }}
  chain output {{ type filter hook output priority 0; {quiet} }}
}}
table netdev azure {{ }}
delete table netdev azure
"""

# 3: an ESP fragment is dropped unless the one with offset 0 was there before it. The hook is ahead
# of the one that puts fragments together.
IN_ORDER_RULES = """\
table netdev azure {{
  set begun {{ typeof ip saddr . ip id; flags dynamic, timeout; timeout 30s; size 65536; }}
  chain ingress {{
    type filter hook ingress device "{interface}" priority 0;
    ip frag-off & 0x3fff == 0 accept
    ip frag-off & 0x1fff == 0 add @begun {{ ip saddr . ip id }} accept
    ip saddr . ip id != @begun counter drop
  }}
}}
"""

# A request of IKE_SA_INIT from a peer that begins: no responder's SPI, exchange 34, no response flag.
BEGINS = "udp dport 500 @th,128,64 0 @th,208,8 34 @th,216,8 & 0x20 == 0"
# A port that nobody listens on and an SPI that nobody knows stay quiet, as behind a cloud's firewall,
# and so does a fragment whose rest was dropped.
QUIET = ("icmp type destination-unreachable icmp code != frag-needed drop; "
         "icmp type time-exceeded icmp code 1 drop")


def rules(data, public, private):
    """The nft text for a gateway's data; `public` and `private` are its interfaces."""
    refuses = data["mode"] == "InitiatorOnly"
    is_silent = data.get("refusal", "silence") == "silence"
    verdict = "drop" if is_silent else "reject with icmp port-unreachable"
    size = data.get("black_hole_bytes")
    text = RULES.format(
        refusal=f"{BEGINS} counter {verdict};" if refuses else "",
        # 3: one size from the virtual network vanishes; what is larger is told of by the interface
        black_hole=f'iifname "{private}" ip length {size} counter drop;' if size else "",
        quiet=f"{QUIET};" if is_silent or not refuses else "")
    if data.get("drops_unordered_fragments", False):
        text += IN_ORDER_RULES.format(interface=public)
    return text
