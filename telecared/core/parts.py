"""The conditions inside a rule, one by one: which holds, since when, what would change it.

Asks compiled conditions and decides nothing; how the rule stands as a whole is `standings`.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from telecared.core.compile import HomePlan
from telecared.core.conditions import compile_condition
from telecared.core.conditions.base import View
from telecared.core.conditions.spoken import spoken
from telecared.core.plan import Rule
from telecared.core.vocabulary import PROPERTIES, Instant
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
    parts_of,
)
from telecared.core.windows import duration_text


class Part(NamedTuple):
    """One condition of a rule: whether it holds, since when, and when that changes by itself.

    Attributes:
        depth: 0 for the rule's whole condition, 1 for the parts of a combination, ...
        name: the kind in the words of a rule file: `inactive_for`, `all`.
        what: what it waits for, in a few words.
        holds: None where it is met only in the moment in which something happens.
        since: when it was met, of what holds.
        due: when that may change although nothing is heard.
        would_change: what would have made it different.
    """

    depth: int
    name: str
    what: str
    holds: bool | None
    since: Instant | None
    due: Instant | None
    would_change: str


def parts_explained(
    home: HomePlan, view: View, rule: Rule, condition: Condition, depth: int
) -> Iterator[Part]:
    """Yield a condition of a rule and all that it joins, each before its parts."""
    inner = [
        list(parts_explained(home, view, rule, part, depth + 1)) for part in parts_of(condition)
    ]
    # A combination's trace bears its rule's name; what a plain condition has found is not asked.
    name = rule.name if inner else ""
    devices = home.record.devices if home.record else ()
    compiled = compile_condition(msgspec.structs.replace(rule, name=name, when=condition), devices)
    since = compiled.holds(view)
    dues = [due.at for due in compiled.deadlines(view) if not (due.look or due.ends)]
    coming = [at for at in (*dues, *compiled.turns(view)) if at > view.state.at]
    holds = _holds(condition, since, [parts[0].holds for parts in inner])
    yield Part(
        depth=depth,
        name=kind_name(condition),
        what=_spoken(condition),
        holds=holds,
        since=since,
        due=min(coming, default=None),
        would_change=would_change(condition, met=holds is True or bool(dues)),
    )
    for parts in inner:
        yield from parts


def _holds(
    condition: Condition, since: Instant | None, inner: Sequence[bool | None]
) -> bool | None:
    """Whether a condition holds; None where an act, and nothing else, is missing."""
    if since is not None:
        return True
    if isinstance(condition, AllOf):
        return None if None in inner and False not in inner else False
    if isinstance(condition, AnyOf):
        return None if None in inner else False
    return None if happens_in_a_moment(condition) else False


def happens_in_a_moment(condition: Condition) -> bool:
    """Whether a condition is an act: met at once or not at all, and over at once."""
    if isinstance(condition, ReadingIs):
        return PROPERTIES[condition.property].momentary
    return isinstance(condition, Followed)


# --- in words -----------------------------------------------------------------------------------

_NAMES: Final = {
    ReadingIs: "property",
    HeldFor: "for",
    InactiveFor: "inactive_for",
    NoneOf: "none_of",
    Without: "without",
    Followed: "then",
    Count: "count",
    Compare: "above or below",
    Changes: "rises_by or falls_by",
    Geofence: "inside or outside",
    Silent: "silent",
    AllOf: "all",
    AnyOf: "any",
    Not: "not",
}


def kind_name(condition: Condition) -> str:
    """Return what a rule file calls a condition of this kind."""
    return _NAMES[type(condition)]


def would_change(condition: Condition, *, met: bool) -> str:
    """Return what would have made a condition different, in a few words.

    Args:
        condition: of any kind.
        met: it holds, or is about to unless something is heard; else what would have met it.
    """
    if not met:
        return _spoken(condition)
    match condition:
        case (
            ReadingIs(property=name, values=values, at=at)
            | HeldFor(property=name, values=values, at=at)
        ):
            words = " or ".join(str(value) for value in values)
            return f"{name} other than {words}{_where(at)}"
        case InactiveFor(of=names, at=at):
            return f"a sign of life ({', '.join(names)}){_where(at)}"
        case NoneOf(of=acts) | Without(without=acts):
            return " or ".join(map(spoken, acts))
        case Compare(property=name, above=above, below=below, clear=clear):
            side = "above" if above is not None else "below"
            limit = next(one for one in (clear, above, below) if one is not None)
            return f"{name} no longer {side} {limit:g}"
        case Geofence():
            side = "outside" if condition.inside is not None else "inside"
            return f"the tracker {side} the area"
        case Silent():
            return "any message of the device"
    return _IN_TIME.get(type(condition), "time alone: too few within its bound")


_IN_TIME: Final = {
    AllOf: "the end of any of its parts",
    AnyOf: "the end of all of its parts",
    Not: "the beginning of its part",
}


def _spoken(condition: Condition) -> str:
    """Return what a condition waits for, with the time that it takes."""
    match condition:
        case Without(within=within) | Count(within=within) | Changes(within=within):
            return f"{spoken(condition)} within {duration_text(within)}"
        case Compare(duration=lasts) | Geofence(duration=lasts):
            pass
        case AllOf(duration=lasts) | AnyOf(duration=lasts) | Not(duration=lasts):
            pass
        case _:
            lasts = 0
    return spoken(condition) + (f" for {duration_text(lasts)}" if lasts else "")


def _where(at: Sequence[str]) -> str:
    return f" at {' or '.join(at)}" if at else ""
