"""A fault on which a life may depend is told again day by day, until mended or planned for."""

import pytest

from telecared.core.ageing import LONGEST_PLAN, LONGEST_PLAN_NOTE
from telecared.core.alert_commands import InterimPlanned, Snoozed
from telecared.core.plan import BY_DAY, Ageing, Confirm, Rule
from telecared.core.state import Answer
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    AlertState,
    Duration,
    Mode,
    Outcome,
    Priority,
)
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import CENTRE, World, plan_of, record_of

LOW = HeldFor(property="battery", values=("low",), duration=10 * MINUTE)
DAILY = Ageing(every=DAY, between=())  # at any hour


def low(ages: Ageing | None = DAILY, **changes: object) -> Rule:
    """A battery is low."""
    fields: dict[str, object] = {
        "name": "battery-low", "when": LOW, "priority": Priority.TECHNICAL, "policy": "technical",
        "ages": ages, "say": "The battery of {device.id} is low.",
    }  # fmt: skip
    return Rule(**{**fields, **changes})  # type: ignore[arg-type] # fields of a rule


def plans(
    world: World, lasts: Duration = 3 * DAY, *, note: str = "A neighbour looks in.", alert: int = 1
) -> Answer:
    """Somebody has an interim plan."""
    return world.commands(
        InterimPlanned(
            input=world.next_input(), at=world.at, alert=alert, by="Ann Lee",
            until=world.at + lasts, note=note,
        )
    )  # fmt: skip


def is_low(story: Story, name: str = "smoke", **changes: object) -> World:
    """The battery of a device is low, and the centre has been told."""
    world = story(rules=[low(**changes)])  # type: ignore[arg-type] # fields of a rule
    world.hears(name, battery=9.0)
    world.advance(minutes=10)
    world.expect_sms(CENTRE, f"The battery of {name} is low. Reply")
    return world


def aged(world: World) -> list[tuple[str, Priority | None]]:
    """Why an alert was told for its age, and how much it matters then."""
    return [(line.reason, line.priority) for line in world.records("alert.aged")]


def test_a_smoke_detector_with_a_low_battery_is_told_louder_every_day(story: Story) -> None:
    """From the second day it is urgent and told to the family first; a new battery ends it."""
    world = is_low(story)
    world.advance(hours=23, minutes=59)
    world.forget_messages()
    world.advance(minutes=1)
    world.expect_sms("ben", "NOT MENDED for 1 day: The battery of smoke is low. Reply")
    world.expect_sms(CENTRE, "NOT MENDED for 1 day: The battery of smoke is low. Reply")
    world.expect_nothing()
    assert aged(world) == [
        ("not mended for 1 day; now urgent instead of technical", Priority.URGENT)
    ]
    world.advance(minutes=2)
    world.expect_sms("cara", "NOT MENDED for 1 day")
    world.advance(minutes=3)
    world.expect_sms(CENTRE, "NOT MENDED for 1 day")
    world.advance(hours=24)
    world.forget_messages()
    assert aged(world)[1:] == [("not mended for 2 days", Priority.URGENT)]
    assert world.alert().text.startswith("NOT MENDED for 2 days: The battery of smoke is low.")
    world.hears("smoke", battery=98.0)
    assert world.state.alerts == {}
    assert [line.reason for line in world.records("alert.updated")] == ["mended: technical again"]
    over = world.records("alert.resolved")[0]
    assert over.priority is Priority.TECHNICAL
    assert over.reason.startswith("recovered: ")
    world.forget_messages()


def test_p2_whoever_holds_a_fault_loses_it_when_a_day_has_passed(story: Story) -> None:
    """An acknowledgement is no repair: the lease ends, and it is told anew."""
    world = is_low(story)
    for _ in range(25):
        world.accepts("ben", lease=HOUR)
        world.advance(minutes=59)
    lapsed = world.records("alert.lapsed")
    assert [(line.reason, line.to) for line in lapsed] == [("not mended for 1 day", "ben")]
    assert lapsed[0].at == world.records("alert.opened")[0].at + DAY
    assert world.alert().priority is Priority.URGENT
    world.forget_messages()


def test_an_interim_plan_stops_that_until_it_ends(story: Story) -> None:
    """Its end says so and begins anew; the day after, the fault is told for its age again."""
    world = is_low(story)
    world.advance(hours=30)
    world.forget_messages()
    assert plans(world) == Answer(True)
    for who in ("ben", "cara", CENTRE):
        world.expect_sms(who, "Ann Lee has an interim plan until 2026-03-05 14:10")
    alert = world.alert()
    assert alert.state is AlertState.ACKNOWLEDGED
    assert alert.owner == "Ann Lee"
    world.advance(days=2, hours=23)
    world.expect_nothing()
    world.advance(hours=1)
    world.expect_sms("ben", "NOT MENDED for 4 days, and the interim plan has ended: The battery")
    world.forget_messages()
    assert aged(world)[1:] == [
        ("Ann Lee's interim plan has ended, and it is not mended for 4 days", Priority.URGENT)
    ]
    world.advance(hours=18)
    assert aged(world)[2:] == [("not mended for 5 days", Priority.URGENT)]
    assert world.alert().text.startswith("NOT MENDED for 5 days: The battery of smoke")
    world.forget_messages()


def test_a_plan_that_is_made_before_the_first_day_is_over_keeps_the_fault_quiet(
    story: Story,
) -> None:
    """It stays what it was; the recovery closes it while the plan still runs."""
    world = is_low(story)
    assert plans(world, 10 * DAY).done
    world.expect_sms(CENTRE, "has an interim plan until 2026-03-11")
    world.advance(days=9)
    world.hears("smoke", battery=98.0)
    assert world.state.alerts == {}
    assert world.records("alert.resolved")[0].priority is Priority.TECHNICAL
    world.expect_nothing()


def test_a_plan_takes_the_fault_over_from_whoever_holds_it(story: Story) -> None:
    """Its holder hears so; an operator without a phone of their own sees it in the queue."""
    world = is_low(story)
    world.accepts("ben")
    world.forget_messages()
    assert plans(world).done
    world.expect_sms("ben", "Ann Lee has an interim plan")
    assert not world.accepts("ben").done
    assert plans(world, 5 * DAY).done
    assert world.alert().planned_until == world.at + 5 * DAY
    world.expect_nothing()


def test_whoever_planned_keeps_it_until_the_plan_ends_whatever_they_answer(story: Story) -> None:
    """A snooze of an hour must not end a plan of days."""
    world = is_low(story)
    plans(world)
    until = world.at + 3 * DAY
    for _ in range(2):
        event = Snoozed(input=world.next_input(), at=world.at, alert=1, by="Ann Lee", duration=HOUR)
        assert world.commands(event).done
        assert world.alert().lease_until == until
    assert world.records("alert.snoozed")[0].reason == "Ann Lee holds it until 2026-03-04 08:10"
    world.forget_messages()


@pytest.mark.parametrize(
    ("lasts", "note", "reason"),
    [
        (3 * DAY, "  ", "say in a note what keeps the resident safe until then: --note"),
        (3 * DAY, "x" * (LONGEST_PLAN_NOTE + 1), "the note is longer than 2000 characters"),
        (0, "Soon.", "its end is not in the future: name a later one"),
        (LONGEST_PLAN + 1, "Later.", "an interim plan lasts for at most 90d"),
    ],
)
def test_a_plan_without_words_or_with_an_end_far_away_is_refused(
    story: Story, lasts: Duration, note: str, reason: str
) -> None:
    """The refusal says what to write instead, and the fault goes on ageing."""
    world = is_low(story)
    answer = plans(world, lasts, note=note)
    assert not answer.done
    assert answer.reason.startswith(reason)
    assert world.alert().planned_until is None


def test_only_what_ages_is_planned_for(story: Story) -> None:
    """A door sensor's battery waits in the queue as ever; so does what does not exist."""
    world = is_low(story, "front-door")
    answer = plans(world)
    assert not answer.done
    assert answer.reason.startswith("larch-12/1 does not age")
    assert not plans(world, alert=7).done
    world.advance(days=3)
    assert aged(world) == []
    assert world.alert().priority is Priority.TECHNICAL
    world.forget_messages()


def test_the_alarm_unit_counts_among_what_a_life_depends_on(story: Story) -> None:
    """Without it no pendant is heard."""
    world = is_low(story, "unit")
    world.advance(days=1)
    assert len(aged(world)) == 1
    world.forget_messages()


def test_of_all_devices_every_hour_and_no_louder(story: Story) -> None:
    """`of: all` ages what no life depends on too; a lower priority than its own changes nothing."""
    world = is_low(
        story, "front-door", ages=Ageing(every=HOUR, priority=Priority.TECHNICAL, of="all")
    )
    world.advance(hours=2)
    assert aged(world) == [
        ("not mended for 1h", Priority.TECHNICAL),
        ("not mended for 2h", Priority.TECHNICAL),
    ]
    world.hears("front-door", battery=98.0)
    assert world.state.alerts == {}
    world.forget_messages()


def test_what_is_found_about_the_home_is_about_no_device(story: Story) -> None:
    """It ages only where the rule says `all`."""
    still = InactiveFor(duration=HOUR, of=("motion",))
    rules = [low(when=still), low(Ageing(every=DAY, of="all"), name="mute", when=still)]
    world = story(rules=rules)
    world.advance(hours=1)
    assert [alert.ages is not None for alert in world.state.alerts.values()] == [False, True]
    world.forget_messages()


@pytest.mark.parametrize(
    "changes",
    [{"mode": Mode.WATCH}, {"priority": Priority.ROUTINE}, {"confirm": Confirm(
        within=MINUTE, none_of=(ReadingIs(property="motion", values=("detected",)),))}],
)  # fmt: skip
def test_what_pages_nobody_or_is_no_fault_does_not_age(
    story: Story, changes: dict[str, object]
) -> None:
    """The linter refuses it; whatever reaches the core unchecked does no harm."""
    world = story(rules=[low(**changes)])  # type: ignore[arg-type] # fields of a rule
    world.hears("smoke", battery=9.0)
    world.advance(minutes=10)
    assert world.alert().ages is None
    world.forget_messages()


def test_p3_days_in_which_we_did_not_run_are_told_once(story: Story) -> None:
    """What came due five times while we were down is told once, with its true age."""
    world = is_low(story)
    world.stopped_for(hours=5 * 24 + 1)
    assert [reason for reason, _ in aged(world)] == [
        "not mended for 5 days; now urgent instead of technical"
    ]
    assert world.alert().ages_at == world.alert().opened_at + 6 * DAY
    world.advance(days=1)
    assert len(aged(world)) == 2
    world.forget_messages()


@pytest.mark.parametrize("planned", [False, True])
def test_a_rule_that_becomes_life_safety_makes_its_fault_an_alarm(
    story: Story, planned: bool
) -> None:
    """It ages no more, a plan for a fault holds no alarm, and only a person closes it."""
    told = ReadingIs(property="battery", values=("low",))
    world = story(rules=[low(when=told)])
    world.hears("smoke", battery="low")
    if planned:
        plans(world, 9 * DAY)
    grave = low(None, when=told, priority=Priority.LIFE_SAFETY)
    world.is_replanned(plan_of([grave]))
    world.hears("smoke", battery="ok")
    world.hears("smoke", battery="low")
    world.forget_messages()
    if planned:
        world.advance(minutes=3)
    [again] = [one for one in world.state.alerts.values() if one.rule == "battery-low"]
    assert again.priority is Priority.LIFE_SAFETY
    assert again.ages_at is None
    assert again.planned_until is None
    world.forget_messages()


def test_an_aged_fault_whose_rule_became_urgent_is_closed_by_a_person(story: Story) -> None:
    """Its age had made it as urgent as the rule is now: it does not become a fault again."""
    pressed = ReadingIs(property="trigger", values=("pressed",))
    world = story(rules=[low(when=pressed)])
    world.hears("pendant", trigger="pressed")
    world.advance(days=1)
    assert world.alert().priority is Priority.URGENT
    world.is_replanned(plan_of([low(None, when=pressed, priority=Priority.URGENT)]))
    world.hears("pendant", trigger="pressed")
    alert = world.alert()
    assert (alert.ages, alert.ages_at, alert.aged_from) == (None, None, None)
    world.resolves("Ann Lee", outcome=Outcome.TECHNICAL_FIXED)
    world.forget_messages()


def test_a_home_without_contacts_is_told_at_the_centre(story: Story) -> None:
    """Its own policy reaches nobody before the centre, which hears that it is urgent now."""
    world = story(rules=[low()], record=record_of(contacts=()))
    world.hears("smoke", battery=9.0)
    world.advance(minutes=10)
    world.advance(hours=23, minutes=59)
    world.forget_messages()
    world.advance(minutes=1)
    told = world.expect_sms(CENTRE, "NOT MENDED for 1 day")
    assert told.priority is Priority.URGENT
    world.expect_nothing()


NIGHT = Ageing(every=DAY, between=BY_DAY)


def test_a_fault_of_the_night_is_told_for_its_age_by_day(story: Story) -> None:
    """It began at two: the family hears of it at nine, when it is a day old and somebody mends."""
    world = story(rules=[low(NIGHT)])
    world.advance(hours=17, minutes=50)
    world.hears("smoke", battery=9.0)
    world.advance(minutes=10)
    world.expect_sms(CENTRE)
    world.advance(hours=30, minutes=59)
    world.forget_messages()
    assert aged(world) == []
    world.advance(minutes=1)
    world.expect_sms("ben", "NOT MENDED for 1 day")
    world.accepts("ben", lease=DAY)
    world.advance(days=1)
    assert [reason for reason, _ in aged(world)][1:] == ["not mended for 2 days"]
    assert world.records("alert.aged")[1].at - world.records("alert.aged")[0].at == DAY
    world.forget_messages()


def test_hours_of_a_fault_that_ages_often_are_those_of_the_day(story: Story) -> None:
    """Every three hours means from nine to five, and at nine again."""
    world = story(rules=[low(Ageing(every=3 * HOUR))])
    world.hears("smoke", battery=9.0)
    world.advance(days=1, hours=4)
    ages = [line.at - world.records("alert.opened")[0].at for line in world.records("alert.aged")]
    told = [3 * HOUR, 6 * HOUR, 24 * HOUR + 50 * MINUTE, 27 * HOUR]
    assert ages == told
    world.forget_messages()


def test_a_fault_that_came_of_age_while_we_were_down_waits_for_the_morning(story: Story) -> None:
    """The daemon starts at midnight and has much to tell: not this."""
    world = story(rules=[low(NIGHT)])
    world.hears("smoke", battery=9.0)
    world.advance(hours=20)
    world.forget_messages()
    world.stopped_for(hours=20)
    assert aged(world) == []
    world.advance(hours=9)
    assert [reason for reason, _ in aged(world)] == [
        "not mended for 2 days; now urgent instead of technical"
    ]
    world.forget_messages()


def test_a_plan_ends_when_it_was_said(story: Story) -> None:
    """Whoever says midnight is told at midnight."""
    world = story(rules=[low(NIGHT)])
    world.hears("smoke", battery=9.0)
    world.advance(minutes=10)
    plans(world, 16 * HOUR)
    world.advance(hours=16)
    assert aged(world)[0][0].startswith("Ann Lee's interim plan has ended")
    world.forget_messages()


def test_hours_that_never_come_hold_nothing_back(story: Story) -> None:
    """What reaches us unchecked must not make a fault rest for ever."""
    never = Ageing(every=DAY, between=(Window(start=540, end=1020, days=()),))
    world = story(rules=[low(never)])
    world.hears("smoke", battery=9.0)
    world.advance(days=1, minutes=10)
    assert len(aged(world)) == 1
    world.forget_messages()
