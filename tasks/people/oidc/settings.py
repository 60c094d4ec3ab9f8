"""What an installation decides about one identity provider; `redress.single_sign_on` reads it from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""What may be allowed at all: signatures that only the provider can make. `none` and the HMACs, whose key is the
client's secret, are none of them.
"""


@dataclass(frozen=True)
class ProviderSettings:
    """One provider. `name` is its name in addresses; `issuer` the exact text its tokens carry; `redirect_uri` and
    `signed_out_uri` what is to be registered there.

    seconds: how long it may be silent when it is asked something. accounts: `link` – only who was linked by an operator
    signs in; `create` – whom a mapped group gives a seat gets an account. The claims: where login, name and groups stand.
    """

    name: str
    issuer: str
    client_id: str
    redirect_uri: str
    signed_out_uri: str = ""
    client_secret: str = field(default="", repr=False)
    label: str = ""
    scopes: str = "openid profile"
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    seconds: float = 3.0
    accounts: Literal["link", "create"] = "link"
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    groups_claim: str = "groups"
