"""The description of the API (OpenAPI 3.1), made from the same tables as the API itself.

Acts come from `acts`, objects from `api_lines`, what is asked in an address from `api_asked`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from telecared import __version__
from telecared.web import api_lines as lines
from telecared.web.act_fields import LOCAL_MOMENT, Field, Shape
from telecared.web.acts import ACTS
from telecared.web.api_asked import Asked, Kept

Json = dict[str, Any]
"""A part of the description: JSON has no other type."""

REFS: Final = "#/components/schemas/{name}"
LONGEST_KEY: Final = 200
BY_FIELD: Final = "by"
LONGEST_BY: Final = 100

_MOMENT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d$"
_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")

_ABOUT: Final = """\
The same acts as in the console, as JSON. Every request carries `Authorization: Bearer TOKEN`; an
administrator makes tokens. What a token may see and do is its role's, and its schemes'. Reading
personal data is put on record under the name of the token.
"""

_PATHS: Final[Mapping[str, str]] = {
    "home": "A home, `@scheme/ID` or `@site`.",
    "n": "The number of the alert in its home.",
}

_ANSWERS: Final[Mapping[int, str]] = {
    400: "What was sent cannot be used; every problem is named.",
    401: "There is no token, or one that holds no more.",
    403: "The token's role does not let it do this.",
    404: "There is no such thing, or it is not for these eyes.",
    405: "This address takes other methods.",
    409: "The engine has refused it, and says why.",
    429: "That was too often: wait a minute.",
    503: "The database cannot be used now.",
}
"""Status of answers that are problems."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation as it is described.

    Attributes:
        answer: the struct of the answer, None for this description itself.
        asked: what may stand in the query.
        fields: of the body, None where there is none.
    """

    path: str
    method: str
    name: str
    summary: str
    answer: type[msgspec.Struct]
    asked: Sequence[Asked] = ()
    fields: Sequence[Field] | None = None


def describe(operations: Sequence[Operation]) -> Json:
    """Return the whole description."""
    structs = [lines.Problem, lines.Command, *(one.answer for one in operations)]
    _, found = msgspec.json.schema_components(dict.fromkeys(structs), ref_template=REFS)
    paths: dict[str, Json] = {}
    for one in operations:
        paths.setdefault(plain(one.path), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "telecared", "version": __version__, "description": _ABOUT},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": found,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def plain(path: str) -> str:
    """Return a path as descriptions write it: without the kinds of its parameters."""
    return _PARAMETER.sub(r"{\1}", path)


def _operation(one: Operation) -> Json:
    parameters = [_in_path(name) for name in _PARAMETER.findall(one.path)]
    parameters += [_in_query(asked) for asked in one.asked]
    told: Json = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": parameters,
        "responses": _responses(one),
    }
    if one.fields is not None:
        parameters.append(_KEY)
        told["requestBody"] = {
            "required": any(field.required for field in one.fields),
            "content": {"application/json": {"schema": _body(one.fields)}},
        }
    return told


_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "The same key with the same request is the same command, however often it is sent."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}


def _in_path(name: str) -> Json:
    schema: Json = {"type": "string", "minLength": 1}
    if name == "n":
        schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PATHS[name],
        "schema": schema,
    }


def _in_query(asked: Asked) -> Json:
    schema: Json = {"type": "string", "minLength": 1}
    if asked.kept is Kept.NUMBER:
        schema = {"type": "integer", "minimum": asked.least, "maximum": asked.most}
    elif asked.kept is Kept.TIME:
        schema = {"type": "string", "format": "date-time"}
    elif asked.words:
        schema = {"type": "string", "enum": list(asked.words)}
    elif asked.pattern:
        schema["pattern"] = asked.pattern
    return {"name": asked.name, "in": "query", "description": asked.what, "schema": schema}


def _body(fields: Sequence[Field]) -> Json:
    own = {
        BY_FIELD: {
            "type": ["string", "null"],
            "maxLength": LONGEST_BY,
            "description": (
                "The person of your own system who acts; on record beside the token's name."
            ),
        }
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "properties": {**{field.name: _field(field) for field in fields}, **own},
    }


def _field(field: Field) -> Json:
    told: Json
    match field.shape:
        case Shape.TEXT:
            told = {"type": "string", "maxLength": field.most}
            if field.required:
                told |= {"minLength": 1, "pattern": r"\S"}
        case Shape.NUMBER:
            told = {"type": "integer", "minimum": field.least, "maximum": field.most}
        case Shape.CHOICE:
            told = {"type": "string", "enum": list(field.choices)}
        case Shape.MOMENT:
            told = {"type": "string", "pattern": _MOMENT, "examples": [LOCAL_MOMENT]}
    if not field.required:
        told["type"] = [told["type"], "null"]
        if "enum" in told:
            told["enum"].append(None)
    return {**told, "description": field.what}


def _responses(one: Operation) -> Json:
    answer = _answer("How it was answered.", one.answer.__name__)
    told = {"200": answer}
    problems = [401, 403, 405, 429, 503]
    if one.asked or one.fields is not None:
        problems.append(400)
    if _PARAMETER.search(one.path):
        problems.append(404)
    if one.fields is not None:
        told["202"] = _answer("It is kept, and not carried out yet.", "Command")
        told["409"] = _answer(_ANSWERS[409], "Command")
    told |= {str(status): _answer(_ANSWERS[status], "Problem") for status in problems}
    return dict(sorted(told.items()))


def _answer(words: str, struct: str) -> Json:
    schema = {"$ref": REFS.format(name=struct)}
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def acts() -> list[tuple[str, tuple[Field, ...], str]]:
    """Return (name, fields, summary) of every act."""
    return [(deed.name, deed.fields, deed.label) for deed in ACTS.values()]
