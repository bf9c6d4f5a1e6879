"""How a provider over plain HTTP is talked to: what is posted, where its answer says what.

The shape of the keys, and which placeholders a template may have. Filling them in and talking is
the adapter's matter.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainValidator, model_validator

from telecared.config.fields import Body, Text, Words
from telecared.config.secrets import Secret, SecretRef

PLACEHOLDERS: Final = ("to", "to_digits", "text", "id", "from")
"""What a template may hold: the number with + and without, the text, our id, our number."""

MAX_TEMPLATE_DEPTH: Final = 6
MAX_TEMPLATE_FIELDS: Final = 100

PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")

Template = Any
"""A text, a number, a truth value, or a list or mapping of such: what JSON can say."""


def _header(value: object) -> object:
    if isinstance(value, dict | SecretRef):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text or a secret; write text in quotes, or {env: NAME}")
    if not value.isprintable() or not value.isascii():
        raise ValueError("a header is plain ASCII text on one line; correct it")
    return value


def _template(value: object) -> Template:
    for count, leaf in enumerate(_leaves(value, MAX_TEMPLATE_DEPTH), 1):
        if count > MAX_TEMPLATE_FIELDS:
            raise ValueError(f"a template has at most {MAX_TEMPLATE_FIELDS} values; remove some")
        for name in PLACEHOLDER.findall(leaf):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                raise ValueError(f"there is no placeholder {{{name}}}; write one of {known}")
    return value


def _leaves(value: object, depth: int) -> Iterator[str]:
    """Yield the texts of a template; "" for what is no text."""
    if depth == 0:
        raise ValueError(f"a template is at most {MAX_TEMPLATE_DEPTH} levels deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool | int | float) or value is None:
        yield ""
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, depth - 1)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item, depth - 1)
    else:
        raise ValueError("must be text, a number, a list or a mapping; put dates in quotes")


HeaderValue = Annotated[str | SecretRef, BeforeValidator(_header)]
TemplateField = Annotated[Template, PlainValidator(_template)]


class BasicLogin(Body):
    """A user and a password, sent with every request."""

    username: Text
    password: Secret


class Answered(Body):
    """A field of the answer that must have one of some values, where a status code says little."""

    field: Text
    is_: Words = Field(alias="is")


class StateWords(Body):
    """A provider's words for the states of a message; any other word changes nothing."""

    sent: Words | None = None
    delivered: Words | None = None
    undelivered: Words | None = None
    failed: Words | None = None

    @model_validator(mode="after")
    def _each_word_once(self) -> "StateWords":
        words = [word.lower() for word, _ in self.words()]
        twice = next((word for word in words if words.count(word) > 1), None)
        if twice is not None:
            raise ValueError(f"'{twice}' stands for two states; keep one of them")
        return self

    def words(self) -> list[tuple[str, str]]:
        """Return (the provider's word, our state) of every word."""
        states: tuple[Literal["sent", "delivered", "undelivered", "failed"], ...]
        states = ("sent", "delivered", "undelivered", "failed")
        return [(word, state) for state in states for word in getattr(self, state) or ()]


class StatusBody(StateWords):
    """Where a provider tells what became of a message, when it is asked.

    Attributes:
        url: asked for each; {provider_id} is the provider's id, {id} ours.
        field: where the state stands in the answer, like messages.0.status.
        code: where an error code stands in it.
    """

    url: Text
    field: Text = "status"
    code: Text | None = None
    delivered: Words


class InboundBody(Body):
    """Where in a provider's request the parts of a message stand that somebody sent to us."""

    from_field: Text = "from"
    text_field: Text = "text"
    id_field: Text = "id"


class CallbackBody(StateWords):
    """How a provider tells us by itself, at `/sms/NAME/SECRET/status` and `.../inbound`.

    Attributes:
        secret: stands in the address that is entered at the provider, and proves that it is the
            provider who asks for it.
        id_field: where the id of the message stands that a receipt is about.
        status_field, code_field: where its state stands, and an error code.
        inbound: for messages that people send to the provider's number; None for none.
        delivered: and the other words; left out, those of `status`.
    """

    secret: Secret
    id_field: Text = "id"
    status_field: Text = "status"
    code_field: Text | None = None
    inbound: InboundBody | None = None


def check_http(
    body: Mapping[str, Template],
    status: StatusBody | None,
    callback: CallbackBody | None,
    *,
    has_id_field: bool,
) -> None:
    """Raise ValueError when a template forgets what it is for, or nothing is told in return."""
    used = {
        name
        for leaf in _leaves(dict(body), MAX_TEMPLATE_DEPTH + 1)
        for name in PLACEHOLDER.findall(leaf)
    }
    if not used & {"to", "to_digits"} or "text" not in used:
        raise ValueError("body needs {to} (or {to_digits}) and {text}; add them")
    if status is None:
        if callback is not None and callback.inbound is None and callback.delivered is None:
            raise ValueError("callback tells nothing yet; add delivered: [...], or inbound:")
        return
    asked = set(PLACEHOLDER.findall(status.url))
    wanted = {"provider_id"} if has_id_field else {"id"}
    if asked != wanted:
        told = "{provider_id}" if has_id_field else "{id}, since there is no id_field"
        raise ValueError(f"status.url has to hold {told}")
