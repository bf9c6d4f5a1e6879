"""The one door to storms and gaps for `step`: events between homes, and the scheme's own deadline.

What they come to is `incidents`, `outages` and, in a single home, `belonging`.
"""

from typing import assert_never

from telecared.core import belonging, incidents, outages
from telecared.core.state import HomeState, earliest
from telecared.core.storm_events import (
    GapEnded,
    HomeChecked,
    HomeHeard,
    StormEvent,
    StormJoined,
    StormOver,
    UnitBack,
    UnitSilent,
)
from telecared.core.vocabulary import Instant
from telecared.core.work import Work


def fold(work: Work, event: StormEvent) -> None:
    """Fold what a scheme heard of a home, or a home of its scheme; a person's check is answered."""
    match event:
        case UnitSilent():
            incidents.note_silent(work, event)
        case UnitBack():
            incidents.note_back(work, event)
        case StormJoined():
            belonging.join(work, event)
        case StormOver():
            belonging.leave(work, event)
        case GapEnded():
            outages.open_for_gap(work, event)
        case HomeHeard():
            outages.note_heard(work, event)
        case HomeChecked():
            work.answer = outages.check(work, event)
        case _:
            assert_never(event)


def deadline(state: HomeState) -> Instant | None:
    """Return when a scheme has to judge what it heard; None in every other home."""
    storms = state.storms
    if not (storms.silent or storms.incidents or storms.lists):
        return None
    return earliest(incidents.deadline(state), outages.deadline(state))


def judge(work: Work) -> None:
    """Work out what a scheme has heard, and tell of lists that are not at zero."""
    incidents.judge(work)
    outages.tell(work)
