"""A home's timeline for one operator: what the store holds of a span, made into lanes.

The reading is here; what lanes are is `timeline`. It shows where somebody was and when: whoever
asks logs the read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from telecared.adapters.sqlite.console_timeline import MAX_MESSAGES, TimelineStore
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord
from telecared.core.site import FAR, SiteFacts
from telecared.core.state import HomeState
from telecared.core.vocabulary import AlertState, Instant, Value
from telecared.core.windows import Span
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow
from telecared.web.timeline import Heard, Lane, LaneKind, LocalTime, Piece, Timeline
from telecared.web.timeline_lanes import bounded, lanes_of
from telecared.web.visit import Visit

MAX_ALERTS: Final = 300
"""Alerts of one timeline, the latest."""

MAX_STATED: Final = 500
"""Beginnings and ends of suspensions and silences that are looked through, the latest."""

MAX_NAMED: Final = 12
"""Devices that are registered no more which are named."""

_WHEN: Final = "%a %d %b %Y %H:%M"

_SAID: Final = re.compile(r"(?:suspension|silence) (\d+), (.*?)(?: now)?(?: until |: )")
"""How the record names what began or ended."""


def timeline_of(visit: Visit, home: str, since: Instant, until: Instant) -> Timeline:
    """Return what happened in a home over a span.

    Args:
        visit: whose; the home must be one that they may see.
        home: its id; of `@site` and `@scheme/ID` there are alerts only.
        since: where it begins, engine time.
        until: where it ends; nothing is known after now.

    Raises:
        NotThere: the home is not for their eyes.
        StoreError: the store cannot be read.
    """
    sight = visit.sight
    record = sight.known(home)
    state = sight.state(home)
    zone = ZoneInfo(sight.plan.site_timezone if record is None else record.timezone)
    clock = LocalTime(zone, sight.site)
    span = since, max(since, until)
    store = TimelineStore(visit.console.store_path)
    end = min(span[1], max(visit.now, since))
    lanes: list[Lane] = []
    notes: list[str] = []
    if visit.operator.may(Act.SEE_ALERTS):
        alerts = store.alerts(home, since, end, limit=MAX_ALERTS)
        lanes += alert_lanes(alerts, span, end)
        if len(alerts) == MAX_ALERTS:
            notes.append(f"Only the last {MAX_ALERTS} alerts are shown.")
    if record is not None:
        found = store.messages(home, since, end)
        heard = [Heard(*one) for one in found.heard]
        known = None if state is None else known_at(state, since)
        lanes += lanes_of(heard, record.devices, span, end, clock=clock, known=known)
        notes += _strangers(heard, record, since)
        if found.more:
            notes.append(f"Only the last {MAX_MESSAGES:,} messages are shown.")
        kept_from = sight.reader.input_span()
        if kept_from is not None and kept_from[0] > since:
            notes.append(f"Nothing is stored from before {clock.text(kept_from[0], _WHEN)}.")
        lanes += pause_lanes(state, store.stated(home, end, limit=MAX_STATED), span, end)
    lanes += outage_lanes(clock.site, span, end)
    kept, more = bounded(lanes)
    return Timeline(span, visit.now, clock, kept, (*notes, *more))


def _strangers(heard: Iterable[Heard], record: HomeRecord, since: Instant) -> Iterator[str]:
    """Yield a sentence about devices that told something in a span and have no lane any more."""
    told = {reading.device for one in heard if one.at >= since for reading in one.readings}
    gone = sorted(told - {device.id for device in record.devices})
    if gone:
        more = f" and {len(gone) - MAX_NAMED} more" if len(gone) > MAX_NAMED else ""
        names = ", ".join(gone[:MAX_NAMED])
        yield f"Not drawn is what devices told that are not registered any more: {names}{more}."


def known_at(state: HomeState, at: Instant) -> dict[tuple[str, str], Value]:
    """Return (device, property) -> the value that it has had since before an instant."""
    return {
        (device, name): fact.value
        for device, facts in state.facts.items()
        for name, fact in facts.items()
        if fact.since <= at and (fact.expires_at is None or fact.expires_at > at)
    }


def alert_lanes(alerts: Sequence[AlertRow], span: Span, now: Instant) -> list[Lane]:
    """Return the lane of a home's alerts."""
    pieces = []
    for alert in alerts:
        runs = alert.state is not AlertState.RESOLVED
        ended = "" if alert.outcome is None else f": {alert.outcome.replace('_', ' ')}"
        watched = ", watched only" if alert.watch else ""
        told = alert.state.value + ended
        what = f"{alert.rule}, {alert.priority.replace('_', ' ')}{watched}, {told}"
        until = now if alert.resolved_at is None else alert.resolved_at
        pieces.append(
            Piece(
                max(alert.opened_at, span[0]),
                max(alert.opened_at, span[0], min(until, now, span[1])),
                what,
                alert.priority.value,
                alert.alert,
                runs,
            )
        )
    return [Lane(LaneKind.ALERT, "Alerts", tuple(sorted(pieces)))]


def pause_lanes(
    state: HomeState | None, stated: Iterable[StoredRecord], span: Span, now: Instant
) -> list[Lane]:
    """Return the lane of suspensions, silences, and evidence that nobody was at home."""
    pieces = list(_stated(stated, span, now))
    if state is not None:
        pieces += [
            Piece(gap.since, gap.until, f"nobody at home: {gap.why}")
            for gap in state.gaps
            if not gap.declared
        ]
        if state.outing.out_since:
            told = f"nobody at home: {state.outing.device}, then silence"
            pieces.append(Piece(state.outing.out_since, now, told, runs=True))
    return _lane_within("Suspended, silenced, out", pieces, span, LaneKind.PAUSE)


def _stated(stated: Iterable[StoredRecord], span: Span, now: Instant) -> Iterator[Piece]:
    began: dict[str, tuple[Instant, str]] = {}
    for one in stated:
        kind, _, act = one.record.event.partition(".")
        told = _SAID.match(one.record.reason)
        if told is None:
            continue  # erased: when it began says nothing without what it was
        key, what = f"{kind} {told[1]}", told[2]
        if act == "begun":
            began.setdefault(key, (one.record.at, what))
        elif key in began:
            since, begun_as = began.pop(key)
            yield Piece(since, one.record.at, _pause_words(kind, begun_as))
    for key, (since, what) in began.items():
        yield Piece(since, min(now, span[1]), _pause_words(key.partition(" ")[0], what), runs=True)


def _pause_words(kind: str, what: str) -> str:
    return f"suspended: {what}" if kind == "suspension" else f"silenced: {what}"


def outage_lanes(site: SiteFacts, span: Span, now: Instant) -> list[Lane]:
    """Return the lane of what no home was heard in: we were down, or the link to the broker."""
    pieces = [
        Piece(since, min(until, now), "no home was heard", runs=until == FAR)
        for since, until in site.all_outages()
        if since < now
    ]
    return _lane_within("Not heard", pieces, span, LaneKind.LINK)


def _lane_within(name: str, pieces: Iterable[Piece], span: Span, kind: LaneKind) -> list[Lane]:
    """Return a lane of what touches a span, cut to it; none for nothing."""
    inside = sorted(
        piece._replace(since=max(piece.since, span[0]), until=min(piece.until, span[1]))
        for piece in pieces
        if piece.since < span[1] and piece.until > span[0]
    )
    return [Lane(kind, name, tuple(inside))] if inside else []
