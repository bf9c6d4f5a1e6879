"""Choosers: one name for different policies by priority, hour, day, scheme, home and tag.

They stand beside the policies, under `policies:`, with `choose:` instead of `steps:`. Which choice
an alert gets is `core.choosing`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from telecared.config.calendar import parse_days, with_days
from telecared.config.fields import Between, Body, Identifier, Windows, Words
from telecared.config.positions import Document, Path, describe, nearest, sentence
from telecared.core.policy import AppliesTo, Choice, Chooser
from telecared.core.vocabulary import Priority
from telecared.core.when import EVERY_DAY, Holidays

MAX_CHOICES: Final = 50
"""Choices of one chooser."""


def _priorities(value: object) -> tuple[Priority, ...]:
    items = value if isinstance(value, list) else [value]
    known = {priority.value: priority for priority in Priority}
    found = [known.get(item) for item in items if isinstance(item, str)]
    if not items or len(found) != len(items) or None in found:
        raise ValueError(
            "must be a list of life_safety, urgent, routine and technical;"
            " write priority: [life_safety]"
        )
    return tuple(dict.fromkeys(priority for priority in found if priority is not None))


def _days(value: object) -> tuple[tuple[int, ...], Holidays]:
    return parse_days(value)


class ChoiceBody(Body):
    """One line of a chooser: a policy, and when it is the one."""

    policy: Identifier
    priority: Annotated[tuple[Priority, ...], PlainValidator(_priorities)] = ()
    between: Windows = ()
    days: Annotated[tuple[tuple[int, ...], Holidays], PlainValidator(_days)] = (
        EVERY_DAY,
        Holidays.AS_DAYS,
    )
    tags: Words = ()
    schemes: Words = ()
    homes: Words = ()


class ChooserBody(Body):
    """The keys of a chooser."""

    choose: Annotated[list[ChoiceBody], BeforeValidator(Between(1, MAX_CHOICES))]
    replaces: bool = Field(default=False, strict=True)


class ChooserSource(NamedTuple):
    """A chooser and where it was written."""

    chooser: Chooser
    document: Document
    path: Path
    replaces: bool


class ChooserReading(NamedTuple):
    """What came of reading one chooser."""

    source: ChooserSource | None
    problems: list[str]


def is_chooser(raw: object) -> bool:
    """Whether an entry of `policies:` is a chooser."""
    return isinstance(raw, dict) and "choose" in raw


def read_chooser(document: Document, path: Path, name: str, raw: object) -> ChooserReading:
    """Read one chooser; whether its policies exist is `unknown_choices`."""
    if isinstance(raw, dict) and "steps" in raw:
        message = "a policy has steps, a chooser has choose; write one of the two"
        return ChooserReading(None, [sentence(document, (*path, "choose"), message, key=True)])
    try:
        body = ChooserBody.model_validate(raw)
    except ValidationError as error:
        return ChooserReading(None, describe(document, error, path, model=ChooserBody))
    problems = []
    choices = []
    for index, written in enumerate(body.choose):
        place = (*path, "choose", index)
        try:
            between = with_days(written.between, *written.days)
        except ValueError as error:
            problems.append(sentence(document, (*place, "days"), str(error)))
            continue
        whose = AppliesTo(tags=written.tags, schemes=written.schemes, homes=written.homes)
        choice = Choice(
            policy=written.policy,
            priorities=written.priority,
            between=between,
            applies_to=whose,
        )
        choices.append(choice)
        is_last = index == len(body.choose) - 1
        unconditional = choice == Choice(policy=choice.policy)
        if is_last and not unconditional:
            message = (
                "the last choice has no condition, so that every alert has a policy;"
                " add a line: {policy: ...}"
            )
            problems.append(sentence(document, place, message))
        if unconditional and not is_last:
            message = "it always fits, so that nothing below is ever chosen; put it last"
            problems.append(sentence(document, place, message))
    if problems:
        return ChooserReading(None, problems)
    made = Chooser(name=name, choices=tuple(choices))
    return ChooserReading(ChooserSource(made, document, path, body.replaces), [])


def unknown_choices(
    choosers: Mapping[str, ChooserSource], policies: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each choice that names no policy; `policies` are without choosers."""
    for source in choosers.values():
        for index, choice in enumerate(source.chooser.choices):
            if choice.policy in policies:
                continue
            message = f"there is no policy {choice.policy}; {nearest(choice.policy, policies)}"
            if choice.policy in choosers:
                message = f"{choice.policy} is a chooser itself; name one of its policies"
            where = (*source.path, "choose", index, "policy")
            yield sentence(source.document, where, message)
