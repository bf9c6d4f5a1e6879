"""Rotas held against the people and the policies of all files: who is unknown, where nobody is.

Makes the plan's rotas on the way. One rota by itself is `rotas`; a gap that only a command makes is
found by the daemon (`core.rota_gaps`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.config.findings import Finding, warning
from telecared.config.policies import PolicySource
from telecared.config.positions import Path, nearest, sentence
from telecared.config.rotas import NOBODY, RotaSource, rota_of
from telecared.config.staff import PersonSource
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.rota import Rota
from telecared.core.rota_duty import first_hole, ordinals, shifts
from telecared.core.rota_gaps import span_text
from telecared.core.vocabulary import DAY, Duration
from telecared.core.windows import spans, wall_instant

A_YEAR: Final[Duration] = 366 * DAY
"""How much of a rota is held against the hours in which people can be reached."""


class Rotas(NamedTuple):
    """The rotas of all files, what is wrong with them, and what is doubtful."""

    rotas: tuple[Rota, ...]
    problems: list[str]
    warnings: list[Finding]


def make_rotas(
    sources: Mapping[str, RotaSource],
    people: Mapping[str, PersonSource],
    policies: Iterable[PolicySource],
    *,
    timezone: str,
    holidays: tuple[str, ...],
) -> Rotas:
    """Return the rotas of the plan, and every finding about them.

    Args:
        sources: name -> rota as it was written.
        people: id -> person.
        policies: those of the files, which may end at a rota.
        timezone: of rotas that name none.
        holidays: the public holidays of the site.
    """
    made: list[Rota] = []
    found = Rotas((), [], [])
    ends = {name: policy for policy in policies for name in _ends_at(policy, sources)}
    for name, source in sources.items():
        found.problems.extend(_unknown(source, people))
        found.warnings.extend(_nobody(source))
        if name == MONITORING_CENTRE:
            message = "this name means the monitoring centre in policies; rename the rota"
            found.problems.append(sentence(source.document, source.path, message, key=True))
        if name in people:
            message = f"{name} is the id of a person too; rename one of the two"
            found.problems.append(sentence(source.document, source.path, message, key=True))
        rota = rota_of(source, timezone, holidays)
        made.append(rota)
        found.warnings.extend(_out_of_reach(source, rota, people, timezone))
        hole = first_hole(rota) if rota.staffed or name in ends else None
        if hole is None:
            continue
        nobody = f"nobody is on duty {span_text(*hole, rota.timezone)}"
        if name in ends:
            policy = ends[name]
            message = (
                f"the policy {policy.policy.name} ends at this rota, and {nobody}; add a layer"
                " that is always there, or end the policy at the monitoring centre"
            )
            found.problems.append(sentence(source.document, source.path, message, key=True))
        else:
            message = f"{nobody}; add a layer, or write staffed: false if that is meant"
            found.warnings.append(
                warning(source.document, source.path, "rota-hole", message, key=True)
            )
    return found._replace(rotas=tuple(made))


def _out_of_reach(
    source: RotaSource, rota: Rota, people: Mapping[str, PersonSource], timezone: str
) -> Iterator[Finding]:
    """Yield a doubt for each person who is on duty in hours in which nobody can tell them."""
    hours = {name: known.contact.reachable for name, known in people.items()}
    if not any(hours.get(person) for layer in rota.layers for person in layer.people):
        return
    zone, told = ZoneInfo(timezone), set[str]()
    begins = wall_instant(date.fromisoformat(rota.layers[0].start), 0, zone, last=False)
    for shift in shifts(rota, begins, begins + A_YEAR):
        person = shift.person or ""
        if person in told or not hours.get(person):
            continue
        first = next(spans(hours[person], zone, (), shift.since, ordinals(rota.holidays)), None)
        if first is None or first[0] > shift.since or first[1] < shift.until:
            told.add(person)
            message = (
                f"{person} is on duty {span_text(shift.since, shift.until, rota.timezone)} and is"
                " not reachable in all of that time, so that nobody is told; write other hours"
            )
            yield warning(source.document, source.path, "on-duty-out-of-reach", message, key=True)


def _ends_at(policy: PolicySource, rotas: Mapping[str, RotaSource]) -> list[str]:
    """Return the rota at which a policy ends: no other person or place stands beside it."""
    last = policy.policy.steps[-1].notify
    named = [name for name in last if name in rotas]
    return [] if MONITORING_CENTRE in last else named[:1]


def _unknown(source: RotaSource, people: Mapping[str, PersonSource]) -> Iterator[str]:
    """Yield a sentence for each person of a rota whom no file knows."""
    body = source.body
    places: list[tuple[Path, str]] = [
        (("layers", number, "people", place), person)
        for number, layer in enumerate(body.layers)
        for place, person in enumerate(layer.people)
    ]
    places += [
        (("overrides", number, "person"), each.person)
        for number, each in enumerate(body.overrides)
        if each.person != NOBODY
    ]
    places += [(("leave", number, "person"), each.person) for number, each in enumerate(body.leave)]
    for path, person in places:
        if person not in people:
            hint = nearest(person, people) if people else "add people: to this file"
            message = f"there is no person {person} in people: of the rule files; {hint}"
            yield sentence(source.document, (*source.path, *path), message)


def _nobody(source: RotaSource) -> Iterator[Finding]:
    """Yield a doubt for each override that takes everybody off duty, or leave without a turn."""
    body = source.body
    for number, each in enumerate(body.overrides):
        if each.person == NOBODY and body.staffed:
            message = "nobody is on duty then, of a rota that is staffed; name a person"
            path = (*source.path, "overrides", number, "person")
            yield warning(source.document, path, "override-over-nobody", message)
    taking = {person for layer in body.layers for person in layer.people}
    for number, leave in enumerate(body.leave):
        if leave.person not in taking:
            message = f"{leave.person} takes no turn here, so that this leave does nothing"
            path = (*source.path, "leave", number, "person")
            yield warning(source.document, path, "idle-leave", message)
