"""One plain HTTP request to a provider or another system, made once and explained honestly.

What the channels over HTTP share, so that none has to know another. Errors and log lines hold no
address, header or body: any of them may be a secret or somebody's data.
"""

from collections.abc import Mapping
from typing import Final

import aiohttp
import msgspec

from telecared.errors import GatewayError
from telecared.retrying import retry_after

ANSWER_LIMIT: Final = 64 * 1024
"""Bytes of an answer that are read; ids and states stand well within."""

CONNECT_SHARE: Final = 0.5
"""The part of the time limit that connecting may take: what fails while connecting was certainly
not sent, so connecting must run out of time before the request as a whole does."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """What the other side answered; header names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class HttpOut:
    """Makes requests to one place.

    Args:
        who: the configured name of the other side, for sentences.
        timeout_seconds: for one request, in real time, connecting included.
    """

    def __init__(self, who: str, *, timeout_seconds: float = 10) -> None:
        self._who = who
        self._limits = aiohttp.ClientTimeout(
            total=timeout_seconds, connect=timeout_seconds * CONNECT_SHARE
        )
        # Made with the first request, because it needs a running event loop.
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        sending: bool,
    ) -> HttpAnswer:
        """Make one request, once, without following redirects.

        Raises:
            GatewayError: no answer; `sent_unknown` when it may have been carried out.
        """
        try:
            if self._session is None:
                # A kept connection that the other side has meanwhile closed makes a message look
                # as if it might have gone, so each request has its own.
                self._session = aiohttp.ClientSession(
                    timeout=self._limits,
                    connector=aiohttp.TCPConnector(force_close=True),
                    cookie_jar=aiohttp.DummyCookieJar(),
                )
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            ) as response:
                read = await response.content.read(ANSWER_LIMIT)
                answered = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status, read, answered)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            told, unknown = "cannot be reached; check the network and its url", False
        except (aiohttp.InvalidURL, ValueError):
            told, unknown = "has no usable url; correct it in telecared.yaml", False
        except TimeoutError:
            told, unknown = "did not answer in time", sending
        except (aiohttp.ClientError, OSError):
            told, unknown = "broke the connection off", sending
        # Raised out here so that it drags no exception along, which may quote the request.
        raise GatewayError(f"{self._who} {told}.", permanent=False, sent_unknown=unknown)

    def refusal(self, answer: HttpAnswer, *, sending: bool) -> GatewayError:
        """Return what an answer means that is not a success."""
        status, code = answer.status, f"http-{answer.status}"
        if status == 429:
            return GatewayError(
                f"{self._who} takes no more at this rate (HTTP 429); it is tried again.",
                permanent=False,
                code=code,
                too_fast=True,
                retry_after=retry_after(answer.headers),
            )
        if status == 408 or status >= 500:
            return GatewayError(
                f"{self._who} failed (HTTP {status}).",
                permanent=False,
                sent_unknown=sending,
                code=code,
            )
        if status < 300:  # it took something; whether that was the message nobody knows
            return GatewayError(
                f"{self._who} answered HTTP {status}, which `ok` does not name; add it there.",
                permanent=False,
                sent_unknown=sending,
                code=code,
            )
        if status < 400:
            return GatewayError(
                f"{self._who} answered HTTP {status}; check its url and what lies between.",
                permanent=False,
                code=code,
            )
        return GatewayError(
            f"{self._who} refused (HTTP {status}); check its settings in telecared.yaml.",
            permanent=True,
            code=code,
        )

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
