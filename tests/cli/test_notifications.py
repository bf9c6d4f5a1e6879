"""`notifications`: the life of every message about an alert, for people and for inquests."""

import sqlite3
from pathlib import Path

from telecared.cli.notification_lines import MomentLine, NotificationLine
from tests.cli.conftest import Call, Hear

PRESSED = ("telecare/northside/larch-12/pendant", b'{"trigger": "pressed"}')


def test_the_life_of_a_message_is_shown_without_its_number(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Who was told, by which channel, and every moment; that somebody looked is on record."""
    hear(*PRESSED)

    first, *_ = call("notifications", "larch-12/1", "--by", "Ann Lee", "--json").objects
    assert list(first) == list(NotificationLine.__struct_fields__)
    assert (first["notification"], first["to"], first["channel"]) == ("larch-12/1-1", "ben", "sms")
    assert (first["state"], first["withdrawn"], first["attempts"]) == ("queued", False, 0)
    evidence = first["evidence"]
    assert isinstance(evidence, list)
    assert list(evidence[0]) == list(MomentLine.__struct_fields__)
    assert [one["stage"] for one in evidence] == ["queued"]

    said = call("notifications", "larch-12/1", "--by", "Ann Lee")
    assert "larch-12/1-1" in said.out
    assert "queued" in said.out
    for personal in ("+4477", "Ben Hall", "Larch Close"):
        assert personal not in said.out
    with sqlite3.connect(registered / "telecared.db") as connection:
        reads = connection.execute("SELECT by, what, home FROM reads").fetchall()
    connection.close()
    assert reads[-1] == ("Ann Lee", "notifications", "larch-12")


def test_an_alert_of_nobody_has_none_and_a_slip_is_a_usage_error(
    registered: Path, call: Call
) -> None:
    """Nothing to show is no error; what is no alert is."""
    said = call("notifications", "larch-12/99")
    assert (said.code, said.out.strip()) == (0, "no notifications of larch-12/99")
    for slip in ("larch-12", "larch-12/x", "/3"):
        said = call("notifications", slip)
        assert said.code == 2
        assert "write one like larch-12/3" in said.err
