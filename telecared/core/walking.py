"""Walk tests: an installer goes round a home and triggers each device, and nobody is called for it.

How long what a device tells is taken for its test. What proves a device is `tested`.
Begun and ended by a named person, or by its end; what happens after a device's own test is real.
"""

from typing import Final

import msgspec

from telecared.core import holding
from telecared.core.compile import CompiledRule
from telecared.core.conditions.base import Change, fact_of
from telecared.core.events import WalkTestBegun, WalkTestEnded
from telecared.core.gaps import moment_text
from telecared.core.plan import Device
from telecared.core.state import Answer, Finding, earliest
from telecared.core.stated import SAME_TRIGGER, WalkTest
from telecared.core.tested import note_tested, proves
from telecared.core.vocabulary import HOUR, PROPERTIES, Duration, Instant, Priority
from telecared.core.when import ReadingIs
from telecared.core.work import Work

LONGEST_WALK_TEST: Final[Duration] = 4 * HOUR
"""A large home takes an hour; who is not done by then begins another."""

# --- begun and ended ----------------------------------------------------------------------------


def fold(work: Work, event: WalkTestBegun | WalkTestEnded) -> Answer:
    """Begin, extend or end the home's walk test, or refuse it with a sentence."""
    if not event.by.strip():
        return Answer(False, "it names nobody who tests: say who, with --by")
    running = work.state.walk_test
    if running is not None and running.ended:
        running = None
    if isinstance(event, WalkTestEnded):
        if running is None:
            return Answer(False, f"no walk test runs in {work.home.home}")
        return Answer(True, _end(work, running, f"ended by {event.by}"))
    there = _there(work)
    if not there:
        return Answer(False, f"{work.home.home} has no devices to test: register them first")
    if not 0 < event.lasts <= LONGEST_WALK_TEST:
        return Answer(False, "a walk test lasts some minutes, and four hours at most")
    until = work.at + event.lasts
    test = WalkTest(by=event.by, since=work.at, until=until)
    if running is not None:
        test = msgspec.structs.replace(running, by=event.by, until=until)
    work.state.walk_test = test
    work.state.conditions_due = earliest(work.state.conditions_due, until)
    if running is not None:
        # What was held back until the old end is held back until the new one.
        holding.release(work)
    shown = moment_text(until, work.zone, work.offset, work.at)
    what = f"walk test until {shown}, {len(there)} devices"
    work.record("walk_test.begun", None, f"{what}, by {event.by}")
    return Answer(True, what)


def run_out(work: Work) -> None:
    """End the walk test whose time is over, and with it the devices' own tests."""
    running = work.state.walk_test
    assert running is not None  # nothing else is due here
    if running.ended:
        work.state.walk_test = None
    else:
        _end(work, running, "its time was over")


def note_registered(work: Work) -> None:
    """Forget devices that are gone, and end the test of a home that is deleted."""
    present = work.home.devices
    state = work.state
    state.tested = {name: at for name, at in state.tested.items() if name in present}
    running = state.walk_test
    if running is None:
        return
    if not present and not running.ended:
        _end(work, running, "the home has no devices any more")
    if not present:
        state.walk_test = None
        return
    running = state.walk_test or running
    state.walk_test = msgspec.structs.replace(
        running,
        tested={name: at for name, at in running.tested.items() if name in present},
        alarmed={name: at for name, at in running.alarmed.items() if name in present},
    )


def _end(work: Work, running: WalkTest, why: str) -> str:
    """End a test for every device but those whose own tests are not over: bursts follow a press."""
    last = max((*running.tested.values(), *running.alarmed.values()), default=0) + SAME_TRIGGER
    ended = msgspec.structs.replace(running, until=last, ended=True) if last > work.at else None
    work.state.walk_test = ended
    if ended is not None:
        work.state.conditions_due = earliest(work.state.conditions_due, last)
    there = _there(work)
    missing = [name for name in there if name not in running.tested]
    what = f"walk test: {len(there) - len(missing)} of {len(there)} devices tested"
    if missing:
        what += f", not tested: {', '.join(missing)}"
    holding.release(work)
    work.record("walk_test.ended", None, f"{what}; {why}, begun by {running.by}")
    return what


def _there(work: Work) -> list[str]:
    """Return the devices that stand in the home now: nobody can trigger one that was removed."""
    return [name for name, device in work.home.devices.items() if device.is_there(work.at)]


# --- triggers -----------------------------------------------------------------------------------


def take(work: Work, change: Change) -> bool:
    """Note what a change proves; True when it belongs to a walk test and alerts nobody.

    What happened before the test began, as far as its stamp tells, is real: it was buffered.
    """
    if change.property == "test" and not change.retained:
        note_tested(work, change.device.id)
    running, device = work.state.walk_test, change.device.id
    if running is None or change.retained or change.at < running.since or work.at >= running.until:
        return False
    alarm = change.after in PROPERTIES[change.property].alarm
    first = (running.alarmed if alarm else running.tested).get(device)
    if first is not None:
        return work.at < first + SAME_TRIGGER and not _is_alerting(work, device)
    if running.ended or not proves(change):
        return False
    # A hub that merely says that it is there has not begun the test of its button.
    begins = alarm or change.property == "test"
    work.state.walk_test = msgspec.structs.replace(
        running,
        tested={device: work.at, **running.tested},
        alarmed={device: work.at, **running.alarmed} if begins else running.alarmed,
    )
    note_tested(work, device)
    told = f"{device} told {change.property}: {change.after}"
    if _is_alerting(work, device):
        work.record("walk_test.device", None, f"{told}, and its alert goes on")
        return False
    work.record("walk_test.device", None, f"{told}, taken as a test")
    return True


def put_off(work: Work, compiled: CompiledRule, change: Change) -> None:
    """Have what a device's own test began looked at when that is over: if it lasts, it is real.

    A smoke detector that is tested tells that the smoke is gone. Of what clears by itself, and of
    what happens in a moment, nobody can say whether it lasts.
    """
    fact = fact_of(work.state, change.device.id, change.property)
    lasts = fact is not None and fact.expires_at is None and fact.since == change.at
    if lasts and not change.momentary and isinstance(compiled.rule.when, ReadingIs):
        puts_off(work, compiled, change.device, change.at)


def puts_off(work: Work, compiled: CompiledRule, device: Device | None, since: Instant) -> bool:
    """Put off what a rule found about a device whose own test began it; False to tell it.

    What is found about the home as a whole is told: it may be the act of another device.
    """
    running = work.state.walk_test
    if running is None or device is None or _is_alerting(work, device.id):
        return False
    ends = running.own_ends(device.id)
    until = max((end for end in ends if end - SAME_TRIGGER <= since), default=0)
    key = compiled.key(device)
    known = work.state.findings.get(key, Finding(None, 0, 0))
    if work.at >= until or known.alert is not None:
        return False
    work.state.findings[key] = Finding(None, since, work.at, known.resolved_at, until)
    work.state.conditions_due = earliest(work.state.conditions_due, until)
    return True


def _is_alerting(work: Work, device: str) -> bool:
    """Whether an alert of life safety about the device is unresolved: nothing may hide a repeat."""
    return any(
        finding.alert is not None
        and key.partition("|")[2] == device
        and work.state.alerts[finding.alert].priority is Priority.LIFE_SAFETY
        for key, finding in work.state.findings.items()
    )
