"""Incidents: many silent alarm units of a scheme with one cause, each home listed.

How they come about is `core.incidents`. Nothing is done here: a home is looked after on the outage
list, an alert on its own page.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.incidents import SCHEME, scheme_of
from telecared.core.plan import HomeRecord
from telecared.core.state import HomeState
from telecared.core.storms import Incident, Silent
from telecared.core.windows import rfc3339
from telecared.web.routes import Entry
from telecared.web.tables import csv_answer, wants_csv
from telecared.web.visit import Visit

HOMES_SHOWN: Final = 500
"""Homes of one incident on the page, life-safety devices first; the file has them all."""


class Shown(msgspec.Struct, frozen=True):
    """An incident as it stands.

    Attributes:
        members: its homes, those still silent first, then by the devices a life depends on.
        records: home -> record, of those that are registered.
    """

    scheme: str
    incident: Incident
    members: tuple[Silent, ...]
    records: dict[str, HomeRecord]

    @property
    def silent(self) -> int:
        """How many of its homes are not back."""
        return sum(not one.back_at for one in self.members)


def incidents(visit: Visit) -> Response:
    """List the incidents that run, and with `?all=1` those that are over."""
    everything = visit.query.get("all") == "1"
    found = [one for one in _incidents(visit) if everything or not one.incident.closed_at]
    if wants_csv(visit):
        return csv_answer("incidents", _HEADER, _rows(found))
    return visit.render("incidents.html", found=found, everything=everything, most=HOMES_SHOWN)


_HEADER: Final = ("incident", "cause", "opened", "over", "home", "silent since", "back at", "mains")


def _rows(found: list[Shown]) -> Iterator[tuple[object, ...]]:
    for one in found:
        incident = one.incident
        for member in one.members:
            yield (
                f"{one.scheme}#{incident.n}",
                incident.cause,
                rfc3339(incident.opened_at),
                rfc3339(incident.closed_at) if incident.closed_at else None,
                member.home,
                rfc3339(member.at),
                rfc3339(member.back_at) if member.back_at else None,
                "lost" if member.mains_lost else "",
            )


def _incidents(visit: Visit) -> list[Shown]:
    records = visit.sight.homes()
    schemes = [f"{SCHEME}{scheme}" for scheme in visit.sight.schemes()]
    found = [
        _shown(state, incident, records)
        for state in visit.sight.states(schemes).values()
        for incident in state.storms.incidents
    ]
    return sorted(found, key=lambda one: (bool(one.incident.closed_at), -one.incident.opened_at))


def _shown(state: HomeState, incident: Incident, records: dict[str, HomeRecord]) -> Shown:
    now = {(one.home, one.alert): one for one in state.storms.silent}
    members = (
        one if incident.closed_at else now.get((one.home, one.alert), one)
        for one in incident.members
    )
    return Shown(
        scheme_of(state.home),
        incident,
        tuple(sorted(members, key=lambda one: (bool(one.back_at), -one.lives, one.home))),
        records,
    )


ENTRIES: Final = (
    Entry(path="/incidents", name="incidents", endpoint=incidents, reads="homes of incidents"),
)
