"""The conditions inside a rule, one by one: what holds, what is missing, what would change it."""

from typing import Any

import pytest

from telecared.core.parts import Part, kind_name, parts_explained, would_change
from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Count,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Without,
)
from tests.core.world import World, instant

PRESS = ReadingIs(property="trigger", values=("pressed",))
OPEN = ReadingIs(property="contact", values=("open",), at=("front-door",))
SHUT = ReadingIs(property="contact", values=("closed",), at=("front-door",))
MOTION = ReadingIs(property="motion", values=("detected",))
AJAR = HeldFor(property="contact", values=("open",), duration=5 * MINUTE)
AREA = Area(centre=(51.5, 0.0), radius=300)


def parts(world: World, when: Condition) -> list[Part]:
    """A condition and its parts, as of now."""
    view = world.home.view(world.state, world.site)
    return list(parts_explained(world.home, view, Rule(name="r", when=when), when, 0))


@pytest.mark.parametrize(
    ("when", "name", "missing", "ending"),
    [
        (OPEN, "property", "contact: open at front-door", "contact other than open at front-door"),
        (AJAR, "for", "contact: open for 5m", "contact other than open"),
        (InactiveFor(duration=4 * HOUR, of=("motion", "contact"), at=("hall", "kitchen")),
         "inactive_for", "no sign of life for 4h",
         "a sign of life (motion, contact) at hall or kitchen"),
        (NoneOf(of=(MOTION, SHUT), start=300, by=660), "none_of",
         "none of motion: detected, contact: closed at front-door",
         "motion: detected or contact: closed at front-door"),
        (Without(first=OPEN, without=(MOTION,), within=30 * MINUTE), "without",
         "contact: open at front-door without motion: detected within 30m", "motion: detected"),
        (Followed(first=OPEN, then=(Follow(act=MOTION, within=MINUTE),)), "then",
         "contact: open at front-door, then motion: detected",
         "time alone: too few within its bound"),
        (Count(of=MOTION, at_least=8, within=12 * HOUR), "count",
         "motion: detected 8 times within 12h", "time alone: too few within its bound"),
        (Compare(property="temperature", above=28), "above or below", "temperature above 28",
         "temperature no longer above 28"),
        (Compare(property="temperature", below=16, clear=17.5, duration=2 * HOUR),
         "above or below", "temperature below 16 for 2h", "temperature no longer below 17.5"),
        (Compare(property="temperature", below=16), "above or below", "temperature below 16",
         "temperature no longer below 16"),
        (Changes(property="temperature", falls_by=5, within=HOUR), "rises_by or falls_by",
         "temperature down by 5 within 1h", "time alone: too few within its bound"),
        (Geofence(outside=AREA), "inside or outside", "outside the area",
         "the tracker inside the area"),
        (Geofence(inside=AREA, duration=HOUR), "inside or outside", "inside the area for 1h",
         "the tracker outside the area"),
        (Silent(at=("unit",), duration=HOUR), "silent", "unit silent for 1h",
         "any message of the device"),
        (AllOf(of=(OPEN, MOTION), duration=HOUR), "all",
         "contact: open at front-door and motion: detected for 1h", "the end of any of its parts"),
        (AnyOf(of=(OPEN, MOTION)), "any", "contact: open at front-door or motion: detected",
         "the end of all of its parts"),
        (Not(of=OPEN), "not", "not contact: open at front-door", "the beginning of its part"),
    ],
)  # fmt: skip
def test_each_kind_says_what_is_missing_and_what_would_end_it(
    when: Condition, name: str, missing: str, ending: str
) -> None:
    """In the words of rule files."""
    assert kind_name(when) == name
    assert would_change(when, met=False) == missing
    assert would_change(when, met=True) == ending


def holds(world: World, when: Condition) -> list[bool | None]:
    """Whether a condition and each of its parts holds."""
    return [part.holds for part in parts(world, when)]


def test_an_act_holds_neither_nor_does_it_not() -> None:
    """In a combination it is what is missing, when all else holds."""
    both, either = AllOf(of=(PRESS, OPEN)), AnyOf(of=(PRESS, OPEN))
    rules = [Rule(name="r", when=both), Rule(name="s", when=either)]
    world = World(rules=rules)
    sequence = Followed(first=OPEN, then=(Follow(act=MOTION, within=MINUTE),))

    assert holds(world, both) == [False, None, False]
    assert holds(world, either) == [None, None, False]
    assert holds(world, AnyOf(of=(OPEN, AJAR))) == [False, False, False]
    assert holds(world, sequence) == [None]
    world.hears("front-door", contact="open")
    assert holds(world, both) == [None, None, True]


def test_what_holds_says_since_when_and_what_waits_says_when_it_is_due() -> None:
    """A door that has just been opened waits; after five minutes it holds."""
    world = World()
    world.hears("front-door", contact="open")
    (waits,) = parts(world, AJAR)
    world.advance(minutes=6)
    (met,) = parts(world, AJAR)
    world.hears("front-door", contact="closed")
    (over,) = parts(world, AJAR)

    assert (waits.holds, waits.since, waits.due) == (False, None, instant("2026-03-01T08:05Z"))
    assert waits.would_change == "contact other than open"
    assert (met.holds, met.since, met.due) == (True, instant("2026-03-01T08:05Z"), None)
    assert (over.holds, over.due, over.would_change) == (False, None, "contact: open for 5m")


def test_a_nested_combination_is_looked_up_by_its_own_trace() -> None:
    """`any` inside `all` inside a rule: each holds by itself, whatever the others do."""
    inner = AnyOf(of=(AJAR, MOTION), duration=10 * MINUTE)
    when: Any = AllOf(of=(inner, Not(of=OPEN)))
    world = World(rules=[Rule(name="r", when=when)])
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=5)
    early = holds(world, when)
    world.advance(minutes=6)

    assert early == [False, False, False, True, True, False]
    assert holds(world, when) == [True, True, False, True, True, False]
    assert [part.depth for part in parts(world, when)] == [0, 1, 2, 2, 1, 2]
