"""An identity provider (OpenID Connect) that proves who somebody is: the only user of authlib.

Discovery, PKCE, the exchange of the code and the check of its word. Whom it names, and what they
may do, is decided elsewhere. Asks over HTTP and waits: for worker threads only.
"""

import base64
import hmac
import threading
from collections.abc import Callable
from typing import Any, Final

import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from telecared.accounts_port import NotProven
from telecared.core.vocabulary import HOUR, SECOND, Duration, Instant

WELL_KNOWN: Final = "/.well-known/openid-configuration"
TIMEOUT_SECONDS: Final = 10
LONGEST_ANSWER: Final = 1024 * 1024
KEPT_FOR: Final[Duration] = HOUR
"""After this its addresses and keys are asked for again."""

CLOCK_SECONDS: Final = 60
"""By how much its clock may differ from ours."""

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures by a key that only the provider has."""

LONGEST_CLAIM: Final = 200
SILENT: Final = "The identity provider does not answer as it should: try again in a minute."
REFUSED: Final = "The identity provider did not say who you are: try again."


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the provider is and who we are to it, with secrets resolved.

    Attributes:
        claim: what in its word names somebody.
        back: our own address to which it sends people back.
        ask_again: it is asked to have people prove themselves each time, also those whom it knows
            by a cookie of its own.
    """

    issuer: str
    client_id: str
    client_secret: str | None
    claim: str
    scopes: tuple[str, ...]
    label: str
    back: str
    ask_again: bool = True


class _Known(msgspec.Struct, frozen=True):
    at: Instant
    issuer: str
    authorize: str
    token: str
    keys: KeySet


class _Kept(msgspec.Struct, frozen=True):
    """What stays in the browser until it comes back."""

    state: str
    nonce: str
    verifier: str


class OidcProvider:
    """One provider (accounts_port.IdentityProvider).

    Args:
        settings: where it is.
        chance: returns 32 unpredictable bytes.
    """

    def __init__(self, settings: ProviderSettings, *, chance: Callable[[], bytes]) -> None:
        self._settings = settings
        self._chance = chance
        self._lock = threading.Lock()
        self._known: _Known | None = None

    @property
    def label(self) -> str:
        """What stands on the button that leads there."""
        return self._settings.label

    def begin(self, now: Instant) -> tuple[str, str]:
        """Return where to send a browser, and what it must bring back. Raises NotProven."""
        kept = _Kept(self._random(), self._random(), self._random())
        known = self._discovered(now)
        # Else whoever finds a locked desk would come in without a password.
        again = {"prompt": "login"} if self._settings.ask_again else {}
        with self._client() as client:
            address, _ = client.create_authorization_url(
                known.authorize,
                state=kept.state,
                code_verifier=kept.verifier,
                nonce=kept.nonce,
                **again,
            )
        return str(address), base64.urlsafe_b64encode(msgspec.json.encode(kept)).decode()

    def finish(self, kept: str, *, state: str, code: str, now: Instant) -> str:
        """Return what the provider calls whoever came back. Raises NotProven."""
        try:
            ours = msgspec.json.decode(base64.urlsafe_b64decode(kept), type=_Kept)
        except ValueError:
            raise NotProven(REFUSED) from None
        if not code or not hmac.compare_digest(ours.state.encode(), state.encode()):
            raise NotProven(REFUSED)
        known = self._discovered(now)
        word = self._exchanged(known, code, ours.verifier)
        claims = self._checked(known, word, ours.nonce, now)
        return self._named(claims)

    def _random(self) -> str:
        return base64.urlsafe_b64encode(self._chance()).decode().rstrip("=")

    def _client(self) -> Any:  # noqa: ANN401 - authlib has no types
        client = OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret,
            token_endpoint_auth_method=(
                "none" if self._settings.client_secret is None else "client_secret_basic"
            ),
            scope=" ".join(self._settings.scopes),
            redirect_uri=self._settings.back,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )
        # No proxy and no password file of this machine: what is asked stays between the two.
        client.trust_env = False
        return client

    def _discovered(self, now: Instant) -> _Known:
        """Return the provider's addresses and keys, asked for once an hour."""
        with self._lock:
            known = self._known
            if known is not None and 0 <= now - known.at < KEPT_FOR:
                return known
            told = self._asked(self._settings.issuer.rstrip("/") + WELL_KNOWN)
            try:
                issuer = str(told["issuer"])
                if issuer.rstrip("/") != self._settings.issuer.rstrip("/"):
                    raise NotProven(SILENT)
                keys = KeySet.import_key_set(self._asked(str(told["jwks_uri"])))
                self._known = _Known(
                    at=now,
                    issuer=issuer,
                    authorize=str(told["authorization_endpoint"]),
                    token=str(told["token_endpoint"]),
                    keys=keys,
                )
            except (KeyError, TypeError, ValueError, JoseError):
                raise NotProven(SILENT) from None
            return self._known

    def _asked(self, address: str) -> Any:  # noqa: ANN401 - what JSON can say
        with self._client() as client:
            try:
                answer = client.get(
                    address, withhold_token=True, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
                if answer.status_code != 200 or len(answer.content) > LONGEST_ANSWER:
                    raise NotProven(SILENT)
                return msgspec.json.decode(answer.content)
            except (RequestException, msgspec.DecodeError):
                raise NotProven(SILENT) from None

    def _exchanged(self, known: _Known, code: str, verifier: str) -> str:
        """Return the provider's signed word for a code."""
        with self._client() as client:
            try:
                token = client.fetch_token(
                    known.token, code=code, code_verifier=verifier, timeout=TIMEOUT_SECONDS
                )
            except OAuthError:
                raise NotProven(REFUSED) from None
            except (RequestException, ValueError):
                raise NotProven(SILENT) from None
        word = token.get("id_token")
        if not isinstance(word, str) or len(word) > LONGEST_ANSWER:
            raise NotProven(SILENT)
        return word

    def _checked(self, known: _Known, word: str, nonce: str, now: Instant) -> dict[str, Any]:
        """Return what a signed word says, once it is the provider's, for us, and of now."""
        registry = jwt.JWTClaimsRegistry(
            now=now // SECOND,
            leeway=CLOCK_SECONDS,
            iss={"essential": True, "value": known.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            token = jwt.decode(word, known.keys, algorithms=list(ALGORITHMS))
            registry.validate(token.claims)
        except (JoseError, ValueError):
            with self._lock:
                # Its keys may have changed: they are asked for when somebody comes the next time.
                self._known = None
            raise NotProven(REFUSED) from None
        return dict(token.claims)

    def _named(self, claims: dict[str, Any]) -> str:
        named = claims.get(self._settings.claim)
        if not isinstance(named, str) or not 0 < len(named) <= LONGEST_CLAIM:
            raise NotProven(
                f"The identity provider says nothing under {self._settings.claim}: ask whoever set"
                " up the console."
            )
        if self._settings.claim == "email" and claims.get("email_verified") is not True:
            raise NotProven("The identity provider has not verified your e-mail address.")
        return named
