"""What the forms of an alert's page offer, and what somebody had typed when one was refused.

What a form comes to is `acts`; whether it may be done now, the core's to say.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.asking import answers_in
from telecared.core.operators import Act, Operator
from telecared.core.plan import Ask
from telecared.core.stated import Promise
from telecared.core.vocabulary import MINUTE, Cause, Outcome
from telecared.core.windows import clock_text, duration_text
from telecared.web.views.alert_facts import AlertFacts
from telecared.web.views.alert_people import Person
from telecared.web.visit import Visit

Option = tuple[str, str]
"""What is sent, and the words for it."""

SNOOZES: Final = (5, 10, 15, 30, 60, 120, 240)
"""Minutes that a snooze is offered for."""

WAYS: Final = (5, 10, 15, 20, 30, 45, 60)
"""Minutes that somebody on the way may choose from."""

_CAUSES: Final[Mapping[Cause, str]] = {
    Cause.PRESSED_BY_MISTAKE: "Pressed by mistake",
    Cause.EVERYDAY_LIFE: "Everyday life: the sensor was right, nothing was wrong",
    Cause.COOKING_OR_STEAM: "Cooking or steam",
    Cause.PET: "A pet",
    Cause.VISITOR: "A visitor",
    Cause.EQUIPMENT: "The equipment is broken",
    Cause.INSTALLATION: "It hangs or is aligned wrongly",
    Cause.SETTINGS: "The rule does not fit this person",
    Cause.TEST_NOT_ANNOUNCED: "A test that nobody announced",
    Cause.UNKNOWN: "Nobody knows",
}


class Tried(NamedTuple):
    """What came of a form that was sent: shown on the page again, with what was typed.

    Attributes:
        act: its name, "" where none was sent.
        problems: field -> what is wrong with it.
        kind, said: of the notice: `refused` or `accepted`, and the engine's sentence.
    """

    act: str = ""
    fields: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}
    kind: str = ""
    said: str = ""

    def value(self, act: str, name: str) -> str:
        """Return what was typed into a field."""
        return self.fields.get(name, "") if act == self.act else ""

    def problem(self, act: str, name: str) -> str:
        """Return what is wrong with a field."""
        return self.problems.get(name, "") if act == self.act else ""

    @property
    def summary(self) -> dict[str, str]:
        """The problems by the ids of their fields on the page."""
        return {f"{self.act}-{name}" if name else "": why for name, why in self.problems.items()}


class Question(NamedTuple):
    """A question of the rule's script, and what was answered last, "" for nothing yet."""

    ask: Ask
    answer: str


class Forms(NamedTuple):
    """What the forms offer.

    Attributes:
        operators: names of those to whom it may be handed.
        contacts: people to whom it may be handed.
        readers: people who can be written to.
        others: unresolved alerts of the same home, of which it may be a duplicate.
        plans: it ages, so that an interim plan may be made for it.
        promises: of the home that nobody has kept yet.
    """

    operators: tuple[Option, ...]
    contacts: tuple[Option, ...]
    readers: tuple[Option, ...]
    outcomes: tuple[Option, ...]
    causes: tuple[Option, ...]
    snoozes: tuple[Option, ...]
    ways: tuple[Option, ...]
    others: tuple[Option, ...]
    plans: bool
    promises: tuple[Promise, ...]


def forms_of(facts: AlertFacts, people: Iterable[Person]) -> Forms:
    """Return what the forms of an unresolved alert offer to whoever looks."""
    people = list(people)
    return Forms(
        operators=tuple((name, name) for name in operators_for(facts.visit, facts.home)),
        contacts=tuple((one.id, one.name) for one in people if not one.is_resident),
        readers=tuple((one.id, one.name) for one in people if one.writable),
        outcomes=tuple((one.value, _words(one)) for one in Outcome if one.stated),
        causes=tuple((cause.value, words) for cause, words in _CAUSES.items()),
        snoozes=tuple((str(minutes), _back_at(facts, minutes)) for minutes in SNOOZES),
        ways=tuple((str(minutes), f"{minutes} minutes") for minutes in WAYS),
        others=_others(facts),
        plans=facts.alert is not None and facts.alert.ages is not None,
        promises=tuple(facts.state.promises.values()),
    )


def questions_of(facts: AlertFacts) -> list[Question]:
    """Return the script of an alert's rule with what was answered so far."""
    answered = answers_in((line.reason for line in facts.lines), facts.asked)
    return [Question(one, answered.get(one.question, "")) for one in facts.asked]


def operators_for(visit: Visit, home: str) -> tuple[str, ...]:
    """Return the names of everybody else who may act on alerts of a home, in order."""
    record = visit.sight.known(home)
    scheme = None if record is None else record.scheme
    found = []
    for one in visit.console.accounts.operators():
        other = Operator(id=one.id, name=one.name, role=one.role, schemes=one.schemes)
        acts = other.may(Act.ACT_ON_ALERTS) and other.sees(home, scheme)
        if acts and one.disabled_at is None and one.name != visit.operator.name:
            found.append(one.name)
    return tuple(found)


def _others(facts: AlertFacts) -> tuple[Option, ...]:
    others = (row for row in facts.ask.unresolved(facts.home) if row.n != facts.n)
    return tuple((row.alert, f"{row.alert}, {row.rule.replace('-', ' ')}") for row in others)


def _back_at(facts: AlertFacts, minutes: int) -> str:
    lasts = minutes * MINUTE
    back = clock_text(facts.now + lasts, ZoneInfo(facts.zone), facts.site.offset(facts.now))
    return f"{duration_text(lasts)}, back at {back}"


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ").capitalize()
