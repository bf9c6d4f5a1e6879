"""The short way of a message that nobody asks about comes to what the full way comes to."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.events import MessageHeard
from telecared.core.plan import Absence, Downtime, Plan, Rule
from telecared.core.quick import quick
from telecared.core.readings import Reading
from telecared.core.site import LinkDown, LinkDrained
from telecared.core.state import HomeState
from telecared.core.vocabulary import HOUR, MINUTE, PROPERTIES, SECOND, Priority, Value
from telecared.core.when import AllOf, HeldFor, InactiveFor, Silent
from tests.core.lives import PLANS
from tests.core.stating import suspends
from tests.core.world import DEVICES, World, plan_of, record_of

UNHEARD = Rule(
    name="unheard",
    priority=Priority.TECHNICAL,
    downtime=Downtime(kind="grace", grace=30 * MINUTE),
    when=Silent(at=("hall-pir", "front-door", "bed"), duration=20 * MINUTE),
)
QUIET = InactiveFor(duration=HOUR, of=("motion",))
AWAY = Rule(name="quiet", when=QUIET, unless=(Absence.AWAY,))
DEAD = Rule(
    name="dead",
    when=AllOf(of=(Silent(at=("unit",), duration=HOUR), HeldFor(
        property="mains", values=("lost",), duration=MINUTE))),
)  # fmt: skip
EXITS = record_of(exits=("front-door",))
ALL_PLANS = (*PLANS, plan_of([UNHEARD, AWAY, DEAD]), plan_of([UNHEARD, *PLANS[0].rules]))


def values_of(name: str) -> st.SearchStrategy[Value]:
    """Any value of a property, few enough that they repeat."""
    spec = PROPERTIES[name]
    words: list[Value] = sorted(spec.values)
    numbers: list[Value] = [9.0, 21.5] if spec.numeric else []
    places: list[Value] = [(51.5, -0.1), (51.6, -0.1)] if name == "location" else []
    return st.sampled_from(words + numbers + places)


told = st.sampled_from(sorted(PROPERTIES)).flatmap(
    lambda name: st.tuples(st.just(name), values_of(name))
)
reading = st.tuples(
    told,
    st.sampled_from([None, None, None, 0, -MINUTE, -HOUR, MINUTE, -300 * HOUR]),
    st.sampled_from([None, None, 5 * MINUTE]),
    st.sampled_from([False] * 5 + [True]),
)
message = st.fixed_dictionaries(
    {
        "device": st.sampled_from([*(one.id for one in DEVICES), "ghost"]),
        "readings": st.lists(reading, max_size=3),
        "seq": st.sampled_from([None, 0, 1, 2, 3, 9]),
        "retained": st.sampled_from([False] * 5 + [True]),
        "qos": st.sampled_from([1, 1, 1, 0]),
    }
)
other = st.sampled_from(["away", "resolve", "outage", "clock", "behind"])
passing = st.sampled_from([SECOND, MINUTE, 7 * MINUTE, 25 * MINUTE, 3 * HOUR])


def hears(world: World, what: dict[str, Any]) -> None:
    """A device speaks; `World.happens` holds the short way against the full way."""
    readings = tuple(
        Reading(what["device"], name, value, None if stamp is None else world.at + stamp, clears,
                history=history)
        for (name, value), stamp, clears, history in what["readings"]
    )  # fmt: skip
    world.happens(
        MessageHeard(
            input=world.next_input(), at=world.at, **{**what, "readings": readings}
        )
    )  # fmt: skip


def goes_on(world: World, what: str) -> None:
    """What else happens in a life."""
    if what == "away":
        suspends(world, hours=2)
    elif what == "resolve":
        for alert in tuple(world.state.alerts):
            world.resolves("An Operator", alert)
    elif what == "outage":
        world.outage(minutes=12)
    elif what == "clock":
        world.clock_is_put(world.site.offset(world.at) + HOUR)
    else:
        # Messages wait while the session is not drained.
        world.site_hears(LinkDown(at=world.at))
        world.advance(minutes=3)
        world.site_hears(LinkDrained(at=world.at, canary=False))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    plan=st.sampled_from(ALL_PLANS),
    exits=st.booleans(),
    life=st.lists(st.one_of(message, message, message, passing, other), max_size=30),
)
def test_the_short_way_comes_to_what_the_full_way_comes_to(
    plan: Plan, exits: bool, life: list[dict[str, Any] | int | str]
) -> None:
    """Whatever a home has lived through, and whatever a message says: same state, same effects."""
    world = World(plan=plan, record=EXITS if exits else None)
    for what in life:
        if isinstance(what, dict):
            hears(world, what)
        elif isinstance(what, int):
            world.until_instant(world.at + what)
        else:
            goes_on(world, what)


def short(world: World, device: str, at: int = 0, **values: Value) -> HomeState | None:
    """What comes of a message on the short way, None where the full way is needed."""
    readings = tuple(Reading(device, name, value) for name, value in values.items())
    event = MessageHeard(input=9, at=at or world.at, device=device, readings=readings, qos=1)
    unasked = world.home.unasked.get(device)
    return None if unasked is None else quick(world.state, event, unasked, world.site)


def test_a_reading_that_no_rule_reads_takes_the_short_way() -> None:
    """Also of a device whose silence a rule watches, and while alerts are open."""
    world = World(rules=[UNHEARD, AWAY])
    world.advance(minutes=1)
    after = short(world, "hall-pir", humidity=61.0)
    assert after is not None
    assert after.facts["hall-pir"]["humidity"].value == 61.0
    assert after.heard["hall-pir"] == after.at == world.at
    assert after.findings is world.state.findings
    assert short(world, "hall-pir", humidity=61.0, motion="detected") is None
    assert short(world, "bed", occupancy="vacant") is None
    assert short(world, "ghost", humidity=61.0) is None


def test_a_device_that_speaks_again_ends_what_was_found_about_it() -> None:
    """That takes the full way once; from then on what it says only delays the next finding."""
    world = World(rules=[UNHEARD])
    world.advance(minutes=21)
    assert "unheard|hall-pir" in world.state.findings
    assert short(world, "hall-pir", humidity=61.0) is None
    world.hears("hall-pir", humidity=61.0)
    world.advance(minutes=1)
    assert short(world, "hall-pir", humidity=62.0) is not None
    world.advance(minutes=18, seconds=59)
    assert len(world.records("alert.opened")) == 3
    world.advance(seconds=1)
    assert len(world.records("alert.opened")) == 4


@pytest.mark.parametrize("device", ["unit", "hall-pir"])
def test_what_may_be_due_takes_the_full_way(device: str) -> None:
    """A combination that hears every message; a deadline that has come; an outage's grace."""
    world = World(rules=[DEAD] if device == "unit" else [UNHEARD])
    if device == "unit":
        assert short(world, "unit", humidity=61.0) is None
        return
    assert short(world, "hall-pir", at=world.at + HOUR, humidity=61.0) is None
    world.hears("hall-pir", humidity=60.0)
    world.outage(minutes=1)
    assert short(world, "hall-pir", humidity=61.0) is None


def test_life_in_a_home_that_is_stated_as_empty_takes_the_full_way() -> None:
    """Somebody in it is a finding; with a door that is asked, every sign of life is needed."""
    world = World(rules=[], record=EXITS)
    assert short(world, "hall-pir", motion="detected") is not None
    suspends(world, hours=2)
    assert short(world, "hall-pir", motion="detected") is None
    asked = World(rules=[AWAY], record=EXITS)
    assert short(asked, "hall-pir", vibration="detected") is None
    assert short(asked, "hall-pir", humidity=61.0) is not None


def test_life_safety_without_a_delivery_guarantee_takes_the_full_way() -> None:
    """It is told as a fault of the device's settings."""
    world = World(rules=[])
    event = MessageHeard(
        input=9, at=world.at, device="smoke", readings=(Reading("smoke", "battery", 81.0),), qos=0
    )
    assert quick(world.state, event, world.home.unasked["smoke"], world.site) is None
