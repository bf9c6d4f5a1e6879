"""The link in an SMS that opens just this alert: its place in a text, and its token.

A text is decided, kept and shown with a placeholder, so that it replays byte for byte and nobody
who reads it there can use it. The token is put in its place on the way out. What a link may do,
and for how long, is the console's.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from telecared.core.segments import MAX_SEGMENTS, first_segment, names_code, segments

TOKEN_LENGTH: Final = 16
"""Characters of a token: 96 bits, which nobody guesses."""

PLACEHOLDER: Final = "-LINK-GOES-HERE-"
"""Stands in a text for the token: as long, and in the same alphabet, so that it costs as much."""

PATH: Final = "/r/"
"""Of the console, before the token."""

SECRET_KEY: Final = "link_secret"  # noqa: S105 - the name under which the store keeps it
SECRET_BYTES: Final = 32

_ENDING: Final = f"{PATH}{PLACEHOLDER}"


def token_of(secret: bytes, notification: str) -> str:
    """Return the token of a notification: the same for the same secret, of use for nothing else."""
    digest = hmac.new(secret, notification.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest)[:TOKEN_LENGTH].decode()


def notification_of(secret: bytes, token: str, notifications: Iterable[str]) -> str | None:
    """Return to which of some notifications a token belongs, or None; in constant time for each."""
    found = None
    for one in notifications:
        if hmac.compare_digest(token_of(secret, one).encode(), token.encode()):
            found = one
    return found


def with_link(text: str, code: str, url: str) -> str:
    """Return a text that ends with a link, its token still open; without one where no room is left.

    Args:
        text: as it would be sent.
        code: the reply code in it, which stays in the first SMS.
        url: of the console, without a slash at its end; "" for a site without links.
    """
    if not url:
        return text
    linked = f"{text} {url}{_ENDING}"
    if segments(linked) > MAX_SEGMENTS or not names_code(first_segment(linked), code):
        return text
    return linked


def with_token(text: str, token: str) -> str:
    """Return a text as it leaves: with the token where it has a link, else unchanged."""
    if not text.endswith(_ENDING):
        return text
    return f"{text.removesuffix(PLACEHOLDER)}{token}"
