"""Simulated streams through the rules, for a score: somebody ends every alert, absences are stated.

What happened is `truth`, holding the alerts against it is `score`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from telecared.config.load import LoadedPlan
from telecared.core.events import Suspended
from telecared.core.plan import HomeRecord
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import MINUTE, Duration, Instant, SuspensionKind
from telecared.sim.attended import ATTENDANT, Attended
from telecared.sim.lines import ReplayLine
from telecared.sim.occurring import What
from telecared.sim.score import Alert, alert_of_line
from telecared.sim.truth import TruthLine
from telecared.sim.world import CompiledHomes, SimWorld

SEEN_TO: Final[Duration] = 30 * MINUTE
"""How long each alert stands, so that the next event is an alert of its own."""

_STATED_AS: Final = {
    What.HOLIDAY: SuspensionKind.HOLIDAY,
    What.HOSPITAL: SuspensionKind.HOSPITAL,
}


def tried(
    messages: Iterable[StreamMessage],
    *,
    homes: Sequence[HomeRecord],
    loaded: LoadedPlan,
    truth: Sequence[TruthLine] = (),
    end: Instant | None = None,
    seen_to: Duration | None = SEEN_TO,
    compiled: CompiledHomes | None = None,
) -> Iterator[Alert]:
    """Yield the alerts that a simulated stream sets off, repeats among them.

    Args:
        messages: in order of time; each tells when it was received.
        homes: that they come from.
        loaded: rules and profiles.
        truth: what was stated of it (a holiday, a hospital) becomes a suspension.
        end: until when time passes after the last message; None to end with it.
        seen_to: how long after its opening somebody ends each alert; None for nobody.
        compiled: shared with other tries of the same homes.
    """
    known = {record.id for record in homes}
    stated = sorted(
        (one for one in truth if one.stated and one.home in known), key=lambda one: one.at
    )
    attended: Attended | None = None
    for message in messages:
        if attended is None:
            start = message.tst or 0
            attended = Attended(
                SimWorld(loaded, homes, {}, start=start, compiled=compiled), seen_to
            )
        world = attended.world
        at = world.now if message.tst is None else max(message.tst, world.now)
        while stated and stated[0].begins <= at:
            yield from _alerts(_state(attended, stated.pop(0)))
        yield from _alerts(attended.until(at))
        yield from _alerts(attended.taken(world.hear(message, at)))
    if attended is not None and end is not None:
        yield from _alerts(attended.until(end))


def _state(attended: Attended, one: TruthLine) -> list[ReplayLine]:
    """Have the monitoring centre know that a home is empty."""
    at = max(one.begins, attended.world.now)
    lines = attended.until(at)
    event = Suspended(input=0, at=0, by=ATTENDANT, kind=_STATED_AS[one.what], until=one.ends)
    return lines + attended.taken(attended.world.command(one.home, event, at)[1])


def _alerts(lines: Iterable[ReplayLine]) -> Iterator[Alert]:
    for line in lines:
        alert = alert_of_line(line)
        if alert is not None:
            yield alert
