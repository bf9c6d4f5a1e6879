"""Outage lists: whose alarm could have been missed, in order of risk, worked to zero by people.

How a list comes about and what a check means is `core.outages`. Here a named person says what they
found in each home.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.incidents import SCHEME, scheme_of
from telecared.core.operators import Act
from telecared.core.outages import LONGEST_CHECK_NOTE
from telecared.core.plan import HomeRecord
from telecared.core.state import HomeState
from telecared.core.storm_events import HomeChecked
from telecared.core.storms import CheckOutcome, Listed, OutageList
from telecared.core.windows import rfc3339
from telecared.web.errors import BadForm, NotThere
from telecared.web.routes import Entry
from telecared.web.tables import Cut, csv_answer, page_of, wants_csv
from telecared.web.visit import Visit, said_of

ON_A_PAGE: Final = 50


class Shown(msgspec.Struct, frozen=True):
    """An outage list as one operator sees it: a home of another scheme is not on it."""

    scheme: str
    outage: OutageList
    homes: tuple[Listed, ...]

    @property
    def done(self) -> int:
        """How many of its homes somebody knows about."""
        return sum(one.is_done for one in self.homes)


def outages(visit: Visit) -> Response:
    """List the outage lists that are open, and with `?all=1` those that came to zero."""
    everything = visit.query.get("all") == "1"
    found = [one for one in _lists(visit) if everything or not one.outage.closed_at]
    if wants_csv(visit):
        return csv_answer("outages", _HEADER, _rows(found))
    return visit.render("outages.html", found=found, everything=everything)


def outage(visit: Visit) -> Response:
    """Show one list: the homes to look after, the riskiest first, or with `?done=1` the others."""
    shown = _the_list(visit)
    wants_done = visit.query.get("done") == "1"
    homes = [one for one in shown.homes if one.is_done == wants_done]
    if wants_csv(visit):
        return csv_answer("outage", _HEADER, _rows([shown]))
    return visit.render(
        "outage.html",
        shown=shown,
        cut=Cut(homes, page_of(visit), ON_A_PAGE),
        records=visit.sight.homes(),
        wants_done=wants_done,
        outcomes=tuple(CheckOutcome),
        may_act=visit.operator.may(Act.ACT_ON_ALERTS),
    )


def check(visit: Visit) -> Response:
    """Say what was found in a home that stands on a list."""
    shown = _the_list(visit)
    home = visit.field("home")
    if home not in {one.home for one in shown.homes}:
        raise BadForm({"home": f"{home or 'No home'} is not on this list: choose one that is."})
    try:
        outcome = CheckOutcome(visit.field("outcome"))
    except ValueError:
        raise BadForm({"outcome": "Say what you found: choose one of the outcomes."}) from None
    note = visit.field("note", longest=LONGEST_CHECK_NOTE)
    if outcome is CheckOutcome.NEEDS_HELP and not note:
        raise BadForm({"note": "Say which help is needed, and who has been asked for it."})
    by = visit.operator.name
    event = HomeChecked(input=0, at=0, home=home, outcome=outcome, by=by, note=note)
    result = visit.give("outage-check", f"{SCHEME}{shown.scheme}", event)
    found = f"{home}: {outcome.replace('_', ' ')}."
    said = said_of(result, found, refused=f"{home} was not ticked off")
    back = visit.url("outage", scheme=shown.scheme, n=shown.outage.n)
    return visit.redirect(back, said=said)


_HEADER: Final = (
    "list",
    "cause",
    "since",
    "home",
    "done",
    "life-safety devices",
    "open alerts",
    "last heard",
    "heard again",
    "outcome",
    "by",
    "checked at",
)


def _rows(found: list[Shown]) -> Iterator[tuple[object, ...]]:
    for shown in found:
        for one in shown.homes:
            yield (
                f"{shown.scheme}#{shown.outage.n}",
                shown.outage.cause,
                rfc3339(shown.outage.since),
                one.home,
                "yes" if one.is_done else "no",
                one.lives,
                one.open_alerts,
                rfc3339(one.unheard_since) if one.unheard_since else None,
                rfc3339(one.heard_at) if one.heard_at else None,
                one.outcome,
                one.by,
                rfc3339(one.checked_at) if one.checked_at else None,
            )


def _lists(visit: Visit) -> list[Shown]:
    # A scheme whose last home has moved away keeps its lists: it is asked for by its alerts too.
    schemes = {*visit.sight.schemes(), *(visit.operator.schemes or ())}
    names = [f"{SCHEME}{scheme}" for scheme in sorted(schemes)]
    records = visit.sight.homes()
    found = [
        _shown(visit, state, one, records)
        for state in visit.sight.states(names).values()
        for one in state.storms.lists
    ]
    return sorted(found, key=lambda one: (bool(one.outage.closed_at), -one.outage.opened_at))


def _shown(
    visit: Visit, state: HomeState, one: OutageList, records: dict[str, HomeRecord]
) -> Shown:
    # A home that has moved to another scheme since is still this scheme's to look after, but is
    # named only to who may see it where it is now.
    seen = tuple(
        each for each in one.homes if each.home in records or visit.sight.may_see(each.home)
    )
    return Shown(scheme_of(state.home), one, seen)


def _the_list(visit: Visit) -> Shown:
    scheme, n = visit.path["scheme"], visit.path["n"]
    for one in _lists(visit):
        if (one.scheme, one.outage.n) == (scheme, n):
            return one
    raise NotThere(f"There is no outage list {n} of {scheme}.")


ENTRIES: Final = (
    Entry(path="/outages", name="outages", endpoint=outages, reads="outage lists"),
    Entry(
        path="/outages/{scheme}/{n:int}",
        name="outage",
        endpoint=outage,
        reads="an outage list with its people",
    ),
    Entry(
        path="/outages/{scheme}/{n:int}/check",
        name="outage_check",
        endpoint=check,
        act=Act.ACT_ON_ALERTS,
        methods=("POST",),
    ),
)
