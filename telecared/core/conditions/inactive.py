"""No sign of life in the home for a time.

A sign of life is news of a property that shows movement: a sensor that merely stays ON is none.
The count pauses while somebody lies in bed or sits, and restarts when its window opens.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    Verdict,
    View,
    due_after,
    fact_of,
    matching,
    running_since,
)
from telecared.core.plan import Device, InactiveFor, Rule
from telecared.core.site import FAR
from telecared.core.vocabulary import PROPERTIES, Instant, may_tell
from telecared.core.windows import Span, clock_text, duration_text, merged


class _Inactive:
    absence = True
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: InactiveFor, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        named = matching(devices, condition.at)
        self._pairs = tuple((device.id, name) for device in named for name in condition.of)
        self._beds = tuple(device.id for device in devices)
        # A pendant never shows that somebody moves: a home without a sensor for it is not watched,
        # or it would be alarmed every day.
        self._known = tuple(
            device.id
            for device in named
            if any(may_tell(device.kind, name) for name in condition.of)
        )
        self.reads = frozenset(self._pairs)

    def on_change(self, view: View, change: Change) -> Verdict:
        shows_life = change.after in PROPERTIES[change.property].activity
        return Ended() if shows_life and not change.retained else None

    def deadlines(self, view: View) -> Iterator[Due]:
        since = self._last_life(view)
        if since is None:
            return
        finding = view.state.findings.get(self._rule.name)
        running = running_since(finding, since, self._rule.cooldown)
        if running is None:
            return
        start, not_before = running
        at = due_after(
            start,
            self._condition.duration,
            windows=self._condition.between,
            downtime=self._rule.downtime,
            pauses=self._rests(view),
            view=view,
        )
        if at is not None:
            yield Due(max(at, not_before), None, since)

    def _last_life(self, view: View) -> Instant | None:
        """Return the last sign of life; before the first one, since when the home is watched."""
        state = view.state
        seen = [state.known[device] for device in self._known if device in state.known]
        last = min(seen, default=0)
        for device, name in self._pairs:
            fact = fact_of(state, device, name)
            if fact is not None and fact.active_at > last:
                last = fact.active_at
        return last or None

    def _rests(self, view: View) -> list[Span]:
        """Return the stretches in bed or chair, each for at most `occupied_at_most`."""
        at_most = self._condition.occupied_at_most
        rests = list(view.state.rest)
        for device in self._beds:
            fact = fact_of(view.state, device, "occupancy")
            if fact is not None and fact.value == "occupied":
                rests.append((fact.since, FAR if fact.expires_at is None else fact.expires_at))
        return merged([(start, min(end, start + at_most)) for start, end in rests])

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        lasted = duration_text(self._condition.duration)
        seen = clock_text(since, view.zone, view.site.offset(since))
        return f"no sign of life for {lasted}; the last was at {seen}"


def compile_inactive(condition: InactiveFor, rule: Rule, devices: tuple[Device, ...]) -> _Inactive:
    """Compile an `inactive_for` condition for a home with these devices."""
    return _Inactive(condition, rule, devices)
