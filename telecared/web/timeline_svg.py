"""Timelines as drawings: lanes over a local time axis, a day's or a week's, for screen and paper.

SVG with classes and presentation attributes only: the pages allow no inline style. Colours are in
`timeline.css`. What is drawn is `timeline`'s, and stands as a table beside it.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from telecared.core.vocabulary import HOUR, Duration, Instant
from telecared.core.windows import Span
from telecared.web.timeline import Lane, LaneKind, LocalTime, Piece, Timeline, days_of, ticks

WIDTH: Final = 1_000
LABEL: Final = 170
RIGHT: Final = 10
TOP: Final = 26
LANE: Final = 26
BAR: Final = 14
SLOT: Final = 10
"""Height of one of several pieces that stand above each other on a lane."""

MAX_SLOTS: Final = 4
"""Pieces that are drawn above each other; more at once share the last place."""

STRIP: Final = 62
BAND: Final = 11
"""Heights of a day of a week, and of one kind of lane in it."""

LONGEST_LABEL: Final = 24
NARROWEST: Final = 1.5
"""A stretch is drawn at least so wide, and what is closer than that is drawn as one."""

_BANDS: Final = (
    (LaneKind.ALERT, LaneKind.ALARM),
    (LaneKind.ROOM,),
    (LaneKind.REST,),
    (LaneKind.DOOR, LaneKind.APPLIANCE),
)
"""What stands in which row of a day of a week."""

_BAND_NAMES: Final = ("alerts", "movement", "bed", "doors")


class _Scale(NamedTuple):
    span: Span
    lasts: Duration
    left: int = LABEL
    right: int = WIDTH - RIGHT

    def x(self, at: Instant) -> float:
        """Return where an instant stands."""
        part = (at - self.span[0]) / self.lasts
        return self.left + part * (self.right - self.left)


def draw(timeline: Timeline, *, title: str, ident: str = "timeline") -> Markup:
    """Return a drawing of a day or of some hours.

    Args:
        timeline: of at most two days.
        title: what it shows; read out in place of the drawing.
        ident: unique on the page.
    """
    scale = _Scale(timeline.span, max(1, timeline.span[1] - timeline.span[0]))
    parts: list[str] = []
    y = TOP
    for lane in timeline.lanes:
        drawn, height = _lane(lane, scale, y)
        parts += [f'<text class="tc-tl-label" x="0" y="{y + 17}">{_short(lane.name)}</text>', drawn]
        y += height
    axis = _axis(timeline, scale, y)
    future = _future(timeline, scale, y)
    return _svg(ident, title, _told(timeline), y + 6, future, axis, *parts)


def draw_week(timeline: Timeline, *, title: str, ident: str = "week") -> Markup:
    """Return a drawing with a strip for each local day; a day of 25 hours is longer.

    Args:
        timeline: of some days.
        title: what it shows; read out in place of the drawing.
        ident: unique on the page.
    """
    days = days_of(timeline.span, timeline.clock)
    lasts = max((end - start for _, (start, end) in days), default=24 * HOUR)
    parts: list[str] = []
    y = 4
    for day, span in days:
        parts.append(_strip(timeline, day, span, max(lasts, 24 * HOUR), y))
        y += STRIP
    return _svg(ident, title, _told(timeline), y, *parts)


def _svg(ident: str, title: str, told: str, height: float, *parts: str) -> Markup:
    name = escape(ident)
    return Markup(  # noqa: S704 - every text in it is escaped where it is put in
        f'<svg class="tc-tl-svg" viewBox="0 0 {WIDTH} {height:g}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" xmlns="http://www.w3.org/2000/svg"'
        f' preserveAspectRatio="xMinYMin meet">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(told)}</desc>{"".join(parts)}</svg>'
    )


def _told(timeline: Timeline) -> str:
    """Return in a few sentences what is drawn; the table beside it has everything."""
    parts = []
    for lane in timeline.lanes:
        parts.append(f"{lane.name}: {len(lane.pieces) or 'nothing'}")
    return f"{'; '.join(parts) or 'Nothing is known'}. The table below has all of it."


# --- a day --------------------------------------------------------------------------------------


def _axis(timeline: Timeline, scale: _Scale, bottom: float) -> str:
    parts = []
    # A step of the clock may repeat a label: both are drawn, each where it was.
    for at in ticks(timeline.span, timeline.clock, _every(scale.lasts)):
        x = scale.x(at)
        parts.append(
            f'<line class="tc-tl-tick" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom:g}"/>'
            f'<text class="tc-tl-hour" x="{x:.1f}" y="12" text-anchor="middle">'
            f"{timeline.clock.text(at)}</text>"
        )
    return "".join(parts)


def _every(lasts: Duration) -> int:
    """Return how many minutes lie between two hours that are written on the axis."""
    for limit, minutes in ((3 * HOUR, 30), (13 * HOUR, 60), (30 * HOUR, 120)):
        if lasts <= limit:
            return minutes
    return 360


def _future(timeline: Timeline, scale: _Scale, bottom: float) -> str:
    """Return what covers the part of the span of which nothing can be known yet."""
    start, end = timeline.span
    if timeline.now >= end:
        return ""
    x = scale.x(max(start, timeline.now))
    return (
        f'<rect class="tc-tl-future" x="{x:.1f}" y="{TOP - 6}" width="{scale.right - x:.1f}"'
        f' height="{bottom - TOP + 6:g}"/>'
        f'<line class="tc-tl-now" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom:g}"/>'
    )


def _lane(lane: Lane, scale: _Scale, y: float) -> tuple[str, int]:
    """Return a lane's drawing and its height."""
    slots = _slots(lane.pieces) if lane.kind in (LaneKind.ALERT, LaneKind.PAUSE) else []
    height = max(LANE, 12 + SLOT * (max(slots, default=0) + 1))
    middle = y + height / 2
    across = f'x1="{scale.left}" x2="{scale.right}" y1="{middle:g}" y2="{middle:g}"'
    parts = [f'<line class="tc-tl-base" {across}/>']
    if lane.unknown_until is not None:
        end = scale.x(lane.unknown_until)
        parts.append(
            f'<rect class="tc-tl-unknown" x="{scale.left}" y="{middle - BAR / 2:g}"'
            f' width="{max(0.0, end - scale.left):.1f}" height="{BAR}"/>'
        )
    if slots:
        for piece, slot in zip(lane.pieces, slots, strict=True):
            parts.append(_marked(piece, scale, y + 6 + SLOT * slot))
    else:
        for tone in sorted({piece.tone for piece in lane.pieces}):
            own = [piece for piece in lane.pieces if piece.tone == tone]
            look = f"tc-tl-{tone}" if tone else f"tc-tl-{lane.kind.value}"
            top = middle - BAR / 2
            parts.append(f'<path class="{look}" d="{_path(own, scale, top, BAR)}"/>')
    return "".join(parts), height


def _path(pieces: Sequence[Piece], scale: _Scale, y: float, height: float) -> str:
    """Return rectangles for some pieces, those that touch as one."""
    return "".join(
        f"M{left:.1f} {y:g}h{right - left:.1f}v{height:g}h{left - right:.1f}z"
        for left, right in _boxes(pieces, scale)
    )


def _boxes(pieces: Sequence[Piece], scale: _Scale) -> Iterator[tuple[float, float]]:
    held: tuple[float, float] | None = None
    for piece in pieces:
        left = scale.x(piece.since)
        right = max(scale.x(piece.until), left + NARROWEST)
        if held is not None and left - held[1] < NARROWEST:
            held = held[0], max(held[1], right)
        else:
            if held is not None:
                yield held
            held = left, right
    if held is not None:
        yield held


def _marked(piece: Piece, scale: _Scale, y: float) -> str:
    """Return one alert or pause: a bar with a mark of its own shape where it begins."""
    left = scale.x(piece.since)
    width = max(scale.x(piece.until) - left, NARROWEST)
    look = f"tc-tl-{piece.tone}" if piece.tone else "tc-tl-pause"
    mark = ""
    if piece.ref:
        mark = f'<path class="{look}" d="{_shape(piece.tone, left, y + SLOT / 2 - 1)}"/>'
    return (
        f'<g><title>{escape(piece.what)}</title><rect class="{look} tc-tl-lasting" x="{left:.1f}"'
        f' y="{y + 2:g}" width="{width:.1f}" height="{SLOT - 5}"/>{mark}</g>'
    )


def _shape(tone: str, x: float, y: float) -> str:
    """Return a mark that tells priorities apart without colour: triangle, diamond, disc, square."""
    if tone == "life_safety":
        return f"M{x:.1f} {y - 7:g}l7 12h-14z"
    if tone == "urgent":
        return f"M{x:.1f} {y - 6:g}l6 6l-6 6l-6 -6z"
    if tone == "routine":
        return f"M{x - 5:.1f} {y:g}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"
    return f"M{x - 4:.1f} {y - 4:g}h8v8h-8z"


def _slots(pieces: Sequence[Piece]) -> list[int]:
    """Return the place of each piece among those that last at the same time."""
    ends: list[Instant] = []
    found = []
    for piece in pieces:
        free = next((place for place, end in enumerate(ends) if end <= piece.since), len(ends))
        slot = min(free, MAX_SLOTS - 1)
        end = max(piece.until, piece.since + 1)
        if slot == len(ends):
            ends.append(end)
        else:
            ends[slot] = max(ends[slot], end)
        found.append(slot)
    return found


def _short(name: str) -> Markup:
    return escape(name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…")


# --- a week -------------------------------------------------------------------------------------


def _strip(timeline: Timeline, day: date, span: Span, lasts: Duration, y: float) -> str:
    scale = _Scale(span, lasts, LABEL, WIDTH - RIGHT)
    parts = [
        f'<text class="tc-tl-label" x="0" y="{y + 16:g}">{day:%a %d %b}</text>',
        *_day_hours(timeline.clock, span, scale, y),
    ]
    hours = (span[1] - span[0]) / HOUR
    if hours > 24:
        parts.append(f'<text class="tc-tl-hour" x="0" y="{y + 31:g}">{hours:g} hours</text>')
    for place, kinds in enumerate(_BANDS):
        top = y + 14 + place * BAND
        parts.append(
            f'<text class="tc-tl-band" x="{LABEL - 6}" y="{top + 8:g}" text-anchor="end">'
            f"{_BAND_NAMES[place]}</text>"
        )
        for lane in timeline.lanes:
            if lane.kind in kinds:
                parts += _band(lane, span, scale, top)
    if span[0] <= timeline.now < span[1]:
        x = scale.x(timeline.now)
        parts.append(
            f'<line class="tc-tl-now" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 12:g}"'
            f' y2="{y + STRIP - 4:g}"/>'
        )
    return "".join(parts)


def _day_hours(clock: LocalTime, span: Span, scale: _Scale, y: float) -> Iterator[str]:
    for at in ticks(span, clock, 180):
        x = scale.x(at)
        yield (
            f'<line class="tc-tl-tick" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 12:g}"'
            f' y2="{y + STRIP - 4:g}"/>'
            f'<text class="tc-tl-hour" x="{x:.1f}" y="{y + 10:g}" text-anchor="middle">'
            f"{clock.text(at)}</text>"
        )


def _band(lane: Lane, span: Span, scale: _Scale, top: float) -> Iterator[str]:
    """Yield what one lane adds to a row of a day."""
    inside = cut(lane.pieces, span)
    if lane.unknown_until is not None and lane.unknown_until > span[0]:
        wide = scale.x(min(lane.unknown_until, span[1])) - scale.left
        yield (
            f'<rect class="tc-tl-unknown" x="{scale.left}" y="{top:g}" width="{wide:.1f}"'
            f' height="{BAND - 3}"/>'
        )
    for tone in sorted({piece.tone for piece in inside}):
        own = [piece for piece in inside if piece.tone == tone]
        if lane.kind is LaneKind.ALERT:
            # Of an alert the opening counts in a week: one that is open for days hides nothing.
            own = [piece for piece in own if piece.since > span[0]]
            shapes = "".join(_shape(tone, scale.x(one.since), top + 5) for one in own)
            yield f'<path class="tc-tl-{tone}" d="{shapes}"/>' if shapes else ""
            continue
        look = f"tc-tl-{tone}" if tone else f"tc-tl-{lane.kind.value}"
        yield f'<path class="{look}" d="{_path(own, scale, top, BAND - 3)}"/>'


def cut(pieces: Sequence[Piece], span: Span) -> list[Piece]:
    """Return the pieces that touch a span, cut to it."""
    return [
        piece._replace(since=max(piece.since, span[0]), until=min(piece.until, span[1]))
        for piece in pieces
        if piece.since < span[1] and (piece.until > span[0] or piece.since == span[0])
    ]
