"""Keeps the traces of a home: what has happened lately, as far as its rules need it.

When they are noted and begun. What a trace holds is the business of the conditions that ask for it.
"""

from collections.abc import Iterable

from telecared.core.compile import CompiledRule
from telecared.core.conditions.base import Change, Tracer, has_grace
from telecared.core.conditions.traces import Acts
from telecared.core.events import MessageHeard
from telecared.core.facts import is_first_since
from telecared.core.state import Mark, earliest
from telecared.core.vocabulary import Instant
from telecared.core.when import Silent
from telecared.core.work import Work


def note(
    work: Work, tracers: Iterable[Tracer], change: Change | None, *, is_test: bool = False
) -> None:
    """Keep in the traces what a change of a fact, or time that has passed, adds to them.

    What an installer did in a walk test (`is_test`) is no act of anybody: it is not counted.
    """
    view = work.view
    for tracer in tracers:
        if is_test and isinstance(tracer, Acts):
            continue
        marks = work.state.traces.get(tracer.key, ())
        noted = tracer.note(marks, view, change)
        if noted is not marks:
            _keep(work, tracer.key, noted)


def note_found(work: Work, compiled: CompiledRule) -> None:
    """Look again when something that keeps traces was found: its end may be a deadline."""
    if compiled.condition.tracers:
        work.look_again()


def note_heard(work: Work, event: MessageHeard, before: Instant | None) -> None:
    """Note anew what is judged by whether a device says anything; what was kept says nothing.

    `before` is when it was heard for the last time before this.
    """
    for listener in () if event.retained else work.home.listeners.get(event.device, ()):
        if listener.condition.tracers:
            note(work, listener.condition.tracers, None)
            work.look_again()
            continue
        finding = work.state.findings.get(listener.key(work.home.devices[event.device]))
        if finding is not None and is_first_since(finding, before):
            # Silent again it may be told once more.
            work.look_again()
        elif has_grace(work.view, listener.rule) and isinstance(listener.rule.when, Silent):
            # Silent again it may be due before an outage's grace is over, not sooner than this.
            due = work.at + listener.rule.when.limit
            work.state.absences_due = earliest(work.state.absences_due, due)


def begin(work: Work) -> None:
    """Begin what new rules need from the facts that are known, and forget what none needs.

    Marks of devices that are gone go with them; what is kept is noted anew, as of now.
    """
    state, wanted = work.state, work.home.traced
    kept = {}
    for key, marks in state.traces.items():
        if key in wanted:
            alive = tuple(one for one in marks if not one.device or one.device in state.known)
            kept[key] = marks if len(alive) == len(marks) else alive
    state.traces = {key: marks for key, marks in kept.items() if marks}
    view = work.view
    for key, tracer in wanted.items():
        known = kept.get(key)
        _keep(work, key, tracer.begin(view) if known is None else tracer.note(known, view, None))


def _keep(work: Work, key: str, marks: tuple[Mark, ...]) -> None:
    if marks:
        work.state.traces[key] = marks
    else:
        work.state.traces.pop(key, None)
