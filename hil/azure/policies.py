"""Azure's custom policies: every suite that the box's configuration can name, in Azure's words.

The suites are those of config/schema.json, so that one which is added there is run without anybody
thinking of it. The words are those of hil/azure/gateway.py, which shares nothing with the importer.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import itertools
import json
import pathlib
import random
import re

from hil.azure import gateway

SCHEMA = pathlib.Path(__file__).parents[2] / "config/schema.json"
LIFE_S, KILOBYTES = 300, 102400000  # the shortest life that Azure knows: each row has a rekey


def expand(pattern):
    """All texts that a regular expression of literals, groups, | and ? matches."""
    texts, rest = _alternatives(pattern.removeprefix("^").removesuffix("$"))
    if rest:
        raise ValueError(f"not understood from here on: {rest}")
    return texts


def _alternatives(text):
    found, texts = [], [""]
    while text and text[0] != ")":
        if text[0] == "|":
            found, texts, text = found + texts, [""], text[1:]
            continue
        if text[0] == "(":
            group, text = _alternatives(text[1:])
            text = text[1:]
        else:
            group, text = [text[0]], text[1:]
        if text.startswith("?"):
            group, text = [""] + group, text[1:]
        texts = [head + tail for head in texts for tail in group]
    return found + texts, text


def suites(kind):
    """All "ike" or "esp" suites that a configuration can name."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return expand(schema["$defs"][f"{kind}_suite"]["pattern"])


def _word(table, name):
    """Azure's words for an algorithm; of several, all."""
    return [word for word, value in table.items() if value == name]


def ike_half(suite, choose):
    """The IKE part of the policy that is this suite; None where Azure has no words for it.

    Where it has several for one algorithm, `choose` takes one of them.
    """
    cipher, digest, *prf, group = suite.split("-")
    words = _word(gateway.INTEGRITY, digest.removeprefix("prf"))
    encryption = _word(gateway.ENCRYPTION, cipher)
    if prf or not words or encryption == ["GCMAES192"]:
        return None
    return {"ikeEncryption": encryption[0], "ikeIntegrity": words[0],
            "dhGroup": choose(_word(gateway.IKE_GROUP, group))}


def esp_half(suite, choose):
    """The ESP part of the policy that is this suite, likewise."""
    cipher, *rest = suite.split("-")
    encryption = _word(gateway.ENCRYPTION, cipher)[0]
    integrity = encryption if "GCM" in encryption else _word(gateway.INTEGRITY, rest.pop(0))[0]
    return {"ipsecEncryption": encryption, "ipsecIntegrity": integrity,
            "pfsGroup": choose(_word(gateway.PFS_GROUP, rest[0] if rest else ""))}


def table(seed):
    """Policies with each IKE half and each ESP half in one at least, crossed by the seed.

    Where both halves have one group, PFS is PFSMM, which says so.
    """
    chance = random.Random(seed)
    ike = [half for suite in suites("ike") if (half := ike_half(suite, chance.choice))]
    esp = [esp_half(suite, chance.choice) for suite in suites("esp")]
    chance.shuffle(ike)
    chance.shuffle(esp)
    n_rows = max(len(ike), len(esp))
    pairs = itertools.islice(zip(itertools.cycle(ike), itertools.cycle(esp)), n_rows)
    return [_policy(*pair) for pair in pairs]


def _policy(ike, esp):
    policy = {"saLifeTimeSeconds": LIFE_S, "saDataSizeKilobytes": KILOBYTES, **ike, **esp}
    if gateway.IKE_GROUP[policy["dhGroup"]] == gateway.PFS_GROUP[policy["pfsGroup"]]:
        policy["pfsGroup"] = "PFSMM"
    return policy


# An ESP suite's algorithms as `ip xfrm state` prints them: name, bits of its key.
_BITS = {"aes256gcm16": 288, "aes192gcm16": 224, "aes128gcm16": 160, "aes256": 256, "aes192": 192,
         "aes128": 128, "3des": 192}
_KERNEL_INTEGRITY = {"sha256": ("hmac(sha256)", 128), "sha1": ("hmac(sha1)", 96),
                     "md5": ("hmac(md5)", 96)}


def kernel_words(suite):
    """What the kernel calls an ESP suite: (cipher, bits of its key), and (hash, bits sent) or None."""
    cipher, *rest = suite.split("-")
    name = "rfc4106(gcm(aes))" if "gcm" in cipher else \
        "cbc(des3_ede)" if cipher == "3des" else "cbc(aes)"
    return (name, _BITS[cipher]), None if "gcm" in cipher else _KERNEL_INTEGRITY[rest[0]]


def parse_kernel(text):
    """The same of each SA in the output of `ip xfrm state`, by SPI."""
    found = {}
    for block in re.split(r"^(?=src )", text, flags=re.MULTILINE):
        spi = re.search(r"spi 0x([0-9a-f]+)", block)
        cipher = re.search(r"^\s+(?:aead|enc) (\S+) (?:0x\w+ )?\((\d+) bits\)", block, re.MULTILINE)
        digest = re.search(r"^\s+auth-trunc (\S+) (?:0x\w+ )?\(\d+ bits\) (\d+)", block,
                           re.MULTILINE)
        if spi and cipher:
            found[int(spi[1], 16)] = ((cipher[1], int(cipher[2])),
                                      (digest[1], int(digest[2])) if digest else None)
    return found
