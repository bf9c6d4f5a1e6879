"""One rule as it is written in YAML, turned into `plan.Rule`.

Its keys, their defaults and their values. Conditions are `conditions`, what keys must say together
is `rule_checks`, values for some homes are `values`, and what several files say is `load`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from telecared.config.asks import Asks, asks_of
from telecared.config.calendar import parse_dates, parse_days
from telecared.config.conditions import ALL_KEYS, read_clear, read_condition, read_patterns
from telecared.config.durations import parse_duration
from telecared.config.fields import (
    Body,
    DurationField,
    Identifier,
    PositiveDuration,
    Windows,
    Words,
)
from telecared.config.findings import Finding, warning
from telecared.config.gates import Days, put_days
from telecared.config.positions import Document, Path, closest, describe, nearest, sentence
from telecared.config.rule_checks import (
    ages_problems,
    doubts,
    name_problems,
    priority_problems,
)
from telecared.config.texts import read_say
from telecared.core import plan, policy, when
from telecared.core.plan import Absence
from telecared.core.vocabulary import Mode, Priority
from telecared.core.when import EVERY_DAY, DateRange, Holidays

DOWNTIMES: Final = ("count", "pause", "grace")
MAX_PER_DAY: Final = 100
"""The largest cap; more alerts than that on one day are no routine."""


def _absences(value: object) -> tuple[Absence, ...]:
    items = value if isinstance(value, list) else [value]
    known = [each.value for each in Absence]
    for item in items:
        if item not in known:
            hint = nearest(str(item), known)
            raise ValueError(f'"{item}" holds nothing back; {hint}')
    return tuple(dict.fromkeys(Absence(str(item)) for item in items))


def _cap(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_PER_DAY:
        raise ValueError(f"must be a whole number, 1 to {MAX_PER_DAY}; write it without quotes")
    return value


def _days(value: object) -> tuple[tuple[int, ...], Holidays]:
    return parse_days(value)


def _dates(value: object) -> tuple[DateRange, ...]:
    return parse_dates(value)


class AppliesToBody(Body):
    """`tags`, `schemes`, `homes`: which homes a rule is for."""

    tags: Words = ()
    schemes: Words = ()
    homes: Words = ()


class ConfirmBody(Body):
    """`none_of` or `any_of`, `within`, `priority`: a second sensor is asked."""

    within: PositiveDuration
    priority: Priority = Priority.LIFE_SAFETY
    none_of: Any = None  # acts, read by `conditions`
    any_of: Any = None


class AgesBody(Body):
    """`every`, `priority`, `of`, `between`: how a fault that nobody mends is told again."""

    every: PositiveDuration
    priority: Priority = Priority.URGENT
    of: Literal["life_safety", "all"] = "life_safety"
    between: Windows = plan.BY_DAY


class RuleBody(Body):
    """The keys of a rule. What has kinds of its own is read by hand, for better sentences."""

    when: dict[str, Any]
    priority: Priority = Priority.URGENT
    mode: Mode = Mode.PAGE
    say: Any = None  # read by `read_say`
    applies_to: AppliesToBody = AppliesToBody()
    unless: Annotated[tuple[Absence, ...], PlainValidator(_absences)] = ()
    held_by: Words = ()
    days: Annotated[tuple[tuple[int, ...], Holidays], PlainValidator(_days)] = (
        EVERY_DAY,
        Holidays.AS_DAYS,
    )
    dates: Annotated[tuple[DateRange, ...], PlainValidator(_dates)] = ()
    cooldown: DurationField = 0
    split_after: DurationField = 0
    max_per_day: Annotated[int, BeforeValidator(_cap)] = 0
    cancel_within: DurationField = 0
    confirm: Any = None  # read by `_read_confirm`
    ages: Any = None  # read by `_read_ages`
    clear: Any = None  # a word or a reading
    downtime: Any = None  # a word, or `grace` with a duration
    policy: Identifier | None = None
    ask: Asks = ()
    replaces: bool = Field(default=False, strict=True)
    values: Any = None  # read by `values`


class RuleSource(NamedTuple):
    """A rule and how it was written.

    Attributes:
        rule: what it became.
        raw: its mapping in the file, into which a home's own values can be put.
        document: the file.
        path: where in the file it stands.
        replaces: an earlier rule of this name is meant to be replaced.
    """

    rule: plan.Rule
    raw: Mapping[str, Any]
    document: Document
    path: Path
    replaces: bool


class RuleReading(NamedTuple):
    """What came of reading one rule: the rule, or the sentences that say why it is none."""

    source: RuleSource | None
    problems: list[str]
    warnings: list[Finding]


def read_rule(document: Document, path: Path, name: str, raw: object, origin: str) -> RuleReading:
    """Read one rule, but for its `values`, which `values.read_values` adds.

    Args:
        document: the file, for positions.
        path: where in it the rule stands.
        name: the rule's name.
        raw: what stands there.
        origin: the file's name as explanations tell it, the same on every machine.
    """
    if not isinstance(raw, dict):
        message = "a rule has keys of its own; write when: {...} below it"
        return RuleReading(None, [sentence(document, path, message, key=True)], [])
    problems = [sentence(document, path, told, key=True) for told in name_problems(name)]
    condition = None
    if isinstance(raw.get("when"), dict):
        condition, found = read_condition(document, (*path, "when"), raw["when"])
        problems += found
    clear, found = _read_clear(document, (*path, "clear"), raw)
    problems += found
    confirm, found = _read_confirm(document, (*path, "confirm"), raw)
    problems += found
    ages, found = _read_ages(document, (*path, "ages"), raw.get("ages"))
    problems += found
    downtime, found = _read_downtime(document, (*path, "downtime"), raw.get("downtime"))
    problems += found
    said = read_say(document, (*path, "say"), raw.get("say"))
    problems += said.problems
    found, told, misspelt = _slips_of_keys(document, path, raw)
    problems += found
    try:
        body = RuleBody.model_validate({key: raw[key] for key in raw if key not in ALL_KEYS})
    except ValidationError as error:
        problems += describe(document, error, path, model=RuleBody, told=told, misspelt=misspelt)
        return RuleReading(None, problems, [])
    problems += [
        sentence(document, (*path, key), message, key=True)
        for key, message in priority_problems(body.priority, _said(raw))
    ]
    if condition is not None:
        condition, found = _read_days(document, path, condition, body)
        problems += found
    if problems or condition is None:
        return RuleReading(None, problems, [])
    rule = plan.Rule(
        name=name,
        when=condition,
        priority=body.priority,
        mode=body.mode,
        say=said.say,
        says=said.says,
        applies_to=policy.AppliesTo(**dict(body.applies_to)),
        unless=body.unless,
        held_by=tuple(dict.fromkeys(body.held_by)),
        cooldown=body.cooldown,
        split_after=body.split_after,
        max_per_day=body.max_per_day,
        cancel_within=body.cancel_within,
        confirm=confirm,
        ages=ages,
        clear=clear,
        downtime=downtime,
        policy=body.policy,
        ask=asks_of(body.ask),
        source=f"{origin}:{document.position(path, key=True)[0]}",
    )
    warnings = said.warnings + [
        warning(document, (*path, doubt.key), doubt.code, doubt.message) for doubt in doubts(rule)
    ]
    return RuleReading(RuleSource(rule, raw, document, path, body.replaces), [], warnings)


def _said(raw: Mapping[str, Any]) -> list[str]:
    """Return the keys that say something: `ages: null` takes back what a rule says."""
    return [key for key in raw if key != "ages" or raw[key] is not None]


def _slips_of_keys(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[list[str], set[Path], list[str]]:
    """Return what better sentences than pydantic's say of a rule's keys, and what they cover."""
    problems: list[str] = []
    told: set[Path] = set()
    misspelt: list[str] = []
    if "when" in raw and not isinstance(raw["when"], dict):
        problems.append(sentence(document, (*path, "when"), _no_condition(raw["when"])))
        told.add((*path, "when"))
    if not isinstance(raw.get("applies_to", {}), dict):
        message = (
            "homes are named by a tag, a scheme or an id; write applies_to: {tags: [dementia]}"
        )
        problems.append(sentence(document, (*path, "applies_to"), message))
        told.add((*path, "applies_to"))
    for key in raw:
        if key in ALL_KEYS:
            misspelt = ["when"]  # the rest of the sentence says where it belongs
            message = f'"{key}" belongs to the condition; write it inside when: {{...}}'
            problems.append(sentence(document, (*path, key), message, key=True))
    return problems, told, misspelt


def _no_condition(written: object) -> str:
    """Return what to write in place of what is no condition at all."""
    if isinstance(written, list):
        return "several conditions are joined; write when: {all: [...]}, or any in place of all"
    return "a condition has keys of its own; write when: {property: ..., is: ...}"


def _read_days(
    document: Document, path: Path, condition: when.Condition, body: RuleBody
) -> tuple[when.Condition, list[str]]:
    """Put `days` and `dates` where they gate the condition."""
    days, holidays = body.days
    try:
        return put_days(condition, Days(days, holidays, body.dates)), []
    except ValueError as error:
        key = "days" if "days" in body.model_fields_set else "dates"
        return condition, [sentence(document, (*path, key), str(error), key=True)]


def _read_clear(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[plan.Clear, list[str]]:
    written = raw.get("clear")
    life_safety = raw.get("priority") == Priority.LIFE_SAFETY.value
    if written is None:
        return plan.Clear(kind="person" if life_safety else "auto"), []
    if life_safety and written != "person":
        message = "only a person ends a life-safety alert; remove clear, or write: clear: person"
        return plan.Clear(kind="person"), [sentence(document, path, message, key=True)]
    if isinstance(written, dict):
        condition, problems = read_clear(document, path, written)
        return plan.Clear(kind="reading", condition=condition), problems
    if written in ("auto", "person"):
        return plan.Clear(kind=written), []
    message = "must be auto, person or a reading; write clear: {property: ..., is: ...}"
    return plan.Clear(), [sentence(document, path, message)]


def _read_confirm(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[plan.Confirm | None, list[str]]:
    written = raw.get("confirm")
    if written is None:
        return None, []
    remedy = "write confirm: {none_of: {property: motion}, within: 90s}"
    if not isinstance(written, dict):
        return None, [sentence(document, path, f"confirm has keys of its own; {remedy}")]
    problems = []
    if not any(closest(str(key), ("none_of", "any_of")) for key in written):
        message = f"no second sensor is named; {remedy}, or any_of"
        problems.append(sentence(document, path, message, key=True))
    acts: dict[str, tuple[when.ReadingIs, ...]] = {}
    for key in ("none_of", "any_of"):
        if key in written:
            acts[key], found = read_patterns(document, (*path, key), written[key])
            problems += found
    try:
        body = ConfirmBody.model_validate(written)
    except ValidationError as error:
        return None, problems + describe(document, error, path, model=ConfirmBody)
    own = raw.get("priority", Priority.URGENT.value)
    if own in list(Priority) and body.priority.rank > Priority(own).rank:
        message = (
            f"confirm raises the priority, and {body.priority.value} is less than {own};"
            " write a higher one"
        )
        problems.append(sentence(document, (*path, "priority"), message))
    if problems:
        return None, problems
    return plan.Confirm(within=body.within, priority=body.priority, **acts), []


def _read_ages(
    document: Document, path: Path, written: object
) -> tuple[plan.Ageing | None, list[str]]:
    if written is None:
        return None, []
    if not isinstance(written, dict):
        message = "ages has keys of its own; write ages: {every: 1d, priority: urgent}"
        return None, [sentence(document, path, message)]
    try:
        body = AgesBody.model_validate(written)
    except ValidationError as error:
        return None, describe(document, error, path, model=AgesBody)
    problems = [
        sentence(document, (*path, key), message)
        for key, message in ages_problems(body.every, body.priority)
    ]
    if problems:
        return None, problems
    return plan.Ageing(**dict(body)), []


def _read_downtime(
    document: Document, path: Path, written: object
) -> tuple[plan.Downtime, list[str]]:
    words = written.split() if isinstance(written, str) else []
    if written is None:
        return plan.Downtime(), []
    if words in (["count"], ["pause"]):
        return plan.Downtime(kind=words[0]), []
    if len(words) == 2 and words[0] == "grace":
        try:
            return plan.Downtime(kind="grace", grace=parse_duration(words[1])), []
        except ValueError as error:
            return plan.Downtime(), [sentence(document, path, str(error))]
    message = "must be count, pause or grace with a duration; write downtime: grace 30m"
    return plan.Downtime(), [sentence(document, path, message)]
