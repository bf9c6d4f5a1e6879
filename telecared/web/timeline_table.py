"""Timelines in words: the table that stands beside every drawing, for a day and for a week.

Pure; it tells what `timeline` holds and nothing else.
"""

from typing import Final, NamedTuple

from telecared.core.vocabulary import HOUR, MINUTE, Duration, Instant
from telecared.web.timeline import Lane, LaneKind, Piece, Timeline, days_of
from telecared.web.timeline_svg import cut

MAX_ROWS: Final = 400
"""Rows of one table; of more, movement is left out first, then the earliest."""


class Row(NamedTuple):
    """One stretch or moment: `when` by the home's clocks, `ref` the alert's id or ""."""

    at: Instant
    when: str
    lasts: str
    lane: str
    what: str
    ref: str


class Rows(NamedTuple):
    """The rows in order of time, and how many more there are."""

    rows: tuple[Row, ...]
    left_out: int


def rows_of(timeline: Timeline) -> Rows:
    """Return a timeline as rows, in order of time."""
    pieces = [(lane, piece) for lane in timeline.lanes for piece in lane.pieces]
    kept = pieces
    if len(pieces) > MAX_ROWS:
        rooms = [one for one in pieces if one[0].kind is LaneKind.ROOM]
        kept = [one for one in pieces if one[0].kind is not LaneKind.ROOM]
        room = max(0, MAX_ROWS - len(kept))
        kept += sorted(rooms, key=_begins)[len(rooms) - room :] if room else []
    kept = sorted(kept, key=_begins)[-MAX_ROWS:]
    form = _form(timeline)
    return Rows(
        tuple(_row(lane, piece, timeline, form) for lane, piece in kept),
        len(pieces) - len(kept),
    )


def _begins(one: tuple[Lane, Piece]) -> Instant:
    return one[1].since


def _form(timeline: Timeline) -> str:
    """Return how times are told: with their zone where an hour of the clocks comes twice."""
    since, until = (timeline.clock.of(at) for at in timeline.span)
    day = "%a %d %b " if len(days_of(timeline.span, timeline.clock)) > 1 else ""
    zone = " %Z" if since.utcoffset() != until.utcoffset() else ""
    return f"{day}%H:%M{zone}"


def _row(lane: Lane, piece: Piece, timeline: Timeline, form: str) -> Row:
    """Return a row; what began before the span, or goes on behind it, is told as such."""
    when = timeline.clock.text(piece.since, form)
    lasts = "" if piece.since == piece.until else lasting(piece.until - piece.since)
    if lasts and piece.since <= timeline.span[0]:
        when = f"before {when}"
    if piece.runs and piece.until >= timeline.now:
        lasts = f"{lasts} so far" if lasts else "just begun"
    elif lasts and piece.until >= timeline.span[1]:
        lasts = f"{lasts}, then goes on"
    return Row(piece.since, when, lasts, lane.name, piece.what, piece.ref)


def lasting(duration: Duration) -> str:
    """Return how long something lasted: `7 h 05 min`, `3 min`, `under a minute`."""
    hours, rest = divmod(duration, HOUR)
    minutes = rest // MINUTE
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else "under a minute"


class Days(NamedTuple):
    """A row for each local day: what a lane held on it, in words.

    Attributes:
        lanes: the headings.
        rows: (ISO date, day in words, one cell for each lane).
    """

    lanes: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


def days_table(timeline: Timeline) -> Days:
    """Return a timeline as a row for each local day."""
    rows = []
    for day, span in days_of(timeline.span, timeline.clock):
        cells = tuple(_cell(lane, cut(lane.pieces, span), span[0]) for lane in timeline.lanes)
        if span[0] > timeline.now:
            cells = tuple("" for _ in timeline.lanes)
        rows.append((day.isoformat(), f"{day:%a %d %b}", cells))
    return Days(tuple(lane.name for lane in timeline.lanes), tuple(rows))


def _cell(lane: Lane, pieces: list[Piece], start: Instant) -> str:
    """Return how often and how long something was so on a day."""
    if lane.kind is LaneKind.ALERT:
        opened = sum(piece.since > start for piece in pieces)
        return f"{opened} opened" if opened else "none"
    if not pieces:
        unknown = lane.unknown_until is not None and lane.unknown_until > start
        return "not known" if unknown else "none"
    times = "once" if len(pieces) == 1 else f"{len(pieces)} times"
    lasted = sum(piece.until - piece.since for piece in pieces)
    if lane.kind in (LaneKind.ROOM, LaneKind.ALARM) or not lasted:
        return times
    return f"{times}, {lasting(lasted)}"
