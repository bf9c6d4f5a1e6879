"""What every kind of condition shares: the view it may look at, its verdicts, deadlines.

A compiled condition is asked about changes of facts and about its deadlines. It never changes
the state and opens no alert: it only says what it found.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from telecared.core.plan import Device, Downtime, Window
from telecared.core.site import FAR, SiteFacts
from telecared.core.state import Fact, Finding, HomeState
from telecared.core.vocabulary import Duration, Instant, Value
from telecared.core.windows import Span, inside, merged, reach, spans

LOW_BATTERY_PERCENT: Final = 15.0
"""A battery that tells a number counts as `low` at or below this."""


class View(NamedTuple):
    """What a condition may look at."""

    state: HomeState
    site: SiteFacts
    zone: ZoneInfo


class Change(NamedTuple):
    """A fact changed, or a momentary reading arrived.

    Attributes:
        before: the value it had, None when unknown or cleared by itself.
        at: when, by the device's time where plausible.
        momentary: every such reading is news.
        late_order: it tells of a time before what is already known; the facts did not change.
        retained: the broker had kept it: found at connect, and no sign of life.
    """

    device: Device
    property: str
    before: Value | None
    after: Value
    at: Instant
    momentary: bool
    late_order: bool
    retained: bool = False


class Started(NamedTuple):
    """The condition holds from now on; it may be due at `due`."""

    due: Instant | None


class FoundNow(NamedTuple):
    """The condition is met."""

    since: Instant


class Ended(NamedTuple):
    """The condition no longer holds."""


Verdict = Started | FoundNow | Ended | None


class Due(NamedTuple):
    """A deadline of a condition: at `at` it is met, for a stretch that began at `since`."""

    at: Instant
    device: Device | None
    since: Instant


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

    def on_change(self, view: View, change: Change) -> Verdict:
        """Judge a change of a fact that it reads."""
        ...

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield every deadline that runs now."""
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
    called = [(device, device.names) for device in devices]
    for name in at:
        for position in range(3):
            named = [device for device, names in called if names[position] == name]
            if named:
                found |= {device.id: device for device in named}
                break
    return tuple(found.values())


def value_test(values: Sequence[Value]) -> Callable[[Value | None], bool]:
    """Return a test whether a value is one of `values`; a low battery may be a number."""
    words = frozenset(value for value in values if isinstance(value, str | float))
    low = "low" in words

    def test(value: Value | None) -> bool:
        if isinstance(value, float) and low:
            return value <= LOW_BATTERY_PERCENT
        return value in words

    return test


def finding_key(rule: str, device: Device | None) -> str:
    """Return the key under which a rule's finding is kept: one per device where it is about one."""
    return rule if device is None else f"{rule}|{device.id}"


def running_since(
    finding: Finding | None, since: Instant, cooldown: Duration
) -> tuple[Instant, Instant] | None:
    """Return (count from, not before) of a stretch that began at `since`; None while it is open.

    A stretch that has fired counts anew from the moment its alert was resolved: what goes on
    must be told again.
    """
    if finding is None:
        return since, 0
    if finding.alert is not None:
        return None
    start = finding.resolved_at if finding.since == since else since
    return max(start, since), finding.resolved_at + cooldown


def due_after(
    start: Instant,
    needed: Duration,
    *,
    windows: Sequence[Window],
    downtime: Downtime,
    pauses: Sequence[Span],
    view: View,
) -> Instant | None:
    """Return when a count from `start` reaches `needed`, by windows, pauses and the downtime rule.

    None when it cannot be said: an outage or a rest without end pauses it, or no window is long
    enough.
    """
    clock = view.site.clock
    outages = view.site.all_outages()
    if downtime.kind == "pause":
        pauses = merged([*pauses, *outages])
    due = reach(start, needed, spans(windows, view.zone, clock, start), pauses)
    if downtime.kind != "grace":
        return due
    for began, ended in outages:
        if due is None:
            return None
        if began < due and ended > start:
            if ended == FAR:
                return None
            due = max(due, ended + downtime.grace)
            if windows and not inside(windows, view.zone, clock, due):
                due = reach(due, needed, spans(windows, view.zone, clock, due), pauses)
    return due


def fact_of(state: HomeState, device: str, name: str) -> Fact | None:
    """Return the fact of one property of one device, or None."""
    facts = state.facts.get(device)
    return None if facts is None else facts.get(name)


def place(device: Device) -> str:
    """Return how a sentence names a device: its id, and where it is."""
    return f"{device.id} ({device.location})" if device.location else device.id
