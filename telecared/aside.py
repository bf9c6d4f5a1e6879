"""Setting aside what could not be worked out (design 3.1, decision 13): its row, and what is told.

Values only. When something is set aside, and how often it is tried, is `stepping`.
"""

import traceback
from typing import Final

from telecared.core.events import ConditionFound, Event, MessageHeard, Quarantined, Ticked
from telecared.core.machinery import is_about_alert
from telecared.core.readings import is_life_safety
from telecared.core.state import Answer
from telecared.core.step import DeadlineFailed
from telecared.store_port import InputRow, Quarantine

SET_ASIDE: Final = Answer(False, "it could not be worked out and was set aside")
"""What the giver of a command hears that made a step fail."""


def aside_deadline(
    home: str, event: Event, failure: DeadlineFailed
) -> tuple[Quarantine, Quarantined]:
    """Return the row of a deadline that failed while `event` was stepped, and what is told."""
    row = Quarantine(
        input=_number_of(event),
        home=home,
        what="deadline",
        key=failure.key,
        error=place_of(failure.__cause__ or failure),
        at=failure.at,
    )
    return row, Quarantined(input=0, at=failure.at, what="deadline", key=failure.key)


def aside_event(home: str, event: Event, error: Exception) -> tuple[Quarantine, Quarantined]:
    """Return the row of an event that failed, and what is told."""
    what = "message" if isinstance(event, MessageHeard) else "command"
    device = event.device if isinstance(event, MessageHeard) else ""
    readings = event.readings if isinstance(event, MessageHeard) else ()
    number = _number_of(event)
    row = Quarantine(input=number, home=home, what=what, key="", error=place_of(error), at=event.at)
    told = Quarantined(input=number, at=event.at, what=what, device=device, readings=readings)
    return row, told


def aside_row(home: str, row: InputRow, error: Exception) -> tuple[Quarantine, Quarantined]:
    """Return the row of an input whose body could not be read, and what is told."""
    kept = Quarantine(
        input=row.id, home=home, what=row.kind, key="", error=place_of(error), at=row.at
    )
    return kept, Quarantined(input=row.id, at=row.at, what=row.kind)


def told_at_site(home: str, event: Event) -> ConditionFound:
    """Return what the site finds where a home cannot be stepped any more."""
    readings = event.readings if isinstance(event, Quarantined | MessageHeard) else ()
    key = event.key if isinstance(event, Quarantined) else ""
    alarm = is_about_alert(key) or any(map(is_life_safety, readings))
    return ConditionFound(
        input=_number_of(event),
        at=event.at,
        name="quarantined-alarm" if alarm else "quarantined",
        subject=home,
        detail="a home's state cannot be worked out any more",
    )


def place_of(error: BaseException) -> str:
    """Return an error's type and place, never its text: a text may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _number_of(event: Event) -> int:
    return 0 if isinstance(event, Ticked) else event.input
