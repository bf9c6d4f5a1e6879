"""A trial of a change, as a process of its own: the past of one home, before and after.

Run by `trials` as `python -m telecared.web.trial_process`: an order on stdin, progress and the
comparison as JSON lines on stdout. In a process of its own because weeks of a past take long, and
the daemon that may serve the console must not wait for it.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.config.load import LoadedPlan
from telecared.core.plan import HomeRecord, Plan
from telecared.core.vocabulary import DAY, MINUTE, Duration, Instant
from telecared.errors import ReplayError, StoreError
from telecared.sim.comparing import HomeOutcome, Moved, Opened, Outcomes, compare
from telecared.sim.stored import StoredPast, replay_past, stored_past

TRIAL_LASTS: Final[Duration] = 60 * DAY
"""How long a past is played."""

SEEN_TO: Final[Duration] = 30 * MINUTE
"""How long after its opening somebody ends each alert, or a later one would only repeat it."""

TOLD_EVERY: Final = 0.02
"""Progress is told in steps of this part of the whole."""

NICER: Final = 10
"""How far it stands back behind the daemon for the processor."""


class TrialOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried: one home's record instead of another, under one plan."""

    store: str
    plan: Plan
    before: HomeRecord
    after: HomeRecord


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would have made different; instants are engine time.

    Attributes:
        since, until: of the past that was played.
        new, gone: alerts; `moved` and `changed` pairs of one, before and after.
        alerts, wakings: how many before and after.
    """

    since: Instant
    until: Instant
    same: int
    new: tuple[Opened, ...]
    gone: tuple[Opened, ...]
    moved: tuple[Moved, ...]
    changed: tuple[Moved, ...]
    alerts: tuple[int, int]
    wakings: tuple[int, int]


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of what the process says: how far it is, or how it ended."""

    part: float = 0.0
    found: Difference | None = None
    error: str = ""


def try_change(order: TrialOrder, progress: Callable[[float], None]) -> Difference:
    """Play a home's past under its record and under another, and hold both against each other.

    Raises:
        ReplayError: its past was erased, dropped, or there is none.
    """
    home = order.before.id
    past = stored_past(Path(order.store), home=home, lasts=TRIAL_LASTS)
    outcomes = [
        _played(past, order.plan, record, lambda part, turn=turn: progress((turn + part) / 2))  # type: ignore[misc]
        for turn, record in enumerate((order.before, order.after))
    ]
    found = compare(home, outcomes[0], outcomes[1], lasted=past.until - past.since)
    return Difference(
        since=past.since,
        until=past.until,
        same=found.same,
        new=found.new,
        gone=found.gone,
        moved=found.moved,
        changed=found.changed,
        alerts=(len(found.before.alerts), len(found.after.alerts)),
        wakings=(len(found.before.wakings), len(found.after.wakings)),
    )


def _played(
    past: StoredPast, plan: Plan, record: HomeRecord, progress: Callable[[float], None]
) -> HomeOutcome:
    loaded = LoadedPlan(plan=plan, profiles={}, warnings=(), sources={})
    lasts = max(1, past.until - past.since)
    told = 0.0

    def moved(at: Instant) -> None:
        nonlocal told
        part = (at - past.since) / lasts
        if part >= told + TOLD_EVERY:
            told = part
            progress(min(part, 1.0))

    outcomes = Outcomes({record.id: ZoneInfo(record.timezone)})
    played = past._replace(homes=(record,))
    for line in replay_past(played, loaded=loaded, phones={}, seen_to=SEEN_TO, progress=moved):
        outcomes.take(line)
    return outcomes.of(record.id)


def main() -> None:
    """Carry out the order on stdin."""
    with suppress(OSError):  # the service is not allowed to; then it runs beside the daemon
        os.nice(NICER)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=TrialOrder)
    try:
        found = try_change(order, lambda part: _say(Told(part=part)))
    except (ReplayError, StoreError) as error:
        _say(Told(error=str(error)))
    else:
        _say(Told(part=1.0, found=found))


def _say(told: Told) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
