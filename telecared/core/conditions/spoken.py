"""What a condition waits for, in a few words: for reasons that say what did not hold.

Why it is met, with its evidence, is each condition's own `reason`.
"""

from collections.abc import Sequence

from telecared.core.vocabulary import Value
from telecared.core.when import (
    AllOf,
    AnyOf,
    Changes,
    Compare,
    Condition,
    Count,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Without,
)
from telecared.core.windows import duration_text


def spoken(condition: Condition) -> str:
    """Return what a condition waits for, in a few words, without its windows."""
    match condition:
        case AllOf(of=parts):
            return " and ".join(map(_inner, parts))
        case AnyOf(of=parts):
            return " or ".join(map(_inner, parts))
        case Not(of=part):
            return f"not {_inner(part)}"
        case InactiveFor(duration=duration):
            return f"no sign of life for {duration_text(duration)}"
        case NoneOf(of=acts):
            return f"none of {', '.join(map(spoken, acts))}"
        case Without(first=first, without=acts):
            return f"{spoken(first)} without {' or '.join(map(spoken, acts))}"
        case Followed(first=first, then=steps):
            return ", then ".join(map(spoken, (first, *(step.act for step in steps))))
        case Count(of=act, at_least=number):
            return f"{spoken(act)} {number} times"
        case Silent(at=at, limit=limit, behind=behind):
            but = " while the alarm unit speaks" if behind else ""
            return f"{' or '.join(at)} silent for {duration_text(limit)}{but}"
    return _of_devices(condition)


def _of_devices(condition: ReadingIs | HeldFor | Compare | Changes | Geofence) -> str:
    if isinstance(condition, ReadingIs):
        told = f"{condition.property}: {_words(condition.values)}"
    elif isinstance(condition, HeldFor):
        lasts = duration_text(condition.duration)
        told = f"{condition.property}: {_words(condition.values)} for {lasts}"
    elif isinstance(condition, Geofence):
        told = f"{'outside' if condition.inside is None else 'inside'} the area"
    elif isinstance(condition, Compare):
        above, limit = condition.above is not None, condition.above or condition.below or 0.0
        told = f"{condition.property} {'above' if above else 'below'} {limit:g}"
    else:
        up, amount = condition.rises_by is not None, condition.rises_by or condition.falls_by or 0.0
        told = f"{condition.property} {'up' if up else 'down'} by {amount:g}"
    return told + (f" at {' or '.join(condition.at)}" if condition.at else "")


def _inner(condition: Condition) -> str:
    text = spoken(condition)
    return f"({text})" if isinstance(condition, AllOf | AnyOf) else text


def _words(values: Sequence[Value]) -> str:
    return " or ".join(str(value) for value in values)
