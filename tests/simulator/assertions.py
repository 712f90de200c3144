"""JSON Web Tokens for the tests, signed with a key that exists for nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from penniless.simulator.jwt import SHA256

N = int(
    "b44cf743ca193ed83af5bd70fc46cbd0fbb12ced1332f9381f915ef4687d97e8f8919c42408099c9c5fba3a03d569169"
    "37ae68742f522d7201b9203aae258c7807d771dfb5de04730cc3655ce6d07da5ad730ef185e9b25ae9817082afc05330"
    "28efec9ca67f0e48f5da04290394c9dca4ba444e3189fb40ecb0757690c47ce39735b98e4abe16c8b7d2fdc0c8a7ddb0"
    "4fca28b98408eb9f2f8fd99d004b23983038ce98c7b60ea4b7e157f043daddb1b5d7d925cad7c127388568157708b5f5"
    "ccf5ac4745fd8804063e719e8ed16182b02a63ed33b5e0b697511bd1068a483f126590b4225e32438b7089ce6400b2ea"
    "694b315104faa1afcb819c553734b34b",
    16,
)
D = int(
    "1deb7dc6ea9538e81214b08cbcd894bf07dd757a9c0a83efebd128643fa8c3da3dd19010307b06ca44880735b2a81876"
    "50eea8d7caf884a11c2717f194ef97395df7c326601c4939bc5efa85a9a9e487e75a261b2f61421f330baf5b8885ce68"
    "3a0ae285765db445a842b71905469e1ef6d91037b7a1d1a78aff9766870c8c3ac2e75c3fa21a8a1848a749211c002d66"
    "01fafb52da0baf99b674d8f0fe395c4c57e112843dd4d23b2be04ca9c9ca6a759a53036207e18432fc8c00a012b17800"
    "f7f845287c4c717211ab320ef4c592bfd23000ea28be8d435ec61b96c3d0b60fc5385c40d89397b327120b969006a8ef"
    "ec5da1a4f621dd6f319d522b31410e7d",
    16,
)
E = 65537
KID = "536e453c-aa93-4449-8e90-add2608783c6"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


JWK = {
    "kty": "RSA",
    "alg": "RS256",
    "use": "sig",
    "kid": KID,
    "e": encoded(E.to_bytes(3, "big")),
    "n": encoded(N.to_bytes(256, "big")),
}
"""The public half, as it is registered at the channel."""


def signature(message: bytes) -> bytes:
    ending = SHA256 + hashlib.sha256(message).digest()
    padded = b"\0\1" + b"\xff" * (256 - len(ending) - 3) + b"\0" + ending
    return pow(int.from_bytes(padded, "big"), D, N).to_bytes(256, "big")


def claims(now: int, **changed: Any) -> dict[str, Any]:
    """Claims that LINE takes at `now` (milliseconds); None leaves one out."""
    usual = {
        "iss": "1234567890",
        "sub": "1234567890",
        "aud": "https://api.line.me/",
        "exp": now // 1000 + 1800,
        "token_exp": 86_400,
        **changed,
    }
    return {name: value for name, value in usual.items() if value is not None}


def assertion(content: dict[str, Any], **header: Any) -> str:
    """A signed assertion."""
    head = {"alg": "RS256", "typ": "JWT", "kid": KID, **header}
    message = ".".join(encoded(json.dumps(one).encode()) for one in (head, content))
    return f"{message}.{encoded(signature(message.encode()))}"
