"""What is wrong or doubtful about a rule wherever it applies: it can never fire, or always does.

Pure, one rule at a time: a rule in, doubts out. Rules that shadow each other are `rulepairs`;
what a home's devices and contacts make of a rule is `homecheck`.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from telecared.config.durations import format_duration, format_windows, longest_opening
from telecared.config.findings import Level
from telecared.config.implied import (
    exclude_each_other,
    implies,
    never_together,
    one_place,
)
from telecared.config.positions import Path
from telecared.config.walk import every_part
from telecared.core.conditions.traces import MAX_MARKS
from telecared.core.plan import Rule
from telecared.core.vocabulary import DAY, PROPERTIES, Duration, Priority
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
    Holidays,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Window,
    Without,
    parts_of,
)

LONGEST_MEMORY: Final[Duration] = 7 * DAY
"""How far back acts are looked for; a longer `within` is rather a question for a report."""

RANGES: Final = {
    "battery": (0.0, 100.0),
    "humidity": (0.0, 100.0),
    "radio": (0.0, 100.0),
    "power": (0.0, float("inf")),
    "illuminance": (0.0, float("inf")),
    "temperature": (-273.15, float("inf")),
}
"""Between which numbers a property can be at all."""


class Doubt(NamedTuple):
    """One doubt: where in the entry, which code, the sentence, and how bad."""

    path: Path
    code: str
    message: str
    level: Level = "warning"


def doubts_of_rule(rule: Rule) -> Iterator[Doubt]:
    """Yield what is doubtful about a rule wherever it applies; the path is within the rule.

    A rule that can never fire is an error: somebody believes that it protects a person.
    """
    for path, part in every_part(rule.when, ("when",)):
        yield from _of_part(rule.name, path, part)
    yield from _of_rule(rule)


def never_fires(rule: Rule) -> bool:
    """Whether a rule can surely never fire."""
    return any(doubt.code == "never-fires" for doubt in doubts_of_rule(rule))


def _never(path: Path, name: str, why: str, remedy: str) -> Doubt:
    # Inside `any` and `not` the rest of the rule may still fire, and it is a slip all the same.
    level: Level = "warning" if {"any", "not"} & set(path) else "error"
    what = f"{name} can never fire" if level == "error" else f"a part of {name} can never hold"
    return Doubt(path, "never-fires", f"{what}: {why}; {remedy}", level)


def _of_part(name: str, path: Path, part: Condition) -> Iterator[Doubt]:
    yield from _of_windows(name, path, part)
    match part:
        case AllOf():
            yield from _of_all(name, path, part)
        case Count():
            yield from _of_count(name, path, part)
        case InactiveFor() if part.at and set(part.at) <= set(part.never):
            why = "never leaves out every place that at names"
            yield _never((*path, "never"), name, why, "remove one of the two")
        case NoneOf():
            yield from _of_none_of(name, path, part)
        case Without():
            yield from _of_without(name, path, part)
        case Followed():
            for follow in part.then:
                yield from _of_memory(name, (*path, "within"), follow.within)
        case Changes():
            yield from _of_memory(name, (*path, "within"), part.within)
            yield from _of_change(name, path, part)
        case Compare():
            yield from _of_range(name, path, part)
        case _:
            pass


# --- windows ----------------------------------------------------------------------------------


def windows_of(part: Condition) -> tuple[Window, ...]:
    """Return the windows that gate a condition itself, not those of what is inside it."""
    match part:
        case NoneOf():
            return (part.window,)
        case Without() | Followed():
            return part.first.between
        case Count():
            return part.of.between
        case Silent():
            return ()
        case _:
            return part.between


def _duration_of(part: Condition) -> Duration:
    if isinstance(part, HeldFor | InactiveFor | Compare | Geofence | AllOf | AnyOf | Not):
        return part.duration
    return 0


def _of_windows(name: str, path: Path, part: Condition) -> Iterator[Doubt]:
    windows = windows_of(part)
    if windows and not any(_opens(window) for window in windows):
        why = "its days and its dates never meet"
        yield _never(path, name, why, "change days or dates")
        return
    longest = _longest(windows)
    duration = _duration_of(part)
    if longest is not None and duration > longest:
        why = (
            f"it waits {format_duration(duration)} and {format_windows(windows)} is open for"
            f" {format_duration(longest)} at most"
        )
        yield _never(path, name, why, "write a shorter duration or a longer window")


@lru_cache(maxsize=1024)
def _longest(windows: tuple[Window, ...]) -> Duration | None:
    """Return `longest_opening`: many homes share few windows, and each is a week of minutes."""
    return longest_opening(windows)


def _opens(window: Window) -> bool:
    """Whether there is a day on which a window opens, as far as its days and dates tell."""
    if not window.dates or window.holidays is Holidays.TOO:
        return True
    for dates in window.dates:
        if len(dates.first) < len("2026-12-25"):
            return True  # every year: each weekday has its turn
        first, last = date.fromisoformat(dates.first), date.fromisoformat(dates.last)
        span = range(first.toordinal(), min(last.toordinal(), first.toordinal() + 6) + 1)
        if any(date.fromordinal(day).weekday() in window.days for day in span):
            return True
    return False


# --- combinations -----------------------------------------------------------------------------


def _of_all(name: str, path: Path, whole: AllOf) -> Iterator[Doubt]:
    """Find parts of `all` that cannot hold together."""
    parts = list(_together(whole, path))
    for index, (where, part) in enumerate(parts):
        for _, other in parts[:index]:
            yield from _of_two(name, where, other, part)


def _together(whole: AllOf, path: Path) -> Iterator[tuple[Path, Condition]]:
    """Yield what must hold at once: the parts, and the parts of an `all` inside it."""
    for index, part in enumerate(whole.of):
        where = (*path, "all", index)
        if isinstance(part, AllOf):
            yield from _together(part, where)
        else:
            yield where, part


def _of_two(name: str, path: Path, one: Condition, other: Condition) -> Iterator[Doubt]:
    for condition, negated in ((one, other), (other, one)):
        if isinstance(negated, Not) and not isinstance(condition, Not):
            if implies(condition, negated.of):
                why = "one part of all is the opposite of another"
                yield _never(path, name, why, "remove one of the two")
            return
    if _gates_what_holds(one) and _gates_what_holds(other):
        windows = windows_of(one), windows_of(other)
        if all(windows) and never_together(*windows):
            why = (
                f"{format_windows(windows[0])} and {format_windows(windows[1])} never come at the"
                " same time"
            )
            yield _never(path, name, why, "give all of them the same between, or use any")
            return
    if exclude_each_other(one, other):
        yield _exclusion(name, path, one)


def _gates_what_holds(part: Condition) -> bool:
    """Whether a condition holds inside its `between` only; acts and counts hold on after it."""
    if isinstance(part, ReadingIs):
        return not PROPERTIES[part.property].momentary
    return isinstance(part, HeldFor | Compare | Geofence | InactiveFor | AnyOf)


def _exclusion(name: str, path: Path, part: Condition) -> Doubt:
    at: tuple[str, ...] = getattr(part, "at", ())
    if one_place(at):
        why = f"two parts of all exclude each other at {at[0]}"
        return _never(path, name, why, "remove one of them, or write any in place of all")
    message = (
        f"{name}: two parts of all exclude each other unless two devices tell them apart; name"
        " the places with at, or write any in place of all"
    )
    return Doubt(path, "contradiction", message)


# --- acts -------------------------------------------------------------------------------------


def _of_memory(name: str, path: Path, within: Duration) -> Iterator[Doubt]:
    if within > LONGEST_MEMORY:
        message = (
            f"{name} looks back {format_duration(within)}, longer than the"
            f" {format_duration(LONGEST_MEMORY)} for which late readings are still put in their"
            " place; write a shorter within"
        )
        yield Doubt(path, "long-within", message)


def _of_count(name: str, path: Path, part: Count) -> Iterator[Doubt]:
    shortest = (part.at_least - 1) * part.apart
    if shortest > part.within:
        why = (
            f"{part.at_least} acts at least {format_duration(part.apart)} apart take"
            f" {format_duration(shortest)}, longer than within {format_duration(part.within)}"
        )
        yield _never(
            path, name, why, "write a longer within, a smaller at_least or a shorter apart"
        )
    elif part.at_least > MAX_MARKS:
        why = f"no more than {MAX_MARKS} acts are remembered"
        yield _never(path, name, why, f"write at_least: {MAX_MARKS} or less")
    yield from _of_memory(name, (*path, "within"), part.within)


def _of_none_of(name: str, path: Path, part: NoneOf) -> Iterator[Doubt]:
    if part.start == part.by:
        message = (
            f"{name}: from and by are the same time, so that a whole day round is meant; write two"
            " different times, or inactive_for: 24h"
        )
        yield Doubt((*path, "by"), "whole-day", message)
    for act in part.of:
        if act.between and never_together(act.between, (part.window,)):
            message = (
                f"{name}: {act.property} counts {format_windows(act.between)} only, which is never"
                " between from and by, so that it answers nothing; remove its between"
            )
            yield Doubt((*path, "none_of"), "never-answered", message)


def _of_without(name: str, path: Path, part: Without) -> Iterator[Doubt]:
    yield from _of_memory(name, (*path, "within"), part.within)
    for act in part.without:
        if implies(part.first, act):
            message = (
                f"{name}: what begins the wait also answers it, so that it fires only when that"
                " does not happen twice; write another act under without"
            )
            yield Doubt((*path, "without"), "answers-itself", message)


# --- numbers ----------------------------------------------------------------------------------


def _of_range(name: str, path: Path, part: Compare) -> Iterator[Doubt]:
    least, most = RANGES.get(part.property, (-float("inf"), float("inf")))
    limit = part.above if part.above is not None else part.below
    if limit is None or part.property not in RANGES:
        return
    beyond = limit >= most if part.above is not None else limit <= least
    always = limit < least if part.above is not None else limit > most
    word = "above" if part.above is not None else "below"
    if beyond:
        why = f"{part.property} is never {word} {limit:g}"
        yield _never((*path, word), name, why, "write a limit that it can pass")
    elif always:
        message = f"{name}: {part.property} is always {word} {limit:g}; write a limit inside"
        yield Doubt((*path, word), "always-holds", message)


def _of_change(name: str, path: Path, part: Changes) -> Iterator[Doubt]:
    least, most = RANGES.get(part.property, (-float("inf"), float("inf")))
    amount = part.rises_by if part.rises_by is not None else part.falls_by or 0.0
    if amount > most - least:
        why = f"{part.property} lies between {least:g} and {most:g}"
        yield _never(path, name, why, "write a smaller change")


# --- the rest of a rule -----------------------------------------------------------------------


def _of_rule(rule: Rule) -> Iterator[Doubt]:
    name, clearing = rule.name, rule.clear.condition
    if clearing is not None and _is_cleared_by_itself(rule.when, clearing):
        message = (
            f"{name}: what clears it is what it waits for, so that it ends as it begins; clear it"
            " by another reading, or leave clear out"
        )
        yield Doubt(("clear",), "clear-is-condition", message)
    if rule.priority is Priority.LIFE_SAFETY and _rests_on_silence(rule.when):
        message = (
            f"{name} is life safety and rests on silence alone, which a flat battery or a lost"
            " radio link makes too; write priority: technical, or join it with a reading by all"
        )
        yield Doubt(("priority",), "life-safety-on-silence", message)


def _is_cleared_by_itself(when: Condition, clearing: ReadingIs) -> bool:
    """Whether a reading both opens and ends; other conditions end at another time."""
    if not isinstance(when, ReadingIs | HeldFor) or when.property != clearing.property:
        return False
    places = not when.at or not clearing.at or set(when.at) & set(clearing.at)
    return bool(places and set(when.values) & set(clearing.values))


def _rests_on_silence(when: Condition) -> bool:
    if isinstance(when, AnyOf):
        return any(_rests_on_silence(part) for part in parts_of(when))
    if isinstance(when, AllOf):
        return all(_rests_on_silence(part) for part in parts_of(when))
    return isinstance(when, Silent)
