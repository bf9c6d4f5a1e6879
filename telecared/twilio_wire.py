"""What Twilio's wire says, in our words: message states, callback addresses, signatures.

Pure, and shared by whoever sends to Twilio and whoever listens to it, so that neither has to know
the other. No sockets, no library, no decisions about alerts.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from telecared.core.vocabulary import NotificationState

STATUS_PATH: Final = "/twilio/status/"
"""The notification's id follows, as `status_url` writes it."""

INBOUND_PATH: Final = "/twilio/inbound"

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

_DEFAULT_PORTS: Final[Mapping[str, int]] = {"https": 443, "http": 80}


def state_of(status: str) -> NotificationState:
    """Return our state for one of Twilio's status words.

    `sent` means that the provider took the message, so a word that we do not know is `sent`: it
    proves nothing more, and the receipt's time limit still runs.
    """
    return _STATES.get(status.lower(), NotificationState.SENT)


def status_url(public_url: str, notification: str) -> str:
    """Return the address at which Twilio reports on one notification.

    Slashes of the id stay slashes: an encoded one (%2F) is refused or rewritten by common
    proxies, which would break the signature. Everything else unusual is percent-encoded.
    """
    return public_url.rstrip("/") + STATUS_PATH + quote(notification, safe="/@") + RETRY_FRAGMENT


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
