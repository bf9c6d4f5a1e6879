"""What the keys of a rule must say together: its texts, and all that life safety refuses.

Also what is possible and probably not meant. Keys and their values are `rules`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from telecared.config.gates import gate_windows
from telecared.config.positions import nearest
from telecared.core import plan, when
from telecared.core.messages import FIELDS
from telecared.core.segments import MAX_TEXT
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import HOUR, PROPERTIES, Duration, Mode, Priority

NEVER_FOR_LIFE_SAFETY: Final[Mapping[str, str]] = {
    "cooldown": "life safety is never muted",
    "unless": "life safety is never held back",
    "held_by": "life safety is never held back",
    "max_per_day": "life safety is never capped",
}
"""Keys that life safety refuses -> why."""


NEVER_WITH_AGES: Final[Mapping[str, str]] = {
    "cancel_within": "a resident cancels alarms",
    "confirm": "a second sensor confirms alarms",
}
"""Keys that mean nothing beside `ages` -> why."""

SHORTEST_AGE: Final[Duration] = HOUR
"""A fault ages by days; it is told again no more often than this."""


class RuleDoubt(NamedTuple):
    """What is possible in a rule and probably not meant: at which key, which code, the sentence."""

    key: str
    code: str
    message: str


def name_problems(name: str) -> Iterator[str]:
    """Yield why a rule may not be called so."""
    if name in FINDINGS:
        yield f'"{name}" is the name of a finding of telecared itself; choose another'


def text_problems(template: object) -> list[str]:
    """Hold the fields of a text against those that can be filled."""
    if not isinstance(template, str):
        return []  # pydantic tells
    if len(template) > MAX_TEXT:
        return [f"the text is longer than {MAX_TEXT} characters; write a shorter one"]
    problems: list[str] = []
    rest = template.replace("{{", "").replace("}}", "")
    while rest:
        before, opening, rest = rest.partition("{")
        name, closing, rest = rest.partition("}") if opening else ("", "", "")
        if "}" in before or (opening and (not closing or "{" in name)):
            return [*problems, "the braces do not match; write fields like {home.address}"]
        if opening and name not in FIELDS:
            problems.append(f'"{{{name}}}" is no field of a text; {nearest(name, FIELDS)}')
    return problems


def priority_problems(priority: Priority, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) of the keys that a rule of this priority refuses."""
    for key in keys:
        if priority is Priority.LIFE_SAFETY and key in NEVER_FOR_LIFE_SAFETY:
            why = NEVER_FOR_LIFE_SAFETY[key]
            yield key, f"{why}; remove {key}, or choose another priority"
        elif key == "max_per_day" and priority is not Priority.ROUTINE:
            yield key, "only routine alerts are capped; remove it, or write: priority: routine"
        elif key == "ages" and priority is not Priority.TECHNICAL:
            yield key, "only a fault ages; remove it, or write: priority: technical"
        elif key in NEVER_WITH_AGES and "ages" in keys:
            yield key, f"{NEVER_WITH_AGES[key]}, and ages is for faults; remove one of the two"


def ages_problems(every: Duration, priority: Priority) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) of what an `ages` says that would help nobody."""
    if every < SHORTEST_AGE:
        yield "every", "a fault that is told more than hourly teaches people not to look; write 1d"
    if priority is Priority.LIFE_SAFETY:
        yield "priority", "a fault is no alarm, however old it is; write priority: urgent"


def doubts(rule: plan.Rule) -> Iterator[RuleDoubt]:
    """Yield what is possible and probably not meant."""
    if rule.priority is Priority.LIFE_SAFETY:
        yield from _life_safety_doubts(rule)
    if rule.ages is not None and rule.mode is not Mode.PAGE:
        message = (
            f"{rule.name} tells nobody while its mode is {rule.mode.value}, so that its faults do"
            " not age; write mode: page, or remove ages"
        )
        yield RuleDoubt("ages", "ages-unheard", message)
    if rule.confirm is not None and rule.confirm.priority is rule.priority:
        message = f"{rule.name} is {rule.priority.value} already: confirm raises nothing; remove it"
        yield RuleDoubt("confirm", "confirm-raises-nothing", message)
    elif rule.confirm is not None and rule.confirm.priority is Priority.LIFE_SAFETY:
        yield from _raised_doubts(rule)


def _raised_doubts(rule: plan.Rule) -> Iterator[RuleDoubt]:
    """What would keep a second sensor from being asked has no effect where one can answer."""
    for key, value in (("cooldown", rule.cooldown), ("max_per_day", rule.max_per_day)):
        if value:
            message = (
                f"confirm may raise {rule.name} to life safety, which is never muted: {key} has no"
                f" effect in homes with that sensor; remove {key}"
            )
            yield RuleDoubt(key, "confirm-is-never-muted", message)


def _life_safety_doubts(rule: plan.Rule) -> Iterator[RuleDoubt]:
    if rule.mode is not Mode.PAGE:
        message = (
            f"{rule.name} is life safety and tells nobody while its mode is {rule.mode.value};"
            " write mode: page when you have tried it"
        )
        yield RuleDoubt("mode", "life-safety-not-paged", message)
    if gate_windows(rule.when) and alarms_of(rule.when):
        message = (
            f"{rule.name} answers to an alarm and sleeps at times: an alarm outside its hours and"
            " days tells nobody; remove between, days and dates"
        )
        yield RuleDoubt("when", "life-safety-sleeps", message)


def alarms_of(condition: when.Condition) -> tuple[when.ReadingIs | when.HeldFor, ...]:
    """Return what a condition waits for that is an alarm."""
    return tuple(each for each in _acts(condition) if _is_alarm(each))


def _acts(condition: when.Condition) -> Iterator[when.ReadingIs | when.HeldFor]:
    if isinstance(condition, when.ReadingIs | when.HeldFor):
        yield condition
    elif isinstance(condition, when.Without | when.Followed):
        yield condition.first
    elif isinstance(condition, when.Count):
        yield condition.of
    for part in when.parts_of(condition):
        yield from _acts(part)


def _is_alarm(act: when.ReadingIs | when.HeldFor) -> bool:
    return bool(PROPERTIES[act.property].alarm & {str(value) for value in act.values})
