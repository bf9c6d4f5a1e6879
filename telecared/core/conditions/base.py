"""What every kind of condition shares: the view it may look at, its verdicts, deadlines.

A compiled condition is asked about changes of facts and about its deadlines. It never changes
the state and opens no alert: it only says what it found.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.plan import Device, Rule
from telecared.core.site import FAR, SiteFacts
from telecared.core.state import Fact, Finding, Gap, HomeState, Mark
from telecared.core.vocabulary import Duration, Instant, Priority, Value
from telecared.core.when import Window
from telecared.core.windows import Span, inside, merged, pieces, reach

LOW_BATTERY_PERCENT: Final = 15.0
"""A battery that tells a number counts as `low` at or below this."""

RADIO_WEAK: Final = 20.0
"""A radio that tells a number, in % of a good signal, counts as `weak` at or below this."""


class Unit(NamedTuple):
    """An alarm unit, the rule that tells of its silence, and how long it may be silent.

    `installed` is 0, `removed` far away where nobody has said when.
    """

    device: str
    rule: Rule
    limit: Duration
    installed: Instant
    removed: Instant


class View(NamedTuple):
    """What a condition may look at. Now is `state.at`.

    Attributes:
        holidays: the public holidays of the home, as proleptic Gregorian ordinals.
        gaps: stretches in which the home was not as usual, past and running.
        units: the alarm units whose silence a rule tells.
    """

    state: HomeState
    site: SiteFacts
    zone: ZoneInfo
    holidays: frozenset[int] = frozenset()
    gaps: tuple[Gap, ...] = ()
    units: tuple[Unit, ...] = ()

    def held_back(self, rule: Rule) -> list[Span]:
        """Return the stretches that hold a rule back, by what it says in `unless`."""
        return [(gap.since, gap.until) for gap in self.gaps if gap.kind in rule.unless]

    def inside(self, windows: Sequence[Window], at: Instant) -> bool:
        """Whether `at` lies inside any of the windows in this home; always, when there are none."""
        return not windows or inside(windows, self.zone, self.site.clock, at, self.holidays)

    def pieces(self, windows: Sequence[Window], start: Instant) -> Iterator[Span]:
        """Yield the openings of the windows in this home that end after `start`, unmerged."""
        return pieces(windows, self.zone, self.site.clock, start, self.holidays)


class Change(msgspec.Struct, frozen=True, gc=False):
    """A fact changed, or a momentary reading arrived.

    Attributes:
        before: the value it had, None when unknown or cleared by itself.
        at: when, by the device's time where plausible.
        momentary: every such reading is news.
        late_order: it tells of a time before what is already known; the facts did not change.
        retained: the broker had kept it: found at connect, and no sign of life.
        again: an alarm that never cleared, told anew after some silence; `before` is None.
    """

    device: Device
    property: str
    before: Value | None
    after: Value
    at: Instant
    momentary: bool
    late_order: bool
    retained: bool = False
    again: bool = False


class Started(NamedTuple):
    """The condition holds from now on; it may be due at `due`."""

    due: Instant | None


class FoundNow(NamedTuple):
    """The condition is met.

    Attributes:
        whole: it is about the home, whichever device told it last.
    """

    since: Instant
    whole: bool = False


class Ended(NamedTuple):
    """The condition no longer holds.

    Attributes:
        about: what it ended for, where another device may have told it: devices, or None for the
            home; without it, for the home (absences) or the device that told it.
        due: a deadline that may now be earlier, as in `Started`.
    """

    about: tuple[Device | None, ...] | None = None
    due: Instant | None = None


Verdict = Started | FoundNow | Ended | None


class Due(NamedTuple):
    """A deadline of a condition: at `at` it is met, for a stretch that began at `since`.

    Attributes:
        ends: instead of being met, what was found ends at `at`, because time has passed.
        look: instead of being met, its traces must be noted anew at `at` (combinations).
    """

    at: Instant
    device: Device | None
    since: Instant
    ends: bool = False
    look: bool = False


class Tracer(Protocol):
    """Keeps a trace: what has happened lately that a last value alone does not tell.

    Traces are facts about the home, shared by every rule that asks for the same pattern, and kept
    in `HomeState.traces` under `key`.
    """

    @property
    def key(self) -> str:
        """Return what names the pattern: equal keys keep equal traces."""
        ...

    @property
    def keep(self) -> Duration:
        """Return how far back its marks must reach; of two equal keys the longer is kept."""
        ...

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """Return the (device, property) pairs whose changes it notes."""
        ...

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks of a pattern that is new in this home, from the facts that are known."""
        ...

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact, or (None) because time has passed.

        Noting the same change twice changes nothing.
        """
        ...


class CompiledCondition(Protocol):
    """One rule's condition in one home."""

    @property
    def absence(self) -> bool:
        """Whether it judges silence, so that its deadlines hold until the session is drained."""
        ...

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """Return the (device, property) pairs whose changes it wants to hear of."""
        ...

    @property
    def hears(self) -> frozenset[str]:
        """Return the devices of which any message at all concerns it."""
        ...

    @property
    def tracers(self) -> tuple[Tracer, ...]:
        """Return what must be kept for it beside the last values."""
        ...

    def on_change(self, view: View, change: Change) -> Verdict:
        """Judge a change of a fact that it reads; traces hold the change already."""
        ...

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield every deadline that runs now; one that lies behind `state.at` is overdue."""
        ...

    def holds(self, view: View) -> Instant | None:
        """Return since when it is met as of `state.at`, or None; asked inside combinations.

        Knows nothing of findings. What is met only in the moment in which an act happens (a
        momentary reading, a sequence) never holds.
        """
        ...

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield the instants after `state.at` at which `holds` may change without a message."""
        ...

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Return one sentence that says why it is met, with its evidence."""
        ...


def matching(devices: Sequence[Device], at: Sequence[str]) -> tuple[Device, ...]:
    """Return the devices that `at` names: by id, else by location, else by kind.

    Without `at`, every device. A name that matches nothing in this home matches nothing.
    """
    if not at:
        return tuple(devices)
    found: dict[str, Device] = {}
    for name in at:
        named = (
            [device for device in devices if device.id == name]
            or [device for device in devices if device.location == name]
            or [device for device in devices if device.kind == name]
        )
        found |= {device.id: device for device in named}
    return tuple(found.values())


def value_test(values: Sequence[Value]) -> Callable[[Value | None], bool]:
    """Return a test whether a value is one of `values`; `low` and `weak` may be a number."""
    return _test_of(frozenset(value for value in values if isinstance(value, str | float)))


@lru_cache(maxsize=1024)
def _test_of(words: frozenset[str | float]) -> Callable[[Value | None], bool]:
    """Return one test for all rules of all homes that ask the same."""
    limits = {"low": LOW_BATTERY_PERCENT, "weak": RADIO_WEAK}
    low = max((limits[word] for word in ("low", "weak") if word in words), default=None)

    def test(value: Value | None) -> bool:
        if isinstance(value, float) and low is not None:
            return value <= low
        return value in words

    return test


def finding_key(rule: str, device: Device | None) -> str:
    """Return the key under which a rule's finding is kept: one per device where it is about one."""
    return rule if device is None else f"{rule}|{device.id}"


def running_since(
    finding: Finding | None, since: Instant, rule: Rule
) -> tuple[Instant, Instant] | None:
    """Return (count from, not before) of a stretch that began at `since`; None while it is open.

    A stretch that has fired counts anew from the moment its alert was resolved: what goes on
    must be told again. One that was held back is looked at again when that has ended. While its
    alert is open, a later stretch repeats it at once where life is at stake: somebody may hold it
    (promise P6). Else it is an alert of its own `split_after` (0 for never) after it was found for
    the last time.
    """
    if finding is None:
        return since, 0
    if finding.alert is not None:
        if since <= finding.since:
            return None
        if rule.priority is Priority.LIFE_SAFETY:
            return since, 0
        return (since, finding.last_at + rule.split_after) if rule.split_after else None
    if finding.since != since:
        return since, finding.resolved_at + rule.cooldown
    not_before = max(finding.resolved_at + rule.cooldown, finding.held_until)
    return max(finding.resolved_at, since), not_before


def due_after(
    start: Instant,
    needed: Duration,
    *,
    windows: Sequence[Window],
    rule: Rule,
    view: View,
    pauses: Sequence[Span] = (),
) -> Instant | None:
    """Return when a count from `start` reaches `needed`, by windows, pauses and what the rule says.

    It stands still during `pauses`, and while the home is as the rule says in `unless`. None when
    it cannot be said: an outage, a rest or an absence without end pauses it, or no window is long
    enough.
    """
    outages = view.site.all_outages() if rule.downtime.kind != "count" else ()
    held_back = view.held_back(rule) if view.gaps else None
    if not (windows or pauses or held_back or outages):
        return start + needed if start + needed < FAR else None
    if held_back:
        pauses = merged([*pauses, *held_back])
    if rule.downtime.kind == "pause":
        pauses = merged([*pauses, *outages])
    due = reach(start, needed, view.pieces(windows, start), pauses)
    if rule.downtime.kind != "grace":
        return due
    for began, ended in outages:
        if due is None:
            return None
        if began < due and ended > start:
            if ended == FAR:
                return None
            due = max(due, ended + rule.downtime.grace)
            if not view.inside(windows, due):
                due = reach(due, needed, view.pieces(windows, due), pauses)
    return due


def has_grace(view: View, rule: Rule) -> bool:
    """Whether the last outage may still hold a deadline back that a later start would not have."""
    downtime, site = rule.downtime, view.site
    return downtime.kind == "grace" and view.state.at <= site.released_at + downtime.grace


def fact_of(state: HomeState, device: str, name: str) -> Fact | None:
    """Return the fact of one property of one device, or None."""
    facts = state.facts.get(device)
    return None if facts is None else facts.get(name)


def place(device: Device) -> str:
    """Return how a sentence names a device: its id, and where it is."""
    return f"{device.id} ({device.location})" if device.location else device.id
