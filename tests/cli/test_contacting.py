"""What operators ring, write, link and promise from the command line, on a real database."""

from pathlib import Path

import msgspec
import pytest

from telecared.cli.promise_lines import PromiseLine
from tests.cli.conftest import Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected"}')
PRESS = ("telecare/northside/larch-12/pendant", b'{"trigger": "pressed"}')
BY = ("--by", "Ann Lee")


def test_an_operator_rings_writes_and_links(registered: Path, call: Call, hear: Hear) -> None:
    """A fall and the press after it: Ben is rung and written to, and goes to one alert."""
    hear(*FALL)
    hear(*PRESS)
    missed = call("call", "larch-12/1", "--contact", "ben", "--result", "no-answer", *BY)
    contacts = call("contacts", "--failed", "--json")
    wrote = call("message", "larch-12/1", "--to", "ben", "--text", "The key is outside.", *BY)
    mail = call(
        "message", "larch-12/1", "--to", "ben", "--text", "Hello", "--channel", "email", "--json",
        *BY,
    )  # fmt: skip
    linked = call("link", "larch-12/2", "--to", "larch-12/1", "--note", "one fall", *BY)
    goes = call("call", "larch-12/1", "--contact", "ben", "--result", "going", *BY)

    assert [one.code for one in (missed, wrote, linked, goes)] == [0, 0, 0, 0]
    assert [one["why"] for one in contacts.objects] == ["nobody answered when an operator rang"]
    assert mail.code == 1
    assert "email" in str(mail.objects[0]["reason"])
    alerts = {one["alert"]: one for one in call("alerts", "--json").objects}
    assert alerts["larch-12/1"]["owner"] == "Ben Hall"
    ended = call("alerts", "--state", "resolved", "--json").objects
    assert [(one["alert"], one["outcome"]) for one in ended] == [("larch-12/2", "duplicate")]
    assert call("verify").code == 0
    assert call("replay", "--from-store", "--verify").code == 0


def test_a_false_activation_is_ended_with_its_cause(
    registered: Path, call: Call, hear: Hear
) -> None:
    """The record says why; a report counts it."""
    hear(*FALL)
    said = call(
        "resolve", "larch-12/1", "--outcome", "false_activation", "--cause", "pressed-by-mistake",
        *BY,
    )  # fmt: skip
    assert said.code == 0
    wrong = call("resolve", "larch-12/1", "--outcome", "duplicate", *BY)
    assert (wrong.code, "telecared link" in wrong.err) == (2, True)
    cause = call("resolve", "larch-12/1", "--outcome", "test", "--cause", "ghosts", *BY)
    assert (cause.code, "write one of pressed_by_mistake" in cause.err) == (2, True)


def test_what_is_promised_is_listed_until_it_is_kept(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Each field as scripts read it."""
    hear(*FALL)
    made = call("promise", "larch-12", "to ring her back", "--in", "30m", "--alert", "larch-12/1",
                *BY)  # fmt: skip
    later = call("promise", "larch-14", "to send a pendant", "--at", "2026-01-01T10:00", *BY)
    shown = call("promises", "--json").objects
    table = call("promises", "larch-12", *BY)
    kept = call("promise-kept", "larch-12", "1", "--note", "she is well", *BY)
    again = call("promise-kept", "larch-12", "1", *BY)

    assert made.out.startswith("done: promise 1, by ")
    assert (later.code, "still to come" in later.err) == (1, True)
    line = msgspec.convert(shown[0], PromiseLine)
    assert (len(shown), line.home, line.promise, line.what) == (
        1,
        "larch-12",
        1,
        "to ring her back",
    )
    assert (line.by, line.alert, line.missed) == ("Ann Lee", "larch-12/1", False)
    assert "to ring her back" in table.out
    assert (kept.code, again.code) == (0, 1)
    assert "is kept already" in again.err
    assert call("promises").out == "nothing is promised\n"
    assert call("verify").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("call", "larch-12/1", "--contact", "ben", "--result", "busy"), "write one of answered"),
        (("message", "larch-12/1", "--to", " ", "--text", "x"), "--to: write a name"),
        (("message", "larch-12/1", "--to", "ben", "--text", "x", "--channel", "fax"), "--channel"),
        (("message", "larch-12/1", "--to", "ben", "--text", "x" * 2001), "--text: longer than"),
        (("link", "larch-12/1", "--to", "larch-14/1"), "only alerts of one home"),
        (("promise", "larch-12", "to ring"), "write when it is due: --at"),
        (("promise", "larch-12", "to ring", "--at", "noon"), "--at: 'noon' is no time"),
        (("promise", "larch-12", " ", "--in", "1h"), "say in a line what is promised"),
        (("promise", "larch-12", "x", "--in", "1h", "--alert", "larch-14/1"), "is not of larch-12"),
    ],
)
def test_slips_are_said_before_anything_is_handed_in(
    call: Call, words: tuple[str, ...], says: str
) -> None:
    """Exit 2, and what to write instead."""
    said = call(*words, *BY)
    assert said.code == 2
    assert says in said.err


@pytest.mark.parametrize(
    "command", ["call", "message", "link", "promise", "promise-kept", "promises"]
)
def test_what_they_print_has_a_schema(call: Call, command: str) -> None:
    """As that of every command."""
    assert call("schema", "--output", command).code == 0
