"""Two alerts of one home tell of the same: one ends, the other goes on with whoever goes."""

import pytest

from telecared.core.alert_commands import Linked
from telecared.core.plan import Rule
from telecared.core.state import Answer
from telecared.core.vocabulary import MINUTE, AlertState, Channel, Mode, Outcome, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.handlers import PRESSED, arrives, family, reasons, takes
from tests.core.world import World

FALLEN = Rule(
    name="fall", when=ReadingIs(property="fall", values=("detected",)),
    priority=Priority.LIFE_SAFETY,
)  # fmt: skip
WET = Rule(
    name="flood", when=ReadingIs(property="water", values=("wet",)), priority=Priority.URGENT
)


def links(world: World, n: int, to: int, note: str = "") -> Answer:
    """An operator says that an alert is a duplicate of another."""
    return world.commands(
        Linked(input=world.next_input(), at=world.at, alert=n, by="Ann Lee", to=to, note=note)
    )


def begun(story: Story, *more: Rule, **changes: object) -> World:
    """A fall, and the pendant that was pressed because of it; Ben was told of both."""
    world = story(rules=[PRESSED, FALLEN, WET, *more], record=family(**changes))
    world.hears("pendant", fall="detected")
    world.advance(seconds=5)
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=5)
    world.forget_messages()
    return world


def test_a_duplicate_ends_with_a_reference_and_everybody_hears_where_it_goes_on(
    story: Story,
) -> None:
    """Promise P2: a named person closed it. Whoever was told answers with the other's code."""
    world = begun(story)
    assert links(world, 2, 1, note="one fall") == Answer(True)
    assert list(world.state.alerts) == [1]
    [line] = world.records("alert.resolved")
    assert (line.alert, line.reason) == (2, "Ann Lee: duplicate of larch-12/1, one fall")
    assert reasons(world, "alert.linked") == ["Ann Lee: larch-12/2 tells of the same, one fall"]
    sent = world.expect_sms("ben", "are one alert now. Reply")
    assert world.alert(1).code in sent.text
    # Its code is that of an alert of which he was told.
    assert sent.alert == 1
    assert world.alert(1).state is AlertState.OPEN
    world.advance(minutes=3)
    world.expect_sms("cara")
    world.forget_messages()


def test_how_it_ended_is_kept_with_the_alert(story: Story) -> None:
    """For the table that lists what is over."""
    world = begun(story)
    event = Linked(input=world.next_input(), at=world.at, alert=2, by="Ann Lee", to=1)
    ended = world.happens(event).changed[2]
    assert (ended.outcome, ended.linked_to) == (Outcome.DUPLICATE, "larch-12/1")
    assert (ended.resolved_by, ended.state) == ("Ann Lee", AlertState.RESOLVED)
    world.forget_messages()


def test_whoever_goes_to_the_one_goes_to_the_other(story: Story) -> None:
    """Ben had answered the press and is there: nobody else is sent, and nobody forgets him."""
    world = begun(story, resident_phone="+447700900199", resident_tell=Channel.SMS)
    world.accepts("ben", alert=2)
    arrives(world, "ben", alert=2)
    world.forget_messages()
    assert links(world, 2, 1).done
    alert = world.alert(1)
    assert (alert.state, alert.owner_contact) == (AlertState.ACKNOWLEDGED, "ben")
    assert alert.going[0].arrived is not None
    world.expect_sms("ben", "are one alert now")
    world.expect_sms("ben", "Thank you")
    # The resident has heard that he comes.
    world.expect_nothing()
    world.advance(minutes=21)
    world.expect_sms("ben", "How did it end?")


def test_whoever_goes_to_it_already_is_not_thanked_twice(story: Story) -> None:
    """Ben had answered both."""
    world = begun(story)
    world.accepts("ben", alert=1)
    world.accepts("ben", alert=2)
    world.forget_messages()
    assert links(world, 2, 1).done
    assert len(world.alert(1).going) == 1
    world.expect_sms("ben", "are one alert now")


def test_a_carer_goes_too_where_an_operator_has_the_other(story: Story) -> None:
    """And an operator who had the duplicate has nothing to do there."""
    world = begun(story)
    takes(world, "Olu", alert=1)
    world.accepts("ben", alert=2)
    world.forget_messages()
    assert links(world, 2, 1).done
    assert world.alert(1).owner == "Olu"
    assert [one.by for one in world.alert(1).going] == ["Olu", "Ben Hall"]
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    takes(world, "Pat", alert=3)
    assert links(world, 3, 1).done
    assert [one.by for one in world.alert(1).going] == ["Olu", "Ben Hall"]
    world.forget_messages()


def test_an_operator_who_had_the_duplicate_has_the_other(story: Story) -> None:
    """Where nobody else has it."""
    world = begun(story)
    takes(world, "Olu", alert=2)
    world.forget_messages()
    assert links(world, 2, 1).done
    assert world.alert(1).owner == "Olu"
    world.expect_sms("ben", "Olu is going")


def test_life_safety_is_never_ended_for_what_matters_less(story: Story) -> None:
    """Promise P6: the other way round it can be linked."""
    world = begun(story)
    world.hears("smoke", water="wet")
    world.forget_messages()
    assert links(world, 2, 3).reason == (
        "larch-12/2 is life_safety and larch-12/3 is urgent: link larch-12/3 to it"
    )
    assert links(world, 3, 2).done
    assert sorted(world.state.alerts) == [1, 2]
    world.forget_messages()


def test_what_happens_again_afterwards_is_a_new_alert(story: Story) -> None:
    """Promise P6: nothing is muted by it."""
    world = begun(story)
    assert links(world, 2, 1).done
    world.advance(minutes=1)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    assert world.alert(3).rule == "pendant-pressed"
    world.expect_sms("ben", "Pendant at")


def test_what_pages_nobody_takes_over_from_nobody(story: Story) -> None:
    """A rule on trial, and an alert that the resident may still cancel."""
    trial = Rule(name="trial", when=FALLEN.when, mode=Mode.WATCH, priority=Priority.LIFE_SAFETY)
    later = Rule(name="later", when=WET.when, priority=Priority.URGENT, cancel_within=MINUTE)
    world = begun(story, trial, later)
    world.hears("smoke", water="wet")
    world.forget_messages()
    numbers = {alert.rule: alert.n for alert in world.state.alerts.values()}
    pressed = numbers["pendant-pressed"]
    assert "is on trial" in links(world, pressed, numbers["trial"]).reason
    assert "nobody was told" in links(world, numbers["flood"], numbers["later"]).reason
    assert links(world, numbers["trial"], pressed).done
    world.forget_messages()


@pytest.mark.parametrize(
    ("n", "to", "note", "says"),
    [
        (1, 1, "", "name the other alert"),
        (1, 9, "", "larch-12/9 is no alert of this home"),
        (2, 1, "x" * 2001, "the note is longer"),
        (9, 1, "", "there is no alert larch-12/9"),
    ],
)
def test_what_cannot_be_linked_is_refused_in_a_sentence(
    story: Story, n: int, to: int, note: str, says: str
) -> None:
    """And both stay as they are."""
    world = begun(story)
    answer = links(world, n, to, note)
    assert not answer.done
    assert says in answer.reason
    assert sorted(world.state.alerts) == [1, 2]


def test_nothing_is_linked_to_what_is_over(story: Story) -> None:
    """Its own outcome is said then."""
    world = begun(story)
    world.resolves("Ann Lee", alert=1)
    world.forget_messages()
    assert links(world, 2, 1).reason.startswith("larch-12/1 is resolved")
