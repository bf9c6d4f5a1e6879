"""Values of a rule for some homes: of tags and schemes (`values:`), and a home's own.

People name a key of the rule, or its path; here it becomes a path in `plan.Rule`, and the changed
rule is read as if it stood in the file, so that every complaint points at the value. Also where
each value of a rule in a home comes from. Putting the values into the rule is `core.effective`.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace
from pydantic import ValidationError

from telecared.config.fields import Body, Words
from telecared.config.positions import Document, Path, closest, describe, nearest, sentence
from telecared.config.rule_paths import SAME_EVERYWHERE, Place, places_of
from telecared.config.rules import RuleSource, read_rule
from telecared.config.spelling import default_at, spell_rule, spelled_at, spelled_text
from telecared.core import plan, policy
from telecared.core.effective import effective_rule, rule_in

MAX_VALUES: Final = 64
"""Entries of one rule's `values`."""

DEFAULT: Final = "default"
"""The source of a value that nobody wrote."""

_SAYS_THE_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "for": ("every", "misses"),
    "every": ("for",),
}
"""Of `silent`: a value -> what says how long in other words, and gives way to it."""

_WHOSE: Final = ("tags", "schemes")


class ValueFrom(NamedTuple):
    """One value of a rule in a home: its path as written in YAML, its text, where it comes from.

    The source is `default`, `file:line`, or `the home`.
    """

    path: str
    value: str
    source: str


class WhoseBody(Body):
    """`tags`, `schemes`: the homes that an entry of `values` is for."""

    tags: Words = ()
    schemes: Words = ()


class _Elsewhere(Document):
    """Points complaints about a changed rule at the value that changed it."""

    def __init__(self, document: Document, table: Mapping[Path, Path], otherwise: Path) -> None:
        super().__init__(document.name, None, None)
        self._document = document
        self._table = table
        self._otherwise = otherwise

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        for length in range(len(path), 0, -1):
            written = self._table.get(path[:length])
            if written is not None:
                inside = (*written, *path[length:])
                return self._document.position(inside, key=key and length == len(path))
        return self._document.position(self._otherwise)


def read_values(source: RuleSource) -> tuple[RuleSource, list[str]]:
    """Return a rule with its `values:` for tags and schemes, and the sentences about them."""
    written = source.raw.get("values")
    if written is None:
        return source, []
    document, path = source.document, (*source.path, "values")
    remedy = 'write values: [{tags: dementia, by: "10:30"}]'
    if not isinstance(written, list) or not 0 < len(written) <= MAX_VALUES:
        message = f"must be a list of 1 to {MAX_VALUES} entries; {remedy}"
        return source, [sentence(document, path, message)]
    file = source.rule.source.rpartition(":")[0]
    problems: list[str] = []
    found: list[plan.Values] = []
    for index, entry in enumerate(written):
        place = (*path, index)
        if not isinstance(entry, dict):
            message = f"an entry says whose values they are, and the values; {remedy}"
            problems.append(sentence(document, place, message))
            continue
        whose, trouble = _whose(document, place, entry)
        problems += trouble
        values = {key: value for key, value in entry.items() if key not in (*_WHOSE, "homes")}
        if not values:
            message = f"the entry has no values; {remedy}, or remove it"
            problems.append(sentence(document, place, message))
        resolved, trouble = resolve_values(source, values, document, place)
        problems += trouble
        line = document.position(place)[0]
        found.append(plan.Values(applies_to=whose, values=resolved, source=f"{file}:{line}"))
    return source._replace(rule=replace(source.rule, values=tuple(found))), problems


def _whose(
    document: Document, path: Path, entry: Mapping[str, Any]
) -> tuple[policy.AppliesTo, list[str]]:
    problems = []
    if "homes" in entry:
        message = "a single home's values stand in the home: rules: {NAME: {...}}; write them there"
        problems.append(sentence(document, (*path, "homes"), message, key=True))
    elif not any(key in entry for key in _WHOSE):
        slip = next((key for key in entry if closest(str(key), _WHOSE)), None)
        if slip is not None:
            return policy.AppliesTo(), []  # told as no key of the rule, with what was meant
        message = "whose values are these? write tags: or schemes: beside them"
        problems.append(sentence(document, path, message))
    try:
        whose = WhoseBody.model_validate({key: entry[key] for key in _WHOSE if key in entry})
    except ValidationError as error:
        return policy.AppliesTo(), problems + describe(document, error, path, model=WhoseBody)
    return policy.AppliesTo(tags=whose.tags, schemes=whose.schemes), problems


def resolve_values(
    source: RuleSource, values: Mapping[str, object], document: Document, path: Path
) -> tuple[dict[str, object], list[str]]:
    """Turn values as people write them into those of `HomeRecord.rule_values`.

    Args:
        source: the rule.
        values: key (when unique in the rule) or path -> value, as written.
        document: the file in which they are written.
        path: where in it `values` stands.

    Returns:
        path in `plan.Rule` -> value in builtin types, and the sentences that say what is wrong.
    """
    known = places_of(source.rule, source.raw)
    problems: list[str] = []
    raw = {key: value for key, value in source.raw.items() if key != "values"}
    changed: dict[str, Any] = copy.deepcopy(raw)
    table: dict[Path, Path] = {}
    wanted: list[str] = []
    for key, value in values.items():
        place, trouble = _place(source.rule.name, known, str(key))
        if place is None:
            problems.append(sentence(document, (*path, key), trouble, key=True))
            continue
        inside: Any = changed  # mappings and lists, as they were written
        for part in place.path[:-1]:
            inside = inside[part]
        if "silent" in inside:
            for other in _SAYS_THE_SAME.get(str(place.path[-1]), ()):
                if (*place.path[:-1], other) not in table:
                    inside.pop(other, None)
        inside[place.path[-1]] = value
        table[place.path] = (*path, key)
        wanted += place.fields
    if problems:
        return {}, problems
    result = read_rule(_Elsewhere(document, table, path), (), source.rule.name, changed, "")
    if result.source is None:
        return {}, result.problems
    resolved = {field: _builtin(result.source.rule, field) for field in wanted}
    try:
        effective_rule(source.rule, resolved)
    except ValueError as error:
        return {}, [sentence(document, path, str(error), key=True)]
    return resolved, []


def _place(name: str, known: Mapping[str, Place], key: str) -> tuple[Place | None, str]:
    """Return the place that a key or a path names, or why it is none."""
    if key in known:
        return known[key], ""
    if key.rpartition(".")[2] in SAME_EVERYWHERE:
        return None, f'"{key}" is the same in every home; write a rule of its own instead'
    found = [place for place in known.values() if place.key == key]
    # What a fault's age says is named by its path where the condition says something of that name.
    found = [place for place in found if place.path[0] != "ages"] or found
    written = [place for place in found if place.written]
    if len(written) == 1 or len(found) == 1:
        return (written or found)[0], ""
    if found:
        texts = " or ".join(place.text for place in written or found)
        return None, f'"{key}" stands in several places of {name}; write {texts}'
    whose = closest(key, _WHOSE)
    if whose is not None:
        return None, f'"{key}" is not known here; did you mean "{whose}"?'
    words = set(known) if "." in key else {place.key for place in known.values()}
    return None, f'"{key}" is no key of rule {name}; {nearest(key, words)}'


def _builtin(rule: plan.Rule, path: str) -> object:
    value: Any = rule
    for part in path.split("."):
        value = value[int(part)] if part.isdecimal() else getattr(value, part)
    # Through JSON, so that the record is equal to what the store hands back.
    builtin: object = msgspec.json.decode(msgspec.json.encode(value))
    return builtin


# --- where each value comes from --------------------------------------------------------------


def values_of(rule: plan.Rule, record: plan.HomeRecord) -> list[ValueFrom]:
    """Return every value of a rule in a home and where it comes from, in the order of its YAML.

    Defaults stand at the end; what nobody wrote and means nothing then (no `between`, no `policy`)
    is left out. Values are places, hours and texts, no person's data.
    """
    effective = rule_in(rule, record)
    raw = spell_rule(replace(effective.rule, values=()))
    places = places_of(effective.rule, raw)
    found = []
    for path, value in _leaves(raw, ()):
        source = _source_of(path, places, effective.sources) or rule.source
        found.append(ValueFrom(_dotted(path), spelled_text(value), source))
    for text, place in places.items():
        usual = default_at(text, effective.rule)
        if usual is not None and spelled_at(raw, place.path) is None:
            source = _source_of(place.path, places, effective.sources) or DEFAULT
            found.append(ValueFrom(text, spelled_text(usual), source))
    return found


def _leaves(raw: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield the values of a spelled rule that have no keys of their own, each with its path."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(raw, list) and isinstance(raw[0], dict):
        for index, item in enumerate(raw):
            yield from _leaves(item, (*path, index))
    else:
        yield path, raw


def _source_of(path: Path, places: Mapping[str, Place], sources: Mapping[str, str]) -> str | None:
    """Return who set the value at a path as written, by itself or with what contains it."""
    for length in range(len(path), 0, -1):
        place = places.get(_dotted(path[:length]))
        for field in place.fields if place is not None else ():
            parts = field.split(".")
            for upto in range(len(parts), 0, -1):
                source = sources.get(".".join(parts[:upto]))
                if source is not None:
                    return source
    return None


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)
