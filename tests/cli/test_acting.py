"""What operators do to an alert from the command line, on a real database."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected"}')


def test_an_alert_is_handed_over_and_taken_over(registered: Path, call: Call, hear: Hear) -> None:
    """Only who has it hands it over; the second operator must say that they take it."""
    hear(*FALL)
    assert call("ack", "larch-12/1", "--by", "Olu").code == 0
    refused = call("hand-over", "larch-12/1", "--to", "Pat", "--by", "Pat", "--json")
    taken = call("hand-over", "larch-12/1", "--to", "Pat", "--by", "Pat", "--take-over")
    given = call(
        "hand-over", "larch-12/1", "--to", "Ben Hall", "--contact", "ben", "--by", "Pat",
        "--note", "he is next door",
    )  # fmt: skip

    assert (refused.code, taken.code, given.code) == (1, 0, 0)
    assert str(refused.objects[0]["reason"]).startswith("Olu has it since ")
    [alert] = call("alerts", "--json").objects
    assert (alert["owner"], alert["state"]) == ("Ben Hall", "acknowledged")


def test_who_has_it_says_how_far_they_are(registered: Path, call: Call, hear: Hear) -> None:
    """An operator who goes themselves, or notes what is new."""
    hear(*FALL)
    nobody = call("update", "larch-12/1", "--arrived", "--by", "Olu", "--json")
    call("ack", "larch-12/1", "--by", "Olu")
    way = call("update", "larch-12/1", "--on-the-way", "50m", "--by", "Olu")
    there = call("update", "larch-12/1", "--arrived", "--by", "Olu")
    note = call("update", "larch-12/1", "--note", "rang, no answer", "--by", "Pat")

    assert str(nobody.objects[0]["reason"]).startswith("nobody has it")
    assert (nobody.code, way.code, there.code, note.code) == (1, 0, 0, 0)


def test_the_next_step_is_told_and_a_decline_is_noted(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Somebody said on the phone that they cannot go; somebody else wants more help."""
    hear(*FALL)
    assert call("decline", "larch-12/1", "--contact", "ben", "--by", "Olu").code == 0
    assert call("escalate", "larch-12/1", "--by", "Olu", "--note", "no answer").code == 0
    [alert] = call("alerts", "--json").objects
    assert alert["state"] == "open"
    assert alert["step"] != 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hand-over", "larch-12/1", "--by", "Olu"), "--to"),
        (("hand-over", "larch-12/1", "--to", " ", "--by", "Olu"), "--to: write a name"),
        (("update", "larch-12/1", "--by", "Olu"), "write one of --on-the-way 10m"),
        (("update", "larch-12/1", "--arrived", "--note", "x", "--by", "Olu"), "write one of"),
        (("update", "larch-12/1", "--on-the-way", "soon", "--by", "Olu"), "--on-the-way: not a"),
        (("update", "larch-12/1", "--note", "x" * 2_001, "--by", "Olu"), "--note: longer than"),
        (("decline", "larch-12/1", "--by", "Olu"), "--contact"),
        (("escalate", "larch-12", "--by", "Olu"), "is no alert"),
    ],
)
def test_what_cannot_be_meant_is_said_at_once(
    registered: Path, call: Call, words: tuple[str, ...], says: str
) -> None:
    """Exit 2 and what to write instead."""
    said = call(*words)

    assert said.code == 2
    assert says in said.err


@pytest.mark.parametrize("command", ["hand-over", "update", "escalate", "decline"])
def test_what_they_print_has_a_schema(call: Call, command: str) -> None:
    """As that of every command."""
    assert call("schema", "--output", command).code == 0
