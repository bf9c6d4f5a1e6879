"""None of some acts between two times of a day: not up by eleven, on every kind of night."""

import pytest

from telecared.core.plan import Downtime, Rule
from telecared.core.site import LinkDown, LinkDrained, LinkUp
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import DateRange, NoneOf, ReadingIs
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, plan_of, record_of

SEEN = ReadingIs(property="motion", values=("detected",), at=("kitchen", "hall"))
TAKEN = ReadingIs(property="medication", values=("taken",))


def not_up(
    *,
    of: tuple[ReadingIs, ...] = (SEEN,),
    start: str = "05:00",
    by: str = "11:00",
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6),
    dates: tuple[DateRange, ...] = (),
    **more: object,
) -> Rule:
    """Nobody has moved between two times."""
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, by))
    condition = NoneOf(of=of, start=first, by=last, days=days, dates=dates)
    return Rule(name="not-up", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def move(world: World) -> None:
    """Somebody is seen in the hall."""
    world.hears("hall-pir", motion="detected")
    world.hears("hall-pir", motion="clear")


def test_a_resident_who_is_not_up_by_eleven_is_told(story: Story) -> None:
    """At eleven sharp, with the last sign and its day."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    move(world)
    world.until("2026-03-02T12:00Z")
    assert opens(world) == ["11:00:00"]
    assert world.records("alert.opened")[0].reason == (
        "no motion: detected at kitchen or hall from 05:00 to 11:00; "
        "the last was hall-pir (hall) at 20:00 on 2026-03-01"
    )


def test_a_resident_who_was_up_is_left_alone(story: Story) -> None:
    """At half past five is up; at half past four is not."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T05:30Z")
    move(world)
    world.until("2026-03-02T23:00Z")
    assert opens(world) == []
    world.until("2026-03-03T04:30Z")
    move(world)
    world.until("2026-03-03T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_any_of_several_acts_will_do(story: Story) -> None:
    """Seen in the kitchen or the door opened."""
    opened = ReadingIs(property="contact", values=("open",), at=("front-door",))
    world = story(rules=[not_up(of=(SEEN, opened))], start="2026-03-01T20:00Z")
    world.until("2026-03-02T09:00Z")
    world.hears("front-door", contact="open")
    world.until("2026-03-02T12:00Z")
    assert opens(world) == []


def test_a_span_that_had_opened_before_the_devices_were_registered_is_not_judged(
    story: Story,
) -> None:
    """Registered at eight: today is not judged, tomorrow is."""
    world = story(rules=[not_up()], start="2026-03-01T08:00Z")
    world.until("2026-03-01T23:00Z")
    assert opens(world) == []
    world.until("2026-03-02T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_a_home_that_cannot_tell_it_is_not_judged(story: Story) -> None:
    """No dispenser: nobody is alarmed every day."""
    world = story(rules=[not_up(of=(TAKEN,))])
    world.advance(days=3)
    assert opens(world) == []
    (compiled,) = world.home.rules
    view = world.home.view(world.state, world.site)
    assert compiled.condition.holds(view) is None


def test_it_ends_as_soon_as_somebody_is_up(story: Story) -> None:
    """A routine alert closes by itself; each movement after that is no news."""
    world = story(rules=[not_up(priority=Priority.ROUTINE)], start="2026-03-01T20:00Z")
    world.until("2026-03-02T11:20Z")
    world.forget_messages()
    move(world)
    assert world.state.alerts == {}
    assert world.records("alert.resolved")[0].reason == "recovered: hall-pir told motion: detected"
    world.forget_messages()


def test_what_a_person_must_close_recovers_once_on_the_record(story: Story) -> None:
    """Urgent: up at twenty past eleven is noted once; what was before the span is not."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T11:20Z")
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", stamp=world.at - 9 * HOUR)
    for _ in range(3):
        move(world)
        world.advance(minutes=1)
    noted = [line for line in world.records("alert.updated") if "recovered" in line.reason]
    assert len(noted) == 1
    world.forget_messages()


def test_each_day_is_judged_once(story: Story) -> None:
    """The second day joins the open alert; after a resolve the same day is not told again."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-03T12:00Z")
    assert opens(world) == ["11:00:00"]
    assert len(world.records("alert.repeated")) == 1
    world.resolves("An Operator")
    world.until("2026-03-04T10:59Z")
    assert opens(world) == ["11:00:00"]
    world.until("2026-03-04T11:00Z")
    assert opens(world) == ["11:00:00", "11:00:00"]


def test_a_cooldown_ends_before_it_is_told(story: Story) -> None:
    """Closed at ten with a cooldown of three hours: told at one, if still not up."""
    world = story(rules=[not_up(cooldown=3 * HOUR)], start="2026-03-01T20:00Z")
    world.until("2026-03-03T10:00Z")
    world.resolves("An Operator")
    world.until("2026-03-03T14:00Z")
    assert opens(world) == ["11:00:00", "13:00:00"]


def test_only_on_some_days(story: Story) -> None:
    """From Monday to Friday; 28 February 2026 is a Saturday."""
    rule = not_up(days=(0, 1, 2, 3, 4))
    world = story(rules=[rule], start="2026-02-27T20:00Z")
    world.until("2026-03-02T10:59Z")
    assert opens(world) == []
    world.until("2026-03-02T11:00Z")
    assert opens(world) == ["11:00:00"]


def test_a_day_far_ahead_is_not_forgotten(story: Story) -> None:
    """Christmas only: the calendar is looked at again and again until then."""
    rule = not_up(dates=(DateRange("12-25", "12-25"),))
    world = story(rules=[rule], start="2026-03-01T20:00Z")
    world.until("2026-12-25T10:59Z")
    assert opens(world) == []
    world.until("2026-12-26T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_what_the_broker_had_kept_for_us_is_read_first(story: Story) -> None:
    """Eleven passed during an outage, in which the resident was up; a kept value is no proof."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T10:00Z")
    world.site_hears(LinkDown(at=world.at))
    world.advance(hours=2)
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.hears("hall-pir", motion="detected", stamp=world.at - 100 * MINUTE)
    world.advance(seconds=10)
    world.site_hears(LinkDrained(at=world.at, canary=True))
    world.advance(hours=3)
    assert opens(world) == []

    kept = story(rules=[not_up()], start="2026-03-01T20:00Z")
    kept.until("2026-03-02T10:00Z")
    kept.site_hears(LinkDown(at=kept.at))
    kept.advance(hours=2)
    kept.site_hears(LinkUp(at=kept.at, resumed=True, protocol=4))
    kept.hears("hall-pir", motion="detected", retained=True)
    kept.site_hears(LinkDrained(at=kept.at, canary=True))
    assert opens(kept) == ["12:00:00"]
    assert kept.records("alert.opened")[0].late == HOUR


@pytest.mark.parametrize(
    ("downtime", "opened"),
    [(Downtime(), "11:00:00"), (Downtime(kind="pause"), "13:00:00"),
     (Downtime(kind="grace", grace=3 * HOUR), "11:30:00")],
)  # fmt: skip
def test_an_outage_means_what_the_rule_says(story: Story, downtime: Downtime, opened: str) -> None:
    """From half past six to half past eight."""
    world = story(rules=[not_up(downtime=downtime)], start="2026-03-01T20:00Z")
    world.until("2026-03-02T06:30Z")
    world.outage(hours=2)
    world.until("2026-03-02T14:00Z")
    assert opens(world) == [opened]


def test_acts_until_the_grace_has_ended_count(story: Story) -> None:
    """Up at a quarter past eleven, while the outage was still forgiven."""
    rule = not_up(downtime=Downtime(kind="grace", grace=3 * HOUR))
    world = story(rules=[rule], start="2026-03-01T20:00Z")
    world.until("2026-03-02T06:30Z")
    world.outage(hours=2)
    world.until("2026-03-02T11:15Z")
    move(world)
    world.until("2026-03-02T14:00Z")
    assert opens(world) == []


def test_while_an_outage_lasts_a_paused_rule_has_no_deadline(story: Story) -> None:
    """Nobody can say when; it is looked at again after."""
    rule = not_up(downtime=Downtime(kind="pause"))
    world = story(rules=[rule], start="2026-03-01T20:00Z")
    world.until("2026-03-02T06:00Z")
    world.site_hears(LinkDown(at=world.at))
    world.advance(days=3)
    assert opens(world) == []
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.site_hears(LinkDrained(at=world.at, canary=True))
    world.advance(days=1)
    assert len(opens(world)) == 1


def test_a_stop_over_several_days_is_one_finding(story: Story) -> None:
    """The last day counts; the days before are no alerts of their own."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.stopped_for(hours=72)
    assert opens(world) == ["20:00:00"]
    assert world.records("alert.repeated") == []


def test_a_restart_changes_nothing(story: Story) -> None:
    """At ten, after somebody was up at six and before."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T06:00Z")
    move(world)
    world.until("2026-03-02T10:00Z")
    world.state = decode_state(encode_state(world.state))
    world.until("2026-03-02T23:00Z")
    assert opens(world) == []
    world.state = decode_state(encode_state(world.state))
    world.until("2026-03-03T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_an_edited_rule_takes_over_at_once(story: Story) -> None:
    """By ten instead of eleven, at half past ten; what was seen before the rule came is known."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T10:30Z")
    world.is_replanned(plan_of([not_up(by="10:00")]))
    assert opens(world) == ["10:30:00"]

    up = story(rules=[], start="2026-03-01T20:00Z")
    up.until("2026-03-02T06:00Z")
    move(up)
    up.until("2026-03-02T12:00Z")
    up.is_replanned(plan_of([not_up()]))
    up.until("2026-03-02T23:00Z")
    assert opens(up) == []


def test_what_other_conditions_hear_of_it(story: Story) -> None:
    """It holds from eleven until somebody is up, over midnight."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    (compiled,) = world.home.rules

    def holds() -> int | None:
        return compiled.condition.holds(world.home.view(world.state, world.site))

    def turns() -> list[int]:
        return list(compiled.condition.turns(world.home.view(world.state, world.site)))

    eleven = world.at + 15 * HOUR
    assert (holds(), turns()) == (None, [eleven])
    world.until("2026-03-02T12:00Z")
    assert holds() == eleven
    world.until("2026-03-03T06:00Z")
    assert (holds(), turns()) == (eleven, [eleven + 24 * HOUR])
    move(world)
    assert holds() is None
    world.forget_messages()


def test_a_device_that_came_later_does_not_hide_the_others(story: Story) -> None:
    """A second sensor registered at nine: today is judged by the first."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T09:00Z")
    more = (*DEVICES, device("second", DeviceKind.ACTIVITY_DETECTOR, "kitchen"))
    world.is_replanned(record=record_of(devices=more))
    world.until("2026-03-02T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_nothing_was_ever_told(story: Story) -> None:
    """The reason names no last sign."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    world.until("2026-03-02T12:00Z")
    world.forget_messages()
    reason = world.records("alert.opened")[0].reason
    assert reason == "no motion: detected at kitchen or hall from 05:00 to 11:00"
