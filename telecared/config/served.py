"""What `telecared.yaml` says of our own HTTP servers: the provider's callbacks, and the console.

Keys and their defaults. Serving is elsewhere.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from telecared.config.channels import HttpUrl, safe_url
from telecared.config.fields import Body, PositiveDuration, Text, Words
from telecared.config.secrets import Secret
from telecared.core.sign_in import (
    IDLE,
    LONGEST_SESSION,
    SESSION,
    SHORTEST_IDLE,
    SHORTEST_SESSION,
)
from telecared.core.vocabulary import DAY, Duration

_LISTEN: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


def _listen(value: str) -> str:
    match = _LISTEN.fullmatch(value)
    if match is None or not 0 <= int(match[2]) < 65536:
        raise ValueError("not an address to listen at; write 127.0.0.1:8080")
    return value


def _idle(value: Duration) -> Duration:
    if not SHORTEST_IDLE <= value <= SESSION:
        raise ValueError("a desk locks after 1m to 13h without a hand on it; write 15m")
    return value


def _session(value: Duration) -> Duration:
    if not SHORTEST_SESSION <= value <= LONGEST_SESSION:
        raise ValueError("a session lasts 10m to 7d; write 13h, a shift and its handover")
    return value


Listen = Annotated[str, AfterValidator(_listen)]


class Webhooks(Body):
    """Where the provider reports; without `public_url` it is asked instead."""

    listen: Listen = "127.0.0.1:8081"
    public_url: HttpUrl | None = None


class OidcBody(Body):
    """An identity provider that proves who somebody is; what they may do is written down here.

    Attributes:
        issuer: its address; below it lies `.well-known/openid-configuration`.
        claim: what in its word for somebody is held against `known as` of an operator.
        label: what stands on the button that leads there.
        ask_again: it is to ask for a password each time, so that a desk that has locked is not
            opened by whoever finds it; false for a provider that cannot.
    """

    issuer: Annotated[str, AfterValidator(safe_url)]
    client_id: Text
    client_secret: Secret | None = None
    claim: Text = "preferred_username"
    scopes: Words = ("openid", "profile", "email")
    label: Text = "Sign in with your organisation"
    ask_again: bool = True


class Console(Body):
    """Where the console is served.

    Attributes:
        public_url: how people reach it from outside; None where they do not, and texts then hold
            no link.
        link_expires: how long a link in a text opens its alert.
        sms_price: of one SMS, for reports; None where nobody has said. currency: which money.
        with_daemon: `run` serves it, too; false where only `telecared console` does.
        idle: after so long without a hand on it a session locks.
        session: how long a session lasts, whatever is done.
        proxies: addresses of servers in front of it, whose word for who comes is believed.
        oidc: an identity provider; without one people sign in with passwords alone.
    """

    listen: Listen = "127.0.0.1:8080"
    public_url: HttpUrl | None = None
    link_expires: PositiveDuration = DAY
    sms_price: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "GBP"
    with_daemon: bool = True
    idle: Annotated[PositiveDuration, AfterValidator(_idle)] = IDLE
    session: Annotated[PositiveDuration, AfterValidator(_session)] = SESSION
    proxies: Words = ()
    oidc: OidcBody | None = None

    @model_validator(mode="after")
    def _provider_finds_back(self) -> "Console":
        if self.oidc is not None and self.public_url is None:
            raise ValueError(
                "oidc sends people to the provider and back to us; write public_url: with the"
                " address at which browsers reach the console"
            )
        return self
