"""A rule as it is in one home: the plan's rule with the home's own values put in.

Pure. How people spell such values, and where, is `config`; here they are already converted and
named by their path in `plan.Rule` (`when.duration`, `mode`).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from telecared.core.plan import Rule
from telecared.core.vocabulary import Mode, Priority

FIXED: Final = frozenset({"name", "source", "applies_to", "when.property"})
"""What no home may change: it would be another rule."""


def effective_rule(rule: Rule, values: Mapping[str, object]) -> Rule:
    """Return `rule` with a home's own values in place.

    Args:
        rule: as in the plan; it is not changed.
        values: path in the rule -> value in builtin types (durations in microseconds, windows as
            lists of `{start, end, days}`), as kept in `HomeRecord.rule_values`.

    Raises:
        ValueError: with a sentence: a path does not exist or may not be set per home, a value is
            not of its kind, or the result would mute life safety.
    """
    if not values:
        return rule
    changed: Any = rule  # a struct; which one depends on the path
    for path in sorted(values):
        if path in FIXED:
            raise ValueError(f"rule {rule.name}: {path} is the same in every home; leave it out")
        changed = _replaced(changed, path.split("."), values[path], rule.name, path)
    result: Rule = changed
    _refuse_muting(rule, result)
    return result


def _replaced(struct: Any, parts: list[str], value: object, rule: str, path: str) -> Any:  # noqa: ANN401 - any struct of a rule, whatever its condition
    types = {field.name: field.type for field in msgspec.structs.fields(struct)}
    name = parts[0]
    if name not in types:
        known = ", ".join(sorted(types))
        raise ValueError(f"rule {rule}: there is no {path}; known here: {known}")
    if len(parts) == 1:
        try:
            new: object = msgspec.convert(value, types[name])
        except msgspec.ValidationError:
            raise ValueError(f"rule {rule}: the value of {path} is not of its kind") from None
    else:
        inner = getattr(struct, name)
        if not isinstance(inner, msgspec.Struct):
            raise ValueError(f"rule {rule}: {path} leads nowhere; {name} has no parts")
        new = _replaced(inner, parts[1:], value, rule, path)
    return msgspec.structs.replace(struct, **{name: new})


def _refuse_muting(plain: Rule, result: Rule) -> None:
    """Life safety is never muted (promise P6), neither in the plan nor in one home."""
    if plain.priority is Priority.LIFE_SAFETY and result.priority is not Priority.LIFE_SAFETY:
        raise ValueError(f"rule {plain.name} is life safety in every home; leave its priority")
    if result.priority is not Priority.LIFE_SAFETY:
        return
    if result.cooldown:
        raise ValueError(f"rule {plain.name} is life safety: a cooldown would mute it; leave it")
    if plain.mode is not result.mode and result.mode is not Mode.PAGE:
        raise ValueError(
            f"rule {plain.name} is life safety: no home may turn it {result.mode.value}; remove"
            " the device from the home, or the home from the rule's applies_to"
        )
