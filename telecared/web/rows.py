"""Rows of the queue as HTML and as events of a stream, and which of them somebody asked for.

Drawn once for everybody who sees the same. When they are sent is the hub's.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.operators import Act, Operator
from telecared.core.queue import LATE_AFTER, OVERDUE_AFTER, Standing, Target, target_of
from telecared.core.vocabulary import SECOND, Duration, Instant, Priority
from telecared.core.windows import local
from telecared.web.faces import Face, is_for
from telecared.web.marks import Mark
from telecared.web.open_alerts import Gone, Row

if TYPE_CHECKING:
    from telecared.web.pages import Pages

SECTIONS: Final = (
    (Standing.AT_CENTRE, "At the centre", "Nothing waits for the centre."),
    (Standing.WITH_FAMILY, "With the family", "Nothing is with families."),
    (Standing.HELD, "Held", "Nobody has an alert."),
)
"""What the queue is divided into, in order, with what is said of an empty one."""

TARGET_WORDS: Final = {
    Target.OK: ("ok", f"within {LATE_AFTER // SECOND} s"),
    Target.LATE: ("warn", f"over {LATE_AFTER // SECOND} s"),
    Target.OVERDUE: ("danger", f"over {OVERDUE_AFTER // SECOND} s"),
}
"""An age against the targets as a tone and in words; colour never tells it alone."""

MAX_DRAWN: Final = 8_000
"""Drawn rows that are kept; each takes some two kilobytes."""


class Wanted(NamedTuple):
    """Which alerts somebody asked for; "" for all.

    Attributes:
        mine: the name of whoever wants only what they have.
    """

    scheme: str = ""
    priority: str = ""
    mine: str = ""

    def has(self, face: Face) -> bool:
        """Whether an alert is among them."""
        return (
            (not self.scheme or face.scheme == self.scheme)
            and (not self.priority or face.priority.value == self.priority)
            and (not self.mine or face.owner == self.mine)
        )


def wanted_of(query: Callable[[str], str], operator: Operator) -> Wanted:
    """Return what a query asks for; what makes no sense is passed over."""
    priority = query("priority")
    return Wanted(
        scheme=query("scheme"),
        priority=priority if priority in {one.value for one in Priority} else "",
        mine=operator.name if query("mine") == "1" else "",
    )


class Look(NamedTuple):
    """What changes how a row is drawn beside what stands in it.

    Attributes:
        acts: whoever looks may act on alerts.
        has_it: they have this one.
    """

    acts: bool
    has_it: bool


def look_of(operator: Operator, face: Face) -> Look:
    """Return how an operator sees a row."""
    return Look(operator.may(Act.ACT_ON_ALERTS), face.owner == operator.name)


def alert_path(home: str, n: int) -> str:
    """Return the address of an alert's page."""
    return f"/alerts/{quote(home, safe='@/')}/{n}"


def queue_path(home: str, n: int, act: str) -> str:
    """Return the address of an act of the queue."""
    return f"/queue/{quote(home, safe='@/')}/{n}/{act}"


def late(since: Instant | None, now: Instant, priority: Priority) -> tuple[str, str] | None:
    """Return tone and words of an age against the targets; None where there is no target."""
    age = None if since is None else max(0, now - since)
    return TARGET_WORDS.get(target_of(age, priority))


def clock_of(offset: Duration, site_zone: str) -> Callable[..., str]:
    """Return what shows an instant as the clocks of a zone do."""

    def clock(at: Instant, zone: str | None = None, form: str = "%a %d %b %H:%M:%S") -> str:
        return local(at, ZoneInfo(zone or site_zone), offset).strftime(form)

    return clock


def in_sections(rows: Iterable[Row]) -> list[tuple[Standing, str, str, list[Row]]]:
    """Return the queue's sections with their rows in order."""
    ordered = sorted(rows, key=lambda row: row.face.order)
    return [
        (standing, title, empty, [row for row in ordered if row.face.standing is standing])
        for standing, title, empty in SECTIONS
    ]


class _RowEvent(msgspec.Struct):
    id: str
    section: str
    order: tuple[int, int, str, int]
    priority: str
    waits: bool
    html: str


class Drawer:
    """Draws rows for streams, each once for all who see it alike.

    One thread at a time may use it.
    """

    def __init__(self, pages: "Pages") -> None:
        self._pages = pages
        self._drawn: dict[tuple[str, int, Look], bytes] = {}

    def row(self, row: Row, look: Look, *, now: Instant, clock: Callable[..., str]) -> bytes:
        """Return a row as JSON: where it stands, and its HTML."""
        key = (row.face.alert, row.version, look)
        found = self._drawn.get(key)
        if found is None:
            face = row.face
            html = self._pages.render_open(
                "queue/one.html",
                face=face,
                look=look,
                now=now,
                clock=clock,
                late=late,
                alert_path=alert_path,
                queue_path=queue_path,
            )
            found = msgspec.json.encode(
                _RowEvent(
                    face.alert,
                    face.standing.value,
                    face.order,
                    face.priority.value,
                    face.waits,
                    html.strip(),
                )
            )
            while len(self._drawn) >= MAX_DRAWN:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[key] = found
        return found


def event(name: str, data: bytes, mark: Mark | None = None) -> bytes:
    """Return one event of a stream; data is JSON, which has no line breaks."""
    head = b"" if mark is None else b"id: %s\n" % str(mark).encode()
    return b"%sevent: %s\ndata: %s\n\n" % (head, name.encode(), data)


def gone_event(gone: Gone) -> bytes:
    """Return the event that an alert is in the queue no more."""
    return event("gone", msgspec.json.encode({"id": f"{gone.home}/{gone.n}"}))


def sees(operator: Operator, wanted: Wanted, face: Face) -> bool:
    """Whether a row is for somebody, and what they asked for."""
    return is_for(operator, face.scheme) and wanted.has(face)
