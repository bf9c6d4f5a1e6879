"""None of some acts between two times of a day: on every kind of night, day and clock."""

import pytest

from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import DateRange, Holidays, NoneOf
from tests.core.conftest import Story
from tests.core.test_none_of import SEEN, move, not_up, opens
from tests.core.world import plan_of


@pytest.mark.parametrize(
    ("night", "due"),
    [("2026-03-28", "2026-03-29T10:00Z"), ("2026-10-24", "2026-10-25T11:00Z"),
     ("2026-06-01", "2026-06-02T10:00Z")],
)  # fmt: skip
def test_eleven_is_eleven_on_both_daylight_saving_nights(
    story: Story, night: str, due: str
) -> None:
    """In London the clocks go forward on 29 March and back on 25 October 2026."""
    world = story(rules=[not_up(start="22:00")], start=f"{night}T12:00Z")
    world.until(due)
    assert opens(world) == ["11:00:00"]
    assert len(world.records("alert.opened")) == 1
    before = world.at
    world.until_instant(before + 20 * HOUR)
    assert opens(world) == ["11:00:00"]


def test_the_hour_that_comes_twice_counts_whole(story: Story) -> None:
    """By 01:30 is the second half past one; a movement between the two is in time."""
    rule = not_up(start="22:00", by="01:30")
    world = story(rules=[rule], start="2026-10-24T12:00Z")
    world.until("2026-10-25T01:29Z")
    assert opens(world) == []
    world.until("2026-10-25T01:30Z")
    assert opens(world) == ["01:30:00"]

    up = story(rules=[rule], start="2026-10-24T12:00Z")
    up.until("2026-10-25T01:10Z")
    move(up)
    up.until("2026-10-25T12:00Z")
    assert opens(up) == []


def test_the_hour_that_is_skipped_is_due_when_the_clocks_go_forward(story: Story) -> None:
    """By 01:30, which there is not."""
    rule = not_up(start="22:00", by="01:30")
    world = story(rules=[rule], start="2026-03-28T12:00Z")
    world.until("2026-03-29T00:59Z")
    assert opens(world) == []
    world.until("2026-03-29T01:00Z")
    assert opens(world) == ["02:00:00"]


@pytest.mark.parametrize("night", ["2026-03-28", "2026-10-24", "2026-06-01"])
def test_a_whole_day_is_judged_day_by_day(story: Story, night: str) -> None:
    """From half past one to half past one, also when that is skipped or comes twice."""
    rule = not_up(start="01:30", by="01:30")
    world = story(rules=[rule], start=f"{night}T12:00Z")
    world.advance(hours=38)
    assert len(world.records("alert.opened")) == 1
    world.accepts("ben", lease=24 * HOUR)
    world.advance(hours=24)
    assert len(world.records("alert.repeated")) == 1
    world.resolves("An Operator")
    world.advance(minutes=5)
    move(world)
    world.forget_messages()
    world.advance(days=1)
    assert len(world.records("alert.opened")) == 1


def test_a_whole_day_on_some_days_only(story: Story) -> None:
    """Monday to Tuesday midnight; the days between are nobody's."""
    rule = not_up(start="00:00", by="00:00", days=(0,))
    world = story(rules=[rule], start="2026-02-28T12:00Z")
    world.until("2026-03-02T23:59Z")
    assert opens(world) == []
    world.until("2026-03-03T00:00Z")
    assert opens(world) == ["00:00:00"]
    world.resolves("An Operator")
    world.until("2026-03-09T23:59Z")
    assert opens(world) == ["00:00:00"]
    world.until("2026-03-10T00:00Z")
    assert opens(world) == ["00:00:00", "00:00:00"]


def test_public_holidays_are_days_of_their_own(story: Story) -> None:
    """Not on holidays: the 2 March is one here."""
    condition = NoneOf(of=(SEEN,), start=5 * 60, by=11 * 60, holidays=Holidays.NEVER)
    rule = Rule(name="not-up", when=condition)
    plan = plan_of([rule])
    plan = type(plan)(**{**{name: getattr(plan, name) for name in plan.__struct_fields__},
                         "holidays": {"": ("2026-03-02",)}})  # fmt: skip
    world = story(plan=plan, start="2026-03-01T20:00Z")
    world.until("2026-03-03T10:59Z")
    assert opens(world) == []
    world.until("2026-03-03T11:00Z")
    assert opens(world) == ["11:00:00"]


def test_a_clock_that_is_put_back_does_not_end_the_span(story: Story) -> None:
    """From 05:10 to 04:50: the span opens again, and is judged at eleven by the new clock."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T05:10Z")
    world.clock_is_put(-20 * MINUTE)
    world.advance(hours=1)
    assert opens(world) == []
    world.until("2026-03-02T12:00Z")
    assert [line.at // MINUTE % (24 * 60) for line in world.records("alert.opened")] == [
        11 * 60 + 20
    ]
    world.forget_messages()


def test_a_clock_that_is_put_forward_over_the_time_is_due_then(story: Story) -> None:
    """From 10:30 to 11:30."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T10:30Z")
    world.clock_is_put(HOUR)
    assert opens(world) == ["10:30:00"]


def test_a_clock_that_is_put_a_little_inside_the_span_leaves_it_whole(story: Story) -> None:
    """Five minutes forward at eight: nobody since five is judged at eleven by the new clock."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T08:00Z")
    world.clock_is_put(5 * MINUTE)
    world.until("2026-03-02T10:54Z")
    assert opens(world) == []
    world.until("2026-03-02T10:55Z")
    assert opens(world) == ["10:55:00"]


def test_a_day_that_is_over_for_good_is_never_due(story: Story) -> None:
    """A date of a year that has passed."""
    past = not_up(dates=(DateRange("2020-12-25", "2020-12-25"),))
    world = story(rules=[past], start="2026-03-01T20:00Z")
    world.advance(days=2)
    assert opens(world) == []
    assert world.state.absences_due is None

    over = story(rules=[not_up(dates=(DateRange("2026-03-02", "2026-03-02"),))],
                 start="2026-03-01T20:00Z")  # fmt: skip
    over.until("2026-03-03T12:00Z")
    assert opens(over) == ["11:00:00"]
    assert over.state.absences_due is None
