"""JSON Schema (2020-12) of every file that people write, for editors and other programs.

Made of the models by which the files are read. What several keys must say together is added here,
as far as a schema can say it; the readers tell more, and in sentences.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from telecared.config import condition_bodies as bodies
from telecared.config.choosers import ChooserBody
from telecared.config.conditions import KINDS, Kind
from telecared.config.deployment import Deployment
from telecared.config.fields import Body
from telecared.config.home_bodies import HomeBody, PersonBody, StaffBody
from telecared.config.policies import PolicyBody
from telecared.config.profile_format import ProfilePart
from telecared.config.rotas import RotaBody
from telecared.config.rule_checks import NEVER_FOR_LIFE_SAFETY, NEVER_WITH_AGES
from telecared.config.rules import AgesBody, ConfirmBody, RuleBody
from telecared.config.schema_types import (
    AMOUNT,
    IDENTIFIER,
    Schema,
    by_language,
    describe_model,
    one_or_more,
    own_words,
    told_once,
)
from telecared.config.staff import MAX_PEOPLE
from telecared.config.values import MAX_VALUES, WhoseBody
from telecared.core.conditions.geofence import MAX_POINTS
from telecared.core.messages import FIELDS
from telecared.core.segments import MAX_TEXT
from telecared.core.vocabulary import PROPERTIES, Priority

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NUMERIC: Final = sorted(name for name, spec in PROPERTIES.items() if spec.numeric)
_WORDED: Final = sorted(name for name, spec in PROPERTIES.items() if spec.values)
_LEVELS: Final = sorted(
    name for name, spec in PROPERTIES.items() if spec.values and not spec.momentary
)
_ALIVE: Final = sorted(name for name, spec in PROPERTIES.items() if spec.activity)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _needs(keys: Iterable[str]) -> Schema:
    return {"required": list(keys)}


def _goes_with(key: str, *others: str) -> Schema:
    """Return that a key stands only where one of some others stands."""
    return {"if": _needs([key]), "then": {"anyOf": [_needs([other]) for other in others]}}


def _one_of(*keys: str) -> Schema:
    return {"oneOf": [_needs([key]) for key in keys]}


# --- conditions -------------------------------------------------------------------------------


def _words_of_properties() -> Schema:
    """Return which words go with which property."""
    return {
        "allOf": [
            {
                "if": {"properties": {"property": {"const": name}}, "required": ["property"]},
                "then": {
                    "properties": {"is": one_or_more({"enum": sorted(PROPERTIES[name].values)})}
                },
            }
            for name in _WORDED
        ]
    }


def _acts_showing_life() -> Schema:
    """Return that an act without `is` is of a property that shows life, or has no words."""
    without_life = sorted(set(_WORDED) - set(_ALIVE))
    return {
        "if": {"properties": {"property": {"enum": without_life}}, "required": ["property"]},
        "then": _needs(["is"]),
    }


_NESTED: Final[Mapping[str, Schema]] = {
    "patterns": {
        "anyOf": [
            _ref("act"),
            {
                "type": "array",
                "items": _ref("act"),
                "minItems": 1,
                "maxItems": bodies.MAX_PATTERNS,
            },
        ]
    },
    "counted": _ref("counted-act"),
    "steps": _ref("next-act"),
    "area": _ref("area"),
    "condition": _ref("joined-condition"),
    "conditions": {"type": "array", "items": _ref("joined-condition"), "minItems": 1},
}

_POINT: Final[Schema] = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -bodies.LATITUDES, "maximum": bodies.LATITUDES},
        {"type": "number", "minimum": -bodies.LONGITUDES, "maximum": bodies.LONGITUDES},
    ],
    "minItems": 2,
    "maxItems": 2,
    "examples": [[51.5014, -0.1419]],
}

_AREA: Final[Schema] = {
    "type": "object",
    "description": "A circle (metres) or a polygon; points are [latitude, longitude].",
    "properties": {
        "centre": _POINT,
        "radius": {"type": "number", "exclusiveMinimum": 0, "maximum": bodies.MAX_RADIUS},
        "points": {
            "type": "array",
            "items": _POINT,
            "minItems": bodies.MIN_POINTS,
            "maxItems": MAX_POINTS,
        },
    },
    "oneOf": [_needs(["centre", "radius"]), _needs(["points"])],
    "dependentRequired": {"centre": ["radius"], "radius": ["centre"]},
    "additionalProperties": False,
}

_TOGETHER: Final[Mapping[type, list[Schema]]] = {
    bodies.InactiveBody: [_goes_with("at_least", "within"), _goes_with("within", "at_least")],
    bodies.SilentBody: [_one_of("for", "every"), _goes_with("misses", "every")],
    bodies.CompareBody: [
        _one_of("above", "below"),
        _goes_with("clear_below", "above"),
        _goes_with("clear_above", "below"),
    ],
    bodies.ChangesBody: [_one_of("rises_by", "falls_by")],
    bodies.GeofenceBody: [_one_of("inside", "outside")],
    bodies.StepBody: [_goes_with("within", "then"), _goes_with("then", "within")],
}
"""Model -> what its keys must say together."""

_PROPERTY_OF: Final[Mapping[type, list[str]]] = {
    bodies.HeldBody: _LEVELS,
    bodies.CompareBody: _NUMERIC,
    bodies.ChangesBody: _NUMERIC,
    bodies.GeofenceBody: ["location"],
}
"""Model -> the properties that it may name; for every other those that have words."""


def _body(model: type[Body], nested: Mapping[str, str] = {}) -> Schema:
    """Return the schema of the keys of a condition or of an act."""
    schema, _ = describe_model(model)
    keys = schema["properties"]
    for key, what in nested.items():
        keys[key] = _NESTED[what]
    if "property" in keys:
        keys["property"] = {"enum": _PROPERTY_OF.get(model, _WORDED)}
    if model is bodies.InactiveBody:
        keys["of"] = one_or_more({"enum": _ALIVE})
    together = [*_TOGETHER.get(model, [])]
    if "is" in keys:
        together.append(_ref("words-of-properties"))
        if "is" not in schema["required"]:
            together.append(_ref("acts-showing-life"))
    return {**schema, "allOf": together} if together else schema


def _condition_name(kind: Kind) -> str:
    return "when-" + "-or-".join(kind.marks).replace("_", "-")


def _joined(kind: Kind) -> Schema:
    """Return a kind as it may stand beside others: what happens in a moment never does."""
    if kind.model is bodies.ReadingBody:
        return {
            "allOf": [
                _ref(_condition_name(kind)),
                {"properties": {"property": {"enum": _LEVELS}}},
            ]
        }
    return _ref(_condition_name(kind))


def _conditions() -> dict[str, Schema]:
    """Return the definitions that conditions are made of."""
    found = {_condition_name(kind): _body(kind.model, kind.nested) for kind in KINDS}
    found["condition"] = {"anyOf": [_ref(_condition_name(kind)) for kind in KINDS]}
    found["joined-condition"] = {"anyOf": [_joined(kind) for kind in KINDS if kind.lasts]}
    found["act"] = _body(bodies.PatternBody)
    found["counted-act"] = _body(bodies.CountedBody)
    found["next-act"] = _body(bodies.StepBody, {"then": "steps"})
    found["ending-reading"] = _body(bodies.ClearBody)
    found["area"] = _AREA
    found["words-of-properties"] = _words_of_properties()
    found["acts-showing-life"] = _acts_showing_life()
    return found


# --- rules and policies -----------------------------------------------------------------------


def _rule() -> tuple[Schema, dict[str, Schema]]:
    schema, inside = describe_model(RuleBody)
    fields = "|".join(name.replace(".", r"\.") for name in sorted(FIELDS))
    text: Schema = {
        "type": "string",
        "maxLength": MAX_TEXT,
        "pattern": rf"^(?:[^{{}}]|\{{\{{|\}}\}}|\{{(?:{fields})\}})*$",
    }
    schema["properties"] |= {
        "when": _ref("condition"),
        "say": {
            "anyOf": [text, by_language(text), {"type": "null"}],
            "description": "The text that people are told, in one language or in several.",
            "examples": ["Possible fall at {home.address}. Reply {code} if you are going."],
        },
        "confirm": {"anyOf": [_ref("ConfirmBody"), {"type": "null"}]},
        "ages": {"anyOf": [_ref("AgesBody"), {"type": "null"}]},
        "clear": {"anyOf": [{"enum": ["auto", "person", None]}, _ref("ending-reading")]},
        "downtime": {
            "type": ["string", "null"],
            "pattern": rf"^\s*(?:count|pause|grace\s+{AMOUNT})\s*$",
            "examples": ["count", "pause", "grace 30m"],
        },
        "values": {
            "type": ["array", "null"],
            "items": _ref("WhoseBody"),
            "minItems": 1,
            "maxItems": MAX_VALUES,
        },
    }
    life_safety = {"properties": {"priority": {"const": str(Priority.LIFE_SAFETY)}}}
    routine = {"properties": {"priority": {"const": str(Priority.ROUTINE)}}}
    refused = [_needs([key]) for key in NEVER_FOR_LIFE_SAFETY]
    schema["allOf"] = [
        {
            "if": {**life_safety, **_needs(["priority"])},
            "then": {
                "not": {"anyOf": refused},
                "properties": {"clear": {"enum": ["person", None]}},
            },
        },
        {"if": _needs(["max_per_day"]), "then": {**routine, **_needs(["priority"])}},
        {
            "if": {"properties": {"ages": {"type": "object"}}, **_needs(["ages"])},
            "then": {
                "properties": {"priority": {"const": str(Priority.TECHNICAL)}},
                **_needs(["priority"]),
                "not": {"anyOf": [_needs([key]) for key in NEVER_WITH_AGES]},
            },
        },
    ]
    ages, _ = describe_model(AgesBody)
    ages["properties"]["priority"] = {"enum": [str(each) for each in Priority if each.rank]}
    confirm, more = describe_model(ConfirmBody)
    confirm["properties"] |= {"none_of": _NESTED["patterns"], "any_of": _NESTED["patterns"]}
    confirm["anyOf"] = [_needs(["none_of"]), _needs(["any_of"])]
    whose, _ = describe_model(WhoseBody)
    whose |= {
        "additionalProperties": True,
        "minProperties": 2,
        "anyOf": [_needs(["tags"]), _needs(["schemes"])],
    }
    whose["properties"]["homes"] = False
    bodies_of = {"AgesBody": ages, "ConfirmBody": confirm, "WhoseBody": whose}
    return schema, {**inside, **more, **bodies_of}


def _named(entry: Schema) -> Schema:
    """Return a section of a file: names and what each names; an empty section is none."""
    return {
        "type": ["object", "null"],
        "propertyNames": {
            "pattern": IDENTIFIER["pattern"],
            "maxLength": IDENTIFIER["maxLength"],
        },
        "additionalProperties": entry,
    }


def _rule_file(*, with_rules: bool) -> Schema:
    policy, inside = describe_model(PolicyBody)
    chooser, of_chooser = describe_model(ChooserBody)
    entry = {"if": _needs(["choose"]), "then": _ref("chooser"), "else": _ref("policy")}
    rota, more = describe_model(RotaBody)
    person, of_person = describe_model(StaffBody)
    definitions = {
        **inside, **of_chooser, **more, **of_person,
        "policy": policy, "chooser": chooser, "rota": rota, "person": person,
    }  # fmt: skip
    sections = {
        "policies": _named(entry),
        "rotas": _named(_ref("rota")),
        "people": {"type": ["array", "null"], "items": _ref("person"), "maxItems": MAX_PEOPLE},
        "words": by_language(own_words()),
    }
    if with_rules:
        rule, more = _rule()
        definitions |= {**_conditions(), **more, "rule": rule}
        sections = {"rules": _named(_ref("rule")), **sections}
    return {
        "type": "object",
        "properties": sections,
        "additionalProperties": False,
        "$defs": definitions,
    }


# --- the other files --------------------------------------------------------------------------


_OF_A_PERSON: Final = ("id", "name", "phone", "email", "language", "by")


def _homes() -> Schema:
    home, inside = describe_model(HomeBody)
    person, more = describe_model(PersonBody)
    inside["ContactBody"]["anyOf"] = [
        {**_needs(["person"]), "not": {"anyOf": [_needs([k]) for k in _OF_A_PERSON]}},
        _needs(["name", "phone"]),
    ]
    inside["DeviceBody"]["anyOf"] = [
        _needs(["topic"]),
        {"properties": {"profile": {"const": "native"}}},
    ]
    people = {"type": ["array", "null"], "items": _ref("person")}
    return {
        "type": "object",
        "properties": {"people": people, "homes": {"type": "array", "items": _ref("home")}},
        "required": ["homes"],
        "additionalProperties": False,
        "$defs": {**inside, **more, "home": home, "person": person},
    }


def _devices() -> Schema:
    schema, inside = describe_model(ProfilePart)
    return {**schema, "$defs": inside}


def _config() -> Schema:
    schema, inside = describe_model(Deployment)
    one_place = {"minProperties": 1, "maxProperties": 1}
    inside["SecretRef"] |= one_place
    pilot = {"properties": {"mode": {"const": "pilot"}}, "required": ["mode"]}
    some = {"properties": {"allow": {"minItems": 1}}, "required": ["allow"]}
    none = {"properties": {"allow": {"maxItems": 0}}}
    return {**schema, "if": pilot, "then": some, "else": none, "$defs": inside}


_FILES: Final[Mapping[str, tuple[str, Callable[[], Schema]]]] = {
    "rules": ("Rules, policies and rotas of telecared", lambda: _rule_file(with_rules=True)),
    "homes": ("Homes of telecared", _homes),
    "policies": ("Policies and rotas of telecared", lambda: _rule_file(with_rules=False)),
    "devices": ("A device profile of telecared", _devices),
    "config": ("telecared.yaml", _config),
}

FILE_KINDS: Final = tuple(_FILES)
"""The kinds of file that have a schema."""


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, one of `FILE_KINDS`."""
    title, make = _FILES[kind]
    return {"$schema": DIALECT, "title": title, **told_once(make())}


def schema_text(kind: str) -> str:
    """Return the schema as it is printed and as it lies in `schemas/`."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=True) + "\n"
