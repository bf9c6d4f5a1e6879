"""The figures of the wall board: how many wait, since when, and how well today went.

No names, no addresses: whoever passes by may see the board. How it is drawn is its template's.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from telecared.core.queue import LATE_AFTER, OVERDUE_AFTER
from telecared.core.vocabulary import SECOND, Instant, Priority
from telecared.web.open_alerts import OTHER

if TYPE_CHECKING:
    from telecared.web.console import Console

NO_FIGURE: Final = "\N{EN DASH}"


class Board(msgspec.Struct, frozen=True):
    """What stands on the board.

    Attributes:
        waiting: at the centre, of all priorities; the next three are parts of it.
        oldest: since when the one that has waited longest stands at the centre, in milliseconds
            of engine time; None where nothing waits.
        oldest_dangerous: the same of life safety and urgency only.
        faults: technical alerts that nobody has resolved.
        first, second: how much was answered within each target today, in words.
        asked: of how many.
    """

    waiting: int
    life_safety: int
    urgent: int
    other: int
    with_family: int
    held: int
    faults: int
    oldest: int | None
    oldest_dangerous: int | None
    first: str
    second: str
    asked: int


def board_of(console: "Console", schemes: tuple[str, ...] | None) -> Board:
    """Return the board of some schemes, None for all, as of the last look at the queue."""
    alerts = console.open_alerts
    tally = alerts.tally(schemes)
    faces = [row.face for row in alerts.rows() if schemes is None or row.face.scheme in schemes]
    waiting = [one for one in faces if one.waits]
    dangerous = [one for one in waiting if one.priority in (Priority.LIFE_SAFETY, Priority.URGENT)]
    score = console.today.score(schemes)
    return Board(
        waiting=len(waiting),
        life_safety=tally[Priority.LIFE_SAFETY.value],
        urgent=tally[Priority.URGENT.value],
        other=tally[OTHER],
        with_family=tally["with_family"],
        held=tally["held"],
        faults=sum(one.priority is Priority.TECHNICAL for one in faces),
        oldest=_oldest(one.centre_at for one in waiting),
        oldest_dangerous=_oldest(one.centre_at for one in dangerous),
        first=_share(score.in_first, score.asked),
        second=_share(score.in_second, score.asked),
        asked=score.asked,
    )


def board_event(console: "Console", schemes: tuple[str, ...] | None) -> bytes:
    """Return the board as JSON."""
    return msgspec.json.encode(board_of(console, schemes))


def _oldest(found: Iterable[Instant | None]) -> int | None:
    oldest = min((one for one in found if one is not None), default=None)
    return None if oldest is None else oldest // 1000


def _share(part: int, whole: int) -> str:
    # Rounded down: a target that was missed by one alert was missed.
    return NO_FIGURE if not whole else f"{1000 * part // whole / 10:.1f} %"


TARGETS: Final = (LATE_AFTER // SECOND, OVERDUE_AFTER // SECOND)
"""The targets in seconds, as the board names them."""
