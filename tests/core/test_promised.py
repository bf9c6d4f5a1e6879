"""What somebody promised about a home, and what happens when nobody keeps it."""

import pytest

from telecared.core.events import Promised, PromiseKept, Silenced
from telecared.core.promises import GRACE, LONGEST_PROMISE, MAX_PROMISES
from telecared.core.state import Answer, decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, Duration, Priority
from tests.core.conftest import Story
from tests.core.handlers import PRESSED, reasons
from tests.core.world import CENTRE, World


def promises(
    world: World,
    what: str = "to ring her back",
    due: Duration = HOUR,
    *,
    by: str = "Ann Lee",
    alert: int | None = None,
) -> Answer:
    """An operator promises something."""
    return world.commands(
        Promised(
            input=world.next_input(), at=world.at, by=by, what=what, due_at=world.at + due,
            alert=alert,
        )
    )  # fmt: skip


def keeps(world: World, number: int = 1, *, by: str = "Bob Ray", note: str = "") -> Answer:
    """Somebody has done it."""
    return world.commands(
        PromiseKept(input=world.next_input(), at=world.at, by=by, number=number, note=note)
    )


def test_a_promise_is_kept_by_whoever_does_it(story: Story) -> None:
    """The night shift promised, the day shift rang."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    assert promises(world, alert=1) == Answer(True, "promise 1, by 09:00")
    assert promises(world, " to send a new pendant ", 30 * HOUR).reason == (
        "promise 2, by 2026-03-02 14:00"
    )
    assert [one.what for one in world.state.promises.values()] == [
        "to ring her back", "to send a new pendant",
    ]  # fmt: skip
    assert keeps(world, note="she is well") == Answer(True)
    assert list(world.state.promises) == [2]
    assert reasons(world, "promise.made")[0] == (
        "promise 1 of Ann Lee, by 09:00, about larch-12/1: to ring her back"
    )
    assert reasons(world, "promise.kept") == ["promise 1 of Ann Lee, kept by Bob Ray: she is well"]
    world.advance(hours=2)
    assert reasons(world, "promise.missed") == []
    world.forget_messages()


def test_nobody_kept_it_and_it_is_told_once(story: Story) -> None:
    """A quarter of an hour late; it stays until somebody does it, which ends the alert."""
    world = story()
    promises(world)
    world.advance(minutes=74)
    assert world.state.alerts == {}
    world.advance(minutes=1)
    alert = world.alert(1)
    assert (alert.rule, alert.priority) == ("promise-not-kept", Priority.TECHNICAL)
    world.expect_sms(CENTRE, "was not done in time: promise 1")
    assert reasons(world, "promise.missed") == [
        "promise 1 of Ann Lee was due at 09:00: to ring her back"
    ]
    assert world.state.promises[1].missed
    world.forget_messages()
    assert keeps(world).done
    assert world.state.alerts == {}
    [ended] = world.records("alert.resolved")
    assert ended.reason == "recovered: Bob Ray has kept it"
    world.forget_messages()


def test_an_alert_that_a_person_ended_does_not_come_again(story: Story) -> None:
    """They know of it; the promise stays on the list."""
    world = story()
    promises(world)
    promises(world, "to look in")
    world.advance(minutes=75)
    assert sorted(world.state.alerts) == [1, 2]
    world.resolves("Ann Lee", alert=1)
    world.advance(hours=30)
    assert sorted(world.state.promises) == [1, 2]
    assert [line.alert for line in world.records("alert.opened")] == [1, 2]
    assert keeps(world, 1).done
    assert world.alert(2).state is AlertState.OPEN
    world.forget_messages()


def test_a_promise_outlives_a_stop(story: Story) -> None:
    """Promise P3: it fell due while nothing ran, and is told when it runs again."""
    world = story()
    promises(world)
    world.state = decode_state(encode_state(world.state))
    world.stopped_for(hours=3)
    assert world.alert(1).rule == "promise-not-kept"
    assert world.records("promise.missed")[0].at == world.state.promises[1].due_at + GRACE
    assert world.records("promise.missed")[0].late > 0
    world.forget_messages()


def test_what_was_promised_to_a_home_that_is_deleted_is_dropped_on_record(story: Story) -> None:
    """Nobody is left to be rung; of another change nothing is dropped."""
    world = story()
    promises(world)
    world.is_replanned()
    assert list(world.state.promises) == [1]
    world.is_replanned(deleted=True)
    assert world.state.promises == {}
    assert reasons(world, "promise.ended") == ["promise 1 of Ann Lee: the home was deleted"]
    assert promises(world).reason.startswith("there is no home larch-12")


def test_nobody_is_told_of_a_promise_to_a_home_that_is_deleted(story: Story) -> None:
    """It was missed, told or silenced: `promise-kept` could end neither any more."""
    for silent in (True, False):
        world = story()
        promises(world)
        if silent:
            until = world.at + 9 * HOUR
            world.commands(
                Silenced(input=world.next_input(), at=world.at, by="Ann Lee", until=until)
            )
        world.advance(hours=2)
        world.forget_messages()
        world.is_replanned(deleted=True)
        world.forget_messages()
        world.advance(hours=20)
        assert world.state.alerts == {}


@pytest.mark.parametrize(
    ("what", "due", "by", "alert", "says"),
    [
        ("ring", HOUR, " ", None, "it names nobody"),
        (" ", HOUR, "Ann", None, "say what is promised"),
        ("x" * 201, HOUR, "Ann", None, "longer than 200 characters"),
        ("ring", 0, "Ann", None, "still to come"),
        ("ring", LONGEST_PROMISE + MINUTE, "Ann", None, "due within 30d"),
        ("ring", HOUR, "Ann", 1, "there is no alert larch-12/1"),
        ("ring", HOUR, "Ann", 0, "there is no alert larch-12/0"),
    ],
)
def test_what_cannot_be_promised_is_refused_in_a_sentence(
    story: Story, what: str, due: Duration, by: str, alert: int | None, says: str
) -> None:
    """And is on no list."""
    world = story()
    answer = promises(world, what, due, by=by, alert=alert)
    assert not answer.done
    assert says in answer.reason
    assert world.state.promises == {}


def test_a_home_has_so_many_promises_and_no_more(story: Story) -> None:
    """A list that nobody works on is none."""
    world = story()
    for _ in range(MAX_PROMISES):
        assert promises(world).done
    assert promises(world).reason.startswith("32 promises about larch-12 are not kept yet")


def test_what_cannot_be_kept_is_refused_in_a_sentence(story: Story) -> None:
    """Kept already, unknown, or a note as long as a letter."""
    world = story()
    promises(world)
    assert keeps(world, note="x" * 2001).reason.startswith("the note is longer")
    assert keeps(world, by="").reason.startswith("it names nobody")
    assert keeps(world).done
    assert keeps(world).reason == "promise 1 of larch-12 is kept already"
    assert keeps(world, 2).reason.startswith("there is no promise 2 of larch-12")


def test_a_promise_that_cannot_be_worked_out_is_set_aside(story: Story) -> None:
    """Its deadline failed; the others go on."""
    world = story()
    promises(world)
    promises(world)
    world.state.broken = ("promise:1",)
    world.advance(minutes=75)
    assert [one.missed for one in world.state.promises.values()] == [False, True]
    world.forget_messages()
