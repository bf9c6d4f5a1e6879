"""A rule in plain English: one paragraph that somebody on a care team can check.

It says what `spelling` spells, for people who do not read YAML. Nothing here decides anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from telecared.config.asks import asked_in_words
from telecared.config.calendar import WHOLE_DAY, format_dates, format_days
from telecared.config.durations import format_time, format_windows
from telecared.core import plan, policy, when
from telecared.core.plan import Absence
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    PROPERTIES,
    SECOND,
    Duration,
    Mode,
    Priority,
)
from telecared.core.when import EVERY_DAY, Holidays, Window

_ABSENCES: Final = {
    Absence.AWAY: "the resident is away",
    Absence.VISITOR: "a visitor is declared",
    Absence.MAINTENANCE: "maintenance is declared",
}
_PRIORITIES: Final = {
    Priority.LIFE_SAFETY: "a life-safety alert",
    Priority.URGENT: "an urgent alert",
    Priority.ROUTINE: "a routine alert",
    Priority.TECHNICAL: "a technical alert",
}

_NOUNS: Final[Mapping[str, str]] = {
    "trigger": "call button",
    "fall": "fall detector",
    "cancel": "cancel button",
    "contact": "door contact",
    "motion": "motion sensor",
    "presence": "room radar",
    "occupancy": "bed or chair sensor",
    "vibration": "vibration sensor",
    "tamper": "casing",
    "test": "test button",
    "smoke": "smoke detector",
    "co": "carbon monoxide detector",
    "gas": "gas detector",
    "heat": "heat detector",
    "water": "flood detector",
    "illuminance": "light",
    "medication": "medicine dispenser",
    "seizure": "epilepsy monitor",
    "enuresis": "enuresis sensor",
    "location": "tracker",
}
"""Property -> what tells it; the others are called as they are."""


def in_words(rule: plan.Rule) -> str:
    """Return one paragraph that says what a rule does: when, for whom, what follows, what ends it.

    Values for tags and schemes are not in it: show the rule as it is in a home.
    """
    return " ".join(text for text in _sentences(rule) if text)


def condition_in_words(condition: when.Condition, *, joined: bool = False, depth: int = 0) -> str:
    """Return what must be so, as a clause that can follow "when".

    Args:
        condition: any kind.
        joined: it stands beside other conditions, so that a level is meant and not its edge.
        depth: of how many lists it is a part; each numbers its parts in its own way.
    """
    if isinstance(condition, when.ReadingIs):
        return _act(condition, "last said" if joined else "says")
    if isinstance(condition, when.HeldFor):
        what = _what(condition.property, condition.at)
        said = f"{what} keeps saying {_any(_texts(condition.values))}"
        return f"{said}{_lasting(condition.duration)}{_hours(condition.between, counts=True)}"
    if isinstance(condition, when.InactiveFor):
        return _inactive(condition)
    if isinstance(condition, when.NoneOf):
        span = f"from {format_time(condition.start)} to {format_time(condition.by)}"
        return f"{span}{_days(condition)} {_none(condition.of)}"
    if isinstance(condition, when.Without):
        within = f"within {_span(condition.within)} after that"
        return f"{_act(condition.first)} and {within} {_none(condition.without)}"
    if isinstance(condition, when.Followed):
        steps = "".join(
            f", then {_act(follow.act)} within {_span(follow.within)}" for follow in condition.then
        )
        return f"{_act(condition.first)}{steps}"
    if isinstance(condition, when.Count):
        span = _span(condition.apart)
        apart = f" (those less than {span} apart count as one)" if condition.apart else ""
        act = _act(condition.of)
        times = f"{condition.at_least} times or more within {_span(condition.within)}"
        return f"{act} {times}{apart}"
    return _more(condition, depth)


def _more(
    condition: when.Compare
    | when.Changes
    | when.Geofence
    | when.Silent
    | when.AllOf
    | when.AnyOf
    | when.Not,
    depth: int,
) -> str:
    if isinstance(condition, when.Compare):
        return _compare(condition)
    if isinstance(condition, when.Changes):
        verb, amount = "rises", condition.rises_by
        if amount is None:
            verb, amount = "falls", condition.falls_by
        what = _what(condition.property, condition.at)
        within = f"within {_span(condition.within)}"
        return f"{what} {verb} by {_number(amount)} or more {within}{_hours(condition.between)}"
    if isinstance(condition, when.Geofence):
        where, area = "inside", condition.inside
        if area is None:
            where, area = "outside", condition.outside
        place = _what("location", condition.at)
        lasting = _while(condition.duration, condition.between)
        return f"{place} is {where} {_area(area)}{lasting}"
    if isinstance(condition, when.Silent):
        every = ""
        if condition.every:
            times = condition.misses + 1
            every = f" (what it sends every {_span(condition.every)} fails {times} times)"
        but = " and the alarm unit it stands behind is not silent too" if condition.behind else ""
        nothing = f"sends nothing at all for {_span(condition.limit)}{every}"
        return f"{_any(condition.at)} {nothing}{but}"
    lasting = _while(condition.duration, condition.between)
    if isinstance(condition, when.Not):
        # How long stands in front: behind, it would be read as part of what is not so.
        first = f"{lasting.strip()} " if lasting else ""
        return (
            f"{first}it is not so that {condition_in_words(condition.of, joined=True, depth=depth)}"
        )
    parts = [
        f"({_mark(place, depth)}) {condition_in_words(part, joined=True, depth=depth + 1)}"
        for place, part in enumerate(condition.of)
    ]
    if isinstance(condition, when.AllOf):
        return f"all of this is so at once{lasting}: {' and '.join(parts)}"
    return f"any of this is so{lasting}: {' or '.join(parts)}"


def _mark(place: int, depth: int) -> str:
    """Return how a part of a list is numbered: 1, 2 outside, a, b inside, and so on in turn."""
    letter = chr(ord("a") + place % 26) * (place // 26 + 1)
    return letter if depth % 2 else str(place + 1)


def _while(duration: Duration, windows: Sequence[Window]) -> str:
    """Return how long something must be so and in which hours; only a length counts time."""
    return _lasting(duration) + _hours(windows, counts=bool(duration))


# --- the rule ---------------------------------------------------------------------------------


def _sentences(rule: plan.Rule) -> Iterator[str]:
    unless = ""
    if rule.unless:
        unless = f", unless {_any([_ABSENCES[each] for each in rule.unless])}"
    opens = f"{_PRIORITIES[rule.priority]} opens"
    yield f"When {condition_in_words(rule.when)}{unless}, {opens}."
    yield _for_whom(rule.applies_to)
    if rule.mode is Mode.WATCH:
        yield "It is only watched: it is logged and shown, and nobody is told."
    elif rule.mode is Mode.OFF:
        yield "It is off: it does nothing."
    elif rule.policy is not None:
        yield f"People are told by the policy {rule.policy}."
    else:
        yield "People are told by the home's own policy."
    yield from _at_the_opening(rule)
    yield from _repeats(rule)
    yield _ageing(rule.ages)
    yield _ending(rule)
    yield _downtime(rule.downtime)
    yield asked_in_words(rule.ask)


def _for_whom(wanted: policy.AppliesTo) -> str:
    parts = []
    if wanted.tags:
        parts.append(f"homes with the tag {_any(wanted.tags)}")
    if wanted.schemes:
        parts.append(f"homes of the scheme {_any(wanted.schemes)}")
    if wanted.homes:
        parts.append(f"the home {_any(wanted.homes)}")
    return f"It is only for {', and only '.join(parts)}." if parts else ""


def _at_the_opening(rule: plan.Rule) -> Iterator[str]:
    if rule.cancel_within and rule.priority is Priority.LIFE_SAFETY:
        yield (
            "People are told at once; when the resident cancels within"
            f" {_span(rule.cancel_within)}, they hear of it, and the alert stays open."
        )
    elif rule.cancel_within:
        yield (
            f"The resident may cancel it within {_span(rule.cancel_within)};"
            " nobody is told before that has passed."
        )
    confirm = rule.confirm
    if confirm is None:
        return
    raised = f"it becomes {_PRIORITIES[confirm.priority]}"
    within = f"within {_span(confirm.within)} of the opening"
    if confirm.none_of:
        yield f"When {within} {_none(confirm.none_of)}, {raised}."
    if confirm.any_of:
        acts = _any([_act(act) for act in confirm.any_of])
        yield f"As soon as {within} {acts}, {raised}."


def _repeats(rule: plan.Rule) -> Iterator[str]:
    if rule.held_by:
        holders = _any([name.replace("-", " ") for name in rule.held_by])
        yield f"While {holders} is open in the home it is held back, for twelve hours at most."
    if rule.split_after:
        span = _span(rule.split_after)
        yield f"A repeat joins the open alert; one {span} after the last is an alert of its own."
    if rule.cooldown:
        yield f"For {_span(rule.cooldown)} after it was closed nothing opens again."
    if rule.max_per_day:
        times = "once" if rule.max_per_day == 1 else f"{rule.max_per_day} times"
        yield f"It opens {times} a day at most."


def _ageing(ages: plan.Ageing | None) -> str:
    if ages is None:
        return ""
    whose = "" if ages.of == "all" else " and a life depends on the device"
    return (
        f"While it is not mended{whose}, it is told anew every {_span(ages.every)}"
        f"{_hours(ages.between)}, whoever has it, and is {_PRIORITIES[ages.priority]} at least,"
        " until somebody plans for it."
    )


def _ending(rule: plan.Rule) -> str:
    by_a_person = rule.clear.kind == "person" or rule.priority is Priority.LIFE_SAFETY
    if by_a_person or (rule.clear.condition is None and _in_a_moment(rule.when)):
        return "Only a person closes it."
    when_ = "that is no longer so"
    if rule.clear.condition is not None:
        when_ = _act(rule.clear.condition)
    if rule.priority.closed_only_by_a_person:
        return f"When {when_}, the alert says so; only a person closes it."
    return f"It closes by itself when {when_}."


def _in_a_moment(condition: when.Condition) -> bool:
    """Whether a condition is met in a moment and never ends by itself."""
    if isinstance(condition, when.ReadingIs):
        return PROPERTIES[condition.property].momentary
    return isinstance(condition, when.Followed)


def _downtime(downtime: plan.Downtime) -> str:
    if downtime.kind == "pause":
        return "While telecared or its link was down, no time counts."
    if downtime.kind == "grace":
        return (
            "After telecared or its link was down, nothing opens before another"
            f" {_span(downtime.grace)} have passed."
        )
    return ""


# --- parts of conditions ----------------------------------------------------------------------


def _act(act: when.ReadingIs, verb: str = "says") -> str:
    said = f"{_what(act.property, act.at)} {verb} {_any(_texts(act.values))}"
    return f"{said}{_hours(act.between)}"


def _none(acts: Sequence[when.ReadingIs]) -> str:
    """Return that none of some acts happens."""
    if len(acts) == 1:
        return f"it does not happen that {_act(acts[0])}"
    listed = "; ".join(f"({place}) {_act(act)}" for place, act in enumerate(acts, 1))
    return f"none of this happens: {listed}"


def _inactive(condition: when.InactiveFor) -> str:
    seen = f"nothing of {_any(condition.of)}"
    if condition.at:
        seen += f" at {_any(condition.at)}"
    if condition.never:
        seen += f" (never counting {_any(condition.never)})"
    if condition.at_least > 1:
        seen += f" (told {condition.at_least} times within {_span(condition.within)})"
    rest = _span(condition.occupied_at_most)
    hours = _hours(condition.between, counts=True)
    return (
        f"{seen} was seen for {_span(condition.duration)}{hours}, not counting up to {rest} in bed"
        " or a chair"
    )


def _compare(condition: when.Compare) -> str:
    side, limit = "above", condition.above
    if limit is None:
        side, limit = "below", condition.below
    what = _what(condition.property, condition.at)
    back = "" if condition.clear is None else f" (over when back at {_number(condition.clear)})"
    lasting = _while(condition.duration, condition.between)
    return f"{what} is {side} {_number(limit)}{back}{lasting}"


def _area(area: when.Area | None) -> str:
    if area is None:
        return "no area"
    if area.centre is None:
        return f"the area of {len(area.points)} corners"
    latitude, longitude = area.centre
    return (
        f"the circle of {_number(area.radius)} m around {_number(latitude)}, {_number(longitude)}"
    )


def _what(property_: str, at: Sequence[str]) -> str:
    """Return what tells a property and where: `the door contact at front-door`."""
    return f"the {_NOUNS.get(property_, property_)}" + (f" at {_any(at)}" if at else "")


def _hours(windows: Sequence[Window], *, counts: bool = False) -> str:
    """Return when a condition is open; `counts` when only time inside counts."""
    if not windows:
        return ""
    dates = f", on {format_dates(windows[0].dates)} only" if windows[0].dates else ""
    only = ", counting only that time" if counts else ""
    first = windows[0]
    if len(windows) == 1 and first == Window(start=first.start, end=first.end, dates=first.dates):
        if first.start == first.end:
            return f"{dates}{only}"
        start, end = format_time(first.start), format_time(first.end or 24 * 60)
        return f" between {start} and {end}{dates}{only}"
    named = any(replace(window, start=0, end=0, dates=()) != WHOLE_DAY for window in windows)
    return f" {'on' if named else 'in'} {format_windows(windows)}{dates}{only}"


def _days(condition: when.NoneOf) -> str:
    parts = []
    if condition.days != EVERY_DAY or condition.holidays is not Holidays.AS_DAYS:
        parts.append(format_days(condition.days, condition.holidays))
    if condition.dates:
        parts.append(format_dates(condition.dates))
    return f" (only on {'; '.join(parts)})" if parts else ""


def _lasting(duration: Duration) -> str:
    return f" for {_span(duration)}" if duration else ""


def _span(duration: Duration) -> str:
    """Return a duration in words: `1 h 30 min`."""
    parts = []
    for word, unit in (("days", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND)):
        count, duration = divmod(duration, unit)
        if count:
            parts.append("1 day" if word == "days" and count == 1 else f"{count} {word}")
    return " ".join(parts) or "0 s"


def _texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]


def _any(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _number(value: float | None) -> str:
    """Return a number as people write it; a limit that is not there is never asked for."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)
