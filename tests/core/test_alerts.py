"""The life of an alert: held by a named person, lapsed, repeated, resolved, and its limits."""

import pytest

from telecared.core.alerts import MAX_FINDINGS
from telecared.core.events import (
    Acknowledged,
    ConditionFound,
    Declined,
    NotificationReported,
    Resolved,
    Snoozed,
)
from telecared.core.plan import Centre, Clear, HeldFor, Plan, Policy, ReadingIs, Rule, Silent, Step
from telecared.core.state import MAX_OPEN_ALERTS
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    AlertState,
    DeviceKind,
    Mode,
    NotificationState,
    Outcome,
    Priority,
)
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, FAMILY, World, device, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code}.",
)
CANCELLED = Rule(
    name="asks", when=ReadingIs(property="cancel", values=("pressed",)), priority=Priority.ROUTINE
)


def held_by_ben(story: Story, rule: Rule = PRESSED, **arguments: object) -> World:
    """Ben was told, and has it."""
    world = story(**{"rules": [rule], **arguments})
    world.hears("pendant", trigger="pressed", cancel="pressed")
    world.expect_sms("ben")
    assert world.accepts("ben").done
    world.expect_sms("ben", "Thank you")
    return world


def test_a_lease_lapses_and_the_running_step_is_told_again(story: Story) -> None:
    """The owner is asked once, and the escalation goes on where it stood."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    world.accepts("cara")
    world.expect_sms("cara", "Thank you. You have it until 08:32")
    world.expect_sms("ben", "Cara Singh is going")
    world.advance(minutes=30)
    world.expect_sms("cara", "Are you still there?")
    world.expect_sms("cara", "Pendant at 12 Larch Close")
    assert world.records("alert.lapsed")[0].reason == "the acknowledgement lapsed"
    assert world.alert().owner is None
    assert world.alert().step == 1
    world.advance(minutes=3)
    world.expect_sms(CENTRE)


def test_the_owner_may_extend_and_nobody_else_is_bothered(story: Story) -> None:
    """A second reply of the same person holds it anew from then on."""
    world = held_by_ben(story)
    world.advance(minutes=20)
    assert world.accepts("ben").done
    world.expect_sms("ben", "until 08:50")
    assert world.records("alert.updated")[0].reason == "Ben Hall still has it, until 08:50"
    world.advance(minutes=29)


def test_a_second_person_hears_who_already_has_it(story: Story) -> None:
    """One alert has one owner."""
    world = held_by_ben(story)
    assert world.accepts("cara").reason == "Ben Hall already has it"
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR)
    assert world.commands(snooze).reason == "Ben Hall already has it"
    answer = world.declines("cara")
    assert (answer.done, answer.reason) == (True, "Ben Hall has it")
    operator = Acknowledged(input=9, at=world.at, alert=1, by="Ben Hall")
    assert not world.commands(operator).done


@pytest.mark.parametrize("lease", [0, -MINUTE, DAY + 1])
def test_nobody_holds_an_alert_for_ever(story: Story, lease: int) -> None:
    """A lease or a snooze has an end within a day."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    assert world.accepts("ben", lease=lease).reason == "an acknowledgement holds for at most 1d"
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=lease)
    assert world.commands(snooze).reason == "a snooze lasts for at most 1d"


def test_a_policy_with_a_lease_of_a_week_still_lets_people_accept(story: Story) -> None:
    """The policy's own lease is cut to a day, not refused: somebody is going."""
    long = Policy(name="family-then-centre", steps=FAMILY.steps, lease=7 * DAY)
    world = held_by_ben(story, plan=plan_of([PRESSED], policies=[long]))
    assert world.alert().lease_until == world.at + DAY


def test_an_operator_acknowledges_without_a_phone(story: Story) -> None:
    """Those who were told hear who has it; the operator needs no thanks."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    ack = Acknowledged(input=9, at=world.at, alert=1, by="An Operator")
    assert world.commands(ack).done
    world.expect_sms("ben", "An Operator is going")
    world.advance(minutes=30)
    world.expect_sms("ben", "Pendant")


def test_a_snooze_ends_and_the_alert_goes_on(story: Story) -> None:
    """Held until a stated time, then told again."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR)
    assert world.commands(snooze).done
    assert world.withdrawn() == ["ben"]
    assert world.records("alert.snoozed")[0].reason == "An Operator holds it until 09:00"
    world.advance(hours=1)
    world.expect_sms("ben")


def test_who_cannot_go_after_all_hands_it_back(story: Story) -> None:
    """NO from the owner ends the lease at once; the next are told, the owner is not."""
    world = held_by_ben(story)
    assert world.declines("ben").done
    world.expect_sms("cara")
    assert world.records("alert.lapsed")[0].reason == "Ben Hall cannot go after all"


def test_who_declined_may_still_change_their_mind(story: Story) -> None:
    """An acceptance takes a decline back."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.declines("ben")
    world.forget_messages()
    world.accepts("ben")
    assert world.alert().declined == ()
    world.forget_messages()


@pytest.mark.parametrize("state", [AlertState.OPEN, AlertState.ACKNOWLEDGED])
def test_a_named_person_ends_it_with_an_outcome(story: Story, state: AlertState) -> None:
    """Whoever was told hears that it is over, unless they knew already who has it."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    if state is AlertState.ACKNOWLEDGED:
        world.accepts("ben")
        world.expect_sms("ben", "Thank you")
    assert world.resolves("An Operator", outcome=Outcome.FALSE_ACTIVATION, note="leant on it").done
    if state is AlertState.OPEN:
        world.expect_sms("ben", "An Operator has dealt with it")
    line = world.records("alert.resolved")[0]
    assert line.reason == "An Operator: false_activation, leant on it"
    assert world.state.alerts == {}
    world.advance(days=1)


def test_life_safety_again_pages_the_owner_and_ends_the_lease(story: Story) -> None:
    """Promise P6: two minutes without an update, and the others are told."""
    world = held_by_ben(story)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN: Pendant at 12 Larch Close")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.advance(minutes=1)
    world.expect_sms("ben", "Pendant")
    assert world.records("alert.lapsed")[0].reason == "no update after it happened again"
    world.advance(minutes=2)
    world.expect_sms("cara")


def test_an_answer_to_the_repeat_keeps_the_lease(story: Story) -> None:
    """The owner says that they are there."""
    world = held_by_ben(story)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.accepts("ben")
    world.expect_sms("ben", "until 08:40")
    world.advance(minutes=29)


def test_a_snoozed_alert_that_happens_again_pages_the_centre(story: Story) -> None:
    """An operator has no phone of their own here: the centre is paged in their place (P6)."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.happens(Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR))
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE, "AGAIN")
    world.advance(minutes=2)
    world.expect_sms("ben")


def test_a_repeat_that_cannot_reach_its_owner_ends_the_lease_at_once(story: Story) -> None:
    """A page that failed is no page: nobody waits two minutes for it (promises P5 and P6)."""
    world = held_by_ben(story, delivers=None)
    world.reports("ben", NotificationState.FAILED)
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.reports("ben", NotificationState.FAILED)
    world.expect_sms("ben", "Pendant")
    assert world.alert().state is AlertState.OPEN


def test_an_old_receipt_does_not_end_the_lease(story: Story) -> None:
    """Only the newest page says whether the owner can be reached."""
    world = held_by_ben(story, delivers=None)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    first = world.notifications()[0].id
    failed = NotificationState.FAILED
    world.happens(NotificationReported(input=9, at=world.at, notification=first, state=failed))
    assert world.alert().state is AlertState.ACKNOWLEDGED


def test_an_owner_without_a_phone_is_replaced_by_the_centres_queue(story: Story) -> None:
    """The owner was deleted and the centre has no number: the record shows it in the queue."""
    world = held_by_ben(story, plan=plan_of([PRESSED], centre=None))
    world.is_replanned(record=record_of(contacts=(CARA,)))
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    assert world.records("alert.updated")[0].reason == "stands in the centre's queue again"
    world.advance(minutes=2)
    world.expect_sms("cara")


def test_other_repeats_only_join(story: Story) -> None:
    """A routine repeat on a held alert is counted and wakes nobody."""
    world = held_by_ben(story, CANCELLED)
    world.advance(minutes=1)
    world.hears("pendant", cancel="pressed")
    assert world.alert().repeats == 1
    assert len(world.records("alert.repeated")) == 1


@pytest.mark.parametrize(
    "command",
    [
        Acknowledged(input=9, at=0, alert=1, by="An Operator"),
        Snoozed(input=9, at=0, alert=1, by="An Operator", duration=HOUR),
        Declined(input=9, at=0, alert=1, by="Ben Hall", contact="ben"),
        Resolved(input=9, at=0, alert=1, by="An Operator", outcome=Outcome.TEST),
    ],
)
def test_an_answer_for_what_is_not_open_says_so(
    story: Story, command: Acknowledged | Snoozed | Declined | Resolved
) -> None:
    """Unknown and already resolved are told apart."""
    world = story(rules=[PRESSED])
    missing = "there is no alert larch-12/1: `telecared alerts` lists them"
    assert world.commands(command).reason == missing
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.resolves("An Operator")
    world.forget_messages()
    assert world.commands(command).reason == "larch-12/1 is already resolved"


# --- limits -------------------------------------------------------------------------------------


def many(world: World, count: int, name: str = "unknown-device") -> None:
    """So many findings of the machinery, each about something else."""
    for number in range(count):
        world.happens(ConditionFound(input=1, at=world.at, name=name, subject=f"thing-{number}"))


def test_too_many_open_alerts_join_the_most_dangerous(story: Story) -> None:
    """What comes after the hundredth is a repeat, and says so in the record."""
    world = story(rules=[CANCELLED])
    many(world, MAX_OPEN_ALERTS - 1)
    world.hears("pendant", cancel="pressed")
    world.happens(ConditionFound(input=1, at=world.at, name="unknown-device", subject="last"))
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    assert world.alert(MAX_OPEN_ALERTS).repeats == 1
    assert world.records("alert.repeated")[-1].rule == "asks"
    world.forget_messages()


def test_life_safety_never_joins_what_is_less_dangerous(story: Story) -> None:
    """No limit mutes it: the hundred-and-first opens, and only later ones join that one (P6)."""
    world = story(rules=[PRESSED])
    many(world, MAX_OPEN_ALERTS)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "Pendant at 12 Larch Close")
    world.happens(
        ConditionFound(input=1, at=world.at, name="unknown-device-alarm", subject="stranger")
    )
    assert len(world.state.alerts) == MAX_OPEN_ALERTS + 1
    assert world.alert(MAX_OPEN_ALERTS + 1).repeats == 1


def test_a_crowd_of_watched_alerts_hides_nothing(story: Story) -> None:
    """A rule on trial that finds too much must not swallow what pages people."""
    kinds = [device(f"door-{n}", DeviceKind.DOOR_SENSOR) for n in range(MAX_OPEN_ALERTS)]
    trial = Rule(
        name="trial", mode=Mode.WATCH, when=ReadingIs(property="contact", values=("open",))
    )
    world = story(rules=[trial, CANCELLED], record=record_of(devices=(*kinds, *record_of().devices)))
    for one in kinds:
        world.hears(one.id, contact="open")
    world.hears("front-door", contact="open")
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben")


def test_a_finding_that_joined_does_not_close_what_it_joined(story: Story) -> None:
    """The recovery of one device says nothing about another's alert."""
    world = story(rules=[])
    many(world, MAX_OPEN_ALERTS)
    world.happens(ConditionFound(input=1, at=world.at, name="backup-failed"))
    world.happens(ConditionFound(input=1, at=world.at, name="backup-failed", over=True))
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    assert world.records("alert.updated")[-1].reason == "a part of it recovered: it has ended"
    world.forget_messages()


def test_a_deadline_that_joins_a_crowd_fires_once(story: Story) -> None:
    """A silent unit among a hundred faults is told once an hour, not in a loop."""
    silent = Rule(
        name="silent", when=Silent(at=("unit",), duration=HOUR), priority=Priority.TECHNICAL
    )
    world = story(rules=[silent])
    world.hears("unit", heartbeat="seen")
    world.advance(hours=1)
    world.resolves("An Operator")
    many(world, MAX_OPEN_ALERTS)
    world.advance(hours=1)
    world.advance(minutes=1)
    assert world.state.findings["silent|unit"].alert == 2
    world.forget_messages()


def test_findings_are_remembered_up_to_a_limit(story: Story) -> None:
    """The oldest without an alert of its own are forgotten first, a rule's own never."""
    world = story(rules=[PRESSED], plan=plan_of([PRESSED], centre=None))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.resolves("An Operator")
    many(world, MAX_FINDINGS + 50)
    assert len(world.state.findings) == MAX_FINDINGS
    assert "pendant-pressed|pendant" not in world.state.findings
    assert "!unknown-device|thing-99" in world.state.findings
    assert "!unknown-device|thing-100" not in world.state.findings
    world.forget_messages()


def test_a_fault_that_repeats_is_told_at_most_once_an_hour(story: Story) -> None:
    """Repeats are counted; the record is not filled with them."""
    world = story(rules=[])
    found = ConditionFound(input=1, at=world.at, name="unknown-device", subject="stranger")
    for _ in range(3):
        world.happens(found)
    world.forget_messages()
    assert world.alert().repeats == 2
    assert world.records("alert.repeated") == []
    world.advance(hours=1)
    world.happens(ConditionFound(input=1, at=world.at, name="unknown-device", subject="stranger"))
    assert len(world.records("alert.repeated")) == 1
    world.forget_messages()


# --- what is over by itself ---------------------------------------------------------------------

OPEN_DOOR = HeldFor(property="contact", values=("open",), duration=5 * MINUTE)


@pytest.mark.parametrize("priority", list(Priority))
def test_recovery_closes_routine_and_technical_alone(story: Story, priority: Priority) -> None:
    """Life safety and urgent alerts are closed only by a named person (promise P2)."""
    world = story(rules=[Rule(name="door-open", when=OPEN_DOOR, priority=priority)])
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.expect_sms("ben")
    world.advance(minutes=1)
    world.hears("front-door", contact="closed")
    if priority.closed_only_by_a_person:
        assert world.alert().state is AlertState.OPEN
        assert "still needs a person" in world.records("alert.updated")[0].reason
    else:
        world.expect_sms("ben", "It is over")
        assert world.state.alerts == {}


def test_a_rule_may_ask_for_a_person(story: Story) -> None:
    """`clear: person` closes nothing by itself."""
    rule = Rule(
        name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=Clear(kind="person")
    )
    world = story(rules=[rule], plan=Plan(rules=(rule,), policies=(FAMILY,), centre=Centre()))
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.hears("front-door", contact="closed")
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


@pytest.mark.parametrize(
    ("at", "teller", "value", "closes"),
    [
        ((), "pendant", {"cancel": "pressed"}, False),
        (("front-door",), "front-door", {"tamper": "closed"}, True),
        (("kitchen",), "kitchen-pir", {"tamper": "closed"}, True),
        ((), "front-door", {"contact": "closed"}, False),
    ],
)
def test_a_rule_may_name_the_reading_that_ends_it(
    story: Story, at: tuple[str, ...], teller: str, value: dict[str, str], closes: bool
) -> None:
    """`clear` with a reading: that reading ends it, and nothing else does."""
    clear = Clear(kind="reading", condition=ReadingIs(property="tamper", values=("closed",), at=at))
    rule = Rule(name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=clear)
    other = device("back-door", DeviceKind.DOOR_SENSOR)
    devices = (*record_of().devices, other)
    world = story(rules=[rule], record=record_of(devices=devices, contacts=(BEN,)))
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.hears(teller, **value)
    assert (world.state.alerts == {}) is closes
    world.forget_messages()


def test_the_clearing_reading_ends_the_finding_of_its_own_device_first(story: Story) -> None:
    """Two doors are two alerts; closing the lid of one ends that one."""
    clear = Clear(kind="reading", condition=ReadingIs(property="tamper", values=("closed",)))
    rule = Rule(name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=clear)
    devices = (*record_of().devices, device("back-door", DeviceKind.DOOR_SENSOR))
    world = story(rules=[rule], record=record_of(devices=devices))
    world.hears("front-door", contact="open")
    world.hears("back-door", contact="open")
    world.advance(minutes=5)
    world.hears("back-door", tamper="closed")
    assert [alert.key for alert in world.state.alerts.values()] == ["door|front-door"]
    world.forget_messages()


def test_a_step_for_the_technical_rules_of_a_home_may_be_its_own() -> None:
    """A policy of one step repeats that step."""
    policy = Policy(name="family-then-centre", steps=(Step(notify=(CENTRE,)),))
    world = World(plan=plan_of([CANCELLED], policies=[policy]))
    world.hears("pendant", cancel="pressed")
    world.advance(minutes=3)
    assert [one.to for one in world.notifications()] == [CENTRE, CENTRE]
