"""Devices that need somebody: silent, untested, low, open; and those that nobody registered.

What is overdue is judged by `core.equipment`; what is wrong enough to tell people, by rules.
"""

import threading
from collections.abc import Iterator, Set
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.equipment import Standing, silence_limits, standings
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord, Plan
from telecared.core.state import Alert, HomeState
from telecared.core.tested import next_test_by
from telecared.core.vocabulary import Duration, Instant, Priority, Value
from telecared.core.when import Silent
from telecared.core.windows import rfc3339
from telecared.web.routes import Entry
from telecared.web.tables import Cut, csv_answer, page_of, wants_csv
from telecared.web.visit import Visit

ON_A_PAGE: Final = 100

LOW_PERCENT: Final = 15.0
"""A battery that tells less than this is shown as low, whatever rule tells people of it."""

BAD: Final = {
    "battery": ("low",),
    "mains": ("lost",),
    "tamper": ("open",),
    "link": ("offline",),
    "radio": ("weak", "jammed"),
}
"""What a device says of itself that somebody should look after."""


class Needing(msgspec.Struct, frozen=True):
    """A device that needs somebody.

    Attributes:
        alerts: numbers of those about a fault of it: a pendant that was pressed has none.
        why: what else there is, a few words each, the gravest first.
        since: of its oldest alert, None without one.
    """

    home: str
    record: HomeRecord
    standing: Standing
    alerts: tuple[int, ...]
    why: tuple[str, ...]
    since: Instant | None


class Limits:
    """How long devices may be silent, worked out again only where rules or records have changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plan: Plan | None = None
        self._known: dict[str, tuple[HomeRecord, dict[str, Duration]]] = {}

    def of(self, visit: Visit, record: HomeRecord) -> dict[str, Duration]:
        """Return device -> limit of one home."""
        with self._lock:
            if self._plan is not visit.sight.plan:
                self._plan, self._known = visit.sight.plan, {}
            known = self._known.get(record.id)
            if known is None or known[0] is not record:
                limits = silence_limits(visit.sight.home_plan(record.id))
                known = self._known[record.id] = (record, limits)
            return known[1]


_limits = Limits()


def attention(visit: Visit) -> Response:
    """List the devices that need somebody, those with the oldest fault first."""
    scheme = visit.query.get("scheme", "")
    found = sorted(_needing(visit, scheme), key=lambda one: (one.since or visit.now, one.home))
    if wants_csv(visit):
        return csv_answer("devices", _HEADER, (_row(one) for one in found))
    return visit.render(
        "attention.html",
        cut=Cut(found, page_of(visit), ON_A_PAGE),
        schemes=visit.sight.schemes(),
        scheme=scheme,
    )


_HEADER: Final = ("home", "scheme", "device", "kind", "location", "why", "since", "last heard")


def _row(one: Needing) -> tuple[object, ...]:
    device = one.standing.device
    return (
        one.home,
        one.record.scheme,
        device.id,
        device.kind,
        device.location,
        "; ".join([*(f"alert {n}" for n in one.alerts), *one.why]),
        None if one.since is None else rfc3339(one.since),
        None if one.standing.heard_at is None else rfc3339(one.standing.heard_at),
    )


def _needing(visit: Visit, scheme: str) -> Iterator[Needing]:
    """Yield what needs somebody in the homes that they may see.

    Rules are compiled only for homes in which something shows without them: thousands of homes
    are well.
    """
    homes = {
        home: record
        for home, record in visit.sight.homes().items()
        if scheme in ("", record.scheme)
    }
    silences = {rule.name for rule in visit.sight.plan.rules if isinstance(rule.when, Silent)}
    for home, state in visit.sight.states(homes).items():
        record = homes[home]
        faults = {n for n, alert in state.alerts.items() if _is_fault(alert, silences)}
        if not faults and not _shows(record, state, visit.now):
            continue
        limits = _limits.of(visit, record)
        for standing in standings(record.devices, limits, state, visit.now):
            alerts = tuple(n for n in standing.alerts if n in faults)
            why = tuple(_why(standing, visit.now))
            if alerts or why:
                opened = [state.alerts[n].opened_at for n in alerts]
                yield Needing(home, record, standing, alerts, why, min(opened, default=None))


def _is_fault(alert: Alert, silences: Set[str]) -> bool:
    is_technical = alert.priority is Priority.TECHNICAL or alert.aged_from is not None
    return is_technical or alert.rule in silences


def _shows(record: HomeRecord, state: HomeState, now: Instant) -> bool:
    """Whether anything in a home may need somebody, as far as shows without rules and alerts."""
    for device in record.devices:
        test_by = next_test_by(state, device)
        if test_by is not None and now > test_by:
            return True
        facts = state.facts.get(device.id, {})
        if any(name in facts and _is_bad(name, facts[name].value) for name in BAD):
            return True
    return False


def _is_bad(name: str, value: Value | None) -> bool:
    if isinstance(value, float | int):
        return name == "battery" and value < LOW_PERCENT
    return value in BAD[name]


def _why(one: Standing, now: Instant) -> Iterator[str]:
    if one.silent_too_long:
        yield "silent for too long" if one.heard_at else "never heard"
    for name in BAD:
        value = one.told.get(name)
        if _is_bad(name, value):
            shown = f"{value:g} %" if isinstance(value, float | int) else str(value)
            yield f"{name} {shown}"
    if one.test_overdue:
        yield f"no test for {_days(now - one.tested_at)} days" if one.tested_at else "never tested"


def _days(lasts: Duration) -> int:
    return lasts // (24 * 3600 * 1_000_000)


ENTRIES: Final = (
    Entry(
        path="/attention",
        name="attention",
        endpoint=attention,
        act=Act.SEE_HOMES,
        reads="devices that need somebody",
    ),
)
