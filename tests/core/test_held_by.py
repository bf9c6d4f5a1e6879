"""A fault that another explains is held back: for a time, with its author, never life safety."""

import pytest
from msgspec.structs import replace

from telecared.config.heldby import doubts_of_held_by
from telecared.core.compile import HomePlan
from telecared.core.held_back import HeldKind, held_kind
from telecared.core.plan import Confirm, Rule
from telecared.core.storm_events import StormJoined, StormOver
from telecared.core.vocabulary import DAY, HOUR, MINUTE, AlertState, Mode, Priority
from telecared.core.when import HeldFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import HOME, World, plan_of, record_of

MAINS = Rule(
    name="mains-lost",
    when=ReadingIs(property="mains", values=("lost",)),
    priority=Priority.TECHNICAL,
    policy="technical",
)
OFFLINE = Rule(
    name="link-offline",
    when=HeldFor(property="link", values=("offline",), duration=10 * MINUTE),
    priority=Priority.TECHNICAL,
    policy="technical",
    held_by=("mains-lost",),
    source="rules/own.yaml:12",
)


def dark_home(story: Story, *, held: Rule = OFFLINE) -> World:
    """The mains is lost, and the unit is offline soon after."""
    world = story(rules=(MAINS, held))
    world.hears("unit", mains="lost")
    world.expect_sms("monitoring_centre", "mains lost")
    world.hears("unit", link="offline")
    world.advance(minutes=20)
    return world


def held_lines(world: World) -> list[str]:
    """What was held back, as people read it."""
    return [one.reason for one in world.records() if held_kind(one) is HeldKind.INHIBITION]


def test_a_unit_without_mains_is_offline_for_that_reason(story: Story) -> None:
    """Nobody is told twice of one fault; the line names who decided it."""
    world = dark_home(story)
    assert held_lines(world) == [
        f"held back: mains-lost of {HOME}/1 explains it, says rules/own.yaml:12; "
        + held_lines(world)[0].partition("; ")[2]
    ]
    world.expect_nothing()


def test_what_lasts_beyond_its_explanation_is_told(story: Story) -> None:
    """The mains is back, and the unit is not."""
    world = dark_home(story)
    world.state = world.state  # the home goes on
    world.hears("hall-pir", mains="ok")
    world.resolves("Olu", 1)
    world.expect_sms("monitoring_centre", "dealt with")
    world.advance(minutes=1)
    world.expect_sms("monitoring_centre", "link offline")


def test_no_fault_explains_another_for_longer_than_twelve_hours(story: Story) -> None:
    """Then it is told although the first goes on."""
    world = dark_home(story)
    world.forget_messages()
    world.advance(hours=11)
    assert world.opened()[-1][1] == "mains-lost"
    world.advance(hours=1)
    assert world.opened()[-1] == ("20:00:00", "link-offline")
    world.forget_messages()


def test_life_safety_is_never_held_by_anything(story: Story) -> None:
    """Whatever a plan says (promise P6), and not what a second sensor may raise to it either."""
    pressed = Rule(
        name="pressed",
        when=ReadingIs(property="trigger", values=("pressed",)),
        priority=Priority.LIFE_SAFETY,
        held_by=("mains-lost",),
    )
    home = HomePlan(plan_of((pressed,)), HOME, record_of())
    assert home.rules[0].rule.held_by == ()
    grave = replace(
        OFFLINE,
        priority=Priority.URGENT,
        confirm=Confirm(
            within=MINUTE, none_of=(ReadingIs(property="motion", values=("detected",)),)
        ),
    )
    world = dark_home(story, held=grave)
    assert held_lines(world) == []
    assert "link-offline" in [rule for _, rule in world.opened()]
    world.forget_messages()


def test_a_trial_explains_nothing(story: Story) -> None:
    """What is only watched tells nobody, and so it holds nothing back."""
    world = story(rules=(replace(MAINS, mode=Mode.WATCH), OFFLINE))
    world.hears("unit", mains="lost", link="offline")
    world.advance(minutes=10)
    world.expect_sms("monitoring_centre", "link offline")


# --- part of an incident ------------------------------------------------------------------------


def joined(world: World, alert: int = 1, cause: str = "power") -> None:
    """The scheme says that an alert is part of an incident."""
    event = StormJoined(
        input=0, at=world.at, alert=alert, incident="north#1", cause=cause, until=world.at + DAY
    )
    world.happens(event)


def test_an_alert_of_an_incident_waits_for_its_end(story: Story) -> None:
    """What was not told yet is taken back; after the incident it is told by itself."""
    world = story(rules=(MAINS,), delivers=None)
    world.hears("unit", mains="lost")
    joined(world)
    assert world.withdrawn() == ["monitoring_centre"]
    assert world.alert().told == ()
    assert world.alert().next_at == world.at + DAY
    assert [held_kind(one) for one in world.records("alert.updated")] == [HeldKind.INCIDENT]
    world.forget_messages()
    world.advance(hours=20)
    world.expect_nothing()
    world.happens(StormOver(input=0, at=world.at, alert=1, incident="other#1"))
    world.expect_nothing()
    world.happens(StormOver(input=0, at=world.at, alert=1, incident="north#1"))
    world.expect_sms("monitoring_centre", "mains lost")
    assert world.alert().part_of == ""


def test_what_was_told_before_stays_told(story: Story) -> None:
    """Those who were told hear of its end."""
    world = story(rules=(MAINS,))
    world.hears("unit", mains="lost")
    world.expect_sms("monitoring_centre", "mains lost")
    world.advance(minutes=3)
    joined(world)
    world.hears("unit", mains="ok")
    world.expect_sms("monitoring_centre", "over by itself")


def test_an_incident_that_never_ends_lets_go_after_its_longest_time(story: Story) -> None:
    """Promise P2: what is held has a deadline of its own."""
    world = story(rules=(MAINS,), delivers=None)
    world.hears("unit", mains="lost")
    joined(world)
    world.forget_messages()
    world.advance(hours=24)
    world.expect_sms("monitoring_centre", "mains lost")


def test_an_incident_holds_back_what_names_its_cause(story: Story) -> None:
    """`held_by: [power]`: in a home that is part of a power cut."""
    silent = replace(MAINS, name="unit-gone")
    world = story(rules=(silent, replace(OFFLINE, held_by=("power",))), delivers=None)
    world.hears("unit", mains="lost", link="offline")
    joined(world)
    world.forget_messages()
    world.advance(minutes=20)
    world.expect_nothing()
    world.happens(StormOver(input=0, at=world.at, alert=1, incident="north#1"))
    world.expect_sms("monitoring_centre", "unit gone")
    world.advance(seconds=1)
    world.expect_sms("monitoring_centre", "link offline")


@pytest.mark.parametrize("alert", [1, 7])
def test_what_is_urgent_is_part_of_no_incident(story: Story, alert: int) -> None:
    """It is told whatever happens around it; of an alert that is gone nothing happens."""
    world = story(rules=(replace(MAINS, priority=Priority.URGENT),))
    world.hears("unit", mains="lost")
    joined(world, alert)
    assert world.alert().part_of == ""
    assert world.withdrawn() == []
    world.forget_messages()


def test_who_has_an_alert_keeps_it_in_an_incident(story: Story) -> None:
    """And is not told again when that is over."""
    world = story(rules=(replace(MAINS, policy=None),))
    world.hears("unit", mains="lost")
    world.accepts("ben")
    joined(world)
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.forget_messages()
    world.happens(StormOver(input=0, at=world.at, alert=1, incident="north#1"))
    world.expect_nothing()
    assert world.alert().owner == "Ben Hall"
    assert world.at < world.alert().opened_at + HOUR


# --- what was held back, and what may be written ------------------------------------------------


def test_every_reason_has_a_kind(story: Story) -> None:
    """As the record says it; another line is none."""
    world = story(rules=(MAINS,))
    world.hears("unit", mains="lost")
    world.forget_messages()
    line = world.records()[0]
    assert held_kind(line) is None
    updated = replace(line, event="alert.updated", reason="Ben Hall cannot go")
    assert held_kind(updated) is None
    said = {
        "held back: silenced by Ann until 12:00; x": HeldKind.SILENCE,
        "held back: hospital until 12:00; x": HeldKind.ABSENCE,
        "held back: a walk test runs until 12:00; x": HeldKind.WALK_TEST,
        "held back: told with what else opens until 12:00": HeldKind.GROUP,
        "held back: it comes and goes without end; x": HeldKind.RUNAWAY,
        "within its cooldown: x": HeldKind.COOLDOWN,
        "its 2 alerts of the day are opened: x": HeldKind.CAP,
    }
    for reason, kind in said.items():
        assert held_kind(replace(updated, reason=reason)) is kind


def test_the_linter_knows_rules_causes_and_circles() -> None:
    """Unknown names and circles are errors; a holder that pages nobody is doubtful."""
    fine = replace(OFFLINE, held_by=("mains-lost", "power", "broker-lost"))
    assert list(doubts_of_held_by((MAINS, fine))) == []

    def codes(*rules: Rule) -> list[str]:
        return [doubt.code for _, doubt in doubts_of_held_by(rules)]

    assert codes(MAINS, replace(OFFLINE, held_by=("mains-lots",))) == ["unknown-rule"]
    assert codes(replace(MAINS, held_by=("mains-lost",))) == ["held-in-a-circle"]
    third = replace(MAINS, name="third", held_by=("link-offline",))
    around = (replace(MAINS, held_by=("third", "gone")), OFFLINE, third)
    assert codes(*around).count("held-in-a-circle") == 3
    assert codes(replace(MAINS, mode=Mode.WATCH), OFFLINE) == ["holds-nothing"]
