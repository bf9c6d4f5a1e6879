"""No sign of life in the home for a time.

A sign of life is news of a property that shows movement: a sensor that merely stays ON is none.
The count pauses while somebody lies in bed or sits, and restarts when its window opens.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    Started,
    Tracer,
    Verdict,
    View,
    due_after,
    has_grace,
    matching,
    running_since,
)
from telecared.core.conditions.traces import (
    MAX_MARKS,
    Acts,
    close_runs,
    default_values,
    marks_of,
    time_of,
    without_those,
)
from telecared.core.plan import Device, Rule
from telecared.core.site import FAR
from telecared.core.state import Fact, Finding, Mark
from telecared.core.vocabulary import DAY, PROPERTIES, Duration, Instant, may_tell
from telecared.core.when import InactiveFor, ReadingIs
from telecared.core.windows import Span, clock_text, duration_text, merged

_NO_FACTS: Final[Mapping[str, Fact]] = {}

CONFIRMED: Final = 1.0
"""The value of the newest sign that others close to it confirmed."""


class Signs:
    """Keeps signs of life that count only together: enough of them within a time.

    The newest one that counts is kept however old it is; lone ones since then wait for company.

    Args:
        condition: how many within what, of which properties and places.
        devices: of the home.
    """

    keep: Duration = 0

    def __init__(self, condition: InactiveFor, devices: Sequence[Device]) -> None:
        self._condition = condition
        self._acts = tuple(
            Acts(
                ReadingIs(property=name, values=default_values(name), at=condition.at),
                devices,
                keep=0,
                never=condition.never,
            )
            for name in condition.of
        )
        self.reads = frozenset[tuple[str, str]]().union(*(one.reads for one in self._acts))
        number, within = condition.at_least, condition.within
        self.key = f"signs:{number}/{within}:{'|'.join(one.key for one in self._acts)}"

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give: the last sign, which counts as it did."""
        known = [mark for one in self._acts for mark in one.begin(view)]
        newest = max(known, key=time_of, default=None)
        return () if newest is None else (Mark(newest.at, newest.device, CONFIRMED),)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact."""
        if change is None or not any(one.is_act(view, change) for one in self._acts):
            return marks
        signs = {time_of(mark): mark for mark in marks}
        own = (change.at, change.device.id)
        if own in signs:
            return marks
        known = next((mark for mark in marks if mark.value == CONFIRMED), None)
        signs[own] = Mark(*own)
        kept = [Mark(*told) for told in sorted(signs)]
        runs = close_runs(kept, self._condition.at_least, self._condition.within)
        found = [kept[last] for _, last in runs]
        newest = max([*found, *([known] if known else [])], key=time_of, default=None)
        if newest is None:
            return tuple(kept[-MAX_MARKS:])
        since = newest.at - self._condition.within
        lately = [mark for mark in kept if mark.at > since and time_of(mark) != time_of(newest)]
        counted = Mark(newest.at, newest.device, CONFIRMED)
        return tuple(sorted((*lately[-MAX_MARKS:], counted), key=time_of))

    def newest(self, view: View) -> Mark | None:
        """Return the newest sign that counts, or None."""
        return next((one for one in marks_of(view, self.key) if one.value == CONFIRMED), None)


class _Inactive:
    absence = True
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: InactiveFor, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        named = matching(without_those(devices, condition.never), condition.at)
        self._pairs = tuple((device.id, name) for device in named for name in condition.of)
        self._movers = [device.id for device in named]
        self._devices = devices
        # A pendant never shows that somebody moves: a home without a sensor for it is not watched,
        # or it would be alarmed every day.
        self._known = tuple(
            device.id
            for device in named
            if any(may_tell(device.kind, name) for name in condition.of)
        )
        self._looks_back = condition.duration + DAY
        self._signs = Signs(condition, devices) if condition.at_least > 1 else None
        self.tracers: tuple[Tracer, ...] = (self._signs,) if self._signs else ()
        self.reads = frozenset(self._pairs)

    def on_change(self, view: View, change: Change) -> Verdict:
        finding = view.state.findings.get(self._rule.name)
        shows_life = change.after in PROPERTIES[change.property].activity
        if change.retained or not shows_life:
            return None
        since = self._last_life(view) or 0
        due: Instant | None = None
        if self._may_come_sooner(view, finding, since):
            # Windows, rests and outages only delay it: a bound that costs nothing to work out.
            due = since + self._condition.duration
        if finding is not None and finding.alert is not None and since > finding.since:
            return Ended(due=due)
        return None if due is None else Started(due)

    def _may_come_sooner(self, view: View, finding: Finding | None, since: Instant) -> bool:
        """Whether a sign of life may bring a deadline forward; nearly every one only delays it.

        The first sign of a home that is not watched yet, one that an outage's grace does not wait
        for any more, one from before a resolve, one after what is open.
        """
        if not self._known or has_grace(view, self._rule):
            return True
        if finding is None:
            return False
        return finding.alert is not None or since < finding.resolved_at

    def deadlines(self, view: View) -> Iterator[Due]:
        since = self._last_life(view)
        if since is None:
            return
        finding = view.state.findings.get(self._rule.name)
        running = running_since(finding, since, self._rule)
        if running is None:
            return
        start, not_before = running
        at = self._after(view, start)
        if at is not None:
            yield Due(max(at, not_before), None, since)

    def _after(self, view: View, start: Instant) -> Instant | None:
        return due_after(
            start,
            self._condition.duration,
            windows=self._condition.between,
            rule=self._rule,
            pauses=self._rests(view),
            view=view,
        )

    def holds(self, view: View) -> Instant | None:
        since, span = self._last_life(view), self._span(view)
        if since is None or span is None or span[0] > view.state.at:
            return None
        at = self._after(view, max(since, span[0]))
        return at if at is not None and at <= view.state.at else None

    def turns(self, view: View) -> Iterator[Instant]:
        since, span = self._last_life(view), self._span(view)
        if since is None or span is None:
            return
        coming = [self._after(view, max(since, span[0]))]
        if self._condition.between:
            coming += span
        yield from (at for at in coming if at is not None and view.state.at < at < FAR)

    def _span(self, view: View) -> Span | None:
        """Return the window that is open, or the next one: in each the count begins anew."""
        if not self._condition.between:
            return 0, FAR
        at, found = view.state.at, (0, 0)
        for opens, closes in view.pieces(self._condition.between, at - self._looks_back):
            found = found[0] if opens <= found[1] else opens, max(found[1], closes)
            if found[1] > at:
                return found
        return None

    def _last_life(self, view: View) -> Instant | None:
        """Return the last sign of life; before the first one, since when the home is watched."""
        state = view.state
        seen = [state.known[device] for device in self._known if device in state.known]
        last = min(seen, default=0)
        if self._signs is not None:
            newest = self._signs.newest(view)
            return max(last, newest.at if newest else 0) or None
        for device in self._movers:
            for name, fact in state.facts.get(device, _NO_FACTS).items():
                if fact.active_at > last and name in self._condition.of:
                    last = fact.active_at
        return last or None

    def _rests(self, view: View) -> list[Span]:
        """Return the stretches in bed or chair, each for at most `occupied_at_most`."""
        at_most = self._condition.occupied_at_most
        rests = list(view.state.rest)
        for device in self._devices:
            fact = view.state.facts.get(device.id, _NO_FACTS).get("occupancy")
            if fact is not None and fact.value == "occupied":
                rests.append((fact.since, FAR if fact.expires_at is None else fact.expires_at))
        return merged([(start, min(end, start + at_most)) for start, end in rests])

    def evidence(self, view: View) -> tuple[Device | None, Instant] | None:
        """Return the last sign of life."""
        since = self._last_life(view)
        return None if since is None else (None, since)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        lasted = duration_text(self._condition.duration)
        seen = clock_text(since, view.zone, view.site.offset(since))
        return f"no sign of life for {lasted}; the last was at {seen}"


def compile_inactive(condition: InactiveFor, rule: Rule, devices: tuple[Device, ...]) -> _Inactive:
    """Compile an `inactive_for` condition for a home with these devices."""
    return _Inactive(condition, rule, devices)
