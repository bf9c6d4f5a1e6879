"""What stands behind an alarm unit is not heard while the unit is silent: one fault, one alert.

When the units of a home were silent, from facts alone, and what that means to a device that speaks
through them. Whether the unit itself is told is its own rule's business (`silent`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from telecared.core.conditions.base import View, due_after, fact_of
from telecared.core.site import FAR
from telecared.core.state import HomeState, earliest
from telecared.core.vocabulary import MINUTE, Duration, Instant

UNIT_PAUSE: Final[Duration] = 10 * MINUTE
"""A unit that was quiet for less was not silent, whatever its rule says: shorter pauses are not
remembered."""

MAX_RETURNS: Final = 8
"""Returns of one unit that are remembered; of two silences only a longer one outlives a later."""


class Spell(NamedTuple):
    """A stretch in which a unit was silent beyond its limit.

    While it lasts `until` is when the unit will be removed, `FAR` where nobody has said so.
    """

    since: Instant
    until: Instant


def spells(view: View) -> list[Spell]:
    """Return the silences of the home's alarm units that somebody is told of.

    A unit whose silence no rule tells stands for nothing: what is behind it must speak for itself.
    """
    return list(_spells(view))


def _spells(view: View) -> Iterator[Spell]:
    state = view.state
    for device, rule, limit, installed, removed in view.units:
        known = state.known.get(device)
        if known is None or not {rule.name, f"{rule.name}|{device}"}.isdisjoint(state.broken):
            continue
        lasts = max(limit, UNIT_PAUSE)
        for quiet_since, back in state.returned.get(device, ()):
            began = due_after(quiet_since, lasts, windows=(), rule=rule, view=view)
            if began is not None and began <= back:
                yield Spell(began, back)
        heard = max(known, installed, state.heard.get(device, known))
        began = due_after(heard, lasts, windows=(), rule=rule, view=view)
        began = earliest(began, offline_since(state, device))
        if began is not None and began < removed:
            yield Spell(began, removed)


def offline_since(state: HomeState, device: str) -> Instant | None:
    """Return since when the broker says that a device is gone, unless it has spoken since."""
    link = fact_of(state, device, "link")
    if link is None or link.value != "offline":
        return None
    return None if state.heard.get(device, 0) > link.received_at else link.received_at


def whole_time_from(heard: Instant, known: list[Spell], at: Instant) -> Instant:
    """Return from when a device that was last heard at `heard` has its whole time, as of `at`.

    It has it anew when a unit speaks again, or is removed. Whoever spoke while the unit was silent
    does not stand behind it.
    """
    returns = (one.until for one in known if heard < one.since <= at and one.until != FAR)
    return max(returns, default=heard)


def silent_unit(start: Instant, due: Instant, known: list[Spell]) -> Instant | None:
    """Return since when a unit's silence explains a device's own, or None where none does.

    `start` is from when the device's time counts, `due` when it is over.
    """
    explains = (one.since for one in known if start < one.since <= due < one.until)
    return min(explains, default=None)


def with_return(
    known: tuple[tuple[Instant, Instant], ...], since: Instant, back: Instant
) -> tuple[tuple[Instant, Instant], ...]:
    """Return what is remembered of a unit's returns with one more.

    A longer silence that ended later says all that an earlier one can.
    """
    longer = [one for one in known if one[1] - one[0] > back - since]
    return (*longer, (since, back))[-MAX_RETURNS:]
