"""What Twilio's wire says, in our words: states of messages and calls, addresses, signatures.

Pure, and shared by whoever sends to Twilio and whoever listens to it, so that neither has to know
the other. No sockets, no library, no decisions about alerts.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from telecared.core.vocabulary import NotificationState, Stage

STATUS_PATH: Final = "/twilio/status/"
"""The notification's id follows, as `status_url` writes it."""

INBOUND_PATH: Final = "/twilio/inbound"

VOICE_PATH: Final = "/twilio/voice/"
"""What a call says. The notification's id follows, as in each of these."""

KEY_PATH: Final = "/twilio/key/"
CALL_PATH: Final = "/twilio/call/"

ROUND_FIELD: Final = "round"
"""In the query of VOICE_PATH and KEY_PATH: how often the text has been said."""

CALL_EVENTS: Final = ("initiated", "ringing", "answered", "completed")
"""What of a call is reported; `completed` stands for every end."""

RETRY_FRAGMENT: Final = "#rc=5&rp=all"
"""Twilio's connection overrides: five retries on any failure. Without it Twilio comes back only
when it could not connect, and a receipt answered with 503 would be gone."""

_STATES: Final[Mapping[str, NotificationState]] = {
    "accepted": NotificationState.SENT,
    "scheduled": NotificationState.SENT,
    "queued": NotificationState.SENT,
    "sending": NotificationState.SENT,
    "sent": NotificationState.SENT,
    "partially_delivered": NotificationState.SENT,
    "delivered": NotificationState.DELIVERED,
    "read": NotificationState.DELIVERED,
    "undelivered": NotificationState.UNDELIVERED,
    "failed": NotificationState.FAILED,
    "canceled": NotificationState.FAILED,
}


class CallState(NamedTuple):
    """What one of Twilio's words for a call means.

    Attributes:
        state: picking up proves nothing, so a call that goes on is `sent`; one that went through
            is `delivered`, which is no acknowledgement.
        stage: what happened, where it says more than the state.
        code: Twilio's word for why nobody was reached, or "".
    """

    state: NotificationState
    stage: Stage | None = None
    code: str = ""


_CALLED: Final = CallState(NotificationState.SENT, Stage.CALLED)

_CALL_STATES: Final[Mapping[str, CallState]] = {
    "in-progress": CallState(NotificationState.SENT, Stage.ANSWERED),
    "answered": CallState(NotificationState.SENT, Stage.ANSWERED),
    "completed": CallState(NotificationState.DELIVERED),
    "busy": CallState(NotificationState.UNDELIVERED, code="busy"),
    "no-answer": CallState(NotificationState.UNDELIVERED, code="no-answer"),
    "failed": CallState(NotificationState.UNDELIVERED, code="failed"),
    "canceled": CallState(NotificationState.UNDELIVERED, code="canceled"),
}

_DEFAULT_PORTS: Final[Mapping[str, int]] = {"https": 443, "http": 80}


def state_of(status: str) -> NotificationState:
    """Return our state for one of Twilio's status words.

    `sent` means that the provider took the message, so a word that we do not know is `sent`: it
    proves nothing more, and the receipt's time limit still runs.
    """
    return _STATES.get(status.lower(), NotificationState.SENT)


def call_state_of(status: str) -> CallState:
    """Return what one of Twilio's words for a call means; one that we do not know is `called`."""
    return _CALL_STATES.get(status.lower(), _CALLED)


def status_url(public_url: str, notification: str) -> str:
    """Return the address at which Twilio reports on one notification.

    Slashes of the id stay slashes: an encoded one (%2F) is refused or rewritten by common
    proxies, which would break the signature. Everything else unusual is percent-encoded.
    """
    return _address(public_url, STATUS_PATH, notification)


def call_url(public_url: str, notification: str) -> str:
    """Return the address at which Twilio reports how a call goes."""
    return _address(public_url, CALL_PATH, notification)


def voice_url(public_url: str, notification: str, said: int = 0) -> str:
    """Return the address at which Twilio asks what to say, after the text was `said` so often."""
    return _address(public_url, VOICE_PATH, notification, said)


def key_url(public_url: str, notification: str, said: int) -> str:
    """Return the address at which Twilio tells which key was pressed."""
    return _address(public_url, KEY_PATH, notification, said)


def _address(public_url: str, path: str, notification: str, said: int = 0) -> str:
    query = f"?{ROUND_FIELD}={said}" if said else ""
    named = quote(notification, safe="/@")
    return public_url.rstrip("/") + path + named + query + RETRY_FRAGMENT


def inbound_url(public_url: str) -> str:
    """Return the address to enter at Twilio for messages that people send to our number."""
    return public_url.rstrip("/") + INBOUND_PATH + RETRY_FRAGMENT


def signature(auth_token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """Return Twilio's signature of a form post to `url`: HMAC-SHA1, in base64.

    The fields count once each, sorted by name and then by value, blanks and newlines as sent.
    """
    fields = "".join(name + value for name, value in sorted(set(form)))
    mac = hmac.new(auth_token.encode(), (url + fields).encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def is_signed(
    auth_token: str, urls: Iterable[str], form: Sequence[tuple[str, str]], given: str
) -> bool:
    """Say whether `given` is the signature of this form post to one of the public `urls`.

    Each is tried with its port and without, since Twilio signs either way.
    """
    candidates = {variant for url in urls for variant in _with_and_without_port(url)}
    # Every candidate is computed and compared in constant time: how long a wrong signature takes
    # tells nothing about the right one.
    matches = [
        hmac.compare_digest(signature(auth_token, url, form).encode(), given.encode())
        for url in candidates
    ]
    return any(matches)


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host.rpartition(":")[0] if parts.port is not None else host
    login = parts.netloc[: len(parts.netloc) - len(host)]
    port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 80)
    rest = url[url.index(parts.netloc) + len(parts.netloc) :]
    start = f"{parts.scheme}://{login}{bare}"
    return start + rest, f"{start}:{port}{rest}"
