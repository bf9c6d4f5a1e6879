"""Homes: found by one box, walked through by an installer, and the holes in their coverage.

Changing what is registered is `home_forms` and `home_imports`; one home's own page is `resident`.
"""

import base64
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from telecared.config.coverage import CoverageRow, coverage_of
from telecared.core.events import WalkTestBegun, WalkTestEnded
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord
from telecared.core.searching import LONGEST_QUERY, entry_of, found
from telecared.core.searching import Entry as Findable
from telecared.core.state import HomeState
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, Duration
from telecared.core.walking import LONGEST_WALK_TEST
from telecared.web import cookies
from telecared.web.errors import BadForm
from telecared.web.routes import Entry
from telecared.web.tables import Cut, address_with, csv_answer, page_of, wants_csv
from telecared.web.visit import Visit, said_of

ON_A_PAGE: Final = 50
HOLES_ON_A_PAGE: Final = 100

KEPT_FOR: Final[Duration] = HOUR
"""How long a browser knows what was looked for."""

SHORTEST_WALK: Final = 5
LONGEST_WALK: Final = LONGEST_WALK_TEST // MINUTE
USUAL_WALK: Final = 60
"""Minutes of a walk test."""


class Listed(msgspec.Struct, frozen=True):
    """One home of the list.

    Attributes:
        waiting, held: unresolved alerts that nobody has, and that somebody has.
        paused: kinds of the suspensions that run, and `silence`.
    """

    record: HomeRecord
    waiting: int
    held: int
    paused: tuple[str, ...]


class Finder:
    """What homes are found by, worked out again only for those that have changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Findable] = {}

    def entries(self, homes: dict[str, HomeRecord]) -> list[Findable]:
        """Return what these homes are found by."""
        with self._lock:
            entries = []
            for home, record in homes.items():
                entry = self._known.get(home)
                if entry is None or entry.record is not record:
                    entry = self._known[home] = entry_of(record)
                entries.append(entry)
            return entries


_finder = Finder()


def find(visit: Visit) -> Response:
    """Take what is looked for; the list shows what fits.

    Names and numbers are looked for: they are kept in a cookie, and stand in no address, which
    browsers and servers in between write down.
    """
    query = visit.field("q", longest=LONGEST_QUERY)
    scheme = visit.field("scheme", longest=LONGEST_QUERY)
    asked = urlencode({"found": "1"} | ({"scheme": scheme} if scheme else {}))
    answer = visit.redirect(f"{visit.url('homes')}?{asked}")
    word = base64.urlsafe_b64encode(query.encode()).decode()
    cookies.write(visit.console, answer, cookies.FOUND_BY, word, KEPT_FOR)
    return answer


def _query(visit: Visit) -> str:
    """Return what is looked for: what was sent last, or `?q=`."""
    if not visit.query.get("found"):
        return visit.query.get("q", "")
    word = cookies.read(visit.console, visit.request, cookies.FOUND_BY)
    try:
        return base64.urlsafe_b64decode(word).decode()
    except ValueError:
        return ""


def homes(visit: Visit) -> Response:
    """List homes, or with `?found=1` those that hold every word of what is looked for."""
    query, scheme = _query(visit), visit.query.get("scheme", "")
    seen = {
        home: record
        for home, record in visit.sight.homes().items()
        if scheme in ("", record.scheme)
    }
    fitting = list(found(query, _finder.entries(seen)))
    if wants_csv(visit):
        return csv_answer("homes", _HEADER, _rows(fitting))
    cut = Cut(fitting, page_of(visit), ON_A_PAGE)
    states = visit.sight.states([record.id for record in cut.rows])
    return visit.render(
        "homes.html",
        cut=cut,
        listed=[_listed(record, states.get(record.id)) for record in cut.rows],
        query=query,
        scheme=scheme,
        schemes=visit.sight.schemes(),
        may_edit=visit.operator.may(Act.EDIT_HOMES),
        file=address_with(visit, **{"as": "csv", "page": None}),
        pages=address_with(visit, page=None),
    )


_HEADER: Final = ("home", "scheme", "address", "resident", "phone", "tags", "devices", "contacts")


def _rows(fitting: list[HomeRecord]) -> Iterator[tuple[object, ...]]:
    for one in fitting:
        yield (
            one.id,
            one.scheme,
            one.address,
            one.resident_name,
            one.resident_phone,
            " ".join(one.tags),
            len(one.devices),
            len(one.contacts),
        )


def _listed(record: HomeRecord, state: HomeState | None) -> Listed:
    if state is None:
        return Listed(record, 0, 0, ())
    alerts = [alert for alert in state.alerts.values() if not alert.watch]
    waiting = sum(alert.state is AlertState.OPEN for alert in alerts)
    paused = [str(one.kind) for one in state.suspensions.values()]
    paused += ["silence"] * bool(state.silences)
    return Listed(record, waiting, len(alerts) - waiting, tuple(paused))


# --- coverage -----------------------------------------------------------------------------------


def coverage(visit: Visit) -> Response:
    """Show which dangers one home is guarded against, and what is missing."""
    record = visit.record
    rows = coverage_of(visit.sight.plan, record, at=visit.now, state=visit.sight.state(record.id))
    return visit.render("coverage.html", record=record, rows=rows)


def holes(visit: Visit) -> Response:
    """List what is missing in all homes: a danger without a live sensor, a rule, or a responder."""
    scheme = visit.query.get("scheme", "")
    records = {
        home: record
        for home, record in visit.sight.homes().items()
        if scheme in ("", record.scheme)
    }
    if wants_csv(visit):
        told = (
            (row.home, records[row.home].scheme, row.hazard, hole)
            for row in _holes(visit, records, list(records))
            for hole in row.holes
        )
        return csv_answer("holes", ("home", "scheme", "danger", "what is missing"), told)
    # Coverage takes milliseconds a home: a page of homes at a time, not thousands.
    cut = Cut(list(records), page_of(visit), HOLES_ON_A_PAGE)
    return visit.render(
        "holes.html",
        cut=cut,
        rows=list(_holes(visit, records, cut.rows)),
        records=records,
        scheme=scheme,
        schemes=visit.sight.schemes(),
    )


def _holes(visit: Visit, records: dict[str, HomeRecord], names: list[str]) -> Iterator[CoverageRow]:
    plan, states = visit.sight.plan, visit.sight.states(names)
    for home in names:
        for row in coverage_of(plan, records[home], at=visit.now, state=states.get(home)):
            if row.holes:
                yield row


# --- walk test ----------------------------------------------------------------------------------


def walk_test(visit: Visit) -> Response:
    """Show the walk test of a home: each device, and whether it was triggered."""
    record = visit.record
    state = visit.sight.state(record.id)
    test = None if state is None else state.walk_test
    tested = {} if state is None else dict(state.tested)
    there = [device for device in record.devices if device.is_there(visit.now)]
    since = None if test is None else test.since
    return visit.render(
        "walk_test.html",
        record=record,
        test=test,
        runs=test is not None and not test.ended,
        devices=[
            (device, tested.get(device.id), since is not None and tested.get(device.id, 0) >= since)
            for device in there
        ],
        usual=USUAL_WALK,
        may_test=visit.operator.may(Act.TEST_EQUIPMENT),
    )


def walk_test_act(visit: Visit) -> Response:
    """Begin or end a walk test."""
    record, by = visit.record, visit.operator.name
    what = visit.path["what"]
    if what == "begin":
        event: WalkTestBegun | WalkTestEnded = WalkTestBegun(
            input=0, at=0, by=by, lasts=_minutes(visit) * MINUTE
        )
        done = "The walk test has begun: trigger each device once. Nobody is called."
    elif what == "end":
        event = WalkTestEnded(input=0, at=0, by=by)
        done = "The walk test has ended: every trigger is real from now on."
    else:
        raise BadForm({"": "A walk test is begun or ended."})
    result = visit.give("walk-test", record.id, event)
    return visit.redirect(visit.url("walk_test", home=record.id), said=said_of(result, done))


def _minutes(visit: Visit) -> int:
    asked = visit.field("minutes", longest=5) or str(USUAL_WALK)
    if not (asked.isascii() and asked.isdecimal()) or not (
        SHORTEST_WALK <= int(asked) <= LONGEST_WALK
    ):
        raise BadForm({"minutes": f"Write {SHORTEST_WALK} to {LONGEST_WALK} minutes."})
    return int(asked)


ENTRIES: Final = (
    Entry(
        path="/homes", name="homes", endpoint=homes, act=Act.SEE_HOMES, reads="the list of homes"
    ),
    Entry(
        path="/homes",
        name="homes_find",
        endpoint=find,
        act=Act.SEE_HOMES,
        methods=("POST",),
    ),
    Entry(
        path="/coverage",
        name="holes",
        endpoint=holes,
        act=Act.SEE_HOMES,
        reads="what is missing in homes",
    ),
    Entry(
        path="/homes/{home:path}/coverage",
        name="coverage",
        endpoint=coverage,
        act=Act.SEE_HOMES,
        reads="what guards a home",
    ),
    Entry(
        path="/homes/{home:path}/walk-test",
        name="walk_test",
        endpoint=walk_test,
        act=Act.SEE_HOMES,
        reads="the walk test of a home",
    ),
    Entry(
        path="/homes/{home:path}/walk-test/{what}",
        name="walk_test_act",
        endpoint=walk_test_act,
        act=Act.TEST_EQUIPMENT,
        methods=("POST",),
    ),
)
