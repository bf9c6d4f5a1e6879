"""A rule as it is in one home: the plan's rule, values of tags and schemes, the home's own values.

Pure. How people spell such values, and where, is `config`; here they are already converted and
named by their path in `plan.Rule` (`when.duration`, `when.of.0.by`, `mode`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from telecared.core.plan import HomeRecord, Rule
from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import Mode, Priority
from telecared.core.when import Changes, Compare, Condition, Geofence, Silent, parts_of

FIXED: Final = frozenset({"name", "source", "applies_to", "ask", "values", "when"})
"""What no home may change: it would be another rule. So would be another `property`."""

_SAID_BY: Final[Mapping[str, Mapping[str, int]]] = {
    "duration": {"every": 0, "misses": 0},
    "every": {"duration": 0},
}
"""Of `silent`: a value -> what says the same, and gives way to it."""

HOME: Final = "the home"
"""The source of a value that the home itself has."""


class Effective(NamedTuple):
    """A rule in one home.

    Attributes:
        rule: with every value that fits.
        sources: path in the rule -> who set it: `file:line`, or `HOME`.
        dropped: a sentence for each value that does not fit the rule (any more).
    """

    rule: Rule
    sources: Mapping[str, str]
    dropped: tuple[str, ...]


def rule_in(rule: Rule, record: HomeRecord) -> Effective:
    """Return a rule as it is in a home: values of tags and schemes in order, then the home's own.

    A value that does not fit is left out alone: a rule may change its kind after a home stored a
    value for it, and losing the rule would be a resident without protection.
    """
    effective = rule
    sources: dict[str, str] = {}
    dropped: list[str] = []
    for values, source in _layers(rule, record):
        try:
            effective = effective_rule(effective, values)
            fitting = list(values)
        except ValueError:
            fitting = []
            for path in sorted(values):
                try:
                    effective = effective_rule(effective, {path: values[path]})
                    fitting.append(path)
                except ValueError as error:
                    dropped.append(f"{error} (from {source})")
        for path in fitting:
            for inside in [each for each in sources if each.startswith(f"{path}.")]:
                del sources[inside]
            sources[path] = source
    if _is_muted(rule, effective):
        # One value turned it off, a later one made it life safety: each alone was allowed.
        reason = f"rule {rule.name} is life safety here: it cannot be {effective.mode.value}"
        dropped.append(f"{reason}; leave its mode (from {sources.pop('mode')})")
        effective = msgspec.structs.replace(effective, mode=rule.mode)
    return Effective(effective, sources, tuple(dropped))


def rule_in_home(rule: Rule, record: HomeRecord) -> Rule:
    """Return a rule as it is in a home, as `rule_in` does, for those who check it.

    Raises:
        ValueError: with a sentence about the first value that does not fit.
    """
    effective = rule_in(rule, record)
    if effective.dropped:
        raise ValueError(effective.dropped[0])
    return effective.rule


def applies(wanted: AppliesTo, record: HomeRecord) -> bool:
    """Return whether a home matches one name of each list that is given."""
    if wanted.homes and record.id not in wanted.homes:
        return False
    if wanted.schemes and record.scheme not in wanted.schemes:
        return False
    return not wanted.tags or bool(set(wanted.tags) & set(record.tags))


def effective_rule(rule: Rule, values: Mapping[str, object]) -> Rule:
    """Return `rule` with some values in place.

    Args:
        rule: as in the plan; it is not changed.
        values: path in the rule -> value in builtin types (durations in microseconds, windows as
            lists of `{start, end, days}`), as kept in `HomeRecord.rule_values`. Items of a list
            are named by their place, from 0.

    Raises:
        ValueError: with a sentence: a path does not exist or may not be set per home, a value is
            not of its kind, the result would mute life safety, or it makes no sense.
    """
    if not values:
        return rule
    changed: Any = rule  # a struct; which one depends on the path
    for path in sorted(values):
        parts = path.split(".")
        if path in FIXED or parts[-1] == "property":
            raise ValueError(f"rule {rule.name}: {path} is the same in every home; leave it out")
        changed = _replaced(changed, parts, values[path], rule.name, path)
    result: Rule = changed
    _refuse_muting(rule, result)
    _refuse_nonsense(result)
    return result


def _layers(rule: Rule, record: HomeRecord) -> Iterator[tuple[Mapping[str, object], str]]:
    for each in rule.values:
        if applies(each.applies_to, record):
            yield each.values, each.source
    yield record.rule_values.get(rule.name, {}), HOME


def _replaced(part: Any, parts: list[str], value: object, rule: str, path: str) -> Any:  # noqa: ANN401 - any struct of a rule, whatever its condition
    name, *rest = parts
    if isinstance(part, tuple):
        index = int(name) if name.isdecimal() else len(part)
        if index >= len(part) or not rest:
            raise ValueError(f"rule {rule}: there is no {path}; a list has places, from 0")
        item = _replaced(part[index], rest, value, rule, path)
        return (*part[:index], item, *part[index + 1 :])
    types = {field.name: field.type for field in msgspec.structs.fields(part)}
    if name not in types:
        known = ", ".join(sorted(types))
        raise ValueError(f"rule {rule}: there is no {path}; known here: {known}")
    if rest:
        inner = getattr(part, name)
        if not _has_parts(inner):
            raise ValueError(f"rule {rule}: {path} leads nowhere; {name} has no parts")
        new = _replaced(inner, rest, value, rule, path)
    else:
        try:
            new = msgspec.convert(value, types[name])
        except msgspec.ValidationError:
            raise ValueError(f"rule {rule}: the value of {path} is not of its kind") from None
    if isinstance(part, Silent) and name in _SAID_BY:
        # Of two ways to say how long it may be silent the value that is given now is meant.
        part = msgspec.structs.replace(part, **_SAID_BY[name])
    return msgspec.structs.replace(part, **{name: new})


def _has_parts(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, msgspec.Struct) for item in value)
    return isinstance(value, msgspec.Struct)


_MUTING: Final = (
    ("cooldown", "a cooldown"),
    ("unless", "unless"),
    ("held_by", "held_by"),
    ("max_per_day", "a cap"),
)


def _refuse_muting(plain: Rule, result: Rule) -> None:
    """Life safety is never muted (promise P6), neither in the plan nor in one home."""
    if plain.priority is Priority.LIFE_SAFETY and result.priority is not Priority.LIFE_SAFETY:
        raise ValueError(f"rule {plain.name} is life safety in every home; leave its priority")
    if result.priority is not Priority.LIFE_SAFETY:
        return
    for key, what in _MUTING:
        if getattr(result, key):
            raise ValueError(f"rule {plain.name} is life safety: {what} would mute it; leave it")
    if _is_muted(plain, result):
        raise ValueError(
            f"rule {plain.name} is life safety: no home may turn it {result.mode.value}; remove"
            " the device from the home, or the home from the rule's applies_to"
        )


def _is_muted(plain: Rule, result: Rule) -> bool:
    """Whether a value has taken the page from life safety; a rule may be on trial by itself."""
    grave = result.priority is Priority.LIFE_SAFETY
    return grave and plain.mode is not result.mode is not Mode.PAGE


def _refuse_nonsense(rule: Rule) -> None:
    """Values that fit one by one may make a condition that never or always holds."""
    for condition in _flat(rule.when):
        pair: tuple[object, object] = (1, None)
        if isinstance(condition, Compare):
            pair = (condition.above, condition.below)
            if _clears_too_soon(condition):
                message = "its clear lies beyond its limit, so that it would never begin"
                raise ValueError(f"rule {rule.name}: {message}; write one on the way back")
        elif isinstance(condition, Changes):
            pair = (condition.rises_by, condition.falls_by)
        elif isinstance(condition, Geofence):
            pair = (condition.inside, condition.outside)
        if (pair[0] is None) == (pair[1] is None):
            raise ValueError(f"rule {rule.name}: exactly one of two limits is possible; keep one")


def _clears_too_soon(condition: Compare) -> bool:
    if condition.clear is None:
        return False
    if condition.above is not None:
        return condition.clear > condition.above
    return condition.below is not None and condition.clear < condition.below


def _flat(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in parts_of(condition):
        yield from _flat(part)
