"""What the values of files look like as JSON Schema: durations, windows, days, words, numbers.

The readers' own validators are the one description: each is named here with the pattern of what
it accepts, and the models around them describe themselves. Which file holds what is `schemas`.
"""

import inspect
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from telecared.config import condition_bodies as bodies
from telecared.config.asks import (
    MAX_ANSWER_CHARS,
    MAX_ANSWERS,
    MAX_QUESTION_CHARS,
    MAX_QUESTIONS,
)
from telecared.config.choosers import MAX_CHOICES
from telecared.config.deployment import MAX_PAGES
from telecared.config.fields import (
    LANGUAGE,
    MAX_EMAIL_CHARS,
    MAX_ID_CHARS,
    MAX_LANGUAGES,
    MAX_TEXT_CHARS,
    PERSONAL_CHANNELS,
)
from telecared.config.home_bodies import MAX_CONSENTS
from telecared.config.policies import MAX_STEPS
from telecared.config.rotas import MAX_LAYERS, MAX_STATED
from telecared.config.rules import MAX_PER_DAY
from telecared.core.plan import Absence
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import PROPERTIES, Channel, DeviceKind, Priority
from telecared.core.words import WORDS

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""

AMOUNT: Final = r"(?=[0-9])(?:[0-9]{1,9}d)?(?:[0-9]{1,9}h)?(?:[0-9]{1,9}m)?(?:[0-9]{1,9}s)?"
"""A duration, as a pattern."""

_CLOCK: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_SPAN: Final = rf"{_CLOCK}\s*[-\u2013]\s*(?:{_CLOCK}|24:00)"
_DAY: Final = "|".join(
    "".join(f"[{letter.upper()}{letter}]" for letter in short)
    + "(?:" + "".join(f"[{letter.upper()}{letter}]" for letter in rest) + ")?"
    for short, rest in (("mon", "day"), ("tue", "sday"), ("wed", "nesday"), ("thu", "rsday"),
                        ("fri", "day"), ("sat", "urday"), ("sun", "day"))
)  # fmt: skip
_SHORT_DAY: Final = "(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)"
_RUN: Final = rf"(?:{_DAY})(?:\s*[-\u2013]\s*(?:{_DAY}))?"
_HOLIDAYS: Final = r"(?:[Nn]ot\s+)?[Hh]olidays"
_DAYS: Final = rf"(?:{_RUN}(?:\s+{_RUN})*(?:\s+{_HOLIDAYS})?|{_HOLIDAYS})"
_WINDOW: Final = rf"\s*(?:{_DAYS}(?:\s+{_SPAN})?|{_SPAN})\s*"
_ONE_DATE: Final = r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}"
_DATE: Final = rf"\s*{_ONE_DATE}(?:\s*\.\.\s*{_ONE_DATE})?\s*"

DURATION: Final[Schema] = {
    "type": "string",
    "pattern": rf"^\s*{AMOUNT}\s*$",
    "description": "A duration: 90s, 15m, 12h, 1h30m or 2d.",
    "examples": ["90s", "15m", "12h", "1h30m"],
}
POSITIVE_DURATION: Final[Schema] = {
    **DURATION,
    "pattern": rf"^\s*(?=[0-9dhms]*[1-9]){AMOUNT}\s*$",
}
WORD: Final[Schema] = {"type": "string", "pattern": r"\S"}
TEXT: Final[Schema] = {"type": "string", "maxLength": MAX_TEXT_CHARS}
IDENTIFIER: Final[Schema] = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
    "maxLength": MAX_ID_CHARS,
}
NUMBER: Final[Schema] = {
    "type": "number",
    "minimum": -bodies.MAX_NUMBER,
    "maximum": bodies.MAX_NUMBER,
}


def by_language(item: Schema) -> Schema:
    """Return a mapping from languages (`cy`, `de-AT`) to values."""
    names = {"pattern": rf"^{LANGUAGE}$"}
    return {
        "type": "object", "propertyNames": names, "additionalProperties": item,
        "minProperties": 1, "maxProperties": MAX_LANGUAGES,
    }  # fmt: skip


def own_words() -> Schema:
    """Return the texts of ours that a site may say otherwise, and those of findings."""
    known = [*WORDS["en"], *(f"finding.{name}" for name in FINDINGS)]
    return {"type": "object", "propertyNames": {"enum": sorted(known)},
            "additionalProperties": {"type": "string"}}  # fmt: skip


def one_or_more(item: Schema, *, none: bool = False, **more: Any) -> Schema:  # noqa: ANN401 - keywords of JSON Schema
    """Return a value, or a list of such values; an empty list too when `none` is allowed."""
    several: Schema = {"type": "array", "items": item, "minItems": 0 if none else 1}
    return {"anyOf": [item, several], **more}


def _text_like(pattern: str, description: str, *examples: str) -> Schema:
    return {
        "type": "string",
        "pattern": f"^{pattern}$",
        "description": description,
        "examples": list(examples),
    }


WINDOWS: Final = one_or_more(
    _text_like(
        rf"{_WINDOW}(?:,{_WINDOW})*",
        "Daily hours, days, or both.",
        "22:00-06:00",
        "Sat-Sun",
        "Mon-Fri 17:00-08:00, Sat-Sun",
    )
)
TIME: Final = _text_like(rf"\s*{_CLOCK}\s*", "A time of day, in quotes.", "05:00")
DATES: Final = one_or_more(
    _text_like(rf"{_DATE}(?:,{_DATE})*", "Dates, every year or once.", "12-24..01-02", "2026-12-25")
)
WEEKDAYS: Final = one_or_more(
    _text_like(
        rf"\s*{_DAYS}\s*(?:,\s*{_DAYS}\s*)*",
        "Weekdays and holidays.",
        "Mon-Fri",
        "Sat-Sun, holidays",
    )
)


def _between(least: int, most: int) -> Schema:
    return {"minItems": least, "maxItems": most}


def _line(most: int, example: str) -> Schema:
    """Return a text of one line that says something."""
    one_line = r"^[^\n\u2014]*[^\s\u2014][^\n\u2014]*$"
    return {"type": "string", "pattern": one_line, "maxLength": most, "examples": [example]}


def _enum(words: Any) -> Schema:  # noqa: ANN401 - any iterable of words, an Enum class among them
    return {"enum": sorted(str(word) for word in words)}


_FIELDS: Final = "telecared.config.fields."
_BODIES: Final = "telecared.config.condition_bodies."
_CHANNELS: Final = "telecared.config.channels."
_DEPLOYMENT: Final = "telecared.config.deployment."
_ROTAS: Final = "telecared.config.rotas."

TYPES: Final[Mapping[str, Schema]] = {
    _FIELDS + "_duration": DURATION,
    _FIELDS + "_positive_duration": POSITIVE_DURATION,
    _FIELDS + "_words": one_or_more(WORD),
    _FIELDS + "_word_list": one_or_more(WORD, none=True),
    _FIELDS + "_identifier": IDENTIFIER,
    _FIELDS + "_text": TEXT,
    _FIELDS + "_language": {"type": "string", "pattern": rf"^{LANGUAGE}$"},
    _FIELDS + "_timezone": {"type": "string", "examples": ["Europe/London"]},
    _FIELDS + "_email": {
        "type": "string",
        "maxLength": MAX_EMAIL_CHARS,
        "pattern": r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+$",
        "examples": ["ann@example.org"],
    },
    _FIELDS + "_told_by": one_or_more(_enum(PERSONAL_CHANNELS)),
    _ROTAS + "_turn": _text_like(
        r"(?:daily|weekly|monthly|[1-9][0-9]{0,2}d)", "How long a turn lasts.", "weekly", "9d"
    ),
    _ROTAS + "_handover": _text_like(
        rf"\s*(?:{_SHORT_DAY} +)?{_CLOCK}\s*", "When a turn ends.", "Mon 09:00", "07:30"
    ),
    _ROTAS + "_moment": _text_like(
        r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::00)?)?\s*",
        "A local time of the rota, or a whole day.",
        "2026-12-24T09:00",
        "2026-12-27",
    ),
    "telecared.config.phones.parse_phone": {"type": "string", "examples": ["+447700900123"]},
    "telecared.config.durations.parse_windows": WINDOWS,
    "telecared.config.durations.parse_window": _text_like(
        _WINDOW, "One daily window.", "22:00-06:00"
    ),
    "telecared.config.calendar.parse_time": TIME,
    _BODIES + "_number": NUMBER,
    _BODIES + "_amount": {"type": "number", "exclusiveMinimum": 0, "maximum": bodies.MAX_NUMBER},
    _BODIES + "_times": {
        "type": "integer",
        "minimum": bodies.MIN_TIMES,
        "maximum": bodies.MAX_TIMES,
    },
    _BODIES + "_misses": {"type": "integer", "minimum": 0, "maximum": bodies.MAX_MISSES},
    "telecared.config.holidays._dates": {"anyOf": [{"type": "array", "maxItems": 0}, DATES]},
    "telecared.config.home_bodies._kind": _enum(DeviceKind),
    "telecared.config.home_bodies._born": {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "examples": ["1938-02-11"],
    },
    "telecared.config.home_bodies._day": {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "examples": ["2026-03-01"],
    },
    "telecared.config.home_bodies._tell": {"enum": ["sms", "voice"]},
    "telecared.config.home_bodies._topic": {
        "type": "string",
        "pattern": r"^[^+#$\u0000][^+#\u0000]*$",
        "examples": ["northside/larch-12/hall"],
    },
    "telecared.config.policies._channels": one_or_more(_enum(Channel)),
    "telecared.config.choosers._priorities": one_or_more(_enum(Priority)),
    "telecared.config.choosers._days": WEEKDAYS,
    "telecared.config.profile_format._property": _enum(PROPERTIES),
    "telecared.config.asks._question": _line(MAX_QUESTION_CHARS, "Are you hurt?"),
    "telecared.config.asks._answers": one_or_more(
        _line(MAX_ANSWER_CHARS, "not hurt"), none=True, maxItems=MAX_ANSWERS
    ),
    "telecared.config.rules._absences": one_or_more(_enum(Absence)),
    "telecared.config.rules._days": WEEKDAYS,
    "telecared.config.rules._dates": DATES,
    "telecared.config.rules._cap": {"type": "integer", "minimum": 1, "maximum": MAX_PER_DAY},
    _DEPLOYMENT + "_broker_url": {
        "type": "string",
        "pattern": "^mqtts?://[^/@]+/?$",
        "examples": ["mqtt://127.0.0.1:1883"],
    },
    _DEPLOYMENT + "_store_url": {
        "type": "string",
        "pattern": "^sqlite:.+$",
        "examples": ["sqlite:telecared.db"],
    },
    "telecared.config.served._listen": {
        "type": "string",
        "pattern": r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
        "examples": ["127.0.0.1:8080"],
    },
    _CHANNELS + "http_url": {"type": "string", "pattern": "^https?://[^/]+"},
    _CHANNELS + "safe_url": {"type": "string", "pattern": "^https?://[^/@]+"},
    _CHANNELS + "_account_sid": {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$"},
    _CHANNELS + "_allowed": {
        "type": "string",
        "examples": ["+447700900123", "ann@example.org", "nurse-screen"],
    },
    "telecared.config.http_template._template": {
        "type": ["string", "number", "boolean", "null", "array", "object"],
        "examples": ["{to}", "{text}", "{id}"],
    },
    _DEPLOYMENT + "_page_after": {
        "anyOf": [
            DURATION,
            {"type": "array", "items": DURATION, "minItems": 1, "maxItems": MAX_PAGES},
        ]
    },
    _DEPLOYMENT + "_version": {"enum": ["auto", "5", "3.1.1", 5]},
    _DEPLOYMENT + "_paths": one_or_more({"type": "string"}),
}
"""Validator of a reader -> what it accepts."""

SHARED: Final[Mapping[str, Schema]] = {
    "duration": DURATION,
    "positive-duration": POSITIVE_DURATION,
    "windows": WINDOWS,
    "days": WEEKDAYS,
    "dates": DATES,
    "time": TIME,
    "words": one_or_more(WORD),
    "word-list": one_or_more(WORD, none=True),
    "identifier": IDENTIFIER,
    "text": TEXT,
}
"""What many keys hold: it is told once in a schema, by this name."""

LISTS: Final[Mapping[str, Schema]] = {
    "PolicyBody.steps": _between(1, MAX_STEPS),
    "RuleBody.ask": _between(1, MAX_QUESTIONS),
    "ChooserBody.choose": _between(1, MAX_CHOICES),
    "HomeBody.consent": _between(0, MAX_CONSENTS),
    "RotaBody.layers": _between(1, MAX_LAYERS),
    "RotaBody.overrides": _between(0, MAX_STATED),
    "RotaBody.leave": _between(0, MAX_STATED),
}
"""Lists whose lengths their readers bound."""


class _Generator(GenerateJsonSchema):
    """Describes a model, with the table above for what functions read."""

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        return self._known(schema) or super().function_before_schema(schema)

    def function_after_schema(
        self, schema: core_schema.AfterValidatorFunctionSchema
    ) -> JsonSchemaValue:
        return self._known(schema) or super().function_after_schema(schema)

    def function_plain_schema(
        self, schema: core_schema.PlainValidatorFunctionSchema
    ) -> JsonSchemaValue:
        known = self._known(schema)
        if known is None:
            # Nothing else tells what it accepts: a schema that takes anything would be a lie.
            raise LookupError(f"no schema for {_name_of(schema['function']['function'])}")
        return known

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        plain = isinstance(default, bool | str)
        if plain or (isinstance(default, int | float) and inner.get("type") == "integer"):
            return {**inner, "default": default}
        return inner

    def _known(self, schema: Any) -> Schema | None:  # noqa: ANN401 - one of pydantic's three kinds
        known = TYPES.get(_name_of(schema["function"]["function"]))
        return None if known is None else dict(known)


def _name_of(function: object) -> str:
    module = getattr(function, "__module__", "")
    return f"{module}.{getattr(function, '__qualname__', type(function).__name__)}"


def describe_model(model: type[BaseModel]) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a model, and those of the models inside it by their names."""
    schema: Schema = model.model_json_schema(
        schema_generator=_Generator, ref_template="#/$defs/{model}"
    )
    inside: dict[str, Schema] = schema.pop("$defs", {})
    own = {model.__name__: schema, **inside}
    for name, part in own.items():
        _tidy(part)
        for field, bounds in LISTS.items():
            whose, _, key = field.partition(".")
            if whose == name:
                part["properties"][key] |= bounds
    return schema, inside


def _tidy(part: Any) -> None:  # noqa: ANN401 - any part of a schema
    """Take away the titles that pydantic makes of names, and the margins of docstrings."""
    if isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        if isinstance(part.get("description"), str):
            part["description"] = inspect.cleandoc(part["description"]).partition("\n\n")[0]
        for inner in part.values():
            _tidy(inner)
    elif isinstance(part, list):
        for inner in part:
            _tidy(inner)


def told_once(schema: Schema) -> Schema:
    """Return a schema in which what many keys hold is told once, among its definitions."""
    used: set[str] = set()

    def short(part: Any) -> Any:  # noqa: ANN401 - any part of a schema
        if isinstance(part, list):
            return [short(inner) for inner in part]
        if not isinstance(part, dict):
            return part
        for name, shared in SHARED.items():
            if part == shared:
                used.add(name)
                return {"$ref": f"#/$defs/{name}"}
        return {key: short(inner) for key, inner in part.items()}

    definitions = short(schema.pop("$defs", {}))
    told: Schema = short(schema)
    shared = {name: SHARED[name] for name in SHARED if name in used}
    return {**told, "$defs": {**definitions, **shared}}
