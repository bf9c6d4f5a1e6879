"""An act that nothing follows in time: left bed and not back, the door opened and nobody in."""

import pytest

from telecared.core.plan import Clear, Downtime, Rule
from telecared.core.site import LinkDown, LinkDrained, LinkUp
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Duration, Priority
from telecared.core.when import ReadingIs, Window, Without
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, DEVICES, World, device, plan_of, record_of

NIGHT = Window(start=22 * 60 + 30, end=6 * 60 + 30)
LEFT = ReadingIs(property="occupancy", values=("vacant",), at=("bed_monitor",), between=(NIGHT,))
BACK = ReadingIs(property="occupancy", values=("occupied",), at=("bed_monitor",))
OPENED = ReadingIs(property="contact", values=("open",), at=("door_sensor",))
SEEN = ReadingIs(property="motion", values=("detected",), at=("hall",))
TWO_DOORS = record_of(devices=(*DEVICES, device("back-door", DeviceKind.DOOR_SENSOR, "kitchen")))


def unanswered(
    first: ReadingIs = LEFT,
    without: tuple[ReadingIs, ...] = (BACK,),
    within: Duration = 30 * MINUTE,
    **more: object,
) -> Rule:
    """An act that must be followed by another."""
    condition = Without(first=first, without=without, within=within)
    return Rule(name="unanswered", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def nobody_in(**more: object) -> Rule:
    """A door is opened and nobody is seen in the hall for ten minutes."""
    return unanswered(OPENED, (SEEN,), 10 * MINUTE, **more)


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_a_resident_who_left_bed_and_is_not_back_is_told(story: Story) -> None:
    """Half an hour after, with who told it, when, and what was expected."""
    world = story(rules=[unanswered()], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="occupied")
    world.until("2026-03-02T02:10Z")
    world.hears("bed", occupancy="vacant")
    world.advance(hours=1)
    assert opens(world) == ["02:40:00"]
    assert world.records("alert.opened")[0].reason == (
        "bed (bedroom) told occupancy: vacant at 02:10, "
        "without occupancy: occupied at bed_monitor within 30m"
    )


def test_a_resident_who_is_back_in_time_is_left_alone(story: Story) -> None:
    """To the bathroom and back, twice."""
    world = story(rules=[unanswered()], start="2026-03-01T23:00Z")
    for _ in range(2):
        world.hears("bed", occupancy="vacant")
        world.advance(minutes=29)
        world.hears("bed", occupancy="occupied")
        world.advance(minutes=40)
    assert opens(world) == []


def test_the_window_gates_the_first_act_only(story: Story) -> None:
    """Up at 06:20 counts also after 06:30; up at 06:40 does not."""
    world = story(rules=[unanswered()], start="2026-03-01T06:20Z")
    world.hears("bed", occupancy="vacant")
    world.advance(hours=1)
    assert opens(world) == ["06:50:00"]

    later = story(rules=[unanswered()], start="2026-03-01T06:40Z")
    later.hears("bed", occupancy="vacant")
    later.advance(hours=1)
    assert opens(later) == []


def test_the_count_runs_from_the_first_unanswered_act(story: Story) -> None:
    """Opening the door again does not begin the count anew; an answer does."""
    world = story(rules=[nobody_in()])
    for _ in range(2):
        world.hears("front-door", contact="open")
        world.advance(minutes=4)
        world.hears("front-door", contact="closed")
        world.advance(minutes=1)
    world.advance(minutes=5)
    assert opens(world) == ["08:10:00"]


def test_an_answer_in_the_same_instant_must_come_from_another_device(story: Story) -> None:
    """The hall sees somebody in the moment in which the door opens."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    world.hears("hall-pir", motion="detected")
    world.advance(hours=1)
    assert opens(world) == []

    pressed = ReadingIs(property="trigger", values=("pressed",))
    twice = story(rules=[unanswered(pressed, (pressed,), 5 * MINUTE)])
    twice.hears("pendant", trigger="pressed")
    twice.advance(minutes=10)
    assert opens(twice) == ["08:05:00"]


def test_each_device_is_found_by_itself(story: Story) -> None:
    """Two doors, two alerts; somebody in the hall answers both, and each is named."""
    rule = nobody_in(priority=Priority.ROUTINE)
    world = story(rules=[rule], record=TWO_DOORS)
    world.hears("front-door", contact="open")
    world.advance(minutes=2)
    world.hears("back-door", contact="open")
    world.advance(minutes=30)
    assert opens(world) == ["08:10:00", "08:12:00"]
    assert [alert.key for alert in world.state.alerts.values()] == [
        "unanswered|front-door", "unanswered|back-door"
    ]  # fmt: skip
    world.hears("hall-pir", motion="detected")
    world.forget_messages()
    assert world.state.alerts == {}
    assert [line.reason for line in world.records("alert.resolved")] == [
        "recovered: hall-pir told motion: detected"
    ] * 2


def test_what_a_person_must_close_recovers_once_on_the_record(story: Story) -> None:
    """Somebody in the hall is noted when it answers, not each time it moves."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    for _ in range(3):
        world.hears("hall-pir", motion="detected")
        world.advance(minutes=1)
        world.hears("hall-pir", motion="clear")
    noted = [line for line in world.records("alert.updated") if "recovered" in line.reason]
    assert len(noted) == 1
    world.forget_messages()


def test_a_rule_that_only_a_person_ends_is_not_ended_by_an_answer(story: Story) -> None:
    """`clear: person`."""
    rule = nobody_in(priority=Priority.ROUTINE, clear=Clear(kind="person"))
    world = story(rules=[rule])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.hears("hall-pir", motion="detected")
    world.forget_messages()
    assert 1 in world.state.alerts


def test_one_stretch_is_told_once_and_anew_after_a_resolve(story: Story) -> None:
    """Still not back half an hour after somebody had closed the alert."""
    world = story(rules=[unanswered()], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(hours=2)
    assert opens(world) == ["23:30:00"]
    world.resolves("An Operator")
    world.advance(hours=1)
    assert opens(world) == ["23:30:00", "01:30:00"]


def test_a_later_stretch_joins_the_open_alert(story: Story) -> None:
    """Back, and gone again for half an hour: whoever has the alert hears of it, once."""
    world = story(rules=[unanswered(priority=Priority.LIFE_SAFETY)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=30)
    world.accepts("ben", lease=3 * HOUR)
    world.advance(minutes=10)
    world.hears("bed", occupancy="occupied")
    world.forget_messages()
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=30)
    world.expect_sms("ben", "AGAIN")
    assert len(world.records("alert.repeated")) == 1
    world.forget_messages()
    world.accepts("ben", lease=3 * HOUR)
    world.advance(hours=1)
    assert len(world.records("alert.repeated")) == 1
    world.forget_messages()


def test_a_stretch_that_began_under_an_open_alert_counts_from_its_own_beginning(
    story: Story,
) -> None:
    """Gone again ten minutes before the first alert was resolved."""
    world = story(rules=[unanswered()], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=30)
    world.hears("bed", occupancy="occupied")
    world.advance(minutes=10)
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=10)
    world.resolves("An Operator")
    world.advance(hours=1)
    assert opens(world) == ["23:30:00", "00:10:00"]


def test_an_answer_that_is_told_late_answers(story: Story) -> None:
    """The bed tells of the return only after it has told of the next leaving."""
    world = story(rules=[unanswered(within=HOUR)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=40)
    world.hears("bed", occupancy="vacant", clears_after=MINUTE)
    world.advance(minutes=10)
    world.hears("bed", occupancy="vacant")
    world.hears("bed", occupancy="occupied", stamp=world.at - 20 * MINUTE)
    world.advance(minutes=40)
    assert opens(world) == []
    world.advance(minutes=20)
    assert opens(world) == ["00:50:00"]


@pytest.mark.parametrize(
    ("priority", "opened"), [(Priority.URGENT, []), (Priority.LIFE_SAFETY, ["08:15:00"])]
)
def test_a_first_act_that_is_told_late_opens_only_life_safety(
    story: Story, priority: Priority, opened: list[str]
) -> None:
    """The door was closed when we heard that it had been opened before that."""
    world = story(rules=[nobody_in(priority=priority)])
    world.advance(minutes=15)
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open", stamp=world.at - 12 * MINUTE)
    world.advance(minutes=30)
    assert opens(world) == opened


def test_a_first_act_before_what_was_found_belongs_to_it(story: Story) -> None:
    """Told late, after the alert: no second one, also after the resolve."""
    world = story(rules=[nobody_in(priority=Priority.LIFE_SAFETY)])
    world.advance(minutes=30)
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.hears("front-door", contact="open", stamp=world.at - 15 * MINUTE)
    world.advance(minutes=5)
    world.resolves("An Operator")
    world.forget_messages()
    world.advance(minutes=9)
    assert opens(world) == ["08:40:00"]
    world.advance(minutes=1)
    assert opens(world) == ["08:40:00", "08:55:00"]


def test_what_the_broker_had_kept_neither_asks_nor_answers(story: Story) -> None:
    """Nobody knows how old it is."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open", retained=True)
    world.advance(hours=1)
    assert opens(world) == []
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open")
    world.hears("hall-pir", motion="detected", retained=True)
    world.advance(minutes=10)
    assert opens(world) == ["09:10:00"]


def test_an_absence_waits_for_what_the_broker_had_kept_for_us(story: Story) -> None:
    """The link was lost in between, and the answer comes before the session is drained."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    world.advance(minutes=2)
    world.site_hears(LinkDown(at=world.at))
    world.advance(minutes=30)
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.hears("hall-pir", motion="detected", stamp=world.at - 20 * MINUTE)
    world.advance(seconds=10)
    world.site_hears(LinkDrained(at=world.at, canary=True))
    world.advance(hours=1)
    assert opens(world) == []


@pytest.mark.parametrize(
    ("downtime", "opened"),
    [(Downtime(), "08:30:00"), (Downtime(kind="pause"), "08:38:00"),
     (Downtime(kind="grace", grace=15 * MINUTE), "08:45:00")],
)  # fmt: skip
def test_an_outage_means_what_the_rule_says(story: Story, downtime: Downtime, opened: str) -> None:
    """Two of ten minutes had passed when the link was lost, for 28."""
    world = story(rules=[nobody_in(downtime=downtime)])
    world.hears("front-door", contact="open")
    world.advance(minutes=2)
    world.outage(minutes=28)
    world.advance(hours=1)
    assert opens(world) == [opened]


def test_a_restart_changes_nothing(story: Story) -> None:
    """The door was opened before; the count runs on after."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    world.advance(minutes=3)
    world.state = decode_state(encode_state(world.state))
    world.advance(minutes=10)
    assert opens(world) == ["08:10:00"]


def test_an_edited_rule_takes_over_at_once(story: Story) -> None:
    """Shorter: already overdue. New: from the facts that are known."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    world.is_replanned(plan_of([unanswered(OPENED, (SEEN,), 5 * MINUTE)]))
    assert opens(world) == ["08:06:00"]

    fresh = story(rules=[])
    fresh.hears("hall-pir", motion="detected")
    fresh.advance(minutes=1)
    fresh.hears("front-door", contact="open")
    fresh.advance(minutes=4)
    fresh.is_replanned(plan_of([nobody_in()]))
    fresh.advance(minutes=10)
    assert opens(fresh) == ["08:11:00"]


def test_a_device_that_is_gone_asks_no_more(story: Story) -> None:
    """The door sensor was taken away while the door stood open."""
    world = story(rules=[nobody_in()])
    world.hears("front-door", contact="open")
    gone = tuple(one for one in DEVICES if one.id != "front-door")
    world.is_replanned(record=record_of(devices=gone, contacts=(BEN, CARA)))
    world.advance(hours=1)
    assert opens(world) == []


def test_many_unanswered_acts_keep_the_first_and_the_last(story: Story) -> None:
    """A door that bangs all night: the count runs from the first, a late answer finds the rest."""
    world = story(rules=[unanswered(OPENED, (SEEN,), 3 * HOUR)])
    for _ in range(30):
        world.hears("front-door", contact="open")
        world.advance(minutes=1)
        world.hears("front-door", contact="closed")
        world.advance(minutes=1)
    (marks,) = world.state.traces.values()
    assert len(marks) == 8
    world.hears("hall-pir", motion="detected", stamp=world.at - 4 * MINUTE)
    world.until("2026-03-01T11:57Z")
    assert opens(world) == []
    world.until("2026-03-01T12:30Z")
    assert opens(world) == ["11:58:00"]


def test_what_other_conditions_hear_of_it(story: Story) -> None:
    """It holds from when an act has been unanswered for too long, until it is answered."""
    world = story(rules=[nobody_in()], record=TWO_DOORS)
    (compiled,) = world.home.rules

    def holds() -> int | None:
        return compiled.condition.holds(world.home.view(world.state, world.site))

    def turns() -> list[int]:
        return list(compiled.condition.turns(world.home.view(world.state, world.site)))

    start = world.at
    assert (holds(), turns()) == (None, [])
    world.hears("front-door", contact="open")
    world.advance(minutes=3)
    world.hears("back-door", contact="open")
    assert (holds(), turns()) == (None, [start + 10 * MINUTE, start + 13 * MINUTE])
    world.advance(minutes=8)
    assert (holds(), turns()) == (start + 10 * MINUTE, [start + 13 * MINUTE])
    world.hears("hall-pir", motion="detected")
    assert (holds(), turns()) == (None, [])
    world.forget_messages()

    paused = story(rules=[nobody_in(downtime=Downtime(kind="pause"))])
    paused.hears("front-door", contact="open")
    paused.site_hears(LinkDown(at=paused.at))
    (compiled,) = paused.home.rules
    world = paused
    assert (holds(), turns()) == (None, [])
    assert next(compiled.condition.deadlines(paused.home.view(paused.state, paused.site)), 0) == 0
