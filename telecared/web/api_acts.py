"""Acts on alerts by the API: a body of JSON becomes the fields of an act, once for each key.

What an act comes to is `acts`; where it is served, `views.api`.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.adapters.sqlite.console_api import given_before
from telecared.core.events import encode_event
from telecared.store_port import CommandResult
from telecared.web import acts, api_schema
from telecared.web import api_lines as lines
from telecared.web.act_fields import Field, Shape
from telecared.web.errors import BadForm
from telecared.web.visit import ANSWER_SECONDS, Visit

KEY_HEADER: Final = "idempotency-key"
BY: Final = api_schema.BY_FIELD

STATUS: Final[Mapping[str, int]] = {"done": 200, "accepted": 202, "refused": 409}

_giving = threading.Lock()
"""Two requests with one key are one command: the second waits until the first is on record."""


def answered(what: msgspec.Struct, status: int = 200) -> Response:
    """Return an object."""
    return Response(msgspec.json.encode(what), status, media_type="application/json")


def act(visit: Visit, name: str) -> Response:
    """Do something to an alert, once for each key."""
    home, n = visit.the_home, visit.path["n"]
    visit.sight.alert(home, n)
    deed = acts.ACTS[name]
    key = _key(visit)
    fields = _fields(visit.body, deed.fields)
    by = fields.pop(BY, "")
    by = f"{by} ({visit.operator.name})" if by else visit.operator.name
    command = acts.read(name, home=home, alert=n, by=by, fields=fields)
    body = command.what if isinstance(command.what, bytes) else encode_event(command.what)
    if key is None:
        result = visit.give(command.kind, home, body, by=by)
    else:
        result = _once(visit, key, command.kind, home, body, by)
    return answered(lines.command_of(result, deed.done), STATUS[result.state])


def _once(visit: Visit, key: str, kind: str, home: str, body: bytes, by: str) -> CommandResult:
    """Give a command, or return how the one has come that was given under this key."""
    visit.via = f"api {key}"
    with _giving:
        before = given_before(visit.console.store_path, visit.via)
        if before is None:
            # It is on record before the lock is let go; the engine is waited for afterwards.
            given = visit.give(kind, home, body, by=by, seconds=0)
        else:
            same = (before.kind, before.home, (before.body or "").encode()) == (kind, home, body)
            if not same:
                problem = "This key was used for another request: make a new one for each."
                raise BadForm({"Idempotency-Key": problem})
            given = CommandResult(before.id, "accepted", "", 0)
    return visit.console.desk.wait(given.id, ANSWER_SECONDS) or given


def _key(visit: Visit) -> str | None:
    """Return what a request's key is kept as: of this token only, and nothing that can be read."""
    key = visit.request.headers.get(KEY_HEADER)
    if key is None:
        return None
    usable = key.isascii() and key.isprintable() and " " not in key
    if not usable or not 0 < len(key) <= api_schema.LONGEST_KEY:
        problem = f"Write 1 to {api_schema.LONGEST_KEY} letters, digits and signs, without spaces."
        raise BadForm({"Idempotency-Key": problem})
    return hashlib.sha256(f"{visit.operator.id}\n{key}".encode()).hexdigest()[:32]


def _fields(body: bytes, known: Sequence[Field]) -> dict[str, str]:
    """Return the fields of a body. Raises BadForm."""
    try:
        told = msgspec.json.decode(body or b"{}", type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadForm({"": "Send an object of JSON, such as {}."}) from None
    shapes: dict[str, type] = {
        field.name: int if field.shape is Shape.NUMBER else str for field in known
    }
    shapes[BY] = str
    problems: dict[str, str] = {}
    fields: dict[str, str] = {}
    for name, value in told.items():
        shape = shapes.get(name)
        if shape is None:
            problems[name[:100]] = f"There is no such field; there are {', '.join(shapes)}."
        elif value is None:
            continue
        elif type(value) is not shape:
            problems[name] = "Write a number." if shape is int else "Write a text."
        else:
            fields[name] = str(value)
    by = fields.get(BY, "").strip()
    if len(by) > api_schema.LONGEST_BY or not by.isprintable():
        problems[BY] = f"Write a name of at most {api_schema.LONGEST_BY} characters."
    if problems:
        raise BadForm(problems)
    return {**fields, **({BY: by} if by else {})}
