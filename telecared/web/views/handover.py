"""Shift handover: what the next shift must know, in one page that can be printed.

Open alerts, call-backs due, promises, suspensions and silences that end, faults that age. Promises
are kept here; everything else is done on its own page.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.events import PromiseKept
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord
from telecared.core.queue import sort_key
from telecared.core.state import Alert, HomeState
from telecared.core.stated import Promise, Silence, Suspension
from telecared.core.vocabulary import DAY, HOUR, AlertState, Duration, Instant, Priority
from telecared.core.windows import rfc3339
from telecared.web.errors import NotThere
from telecared.web.routes import Entry
from telecared.web.tables import csv_answer, wants_csv
from telecared.web.visit import Visit, said_of

SHIFT: Final[Duration] = 12 * HOUR
"""What ends or comes due within this concerns the next shift."""

FAULT_AGES: Final[Duration] = DAY
"""A fault that is older than this is told: nobody mends it."""

MAX_EACH: Final = 500
"""Lines of one kind on the page; how many more there are is said, and the queue has them all."""


class OpenAlert(msgspec.Struct, frozen=True):
    """An unresolved alert."""

    home: str
    record: HomeRecord | None
    alert: Alert


class Stated(msgspec.Struct, frozen=True):
    """A suspension or a silence that ends."""

    home: str
    record: HomeRecord | None
    what: Suspension | Silence

    @property
    def is_suspension(self) -> bool:
        """Whether it says who is at home; otherwise it is a silence."""
        return isinstance(self.what, Suspension)


class Promised(msgspec.Struct, frozen=True):
    """A promise that nobody has kept yet."""

    home: str
    record: HomeRecord | None
    promise: Promise


class Forgotten(msgspec.Struct, frozen=True):
    """A home with suspensions that ran out and that no person ended."""

    home: str
    record: HomeRecord | None
    count: int


class Shift(msgspec.Struct, frozen=True):
    """What is handed over, each list with what is most pressing first.

    Attributes:
        waiting: nobody has them. held: somebody has. call_backs: whose time comes in this shift.
        faults: technical alerts older than a day.
    """

    waiting: list[OpenAlert]
    held: list[OpenAlert]
    call_backs: list[OpenAlert]
    promises: list[Promised]
    ending: list[Stated]
    forgotten: list[Forgotten]
    faults: list[OpenAlert]


def handover(visit: Visit) -> Response:
    """Show what the next shift must know."""
    shift = _shift(visit, visit.query.get("scheme", ""))
    if wants_csv(visit):
        return csv_answer("handover", ("what", "home", "about", "who", "at"), _rows(shift))
    return visit.render(
        "handover.html",
        shift=shift,
        schemes=visit.sight.schemes(),
        scheme=visit.query.get("scheme", ""),
        most=MAX_EACH,
        may_act=visit.operator.may(Act.ACT_ON_ALERTS),
    )


def kept(visit: Visit) -> Response:
    """Say that a promise was kept."""
    home, number = visit.the_home, int(visit.path["n"])
    state = visit.sight.state(home)
    if state is None or number not in state.promises:
        raise NotThere(f"There is no promise {number} of {home} that is not kept.")
    event = PromiseKept(
        input=0, at=0, by=visit.operator.name, number=number, note=visit.field("note")
    )
    result = visit.give("promise-kept", home, event)
    said = said_of(result, "The promise is kept.")
    return visit.redirect(visit.url("handover"), said=said)


def _shift(visit: Visit, scheme: str) -> Shift:
    records = {
        home: record
        for home, record in visit.sight.homes().items()
        if scheme in ("", record.scheme)
    }
    # What belongs to no home is handed over too, unless one scheme is asked for.
    beside = [] if scheme else {row.home for row in visit.sight.unresolved()} - set(records)
    states = visit.sight.states([*records, *beside])
    alerts = [
        OpenAlert(home, records.get(home), alert)
        for home, state in states.items()
        for alert in state.alerts.values()
        if not alert.watch
    ]
    alerts.sort(key=lambda one: sort_key(one.home, one.alert))
    soon = visit.now + SHIFT
    held = [one for one in alerts if one.alert.state is AlertState.ACKNOWLEDGED]
    return Shift(
        waiting=[one for one in alerts if one.alert.state is AlertState.OPEN],
        held=held,
        call_backs=sorted(
            (one for one in held if (one.alert.lease_until or soon) < soon),
            key=lambda one: one.alert.lease_until or soon,
        ),
        promises=sorted(_promises(states, records), key=lambda one: one.promise.due_at),
        ending=sorted(_ending(states, records, soon), key=lambda one: one.what.until),
        forgotten=[
            Forgotten(home, records.get(home), state.forgotten)
            for home, state in states.items()
            if state.forgotten
        ],
        faults=sorted(_faults(alerts, visit.now), key=lambda one: one.alert.opened_at),
    )


def _promises(states: dict[str, HomeState], records: dict[str, HomeRecord]) -> Iterator[Promised]:
    for home, state in states.items():
        for promise in state.promises.values():
            yield Promised(home, records.get(home), promise)


def _ending(
    states: dict[str, HomeState], records: dict[str, HomeRecord], soon: Instant
) -> Iterator[Stated]:
    for home, state in states.items():
        stated: list[Suspension | Silence] = [*state.suspensions.values()]
        stated += state.silences.values()
        for what in stated:
            if what.until < soon:
                yield Stated(home, records.get(home), what)


def _faults(alerts: Iterable[OpenAlert], now: Instant) -> Iterator[OpenAlert]:
    for one in alerts:
        is_fault = one.alert.priority is Priority.TECHNICAL or one.alert.aged_from is not None
        if is_fault and now - one.alert.opened_at > FAULT_AGES:
            yield one


def _rows(shift: Shift) -> Iterator[tuple[object, ...]]:
    for what, alerts in (("waiting", shift.waiting), ("held", shift.held)):
        for one in alerts:
            about = f"{one.alert.n}: {one.alert.about}"
            yield what, one.home, about, one.alert.owner, rfc3339(one.alert.opened_at)
    for one in shift.call_backs:
        until = one.alert.lease_until
        at = None if until is None else rfc3339(until)
        yield "call back", one.home, f"{one.alert.n}: {one.alert.about}", one.alert.owner, at
    for each in shift.promises:
        promise = each.promise
        yield "promise", each.home, promise.what, promise.by, rfc3339(promise.due_at)
    for stated in shift.ending:
        kind = stated.what.kind if isinstance(stated.what, Suspension) else "silence"
        yield kind, stated.home, "ends", stated.what.by, rfc3339(stated.what.until)
    for gone in shift.forgotten:
        yield "forgotten suspension", gone.home, f"{gone.count} ran out", None, None
    for one in shift.faults:
        about = f"{one.alert.n}: {one.alert.about}"
        yield "fault", one.home, about, one.alert.owner, rfc3339(one.alert.opened_at)


ENTRIES: Final = (
    Entry(path="/handover", name="handover", endpoint=handover, reads="the shift handover"),
    Entry(
        path="/homes/{home:path}/promises/{n:int}/kept",
        name="promise_kept",
        endpoint=kept,
        act=Act.ACT_ON_ALERTS,
        methods=("POST",),
    ),
)
