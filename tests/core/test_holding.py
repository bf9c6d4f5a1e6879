"""What is held back, and what never is: promise P6 against suspensions, silences and `unless`."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telecared.core.compile import HomePlan
from telecared.core.events import Ticked
from telecared.core.plan import Absence, Plan, Rule, decode_plan, encode_plan
from telecared.core.policy import Centre, Policy, Step
from telecared.core.state import Alert, decode_state, encode_state
from telecared.core.vocabulary import DAY, HOUR, MINUTE, DeviceKind, Priority, SuspensionKind
from telecared.core.when import Condition, HeldFor, InactiveFor, ReadingIs
from tests.core.conftest import Story
from tests.core.stating import ends, silences, speaks_again, suspends
from tests.core.world import DEVICES, HOME, World, device, instant, plan_of, record_of

EVERY_ABSENCE = tuple(Absence)
SMOKE = ReadingIs(property="smoke", values=("alarm",))
FLOOD = device("flood", DeviceKind.FLOOD_DETECTOR, "kitchen")
HOME_WITH_FLOOD = record_of(devices=(*DEVICES, FLOOD))
WET = Rule(name="wet", when=ReadingIs(property="water", values=("wet",)), unless=(Absence.AWAY,))


def held(world: World) -> list[str]:
    """What was held back, and why."""
    lines = world.records("alert.updated")
    return [line.reason for line in lines if line.reason.startswith("held back")]


def everything_is_held_back(world: World) -> None:
    """Somebody is in hospital, somebody visits, somebody repairs, and somebody wants silence."""
    for kind in SuspensionKind:
        assert suspends(world, kind, days=3).done
    assert silences(world, hours=20).done
    for name in (one.id for one in DEVICES):
        assert silences(world, device=name, hours=20).done


@pytest.mark.parametrize(
    "when",
    [
        ReadingIs(property="trigger", values=("pressed",)),
        HeldFor(property="smoke", values=("alarm",), duration=MINUTE),
        InactiveFor(duration=HOUR, of=("motion",)),
        SMOKE,
    ],
    ids=["pressed", "held", "inactive", "alarm"],
)
def test_p6_nothing_that_is_stated_mutes_life_safety(story: Story, when: Condition) -> None:
    """Not even a plan that nobody checked, in which a life-safety rule says `unless`."""
    grave = Rule(
        name="grave",
        when=when,
        priority=Priority.LIFE_SAFETY,
        unless=EVERY_ABSENCE,
        cooldown=HOUR,
        max_per_day=1,
    )
    told = []
    for hold_back in (False, True):
        world = story(plan=decode_plan(encode_plan(plan_of([grave]))))
        if hold_back:
            everything_is_held_back(world)
        world.advance(minutes=1)
        world.hears("front-door", contact="open")
        world.hears("pendant", trigger="pressed")
        world.hears("smoke", smoke="alarm")
        world.advance(hours=2)
        told.append([line for line in world.opened() if line[1] == "grave"])
        grave_alerts = {
            line.alert for line in world.records("alert.opened") if line.rule == "grave"
        }
        assert {one.to for one in world.notifications() if one.alert in grave_alerts} >= {
            "ben",
            "cara",
            "monitoring_centre",
        }
        world.forget_messages()
    assert told[0] == told[1] != []


def test_p6_a_suspension_takes_nothing_back_from_whom_it_was_told(story: Story) -> None:
    """An alarm that runs goes on to the next step, whatever is stated after it."""
    world = story(rules=[Rule(name="smoke", when=SMOKE, priority=Priority.LIFE_SAFETY)])
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben")
    everything_is_held_back(world)
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.forget_messages()


def test_p6_a_repeat_of_what_has_become_life_safety_is_not_held_back(story: Story) -> None:
    """A second sensor has raised the alert: its owner hears every further sign."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    world.hears("flood", water="wet")
    world.forget_messages()
    raised: Alert = world.alert()
    fields = {name: getattr(raised, name) for name in raised.__struct_fields__}
    world.state = world.state.clone()
    world.state.alerts[1] = Alert(**{**fields, "priority": Priority.LIFE_SAFETY})
    world.accepts("ben")
    world.forget_messages()
    silences(world, hours=2)
    world.advance(minutes=11)
    world.hears("flood", water="dry")
    world.hears("flood", water="wet")
    world.expect_sms("ben")
    world.forget_messages()
    assert held(world) == []


def test_what_is_found_while_they_are_away_is_told_when_they_are_back_and_it_lasts(
    story: Story,
) -> None:
    """The kitchen is wet when the stay is ended: told then, and once."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    suspends(world, SuspensionKind.HOLIDAY, days=2)
    world.advance(days=1, hours=1)
    world.hears("flood", water="wet")
    (line,) = held(world)
    assert line == (
        "held back: nobody is at home since 2026-03-01 08:00 (holiday, as stated);"
        " flood (kitchen) told water: wet"
    )
    world.advance(hours=5)
    ends(world)
    assert world.opened() == [("14:00:00", "wet")]
    assert len(held(world)) == 1
    world.forget_messages()


def test_a_stay_that_is_extended_goes_on_holding_back(story: Story) -> None:
    """Until the new end; it is still the one stretch."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    suspends(world, SuspensionKind.HOLIDAY, hours=2)
    world.hears("flood", water="wet")
    world.advance(hours=1)
    suspends(world, SuspensionKind.HOLIDAY, hours=3)
    world.advance(hours=2)
    assert (world.opened(), len(held(world))) == ([], 1)
    world.advance(hours=2)
    assert [name for _, name in world.opened()] == ["wet", "suspension-ran-out"]
    world.forget_messages()


def test_a_silence_after_a_stay_goes_on_holding_back(story: Story) -> None:
    """One reason ends and another is there: no second line, and told when that ends as well."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    suspends(world, SuspensionKind.HOLIDAY, hours=2)
    world.hears("flood", water="wet")
    silences(world, "wet", hours=4)
    world.advance(hours=1)
    ends(world)
    world.advance(hours=2)
    assert (world.opened(), len(held(world))) == ([], 1)
    world.advance(hours=2)
    assert world.opened() == [("12:00:00", "wet")]
    world.forget_messages()


def test_what_happened_before_they_left_is_told(story: Story) -> None:
    """The device tells at ten past what happened at five to, and they left on the hour."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    world.until("2026-03-01T09:00Z")
    suspends(world, SuspensionKind.AWAY, hours=5)
    world.advance(minutes=10)
    world.hears("flood", water="wet", stamp=instant("2026-03-01T08:55Z"))
    assert [name for _, name in world.opened()] == ["wet"]
    world.forget_messages()


def test_what_is_heard_of_after_they_came_back_is_told(story: Story) -> None:
    """Nobody is helped by a sentence about where they were then."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    suspends(world, SuspensionKind.AWAY, hours=5)
    world.advance(hours=1)
    ends(world)
    world.advance(minutes=10)
    world.hears("flood", water="wet", stamp=instant("2026-03-01T08:55Z"))
    assert [name for _, name in world.opened()] == ["wet"]
    world.forget_messages()


def test_a_press_that_was_held_back_is_not_told_hours_later(story: Story) -> None:
    """What lasts no longer than its moment is on record, and that is all."""
    rule = Rule(name="bell", when=ReadingIs(property="trigger", values=("pressed",)))
    world = story(rules=[rule])
    silences(world, "bell", hours=1)
    world.hears("pendant", trigger="pressed")
    world.advance(hours=3)
    assert world.opened() == []
    assert len(held(world)) == 1


def test_after_what_was_told_is_resolved_it_counts_as_ever(story: Story) -> None:
    """Having been held back once leaves no trace on the next alert of the same level."""
    rule = Rule(
        name="left-open",
        when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
    )
    world = story(rules=[rule])
    silences(world, "left-open", hours=1)
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    world.resolves("Ben Hall")
    world.advance(minutes=10)
    assert world.opened() == [("09:00:00", "left-open"), ("09:05:00", "left-open")]
    world.forget_messages()


def test_an_edited_rule_that_asks_no_longer_is_told_at_once(story: Story) -> None:
    """What it held back as written before is looked at again as it is written now."""
    world = story(rules=[WET], record=HOME_WITH_FLOOD)
    suspends(world, SuspensionKind.HOLIDAY, days=2)
    world.hears("flood", water="wet")
    world.advance(hours=1)
    world.is_replanned(plan_of([Rule(name=WET.name, when=WET.when)]))
    assert world.opened() == [("09:00:00", "wet")]
    world.forget_messages()


def test_a_rule_of_life_safety_never_asks_who_is_at_home() -> None:
    """Compiled without `unless`, whoever wrote it."""
    rule = Rule(name="x", when=SMOKE, priority=Priority.LIFE_SAFETY, unless=EVERY_ABSENCE)
    (compiled,) = HomePlan(plan_of([rule]), HOME, record_of()).rules
    assert compiled.rule.unless == ()


# --- whatever happens, in whatever order --------------------------------------------------------

HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "door",
                "motion",
                "bed",
                "water",
                "press",
                "away",
                "visitor",
                "silence",
                "ends",
                "loud",
            ]
        ),
        st.integers(min_value=0, max_value=6 * 60),
    ),
    max_size=14,
)
EVERYTHING = (
    WET,
    Rule(
        name="no-movement",
        when=InactiveFor(duration=4 * HOUR, of=("motion",)),
        unless=(Absence.AWAY,),
    ),
    Rule(
        name="left-open",
        when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
        unless=(Absence.VISITOR,),
        priority=Priority.ROUTINE,
    ),
    Rule(
        name="press",
        when=ReadingIs(property="trigger", values=("pressed",)),
        priority=Priority.LIFE_SAFETY,
    ),
)
SLOWLY = (Step(notify=("monitoring_centre",), wait=2 * DAY),)
PATIENT = Plan(
    rules=EVERYTHING,
    policies=(
        Policy(name="family-then-centre", steps=SLOWLY, receipt=DAY),
        Policy(name="technical", steps=SLOWLY, receipt=DAY),
    ),
    centre=Centre(sms="+447700900900", repeat=2 * DAY),
)
"""Nobody is told twice: this is not about who is told."""

SWAPS = {
    "door": ("front-door", "contact", ("closed", "open")),
    "motion": ("hall-pir", "motion", ("clear", "detected")),
    "bed": ("bed", "occupancy", ("vacant", "occupied")),
    "water": ("flood", "water", ("dry", "wet")),
}


def happens(world: World, what: str, step: int) -> None:
    """One thing happens; what has two words takes the other one."""
    match what:
        case "press":
            world.hears("pendant", trigger="pressed")
        case "away":
            suspends(world, SuspensionKind.AWAY, hours=3)
        case "visitor":
            suspends(world, SuspensionKind.VISITOR, hours=1)
        case "silence":
            silences(world, hours=2)
        case "ends":
            ends(world)
        case "loud":
            speaks_again(world)
        case _:
            name, key, words = SWAPS[what]
            words_of: dict[str, Any] = {key: words[step % 2]}
            world.hears(name, **words_of)


@given(HAPPENINGS, st.integers(min_value=7, max_value=90))
@example([("door", 0), ("door", 0), ("door", 0), ("water", 1)], 7)
@settings(max_examples=50, deadline=None)
def test_p9_when_somebody_looks_changes_nothing(
    happenings: list[tuple[str, int]], every: int
) -> None:
    """Looked at on the dot, every few minutes as well, or only when something is heard."""
    told = []
    for look in ("due", "often", "late"):
        world = World(plan=PATIENT, record=HOME_WITH_FLOOD, delivers=None)
        for step, (what, minutes) in enumerate([*happenings, ("ends", 9 * 60)]):
            until = world.at + minutes * MINUTE
            while look == "often" and world.at + every * MINUTE < until:
                world.advance(minutes=every)
            if look == "late":
                world.at = until
            else:
                world.until_instant(until)
            happens(world, what, step)
        told.append(
            [
                (line.at, line.event, line.rule, line.alert, line.to, line.reason, line.text)
                for line in world.records()
            ]
        )
        assert decode_state(encode_state(world.state)) == world.state
        assert_nothing_is_overdue(world)
    assert told[0] == told[1] == told[2]


def assert_nothing_is_overdue(world: World) -> None:
    """The stored bound is never later than the true next deadline."""
    before = len(world.effects)
    world.happens(Ticked(at=world.at, look=True))
    assert len(world.effects) == before


def test_what_is_over_the_days_number_is_told_at_midnight_when_it_lasts(story: Story) -> None:
    """The same memory: nobody has to be heard for it to be looked at again."""
    rule = Rule(name="wet", when=WET.when, priority=Priority.ROUTINE, max_per_day=1)
    world = story(rules=[rule], record=HOME_WITH_FLOOD)
    world.hears("flood", water="wet")
    world.resolves("Ben Hall")
    world.advance(hours=1)
    world.hears("flood", water="dry")
    world.hears("flood", water="wet")
    world.advance(hours=20)
    assert world.opened() == [("08:00:00", "wet"), ("00:00:00", "wet")]
    world.forget_messages()
