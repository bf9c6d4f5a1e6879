"""Suspensions: stated with an end, extended, ended by a person, or run out and told."""

import pytest

from telecared.core.events import Suspended
from telecared.core.plan import Absence, Rule
from telecared.core.site import FAR
from telecared.core.state import Gap
from telecared.core.suspensions import LONGEST_SUSPENSION
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Priority, SuspensionKind
from telecared.core.when import InactiveFor, ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.stating import ends, silences, suspends
from tests.core.world import World, instant, plan_of

AWAY = Absence.AWAY
QUIET = Rule(
    name="no-movement", when=InactiveFor(duration=4 * HOUR, of=("motion",)), unless=(AWAY,)
)


def reasons(world: World, event: str) -> list[str]:
    """Why, of every line of one kind."""
    return [line.reason for line in world.records(event)]


def gap(since: str, until: str, kind: Absence, why: str) -> Gap:
    """A stretch that a person stated."""
    return Gap(kind, instant(since), instant(until), True, why)


def test_what_is_stated_is_kept_with_its_end_and_put_on_record(story: Story) -> None:
    """Who, what, until when, and the words that were added."""
    world = story()
    answer = suspends(world, SuspensionKind.HOSPITAL, days=3, note="Ward 7")
    assert answer.done
    assert answer.reason == "suspension 1, hospital until 2026-03-04 08:00"
    assert reasons(world, "suspension.begun") == [
        "suspension 1, hospital until 2026-03-04 08:00, stated by Ann Lee: Ward 7"
    ]
    (running,) = world.state.suspensions.values()
    assert (running.by, running.note, running.until) == ("Ann Lee", "Ward 7", world.at + 3 * DAY)


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (0, "a suspension needs an end that is still to come, not 08:00"),
        (-MINUTE, "a suspension needs an end that is still to come, not 07:59"),
        (LONGEST_SUSPENSION + 1, "a suspension lasts 90d at most"),
        (FAR, "a suspension lasts 90d at most"),
    ],
)
def test_an_end_is_compulsory_and_lies_ahead(story: Story, until: int, says: str) -> None:
    """Not now, not in the past, and not so far ahead that everybody forgets it."""
    world = story()
    end = until if until == FAR else world.at + until
    answer = world.commands(
        Suspended(input=2, at=world.at, by="Ann Lee", kind=SuspensionKind.AWAY, until=end)
    )
    assert not answer.done
    assert says in answer.reason
    assert world.state.suspensions == {}


def test_somebody_must_state_it_and_about_a_home(story: Story) -> None:
    """Nobody, and a home that was deleted, are refused."""
    world = story()
    nobody = suspends(world, days=1, by="  ")
    world.is_replanned(deleted=True)
    nowhere = suspends(world, days=1)
    assert (nobody.done, nowhere.done) == (False, False)
    assert "who" in nobody.reason
    assert nowhere.reason.startswith("nobody lives in larch-12")


def test_stating_the_same_again_moves_the_end(story: Story) -> None:
    """Earlier or later, by number or not; two stays in hospital at once are one."""
    world = story()
    suspends(world, SuspensionKind.HOSPITAL, days=3, note="Ward 7")
    suspends(world, SuspensionKind.VISITOR, hours=3)
    later = suspends(world, SuspensionKind.HOSPITAL, days=5, by="Ben Hall")
    sooner = suspends(world, SuspensionKind.HOSPITAL, days=1, extends=1)
    assert later.reason == "suspension 1, hospital now until 2026-03-06 08:00"
    assert sooner.done
    assert [one.kind.value for one in world.state.suspensions.values()] == ["hospital", "visitor"]
    assert world.state.suspensions[1].note == "Ward 7"
    world.advance(days=1)
    assert world.state.suspensions == {}
    assert world.state.forgotten == 2
    world.forget_messages()


def test_what_does_not_run_cannot_be_moved_or_ended(story: Story) -> None:
    """Each refusal says where to look."""
    world = story()
    suspends(world, SuspensionKind.AWAY, days=1)
    other = suspends(world, SuspensionKind.HOSPITAL, days=2, extends=1)
    unknown = suspends(world, SuspensionKind.HOSPITAL, days=2, extends=7)
    nothing = ends(world, 7)
    assert other.reason == "suspension 1 is away: end it, and state hospital"
    assert unknown.reason.startswith("no suspension 7 runs in larch-12")
    assert nothing.reason == (
        "no suspension 7 runs in larch-12: `telecared suspend --list` shows them"
    )
    assert ends(world).done
    assert ends(world).reason.startswith("no suspension runs in larch-12")
    assert not any((other.done, unknown.done, nothing.done))


def test_a_person_ends_one_or_all(story: Story) -> None:
    """Who ended it is on record, and nothing was forgotten."""
    world = story()
    suspends(world, SuspensionKind.AWAY, days=1)
    suspends(world, SuspensionKind.VISITOR, days=1)
    suspends(world, SuspensionKind.MAINTENANCE, days=1)
    world.advance(hours=1)
    assert ends(world, 2).reason == ""
    assert ends(world, by="Ben Hall").reason == "2 ended"
    assert reasons(world, "suspension.ended") == [
        "suspension 2, visitor: ended by Ann Lee",
        "suspension 1, away: ended by Ben Hall",
        "suspension 3, maintenance: ended by Ben Hall",
    ]
    day = ("2026-03-01T08:00Z", "2026-03-01T09:00Z")
    assert world.state.gaps == (
        gap(*day, Absence.VISITOR, "visitor"),
        gap(*day, Absence.AWAY, "away"),
        gap(*day, Absence.MAINTENANCE, "maintenance"),
    )
    assert world.state.forgotten == 0


def test_one_that_runs_out_is_counted_and_the_centre_hears_it(story: Story) -> None:
    """Nobody said that the resident is back: somebody must ask. A sign of life ends the fault."""
    world = story()
    suspends(world, SuspensionKind.HOSPITAL, hours=3)
    world.advance(hours=3)
    assert world.opened() == [("11:00:00", "suspension-ran-out")]
    assert world.alert().priority is Priority.TECHNICAL
    world.expect_sms("monitoring_centre", "ask whether Mrs Ada Hall is back")
    assert world.state.forgotten == 1
    assert reasons(world, "suspension.ended") == [
        "suspension 1, hospital: it ran out, nobody had ended it"
    ]
    world.advance(minutes=10)
    world.hears("hall-pir", motion="detected")
    assert reasons(world, "alert.resolved") == ["recovered: hall-pir shows life"]
    world.forget_messages()


def test_stating_a_new_one_ends_the_fault_as_well(story: Story) -> None:
    """The stay goes on, as somebody says at last."""
    world = story()
    suspends(world, SuspensionKind.HOSPITAL, hours=3)
    world.advance(hours=4)
    suspends(world, SuspensionKind.HOSPITAL, hours=3)
    assert reasons(world, "alert.resolved") == ["recovered: Ann Lee stated a new one"]
    assert list(world.state.suspensions) == [2]
    world.forget_messages()


def test_it_runs_out_in_time_although_nobody_was_there_to_notice(story: Story) -> None:
    """The daemon was stopped from ten to two: the gap ended at eleven all the same."""
    world = story()
    suspends(world, SuspensionKind.AWAY, hours=3)
    world.until("2026-03-01T10:00Z")
    world.stopped_for(hours=4)
    assert world.state.gaps == (gap("2026-03-01T08:00Z", "2026-03-01T11:00Z", AWAY, "away"),)
    assert world.opened() == [("11:00:00", "suspension-ran-out")]
    world.forget_messages()


@pytest.mark.parametrize(
    "kind", [SuspensionKind.AWAY, SuspensionKind.HOSPITAL, SuspensionKind.HOLIDAY]
)
def test_silence_is_explained_while_somebody_is_stated_to_be_away(
    story: Story, kind: SuspensionKind
) -> None:
    """Four hours count to the minute outside the stay, and it is said that they did."""
    world = story(rules=[QUIET])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=1)
    suspends(world, kind, days=2)
    world.advance(days=1)
    assert world.opened() == []
    ends(world)
    world.advance(hours=2, minutes=59)
    assert world.opened() == []
    world.advance(minutes=2)
    assert world.opened() == [("12:00:00", "no-movement")]
    world.forget_messages()


def test_a_visitor_explains_what_a_rule_about_visitors_finds(story: Story) -> None:
    """And not what a rule about absence finds."""
    door = ReadingIs(property="contact", values=("open",))
    rules = [
        Rule(name="door", when=door, unless=(Absence.VISITOR,)),
        Rule(name="other-door", when=door, unless=(Absence.AWAY,)),
    ]
    world = story(rules=rules)
    world.hears("front-door", contact="closed")
    suspends(world, SuspensionKind.VISITOR, hours=2)
    world.hears("front-door", contact="open")
    assert [rule for _, rule in world.opened()] == ["other-door"]
    (line,) = reasons(world, "alert.updated")
    assert line == (
        "held back: a visitor is in the home since 08:00 (visitor, as stated);"
        " front-door (hall) told contact: open"
    )
    world.forget_messages()


def test_whoever_maintains_the_equipment_makes_it_tell_faults(story: Story) -> None:
    """Technical rules wait until the work is done; without anybody having written so."""
    rule = Rule(
        name="unit-silent",
        when=Silent(at=("unit",), duration=HOUR),
        priority=Priority.TECHNICAL,
    )
    world = story(rules=[rule, QUIET])
    world.hears("unit", heartbeat="seen")
    suspends(world, SuspensionKind.MAINTENANCE, hours=3)
    world.advance(hours=2)
    ends(world)
    assert world.opened() == []
    world.advance(hours=1)
    assert world.opened() == [("11:00:00", "unit-silent")]
    world.forget_messages()


def test_a_home_that_is_deleted_has_nothing_stated_about_it(story: Story) -> None:
    """Nothing runs out, and nobody is told of a home that is gone."""
    world = story(rules=[QUIET])
    suspends(world, days=1)
    silences(world, hours=1)
    world.is_replanned(deleted=True)
    assert (world.state.suspensions, world.state.silences) == ({}, {})
    world.advance(days=2)
    assert world.opened() == []
    assert world.state.forgotten == 0


def test_a_rule_that_no_longer_asks_takes_over_at_once(story: Story) -> None:
    """Edited while somebody is away: the silence counts from where it began."""
    world = story(rules=[QUIET])
    world.hears("hall-pir", motion="detected")
    suspends(world, days=2)
    world.advance(hours=6)
    bold = Rule(name=QUIET.name, when=QUIET.when)
    world.is_replanned(plan_of([bold]))
    assert world.opened() == [("14:00:00", "no-movement")]
    world.forget_messages()
