"""Which stretches of a home were not as usual, read from its state.

How the state comes to know is `away` (doors and silence) and `suspensions` (what people stated).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.plan import DEFAULT_OUT_AT_MOST, Absence
from telecared.core.state import Gap, HomeState
from telecared.core.stated import Suspension
from telecared.core.vocabulary import Duration, Instant, SuspensionKind
from telecared.core.windows import local

MAX_GAPS: Final = 48
"""Stretches in which the home was not as usual that are remembered, oldest dropped first."""

_STATED: Final = {
    SuspensionKind.VISITOR: Absence.VISITOR,
    SuspensionKind.MAINTENANCE: Absence.MAINTENANCE,
}
_MEANS: Final = {
    Absence.AWAY: "nobody is at home",
    Absence.VISITOR: "a visitor is in the home",
    Absence.MAINTENANCE: "the equipment is being worked on",
}


def absence_of(kind: SuspensionKind) -> Absence:
    """Return what a suspension means to rules: what they may name in `unless`."""
    return _STATED.get(kind, Absence.AWAY)


def gaps_of(state: HomeState) -> tuple[Gap, ...]:
    """Return the stretches in which the home was not as usual, past and running.

    A running one reaches to its stated end; one that only the doors tell of, to eight hours after
    it began: nobody's silence is explained by a guess without end.
    """
    outing = state.outing
    if not state.suspensions and not outing.out_since:
        return state.gaps
    running = [gap_of(suspension, suspension.until) for suspension in state.suspensions.values()]
    if outing.out_since:
        until = outing.out_since + DEFAULT_OUT_AT_MOST
        running.append(
            Gap(Absence.AWAY, outing.out_since, until, False, f"{outing.device}, then silence")
        )
    return (*state.gaps, *running)


def gap_of(suspension: Suspension, until: Instant) -> Gap:
    """Return the gap that a suspension makes until `until`."""
    kind = suspension.kind
    return Gap(absence_of(kind), suspension.since, until, True, kind.value)


def remember(state: HomeState, gap: Gap) -> None:
    """Keep a gap that has ended; one without length is none."""
    if gap.since < gap.until:
        state.gaps = (*state.gaps, gap)[-MAX_GAPS:]


def covering(gaps: Sequence[Gap], at: Instant, kinds: Sequence[Absence]) -> Gap | None:
    """Return the gap of one of `kinds` in which `at` lies, or None.

    Of several the one that ends last; what a person stated before what the doors say.
    """
    found = [gap for gap in gaps if gap.kind in kinds and gap.since <= at < gap.until]
    return max(found, key=lambda gap: (gap.until, gap.declared), default=None)


def gap_text(gap: Gap, zone: ZoneInfo, offset: Duration, now: Instant) -> str:
    """Return a gap in a few words: what it means, since when (local time), how that is known."""
    told = f"{gap.why}, as stated" if gap.declared else gap.why
    return f"{_MEANS[gap.kind]} since {moment_text(gap.since, zone, offset, now)} ({told})"


def moment_text(at: Instant, zone: ZoneInfo, offset: Duration, now: Instant) -> str:
    """Return a local time for people: `13:04`, and with its date when it is not today's."""
    shown: datetime = local(at, zone, offset)
    today = local(now, zone, offset).date()
    return shown.strftime("%H:%M" if shown.date() == today else "%Y-%m-%d %H:%M")
