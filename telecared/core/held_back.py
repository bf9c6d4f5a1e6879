"""What was held back and why, read from the record: every reason for which nobody was told.

The words are those that the core puts on record; who decided it stands in them.
"""

from enum import StrEnum
from typing import Final

from telecared.core.effects import Record


class HeldKind(StrEnum):
    """Why nobody was told of something, or not by itself."""

    SILENCE = "silence"
    ABSENCE = "absence"
    WALK_TEST = "walk_test"
    INHIBITION = "inhibition"
    INCIDENT = "incident"
    GROUP = "group"
    CAP = "cap"
    COOLDOWN = "cooldown"
    RUNAWAY = "runaway"


HELD: Final = "held back: "

_BEGINS: Final = (
    (f"{HELD}silenced by ", HeldKind.SILENCE),
    (f"{HELD}a walk test ", HeldKind.WALK_TEST),
    (f"{HELD}part of incident ", HeldKind.INCIDENT),
    (f"{HELD}told with ", HeldKind.GROUP),
    (f"{HELD}it comes and goes ", HeldKind.RUNAWAY),
    ("within its cooldown: ", HeldKind.COOLDOWN),
)


def held_kind(record: Record) -> HeldKind | None:
    """Return why a line of the record says that something was held back; None where it does not."""
    if record.event != "alert.updated":
        return None
    reason = record.reason
    for beginning, kind in _BEGINS:
        if reason.startswith(beginning):
            return kind
    if reason.startswith("its ") and "alerts of the day are opened" in reason:
        return HeldKind.CAP
    if not reason.startswith(HELD):
        return None
    return HeldKind.INHIBITION if " explains it, says " in reason else HeldKind.ABSENCE
