"""Conditions joined by `all`, `any` and `not`, for a time if asked.

Each keeps a trace of its own: since when it is true, and when it was last looked at. It is looked
at when something is read that it depends on, and when time alone may change one of its parts. A
part that happens only in a moment (a press, a sequence) is an act: it is met at once or not at all.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Final, NamedTuple

import msgspec

from telecared.core.conditions.base import (
    Change,
    CompiledCondition,
    Due,
    Ended,
    FoundNow,
    Started,
    Tracer,
    Verdict,
    View,
    finding_key,
)
from telecared.core.conditions.spoken import spoken
from telecared.core.conditions.stretches import (
    Evident,
    ending_due,
    met_since,
    stretch_due,
    stretch_turns,
)
from telecared.core.conditions.traces import marks_of
from telecared.core.plan import Device, Rule, content_hash
from telecared.core.state import Mark, earliest
from telecared.core.vocabulary import PROPERTIES, Duration, Instant
from telecared.core.when import (
    AllOf,
    AnyOf,
    Condition,
    Followed,
    InactiveFor,
    Not,
    ReadingIs,
    Window,
    parts_of,
)
from telecared.core.windows import duration_text

MAX_WAITING_ACTS: Final = 16
"""Acts that wait for a session to be drained, the oldest dropped first."""

_TRUE: Final = 1.0
_ACT: Final = 2.0
"""The value of an act's mark is this plus the number of its part."""

Compiler = Callable[[Condition, Rule, tuple[Device, ...]], CompiledCondition]
Acted = Callable[[int], bool]


class _Kept(NamedTuple):
    """What the trace says: whether it is true and since when, when it was looked at, what waits."""

    true: bool
    since: Instant
    looked_at: Instant
    waiting: tuple[Mark, ...]


class _Part(NamedTuple):
    """One joined condition: `act` is its number among the acts of the whole rule, -1 for none."""

    compiled: CompiledCondition
    written: Condition
    act: int


class Combined:
    """A combination in one home: the condition, and the tracer that keeps its trace.

    Args:
        parts: what it joins, compiled.

    Attributes:
        idle: it can never hold, since the home has no device for it.
    """

    keep: Duration = 0

    def __init__(
        self,
        condition: AllOf | AnyOf | Not,
        rule: Rule,
        devices: tuple[Device, ...],
        parts: Sequence[_Part],
    ) -> None:
        text = content_hash(msgspec.json.encode(condition, order="deterministic"))
        self.key = f"combined:{rule.name} {text[:16]}"
        self.parts = tuple(parts)
        compiled = [part.compiled for part in parts]
        self.absence = any(one.absence for one in compiled)
        # In a home without the devices for it nothing is kept for it, and no message costs time.
        self.idle = _can_never_hold(condition, compiled)
        heard = [] if self.idle else compiled
        self.hears = frozenset[str]().union(*(one.hears for one in heard))
        beds = [(one.id, "occupancy") for one in devices] if _rests(condition) else []
        self.reads = frozenset(beds if heard else ()).union(*(one.reads for one in heard))
        self._below = tuple(tracer for one in heard for tracer in one.tracers)
        self._quickest = sorted(compiled, key=lambda one: one.absence)
        self._condition = condition
        self._rule = rule
        self._devices = {device.id: device for device in devices}
        self._acts = dict(_acts_of(self.parts))

    @property
    def tracers(self) -> tuple[Tracer, ...]:
        """The parts' own and, after them, itself; made anew, or it would hold itself for ever."""
        return () if self.idle else (*self._below, self)

    # --- the trace ------------------------------------------------------------------------------

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the facts and the parts' own traces give."""
        return self.note((), view, None)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks as of `state.at`; what it does not change keeps its instant."""
        now = view.state.at
        kept = self._read(marks)
        since = self._met(view, now if change is None else change.at)
        if since is None:
            state = Mark(kept.since, value=0.0) if marks and not kept.true else Mark(now)
        elif kept.true:
            state = Mark(kept.since, value=_TRUE)
        else:
            state = Mark(max(since, kept.since), value=_TRUE)
        waiting: list[Mark] = []
        if view.site.held and self.absence:
            waiting.extend(kept.waiting)
            if change is not None:
                acted = self._acted_by(view, change)
                told = change.device.id
                waiting += [Mark(change.at, told, _ACT + n) for n in sorted(self._acts) if acted(n)]
        return (state, Mark(now), *waiting[-MAX_WAITING_ACTS:])

    def _read(self, marks: tuple[Mark, ...]) -> _Kept:
        if not marks:
            return _Kept(False, 0, 0, ())
        return _Kept(marks[0].value == _TRUE, marks[0].at, marks[1].at, marks[2:])

    def _kept(self, view: View) -> _Kept:
        return self._read(marks_of(view, self.key))

    def _met(self, view: View, now: Instant) -> Instant | None:
        """Return since when its parts make it true; `now` where no part says since when."""
        if isinstance(self._condition, AllOf):
            begun = 0
            for compiled in self._quickest:
                held = compiled.holds(view)
                if held is None:
                    return None
                begun = max(begun, held)
            return begun
        since = [one for part in self.parts if (one := part.compiled.holds(view)) is not None]
        if isinstance(self._condition, Not):
            return None if since else now
        return min(since, default=None)

    # --- acts -----------------------------------------------------------------------------------

    def _acted_by(self, view: View, change: Change) -> Acted:
        """Return which acts a change of a fact is."""
        pair = change.device.id, change.property

        def acted(number: int) -> bool:
            act = self._acts[number]
            return pair in act.reads and isinstance(act.on_change(view, change), FoundNow)

        return acted

    def met_by(self, view: View, acted: Acted, *, at: Instant, sure: bool) -> bool:
        """Whether acts meet it at `at`, together with all else that must hold.

        With `sure`, absence cannot be judged now: what rests on it does not hold.
        """
        if isinstance(self._condition, Not) or not view.inside(self._condition.between, at):
            return False
        hits = [_hit(part, view, acted, at=at, sure=sure) for part in self.parts]
        if isinstance(self._condition, AnyOf) or not any(hits):
            return any(hits)
        return all(
            hit or (part.compiled.holds(view) is not None and not (sure and part.compiled.absence))
            for hit, part in zip(hits, self.parts, strict=True)
        )

    def _waiting_dues(self, view: View, kept: _Kept) -> Iterator[Due]:
        """Yield the acts that can be judged now that the session is drained."""
        for mark in kept.waiting if not view.site.held else ():
            device = self._devices.get(mark.device)
            finding = view.state.findings.get(finding_key(self._rule.name, device))
            if device is None or (finding is not None and finding.since >= mark.at):
                continue
            then = _as_of(view, max(mark.at, kept.looked_at, view.site.released_at))
            acted = {int(mark.value - _ACT)}.__contains__
            if self.met_by(then, acted, at=mark.at, sure=False):
                yield Due(mark.at, device, mark.at)

    # --- the condition --------------------------------------------------------------------------

    def on_change(self, view: View, change: Change) -> Verdict:
        """Find what an act meets; else say whether it has begun or ended, as the trace tells."""
        acted = self._acted_by(view, change)
        sure = self.absence and view.site.held
        if self._acts and self.met_by(view, acted, at=change.at, sure=sure):
            return FoundNow(since=change.at)
        dues = list(self.deadlines(view))
        due = earliest(*(due.at for due in dues if not due.ends))
        return Ended((None,), due) if any(due.ends for due in dues) else Started(due)

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield when it is met or over, and before that when it must be looked at."""
        if self.idle:
            return
        kept = self._kept(view)
        yield from self._waiting_dues(view, kept)
        look = self._next_look(view, kept)
        if look is not None:
            yield Due(look, None, look, look=True)
        rule, needed, windows = self._rule, self._condition.duration, self._condition.between
        if kept.true:
            due = stretch_due(view, rule, None, kept.since, needed, windows)
        else:
            due = ending_due(view, rule, None, kept.since)
        if due is not None and (look is None or due.at <= look):
            yield due

    def _next_look(self, view: View, kept: _Kept) -> Instant | None:
        """Return when time alone may change whether it is true, or None.

        `all` cannot become true by time while a part does not hold that only a message changes.
        Parts that keep traces must be noted at their own times all the same.
        """
        then = _as_of(view, kept.looked_at)
        needs_all = isinstance(self._condition, AllOf) and not (kept.true or self._below)
        found: Instant | None = None
        for part in self._quickest:
            turns = [turn for turn in part.turns(then) if turn > kept.looked_at]
            if not turns and needs_all and part.holds(then) is None:
                return None
            found = earliest(found, *turns)
        return found

    def holds(self, view: View) -> Instant | None:
        """Return since when it is met, inside another combination."""
        kept = self._kept(view)
        return met_since(view, *self._counted(kept.since)) if kept.true else None

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield when its parts may change, and when it has lasted long enough."""
        for part in self.parts:
            yield from part.compiled.turns(view)
        kept = self._kept(view)
        if kept.true:
            yield from stretch_turns(view, *self._counted(kept.since))

    def _counted(self, since: Instant) -> tuple[Rule, Instant, Duration, tuple[Window, ...]]:
        return self._rule, since, self._condition.duration, self._condition.between

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Return the reasons of its parts that hold, and what does not hold."""
        if isinstance(self._condition, Not):
            text = f"not so: {spoken(self._condition.of)}"
        else:
            told = [one for part in self.parts if (one := _reason(part, view, device, since))]
            text = ", and ".join(told) or spoken(self._condition)
        if self._condition.duration:
            return f"for {duration_text(self._condition.duration)}: {text}"
        return text


def _hit(part: _Part, view: View, acted: Acted, *, at: Instant, sure: bool) -> bool:
    if isinstance(part.compiled, Combined):
        return part.compiled.met_by(view, acted, at=at, sure=sure)
    return part.act >= 0 and acted(part.act)


def _reason(part: _Part, view: View, device: Device | None, since: Instant) -> str:
    """Return why a part is met, or nothing: it is an act that is read of `device`, or it holds."""
    compiled = part.compiled
    if isinstance(compiled, Combined):
        held = compiled.holds(view)
        own = device is not None and any(device.id == name for name, _ in compiled.reads)
        return compiled.reason(view, device, since) if held is not None or own else ""
    if part.act >= 0:
        told = device is not None and any(device.id == name for name, _ in compiled.reads)
        return compiled.reason(view, device, since) if told else ""
    held = compiled.holds(view)
    if held is None:
        return ""
    evidence = compiled.evidence(view) if isinstance(compiled, Evident) else None
    about, since = evidence or (None, held)
    return compiled.reason(view, about, since)


def _acts_of(parts: Sequence[_Part]) -> Iterator[tuple[int, CompiledCondition]]:
    for part in parts:
        if isinstance(part.compiled, Combined):
            yield from _acts_of(part.compiled.parts)
        elif part.act >= 0:
            yield part.act, part.compiled


def _is_act(condition: Condition) -> bool:
    if isinstance(condition, ReadingIs):
        return PROPERTIES[condition.property].momentary
    return isinstance(condition, Followed)


def _can_never_hold(condition: Condition, parts: Sequence[CompiledCondition]) -> bool:
    """Whether no device of the home can make it true: what reads nothing never holds."""
    if isinstance(condition, Not):
        return False
    deaf = [
        one.idle if isinstance(one, Combined) else not (one.reads or one.hears) for one in parts
    ]
    return all(deaf) if isinstance(condition, AnyOf) else any(deaf)


def _rests(condition: Condition) -> bool:
    """Whether stretches in bed or chair matter to any part."""
    return isinstance(condition, InactiveFor) or any(map(_rests, parts_of(condition)))


def _as_of(view: View, at: Instant) -> View:
    """Return the view with another now; the facts stay those that are known."""
    if view.state.at == at:
        return view
    state = view.state.share()
    state.at = at
    return view._replace(state=state)


def compile_combined(
    condition: AllOf | AnyOf | Not,
    rule: Rule,
    devices: tuple[Device, ...],
    compile_part: Compiler,
) -> Combined:
    """Compile `all`, `any` or `not` for a home; `compile_part` compiles every other kind."""
    return _compile(condition, rule, devices, compile_part, count())


def _compile(
    condition: AllOf | AnyOf | Not,
    rule: Rule,
    devices: tuple[Device, ...],
    compile_part: Compiler,
    numbers: Iterator[int],
) -> Combined:
    parts = []
    for part in parts_of(condition):
        if isinstance(part, AllOf | AnyOf | Not):
            inner = _compile(part, rule, devices, compile_part, numbers)
            parts.append(_Part(inner, part, -1))
        else:
            number = next(numbers) if _is_act(part) else -1
            parts.append(_Part(compile_part(part, rule, devices), part, number))
    return Combined(condition, rule, devices, parts)
