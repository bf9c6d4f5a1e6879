"""SMS by any provider that takes plain HTTP: a GSM modem's box, or a gateway with an API.

What is posted and what an answer means is configured. It sends once; whether and when to send
again is decided elsewhere. Neither its errors nor its log lines hold a number, a text, an address
or a secret.
"""

import asyncio
import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec

from telecared.core.vocabulary import NotificationState
from telecared.errors import GatewayError
from telecared.http_fields import at_path, plain_code, read_answer
from telecared.http_out import HttpAnswer, HttpOut
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent

RECEIPTS_AT_ONCE: Final = 8
"""Look-ups under way at the same time."""

MAX_ID_CHARS: Final = 200

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Where a provider tells what became of a message.

    Attributes:
        url: with {provider_id} or {id}.
        field, code: paths in the answer; `code` None for none.
        words: the provider's words in lower case -> our states.
    """

    url: str
    field: str
    words: Mapping[str, NotificationState]
    code: str | None = None


class HttpSms(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider is talked to, with secrets resolved. Never shown by `repr`.

    Attributes:
        url, method, headers: of the request that sends.
        sender: what {from} stands for.
        body: the template; nested where the encoding is JSON.
        encoding: `json`, `form`, or `query` for fields in the address.
        ok: status codes by which a message was taken.
        id_field: path of the provider's id in its answer; None where our own id is its name.
        accepted: (path, values) that an answer must have besides; None for nothing.
        status: None where the provider tells nothing more.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = {}
    sender: str = ""
    body: Mapping[str, Any]
    encoding: str = "json"
    ok: tuple[int, ...] = (200, 201, 202)
    id_field: str | None = None
    accepted: tuple[str, tuple[str, ...]] | None = None
    status: Status | None = None

    def __repr__(self) -> str:
        return "HttpSms(...)"


class HttpSmsGateway:
    """One provider over plain HTTP. Implements Gateway.

    Args:
        name: unique in the deployment.
        settings: how it is talked to.
        timeout_seconds: for one request, in real time, connecting included.
    """

    def __init__(self, name: str, settings: HttpSms, *, timeout_seconds: float = 10) -> None:
        self.name = name
        self._settings = settings
        self._http = HttpOut(name, timeout_seconds=timeout_seconds)

    async def send(self, message: Outgoing) -> Sent:
        """Send one SMS, once. Raises GatewayError, which says whether it may have gone."""
        settings = self._settings
        fields = _filled(dict(settings.body), self._values(message))
        url, body, kind = settings.url, None, {}
        if settings.encoding == "query":
            url = _with_query(url, fields)
        elif settings.encoding == "form":
            body = urlencode(_flat(fields)).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
        else:
            body, kind = msgspec.json.encode(fields), {"Content-Type": "application/json"}
        answer = await self._http.request(
            settings.method, url, headers={**kind, **settings.headers}, body=body, sending=True
        )
        if answer.status not in settings.ok:
            raise self._http.refusal(answer, sending=True)
        return self._taken(answer, message)

    def _taken(self, answer: HttpAnswer, message: Outgoing) -> Sent:
        settings = self._settings
        told = read_answer(answer.body)
        if settings.accepted is not None:
            path, values = settings.accepted
            found = at_path(told, path)
            if found not in values:
                raise GatewayError(
                    f"{self.name} answered that it did not take a message; look up what it says"
                    f" in {path}.",
                    permanent=False,
                    code=plain_code(found),
                )
        if settings.id_field is None:
            return Sent(message.notification, NotificationState.SENT)
        provider_id = at_path(told, settings.id_field)
        if not provider_id or len(provider_id) > MAX_ID_CHARS:
            raise GatewayError(
                f"{self.name} took a message but its answer has no {settings.id_field}; correct"
                " id_field in telecared.yaml.",
                permanent=False,
                sent_unknown=True,
                code="no-id",
            )
        return Sent(provider_id, NotificationState.SENT)

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Ask for the message by our own id. Raises GatewayError where it cannot be asked so."""
        status = self._settings.status
        if status is None or self._settings.id_field is not None:
            raise GatewayError(f"{self.name} cannot be asked by our own id.", permanent=False)
        found = await self._state(status, message.notification)
        return None if found is None else Sent(message.notification, found[0])

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for the state of each message; [] where no `status` is configured.

        Those that could be asked for are returned; GatewayError only when none could. A word
        that nobody configured says nothing new.
        """
        status = self._settings.status
        if status is None:
            return []
        turns = asyncio.Semaphore(RECEIPTS_AT_ONCE)

        async def ask(provider_id: str) -> Receipt | GatewayError | None:
            async with turns:
                try:
                    found = await self._state(status, provider_id)
                except GatewayError as error:
                    return error
            return None if found is None else Receipt("", provider_id, found[0], found[1])

        answers = await asyncio.gather(*(ask(one) for one in provider_ids))
        failures = [one for one in answers if isinstance(one, GatewayError)]
        if failures and len(failures) == len(answers):
            raise failures[0]
        return [one for one in answers if isinstance(one, Receipt)]

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return none: people answer to the number of the first provider."""
        return []

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _state(self, status: Status, key: str) -> tuple[NotificationState, str] | None:
        """Return (state, code) of a message; None for one that the provider does not have."""
        quoted = quote(key, safe="")
        url = _PLACEHOLDER.sub(lambda _: quoted, status.url)
        answer = await self._http.request("GET", url, headers=self._settings.headers, sending=False)
        if answer.status == 404:
            return None
        if answer.status not in self._settings.ok:
            raise self._http.refusal(answer, sending=False)
        told = read_answer(answer.body)
        word = (at_path(told, status.field) or "").lower()
        state = status.words.get(word, NotificationState.SENT)
        return state, plain_code(at_path(told, status.code)) if status.code else ""

    def _values(self, message: Outgoing) -> dict[str, str]:
        return {
            "to": message.number,
            "to_digits": message.number.removeprefix("+"),
            "text": message.text,
            "id": message.notification,
            "from": self._settings.sender,
        }


def basic_login(username: str, password: str) -> str:
    """Return the header that a user and a password are sent in."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _filled(template: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - what JSON can say
    """Return a template with its placeholders filled in, in one go: a text may hold braces."""
    if isinstance(template, str):
        fill: Callable[[re.Match[str]], str] = lambda found: values.get(found[1], found[0])  # noqa: E731
        return _PLACEHOLDER.sub(fill, template)
    if isinstance(template, Mapping):
        return {str(key): _filled(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(value, values) for value in template]
    return template


def _flat(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return fields of a form; a list repeats its field."""
    return [
        (name, str(one))
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def _with_query(url: str, fields: Mapping[str, Any]) -> str:
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *_flat(fields)]
    return urlunsplit(parts._replace(query=urlencode(query)))
