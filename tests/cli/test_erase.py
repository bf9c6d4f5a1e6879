"""A home is erased, or kept by a legal hold; nothing is left of one, everything of the other."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from telecared.adapters.sqlite import SqliteReader, verify
from telecared.cli.keeping import alerts_of_state
from tests.cli.conftest import Call, Hear

PERSONAL = (
    b"Ada Hall",
    b"12 Larch Close",
    b"7700900123",
    b"Ben Hall",
    b"teatime-word",
    b"larch-12/pendant",
    b"larch-12/kettle",
    b"larch-12/hall",
)
ERASE = ("erase", "larch-12", "--by", "Ann Lee", "--reason", "The family asked for it.")
OTHER = "telecare/northside/larch-14/pendant"


def busy_site(call: Call, hear: Hear) -> None:
    """A fall that is over, a stranger under the home's topics, and another home's alert."""
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected", "note": "teatime-word"}')
    hear("telecare/northside/larch-12/kettle", b'{"appliance": "on", "note": "teatime-word"}')
    hear(OTHER, b'{"trigger": "pressed"}')
    call("ack", "larch-12/1", "--by", "Ben Hall")
    call("suspend", "larch-12", "--kind", "visitor", "--for", "2h", "--by", "Ben Hall")
    for alert in open_alerts(call):
        if not alert.startswith("larch-14"):
            assert (
                call("resolve", alert, "--outcome", "assistance_given", "--by", "Ann Lee").code == 0
            )


def open_alerts(call: Call) -> list[str]:
    """The alerts that somebody still has to end."""
    lines = call("alerts", "--by", "Ann Lee", "--json").objects
    return [str(one["alert"]) for one in lines if one["state"] != "resolved"]


def left_in(folder: Path) -> list[str]:
    """What of the home's people still stands in the store's files."""
    found = []
    for file in sorted(folder.glob("telecared.db*")):
        data = file.read_bytes()
        found += [f"{word!r} in {file.name}" for word in PERSONAL if word in data]
    return found


def test_nothing_is_left_of_an_erased_home(registered: Path, call: Call, hear: Hear) -> None:
    """No file of the store holds a word of it; verify says who removed what; others are whole."""
    busy_site(call, hear)
    (registered / "telecared.db.before-m002_evidence.db").write_bytes(b"a copy with Ben Hall")
    other = [
        row.record for row in SqliteReader(registered / "telecared.db").records(home="larch-14")
    ]
    assert left_in(registered)

    said = call(*ERASE)

    assert (said.code, said.out) == (0, "done\n"), said.err
    assert "expire after 14 nights" in said.err
    assert left_in(registered) == []
    found = verify(registered / "telecared.db", alerts_of_state=alerts_of_state)
    assert found.problems == []
    assert any("removed by command" in reason for reason in found.explained)
    reader = SqliteReader(registered / "telecared.db")
    assert [row.record for row in reader.records(home="larch-14")] == other
    assert {*reader.erased_homes()} == {"larch-12", "@scheme/northside"}
    replayed = call("replay", "--from-store", "--verify")
    assert (replayed.code, "agree" in replayed.out) == (0, True), replayed.out
    assert call("verify").code == 0


def test_an_erased_home_is_known_no_more(registered: Path, call: Call, hear: Hear) -> None:
    """Its past cannot be replayed nor written out, and its devices are strangers from then on."""
    busy_site(call, hear)
    call(*ERASE)

    replayed = call("replay", "--from-store", "--home", "larch-12")
    exported = call("export", "larch-12", "--to", "larch.zip", "--by", "Ann Lee")
    again = call(*ERASE)
    hear(OTHER, b'{"trigger": "pressed"}')
    hear("telecare/northside/larch-12/pendant", b'{"trigger": "pressed"}')

    assert replayed.code != 0
    assert "removed by command" in replayed.err
    assert "removed by command" in exported.err
    assert "there is no home larch-12" in again.err
    assert any(alert.startswith("larch-14") for alert in open_alerts(call))
    assert any(alert.startswith("@") for alert in open_alerts(call))
    assert call("verify").code == 0


def test_an_open_alert_keeps_a_home_from_being_erased(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Nobody who lies on the floor is erased; the sentence names the alert and the remedy."""
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected"}')

    said = call(*ERASE)

    assert said.code == 1
    assert "larch-12/1 are not resolved yet: `telecared resolve` ends them" in said.err
    assert left_in(registered)


def test_a_stranger_on_its_topics_must_be_dealt_with_first(
    registered: Path, call: Call, hear: Hear
) -> None:
    """An SOS of an unregistered device in the home stands at the scheme and is open."""
    hear("telecare/northside/larch-12/sos", b'{"trigger": "pressed"}')
    strangers = [one for one in open_alerts(call) if one.startswith("@")]

    said = call(*ERASE)

    assert strangers
    assert said.code == 1
    assert strangers[0] in said.err


def test_a_hold_keeps_everything_until_it_is_released(
    registered: Path, call: Call, hear: Hear
) -> None:
    """An inquest is open: erasing is refused by name of the hold, and possible after it."""
    held = call("hold", "larch-12", "--by", "Ann Lee", "--reason", "An inquest is open.")
    listed = call("hold", "--json")
    refused = call(*ERASE)
    released = call("hold", "larch-12", "--release", "--by", "Ann Lee")
    nothing = call("hold", "larch-12", "--release", "--by", "Ann Lee")
    erased = call(*ERASE)

    assert held.code == 0, held.err
    (hold,) = listed.objects
    assert (hold["home"], hold["until"]) == ("larch-12", None)
    assert refused.code == 1
    assert f"larch-12 is under legal hold by command {hold['command']}" in refused.err
    assert released.code == 0
    assert "nobody holds larch-12" in nothing.err
    assert (erased.code, left_in(registered)) == (0, [])
    assert call("hold").out == "no home is under legal hold\n"
    assert call("verify").code == 0


@pytest.mark.parametrize(
    ("until", "told"),
    [("2031-03-01", "2031-03-02T00:00:00"), ("2031-03-01T07:00:00Z", "2031-03-01T07:00:00")],
)
def test_a_hold_may_have_an_end(registered: Path, call: Call, until: str, told: str) -> None:
    """A day is meant to its end; the sentence that refuses says until when."""
    call("hold", "larch-12", "--by", "Ann Lee", "--reason", "A complaint.", "--until", until)

    said = call(*ERASE)

    assert f"under legal hold until {told}Z" in said.err
    assert told[:10] in call("hold").out


def test_a_hold_for_some_days_ends_by_itself(registered: Path, call: Call) -> None:
    """An end that has passed keeps nothing any more."""
    call("hold", "larch-12", "--by", "Ann Lee", "--reason", "A complaint.", "--until", "90d")
    assert len(call("hold", "--json").objects) == 1
    with sqlite3.connect(registered / "telecared.db") as connection:
        row = connection.execute("SELECT body FROM commands WHERE kind = 'hold'").fetchone()
    connection.close()
    assert msgspec.json.decode(row[0])["until"] > 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("erase", "larch-12", "--by", "Ann Lee"), "--reason: write in a sentence"),
        (("erase", "larch-12", "--by", " ", "--reason", "x"), "--by: write the name"),
        (("hold", "larch-12", "--reason", "x"), "--by: write the name"),
        (("hold", "larch-12", "--by", "Ann Lee"), "--reason: write in a sentence"),
        (("hold", "larch-12", "--by", "A", "--reason", "x", "--until", "soon"), "--until: "),
    ],
)
def test_what_is_missing_is_said(
    registered: Path, call: Call, words: tuple[str, ...], problem: str
) -> None:
    """Who, why and until when are asked for before anything is on record."""
    said = call(*words)

    assert said.code == 2
    assert problem in said.err
    assert registered.exists()


@pytest.mark.parametrize("home", ["nowhere", "@site"])
def test_what_is_no_home_is_neither_erased_nor_held(
    registered: Path, call: Call, home: str
) -> None:
    """A wrong id is a refusal with a sentence, and so is the site."""
    erased = call("erase", home, "--by", "Ann Lee", "--reason", "x")
    held = call("hold", "nowhere", "--by", "Ann Lee", "--reason", "x")

    assert (erased.code, held.code) == (1, 1)
    assert home in erased.err
    assert "there is no home nowhere" in held.err
    assert registered.exists()
