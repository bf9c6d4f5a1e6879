"""What is remembered of acts: what is told late, what is dropped, what a new rule starts with."""

from typing import Any

import pytest
from msgspec.structs import replace

from telecared.core.conditions.base import Change, View
from telecared.core.conditions.traces import (
    MAX_MARKS,
    Acts,
    act_text,
    close_runs,
    default_values,
    last_mark,
    recent,
    who_text,
)
from telecared.core.plan import Device
from telecared.core.state import Mark
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind, Value
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device

HALL, BED, UNIT = DEVICES[1], DEVICES[4], DEVICES[6]
SEEN = ReadingIs(property="motion", values=("detected",))


def acts(pattern: ReadingIs = SEEN, *, keep: int = HOUR, apart: int = 0) -> Acts:
    """A trace in the home of the stories."""
    return Acts(pattern, DEVICES, keep=keep, apart=apart)


def change(at: int, *, of: Device = HALL, late: bool = False, **more: object) -> Change:
    """Movement is told."""
    fields: dict[str, object] = {"before": "clear", "after": "detected", **more}
    return Change(
        device=of, property="motion", at=at, momentary=False, late_order=late, **fields  # type: ignore[arg-type] # fields of a change
    )  # fmt: skip


@pytest.fixture
def view(story: Story) -> View:
    """What a trace may look at, in a home in which nothing has happened."""
    world = story()
    return world.home.view(world.state, world.site)


def seen(world: World) -> View:
    """What a trace may look at now."""
    return world.home.view(world.state, world.site)


def noted(view: View, trace: Acts, *changes: Change) -> tuple[Mark, ...]:
    """The marks after some changes."""
    marks: tuple[Mark, ...] = ()
    for one in changes:
        marks = trace.note(marks, view, one)
    return marks


def test_an_act_is_an_edge_into_one_of_its_values(view: View) -> None:
    """Neither a repeated value, nor another, nor what the broker had kept, nor passing time."""
    assert noted(view, acts(), change(5)) == (Mark(5, "hall-pir"),)
    assert noted(view, acts(), change(5, before="detected")) == ()
    assert noted(view, acts(), change(5, after="clear")) == ()
    assert noted(view, acts(), change(5, retained=True)) == ()
    assert noted(view, acts(), change(5, of=BED)) == (Mark(5, "bed"),)
    assert acts().note((), view, None) == ()


def test_a_door_that_closes_is_an_act_where_both_its_words_are_asked_for(view: View) -> None:
    """Opened and closed are two signs of life; told again they are none; a fall stays one fall."""
    door = ReadingIs(property="contact", values=("closed", "open"))
    moves = replace(change(5, before="closed", after="open"), property="contact")
    shuts = replace(change(7, before="open", after="closed"), property="contact")
    assert noted(view, acts(door), moves, shuts) == (Mark(5, "hall-pir"), Mark(7, "hall-pir"))
    assert noted(view, acts(door), replace(shuts, before="closed")) == ()
    fall = ReadingIs(property="fall", values=("detected", "suspected"))
    surer = replace(change(5, before="suspected", after="detected"), property="fall")
    assert noted(view, acts(fall), surer) == ()


def test_an_act_of_another_place_or_property_is_another(view: View) -> None:
    """A trace looks only at what its pattern names."""
    kitchen = acts(ReadingIs(property="motion", values=("detected",), at=("kitchen",)))
    assert noted(view, kitchen, change(5)) == ()
    assert noted(view, acts(), replace(change(5), property="vibration")) == ()
    spared = Acts(SEEN, DEVICES, keep=0, never=("hall-pir",))
    assert noted(view, spared, change(5)) == ()
    assert spared.key != acts().key


def test_what_is_told_late_takes_its_place_in_time(view: View) -> None:
    """And says that it was; of it nobody knows what was before."""
    marks = noted(view, acts(), change(9), change(5, late=True, before="detected"))
    assert marks == (Mark(5, "hall-pir", 1.0), Mark(9, "hall-pir"))


def test_noting_twice_changes_nothing(view: View) -> None:
    """A message that is handed over again, late or not."""
    once = noted(view, acts(), change(9), change(5, late=True))
    assert acts().note(once, view, change(9)) is once
    assert acts().note(once, view, change(5)) is once


def test_acts_too_close_to_one_that_counts_are_the_same(view: View) -> None:
    """On either side of it."""
    trace = acts(apart=10)
    marks = noted(view, trace, change(20), change(29), change(30), change(12, late=True))
    assert [mark.at for mark in marks] == [20, 30]


def test_old_marks_go_but_the_newest_two_stay(view: View) -> None:
    """Also when the newest is years younger."""
    trace = acts(keep=10)
    marks = noted(view, trace, change(1), change(2), change(8), change(18), change(5_000))
    assert [mark.at for mark in marks] == [18, 5_000]
    assert [mark.at for mark in noted(view, trace, *map(change, (1, 2, 8, 12)))] == [2, 8, 12]


def test_of_very_many_the_last_ones_stay() -> None:
    """A sensor gone mad fills no database."""
    marks = [Mark(at, "hall-pir") for at in range(MAX_MARKS + 10)]
    assert recent(marks, HOUR) == tuple(marks[10:])


def test_only_acts_inside_the_window_count(view: View) -> None:
    """By the time at which they happened."""
    night = Window(start=22 * 60, end=6 * 60)
    trace = acts(ReadingIs(property="motion", values=("detected",), between=(night,)))
    assert noted(view, trace, change(view.state.at)) == ()
    assert len(noted(view, trace, change(view.state.at - 4 * HOUR))) == 1


def test_a_new_rule_knows_the_last_act_although_it_is_over(story: Story) -> None:
    """Movement that has cleared was movement; a door that has closed may not have been opened."""
    world = story()
    world.hears("hall-pir", motion="detected")
    world.hears("front-door", contact="closed")
    start = world.at
    world.advance(seconds=30)
    world.hears("hall-pir", motion="clear")
    opened = acts(ReadingIs(property="contact", values=("open",)))
    closed = acts(ReadingIs(property="contact", values=("closed",)))
    assert acts().begin(seen(world)) == (Mark(start, "hall-pir"),)
    assert opened.begin(seen(world)) == ()
    assert closed.begin(seen(world)) == (Mark(start, "front-door"),)


@pytest.mark.parametrize(
    ("name", "property_", "value"),
    [
        ("front-door", "contact", "open"),
        ("unit", "water", "wet"),
        ("hall-pir", "motion", "detected"),
    ],
)
def test_a_new_rule_takes_no_kept_value_for_an_act(
    story: Story, name: str, property_: str, value: Value
) -> None:
    """Nobody knows when it was; once the device speaks by itself it counts."""
    trace = acts(ReadingIs(property=property_, values=(value,)))
    told: dict[str, Any] = {property_: value}
    world = story()
    world.hears(name, retained=True, **told)
    assert trace.begin(seen(world)) == ()

    alive = story()
    alive.hears(name, **told)
    assert trace.begin(seen(alive)) == (Mark(alive.at, name),)


def test_a_new_rule_knows_a_press(story: Story) -> None:
    """Momentary acts are never read from what the broker had kept; of some no word shows life."""
    world = story()
    world.hears("unit", test="pressed")
    pressed = acts(ReadingIs(property="test", values=("pressed",)))
    assert pressed.begin(seen(world)) == (Mark(world.at, "unit"),)
    other = acts(ReadingIs(property="medication", values=("missed",)))
    world.hears("unit", medication="due")
    assert other.begin(seen(world)) == ()


def test_a_new_rule_looks_at_its_window(story: Story) -> None:
    """What happened outside of it is no act."""
    world = story()
    world.hears("hall-pir", motion="detected")
    night = Window(start=22 * 60, end=6 * 60)
    assert (
        acts(ReadingIs(property="motion", values=("detected",), between=(night,))).begin(
            seen(world)
        )
        == ()
    )


def test_marks_of_a_device_that_the_pattern_no_longer_names_are_passed_over(story: Story) -> None:
    """The sensor was moved to another room."""
    world = story()
    trace = acts()
    world.state.traces[trace.key] = (Mark(1, "elsewhere"), Mark(2, "hall-pir"))
    assert trace.marks(seen(world)) == (Mark(2, "hall-pir"),)
    assert last_mark(seen(world), [trace]) == Mark(2, "hall-pir")
    assert last_mark(seen(story()), [trace]) is None


def test_runs_of_enough_marks_in_less_than_a_time() -> None:
    """Exactly the time is too long: as the window moves on, one leaves when the other comes."""
    marks = [Mark(at) for at in (0, 5, 9, 10, 30)]
    assert list(close_runs(marks, 3, 10)) == [(0, 2), (1, 3)]
    assert list(close_runs(marks, 1, 10)) == [(n, n) for n in range(5)]


def test_sentences_name_acts_and_devices() -> None:
    """As people write them in rules."""
    assert act_text(SEEN) == "motion: detected"
    both = ReadingIs(property="contact", values=default_values("contact"), at=("hall", "kitchen"))
    assert act_text(both) == "contact: closed or open at hall or kitchen"
    assert who_text(DEVICES, Mark(MINUTE, "hall-pir")) == "hall-pir (hall)"
    assert who_text([device("x", DeviceKind.OTHER)], Mark(SECOND, "gone")) == "gone"
