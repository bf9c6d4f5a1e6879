"""Who can be asked about an alert: in the order of its policy, whether they can be reached now.

Who is told next is the core's; what came of each message, `alert_ladder`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from telecared.core.goers import goes
from telecared.core.plan import decode_home
from telecared.core.policy import MONITORING_CENTRE, RESIDENT, Contact
from telecared.core.reach import Reach, reach_of, unchanged_since
from telecared.core.telling import ANY_CHANNEL, is_reachable, meant_by, takes_messages
from telecared.core.vocabulary import Channel, Instant
from telecared.core.windows import spans
from telecared.web.views.alert_facts import AlertFacts

MAX_PEOPLE: Final = 40
"""People who are shown, in the order in which they are asked."""

RESIDENT_ROLE: Final = "resident"


class Word(NamedTuple):
    """A few words about somebody, and how grave they are (a tone of `macros.tag`)."""

    words: str
    tone: str


class Person(NamedTuple):
    """Somebody who can be rung or written to. Personal data.

    Attributes:
        id: as commands name them.
        phone, email: "" where there is none.
        steps: of the policy in which they are told, 1 for the first.
        words: whether they can be reached now, and what they have said.
        free_at: when they can be reached next, where they cannot now.
        reach: when they were last reached and what failed; None where that is not known.
        writable: something can be written to them.
    """

    id: str
    name: str
    phone: str
    email: str
    roles: tuple[str, ...]
    language: str
    steps: tuple[int, ...]
    words: tuple[Word, ...]
    free_at: Instant | None
    reach: Reach | None
    writable: bool

    @property
    def is_resident(self) -> bool:
        """Whether they live there: they go to nobody, and nothing is handed to them."""
        return self.id == RESIDENT


def people_of(facts: AlertFacts) -> list[Person]:
    """Return the resident, then everybody who can be asked, in the order of the policy."""
    steps = _steps(facts)
    ids = _asked(facts, steps)[:MAX_PEOPLE]
    reached = _reaches(facts, frozenset(ids))
    known = {**facts.plan.people, **facts.plan.contacts}
    people = [
        _person(facts, known[one], tuple(steps.get(one, ())), reached.get(one))
        for one in ids
        if one in known
    ]
    resident = _resident(facts)
    return people if resident is None else [resident, *people]


def left_out(facts: AlertFacts) -> int:
    """Return how many people `people_of` leaves out."""
    return max(0, len(_asked(facts, _steps(facts))) - MAX_PEOPLE)


def _asked(facts: AlertFacts, steps: Mapping[str, list[int]]) -> list[str]:
    return list(dict.fromkeys((*steps, *facts.plan.contacts)))


def _steps(facts: AlertFacts) -> dict[str, list[int]]:
    """Return person -> the steps that mean them, in the order in which they are told."""
    found: dict[str, list[int]] = {}
    if facts.alert is None:
        return found
    for number, step in enumerate(facts.alert.policy.steps, start=1):
        for one in meant_by(facts.work, step.notify):
            if one != MONITORING_CENTRE and one not in facts.plan.systems:
                found.setdefault(one, []).append(number)
    return found


def _reaches(facts: AlertFacts, ids: frozenset[str]) -> Mapping[str, Reach]:
    """Return contact -> when they were last reached, of some."""
    if facts.record is None:
        return {}
    versions = []
    for version in facts.ask.versions(facts.home):
        contacts = () if version.content is None else decode_home(version.content).contacts
        versions.append((version.at, {one.id: one for one in contacts}))
    since = unchanged_since(versions)
    sent, calls = facts.ask.sent(facts.home), facts.ask.calls(facts.home)
    return {
        contact.id: reach_of(
            contact,
            sent,
            since=since.get(contact.id, 0),
            unreachable=facts.state.unreachable,
            now=facts.now,
            calls=calls,
        )
        for contact in facts.record.contacts
        if contact.id in ids
    }


def _person(
    facts: AlertFacts, contact: Contact, steps: tuple[int, ...], reach: Reach | None
) -> Person:
    reachable = is_reachable(facts.work, contact.id)
    return Person(
        id=contact.id,
        name=contact.name,
        phone=contact.phone,
        email=contact.email or "",
        roles=contact.roles,
        language=contact.language,
        steps=steps,
        words=tuple(_words(facts, contact.id, reachable=reachable)),
        free_at=None if reachable else _free_at(facts, contact),
        reach=reach,
        writable=_writable(facts, contact.id),
    )


def _words(facts: AlertFacts, one: str, *, reachable: bool) -> Iterator[Word]:
    work, alert = facts.work, facts.alert
    if alert is not None:
        if goes(work, alert, one):
            yield Word("going", "ok")
        if one in alert.declined:
            yield Word("cannot go", "warn")
        if one in alert.handled.unanswered:
            yield Word("did not answer", "warn")
    if not any(takes_messages(work, one, channel) for channel in ANY_CHANNEL):
        yield Word("takes no messages", "danger")
    elif not takes_messages(work, one):
        yield Word("takes no SMS", "warn")
    yield Word("reachable now", "ok") if reachable else Word("not at this hour", "warn")


def _free_at(facts: AlertFacts, contact: Contact) -> Instant | None:
    """Return when their next hours begin, None where they have none in sight."""
    plan = facts.plan
    of_home = contact.id in plan.contacts
    zone, holidays = (plan.zone, plan.holidays) if of_home else (plan.site_zone, plan.site_holidays)
    coming = spans(contact.reachable, zone, facts.site.clock, facts.work.at, holidays)
    first = next(coming, None)
    return None if first is None else max(first[0], facts.work.at)


def _writable(facts: AlertFacts, one: str) -> bool:
    return any(
        takes_messages(facts.work, one, channel)
        for channel in (Channel.SMS, Channel.EMAIL, Channel.VOICE)
        if channel in facts.plan.plan.channels
    )


def _resident(facts: AlertFacts) -> Person | None:
    record = facts.record
    if record is None or not (record.resident_name or record.resident_phone):
        return None
    return Person(
        id=RESIDENT,
        name=record.resident_name or "The resident",
        phone=record.resident_phone or "",
        email="",
        roles=(RESIDENT_ROLE,),
        language=record.resident_language,
        steps=(),
        words=(),
        free_at=None,
        reach=None,
        writable=record.resident_phone is not None and _writable(facts, RESIDENT),
    )
