"""How contacts can be reached: what failed and what is stale is seen before it is needed."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected"}')


def after_failure(site: Path, call: Call, hear: Hear) -> None:
    """Ben's number took no message: the provider's code is on record."""
    hear(*FALL)
    with sqlite3.connect(site / "telecared.db") as connection:
        changed = connection.execute(
            "UPDATE notifications SET state = 'undelivered', code = '30005' WHERE recipient = 'ben'"
        )
        assert changed.rowcount
    connection.close()
    call("alerts")


def test_contacts_are_listed_with_how_they_stand(registered: Path, call: Call) -> None:
    """Nothing was sent yet and nobody is unwell: two lines, exit 0, and since when it is so."""
    said = call("contacts", "--json")

    assert said.code == 0
    assert [(one["home"], one["contact"], one["standing"]) for one in said.objects] == [
        ("larch-12", "ben", "new"),
        ("larch-14", "cara", "new"),
    ]
    assert all(str(one["since"]).startswith("20") for one in said.objects)
    assert "0 contacts of 2 cannot be reached" in call("contacts").out
    assert registered.exists()


def test_a_number_that_failed_is_found(registered: Path, call: Call, hear: Hear) -> None:
    """The command exits 1, says why, and shows only those when that is asked."""
    after_failure(registered, call, hear)

    said = call("contacts", "--failed", "--json")

    assert said.code == 1
    (ben,) = said.objects
    assert (ben["contact"], ben["standing"], ben["code"]) == ("ben", "failed", "30005")
    assert ben["why"] == "the last sms failed, provider's code 30005"
    assert call("contacts", "--stale").out == "no such contacts\n"
    assert call("contacts", "--home", "larch-14").code == 0


def test_a_number_over_which_nobody_was_reached_is_stale(registered: Path, call: Call) -> None:
    """It has been the same for years, and nothing ever proved that somebody is there."""
    with sqlite3.connect(registered / "telecared.db") as connection:
        connection.execute("UPDATE home_records SET at = at - 365 * 86400000000")
    connection.close()

    said = call("contacts", "--stale", "--days", "364", "--json")

    assert said.code == 1
    assert [one["standing"] for one in said.objects] == ["stale", "stale"]
    assert call("contacts", "--stale", "--days", "367").code == 0


def test_slips_are_said(registered: Path, call: Call) -> None:
    """No such home, and no such number of days."""
    assert "there is no home nowhere" in call("contacts", "--home", "nowhere").err
    assert "--days: 0 is less than one" in call("contacts", "--days", "0").err
    assert registered.exists()


def test_a_failed_number_is_shown_where_somebody_is_about_to_rely_on_it(
    registered: Path, call: Call, hear: Hear
) -> None:
    """`preview` and `check --store` name the contact, not the number."""
    after_failure(registered, call, hear)

    previewed = call("preview", "larch-12", "fall at 02:10")
    checked = call("check", "--store", "--json")
    quiet = call("preview", "larch-14", "pendant-pressed at 02:10")

    assert "contact ben: the last sms failed, provider's code 30005" in previewed.err
    assert "+44" not in previewed.err
    found = [one for one in checked.objects if one["code"] == "contact-failed"]
    assert [(one["home"], one["level"]) for one in found] == [("larch-12", "warning")]
    assert "cara" not in quiet.err
