"""The `when` of a rule: which kind of condition it is, its keys, and what each becomes.

`KINDS` is the one table of the kinds that this version has; a new kind is a model and a line in
it. Whether a condition holds is `core.conditions`; the rest of a rule is `rules`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import Field, ValidationError

from telecared.config.fields import Body, PositiveDuration, Windows, Words
from telecared.config.positions import Document, Path, describe, nearest, sentence
from telecared.core import plan
from telecared.core.vocabulary import PROPERTIES

LATER: Final[Mapping[str, str]] = {
    "none_of": "nothing happening by a time of day",
    "without": "something that is not followed by something else",
    "then": "one thing followed by another",
    "within": "one thing followed by another",
    "count": "counting how often something happens",
    "at_least": "counting how often something happens",
    "at_most": "counting how often something happens",
    "above": "comparing numbers",
    "below": "comparing numbers",
    "clear_above": "comparing numbers",
    "clear_below": "comparing numbers",
    "all": "combining conditions",
    "any": "combining conditions",
    "not": "combining conditions",
}
"""Keys of kinds of condition that a later version will have, and what they are for."""


class ReadingBody(Body):
    """`property`, `is`, `at`, `between`: a reading arrives."""

    property: str
    values: Words = Field(alias="is")
    at: Words = ()
    between: Windows = ()


class HeldBody(ReadingBody):
    """A reading that has kept its word `for` a duration."""

    duration: PositiveDuration = Field(alias="for")


class InactiveBody(Body):
    """`inactive_for`, `of`: no sign of life."""

    duration: PositiveDuration = Field(alias="inactive_for")
    of: Words
    at: Words = ()
    between: Windows = ()
    occupied_at_most: PositiveDuration = plan.DEFAULT_OCCUPIED_AT_MOST


class SilentBody(Body):
    """`silent`, `for`: a device sends nothing at all."""

    at: Words = Field(alias="silent")
    duration: PositiveDuration = Field(alias="for")


class ClearBody(Body):
    """`property`, `is`, `at`: the reading that ends a finding."""

    property: str
    values: Words = Field(alias="is")
    at: Words = ()


class Kind(NamedTuple):
    """One kind of condition.

    Attributes:
        mark: the key by which it is known.
        model: its keys.
        struct: what it becomes; the model's field names are the struct's.
        check: finds what pydantic cannot, as sentences.
    """

    mark: str
    model: type[Body]
    struct: Callable[..., plan.Condition]
    check: Callable[[Document, Path, Mapping[str, Any]], list[str]]

    @property
    def paths(self) -> Mapping[str, str]:
        """Key in the file -> attribute of the struct."""
        return {field.alias or name: name for name, field in self.model.model_fields.items()}


def kind_of(raw: Mapping[str, Any]) -> Kind | None:
    """Return the kind that the keys of a condition tell, or None."""
    return next((kind for kind in KINDS if kind.mark in raw), None)


def read_condition(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[plan.Condition | None, list[str]]:
    """Return the condition at `path` of `document`, or the sentences that say why it is none."""
    later = [
        sentence(
            document,
            (*path, key),
            f'"{key}" ({LATER[key]}) is not in this version; conditions here are: {_KNOWN}',
            key=True,
        )
        for key in raw
        if key in LATER
    ]
    if later:
        return None, later
    kind = kind_of(raw)
    if kind is None:
        return None, [_no_kind(document, path, raw)]
    problems = kind.check(document, path, raw)
    try:
        body = kind.model.model_validate(raw)
    except ValidationError as error:
        problems += describe(document, error, path, model=kind.model)
        return None, problems
    if problems:
        return None, problems
    return kind.struct(**dict(body)), []


def read_clear(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[plan.ReadingIs | None, list[str]]:
    """Return the reading at `path` that ends a finding, or why it is none."""
    problems = _check_reading(document, path, raw)
    try:
        body = ClearBody.model_validate(raw)
    except ValidationError as error:
        return None, problems + describe(document, error, path, model=ClearBody)
    return (None, problems) if problems else (plan.ReadingIs(**dict(body)), [])


def _no_kind(document: Document, path: Path, raw: Mapping[str, Any]) -> str:
    if not raw:
        return sentence(document, path, f"the condition is empty; write one of: {_KNOWN}")
    known = {key for kind in KINDS for key in kind.paths}
    for key in raw:
        if key not in known:
            hint = nearest(str(key), known | set(LATER))
            message = f'"{key}" is not known here; {hint}'
            return sentence(document, (*path, key), message, key=True)
    return sentence(document, path, f"no condition is complete; write one of: {_KNOWN}")


# --- what pydantic cannot know ----------------------------------------------------------------


def _check_reading(document: Document, path: Path, raw: Mapping[str, Any]) -> list[str]:
    """Hold the property and its words against the vocabulary."""
    name = raw.get("property")
    if name is None:
        return []  # told as missing
    place = (*path, "property")
    if not isinstance(name, str) or name not in PROPERTIES:
        hint = nearest(str(name), PROPERTIES)
        return [sentence(document, place, f'"{name}" is no property; {hint}')]
    spec = PROPERTIES[name]
    written = raw.get("is")
    items: list[tuple[Path, object]] = [((*path, "is"), written)]
    if isinstance(written, list):
        items = [((*path, "is", index), item) for index, item in enumerate(written)]
    problems = []
    for where, item in items:
        if item is None or item in spec.values:
            continue
        if not spec.values:
            message = f'"{name}" has no words, and comparing numbers is not in this version;'
            return [sentence(document, place, f"{message} remove this rule")]
        known = ", ".join(sorted(spec.values))
        problems.append(
            sentence(document, where, f'"{item}" is no value of {name}; write one of: {known}')
        )
    return problems


def _check_held(document: Document, path: Path, raw: Mapping[str, Any]) -> list[str]:
    problems = _check_reading(document, path, raw)
    name = raw.get("property")
    if isinstance(name, str) and name in PROPERTIES and PROPERTIES[name].momentary:
        message = f'"{name}" happens in a moment and lasts no time; remove "for"'
        problems.append(sentence(document, (*path, "for"), message, key=True))
    return problems


def _check_inactive(document: Document, path: Path, raw: Mapping[str, Any]) -> list[str]:
    written = raw.get("of")
    items: list[tuple[Path, object]] = [((*path, "of"), written)]
    if isinstance(written, list):
        items = [((*path, "of", index), item) for index, item in enumerate(written)]
    alive = {name for name, spec in PROPERTIES.items() if spec.activity}
    problems = []
    for where, item in items:
        if item is None or item in alive:
            continue
        if isinstance(item, str) and item in PROPERTIES:
            message = f'"{item}" never shows that somebody moved; known here: '
            problems.append(sentence(document, where, message + ", ".join(sorted(alive))))
        else:
            message = f'"{item}" is no property; {nearest(str(item), alive)}'
            problems.append(sentence(document, where, message))
    return problems


def _check_nothing(_document: Document, _path: Path, _raw: Mapping[str, Any]) -> list[str]:
    return []


KINDS: Final[tuple[Kind, ...]] = (
    Kind("inactive_for", InactiveBody, plan.InactiveFor, _check_inactive),
    Kind("silent", SilentBody, plan.Silent, _check_nothing),
    Kind("for", HeldBody, plan.HeldFor, _check_held),
    Kind("property", ReadingBody, plan.ReadingIs, _check_reading),
)
"""Every kind of condition of this version; the first whose mark is among the keys is meant."""

_KNOWN: Final = (
    "{property, is}, {property, is, for}, {inactive_for, of}, {silent, for}; most take at, between"
)
