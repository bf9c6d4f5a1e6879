"""Silences: what is found meanwhile pages nobody, is counted, and is told when it still holds."""

import pytest

from telecared.core.compile import HomePlan
from telecared.core.events import SITE, ConditionFound, HomeRegistered, Silenced
from telecared.core.plan import Confirm, Rule
from telecared.core.state import HomeState
from telecared.core.step import step
from telecared.core.suspensions import LONGEST_SILENCE, MAX_SILENCES
from telecared.core.vocabulary import HOUR, MINUTE, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs
from tests.core.conftest import Story
from tests.core.stating import silences, speaks_again
from tests.core.world import AT_CONNECT, World, instant, plan_of

OPEN = ReadingIs(property="contact", values=("open",))
EDGE = Rule(name="door", when=OPEN)
LEFT_OPEN = Rule(
    name="left-open",
    when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
)


def held(world: World) -> list[str]:
    """What was held back, and why."""
    lines = world.records("alert.updated")
    return [line.reason for line in lines if line.reason.startswith("held back")]


def opens_door(world: World) -> None:
    """The front door is closed, and a moment later it is open."""
    world.hears("front-door", contact="closed")
    world.advance(seconds=1)
    world.hears("front-door", contact="open")


def test_what_is_silenced_pages_nobody_and_is_on_record(story: Story) -> None:
    """Once, with who asked for it; at the end it says how often it was needed."""
    world = story(rules=[EDGE])
    answer = silences(world, "door", hours=2, note="the sensor is loose")
    assert answer.reason == "silence 1, door until 10:00; life safety is told all the same"
    opens_door(world)
    world.hears("front-door", contact="closed")
    assert held(world) == [
        "held back: silenced by Ann Lee until 10:00; front-door (hall) told contact: open"
    ]
    world.advance(hours=3)
    assert world.opened() == []
    assert [(line.rule, line.reason) for line in world.records("silence.begun")] == [
        ("door", "silence 1, door until 10:00, stated by Ann Lee: the sensor is loose")
    ]
    assert [(line.rule, line.reason) for line in world.records("silence.ended")] == [
        ("door", "silence 1, door: it ran out, it held back once")
    ]


@pytest.mark.parametrize("rule", [EDGE, LEFT_OPEN], ids=["edge", "held"])
def test_what_still_holds_is_told_when_the_silence_has_run_out(story: Story, rule: Rule) -> None:
    """The door stands open all the time: told at ten, on the dot."""
    world = story(rules=[rule])
    silences(world, rule.name, hours=2)
    opens_door(world)
    world.advance(hours=4)
    assert world.opened() == [("10:00:00", rule.name)]
    assert len(held(world)) == 1
    world.forget_messages()


@pytest.mark.parametrize("rule", [EDGE, LEFT_OPEN], ids=["edge", "held"])
def test_what_still_holds_is_told_when_somebody_ends_the_silence(story: Story, rule: Rule) -> None:
    """At once."""
    world = story(rules=[rule])
    silences(world, rule.name, hours=2)
    opens_door(world)
    world.advance(hours=1)
    assert speaks_again(world).done
    assert world.opened() == [("09:00:01", rule.name)]
    assert [line.reason for line in world.records("silence.ended")] == [
        f"silence 1, {rule.name}: ended by Ann Lee, it held back once"
    ]
    world.forget_messages()


def test_what_has_ended_meanwhile_is_not_told(story: Story) -> None:
    """The door was closed before the silence ended."""
    world = story(rules=[EDGE, LEFT_OPEN])
    silences(world, hours=2)
    opens_door(world)
    world.advance(hours=1)
    world.hears("front-door", contact="closed")
    world.advance(hours=4)
    assert world.opened() == []


def test_an_alarm_that_clears_by_itself_meanwhile_is_not_told(story: Story) -> None:
    """A level that the profile lets clear after an hour does not outlast a silence of two."""
    world = story(rules=[EDGE])
    silences(world, hours=2)
    world.hears("front-door", contact="open", clears_after=HOUR)
    world.advance(hours=4)
    assert world.opened() == []
    silences(world, hours=2)
    world.hears("front-door", contact="open", clears_after=3 * HOUR)
    world.advance(hours=4)
    assert world.opened() == [("14:00:00", "door")]
    world.forget_messages()


def test_each_stretch_is_counted_and_a_chattering_sensor_fills_no_book(story: Story) -> None:
    """Sixty acts in a minute are one line; every later minute may have another."""
    world = story(rules=[EDGE])
    silences(world, hours=2)
    for _ in range(90):
        opens_door(world)
    assert world.state.silences[1].held == 90
    assert len(held(world)) == 2
    speaks_again(world)
    assert world.records("silence.ended")[0].reason.endswith("it held back 90 times")
    world.forget_messages()


def test_a_silence_that_is_extended_goes_on_holding_back(story: Story) -> None:
    """The same about the same is one silence; what it holds back is no second stretch."""
    world = story(rules=[EDGE])
    silences(world, "door", hours=2)
    opens_door(world)
    world.advance(hours=1)
    again = silences(world, "door", hours=4)
    assert again.reason.startswith("silence 1, door until 13:00")
    world.advance(hours=3)
    assert world.opened() == []
    assert world.state.silences[1].held == 1
    world.advance(hours=2)
    assert world.opened() == [("13:00:01", "door")]
    assert len(held(world)) == 1
    world.forget_messages()


def test_of_two_silences_the_longer_one_decides(story: Story) -> None:
    """When one ends, what the other still covers is looked at, and held back."""
    world = story(rules=[EDGE])
    silences(world, hours=1)
    silences(world, "door", hours=3)
    opens_door(world)
    assert [one.held for one in world.state.silences.values()] == [0, 1]
    world.advance(hours=2)
    assert world.opened() == []
    speaks_again(world, 2)
    assert world.opened() == [("10:00:01", "door")]
    world.forget_messages()


def test_a_silence_names_a_rule_a_device_or_everything(story: Story) -> None:
    """What it does not name is told."""
    world = story(rules=[EDGE, LEFT_OPEN])
    silences(world, device="front-door", hours=1)
    silences(world, "door", device="unit", hours=1)
    opens_door(world)
    world.advance(minutes=10)
    assert world.opened() == []
    assert speaks_again(world, 1).done
    assert sorted(rule for _, rule in world.opened()) == ["door", "left-open"]
    assert world.records("silence.begun")[0].rule is None
    assert world.records("silence.begun")[1].reason.startswith("silence 2, door of unit until")
    world.forget_messages()


def test_what_is_about_no_device_is_not_of_a_device(story: Story) -> None:
    """Silencing the door does not silence that nobody moves."""
    world = story(rules=[Rule(name="q", when=InactiveFor(duration=HOUR, of=("motion",)))])
    silences(world, device="front-door", hours=3)
    world.advance(hours=2)
    assert world.opened() == [("09:00:00", "q")]
    world.forget_messages()


def test_an_alert_that_runs_goes_on_and_is_not_repeated(story: Story) -> None:
    """A silence takes nothing back: whoever was told is asked again. Repeats are held back."""
    world = story(rules=[EDGE])
    opens_door(world)
    world.expect_sms("ben")
    silences(world, hours=3)
    world.advance(minutes=1)
    opens_door(world)
    assert held(world) != []
    assert world.alert().repeats == 0
    world.advance(minutes=2)
    world.expect_sms("cara")
    assert world.resolves("Ben Hall").done
    world.forget_messages()
    world.advance(hours=4)
    assert len(world.opened()) == 1


def test_refusals_say_what_can_be_silenced(story: Story) -> None:
    """Life safety cannot, nor what nobody knows, nor for ever."""
    grave = Rule(name="fall", when=OPEN, priority=Priority.LIFE_SAFETY)
    world = story(rules=[EDGE, grave])
    asked = [
        silences(world, "fall", hours=1),
        silences(world, "unknown-device-alarm", hours=1),
        silences(world, "activity-while-away", hours=1),
        silences(world, "dor", hours=1),
        silences(world, device="dor", hours=1),
        silences(world, "door"),
        silences(world, "door", hours=LONGEST_SILENCE / HOUR + 1),
        speaks_again(world),
    ]
    assert not any(answer.done for answer in asked)
    assert [answer.reason.partition(": ")[0] for answer in asked] == [
        "fall is life safety, which nothing silences",
        "unknown-device-alarm is life_safety and told whatever is silenced",
        "activity-while-away is urgent and told whatever is silenced",
        "no rule dor applies to larch-12",
        "larch-12 has no device dor",
        "a silence needs an end that is still to come, not 08:00",
        "a silence lasts 7d at most",
        "no silence runs in larch-12",
    ]


def test_only_so_many_silences_run_at_once(story: Story) -> None:
    """Beyond that everything is silenced, or something ended; an old one can still be moved."""
    world = story(rules=[Rule(name=f"r{n}", when=OPEN) for n in range(MAX_SILENCES + 1)])
    for n in range(MAX_SILENCES):
        assert silences(world, f"r{n}", hours=1).done
    assert not silences(world, f"r{MAX_SILENCES}", hours=1).done
    assert silences(world, "r0", hours=2).done


# --- what the machinery finds -------------------------------------------------------------------


def finds(world: World, name: str, subject: str = "", *, over: bool = False) -> None:
    """The machinery finds something, or its end."""
    world.happens(
        ConditionFound(input=world.next_input(), at=world.at, name=name, subject=subject, over=over)
    )


def test_a_fault_of_the_equipment_is_silenced_and_told_once_it_lasts(story: Story) -> None:
    """A contact that cannot be reached is still so when the silence ends; a restored one is not."""
    world = story()
    silences(world, hours=2)
    finds(world, "contact-unreachable", "ben")
    finds(world, "contact-unreachable", "cara")
    world.advance(hours=1)
    finds(world, "contact-unreachable", "cara", over=True)
    world.advance(hours=4)
    assert world.opened() == [("10:00:00", "contact-unreachable")]
    world.expect_sms("monitoring_centre", "ben")
    world.forget_messages()


def test_what_was_set_aside_is_not_lost_in_a_silence(story: Story) -> None:
    """It is found once only: so it is told when the silence is ended."""
    world = story()
    silences(world, hours=2)
    finds(world, "quarantined", "larch-12")
    world.advance(hours=1)
    speaks_again(world)
    assert world.opened() == [("09:00:00", "quarantined")]
    world.forget_messages()


def test_a_strange_device_that_talks_all_day_is_one_line_an_hour(story: Story) -> None:
    """What happens again is found again: after the silence at its next word, and not before."""
    world = story()
    silences(world, "unknown-device", hours=2)
    for _ in range(80):
        world.hears("stranger", motion="detected")
        world.advance(minutes=1)
    assert len(held(world)) == 2
    assert held(world)[0] == (
        "held back: silenced by Ann Lee until 10:00; it is not registered in this home"
    )
    world.advance(hours=1)
    assert world.opened() == []
    world.hears("stranger", motion="detected")
    assert [rule for _, rule in world.opened()] == ["unknown-device"]
    world.forget_messages()


def test_strangers_without_number_leave_only_so_many_traces(story: Story) -> None:
    """A limit on what is remembered holds for what is held back as well."""
    world = story()
    silences(world, hours=2)
    for n in range(510):
        world.hears(f"stranger-{n}", motion="detected")
    assert len(world.state.findings) == 500
    assert "!unknown-device|stranger-509" in world.state.findings
    assert "!unknown-device|stranger-0" not in world.state.findings


def test_an_urgent_fault_and_a_strange_alarm_are_told_through_every_silence(story: Story) -> None:
    """Only technical findings of the machinery can be silenced."""
    world = story()
    silences(world, hours=2)
    world.hears("stranger", smoke="alarm")
    finds(world, "disk-full")
    assert [rule for _, rule in world.opened()] == ["unknown-device-alarm", "disk-full"]
    world.forget_messages()


def test_the_site_is_silenced_by_name_only(story: Story) -> None:
    """A refused configuration can be; the lost broker, and everything at once, cannot."""
    plan = plan_of()
    home, at = HomePlan(plan, SITE, None), instant("2026-03-01T08:00Z")
    state = HomeState(home=SITE)
    state = step(state, HomeRegistered(input=1, at=at), home, AT_CONNECT).state

    def asked(rule: str) -> str:
        event = Silenced(input=2, at=at, by="Ann Lee", until=at + HOUR, rule=rule)
        answer = step(state, event, home, AT_CONNECT).answer
        assert answer is not None
        return answer.reason if not answer.done else ""

    assert asked("") == "@site cannot be silenced altogether: name one rule"
    assert asked("broker-lost").startswith("broker-lost is urgent")
    assert asked("reload-refused") == ""
    event = Silenced(input=2, at=at, by="Ann Lee", until=at + HOUR, rule="reload-refused")
    state = step(state, event, home, AT_CONNECT).state
    for name, opens in (("reload-refused", 0), ("backup-failed", 1)):
        found = ConditionFound(input=3, at=at, name=name)
        assert len(step(state, found, home, AT_CONNECT).state.alerts) == opens
    # A plan that comes into force ends nothing that was stated about the site, and what is given
    # a minute to end by itself keeps it.
    state = step(state, ConditionFound(input=4, at=at, name="broker-lost"), home, AT_CONNECT).state
    state = step(state, HomeRegistered(input=5, at=at), home, AT_CONNECT).state
    assert (len(state.silences), len(state.pending), len(state.alerts)) == (1, 1, 0)


def test_everything_is_not_what_a_second_sensor_may_raise_to_life_safety(story: Story) -> None:
    """A suspected fall is urgent, and may become more: it must be silenced by its name."""
    confirm = Confirm(within=MINUTE, none_of=(ReadingIs(property="motion", values=("detected",)),))
    rule = Rule(name="suspected-fall", when=OPEN, confirm=confirm)
    mild = Rule(
        name="mild",
        when=OPEN,
        confirm=Confirm(within=MINUTE, any_of=confirm.none_of, priority=Priority.URGENT),
        priority=Priority.ROUTINE,
    )
    world = story(rules=[rule, mild])
    silences(world, hours=1)
    opens_door(world)
    assert [name for _, name in world.opened()] == ["suspected-fall"]
    world.forget_messages()
    other = story(rules=[rule])
    silences(other, "suspected-fall", hours=1)
    opens_door(other)
    assert other.opened() == []
