"""A device that repeats itself beyond a rate: what it adds is counted, and told now and then.

The first finding and every other one (another value, rule or device) are never capped. Of life
safety only the repeats of an alert that is open already are, and they are told every two minutes.
"""

from typing import Final

from msgspec.structs import replace

from telecared.core.plan import Device
from telecared.core.state import Alert, HomeState, Pending, earliest
from telecared.core.storms import Burst
from telecared.core.vocabulary import MINUTE, SECOND, Duration, Priority
from telecared.core.work import Work

EACH: Final[Duration] = 30 * SECOND
"""One finding may repeat itself for ever as often as this: nobody presses faster for long."""

AT_ONCE: Final = 20
"""Repeats beyond that rate before it has run away."""

TOLD_EVERY: Final[Duration] = 2 * MINUTE
"""Once it has run away, a repeat is on record and pages its owner this often."""

MAX_BURSTS: Final = 100
"""Findings of a home whose rate is remembered; the slowest are forgotten first."""

MAX_SAID: Final = 5
"""Sentences that are known of one finding: what says ever more that is new is capped as well."""

FINDING: Final = "runaway-device"

_OWN: Final = f"!{FINDING}|"
"""How the keys of its own faults begin: that a device runs away does not run away itself."""

_FULL: Final[Duration] = AT_ONCE * EACH


def note(work: Work, key: str, device: Device | None, reason: str) -> None:
    """Count one finding; one that runs away is told, once, as a fault of its device.

    `reason` is the sentence with its evidence: a finding that says something new is news.
    """
    bursts = dict(work.state.bursts)
    known = bursts.get(key, Burst(work.at, 0))
    left = max(known.level - (work.at - known.at), 0)
    level = left + EACH
    ran_away = level > _FULL
    said = known.said if left else ()
    news = reason not in said and len(said) < MAX_SAID
    bursts[key] = Burst(
        at=work.at,
        level=min(level, _FULL + EACH),
        told_at=known.told_at if ran_away else 0,
        said=(*said, reason) if news else said,
        news=news,
    )
    if len(bursts) > MAX_BURSTS:
        del bursts[min(bursts, key=lambda one: (bursts[one].at + bursts[one].level, one))]
    work.state.bursts = bursts
    if ran_away and not known.told_at and device is not None and not key.startswith(_OWN):
        _tell(work, device)


def _tell(work: Work, device: Device) -> None:
    """Have the fault told as what the machinery finds is, within this very step."""
    detail = f"{device.id} repeats itself more often than every {EACH // SECOND} s"
    pending = Pending(work.at, FINDING, device.id, detail, None)
    work.state.pending[f"{_OWN}{device.id}"] = pending
    work.state.conditions_due = earliest(work.state.conditions_due, work.at)


def has_run_away(state: HomeState, key: str) -> bool:
    """Whether a finding repeats itself beyond the rate, as far as it was last counted."""
    burst = state.bursts.get(key)
    return burst is not None and burst.level > _FULL


def caps_repeat(work: Work, alert: Alert, key: str, priority: Priority) -> bool:
    """Whether a repeat is only counted now; what changes something for people never is."""
    burst = work.state.bursts.get(key)
    if burst is None or burst.level <= _FULL or burst.news:
        return False
    resumes = alert.cancelled_at is not None or alert.begins_at is not None
    if resumes or priority.rank < alert.priority.rank:
        return False
    if burst.told_at and work.at < burst.told_at + TOLD_EVERY:
        return True
    work.state.bursts = {**work.state.bursts, key: replace(burst, told_at=work.at)}
    return False


def holds_opening(state: HomeState, key: str, priority: Priority) -> bool:
    """Whether what flaps opens no further alert for now: what is routine or technical only."""
    calm = not priority.closed_only_by_a_person
    return calm and has_run_away(state, key) and not state.bursts[key].news
