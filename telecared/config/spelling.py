"""A rule written back as people write it: the YAML of a struct, for showing and for comparing.

Reading what `spell_rule` writes gives the same struct. `in_words` says the same in plain English.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from telecared.config.calendar import WHOLE_DAY, format_dates, format_days
from telecared.config.durations import format_duration, format_time, format_windows
from telecared.config.gates import gate_windows, with_windows
from telecared.config.in_words import in_words
from telecared.config.rule_paths import places_of
from telecared.core import plan, policy, when
from telecared.core.effective import effective_rule
from telecared.core.vocabulary import Mode, Priority, Value
from telecared.core.when import Window

__all__ = [
    "default_at",
    "in_words",
    "spell_condition",
    "spell_rule",
    "spelled_at",
    "spelled_text",
]

Spelled = dict[str, Any]
"""Mappings, lists, words and numbers, as YAML has them."""

DEFAULTS: Final[Mapping[str, object]] = {
    "priority": Priority.URGENT.value,
    "mode": Mode.PAGE.value,
    "cooldown": "0s",
    "split_after": "0s",
    "cancel_within": "0s",
    "clear": "auto",
    "downtime": "count",
    "occupied_at_most": format_duration(when.DEFAULT_OCCUPIED_AT_MOST),
    "apart": "0s",
    "confirm.priority": Priority.LIFE_SAFETY.value,
    "ages.priority": Priority.URGENT.value,
    "ages.of": "life_safety",
    "ages.between": format_windows(plan.BY_DAY),
}
"""Key or path -> what holds where it is not written; the others mean nothing then."""

_MAY_BE_NONE: Final = frozenset({"say", "policy", "confirm", "ages", "behind"})
"""Keys that values may take back: `say: null`."""


def spell_rule(rule: plan.Rule) -> Spelled:
    """Return a rule in the words of YAML; what is as by default is left out, and so is its name.

    Reading it gives the same rule, but for `source`.
    """
    condition, days = _days_apart(rule.when)
    spelled: Spelled = {"when": spell_condition(condition), **days}
    if rule.priority is not Priority.URGENT:
        spelled["priority"] = rule.priority.value
    if rule.mode is not Mode.PAGE:
        spelled["mode"] = rule.mode.value
    spelled |= _given(say=dict(rule.says) or rule.say, applies_to=_applies_to(rule.applies_to))
    spelled |= _given(unless=_words([each.value for each in rule.unless]))
    spelled |= _given(held_by=_words(rule.held_by))
    for key in ("cooldown", "split_after", "cancel_within"):
        spelled |= _duration(key, getattr(rule, key))
    spelled |= _given(max_per_day=rule.max_per_day, confirm=_confirm(rule.confirm))
    spelled |= _given(ages=_ages(rule.ages))
    usual = "person" if rule.priority is Priority.LIFE_SAFETY else "auto"
    if rule.clear.condition is not None:
        spelled["clear"] = spell_condition(rule.clear.condition)
    elif rule.clear.kind != usual:
        spelled["clear"] = rule.clear.kind
    if rule.downtime.kind != "count":
        grace = f" {format_duration(rule.downtime.grace)}" if rule.downtime.kind == "grace" else ""
        spelled["downtime"] = f"{rule.downtime.kind}{grace}"
    spelled |= _given(policy=rule.policy, ask=[_ask(one) for one in rule.ask])
    if rule.values:
        plain = replace(rule, values=())
        spelled["values"] = [_values(plain, each, spelled) for each in rule.values]
    return spelled


def default_at(path: str, rule: plan.Rule) -> object:
    """Return what holds at a path of a rule where nothing is written; None where nothing does."""
    if path == "clear" and rule.priority is Priority.LIFE_SAFETY:
        return "person"
    return DEFAULTS.get(path, DEFAULTS.get(path.rpartition(".")[2]))


def spelled_at(raw: object, path: Sequence[str | int]) -> object:
    """Return what stands at a path of a spelled rule; None where nothing does."""
    for part in path:
        if isinstance(raw, dict):
            raw = raw.get(part)
        elif isinstance(raw, list) and isinstance(part, int) and part < len(raw):
            raw = raw[part]
        else:
            return None
    return raw


def spelled_text(value: object) -> str:
    """Return a spelled value on one line, as flow YAML shows it; "" for nothing."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {spelled_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spelled_text(item) for item in value) + "]"
    return "" if value is None else str(value)


# --- conditions -------------------------------------------------------------------------------


def spell_condition(condition: when.Condition) -> Spelled:
    """Return a condition in the words of YAML, without days and dates, which the rule has."""
    if isinstance(condition, when.ReadingIs):
        return _act(condition)
    if isinstance(condition, when.HeldFor):
        return {
            **_reading(condition.property, condition.values),
            **_duration("for", condition.duration),
            **_where(condition),
        }
    if isinstance(condition, when.InactiveFor):
        return _inactive(condition)
    if isinstance(condition, when.NoneOf):
        return {
            "none_of": _acts(condition.of),
            "from": format_time(condition.start),
            "by": format_time(condition.by),
        }
    if isinstance(condition, when.Without):
        return {
            **_act(condition.first),
            "without": _acts(condition.without),
            "within": format_duration(condition.within),
        }
    if isinstance(condition, when.Followed):
        return _followed(condition)
    if isinstance(condition, when.Count):
        return {
            "count": {**_act(condition.of), **_duration("apart", condition.apart)},
            "at_least": condition.at_least,
            "within": format_duration(condition.within),
        }
    if isinstance(condition, when.Silent):
        return {
            "silent": _words(condition.at),
            **_duration("for", condition.duration),
            **_duration("every", condition.every),
            **({"misses": condition.misses} if condition.every else {}),
            **({"behind": condition.behind} if condition.behind else {}),
        }
    return _spell_more(condition)


def _spell_more(
    condition: when.Compare | when.Changes | when.Geofence | when.AllOf | when.AnyOf | when.Not,
) -> Spelled:
    if isinstance(condition, when.Compare):
        clear = "clear_below" if condition.above is not None else "clear_above"
        return {
            "property": condition.property,
            **_numbers(above=condition.above, below=condition.below),
            **_duration("for", condition.duration),
            **_numbers(**{clear: condition.clear}),
            **_where(condition),
        }
    if isinstance(condition, when.Changes):
        return {
            "property": condition.property,
            **_numbers(rises_by=condition.rises_by, falls_by=condition.falls_by),
            "within": format_duration(condition.within),
            **_where(condition),
        }
    if isinstance(condition, when.Geofence):
        return {
            "property": "location",
            **_given(inside=_area(condition.inside), outside=_area(condition.outside)),
            **_duration("for", condition.duration),
            **_where(condition),
        }
    spelled: Spelled
    if isinstance(condition, when.Not):
        spelled = {"not": spell_condition(condition.of)}
    else:
        key = "all" if isinstance(condition, when.AllOf) else "any"
        spelled = {key: [spell_condition(part) for part in condition.of]}
    return {**spelled, **_duration("for", condition.duration), **_between(condition.between)}


def _inactive(condition: when.InactiveFor) -> Spelled:
    spelled: Spelled = {
        "inactive_for": format_duration(condition.duration),
        "of": _words(condition.of),
        **_given(at=_words(condition.at), never=_words(condition.never)),
    }
    if condition.at_least > 1:
        spelled["at_least"] = condition.at_least
    spelled |= _duration("within", condition.within)
    spelled |= _between(condition.between)
    if condition.occupied_at_most != when.DEFAULT_OCCUPIED_AT_MOST:
        spelled["occupied_at_most"] = format_duration(condition.occupied_at_most)
    return spelled


def _followed(condition: when.Followed) -> Spelled:
    inner: Spelled = {}
    for follow in reversed(condition.then):
        inner = {"then": {**_act(follow.act), **inner}, "within": format_duration(follow.within)}
    return {**_act(condition.first), **inner}


def _act(act: when.ReadingIs) -> Spelled:
    return {**_reading(act.property, act.values), **_where(act)}


def _acts(acts: Sequence[when.ReadingIs]) -> object:
    spelled = [_act(act) for act in acts]
    return spelled[0] if len(spelled) == 1 else spelled


def _reading(property_: str, values: Iterable[Value]) -> Spelled:
    return {"property": property_, "is": _words([str(value) for value in values])}


def _where(
    condition: when.ReadingIs | when.HeldFor | when.Compare | when.Changes | when.Geofence,
) -> Spelled:
    return {**_given(at=_words(condition.at)), **_between(condition.between)}


def _between(windows: Sequence[Window]) -> Spelled:
    return {"between": format_windows(windows)} if windows else {}


def _area(area: when.Area | None) -> Spelled | None:
    if area is None:
        return None
    if area.centre is None:
        return {"points": [[_number(each) for each in point] for point in area.points]}
    return {"centre": [_number(each) for each in area.centre], "radius": _number(area.radius)}


# --- days, and the rest of a rule -------------------------------------------------------------


def _days_apart(condition: when.Condition) -> tuple[when.Condition, Spelled]:
    """Return a condition without what only `days` and `dates` can say, and these."""
    if isinstance(condition, when.NoneOf):
        spelled = _given(
            days=format_days(condition.days, condition.holidays),
            dates=format_dates(condition.dates),
        )
        return condition, spelled
    windows = gate_windows(condition)
    if not any(window.dates for window in windows):
        return condition, {}
    # The same dates are put into every window; days and holidays can stand with the hours.
    bare = tuple(replace(window, dates=()) for window in windows)
    hours = () if bare == (WHOLE_DAY,) else bare
    return with_windows(condition, hours), {"dates": format_dates(windows[0].dates)}


def _applies_to(wanted: policy.AppliesTo) -> Spelled:
    lists = (("tags", wanted.tags), ("schemes", wanted.schemes), ("homes", wanted.homes))
    return {key: _words(names) for key, names in lists if names}


def _confirm(confirm: plan.Confirm | None) -> Spelled | None:
    if confirm is None:
        return None
    spelled: Spelled = {
        key: _acts(acts)
        for key, acts in (("none_of", confirm.none_of), ("any_of", confirm.any_of))
        if acts
    }
    spelled["within"] = format_duration(confirm.within)
    if confirm.priority is not Priority.LIFE_SAFETY:
        spelled["priority"] = confirm.priority.value
    return spelled


def _ages(ages: plan.Ageing | None) -> Spelled | None:
    if ages is None:
        return None
    spelled: Spelled = {"every": format_duration(ages.every)}
    if ages.priority is not Priority.URGENT:
        spelled["priority"] = ages.priority.value
    if ages.of != "life_safety":
        spelled["of"] = ages.of
    if ages.between != plan.BY_DAY:
        spelled |= _between(ages.between)
    return spelled


def _ask(ask: plan.Ask) -> Spelled:
    return {"question": ask.question, **_given(answers=list(ask.answers))}


def _values(rule: plan.Rule, values: plan.Values, base: Spelled) -> Spelled:
    """Return one entry of `values:`: whose they are, and path -> value."""
    changed = spell_rule(effective_rule(rule, values.values))
    spelled = _applies_to(values.applies_to)
    for text, place in places_of(rule, changed).items():
        if not any(field in values.values for field in place.fields):
            continue
        value = spelled_at(changed, place.path)
        beside = text in ("days", "dates") and not isinstance(rule.when, when.NoneOf)
        if beside and value == base.get(text):
            continue  # said with the hours, or as it was
        if value is None:
            value = "Mon-Sun" if text == "days" else default_at(text, rule)
        if value is not None or place.key in _MAY_BE_NONE:
            spelled[text] = value
    return spelled


def _given(**values: object) -> Spelled:
    return {key: value for key, value in values.items() if value}


def _numbers(**values: float | None) -> Spelled:
    return {key: _number(value) for key, value in values.items() if value is not None}


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _duration(key: str, duration: int) -> Spelled:
    return {key: format_duration(duration)} if duration else {}


def _words(words: Sequence[str]) -> object:
    return words[0] if len(words) == 1 else list(words)
