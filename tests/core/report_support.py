"""What a store could hold of an October in one scheme, as small values for stories of reports."""

from datetime import datetime
from zoneinfo import ZoneInfo

from telecared.core.answers import AlertSeen, MessageSeen
from telecared.core.effects import Record
from telecared.core.report_parts import Period
from telecared.core.vocabulary import (
    DAY,
    AlertState,
    Channel,
    NotificationState,
    Priority,
)
from telecared.core.windows import to_instant

HOME = "larch-12"
BEGIN = to_instant(datetime(2026, 10, 1, tzinfo=ZoneInfo("Europe/London")))
END = to_instant(datetime(2026, 11, 1, tzinfo=ZoneInfo("Europe/London")))
OCTOBER = Period(name="2026-10", since=BEGIN, until=END, timezone="Europe/London")
MORNING = BEGIN + 9 * DAY


def alert(n: int = 1, **changes: object) -> AlertSeen:
    """A fall on the tenth, unresolved unless it says otherwise."""
    known: dict[str, object] = {
        "home": HOME,
        "n": n,
        "rule": "fall",
        "priority": Priority.LIFE_SAFETY,
        "state": AlertState.OPEN,
        "opened_at": MORNING,
        "sensed_at": MORNING,
        "device": "watch",
    }
    return AlertSeen(**{**known, **changes})  # type: ignore[arg-type]  # a story's own values


def line(event: str, after: int = 0, n: int | None = 1, **changes: object) -> tuple[str, Record]:
    """A line of the record, some microseconds after the fall."""
    known: dict[str, object] = {"at": MORNING + after, "event": event, "alert": n}
    return HOME, Record(**{**known, **changes})  # type: ignore[arg-type]  # a story's own values


def message(k: int = 1, n: int = 1, **changes: object) -> MessageSeen:
    """A text to Ben about it, delivered at once."""
    known: dict[str, object] = {
        "id": f"{HOME}/{n}-{k}",
        "home": HOME,
        "alert": n,
        "to": "ben",
        "channel": Channel.SMS,
        "priority": Priority.LIFE_SAFETY,
        "queued_at": MORNING,
        "state": NotificationState.DELIVERED,
        "delivered_at": MORNING,
    }
    return MessageSeen(**{**known, **changes})  # type: ignore[arg-type]  # a story's own values
